#pragma once

// What the server has committed and acknowledged, kept apart from it: the truth that everything else is
// held against.

#include <map>
#include <memory>
#include <set>
#include <stdexcept>

#include "server/engine/engine.h"
#include "tests/simulation/rules.h"
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

using RecordKey = std::pair<Feed, Id>;

// To which state the server went back, and whether it knows.
struct Restored {
    uint64_t mark = 0;
    bool noticed = false;
};

class Ledger {
public:
    struct Accepted {
        v1::Change change;
        std::vector<std::pair<Feed, uint64_t>> effects;
        uint64_t commit = 0;
        bool acknowledged = false; // a device was told
    };

    // One durable commit: `before` and `after` are the states around it.
    void committed(std::span<const Submission> submissions, const Committed& committed, const Snapshot& before,
                   const Snapshot& after, Counts& counts);
    // A receipt has reached a device.
    void acknowledged(const v1::Receipt& receipt, const std::string& bytes);
    // The server stands again, or everything is over.
    void holdAgainst(const Snapshot& snapshot);

    // For restored(), later: how far everything is.
    uint64_t mark() const { return commits_; }
    // The server is again as it was at the mark. What came later is lost, and owed to it by whoever holds it.
    void restored(const Restored& how, const Snapshot& snapshot);
    // One message of what a device handed back, answered.
    void handedBack(const Id& person, const v1::HandBack& versions, const HandedBack& done, const Snapshot& before,
                    const Snapshot& after);
    bool hasGoneUnnoticed() const { return unnoticed_; }
    // Whether an earlier life of the server had these bytes there.
    bool wasLost(const Feed& feed, uint64_t number, const Digest& bytes) const;
    // Whether they should come back: they are not what the server has there now.
    bool isOwed(const Feed& feed, uint64_t number, const Digest& bytes) const;
    bool wasLost(const Id& change) const { return lostChanges_.contains(change); }
    // The newest version of the record that was handed back in this life.
    uint64_t answered(const RecordKey& record) const;

    // From now on there may be nothing any more of what only this person had.
    void erasing(const Id& person) { erasing_.insert(person); }
    bool isErasing(const Id& person) const { return erasing_.contains(person); }
    void erased(const Committed& committed);
    // The records of posts whose text changes were accepted before.
    void published(const Committed& committed, const Snapshot& before);
    // All that they were ever called, and said about themselves, if it is long enough to be told apart.
    std::vector<std::string> namesOf(const Id& person) const;

    bool isAccepted(const Id& change) const { return accepted_.contains(change); }
    const std::map<Id, Accepted>& accepted() const { return accepted_; }
    // What lies under a number; nothing where that was never seen.
    std::optional<Digest> bytesAt(const Feed& feed, uint64_t number) const;

private:
    uint64_t bothHaveUpTo(const Feed& feed) const;
    struct HandedNumber {
        uint64_t number = 0;
        uint64_t commit = 0;
    };

    void note(const v1::Receipt& receipt, const v1::Change& change);
    void noteMade(const Committed& committed);
    void noteNames(const v1::Change& change);
    void noteBytes(const Feed& feed, uint64_t number, std::string_view bytes);
    bool isKnown(const Feed& feed, uint64_t number, const Digest& bytes) const;

    std::map<Id, Accepted> accepted_;
    std::map<std::pair<Feed, uint64_t>, Digest> bytes_;
    std::map<std::pair<Feed, uint64_t>, Id> madeBy_;
    std::map<Feed, uint64_t> heads_;
    uint64_t commits_ = 0;
    std::map<Id, std::set<std::string>> names_;
    std::set<Id> erasing_;
    // Of what restores took.
    std::multimap<std::pair<Feed, uint64_t>, Digest> lost_;
    std::set<Id> lostChanges_;
    std::map<Feed, uint64_t> inherited_;
    std::map<RecordKey, std::vector<HandedNumber>> handed_; // that the server knows of, the newest last
    std::map<RecordKey, uint64_t> answered_;
    bool unnoticed_ = false;
    bool wentBack_ = false;           // without a word, once: numbers may have been given again
    std::map<Feed, uint64_t> backTo_; // then
    uint32_t backToEpoch_ = 0;
};

} // namespace stoa::test
