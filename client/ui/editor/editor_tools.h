#pragma once

// What stands around the editor: the row of its acts, and the bar that finds and replaces. GUI thread.

#include <QWidget>

class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;
class QToolButton;

namespace stoa {

class MarkdownEditor;

// A button for each act, with its key in the tool tip. Those for which there is no room are in a menu at the end, and
// `more`, where given, which it does not own.
QWidget* makeEditorToolbar(MarkdownEditor* editor, QMenu* more = nullptr);

// Finds in the editor's text, also while it changes. Hidden until open(); Esc hides it and gives the keyboard back.
class FindBar : public QWidget {
    Q_OBJECT

public:
    explicit FindBar(MarkdownEditor* editor, QWidget* parent = nullptr);
    // What is selected is looked for.
    void open(bool replace);
    void leave();
    void drop(); // and leaves the keyboard where it is

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void look(bool fromHere);
    void go(int by);
    void showPresent(bool select);
    void replaceOne();
    void replaceAll();

    MarkdownEditor* editor_;
    QLineEdit* words_;
    QLineEdit* by_;
    QLabel* count_;
    QPushButton* exact_;
    QWidget* replacing_;
    QList<int> found_; // where, in UTF-16
    int present_ = -1;
    bool replacingNow_ = false;
};

} // namespace stoa
