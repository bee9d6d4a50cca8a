#include "shared/domain/history.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include "shared/text/codec.h"
#include "shared/text/compose.h"

namespace stoa {

namespace {

bool isWholeBody(const v1::Revision& revision)
{
    return revision.version().revision() == revision.after();
}

// Where the newest whole body is inserted; nothing where there is none.
std::optional<size_t> newestWholeBody(std::span<const v1::Revision> revisions)
{
    for (size_t i = revisions.size(); i-- > 0;)
        if (isWholeBody(revisions[i]))
            return i;
    return std::nullopt;
}

void add(std::vector<Written>& parts, size_t count, size_t by)
{
    if (count == 0)
        return;
    if (!parts.empty() && parts.back().by == by)
        parts.back().count += count;
    else
        parts.push_back({count, by});
}

// The parts after a change; nothing where it reaches past their end.
std::optional<std::vector<Written>> afterChange(const std::vector<Written>& parts, const TextChange& change, size_t by)
{
    std::vector<Written> after;
    after.reserve(parts.size() + 2);
    size_t part = 0;
    size_t used = 0; // of that part
    const auto pass = [&](size_t count, bool keep) {
        while (count > 0 && part < parts.size()) {
            const size_t some = std::min(count, parts[part].count - used);
            if (keep)
                add(after, some, parts[part].by);
            count -= some;
            used += some;
            if (used == parts[part].count) {
                ++part;
                used = 0;
            }
        }
        return count == 0;
    };
    for (const TextStep& step : change.steps()) {
        if (step.kind == TextStep::Kind::Insert)
            add(after, step.count, by);
        else if (!pass(step.count, step.kind == TextStep::Kind::Retain))
            return std::nullopt;
    }
    pass(SIZE_MAX, true);
    return after;
}

// From the newest whole body on. Its own change is one of nothing.
Result<std::span<const v1::Revision>> fromWholeBody(std::span<const v1::Revision> revisions)
{
    const std::optional<size_t> first = newestWholeBody(revisions);
    if (!first)
        return v1::NOT_FOUND;
    for (size_t i = *first + 1; i < revisions.size(); ++i)
        if (revisions[i].after() != revisions[i - 1].version().revision())
            return v1::INVALID;
    return revisions.subspan(*first);
}

bool isOfOneGo(const v1::Revision& a, const v1::Revision& b)
{
    const auto [early, late] = std::minmax({a.time_ms(), b.time_ms()});
    return static_cast<uint64_t>(late) - static_cast<uint64_t>(early) <= limits::stretchPauseMs;
}

// No change of somebody's made it: an import, a proposal that took effect, the server. Or it is all there is.
bool standsAlone(const v1::Revision& revision)
{
    return isWholeBody(revision) || revision.change().empty();
}

// Of each revision the one before it, and after it, that the same person wrote in one go with it.
struct Neighbours {
    std::vector<std::optional<size_t>> before;
    std::vector<std::optional<size_t>> after;
};

// Where nothing goes on: behind a pause of everybody, before and after what stands alone, and where something comes
// late from a device that was away.
std::vector<bool> pausesOf(std::span<const v1::Revision> revisions)
{
    std::vector<bool> pauses(revisions.size());
    for (size_t i = 0; i < revisions.size(); ++i)
        pauses[i] = i == 0 || !isOfOneGo(revisions[i - 1], revisions[i]) || standsAlone(revisions[i]) ||
                    standsAlone(revisions[i - 1]);
    return pauses;
}

Neighbours neighboursOf(std::span<const v1::Revision> revisions, const std::vector<bool>& pauses)
{
    Neighbours found{std::vector<std::optional<size_t>>(revisions.size()),
                     std::vector<std::optional<size_t>>(revisions.size())};
    std::unordered_map<std::string_view, size_t> newest;
    size_t pause = 0;
    for (size_t i = 0; i < revisions.size(); ++i) {
        pause = pauses[i] ? i : pause;
        const auto [known, isNew] = newest.try_emplace(revisions[i].author(), i);
        const size_t before = std::exchange(known->second, i);
        if (isNew || before < pause || !isOfOneGo(revisions[before], revisions[i]))
            continue;
        found.before[i] = before;
        found.after[before] = i;
    }
    return found;
}

// Said of this change and of none beside it: a restored text, or what a person stored at once. An editor that is told
// what its text is about says so with each key from then on, or after the last.
bool isNamed(std::span<const v1::Revision> revisions, const Neighbours& neighbours, size_t i)
{
    const v1::Revision& each = revisions[i];
    const auto saysTheSame = [&](std::optional<size_t> other) {
        return other && revisions[*other].summary() == each.summary();
    };
    return !each.summary().empty() && !each.text().empty() && !saysTheSame(neighbours.before[i]) &&
           !saysTheSame(neighbours.after[i]);
}

// Where the stretches begin. What was said of a person's work ends it: what they write next is something else.
std::vector<size_t> beginsOf(std::span<const v1::Revision> revisions)
{
    const std::vector<bool> pauses = pausesOf(revisions);
    const Neighbours neighbours = neighboursOf(revisions, pauses);
    std::vector<size_t> begins;
    size_t wall = 0; // nothing from before it goes on
    for (size_t i = 0; i < revisions.size(); ++i) {
        if (pauses[i] || isNamed(revisions, neighbours, i))
            wall = i;
        begins.push_back(i);
        const std::optional<size_t> before = neighbours.before[i];
        if (!before || *before < wall)
            continue;
        const std::string& said = revisions[*before].summary();
        if (!said.empty() && said != revisions[i].summary())
            continue;
        while (begins.back() > *before)
            begins.pop_back();
    }
    return begins;
}

size_t lettersIn(const v1::Revision& revision)
{
    const Result<TextChange> text = decode(revision.text());
    size_t letters = 0;
    if (text)
        for (const TextStep& step : text->steps())
            letters += step.kind == TextStep::Kind::Insert ? step.count : 0;
    return letters;
}

Stretch stretchOf(std::span<const v1::Revision> revisions, size_t begin, size_t end)
{
    Stretch stretch{.first = begin, .count = end - begin, .fromMs = INT64_MAX, .toMs = INT64_MIN};
    std::unordered_map<std::string_view, size_t> places; // in `wrote`
    std::vector<std::pair<std::string_view, size_t>> wrote;
    std::vector<std::string_view> said;
    for (const v1::Revision& each : revisions.subspan(begin, end - begin)) {
        stretch.fromMs = std::min(stretch.fromMs, each.time_ms());
        stretch.toMs = std::max(stretch.toMs, each.time_ms());
        const auto [place, isNew] = places.try_emplace(each.author(), wrote.size());
        if (isNew)
            wrote.emplace_back(each.author(), 0);
        wrote[place->second].second += lettersIn(each);
        if (!each.summary().empty() && said.size() < limits::stretchSummariesMax &&
            std::ranges::find(said, each.summary()) == said.end())
            said.push_back(each.summary());
    }
    std::ranges::stable_sort(wrote, std::greater(), &std::pair<std::string_view, size_t>::second);
    for (const auto& [author, letters] : wrote)
        stretch.authors.emplace_back(author);
    for (const std::string_view summary : said)
        stretch.summary.append(stretch.summary.empty() ? "" : "\n").append(summary);
    return stretch;
}

} // namespace

std::vector<Stretch> stretches(std::span<const v1::Revision> revisions)
{
    std::vector<Stretch> all;
    const std::vector<size_t> begins = beginsOf(revisions);
    for (size_t i = 0; i < begins.size(); ++i) {
        const size_t end = i + 1 < begins.size() ? begins[i + 1] : revisions.size();
        all.push_back(stretchOf(revisions, begins[i], end));
    }
    return all;
}

Result<TextChange> changeOf(std::span<const v1::Revision> revisions)
{
    std::vector<TextChange> row;
    row.reserve(revisions.size());
    for (const v1::Revision& each : revisions) {
        Result<TextChange> text = decode(each.text());
        if (!text)
            return v1::INVALID;
        row.push_back(std::move(*text));
    }
    return compose(row);
}

Result<std::string> bodyAfter(std::span<const v1::Revision> revisions)
{
    const auto row = fromWholeBody(revisions);
    if (!row)
        return row.error();
    const Result<TextChange> all = changeOf(*row);
    return all ? applyTo("", *all) : all.error();
}

Result<std::vector<Written>> whoWrote(std::span<const v1::Revision> revisions)
{
    const auto row = fromWholeBody(revisions);
    if (!row)
        return row.error();
    const size_t first = revisions.size() - row->size();
    std::vector<Written> parts;
    for (size_t i = first; i < revisions.size(); ++i) {
        const Result<TextChange> text = decode(revisions[i].text());
        auto after = text ? afterChange(parts, *text, i) : std::nullopt;
        if (!after)
            return v1::INVALID;
        parts = std::move(*after);
    }
    return parts;
}

std::vector<size_t> writersOfLines(std::string_view text, std::span<const Written> written)
{
    std::vector<size_t> lines;
    size_t line = 0;
    bool open = false;
    size_t part = 0;
    size_t used = 0;
    for (const char byte : text) {
        if ((static_cast<unsigned char>(byte) & 0xC0) == 0x80)
            continue; // the rest of a code point
        while (part < written.size() && used == written[part].count) {
            ++part;
            used = 0;
        }
        if (part < written.size()) {
            // Who puts a line behind another one has not written in that one.
            if (byte != '\n' || !open)
                line = std::max(line, written[part].by);
            ++used;
        }
        open = true;
        if (byte == '\n') {
            lines.push_back(std::exchange(line, 0));
            open = false;
        }
    }
    if (open)
        lines.push_back(line);
    return lines;
}

} // namespace stoa
