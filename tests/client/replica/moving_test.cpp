#include "client/replica/moving.h"

#include <random>
#include <set>

#include "shared/text/diff.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

// Texts of lines of one letter each, no letter twice.
class Lines {
public:
    explicit Lines(uint32_t seed) : random_(seed) {}

    size_t below(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }
    std::string line()
    {
        const uint32_t point = 0x4e00 + made_++;
        return {char(0xe0 | point >> 12), char(0x80 | (point >> 6 & 0x3f)), char(0x80 | (point & 0x3f)), '\n'};
    }
    std::string text(size_t lines)
    {
        std::string all;
        for (size_t i = 0; i < lines; ++i)
            all += line();
        return all;
    }
    // Some lines go, some come. What went is told.
    PendingText edit(const std::string& text, std::vector<std::string>& gone)
    {
        TextChange change;
        std::vector<TextRange> resolved;
        size_t at = 0;
        for (size_t i = 0; i < text.size(); i += 4, at += 2) {
            const size_t kind = below(6);
            if (kind == 0)
                change.insert(line());
            if (kind == 1) {
                gone.push_back(text.substr(i, 3));
                change.erase(2);
                continue;
            }
            if (kind == 2)
                resolved.push_back({at, at + 2});
            change.retain(2);
        }
        if (below(2) == 0)
            change.insert(line());
        return {change, resolved};
    }

private:
    std::mt19937 random_;
    uint32_t made_ = 0;
};

std::vector<std::string> lettersOf(std::string_view text)
{
    std::vector<std::string> letters;
    for (size_t i = 0; i < text.size(); i += text[i] == '\n' ? 1 : 3)
        if (text[i] != '\n')
            letters.emplace_back(text.substr(i, 3));
    std::sort(letters.begin(), letters.end());
    return letters;
}

} // namespace

TEST_CASE("Whatever happens to a body, what is pending loses nothing that nobody deleted, and doubles nothing")
{
    for (uint32_t seed = 0; seed < 2'000; ++seed) {
        Lines lines(seed);
        const std::string before = lines.text(lines.below(8));
        std::string mine = before;
        std::string everything = before;
        std::vector<std::string> gone;
        std::vector<PendingText> row;
        const auto note = [&](const PendingText& each) { everything += each.text.inserted(); };
        for (size_t i = 0; i < 1 + seed % 4; ++i) {
            row.push_back(lines.edit(mine, gone));
            note(row.back());
            mine = *applyTo(mine, row.back().text);
        }
        REQUIRE(*withTexts(before, row) == mine);

        // Others change the body, and what was on its way stands in it.
        const size_t arrived = seed % 3 == 0 ? 1 : 0;
        const std::string known = *withTexts(before, PendingRow(row).first(arrived));
        const PendingText theirs = lines.edit(known, gone);
        note(theirs);
        const std::string after = *applyTo(known, theirs.text);
        const auto moved = movedOver(before, after, row, arrived);
        REQUIRE(moved);
        REQUIRE(moved->size() == row.size() - arrived);
        const std::string shown = *withTexts(after, *moved);
        const std::vector<std::string> letters = lettersOf(shown);
        REQUIRE(std::adjacent_find(letters.begin(), letters.end()) == letters.end());
        for (const std::string& letter : lettersOf(everything)) {
            const bool deleted = std::find(gone.begin(), gone.end(), letter) != gone.end();
            const bool shows = std::binary_search(letters.begin(), letters.end(), letter);
            // (The difference of two bodies may take for rewritten what somebody only wrote around.)
            REQUIRE((shows || deleted));
            REQUIRE((!shows || !deleted || after.find(letter) != std::string::npos));
        }
        // As the server does it that takes one after the other.
        TextChange over = diffByWords(known, after);
        for (size_t i = arrived; i < row.size(); ++i) {
            const Transformed both = transform(over, row[i].text);
            REQUIRE((*moved)[i - arrived].text == both.later);
            over = both.first;
        }

        // As one it makes the same.
        const auto one = asOne(after, *moved);
        REQUIRE(one);
        REQUIRE(*applyTo(after, one->text) == shown);
        if (moved->empty())
            continue;
        // Without the first: all but what that one inserted.
        const auto rest = withoutFirst(after, *moved);
        REQUIRE(rest);
        const std::string without = *withTexts(after, *rest);
        for (size_t i = 1; i < moved->size(); ++i)
            REQUIRE((*rest)[i - 1].text.inserted() == (*moved)[i].text.inserted());
        for (const std::string& letter : lettersOf(moved->front().text.inserted()))
            REQUIRE(without.find(letter) == std::string::npos);
        // What was made of the same body goes behind.
        const PendingText last = behind(*moved, lines.edit(after, gone));
        REQUIRE(applyTo(shown, last.text));
    }
}

TEST_CASE("Whatever others make of a body, no part of a word is left of what goes over the difference")
{
    for (uint32_t seed = 0; seed < 1'000; ++seed) {
        std::mt19937 random(seed);
        const auto below = [&](size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random); };
        // Words that begin and end alike.
        std::set<std::string> words;
        const auto word = [&] {
            const std::string made = "Start" + std::to_string(words.size()) + (words.size() % 2 == 0 ? "ed" : "led");
            words.insert(made);
            return made + (below(6) == 0 ? '\n' : ' ');
        };
        const auto edit = [&](const std::string& text) {
            TextChange change;
            for (size_t from = 0; from < text.size();) {
                const size_t count = text.find_first_of(" \n", from) + 1 - from;
                const size_t kind = below(5);
                if (kind == 0)
                    change.insert(word());
                kind == 1 ? change.erase(count) : change.retain(count);
                from += count;
            }
            return PendingText{change.insert(word()), {}};
        };
        std::string before;
        for (size_t i = below(12); i > 0; --i)
            before += word();
        const PendingText first = edit(before);
        const std::string known = *applyTo(before, first.text);
        const std::vector<PendingText> row{first, edit(known)};
        const std::string after = *applyTo(known, edit(known).text);
        const auto moved = movedOver(before, after, row, 1);
        REQUIRE(moved);
        const std::string shown = *withTexts(after, *moved);
        for (size_t from = shown.find('S'); from != std::string::npos;) {
            const size_t next = shown.find('S', from + 1);
            std::string one = shown.substr(from, next - from);
            one.erase(one.find_last_not_of(" \n") + 1);
            INFO("seed " << seed << ": " << shown);
            REQUIRE(words.contains(one));
            from = next;
        }
    }
}

TEST_CASE("What resolves a passage names it where it is, also through one's own changes")
{
    const std::string body = "aaa bbb ccc";
    const PendingText first{TextChange::replace(0, 0, "xx "), {}};
    const PendingText second{TextChange::replace(7, 3, "BBB"), {{7, 10}}}; // of "xx aaa bbb ccc"
    const auto one = asOne(body, std::vector{first, second});
    REQUIRE(one);
    CHECK(one->resolved == std::vector<TextRange>{{4, 7}});
    const auto moved = movedOver(body, "aaa! bbb ccc", std::vector{first, second}, 0);
    REQUIRE(moved);
    CHECK((*moved)[1].resolved == std::vector<TextRange>{{8, 11}});
    CHECK(*withTexts("aaa! bbb ccc", *moved) == "xx aaa! BBB ccc");
}

TEST_CASE("What does not fit a body is not moved")
{
    const PendingText far{TextChange::replace(5, 1, ""), {}};
    CHECK_FALSE(movedOver("abc", "abcdefgh", std::vector{far}, 0));
    CHECK_FALSE(movedOver("abc", "abcdefgh", std::vector{far}, 1));
    CHECK_FALSE(withoutFirst("abc", std::vector{far}));
    CHECK_FALSE(asOne("abc", std::vector{far}));
}
