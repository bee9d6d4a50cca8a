#pragma once

// Who has which post open at this moment, and where in it: kept in memory alone. What is new is gathered until it is
// asked for, so that of what one says within a moment the last counts, and what all say goes out together. A value;
// whoever owns it uses it on one thread, or locks it.

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "server/session/live.h"
#include "shared/base/ids.h"

namespace stoa {

class Readers {
public:
    struct Told {
        std::shared_ptr<const LivePresent> live;
        std::vector<uint32_t> to; // sessions, ascending
    };

    // A session's reader came, moved or left. Where `limits::presentMax` are there already, who comes is left out, and
    // may try again by saying anything.
    void say(const Id& post, const v1::Reader& reader);

    bool hasNews() const { return !altered_.empty(); }
    // What is new since this was last called: who came is told of all, the others of what changed.
    std::vector<Told> take();

private:
    struct Room {
        std::map<uint32_t, v1::Reader> readers;
        std::map<uint32_t, v1::Reader> altered;
        std::set<uint32_t> fresh;
    };

    std::map<Id, Room> rooms_;
    std::set<Id> altered_;
};

} // namespace stoa
