// Conversations as transcripts.

#include "client/sync/syncer.h"

#include "shared/base/limits.h"
#include "tests/client/replica/text_desk.h"

using namespace stoa;
using namespace stoa::test;
using Message = v1::Envelope;

namespace {

class Talk {
public:
    Talk()
        : syncer(
              *shelf.replica, [this] { return shelf.nowMs; }, [this] { return steadyMs; })
    {
    }

    SyncActions within(const std::function<void()>& work)
    {
        shelf.within(work);
        return syncer.take();
    }
    SyncActions connect()
    {
        return within([&] { syncer.connected({}); });
    }
    SyncActions hear(const v1::Envelope& envelope)
    {
        return within([&] { syncer.received(envelope); });
    }
    v1::Envelope welcome()
    {
        v1::Envelope envelope;
        v1::Welcome& welcome = *envelope.mutable_welcome();
        welcome.set_person(shelf.me.str());
        welcome.set_organisation(shelf.organisation.str());
        welcome.set_epoch(1);
        for (const Feed& feed : {shelf.directory(), shelf.personal(), shelf.space()}) {
            const FollowedFeed& held = *shelf.replica->feed(feed);
            v1::FeedHead& head = *welcome.add_feeds();
            head.set_feed(feed.key());
            head.set_head(held.cursor);
            head.set_records(held.held);
        }
        welcome.mutable_limits()->set_push_changes_max(2);
        welcome.mutable_limits()->set_push_bytes_max(1 << 20);
        return envelope;
    }
    v1::Envelope upToDate(const Feed& feed)
    {
        v1::Envelope envelope;
        *envelope.mutable_batch() = shelf.batch(feed, {});
        return envelope;
    }
    static v1::Envelope receiptsFor(const v1::Envelope& pushed, v1::Code code)
    {
        v1::Envelope envelope;
        for (const v1::PushedChange& each : pushed.push().changes()) {
            v1::Change change;
            REQUIRE(change.ParseFromString(each.change()));
            v1::Receipt& receipt = *envelope.mutable_receipts()->add_receipts();
            receipt.set_change(change.id());
            if (code != v1::CODE_NONE)
                receipt.mutable_refusal()->set_code(code);
        }
        return envelope;
    }
    static std::vector<Message::MessageCase> kinds(const SyncActions& actions)
    {
        std::vector<Message::MessageCase> all;
        for (const v1::Envelope& envelope : actions.send)
            all.push_back(envelope.message_case());
        return all;
    }

    int64_t steadyMs = 0;
    Shelf shelf;
    Syncer syncer;
};

using Kinds = std::vector<Message::MessageCase>;

} // namespace

TEST_CASE("a conversation begins with hello, and reads on where the replica stands, people first")
{
    Talk talk;
    CHECK(Talk::kinds(talk.connect()) == Kinds{Message::kHello});
    const SyncActions actions = talk.hear(talk.welcome());
    CHECK(actions.signedIn);
    REQUIRE(Talk::kinds(actions) == Kinds{Message::kSubscribe, Message::kSubscribe, Message::kSubscribe});
    CHECK(actions.send[0].subscribe().feed() == talk.shelf.directory().key());
    CHECK(actions.send[1].subscribe().feed() == talk.shelf.personal().key());
    CHECK(actions.send[2].subscribe().cursor() == talk.shelf.replica->feed(talk.shelf.space())->cursor);
}

TEST_CASE("what was sent without a receipt is settled before anything is read")
{
    Talk talk;
    for (int i = 0; i < 3; ++i)
        REQUIRE(talk.shelf.submit(talk.shelf.ask("Q")));
    v1::Limits limits;
    limits.set_push_changes_max(10);
    limits.set_push_bytes_max(1 << 20);
    talk.shelf.within(
        [&] { talk.shelf.replica->markSent(talk.shelf.replica->waiting(limits, [](const Feed&) { return true; })); });
    talk.connect();
    const SyncActions settling = talk.hear(talk.welcome());
    REQUIRE(Talk::kinds(settling) == Kinds{Message::kPush, Message::kPush});
    CHECK(settling.send[0].push().changes_size() == 2);
    CHECK(talk.hear(Talk::receiptsFor(settling.send[0], v1::NOT_ALLOWED)).send.empty());
    const SyncActions settled = talk.hear(Talk::receiptsFor(settling.send[1], v1::NOT_ALLOWED));
    CHECK(Talk::kinds(settled) == Kinds{Message::kSubscribe, Message::kSubscribe, Message::kSubscribe});
}

TEST_CASE("what waits goes once its feed has reached the head")
{
    Talk talk;
    REQUIRE(talk.shelf.submit(talk.shelf.ask("Q")));
    talk.connect();
    talk.hear(talk.welcome());
    CHECK(talk.hear(talk.upToDate(talk.shelf.directory())).send.empty());
    talk.shelf.nowMs += 90'000;
    const SyncActions sent = talk.hear(talk.upToDate(talk.shelf.space()));
    REQUIRE(Talk::kinds(sent) == Kinds{Message::kPush});
    CHECK(sent.send[0].push().changes(0).age_ms() == 90'000);
    CHECK(outbox(*talk.shelf.read(), 9)[0].state == ChangeState::Sent);
}

TEST_CASE("a space that came while talking is read, one that was taken is forgotten")
{
    Talk talk;
    talk.connect();
    talk.hear(talk.welcome());
    v1::Envelope feeds;
    feeds.mutable_feeds()->add_feeds()->set_feed(Feed{FeedKind::Space, talk.shelf.id()}.key());
    feeds.mutable_feeds()->add_lost(talk.shelf.space().key());
    CHECK(Talk::kinds(talk.hear(feeds)) == Kinds{Message::kSubscribe});
    CHECK(talk.shelf.replica->feed(talk.shelf.space()) == nullptr);
}

TEST_CASE("a space that the server does not know stays, and what waits for it becomes the person's again")
{
    Talk talk;
    const v1::Change question = talk.shelf.ask("Q");
    REQUIRE(talk.shelf.submit(question));
    talk.connect();
    v1::Envelope welcome = talk.welcome();
    welcome.mutable_welcome()->mutable_feeds()->RemoveLast();
    const SyncActions asked = talk.hear(welcome);
    REQUIRE(Talk::kinds(asked) == Kinds{Message::kSubscribe, Message::kSubscribe, Message::kSubscribe});
    CHECK(asked.send[0].subscribe().feed() == talk.shelf.space().key());
    const FollowedFeed* reading = talk.syncer.standing().reading;
    CHECK((!reading || reading->feed != talk.shelf.space()));

    // No answer to that one: the rest goes on.
    const SyncActions sent = talk.hear(talk.upToDate(talk.shelf.directory()));
    REQUIRE(Talk::kinds(sent) == Kinds{Message::kPush});
    talk.hear(talk.upToDate(talk.shelf.personal()));
    talk.hear(Talk::receiptsFor(sent.send[0], v1::NOT_FOUND));
    CHECK(talk.shelf.replica->feed(talk.shelf.space())->setAside);
    CHECK(outbox(*talk.shelf.read(), 9)[0].state == ChangeState::Refused);
    CHECK(post(*talk.shelf.read(), *Id::from(question.target())));
    CHECK_FALSE(talk.syncer.standing().sending);
    CHECK(talk.syncer.standing().upToDateMs == talk.shelf.nowMs);
}

TEST_CASE("a space that was taken away while this device was away is forgotten before anything is sent to it")
{
    Talk talk;
    REQUIRE(talk.shelf.submit(talk.shelf.ask("Q")));
    talk.connect();
    v1::Envelope welcome = talk.welcome();
    welcome.mutable_welcome()->mutable_feeds()->RemoveLast();
    talk.hear(welcome);
    v1::Envelope lost;
    lost.mutable_feeds()->add_lost(talk.shelf.space().key());
    CHECK(talk.hear(lost).send.empty());
    CHECK(talk.shelf.replica->feed(talk.shelf.space()) == nullptr);
    CHECK(talk.hear(talk.upToDate(talk.shelf.directory())).send.empty());
    CHECK(outbox(*talk.shelf.read(), 9)[0].state == ChangeState::Refused);
}

TEST_CASE("where others have the numbers of a copy, it hands back all above what both have, and begins anew")
{
    Talk talk;
    const Feed space = talk.shelf.space();
    v1::Batch read =
        talk.shelf.batch(space, {talk.shelf.question("1"), talk.shelf.question("2"), talk.shelf.question("3")});
    for (v1::Version& version : *read.mutable_versions())
        version.set_seal("sixteen bytes " + std::to_string(version.number() % 90 + 10));
    REQUIRE(talk.shelf.receive(read) == Replica::Received::AtHead);
    talk.connect();
    const SyncActions asked = talk.hear(talk.welcome());
    REQUIRE(Talk::kinds(asked) == Kinds{Message::kSubscribe, Message::kSubscribe, Message::kSubscribe});
    CHECK_FALSE(asked.send[0].subscribe().has_trail());
    const v1::Subscribe& subscribe = asked.send[2].subscribe();
    REQUIRE(subscribe.trail().witnesses_size() == 2);
    CHECK(subscribe.trail().witnesses(0).number() == read.upto());
    CHECK(subscribe.trail().witnesses(0).seal() == read.versions(2).seal());
    CHECK(subscribe.awaited().empty());

    v1::Envelope parted;
    parted.mutable_parted()->set_feed(space.key());
    parted.mutable_parted()->mutable_matches()->set_number(read.versions(0).number());
    parted.mutable_parted()->mutable_matches()->set_seal(read.versions(0).seal());
    const SyncActions handing = talk.hear(parted);
    REQUIRE(Talk::kinds(handing) == Kinds{Message::kHandBack});
    const v1::HandBack& handed = handing.send[0].hand_back();
    REQUIRE(handed.versions_size() == 2);
    CHECK(handed.versions(0).SerializeAsString() == read.versions(1).SerializeAsString());
    CHECK(handed.matches().SerializeAsString() == parted.parted().matches().SerializeAsString());
    v1::Envelope answer;
    answer.mutable_handed_back()->set_feed(space.key());
    CHECK(talk.hear(answer).ended->code == v1::BUSY);
    talk.within([&] { talk.syncer.disconnected(); });

    talk.connect();
    // Not read anew yet: what came back may be gone again.
    REQUIRE(Talk::kinds(talk.hear(talk.welcome())) == Kinds{Message::kHandBack});
    REQUIRE(Talk::kinds(talk.hear(answer)) == Kinds{Message::kHandBack}); // two at a time
    const SyncActions again = talk.hear(answer);
    REQUIRE(Talk::kinds(again).size() == 3);
    CHECK(again.send[2].subscribe().cursor() == 0);
    CHECK_FALSE(again.send[2].subscribe().has_trail());
}

TEST_CASE("a copy that is found equal bears no witness")
{
    Talk talk;
    v1::Batch read = talk.shelf.batch(talk.shelf.space(), {talk.shelf.question("1")});
    read.mutable_versions(0)->set_seal(std::string(16, 's'));
    REQUIRE(talk.shelf.receive(read) == Replica::Received::AtHead);
    talk.connect();
    v1::Envelope welcome = talk.welcome();
    welcome.mutable_welcome()->mutable_feeds(2)->set_digest(talk.shelf.digest(talk.shelf.space()).str());
    const SyncActions asked = talk.hear(welcome);
    REQUIRE(Talk::kinds(asked).size() == 3);
    for (const v1::Envelope& each : asked.send)
        CHECK_FALSE(each.subscribe().has_trail());
}

TEST_CASE("a text that was accepted is named until its body is read, and then the next one goes")
{
    Talk talk;
    const v1::Record question = talk.shelf.question("Q");
    REQUIRE(talk.shelf.receive(talk.shelf.space(), {question}) == Replica::Received::AtHead);
    std::string shown;
    const auto write = [&](const std::string& more) {
        v1::Change change;
        change.set_id(talk.shelf.id().str());
        change.set_target(question.id());
        change.mutable_edit_text()->set_text(encode(diff(shown, shown + more)));
        shown += more;
        REQUIRE(talk.shelf.submit(change));
        return change;
    };
    const v1::Change first = write("one");
    talk.connect();
    talk.hear(talk.welcome());
    const SyncActions sent = talk.hear(talk.upToDate(talk.shelf.space()));
    REQUIRE(Talk::kinds(sent) == Kinds{Message::kPush});
    write(" two");
    v1::Envelope receipts = Talk::receiptsFor(sent.send[0], v1::CODE_NONE);
    receipts.mutable_receipts()->mutable_receipts(0)->set_revision(1);
    CHECK(talk.hear(receipts).send.empty());

    // Also where all is equal.
    talk.connect();
    v1::Envelope welcome = talk.welcome();
    welcome.mutable_welcome()->mutable_feeds(2)->set_digest(talk.shelf.digest(talk.shelf.space()).str());
    const SyncActions asked = talk.hear(welcome);
    const auto named = std::find_if(asked.send.begin(), asked.send.end(), [&](const v1::Envelope& each) {
        return each.subscribe().feed() == talk.shelf.space().key();
    });
    REQUIRE(named != asked.send.end());
    REQUIRE(named->subscribe().awaited_size() == 1);
    CHECK(named->subscribe().awaited(0) == first.id());
    v1::Envelope batch;
    v1::Record record = question;
    record.mutable_post()->set_body("one");
    *record.mutable_post()->mutable_body_version() = version(1);
    *batch.mutable_batch() = talk.shelf.batch(talk.shelf.space(), {record});
    const SyncActions next = talk.hear(batch);
    REQUIRE(Talk::kinds(next) == Kinds{Message::kPush});
    v1::Change pushed;
    REQUIRE(pushed.ParseFromString(next.send[0].push().changes(0).change()));
    CHECK(pushed.edit_text().base().revision() == 1);
    CHECK(*applyTo("one", *decode(pushed.edit_text().text())) == "one two");
}

TEST_CASE("silence is asked about and then ends the conversation")
{
    Talk talk;
    talk.connect();
    talk.hear(talk.welcome());
    talk.steadyMs += limits::heartbeatMs + 1;
    CHECK(Talk::kinds(talk.within([&] { talk.syncer.pump(); })) == Kinds{Message::kPing});
    talk.steadyMs += limits::silenceMs;
    CHECK(talk.within([&] { talk.syncer.pump(); }).ended->code == v1::TOO_SLOW);
    v1::Envelope ping;
    ping.mutable_ping();
    CHECK(talk.hear(ping).send.empty());
}

TEST_CASE("a peer that does not keep to the protocol is left")
{
    Talk talk;
    talk.connect();
    v1::Envelope said;
    SECTION("a batch before the welcome")
    {
        said.mutable_batch();
    }
    SECTION("a client's message")
    {
        said.mutable_subscribe();
    }
    SECTION("receipts for nothing")
    {
        talk.hear(talk.welcome());
        said.mutable_receipts();
    }
    SECTION("an answer to what was not handed back")
    {
        talk.hear(talk.welcome());
        said.mutable_handed_back()->set_feed(talk.shelf.space().key());
    }
    SECTION("of a parting before it subscribed")
    {
        said.mutable_parted();
    }
    SECTION("such an answer before the welcome")
    {
        said.mutable_handed_back();
    }
    SECTION("a welcome without limits")
    {
        said = talk.welcome(), said.mutable_welcome()->clear_limits();
    }
    SECTION("a batch of no feed")
    {
        talk.hear(talk.welcome());
        said.mutable_batch()->set_feed("?");
    }
    const SyncActions left = talk.hear(said);
    CHECK(left.ended->code == v1::PROTOCOL);
    REQUIRE(left.reports.size() == 1);
    CHECK(left.reports[0].cause == "protocol");
}

TEST_CASE("another person's copy is not mixed with this one")
{
    Talk talk;
    talk.connect();
    v1::Envelope other = talk.welcome();
    other.mutable_welcome()->set_person(talk.shelf.id().str());
    CHECK(talk.hear(other).ended);
    CHECK(talk.shelf.replica->person() == talk.shelf.me);
}

TEST_CASE("what was read already is not asked for again, however often it is answered")
{
    Talk talk;
    talk.connect();
    talk.hear(talk.welcome());
    const Feed space = talk.shelf.space();
    v1::Record record = talk.shelf.question("Q");
    v1::Envelope first, second;
    *first.mutable_batch() = talk.shelf.batch(space, {record});
    record.set_revision(2);
    *second.mutable_batch() = talk.shelf.batch(space, {record});
    talk.hear(first);
    talk.hear(second);
    const uint64_t cursor = talk.shelf.replica->feed(space)->cursor;
    REQUIRE(cursor == second.batch().upto());
    for (int i = 0; i < 4; ++i)
        for (const v1::Envelope& each : {first, second}) {
            const SyncActions actions = talk.hear(each);
            CHECK_FALSE(actions.ended);
            CHECK(actions.send.empty());
        }
    CHECK(talk.shelf.replica->feed(space)->cursor == cursor);
    CHECK_FALSE(talk.hear(talk.upToDate(space)).ended);
}

TEST_CASE("a feed that differs is read anew, but not for ever")
{
    Talk talk;
    talk.connect();
    talk.hear(talk.welcome());
    const FollowedFeed before = *talk.shelf.replica->feed(talk.shelf.space());
    std::vector<v1::Envelope> asked;
    size_t reports = 0;
    for (int i = 0; i < 10; ++i) {
        v1::Envelope wrong = talk.upToDate(talk.shelf.space());
        if (i > 0)
            *wrong.mutable_batch() = talk.shelf.wholeFeed(talk.shelf.space());
        wrong.mutable_batch()->set_digest(Digest{7, 7}.str());
        const SyncActions actions = talk.hear(wrong);
        asked.insert(asked.end(), actions.send.begin(), actions.send.end());
        reports += actions.reports.size();
    }
    REQUIRE(asked.size() == 2);
    CHECK(reports == 10);
    CHECK(asked[0].subscribe().cursor() == 0);
    const v1::Difference& told = asked[0].subscribe().difference();
    CHECK(told.cursor() == before.cursor);
    CHECK(told.records() == before.held);
    CHECK(told.digest() == before.digest.str());
    CHECK(told.told() == Digest{7, 7}.str());
}

TEST_CASE("why the server ends the conversation is passed on")
{
    Talk talk;
    talk.connect();
    v1::Envelope goodbye;
    goodbye.mutable_goodbye()->mutable_why()->set_code(v1::TOKEN_UNKNOWN);
    CHECK(talk.hear(goodbye).ended->code == v1::TOKEN_UNKNOWN);
    CHECK(talk.shelf.replica->feed(talk.shelf.space()) != nullptr);
}

TEST_CASE("a history that somebody wants is read page by page, as soon as there is a conversation")
{
    Talk talk;
    v1::Record page = talk.shelf.question("Page");
    const Id post = *Id::from(page.id());
    REQUIRE(talk.shelf.receive(talk.shelf.space(), {page}) == Replica::Received::AtHead);
    const auto answer = [&](const Id& of, uint64_t before, uint64_t number) {
        v1::Envelope envelope;
        v1::RevisionPage& made = *envelope.mutable_revision_page();
        made.set_post(of.str());
        made.set_before(before);
        v1::Revision& revision = *made.add_revisions();
        revision.mutable_version()->set_revision(number);
        revision.set_after(number == 0 ? 0 : number - 1);
        made.set_first(number == 0);
        return envelope;
    };
    const auto asked = [](const SyncActions& actions) {
        std::vector<uint64_t> before;
        for (const v1::Envelope& each : actions.send)
            if (each.has_read_revisions())
                before.push_back(each.read_revisions().before());
        return before;
    };
    using Asked = std::vector<uint64_t>;
    CHECK(talk.within([&] { talk.syncer.readHistory(post); }).send.empty());
    talk.connect();
    CHECK(asked(talk.hear(talk.welcome())) == Asked{0});
    CHECK(asked(talk.hear(answer(post, 0, 2))) == Asked{2});

    SECTION("to its end")
    {
        CHECK(asked(talk.hear(answer(post, 2, 1))) == Asked{1});
        CHECK(talk.hear(answer(post, 1, 0)).send.empty());
        CHECK(talk.hear(answer(post, 1, 0)).send.empty());
    }
    SECTION("from its beginning where the connection ended")
    {
        talk.within([&] { talk.syncer.disconnected(); });
        talk.connect();
        CHECK(asked(talk.hear(talk.welcome())) == Asked{0});
    }
    SECTION("and another one that is wanted instead is asked for at once")
    {
        const Id other = talk.shelf.id();
        CHECK(asked(talk.within([&] { talk.syncer.readHistory(other); })) == Asked{0});
        CHECK(talk.hear(answer(post, 2, 1)).send.empty());
    }
    SECTION("of a post that is gone no more is asked")
    {
        page.clear_post();
        page.set_deleted(true);
        REQUIRE(talk.shelf.receive(talk.shelf.space(), {page}) == Replica::Received::AtHead);
        CHECK(talk.hear(answer(post, 2, 1)).send.empty());
    }
}
