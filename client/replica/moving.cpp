#include "client/replica/moving.h"

#include <algorithm>

#include "shared/text/compose.h"
#include "shared/text/diff.h"

namespace stoa {

namespace {

// In order and apart from each other.
std::vector<TextRange> joined(std::vector<TextRange> a, const std::vector<TextRange>& b)
{
    a.insert(a.end(), b.begin(), b.end());
    std::sort(a.begin(), a.end(), [](const TextRange& x, const TextRange& y) { return x.from < y.from; });
    std::vector<TextRange> apart;
    for (const TextRange& range : a) {
        if (!apart.empty() && range.from < apart.back().to)
            apart.back().to = std::max(apart.back().to, range.to);
        else
            apart.push_back(range);
    }
    return apart;
}

} // namespace

Result<std::string> withTexts(std::string_view body, PendingRow row)
{
    std::string text(body);
    for (const PendingText& each : row) {
        Result<std::string> next = applyTo(text, each.text);
        if (!next)
            return next;
        text = std::move(*next);
    }
    return text;
}

Result<std::vector<PendingText>> movedOver(std::string_view before, std::string_view after, PendingRow row,
                                           size_t arrived)
{
    const Result<std::string> known = withTexts(before, row.first(arrived));
    if (!known)
        return known.error();
    if (Result<std::string> fits = withTexts(*known, row.subspan(arrived)); !fits)
        return fits.error();
    return movedBy(diffByWords(*known, after), row.subspan(arrived)).row;
}

Result<std::vector<PendingText>> withoutFirst(std::string_view body, PendingRow row)
{
    const Result<TextChange> back = invert(row.front().text, body);
    if (!back)
        return back.error();
    return movedBy(*back, row.subspan(1)).row;
}

MovedRow movedBy(TextChange change, PendingRow row)
{
    MovedRow moved{.row = {}, .change = std::move(change)};
    for (const PendingText& each : row) {
        Transformed both = transform(moved.change, each.text, each.behindDeleted);
        moved.row.push_back(
            {std::move(both.later), moveRanges(each.resolved, moved.change), std::move(both.behindDeleted)});
        moved.change = std::move(both.first);
    }
    return moved;
}

Result<PendingText> asOne(std::string_view body, PendingRow row)
{
    PendingText one;
    for (const PendingText& each : row) {
        const Result<TextChange> back = invert(one.text, body);
        if (!back)
            return back.error();
        one = {compose(one.text, each.text), joined(one.resolved, moveRanges(each.resolved, *back))};
    }
    if (Result<std::string> fits = applyTo(body, one.text); !fits)
        return fits.error();
    return one;
}

PendingText behind(PendingRow row, PendingText text)
{
    for (const PendingText& each : row) {
        text.resolved = moveRanges(text.resolved, each.text);
        text.text = transform(text.text, each.text).first;
    }
    return text;
}

} // namespace stoa
