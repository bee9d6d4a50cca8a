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
constexpr size_t reportsMax = 4;         // between two takings
constexpr size_t reportedFeedsMax = 100; // whose standing a report tells

// What becomes of a conversation, beside what is said in it.
constexpr NoteKind phaseKinds[] = {
    {"apart", {}}, {"greeting", {}}, {"handing_back", {"feeds"}}, {"settling", {}}, {"following", {}}};
constexpr NoteKind endedKind{"ended", {"code"}};
constexpr NoteKind epochKind{"epoch_changed", {"was", "is"}};
constexpr NoteKind asideKind{"set_aside", {"cursor"}};
constexpr NoteKind forgottenKind{"forgotten", {"cursor"}};
constexpr NoteKind owingKind{"owes_hand_back", {"cursor", "head"}};
constexpr NoteKind differsKind{"differs", {"cursor", "head", "records"}};
constexpr NoteKind elsewhereKind{"stands_elsewhere", {"cursor", "after", "upto"}};
constexpr NoteKind unknownKind{"not_followed", {"after", "upto"}};
constexpr NoteKind partedKind{"server_parted", {"cursor", "head", "matches"}};
constexpr NoteKind brokenKind{"broken_batch", {"after", "upto"}};

uint64_t toRead(const FollowedFeed& feed)
{
    if (feed.cursor >= feed.head)
        return 0;
    return feed.total > feed.held ? feed.total - feed.held : 1;
}

std::string standingOf(const FollowedFeed& feed)
{
    std::string text = "feed=" + feedName(feed.feed.key());
    const auto add = [&](const char* label, uint64_t value) {
        text.append(" ").append(label).append("=").append(std::to_string(value));
    };
    add("cursor", feed.cursor);
    add("head", feed.head);
    add("inherited", feed.inherited);
    add("records", feed.held);
    add("total", feed.total);
    add("complete", feed.complete);
    add("agreed", feed.agreed);
    add("set_aside", feed.setAside);
    add("anew", feed.anew);
    add("pass", uint64_t(feed.pass));
    return text + " digest=" + toHex(feed.digest.str());
}

} // namespace

Syncer::Syncer(Replica& replica, WallClock wall, SteadyClock steady)
    : replica_(replica), wall_(std::move(wall)), steady_(std::move(steady)), box_(limits::blackBoxNotesMax)
{
    const std::string stored = replica_.setting(upToDateSetting);
    upToDateMs_ = stored.empty() ? 0 : std::strtoll(stored.c_str(), nullptr, 10);
}

v1::Envelope& Syncer::say()
{
    saidMs_ = steady_();
    return actions_.send.emplace_back();
}

SyncActions Syncer::take()
{
    noteSaid();
    noted_ = 0;
    tellPresent();
    return std::exchange(actions_, {});
}

void Syncer::noteSaid()
{
    for (; noted_ < actions_.send.size(); ++noted_) {
        const v1::Envelope& said = actions_.send[noted_];
        box_.add(noteOf(said, Note::Way::Out, wall_(), said.ByteSizeLong()));
    }
}

void Syncer::note(const NoteKind& kind, std::array<uint64_t, 4> numbers, const FollowedFeed* feed)
{
    noteSaid();
    Note note{.atMs = wall_(), .kind = &kind, .numbers = numbers};
    if (feed)
        note.ofFeed(feed->feed.key()).with(feed->digest.str());
    box_.add(note);
}

// What is known at this moment; whoever takes the actions keeps it.
void Syncer::report(std::string cause, std::string about, const std::string& line)
{
    if (actions_.reports.size() >= reportsMax)
        return;
    noteSaid();
    std::string text = "side=client cause=" + cause + " at=" + printUtc(wall_()) + "\n" + line + "\n";
    text += "person=" + replica_.person().hex() + " epoch=" + replica_.setting("epoch") + "\n";
    const std::vector<const FollowedFeed*> feeds = replica_.feeds();
    for (size_t i = 0; i < feeds.size() && i < reportedFeedsMax; ++i)
        text += standingOf(*feeds[i]) + "\n";
    actions_.reports.push_back({std::move(cause), std::move(about), text + box_.text()});
}

void Syncer::enter(Phase phase)
{
    if (std::exchange(phase_, phase) != phase)
        note(phaseKinds[size_t(phase)], {owing_.size()});
}

void Syncer::end(v1::Code code)
{
    actions_.ended = Refusal{code};
    note(endedKind, {uint64_t(code)});
    if (code == v1::PROTOCOL)
        report("protocol", {}, "The server said what it may not.");
    enter(Phase::Apart);
}

void Syncer::connected(v1::Hello hello)
{
    disconnected();
    enter(Phase::Greeting);
    heardMs_ = steady_();
    *say().mutable_hello() = std::move(hello);
}

void Syncer::disconnected()
{
    owing_.clear();
    parted_ = false;
    enter(Phase::Apart);
    ready_.clear();
    reading_.clear();
    toSubscribe_.clear();
    startedOver_.clear();
    answered_ = false;
    resentUpTo_ = 0;
    handing_.reset();
    pushesUnderWay_ = 0;
    actions_.send.clear();
    if (history_)
        *history_ = {.post = history_->post};
    textsApart();
    noted_ = 0;
    if (upToDateMs_ != 0)
        replica_.setSetting(upToDateSetting, std::to_string(upToDateMs_));
}

void Syncer::received(const v1::Envelope& envelope)
{
    if (phase_ == Phase::Apart)
        return;
    const BoxAtWork atWork(box_);
    heardMs_ = steady_();
    noteSaid();
    box_.add(noteOf(envelope, Note::Way::In, wall_(), envelope.ByteSizeLong()));
    const bool signedIn = phase_ != Phase::Greeting;
    switch (envelope.message_case()) {
    case v1::Envelope::kGoodbye:
        actions_.ended = fromProto(envelope.goodbye().why());
        enter(Phase::Apart);
        return;
    case v1::Envelope::kWelcome:
        return signedIn ? end(v1::PROTOCOL) : welcome(envelope.welcome());
    case v1::Envelope::kReceipts:
        return signedIn ? receipts(envelope.receipts()) : end(v1::PROTOCOL);
    case v1::Envelope::kHandedBack:
        return signedIn ? handedBack(envelope.handed_back()) : end(v1::PROTOCOL);
    case v1::Envelope::kParted:
        return phase_ == Phase::Following ? parted(envelope.parted()) : end(v1::PROTOCOL);
    case v1::Envelope::kBatch:
        return signedIn ? batch(envelope.batch()) : end(v1::PROTOCOL);
    case v1::Envelope::kFeeds:
        return signedIn ? feeds(envelope.feeds()) : end(v1::PROTOCOL);
    case v1::Envelope::kRevisionPage:
        return signedIn ? revisionPage(envelope.revision_page()) : end(v1::PROTOCOL);
    case v1::Envelope::kRevisions:
        return signedIn ? revisions(envelope.revisions()) : end(v1::PROTOCOL);
    case v1::Envelope::kPresent:
        return signedIn ? present(envelope.present()) : end(v1::PROTOCOL);
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
    const uint64_t epoch = std::strtoull(replica_.setting("epoch").c_str(), nullptr, 10);
    // Somebody else's copy, or another organisation's, is never mixed with this one.
    if (!replica_.welcome(welcome))
        return end(v1::EXISTS);
    if (epoch != welcome.epoch())
        note(epochKind, {epoch, welcome.epoch()});
    for (const FollowedFeed* feed : replica_.feeds())
        if (feed->setAside)
            note(asideKind, {feed->cursor}, feed);
    limits_ = welcome.limits();
    if (limits_.push_changes_max() == 0 || limits_.push_bytes_max() == 0)
        return end(v1::PROTOCOL);
    actions_.signedIn = true;
    actions_.token = welcome.token();
    owing_ = replica_.owing();
    enter(Phase::HandingBack);
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
            if (const FollowedFeed* known = replica_.feed(feed); known && known->matches)
                *handBack.mutable_matches() = *known->matches;
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
    // Hand back, settle, read: what waits for an answer may rest on what was lost.
    if (parted_)
        return end(v1::BUSY);
    if (phase_ == Phase::Following)
        subscribeMore();
    if (phase_ != Phase::HandingBack)
        return;
    // Only now: what is sent again may rest on what was lost.
    if (STOA_PLANT("receipts not read first"))
        return follow();
    enter(Phase::Settling);
    settleMore();
}

void Syncer::handedBack(const v1::HandedBack& answer)
{
    if (!handing_ || answer.feed() != handing_->key())
        return end(v1::PROTOCOL);
    handing_.reset();
    handBackMore();
}

// The server went back without a word, and others have the numbers of what this copy has read.
void Syncer::parted(const v1::Parted& parted)
{
    const auto feed = Feed::from(parted.feed());
    const FollowedFeed* known = feed ? replica_.feed(*feed) : nullptr;
    if (!known || isOwing(*feed))
        return;
    note(partedKind, {known->cursor, known->head, parted.matches().number()}, known);
    replica_.part(*feed, parted.matches());
    ready_.erase(*feed);
    reading_.erase(*feed);
    std::erase(toSubscribe_, *feed);
    owing_.insert(owing_.begin(), *feed);
    parted_ = true;
    if (!handing_)
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
    textsMoved();
    if (phase_ == Phase::Settling)
        settleMore();
    else
        pump();
}

void Syncer::follow()
{
    enter(Phase::Following);
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
    readHistoryOn();
    openTexts();
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

v1::Subscribe& Syncer::ask(const FollowedFeed& feed)
{
    v1::Subscribe& subscribe = *say().mutable_subscribe();
    subscribe.set_feed(feed.feed.key());
    // Of one that is set aside the cursor says only that some of it is here, also while it is read anew.
    subscribe.set_cursor(feed.setAside ? std::max<uint64_t>(feed.cursor, 1) : feed.cursor);
    std::vector<std::string> awaited = replica_.awaitedChanges(feed.feed);
    // What was equal when it was told of needs no proof. One that is set aside was not told of, but may be by now. And
    // of a text that was accepted no record need tell yet.
    if (!feed.agreed || feed.setAside || !awaited.empty()) {
        if (!feed.trail.witnesses().empty())
            *subscribe.mutable_trail() = feed.trail;
        for (std::string& change : awaited)
            subscribe.add_awaited(std::move(change));
    }
    return subscribe;
}

void Syncer::readHistory(const Id& post)
{
    history_ = {.post = post};
    readHistoryOn();
}

void Syncer::readHistoryOn()
{
    if (!history_ || history_->asked || phase_ != Phase::Following)
        return;
    v1::ReadRevisions& read = *say().mutable_read_revisions();
    read.set_post(history_->post.str());
    read.set_before(history_->before);
    history_->asked = true;
}

// One that was asked for before another one was wanted counts as well, and leads no further.
void Syncer::revisionPage(const v1::RevisionPage& page)
{
    const std::optional<uint64_t> next = replica_.receive(page);
    if (!history_ || page.post() != history_->post.view() || page.before() != history_->before)
        return;
    if (!next) {
        history_.reset();
        return;
    }
    *history_ = {.post = history_->post, .before = *next};
    readHistoryOn();
}

// The digests differ at the head. Both sides keep what they know of it: the server learns what this replica had.
void Syncer::differs(const FollowedFeed& feed, const std::string& told)
{
    note(differsKind, {feed.cursor, feed.head, feed.held}, &feed);
    report("digest", feedName(feed.feed.key()), standingOf(feed) + " told=" + toHex(told));
    const Feed named = feed.feed;
    if (startedOver_[named]++ >= startOverMax)
        return atHead(named); // goes on with what there is; the figures say that it differs
    v1::Difference difference;
    difference.set_cursor(feed.cursor);
    difference.set_records(feed.held);
    difference.set_digest(feed.digest.str());
    difference.set_told(told);
    replica_.readAnew(named);
    reading_.insert(named);
    *ask(feed).mutable_difference() = std::move(difference);
}

void Syncer::atHead(const Feed& feed)
{
    reading_.erase(feed);
    ready_.insert(feed);
    subscribeMore();
    pump();
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
    const Replica::Received received = replica_.receive(batch);
    const FollowedFeed* known = replica_.feed(*feed);
    textsMoved();
    openTexts(); // a body may be another one than the server did not know
    switch (received) {
    case Replica::Received::Stored:
        return;
    case Replica::Received::Differs:
        return differs(*known, batch.digest());
    case Replica::Received::AtHead:
        return atHead(*feed);
    case Replica::Received::Elsewhere:
        note(elsewhereKind, {known->cursor, batch.after(), batch.upto()}, known);
        if (known->anew && known->cursor == 0 && reading_.contains(*feed))
            return; // was on its way when this began to read anew
        // Read already: a space that the server named once more while it was asked for is answered twice.
        if (batch.after() > 0 && batch.after() <= batch.upto() && batch.upto() <= known->cursor)
            return;
        if (startedOver_[*feed]++ < startOverMax)
            return subscribe(*feed);
        return end(v1::PROTOCOL);
    case Replica::Received::Unknown: // forgotten while this was on its way
        return note(unknownKind, {batch.after(), batch.upto()});
    case Replica::Received::Full:
    case Replica::Received::Broken:
        note(brokenKind, {batch.after(), batch.upto()}, known);
        return end(v1::PROTOCOL);
    }
}

void Syncer::feeds(const v1::Feeds& feeds)
{
    for (const std::string& key : feeds.lost()) {
        if (const auto feed = Feed::from(key)) {
            if (const FollowedFeed* known = replica_.feed(*feed))
                note(forgottenKind, {known->cursor}, known);
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
            if (!isOwing(*feed)) {
                owing_.insert(owing_.begin(), *feed);
                if (const FollowedFeed* known = replica_.feed(*feed))
                    note(owingKind, {known->cursor, known->head}, known);
            }
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
    const BoxAtWork atWork(box_);
    if (replica_.hasUnsent())
        textsMoved();
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
