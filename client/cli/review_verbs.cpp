// Proposals, review and required reading.

#include <QDate>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonObject>

#include "client/cli/storing.h"
#include "client/commands/sentences.h"
#include "client/replica/queries_review.h"
#include "shared/base/limits.h"

namespace stoa::cli {

namespace {

constexpr int listedMax = 1'000;

v1::Record recordOf(const Reading& reading, const QString& typed, v1::PostKind kind)
{
    const PostRow row = postOf(reading, typed);
    const auto found = row.kind == kind ? record(reading, row.id) : std::nullopt;
    if (!found)
        throw Stop{kind == v1::PAGE ? QStringLiteral("%1 is no page.").arg(typed)
                                    : QStringLiteral("%1 is no proposal.").arg(typed)};
    return *found;
}

// Midnight of that day here, which is still to come or today.
qint64 dateMsOf(const QString& typed, qint64 nowMs)
{
    if (typed.isEmpty())
        return 0;
    const QDate date = QDate::fromString(typed, Qt::ISODate);
    if (!date.isValid())
        throw Stop{QStringLiteral("A date looks like 2027-06-30."), 2};
    if (date < QDateTime::fromMSecsSinceEpoch(nowMs).date())
        throw Stop{QStringLiteral("%1 has passed. Without --on a proposal takes effect as soon as it is approved.")
                       .arg(date.toString(Qt::ISODate)),
                   2};
    return date.startOfDay().toMSecsSinceEpoch();
}

QString nameOrId(const PersonRow& row)
{
    return row.name.isEmpty() ? shortId(row.id) : row.name;
}

// Who approved, who asks for changes and who is waited for, in a line.
QString standingText(const ProposalRow& row)
{
    QStringList parts;
    for (const Approval& each : row.approvals)
        if (each.counts)
            parts << (each.approves ? QStringLiteral("approved by %1") : QStringLiteral("%1 asks for changes"))
                         .arg(each.name);
    QStringList names;
    for (const PersonRow& each : row.outstanding)
        names << nameOrId(each);
    const bool open = row.state == v1::PROPOSAL_OPEN;
    if (row.isTooOld)
        parts << QStringLiteral("closed: made of a text of the page that cannot be worked out any more");
    else if (open && row.isContested)
        parts << QStringLiteral("two versions stand in it");
    else if (open && !row.isCurrent)
        parts << QStringLiteral("made over another text of the page");
    else if (open && !names.isEmpty())
        parts << QStringLiteral("waits for %1").arg(names.join(QStringLiteral(", ")));
    else if (open && row.anyModerator && parts.isEmpty())
        parts << QStringLiteral("waits for a moderator");
    return parts.join(QStringLiteral("; "));
}

QJsonObject toJson(const ProposalRow& row)
{
    QJsonObject json = cli::toJson(row.row);
    json.insert(QStringLiteral("page"), QString::fromStdString(row.row.parent.hex()));
    json.insert(QStringLiteral("reason"), row.reason);
    json.insert(QStringLiteral("state"), proposalStateText(row.state));
    json.insert(QStringLiteral("effective_ms"), row.effectiveMs);
    json.insert(QStringLiteral("complete"), row.isComplete);
    json.insert(QStringLiteral("standing"), standingText(row));
    return json;
}

int printProposals(const Place& place, const QList<ProposalRow>& found)
{
    if (place.json) {
        QJsonArray array;
        for (const ProposalRow& row : found)
            array.append(toJson(row));
        printJson(array);
        return 0;
    }
    if (found.isEmpty()) {
        print(QStringLiteral("There are no proposals."));
        return 0;
    }
    QList<QStringList> rows;
    for (const ProposalRow& row : found)
        rows.append({shortId(row.row.id), proposalStateText(row.state),
                     row.effectiveMs > 0 ? dateText(row.effectiveMs) : QString(), row.row.authorName, row.row.title,
                     row.reason, standingText(row)});
    printTable({QStringLiteral("Id"), QStringLiteral("State"), QStringLiteral("From"), QStringLiteral("Who"),
                QStringLiteral("Page"), QStringLiteral("Why"), QStringLiteral("Standing")},
               rows);
    return 0;
}

} // namespace

int propose(const Place& place, const QString& page, const QString& draft, const QString& reason, const QString& date)
{
    const qint64 effectiveMs = dateMsOf(date, QDateTime::currentMSecsSinceEpoch());
    if (draft.trimmed().isEmpty())
        throw Stop{QStringLiteral("The draft is empty. Give the whole text that the page should have."), 2};
    return store(place, [&](const Reading& reading, const Pen& pen) {
        return stoa::propose(pen, recordOf(reading, page, v1::PAGE), draft.toStdString(), reason, effectiveMs);
    });
}

int listProposals(const Place& place, const QString& page)
{
    const Reading reading(replicaFile(place));
    if (!page.isEmpty())
        return printProposals(place,
                              proposalsOf(reading, *Id::from(recordOf(reading, page, v1::PAGE).id()), listedMax));
    return printProposals(place, proposalsAwaitingMe(reading, listedMax) + myProposals(reading, listedMax));
}

int judge(const Place& place, const QString& proposal, Judgement judgement)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        const v1::Record found = recordOf(reading, proposal, v1::PROPOSAL);
        switch (judgement) {
        case Judgement::Approve:
            return approve(pen, found);
        case Judgement::AskForChanges:
            return askForChanges(pen, found);
        case Judgement::TakeBack:
            return takeBackApproval(pen, *Id::from(found.id()));
        case Judgement::Decline:
            return decline(pen, found);
        case Judgement::Withdraw:
            return withdraw(pen, found);
        case Judgement::Reopen:
            break;
        }
        return reopen(pen, found);
    });
}

int review(const Place& place, const QString& pageOrSpace, const QString& word,
           const std::optional<QStringList>& reviewers)
{
    const std::map<QString, v1::Review> words{{QStringLiteral("on"), v1::REVIEW_ASKED},
                                              {QStringLiteral("off"), v1::REVIEW_NOT_ASKED},
                                              {QStringLiteral("as-space"), v1::REVIEW_AS_SPACE}};
    const auto wanted = words.find(word);
    if (wanted == words.end())
        throw Stop{QStringLiteral("Say on, off or as-space."), 2};
    return store(place, [&](const Reading& reading, const Pen& pen) {
        std::optional<v1::Record> found;
        try {
            found = record(reading, findSpace(reading, pageOrSpace).id);
        } catch (const Stop&) {
            found = recordOf(reading, pageOrSpace, v1::PAGE);
        }
        v1::Change change = setReview(pen, *found, wanted->second);
        if (!reviewers)
            return change;
        QList<Id> people;
        for (const QString& login : *reviewers) {
            Id named;
            for (const PersonRow& row : findPeople(reading, login, listedMax))
                if (row.login == login)
                    named = row.id;
            if (named.isNull())
                throw Stop{QStringLiteral("Nobody has the login %1.").arg(login)};
            people.append(named);
        }
        change.mutable_edit()->MergeFrom(setReviewers(pen, *found, people).edit());
        return change;
    });
}

int require(const Place& place, const QString& page, bool required)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        return setRequired(pen, recordOf(reading, page, v1::PAGE), required);
    });
}

int confirm(const Place& place, const QString& page)
{
    return store(place, [&](const Reading& reading, const Pen& pen) {
        return confirmRead(pen, recordOf(reading, page, v1::PAGE));
    });
}

int listToConfirm(const Place& place)
{
    const Reading reading(replicaFile(place));
    const QList<ToConfirm> found = toConfirm(reading, listedMax);
    if (place.json) {
        QJsonArray array;
        for (const ToConfirm& row : found) {
            QJsonObject json = cli::toJson(row.page);
            json.insert(QStringLiteral("confirmed_before"), row.confirmed.has_value());
            array.append(json);
        }
        printJson(array);
        return 0;
    }
    if (found.isEmpty())
        print(QStringLiteral("There is nothing that you are to confirm."));
    QList<QStringList> rows;
    for (const ToConfirm& row : found)
        rows.append({shortId(row.page.id),
                     row.confirmed ? QStringLiteral("changed since") : QStringLiteral("never confirmed"),
                     row.page.title});
    if (!rows.isEmpty())
        printTable({QStringLiteral("Id"), QStringLiteral("Why"), QStringLiteral("Page")}, rows);
    return 0;
}

} // namespace stoa::cli
