#include "tests/shared/import/import_world.h"

#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

TEST_CASE("Every starter space can be made, comes in without a remark, and once")
{
    for (const std::string name : {"onboarding", "field-service", "quality-system"}) {
        Sources sources;
        // As a shell completes it.
        const auto folder = std::filesystem::path(STOA_SOURCE_DIR) / "resources" / "starter" / name / "";
        const SpaceFolder read = readSpaceFolder(folder, sources.world.id(), 1);
        REQUIRE(read.refusal.empty());
        const v1::Charter& charter = read.create.create_space().charter();
        CHECK_FALSE(charter.target_figure().empty());
        CHECK_FALSE(charter.target_date().empty());
        CHECK(sources.world.accept(read.create, World::server()));

        const Report report = sources.importFrom(folder, importSpaceFolder);
        CHECK(report.ok());
        CHECK(report.entries.empty());
        CHECK(sources.refused.empty());
        CHECK(countOf(report, "people") >= 5);
        CHECK(countOf(report, "pages") >= 8);
        CHECK(countOf(report, "questions") >= 6);
        CHECK(countOf(report, "accepted") >= 3);
        sources.importFrom(folder, importSpaceFolder);
        CHECK(sources.emitted == 0);
    }
}

TEST_CASE("Roles that owners changed here are not set back")
{
    Sources sources;
    sources.write("people.yaml", "- {login: joe, name: Joe}\n");
    sources.write("s/space.yaml", "name: S\nmembers: [{login: joe, role: owner}, {login: nobody, role: reader}]\n");
    const Report report = sources.importFrom(sources.folder / "s", importSpaceFolder);
    CHECK(says(report, "space.yaml", "nobody has the login \"nobody\""));
    const Id joe = *Id::from(sources.byKey("person/joe").id());
    const Id membership = membershipId(sources.world.space, joe);
    CHECK(sources.world.record(membership).membership().role() == v1::OWNER);
    REQUIRE(sources.world.accept(sources.world.member(sources.world.space, joe, v1::READER), World::server()));
    sources.importFrom(sources.folder / "s", importSpaceFolder);
    CHECK(sources.world.record(membership).membership().role() == v1::READER);
}

TEST_CASE("Files that are not what they should be are told")
{
    Sources sources;
    CHECK_FALSE(readSpaceFolder(sources.folder, sources.world.id(), 1).refusal.empty());
    sources.write("space.yaml", "name: [");
    CHECK_FALSE(readSpaceFolder(sources.folder, sources.world.id(), 1).refusal.empty());
    sources.write("space.yaml", "just words");
    CHECK_FALSE(readSpaceFolder(sources.folder, sources.world.id(), 1).refusal.empty());
    sources.write("space.yaml", "name: S\nvisibility: secret\n");
    CHECK_FALSE(readSpaceFolder(sources.folder, sources.world.id(), 1).refusal.empty());
    sources.write("space.yaml", "name: S\ncharter: {target_date: soon}\n");
    CHECK_FALSE(readSpaceFolder(sources.folder, sources.world.id(), 1).refusal.empty());
    sources.write("space.yaml", "name: S\n");
    CHECK(readSpaceFolder(sources.folder, sources.world.id(), 1).refusal.empty());
    sources.write("questions.yaml", "- 1\n- {title: Fine, answers: 3}\n- {title: '', author: ben}\n");
    const Report report = sources.import(importSpaceFolder);
    CHECK(report.ok());
    CHECK(sources.refused.empty());
    CHECK(sources.has("question/Fine"));
}

TEST_CASE("Dates, titles and tags that are not known are told")
{
    Sources sources;
    sources.write("people.yaml", "- {login: joe, name: Joe}\n");
    sources.write("s/space.yaml", "name: S\nmembers: [{login: joe, role: owner, titles: [expert, king]}]\n");
    sources.write("s/questions.yaml",
                  "- {title: Fine, author: joe, date: '2020-03-04T10:00:00-01:00', body: 'a<br>b'}\n"
                  "- {title: Odd, author: joe, date: yesterday}\n");
    const Report report = sources.importFrom(sources.folder / "s", importSpaceFolder);
    CHECK(sources.refused.empty());
    CHECK(says(report, "space.yaml", "The title \"king\" was left out"));
    CHECK(says(report, "questions.yaml", "The date \"yesterday\" was left out"));
    CHECK(says(report, "questions.yaml", "shown as text: <br>"));
    CHECK(sources.byKey("question/Fine").created_ms() == 1583280000000 + 11 * 3'600'000);
    const Id joe = *Id::from(sources.byKey("person/joe").id());
    const v1::Membership& membership = sources.world.record(membershipId(sources.world.space, joe)).membership();
    CHECK(std::vector<int>(membership.titles().begin(), membership.titles().end()) == std::vector<int>{v1::EXPERT});
}
