#include "shared/markup/document.h"

#include "shared/base/text.h"
#include "shared/markup/plain.h"
#include "tests/shared/markup_cost/timing.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

Block only(std::string_view markdown)
{
    const Document document = parseMarkdown(markdown);
    REQUIRE(document.blocks.size() == 1);
    return document.blocks[0];
}

// "kind depth text" of each block.
std::string outline(std::string_view markdown)
{
    std::string out;
    for (const Block& block : parseMarkdown(markdown).blocks) {
        constexpr std::string_view kinds = "PHICTR";
        out += kinds[static_cast<size_t>(block.kind)];
        out += std::string(static_cast<size_t>(block.quoteDepth), '>');
        if (block.kind == BlockKind::ListItem)
            out += block.ordered ? std::to_string(block.number) + "." : "-";
        if (block.listDepth > 0)
            out += std::to_string(block.listDepth);
        out += " " + (block.kind == BlockKind::Code ? block.code : plainText(block.spans)) + "|";
    }
    return out;
}

size_t textBytes(const Document& document)
{
    return plainText(document).size();
}

} // namespace

TEST_CASE("Blocks come out flat and in order")
{
    CHECK(outline("# A\n\ntext\nmore\n\n- a\n  - b\n- c\n\n> q\n>\n> > r\n\n---\n") ==
          "H A|P text more|I-1 a|I-2 b|I-1 c|P> q|P>> r|R |");
    CHECK(outline("3. a\n4. b\n") == "I3.1 a|I4.1 b|");
    CHECK(outline("- a\n\n  b\n\n  ```\n  c\n  ```\n") == "I-1 a|P1 b|C1 c\n|");
    CHECK(outline("-\n- a") == "I-1 |I-1 a|");
    CHECK(outline("") == "");
    CHECK(outline("\n\n \n") == "");
}

TEST_CASE("Spans have looks and targets")
{
    const Block block = only("a *b* **c** ~~d~~ `e` [f](https://x.org) ![g](i.png) https://y.org.");
    const auto with = [&](std::string_view text) {
        for (const Span& span : block.spans) {
            if (span.text == text)
                return span;
        }
        FAIL("there is no span " << text);
        return Span{};
    };
    CHECK(with("b").emphasis);
    CHECK(with("c").strong);
    CHECK(with("d").strike);
    CHECK(with("e").code);
    CHECK(with("f").target == "https://x.org");
    CHECK(with("g").image);
    CHECK(with("g").target == "i.png");
    CHECK(with("https://y.org").isLink());
    CHECK_FALSE(with(".").isLink());
}

TEST_CASE("Code, tasks and tables are read")
{
    const Block code = only("```cpp\nint a;\n\n```\n");
    CHECK(code.language == "cpp");
    CHECK(code.code == "int a;\n\n");
    const Document tasks = parseMarkdown("- [x] a\n- [ ] b\n- c\n");
    REQUIRE(tasks.blocks.size() == 3);
    CHECK(tasks.blocks[0].task == Task::Done);
    CHECK(tasks.blocks[1].task == Task::Open);
    CHECK(tasks.blocks[2].task == Task::None);
    const Block table = only("| a | b |\n|:--|--:|\n| 1 | *2* |\n");
    REQUIRE(table.table.rows.size() == 2);
    CHECK(table.table.columns == std::vector{Alignment::Left, Alignment::Right});
    CHECK(plainText(table.table.rows[1][1]) == "2");

    // Two people ticked one at once, or took the tick away.
    const Document twice = parseMarkdown("- [xx] a\n- [  ] *b*\n- [ x] c\n- [xxxxx] d\n- [xy] e\n- [xx](f) g\n\n"
                                         "1. [Xx] h\n\n   [xx] i\n");
    REQUIRE(twice.blocks.size() == 8);
    const Task found[] = {Task::Done, Task::Open, Task::Done, Task::None,
                          Task::None, Task::None, Task::Done, Task::None};
    for (size_t i = 0; i < std::size(found); ++i)
        CHECK(twice.blocks[i].task == found[i]);
    CHECK(twice.blocks[0].spans.at(0).text == "a");
    CHECK(twice.blocks[1].spans.at(0).emphasis);
    CHECK(twice.blocks[7].spans.at(0).text == "[xx] i");
    // Who wants to see the brackets escapes them.
    for (const char* escaped : {"- \\[xx] a", "- [xx\\] a", "- &#91;xx] a"}) {
        CHECK(only(escaped).task == Task::None);
        CHECK(plainText(only(escaped).spans) == "[xx] a");
    }
}

TEST_CASE("Headings have anchors as on GitHub, each once")
{
    const Document document =
        parseMarkdown("# A b, c!\n# A b c\n# Über Größe\n# `code_x`\n# \xe8\xaf\xad \xe8\xa8\x80\n");
    REQUIRE(document.blocks.size() == 5);
    CHECK(document.blocks[0].anchor == "a-b-c");
    CHECK(document.blocks[1].anchor == "a-b-c-1");
    CHECK(document.blocks[2].anchor == "über-größe");
    CHECK(document.blocks[3].anchor == "code_x");
    CHECK(document.blocks[4].anchor == "\xe8\xaf\xad-\xe8\xa8\x80");
}

TEST_CASE("Character references are read, unknown ones stay")
{
    CHECK(plainText("&amp; &#65; &#x42; &mdash; &nothing; &#0; &#1114112;") ==
          "& A B \xe2\x80\x94 &nothing; \xef\xbf\xbd \xef\xbf\xbd");
    CHECK(plainText("`&amp;`") == "&amp;");
}

TEST_CASE("Raw HTML is text")
{
    CHECK(plainText("a <b>c</b> <script>d</script>") == "a <b>c</b> <script>d</script>");
    CHECK(only("<div>\nx\n</div>").kind == BlockKind::Paragraph);
}

TEST_CASE("Plain text has a line for each block")
{
    CHECK(plainText("# A\n\n*b* c\n\n- d\n\n```\ne\n```\n") == "A\nb c\nd\ne");
    CHECK(plainText("|a|b|\n|---|---|\n|1|2|\n") == "a\tb\n1\t2");
    CHECK(links("[a](x) ![b](y) <https://z.org> [*c* d](w)") ==
          std::vector<std::string>{"x", "y", "https://z.org", "w"});
}

TEST_CASE("Definitions work across the pieces of a long text")
{
    const std::string filler = repeated("some words of filling\n\n", 200'000);
    CHECK(links("[a][ref]\n\n" + filler + "[ref]: https://x.org\n") == std::vector<std::string>{"https://x.org"});
    CHECK(links("[ref]: https://x.org\n\n" + filler + "[a][REF]\n") == std::vector<std::string>{"https://x.org"});
}

TEST_CASE("A long text loses nothing where it is cut")
{
    const std::string long1 = repeated("words without end ", 10'000'000);
    CHECK(textBytes(parseMarkdown(long1)) >= long1.size() * 99 / 100);
    const std::string long2 = repeated("x", 10'000'000);
    CHECK(textBytes(parseMarkdown(long2)) >= long2.size());
    const std::string table = "|a|b|\n|---|---|\n" + repeated("|one|two|\n", 100'000);
    size_t rows = 0;
    for (const Block& block : parseMarkdown(table).blocks) {
        CHECK(block.kind == BlockKind::Table);
        rows += block.table.rows.size() - 1;
    }
    CHECK(rows == 10'000);
    const std::string code = "```\n" + repeated("# line\n", 200'000) + "```\n";
    CHECK(only(code).code.size() == code.size() - 8);
}

TEST_CASE("Text that is not clean is cleaned, any script is kept")
{
    CHECK(plainText(std::string_view("a\0b\xff\xc3", 5)) == "ab\xef\xbf\xbd\xef\xbf\xbd");
    const auto text = GENERATE(as<std::string>(), "שלום עולם", "مرحبا *بالعالم*", "e\xcc\x81\xcc\x82 combined",
                               "\xe2\x80\xae reversed", "👩‍👩‍👧 family", "语言「测试」");
    const std::string plain = plainText(text);
    CHECK(isCleanUtf8(plain));
    std::string wanted = text;
    std::erase(wanted, '*');
    CHECK(plain == wanted);
    // One letter with a great many marks, also where a piece ends.
    const std::string marks = "e" + repeated("\xcc\x81", 200'000);
    CHECK(isCleanUtf8(plainText(marks)));
    CHECK(textBytes(parseMarkdown(marks)) >= marks.size());
}
