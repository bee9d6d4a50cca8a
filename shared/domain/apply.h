#pragma once

// The rules: what a change makes of a record, as a pure function. The client calls it to show the
// effect at once, the server to make it true (docs/architecture.md, rule 2). Nothing here keeps state, reads a clock
// or knows where records are stored.

#include <functional>
#include <memory>
#include <vector>

#include "shared/domain/feed.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

// A record and the feed that it lives in.
struct Located {
    Feed feed;
    std::shared_ptr<const v1::Record> record;
};

// Reads records as they are before the change, tombstones included; null where there is none.
// Server: within the writing transaction. Client: the visible rows.
class Reader {
public:
    virtual ~Reader() = default;
    virtual std::optional<Located> find(const Id& id) const = 0;
    // For logins, which must be unique. A client may not know and says no.
    virtual bool loginExists(std::string_view login) const = 0;
};

// Who acts, and when.
struct Actor {
    Id person;           // null for the server itself at init
    bool server = false; // the admin at the server's own console: passes every check of roles
    bool import = false; // an import that the server granted: origins are believed
};

struct Context {
    Actor actor;
    int64_t timeMs = 0; // when the change was made, as the server reckons it (docs/architecture.md, rule 7)
    Id directory;       // the organisation's id: owner of the directory
};

// The new version, without number and seal. `feed` says where it goes.
struct Applied {
    Feed feed;
    v1::Record record;
};

// A change that may be made and what it makes: one record, and on the server further ones. An accepted
// change may also make nothing new (a vote that stood already): then `versions` is empty.
struct Outcome {
    std::vector<Applied> versions;
};

// Checks shape, limits, rights and state, in this order, then applies. Refusals read NOT_FOUND exactly
// when the person may not read the target (docs/architecture.md, rule 13).
Result<Outcome> apply(const v1::Change& change, const Context& context, const Reader& reader);

} // namespace stoa
