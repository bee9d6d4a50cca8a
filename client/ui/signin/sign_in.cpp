#include "client/ui/signin/sign_in.h"

#include <QHBoxLayout>
#include <QProgressBar>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/widgets/widgets.h"
#include "shared/base/limits.h"

namespace stoa {

SignIn::SignIn(QWidget* parent) : QWidget(parent)
{
    auto* sign = new QLabel;
    sign->setPixmap(QIcon(QStringLiteral(":/icons/stoa.svg")).pixmap(grid(12), grid(12)));
    sign->setFixedSize(grid(12), grid(12));
    title_ = makeLabel({}, Size::Title, Tone::Text, Weight::Title);
    intro_ = makeWrappedLabel({}, Size::Text, Tone::Mute);
    const auto makeField = [](const QString& name) {
        auto* field = new QLineEdit;
        field->setAccessibleName(name);
        field->setMinimumHeight(grid(9));
        return field;
    };
    const auto makeCaption = [](const QString& text, QLineEdit* field) {
        QLabel* label = makeLabel(text, Size::Small, Tone::Mute, Weight::Strong);
        label->setBuddy(field);
        return label;
    };
    address_ = makeField(tr("Invitation or server"));
    address_->setPlaceholderText(tr("stoa://… or server.example.org:7443"));
    address_->setMaxLength(static_cast<int>(linkBytesMax));
    login_ = makeField(tr("Login"));
    login_->setMaxLength(static_cast<int>(limits::loginBytesMax));
    password_ = makeField(tr("Password"));
    password_->setEchoMode(QLineEdit::Password);
    password_->setMaxLength(static_cast<int>(limits::passwordBytesMax));
    repeat_ = makeField(tr("The same password again"));
    repeat_->setEchoMode(QLineEdit::Password);
    repeat_->setMaxLength(static_cast<int>(limits::passwordBytesMax));
    loginLabel_ = makeCaption(tr("Login"), login_);
    passwordLabel_ = makeCaption(tr("Password"), password_);
    repeatLabel_ = makeCaption(tr("The same password again"), repeat_);
    button_ = makeButton(tr("Sign in"), ButtonKind::Primary);
    button_->setMinimumHeight(grid(9));
    button_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    other_ = makeButton({}, ButtonKind::Link);
    back_ = makeButton(tr("Back to reading"), ButtonKind::Link);
    progress_ = new QProgressBar;
    progress_->setTextVisible(false);
    progress_->setRange(0, 0);
    progress_->setAccessibleName(tr("Progress"));
    message_ = makeWrappedLabel({}, Size::Text, Tone::Mute);
    message_->setMinimumHeight(grid(10));
    message_->setAlignment(Qt::AlignTop | Qt::AlignLeft);

    auto* card = new Card;
    card->setFixedWidth(grid(104));
    QVBoxLayout* form = card->body();
    form->setContentsMargins(grid(4), grid(3), grid(4), grid(2));
    form->setSpacing(grid(1));
    form->addWidget(sign);
    form->addSpacing(grid(2));
    form->addWidget(title_);
    form->addWidget(intro_);
    form->addSpacing(grid(3));
    form->addWidget(makeCaption(tr("Invitation or server"), address_));
    form->addWidget(address_);
    form->addSpacing(grid(1));
    const std::pair<QLabel*, QLineEdit*> rows[] = {
        {loginLabel_, login_}, {passwordLabel_, password_}, {repeatLabel_, repeat_}};
    for (const auto& [label, field] : rows) {
        form->addWidget(label);
        form->addWidget(field);
    }
    form->addSpacing(grid(3));
    form->addWidget(button_);
    auto* ways = new QHBoxLayout;
    ways->addWidget(other_);
    ways->addStretch(1);
    ways->addWidget(back_);
    form->addLayout(ways);
    form->addWidget(progress_);
    form->addWidget(message_);

    auto* layout = new QVBoxLayout(this);
    layout->addStretch(2);
    // In a row with stretches, not with an alignment: only so does it get the height that its width needs.
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(card);
    row->addStretch(1);
    layout->addLayout(row);
    layout->addSpacing(grid(3));
    layout->addWidget(makeLabel(tr("What you read and write is kept on this device and works without a network."),
                                Size::Small, Tone::Faint),
                      0, Qt::AlignHCenter);
    layout->addStretch(3);

    connect(address_, &QLineEdit::textChanged, this, [this] {
        hasPassword_ = false;
        readAddress();
    });
    connect(other_, &QPushButton::clicked, this, [this] {
        hasPassword_ = !hasPassword_;
        if (login_->text().isEmpty())
            login_->setText(QString::fromStdString(invitation_.login));
        readAddress();
        password_->setFocus(Qt::OtherFocusReason);
    });
    connect(back_, &QPushButton::clicked, this, &SignIn::backToReading);
    for (QLineEdit* field : {address_, login_, password_, repeat_})
        connect(field, &QLineEdit::returnPressed, this, &SignIn::submit);
    connect(button_, &QPushButton::clicked, this, &SignIn::submit);
    readAddress();
    setBusy(false);
    offerReading(false);
}

void SignIn::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    focusWanted();
}

// The first field that still needs something.
void SignIn::focusWanted()
{
    for (QLineEdit* field : {address_, login_, password_})
        if (field->isVisible() && field->text().isEmpty()) {
            field->setFocus(Qt::OtherFocusReason);
            return;
        }
}

void SignIn::setLink(const QString& link)
{
    address_->setText(link);
    focusWanted();
}

void SignIn::setKnown(const QString& server, const QString& login, const QString& why)
{
    if (address_->text().isEmpty() && !server.isEmpty())
        address_->setText(server);
    if (login_->text().isEmpty() && !login.isEmpty())
        login_->setText(login);
    if (!why.isEmpty())
        say(why, false);
}

void SignIn::offerReading(bool offer)
{
    back_->setVisible(offer);
}

void SignIn::warn(const QString& sentence)
{
    say(sentence, true);
}

void SignIn::readAddress()
{
    const QString text = address_->text().trimmed();
    invited_ = parseInviteLink(text.toStdString(), invitation_) == LinkError::None;
    const bool choosing = invited_ && !hasPassword_;
    const QString organisation = QString::fromStdString(invitation_.organisation).left(80);
    if (choosing) {
        title_->setText(tr("Welcome to %1").arg(organisation));
        intro_->setText(tr("You were invited as “%1”. Choose a password; you will need it for your other devices.")
                            .arg(QString::fromStdString(invitation_.login)));
    } else if (invited_) {
        title_->setText(tr("Sign in to %1").arg(organisation));
        intro_->setText(tr("Type the login and the password that you have already."));
    } else {
        title_->setText(tr("Sign in to Stoa"));
        intro_->setText(tr("Paste the invitation that you were sent, or type your organisation's server."));
    }
    passwordLabel_->setText(choosing ? tr("Choose a password") : tr("Password"));
    button_->setText(choosing ? tr("Join") : tr("Sign in"));
    other_->setText(hasPassword_ ? tr("I have no password yet") : tr("I have a password already"));
    other_->setVisible(invited_);
    for (QWidget* widget : {static_cast<QWidget*>(loginLabel_), static_cast<QWidget*>(login_)})
        widget->setVisible(!choosing);
    for (QWidget* widget : {static_cast<QWidget*>(repeatLabel_), static_cast<QWidget*>(repeat_)})
        widget->setVisible(choosing);
    say({}, false);
}

void SignIn::submit()
{
    if (busy_)
        return;
    Join wanted;
    wanted.password = password_->text();
    if (invited_) {
        wanted.host = QString::fromStdString(invitation_.server.host);
        wanted.port = invitation_.server.port;
        wanted.pin = QByteArray::fromStdString(invitation_.pin);
    } else {
        // The worker knows the key of a server that this device has been signed in to.
        const QString text = address_->text().trimmed();
        ServerAddress server;
        InviteLink ignored;
        const LinkError error = text.startsWith(QLatin1String("stoa:"), Qt::CaseInsensitive)
                                  ? parseInviteLink(text.toStdString(), ignored)
                                  : parseAddress(text.toStdString(), server);
        if (error != LinkError::None) {
            say(linkErrorText(error), true);
            address_->setFocus();
            return;
        }
        wanted.host = QString::fromStdString(server.host);
        wanted.port = server.port;
    }
    if (invited_ && !hasPassword_) {
        if (password_->text().toUtf8().size() < static_cast<qsizetype>(limits::passwordBytesMin)) {
            say(tr("Choose a password of at least %1 characters.").arg(limits::passwordBytesMin), true);
            password_->setFocus();
            return;
        }
        if (password_->text() != repeat_->text()) {
            say(tr("The two passwords differ. Type the same one twice."), true);
            repeat_->setFocus();
            return;
        }
        wanted.login = QString::fromStdString(invitation_.login);
        wanted.code = QByteArray::fromStdString(invitation_.code);
    } else {
        if (login_->text().trimmed().isEmpty() || password_->text().isEmpty()) {
            say(tr("Type your login and your password."), true);
            (login_->text().trimmed().isEmpty() ? login_ : password_)->setFocus();
            return;
        }
        wanted.login = login_->text().trimmed();
    }
    setBusy(true);
    say(tr("Connecting to %1…").arg(wanted.host), false);
    Q_EMIT join(wanted);
}

void SignIn::setBusy(bool busy)
{
    busy_ = busy;
    progress_->setVisible(busy);
    for (QWidget* field :
         {static_cast<QWidget*>(address_), static_cast<QWidget*>(login_), static_cast<QWidget*>(password_),
          static_cast<QWidget*>(repeat_), static_cast<QWidget*>(button_), static_cast<QWidget*>(other_)})
        field->setEnabled(!busy);
}

void SignIn::showStatus(const SyncStatus& status, qint64 nowMs)
{
    if (!busy_)
        return;
    const bool counted = status.state == SyncStatus::State::Fetching && status.total > 0;
    progress_->setRange(0, counted ? 1000 : 0);
    if (counted)
        progress_->setValue(
            static_cast<int>(1000.0 * static_cast<double>(status.held) / static_cast<double>(status.total)));
    if (status.state == SyncStatus::State::Fetching || status.state == SyncStatus::State::Connecting)
        say(statusText(status, nowMs), false);
}

void SignIn::showFailure(const QString& sentence)
{
    setBusy(false);
    say(sentence, true);
    password_->setFocus();
}

void SignIn::say(const QString& sentence, bool bad)
{
    setTone(message_, bad ? Tone::Bad : Tone::Mute);
    message_->setText(sentence);
    message_->setAccessibleDescription(sentence);
}

} // namespace stoa
