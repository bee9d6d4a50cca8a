#pragma once

// Where a person says which organisation is theirs and proves who they are: with the link of an invitation
// and a new password, or with login and password and either such a link or the server's address. GUI thread.

#include <QWidget>

#include "client/worker/worker.h"
#include "shared/domain/invite_link.h"

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace stoa {

class SignIn : public QWidget {
    Q_OBJECT

public:
    explicit SignIn(QWidget* parent = nullptr);

    // The link of an invitation, as if the person had pasted it.
    void setLink(const QString& link);
    // What is known from before; empty values change nothing.
    void setKnown(const QString& server, const QString& login, const QString& why);
    // Whether there is a copy that may be read without signing in.
    void offerReading(bool offer);
    // Something about a link that was opened.
    void warn(const QString& sentence);
    void showStatus(const SyncStatus& status, qint64 nowMs);
    void showFailure(const QString& sentence);
    void setBusy(bool busy);

Q_SIGNALS:
    void join(const stoa::Join& join);
    void backToReading();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void focusWanted();
    void readAddress();
    void submit();
    void say(const QString& sentence, bool bad);

    InviteLink invitation_;
    bool invited_ = false;     // the address is the link of an invitation
    bool hasPassword_ = false; // and its person has set a password before
    bool busy_ = false;
    QLabel* title_;
    QLabel* intro_;
    QLineEdit* address_;
    QLabel* loginLabel_;
    QLineEdit* login_;
    QLabel* passwordLabel_;
    QLineEdit* password_;
    QLabel* repeatLabel_;
    QLineEdit* repeat_;
    QPushButton* button_;
    QPushButton* other_; // the other way to use an invitation
    QPushButton* back_;
    QProgressBar* progress_;
    QLabel* message_;
};

} // namespace stoa
