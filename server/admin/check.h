#pragma once

// Holds all that a database contains against itself: the file, every record's seal and bytes, every feed's digest,
// count and head, every body's revisions, logins, references.

#include "server/admin/desk.h"
#include "server/engine/engine.h"

namespace stoa {

// `goOn` is called often, and may throw to stop it.
CheckReport checkAll(const Snapshot& snapshot, const Engine& engine,
                     const std::function<void(const std::string&)>& progress, const std::function<void()>& goOn);

} // namespace stoa
