#pragma once

// The server's storage, as narrow as it can be: records by id and by number, feeds, accepted changes,
// revisions of bodies, and what signing in needs (accounts.h). Exactly one Transaction at a time, on the writer's
// thread; any number of Snapshots, each used by one thread. Failing storage throws StorageError, and what the
// transaction did until then is undone.

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/store/accounts.h"
#include "shared/domain/apply.h"

namespace stoa {

struct StorageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct FeedState {
    Feed feed;
    uint64_t head = 0;
    Digest digest;
    uint64_t records = 0;         // living
    uint64_t oldestTombstone = 0; // 0: all were kept
    uint64_t inherited = 0;       // the lowest head with which a later epoch began; 0 where none did
};

struct StoredVersion {
    uint64_t number = 0;
    Id id;
    bool deleted = false;
    std::string seal;
    std::string bytes;
};

// A change that was accepted: of whom, a hash of its bytes, and the numbers of its effects.
struct AcceptedChange {
    Id person;
    Digest hash;
    std::string effects; // a serialized v1::Receipt without the change's id
};

// A version that came back from a replica after a restore, under the number that it had before: the newest
// one of its record counts. One that waits for the admin's word keeps its bytes.
struct HandedVersion {
    Feed feed;
    Id id;
    uint64_t number = 0;
    uint64_t storedAs = 0; // its number here; 0: not taken
    Id person;             // who handed it back
    int64_t timeMs = 0;
    std::string bytes; // empty where it was taken
};

// A post that text changes came to of late: when its record took a number with all of them last, and what it lacks of
// those that were accepted since. Times by the server's clock.
struct Publication {
    Id post;
    int64_t publishedMs = 0;
    uint64_t lacks = 0;  // revisions
    int64_t firstMs = 0; // when the first and the newest of them were accepted
    int64_t lastMs = 0;
};

// A proposal that is open, below which page, and when the engine looks at it next of itself; INT64_MAX: when something
// is done to it.
struct OpenProposal {
    Id page;
    Id proposal;
    int64_t dueMs = INT64_MAX;
    Id author; // null where it is not known
};

// What lies in the database as it is, for a check that believes none of it.
struct RawFeed {
    int64_t row = 0;
    std::string key;
    uint64_t head = 0;
    std::string digest;
    uint64_t records = 0;
    uint64_t oldestTombstone = 0;
};
struct RawRevision { // valid for one call
    std::string_view post;
    uint64_t revision = 0;
    std::string_view bytes;
};
struct RawRecord { // valid for one call
    int64_t feed = 0;
    uint64_t number = 0;
    std::string_view id;
    int64_t thing = 0;
    bool deleted = false;
    std::string_view seal;
    std::string_view bytes;
};

// One consistent view between `refresh` and `rest`; a view that is kept open keeps the log from being
// reused, so let it rest.
class Snapshot : public Reader, public AccountReader {
public:
    // From now on the newest state, also where an earlier view is still open.
    virtual void refresh() = 0;
    virtual void rest() = 0;

    virtual Id organisation() const = 0;
    virtual uint32_t epoch() const = 0;
    // Drawn anew at each start of the server and kept in a file beside the database as well: where the two
    // differ, an older database was copied back.
    virtual std::string boot() const = 0;
    // What was handed back and waits for the admin.
    virtual std::vector<HandedVersion> notTaken() const = 0;
    virtual FeedState feedState(const Feed& feed) const = 0;
    virtual std::vector<FeedState> feeds() const = 0;
    // By number, ascending, from above `after`, until `bytesMax` is reached (at least one where there is
    // one). Of tombstones only those above `tombstonesAfter`.
    virtual std::vector<StoredVersion> versionsAfter(const Feed& feed, uint64_t after, uint64_t tombstonesAfter,
                                                     size_t bytesMax) const = 0;
    // All living records of one kind, by id.
    virtual std::vector<Located> all(v1::Record::ThingCase kind) const = 0;
    // All, by person and time.
    virtual std::vector<Device> devices() const = 0;
    virtual std::optional<AcceptedChange> acceptedChange(const Id& change) const = 0;
    // Of the version that was given this number, also if it was superseded lately. Empty where that is not known.
    virtual std::string sealAt(const Feed& feed, uint64_t number) const = 0;
    // As those of Transaction.
    virtual std::vector<v1::Revision> revisionsAfter(const Id& post, uint64_t after, size_t bytesMax) const = 0;
    virtual std::optional<v1::Revision> revision(const Id& post, uint64_t revision) const = 0;
    // At most `countMax` with a number up to this one, descending, until `bytesMax` is reached (at least one where
    // there is one).
    virtual std::vector<v1::Revision> revisionsUpTo(const Id& post, uint64_t upto, size_t countMax,
                                                    size_t bytesMax) const = 0;
    virtual std::vector<Publication> unpublished() const = 0;
    virtual std::vector<OpenProposal> openProposals() const = 0;
    virtual uint64_t inheritedAfter(const Feed& feed, uint32_t epoch) const = 0;
    // What SQLite says about its own file; empty where it is sound. `goOn` is called often meanwhile, and may throw.
    virtual std::vector<std::string> integrityProblems(const std::function<void()>& goOn) const = 0;
    virtual std::vector<RawFeed> rawFeeds() const = 0;
    virtual void rawRecords(const std::function<void(const RawRecord&)>& each) const = 0;
    // By post and number.
    virtual void rawRevisions(const std::function<void(const RawRevision&)>& each) const = 0;
    virtual void rawLogins(const std::function<void(std::string_view login, std::string_view person)>& each) const = 0;
};

// Made by Store::begin; undone unless committed.
class Transaction : public Reader, public AccountWriter {
public:
    virtual FeedState feedState(const Feed& feed) const = 0;
    virtual std::optional<AcceptedChange> acceptedChange(const Id& change) const = 0;
    virtual std::optional<StoredVersion> version(const Feed& feed, const Id& id) const = 0;
    virtual std::string sealAt(const Feed& feed, uint64_t number) const = 0;
    virtual void setOrganisation(const Id& organisation, uint32_t epoch) = 0;
    virtual void setBoot(std::string_view boot) = 0;
    // From now on numbers are of this epoch, and each feed's head is what the epoch inherits.
    virtual void beginEpoch(uint32_t epoch) = 0;
    // The lowest head with which an epoch after this one began: what is numbered above it in this epoch was lost.
    virtual uint64_t inheritedAfter(const Feed& feed, uint32_t epoch) const = 0;
    // No more than `upto` of this feed is what the present epoch began with: what is above may have been lost as well.
    virtual void lowerInherited(const Feed& feed, uint64_t upto) = 0;
    virtual std::optional<HandedVersion> handed(const Feed& feed, const Id& id) const = 0;
    // Replaces the one of the same record.
    virtual void putHanded(const HandedVersion& version) = 0;
    // The admin has seen it.
    virtual void dismissHanded(const Feed& feed, const Id& id) = 0;
    // Replaces the record's version in its feed, if any, and counts it in the feed's state.
    virtual void put(const Applied& version, const StoredVersion& stored) = 0;
    // What only this person knew or needed: login, password, devices, invitations, the records of their own feed, and
    // what was handed back of themselves. Overwritten in the file, not only given up.
    virtual void erase(const Id& person) = 0;
    virtual void addAcceptedChange(const Id& change, const AcceptedChange& accepted) = 0;

    // The revisions of a post's body with a higher number, ascending, until `bytesMax` is reached (at least one where
    // there is one).
    virtual std::vector<v1::Revision> revisionsAfter(const Id& post, uint64_t after, size_t bytesMax) const = 0;
    virtual std::optional<v1::Revision> revision(const Id& post, uint64_t revision) const = 0;
    // The highest number of all; 0: there is none.
    virtual uint64_t newestRevision(const Id& post) const = 0;
    virtual void addRevision(const Id& post, const v1::Revision& revision) = 0;
    // And what is known of its publication.
    virtual void dropRevisions(const Id& post) = 0;
    virtual std::optional<Publication> publication(const Id& post) const = 0;
    // Those whose record lacks revisions, by when the first of these was accepted.
    virtual std::vector<Publication> unpublished() const = 0;
    virtual void setPublication(const Publication& publication) = 0;
    // Forgets those that lack nothing and were published at `sinceMs` or before, or after `nowMs`.
    virtual void dropPublished(int64_t sinceMs, int64_t nowMs) = 0;

    // Those of a page.
    virtual std::vector<OpenProposal> openProposals(const Id& page) const = 0;
    virtual std::vector<OpenProposal> dueProposals(int64_t nowMs, size_t countMax) const = 0;
    // When the first of all is due; nothing: none is of itself.
    virtual std::optional<int64_t> nextProposalMs() const = 0;
    virtual void setOpenProposal(const OpenProposal& proposal) = 0; // replaces the one that there is
    virtual void dropOpenProposal(const Id& proposal) = 0;

    // Who has an approval on it, or asks for changes: marks themselves are found by person alone. At most
    // limits::judgesMax are told of.
    virtual std::vector<Id> judges(const Id& proposal) const = 0;
    virtual void addJudge(const Id& proposal, const Id& person) = 0;
    virtual void dropJudge(const Id& proposal, const Id& person) = 0;
    virtual void dropJudges(const Id& proposal) = 0;

    // Durable when this returns.
    virtual void commit() = 0;
};

class Store {
public:
    virtual ~Store() = default;

    virtual std::unique_ptr<Transaction> begin() = 0;
    virtual std::unique_ptr<Snapshot> snapshot() = 0;
    // Between transactions, when nothing happens: does now what a later commit would have to wait for. False where
    // it has to be called again for that: somebody still reads what is to go.
    virtual bool rest() = 0;
    // At the end: leaves one file.
    virtual void checkpoint() = 0;
};

} // namespace stoa
