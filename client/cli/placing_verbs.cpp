// Deleting and moving.

#include <QJsonObject>

#include "client/cli/storing.h"
#include "client/commands/placing.h"
#include "client/commands/sentences.h"

namespace stoa::cli {

namespace {

PostRow pageOf(const Reading& reading, const QString& typed)
{
    const PostRow row = postOf(reading, typed);
    if (row.kind != v1::PAGE && row.kind != v1::SECTION)
        throw Stop{QStringLiteral("%1 is no page.").arg(typed)};
    return row;
}

} // namespace

int remove(const Place& place, const QString& typed, bool all)
{
    PostRow row;
    Removal found;
    {
        const Reading reading(replicaFile(place));
        row = postOf(reading, typed);
        found = removal(reading, penOf(place, reading), row);
    }
    if (found.barrier != Removal::Barrier::None)
        throw Stop{removalText(found, row)};
    if (found.below > 0 && !all)
        throw Stop{QStringLiteral("What lies below it (%1) is deleted only with --all.").arg(found.below)};
    for (const v1::Change& change : std::as_const(found.changes))
        submitOrStop(place, change);
    return sayStored(place, found.changes.last());
}

int move(const Place& place, const QString& typed, const QString& under)
{
    v1::Change change;
    {
        const Reading reading(replicaFile(place));
        const PostRow page = pageOf(reading, typed);
        const PostRow above = under.isEmpty() ? PostRow() : pageOf(reading, under);
        if (!under.isEmpty() && above.space != page.space)
            throw Stop{QStringLiteral("A page moves within its space: %1 lies in another one.").arg(under)};
        if (!under.isEmpty() && isBelow(reading, above.id, page.id))
            throw Stop{QStringLiteral("A page cannot lie below itself, nor below what lies below it.")};
        if (page.parent == above.id) {
            if (place.json)
                printJson(QJsonObject{{QStringLiteral("change"), QJsonValue()},
                                      {QStringLiteral("target"), QString::fromStdString(page.id.hex())}});
            else
                print(QStringLiteral("It lies there already."));
            return 0;
        }
        if (!mayMove(reading, penOf(place, reading), page))
            throw Stop{
                QStringLiteral("Your role in this space does not allow this, or the space can only be read now.")};
        change = movePage(penOf(place, reading), *record(reading, page.id), above.id);
    }
    submitOrStop(place, change);
    return sayStored(place, change);
}

} // namespace stoa::cli
