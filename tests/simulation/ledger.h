#pragma once

// What the server has committed and acknowledged, kept apart from it: the truth that everything else is
// held against. And who may read and do what, said once more in plain words instead of the product's table.

#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include "server/engine/engine.h"
#include "tests/simulation/trace.h"

namespace stoa::test {

// An invariant does not hold. `name` is one of those in world.h.
struct Broken : std::runtime_error {
    Broken(std::string invariant, const std::string& sentence)
        : std::runtime_error(sentence), name(std::move(invariant))
    {
    }
    std::string name;
};

// Which feeds each person may read.
using Rights = std::map<Id, std::set<Feed>>;
Rights rightsIn(const Snapshot& snapshot);

class Ledger {
public:
    struct Accepted {
        v1::Change change;
        std::vector<std::pair<Feed, uint64_t>> effects;
        bool acknowledged = false; // a device was told
    };

    // One durable commit: `before` and `after` are the states around it.
    void committed(std::span<const Submission> submissions, const Committed& committed, const Snapshot& before,
                   const Snapshot& after, Counts& counts);
    // A receipt has reached a device.
    void acknowledged(const v1::Receipt& receipt, const std::string& bytes);
    // The server stands again, or everything is over.
    void holdAgainst(const Snapshot& snapshot);

    bool isAccepted(const Id& change) const { return accepted_.contains(change); }
    const std::map<Id, Accepted>& accepted() const { return accepted_; }
    // What lies under a number; nothing where that was never seen.
    std::optional<Digest> bytesAt(const Feed& feed, uint64_t number) const;

private:
    void note(const v1::Receipt& receipt, const v1::Change& change);
    void noteBytes(const Feed& feed, uint64_t number, std::string_view bytes);

    std::map<Id, Accepted> accepted_;
    std::map<std::pair<Feed, uint64_t>, Digest> bytes_;
    std::map<std::pair<Feed, uint64_t>, Id> madeBy_;
    std::map<Feed, uint64_t> heads_;
};

} // namespace stoa::test
