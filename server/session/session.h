#pragma once

// One conversation with a device: envelopes in, frames out, no sockets, no threads, no timers. What it
// cannot do itself it asks of its doors; the answers come back by calls. Lives on one thread; the
// snapshot is that thread's own.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "server/auth/auth.h"
#include "server/engine/engine.h"
#include "server/session/live.h"
#include "server/session/view.h"
#include "shared/base/black_box.h"
#include "shared/wire/frame.h"

namespace stoa {

struct SessionDoors {
    std::function<void(SharedFrame)> send;
    std::function<size_t()> queuedBytes;           // of what was sent and has not left yet
    std::function<void(const v1::Hello&)> signIn;  // by password or invitation; answered by `signInDone`
    std::function<Refusal(const SignedIn&)> admit; // CODE_NONE, or why this person may not come in now
    std::function<bool(Submission)> submit;        // answered by `receipts`; false: too much waits
    std::function<bool(v1::HandBack)> handBack;    // answered by `handedBack`; false: too much waits
    std::function<bool(const Id& device)> signOut; // ends every conversation of it; false: too much waits
    std::function<void(bool)> pauseReading;
    std::function<void()> finish;             // no further word will be sent
    std::function<void(BlackBoxReport)> keep; // a copy differs: at most `limits::sessionReportsMax` times; may be empty
    // A post is open in this conversation from now on, or no more: `text` and `present` of it are for it; may be empty.
    std::function<void(const Id& post, bool isOpen)> watch;
    // Where its person is in a post that is open, for the others: they came, moved or left; may be empty.
    std::function<void(const Id& post, const v1::Reader& reader)> presence;
};

class Session {
public:
    // By the number others tell it from other conversations of its person.
    Session(SessionDoors doors, Snapshot& snapshot, WallClock clock, uint32_t number = 0);

    void received(const v1::Envelope& envelope);
    void signInDone(const Result<SignedIn>& done);
    void receipts(const v1::Receipts& receipts);
    void handedBack(const v1::HandedBack& answer);
    // There is room for bulk again.
    void drained();
    // Who may read what has changed: comes before the news of the same commit.
    void rightsAltered();
    void news(const LiveNews& live);
    // What became of a body: comes ahead of the news of the same commit.
    void text(const LiveText& live);
    void present(const LivePresent& live);
    // The peer is gone.
    void ended();
    // Says why and ends.
    void goodbye(const Refusal& why);

    bool isSignedIn() const { return phase_ == Phase::SignedIn; }
    const Id& person() const { return person_; }
    const Id& device() const { return device_; }
    uint32_t number() const { return number_; }
    bool follows(const Feed& feed) const { return subscriptions_.contains(feed); }
    bool hasOpen(const Id& post) const { return texts_.contains(post); }
    const BlackBox& blackBox() const { return box_; }

private:
    enum class Phase { Hello, SigningIn, SignedIn, Ended };

    struct Subscription {
        uint64_t cursor = 0;          // the last number sent
        uint64_t tombstonesAfter = 0; // of older numbers only what lives is sent
        bool begun = false;
        bool live = false; // stands at the head: news may follow on
    };

    struct OpenText {
        Feed feed;
        uint64_t revision = 0; // the last one sent
        bool answered = false;
        bool live = false;          // stands at the newest: news may follow on
        bool missesPresent = false; // of the others: what was told while nothing was taken
        v1::Reader reader;          // as the others are told
    };

    void hello(const v1::Hello& hello);
    void push(const v1::Push& push);
    void subscribe(const v1::Subscribe& subscribe);
    void handBack(const v1::HandBack& handBack);
    void signOut();
    bool exists(const Feed& feed) const;
    std::optional<v1::Parted> partedFrom(const Feed& feed, const v1::Subscribe& subscribe) const;
    void keepDifference(const Feed& feed, const v1::Difference& difference);
    void note(const NoteKind& kind, std::array<uint64_t, 4> numbers, std::string_view feed);
    void noteLive(const LiveNews& live);
    void noteLive(const LiveText& live);
    // open_texts.cpp
    void openText(const v1::OpenText& asked);
    void closeText(const Id& post, bool isUnknown);
    void closeTexts();
    void presence(const v1::Presence& said);
    void readRevisions(const v1::ReadRevisions& asked);
    // A post that is there for this person, of the view.
    std::optional<Located> readablePost(const Id& post) const;
    bool knowsBody(const v1::Record& record, const v1::TextVersion& version) const;
    void sendTexts(std::optional<View>& view);
    bool sendText(const Id& post, OpenText& open);
    void catchUpWithReaders();
    void sendBulk();
    void sendBatch(const Feed& feed, Subscription& subscription);
    void send(const v1::Envelope& envelope);
    std::map<Feed, FeedState> readableFeeds() const;

    SessionDoors doors_;
    Snapshot& snapshot_;
    WallClock clock_;
    uint32_t number_;
    Phase phase_ = Phase::Hello;
    Id person_;
    Id device_;
    std::set<Feed> feeds_; // that this person may follow, as it was told
    std::map<Feed, Subscription> subscriptions_;
    std::map<Id, OpenText> texts_;
    size_t pushesUnderWay_ = 0;
    bool handingBack_ = false;
    BlackBox box_;
    size_t reports_ = 0;
};

} // namespace stoa
