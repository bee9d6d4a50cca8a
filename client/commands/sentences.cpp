#include "client/commands/sentences.h"

#include <QCoreApplication>
#include <QDateTime>

namespace stoa {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Sentences", text);
}

// English plurals hold without a translation file too.
QString counted(int n, const char* one, const char* many, const QLocale& locale)
{
    return tr(n == 1 ? one : many).arg(locale.toString(n));
}

QString changes(int n, const QLocale& locale)
{
    return counted(n, "%1 change", "%1 changes", locale);
}

QString quoted(const QString& title)
{
    constexpr int charactersMax = 60;
    QString shown = title.simplified();
    if (shown.size() > charactersMax)
        shown = shown.left(charactersMax).trimmed() + QChar(0x2026);
    return QChar(0x201c) + shown + QChar(0x201d);
}

} // namespace

QString timeText(qint64 ms, qint64 nowMs, const QLocale& locale)
{
    const QDateTime then = QDateTime::fromMSecsSinceEpoch(ms), now = QDateTime::fromMSecsSinceEpoch(nowMs);
    const QString time = locale.toString(then.time(), QLocale::ShortFormat);
    if (then.date() == now.date())
        return time;
    if (then.date().addDays(1) == now.date())
        return tr("yesterday, %1").arg(time);
    if (then.date().year() == now.date().year())
        return tr("%1, %2").arg(locale.toString(then.date(), QStringLiteral("d MMM")), time);
    return locale.toString(then.date(), QStringLiteral("d MMM yyyy"));
}

QString statusText(const SyncStatus& status, qint64 nowMs, const QLocale& locale)
{
    using State = SyncStatus::State;
    const QString waiting = status.waiting > 0 ? tr(", %1 waiting").arg(changes(status.waiting, locale)) : QString();
    const QString refused = status.refused > 0 ? tr(", %1 refused").arg(locale.toString(status.refused)) : QString();
    switch (status.state) {
    case State::SignedOut:
        return tr("Not signed in");
    case State::Offline:
        return tr("Offline") + waiting + refused;
    case State::Connecting:
        return tr("Connecting") + waiting + refused;
    case State::Fetching: {
        const QString name = status.feedName.isEmpty() ? tr("what is new") : status.feedName;
        if (status.total == 0)
            return tr("Fetching %1").arg(name);
        return tr("Fetching %1, %2 of %3").arg(name, locale.toString(status.held), locale.toString(status.total));
    }
    case State::Sending:
        return status.waiting > 0 ? tr("Sending %1").arg(changes(status.waiting, locale)) + refused : tr("Sending");
    case State::UpToDate:
        return (status.upToDateMs > 0 ? tr("Up to date, %1").arg(timeText(status.upToDateMs, nowMs, locale))
                                      : tr("Up to date")) +
               refused;
    case State::SignInAgain:
        return tr("Sign in again") + waiting;
    case State::Failed:
        return tr("Stopped") + waiting;
    }
    return {};
}

QString statusDetail(const SyncStatus& status, qint64 nowMs, const QLocale& locale)
{
    using State = SyncStatus::State;
    QStringList sentences;
    if (!status.problem.isEmpty())
        sentences << status.problem;
    else if (status.refusal.code != v1::CODE_NONE)
        sentences << refusalSentence(status.refusal);
    if (status.state == State::Offline && status.retryAtMs > nowMs) {
        const int seconds = int((status.retryAtMs - nowMs + 999) / 1000);
        sentences << counted(seconds, "Trying again in %1 second.", "Trying again in %1 seconds.", locale);
    }
    if (status.state != State::UpToDate && status.upToDateMs > 0)
        sentences << tr("Last up to date: %1.").arg(timeText(status.upToDateMs, nowMs, locale));
    if (status.refused > 0)
        sentences << counted(status.refused, "%1 change was refused and waits for you in the outbox.",
                             "%1 changes were refused and wait for you in the outbox.", locale);
    if (status.indexing > 0)
        sentences << counted(status.indexing, "%1 post is not searchable yet.", "%1 posts are not searchable yet.",
                             locale);
    return sentences.join(QLatin1Char(' '));
}

QString kindText(v1::PostKind kind)
{
    switch (kind) {
    case v1::SECTION:
        return tr("Section");
    case v1::PAGE:
        return tr("Page");
    case v1::QUESTION:
        return tr("Question");
    case v1::ANSWER:
        return tr("Answer");
    case v1::COMMENT:
        return tr("Comment");
    default:
        return tr("Post");
    }
}

QString roleText(v1::Role role)
{
    switch (role) {
    case v1::READER:
        return tr("Reader");
    case v1::CONTRIBUTOR:
        return tr("Contributor");
    case v1::MODERATOR:
        return tr("Moderator");
    case v1::OWNER:
        return tr("Owner");
    default:
        return tr("Not a member");
    }
}

QString titleText(v1::Title title)
{
    switch (title) {
    case v1::SPONSOR:
        return tr("Sponsor");
    case v1::LEADER:
        return tr("Leader");
    case v1::EXPERT:
        return tr("Expert");
    case v1::CHAMPION:
        return tr("Champion");
    default:
        return {};
    }
}

QString visibilityText(v1::Visibility visibility)
{
    switch (visibility) {
    case v1::OPEN:
        return tr("Open");
    case v1::RESTRICTED:
        return tr("Restricted");
    case v1::PRIVATE:
        return tr("Private");
    default:
        return {};
    }
}

QString changeText(const OutboxRow& row)
{
    const bool named = !row.title.isEmpty();
    const QString title = quoted(row.title);
    switch (row.act) {
    case v1::Change::kCreatePost:
        switch (row.kind) {
        case v1::QUESTION:
            return named ? tr("Question %1").arg(title) : tr("Question");
        case v1::ANSWER:
            return named ? tr("Answer to %1").arg(title) : tr("Answer");
        case v1::COMMENT:
            return named ? tr("Comment on %1").arg(title) : tr("Comment");
        case v1::PAGE:
            return named ? tr("New page %1").arg(title) : tr("New page");
        default:
            return named ? tr("New post %1").arg(title) : tr("New post");
        }
    case v1::Change::kSetMark:
        switch (row.mark) {
        case v1::VOTE:
            if (row.value == 0)
                return named ? tr("Vote taken back on %1").arg(title) : tr("Vote taken back");
            if (row.value < 0)
                return named ? tr("Vote against %1").arg(title) : tr("Vote against a post");
            return named ? tr("Vote for %1").arg(title) : tr("Vote for a post");
        case v1::BOOKMARK:
            if (row.value == 0)
                return named ? tr("Bookmark taken off %1").arg(title) : tr("Bookmark taken off");
            return named ? tr("Bookmark of %1").arg(title) : tr("Bookmark");
        case v1::SEEN:
            return tr("What you have seen of %1").arg(row.spaceName.isEmpty() ? tr("a space") : row.spaceName);
        default:
            return tr("Mark");
        }
    case v1::Change::kEdit: {
        const bool space = row.kind == v1::POST_NONE && !row.spaceName.isEmpty();
        if (space)
            return tr("Change to the charter of %1").arg(row.spaceName);
        return named ? tr("Change to %1").arg(title) : tr("Change");
    }
    case v1::Change::kDelete:
        return named ? tr("Deletion of %1").arg(title) : tr("Deletion");
    case v1::Change::kSetMembership:
        return row.spaceName.isEmpty() ? tr("Change of a membership") : tr("Membership in %1").arg(row.spaceName);
    case v1::Change::kCreateSpace:
        return row.spaceName.isEmpty() ? tr("New space") : tr("New space %1").arg(row.spaceName);
    case v1::Change::kCreatePerson:
        return tr("New person");
    default:
        return tr("Change");
    }
}

QString stateText(ChangeState state)
{
    switch (state) {
    case ChangeState::Waiting:
        return tr("Waiting");
    case ChangeState::Sent:
        return tr("Sent");
    case ChangeState::Accepted:
        return tr("Accepted");
    case ChangeState::Refused:
        return tr("Refused");
    case ChangeState::Blocked:
        return tr("Waits for another change");
    }
    return {};
}

QString stateSentence(const OutboxRow& row)
{
    switch (row.state) {
    case ChangeState::Waiting:
        return tr("Waiting: it will be sent as soon as the server can be reached.");
    case ChangeState::Sent:
        return tr("Sent: the server has not answered yet.");
    case ChangeState::Accepted:
        return tr("Accepted: the server has it.");
    case ChangeState::Refused:
        return tr("Refused: %1").arg(refusalSentence(row.refusal));
    case ChangeState::Blocked:
        return tr("It waits for a change before it that was refused.");
    }
    return {};
}

QString linkErrorText(LinkError error)
{
    switch (error) {
    case LinkError::None:
        return {};
    case LinkError::NotStoa:
        return tr("This is not a link of Stoa: those begin with stoa://.");
    case LinkError::TooLong:
        return tr("This link is too long to be one of Stoa's.");
    case LinkError::Address:
        return tr("The address of the server should look like stoa.example.org:7443.");
    case LinkError::Path:
        return tr("This link leads neither to an invitation nor to a post.");
    case LinkError::Encoding:
        return tr("This link is damaged. Copy it once more, from its beginning to its end.");
    case LinkError::Missing:
        return tr("A part of this invitation is missing. Copy the whole link once more.");
    case LinkError::Code:
        return tr("The code in this invitation is damaged. Copy the whole link once more.");
    case LinkError::Pin:
        return tr("The server's key in this invitation is damaged. Copy the whole link once more.");
    case LinkError::Post:
        return tr("The post in this link cannot be read. Copy the whole link once more.");
    }
    return {};
}

} // namespace stoa
