#include "server/session/session.h"

#include "shared/base/limits.h"
#include "shared/base/plant.h"
#include "shared/domain/may.h"

namespace stoa {

namespace {

// What becomes of a conversation, beside what is said in it.
constexpr NoteKind signedInKind{"signed_in", {"feeds"}};
constexpr NoteKind rightsKind{"rights_altered", {"new", "lost", "feeds"}};
constexpr NoteKind liveKind{"live_batch", {"after", "upto", "versions", "last"}};
constexpr NoteKind liveTextKind{"live_revisions", {"after", "upto", "revisions"}};
constexpr NoteKind behindKind{"reads_from_store", {"cursor", "after", "upto", "queued_bytes"}};
constexpr NoteKind anewKind{"from_the_start", {"cursor", "head", "oldest_tombstone"}};

void setHead(v1::FeedHead& head, const FeedState& state)
{
    head.set_feed(state.feed.key());
    head.set_head(state.head);
    head.set_digest(state.digest.str());
    head.set_records(state.records);
    head.set_oldest_tombstone(state.oldestTombstone);
    head.set_inherited(state.inherited);
}

void addVersion(v1::Batch& batch, std::string seal, std::string bytes, uint64_t number)
{
    v1::Version* version = batch.add_versions();
    version->set_number(number);
    version->set_seal(std::move(seal));
    version->set_record(std::move(bytes));
}

} // namespace

Session::Session(SessionDoors doors, Snapshot& snapshot, WallClock clock, uint32_t number)
    : doors_(std::move(doors)),
      snapshot_(snapshot),
      clock_(std::move(clock)),
      number_(number),
      box_(limits::sessionNotesMax)
{
}

void Session::received(const v1::Envelope& envelope)
{
    if (phase_ == Phase::Ended)
        return;
    const BoxAtWork atWork(box_);
    box_.add(noteOf(envelope, Note::Way::In, clock_(), envelope.ByteSizeLong()));
    if (envelope.has_hello() && phase_ == Phase::Hello)
        return hello(envelope.hello());
    if (phase_ != Phase::SignedIn)
        return goodbye({v1::PROTOCOL});
    switch (envelope.message_case()) {
    case v1::Envelope::kPush:
        return push(envelope.push());
    case v1::Envelope::kSubscribe:
        return subscribe(envelope.subscribe());
    case v1::Envelope::kHandBack:
        return handBack(envelope.hand_back());
    case v1::Envelope::kOpenText:
        return openText(envelope.open_text());
    case v1::Envelope::kCloseText:
        if (const auto post = Id::from(envelope.close_text().post()))
            closeText(*post, false);
        return;
    case v1::Envelope::kPresence:
        return presence(envelope.presence());
    case v1::Envelope::kReadRevisions:
        return readRevisions(envelope.read_revisions());
    case v1::Envelope::kSignOut:
        return signOut();
    case v1::Envelope::kPing: {
        v1::Envelope pong;
        pong.mutable_pong();
        return send(pong);
    }
    case v1::Envelope::kPong:
        return;
    default:
        return goodbye({v1::PROTOCOL});
    }
}

void Session::hello(const v1::Hello& hello)
{
    if (hello.protocol_min() > limits::protocolMax || hello.protocol_max() < limits::protocolMin)
        return goodbye({v1::VERSION});
    phase_ = Phase::SigningIn;
    if (hello.has_token()) {
        const Result<SignedIn> done = [&] {
            const View view(snapshot_);
            return signInByToken(snapshot_, snapshot_, hello.token());
        }();
        return signInDone(done);
    }
    if (!hello.has_password() && !hello.has_invitation())
        return goodbye({v1::PROTOCOL});
    doors_.signIn(hello);
}

void Session::signInDone(const Result<SignedIn>& done)
{
    if (phase_ != Phase::SigningIn)
        return;
    if (!done)
        return goodbye(done.error());
    if (const Refusal why = doors_.admit(*done); why.code != v1::CODE_NONE)
        return goodbye(why);
    phase_ = Phase::SignedIn;
    person_ = done->person;
    device_ = done->device;

    const View view(snapshot_);
    v1::Envelope envelope;
    v1::Welcome& welcome = *envelope.mutable_welcome();
    welcome.set_protocol(limits::protocolMax);
    welcome.set_person(done->person.str());
    welcome.set_device(done->device.str());
    welcome.set_token(done->token);
    welcome.set_epoch(snapshot_.epoch());
    welcome.set_now_ms(clock_());
    welcome.set_organisation(snapshot_.organisation().str());
    for (const auto& [feed, state] : readableFeeds()) {
        feeds_.insert(feed);
        setHead(*welcome.add_feeds(), state);
    }
    note(signedInKind, {feeds_.size()}, {});
    v1::Limits& told = *welcome.mutable_limits();
    told.set_frame_bytes_max(limits::frameBytesMax);
    told.set_record_bytes_max(limits::recordBytesMax);
    told.set_body_bytes_max(limits::bodyBytesMax);
    told.set_push_changes_max(limits::pushChangesMax);
    told.set_push_bytes_max(limits::pushBytesMax);
    told.set_open_texts_max(limits::openTextsMax);
    send(envelope);
}

void Session::push(const v1::Push& push)
{
    size_t bytes = 0;
    for (const v1::PushedChange& change : push.changes())
        bytes += change.change().size();
    if (push.changes_size() == 0)
        return goodbye({v1::PROTOCOL});
    if (push.changes_size() > static_cast<int>(limits::pushChangesMax))
        return goodbye({v1::TOO_LARGE, v1::FIELD_NONE, int64_t{limits::pushChangesMax}});
    if (bytes > limits::pushBytesMax && push.changes_size() > 1)
        return goodbye({v1::TOO_LARGE, v1::FIELD_NONE, int64_t{limits::pushBytesMax}});
    Submission submission{
        .actor = {.person = person_}, .changes = {push.changes().begin(), push.changes().end()}, .device = device_};
    if (!doors_.submit(std::move(submission)))
        return goodbye({.code = v1::BUSY, .retryAfterMs = 1'000});
    if (++pushesUnderWay_ >= limits::pushesUnderWayMax)
        doors_.pauseReading(true);
}

void Session::receipts(const v1::Receipts& receipts)
{
    if (phase_ != Phase::SignedIn)
        return;
    v1::Envelope envelope;
    *envelope.mutable_receipts() = receipts;
    send(envelope);
    if (--pushesUnderWay_ == limits::pushesUnderWayMax / 2)
        doors_.pauseReading(false);
}

void Session::subscribe(const v1::Subscribe& subscribe)
{
    const auto feed = Feed::from(subscribe.feed());
    // Neither an unknown feed nor one without rights is a reason to end: the right may have been taken away
    // while the question was on its way. Who has read some of one that is there but not for them hears that it
    // is lost (nobody guesses an id). Of an unknown one nothing is said, nor of another person's: everybody knows
    // its name, and nobody could ever read it.
    if (!feed)
        return;
    if (subscribe.trail().witnesses_size() > limits::witnessesMax)
        return goodbye({v1::TOO_LARGE, v1::FIELD_NONE, int64_t{limits::witnessesMax}});
    if (subscribe.awaited_size() > limits::awaitedMax)
        return goodbye({v1::TOO_LARGE, v1::FIELD_NONE, int64_t{limits::awaitedMax}});
    if (!feeds_.contains(*feed)) {
        const View view(snapshot_);
        if (subscribe.cursor() == 0 || feed->kind == FeedKind::Person || !exists(*feed))
            return;
        v1::Envelope envelope;
        envelope.mutable_feeds()->add_lost(feed->key());
        return send(envelope);
    }
    if (subscribe.has_difference())
        keepDifference(*feed, subscribe.difference());
    if (const auto parted = partedFrom(*feed, subscribe)) {
        subscriptions_.erase(*feed);
        v1::Envelope envelope;
        *envelope.mutable_parted() = *parted;
        return send(envelope);
    }
    subscriptions_[*feed] = {.cursor = subscribe.cursor(), .begun = false, .live = false};
    sendBulk();
}

// Whether this replica has read what is not here. It may say so falsely: nothing follows before it has handed back what
// bears this server's seal.
std::optional<v1::Parted> Session::partedFrom(const Feed& feed, const v1::Subscribe& subscribe) const
{
    if ((!subscribe.has_trail() && subscribe.awaited().empty()) || STOA_PLANT("witnesses not looked at"))
        return std::nullopt;
    const View view(snapshot_);
    if (!mayRead(feed, Actor{.person = person_}, snapshot_, snapshot_.organisation()) &&
        !STOA_PLANT("witnesses are looked at while a right goes"))
        return std::nullopt; // word of that is under way
    v1::Parted parted;
    bool isParted = false;
    for (const v1::Witness& witness : subscribe.trail().witnesses()) {
        const std::string seal = snapshot_.sealAt(feed, witness.number());
        const auto epoch = static_cast<uint32_t>(witness.number() >> limits::epochShift);
        // Of an older epoch, and above what the next began with: who handed that back names it no more.
        const bool isLost = epoch < snapshot_.epoch() && witness.number() > snapshot_.inheritedAfter(feed, epoch);
        if (seal.empty() && !isLost)
            continue;
        // Newer ones may be the same: what was read here after they parted.
        if (seal != witness.seal()) {
            isParted = true;
            parted.clear_matches();
        } else if (!parted.has_matches()) {
            *parted.mutable_matches() = witness;
        }
    }
    // After it went back the server may know newer ones again, and not one that was receipted before that.
    for (const std::string& each : subscribe.awaited()) {
        const auto awaited = Id::from(each);
        if (isParted || !awaited)
            continue;
        const auto known = snapshot_.acceptedChange(*awaited);
        isParted = !known || known->person != person_;
    }
    if (!isParted)
        return std::nullopt;
    parted.set_feed(feed.key());
    return parted;
}

// Nothing that the peer says of it is believed; it is kept beside what is known here.
void Session::keepDifference(const Feed& feed, const v1::Difference& difference)
{
    if (!doors_.keep || reports_ >= limits::sessionReportsMax)
        return;
    ++reports_;
    const View view(snapshot_);
    const FeedState state = snapshot_.feedState(feed);
    const std::string name = feedName(feed.key());
    const auto digest = [](const std::string& bytes) {
        return Digest::from(bytes) ? toHex(bytes) : std::string("none");
    };
    std::string text = "side=server cause=digest at=" + printUtc(clock_()) + "\n";
    text +=
        "person=" + person_.hex() + " device=" + device_.hex() + " epoch=" + std::to_string(snapshot_.epoch()) + "\n";
    text += "device: feed=" + name + " cursor=" + std::to_string(difference.cursor()) +
            " records=" + std::to_string(difference.records()) + " digest=" + digest(difference.digest()) +
            " told=" + digest(difference.told()) + "\n";
    text += "server: feed=" + name + " head=" + std::to_string(state.head) +
            " records=" + std::to_string(state.records) + " inherited=" + std::to_string(state.inherited) +
            " oldest_tombstone=" + std::to_string(state.oldestTombstone) + " digest=" + toHex(state.digest.str()) +
            "\n";
    if (const auto sent = subscriptions_.find(feed); sent != subscriptions_.end())
        text += "sent: feed=" + name + " cursor=" + std::to_string(sent->second.cursor) +
                " live=" + std::to_string(sent->second.live) + "\n";
    doors_.keep({"digest", device_.hex(), text + box_.text()});
}

void Session::note(const NoteKind& kind, std::array<uint64_t, 4> numbers, std::string_view feed)
{
    Note note{.atMs = clock_(), .kind = &kind, .numbers = numbers};
    box_.add(note.ofFeed(feed));
}

void Session::handBack(const v1::HandBack& handBack)
{
    size_t bytes = 0;
    for (const v1::Version& version : handBack.versions())
        bytes += version.record().size();
    if (handBack.versions_size() == 0 || handingBack_)
        return goodbye({v1::PROTOCOL});
    if (handBack.versions_size() > static_cast<int>(limits::pushChangesMax) ||
        (bytes > limits::pushBytesMax && handBack.versions_size() > 1))
        return goodbye({v1::TOO_LARGE, v1::FIELD_NONE, int64_t{limits::pushBytesMax}});
    handingBack_ = true;
    if (!doors_.handBack(handBack))
        goodbye({.code = v1::BUSY, .retryAfterMs = 1'000});
}

void Session::handedBack(const v1::HandedBack& answer)
{
    if (phase_ != Phase::SignedIn)
        return;
    handingBack_ = false;
    v1::Envelope envelope;
    *envelope.mutable_handed_back() = answer;
    send(envelope);
}

// A space's feed for its staff is there as long as the space is.
bool Session::exists(const Feed& feed) const
{
    const Feed founding = feed.kind == FeedKind::Staff ? Feed{FeedKind::Space, feed.owner} : feed;
    return snapshot_.feedState(founding).head != 0;
}

void Session::signOut()
{
    if (!doors_.signOut(device_))
        goodbye({.code = v1::BUSY, .retryAfterMs = 1'000});
}

void Session::drained()
{
    if (phase_ != Phase::SignedIn)
        return;
    sendBulk();
    catchUpWithReaders();
}

void Session::sendBulk()
{
    std::optional<View> view;
    sendTexts(view);
    for (auto& [feed, subscription] : subscriptions_) {
        while (!subscription.live && doors_.queuedBytes() < limits::bulkBelowBytes) {
            if (!view)
                view.emplace(snapshot_);
            // A right that was taken away holds from the commit on, also where word of it is still under way.
            if (!mayRead(feed, Actor{.person = person_}, snapshot_, snapshot_.organisation()) &&
                !STOA_PLANT("rights not read for bulk"))
                break;
            sendBatch(feed, subscription);
        }
    }
}

void Session::sendBatch(const Feed& feed, Subscription& subscription)
{
    const FeedState state = snapshot_.feedState(feed);
    const bool anew =
        subscription.cursor > state.head || (!subscription.begun && subscription.cursor < state.oldestTombstone);
    if (anew) {
        note(anewKind, {subscription.cursor, state.head, state.oldestTombstone}, feed.key());
        subscription.cursor = 0;
    }
    // Who reads from the start needs no tombstone but of what goes while this is read.
    if (!subscription.begun || anew)
        subscription.tombstonesAfter =
            subscription.cursor == 0 || STOA_PLANT("who reads on hears of no deletion") ? state.head : 0;
    subscription.begun = true;
    auto versions = snapshot_.versionsAfter(
        feed, subscription.cursor + (STOA_PLANT("cursor off by one") && subscription.cursor > 0),
        subscription.tombstonesAfter, limits::batchBytes);
    size_t bytes = 0;
    for (const StoredVersion& version : versions)
        bytes += version.bytes.size() + 64;

    v1::Envelope envelope;
    v1::Batch& batch = *envelope.mutable_batch();
    batch.set_feed(feed.key());
    batch.set_after(subscription.cursor);
    const bool last = bytes < limits::batchBytes;
    subscription.cursor = last ? state.head : versions.back().number;
    for (StoredVersion& version : versions)
        addVersion(batch, std::move(version.seal), std::move(version.bytes), version.number);
    batch.set_upto(subscription.cursor);
    if (last) {
        batch.set_last(true);
        batch.set_digest(state.digest.str());
        subscription.live = true;
        subscription.tombstonesAfter = 0;
    }
    send(envelope);
}

void Session::rightsAltered()
{
    if (phase_ != Phase::SignedIn)
        return;
    std::optional<View> view(std::in_place, snapshot_);
    const auto person = snapshot_.find(person_);
    if (!person || person->record->deleted() || person->record->person().disabled())
        return goodbye({v1::PERSON_DISABLED_NOW});
    const auto readable = readableFeeds();
    v1::Envelope envelope;
    v1::Feeds& told = *envelope.mutable_feeds();
    for (const auto& [feed, state] : readable) {
        if (!feeds_.contains(feed))
            setHead(*told.add_feeds(), state);
    }
    for (const Feed& feed : feeds_) {
        if (!readable.contains(feed)) {
            told.add_lost(feed.key());
            if (!STOA_PLANT("subscription outlives the right"))
                subscriptions_.erase(feed);
        }
    }
    feeds_.clear();
    for (const auto& [feed, state] : readable)
        feeds_.insert(feed);
    if (told.feeds_size() + told.lost_size() > 0)
        note(rightsKind, {size_t(told.feeds_size()), size_t(told.lost_size()), feeds_.size()}, {});
    if (told.feeds_size() + told.lost_size() > 0)
        send(envelope);
    view.reset();
    for (auto next = texts_.begin(); next != texts_.end();) {
        const auto& [post, open] = *next++;
        if (!feeds_.contains(open.feed) && !STOA_PLANT("an open text outlives the right"))
            closeText(Id(post), true);
    }
    sendBulk(); // of what was held back by a right that had gone and is there again
}

void Session::news(const LiveNews& live)
{
    const auto found = subscriptions_.find(live.news().state.feed);
    if (phase_ != Phase::SignedIn || found == subscriptions_.end())
        return;
    Subscription& subscription = found->second;
    if (!subscription.live || subscription.cursor >= live.news().upto)
        return;
    if (subscription.cursor == live.news().after && doors_.queuedBytes() < limits::bulkBelowBytes) {
        doors_.send(live.frame());
        subscription.cursor = live.news().upto;
        noteLive(live);
        return;
    }
    note(behindKind, {subscription.cursor, live.news().after, live.news().upto, doors_.queuedBytes()},
         live.news().state.feed.key());
    if (STOA_PLANT("news that was dropped never comes"))
        return;
    subscription.live = false;
    sendBulk();
}

void Session::ended()
{
    closeTexts();
    phase_ = Phase::Ended;
}

void Session::goodbye(const Refusal& why)
{
    if (phase_ == Phase::Ended)
        return;
    closeTexts();
    v1::Envelope envelope;
    *envelope.mutable_goodbye()->mutable_why() = toProto(why);
    send(envelope);
    phase_ = Phase::Ended;
    doors_.finish();
}

void Session::send(const v1::Envelope& envelope)
{
    SharedFrame frame = frameOf(envelope);
    box_.add(noteOf(envelope, Note::Way::Out, clock_(), frame->size()));
    doors_.send(std::move(frame));
}

void Session::noteLive(const LiveNews& live)
{
    const News& news = live.news();
    Note note{.atMs = clock_(),
              .kind = &liveKind,
              .numbers = {news.after, news.upto, news.versions.size(), news.last},
              .bytes = static_cast<uint32_t>(live.frame()->size()),
              .way = Note::Way::Out};
    note.ofFeed(news.state.feed.key());
    box_.add(news.last ? note.with(news.state.digest.str()) : note);
}

void Session::noteLive(const LiveText& live)
{
    const TextNews& news = live.news();
    Note note{.atMs = clock_(),
              .kind = &liveTextKind,
              .numbers = {news.after, live.upto(), news.revisions.size()},
              .bytes = static_cast<uint32_t>(live.frame()->size()),
              .way = Note::Way::Out};
    box_.add(note.ofId(news.post.view()));
}

std::map<Feed, FeedState> Session::readableFeeds() const
{
    std::map<Feed, FeedState> readable;
    const Actor actor{.person = person_};
    const Id organisation = snapshot_.organisation();
    const auto add = [&](const Feed& feed) {
        if (readable.size() < limits::feedsPerPersonMax && mayRead(feed, actor, snapshot_, organisation))
            readable.emplace(feed, snapshot_.feedState(feed));
    };
    add({FeedKind::Directory, organisation});
    add({FeedKind::Person, person_});
    for (const Located& space : snapshot_.all(v1::Record::kSpace)) {
        add({FeedKind::Space, space.feed.owner});
        add({FeedKind::Staff, space.feed.owner});
    }
    return readable;
}

} // namespace stoa
