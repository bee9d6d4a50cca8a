#pragma once

// The client's half of the conversation, as a state machine without sockets or timers: envelopes and the
// passing of time in, envelopes out. It decides the order of things: first settle what was sent without a
// receipt, then read on where the replica stands, then send what waits (rule 6 of docs/architecture.md).
// Owned by whoever owns the replica, on its thread; every call is made within a transaction of the replica,
// and what take() returns may leave only after the commit.

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/replica/replica.h"
#include "client/sync/text_reader.h"
#include "shared/base/black_box.h"
#include "shared/base/clock.h"

namespace stoa {

// What the conversation came to since it was last asked.
struct SyncActions {
    std::vector<v1::Envelope> send;
    std::string token; // of a device that was just enrolled
    bool signedIn = false;
    std::optional<Refusal> ended;        // hang up
    std::vector<BlackBoxReport> reports; // what somebody should keep, to find out how that could be
    std::vector<TextPresence> present;   // of the posts where it is another one
};

// How far everything is.
struct SyncStanding {
    bool following = false;                // past the settling
    const FollowedFeed* reading = nullptr; // the feed that is being fetched, where it is worth telling
    bool sending = false;
    int64_t upToDateMs = 0; // by the wall clock; 0: never
};

class Syncer {
public:
    // `steady` for heartbeats, `wall` for the age of changes.
    Syncer(Replica& replica, WallClock wall, SteadyClock steady);

    void connected(v1::Hello hello);
    void received(const v1::Envelope& envelope);
    void disconnected();
    // Something new waits in the outbox, or time has passed.
    void pump();
    // What became of this body, from the newest revision on as far as it is not here; the replica tells when it is. One
    // at a time, the last one asked for; without a network as soon as there is one.
    void readHistory(const Id& post);

    // What becomes of this body is read as it is accepted, and who else has it open is told (open_texts.cpp): from now
    // on, in each conversation, until it was closed as often as it was opened. Of more than the server takes, the later
    // ones wait.
    void openText(const Id& post);
    void closeText(const Id& post);
    // Where this person is in an open body, as the replica shows it.
    void setPresence(const Id& post, uint64_t from, uint64_t to, bool writing);

    SyncActions take();
    SyncStanding standing() const;
    const BlackBox& blackBox() const { return box_; }
    bool isWelcome() const { return phase_ > Phase::Greeting; }

private:
    enum class Phase { Apart, Greeting, HandingBack, Settling, Following };

    void welcome(const v1::Welcome& welcome);
    void receipts(const v1::Receipts& receipts);
    void batch(const v1::Batch& batch);
    void feeds(const v1::Feeds& feeds);
    void handBackMore();
    void handedBack(const v1::HandedBack& answer);
    void parted(const v1::Parted& parted);
    void settleMore();
    void follow();
    void subscribeMore();
    void subscribe(const Feed& feed);
    v1::Subscribe& ask(const FollowedFeed& feed);
    void differs(const FollowedFeed& feed, const std::string& told);
    void atHead(const Feed& feed);
    void push(const std::vector<Replica::Outgoing>& changes);
    void end(v1::Code code);
    void note(const NoteKind& kind, std::array<uint64_t, 4> numbers = {}, const FollowedFeed* feed = nullptr);
    void report(std::string cause, std::string about, const std::string& line);
    void enter(Phase phase);
    void noteSaid();
    void readHistoryOn();
    void revisionPage(const v1::RevisionPage& page);
    // open_texts.cpp
    struct OpenText {
        int views = 0;
        bool isOpen = false;                    // at the server, in this conversation
        std::optional<v1::TextVersion> unknown; // of the body here, when the server did not know it
        int startedOver = 0;                    // in this conversation
        std::map<uint32_t, v1::Reader> readers; // by session; each in the body here, where it was there already
        // What that body was made of lately: for what is said of an older one.
        struct Step {
            uint64_t after = 0;
            uint64_t revision = 0;
            std::string author;
            TextChange text;
        };
        std::deque<Step> steps;
        struct Selection {
            uint64_t from = 0;
            uint64_t to = 0;
            bool writing = false;
        };
        std::optional<Selection> mine; // as it was said last
        bool isAltered = false;        // what is told of the others may be
        std::vector<TextReader> told;
    };
    void openTexts();
    void askForText(const Id& post, OpenText& open);
    void sayPresence(const Id& post, const OpenText& open);
    void revisions(const v1::Revisions& told);
    void noteStep(OpenText& open, const v1::Revision& revision);
    void textUnknown(const Id& post, OpenText& open);
    void present(const v1::Present& told);
    void textsMoved();
    void tellPresent();
    void textsApart();
    v1::Envelope& say();
    bool isReady(const Feed& feed) const;
    bool isOwing(const Feed& feed) const;

    Replica& replica_;
    WallClock wall_;
    SteadyClock steady_;
    Phase phase_ = Phase::Apart;
    v1::Limits limits_;
    std::set<Feed> ready_;            // reached the head that was told
    std::vector<Feed> toSubscribe_;   // in this order, the next one last
    std::set<Feed> reading_;          // subscribed, not yet at the head
    std::map<Feed, int> startedOver_; // in this conversation
    bool answered_ = false;           // a subscription, and so those to feeds set aside, which come first
    std::vector<Feed> owing_;         // to be handed back before they are read on, the next one last
    uint64_t handedUpTo_ = 0;         // of that one
    bool parted_ = false;             // the server went back: all begins anew once that is done
    std::optional<Feed> handing_;     // what was handed back of it is not answered yet
    int64_t resentUpTo_ = 0;          // outbox position
    int pushesUnderWay_ = 0;
    struct WantedHistory {
        Id post;
        uint64_t before = 0; // of the next page
        bool asked = false;  // and not answered
    };
    std::optional<WantedHistory> history_;
    std::map<Id, OpenText> texts_;
    int64_t heardMs_ = 0;
    int64_t saidMs_ = 0;
    int64_t upToDateMs_ = 0;
    SyncActions actions_;
    BlackBox box_;
    size_t noted_ = 0; // of what is said
};

} // namespace stoa
