#include "shared/text/diff.h"

#include "shared/text/match.h"
#include "shared/text/utf8.h"
#include <algorithm>

namespace stoa {

namespace {

using Tokens = std::vector<std::string_view>;

constexpr size_t workMax = 8'000'000; // comparisons of all levels together
constexpr size_t tokensMax = 1 << 17; // of both texts at one level

bool continues(char byte)
{
    return (static_cast<uint8_t>(byte) & 0xC0) == 0x80;
}

// What both begin with, as whole code points.
size_t commonPrefix(std::string_view a, std::string_view b)
{
    size_t size = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    while (size > 0 && ((size < a.size() && continues(a[size])) || (size < b.size() && continues(b[size]))))
        --size;
    return size;
}

size_t commonSuffix(std::string_view a, std::string_view b)
{
    size_t size = static_cast<size_t>(std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin());
    while (size > 0 && continues(a[a.size() - size]))
        --size;
    return size;
}

Tokens lines(std::string_view text)
{
    Tokens out;
    while (!text.empty()) {
        const size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
        out.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return out;
}

enum class Sort { Letter, Space, Other };

// Of the character whose first byte it is. What is not ASCII counts as a letter, but for what lies from U+3000 to
// U+9FFF: there texts have no spaces.
Sort sortOf(char first)
{
    const auto byte = static_cast<uint8_t>(first);
    if (byte >= 0xE3 && byte <= 0xE9)
        return Sort::Other;
    if (byte >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'))
        return Sort::Letter;
    return byte == ' ' ? Sort::Space : Sort::Other;
}

// Whether no word lies across this place.
bool isBetweenWords(std::string_view text, size_t at)
{
    if (at == 0 || at == text.size())
        return true;
    if (continues(text[at]))
        return false;
    size_t before = at - 1;
    while (before > 0 && continues(text[before]))
        --before;
    const Sort sort = sortOf(text[before]);
    return sort == Sort::Other || sort != sortOf(text[at]);
}

bool isBetweenLines(std::string_view text, size_t at)
{
    return at == 0 || text[at - 1] == '\n';
}

// Letters and digits together, spaces together, any other character alone.
Tokens words(std::string_view text)
{
    Tokens out;
    while (!text.empty()) {
        size_t size = 1;
        while (!isBetweenWords(text, size))
            ++size;
        out.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return out;
}

struct Numbered {
    std::vector<uint32_t> before;
    std::vector<uint32_t> after;
};

// Equal tokens of both become equal numbers. By sorting, whose cost nobody can make worse by choosing the tokens.
Numbered number(const Tokens& before, const Tokens& after)
{
    std::vector<std::pair<std::string_view, uint32_t>> all;
    all.reserve(before.size() + after.size());
    for (const Tokens* tokens : {&before, &after})
        for (const std::string_view token : *tokens)
            all.emplace_back(token, static_cast<uint32_t>(all.size()));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
    });
    Numbered out{std::vector<uint32_t>(before.size()), std::vector<uint32_t>(after.size())};
    uint32_t last = 0;
    for (size_t i = 0; i < all.size(); ++i) {
        if (i > 0 && all[i].first != all[i - 1].first)
            ++last;
        const size_t at = all[i].second;
        (at < before.size() ? out.before[at] : out.after[at - before.size()]) = last;
    }
    return out;
}

bool isBlank(std::string_view token)
{
    return token.find_first_not_of(" \n") == std::string_view::npos;
}

// Blanks between two words that differ are no anchor: what is written anew stays in one piece.
bool isBlank(const Tokens& tokens, const Match& match)
{
    const auto first = tokens.begin() + static_cast<ptrdiff_t>(match.before);
    return std::all_of(first, first + static_cast<ptrdiff_t>(match.count),
                       [](std::string_view token) { return isBlank(token); });
}

// How many of the tokens before each place are no blanks.
std::vector<size_t> wordsBefore(const Tokens& tokens)
{
    std::vector<size_t> count(tokens.size() + 1);
    for (size_t i = 0; i < tokens.size(); ++i)
        count[i + 1] = count[i] + (isBlank(tokens[i]) ? 0 : 1);
    return count;
}

// Without what is the same by chance in what was written anew: fewer words than were changed on either side of it,
// where something was taken away there. Linear: a match is put down once and taken off once.
std::vector<Match> meant(const std::vector<Match>& matches, const Tokens& was, const Tokens& is)
{
    const std::vector<size_t> before = wordsBefore(was), after = wordsBefore(is);
    const Match end{was.size(), is.size(), 0};
    std::vector<Match> kept;
    const auto isByChance = [&](const Match& next) {
        const Match& match = kept.back();
        const Match last = kept.size() > 1 ? kept[kept.size() - 2] : Match{};
        const size_t words = before[match.before + match.count] - before[match.before];
        const size_t goneLeft = before[match.before] - before[last.before + last.count];
        const size_t goneRight = before[next.before] - before[match.before + match.count];
        const size_t left = std::max(goneLeft, after[match.after] - after[last.after + last.count]);
        const size_t right = std::max(goneRight, after[next.after] - after[match.after + match.count]);
        return goneLeft + goneRight > 0 && words < left && words < right;
    };
    for (size_t i = 0; i <= matches.size(); ++i) {
        const Match& next = i < matches.size() ? matches[i] : end;
        while (!kept.empty() && isByChance(next))
            kept.pop_back();
        kept.push_back(next);
    }
    kept.pop_back(); // the end
    return kept;
}

std::string_view between(const Tokens& tokens, size_t from, size_t to)
{
    if (from == to)
        return {};
    const char* const begin = tokens[from].data();
    const char* const end = tokens[to - 1].data() + tokens[to - 1].size();
    return {begin, static_cast<size_t>(end - begin)};
}

enum class Level { Lines, Words, Characters };

// What both begin and end with, in bytes.
struct Ends {
    size_t head = 0;
    size_t tail = 0;
};

Ends commonEnds(std::string_view before, std::string_view after)
{
    const size_t head = commonPrefix(before, after);
    return {head, commonSuffix(before.substr(head), after.substr(head))};
}

// The same in whole lines, or words.
Ends commonEnds(std::string_view before, std::string_view after, bool (*isBetween)(std::string_view, size_t))
{
    size_t head = commonPrefix(before, after);
    while (head > 0 && !(isBetween(before, head) && isBetween(after, head)))
        --head;
    size_t tail = commonSuffix(before.substr(head), after.substr(head));
    while (tail > 0 && !(isBetween(before, before.size() - tail) && isBetween(after, after.size() - tail)))
        --tail;
    return {head, tail};
}

class Differ {
public:
    explicit Differ(Level finest) : finest_(finest) {}

    void compare(std::string_view before, std::string_view after, Level level)
    {
        const Ends same = finest_ == Level::Characters ? commonEnds(before, after)
                        : level == Level::Lines        ? commonEnds(before, after, isBetweenLines)
                                                       : commonEnds(before, after, isBetweenWords);
        change.retain(countCodePoints(before.substr(0, same.head)));
        const std::string_view tail = before.substr(before.size() - same.tail);
        before = before.substr(same.head, before.size() - same.head - same.tail);
        after = after.substr(same.head, after.size() - same.head - same.tail);
        if (before.empty() || after.empty() || level == Level::Characters)
            replace(before, after);
        else
            compareParts(before, after, level);
        change.retain(countCodePoints(tail));
    }

    TextChange change;

private:
    void compareParts(std::string_view before, std::string_view after, Level level)
    {
        const bool isLines = level == Level::Lines;
        const Level below = isLines ? Level::Words : Level::Characters;
        const Tokens was = isLines ? lines(before) : words(before);
        const Tokens is = isLines ? lines(after) : words(after);
        if (was.size() + is.size() > tokensMax)
            return replace(before, after);
        const Numbered numbered = number(was, is);
        std::vector<Match> matches;
        matchRows(numbered.before, numbered.after, work_, [&](Match match) {
            if (isLines || !isBlank(was, match))
                matches.push_back(match);
        });
        if (!isLines && finest_ == Level::Words)
            matches = meant(matches, was, is);
        Match at;
        for (const Match& match : matches) {
            compareGap(between(was, at.before, match.before), between(is, at.after, match.after), below);
            change.retain(countCodePoints(between(was, match.before, match.before + match.count)));
            at = {match.before + match.count, match.after + match.count};
        }
        compareGap(between(was, at.before, was.size()), between(is, at.after, is.size()), below);
    }

    void compareGap(std::string_view before, std::string_view after, Level level)
    {
        if (level > finest_)
            replace(before, after);
        else
            compare(before, after, level);
    }

    void replace(std::string_view before, std::string_view after)
    {
        change.insert(after).erase(countCodePoints(before));
    }

    Level finest_;
    size_t work_ = workMax;
};

TextChange difference(std::string_view before, std::string_view after, Level finest)
{
    Differ differ(finest);
    differ.compare(before, after, Level::Lines);
    return std::move(differ.change);
}

} // namespace

TextChange diff(std::string_view before, std::string_view after)
{
    return difference(before, after, Level::Characters);
}

TextChange diffByWords(std::string_view before, std::string_view after)
{
    return difference(before, after, Level::Words);
}

} // namespace stoa
