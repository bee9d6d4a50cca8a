// A body that is open, at the worker: what others write is told at once, where the person is, now and then.

#include "tests/client/worker/desk.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

const Id page = deriveId(1, "test", "page");

// A core that is signed in to a server of its own.
struct LiveDesk {
    LiveDesk() : identity(makeIdentity(-1, 1)), server(identity), desk(dir.path(), true)
    {
        desk.core->open();
        desk.core->join(invitation(server, identity));
        REQUIRE(until([&] { return !server.bytes.empty(); }));
        say(server, welcome());
        REQUIRE(until([&] { return desk.joined == 1; }));
        desk.touched.clear();
    }
    void revise()
    {
        v1::Envelope envelope;
        envelope.mutable_revisions()->set_post(page.str());
        say(server, envelope);
    }
    void deliver()
    {
        v1::Envelope envelope;
        envelope.mutable_batch()->set_last(true);
        say(server, envelope);
    }
    bool isToldAlone()
    {
        return std::any_of(desk.touched.begin(), desk.touched.end(),
                           [](const Touched& each) { return !each.bulk && each.posts == QList<Id>{page}; });
    }

    Identity identity;
    Server server;
    QTemporaryDir dir;
    Desk desk;
};

} // namespace

TEST_CASE("what others write in an open body is told by its name, also while much else comes in")
{
    LiveDesk live;
    SECTION("alone")
    {
        live.revise();
    }
    SECTION("behind much that was told, and much that is not yet")
    {
        for (int i = 0; i < 5; ++i)
            live.deliver();
        live.revise();
        for (int i = 0; i < 5; ++i)
            live.deliver();
    }
    REQUIRE(until([&] { return live.isToldAlone(); }));
}

TEST_CASE("of much that others write all is stored, and nothing waits for more")
{
    LiveDesk live;
    constexpr int count = 50;
    const int before = live.desk.log.envelopes;
    for (int i = 0; i < count; ++i)
        live.revise();
    REQUIRE(until([&] { return live.desk.log.envelopes == before + count; }));
    REQUIRE(until([&] { return live.desk.log.words.last() == QStringLiteral("commit"); }));
}

TEST_CASE("where the person is goes at once, and of many places the last one")
{
    LiveDesk live;
    for (const quint64 place : {1, 2, 3, 4, 5})
        live.desk.core->setPresence(page, place, place, false);
    const auto at = [&](int place) { return live.desk.log.words.indexOf(QStringLiteral("at %1").arg(place)); };
    REQUIRE(at(1) >= 0);
    REQUIRE(until([&] { return at(5) >= 0; }));
    CHECK(at(5) > at(1));
}

TEST_CASE("who else has a body open is told")
{
    LiveDesk live;
    v1::Envelope envelope;
    envelope.mutable_present()->set_post(page.str());
    say(live.server, envelope);
    REQUIRE(until([&] { return live.desk.readers.size() == 1; }));
    CHECK(live.desk.readers.first().session == 7);
}
