#pragma once

// What the queries share; nobody outside client/replica includes it.

#include <set>

#include "client/replica/queries.h"
#include "client/replica/visible_reader.h"

namespace stoa {

class Reading::Statements : public Connection {
public:
    using Connection::Connection;
    // A text put together at run time, under an address that stays.
    const char* keep(std::string sql) { return texts_.insert(std::move(sql)).first->c_str(); }

private:
    std::set<std::string> texts_;
};

inline QString text(const Statement& row, int column)
{
    const std::string_view raw = row.text(column);
    return QString::fromUtf8(raw.data(), qsizetype(raw.size()));
}

inline Id idAt(const Statement& row, int column)
{
    return Id::from(row.text(column)).value_or(Id{});
}

// Null before the first join.
Id signedInPerson(const Reading& reading);
std::optional<int64_t> feedRow(const Reading& reading, const Id& space);
std::vector<int64_t> spaceFeeds(const Reading& reading);
qint64 seenMs(const Reading& reading, const Id& space);
bool hasListIndexes(const Reading& reading);
// Whether everything above is there: children of what is missing or deleted are hidden.
bool isShown(const Reading& reading, int64_t parent);
// What others made or changed after a time, as (time, row): the newest of each kind, at most `limit` of each.
// Needs the list indexes.
std::vector<std::pair<int64_t, int64_t>> freshRows(const Reading& reading, int64_t feed, qint64 sinceMs, int limit);

} // namespace stoa
