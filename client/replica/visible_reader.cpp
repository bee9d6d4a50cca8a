#include "client/replica/visible_reader.h"

namespace stoa {

std::optional<Located> locatedOf(const Statement& row)
{
    const auto feed = Feed::from(row.text(0));
    auto record = std::make_shared<v1::Record>();
    const std::string_view bytes = row.text(1);
    if (!feed || !record->ParseFromArray(bytes.data(), int(bytes.size())))
        return std::nullopt;
    return Located{*feed, std::move(record)};
}

std::optional<Located> VisibleReader::find(const Id& id) const
{
    // An id may lie in two feeds after a move: what lives counts.
    // (An ORDER BY with LIMIT would build a table for each question.)
    Statement& read = run_("SELECT f.key, r.bytes, r.deleted FROM records r JOIN feeds f ON f.feed = r.feed "
                           "WHERE r.id = ? AND r.bytes IS NOT NULL");
    read.bindBlob(id.view());
    std::optional<Located> located;
    bool lives = false;
    while (!lives && read.step()) {
        lives = read.number(2) == 0;
        if (located && !lives)
            continue;
        if (auto found = locatedOf(read))
            located = std::move(found);
    }
    read.reset();
    return located;
}

} // namespace stoa
