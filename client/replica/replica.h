#pragma once

// The device's copy of the feeds that it follows, and the only code that writes it. Three doors: submit
// (what the person wants), receive (what the server made), settle (what the server answered). Each
// alters the file within the transaction that the caller holds open; what a rolled back transaction did
// is forgotten in memory too. Sans I/O beside its file: no network, no timer, the clock comes from
// outside. Owned by the syncer's caller, used on one thread. A failing disk throws std::runtime_error
// with a sentence for the person.
//
// Rules 1, 4, 5, 9, 10 and 12 of docs/architecture.md are kept here.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/replica/moving.h"
#include "client/replica/outbox.h"
#include "client/replica/projections.h"
#include "client/replica/shown_texts.h"
#include "shared/base/clock.h"
#include "shared/domain/apply.h"
#include "stoa/v1/wire.pb.h"

namespace stoa {

// How far the replica has one feed.
struct FollowedFeed {
    int64_t row = 0;
    Feed feed;
    uint64_t cursor = 0;
    uint64_t head = 0;      // the newest that the server told
    uint64_t inherited = 0; // what the server told of the heads with which later epochs began
    // Of the rows that bear the present pass, in the server's versions; living ones count.
    Digest digest;
    uint64_t held = 0;
    uint64_t total = 0;    // that the server told
    bool complete = false; // the first read is done
    bool agreed = false;   // the digests agreed when it last stood at the head
    bool setAside = false; // the server no longer names it: read-only, kept
    int64_t pass = 1;
    bool anew = false; // being read anew: rows of older passes are not confirmed yet
    int64_t firstReadMs = 0;
    v1::Trail trail; // of what was read, by this pass or an older one
    // The server has other versions above this one, and said so in this conversation.
    std::optional<v1::Witness> matches;
    // The server has read on from where this copy stands since it was handed back: it knows of nothing that it lost.
    bool proven = true;
};

class Replica {
public:
    // Opens or makes the file. A damaged one is put aside as NAME.damaged and what the person had not
    // sent is carried over into a new one, as far as it can be read.
    Replica(std::string path, WallClock clock);
    ~Replica();

    void begin();
    Touched commit();
    void rollback();
    // Between transactions, when nothing happens: does now what a later commit would have to wait for.
    void rest();

    // ---- who and where
    std::string setting(const char* name) const;
    std::string spaceName(const Feed& feed);
    void setSetting(const char* name, std::string_view value);
    const Id& person() const { return person_; }

    // ---- feeds
    // What the server said about itself and which feeds this person may follow. Feeds it does not name
    // are set aside. False where a different person or organisation lives in this file: nothing is done.
    bool welcome(const v1::Welcome& welcome);
    void follow(const v1::FeedHead& head);
    // A positive order that names the feed: its rows go, the person's own unsent words stay.
    void forget(const Feed& feed);
    std::vector<const FollowedFeed*> feeds() const;
    const FollowedFeed* feed(const Feed& feed) const;
    // The next subscription begins at number 0.
    void readAnew(const Feed& feed);

    // ---- a server that was restored (rule 11)
    // The feeds whose copies may hold what the server lost since they were last compared.
    std::vector<Feed> owing() const;
    // Sealed versions that the server may lack, from above `after`, bounded by the limits of a push.
    std::vector<v1::Version> lostByServer(const Feed& feed, uint64_t after, const v1::Limits& limits);
    // All of them were answered: from here on the server's word counts again.
    void handedBack(const Feed& feed);
    // The server has not, or no more, what this copy has above `matches`, or a change that it accepted: it may have
    // lost all of that.
    void part(const Feed& feed, const v1::Witness& matches);
    // Changes that were accepted before the last welcome and whose versions in this feed are not read yet: of each the
    // server may have gone back behind it since. The newest last; at most limits::awaitedMax.
    std::vector<std::string> awaitedChanges(const Feed& feed);

    enum class Received {
        Stored,
        AtHead,    // and the digests agree
        Differs,   // at the head, but the digests do not agree: read anew
        Elsewhere, // the batch begins where this replica does not stand: subscribe again
        Unknown,   // a feed that is not followed, or a post whose body is not here
        Full,      // revisions of a body of which no record came for too long: the next ones come with it
        Broken,    // not what the protocol allows
    };
    Received receive(const v1::Batch& batch);

    // ---- outbox
    // Applies and stores a change. A refusal by the rules leaves nothing behind.
    Result<void> submit(const v1::Change& change, const std::string& draftPlace);
    // Withdraws what was never sent, or was refused.
    Result<void> discard(const Id& change);
    Result<void> sendAgain(const Id& change);

    struct Outgoing {
        int64_t position = 0;
        Id change;
        Id target;
        int64_t feed = 0;
        int64_t madeMs = 0;
        std::string bytes;
    };
    // In outbox order, bounded by the limits of a push: what was sent without a receipt, from above `after`;
    // what was never sent and whose feed is ready.
    std::vector<Outgoing> unreceipted(int64_t after, const v1::Limits& limits);
    std::vector<Outgoing> waiting(const v1::Limits& limits, const std::function<bool(const Feed&)>& isReady);
    // Frozen from here on: commit before the bytes leave.
    void markSent(const std::vector<Outgoing>& changes);
    void settle(const v1::Receipt& receipt);

    int waitingCount() const { return counts_.waiting + counts_.sent + counts_.accepted; }
    int acceptedCount() const { return counts_.accepted; } // of those: what they made is still to come
    // Of what is neither accepted nor refused, in the unit that people know: a post with all that was written in it is
    // one; what was voted, set or signed counts where nothing else waits, and what was seen never. In a long outbox
    // changes are counted.
    int unsentCount() const;
    int keptCount() const; // texts that could not be stored where they were written (client/replica/body_drafts.h)
    int refusedCount() const { return counts_.refused; } // without what waits for one of them
    bool hasUnsent() const { return counts_.waiting > 0; }
    bool hasUnreceipted() const { return counts_.sent > 0; }

    // Where all is empty there is none any more.
    void saveDraft(const std::string& place, const std::string& title, const std::string& text,
                   const std::string& tags);

    // For tests of a disk that is full.
    void limitPages(int pagesMax);

    // ---- histories: what became of a body, as far as somebody asked for it
    // Takes in a page of it. The next one ends before what is returned; nothing where no more is wanted.
    std::optional<uint64_t> receive(const v1::RevisionPage& page);
    // The person has read this body as it is here now.
    void noteReading(const Id& post);

    // ---- bodies that are open (live.cpp): the server's, with the revisions that their records lack
    // Nothing where no body of the server's is here.
    std::optional<v1::TextVersion> bodyVersion(const Id& post);
    // Takes in what follows on the body that is here, and passes over what that has already. What was read is shown
    // with the commit.
    Received receive(const v1::Revisions& told);
    // The server does not know that body: back to the record's.
    void giveUpRevisions(const Id& post);
    // Places in that body as places in the text that shows, with all that is pending, and the other way round. In code
    // points; what lies beyond the end comes to lie at the end.
    std::vector<uint64_t> shownPlaces(const Id& post, std::vector<uint64_t> places);
    std::vector<uint64_t> serverPlaces(const Id& post, std::vector<uint64_t> places);

    // ---- proof
    // Recomputes every feed's digest from the stored bytes; the feeds whose sums differ.
    std::vector<Feed> check();

private:
    struct Pending {
        int64_t position = 0;
        Id change;
        ChangeState state = ChangeState::Waiting;
        int64_t feed = 0;
        int64_t madeMs = 0;
        std::string bytes;
        bool isText = false;
        std::optional<std::string> form; // of a text that was made over another body: what it is of the one here
        bool behind = false;             // made over the body with the text before it
        bool held = false;               // not sent before another version of the body is here
    };
    // What shows of the texts that are pending on a post: over the server's body, or the one that the post is created
    // with.
    struct Lane {
        v1::PostKind kind = v1::POST_NONE;
        std::string body;
        v1::TextVersion version; // without a revision: as created
        uint64_t sealed = 0;     // the revision of its record, which may lack the newest
        std::vector<Pending> pending;
        std::vector<PendingText> row; // of the same
    };
    struct Counts {
        int waiting = 0, sent = 0, accepted = 0, refused = 0, blocked = 0;
    };
    struct Sent {
        int64_t position = 0;
        int64_t feed = 0;
        Id target;
    };
    struct Accepted {
        int64_t feed = 0;
        Id target;
        int awaited = 0;       // numbers that are not reached
        std::string receipt;   // until it is stored
        uint64_t revision = 0; // of a text: it waits for the body with this one
        bool isEarlier = true; // than the last welcome
    };
    struct Row {
        int64_t row = 0;
        uint64_t number = 0; // 0: the server never had it
        int64_t pass = 0;
        bool shadowed = false;
        std::optional<std::string> visible; // bytes
        bool visibleDeleted = false;
    };
    // Of a row: the revisions that its record lacks.
    struct Live {
        size_t count = 0;
        size_t bytes = 0;
        uint64_t sealed = 0;              // the record's own revision
        std::optional<v1::Record> record; // with them; made when it is needed
    };
    using Key = std::pair<int64_t, Id>; // feed and id
    struct KeyHash {
        size_t operator()(const Key& key) const
        {
            return IdHash()(key.second) ^ size_t(key.first) * 0x9e3779b97f4a7c15;
        }
    };

    void open();
    void rescue();
    void load();
    void rebuildProjections();
    void storeFeed(const FollowedFeed& feed);
    FollowedFeed* feedOfRow(int64_t row);
    bool isAllRead() const; // once, of all that this person may still read
    // Whether what the server lost of this feed was handed back in the epoch that it is in now.
    bool isOfThisEpoch(int64_t feed) const;
    void setProven(FollowedFeed& feed, bool proven);
    void setEpoch(int64_t feed, const std::string& epoch);
    uint64_t epochBegin() const;
    void sendAcceptedAgain();
    void startPass(FollowedFeed& feed);
    void setAside(FollowedFeed& feed);

    int64_t rowOf(int64_t feed, const Id& id);
    std::optional<Row> findRow(int64_t feed, const Id& id);
    std::optional<std::string> shadowOf(int64_t row); // nothing: the server never had it
    bool storeVersion(FollowedFeed& feed, const v1::Version& version);
    void count(FollowedFeed& feed, const Id& id, uint64_t number, std::string_view bytes, int by);
    void show(const FollowedFeed& feed, const Row& row, const std::optional<std::string>& bytes);
    void dropUnconfirmed(FollowedFeed& feed);
    void finishRead(FollowedFeed& feed);
    void finishAbsent(FollowedFeed& feed);

    std::vector<Pending> pendingOn(const Id& target);
    std::vector<Pending> pendingIn(const FollowedFeed& feed, const Id& target);
    // The server's version with the pending changes applied, in outbox order.
    std::optional<std::string> withPending(const std::vector<Pending>& pending, const FollowedFeed& feed,
                                           const Id& target, std::optional<std::string> base);
    void refresh(FollowedFeed& feed, const Id& target);
    void put(const Applied& version);
    std::vector<std::pair<FollowedFeed*, Id>> finishReached(const FollowedFeed& feed, uint64_t upto);
    std::optional<Sent> sentChange(const std::string& id, ChangeState& state);
    void storeAccepted();
    void setState(int64_t position, ChangeState from, ChangeState to);
    bool dropDraft(const std::string& place); // false: there was none
    int& countOf(ChangeState state);
    void removeFromOutbox(int64_t position, ChangeState state);
    void forgetAwaited(int64_t feed, int64_t position); // a body
    void blockDependents(const Id& target);
    void unblock();
    bool isBlocked(const v1::Change& change);
    Context contextAt(int64_t timeMs) const;
    int64_t addToOutbox(const v1::Change& change, int64_t feed, ChangeState state, int64_t madeMs);

    // Changes of texts (texts.cpp).
    std::optional<Lane> laneOf(const FollowedFeed& feed, const Id& target);
    bool hasTexts();
    bool isText(int64_t position);
    bool maySend(const Outgoing& change);
    bool isShown(const Id& post);
    void makeRoomForHistories(const Id& kept);
    void dropHistory(const Id& post);
    void dropHistories(bool all);
    std::optional<bool> submittedBefore(const v1::Change& change, const std::string& bytes);
    Result<void> checkLane(const FollowedFeed& feed, const Id& target, const std::string& shown);
    void addText(FollowedFeed& feed, v1::Change change, ChangeState state, int64_t madeMs, const std::string& submitted,
                 bool wasSent);
    void setForm(int64_t position, const v1::TextVersion& base, const PendingText& text);
    void rewriteText(const Pending& pending, const v1::TextVersion& base, const PendingText& text, bool behind);
    void placeTexts(std::span<const Pending> pending, const v1::TextVersion& base, PendingRow row, bool behind);
    void refuseStranded(const FollowedFeed& feed, const Id& target);
    void keepWords(const FollowedFeed& feed, const Id& target);
    void closeGap(const FollowedFeed& feed, const Id& target, int64_t position);
    void beforeFinished(const FollowedFeed& feed, const Id& target, int64_t position);
    void removeText(const FollowedFeed& feed, const Id& target, int64_t position, ChangeState state);
    void noteAccepted(const FollowedFeed& feed, const Pending& text, uint64_t revision);
    bool waitsForBody(const FollowedFeed& feed, const Id& target, uint64_t revision);
    void finishTexts(const FollowedFeed& feed, const Id& target);
    void moveTexts(const FollowedFeed& feed, const Id& target, const v1::Record& now, const v1::Record& sealed);
    void writeOverPresent(const Sent& sent, ChangeState state, const Lane& lane, size_t at);
    bool refuseText(FollowedFeed& feed, const Sent& sent, ChangeState state, v1::Code code);
    Result<void> sendTextAgain(FollowedFeed& feed, const Id& target, int64_t position);

    // Bodies that are open (live.cpp).
    FollowedFeed* feedOf(const Id& post);
    Live* liveOf(int64_t row); // null: the record lacks nothing
    void loadLive();
    void eachRevision(int64_t row, const std::function<void(const v1::Revision&)>& work);
    bool isInBody(const FollowedFeed& feed, const Id& target, int64_t position);
    Received takeRevision(FollowedFeed& feed, const Id& post, const Row& row, const v1::Revision& revision);
    std::optional<TextChange> moveTextsBy(const FollowedFeed& feed, const Id& target, const v1::Revision& revision);
    void showLater(const FollowedFeed& feed, const Id& post, std::optional<TextChange> change);
    void noteShown(const Id& post, const std::string& before, const TextChange& change, const std::string& after,
                   bool submitted);
    std::optional<v1::Change> overShown(const v1::Change& change, const std::string& body);
    std::optional<v1::Record> withItsRevisions(int64_t row, const v1::Record& record);
    void cutRevisions(int64_t row, std::optional<v1::Record> present);
    void giveUpRevisions(FollowedFeed& feed, const Id& post);
    void giveUpAllRevisions();
    void showRevisions();

    std::string path_;
    WallClock clock_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<Projections> projections_;
    Id person_;
    Id organisation_;
    std::map<std::string, FollowedFeed> feeds_; // by key
    std::map<int64_t, bool> dirtyFeeds_;
    std::unordered_map<Key, int64_t, KeyHash> rows_; // interned lately
    // What is on its way, by change id: an answer then finds its change without asking the file. At most what
    // the pushes under way hold; the file knows all of it too.
    std::unordered_map<Id, Sent, IdHash> sent_;
    // Accepted, and not all of its numbers are reached: by outbox position. Stored at the commit, as most
    // versions come within the transaction of their receipts.
    std::unordered_map<int64_t, Accepted> accepted_;
    std::vector<int64_t> acceptedToStore_;
    // Feed -> number -> outbox position. A text waits for no number, but for its body (`untilBody`).
    std::map<int64_t, std::multimap<uint64_t, int64_t>> awaited_;
    static constexpr uint64_t untilBody = UINT64_MAX;
    std::map<int64_t, Live> live_; // by row
    // Feed and post: with the commit. By that change, where it is known.
    std::map<std::pair<int64_t, Id>, std::optional<TextChange>> toShow_;
    std::map<Id, ShownTexts> shownTexts_;                 // of posts that others write in
    std::unordered_map<Id, std::string, IdHash> created_; // within a batch: bodies of posts that it settles
    Counts counts_;
    bool outboxTouched_ = false;
    std::vector<Id> historiesTouched_;
    QList<ShownStep> shownSteps_; // of this transaction
    bool feedsTouched_ = false;
    v1::Record parsed_; // kept to reuse its memory
};

} // namespace stoa
