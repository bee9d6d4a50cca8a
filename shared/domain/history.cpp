#include "shared/domain/history.h"

#include <algorithm>
#include <optional>
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

} // namespace

std::vector<Stretch> stretches(std::span<const v1::Revision> revisions)
{
    std::vector<Stretch> all;
    for (size_t i = 0; i < revisions.size(); ++i) {
        const v1::Revision& each = revisions[i];
        const bool goesOn = !all.empty() && !isWholeBody(each) && all.back().author == each.author() &&
                            each.time_ms() - all.back().toMs <= limits::stretchPauseMs;
        if (!goesOn)
            all.push_back({.first = i, .author = each.author(), .fromMs = each.time_ms(), .toMs = each.time_ms()});
        Stretch& stretch = all.back();
        ++stretch.count;
        stretch.toMs = std::max(stretch.toMs, each.time_ms());
        if (!each.summary().empty() && !stretch.summary.ends_with(each.summary()))
            stretch.summary += (stretch.summary.empty() ? "" : "\n") + each.summary();
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
