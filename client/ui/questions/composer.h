#pragma once

// Where people write: plain Markdown with a preview. What is typed is kept as a draft all the time, so it
// survives Esc, another place and a crash; the draft goes with the transaction that stores the change.
// Ctrl+Enter sends, Esc leaves. GUI thread.

#include <functional>

#include <QTimer>
#include <QWidget>

#include "client/ui/place.h"
#include "stoa/v1/change.pb.h"

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
        QString send;      // on the button
        QString name;      // for screen readers
    };

    // `make` turns the text into the change to submit.
    Composer(const Desk& desk, const Words& words, QString draftPlace,
             std::function<v1::Change(const QString& text)> make, QWidget* parent = nullptr);
    ~Composer() override;

    // Opens on one line until somebody writes; a comment's goes away again when left empty.
    void setVanishing(bool vanishing) { vanishing_ = vanishing; }
    void focusEditor();
    bool isEmpty() const;
    const QString& draftPlace() const { return draftPlace_; }

Q_SIGNALS:
    void left();    // by Esc, or empty and vanishing
    void sent();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void send();
    void leave();
    void keepDraft();
    void fit();
    void togglePreview();

    Desk desk_;
    QString draftPlace_;
    std::function<v1::Change(const QString&)> make_;
    QStackedWidget* stack_;
    QPlainTextEdit* editor_;
    DocumentView* preview_;
    QLabel* hint_;
    QPushButton* previewButton_;
    QPushButton* sendButton_;
    QTimer draftTimer_;
    Id sending_;
    bool vanishing_ = false;
    bool changed_ = false;
};

}  // namespace stoa
