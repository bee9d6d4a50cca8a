#include "tests/shared/import/import_world.h"

#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

std::string link(const v1::Record& record)
{
    return "stoa:post/" + Id::from(record.id())->hex();
}

} // namespace

TEST_CASE("A folder without a page of its own becomes a section, one with an index becomes a page")
{
    Sources sources;
    sources.write("plain-folder/a.md", "A");
    sources.write("indexed/index.md", "---\ntitle: Own page\n---\nB");
    sources.write("indexed/c.md", "C");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(sources.refused.empty());
    CHECK(sources.byKey("plain-folder/").post().kind() == v1::SECTION);
    CHECK(sources.byKey("plain-folder/").post().title() == "Plain folder");
    CHECK(sources.byKey("plain-folder/a.md").post().parent() == sources.byKey("plain-folder/").id());
    CHECK(sources.byKey("indexed/index.md").post().title() == "Own page");
    CHECK(sources.byKey("indexed/c.md").post().parent() == sources.byKey("indexed/index.md").id());
    CHECK(countOf(report, "pages") == 3);
    CHECK(countOf(report, "sections") == 1);
}

TEST_CASE("Links between pages become links inside, with their anchors; others stay and are told")
{
    Sources sources;
    sources.write("a.md", "[b](sub/b.md#part) [folder](sub/) [web](https://example.org/x) [out](../../etc/passwd)\n"
                          "[gone](gone.md) ![picture](p.png) `[code](sub/b.md)`");
    sources.write("sub/b.md", "[back](../a.md) [spaced](with%20space.md)");
    sources.write("sub/with space.md", "S");
    sources.write("p.png", "PNG");
    const Report report = sources.import(importMarkdownFolder);
    const std::string& body = sources.byKey("a.md").post().body();
    CHECK(body.find("[b](" + link(sources.byKey("sub/b.md")) + "#part)") != std::string::npos);
    CHECK(body.find("[folder](" + link(sources.byKey("sub/")) + ")") != std::string::npos);
    CHECK(body.find("(https://example.org/x)") != std::string::npos);
    CHECK(body.find("`[code](sub/b.md)`") != std::string::npos);
    CHECK(sources.byKey("sub/b.md").post().body().find(link(sources.byKey("sub/with space.md"))) != std::string::npos);
    CHECK(says(report, "a.md", "leads out of the folder"));
    CHECK(says(report, "a.md", "\"gone.md\" leads to nothing"));
    CHECK(says(report, "a.md", "\"p.png\" is a file that is not carried over yet"));
    CHECK(says(report, "p.png", "image is not carried over yet"));
    CHECK(countOf(report, "links") == 4);
}

TEST_CASE("Links as a published site has them lead to the same pages")
{
    Sources sources;
    sources.write("tool.md", "[guide](guide/)");
    sources.write("tool/guide.md", "[rules](../rules/#one)");
    sources.write("tool/rules.md", "# Rules");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(sources.byKey("tool.md").post().body().find(link(sources.byKey("tool/guide.md"))) != std::string::npos);
    CHECK(sources.byKey("tool/guide.md").post().body().find(link(sources.byKey("tool/rules.md")) + "#one") !=
          std::string::npos);
    CHECK(countOf(report, "links_nowhere") == 0);
}

TEST_CASE("A second import changes nothing, an altered file alters its page alone")
{
    Sources sources;
    sources.write("a.md", "---\ntitle: A\ntags: [x, y]\n---\nfirst");
    sources.write("b.md", "B");
    CHECK(countOf(sources.import(importMarkdownFolder), "created") == 2);
    const Report again = sources.import(importMarkdownFolder);
    CHECK(sources.emitted == 0);
    CHECK(countOf(again, "created") + countOf(again, "changed") == 0);
    CHECK(countOf(again, "unchanged") == 2);

    sources.write("a.md", "---\ntitle: A\ntags: [x, y]\n---\nsecond");
    CHECK(countOf(sources.import(importMarkdownFolder), "changed") == 1);
    CHECK(sources.byKey("a.md").post().body() == "second");
    // Back to what it was before: another change, not a repeated one.
    sources.write("a.md", "---\ntitle: A\ntags: [x, y]\n---\nfirst");
    CHECK(countOf(sources.import(importMarkdownFolder), "changed") == 1);
    CHECK(sources.byKey("a.md").post().body() == "first");
    CHECK(sources.refused.empty());
}

TEST_CASE("What was deleted here stays deleted")
{
    Sources sources;
    sources.write("a.md", "A");
    sources.import(importMarkdownFolder);
    REQUIRE(sources.world.accept(sources.world.remove(sources.touched.front()), World::server()));
    const Report report = sources.import(importMarkdownFolder);
    CHECK(sources.emitted == 0);
    CHECK(says(report, "a.md", "stays deleted"));
}

TEST_CASE("Hostile files each get a sentence, and the rest is imported")
{
    Sources sources;
    sources.write("good.md", "fine");
    sources.write("alias.md", "---\na: &a [x, x]\nb: &b [*a, *a]\ntitle: [*b, *b]\n---\nbody");
    sources.write("garbage.md", "---\n\t: {[\x01\n---\nbody");
    sources.write("nested.md", "---\ntitle: " + std::string(5000, '[') + "\n---\nbody");
    sources.write("open.md", "---\ntitle: never closed\n");
    sources.write("long.md", std::string(10 * limits::kMiB, 'x'));
    sources.write("nul.md", std::string("a\0b", 3));
    sources.write("broken.md", "caf\xE9");
    sources.write("wide.md", "\xFF\xFEh\0i\0");
    sources.write("bom.md", "\xEF\xBB\xBF---\r\ntitle: Marked\r\n---\r\nbody\r\n");
    sources.write("odd\xE9.md", "odd");
    sources.write("twin-1.md", "---\ntitle: Twin\n---\n1");
    sources.write("twin-2.md", "---\ntitle: Twin\n---\n2");
    std::filesystem::create_directory_symlink("..", sources.folder / "loop");
    std::filesystem::create_symlink("/etc/hostname", sources.folder / "outside.md");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(report.ok());
    CHECK(sources.refused.empty());
    CHECK(sources.has("good.md"));
    CHECK(says(report, "alias.md", "aliases"));
    CHECK(says(report, "garbage.md", "front matter was not read"));
    CHECK(says(report, "nested.md", "front matter was not read"));
    CHECK(says(report, "open.md", "no end"));
    CHECK(says(report, "long.md", "left out"));
    CHECK_FALSE(sources.has("long.md"));
    CHECK(says(report, "nul.md", "not UTF-8"));
    CHECK(says(report, "broken.md", "not UTF-8"));
    CHECK(says(report, "wide.md", "UTF-16"));
    CHECK(sources.byKey("bom.md").post().title() == "Marked");
    CHECK(sources.byKey("bom.md").post().body() == "body\n");
    CHECK(sources.has("odd%e9.md"));
    CHECK(says(report, "twin-2.md", "same title"));
    CHECK(sources.has("twin-2.md"));
    CHECK(says(report, "loop", "symbolic link"));
    CHECK(says(report, "outside.md", "symbolic link"));
    CHECK_FALSE(sources.has("outside.md"));
}

TEST_CASE("An index that cannot be kept leaves a section in its place")
{
    Sources sources;
    sources.write("folder/index.md", std::string(3 * limits::kMiB, 'x'));
    sources.write("folder/a.md", "A");
    sources.import(importMarkdownFolder);
    CHECK(sources.refused.empty());
    CHECK(sources.byKey("folder/a.md").post().parent() == sources.byKey("folder/").id());
}

TEST_CASE("Folders below the deepest level are left out")
{
    Sources sources;
    std::string path;
    for (int depth = 0; depth < 60; ++depth)
        path += "d/";
    sources.write(path + "deep.md", "deep");
    sources.write("a.md", "A");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(report.ok());
    CHECK(sources.refused.empty());
    CHECK(countOf(report, "left_out") == 1);
}

TEST_CASE("A folder that is not there is refused in words")
{
    Sources sources;
    CHECK(sources.importFrom(sources.folder / "none", importMarkdownFolder).refusal.find("no folder") !=
          std::string::npos);
}

TEST_CASE("The real handbook comes in whole, and once")
{
    const auto handbook = realData("handbook");
    if (!std::filesystem::exists(handbook))
        skipTest("there is no handbook in the test data");
    Sources sources;
    const Report report = sources.importFrom(handbook, importMarkdownFolder);
    CHECK(sources.refused.empty());
    CHECK(countOf(report, "pages") == 246);
    CHECK(countOf(report, "images") == 37);
    CHECK(countOf(report, "downloads") == 7);
    CHECK(countOf(report, "links") >= 600);
    CHECK(countOf(sources.importFrom(handbook, importMarkdownFolder), "unchanged") == countOf(report, "created"));
    CHECK(sources.emitted == 0);
}

TEST_CASE("The front matter's date, tags, position and author are carried over")
{
    Sources sources;
    sources.write("a.md", "---\ndate: 2020-03-04\ntags: [x, y z, x]\nposition: 7\nauthor: ben\n---\nA");
    sources.write("b.md", "---\ndate: 2020-03-04T10:00:00+02:00\nkeywords: one, two\n---\nB");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(sources.refused.empty());
    const v1::Record& a = sources.byKey("a.md");
    CHECK(a.created_ms() == 1583280000000);
    CHECK(a.post().position() == 7);
    CHECK(std::vector<std::string>(a.post().tags().begin(), a.post().tags().end()) ==
          std::vector<std::string>{"x", "y z"});
    CHECK(a.author() == sources.world.ben.view());
    const v1::Record& b = sources.byKey("b.md");
    CHECK(b.created_ms() == 1583280000000 + 8 * 3'600'000);
    CHECK(b.post().tags_size() == 2);
    CHECK(countOf(report, "tags") == 4);
    CHECK(report.entries.empty());
}

TEST_CASE("What the front matter says and has no place here is told, each by file and line")
{
    Sources sources;
    std::string tags;
    for (int i = 0; i < 18; ++i)
        tags += "t" + std::to_string(i) + ", ";
    sources.write("a.md", "---\ntitle: A\ndate: March 4, 2020\nposition: last\nauthor: stranger\ntags: [" + tags +
                              std::string(70, 'l') + "]\n---\nA");
    sources.write("b.md", "---\ntitle: " + std::string(501, 'b') + "\nauthor: [ben, cleo]\n---\nB");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(sources.refused.empty());
    CHECK(says(report, "a.md", "The date \"March 4, 2020\" was left out"));
    CHECK(says(report, "a.md", "The position \"last\" was left out"));
    CHECK(says(report, "a.md", "Nobody has the login \"stranger\""));
    CHECK(says(report, "a.md", "Tags were left out, as 16 are the most: t16, t17"));
    CHECK(says(report, "a.md", "was cut: it is longer than 64 bytes"));
    CHECK(says(report, "b.md", "was cut: it is longer than 500 bytes"));
    CHECK(says(report, "b.md", "\"author\" was left out: it is not a single value"));
    CHECK(std::any_of(report.entries.begin(), report.entries.end(), [](const ReportEntry& entry) {
        return entry.line == 3 && entry.sentence.find("March") != std::string::npos;
    }));
}

TEST_CASE("HTML outside of code is told")
{
    Sources sources;
    sources.write("a.md", "One<br>two\n\n<table><tr><td>x</td></tr></table>\n\n<!-- note -->\n\n`<div>` and \\<p>");
    sources.write("b.md", "`<br>`, 1 < 2, <https://example.org>, a <b\n\n```\n<table>\n```\n");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(says(report, "a.md", "shown as text: <!-- -->, <br>, <table>, <td>, <tr>."));
    CHECK_FALSE(says(report, "b.md", "HTML"));
}

TEST_CASE("No link leads to a page that is left out")
{
    Sources sources;
    const std::string tooLong(3 * limits::kMiB, 'x');
    sources.write("a.md", "[long](long.md) [folder](sub/) [index](sub/index.md) [fine](sub/b.md)");
    sources.write("long.md", tooLong);
    sources.write("sub/index.md", tooLong);
    sources.write("sub/b.md", "B");
    const Report report = sources.import(importMarkdownFolder);
    const std::string& body = sources.byKey("a.md").post().body();
    CHECK(body.find("[long](long.md)") != std::string::npos);
    CHECK(body.find("[index](sub/index.md)") != std::string::npos);
    CHECK(body.find("[folder](" + link(sources.byKey("sub/")) + ")") != std::string::npos);
    CHECK(body.find("[fine](" + link(sources.byKey("sub/b.md")) + ")") != std::string::npos);
    CHECK(countOf(report, "links") == 2);
    CHECK(countOf(report, "links_nowhere") == 2);
    CHECK(countOf(report, "left_out") == 2);
}

TEST_CASE("No link leads to what is new in a folder that was deleted here")
{
    Sources sources;
    sources.write("sub/b.md", "B");
    sources.write("a.md", "A");
    sources.import(importMarkdownFolder);
    REQUIRE(sources.world.accept(sources.world.remove(*Id::from(sources.byKey("sub/").id())), World::server()));
    sources.write("sub/new.md", "N");
    sources.write("a.md", "[new](sub/new.md)");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(says(report, "sub", "Left out with all that is in it"));
    CHECK(says(report, "a.md", "\"sub/new.md\" leads to nothing"));
    CHECK_FALSE(sources.has("sub/new.md"));
}

TEST_CASE("A page that its links would make too long keeps them as they are")
{
    Sources sources;
    std::string text;
    while (text.size() < limits::bodyBytesMax - 100)
        text += "[b](b.md) ";
    sources.write("a.md", text);
    sources.write("b.md", "B");
    const Report report = sources.import(importMarkdownFolder);
    CHECK(sources.byKey("a.md").post().body() == text);
    CHECK(says(report, "a.md", "links to other pages were left as they are"));
}

TEST_CASE("The report for the terminal names every file")
{
    Sources sources;
    for (int i = 0; i < 60; ++i)
        sources.write("p" + std::to_string(i) + ".png", "P");
    sources.write("a.md", "A");
    const std::string text = reportText(sources.import(importMarkdownFolder));
    for (int i = 0; i < 60; ++i)
        CHECK(text.find("p" + std::to_string(i) + ".png") != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("An import can be stopped at any file")
{
    Sources sources;
    sources.write("a.md", "A");
    const ImportTarget target{
        .space = sources.world.space, .nowMs = 1, .goOn = [] { throw std::runtime_error("stop"); }};
    const auto none = [](const Id&) -> std::optional<v1::Record> { return std::nullopt; };
    CHECK_THROWS_WITH(importMarkdownFolder(sources.folder, target, none, [](const v1::Change&) {}), "stop");
}
