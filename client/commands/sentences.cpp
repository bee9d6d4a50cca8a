#include "client/commands/sentences.h"

#include <QCoreApplication>
#include <QDateTime>

namespace stoa {

namespace {

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(Sentences)
};

// English plurals hold without a translation file too.
QString counted(int n, const QString& one, const QString& many, const QLocale& locale)
{
    return (n == 1 ? one : many).arg(locale.toString(n));
}

QString changes(int n, const QLocale& locale)
{
    return counted(n, Texts::tr("%1 change"), Texts::tr("%1 changes"), locale);
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
        return Texts::tr("yesterday, %1").arg(time);
    if (then.date().year() == now.date().year())
        return Texts::tr("%1, %2").arg(locale.toString(then.date(), QStringLiteral("d MMM")), time);
    return locale.toString(then.date(), QStringLiteral("d MMM yyyy"));
}

QString statusText(const SyncStatus& status, qint64 nowMs, const QLocale& locale)
{
    using State = SyncStatus::State;
    const QString waiting =
        status.waiting > 0 ? Texts::tr(", %1 waiting").arg(changes(status.waiting, locale)) : QString();
    const QString refused =
        status.refused > 0 ? Texts::tr(", %1 refused").arg(locale.toString(status.refused)) : QString();
    switch (status.state) {
    case State::SignedOut:
        return Texts::tr("Not signed in");
    case State::Offline:
        return Texts::tr("Offline") + waiting + refused;
    case State::Connecting:
        return Texts::tr("Connecting") + waiting + refused;
    case State::Fetching: {
        const QString name = status.feedName.isEmpty() ? Texts::tr("what is new") : status.feedName;
        if (status.total == 0)
            return Texts::tr("Fetching %1").arg(name);
        return Texts::tr("Fetching %1, %2 of %3")
            .arg(name, locale.toString(status.held), locale.toString(status.total));
    }
    case State::Sending:
        return status.waiting > 0 ? Texts::tr("Sending %1").arg(changes(status.waiting, locale)) + refused
                                  : Texts::tr("Sending");
    case State::UpToDate:
        return (status.upToDateMs > 0 ? Texts::tr("Up to date, %1").arg(timeText(status.upToDateMs, nowMs, locale))
                                      : Texts::tr("Up to date")) +
               refused;
    case State::SignInAgain:
        return Texts::tr("Sign in again") + waiting;
    case State::Failed:
        return Texts::tr("Stopped") + waiting;
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
        sentences << counted(seconds, Texts::tr("Trying again in %1 second."), Texts::tr("Trying again in %1 seconds."),
                             locale);
    }
    if (status.state != State::UpToDate && status.upToDateMs > 0)
        sentences << Texts::tr("Last up to date: %1.").arg(timeText(status.upToDateMs, nowMs, locale));
    if (status.refused > 0)
        sentences << counted(status.refused, Texts::tr("%1 change was refused and waits for you in the outbox."),
                             Texts::tr("%1 changes were refused and wait for you in the outbox."), locale);
    if (!status.searchProblem.isEmpty())
        sentences << status.searchProblem;
    else if (status.indexing > 0)
        sentences << counted(status.indexing, Texts::tr("%1 post is not searchable yet."),
                             Texts::tr("%1 posts are not searchable yet."), locale);
    return sentences.join(QLatin1Char(' '));
}

QString kindText(v1::PostKind kind)
{
    switch (kind) {
    case v1::SECTION:
        return Texts::tr("Section");
    case v1::PAGE:
        return Texts::tr("Page");
    case v1::QUESTION:
        return Texts::tr("Question");
    case v1::ANSWER:
        return Texts::tr("Answer");
    case v1::COMMENT:
        return Texts::tr("Comment");
    default:
        return Texts::tr("Post");
    }
}

QString roleText(v1::Role role)
{
    switch (role) {
    case v1::READER:
        return Texts::tr("Reader");
    case v1::CONTRIBUTOR:
        return Texts::tr("Contributor");
    case v1::MODERATOR:
        return Texts::tr("Moderator");
    case v1::OWNER:
        return Texts::tr("Owner");
    default:
        return Texts::tr("Not a member");
    }
}

QString titleText(v1::Title title)
{
    switch (title) {
    case v1::SPONSOR:
        return Texts::tr("Sponsor");
    case v1::LEADER:
        return Texts::tr("Leader");
    case v1::EXPERT:
        return Texts::tr("Expert");
    case v1::CHAMPION:
        return Texts::tr("Champion");
    default:
        return {};
    }
}

QString visibilityText(v1::Visibility visibility)
{
    switch (visibility) {
    case v1::OPEN:
        return Texts::tr("Open");
    case v1::RESTRICTED:
        return Texts::tr("Restricted");
    case v1::PRIVATE:
        return Texts::tr("Private");
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
            return named ? Texts::tr("Question %1").arg(title) : Texts::tr("Question");
        case v1::ANSWER:
            return named ? Texts::tr("Answer to %1").arg(title) : Texts::tr("Answer");
        case v1::COMMENT:
            return named ? Texts::tr("Comment on %1").arg(title) : Texts::tr("Comment");
        case v1::PAGE:
            return named ? Texts::tr("New page %1").arg(title) : Texts::tr("New page");
        default:
            return named ? Texts::tr("New post %1").arg(title) : Texts::tr("New post");
        }
    case v1::Change::kSetMark:
        switch (row.mark) {
        case v1::VOTE:
            if (row.value == 0)
                return named ? Texts::tr("Vote taken back on %1").arg(title) : Texts::tr("Vote taken back");
            if (row.value < 0)
                return named ? Texts::tr("Vote against %1").arg(title) : Texts::tr("Vote against a post");
            return named ? Texts::tr("Vote for %1").arg(title) : Texts::tr("Vote for a post");
        case v1::BOOKMARK:
            if (row.value == 0)
                return named ? Texts::tr("Bookmark taken off %1").arg(title) : Texts::tr("Bookmark taken off");
            return named ? Texts::tr("Bookmark of %1").arg(title) : Texts::tr("Bookmark");
        case v1::SEEN:
            return Texts::tr("What you have seen of %1")
                .arg(row.spaceName.isEmpty() ? Texts::tr("a space") : row.spaceName);
        default:
            return Texts::tr("Mark");
        }
    case v1::Change::kEdit: {
        const bool space = row.kind == v1::POST_NONE && !row.spaceName.isEmpty();
        if (space)
            return Texts::tr("Change to the charter of %1").arg(row.spaceName);
        return named ? Texts::tr("Change to %1").arg(title) : Texts::tr("Change");
    }
    case v1::Change::kDelete:
        return named ? Texts::tr("Deletion of %1").arg(title) : Texts::tr("Deletion");
    case v1::Change::kSetMembership:
        return row.spaceName.isEmpty() ? Texts::tr("Change of a membership")
                                       : Texts::tr("Membership in %1").arg(row.spaceName);
    case v1::Change::kCreateSpace:
        return row.spaceName.isEmpty() ? Texts::tr("New space") : Texts::tr("New space %1").arg(row.spaceName);
    case v1::Change::kCreatePerson:
        return Texts::tr("New person");
    default:
        return Texts::tr("Change");
    }
}

QString stateText(ChangeState state)
{
    switch (state) {
    case ChangeState::Waiting:
        return Texts::tr("Waiting");
    case ChangeState::Sent:
        return Texts::tr("Sent");
    case ChangeState::Accepted:
        return Texts::tr("Accepted");
    case ChangeState::Refused:
        return Texts::tr("Refused");
    case ChangeState::Blocked:
        return Texts::tr("Waits for another change");
    }
    return {};
}

QString stateSentence(const OutboxRow& row)
{
    switch (row.state) {
    case ChangeState::Waiting:
        return Texts::tr("Waiting: it will be sent as soon as the server can be reached.");
    case ChangeState::Sent:
        return Texts::tr("Sent: the server has not answered yet.");
    case ChangeState::Accepted:
        return Texts::tr("Accepted: the server has it.");
    case ChangeState::Refused:
        return Texts::tr("Refused: %1").arg(refusalSentence(row.refusal));
    case ChangeState::Blocked:
        return Texts::tr("It waits for a change before it that was refused.");
    }
    return {};
}

QString linkErrorText(LinkError error)
{
    switch (error) {
    case LinkError::None:
        return {};
    case LinkError::NotStoa:
        return Texts::tr("This is not a link of Stoa: those begin with stoa://.");
    case LinkError::TooLong:
        return Texts::tr("This link is too long to be one of Stoa's.");
    case LinkError::Address:
        return Texts::tr("The address of the server should look like stoa.example.org:7443.");
    case LinkError::Path:
        return Texts::tr("This link leads neither to an invitation nor to a post.");
    case LinkError::Encoding:
        return Texts::tr("This link is damaged. Copy it once more, from its beginning to its end.");
    case LinkError::Missing:
        return Texts::tr("A part of this invitation is missing. Copy the whole link once more.");
    case LinkError::Code:
        return Texts::tr("The code in this invitation is damaged. Copy the whole link once more.");
    case LinkError::Pin:
        return Texts::tr("The server's key in this invitation is damaged. Copy the whole link once more.");
    case LinkError::Post:
        return Texts::tr("The post in this link cannot be read. Copy the whole link once more.");
    }
    return {};
}

} // namespace stoa
