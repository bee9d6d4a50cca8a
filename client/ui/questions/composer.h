#pragma once

// Where people write: plain Markdown with a preview, kept as a draft all the time (widgets/draft_keeper.h).
// Ctrl+Enter sends, Esc leaves. GUI thread.

#include <functional>

#include <QWidget>

#include "client/ui/widgets/draft_keeper.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace stoa {

class DocumentView;

class Composer : public QWidget {
    Q_OBJECT

public:
    struct Words {
        QString placeholder;
        QString send; // on the button
        QString name; // for screen readers
    };

    // `make` turns the text into the change to submit.
    Composer(const Desk& desk, const Words& words, QString draftPlace,
             std::function<v1::Change(const QString& text)> make, QWidget* parent = nullptr);

    void focusEditor();
    bool isEmpty() const;
    // Saves the draft at once.
    void keep() { keeper_.keep(); }

Q_SIGNALS:
    void left(); // by Esc
    void sent();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void send();
    void leave();
    void setBusy(bool busy);
    void showHint();
    void fit();
    void togglePreview();

    std::function<v1::Change(const QString&)> make_;
    QStackedWidget* stack_;
    QPlainTextEdit* editor_;
    DocumentView* preview_;
    QLabel* hint_;
    QPushButton* previewButton_;
    QPushButton* sendButton_;
    DraftKeeper keeper_;
};

} // namespace stoa
