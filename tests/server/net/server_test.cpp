#include <fstream>

#include "shared/text/codec.h"
#include "tests/server/net/office.h"

namespace stoa {

namespace {

using Message = v1::Envelope;

} // namespace

TEST_CASE("an invitation enrols a device, its token opens the next conversation")
{
    Office office;
    std::string token;
    office.enter(office.ada, &token);
    REQUIRE(token.size() == 32);
    TestClient again = office.connect();
    again.send(test::helloWithToken(token));
    const v1::Envelope envelope = again.expect(Message::kWelcome);
    CHECK(envelope.welcome().person() == office.ada.str());
    CHECK(envelope.welcome().token().empty());
    CHECK(envelope.welcome().organisation() == office.organisation.str());
    CHECK(envelope.welcome().feeds_size() == 3); // the directory, the space, her own
}

TEST_CASE("what one device sends another sees, with a receipt for the first")
{
    Office office;
    TestClient ada = office.enter(office.ada);
    TestClient ben = office.enter(office.ben);
    ben.send(subscribe(office.space));
    CHECK(readToHead(ben).size() == 1); // the space itself

    const v1::Change asked = office.question("Why is the sky blue?");
    ada.send(push({asked}));
    const v1::Envelope receipts = ada.expect(Message::kReceipts);
    REQUIRE(receipts.receipts().receipts_size() == 1);
    const v1::Receipt& receipt = receipts.receipts().receipts(0);
    CHECK(receipt.change() == asked.id());
    REQUIRE_FALSE(receipt.has_refusal());
    REQUIRE(receipt.effects_size() == 1);

    const v1::Envelope live = ben.expect(Message::kBatch);
    REQUIRE(live.batch().versions_size() == 1);
    CHECK(live.batch().versions(0).number() == receipt.effects(0).number());
    CHECK(live.batch().last());
}

TEST_CASE("a change that is repeated has one effect and the same receipt, also after a restart")
{
    Office office;
    std::string token;
    const v1::Change asked = office.question("Why?");
    std::string first;
    {
        TestClient ada = office.enter(office.ada, &token);
        for (int i = 0; i < 50; ++i) {
            ada.send(push({asked}));
            const std::string receipt = ada.expect(Message::kReceipts).SerializeAsString();
            if (first.empty())
                first = receipt;
            CHECK(receipt == first);
        }
    }
    office.restart();
    TestClient ada = office.connect();
    ada.send(test::helloWithToken(token));
    ada.expect(Message::kWelcome);
    ada.send(push({asked}));
    CHECK(ada.expect(Message::kReceipts).SerializeAsString() == first);
    ada.send(subscribe(office.space));
    CHECK(readToHead(ada).size() == 2);
}

TEST_CASE("thousands of records are read in batches that follow on and end in the digest")
{
    Office office;
    TestClient ada = office.enter(office.ada);
    for (int round = 0; round < 10; ++round) {
        std::vector<v1::Change> changes;
        for (int i = 0; i < 400; ++i) {
            changes.push_back(office.question("Question"));
            changes.back().mutable_create_post()->set_body(std::string(800, static_cast<char>('a' + i % 26)));
        }
        ada.send(push(changes));
    }
    for (int round = 0; round < 10; ++round) {
        const v1::Envelope answer = ada.expect(Message::kReceipts);
        for (const v1::Receipt& receipt : answer.receipts().receipts())
            REQUIRE_FALSE(receipt.has_refusal());
    }
    ada.send(subscribe(office.space));
    CHECK(readToHead(ada).size() == 4001);
}

TEST_CASE("before signing in nothing else is answered")
{
    Office office;
    CHECK(office.refusalOf(push({office.question("Why?")})) == v1::PROTOCOL);
    CHECK(office.refusalOf(subscribe(office.space)) == v1::PROTOCOL);
    CHECK(office.refusalOf(v1::Envelope()) == v1::PROTOCOL);
    v1::Envelope newer = test::helloWithToken("x");
    newer.mutable_hello()->set_protocol_min(99);
    newer.mutable_hello()->set_protocol_max(99);
    CHECK(office.refusalOf(newer) == v1::VERSION);
    v1::Envelope bare = test::helloWithToken("x");
    bare.mutable_hello()->clear_proof();
    CHECK(office.refusalOf(bare) == v1::PROTOCOL);
}

TEST_CASE("a second hello ends the conversation")
{
    Office office;
    TestClient ada = office.enter(office.ada);
    ada.send(test::helloWithToken("x"));
    CHECK(ada.receiveGoodbye().code() == v1::PROTOCOL);
}

TEST_CASE("a sign-in that fails says why")
{
    Office office;
    const std::string code = office.invitation(office.ada);
    CHECK(office.refusalOf(test::helloWithToken(std::string(32, 'x'))) == v1::TOKEN_UNKNOWN);
    CHECK(office.refusalOf(test::helloWithInvitation("no such code", "correct horse")) == v1::INVITATION_USED);
    CHECK(office.refusalOf(test::helloWithInvitation(code, "short")) == v1::WEAK_PASSWORD);
    CHECK(office.refusalOf(test::helloWithPassword("ada", "wrong horse")) == v1::WRONG_CREDENTIALS);
    office.enter(office.ada);
    CHECK(office.refusalOf(test::helloWithInvitation(code, "correct horse")) == v1::INVITATION_USED);
}

TEST_CASE("the eleventh wrong password is refused, also after a restart")
{
    Office office;
    office.enter(office.ada);
    for (int i = 0; i < 10; ++i)
        CHECK(office.refusalOf(test::helloWithPassword("ada", "wrong horse")) == v1::WRONG_CREDENTIALS);
    CHECK(office.refusalOf(test::helloWithPassword("ada", "correct horse")) == v1::TOO_MANY_ATTEMPTS);
    office.restart();
    TestClient client = office.connect();
    client.send(test::helloWithPassword("ada", "correct horse"));
    const v1::Refusal why = client.receiveGoodbye();
    CHECK(why.code() == v1::TOO_MANY_ATTEMPTS);
    CHECK(why.retry_after_ms() > 0);
}

TEST_CASE("who is disabled is let go at once and cannot come back")
{
    Office office;
    std::string token;
    TestClient ben = office.enter(office.ben, &token);
    office.disable(office.ben);
    CHECK(ben.receiveGoodbye().code() == v1::PERSON_DISABLED_NOW);
    CHECK(office.refusalOf(test::helloWithToken(token)) == v1::PERSON_DISABLED_NOW);
    CHECK(office.refusalOf(test::helloWithPassword("ben", "correct horse")) == v1::PERSON_DISABLED_NOW);
}

TEST_CASE("a space that is given and taken away comes and goes by name on live connections")
{
    Office office;
    TestClient ben = office.enter(office.ben);
    const Id hidden = office.addSpace(v1::PRIVATE);
    ben.send(subscribe(hidden)); // not answered: it may not be known to exist
    v1::Envelope ping;
    ping.mutable_ping();
    ben.send(ping);
    ben.expect(Message::kPong);
    office.order(office.membership(hidden, office.ben, v1::CONTRIBUTOR));
    const v1::Envelope given = ben.expect(Message::kFeeds);
    REQUIRE(given.feeds().feeds_size() == 1);
    const std::string key = Feed{FeedKind::Space, hidden}.key();
    CHECK(given.feeds().feeds(0).feed() == key);
    ben.send(subscribe(hidden));
    CHECK(readToHead(ben).size() == 2);

    office.order(office.membership(hidden, office.ben, v1::ROLE_NONE));
    const v1::Envelope taken = ben.expect(Message::kFeeds);
    REQUIRE(taken.feeds().lost_size() == 1);
    CHECK(taken.feeds().lost(0) == key);
    ben.send(ping);
    ben.expect(Message::kPong); // and no news of that space before it
}

TEST_CASE("who leaves a space and comes back hears of its news once, whoever else has left meanwhile")
{
    Office office;
    const Id hidden = office.addSpace(v1::PRIVATE);
    office.order(office.membership(hidden, office.ada, v1::CONTRIBUTOR));
    office.order(office.membership(hidden, office.ben, v1::CONTRIBUTOR));
    TestClient ada = office.enter(office.ada);
    TestClient ben = office.enter(office.ben);
    std::vector<TestClient> others;
    for (int i = 0; i < 6; ++i) {
        others.push_back(office.enter(office.ada));
        others.back().send(subscribe(hidden));
        readToHead(others.back());
    }
    ben.send(subscribe(hidden));
    readToHead(ben);
    office.order(office.membership(hidden, office.ben, v1::ROLE_NONE));
    CHECK(ben.expect(Message::kFeeds).feeds().lost_size() == 1);
    office.order(office.membership(hidden, office.ben, v1::CONTRIBUTOR));
    CHECK(ben.expect(Message::kFeeds).feeds().feeds_size() == 1);
    ben.send(subscribe(hidden));
    CHECK(readToHead(ben).size() == 3);
    others.erase(others.begin(), others.begin() + 3);

    v1::Change asked = office.question("Why?");
    asked.mutable_create_post()->set_space(hidden.str());
    ada.send(push({asked}));
    CHECK_FALSE(ada.expect(Message::kReceipts).receipts().receipts(0).has_refusal());
    const auto newest = [](TestClient& client) {
        return client.receiveUntil([](const v1::Envelope& envelope) { return envelope.has_batch(); }).batch();
    };
    CHECK(newest(ben).versions_size() == 1);
    v1::Envelope ping;
    ping.mutable_ping();
    for (TestClient* client : {&ada, &ben}) { // Ada does not follow it, Ben has heard it
        client->send(ping);
        client->expect(Message::kPong);
    }
}

TEST_CASE("a push over the limits ends the conversation")
{
    Office office;
    const v1::Change asked = office.question("Why?");
    TestClient many = office.enter(office.ada);
    many.send(push(std::vector<v1::Change>(limits::pushChangesMax + 1, asked)));
    CHECK(many.receiveGoodbye().code() == v1::TOO_LARGE);
    TestClient none = office.enter(office.ada);
    none.send(push({}));
    CHECK(none.receiveGoodbye().code() == v1::PROTOCOL);
}

TEST_CASE("changes that cannot be are refused one by one, and the others accepted")
{
    Office office;
    TestClient ada = office.enter(office.ada);
    v1::Envelope envelope =
        push({office.question("Why?"), office.question(std::string(600, 'x')), office.question("How?")});
    envelope.mutable_push()->add_changes()->set_change("\xff\xff not a change");
    ada.send(envelope);
    const v1::Envelope answer = ada.expect(Message::kReceipts);
    const auto& receipts = answer.receipts().receipts();
    REQUIRE(receipts.size() == 4);
    CHECK_FALSE(receipts[0].has_refusal());
    CHECK(receipts[1].refusal().code() == v1::TOO_LONG);
    CHECK_FALSE(receipts[2].has_refusal());
    CHECK(receipts[3].refusal().code() == v1::INVALID);
}

TEST_CASE("random bytes and broken envelopes end their conversation, and the next is served")
{
    Office office;
    std::string token;
    office.enter(office.ada, &token);
    uint32_t state = 1;
    const auto random = [&] { return state = state * 1664525 + 1013904223, static_cast<uint8_t>(state >> 24); };
    for (int i = 0; i < 200; ++i) {
        TestClient client = office.connect();
        if (i % 2 == 0) {
            client.send(test::helloWithToken(token));
            client.expect(Message::kWelcome);
        }
        // A true head before random bytes gets further than random bytes alone.
        std::string bytes(1 + random(), '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random());
        if (i % 4 < 2)
            bytes = std::string("\0\0", 2) + static_cast<char>(0) + static_cast<char>(bytes.size() + 1) +
                    static_cast<char>(i % 8 == 0) + bytes;
        client.sendBytes(bytes);
        client.close();
    }
    TestClient ada = office.connect();
    ada.send(test::helloWithToken(token));
    ada.expect(Message::kWelcome);
    ada.send(push({office.question("Why?")}));
    CHECK_FALSE(ada.expect(Message::kReceipts).receipts().receipts(0).has_refusal());
}

TEST_CASE("a person has no more connections than they may")
{
    Office office({.connectionsPerPersonMax = 2});
    std::string token;
    TestClient first = office.enter(office.ada, &token);
    {
        TestClient second = office.connect();
        second.send(test::helloWithToken(token));
        second.expect(Message::kWelcome);
        CHECK(office.refusalOf(test::helloWithToken(token)) == v1::BUSY);
    }
    TestClient ben = office.enter(office.ben);
}

TEST_CASE("ending tells everybody, and keeps what was acknowledged")
{
    Office office;
    std::string token;
    TestClient ada = office.enter(office.ada, &token);
    ada.send(push({office.question("Why?")}));
    ada.expect(Message::kReceipts);
    TestClient waiting = office.connect();
    office.stop();
    CHECK(ada.receiveGoodbye().code() == v1::SHUTTING_DOWN);
    CHECK(waiting.receiveGoodbye().code() == v1::SHUTTING_DOWN);
    office.restart();
    TestClient again = office.connect();
    again.send(test::helloWithToken(token));
    again.expect(Message::kWelcome);
    again.send(subscribe(office.space));
    CHECK(readToHead(again).size() == 2);
}

TEST_CASE("a body goes to those who follow its feed, at once or when nothing more comes")
{
    Office office;
    std::string token;
    TestClient ada = office.enter(office.ada);
    TestClient ben = office.enter(office.ben, &token);
    v1::Change made = office.question("Why?");
    made.mutable_create_post()->set_body("one");
    const auto pushed = [&](const v1::Change& change) {
        ada.send(push({change}));
        const v1::Receipt receipt = ada.expect(Message::kReceipts).receipts().receipts(0);
        REQUIRE_FALSE(receipt.has_refusal());
        return receipt;
    };
    pushed(made);
    const Id post = *Id::from(made.target());
    ben.send(subscribe(office.space));
    readToHead(ben);

    const auto prepend = [&](const std::string& text) {
        v1::Change change = office.change(post);
        change.mutable_edit_text()->set_text(encode(TextChange::replace(0, 0, text)));
        return pushed(change);
    };
    // Reads on until the post has this body.
    const auto readBody = [&](TestClient& client, const std::string& body) {
        v1::Record record;
        while (record.post().body() != body) {
            const v1::Envelope envelope = client.expect(Message::kBatch);
            for (const v1::Version& version : envelope.batch().versions()) {
                v1::Record read;
                REQUIRE(read.ParseFromString(version.record()));
                if (read.id() == post.view())
                    record = read;
            }
        }
        return record.post().body_version().revision();
    };
    const v1::Receipt first = prepend("a");
    CHECK(first.effects_size() == 0);
    CHECK(readBody(ben, "aone") == first.revision());
    CHECK(office.revisions(post)[0].device().size() == 16);

    const v1::Receipt second = prepend("b");
    CHECK(second.revision() == first.revision() + 1);
    office.aheadMs += limits::publishPauseMs;
    pushed(office.question("Something else"));
    CHECK(readBody(ben, "baone") == second.revision());

    const v1::Receipt third = prepend("c");
    office.aheadMs += limits::publishPauseMs;
    office.restart(); // and nothing comes
    TestClient again = office.connect();
    again.send(test::helloWithToken(token));
    again.expect(Message::kWelcome);
    again.send(subscribe(office.space));
    CHECK(readBody(again, "cbaone") == third.revision());
}

TEST_CASE("the same data is opened once")
{
    test::TemporaryDirectory directory;
    const auto store = openSqliteStore(directory.path() / "stoa.db");
    CHECK_THROWS_AS(openSqliteStore(directory.path() / "stoa.db"), StoreLocked);
}

TEST_CASE("however many devices tell that their copies differ, a few files are written and all are answered")
{
    Office office;
    const BlackBoxFolder folder = office.blackBoxes();
    size_t written = 2;
    SECTION("on a disk that takes them") {}
    SECTION("on one that does not")
    {
        written = 0;
        std::ofstream(folder.path()) << "in the way";
    }
    std::vector<TestClient> devices;
    for (int i = 0; i < 4; ++i)
        devices.push_back(office.enter(i % 2 ? office.ada : office.ben));
    v1::Envelope differs = subscribe(office.space);
    differs.mutable_subscribe()->mutable_difference()->set_cursor(5);
    for (int i = 0; i < 20; ++i)
        for (TestClient& device : devices)
            device.send(differs);
    for (TestClient& device : devices)
        for (int i = 0; i < 20; ++i)
            readToHead(device);
    v1::Envelope ping;
    ping.mutable_ping();
    for (int i = 0; folder.count() < written && i < 10'000; ++i) {
        devices[0].send(ping);
        devices[0].expect(Message::kPong);
    }
    office.stop();
    CHECK(folder.count() == written);
}

} // namespace stoa
