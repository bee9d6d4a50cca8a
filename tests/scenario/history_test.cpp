// What became of a page, for whoever looks at it.

#include "shared/domain/history.h"
#include "tests/scenario/office.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct Archive : Office {
    Archive()
    {
        page = company.mint.post(v1::PAGE, lab, {}, "Onboarding", ++company.nowMs);
        page.mutable_create_post()->set_body("Ask Ben for a key.");
        does(ada(), page);
        company.backUp();
        bodies.push_back(bodyAt(ada()));
    }
    Id post() const { return *Id::from(page.target()); }
    std::string bodyAt(Desk& desk) { return desk.record(post())->post().body(); }
    void writes(Desk& desk, const std::string& text)
    {
        company.nowMs += 3'600'000;
        onlineAgain(); // nobody said anything for an hour
        does(desk, company.mint.write(post(), bodyAt(desk), text, company.nowMs));
        company.publish();
        bodies.push_back(text);
    }
    std::optional<BodyHistory> lookedAt(Desk& desk)
    {
        desk.readHistory(post());
        company.settle();
        return kept(desk);
    }
    std::optional<BodyHistory> kept(Desk& desk) const
    {
        const Reading reading(QString::fromStdString(desk.path()));
        return history(reading, post());
    }
    void requireAllOf(const std::optional<BodyHistory>& read)
    {
        REQUIRE(read.has_value());
        std::string told;
        for (const v1::Revision& each : read->revisions)
            told += std::to_string(each.version().revision()) + " after " + std::to_string(each.after()) + "\n";
        INFO(told);
        REQUIRE(read->whole);
        REQUIRE(read->revisions.size() == bodies.size());
        for (size_t i = 0; i < bodies.size(); ++i)
            CHECK(*bodyAfter(std::span(read->revisions).first(i + 1)) == bodies[i]);
    }

    v1::Change page;
    std::vector<std::string> bodies; // each that the page had
};

} // namespace

TEST_CASE("a history leads to each body that a page had, and is there without a network once it was looked at")
{
    Archive office;
    office.writes(office.ada(), "Ask Cleo for a key.");
    office.writes(office.ben(), "Ask Cleo for a key and a cup.");
    office.writes(office.ada(), "");
    CHECK_FALSE(office.kept(office.cleo()).has_value());
    const auto read = office.lookedAt(office.cleo());
    office.requireAllOf(read);
    const auto work = stretches(read->revisions);
    REQUIRE(work.size() == 4);
    CHECK(work[2].authors == std::vector<std::string>{office.ben().person.str()});

    office.cleo().cut();
    office.cleo().kill();
    office.cleo().start();
    office.requireAllOf(office.kept(office.cleo()));

    office.writes(office.ben(), "Anew.");
    office.cleo().connect();
    office.company.settle();
    office.requireAllOf(office.lookedAt(office.cleo()));
}

TEST_CASE("a page that nobody changed has an empty history")
{
    Archive office;
    const auto read = office.lookedAt(office.ben());
    REQUIRE(read.has_value());
    CHECK(read->revisions.empty());
}

TEST_CASE("an older text comes back as a change like any other")
{
    Archive office;
    office.writes(office.ada(), "Ask Cleo for a key.");
    office.writes(office.ben(), "All of it was wrong.");
    const auto read = office.lookedAt(office.cleo());
    REQUIRE(read.has_value());
    office.writes(office.cleo(), *bodyAfter(std::span(read->revisions).first(2)));
    for (Desk* desk : {&office.ada(), &office.ben()})
        CHECK(office.bodyAt(*desk) == "Ask Cleo for a key.");
    office.requireAllOf(office.lookedAt(office.cleo()));
}

TEST_CASE("who may not read a page any more is told nothing of its history, and keeps none")
{
    Archive office;
    office.writes(office.ada(), "Ask Cleo for a key.");
    office.requireAllOf(office.lookedAt(office.ben()));
    v1::Change close = office.company.mint.change(office.lab, ++office.company.nowMs);
    v1::FieldEdit& edit = *close.mutable_edit()->add_fields();
    edit.set_field(v1::SPACE_VISIBILITY);
    edit.mutable_value()->set_number(v1::PRIVATE);
    office.company.submit(close);
    office.company.settle();
    CHECK_FALSE(office.kept(office.ben()).has_value());
    CHECK_FALSE(office.lookedAt(office.ben()).has_value());
}

TEST_CASE("after a restore a history begins with what came back")
{
    Archive office;
    office.writes(office.ada(), "Ask Cleo for a key.");
    office.writes(office.ben(), "Ask Cleo for a cup.");
    office.requireAllOf(office.lookedAt(office.cleo()));
    office.company.restore(Company::Restore::Properly);
    office.onlineAgain();
    office.company.publish();
    office.onlineAgain();
    REQUIRE(office.bodyAt(office.ada()) == "Ask Cleo for a cup.");
    // What made it what it is was lost, and is told no more.
    CHECK(office.lookedAt(office.cleo())->revisions.empty());

    office.bodies = {"Ask Cleo for a cup."};
    office.writes(office.ben(), "Ask Cleo for a mug.");
    office.requireAllOf(office.lookedAt(office.cleo()));
}
