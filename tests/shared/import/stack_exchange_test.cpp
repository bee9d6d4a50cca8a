#include "tests/shared/import/import_world.h"

#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string head =
    "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE posts SYSTEM 'posts.dtd'>\n";

std::string posts(const std::string& rows)
{
    return head + "<posts>\n" + rows + "</posts>\n";
}
std::string question(const std::string& id, const std::string& more = {})
{
    return "  <row Id=\"" + id +
           "\" PostTypeId=\"1\" CreationDate=\"2011-10-11T19:42:20.713\" Score=\"18\" OwnerUserId=\"7\"" +
           " Body=\"&lt;p&gt;Why &lt;b&gt;so&lt;/b&gt;?&lt;/p&gt;\" Title=\"Why?\" Tags=\"&lt;a&gt;&lt;b-c&gt;\" " +
           more + "/>\n";
}
std::string answer(const std::string& id, const std::string& parent)
{
    return "  <row Id=\"" + id + "\" PostTypeId=\"2\" ParentId=\"" + parent +
           "\" CreationDate=\"2011-10-12T00:00:00\" Score=\"-2\" OwnerUserId=\"99\" "
           "Body=\"&lt;p&gt;Because.&lt;/p&gt;\" />\n";
}

// One question with an accepted answer, one comment.
void writeDump(const Sources& sources)
{
    sources.write("Posts.xml", posts(question("1", "AcceptedAnswerId=\"2\" ") + answer("2", "1")));
    sources.write("Users.xml", head +
                                   "<users>\n  <row Id=\"7\" CreationDate=\"2011-10-11T00:00:00\" DisplayName=\"Ann\" "
                                   "AboutMe=\"&lt;p&gt;Hello&lt;/p&gt;\" />\n</users>");
    sources.write("Comments.xml", head +
                                      "<comments>\n  <row Id=\"5\" PostId=\"2\" Score=\"3\" Text=\"I *agree*\" "
                                      "CreationDate=\"2011-10-13T00:00:00\" UserDisplayName=\"gone\" />\n</comments>");
}

} // namespace

TEST_CASE("People, questions, answers and comments come with their authors, times and scores")
{
    Sources sources;
    writeDump(sources);
    const Report report = sources.import(importStackExchange);
    REQUIRE(report.ok());
    CHECK(sources.refused.empty());
    const v1::Record& asked = sources.byKey("post/1");
    CHECK(asked.post().title() == "Why?");
    CHECK(asked.post().body().find("**so**") != std::string::npos);
    CHECK(asked.post().tags_size() == 2);
    CHECK(asked.created_ms() == 1318362140713);
    CHECK(asked.source().score() == 18);
    CHECK(asked.author() == sources.byKey("user/7").id());
    CHECK(asked.post().accepted() == sources.byKey("post/2").id());
    CHECK(sources.byKey("user/7").person().about() == "Hello\n");
    CHECK(sources.byKey("post/2").author().empty());
    CHECK(sources.byKey("post/2").source().score() == -2);
    CHECK(sources.byKey("comment/5").post().body() == "I *agree*");
    CHECK(sources.byKey("comment/5").post().root() == asked.id());
    CHECK(countOf(report, "comments_without_author") == 1);
}

TEST_CASE("An import that is cut off anywhere goes on where it stood")
{
    for (int cut = 0; cut < 6; ++cut) {
        Sources sources;
        writeDump(sources);
        sources.stopAfter = cut;
        CHECK_THROWS(sources.import(importStackExchange));
        sources.stopAfter = -1;
        sources.import(importStackExchange);
        CHECK(sources.emitted == 6 - cut);
        CHECK(sources.refused.empty());
        CHECK(sources.byKey("post/1").post().accepted() == sources.byKey("post/2").id());
        sources.import(importStackExchange);
        CHECK(sources.emitted == 0);
    }
}

TEST_CASE("A new score or another accepted answer alters the question alone")
{
    Sources sources;
    writeDump(sources);
    sources.import(importStackExchange);
    sources.write("Posts.xml", posts(question("1", "AcceptedAnswerId=\"3\" ") + answer("2", "1") + answer("3", "1")));
    const Report report = sources.import(importStackExchange);
    CHECK(countOf(report, "created") == 1);
    CHECK(countOf(report, "changed") == 1);
    CHECK(sources.byKey("post/1").post().accepted() == sources.byKey("post/3").id());
}

TEST_CASE("Broken rows are told by line and passed over")
{
    Sources sources;
    writeDump(sources);
    sources.write("Posts.xml", posts(question("1") + "  <row Id=\"9\" PostTypeId=\"1\" Title=\"a < b\" />\n" +
                                     "  <row Id=\"8\" Title=\"caf\xE9\" />\n" + "  <row PostTypeId=\"1\" />\n" +
                                     "  <row Id=\"7\" PostTypeId=\"5\" />\n" + answer("2", "1") + answer("3", "77") +
                                     answer("2", "1")));
    const Report report = sources.import(importStackExchange);
    CHECK(report.ok());
    CHECK(sources.refused.empty());
    CHECK(sources.has("post/2"));
    CHECK(countOf(report, "tag_wikis") == 1);
    const auto told = [&](int64_t line, const std::string& words) {
        return std::any_of(report.entries.begin(), report.entries.end(), [&](const ReportEntry& entry) {
            return entry.line == line && entry.sentence.find(words) != std::string::npos;
        });
    };
    CHECK(told(5, "broken"));
    CHECK(told(6, "broken"));
    CHECK(told(7, "no usable Id"));
    CHECK(told(10, "question of this answer is not there"));
    CHECK(told(11, "stands twice"));
}

TEST_CASE("Of two rows with one Id the first counts, also where their times differ and it is left out")
{
    Sources sources;
    writeDump(sources);
    sources.write(
        "Posts.xml",
        posts(question("1", "AcceptedAnswerId=\"2\" ") +
              "  <row Id=\"2\" PostTypeId=\"2\" ParentId=\"1\" CreationDate=\"2001-01-01T00:00:00.000\" />\n" +
              answer("2", "1")));
    const Report report = sources.import(importStackExchange);
    CHECK(sources.refused.empty());
    CHECK(!sources.has("post/2"));
    CHECK(says(report, "Posts.xml", "stands twice"));
    CHECK(says(report, "Posts.xml", "accepted answer of this question was left out"));
}

TEST_CASE("A file that breaks off keeps what stands before")
{
    Sources sources;
    writeDump(sources);
    sources.write("Posts.xml", head + "<posts>\n" + question("1") + "  <row Id=\"2\" PostTy");
    const Report report = sources.import(importStackExchange);
    CHECK(report.ok());
    CHECK(sources.has("post/1"));
    CHECK(says(report, "Posts.xml", "breaks off"));
}

TEST_CASE("Files with entities of their own are refused, and nothing is imported")
{
    Sources sources;
    writeDump(sources);
    sources.write("Posts.xml", "<!DOCTYPE posts [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n<posts>\n" +
                                   question("1") + "</posts>");
    const Report report = sources.import(importStackExchange);
    CHECK(report.refusal.find("entities") != std::string::npos);
    CHECK(sources.emitted == 0);
}

TEST_CASE("What is no dump is refused in words")
{
    Sources sources;
    CHECK(sources.import(importStackExchange).refusal.find("missing") != std::string::npos);
    writeDump(sources);
    sources.write("Posts.xml", "\x7F"
                               "ELF this is a program");
    CHECK(sources.import(importStackExchange).refusal.find("not XML") != std::string::npos);
    CHECK(sources.emitted == 0);
}

TEST_CASE("A text over the limit is left out, with what belongs to it")
{
    Sources sources;
    writeDump(sources);
    std::string row = question("1");
    row.replace(row.find("Why &lt;b"), 3, std::string(3 * limits::kMiB, 'w'));
    sources.write("Posts.xml", posts(row + answer("2", "1") + question("3")));
    const Report report = sources.import(importStackExchange);
    CHECK(report.ok());
    CHECK(sources.refused.empty());
    CHECK(says(report, "Posts.xml", "its text is longer than"));
    CHECK_FALSE(sources.has("post/2"));
    CHECK(sources.has("post/3"));
}

TEST_CASE("A row without an end is not gathered in memory")
{
    Sources sources;
    writeDump(sources);
    sources.write("Posts.xml", posts(question("1") + "  <row Id=\"4\" Title=\"" + std::string(40 * limits::kMiB, 'x')));
    const Report report = sources.import(importStackExchange);
    CHECK(sources.has("post/1"));
    CHECK(says(report, "Posts.xml", "16 MiB"));
}

TEST_CASE("The real community comes in whole, and once")
{
    const auto community = realData("community");
    if (!std::filesystem::exists(community))
        skipTest("there is no community in the test data");
    Sources sources;
    const Report report = sources.importFrom(community, importStackExchange);
    CHECK(sources.refused.empty());
    CHECK(countOf(report, "questions") == 556);
    CHECK(countOf(report, "answers") == 1095);
    CHECK(countOf(report, "accepted") == 181);
    CHECK(countOf(report, "people") == 2295);
    CHECK(countOf(report, "comments") == 3454);
    CHECK(countOf(report, "tags") == 65);
    CHECK(countOf(report, "tag_wikis") == 6);
    CHECK(countOf(report, "posts_without_author") == 46);
    CHECK(countOf(report, "comments_without_author") == 142);
    CHECK(countOf(report, "created") == 7400);
    CHECK(countOf(sources.importFrom(community, importStackExchange), "unchanged") == 7400);
    CHECK(sources.emitted == 0);
}

TEST_CASE("What a dump holds and has no place here is said")
{
    Sources sources;
    writeDump(sources);
    sources.write("Posts.xml", posts(question("1") +
                                     "  <row Id=\"8\" PostTypeId=\"4\" />\n  <row Id=\"9\" "
                                     "PostTypeId=\"5\" />\n  <row Id=\"10\" PostTypeId=\"6\" />\n" +
                                     answer("2", "1")));
    for (const std::string name : {"Badges.xml", "Votes.xml", "PostHistory.xml", "PostLinks.xml"})
        sources.write(name, head + "<x/>");
    std::filesystem::remove(sources.folder / "Comments.xml");
    const Report report = sources.import(importStackExchange);
    CHECK(report.ok());
    CHECK(says(report, "Posts.xml", "2 tag wiki texts were left out"));
    CHECK(says(report, "Posts.xml", "1 questions and answers are by people who are not in Users.xml"));
    CHECK(says(report, "Posts.xml", "posts of type 6"));
    CHECK(says(report, "Badges.xml", "Badges were left out"));
    CHECK(says(report, "Votes.xml", "each post keeps its score"));
    CHECK(says(report, "PostHistory.xml", "Earlier versions"));
    CHECK(says(report, "PostLinks.xml", "related posts"));
    CHECK(says(report, "Comments.xml", "This file is missing; no comments were imported."));
    CHECK(countOf(report, "comments") == 0);
}

TEST_CASE("Comments without an author are counted in a sentence")
{
    Sources sources;
    writeDump(sources);
    CHECK(says(sources.import(importStackExchange), "Comments.xml", "1 comments are by people who are not"));
}

TEST_CASE("What the source withdraws is withdrawn here, unless a person set it")
{
    Sources sources;
    writeDump(sources);
    sources.import(importStackExchange);
    const Id first = *Id::from(sources.byKey("post/1").id());
    sources.write("Users.xml", head + "<users>\n  <row Id=\"7\" CreationDate=\"2011-10-11T00:00:00\" "
                                      "DisplayName=\"Ann\" />\n</users>");
    sources.write("Posts.xml", posts(question("1") + answer("2", "1")));
    CHECK(countOf(sources.import(importStackExchange), "changed") == 2);
    CHECK(sources.refused.empty());
    CHECK(sources.byKey("post/1").post().accepted().empty());
    CHECK(sources.byKey("user/7").person().about().empty());
    sources.import(importStackExchange);
    CHECK(sources.emitted == 0);

    const Id ann = *Id::from(sources.byKey("user/7").id());
    const Id second = *Id::from(sources.byKey("post/2").id());
    REQUIRE(sources.world.accept(sources.world.editRef(first, v1::POST_ACCEPTED, second), World::as(ann)));
    sources.import(importStackExchange);
    CHECK(sources.emitted == 0);
    std::string changed = question("1");
    changed.replace(changed.find("Score=\"18\""), 10, "Score=\"19\"");
    sources.write("Posts.xml", posts(changed + answer("2", "1")));
    CHECK(countOf(sources.import(importStackExchange), "changed") == 1);
    CHECK(sources.byKey("post/1").post().accepted() == second.view());
}

TEST_CASE("A file in one line that breaks keeps the rows before, and is no refusal")
{
    Sources sources;
    writeDump(sources);
    sources.write("Users.xml",
                  "<users><row Id=\"7\" CreationDate=\"2011-10-11T00:00:00\" DisplayName=\"Ann\" /><row Id=\"8\" "
                  "DisplayName=\"a < b\" /></users>");
    const Report report = sources.import(importStackExchange);
    CHECK(report.ok());
    CHECK(sources.has("user/7"));
    CHECK(sources.has("post/1"));
    CHECK(says(report, "Users.xml", "breaks off"));
}

TEST_CASE("Names, titles, tags and texts that are too long are cut, and that is said")
{
    Sources sources;
    writeDump(sources);
    sources.write("Users.xml", head + "<users>\n  <row Id=\"7\" CreationDate=\"2011-10-11T00:00:00\" DisplayName=\"" +
                                   std::string(600, 'n') + "\" AboutMe=\"" + std::string(70'000, 'a') +
                                   "\" />\n</users>");
    std::string row = question("1");
    row.replace(row.find("Why?\" Tags"), 4, std::string(600, 't'));
    row.replace(row.find("b-c"), 3, std::string(65, 'g'));
    sources.write("Posts.xml", posts(row));
    const Report report = sources.import(importStackExchange);
    CHECK(sources.refused.empty());
    CHECK(says(report, "Users.xml", "The name"));
    CHECK(says(report, "Users.xml", "longer than 64 KiB"));
    CHECK(says(report, "Posts.xml", "The title"));
    CHECK(says(report, "Posts.xml", "The tag"));
    CHECK(sources.byKey("post/1").post().title().size() == 500);
}
