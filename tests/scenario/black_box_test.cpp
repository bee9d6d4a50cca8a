// A copy that comes to differ, behind the program's back: what both sides keep of it.

#include "client/replica/database.h"
#include "tests/scenario/company.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

bool says(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

// Ada and Ben over an open space, in step; then a row of Ben's copy is altered in its file. The sum over the feed,
// which is kept beside the rows, does not know of it until a newer version takes the row's place.
struct AlteredRow {
    AlteredRow()
    {
        adas = &company.desk("ada", company.addPerson("ada"));
        bens = &company.desk("ben", company.addPerson("ben"));
        lab = company.addSpace("Canarylab", v1::OPEN);
        adas->connect();
        bens->connect();
        company.settle();
        question = company.mint.post(v1::QUESTION, lab, {}, "Canarytitle", company.nowMs);
        REQUIRE(adas->submit(question) == v1::CODE_NONE);
        company.settle();
        const v1::Change answer = company.mint.post(v1::ANSWER, lab, target(), "Canarybody", company.nowMs);
        REQUIRE(bens->submit(answer) == v1::CODE_NONE);
        company.settle();
        REQUIRE(company.differences().empty());

        bens->cut();
        bens->kill();
        {
            const Database file(bens->path(), Database::Mode::Write);
            // A field that nobody knows.
            Statement(file, "UPDATE records SET bytes = CAST(bytes || x'c03e01' AS BLOB) WHERE id = ?")
                .bindBlob(target().view())
                .run();
            REQUIRE(file.changedRows() == 1);
        }
        bens->start();
        bens->connect();
        company.settle();
        REQUIRE(bens->reports.empty());
    }

    Id target() const { return *Id::from(question.target()); }
    Feed feed() const { return {FeedKind::Space, lab}; }
    void rename(const std::string& title)
    {
        REQUIRE(adas->submit(company.mint.edit(target(), v1::POST_TITLE, title, {}, company.nowMs)) == v1::CODE_NONE);
    }

    Company company;
    Desk* adas = nullptr;
    Desk* bens = nullptr;
    Id lab;
    v1::Change question;
};

} // namespace

TEST_CASE("where a copy differs both sides keep the feed, both cursors and both digests, and the copy is whole again")
{
    AlteredRow office;
    office.rename("Canarysecond");
    while (office.company.stepTo(*office.adas))
        continue;
    while (office.bens->reports.empty() && office.company.stepTo(*office.bens))
        continue;
    const FeedState server = office.company.serverFeed(office.feed());
    REQUIRE(office.bens->reports.size() == 1);
    const BlackBoxReport client = office.bens->reports[0];
    office.company.settle();
    REQUIRE(office.company.reports.size() == 1);
    const BlackBoxReport kept = office.company.reports[0];

    const std::string name = feedName(office.feed().key());
    const std::string cursor = " cursor=" + std::to_string(server.head) + " ";
    const std::string right = toHex(server.digest.str());
    CHECK(client.cause == "digest");
    CHECK(client.about == name);
    CHECK(says(client.text, "feed=" + name + cursor));
    CHECK(says(client.text, " told=" + right + "\n"));
    CHECK(says(client.text, "batch feed=" + name));
    // What the copy came to, which is not the server's, is in both.
    const size_t at = client.text.find("digest=") + 7;
    const std::string wrong = client.text.substr(at, 32);
    CHECK(wrong != right);
    CHECK(kept.cause == "digest");
    CHECK(says(kept.text, "device: feed=" + name + cursor));
    CHECK(says(kept.text, " digest=" + wrong + " told=" + right + "\n"));
    CHECK(says(kept.text, "server: feed=" + name + " head=" + std::to_string(server.head) + " "));
    CHECK(says(kept.text, " digest=" + right + "\n"));
    CHECK(says(kept.text, "live_batch feed=" + name));
    CHECK(says(kept.text, "subscribe_differs feed=" + name));

    CHECK(office.company.differences().empty());
    CHECK(office.bens->record(office.target())->post().title() == "Canarysecond");
    for (const std::string& text : {client.text, kept.text}) {
        CHECK_FALSE(says(text, "anary"));
        CHECK_FALSE(says(text, toHex("anary")));
        CHECK_FALSE(says(text, "ben"));
    }
}

TEST_CASE("news that were on their way when a copy began to be read anew do not end the conversation")
{
    AlteredRow office;
    for (int i = 0; i < 6; ++i) {
        office.rename("Title " + std::to_string(i));
        while (office.company.stepTo(*office.adas))
            continue;
    }
    office.company.settle();
    CHECK_FALSE(office.bens->ended());
    CHECK(office.bens->connected());
    CHECK(office.bens->reports.size() == 1);
    CHECK(office.company.reports.size() == 1);
    CHECK(office.company.differences().empty());
}

TEST_CASE("a copy that was in the middle of reading when the server was restored differs in nothing afterwards")
{
    Company company;
    Desk& adas = company.desk("ada", company.addPerson("ada"));
    Desk& bens = company.desk("ben", company.addPerson("ben"));
    const Feed lab{FeedKind::Space, company.addSpace("Lab", v1::OPEN)};
    adas.connect();
    company.settle();
    const auto ask = [&](const std::string& title) {
        v1::Change question = company.mint.post(v1::QUESTION, lab.owner, {}, title, company.nowMs);
        question.mutable_create_post()->set_body(std::string(100'000, 'x'));
        REQUIRE(adas.submit(question) == v1::CODE_NONE);
        company.settle();
        return *Id::from(question.target());
    };
    const bool readBefore = GENERATE(false, true);
    if (readBefore) {
        bens.connect();
        company.settle();
        bens.cut();
    }
    const Id first = ask("First");
    for (int i = 0; i < 8; ++i)
        ask("Another");
    const uint64_t before = company.serverFeed(lab).head;
    company.backUp();
    // The newest version of the first one comes last now, and is what the restored server will lack.
    REQUIRE(adas.submit(company.mint.edit(first, v1::POST_TITLE, "Renamed", {}, company.nowMs)) == v1::CODE_NONE);
    company.settle();

    bens.connect();
    const auto cursor = [&] {
        const FollowedFeed* held = bens.replica->feed(lab);
        return held ? held->cursor : 0;
    };
    const uint64_t began = readBefore ? cursor() : 0;
    while (cursor() == began && company.stepTo(bens))
        continue;
    REQUIRE(cursor() > began);
    REQUIRE(cursor() < before);
    adas.kill(); // with what only she held
    company.restore(Company::Restore::Properly);
    bens.connect();
    company.settle();
    CHECK(bens.record(first)->post().title() == "First");
    CHECK(bens.reports.empty());
    CHECK(bens.replica->feed(lab)->agreed);
}
