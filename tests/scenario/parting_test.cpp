// A server that goes back with everything it has, and nobody tells it: others write on under the numbers that it gave
// before, until somebody comes who still has what was lost.

#include "tests/scenario/office.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// What Ada wrote was read by Ben only. Then the server goes back, and Cleo, who was away, goes on from there.
struct PartedOffice : Office {
    PartedOffice()
    {
        cleo().cut();
        laptop().cut();
    }
    void goBack() { company.restore(Company::Restore::ByHand); }
    void comes(Desk& desk)
    {
        desk.connect();
        company.settle();
    }
    FeedState feed() { return company.serverFeed({FeedKind::Space, lab}); }
    std::string bytesAt(Desk& desk, const v1::Change& post)
    {
        const auto record = desk.record(*Id::from(post.target()));
        return record ? record->SerializeAsString() : std::string();
    }
    std::vector<Desk*> all() { return {&ada(), &ben(), &cleo(), &laptop()}; }
};

} // namespace

TEST_CASE("what a server lost comes back also where others had its numbers meanwhile")
{
    PartedOffice office;
    std::vector<v1::Change> lost, later;
    std::vector<std::string> were;
    for (const char* title : {"x1", "x2", "x3"}) {
        lost.push_back(office.question(title));
        office.does(office.ada(), lost.back());
        were.push_back(office.bytesAt(office.ben(), lost.back()));
    }
    office.goBack();
    office.comes(office.cleo());
    for (const char* title : {"y1", "y2", "y3", "y4", "y5"}) {
        later.push_back(office.question(title));
        office.does(office.cleo(), later.back());
        were.push_back(office.bytesAt(office.cleo(), later.back()));
    }
    const FeedState before = office.feed();
    CHECK(office.company.epoch() == 1);

    office.comes(office.ben());
    CHECK(office.company.epoch() == 2);
    office.onlineAgain();

    CHECK(office.company.differences() == "");
    CHECK(office.feed().records == before.records + lost.size());
    CHECK(office.company.epoch() == 2); // once
    lost.insert(lost.end(), later.begin(), later.end());
    for (Desk* desk : office.all()) {
        CHECK(desk->reports.empty()); // no copy ever differed
        for (size_t i = 0; i < lost.size(); ++i)
            CHECK(office.bytesAt(*desk, lost[i]) == were[i]);
    }
}

TEST_CASE("what was written to one page on both sides of a parting is merged, and no words are lost")
{
    PartedOffice office;
    const v1::Change page = office.page("Rota");
    office.does(office.ada(), page);
    office.comes(office.cleo());
    office.company.backUp();
    office.cleo().cut();
    office.does(office.ada(), office.rename(page, "Ada's title"));
    office.goBack();
    office.comes(office.cleo());
    // Each a version of the same record: under the number that Ada's had is nothing any more.
    std::string seen;
    for (int i = 1; i <= 3; ++i) {
        const v1::Change renamed = office.rename(page, "Cleo's title " + std::to_string(i), seen);
        office.does(office.cleo(), renamed);
        seen = renamed.id();
    }
    office.comes(office.ben());
    CHECK(office.company.epoch() == 2);
    office.onlineAgain();

    CHECK(office.company.differences() == "");
    const v1::Record record = *office.ada().record(*Id::from(page.target()));
    CHECK(record.post().title() == "Cleo's title 3");
    REQUIRE(record.lost_size() == 1);
    CHECK(record.lost(0).value().text() == "Ada's title");
}

TEST_CASE("as many versions on both sides of a parting make no copy the right one")
{
    PartedOffice office;
    const v1::Change lost = office.question("x"), later = office.question("y");
    office.does(office.ada(), lost);
    office.goBack();
    office.comes(office.cleo());
    office.does(office.cleo(), later);
    office.onlineAgain();
    CHECK(office.company.epoch() == 2);
    CHECK(office.company.differences() == "");
    for (Desk* desk : office.all()) {
        CHECK(office.titleAt(*desk, lost) == "x");
        CHECK(office.titleAt(*desk, later) == "y");
    }
}

TEST_CASE("what was accepted and not read before the server went back is sent again")
{
    PartedOffice office;
    office.ben().cut();
    const v1::Change lost = office.question("Receipt came, version did not");
    std::optional<v1::Change> later;
    REQUIRE(office.ada().submit(lost) == v1::CODE_NONE);
    while (office.ada().outbox().front().state != ChangeState::Accepted)
        REQUIRE(office.company.stepTo(office.ada()));
    SECTION("and is all that she has") {}
    SECTION("before what was on its way then, which is accepted first")
    {
        later = office.question("Was on its way");
        REQUIRE(office.ada().submit(*later) == v1::CODE_NONE);
    }
    office.goBack();
    office.comes(office.cleo());
    for (const char* title : {"y1", "y2"})
        office.does(office.cleo(), office.question(title));
    office.onlineAgain();
    office.onlineAgain();
    CHECK(office.company.epoch() == 1); // nothing that bears a seal was lost
    CHECK(office.company.differences() == "");
    CHECK(office.ada().outbox().empty());
    CHECK(office.titleAt(office.ben(), lost) == "Receipt came, version did not");
    if (later)
        CHECK(office.titleAt(office.ben(), *later) == "Was on its way");
}

TEST_CASE("a parting in several feeds begins one epoch")
{
    PartedOffice office;
    const Id other = office.company.addSpace("Other", v1::OPEN);
    office.company.settle();
    office.company.backUp();
    const auto ask = [&](const Id& space, const char* title) {
        office.company.nowMs += 1'000;
        return office.company.mint.post(v1::QUESTION, space, {}, title, office.company.nowMs);
    };
    const v1::Change lost = ask(office.lab, "x"), alsoLost = ask(other, "x too");
    office.does(office.ada(), lost);
    office.does(office.ada(), alsoLost);
    office.goBack();
    office.comes(office.cleo());
    for (const Id& space : {office.lab, other})
        for (const char* title : {"y1", "y2"})
            office.does(office.cleo(), ask(space, title));
    office.comes(office.ben());
    for (int i = 0; i < 4; ++i)
        office.onlineAgain();
    CHECK(office.company.epoch() == 2);
    CHECK(office.company.differences() == "");
    CHECK(office.titleAt(office.cleo(), lost) == "x");
    CHECK(office.titleAt(office.cleo(), alsoLost) == "x too");
}

TEST_CASE("a version below the head is found also where one above it came back first")
{
    PartedOffice office;
    std::vector<v1::Change> lost;
    office.ben().cut();
    for (const char* title : {"x1", "x2", "x3", "x4"})
        lost.push_back(office.question(title));
    for (const v1::Change& each : lost)
        REQUIRE(office.ada().submit(each) == v1::CODE_NONE);
    office.company.settle();
    office.comes(office.ben()); // all in one batch
    office.goBack();
    office.comes(office.cleo());
    office.does(office.cleo(), office.question("y1"));
    office.does(office.cleo(), office.question("y2"));
    office.comes(office.ben());
    CHECK(office.company.epoch() == 2);
    for (int i = 0; i < 4; ++i)
        office.onlineAgain();
    CHECK(office.company.epoch() == 2);
    CHECK(office.company.differences() == "");
    for (const v1::Change& each : lost)
        CHECK_FALSE(office.titleAt(office.cleo(), each).empty());
}

TEST_CASE("what was found to be lost is kept where the right goes before it was handed back")
{
    PartedOffice office;
    const Id closed = office.company.addSpace("Closed", v1::PRIVATE);
    office.company.setMember(closed, office.ben().person, v1::CONTRIBUTOR);
    office.company.setMember(closed, office.cleo().person, v1::OWNER);
    office.company.settle();
    office.company.backUp();
    const auto ask = [&](const char* title) {
        office.company.nowMs += 1'000;
        return office.company.mint.post(v1::QUESTION, closed, {}, title, office.company.nowMs);
    };
    const v1::Change lost = ask("Ben's alone");
    office.does(office.ben(), lost);
    office.goBack();
    office.comes(office.cleo());
    office.does(office.cleo(), ask("y1"));
    office.does(office.cleo(), ask("y2"));

    office.ben().connect();
    const Feed feed{FeedKind::Space, closed};
    while (!office.ben().replica->feed(feed)->matches)
        REQUIRE(office.company.stepTo(office.ben()));
    SECTION("what the two have in common is forgotten, and it has read nothing yet since")
    {
        office.ben().kill();
        office.ben().start();
        office.ben().connect();
        const auto isOwing = [&] {
            const std::vector<Feed> owing = office.ben().replica->owing();
            return std::find(owing.begin(), owing.end(), feed) != owing.end();
        };
        while (isOwing())
            REQUIRE(office.company.stepTo(office.ben()));
    }
    office.company.setMember(closed, office.ben().person, v1::ROLE_NONE);
    office.company.settle();
    CHECK(office.titleAt(office.cleo(), lost).empty());
    REQUIRE(office.ben().replica->feed(feed));
    CHECK(office.ben().replica->feed(feed)->setAside);
    SECTION("the program starts again meanwhile")
    {
        office.ben().kill();
        office.ben().start();
        office.comes(office.ben());
        CHECK(office.ben().replica->feed(feed)->setAside);
    }
    SECTION("it runs on") {}

    office.company.setMember(closed, office.ben().person, v1::READER);
    office.company.settle();
    for (int i = 0; i < 3; ++i)
        office.onlineAgain();
    CHECK(office.company.epoch() == 2);
    CHECK(office.company.differences() == "");
    CHECK(office.titleAt(office.cleo(), lost) == "Ben's alone");
    CHECK(office.titleAt(office.ben(), lost) == "Ben's alone");
}

TEST_CASE("what came back comes back once more where the server goes back before it was read")
{
    PartedOffice office;
    // Epoch 2 has lost what Ben alone has, and goes back to its own beginning with what came back in it.
    const v1::Change lost = office.question("Ben's alone");
    office.does(office.ada(), lost);
    office.company.restore(Company::Restore::Properly);
    office.company.backUp();
    REQUIRE(office.company.epoch() == 2);
    office.ben().connect();
    const Feed feed{FeedKind::Space, office.lab};
    while (!office.ben().replica->feed(feed)->anew || !office.ben().replica->owing().empty())
        REQUIRE(office.company.stepTo(office.ben()));
    CHECK(office.feed().records == 3); // with the space itself
    SECTION("nothing of it was read") {}
    SECTION("the program starts again meanwhile")
    {
        office.ben().kill();
        office.ben().start();
    }
    office.goBack();
    CHECK(office.feed().records == 2);
    office.comes(office.cleo());
    office.does(office.cleo(), office.question("y"));
    office.comes(office.ben()); // and Ada, who wrote it, not yet
    CHECK(office.titleAt(office.cleo(), lost) == "Ben's alone");
    CHECK(office.titleAt(office.ben(), lost) == "Ben's alone");
    office.onlineAgain();
    CHECK(office.company.epoch() == 2);
    CHECK(office.company.differences() == "");
}

TEST_CASE("a server that is in an earlier epoch again gets back all that a copy has")
{
    PartedOffice office;
    const v1::Change lost = office.question("Ben's alone");
    office.does(office.ada(), lost);
    // Ben hands it back in epoch 2, and the server goes back behind that before he has read it there.
    office.company.restore(Company::Restore::Properly);
    REQUIRE(office.company.epoch() == 2);
    office.ben().connect();
    const Feed feed{FeedKind::Space, office.lab};
    while (!office.ben().replica->feed(feed)->anew || !office.ben().replica->owing().empty())
        REQUIRE(office.company.stepTo(office.ben()));
    office.goBack();
    REQUIRE(office.company.epoch() == 1);
    office.comes(office.cleo());
    for (const char* title : {"y1", "y2", "y3"})
        office.does(office.cleo(), office.question(title));
    office.comes(office.ben()); // and Ada, who wrote it, not yet
    CHECK(office.company.epoch() == 2);
    CHECK(office.titleAt(office.ben(), lost) == "Ben's alone");
    office.onlineAgain();
    CHECK(office.company.differences() == "");
    for (Desk* desk : office.all())
        CHECK(office.titleAt(*desk, lost) == "Ben's alone");
}

TEST_CASE("a lost deletion that no digest tells of is handed back when what it deleted comes back")
{
    PartedOffice office;
    const v1::Change lost = office.question("Thought better of"), later = office.question("And again");
    office.comes(office.cleo());
    office.does(office.ada(), lost);
    office.cleo().cut();
    office.does(office.ada(), office.company.mint.remove(*Id::from(lost.target()), office.company.nowMs));
    office.goBack();
    // As many numbers, and nothing that lives.
    office.comes(office.laptop());
    office.does(office.laptop(), later);
    office.does(office.laptop(), office.company.mint.remove(*Id::from(later.target()), office.company.nowMs));
    office.comes(office.ben());
    CHECK(office.ben().replica->feed({FeedKind::Space, office.lab})->agreed);
    CHECK(office.company.epoch() == 1);

    office.comes(office.cleo());
    CHECK(office.company.epoch() == 2);
    for (int i = 0; i < 4; ++i)
        office.onlineAgain();
    CHECK(office.company.differences() == "");
    for (Desk* desk : office.all())
        CHECK(office.titleAt(*desk, lost).empty());
}

TEST_CASE("nothing innocent is taken for a parting")
{
    PartedOffice office;
    const Id closed = office.company.addSpace("Closed", v1::PRIVATE);
    const Id dora = office.company.addPerson("dora");
    office.company.setMember(closed, office.ben().person, v1::CONTRIBUTOR);
    office.company.settle();
    const v1::Change gone = office.question("To be deleted"), inside = [&] {
        return office.company.mint.post(v1::QUESTION, closed, {}, "Inside", office.company.nowMs);
    }();
    office.does(office.ada(), gone);
    office.does(office.ben(), inside);
    office.ben().cut();
    SECTION("a deletion")
    {
        office.does(office.ada(), office.company.mint.remove(*Id::from(gone.target()), office.company.nowMs));
    }
    SECTION("what was superseded many times")
    {
        for (int i = 0; i < 20; ++i)
            office.does(office.ada(), office.rename(gone, "Title " + std::to_string(i)));
    }
    SECTION("an erasure")
    {
        office.company.erase(dora);
    }
    SECTION("a right that was taken, and given again")
    {
        office.company.setMember(closed, office.ben().person, v1::ROLE_NONE);
        office.comes(office.ben());
        office.ben().cut();
        office.company.setMember(closed, office.ben().person, v1::READER);
    }
    SECTION("a backup that was restored with a word")
    {
        office.company.restore(Company::Restore::Properly);
    }
    const uint32_t epoch = office.company.epoch();
    office.does(office.ada(), office.question("News"));
    office.onlineAgain();
    office.onlineAgain();
    CHECK(office.company.epoch() == epoch);
    CHECK(office.company.differences() == "");
}
