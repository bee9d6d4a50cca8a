// Who else reads, and where.

#include "tests/server/session/room.h"

namespace stoa {

namespace {

std::set<uint32_t> sessionsOf(const v1::Present& present)
{
    std::set<uint32_t> all;
    for (const v1::Reader& each : present.readers())
        all.insert(each.session());
    return all;
}

} // namespace

TEST_CASE("those who have a page open hear of each other, and of nobody else")
{
    Room w;
    const Id other = w.post(v1::PAGE, "other", w.ada);
    Room::Talk& ada = w.enter(w.ada);
    Room::Talk& ben = w.enter(w.ben);
    Room::Talk& elsewhere = w.enter(w.ben);
    const FeedState before = w.state();
    elsewhere.open(w.record(other));
    CHECK(elsewhere.follow() == 0);
    ada.open(w.record());
    CHECK(ada.follow() == 0);
    w.tellPresence();
    v1::Present told = ada.present();
    CHECK(told.post() == w.page.view());
    CHECK((told.all() && told.readers().empty())); // nobody else

    ben.open(w.record());
    CHECK(ben.follow() == 0);
    w.tellPresence();
    told = ben.present();
    CHECK(told.all());
    CHECK(sessionsOf(told) == std::set{ada.number});
    told = ada.present();
    CHECK_FALSE(told.all());
    REQUIRE(told.readers_size() == 1);
    CHECK(told.readers(0).person() == w.ben.view());
    CHECK(told.readers(0).session() == ben.number);
    CHECK(told.readers(0).revision() == 0);
    CHECK_FALSE(told.readers(0).left());

    // Of what is said within a moment the last counts, and nobody hears of themselves.
    ada.isAt(w.page, 0, 1);
    ada.isAt(w.page, 2, 5);
    w.tellPresence();
    told = ben.present();
    REQUIRE(told.readers_size() == 1);
    CHECK(told.readers(0).from() == 2);
    CHECK(told.readers(0).to() == 5);
    CHECK(ada.silent());
    ada.isAt(w.page, 3, 3);
    ben.isAt(w.page, 4, 4);
    w.tellPresence();
    CHECK(sessionsOf(ada.present()) == std::set{ben.number});
    CHECK(sessionsOf(ben.present()) == std::set{ada.number});
    CHECK(w.tellPresence() == 0);

    // Beyond any body nobody is, and who has it not open says nothing.
    ada.isAt(w.page, 0, limits::bodyBytesMax + 1);
    elsewhere.isAt(w.page, 1, 1);
    CHECK_FALSE(w.readers.hasNews());
    ben.close(w.page);
    ben.isAt(w.page, 1, 1);
    w.tellPresence();
    told = ada.present();
    REQUIRE(told.readers_size() == 1);
    CHECK(told.readers(0).left());
    CHECK(told.readers(0).session() == ben.number);
    CHECK(ben.silent());
    CHECK(elsewhere.present().all());
    CHECK(elsewhere.silent());
    elsewhere.isAt(other, 1, 1);
    CHECK(w.tellPresence() == 0); // alone
    CHECK(w.state().head == before.head);
    CHECK(w.revisions().empty());
}

TEST_CASE("who is cut off, or may not read any more, is not there any more")
{
    Room w;
    w.role(w.ada, v1::OWNER);
    Room::Talk& ada = w.enter(w.ada);
    Room::Talk& ben = w.enter(w.ben);
    for (Room::Talk* each : {&ada, &ben}) {
        each->open(w.record());
        each->follow();
    }
    w.tellPresence();
    CHECK(ada.present().readers_size() == 1);
    CHECK(ben.present().readers_size() == 1);
    SECTION("cut off")
    {
        ben.session->ended();
    }
    SECTION("let go")
    {
        ben.session->goodbye({v1::BUSY});
        CHECK(ben.take()->has_goodbye());
    }
    SECTION("shut out")
    {
        w.setVisibility(v1::PRIVATE);
        CHECK(ben.take()->feeds().lost_size() == 1);
        CHECK(ben.isEnded(w.page));
    }
    ada.isAt(w.page, 1, 1);
    w.tellPresence();
    const v1::Present told = ada.present();
    REQUIRE(told.readers_size() == 1);
    CHECK(told.readers(0).left());
    CHECK(ben.silent());
    ben.session->present(LivePresent(told)); // was under way
    CHECK(ben.silent());
}

TEST_CASE("who takes nothing is told of all who are there when they take again")
{
    Room w;
    Room::Talk& slow = w.enter(w.ada);
    Room::Talk& ben = w.enter(w.ben);
    Room::Talk& cleo = w.enter(w.ben);
    for (Room::Talk* each : {&slow, &ben, &cleo}) {
        each->open(w.record());
        each->follow();
    }
    w.tellPresence();
    CHECK(sessionsOf(slow.present()) == std::set{ben.number, cleo.number});
    slow.isAt(w.page, 7, 7);
    w.tellPresence();
    slow.queuedBytes = limits::bulkBelowBytes;
    cleo.close(w.page);
    w.tellPresence();
    ben.isAt(w.page, 3, 3);
    w.tellPresence();
    CHECK(slow.silent());
    slow.takesAll();
    w.tellPresence();
    const v1::Present told = slow.present();
    CHECK(told.all());
    REQUIRE(told.readers_size() == 1);
    CHECK(told.readers(0).session() == ben.number);
    CHECK(told.readers(0).to() == 3);
    // To the others they were never away.
    v1::Present last;
    while (const auto next = ben.take())
        last = next->present();
    REQUIRE(last.readers_size() == 1);
    CHECK(last.readers(0).to() == 7);
    CHECK_FALSE(last.readers(0).left());
}

TEST_CASE("of a page that very many have open the later ones see nobody and are not seen, until there is room")
{
    Readers readers;
    const Id post = *Id::from(std::string(16, 'p'));
    v1::Reader reader;
    for (uint32_t number = 1; number <= limits::presentMax + 2; ++number) {
        reader.set_session(number);
        readers.say(post, reader);
    }
    const auto told = readers.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].to.size() == limits::presentMax);
    CHECK(told[0].live->present().readers_size() == int(limits::presentMax));
    readers.say(post, reader); // the last one
    CHECK_FALSE(readers.hasNews());
    reader.set_left(true);
    readers.say(post, reader);
    CHECK_FALSE(readers.hasNews());
    reader.set_session(1);
    readers.say(post, reader);
    reader.set_left(false);
    reader.set_session(limits::presentMax + 1);
    readers.say(post, reader);
    const auto now = readers.take();
    REQUIRE(now.size() == 2);
    CHECK(now[0].live->present().readers_size() == 2);
    CHECK(now[1].to == std::vector<uint32_t>{limits::presentMax + 1});
    CHECK(now[1].live->present().all());
    // When all have left, nothing is kept.
    reader.set_left(true);
    for (uint32_t number = 1; number <= limits::presentMax + 2; ++number) {
        reader.set_session(number);
        readers.say(post, reader);
    }
    CHECK(readers.take().empty());
    CHECK_FALSE(readers.hasNews());
}

} // namespace stoa
