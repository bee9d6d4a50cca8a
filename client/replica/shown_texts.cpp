#include "client/replica/shown_texts.h"

#include <algorithm>
#include <vector>

#include "shared/base/limits.h"
#include "shared/text/compose.h"

namespace stoa {

namespace {

constexpr size_t shownStepsMax = 64;
constexpr size_t shownBytesMax = limits::kMiB;

size_t sizeOf(const TextChange& change)
{
    return change.inserted().size() + change.steps().size() * sizeof(TextStep);
}

} // namespace

void ShownTexts::add(const std::string& before, TextChange change, const std::string& after)
{
    if (before == after)
        return;
    if (before != last_) {
        steps_.clear();
        bytes_ = 0;
    }
    bytes_ += sizeOf(change);
    steps_.push_back({before, std::move(change)});
    last_ = after;
    while (!steps_.empty() && (steps_.size() > shownStepsMax || bytes_ > shownBytesMax)) {
        bytes_ -= sizeOf(steps_.front().change);
        steps_.pop_front();
    }
}

std::optional<TextChange> ShownTexts::since(const std::string& before, const std::string& now) const
{
    // The newest one: a text may come again.
    const auto from =
        std::find_if(steps_.rbegin(), steps_.rend(), [&](const Step& each) { return each.before == before; });
    if (from == steps_.rend() || now != last_)
        return std::nullopt;
    std::vector<TextChange> row;
    for (auto each = from.base() - 1; each != steps_.end(); ++each)
        row.push_back(each->change);
    return compose(row);
}

} // namespace stoa
