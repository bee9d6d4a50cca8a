#pragma once

// Where a person says which organisation is theirs and proves who they are: with the link of an invitation,
// or the server's address, login and password. GUI thread.

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
    void showStatus(const SyncStatus& status, qint64 nowMs);
    void showFailure(const QString& sentence);
    void setBusy(bool busy);

Q_SIGNALS:
    void join(const stoa::Join& join);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void readAddress();
    void submit();
    void say(const QString& sentence, bool bad);

    InviteLink invitation_;
    bool invited_ = false;
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
    QProgressBar* progress_;
    QLabel* message_;
};

} // namespace stoa
