#pragma once

// A feed is the unit of replication and of permission. Its key is 17 bytes: one for the kind, 16 for
// the id of what it belongs to. Keys are values; both sides intern them as integers.

#include <optional>
#include <string>

#include "shared/base/ids.h"
#include "shared/base/result.h"

namespace stoa {

enum class FeedKind : uint8_t {
    Directory = 'd', // of an organisation: people, the organisation itself. Everyone follows it
    Space = 's',     // of a space: the space, its memberships, posts, votes. Whoever may read the space
    Staff = 't',     // of a space: for its moderators and owners
    Person = 'p',    // of a person: bookmarks, what was seen. That person only
};

struct Feed {
    FeedKind kind = FeedKind::Directory;
    Id owner;

    std::string key() const;
    static std::optional<Feed> from(std::string_view key);

    friend auto operator<=>(const Feed&, const Feed&) = default;
};

// The ids that follow from others: reserved ones, which no creation may take. A mark's id begins with its target's
// time, a membership's with its person's, so that ids stay in time order.
Id markId(const Id& target, const Id& person, v1::MarkKind kind);
Id membershipId(const Id& space, const Id& person);

} // namespace stoa
