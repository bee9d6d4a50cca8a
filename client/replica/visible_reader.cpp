#include "client/replica/visible_reader.h"

namespace stoa {

std::optional<Located> VisibleReader::find(const Id& id) const
{
    // An id may lie in two feeds after a move: what lives counts.
    Statement& read = run_("SELECT f.key, r.bytes FROM records r JOIN feeds f ON f.feed = r.feed "
                           "WHERE r.id = ? AND r.bytes IS NOT NULL ORDER BY r.deleted LIMIT 1");
    read.bindBlob(id.view());
    std::optional<Located> located;
    if (read.step()) {
        const auto feed = Feed::from(read.text(0));
        auto record = std::make_shared<v1::Record>();
        const std::string_view bytes = read.text(1);
        if (feed && record->ParseFromArray(bytes.data(), int(bytes.size())))
            located = Located{*feed, std::move(record)};
    }
    read.reset();
    return located;
}

} // namespace stoa
