// What became of a body.

#include <algorithm>

#include "client/replica/reading.h"

namespace stoa {

std::optional<BodyHistory> history(const Reading& reading, const Id& post)
{
    Statement& shown = reading.statements()(
        "SELECT 1 FROM histories WHERE post = ? AND EXISTS(SELECT 1 FROM records WHERE id = post AND deleted = 0 AND "
        "bytes IS NOT NULL)");
    const bool there = shown.bindBlob(post.view()).step();
    shown.reset();
    if (!there)
        return std::nullopt;
    BodyHistory history;
    Statement& read =
        reading.statements()("SELECT bytes FROM revisions WHERE post = ? ORDER BY revision DESC").bindBlob(post.view());
    while (!history.whole && read.step()) {
        const std::string_view bytes = read.text(0);
        v1::Revision revision;
        if (!revision.ParseFromArray(bytes.data(), int(bytes.size())))
            break;
        // A page is still on its way.
        if (!history.revisions.empty() && history.revisions.back().after() != revision.version().revision())
            break;
        history.whole = revision.after() == revision.version().revision();
        history.revisions.push_back(std::move(revision));
    }
    read.reset();
    std::reverse(history.revisions.begin(), history.revisions.end());
    return history;
}

std::optional<quint64> readRevision(const Reading& reading, const Id& post)
{
    Statement& read = reading.statements()("SELECT revision FROM readings WHERE post = ?").bindBlob(post.view());
    const auto revision = read.step() ? std::optional(quint64(read.number(0))) : std::nullopt;
    read.reset();
    return revision;
}

} // namespace stoa
