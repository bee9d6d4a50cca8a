#include "client/replica/queries.h"
#include "tests/scenario/company.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// Three colleagues and an open space.
struct Workplace {
    explicit Workplace(uint64_t seed = 1) : company(seed)
    {
        ada = company.addPerson("ada");
        ben = company.addPerson("ben");
        cleo = company.addPerson("cleo");
        lab = company.addSpace("Lab", v1::OPEN);
        for (const auto& [name, person] : {std::pair("ada", ada), std::pair("ben", ben), std::pair("cleo", cleo)})
            company.desk(name, person);
    }
    void everyoneOnline()
    {
        for (Desk* desk : desks())
            desk->connect();
        company.settle();
    }
    std::vector<Desk*> desks() { return {&desk(0), &desk(1), &desk(2)}; }
    Desk& desk(size_t i) { return *company.deskAt(i); }
    Desk& adas() { return desk(0); }
    Desk& bens() { return desk(1); }
    Desk& cleos() { return desk(2); }

    v1::Change question(const std::string& title)
    {
        return company.mint.post(v1::QUESTION, lab, {}, title, company.nowMs);
    }
    v1::Change answer(const v1::Change& question, const std::string& text)
    {
        return company.mint.post(v1::ANSWER, lab, *Id::from(question.target()), text, company.nowMs);
    }
    v1::Change comment(const v1::Change& on, const std::string& text)
    {
        return company.mint.post(v1::COMMENT, lab, *Id::from(on.target()), text, company.nowMs);
    }

    Company company;
    Id ada, ben, cleo, lab;
};

// By hand: STOA_SEEDS=5000 build/dev/bin/test_scenario
uint64_t seeds()
{
    const char* asked = std::getenv("STOA_SEEDS");
    return asked ? std::strtoull(asked, nullptr, 10) : 40;
}

Id target(const v1::Change& change)
{
    return *Id::from(change.target());
}

} // namespace

TEST_CASE("what was written offline reaches everyone once there is a network")
{
    Workplace office;
    office.everyoneOnline();
    office.adas().cut();
    const v1::Change question = office.question("Why is the sky blue?");
    const v1::Change answer = office.answer(question, "Rayleigh.");
    REQUIRE(office.adas().submit(question) == v1::CODE_NONE);
    REQUIRE(office.adas().submit(answer) == v1::CODE_NONE);
    CHECK(office.adas().record(target(answer))->post().body() == "Rayleigh.");
    CHECK_FALSE(office.bens().record(target(question)));

    office.adas().connect();
    office.company.settle();
    CHECK(office.adas().outbox().empty());
    CHECK(office.bens().record(target(answer))->post().body() == "Rayleigh.");
    CHECK(office.company.differences().empty());
}

TEST_CASE("a change that was sent without an answer is sent again and counts once")
{
    Workplace office;
    office.everyoneOnline();
    const v1::Change question = office.question("Twice?");
    REQUIRE(office.adas().submit(question) == v1::CODE_NONE);
    for (int i = 0; i < 50; ++i) {
        office.adas().kill();
        office.adas().start();
        office.adas().connect();
        while (office.company.step())
            ;
    }
    office.company.settle();
    CHECK(office.adas().outbox().empty());
    CHECK(office.bens().record(target(question))->revision() == 1);
    CHECK(office.company.differences().empty());
}

TEST_CASE("of two who rename at once one wins everywhere and the other's words are kept")
{
    Workplace office;
    office.everyoneOnline();
    office.company.setMember(office.lab, office.ben, v1::MODERATOR);
    const v1::Change question = office.question("Old");
    REQUIRE(office.adas().submit(question) == v1::CODE_NONE);
    office.company.settle();
    office.adas().cut();
    office.bens().cut();
    auto& mint = office.company.mint;
    REQUIRE(office.adas().submit(mint.edit(target(question), v1::POST_TITLE, "Ada's", "", office.company.nowMs)) ==
            v1::CODE_NONE);
    office.company.nowMs += 5'000;
    REQUIRE(office.bens().submit(mint.edit(target(question), v1::POST_TITLE, "Ben's", "", office.company.nowMs)) ==
            v1::CODE_NONE);
    // Ada comes back later, but wrote earlier.
    office.bens().connect();
    office.company.settle();
    office.company.nowMs += 60'000;
    office.adas().connect();
    office.company.settle();
    for (Desk* desk : office.desks()) {
        const auto record = desk->record(target(question));
        CHECK(record->post().title() == "Ben's");
        REQUIRE(record->lost_size() == 1);
        CHECK(record->lost(0).value().text() == "Ada's");
    }
    CHECK(office.company.differences().empty());
}

TEST_CASE("a refused change stays until its author resolves it, and what depends on it waits with it")
{
    Workplace office;
    office.everyoneOnline();
    office.adas().cut();
    const v1::Change question = office.question("May I?");
    const v1::Change answer = office.answer(question, "No.");
    REQUIRE(office.adas().submit(question) == v1::CODE_NONE);
    REQUIRE(office.adas().submit(answer) == v1::CODE_NONE);
    office.company.setMember(office.lab, office.ada, v1::READER);
    office.adas().connect();
    office.company.settle();
    CHECK(office.adas().stateOf(question) == ChangeState::Refused);
    CHECK(office.adas().outbox()[0].refusal.code == v1::NOT_ALLOWED);
    CHECK_FALSE(office.bens().record(target(question)));

    // It is still there after a restart, and its text can be read.
    office.adas().kill();
    office.adas().start();
    REQUIRE(office.adas().outbox().size() == 2);
    CHECK(office.adas().outbox()[1].text == QStringLiteral("No."));

    SECTION("sent again once it may, everything arrives")
    {
        office.company.setMember(office.lab, office.ada, v1::CONTRIBUTOR);
        office.adas().connect();
        office.company.settle();
        office.adas().resend(question);
        office.company.settle();
        office.adas().resend(answer);
        office.company.settle();
        CHECK(office.adas().outbox().empty());
        CHECK(office.bens().record(target(answer)));
    }
    SECTION("discarded, nothing is left of it")
    {
        office.adas().discard(answer);
        office.adas().discard(question);
        CHECK(office.adas().outbox().empty());
        CHECK_FALSE(office.adas().record(target(question)));
        office.adas().connect();
        office.company.settle();
    }
    CHECK(office.company.differences().empty());
}

TEST_CASE("what rests on something that was withdrawn shows no more than that")
{
    Workplace office;
    office.everyoneOnline();
    const v1::Change page = office.company.mint.post(v1::PAGE, office.lab, {}, "Rota", office.company.nowMs);
    REQUIRE(office.adas().submit(page) == v1::CODE_NONE);
    office.company.settle();
    office.adas().cut();
    const v1::Change section = office.company.mint.post(v1::SECTION, office.lab, {}, "Lists", office.company.nowMs);
    v1::Change move = office.company.mint.change(target(page), office.company.nowMs);
    v1::FieldEdit& below = *move.mutable_edit()->add_fields();
    below.set_field(v1::POST_PARENT);
    below.mutable_value()->set_ref(section.target());
    REQUIRE(office.adas().submit(section) == v1::CODE_NONE);
    REQUIRE(office.adas().submit(move) == v1::CODE_NONE);
    CHECK(office.adas().record(target(page))->post().parent() == section.target());
    office.adas().discard(section);
    CHECK(office.adas().stateOf(move) == ChangeState::Blocked);
    CHECK(office.adas().record(target(page))->post().parent().empty());
}

TEST_CASE("of a space that was taken away only the person's own words stay")
{
    Workplace office;
    const Id board = office.company.addSpace("Board", v1::PRIVATE);
    office.company.setMember(board, office.ada, v1::CONTRIBUTOR);
    office.company.setMember(board, office.ben, v1::OWNER);
    office.everyoneOnline();
    auto& mint = office.company.mint;
    const v1::Change plan = mint.post(v1::QUESTION, board, {}, "Plan?", office.company.nowMs);
    REQUIRE(office.bens().submit(plan) == v1::CODE_NONE);
    office.company.settle();
    REQUIRE(office.adas().record(target(plan)));
    CHECK_FALSE(office.cleos().record(target(plan)));

    office.adas().cut();
    const v1::Change words = mint.post(v1::ANSWER, board, target(plan), "Mine.", office.company.nowMs);
    REQUIRE(office.adas().submit(words) == v1::CODE_NONE);
    REQUIRE(office.adas().submit(mint.mark(v1::VOTE, target(plan), office.ada, 1, office.company.nowMs)) ==
            v1::CODE_NONE);

    bool delivered = false;
    SECTION("while connected")
    {
        office.adas().connect();
        office.company.settle();
        office.company.setMember(board, office.ada, v1::ROLE_NONE);
        delivered = true;
    }
    SECTION("while saying hello")
    {
        office.adas().connect();
        office.company.setMember(board, office.ada, v1::ROLE_NONE);
    }
    SECTION("while away")
    {
        office.company.setMember(board, office.ada, v1::ROLE_NONE);
        office.adas().connect();
    }
    SECTION("while away, and while it was to be read anew")
    {
        office.adas().replica->begin();
        office.adas().replica->readAnew({FeedKind::Space, board});
        (void)office.adas().replica->commit();
        office.company.setMember(board, office.ada, v1::ROLE_NONE);
        office.adas().connect();
    }
    SECTION("while away, from a staff that nobody has written to")
    {
        office.company.setMember(board, office.ada, v1::MODERATOR);
        office.adas().connect();
        office.adas().cut();
        office.company.setMember(board, office.ada, v1::ROLE_NONE);
        office.adas().connect();
    }
    office.company.settle();
    // Words that nobody got stay, as a refusal to copy from; the vote is gone with what it was for.
    const std::vector<OutboxRow> rows = office.adas().outbox();
    if (delivered) {
        CHECK(rows.empty());
        CHECK(office.bens().record(target(words)));
    } else {
        REQUIRE(rows.size() == 1);
        CHECK(rows[0].state == ChangeState::Refused);
        CHECK(rows[0].refusal.code == v1::NOT_FOUND);
        CHECK(rows[0].text == QStringLiteral("Mine."));
    }
    CHECK(office.adas().replica->feed({FeedKind::Space, board}) == nullptr);
    CHECK_FALSE(office.adas().record(target(plan)));
    CHECK_FALSE(office.adas().syncer->standing().sending);
    CHECK(office.adas().syncer->standing().upToDateMs == office.company.nowMs);
    for (const FollowedFeed* feed : office.adas().replica->feeds())
        CHECK_FALSE(feed->setAside);
    CHECK(office.company.differences().empty());
}

TEST_CASE("after a month away everything is read on, deleted things included")
{
    Workplace office;
    office.everyoneOnline();
    auto& mint = office.company.mint;
    std::vector<v1::Change> questions;
    for (int i = 0; i < 50; ++i) {
        questions.push_back(office.question("Question " + std::to_string(i)));
        REQUIRE(office.bens().submit(questions.back()) == v1::CODE_NONE);
    }
    office.company.settle();
    office.adas().kill();
    office.company.nowMs += int64_t{30} * 24 * 3600 * 1000;
    office.bens().connect();
    office.cleos().connect();
    office.company.settle();
    for (int i = 0; i < 50; i += 2)
        REQUIRE(office.bens().submit(mint.remove(target(questions[size_t(i)]), office.company.nowMs)) == v1::CODE_NONE);
    for (int i = 1; i < 50; i += 2)
        REQUIRE(office.cleos().submit(office.answer(questions[size_t(i)], "Late.")) == v1::CODE_NONE);
    office.company.settle();
    office.adas().start();
    office.adas().connect();
    office.company.settle();
    CHECK_FALSE(office.adas().record(target(questions[0])));
    CHECK(office.adas().record(target(questions[1])));
    CHECK(office.company.differences().empty());
}

TEST_CASE("whatever is cut, permuted or killed, all come to hold the same")
{
    const uint64_t seed = GENERATE(range<uint64_t>(1, seeds() + 1));
    Workplace office(seed);
    Company& company = office.company;
    Mint& mint = company.mint;
    const Id board = company.addSpace("Board", v1::PRIVATE);
    company.setMember(board, office.ada, v1::OWNER);
    company.setMember(board, office.ben, v1::CONTRIBUTOR);
    std::vector<v1::Change> posts;
    for (int round = 0; round < 400; ++round) {
        Desk& desk = office.desk(mint.number(3));
        company.nowMs += int64_t(mint.number(3'000));
        switch (mint.number(12)) {
        case 0:
            desk.connected() ? desk.cut() : desk.connect();
            break;
        case 1:
            desk.kill();
            desk.start();
            break;
        case 2:
            posts.push_back(mint.post(v1::QUESTION, mint.chance(30) ? board : office.lab, {},
                                      "Q" + std::to_string(round), company.nowMs));
            (void)desk.submit(posts.back());
            break;
        case 3:
        case 4:
            if (!posts.empty()) {
                const v1::Change& above = posts[mint.number(posts.size())];
                const bool ask = above.create_post().kind() == v1::QUESTION;
                if (above.create_post().kind() == v1::COMMENT)
                    break;
                posts.push_back(mint.post(ask && mint.chance(60) ? v1::ANSWER : v1::COMMENT,
                                          *Id::from(above.create_post().space()), target(above),
                                          "text " + std::to_string(round), company.nowMs));
                (void)desk.submit(posts.back());
            }
            break;
        case 5:
            if (!posts.empty())
                (void)desk.submit(mint.mark(mint.chance(70) ? v1::VOTE : v1::BOOKMARK,
                                            target(posts[mint.number(posts.size())]), desk.person,
                                            int64_t(mint.number(2)), company.nowMs));
            break;
        case 6:
            if (!posts.empty()) {
                const Id on = target(posts[mint.number(posts.size())]);
                const auto known = desk.record(on);
                std::string seen;
                if (known)
                    for (const v1::Writer& writer : known->writers())
                        if (writer.field() == v1::POST_TITLE)
                            seen = writer.change();
                (void)desk.submit(mint.edit(on, v1::POST_TITLE, "T" + std::to_string(round), seen, company.nowMs));
            }
            break;
        case 7:
            if (!posts.empty() && mint.chance(30))
                (void)desk.submit(mint.remove(target(posts[mint.number(posts.size())]), company.nowMs));
            break;
        case 8:
            if (mint.chance(20))
                company.setMember(board, office.ben, mint.chance(50) ? v1::ROLE_NONE : v1::CONTRIBUTOR);
            break;
        default:
            for (uint64_t i = mint.number(20); i > 0; --i)
                (void)company.step();
        }
    }
    company.setMember(board, office.ben, v1::CONTRIBUTOR);
    for (Desk* desk : office.desks())
        desk->connect();
    company.settle();
    CAPTURE(seed);
    CHECK(company.differences() == "");
    for (Desk* desk : office.desks()) {
        const std::vector<OutboxRow> rows = desk->outbox();
        const bool refused = std::any_of(rows.begin(), rows.end(),
                                         [](const OutboxRow& row) { return row.state == ChangeState::Refused; });
        for (const OutboxRow& row : rows)
            CHECK((row.state == ChangeState::Refused || (row.state == ChangeState::Blocked && refused)));
    }
}

TEST_CASE("what was seen and bookmarked reaches the person's other device")
{
    Workplace office;
    office.everyoneOnline();
    Desk& laptop = office.company.desk("ada's laptop", office.ada);
    laptop.connect();
    office.company.settle();
    auto& mint = office.company.mint;
    const v1::Change question = office.question("Why?");
    REQUIRE(office.bens().submit(question) == v1::CODE_NONE);
    office.company.settle();
    const auto seen = mint.mark(v1::SEEN, office.lab, office.ada, office.company.nowMs, office.company.nowMs);
    REQUIRE(office.adas().submit(seen) == v1::CODE_NONE);
    REQUIRE(office.adas().submit(mint.mark(v1::BOOKMARK, target(question), office.ada, 1, office.company.nowMs)) ==
            v1::CODE_NONE);
    office.company.settle();
    REQUIRE(office.cleos().submit(mint.mark(v1::VOTE, target(question), office.cleo, 1, office.company.nowMs)) ==
            v1::CODE_NONE);
    office.company.settle();
    CHECK(office.adas().outbox().empty());
    CHECK(office.cleos().outbox().empty());
    CHECK(post(Reading(QString::fromStdString(office.bens().path())), target(question))->score == 1);
    CHECK(laptop.record(target(seen))->mark().value() == office.company.nowMs);
    CHECK(office.company.differences() == "");
}

TEST_CASE("of a person who was erased every replica keeps what they wrote, and not who they were")
{
    Workplace office;
    office.everyoneOnline();
    const v1::Change asked = office.question("Who wrote this?");
    REQUIRE(office.bens().submit(asked) == v1::CODE_NONE);
    office.company.settle();
    REQUIRE(office.adas().record(office.ben));
    office.company.erase(office.ben);
    office.company.settle();
    CHECK(office.bens().ended());
    CHECK(office.company.differences() == "");
    for (Desk* desk : {&office.adas(), &office.cleos()}) {
        const auto person = desk->record(office.ben);
        CHECK((!person || person->deleted()));
        CHECK(desk->record(target(asked))->post().title() == "Who wrote this?");
    }
}
