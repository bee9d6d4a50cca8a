#pragma once

// What becomes of two versions of one record that do not know of each other: per field the later writer wins,
// and the value that lost stays in the record's history (docs/architecture.md, rule 7).

#include <string>

#include "shared/domain/apply.h"

namespace stoa {

// Keeps a value that lost, at most limits::lostValuesMax of them and within a record's size.
void keepLost(v1::Record& record, v1::Field field, const v1::Value& value, const std::string& change,
              const std::string& author, int64_t timeMs);

// The server's version after a restore, and one that a replica handed back (rule 11). A tombstone wins over
// what lives. Both are of the same thing; false where the server's version stays as it is.
bool mergeHandedBack(v1::Record& present, const v1::Record& handed);

// Two moves that each were right where they were made may come to a circle together: then `merged` stays where it
// lies now (`present`: none where it is new, which is at the top), and the move that lost is kept. `reader` knows what
// else there is.
void keepOutOfCircle(v1::Record& merged, const v1::Record* present, const Reader& reader);

} // namespace stoa
