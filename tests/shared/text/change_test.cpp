#include <algorithm>
#include <utility>

#include "shared/text/compose.h"
#include "shared/text/places.h"
#include "shared/text/transform.h"
#include "shared/text/utf8.h"
#include "tests/shared/text/dice.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

TextChange replace(size_t at, size_t deleted, std::string_view inserted)
{
    return TextChange::replace(at, deleted, inserted);
}

std::string after(std::string_view text, const TextChange& change)
{
    const auto result = applyTo(text, change);
    REQUIRE(result.has_value());
    return *result;
}

struct Meeting {
    std::string text;
    std::vector<std::string> contested;
};

// What two people come to who did not see each other's change.
Meeting meet(std::string_view text, const TextChange& first, const TextChange& later)
{
    const Transformed by = transform(first, later);
    Meeting out{after(after(text, first), by.later), {}};
    CHECK(out.text == after(after(text, later), by.first));
    for (const TextRange& range : by.contested) {
        const size_t from = bytesOfCodePoints(out.text, range.from);
        out.contested.push_back(out.text.substr(from, bytesOfCodePoints(out.text, range.to) - from));
    }
    return out;
}

// What the server accepted, each change over all those before it.
struct Hub {
    std::string text;
    std::vector<std::pair<const void*, TextChange>> accepted; // and by whom
};

// Types a word into a text, also over the whole of it: one change in flight, one growing.
struct Typist {
    std::string word;
    std::string shown;
    size_t cursor = 0;
    size_t selected = 0; // behind the cursor
    size_t typed = 0;
    size_t read = 0; // of what was accepted
    TextChange flight, growing;
    std::vector<TextRange> behindDeleted; // of what is in flight
    bool isAccepted = false;

    bool isDone() const { return typed == word.size() && flight.isEmpty() && growing.isEmpty(); }

    void step(size_t what, Hub& hub)
    {
        if (what == 0 && typed < word.size()) {
            const TextChange key = replace(cursor++, std::exchange(selected, 0), word.substr(typed++, 1));
            shown = after(shown, key);
            growing = compose(growing, key);
        } else if (what == 1 && read < hub.accepted.size()) {
            hear(hub.accepted[read++]);
        } else if (what == 2 && !flight.isEmpty() && !isAccepted) {
            std::vector<TextChange> since;
            for (size_t i = read; i < hub.accepted.size(); ++i)
                since.push_back(hub.accepted[i].second);
            const TextChange change = transform(compose(since), flight, behindDeleted).later;
            hub.text = after(hub.text, change);
            hub.accepted.emplace_back(this, change);
            isAccepted = true;
        }
        if (flight.isEmpty() && !growing.isEmpty())
            flight = std::exchange(growing, {});
    }

    void hear(const std::pair<const void*, TextChange>& accepted)
    {
        if (accepted.first == this) {
            CHECK(flight == accepted.second);
            flight = {};
            behindDeleted.clear();
            isAccepted = false;
            return;
        }
        const Transformed over = transform(accepted.second, flight, behindDeleted);
        const Transformed behind = transform(over.first, growing);
        flight = over.later;
        behindDeleted = over.behindDeleted;
        growing = behind.later;
        shown = after(shown, behind.first);
        const size_t begin = placeAfter(cursor, behind.first, selected > 0);
        const size_t end = placeAfter(cursor + selected, behind.first);
        cursor = begin < end ? begin : placeAfter(cursor, behind.first);
        selected = begin < end ? end - begin : 0;
    }
};

} // namespace

TEST_CASE("a change counts characters, not bytes")
{
    CHECK(after("naïve 😀 café", replace(6, 1, "☕")) == "naïve ☕ café");
    CHECK(after("", replace(0, 0, "é")) == "é");
    CHECK(TextChange().isEmpty());
    CHECK(after("as it was", {}) == "as it was");
    CHECK(replace(6, 1, "☕").reach() == 7);
}

TEST_CASE("a change that reaches past the end is refused")
{
    for (const TextChange& change : {replace(3, 1, ""), replace(4, 0, "x"), replace(0, 4, "x")}) {
        const auto applied = applyTo("añb", change);
        REQUIRE_FALSE(applied.has_value());
        CHECK(applied.error().code == v1::INVALID);
        CHECK_FALSE(invert(change, "añb").has_value());
    }
    CHECK(after("añb", replace(3, 0, "x")) == "añbx");
}

TEST_CASE("one change has one form")
{
    TextChange once, inPieces;
    once.retain(3).insert("ab").erase(2);
    inPieces.retain(1).retain(0).retain(2).insert("a").erase(0).insert("b").erase(1).insert("").erase(1).retain(9);
    CHECK(once == inPieces);
    CHECK(once.steps().size() == 3);
    CHECK(TextChange().retain(5) == TextChange());
    // Whoever writes right behind what is deleted is told apart from whoever writes before it.
    CHECK(TextChange().erase(1).insert("a") != TextChange().insert("a").erase(1));
}

TEST_CASE("what two people write in different places is all there")
{
    CHECK(meet("The cat sat.", replace(4, 3, "dog"), replace(11, 0, " down")).text == "The dog sat down.");
    CHECK(meet("The cat sat.", replace(11, 0, " down"), replace(4, 3, "dog")).text == "The dog sat down.");
    CHECK(meet("one two three", replace(0, 4, ""), replace(3, 4, "")).text == " three");
}

TEST_CASE("at one place stands first what came later")
{
    CHECK(meet("ab", replace(1, 0, "1"), replace(1, 0, "2")).text == "a21b");
    CHECK(meet("ab", replace(1, 0, "2"), replace(1, 0, "1")).text == "a12b");
    CHECK(meet("ab", replace(1, 0, "1"), replace(1, 0, "2")).contested.empty());
}

TEST_CASE("who types at one place with others keeps the letters together, whatever crosses on the way")
{
    const std::vector<std::string> words{"We leave.", "The bus goes!", "Nobody stays?"};
    for (int round = 0; round < 500; ++round) {
        test::Dice dice(round);
        Hub hub{.text = "at noon", .accepted = {}};
        std::vector<Typist> typists;
        const size_t selected = dice.upTo(1) * hub.text.size();
        for (const std::string& word : words)
            typists.push_back({.word = word, .shown = hub.text, .cursor = 0, .selected = selected});
        typists.push_back({.word = "And so on.", .shown = hub.text, .cursor = 7});
        typists.back().step(0, hub);
        while (std::any_of(typists.begin(), typists.end(),
                           [&](const Typist& each) { return !each.isDone() || each.read < hub.accepted.size(); }))
            typists[dice.upTo(typists.size() - 1)].step(dice.upTo(2), hub);
        INFO(hub.text);
        CHECK(hub.text.ends_with("And so on."));
        for (const Typist& each : typists) {
            CHECK(each.shown == hub.text);
            CHECK(hub.text.find(each.word) != std::string::npos);
        }
    }
}

TEST_CASE("what is written amid what another deletes stays")
{
    const Meeting met = meet("a long sentence goes", replace(1, 14, ""), replace(6, 0, " and winding"));
    CHECK(met.text == "a and winding goes");
    CHECK(met.contested.empty());
}

TEST_CASE("where both rewrote the same words there are two versions")
{
    const Meeting met =
        meet("We meet on Monday at ten.", replace(11, 6, "Tuesday"), replace(8, 16, "every day at nine"));
    CHECK(met.text == "We meet every day at nineTuesday.");
    CHECK(met.contested == std::vector<std::string>{"every day at nine", "Tuesday"});
    // Nobody can tell where one version ends where they lie in each other.
    const TextChange spread = TextChange().insert("1").erase(1).retain(1).erase(1).insert("3");
    CHECK(meet("abc", TextChange().insert("1").erase(3).insert("3"), replace(1, 2, "2")).contested ==
          std::vector<std::string>{"123"});
    CHECK(meet("abc", spread, replace(0, 1, "x")).contested == std::vector<std::string>{"x", "1"});
    // Next to each other is not the same words; to delete the same is no second version.
    CHECK(meet("one two", replace(0, 3, "1"), replace(4, 3, "2")).contested.empty());
    CHECK(meet("abcd", replace(0, 2, "x"), replace(2, 2, "y")).contested.empty());
    CHECK(meet("one two", replace(0, 7, "1"), replace(4, 3, "")).contested.empty());
    CHECK(meet("one two", replace(0, 3, ""), replace(0, 3, "")).text == " two");
}

TEST_CASE("two versions stay marked as the text changes, until one resolves them")
{
    const std::vector<TextRange> marked{{2, 6}, {8, 10}};
    CHECK(moveRanges(marked, replace(0, 1, "abc")) == std::vector<TextRange>{{4, 8}, {10, 12}});
    CHECK(moveRanges(marked, replace(4, 0, "+")) == std::vector<TextRange>{{2, 7}, {9, 11}});
    CHECK(moveRanges(marked, replace(2, 0, "+")) == std::vector<TextRange>{{3, 7}, {9, 11}});
    CHECK(moveRanges(marked, replace(6, 0, "+")) == std::vector<TextRange>{{2, 7}, {9, 11}});
    CHECK(moveRanges(marked, replace(6, 0, "and\nso on")) == std::vector<TextRange>{{2, 9}, {17, 19}});
    CHECK(moveRanges(marked, replace(5, 4, "")) == std::vector<TextRange>{{2, 6}}); // not two versions of one passage
    CHECK(moveRanges(marked, replace(2, 4, "this one")) == std::vector<TextRange>{{12, 14}});
    CHECK(moveRanges(marked, replace(0, 20, "new")).empty());
    CHECK(moveRanges(marked, {}) == marked);
    CHECK(moveRanges({}, replace(0, 1, "a")).empty());
}

TEST_CASE("what is typed on behind a version belongs to it, and so does what replaces it")
{
    const std::vector<TextRange> both{{2, 6}, {6, 10}};
    const auto after = [&](const TextChange& change) { return moveRanges(both, change); };
    CHECK(after(replace(2, 0, "+")) == std::vector<TextRange>{{3, 7}, {7, 11}});
    CHECK(after(replace(6, 0, "a\nb")) == std::vector<TextRange>{{2, 9}, {9, 13}});
    CHECK(after(replace(10, 0, "a\nb")) == std::vector<TextRange>{{2, 6}, {6, 11}});
    CHECK(after(replace(6, 4, "ten")) == std::vector<TextRange>{{2, 6}, {6, 9}});
    CHECK(after(TextChange().retain(6).erase(4).insert("ten")) == std::vector<TextRange>{{2, 6}, {6, 9}});
    CHECK(after(replace(2, 4, "nine")) == std::vector<TextRange>{{2, 6}, {6, 10}});
    CHECK(after(replace(4, 4, "+")) == std::vector<TextRange>{{2, 5}, {5, 7}});
    // Whoever deletes one version has settled it.
    CHECK(after(replace(2, 4, "")).empty());
    CHECK(after(replace(6, 4, "")).empty());
    CHECK(after(replace(2, 8, "at nine")).empty());
    // Another passage right behind is another question.
    const std::vector<TextRange> two{{2, 6}, {6, 10}, {10, 12}, {12, 14}};
    CHECK(moveRanges(two, replace(6, 4, "")) == std::vector<TextRange>{{6, 8}, {8, 10}});
    CHECK(moveRanges(two, replace(10, 0, "+")) == std::vector<TextRange>{{2, 6}, {6, 11}, {11, 13}, {13, 15}});
}

TEST_CASE("a row of keystrokes is one change")
{
    std::string text = "Hello world";
    const std::string before = text;
    std::vector<TextChange> keys;
    for (const TextChange& key : {replace(6, 5, ""), replace(6, 0, "e"), replace(7, 0, "a"), replace(8, 0, "r"),
                                  replace(9, 0, "x"), replace(9, 1, ""), replace(9, 0, "t"), replace(10, 0, "h")}) {
        text = after(text, key);
        keys.push_back(key);
    }
    CHECK(text == "Hello earth");
    CHECK(compose(keys) == replace(6, 5, "earth"));
    CHECK(compose(std::span<const TextChange>{}) == TextChange());
}

TEST_CASE("code points are found in texts of any length and kind")
{
    test::Dice dice(1);
    for (int round = 0; round < 300; ++round) {
        std::string text;
        std::vector<size_t> ends{0};
        for (size_t left = dice.upTo(60); left > 0; --left) {
            text += dice.text(1, round % 3 == 0 ? U"ab" : U"aé€😀");
            ends.push_back(text.size());
        }
        CHECK(countCodePoints(text) == ends.size() - 1);
        for (size_t i = 0; i < ends.size(); ++i)
            CHECK(bytesOfCodePoints(text, i) == ends[i]);
        CHECK(bytesOfCodePoints(text, ends.size() + 7) == text.size());
    }
}
