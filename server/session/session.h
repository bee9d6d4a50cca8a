#pragma once

// One conversation with a device: envelopes in, frames out, no sockets, no threads, no timers. What it
// cannot do itself it asks of its doors; the answers come back by calls. Lives on one thread; the
// snapshot is that thread's own.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "server/auth/auth.h"
#include "server/engine/engine.h"
#include "shared/base/black_box.h"
#include "shared/wire/frame.h"

namespace stoa {

using SharedFrame = std::shared_ptr<const std::string>;

// News on its way to subscribers; encoded by the first who needs it, for all.
class LiveNews {
public:
    explicit LiveNews(std::shared_ptr<const News> news) : news_(std::move(news)) {}

    const News& news() const { return *news_; }
    SharedFrame frame() const;

private:
    std::shared_ptr<const News> news_;
    mutable std::once_flag encoded_;
    mutable SharedFrame frame_;
};

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
};

class Session {
public:
    Session(SessionDoors doors, Snapshot& snapshot, WallClock clock);

    void received(const v1::Envelope& envelope);
    void signInDone(const Result<SignedIn>& done);
    void receipts(const v1::Receipts& receipts);
    void handedBack(const v1::HandedBack& answer);
    // There is room for bulk again.
    void drained();
    // Who may read what has changed: comes before the news of the same commit.
    void rightsAltered();
    void news(const LiveNews& live);
    // Says why and ends.
    void goodbye(const Refusal& why);

    bool isSignedIn() const { return phase_ == Phase::SignedIn; }
    const Id& person() const { return person_; }
    const Id& device() const { return device_; }
    bool follows(const Feed& feed) const { return subscriptions_.contains(feed); }
    const BlackBox& blackBox() const { return box_; }

private:
    enum class Phase { Hello, SigningIn, SignedIn, Ended };

    struct Subscription {
        uint64_t cursor = 0;          // the last number sent
        uint64_t tombstonesAfter = 0; // of older numbers only what lives is sent
        bool begun = false;
        bool live = false; // stands at the head: news may follow on
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
    void sendBulk();
    void sendBatch(const Feed& feed, Subscription& subscription);
    void send(const v1::Envelope& envelope);
    std::map<Feed, FeedState> readableFeeds() const;

    SessionDoors doors_;
    Snapshot& snapshot_;
    WallClock clock_;
    Phase phase_ = Phase::Hello;
    Id person_;
    Id device_;
    std::set<Feed> feeds_; // that this person may follow, as it was told
    std::map<Feed, Subscription> subscriptions_;
    size_t pushesUnderWay_ = 0;
    bool handingBack_ = false;
    BlackBox box_;
    size_t reports_ = 0;
};

} // namespace stoa
