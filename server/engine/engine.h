#pragma once

// The only writer: may, apply, number, seal, commit. Changes of many sessions share one durable
// transaction. Owned by the server, used on the writer's thread alone. A failing store throws
// StorageError: then nothing of the group was stored.

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "server/store/store.h"
#include "shared/base/clock.h"
#include "stoa/v1/wire.pb.h"

using EVP_MAC_CTX = struct evp_mac_ctx_st;

namespace stoa {

// What one sender hands in at once, in their order.
struct Submission {
    Actor actor;
    std::vector<v1::PushedChange> changes;
    Id device; // that they come from; null where they come from none
};

// What became new in one feed by one commit, about a batch of it: numbers (after, upto]. The last piece reaches
// the head; its `state` is the feed's at the commit.
struct News {
    uint64_t after = 0;
    uint64_t upto = 0;
    bool last = false;
    FeedState state;
    std::vector<StoredVersion> versions; // by number
};

// What became new of one body by one commit, about a batch of it: each revision is a change of the body after the one
// before it, the first of the one with the number `after`. Not always told of: where a body came back after a restore
// the next one does not follow on.
struct TextNews {
    Id post;
    uint64_t after = 0;
    std::vector<v1::Revision> revisions;
    bool gone = false; // the post was deleted, and its revisions with it: nothing follows
};

struct Committed {
    std::vector<v1::Receipts> receipts; // one for each submission, in their order
    std::vector<std::shared_ptr<const News>> news;
    std::vector<std::shared_ptr<const TextNews>> texts; // to be told of ahead of the news
    bool rightsAltered = false;                         // some people may from now on read more, or less
};

// What a device handed back to a server that lacks it, and what became of it.
struct HandedBack {
    v1::HandedBack answer;
    Committed committed;
    bool forged = false;   // one of the seals is not this server's: nothing was taken
    bool parted = false;   // others have their numbers here: the data went back without a word
    bool newEpoch = false; // so they do in this epoch, or they were above the head: a new one began
};

// What must outlive the database, so that a restored backup hears of it again. Called within the transaction of what
// it tells of, and durable when it returns; a throw undoes that transaction. Where the commit fails afterwards, the
// journal tells of what was only asked for: no more than that takes place at a restore.
class Journal {
public:
    virtual ~Journal() = default;
    virtual void rightsTaken(const v1::Record& personOrMembership) = 0; // as it is from now on
    virtual void deviceRevoked(const Id& device) = 0;
    virtual void personErased(const Id& person) = 0;
    virtual void epochBegun(uint32_t epoch) = 0;
    // The last of all; 0 where none is told of. The database may have gone back behind it.
    virtual uint32_t lastEpoch() const = 0;
};

class Engine {
public:
    // The journal, where there is one, must outlive this.
    Engine(Store& store, std::string_view sealKey, WallClock clock, Journal* journal = nullptr);

    Committed submit(std::span<const Submission> submissions);

    // Gives numbers to records whose bodies text changes altered, where it is time (docs/decisions/0008), and lets
    // proposals take effect whose date has come (0011); no more of them than one turn may take. To be called when
    // `nextPublicationMs` is reached, by the clock of this engine.
    Committed publishTexts();
    std::optional<int64_t> nextPublicationMs() const { return nextPublicationMs_; }

    // Versions that a replica still has and this server lost (docs/architecture.md, rule 11). Whoever may read
    // a feed may hand back to it; the seals say that it was once ours.
    HandedBack handBack(const Id& person, const v1::HandBack& handedBack);

    // The device's token goes.
    void revokeDevice(const Id& device);

    // Who they were is gone for good, here and from every replica, also where they are not known yet: nothing that
    // is handed back later brings them again. What they wrote stays, by nobody.
    Committed erasePerson(const Id& person);

    // Numbers are of this epoch from now on.
    void beginEpoch(uint32_t epoch);

    // The first change of all: makes the organisation.
    Result<Id> createOrganisation(const std::string& name, const Random& random);

    // 16 bytes by which the server knows a version as its own, made at that time: what it makes once more, under the
    // same number after its data went back, has another one. From any thread.
    std::string seal(const Feed& feed, uint64_t number, const Id& id, std::string_view bytes, int64_t madeMs) const;
    bool isSeal(std::string_view seal, const Feed& feed, uint64_t number, const Id& id, std::string_view bytes) const;

    Id organisation() const { return organisation_; }
    uint32_t epoch() const { return epoch_; }

private:
    struct FreeMac {
        void operator()(EVP_MAC_CTX* mac) const;
    };

    // A body that a page had once.
    struct Past {
        Id page;
        v1::TextVersion version;
        std::optional<std::string> body; // nothing where it cannot be worked out
    };

    // What one transaction does, until it is durable.
    struct Work {
        Transaction& store;
        uint32_t epoch = 1;
        Committed committed;
        std::map<Feed, News> news;
        std::map<Id, std::vector<v1::Revision>> texts; // of a post that was deleted: none
        bool published = false;                        // records with what text changes made
        std::optional<int64_t> publicationMs;          // when the first of those that are not is due
        std::set<Id> unsettled;                        // proposals to look at
        std::map<Id, v1::Record> pagesBefore;          // of open proposals, as they were before this transaction
        std::optional<Past> past;                      // that was asked for last
        size_t settled = 0;                            // proposals that were looked at
        size_t settledBytes = 0;                       // that were read and given out for them
        bool handedBack = false;                       // more of the same may still come from others
    };

    Work work(Transaction& store) const;
    // Tells what the work came to and makes it durable.
    Committed commit(Work& work);
    void acceptAll(Work& work, std::span<const Submission> submissions);
    v1::Receipt accept(Work& work, const Submission& from, const v1::PushedChange& pushed);
    Result<v1::Receipt> acceptOther(Work& work, const v1::Change& change, const Context& context);
    // Numbers, seals and stores one version; gives its number.
    uint64_t put(Work& work, const Applied& version);
    bool take(Work& work, HandedVersion handed, const v1::Record& record);

    // text_changes.cpp
    Result<v1::Receipt> acceptText(Work& work, const v1::Change& change, const Context& context, const Id& device);
    // A post with the revisions that its record lacks.
    Located presentOf(const Transaction& store, Located post) const;
    // Whether a body of that version is the present one, or one that it was made of.
    bool knowsBody(const Transaction& store, const v1::Record& present, const v1::TextVersion& version) const;
    v1::TextVersion nextVersion(const Work& work, const v1::Record& present, const v1::Revision& revision) const;
    // A revision of the present body; with the first one that body is kept, too: no other change tells what it was.
    void keep(Work& work, const v1::Record& present, const v1::Revision& revision) const;
    // Whatever else altered a body is a revision as well.
    void addDifference(Work& work, const v1::Record& before, v1::Record& after, bool byImport);
    void publish(Work& work, Applied version);
    void noteDue(Work& work, const Publication& publication) const;
    // After a version of a post was put that others made.
    void noteLacking(Work& work, const Id& post) const;

    // proposals.cpp
    // After a version was put, or before that one of a page is.
    void noteProposals(Work& work, const v1::Record& record) const;
    void notePage(Work& work, const v1::Record& next) const;
    // Moves proposals with their pages and lets those take effect that are approved; no more of them than one commit
    // may take, the others soon.
    void settleProposals(Work& work);
    void settleDue(Work& work);
    void settle(Work& work, const Id& proposal);
    // False where the draft stays as it is.
    bool moveProposal(Work& work, const Located& draft, const Located& page);
    // Whether that body was one of the page's, and there are revisions that made it.
    bool hasPast(const Transaction& store, const v1::Record& page, const v1::TextVersion& version) const;
    // Nothing where it is not known, or cannot be worked out: beyond a gap, or of too many revisions.
    std::optional<std::string> bodyAt(Work& work, const v1::Record& page, const v1::TextVersion& version) const;
    std::optional<std::string> workedOut(Work& work, const Id& page, uint64_t revision) const;
    void turnProposal(Work& work, const Located& draft, v1::ProposalState state, const std::vector<Id>& approvers);
    void closeProposal(Work& work, const Located& draft);
    // Another reason or date by its author is another draft: it is approved with its text.
    void addRewording(Work& work, const v1::Record& before, v1::Record& after, int64_t timeMs) const;
    void takeEffect(Work& work, const Located& draft, const Located& page, const std::vector<Id>& approvers);

    std::string sealWith(std::string_view moment, const Feed& feed, uint64_t number, const Id& id,
                         std::string_view bytes) const;
    std::string mac(std::string_view text) const;

    Store& store_;
    std::unique_ptr<EVP_MAC_CTX, FreeMac> mac_; // knows the key
    WallClock clock_;
    Journal* journal_;
    Id organisation_;
    uint32_t epoch_ = 1;
    std::optional<int64_t> nextPublicationMs_; // nothing is due before
    int64_t publicationNotedMs_ = 0;           // by a clock that said this
};

} // namespace stoa
