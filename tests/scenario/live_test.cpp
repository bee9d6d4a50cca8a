// A page that several people have open while it is written (docs/decisions/0009, 0010).

#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "tests/scenario/office.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct OpenOffice : Office {
    OpenOffice()
    {
        page = company.mint.post(v1::PAGE, lab, {}, "Onboarding", ++company.nowMs);
        page.mutable_create_post()->set_body("Ask Ben for a key. Lunch is at twelve.");
        id = *Id::from(page.target());
        does(ada(), page);
        writes(ada(), "twelve", "noon"); // its record comes at once, the next one later
        company.settle();
        company.backUp();
        for (Desk* desk : {&ada(), &ben(), &cleo()})
            desk->openText(id);
        company.settle();
    }
    std::string bodyAt(Desk& desk)
    {
        const auto record = desk.record(id);
        return record && !record->deleted() ? record->post().body() : std::string();
    }
    v1::Change writes(Desk& desk, const std::string& was, const std::string& now)
    {
        std::string text = bodyAt(desk);
        const std::string before = text;
        const size_t at = text.find(was);
        INFO(desk.name << " looks for " << was << " in " << text);
        REQUIRE(at != std::string::npos);
        const v1::Change made = company.mint.write(id, before, text.replace(at, was.size(), now), ++company.nowMs);
        REQUIRE(desk.submit(made) == v1::CODE_NONE);
        return made;
    }
    // Letter by letter, as it is typed at the end of what is there.
    void types(Desk& desk, const std::string& behind, const std::string& text)
    {
        std::string so = behind;
        for (const char letter : text) {
            writes(desk, so, so + letter);
            so += letter;
        }
    }
    std::vector<Desk*> readers() { return {&ada(), &ben(), &cleo()}; }
    void requireAllShow(const std::string& text)
    {
        for (Desk* desk : readers()) {
            INFO(desk->name);
            CHECK(bodyAt(*desk) == text);
        }
    }
    uint64_t headOfSpace() { return company.serverFeed({FeedKind::Space, lab}).head; }
    void requireTheRecordAltersNothing(const std::string& text)
    {
        onlineAgain();
        company.publish();
        CHECK(company.differences() == "");
        for (Desk* desk : {&ada(), &ben(), &cleo(), &laptop()}) {
            INFO(desk->name);
            CHECK(bodyAt(*desk) == text);
            CHECK(desk->outbox().empty());
        }
    }

    v1::Change page;
    Id id;
};

} // namespace

TEST_CASE("who has a page open sees each key as it is typed, before any record comes")
{
    OpenOffice office;
    const uint64_t head = office.headOfSpace();
    office.types(office.ada(), "noon", " sharp");
    office.company.settle(); // one key is under way, the next ones are one change
    office.requireAllShow("Ask Ben for a key. Lunch is at noon sharp.");
    office.writes(office.ben(), "Ben", "Cleo");
    office.writes(office.cleo(), "key", "badge");
    office.writes(office.ada(), "Lunch", "By the way: lunch");
    office.company.settle();
    office.requireAllShow("Ask Cleo for a badge. By the way: lunch is at noon sharp.");
    office.writes(office.ada(), "By the way: l", "L");
    office.company.settle();
    office.requireAllShow("Ask Cleo for a badge. Lunch is at noon sharp.");
    CHECK(office.headOfSpace() == head);
    CHECK(office.bodyAt(office.laptop()) == "Ask Ben for a key. Lunch is at noon."); // has it not open
    office.requireTheRecordAltersNothing("Ask Cleo for a badge. Lunch is at noon sharp.");
}

TEST_CASE("all who write at once see the same after each revision")
{
    OpenOffice office;
    std::mt19937 random(7);
    const auto below = [&](size_t count) { return random() % count; };
    for (int round = 0; round < 60; ++round) {
        for (Desk* desk : office.readers()) {
            if (below(3) == 0)
                continue;
            const std::string text = office.bodyAt(*desk);
            const size_t at = below(text.size() + 1);
            const size_t deleted = std::min(below(3), text.size() - at);
            std::string now = text;
            now.replace(at, deleted, std::string(1 + below(2), char('a' + below(26))));
            REQUIRE(desk->submit(office.company.mint.write(office.id, text, now, ++office.company.nowMs)) ==
                    v1::CODE_NONE);
            for (size_t i = below(4); i > 0; --i)
                office.company.step();
        }
        if (below(3) == 0) {
            office.company.settle();
            office.requireAllShow(office.bodyAt(office.ada()));
        }
    }
    office.company.settle();
    office.requireTheRecordAltersNothing(office.bodyAt(office.ada()));
}

TEST_CASE("who rewrites the sentence that others rewrite keeps the letters together, whatever crosses on the way")
{
    for (uint32_t seed = 1; seed <= 8; ++seed) {
        OpenOffice office;
        std::mt19937 random(seed);
        const std::vector<std::string> sentences{"We leave!", "Today no bus goes?", "Nobody stays;"};
        std::vector<size_t> typed(3, 1);
        for (size_t i = 0; i < 3; ++i)
            office.writes(*office.readers()[i], "Lunch is at noon.", sentences[i].substr(0, 1));
        for (size_t left = 9 + 18 + 13 - 3; left > 0;) {
            const size_t who = random() % 3;
            if (typed[who] < sentences[who].size()) {
                const std::string so = sentences[who].substr(0, typed[who]);
                office.writes(*office.readers()[who], so, sentences[who].substr(0, ++typed[who]));
                --left;
            }
            for (size_t steps = random() % 4; steps > 0; --steps)
                office.company.step();
        }
        office.company.settle();
        const std::string text = office.bodyAt(office.ada());
        INFO(text);
        for (const std::string& sentence : sentences)
            CHECK(text.find(sentence) != std::string::npos);
        CHECK(text.size() == std::string("Ask Ben for a key. ").size() + 9 + 18 + 13);
        office.requireTheRecordAltersNothing(text);
    }
}

TEST_CASE("who was away while two write has their words and the others' when they are back")
{
    OpenOffice office;
    office.types(office.cleo(), "key", "s");
    office.company.settle();
    office.cleo().cut();
    office.types(office.cleo(), "noon", ", with soup");
    office.types(office.ada(), "Ask", " Ada or");
    office.company.settle();
    office.writes(office.ben(), "Lunch", "On Fridays lunch");
    office.company.settle();
    SECTION("before the record comes") {}
    SECTION("after the record came")
    {
        office.company.publish();
    }
    SECTION("with the program ended in between")
    {
        office.cleo().kill();
        office.cleo().start();
        CHECK(office.bodyAt(office.cleo()) == "Ask Ben for a keys. Lunch is at noon, with soup.");
        office.cleo().openText(office.id);
    }
    CHECK(office.bodyAt(office.cleo()) == "Ask Ben for a keys. Lunch is at noon, with soup.");
    office.cleo().connect();
    office.company.settle();
    office.requireAllShow("Ask Ada or Ben for a keys. On Fridays lunch is at noon, with soup.");
    office.types(office.ben(), "soup", "s");
    office.company.settle();
    office.requireAllShow("Ask Ada or Ben for a keys. On Fridays lunch is at noon, with soups.");
    office.requireTheRecordAltersNothing("Ask Ada or Ben for a keys. On Fridays lunch is at noon, with soups.");
}

TEST_CASE("a conversation that breaks between a revision and its receipt writes nothing twice")
{
    for (const int steps : {2, 3, 4, 6, 8}) {
        INFO(steps << " steps");
        OpenOffice office;
        office.types(office.ada(), "noon", "!");
        office.types(office.ada(), "Ask", "!");
        for (int i = 0; i < steps; ++i)
            office.company.stepTo(office.ada());
        office.ada().cut();
        office.writes(office.ben(), "key", "badge");
        office.company.settle();
        office.ada().connect();
        office.company.settle();
        office.requireAllShow("Ask! Ben for a badge. Lunch is at noon!.");
        office.requireTheRecordAltersNothing("Ask! Ben for a badge. Lunch is at noon!.");
    }
}

TEST_CASE("a change that is refused stays with who made it, and others' text goes on")
{
    OpenOffice office;
    office.company.setMember(office.lab, office.ben().person, v1::READER);
    // Word of it is under way.
    const v1::Change mine = office.writes(office.ben(), "noon", "one");
    office.writes(office.ada(), "key", "badge");
    office.company.settle();
    office.requireAllShow("Ask Ben for a badge. Lunch is at noon.");
    REQUIRE(office.ben().outbox().size() == 1);
    CHECK(office.ben().stateOf(mine) == ChangeState::Refused);
    CHECK(office.ben().outbox().front().text.toStdString().find("Lunch is at one.") != std::string::npos);
    office.types(office.ada(), "badge", "s");
    office.company.settle();
    office.requireAllShow("Ask Ben for a badges. Lunch is at noon.");
}

TEST_CASE("who may not read the space any more is sent nothing of a page that they have open")
{
    OpenOffice office;
    office.company.setMember(office.lab, office.ada().person, v1::CONTRIBUTOR);
    v1::Change close = office.company.mint.change(office.lab, ++office.company.nowMs);
    v1::FieldEdit& edit = *close.mutable_edit()->add_fields();
    edit.set_field(v1::SPACE_VISIBILITY);
    edit.mutable_value()->set_number(v1::PRIVATE);
    office.company.settle();
    office.company.submit(close);
    office.writes(office.ada(), "noon", "one");
    office.company.settle();
    CHECK(office.bodyAt(office.ada()) == "Ask Ben for a key. Lunch is at one.");
    CHECK(office.bodyAt(office.ben()).empty());
    CHECK(office.ben().connected());
    CHECK(office.ben().readers[office.id].empty());
    // And as soon as they may again, it goes on.
    office.company.setMember(office.lab, office.ben().person, v1::CONTRIBUTOR);
    office.company.settle();
    office.types(office.ada(), "one", "!");
    office.company.settle();
    CHECK(office.bodyAt(office.ben()) == "Ask Ben for a key. Lunch is at one!.");
}

TEST_CASE("what a restore lost of an open page is written again by its authors, once")
{
    OpenOffice office;
    office.types(office.ada(), "noon", ", sharp");
    office.company.settle();
    office.types(office.ben(), "key", "s");
    office.company.settle();
    office.types(office.ada(), "sharp", "ly");
    office.company.settle();
    const std::string text = "Ask Ben for a keys. Lunch is at noon, sharply.";
    office.requireAllShow(text);
    const auto how = GENERATE(Company::Restore::Properly, Company::Restore::ByHand);
    office.company.restore(how);
    Desk& first = GENERATE(0, 1) == 0 ? office.ada() : office.ben();
    first.connect();
    office.company.settle();
    office.onlineAgain();
    office.onlineAgain();
    office.requireAllShow(text);
    office.requireTheRecordAltersNothing(text);
}

TEST_CASE("who has a page open knows who else has, and where they are in the text that shows here")
{
    OpenOffice office;
    REQUIRE(office.ada().readers[office.id].size() == 2);
    CHECK_FALSE(office.ada().readers[office.id].front().placed);
    const auto benAt = [&](Desk& desk) {
        for (const TextReader& each : desk.readers[office.id])
            if (each.person == office.ben().person)
                return each.placed ? int64_t(each.to) : -1;
        return int64_t{-2};
    };
    const std::string body = office.bodyAt(office.ben());
    office.ben().setPresence(office.id, body.find("Lunch"), body.find("Lunch") + 5);
    office.company.settle();
    CHECK(benAt(office.ada()) == int64_t(body.find("Lunch") + 5));
    CHECK(benAt(office.ben()) == -2); // not oneself
    SECTION("it moves with what is written before it")
    {
        office.types(office.cleo(), "Ask", " nobody but");
        office.company.settle();
        CHECK(benAt(office.ada()) == int64_t(office.bodyAt(office.ada()).find("Lunch") + 5));
    }
    SECTION("and with what is pending here")
    {
        office.ada().cut();
        office.types(office.ada(), "Ask", "!");
        CHECK(office.ada().readers[office.id].empty());
        office.ada().connect();
        office.company.settle();
        office.types(office.ada(), "Ask!", "!");
        office.company.settle();
        CHECK(benAt(office.ada()) == int64_t(office.bodyAt(office.ada()).find("Lunch") + 5)); // as they said last
        office.ben().setPresence(office.id, 0, 5);
        office.types(office.ada(), "Ask!!", "!");
        while (benAt(office.ada()) < 0)
            REQUIRE(office.company.step());
        office.company.settle();
        CHECK(office.bodyAt(office.ada()).substr(0, 8) == "Ask!!! B");
        CHECK(benAt(office.ada()) == benAt(office.cleo()));
    }
    SECTION("the cursor of who writes stands behind what they wrote")
    {
        office.ben().setPresence(office.id, 3, 3);
        office.company.settle();
        office.types(office.ben(), "Ask", "xyz");
        office.company.settle();
        CHECK(benAt(office.ada()) == 6);
    }
    SECTION("who writes says so in the body that the others have")
    {
        office.types(office.ben(), "Ask", "xyz");
        office.ben().setPresence(office.id, 6, 6);
        office.company.settle();
        CHECK(benAt(office.ada()) == 6);
    }
    SECTION("and ends with it")
    {
        office.ben().closeText(office.id);
        office.company.settle();
        CHECK(office.ada().readers[office.id].size() == 1);
    }
    SECTION("also where the connection ends")
    {
        office.ben().cut();
        office.company.settle();
        CHECK(office.ada().readers[office.id].size() == 1);
        CHECK(office.ben().readers[office.id].empty());
    }
}
