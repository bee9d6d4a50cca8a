#pragma once

// What a body is, letter by letter, worked out from its revisions in the plainest way there is, to hold the product's
// against: of shared/text nothing is used but the reading of bytes. Letters that were deleted keep their places, so
// whatever was made over any earlier body can be put where it belongs.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/store/store.h"

namespace stoa::test {

class Letters {
public:
    // Of a post, as far back as its revisions follow on each other; nothing where they do not begin with a whole body,
    // or one of them does not fit.
    static std::optional<Letters> of(const Id& post, const Snapshot& snapshot);

    // In a row, the oldest first: the first inserts the whole body.
    const std::vector<v1::Revision>& revisions() const { return revisions_; }
    // The place of a revision in that row; nothing where that is not in it, or had another seal.
    std::optional<size_t> placeOf(const v1::TextVersion& version) const;
    std::string bodyAt(size_t place) const;
    // The body at `now` with a change of the body at `base` put into it: what it deletes is gone; what it inserts
    // stands between the letters that it was put between, before all that was accepted there since. Nothing where it
    // reaches past the end of that body.
    std::optional<std::string> with(std::string_view change, size_t base, size_t now) const;

private:
    static constexpr size_t never = SIZE_MAX;
    struct Letter {
        std::string bytes;
        size_t born = 0;     // with this revision
        size_t died = never; // with that one

        bool livesAt(size_t place) const { return born <= place && place < died; }
    };

    bool add(const v1::Revision& revision, size_t place);

    std::vector<v1::Revision> revisions_;
    std::vector<Letter> letters_;
};

// Holds one accepted text change against the letters of its post at `after`; in words what is wrong, or nothing.
std::string wronglyAccepted(const v1::Change& change, const v1::Receipt& receipt, const Snapshot& before,
                            const Snapshot& after);
// Holds a version of a record against them, and what it says of passages of which there are two versions.
std::string wrongBody(const v1::Record& record, const Snapshot& after);

} // namespace stoa::test
