#include "client/sync/syncer.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "shared/base/plant.h"

namespace stoa {

namespace {

constexpr int pushesMax = 8;             // under way at a time: while one end stores some, the other has more to do
constexpr uint64_t smallRecords = 1'000; // feeds with less to read do not queue
constexpr int startOverMax = 2;
constexpr const char* upToDateSetting = "up_to_date_ms";

uint64_t toRead(const FollowedFeed& feed)
{
    if (feed.cursor >= feed.head)
        return 0;
    return feed.total > feed.held ? feed.total - feed.held : 1;
}

} // namespace

Syncer::Syncer(Replica& replica, WallClock wall, SteadyClock steady)
    : replica_(replica), wall_(std::move(wall)), steady_(std::move(steady))
{
    const std::string stored = replica_.setting(upToDateSetting);
    upToDateMs_ = stored.empty() ? 0 : std::strtoll(stored.c_str(), nullptr, 10);
}

v1::Envelope& Syncer::say()
{
    saidMs_ = steady_();
    return actions_.send.emplace_back();
}

void Syncer::end(v1::Code code)
{
    actions_.ended = Refusal{code};
    phase_ = Phase::Apart;
}

void Syncer::connected(v1::Hello hello)
{
    disconnected();
    phase_ = Phase::Greeting;
    heardMs_ = steady_();
    *say().mutable_hello() = std::move(hello);
}

void Syncer::disconnected()
{
    phase_ = Phase::Apart;
    ready_.clear();
    reading_.clear();
    toSubscribe_.clear();
    startedOver_.clear();
    answered_ = false;
    resentUpTo_ = 0;
    owing_.clear();
    handing_.reset();
    pushesUnderWay_ = 0;
    actions_.send.clear();
    if (upToDateMs_ != 0)
        replica_.setSetting(upToDateSetting, std::to_string(upToDateMs_));
}

void Syncer::received(const v1::Envelope& envelope)
{
    if (phase_ == Phase::Apart)
        return;
    heardMs_ = steady_();
    const bool signedIn = phase_ != Phase::Greeting;
    switch (envelope.message_case()) {
    case v1::Envelope::kGoodbye:
        actions_.ended = fromProto(envelope.goodbye().why());
        phase_ = Phase::Apart;
        return;
    case v1::Envelope::kWelcome:
        return signedIn ? end(v1::PROTOCOL) : welcome(envelope.welcome());
    case v1::Envelope::kReceipts:
        return signedIn ? receipts(envelope.receipts()) : end(v1::PROTOCOL);
    case v1::Envelope::kHandedBack:
        return signedIn ? handedBack(envelope.handed_back()) : end(v1::PROTOCOL);
    case v1::Envelope::kBatch:
        return signedIn ? batch(envelope.batch()) : end(v1::PROTOCOL);
    case v1::Envelope::kFeeds:
        return signedIn ? feeds(envelope.feeds()) : end(v1::PROTOCOL);
    case v1::Envelope::kPing:
        say().mutable_pong();
        return;
    case v1::Envelope::kPong:
    case v1::Envelope::MESSAGE_NOT_SET:
        return; // also what a newer server may say
    default:
        return end(v1::PROTOCOL);
    }
}

void Syncer::welcome(const v1::Welcome& welcome)
{
    // Somebody else's copy, or another organisation's, is never mixed with this one.
    if (!replica_.welcome(welcome))
        return end(v1::EXISTS);
    limits_ = welcome.limits();
    if (limits_.push_changes_max() == 0 || limits_.push_bytes_max() == 0)
        return end(v1::PROTOCOL);
    actions_.signedIn = true;
    actions_.token = welcome.token();
    phase_ = Phase::HandingBack;
    owing_ = replica_.owing();
    handedUpTo_ = 0;
    handBackMore();
}

// Sends again what was sent without a receipt, and waits for every answer before it reads on.
void Syncer::settleMore()
{
    while (pushesUnderWay_ < pushesMax) {
        const auto changes = replica_.unreceipted(resentUpTo_, limits_);
        if (changes.empty())
            break;
        resentUpTo_ = changes.back().position;
        push(changes);
    }
    if (pushesUnderWay_ == 0)
        follow();
}

// One feed after the other and one message at a time; then the server's word counts for it again.
void Syncer::handBackMore()
{
    while (!owing_.empty()) {
        const Feed feed = owing_.back();
        std::vector<v1::Version> versions = replica_.lostByServer(feed, handedUpTo_, limits_);
        if (!versions.empty()) {
            handedUpTo_ = versions.back().number();
            handing_ = feed;
            v1::HandBack& handBack = *say().mutable_hand_back();
            handBack.set_feed(feed.key());
            handBack.mutable_versions()->Assign(std::make_move_iterator(versions.begin()),
                                                std::make_move_iterator(versions.end()));
            return;
        }
        replica_.handedBack(feed);
        owing_.pop_back();
        handedUpTo_ = 0;
        if (phase_ == Phase::Following)
            toSubscribe_.insert(toSubscribe_.begin(), feed);
    }
    if (phase_ == Phase::Following)
        subscribeMore();
    if (phase_ != Phase::HandingBack)
        return;
    // Only now: what is sent again may rest on what was lost.
    if (STOA_PLANT("receipts not read first"))
        return follow();
    phase_ = Phase::Settling;
    settleMore();
}

void Syncer::handedBack(const v1::HandedBack& answer)
{
    if (!handing_ || answer.feed() != handing_->key())
        return end(v1::PROTOCOL);
    handing_.reset();
    handBackMore();
}

void Syncer::push(const std::vector<Replica::Outgoing>& changes)
{
    v1::Push& push = *say().mutable_push();
    for (const Replica::Outgoing& change : changes) {
        v1::PushedChange& pushed = *push.add_changes();
        pushed.set_change(change.bytes);
        pushed.set_age_ms(std::max<int64_t>(0, wall_() - change.madeMs));
    }
    ++pushesUnderWay_;
}

void Syncer::receipts(const v1::Receipts& receipts)
{
    if (pushesUnderWay_ == 0)
        return end(v1::PROTOCOL);
    --pushesUnderWay_;
    for (const v1::Receipt& receipt : receipts.receipts())
        replica_.settle(receipt);
    if (phase_ == Phase::Settling)
        settleMore();
    else
        pump();
}

void Syncer::follow()
{
    phase_ = Phase::Following;
    for (const FollowedFeed* feed : replica_.feeds()) {
        // One that the server no longer names is asked for as well: taken away, it is lost by name, and
        // before anything that waits for it is sent; unknown, there is no answer and it stays.
        if (feed->setAside)
            ask(*feed);
        else if (!isOwing(feed->feed))
            toSubscribe_.push_back(feed->feed);
    }
    // People first, then what is this person's own, then the smaller spaces.
    const auto order = [this](const Feed& feed) {
        const int kind = feed.kind == FeedKind::Directory ? 0 : feed.kind == FeedKind::Person ? 1 : 2;
        return std::pair(kind, toRead(*replica_.feed(feed)));
    };
    std::stable_sort(toSubscribe_.begin(), toSubscribe_.end(),
                     [&](const Feed& a, const Feed& b) { return order(a) > order(b); });
    subscribeMore();
    pump();
}

void Syncer::subscribeMore()
{
    const auto isLong = [this](const Feed& feed) {
        const FollowedFeed* known = replica_.feed(feed);
        return known && toRead(*known) > smallRecords;
    };
    while (!toSubscribe_.empty()) {
        const Feed next = toSubscribe_.back();
        // One long read at a time: each space becomes readable as early as can be.
        if (isLong(next) && std::any_of(reading_.begin(), reading_.end(), isLong))
            return;
        toSubscribe_.pop_back();
        // What was equal when it was told of is not waited for.
        if (const FollowedFeed* known = replica_.feed(next); known && known->agreed) {
            ready_.insert(next);
            ask(*known);
        } else {
            subscribe(next);
        }
    }
}

void Syncer::subscribe(const Feed& feed)
{
    const FollowedFeed* known = replica_.feed(feed);
    if (!known)
        return;
    reading_.insert(feed);
    ask(*known);
}

void Syncer::ask(const FollowedFeed& feed)
{
    v1::Subscribe& subscribe = *say().mutable_subscribe();
    subscribe.set_feed(feed.feed.key());
    // Of one that is set aside the cursor says only that some of it is here, also while it is read anew.
    subscribe.set_cursor(feed.setAside ? std::max<uint64_t>(feed.cursor, 1) : feed.cursor);
}

// What waits for a feed that was set aside goes too, unless the feed turns out to be lost: the server's refusal
// makes it the person's again.
bool Syncer::isReady(const Feed& feed) const
{
    const FollowedFeed* known = replica_.feed(feed);
    return ready_.contains(feed) || (known && known->setAside && answered_);
}

void Syncer::batch(const v1::Batch& batch)
{
    const auto feed = Feed::from(batch.feed());
    if (!feed)
        return end(v1::PROTOCOL);
    answered_ = true;
    if (isOwing(*feed))
        return; // asked for before it was named again: it is subscribed to anew
    switch (replica_.receive(batch)) {
    case Replica::Received::Stored:
        return;
    case Replica::Received::Differs:
        if (startedOver_[*feed]++ < startOverMax) {
            replica_.readAnew(*feed);
            return subscribe(*feed);
        }
        [[fallthrough]]; // goes on with what there is; the figures say that it differs
    case Replica::Received::AtHead:
        reading_.erase(*feed);
        ready_.insert(*feed);
        subscribeMore();
        return pump();
    case Replica::Received::Elsewhere:
        if (startedOver_[*feed]++ < startOverMax)
            return subscribe(*feed);
        return end(v1::PROTOCOL);
    case Replica::Received::Unknown:
        return; // forgotten while this was on its way
    case Replica::Received::Broken:
        return end(v1::PROTOCOL);
    }
}

void Syncer::feeds(const v1::Feeds& feeds)
{
    for (const std::string& key : feeds.lost()) {
        if (const auto feed = Feed::from(key)) {
            replica_.forget(*feed);
            ready_.erase(*feed);
            reading_.erase(*feed);
            std::erase(toSubscribe_, *feed);
            // What is answered from here on was no longer looked at.
            if (!owing_.empty() && owing_.back() == *feed)
                handedUpTo_ = 0;
            std::erase(owing_, *feed);
        }
    }
    for (const v1::FeedHead& head : feeds.feeds()) {
        const auto feed = Feed::from(head.feed());
        if (!feed)
            continue;
        replica_.follow(head);
        // One that the server named no more until now may hold what it lost, and reading on would end that.
        const std::vector<Feed> owing = replica_.owing();
        if (std::find(owing.begin(), owing.end(), *feed) != owing.end()) {
            if (!isOwing(*feed))
                owing_.insert(owing_.begin(), *feed);
            continue;
        }
        if (phase_ == Phase::Following && !reading_.contains(*feed) && !ready_.contains(*feed))
            toSubscribe_.insert(toSubscribe_.begin(), *feed);
    }
    if (!owing_.empty() && !handing_)
        handBackMore();
    else if (phase_ == Phase::Following)
        subscribeMore();
}

bool Syncer::isOwing(const Feed& feed) const
{
    return std::find(owing_.begin(), owing_.end(), feed) != owing_.end();
}

void Syncer::pump()
{
    const int64_t now = steady_();
    if (phase_ == Phase::Apart)
        return;
    if (now - heardMs_ > limits::silenceMs)
        return end(v1::TOO_SLOW);
    // By what was said here alone: who only listens is not heard.
    if (phase_ != Phase::Greeting && now - saidMs_ > limits::heartbeatMs)
        say().mutable_ping();
    if (phase_ != Phase::Following)
        return;
    while (pushesUnderWay_ < pushesMax) {
        const auto changes = replica_.waiting(limits_, [this](const Feed& feed) { return isReady(feed); });
        if (changes.empty())
            break;
        replica_.markSent(changes);
        push(changes);
    }
    if (reading_.empty() && toSubscribe_.empty() && !replica_.hasUnsent() && !replica_.hasUnreceipted())
        upToDateMs_ = wall_();
}

SyncStanding Syncer::standing() const
{
    SyncStanding standing{.following = phase_ == Phase::Following, .upToDateMs = upToDateMs_};
    standing.sending = replica_.waitingCount() > 0;
    for (const Feed& feed : reading_) {
        const FollowedFeed* known = replica_.feed(feed);
        if (known && !known->agreed && (!standing.reading || toRead(*known) > toRead(*standing.reading)))
            standing.reading = known;
    }
    return standing;
}

} // namespace stoa
