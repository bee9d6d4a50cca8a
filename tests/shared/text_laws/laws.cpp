#include "tests/shared/text_laws/laws.h"

#include <algorithm>

#include "shared/text/codec.h"
#include "shared/text/compose.h"
#include "shared/text/transform.h"
#include "shared/text/utf8.h"

namespace stoa::test {

using Kind = TextStep::Kind;

namespace {

class Dice {
public:
    explicit Dice(uint64_t seed) : state_(seed) {}
    size_t upTo(size_t most)
    {
        state_ += 0x9E37'79B9'7F4A'7C15;
        uint64_t mixed = (state_ ^ (state_ >> 30)) * 0xBF58'476D'1CE4'E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D0'49BB'1331'11EB;
        return (mixed ^ (mixed >> 31)) % (most + 1);
    }

private:
    uint64_t state_;
};

// Characters that no other call gave, one of them the end of a line, of one byte only or of one to four.
class Alphabet {
public:
    explicit Alphabet(bool ascii) : ascii_(ascii) {}
    std::string next(size_t count)
    {
        std::string out;
        for (; count > 0; --count)
            add(out, next_++);
        return out;
    }

private:
    void add(std::string& out, uint32_t number) const
    {
        const auto byte = [](uint32_t bits) { return static_cast<char>(bits); };
        if (number == 2)
            out += '\n';
        else if (ascii_ || number % 4 == 0)
            out += byte('!' + (ascii_ ? number : number / 4));
        else if (number % 4 == 1)
            (out += byte(0xC3)) += byte(0x80 | number);
        else if (number % 4 == 2)
            ((out += byte(0xE2)) += byte(0x82)) += byte(0x80 | number);
        else
            (((out += byte(0xF0)) += byte(0x9F)) += byte(0x98)) += byte(0x80 | number);
    }

    bool ascii_;
    uint32_t next_ = 0;
};

TextChange change(Dice& dice, Alphabet& alphabet, size_t length)
{
    TextChange out;
    for (size_t steps = dice.upTo(5); steps > 0; --steps) {
        const size_t count = 1 + dice.upTo(2);
        switch (dice.upTo(2)) {
        case 0:
            out.insert(alphabet.next(std::min<size_t>(count, 2)));
            break;
        case 1:
            out.retain(std::min(count, length));
            length -= std::min(count, length);
            break;
        default:
            out.erase(std::min(count, length));
            length -= std::min(count, length);
        }
    }
    return out;
}

std::string after(std::string_view text, const TextChange& change)
{
    auto result = applyTo(text, change);
    return result ? std::move(*result) : "does not fit";
}

struct Case {
    std::string text;
    TextChange first, second, third; // in a row
    TextChange beside;               // of the text, made at the same time
};

Case make(uint64_t seed)
{
    Dice dice(seed);
    Alphabet alphabet(dice.upTo(1) == 0);
    Case out;
    out.text = alphabet.next(dice.upTo(7));
    const auto of = [&](std::string_view text) { return change(dice, alphabet, countCodePoints(text)); };
    out.first = of(out.text);
    const std::string once = after(out.text, out.first);
    out.second = of(once);
    out.third = of(after(once, out.second));
    out.beside = of(out.text);
    return out;
}

// A change as what it does at each place of a text: the plainest form there is, to hold the others against.
struct Places {
    std::vector<std::string> inserts; // before each character, and at the end
    std::vector<bool> deleted;

    Places(const TextChange& change, size_t length) : inserts(length + 1), deleted(length)
    {
        size_t at = 0;
        std::string_view inserted = change.inserted();
        for (const TextStep& step : change.steps()) {
            if (step.kind == Kind::Insert) {
                inserts[at] += inserted.substr(0, step.bytes);
                inserted.remove_prefix(step.bytes);
                continue;
            }
            for (size_t i = 0; i < step.count; ++i)
                deleted[at++] = step.kind == Kind::Delete;
        }
    }
};

struct Merged {
    std::string text;
    std::vector<TextRange> contested;
};

// At each place the later's insert, then the first's; then the character, unless either deleted it.
Merged mergeByPlaces(std::string_view text, const TextChange& first, const TextChange& later)
{
    const size_t length = countCodePoints(text);
    const Places a(first, length), b(later, length);
    Merged out;
    bool both = false;
    size_t from = 0;
    std::string by; // of each character since then: whose it is
    const auto end = [&] {
        const size_t other = by.find_first_not_of(by.empty() ? ' ' : by[0]);
        const bool apart = other != std::string::npos && by.find_first_not_of(by[other], other) == std::string::npos;
        if (both && apart) {
            out.contested.push_back({from, from + other});
            out.contested.push_back({from + other, from + by.size()});
        } else if (both && other != std::string::npos) {
            out.contested.push_back({from, from + by.size()});
        }
        from += by.size() + 1;
        by.clear();
        both = false;
    };
    for (size_t i = 0; i <= length; ++i) {
        out.text += b.inserts[i];
        out.text += a.inserts[i];
        by.append(countCodePoints(b.inserts[i]), 'b');
        by.append(countCodePoints(a.inserts[i]), 'a');
        if (i == length)
            break;
        const size_t bytes = bytesOfCodePoints(text, 1);
        if (a.deleted[i] && b.deleted[i]) {
            both = true;
        } else if (!a.deleted[i] && !b.deleted[i]) {
            end();
            out.text += text.substr(0, bytes);
        }
        text.remove_prefix(bytes);
    }
    end();
    return out;
}

std::string_view transformLaw(const Case& on)
{
    for (const bool swapped : {false, true}) {
        const TextChange& first = swapped ? on.beside : on.first;
        const TextChange& later = swapped ? on.first : on.beside;
        const Transformed by = transform(first, later);
        const std::string oneWay = after(after(on.text, first), by.later);
        if (oneWay != after(after(on.text, later), by.first))
            return "both ways end in one text";
        // Every character is there once, so one that is missing is not hidden by another.
        if (countCodePoints(oneWay) < countCodePoints(first.inserted()) + countCodePoints(later.inserted()))
            return "nothing inserted is lost";
        const Merged merged = mergeByPlaces(on.text, first, later);
        if (oneWay != merged.text)
            return "what came later stands first";
        if (by.contested != merged.contested)
            return "two versions are told";
    }
    return {};
}

// One in flight, one growing, and something that was accepted before both.
std::string_view pendingLaw(const Case& on)
{
    const Transformed flight = transform(on.beside, on.first);
    const Transformed growing = transform(flight.first, on.second);
    const std::string shown = after(after(after(on.text, on.first), on.second), growing.first);
    const std::string accepted = after(after(after(on.text, on.beside), flight.later), growing.later);
    return shown == accepted ? "" : "who has two pending sees what the server has";
}

bool isSame(const Transformed& a, const Transformed& b)
{
    return a.later == b.later && a.behindDeleted == b.behindDeleted;
}

std::string_view composeLaw(const Case& on)
{
    const std::string once = after(on.text, on.first);
    const std::string thrice = after(after(once, on.second), on.third);
    const TextChange two = compose(on.first, on.second);
    if (after(on.text, two) != after(once, on.second))
        return "composing agrees with applying";
    const TextChange left = compose(two, on.third);
    const TextChange right = compose(on.first, compose(on.second, on.third));
    if (left != right || after(on.text, left) != thrice)
        return "composing is associative";
    const TextChange row[] = {on.first, on.second, on.third};
    if (compose(row) != left)
        return "a row is composed as its parts are";
    // Over what was accepted one by one, or at once; and on from there.
    const Transformed overFirst = transform(on.first, on.beside);
    const Transformed overSecond = transform(on.second, overFirst.later, overFirst.behindDeleted);
    const Transformed atOnce = transform(two, on.beside);
    if (!isSame(atOnce, overSecond) ||
        !isSame(transform(compose(on.second, on.third), overFirst.later, overFirst.behindDeleted),
                transform(on.third, overSecond.later, overSecond.behindDeleted)))
        return "over a composition as step by step";
    const TextChange steps = compose(overFirst.first, overSecond.first);
    const std::string beside = after(on.text, on.beside);
    return after(beside, atOnce.first) == after(beside, steps) ? "" : "a composition over a change as step by step";
}

std::string_view invertLaw(const Case& on)
{
    const std::string once = after(on.text, on.first);
    const auto back = invert(on.first, on.text);
    if (!back || after(once, *back) != on.text)
        return "inverting takes back";
    const auto again = invert(*back, once);
    return again && *again == on.first ? "" : "inverting twice is the change";
}

// The same change, put together in pieces, with steps of nothing and a retain at the end.
TextChange inPieces(const TextChange& change, Dice& dice)
{
    TextChange out;
    std::string_view inserted = change.inserted();
    for (const TextStep& step : change.steps()) {
        for (size_t left = step.count; left > 0;) {
            const size_t count = 1 + dice.upTo(left - 1);
            const size_t bytes = step.kind == Kind::Insert ? bytesOfCodePoints(inserted, count) : 0;
            if (step.kind == Kind::Retain)
                out.retain(count);
            else if (step.kind == Kind::Delete)
                out.erase(count);
            else
                out.insert(inserted.substr(0, bytes));
            inserted.remove_prefix(bytes);
            left -= count;
            out.erase(0).insert("").retain(0);
        }
    }
    return out.retain(dice.upTo(2));
}

std::string_view bytesLaw(const Case& on, Dice& dice)
{
    const TextChange pieces = inPieces(on.first, dice);
    const std::string bytes = encode(on.first);
    if (pieces != on.first || encode(pieces) != bytes)
        return "equal changes are equal bytes";
    if ((encode(on.beside) == bytes) != (on.beside == on.first))
        return "other changes are other bytes";
    const auto decoded = decode(bytes);
    if (!decoded || *decoded != on.first)
        return "what is encoded is decoded";
    // Any other bytes: nothing, or what they are the one form of.
    std::string spoilt = bytes;
    if (!spoilt.empty())
        spoilt[dice.upTo(spoilt.size() - 1)] ^= static_cast<char>(1 << dice.upTo(7));
    const auto other = decode(spoilt);
    return !other || encode(*other) == spoilt ? "" : "a change has one form of bytes";
}

// Ranges in order and apart, two that adjoin one passage, moved over the change and held against what becomes of each
// character: of which range it is, if of any.
std::string_view rangesLaw(const Case& on, Dice& dice)
{
    constexpr size_t none = SIZE_MAX;
    const size_t length = countCodePoints(on.text);
    std::vector<TextRange> ranges;
    for (size_t at = dice.upTo(2); at < length;) {
        const size_t to = std::min(length, at + 1 + dice.upTo(3));
        ranges.push_back({at, to});
        at = to + dice.upTo(2);
    }
    const Places places(on.first, length);
    std::vector<size_t> other(ranges.size(), none); // the other version
    for (size_t i = 0; i + 1 < ranges.size(); ++i)
        if (other[i] == none && ranges[i].to == ranges[i + 1].from) {
            other[i] = i + 1;
            other[i + 1] = i;
        }
    const auto isKept = [&](size_t range) {
        for (size_t i = ranges[range].from; i < ranges[range].to; ++i)
            if (!places.deleted[i])
                return true;
        return false;
    };
    const auto isReplaced = [&](size_t range) {
        return range != none && !isKept(range) && other[range] != none && isKept(other[range]);
    };
    const auto at = [&](auto matches) {
        const auto found = std::find_if(ranges.begin(), ranges.end(), matches);
        return found == ranges.end() ? none : size_t(found - ranges.begin());
    };

    std::vector<size_t> rangeOf; // each character of the text after the change
    for (size_t i = 0; i <= length; ++i) {
        const size_t amid = at([&](const TextRange& each) { return each.from < i && i < each.to; });
        const size_t begins = at([&](const TextRange& each) { return each.from == i; });
        const size_t ended = at([&](const TextRange& each) { return each.to == i; });
        const std::string_view text = places.inserts[i];
        size_t count = countCodePoints(text);
        const size_t first = begins == none ? countCodePoints(text.substr(0, text.find('\n'))) : count;
        const size_t owner = amid != none ? amid : isReplaced(begins) ? begins : ended;
        const size_t owned = amid != none || owner == begins ? count : first;
        rangeOf.insert(rangeOf.end(), owned, owner);
        rangeOf.insert(rangeOf.end(), count - owned, none);
        if (i < length && !places.deleted[i])
            rangeOf.push_back(at([&](const TextRange& each) { return each.from <= i && i < each.to; }));
    }
    std::vector<TextRange> expected;
    bool isSingle = false; // the last one of them
    const auto isThere = [&](size_t range) {
        return (isKept(range) || isReplaced(range)) &&
               std::find(rangeOf.begin(), rangeOf.end(), range) != rangeOf.end();
    };
    for (size_t i = 0; i < ranges.size(); ++i) {
        if (!isThere(i) || (other[i] != none && !isThere(other[i])))
            continue;
        const auto from = std::find(rangeOf.begin(), rangeOf.end(), i);
        const auto to = std::find_if(from, rangeOf.end(), [&](size_t each) { return each != i; });
        if (std::find(to, rangeOf.end(), i) != rangeOf.end())
            return "a range is one piece";
        const TextRange range{size_t(from - rangeOf.begin()), size_t(to - rangeOf.begin())};
        if (isSingle && expected.back().to == range.from) {
            expected.back().to = range.to;
            continue;
        }
        expected.push_back(range);
        isSingle = other[i] == none;
    }
    return moveRanges(ranges, on.first) == expected ? "" : "ranges move with their characters";
}

std::string toldOf(const TextChange& change)
{
    std::string out;
    std::string_view inserted = change.inserted();
    for (const TextStep& step : change.steps()) {
        if (step.kind == Kind::Insert)
            out += " +\"" + std::string(inserted.substr(0, step.bytes)) + '"';
        else
            out += (step.kind == Kind::Retain ? " =" : " -") + std::to_string(step.count);
        inserted.remove_prefix(step.bytes);
    }
    return out.empty() ? " nothing" : out;
}

} // namespace

std::string_view brokenLaw(uint64_t seed)
{
    const Case on = make(seed);
    Dice dice(~seed);
    for (const std::string_view broken :
         {transformLaw(on), pendingLaw(on), composeLaw(on), invertLaw(on), bytesLaw(on, dice), rangesLaw(on, dice)})
        if (!broken.empty())
            return broken;
    return {};
}

std::string told(uint64_t seed)
{
    const Case on = make(seed);
    return "text \"" + on.text + "\", first" + toldOf(on.first) + ", second" + toldOf(on.second) + ", third" +
           toldOf(on.third) + ", beside" + toldOf(on.beside);
}

} // namespace stoa::test
