// What keys and buttons do to Markdown. In these texts « and » stand around what is selected, ‸ where the cursor is.

#include "client/ui/editor/completion.h"
#include "client/ui/editor/markdown_edits.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

Passage read(const char* marked)
{
    Passage in;
    in.text = QString::fromUtf8(marked);
    const qsizetype caret = in.text.indexOf(QChar(0x2038));
    if (caret >= 0) {
        in.text.remove(caret, 1);
        in.anchor = in.cursor = caret;
        return in;
    }
    in.anchor = in.text.indexOf(QChar(0xab));
    in.text.remove(in.anchor, 1);
    in.cursor = in.text.indexOf(QChar(0xbb));
    in.text.remove(in.cursor, 1);
    return in;
}

std::string shown(const std::optional<Passage>& out)
{
    if (!out)
        return "nothing";
    QString text = out->text;
    if (!out->hasSelection())
        return text.insert(out->cursor, QChar(0x2038)).toStdString();
    return text.insert(out->to(), QChar(0xbb)).insert(out->from(), QChar(0xab)).toStdString();
}

std::string look(const char* in, Look look)
{
    return shown(toggleLook(read(in), look));
}

std::string lines(const char* in, LineKind kind)
{
    return shown(toggleLines(read(in), kind));
}

std::string enter(const char* in)
{
    return shown(breakLine(read(in)));
}

} // namespace

TEST_CASE("a look is given to what is selected, and the same again takes it away")
{
    CHECK(look("a «word» here", Look::Strong) == "a **«word»** here");
    CHECK(look("a **«word»** here", Look::Strong) == "a «word» here");
    CHECK(look("a «**word**» here", Look::Strong) == "a «word» here");
    CHECK(look("a **«word»**", Look::Emphasis) == "a ***«word»***");
    CHECK(look("a ***«word»***", Look::Strong) == "a *«word»*");
    CHECK(look("a« word »here", Look::Emphasis) == "a *«word»* here");
    CHECK(look("«x = 1»", Look::Code) == "`«x = 1»`");
    CHECK(look("~~«old»~~", Look::Strike) == "«old»");
    CHECK(look("«a\nb»", Look::Code) == "```\n«a\nb»\n```");
}

TEST_CASE("without a selection a look is given to the word at the cursor, or begins there")
{
    CHECK(look("a wo‸rd", Look::Strong) == "a **wo‸rd**");
    CHECK(look("a **wo‸rd**", Look::Strong) == "a wo‸rd");
    CHECK(look("a ‸", Look::Strong) == "a **‸**");
    CHECK(look("a **‸**", Look::Strong) == "a ‸");
    // And ends there, as it began.
    CHECK(look("a **two words‸** more", Look::Strong) == "a **two words**‸ more");
    CHECK(look("**a** and *b‸*", Look::Emphasis) == "**a** and *b*‸");
    CHECK(look("***a‸***", Look::Strong) == "***a**‸*");
    CHECK(look("`x‸`", Look::Code) == "`x`‸");
    CHECK(look("**a** b‸ **c**", Look::Strong) == "**a** **b‸** **c**");
    CHECK(look("**a** b‸**c**", Look::Strong) == "**a** **b‸****c**");
}

TEST_CASE("a link asks for what is missing")
{
    CHECK(shown(makeLink(read("see «the manual»"))) == "see [the manual](‸)");
    CHECK(shown(makeLink(read("see «https://a.example/b»"))) == "see [‸](https://a.example/b)");
    CHECK(shown(makeLink(read("see ‸"))) == "see [‸]()");
}

TEST_CASE("a heading goes from level to level and back to plain text")
{
    CHECK(shown(nextHeading(read("Ti‸tle"))) == "## Ti‸tle");
    CHECK(shown(nextHeading(read("## Ti‸tle"))) == "### Ti‸tle");
    CHECK(shown(nextHeading(read("### Ti‸tle"))) == "Ti‸tle");
}

TEST_CASE("lines become items and quotes, and plain lines again")
{
    CHECK(lines("«one\n\ntwo»", LineKind::Bullet) == "«- one\n\n- two»");
    CHECK(lines("«- one\n\n- two»", LineKind::Bullet) == "«one\n\ntwo»");
    CHECK(lines("«- one\n- two»", LineKind::Number) == "«1. one\n2. two»");
    CHECK(lines("«one\n2. two»", LineKind::Task) == "«- [ ] one\n- [ ] two»");
    CHECK(lines("«one\n- two»", LineKind::Quote) == "«> one\n> - two»");
    CHECK(lines("> on‸e", LineKind::Quote) == "on‸e");
    CHECK(lines("‸", LineKind::Bullet) == "- ‸");
}

TEST_CASE("Enter goes on with an item or a quote, and an empty one ends it")
{
    CHECK(enter("- one‸") == "- one\n- ‸");
    CHECK(enter("9. one‸ two") == "9. one\n10. ‸two");
    CHECK(enter("- [x] done‸") == "- [x] done\n- [ ] ‸");
    CHECK(enter("> - said‸") == "> - said\n> - ‸");
    CHECK(enter("> said‸") == "> said\n> ‸");
    CHECK(enter("- ‸") == "‸");
    CHECK(enter("  - ‸") == "- ‸");
    CHECK(enter("> - ‸") == "> ‸");
    CHECK(enter("> ‸") == "‸");
    CHECK(enter("plain‸") == "nothing");
    CHECK(enter("‸- one") == "nothing");
    CHECK(enter("-‸not an item") == "nothing");
}

TEST_CASE("items go in and out by the width of their marker")
{
    CHECK(shown(indentItems(read("- on‸e"), false)) == "  - on‸e");
    CHECK(shown(indentItems(read("«1. one\n2. two»"), false)) == "«   1. one\n   2. two»");
    CHECK(shown(indentItems(read("   1. on‸e"), true)) == "1. on‸e");
    CHECK(shown(indentItems(read("- on‸e"), true)) == "- on‸e");
    CHECK(shown(indentItems(read("on‸e"), false)) == "nothing");
}

TEST_CASE("a table's columns are aligned as its line of dashes says")
{
    CHECK(shown(alignTable(read("|a|b|c\n|:-:|-|-|\n|lo‸ng|x"))) ==
          "|  a   | b   | c   |\n| :--: | --- | --- |\n| lo‸ng | x   |     |");
    CHECK(shown(alignTable(read("|a|bc|\n|-|--:|\n|on‸e|1|\n|x \\| y|22|"))) ==
          "| a      |  bc |\n| ------ | --: |\n| on‸e    |   1 |\n| x \\| y |  22 |");
    CHECK(shown(alignTable(read("no | ta‸ble\nat | all"))) == "nothing");
}

TEST_CASE("Tab goes from cell to cell and adds a row behind the last")
{
    CHECK(shown(goToCell(read("| a‸ | b |\n|---|---|\n| c | d |"), false)) ==
          "| a   | «b»   |\n| --- | --- |\n| c   | d   |");
    CHECK(shown(goToCell(read("| a | b‸ |\n|---|---|\n| c | d |"), false)) ==
          "| a   | b   |\n| --- | --- |\n| «c»   | d   |");
    CHECK(shown(goToCell(read("| a | b |\n|---|---|\n| c | d‸ |"), false)) ==
          "| a   | b   |\n| --- | --- |\n| c   | d   |\n| ‸    |     |");
    CHECK(shown(goToCell(read("| a | b |\n|---|---|\n| c‸ | d |"), true)) ==
          "| a   | «b»   |\n| --- | --- |\n| c   | d   |");
    CHECK(shown(goToCell(read("| a‸ | b |\n|---|---|\n| c | d |"), true)) == "nothing");
}

TEST_CASE("Enter goes to the cell below, adds a row behind the last, and leaves the table with an empty one")
{
    const auto below = [](const char* in) { return shown(goToCellBelow(read(in))); };
    CHECK(below("| a | b‸ |\n|---|---|\n| c | d |") == "| a   | b   |\n| --- | --- |\n| c   | «d»   |");
    CHECK(below("| a | b |\n|---|-‸--|\n| c | d |") == "| a   | b   |\n| --- | --- |\n| «c»   | d   |");
    CHECK(below("| a | b |\n|---|---|\n| c | «d» |") == "| a   | b   |\n| --- | --- |\n| c   | d   |\n|     | ‸    |");
    CHECK(below("| a | b |\n|---|---|\n| c | d |\n| | ‸ |") == "| a   | b   |\n| --- | --- |\n| c   | d   |\n\n‸");
    CHECK(below("‸| a | b |\n|---|---|\n| c | d |") == "nothing");
    CHECK(below("a | b‸\nc | d") == "nothing");
}

TEST_CASE("a cell is where a line break would tear a row in two")
{
    CHECK(isInCell(read("| a‸ | b |\n|---|---|")));
    CHECK(isInCell(read("a | «b»\n--|--")));
    CHECK_FALSE(isInCell(read("| a | b |‸\n|---|---|")));
    CHECK_FALSE(isInCell(read("‸| a | b |\n|---|---|")));
    CHECK_FALSE(isInCell(read("| «a | b |\n|-»--|---|")));
    CHECK_FALSE(isInCell(read("a | ‸b\nc | d")));
}

TEST_CASE("a new table has an empty line between itself and the text around it")
{
    const QString table = QStringLiteral("| Column | Column |\n| ------ | ------ |\n|        |        |");
    CHECK(insertTable(read("‸")).text == table);
    CHECK(insertTable(read("‸"), true).text == QStringLiteral("\n") + table);
    CHECK(insertTable(read("- on‸e"), true, true).text == QStringLiteral("- one\n\n") + table + QLatin1Char('\n'));
    CHECK(shown(insertTable(read("‸"), true, true)).starts_with("\n| «Column» | Column |"));
}

TEST_CASE("words are counted as people do")
{
    CHECK(countWords(u"") == 0);
    CHECK(countWords(u"- one two-three\n\n## 4 **five**") == 4);
}

TEST_CASE("what is begun at the end of a line says what may be meant")
{
    const auto begun = [](const char* line) {
        const auto found = begunIn(QString::fromUtf8(line));
        if (!found)
            return std::string("nothing");
        const char* kinds[] = {"page", "person", "tag"};
        return kinds[int(found->kind)] + (" " + std::to_string(found->from)) + " " + found->words.toStdString();
    };
    CHECK(begun("see [[Travel exp") == "page 4 Travel exp");
    CHECK(begun("see [[") == "page 4 ");
    CHECK(begun("see [[Travel](x)") == "nothing");
    CHECK(begun("ask @mar") == "person 4 mar");
    CHECK(begun("(@mara.h") == "person 1 mara.h");
    CHECK(begun("mara@exam") == "nothing");
    CHECK(begun("#to") == "tag 0 to");
    CHECK(begun("# to") == "nothing");
    CHECK(begun("## ") == "nothing");
}
