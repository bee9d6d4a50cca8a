#include "shared/text/diff.h"

#include "shared/base/limits.h"
#include "shared/text/match.h"
#include "shared/text/transform.h"
#include "tests/shared/text/dice.h"
#include "tests/support/catch.h"

using namespace stoa;
using test::Dice;

namespace {

void makesOneOfTheOther(const std::string& before, const std::string& after)
{
    for (const TextChange& change : {diff(before, after), diffByWords(before, after)}) {
        const auto result = applyTo(before, change);
        REQUIRE(result.has_value());
        REQUIRE(*result == after);
    }
}

// Whether a word lies across this place, of texts of which only Latin letters and digits are words.
bool isInWord(const std::string& text, size_t at)
{
    const auto isLetter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    return at > 0 && at < text.size() && isLetter(text[at - 1]) && isLetter(text[at]);
}

void keepsWholeWords(const std::string& before, const std::string& after)
{
    size_t was = 0, is = 0;
    const auto atEdge = [&] { return !isInWord(before, was) && !isInWord(after, is); };
    const TextChange change = diffByWords(before, after);
    for (const TextStep& step : change.steps()) {
        const bool isKept = step.kind == TextStep::Kind::Retain;
        REQUIRE((!isKept || atEdge()));
        was += step.kind == TextStep::Kind::Insert ? 0 : step.count;
        is += step.kind == TextStep::Kind::Delete ? 0 : step.count;
        REQUIRE((!isKept || atEdge()));
    }
    REQUIRE((was == before.size() || atEdge())); // what follows is kept
}

std::string repeated(std::string_view part, size_t times)
{
    std::string out;
    for (; times > 0; --times)
        out += part;
    return out;
}

// The longest row that both have in common, the plain way.
size_t commonOf(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b)
{
    std::vector<size_t> best(b.size() + 1);
    for (const uint32_t x : a) {
        size_t diagonal = 0;
        for (size_t j = 0; j < b.size(); ++j) {
            const size_t above = best[j + 1];
            best[j + 1] = x == b[j] ? diagonal + 1 : std::max(above, best[j]);
            diagonal = above;
        }
    }
    return best.back();
}

} // namespace

TEST_CASE("a difference is what people see as changed")
{
    CHECK(diff("same", "same").isEmpty());
    CHECK(diff("", "new") == TextChange::replace(0, 0, "new"));
    CHECK(diff("The cat sat.\nIt purred.\n", "The dog sat.\nIt purred.\n") == TextChange::replace(4, 3, "dog"));
    CHECK(diff("one\ntwo\nthree\n", "one\nthree\n") == TextChange::replace(5, 4, ""));
    CHECK(diff("naïve", "naive") == TextChange::replace(2, 1, "i"));
    // Characters that share a byte are not half the same.
    CHECK(diff("é", "è") == TextChange::replace(0, 1, "è"));
    CHECK(diff("é", "ũ") == TextChange::replace(0, 1, "ũ"));
    CHECK(diff("€", "₭") == TextChange::replace(0, 1, "₭"));
    CHECK(diff("a\nred\nb\nlow\nc", "a\nblue\nb\nhigh\nc") ==
          TextChange().retain(2).insert("blue").erase(3).retain(3).insert("high").erase(3));
}

TEST_CASE("what was written anew is replaced in one piece")
{
    CHECK(diff("We go to the market.", "They sail past an island.") ==
          TextChange::replace(0, 19, "They sail past an island"));
}

TEST_CASE("by words only equal words are kept")
{
    CHECK(diffByWords("same", "same").isEmpty());
    CHECK(diffByWords("", "new") == TextChange::replace(0, 0, "new"));
    CHECK(diffByWords("They startle us.\n", "They started us.\n") == TextChange::replace(5, 7, "started"));
    CHECK(diffByWords("naïve", "naive") == TextChange::replace(0, 5, "naive"));
    CHECK(diffByWords("word", "word2") == TextChange::replace(0, 4, "word2"));
    // A line that begins as the one behind it does, and one that ends as the one before.
    CHECK(diffByWords("so it goes\n", "so it was\nso it goes\n") == TextChange::replace(0, 0, "so it was\n"));
    CHECK(diffByWords("it goes so\n", "it goes so\nthat goes so\n") == TextChange::replace(11, 0, "that goes so\n"));
    CHECK(diffByWords("漢字を書く", "漢語を書く") == TextChange::replace(1, 1, "語"));
    // In a line of any length.
    const std::string many = repeated("word ", limits::bodyBytesMax / 16);
    CHECK(diffByWords(many + "one " + many, many + "two " + many) == TextChange::replace(many.size(), 3, "two"));
    for (uint32_t seed = 1; seed <= 3'000; ++seed) {
        Dice dice(seed);
        keepsWholeWords(dice.text(dice.upTo(40), U"ab .\n"), dice.text(dice.upTo(40), U"ab .\n"));
    }
}

TEST_CASE("of a sentence that was written anew no word is kept that both have by chance")
{
    const std::string old = "Ask Ben for a key.\n", anew = "Read what Ben wrote first!\n";
    const TextChange change = diffByWords(old, anew);
    CHECK(change == TextChange::replace(0, 18, "Read what Ben wrote first!"));
    // So what is left where somebody deletes the old one is the new one, and not a part of it.
    CHECK(applyTo("\n", transform(TextChange::replace(0, 18, ""), change).later).value() == anew);
    // "k" is one by chance; so what was changed behind "a b" is more than "a b" are.
    CHECK(diffByWords("p q r a b s t k u v w\n", "1 2 3 a b 4 5 k 6 7 8\n") ==
          TextChange::replace(0, 21, "1 2 3 a b 4 5 k 6 7 8"));

    // What was changed word for word was not, and what was only written around stays what it was.
    CHECK(diffByWords("one red two blue three", "one green two yellow three") ==
          TextChange().retain(4).insert("green").erase(3).retain(5).insert("yellow").erase(4));
    CHECK(diffByWords("Ben knows", "Ask our friend Ben who always knows") ==
          TextChange().insert("Ask our friend ").retain(3).insert(" who always"));
    CHECK(diffByWords("code", "**code**") == TextChange().insert("**").retain(4).insert("**"));
    // As many words as were changed: they are no chance.
    CHECK(diffByWords("a b c d e f\n", "x y c d u v\n") ==
          TextChange().insert("x y").erase(3).retain(5).insert("u v").erase(3));
    // A line is by itself.
    CHECK(diffByWords("a b\nc\nd e\n", "u v\nc\nx y\n") ==
          TextChange().insert("u v").erase(3).retain(3).insert("x y").erase(3));
}

TEST_CASE("any text becomes any other")
{
    for (uint32_t seed = 1; seed <= 3'000; ++seed) {
        Dice dice(seed);
        const std::u32string_view of = seed % 2 == 0 ? U"ab \n" : U"é😀€. \n";
        std::string before = dice.text(dice.upTo(40), of);
        std::string after = dice.text(dice.upTo(40), of);
        if (seed % 3 == 0)
            after = before + after + before;
        makesOneOfTheOther(before, after);
    }
}

TEST_CASE("as much as possible is found to be the same, in order")
{
    for (uint32_t seed = 1; seed <= 3'000; ++seed) {
        Dice dice(seed);
        std::vector<uint32_t> before(dice.upTo(14)), after(dice.upTo(14));
        for (std::vector<uint32_t>* row : {&before, &after})
            for (uint32_t& number : *row)
                number = static_cast<uint32_t>(dice.upTo(seed % 4 + 1));
        size_t work = 1'000'000, found = 0;
        Match last;
        matchRows(before, after, work, [&](Match match) {
            REQUIRE(match.count > 0);
            REQUIRE((match.before >= last.before + last.count && match.after >= last.after + last.count));
            REQUIRE((match.before + match.count <= before.size() && match.after + match.count <= after.size()));
            for (size_t i = 0; i < match.count; ++i)
                REQUIRE(before[match.before + i] == after[match.after + i]);
            found += match.count;
            last = match;
        });
        REQUIRE(found == commonOf(before, after));
    }
}

TEST_CASE("texts that have nothing in common are still told apart, at a bounded cost")
{
    const size_t half = limits::bodyBytesMax / 2;
    Dice dice(1);
    makesOneOfTheOther(repeated("a ", half), repeated("b.", half));
    makesOneOfTheOther(repeated("\n", half), repeated("a\n", half));
    makesOneOfTheOther(repeated("a\n", 40'000), repeated("b\na\n", 30'000));
    makesOneOfTheOther(dice.text(60'000, U"abcdefgh\n"), dice.text(60'000, U"abcdefgh\n"));
    // Each line another one, out of a few: as many edits as there are lines.
    makesOneOfTheOther(dice.text(100'000, U"ab\n"), dice.text(100'000, U"ab\n"));
}

TEST_CASE("where the work runs out, what is not found yet is taken to differ")
{
    // The one thing that both have lies a thousand edits from either end.
    std::vector<uint32_t> before(1'000, 1), after(1'000, 2);
    before[500] = after[500] = 3;
    size_t work = 1'000, told = 0;
    const auto tell = [&](Match match) { told += match.count; };
    matchRows(before, after, work, tell);
    CHECK(work == 0);
    CHECK(told == 0);
    work = 1'000'000'000;
    matchRows(before, after, work, tell);
    CHECK(told == 1);
}
