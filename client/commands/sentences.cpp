#include "client/commands/sentences.h"

#include <QCoreApplication>
#include <QDateTime>

namespace stoa {

namespace {

struct SentencesTexts {
    Q_DECLARE_TR_FUNCTIONS(Sentences)
};

// English plurals hold without a translation file too.
QString counted(int n, const QString& one, const QString& many, const QLocale& locale)
{
    return (n == 1 ? one : many).arg(locale.toString(n));
}

QString changes(int n, const QLocale& locale)
{
    return counted(n, SentencesTexts::tr("%1 change"), SentencesTexts::tr("%1 changes"), locale);
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

QString peopleText(const QStringList& names, qsizetype shownMax)
{
    QStringList shown;
    for (const QString& name : names.first(std::min(names.size(), shownMax)))
        shown << (!name.isEmpty()   ? name
                  : shown.isEmpty() ? SentencesTexts::tr("Somebody who left")
                                    : SentencesTexts::tr("somebody who left"));
    const int others = int(names.size() - shown.size());
    if (others > 0)
        shown << counted(others, SentencesTexts::tr("%1 other"), SentencesTexts::tr("%1 others"), QLocale());
    if (shown.size() < 2)
        return shown.value(0);
    const QString last = shown.takeLast();
    return SentencesTexts::tr("%1 and %2").arg(shown.join(QStringLiteral(", ")), last);
}

QString authorText(const Id& author, const QString& name)
{
    if (author.isNull())
        return SentencesTexts::tr("Imported");
    return name.isEmpty() ? SentencesTexts::tr("Somebody who left") : name;
}

QStringList authorTexts(const HistoryRow& row)
{
    QStringList texts;
    for (qsizetype i = 0; i < row.authors.size(); ++i)
        texts << authorText(row.authors[i], row.authorNames.value(i));
    return texts;
}

QString saidText(const HistoryRow& row, const QStringList& authors)
{
    if (row.said.isEmpty())
        return row.summary;
    QStringList lines;
    for (const auto& [author, text] : row.said)
        lines << SentencesTexts::tr("%1: %2").arg(authors.value(author), text);
    return lines.join(QLatin1Char('\n'));
}

QString timeText(qint64 ms, qint64 nowMs, const QLocale& locale)
{
    const QDateTime then = QDateTime::fromMSecsSinceEpoch(ms), now = QDateTime::fromMSecsSinceEpoch(nowMs);
    const QString time = locale.toString(then.time(), QLocale::ShortFormat);
    if (then.date() == now.date())
        return time;
    if (then.date().addDays(1) == now.date())
        return SentencesTexts::tr("yesterday, %1").arg(time);
    if (then.date().year() == now.date().year())
        return SentencesTexts::tr("%1, %2").arg(locale.toString(then.date(), QStringLiteral("d MMM")), time);
    return locale.toString(then.date(), QStringLiteral("d MMM yyyy"));
}

QString statusText(const SyncStatus& status, qint64 nowMs, const QLocale& locale)
{
    using State = SyncStatus::State;
    const int unsent = status.unsent;
    const QString waiting = unsent > 0 ? SentencesTexts::tr(", %1 waiting").arg(changes(unsent, locale)) : QString();
    const QString refused =
        (status.refused > 0 ? SentencesTexts::tr(", %1 refused").arg(locale.toString(status.refused)) : QString()) +
        (status.kept > 0
             ? counted(status.kept, SentencesTexts::tr(", %1 text kept"), SentencesTexts::tr(", %1 texts kept"), locale)
             : QString());
    switch (status.state) {
    case State::SignedOut:
        return SentencesTexts::tr("Not signed in");
    case State::Offline:
        return SentencesTexts::tr("Offline") + waiting + refused;
    case State::Connecting:
        return SentencesTexts::tr("Connecting") + waiting + refused;
    case State::Fetching: {
        const QString name = status.feedName.isEmpty() ? SentencesTexts::tr("what is new") : status.feedName;
        if (status.total == 0)
            return SentencesTexts::tr("Fetching %1").arg(name);
        return SentencesTexts::tr("Fetching %1, %2 of %3")
            .arg(name, locale.toString(status.held), locale.toString(status.total));
    }
    case State::Sending:
        if (status.waiting > 0 && status.waiting == status.accepted)
            return SentencesTexts::tr("Sent") + refused;
        return unsent > 0 ? SentencesTexts::tr("Sending %1").arg(changes(unsent, locale)) + refused
                          : SentencesTexts::tr("Sending");
    case State::UpToDate:
        return (status.upToDateMs > 0
                    ? SentencesTexts::tr("Up to date, %1").arg(timeText(status.upToDateMs, nowMs, locale))
                    : SentencesTexts::tr("Up to date")) +
               refused;
    case State::SignInAgain:
        return SentencesTexts::tr("Sign in again") + waiting;
    case State::Failed:
        return SentencesTexts::tr("Stopped") + waiting;
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
        sentences << counted(seconds, SentencesTexts::tr("Trying again in %1 second."),
                             SentencesTexts::tr("Trying again in %1 seconds."), locale);
    }
    if (status.state != State::UpToDate && status.upToDateMs > 0)
        sentences << SentencesTexts::tr("Last up to date: %1.").arg(timeText(status.upToDateMs, nowMs, locale));
    if (status.refused > 0)
        sentences << counted(status.refused,
                             SentencesTexts::tr("%1 change was refused and waits for you in the outbox."),
                             SentencesTexts::tr("%1 changes were refused and wait for you in the outbox."), locale);
    if (status.kept > 0)
        sentences << counted(
            status.kept,
            SentencesTexts::tr("%1 text could not be stored where you wrote it and waits for you in the outbox."),
            SentencesTexts::tr("%1 texts could not be stored where you wrote them and wait for you in the outbox."),
            locale);
    if (status.differedMs > 0) {
        sentences << SentencesTexts::tr("The copy of a space differed from the server's and was fetched again: %1.")
                         .arg(timeText(status.differedMs, nowMs, locale));
        if (!status.blackBox.isEmpty())
            sentences << SentencesTexts::tr("What is known of that, without anything that people wrote, is in %1.")
                             .arg(status.blackBox);
    }
    if (!status.searchProblem.isEmpty())
        sentences << status.searchProblem;
    else if (status.indexing > 0)
        sentences << counted(status.indexing, SentencesTexts::tr("%1 post is not searchable yet."),
                             SentencesTexts::tr("%1 posts are not searchable yet."), locale);
    return sentences.join(QLatin1Char(' '));
}

QString kindText(v1::PostKind kind)
{
    switch (kind) {
    case v1::SECTION:
        return SentencesTexts::tr("Section");
    case v1::PAGE:
        return SentencesTexts::tr("Page");
    case v1::QUESTION:
        return SentencesTexts::tr("Question");
    case v1::ANSWER:
        return SentencesTexts::tr("Answer");
    case v1::COMMENT:
        return SentencesTexts::tr("Comment");
    case v1::PROPOSAL:
        return SentencesTexts::tr("Proposal");
    default:
        return SentencesTexts::tr("Post");
    }
}

QString roleText(v1::Role role)
{
    switch (role) {
    case v1::READER:
        return SentencesTexts::tr("Reader");
    case v1::CONTRIBUTOR:
        return SentencesTexts::tr("Contributor");
    case v1::MODERATOR:
        return SentencesTexts::tr("Moderator");
    case v1::OWNER:
        return SentencesTexts::tr("Owner");
    default:
        return SentencesTexts::tr("Not a member");
    }
}

QString titleText(v1::Title title)
{
    switch (title) {
    case v1::SPONSOR:
        return SentencesTexts::tr("Sponsor");
    case v1::LEADER:
        return SentencesTexts::tr("Leader");
    case v1::EXPERT:
        return SentencesTexts::tr("Expert");
    case v1::CHAMPION:
        return SentencesTexts::tr("Champion");
    default:
        return {};
    }
}

QString visibilityText(v1::Visibility visibility)
{
    switch (visibility) {
    case v1::OPEN:
        return SentencesTexts::tr("Open");
    case v1::RESTRICTED:
        return SentencesTexts::tr("Restricted");
    case v1::PRIVATE:
        return SentencesTexts::tr("Private");
    default:
        return {};
    }
}

QString proposalStateText(v1::ProposalState state)
{
    switch (state) {
    case v1::PROPOSAL_OPEN:
        return SentencesTexts::tr("Open");
    case v1::PROPOSAL_WAITING:
        return SentencesTexts::tr("Waits for its date");
    case v1::PROPOSAL_EFFECTIVE:
        return SentencesTexts::tr("In effect");
    case v1::PROPOSAL_DECLINED:
        return SentencesTexts::tr("Declined");
    case v1::PROPOSAL_WITHDRAWN:
        return SentencesTexts::tr("Withdrawn");
    default:
        return {};
    }
}

namespace {

QString markText(const OutboxRow& row)
{
    const bool named = !row.title.isEmpty();
    const QString title = quoted(row.title);
    switch (row.mark) {
    case v1::VOTE:
        if (row.value == 0)
            return named ? SentencesTexts::tr("Vote taken back on %1").arg(title)
                         : SentencesTexts::tr("Vote taken back");
        if (row.value < 0)
            return named ? SentencesTexts::tr("Vote against %1").arg(title) : SentencesTexts::tr("Vote against a post");
        return named ? SentencesTexts::tr("Vote for %1").arg(title) : SentencesTexts::tr("Vote for a post");
    case v1::BOOKMARK:
        if (row.value == 0)
            return named ? SentencesTexts::tr("Bookmark taken off %1").arg(title)
                         : SentencesTexts::tr("Bookmark taken off");
        return named ? SentencesTexts::tr("Bookmark of %1").arg(title) : SentencesTexts::tr("Bookmark");
    case v1::SEEN:
        return SentencesTexts::tr("What you have seen of %1")
            .arg(row.spaceName.isEmpty() ? SentencesTexts::tr("a space") : row.spaceName);
    case v1::APPROVAL:
        if (row.value == 0)
            return named ? SentencesTexts::tr("Approval taken back for %1").arg(title)
                         : SentencesTexts::tr("Approval taken back");
        if (row.value < 0)
            return named ? SentencesTexts::tr("Changes asked for in a proposal for %1").arg(title)
                         : SentencesTexts::tr("Changes asked for in a proposal");
        return named ? SentencesTexts::tr("Approval of a proposal for %1").arg(title)
                     : SentencesTexts::tr("Approval of a proposal");
    case v1::CONFIRMED:
        return named ? SentencesTexts::tr("Confirmation that you read %1").arg(title)
                     : SentencesTexts::tr("Confirmation that you read a page");
    default:
        return SentencesTexts::tr("Mark");
    }
}

} // namespace

QString changeText(const OutboxRow& row)
{
    const bool named = !row.title.isEmpty();
    const QString title = quoted(row.title);
    switch (row.act) {
    case v1::Change::kCreatePost:
        switch (row.kind) {
        case v1::QUESTION:
            return named ? SentencesTexts::tr("Question %1").arg(title) : SentencesTexts::tr("Question");
        case v1::ANSWER:
            return named ? SentencesTexts::tr("Answer to %1").arg(title) : SentencesTexts::tr("Answer");
        case v1::COMMENT:
            return named ? SentencesTexts::tr("Comment on %1").arg(title) : SentencesTexts::tr("Comment");
        case v1::PAGE:
            return named ? SentencesTexts::tr("New page %1").arg(title) : SentencesTexts::tr("New page");
        case v1::PROPOSAL:
            return named ? SentencesTexts::tr("Proposal for %1").arg(title) : SentencesTexts::tr("Proposal");
        default:
            return named ? SentencesTexts::tr("New post %1").arg(title) : SentencesTexts::tr("New post");
        }
    case v1::Change::kSetMark:
        return markText(row);
    case v1::Change::kEdit: {
        const bool space = row.kind == v1::POST_NONE && !row.spaceName.isEmpty();
        if (space)
            return SentencesTexts::tr("Change to the charter of %1").arg(row.spaceName);
        if (row.kind == v1::PROPOSAL && named)
            return SentencesTexts::tr("Change to a proposal for %1").arg(title);
        return named ? SentencesTexts::tr("Change to %1").arg(title) : SentencesTexts::tr("Change");
    }
    case v1::Change::kEditText:
        if (row.isDraft && named)
            return SentencesTexts::tr("What you wrote in %1").arg(title);
        if (row.isDraft)
            return SentencesTexts::tr("What you wrote in a text");
        if (!named)
            return SentencesTexts::tr("Change to a text");
        if (row.kind == v1::ANSWER)
            return SentencesTexts::tr("Change to an answer to %1").arg(title);
        if (row.kind == v1::PROPOSAL)
            return SentencesTexts::tr("Change to the text of a proposal for %1").arg(title);
        return row.kind == v1::COMMENT ? SentencesTexts::tr("Change to a comment on %1").arg(title)
                                       : SentencesTexts::tr("Change to the text of %1").arg(title);
    case v1::Change::kDelete:
        return named ? SentencesTexts::tr("Deletion of %1").arg(title) : SentencesTexts::tr("Deletion");
    case v1::Change::kSetMembership:
        return row.spaceName.isEmpty() ? SentencesTexts::tr("Change of a membership")
                                       : SentencesTexts::tr("Membership in %1").arg(row.spaceName);
    case v1::Change::kCreateSpace:
        return row.spaceName.isEmpty() ? SentencesTexts::tr("New space")
                                       : SentencesTexts::tr("New space %1").arg(row.spaceName);
    case v1::Change::kCreatePerson:
        return SentencesTexts::tr("New person");
    default:
        return SentencesTexts::tr("Change");
    }
}

QString stateText(const OutboxRow& row)
{
    if (row.isDraft)
        return SentencesTexts::tr("Kept here");
    switch (row.state) {
    case ChangeState::Waiting:
        return SentencesTexts::tr("Waiting");
    case ChangeState::Sent:
        return SentencesTexts::tr("Sent");
    case ChangeState::Accepted:
        return SentencesTexts::tr("Accepted");
    case ChangeState::Refused:
        return SentencesTexts::tr("Refused");
    case ChangeState::Blocked:
        return SentencesTexts::tr("Waits for another change");
    }
    return {};
}

QString stateSentence(const OutboxRow& row)
{
    if (row.isDraft)
        return row.refusal.code == v1::CODE_NONE ? SentencesTexts::tr("It was not stored, and is kept here.")
                                                 : refusalSentence(row.refusal);
    switch (row.state) {
    case ChangeState::Waiting:
        return SentencesTexts::tr("Waiting: it will be sent as soon as the server can be reached.");
    case ChangeState::Sent:
        return SentencesTexts::tr("Sent: the server has not answered yet.");
    case ChangeState::Accepted:
        return SentencesTexts::tr("Accepted: the server has it.");
    case ChangeState::Refused:
        return SentencesTexts::tr("Refused: %1").arg(refusalSentence(row.refusal));
    case ChangeState::Blocked:
        return SentencesTexts::tr("It waits for a change before it that was refused.");
    }
    return {};
}

QString linkErrorText(LinkError error)
{
    switch (error) {
    case LinkError::None:
        return {};
    case LinkError::NotStoa:
        return SentencesTexts::tr("This is not a link of Stoa: those begin with stoa://.");
    case LinkError::TooLong:
        return SentencesTexts::tr("This link is too long to be one of Stoa's.");
    case LinkError::Address:
        return SentencesTexts::tr("The address of the server should look like stoa.example.org:7443.");
    case LinkError::Path:
        return SentencesTexts::tr("This link leads neither to an invitation nor to a post.");
    case LinkError::Encoding:
        return SentencesTexts::tr("This link is damaged. Copy it once more, from its beginning to its end.");
    case LinkError::Missing:
        return SentencesTexts::tr("A part of this invitation is missing. Copy the whole link once more.");
    case LinkError::Code:
        return SentencesTexts::tr("The code in this invitation is damaged. Copy the whole link once more.");
    case LinkError::Pin:
        return SentencesTexts::tr("The server's key in this invitation is damaged. Copy the whole link once more.");
    case LinkError::Post:
        return SentencesTexts::tr("The post in this link cannot be read. Copy the whole link once more.");
    }
    return {};
}

} // namespace stoa
