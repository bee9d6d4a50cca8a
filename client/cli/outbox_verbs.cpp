// The outbox: what is not settled yet, and what becomes of words that were refused.

#include <QJsonArray>
#include <QJsonObject>

#include "client/cli/storing.h"
#include "client/commands/keeping.h"
#include "client/commands/sentences.h"

namespace stoa::cli {

namespace {

constexpr int outboxRowsMax = 10'000;

QStringList waysToKeep(const Keeping& kept)
{
    QStringList ways;
    if (kept.asProposal)
        ways << QStringLiteral("proposal");
    if (kept.asPage)
        ways << QStringLiteral("page");
    if (kept.asComment)
        ways << QStringLiteral("comment");
    return ways;
}

QJsonObject outboxJson(const OutboxRow& row, const std::optional<Keeping>& kept)
{
    QJsonObject json = toJson(row);
    if (kept) {
        json.insert(QStringLiteral("happened"), kept->happened);
        json.insert(QStringLiteral("keep"), QJsonArray::fromStringList(waysToKeep(*kept)));
    }
    return json;
}

void printStuck(const OutboxRow& row, const std::optional<Keeping>& kept)
{
    const QString why = kept                              ? kept->happened
                      : row.isDraft                       ? stateSentence(row)
                      : row.state == ChangeState::Blocked ? stateSentence(row)
                                                          : refusalSentence(row.refusal);
    print(row.state == ChangeState::Refused && !row.isDraft
              ? QStringLiteral("%1 was refused: %2").arg(changeText(row), why)
              : QStringLiteral("%1: %2").arg(changeText(row), why));
    if (!kept)
        return;
    const QString id = QString::fromStdString(row.change.hex());
    const QStringList ways = waysToKeep(*kept);
    print(QStringLiteral("    Read it: stoa-cli outbox --text %1").arg(id));
    if (!ways.isEmpty())
        print(QStringLiteral("    Keep it: stoa-cli keep %1 --as %2").arg(id, ways.join(QLatin1Char('|'))));
    if (!kept->asPage)
        print(QStringLiteral("    Elsewhere: stoa-cli keep %1 --as page --in SPACE").arg(id));
}

// The change that keeps it so. Throws Stop with what would be possible instead.
v1::Change keptAs(const Reading& reading, const Pen& pen, Keeping kept, const Keep& wanted)
{
    if (!wanted.title.trimmed().isEmpty()) {
        kept.title = wanted.title;
        kept.body = kept.text;
    }
    std::optional<v1::Change> made;
    if (wanted.as == QLatin1String("page") && !wanted.space.isEmpty())
        made = keepAsPage(pen, kept, findSpace(reading, wanted.space).id);
    else if (wanted.as == QLatin1String("page") && kept.asPage)
        made = keepAsPage(pen, kept, *Id::from(kept.asPage->create_post().space()));
    else if (wanted.as == QLatin1String("page"))
        throw Stop{kept.happened + QStringLiteral(" Say in which space the page is to be: --in SPACE.")};
    else if (wanted.as == QLatin1String("proposal"))
        made = kept.asProposal;
    else if (wanted.as == QLatin1String("comment"))
        made = kept.asComment;
    else
        throw Stop{QStringLiteral("It is kept as a page, a proposal or a comment."), 2};
    if (!made)
        throw Stop{kept.happened + QStringLiteral(" Kept as a %1 it cannot be here; --as page --in SPACE keeps it in a "
                                                  "space where you may write.")
                                       .arg(wanted.as)};
    if (made->create_post().kind() == v1::PROPOSAL && !wanted.reason.trimmed().isEmpty())
        made->mutable_create_post()->set_reason(wanted.reason.toStdString());
    return *made;
}

} // namespace

int showOutbox(const Place& place)
{
    const Reading reading(replicaFile(place));
    const Pen pen{profile(reading).person, systemWallClock(), systemRandom()};
    const QList<OutboxRow> rows = withTextsAsOne(outbox(reading, outboxRowsMax));
    if (place.json) {
        QJsonArray array;
        for (const OutboxRow& row : rows)
            array.append(outboxJson(row, keeping(reading, pen, row, rows)));
        printJson(array);
        return 0;
    }
    if (rows.isEmpty())
        print(QStringLiteral("The outbox is empty: everything has reached the server."));
    QList<QStringList> cells;
    for (const OutboxRow& row : rows)
        cells.append({QString::fromStdString(row.change.hex()), dateText(row.madeMs), stateText(row), changeText(row)});
    if (!cells.isEmpty())
        printTable({QStringLiteral("CHANGE"), QStringLiteral("MADE"), QStringLiteral("STATE"), QStringLiteral("WHAT")},
                   cells);
    for (const OutboxRow& row : rows)
        if (row.state == ChangeState::Refused || row.state == ChangeState::Blocked)
            printStuck(row, keeping(reading, pen, row, rows));
    return 0;
}

int showOutboxText(const Place& place, const QString& change)
{
    const Reading reading(replicaFile(place));
    const OutboxRow row = changeOf(reading, change);
    const Pen pen{profile(reading).person, systemWallClock(), systemRandom()};
    const auto kept = keeping(reading, pen, row, outbox(reading, outboxRowsMax));
    const QString text = kept ? kept->text : row.text;
    if (place.json)
        printJson(QJsonObject{{QStringLiteral("change"), QString::fromStdString(row.change.hex())},
                              {QStringLiteral("text"), text}});
    else
        print(text);
    return 0;
}

int keep(const Place& place, const Keep& wanted)
{
    Keeping kept;
    v1::Change made;
    {
        const Reading reading(replicaFile(place));
        const OutboxRow row = changeOf(reading, wanted.change);
        const Pen pen = penOf(place, reading);
        const auto found = keeping(reading, pen, row, outbox(reading, outboxRowsMax));
        if (!found)
            throw Stop{row.state == ChangeState::Refused || row.state == ChangeState::Blocked
                           ? QStringLiteral("There is no text in this change that could be kept.")
                           : QStringLiteral("Only what was refused is kept as something else.")};
        kept = *found;
        made = keptAs(reading, pen, kept, wanted);
    }
    // Only what is stored elsewhere is let go of.
    submitOrStop(place, made);
    const int code = sayStored(place, made);
    for (const Id& change : std::as_const(kept.settles))
        if (const Refusal refusal = settle(place, change, Settling::Discard); refusal.code != v1::CODE_NONE)
            std::fprintf(stderr, "Left in the outbox: %s. %s\n", qUtf8Printable(shortId(change)),
                         qUtf8Printable(refusalSentence(refusal)));
    return code;
}

} // namespace stoa::cli
