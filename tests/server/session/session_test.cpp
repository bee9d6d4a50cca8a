#include "server/session/session.h"

#include "server/store/sqlite/sqlite_store.h"
#include "shared/base/limits.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace stoa {

namespace {

using Message = v1::Envelope;

// Ada's conversation over a channel in memory; the server's part is done by hand.
class Conversation {
public:
    Conversation()
    {
        REQUIRE(engine_.createOrganisation("Example", random_));
        ada_ = addPerson("ada");
        space = addSpace(v1::OPEN);

        SessionDoors doors;
        doors.send = [this](SharedFrame frame) {
            queuedBytes += frame->size();
            sent_.append(*frame);
        };
        doors.queuedBytes = [this] { return queuedBytes; };
        doors.signIn = [](const v1::Hello&) {};
        doors.admit = [](const SignedIn&) { return Refusal{}; };
        doors.submit = [this](Submission submission) {
            submitted.push_back(std::move(submission));
            return roomForSubmissions;
        };
        doors.handBack = [this](v1::HandBack versions) {
            handedBack.push_back(std::move(versions));
            return roomForSubmissions;
        };
        doors.signOut = [this](const Id& device) {
            signedOut.push_back(device);
            return roomForSubmissions;
        };
        doors.pauseReading = [this](bool paused) { readingPaused = paused; };
        doors.finish = [this] { finished = true; };
        doors.keep = [this](BlackBoxReport report) { kept.push_back(std::move(report)); };
        snapshot_ = store_->snapshot();
        session = std::make_unique<Session>(std::move(doors), *snapshot_, systemWallClock());
    }

    void signIn()
    {
        v1::Envelope hello;
        hello.mutable_hello()->set_protocol_min(1);
        hello.mutable_hello()->set_protocol_max(1);
        hello.mutable_hello()->mutable_password();
        session->received(hello);
        session->signInDone(SignedIn{ada_, newId(1, random_), "token"});
        REQUIRE(next(Message::kWelcome).welcome().token() == "token");
    }
    void subscribe(const Id& to, uint64_t cursor = 0)
    {
        v1::Envelope envelope;
        envelope.mutable_subscribe()->set_feed(Feed{FeedKind::Space, to}.key());
        envelope.mutable_subscribe()->set_cursor(cursor);
        session->received(envelope);
    }
    v1::Envelope asks(const std::vector<v1::Witness>& witnesses, const std::vector<std::string>& awaited = {})
    {
        v1::Envelope envelope;
        v1::Subscribe& subscribe = *envelope.mutable_subscribe();
        subscribe.set_feed(Feed{FeedKind::Space, space}.key());
        subscribe.set_cursor(witnesses.empty() ? 1 : witnesses.front().number());
        for (const v1::Witness& witness : witnesses)
            *subscribe.mutable_trail()->add_witnesses() = witness;
        for (const std::string& change : awaited)
            subscribe.add_awaited(change);
        return envelope;
    }
    // Of the version that has this number in the space.
    v1::Witness witness(uint64_t number)
    {
        snapshot_->refresh();
        v1::Witness made;
        made.set_number(number);
        made.set_seal(snapshot_->sealAt({FeedKind::Space, space}, number));
        snapshot_->rest();
        return made;
    }
    uint64_t head()
    {
        snapshot_->refresh();
        const uint64_t head = snapshot_->feedState({FeedKind::Space, space}).head;
        snapshot_->rest();
        return head;
    }
    void push(int changes = 1)
    {
        v1::Envelope envelope;
        for (int i = 0; i < changes; ++i)
            envelope.mutable_push()->add_changes()->set_change(question().SerializeAsString());
        session->received(envelope);
    }

    // The next message, which must be of this kind.
    v1::Envelope next(Message::MessageCase kind)
    {
        auto envelope = sent_.next();
        REQUIRE(envelope);
        REQUIRE(*envelope);
        REQUIRE((*envelope)->message_case() == kind);
        return **envelope;
    }
    std::optional<v1::Envelope> take()
    {
        auto envelope = sent_.next();
        REQUIRE(envelope);
        return *envelope;
    }
    bool silent() { return !take(); }

    v1::Change change(const Id& target)
    {
        v1::Change made;
        made.set_id(newId(1, random_).str());
        made.set_target(target.str());
        return made;
    }
    v1::Change question(size_t bodyBytes = 0, std::optional<Id> in = {})
    {
        v1::Change made = change(newId(1, random_));
        made.mutable_create_post()->set_kind(v1::QUESTION);
        made.mutable_create_post()->set_space(in.value_or(space).str());
        made.mutable_create_post()->set_title("Why?");
        std::string body(bodyBytes, '\0'); // letters that do not compress
        random_({reinterpret_cast<uint8_t*>(body.data()), body.size()});
        for (char& c : body)
            c = static_cast<char>(' ' + (c & 63));
        made.mutable_create_post()->set_body(body);
        return made;
    }
    Committed commit(const std::vector<v1::Change>& changes, const Actor& actor)
    {
        Submission submission{.actor = actor};
        for (const v1::Change& made : changes)
            submission.changes.emplace_back().set_change(made.SerializeAsString());
        Committed committed = engine_.submit({&submission, 1});
        for (const v1::Receipt& receipt : committed.receipts[0].receipts())
            REQUIRE_FALSE(receipt.has_refusal());
        return committed;
    }
    Id addPerson(const std::string& login)
    {
        const Id id = newId(1, random_);
        v1::Change made = change(id);
        made.mutable_create_person()->set_login(login);
        made.mutable_create_person()->set_name(login);
        commit({made}, {.server = true});
        return id;
    }
    Id addSpace(v1::Visibility visibility)
    {
        const Id id = newId(1, random_);
        v1::Change made = change(id);
        made.mutable_create_space()->set_name("Space");
        made.mutable_create_space()->set_visibility(visibility);
        commit({made}, {.server = true});
        return id;
    }
    void setRole(const Id& in, v1::Role role)
    {
        v1::Change made = change(membershipId(in, ada_));
        made.mutable_set_membership()->set_space(in.str());
        made.mutable_set_membership()->set_person(ada_.str());
        made.mutable_set_membership()->set_role(role);
        commit({made}, {.server = true});
    }
    void tell(const Committed& committed)
    {
        if (committed.rightsAltered)
            session->rightsAltered();
        for (const auto& news : committed.news)
            session->news(LiveNews(news));
    }
    Committed ask(size_t bodyBytes = 0)
    {
        const v1::Change made = question(bodyBytes);
        if (firstQuestion.id().empty())
            firstQuestion = made;
        return commit({made}, {.person = ada_});
    }
    void beginEpoch() { engine_.beginEpoch(engine_.epoch() + 1); }
    // To Ada, who is no member.
    void close()
    {
        v1::Change made = change(space);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(v1::SPACE_VISIBILITY);
        edit.mutable_value()->set_number(v1::PRIVATE);
        commit({made}, {.server = true});
    }
    const Id& ada() const { return ada_; }
    void peerTakesAll()
    {
        queuedBytes = 0;
        session->drained();
    }

    Id space;
    v1::Change firstQuestion;
    size_t queuedBytes = 0;
    bool roomForSubmissions = true;
    bool readingPaused = false;
    bool finished = false;
    std::vector<Submission> submitted;
    std::vector<v1::HandBack> handedBack;
    std::vector<Id> signedOut;
    std::vector<BlackBoxReport> kept;
    std::unique_ptr<Session> session;

private:
    test::TemporaryDirectory directory_;
    Random random_ = systemRandom();
    std::unique_ptr<Store> store_ = openSqliteStore(directory_.path() / "stoa.db");
    Engine engine_{*store_, std::string(32, 'k'), systemWallClock()};
    Id ada_;
    std::unique_ptr<Snapshot> snapshot_;
    FrameDecoder sent_{limits::frameBytesMax};
};

} // namespace

TEST_CASE("bulk waits while the peer has a mebibyte to take, and goes on from where it was")
{
    Conversation talk;
    for (int i = 0; i < 40; ++i)
        talk.ask(100'000);
    talk.signIn();
    talk.subscribe(talk.space);
    int versions = 0;
    uint64_t cursor = 0;
    int rounds = 0;
    for (bool last = false; !last; ++rounds) {
        CHECK(talk.queuedBytes < 2 * limits::kMiB);
        while (const auto message = talk.take()) {
            REQUIRE(message->has_batch());
            CHECK(message->batch().after() == cursor);
            cursor = message->batch().upto();
            versions += message->batch().versions_size();
            last = message->batch().last();
        }
        talk.peerTakesAll();
    }
    CHECK(versions == 41);
    CHECK(rounds > 2);
}

TEST_CASE("news follow on live, and are read from the store by who fell behind")
{
    Conversation talk;
    talk.signIn();
    talk.subscribe(talk.space);
    CHECK(talk.next(Message::kBatch).batch().last());

    const Committed first = talk.ask();
    talk.tell(first);
    const v1::Envelope live = talk.next(Message::kBatch);
    CHECK(live.batch().versions_size() == 1);

    const Committed missed = talk.ask();
    talk.tell(talk.ask()); // the news before it never came
    const v1::Envelope both = talk.next(Message::kBatch);
    CHECK(both.batch().after() == live.batch().upto());
    CHECK(both.batch().versions_size() == 2);
    talk.tell(missed);
    CHECK(talk.silent());
}

TEST_CASE("live news of a peer that takes nothing are dropped, not queued")
{
    Conversation talk;
    talk.signIn();
    talk.subscribe(talk.space);
    const uint64_t cursor = talk.next(Message::kBatch).batch().upto();
    talk.queuedBytes = limits::kMiB;
    for (int i = 0; i < 5; ++i)
        talk.tell(talk.ask());
    CHECK(talk.silent());
    talk.peerTakesAll();
    const v1::Envelope batch = talk.next(Message::kBatch);
    CHECK(batch.batch().after() == cursor);
    CHECK(batch.batch().versions_size() == 5);
    CHECK(batch.batch().last());
}

TEST_CASE("a cursor above the head reads the feed anew")
{
    Conversation talk;
    talk.signIn();
    talk.subscribe(talk.space, uint64_t{9} << limits::epochShift);
    const v1::Envelope batch = talk.next(Message::kBatch);
    CHECK(batch.batch().after() == 0);
    CHECK(batch.batch().versions_size() == 1);
}

TEST_CASE("who asks for a space that is there but not for them hears that it is lost, and nothing of it")
{
    Conversation talk;
    const Id hidden = talk.addSpace(v1::PRIVATE);
    talk.signIn();
    talk.subscribe(hidden, 7);
    const v1::Envelope told = talk.next(Message::kFeeds);
    CHECK(told.feeds().feeds_size() == 0);
    REQUIRE(told.feeds().lost_size() == 1);
    CHECK(told.feeds().lost(0) == Feed{FeedKind::Space, hidden}.key());
    CHECK(talk.silent());
}

TEST_CASE("of a space that is unknown here nothing is said: that is no order to forget it")
{
    Conversation talk;
    talk.signIn();
    talk.subscribe(newId(1, systemRandom()), 7);
    v1::Envelope nonsense;
    nonsense.mutable_subscribe()->set_feed("nonsense");
    talk.session->received(nonsense);
    CHECK(talk.silent());
    CHECK_FALSE(talk.finished);
}

TEST_CASE("of another person's feed nothing is said, whether they keep anything there or not")
{
    Conversation talk;
    const Id other = talk.addPerson("ben");
    v1::Change seen = talk.change(markId(talk.space, other, v1::SEEN));
    seen.mutable_set_mark()->set_kind(v1::SEEN);
    seen.mutable_set_mark()->set_on(talk.space.str());
    seen.mutable_set_mark()->set_value(1);
    talk.commit({seen}, {.person = other});
    talk.signIn();
    v1::Envelope subscribe;
    subscribe.mutable_subscribe()->set_feed(Feed{FeedKind::Person, other}.key());
    subscribe.mutable_subscribe()->set_cursor(7);
    talk.session->received(subscribe);
    CHECK(talk.silent());
}

TEST_CASE("pushes that are not settled yet hold the next ones back")
{
    Conversation talk;
    talk.signIn();
    for (int i = 0; i < 8; ++i)
        talk.push();
    CHECK(talk.readingPaused);
    for (int i = 0; i < 4; ++i)
        talk.session->receipts({});
    CHECK_FALSE(talk.readingPaused);
}

TEST_CASE("where too much waits the peer hears that the server is busy")
{
    Conversation talk;
    talk.signIn();
    talk.roomForSubmissions = false;
    talk.push();
    const v1::Envelope goodbye = talk.next(Message::kGoodbye);
    CHECK(goodbye.goodbye().why().code() == v1::BUSY);
    CHECK(goodbye.goodbye().why().retry_after_ms() > 0);
    CHECK(talk.finished);
}

TEST_CASE("signing out is passed on for this device, and refused where too much waits")
{
    Conversation talk;
    v1::Envelope signOut;
    signOut.mutable_sign_out();
    SECTION("signed in")
    {
        talk.signIn();
        talk.session->received(signOut);
        CHECK(talk.signedOut == std::vector{talk.session->device()});
        CHECK(talk.silent()); // the token goes first
    }
    SECTION("a busy server")
    {
        talk.roomForSubmissions = false;
        talk.signIn();
        talk.session->received(signOut);
        CHECK(talk.next(Message::kGoodbye).goodbye().why().code() == v1::BUSY);
    }
    SECTION("nobody")
    {
        talk.session->received(signOut);
        CHECK(talk.next(Message::kGoodbye).goodbye().why().code() == v1::PROTOCOL);
        CHECK(talk.signedOut.empty());
    }
}

TEST_CASE("who has read what another version has the number of hears from where on")
{
    Conversation talk;
    (void)talk.ask();
    (void)talk.ask();
    talk.signIn();
    const uint64_t head = talk.head();
    const auto unlike = [&](uint64_t number) {
        v1::Witness other = talk.witness(number);
        other.mutable_seal()->back() ^= 1;
        return other;
    };
    const auto parts = [&](const v1::Envelope& said, uint64_t matches) {
        talk.session->received(said);
        const v1::Parted parted = talk.next(Message::kParted).parted();
        CHECK(parted.feed() == said.subscribe().feed());
        CHECK(parted.matches().number() == matches);
        CHECK(parted.matches().seal() == (matches ? talk.witness(matches).seal() : ""));
        CHECK(talk.silent());
        CHECK_FALSE(talk.session->follows({FeedKind::Space, talk.space}));
    };
    const auto readsOn = [&](const v1::Envelope& said) {
        talk.session->received(said);
        CHECK(talk.next(Message::kBatch).batch().after() == said.subscribe().cursor());
        CHECK(talk.session->follows({FeedKind::Space, talk.space}));
    };
    SECTION("the newest is known")
    {
        readsOn(talk.asks({talk.witness(head), talk.witness(head - 1)}));
    }
    SECTION("the newest was read after they parted")
    {
        parts(talk.asks({talk.witness(head), unlike(head - 1), talk.witness(head - 2)}), head - 2);
    }
    SECTION("the newest is another's")
    {
        parts(talk.asks({unlike(head), talk.witness(head - 1), talk.witness(head - 2)}), head - 1);
    }
    SECTION("none is known")
    {
        parts(talk.asks({unlike(head), unlike(head - 1)}), 0);
    }
    SECTION("a number that nothing is known of says nothing")
    {
        v1::Witness above = unlike(head);
        above.set_number(head + 1);
        readsOn(talk.asks({talk.witness(head)}));
        talk.session->received(talk.asks({above, talk.witness(head)}));
        CHECK(talk.next(Message::kBatch).batch().after() == 0); // read from the start, as ever above the head
    }
    SECTION("what a later epoch did not begin with was lost")
    {
        talk.beginEpoch();
        (void)talk.ask();
        v1::Witness lost = unlike(head);
        lost.set_number(head + 1);
        parts(talk.asks({lost, talk.witness(head)}), head);
    }
    SECTION("what was superseded is known as well")
    {
        v1::Change renamed = talk.change(*Id::from(talk.firstQuestion.target()));
        v1::FieldEdit& edit = *renamed.mutable_edit()->add_fields();
        edit.set_field(v1::POST_TITLE);
        edit.mutable_value()->set_text("Why not?");
        const v1::Witness before = talk.witness(head - 1), other = unlike(head - 1);
        talk.commit({renamed}, {.person = talk.ada()});
        readsOn(talk.asks({before}));
        parts(talk.asks({other, talk.witness(head - 2)}), head - 2);
    }
    SECTION("a change that was accepted")
    {
        readsOn(talk.asks({}, {talk.firstQuestion.id()}));
    }
    SECTION("a change that was not")
    {
        parts(talk.asks({}, {talk.change(talk.space).id()}), 0);
        parts(talk.asks({talk.witness(head)}, {talk.change(talk.space).id()}), head);
        parts(talk.asks({}, {talk.change(talk.space).id(), talk.firstQuestion.id()}), 0);
    }
    SECTION("too many")
    {
        talk.session->received(talk.asks(std::vector<v1::Witness>(limits::witnessesMax, talk.witness(head))));
        CHECK(talk.next(Message::kBatch).has_batch());
        talk.session->received(talk.asks(std::vector<v1::Witness>(limits::witnessesMax + 1, talk.witness(head))));
        CHECK(talk.next(Message::kGoodbye).goodbye().why().code() == v1::TOO_LARGE);
    }
    SECTION("too many changes")
    {
        talk.session->received(talk.asks({}, std::vector<std::string>(limits::awaitedMax, talk.firstQuestion.id())));
        CHECK(talk.next(Message::kBatch).has_batch());
        talk.session->received(
            talk.asks({}, std::vector<std::string>(limits::awaitedMax + 1, talk.firstQuestion.id())));
        CHECK(talk.next(Message::kGoodbye).goodbye().why().code() == v1::TOO_LARGE);
    }
    SECTION("of what may not be read any more nothing is said")
    {
        talk.close();
        talk.session->received(talk.asks({unlike(head)}));
        CHECK(talk.silent());
        talk.session->rightsAltered();
        CHECK(talk.next(Message::kFeeds).feeds().lost_size() == 1);
        talk.session->received(talk.asks({unlike(head)}, {talk.change(talk.space).id()}));
        CHECK(talk.next(Message::kFeeds).feeds().lost_size() == 1);
    }
}

TEST_CASE("what a device hands back is passed on, one message at a time and within the limits of a push")
{
    Conversation talk;
    v1::Envelope envelope;
    v1::HandBack& handBack = *envelope.mutable_hand_back();
    handBack.set_feed(Feed{FeedKind::Space, talk.space}.key());
    handBack.add_versions()->set_record("some bytes");
    const auto refused = [&](v1::Code why) {
        CHECK(talk.next(Message::kGoodbye).goodbye().why().code() == why);
        CHECK(talk.finished);
    };
    SECTION("answered")
    {
        talk.signIn();
        for (int i = 0; i < 2; ++i) {
            talk.session->received(envelope);
            REQUIRE(talk.handedBack.size() == size_t(i) + 1);
            CHECK(talk.silent());
            v1::HandedBack answer;
            answer.set_taken(1);
            talk.session->handedBack(answer);
            CHECK(talk.next(Message::kHandedBack).handed_back().taken() == 1);
        }
    }
    SECTION("before signing in")
    {
        talk.session->received(envelope);
        refused(v1::PROTOCOL);
        CHECK(talk.handedBack.empty());
    }
    SECTION("a second one before the answer")
    {
        talk.signIn();
        talk.session->received(envelope);
        talk.session->received(envelope);
        refused(v1::PROTOCOL);
        CHECK(talk.handedBack.size() == 1);
    }
    SECTION("nothing")
    {
        talk.signIn();
        handBack.clear_versions();
        talk.session->received(envelope);
        refused(v1::PROTOCOL);
    }
    SECTION("too many")
    {
        talk.signIn();
        while (handBack.versions_size() <= int(limits::pushChangesMax))
            handBack.add_versions();
        talk.session->received(envelope);
        refused(v1::TOO_LARGE);
        CHECK(talk.handedBack.empty());
    }
    SECTION("too much")
    {
        talk.signIn();
        handBack.add_versions()->set_record(std::string(limits::pushBytesMax, 'x'));
        talk.session->received(envelope);
        refused(v1::TOO_LARGE);
        CHECK(talk.handedBack.empty());
    }
    SECTION("a busy server")
    {
        talk.roomForSubmissions = false;
        talk.signIn();
        talk.session->received(envelope);
        refused(v1::BUSY);
    }
}

TEST_CASE("after its end a conversation says and does nothing")
{
    Conversation talk;
    talk.signIn();
    talk.subscribe(talk.space);
    talk.next(Message::kBatch);
    talk.session->goodbye({v1::SHUTTING_DOWN});
    talk.next(Message::kGoodbye);
    talk.push();
    talk.tell(talk.ask());
    talk.session->drained();
    talk.session->rightsAltered();
    CHECK(talk.silent());
    CHECK(talk.submitted.empty());
}

TEST_CASE("news of a commit that is larger than a frame come in pieces that follow on")
{
    Conversation talk;
    talk.signIn();
    talk.subscribe(talk.space);
    uint64_t cursor = talk.next(Message::kBatch).batch().upto();
    std::vector<v1::Change> four;
    for (int i = 0; i < 4; ++i)
        four.push_back(talk.question(limits::bodyBytesMax - 1'000));
    const Committed committed = talk.commit(four, {.server = true});
    int versions = 0;
    for (const auto& news : committed.news) {
        talk.queuedBytes = 0;
        talk.session->news(LiveNews(news));
        const v1::Envelope piece = talk.next(Message::kBatch); // what decodes it has the limit of a frame
        CHECK(piece.batch().after() == cursor);
        cursor = piece.batch().upto();
        versions += piece.batch().versions_size();
        CHECK(piece.batch().last() == (news == committed.news.back()));
    }
    CHECK(versions == 4);
}

TEST_CASE("what is deleted while a feed is first read is told to who has read it already")
{
    Conversation talk;
    const v1::Change first = talk.question();
    talk.commit({first}, {.server = true});
    for (int i = 0; i < 30; ++i)
        talk.ask(100'000);
    talk.signIn();
    talk.subscribe(talk.space);
    v1::Change gone = talk.change(*Id::from(first.target()));
    gone.mutable_delete_();
    talk.commit({gone}, {.server = true});
    bool told = false;
    int tombstones = 0;
    for (bool last = false; !last; talk.peerTakesAll())
        while (const auto message = talk.take()) {
            last = message->batch().last();
            for (const v1::Version& version : message->batch().versions()) {
                v1::Record record;
                REQUIRE(record.ParseFromString(version.record()));
                tombstones += record.deleted();
                told = told || (record.deleted() && record.id() == first.target());
            }
        }
    CHECK(told);
    CHECK(tombstones == 1);
}

TEST_CASE("a right that was taken away holds from its commit on, also before word of it has come")
{
    Conversation talk;
    const Id secret = talk.addSpace(v1::PRIVATE);
    talk.setRole(secret, v1::READER);
    for (int i = 0; i < 30; ++i)
        talk.commit({talk.question(100'000, secret)}, {.server = true});
    talk.signIn();
    talk.subscribe(secret);
    while (talk.take()) {}
    talk.setRole(secret, v1::ROLE_NONE);
    talk.peerTakesAll();
    CHECK(talk.silent());
}

TEST_CASE("a right that is there again before word of its loss came lets the reading go on")
{
    Conversation talk;
    const Id secret = talk.addSpace(v1::PRIVATE);
    talk.setRole(secret, v1::READER);
    for (int i = 0; i < 30; ++i)
        talk.commit({talk.question(100'000, secret)}, {.server = true});
    talk.signIn();
    talk.subscribe(secret);
    while (talk.take()) {}
    talk.setRole(secret, v1::ROLE_NONE);
    talk.peerTakesAll();
    REQUIRE(talk.silent());
    talk.setRole(secret, v1::READER);
    talk.session->rightsAltered();
    bool last = false;
    for (auto told = talk.take(); told; told = talk.take()) {
        REQUIRE(told->has_batch());
        last = told->batch().last();
        talk.peerTakesAll();
    }
    CHECK(last);
}

TEST_CASE("of copies that differ a conversation tells a few times, and of no feed that is not its person's to read")
{
    Conversation talk;
    const Id hidden = talk.addSpace(v1::PRIVATE);
    talk.signIn();
    v1::Envelope envelope;
    v1::Subscribe& subscribe = *envelope.mutable_subscribe();
    subscribe.mutable_difference()->set_cursor(7);
    subscribe.mutable_difference()->set_records(UINT64_MAX);
    subscribe.mutable_difference()->set_digest("words of my own");
    subscribe.mutable_difference()->set_told(std::string(100'000, 'x'));
    for (const std::string& feed : {Feed{FeedKind::Space, hidden}.key(), std::string("no feed")}) {
        subscribe.set_feed(feed);
        talk.session->received(envelope);
        CHECK(talk.kept.empty());
    }
    const Feed space{FeedKind::Space, talk.space};
    subscribe.set_feed(space.key());
    for (int i = 0; i < 100; ++i) {
        talk.session->received(envelope);
        talk.peerTakesAll();
        CHECK(talk.next(Message::kBatch).batch().last());
    }
    REQUIRE(talk.kept.size() == limits::sessionReportsMax);
    const std::string& text = talk.kept[0].text;
    CHECK(talk.kept[0].about == talk.session->device().hex());
    CHECK(text.find("device: feed=" + feedName(space.key()) + " cursor=7 ") != std::string::npos);
    CHECK(text.find(" digest=none told=none\n") != std::string::npos);
    CHECK(text.find("words") == std::string::npos);
    CHECK(text.size() < limits::sessionNotesMax * BlackBox::lineBytesMax);
    CHECK(talk.session->blackBox().size() == limits::sessionNotesMax);
}

} // namespace stoa
