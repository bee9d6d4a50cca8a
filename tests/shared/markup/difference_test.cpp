// What became of a document, as it is shown.

#include "shared/markup/difference.h"

#include <algorithm>

#include "shared/markup/plain.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

DocumentDifference between(std::string_view before, std::string_view after)
{
    return differenceOf(parseMarkdown(before), parseMarkdown(after));
}

// "kept [-gone-] {+new+}", a line for each block; a table's cells apart by bars.
std::string shown(const Spans& spans)
{
    std::string text;
    for (const Span& span : spans)
        text += span.mark == Mark::Added   ? "{+" + span.text + "+}"
              : span.mark == Mark::Removed ? "[-" + span.text + "-]"
                                           : span.text;
    return text;
}

std::vector<std::string> shown(const DocumentDifference& difference)
{
    std::vector<std::string> lines;
    for (const Block& block : difference.blocks) {
        if (block.kind == BlockKind::Code && block.spans.empty())
            lines.push_back(block.code);
        else if (block.kind != BlockKind::Table)
            lines.push_back(shown(block.spans));
        for (const auto& row : block.table.rows) {
            std::string line;
            for (const Spans& cell : row)
                line += (line.empty() ? "" : "|") + shown(cell);
            lines.push_back(line);
        }
    }
    return lines;
}

using Lines = std::vector<std::string>;

// What the difference says one of its two documents was.
std::string side(const DocumentDifference& difference, Mark other)
{
    Document document;
    for (Block block : difference.blocks) {
        if (block.mark == other)
            continue;
        const auto drop = [&](Spans& spans) {
            std::erase_if(spans, [&](const Span& span) { return span.mark == other; });
        };
        drop(block.spans);
        if (block.kind == BlockKind::Code && !block.spans.empty())
            block.code = plainText(block.spans);
        for (auto& row : block.table.rows)
            for (Spans& cell : row)
                drop(cell);
        std::erase_if(block.table.rows, [](const auto& row) {
            return std::all_of(row.begin(), row.end(), [](const Spans& cell) { return plainText(cell).empty(); });
        });
        document.blocks.push_back(block);
    }
    return plainText(document);
}

} // namespace

TEST_CASE("words that were added and removed are marked within their block")
{
    CHECK(shown(between("# Keys\n\nAsk Ben for a key.", "# Keys\n\nAsk Cleo for the key, politely.")) ==
          Lines{"Keys", "Ask [-Ben-]{+Cleo+} for [-a-]{+the+} key{+, politely+}."});
    CHECK(shown(between("- one apple\n- two pears", "- one apple\n- two red pears")) ==
          Lines{"one apple", "two {+red +}pears"});
    CHECK(shown(between("* Nothing changed.", "- Nothing changed.\n")) == Lines{"Nothing changed."});
    CHECK(shown(between("", "")).empty());
}

TEST_CASE("what is written anew stays in one piece, in scripts without spaces each character is a word")
{
    CHECK(shown(between("We meet on Monday at nine sharp, always.", "We meet every other Friday sharp, always.")) ==
          Lines{"We meet [-on Monday at nine-]{+every other Friday+} sharp, always."});
    CHECK(shown(between("请向本索取钥匙", "请向安索取钥匙")) == Lines{"请向[-本-]{+安+}索取钥匙"});
    CHECK(shown(between("Größe und Maß zählen", "Größen und Maß zählen")) ==
          Lines{"[-Größe-]{+Größen+} und Maß zählen"});
}

TEST_CASE("a word that looks another way now is removed and added")
{
    const DocumentDifference bold = between("Do not touch it.", "Do **not** touch it.");
    CHECK(shown(bold) == Lines{"Do [-not-]{+not+} touch it."});
    const auto added = std::find_if(bold.blocks[0].spans.begin(), bold.blocks[0].spans.end(),
                                    [](const Span& span) { return span.mark == Mark::Added; });
    REQUIRE(added != bold.blocks[0].spans.end());
    CHECK(added->strong);
    CHECK(shown(between("See [the plan](a).", "See [the plan](b).")) == Lines{"See [-the plan-]{+the plan+}."});
}

TEST_CASE("blocks that came and went are marked as a whole, and what was moved is both")
{
    const DocumentDifference moved =
        between("First of all.\n\nThen this.\n\nAnd at last.", "Then this.\n\nAnd at last.\n\nFirst of all.");
    CHECK(shown(moved) == Lines{"[-First of all.-]", "Then this.", "And at last.", "{+First of all.+}"});
    CHECK(moved.blocks[0].mark == Mark::Removed);
    CHECK(moved.blocks[3].mark == Mark::Added);
    // Too little in common to be the same paragraph.
    CHECK(shown(between("The cat sat on the mat.", "Invoices are due in thirty days.")).size() == 2);
    CHECK(shown(between("Same words here", "# Same words here")) ==
          Lines{"[-Same words here-]", "{+Same words here+}"});
    CHECK(shown(between("---", "")).size() == 1);
}

TEST_CASE("a list that counts on differently is no difference, a ticked task is one")
{
    CHECK(shown(between("1. a\n2. b", "1. new one\n2. a\n3. b")) == Lines{"{+new one+}", "a", "b"});
    CHECK(shown(between("- [ ] call", "- [x] call")) == Lines{"[-call-]", "{+call+}"});
}

TEST_CASE("code differs by words in its lines, a table by its rows and cells")
{
    CHECK(shown(between("```\nmake all\nrun\n```", "```\nmake most\nrun\n```")) ==
          Lines{"make {+most+}[-all-]\nrun\n"});
    CHECK(shown(between("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |",
                        "| a | b |\n|---|---|\n| 1 | 5 |\n| 3 | 4 |\n| 6 | 7 |")) ==
          Lines{"a|b", "1|[-2-]{+5+}", "3|4", "{+6+}|{+7+}"});
}

TEST_CASE("each side of a difference is the document it was made of")
{
    const char* documents[] = {
        "",
        "# A\n\nOne two three.\n\n- x\n- y\n\n```\ncode\n```\n",
        "# A\n\nOne two four three.\n\n- y\n- z\n\n> quoted\n\n```\ncode more\nand\n```\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n![image](x) and [link](y) **bold *both***\n\n---\n",
        "| a | b |\n|---|---|\n| 1 | 3 |\n| 4 | 5 |\n\n![image](z) and [link](y) bold *both*\n\nmore\n",
    };
    for (const char* before : documents)
        for (const char* after : documents) {
            CAPTURE(before, after);
            const DocumentDifference difference = between(before, after);
            CHECK(side(difference, Mark::Added) == plainText(std::string_view(before)));
            CHECK(side(difference, Mark::Removed) == plainText(std::string_view(after)));
        }
}

TEST_CASE("long rows of unchanged blocks can be left out, with one beside each change")
{
    std::string before, after;
    for (int i = 0; i < 20; ++i) {
        before += "Paragraph number " + std::to_string(i) + ".\n\n";
        after += (i == 9 ? "Chapter number 9.\n\n" : "Paragraph number " + std::to_string(i) + ".\n\n");
    }
    const DocumentDifference difference = between(before, after);
    REQUIRE(difference.blocks.size() == 20);
    CHECK(foldsOf(difference.blocks) == std::vector<Fold>{{0, 8}, {11, 9}});
    CHECK(foldsOf(difference.blocks, 1, 2, 1) == std::vector<Fold>{{11, 9}});
    CHECK(foldsOf(between("Same.", "Same.").blocks).empty());
    CHECK(foldsOf(between("Same.\n\nSame.", "Same.\n\nSame.").blocks) == std::vector<Fold>{{0, 2}});
    CHECK(foldsOf({}).empty());
}

TEST_CASE("what was added and removed can be told without its looks")
{
    const DocumentDifference difference =
        between("Ask Ben.\n\nGone with it.", "Ask Cleo.\n\nNew über alles this time.");
    CHECK(markedText(difference.blocks, Mark::Added, 1000) == "Cleo\nNew über alles this time.");
    CHECK(markedText(difference.blocks, Mark::Removed, 1000) == "Ben\nGone with it.");
    const std::string cut = markedText(difference.blocks, Mark::Added, 10);
    CHECK(cut.size() <= 10);
    CHECK(cut.starts_with("Cleo\nNew "));
}

TEST_CASE("a difference of long and of hostile documents ends")
{
    std::string lines;
    for (int i = 0; i < 40'000; ++i)
        lines += "- " + std::to_string(i) + "\n";
    CHECK(between(lines, lines).isTooMuch);
    CHECK(between(lines, lines).blocks.empty());
    // Nothing alike, and all alike.
    std::string some, others, same;
    for (int i = 0; i < 3'000; ++i) {
        some += "a" + std::to_string(i) + " b" + std::to_string(i) + "\n\n";
        others += "b" + std::to_string(i) + " c" + std::to_string(i) + "\n\n";
        same += "x\n\n";
    }
    CHECK(side(between(some, others), Mark::Removed) == plainText(std::string_view(others)));
    CHECK(between(same, same + same).blocks.size() == 6'000);
    std::string words;
    for (int i = 0; i < 100'000; ++i)
        words += "w" + std::to_string(i * 7919 % 100'003) + " ";
    CHECK_FALSE(between(words, words + "end").blocks.empty());
}
