// Several people write in one body (docs/decisions/0008).

#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "tests/scenario/office.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct WritingOffice : Office {
    WritingOffice()
    {
        page = company.mint.post(v1::PAGE, lab, {}, "Onboarding", ++company.nowMs);
        page.mutable_create_post()->set_body("Ask Ben for a key. Lunch is at twelve.");
        does(ada(), page);
        company.backUp();
    }
    std::string bodyAt(Desk& desk)
    {
        const auto record = desk.record(*Id::from(page.target()));
        return record && !record->deleted() ? record->post().body() : std::string();
    }
    v1::Change replace(Desk& desk, const std::string& old, const std::string& now)
    {
        std::string text = bodyAt(desk);
        const std::string before = text;
        const size_t at = text.find(old);
        INFO(desk.name << " looks for " << old << " in " << text);
        REQUIRE(at != std::string::npos);
        return company.mint.write(*Id::from(page.target()), before, text.replace(at, old.size(), now), ++company.nowMs);
    }
    // Without waiting for anything.
    v1::Change writes(Desk& desk, const std::string& old, const std::string& now)
    {
        const v1::Change made = replace(desk, old, now);
        REQUIRE(desk.submit(made) == v1::CODE_NONE);
        return made;
    }
    std::vector<Desk*> all() { return {&ada(), &ben(), &cleo(), &laptop()}; }
    void requireEverybodyHas(const std::string& text)
    {
        company.publish();
        CHECK(company.differences() == "");
        for (Desk* desk : all()) {
            INFO(desk->name);
            CHECK(bodyAt(*desk) == text);
            CHECK(desk->outbox().empty());
        }
    }

    // What is contested at each of them, once all agree: everybody sees the same.
    std::vector<std::string> contestedAtAll()
    {
        company.settle();
        company.publish();
        CHECK(company.differences() == "");
        std::vector<std::string> first;
        for (Desk* desk : all()) {
            INFO(desk->name);
            CHECK(desk->outbox().empty());
            std::vector<std::string> passages;
            const v1::Record record = *desk->record(*Id::from(page.target()));
            for (const v1::TextRange& range : record.post().contested())
                passages.push_back(record.post().body().substr(range.from(), range.to() - range.from()));
            if (desk == &ada())
                first = passages;
            CHECK(passages == first);
        }
        return first;
    }

    v1::Change page;
};

} // namespace

TEST_CASE("two people write in one body at once, and it holds both")
{
    WritingOffice office;
    office.writes(office.ada(), "Ben", "Cleo");
    office.writes(office.ben(), "at twelve", "at one");
    CHECK(office.bodyAt(office.ada()) == "Ask Cleo for a key. Lunch is at twelve.");
    CHECK(office.bodyAt(office.ben()) == "Ask Ben for a key. Lunch is at one.");
    office.company.settle();
    office.requireEverybodyHas("Ask Cleo for a key. Lunch is at one.");
}

TEST_CASE("what is written without a network is one change, and moves with what others write")
{
    WritingOffice office;
    office.ada().cut();
    office.writes(office.ada(), "Ben", "Benjamin");
    office.writes(office.ada(), "Benjamin", "Ada");
    office.writes(office.ada(), "twelve.", "twelve. Bring a cup.");
    CHECK(office.ada().outbox().size() == 1);
    office.does(office.ben(), office.replace(office.ben(), "Lunch is", "On Fridays lunch is"));
    office.company.publish();
    office.ada().kill();
    office.ada().start();
    CHECK(office.bodyAt(office.ada()) == "Ask Ada for a key. Lunch is at twelve. Bring a cup.");
    office.ada().connect();
    office.company.settle();
    office.requireEverybodyHas("Ask Ada for a key. On Fridays lunch is at twelve. Bring a cup.");
}

TEST_CASE("what is written while a change is on its way waits for its record, and nothing shows twice")
{
    WritingOffice office;
    office.does(office.cleo(), office.replace(office.cleo(), "twelve", "noon")); // so the next record comes later
    office.company.nowMs += 10;
    office.writes(office.ada(), "key.", "key!");
    office.company.settle();
    office.writes(office.ada(), "Ask", "Please ask");
    office.writes(office.ada(), "key!", "key and a cup!");
    office.company.settle();
    CHECK(office.ada().outbox().size() == 2);
    CHECK(office.bodyAt(office.ada()) == "Please ask Ben for a key and a cup! Lunch is at noon.");
    office.requireEverybodyHas("Please ask Ben for a key and a cup! Lunch is at noon.");
}

TEST_CASE("a change that was sent without a receipt is not written twice")
{
    WritingOffice office;
    office.writes(office.ada(), "Ben", "Cleo");
    for (const uint64_t head = office.company.serverFeed({FeedKind::Space, office.lab}).head;
         office.company.serverFeed({FeedKind::Space, office.lab}).head == head;)
        REQUIRE(office.company.stepTo(office.ada()));
    office.ada().cut();
    office.does(office.ben(), office.replace(office.ben(), "twelve", "one"));
    office.ada().connect();
    office.company.settle();
    office.requireEverybodyHas("Ask Cleo for a key. Lunch is at one.");
}

TEST_CASE("where two rewrote one passage both texts stay, and the record says so")
{
    WritingOffice office;
    office.writes(office.ada(), "Ask Ben for a key.", "Keys are with Ada.");
    office.writes(office.ben(), "Ask Ben for a key.", "Nobody needs a key!");
    office.company.settle();
    office.company.publish();
    const std::string body = office.bodyAt(office.cleo());
    CHECK(body.find("Ada") != std::string::npos);
    CHECK(body.find("Nobody") != std::string::npos);
    const auto record = office.cleo().record(*Id::from(office.page.target()));
    CHECK(record->post().contested_size() > 0);
    CHECK(office.company.differences() == "");
}

TEST_CASE("where two rewrote one passage and one of them was away, both see both texts until somebody settles it")
{
    WritingOffice office;
    office.ben().cut();
    office.writes(office.ben(), "Ask Ben for a key.", "Nobody needs a key!");
    office.does(office.ada(), office.replace(office.ada(), "Ask Ben for a key.", "Keys are with Ada."));
    office.does(office.cleo(), office.replace(office.cleo(), "Lunch", "By the way: lunch"));
    office.company.publish();
    SECTION("and writes on when the others' text is there")
    {
        office.ben().connect();
        while (office.bodyAt(office.ben()).find("By the way") == std::string::npos)
            REQUIRE(office.company.stepTo(office.ben()));
        CHECK(office.bodyAt(office.ben()).find("Nobody needs") != std::string::npos);
        office.writes(office.ben(), "twelve.", "one.");
    }
    SECTION("and writes nothing more")
    {
        office.writes(office.ben(), "twelve.", "one.");
        office.ben().connect();
    }
    const std::vector<std::string> passages = office.contestedAtAll();
    const std::string body = office.bodyAt(office.ben());
    std::string both; // one behind the other
    for (const std::string& passage : passages)
        both += passage;
    CHECK(body == both + " By the way: lunch is at one.");
    CHECK(both.find("with Ada") != std::string::npos);
    CHECK(both.find("Nobody needs") != std::string::npos);

    v1::Change settled = office.replace(office.ben(), both, "Keys are with Ada.");
    settled.mutable_edit_text()->add_resolved()->set_to(both.size());
    REQUIRE(office.ben().submit(settled) == v1::CODE_NONE);
    office.onlineAgain(); // nobody said anything for minutes
    CHECK(office.contestedAtAll().empty());
    CHECK(office.bodyAt(office.ada()) == "Keys are with Ada. By the way: lunch is at one.");
}

TEST_CASE("what the server lost of a text is written again by its author, once")
{
    WritingOffice office;
    office.writes(office.ada(), "Ben", "Cleo");
    office.company.settle();
    SECTION("the record was read by everybody")
    {
        office.company.publish();
    }
    SECTION("the record was not made yet")
    {
        office.does(office.ada(), office.replace(office.ada(), "key", "badge"));
    }
    const std::string text = office.bodyAt(office.ada());
    office.company.restore(Company::Restore::Properly);
    SECTION("its author comes first")
    {
        office.ada().connect();
        office.company.settle();
    }
    SECTION("others come first")
    {
        office.ben().connect();
        office.company.settle();
    }
    SECTION("others come first, and write")
    {
        office.cleo().connect();
        office.company.settle();
    }
    office.onlineAgain();
    office.company.publish();
    office.onlineAgain();
    office.requireEverybodyHas(text);
}

TEST_CASE("a text that others handed back is not written again by an author who never heard that it was accepted")
{
    WritingOffice office;
    office.writes(office.ada(), "Ben", "Cleo");
    const Feed feed{FeedKind::Space, office.lab};
    for (const uint64_t head = office.company.serverFeed(feed).head; office.company.serverFeed(feed).head == head;)
        REQUIRE(office.company.stepTo(office.ada()));
    office.ada().cut();
    office.company.settle();
    REQUIRE(office.bodyAt(office.ben()) == "Ask Cleo for a key. Lunch is at twelve.");
    office.company.restore(Company::Restore::Properly);
    office.ben().connect();
    office.company.settle();
    office.onlineAgain();
    office.onlineAgain();
    office.requireEverybodyHas("Ask Cleo for a key. Lunch is at twelve.");
}

TEST_CASE("what somebody wrote comes back once also where others wrote on and its author was away")
{
    WritingOffice office;
    office.writes(office.ada(), "Ben", "Cleo");
    const Feed feed{FeedKind::Space, office.lab};
    const uint64_t head = office.company.serverFeed(feed).head;
    const bool isTold = GENERATE(false, true);
    CAPTURE(isTold); // that it was accepted, and the record did not come
    while (isTold ? office.ada().outbox().front().state != ChangeState::Accepted
                  : office.company.serverFeed(feed).head == head)
        REQUIRE(office.company.stepTo(office.ada()));
    office.ada().cut();
    office.company.settle();
    office.does(office.ben(), office.replace(office.ben(), "twelve", "one"));
    office.company.publish();
    office.does(office.cleo(), office.replace(office.cleo(), "one", "noon"));
    office.company.publish();
    office.company.restore(Company::Restore::Properly);
    const bool authorFirst = GENERATE(false, true);
    CAPTURE(authorFirst);
    if (authorFirst) {
        office.ada().connect();
        office.company.settle();
        office.ada().cut();
    }
    office.ben().connect();
    office.company.settle();
    office.does(office.ben(), office.replace(office.ben(), "Lunch is", "We eat"));
    office.onlineAgain();
    office.company.publish();
    office.onlineAgain();
    office.requireEverybodyHas("Ask Cleo for a key. We eat at noon.");
}

TEST_CASE("what was written in a page that is deleted meanwhile stays with who wrote it, as a whole")
{
    WritingOffice office;
    office.ben().cut();
    const v1::Change mine = office.writes(office.ben(), "twelve.", "twelve. I have thought about it for a week.");
    office.does(office.ada(), office.company.mint.remove(*Id::from(office.page.target()), office.company.nowMs));
    office.ben().connect();
    office.company.settle();
    office.company.publish();
    REQUIRE(office.ben().outbox().size() == 1);
    const OutboxRow row = office.ben().outbox().front();
    CHECK(row.state == ChangeState::Refused);
    CHECK(row.refusal.code == v1::NOT_FOUND);
    CHECK(row.text.toStdString() == "Ask Ben for a key. Lunch is at twelve. I have thought about it for a week.");
}

TEST_CASE("who may not write any more keeps what they wrote")
{
    WritingOffice office;
    office.ben().cut();
    office.writes(office.ben(), "twelve.", "twelve. With soup.");
    SECTION("they may still read")
    {
        office.company.setMember(office.lab, office.ben().person, v1::READER);
        office.ben().connect();
        office.company.settle();
        CHECK(office.bodyAt(office.ben()) == "Ask Ben for a key. Lunch is at twelve.");
    }
    SECTION("the space is gone for them")
    {
        v1::Change close = office.company.mint.change(office.lab, ++office.company.nowMs);
        v1::FieldEdit& edit = *close.mutable_edit()->add_fields();
        edit.set_field(v1::SPACE_VISIBILITY);
        edit.mutable_value()->set_number(v1::PRIVATE);
        office.company.submit(close);
        office.ben().connect();
        office.company.settle();
        CHECK(office.bodyAt(office.ben()).empty());
    }
    REQUIRE(office.ben().outbox().size() == 1);
    CHECK(office.ben().outbox().front().state == ChangeState::Refused);
    CHECK(office.ben().outbox().front().text.toStdString() == "Ask Ben for a key. Lunch is at twelve. With soup.");
}
