#include "shared/text/match.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <vector>

namespace stoa {

namespace {

using Row = std::span<const uint32_t>;
constexpr int64_t unreached = -1;

// How far one gets with so many deletes and inserts, on each diagonal x - y, from the start of both rows or from their
// ends. Myers' algorithm, one half of it.
class Search {
public:
    Search(Row before, Row after, bool backwards, std::vector<int64_t>& furthest)
        : before_(before),
          after_(after),
          width_(static_cast<int64_t>(before.size())),
          height_(static_cast<int64_t>(after.size())),
          backwards_(backwards),
          furthest_(furthest)
    {
        furthest_.resize(std::max(furthest_.size(), before.size() + after.size() + 5));
        at(-1) = unreached;
        at(1) = 0;
    }

    int64_t reached(int64_t diagonal, int64_t edits) const
    {
        return std::abs(diagonal) > edits || diagonal < -height_ || diagonal > width_
                 ? unreached
                 : furthest_[static_cast<size_t>(diagonal + height_ + 2)];
    }

    // With one more edit than before. `arrived(diagonal, x)` ends it where it says so.
    template <class Arrived>
    void extend(int64_t edits, size_t& work, const Arrived& arrived)
    {
        if (edits > 0 && edits <= height_)
            at(-edits - 1) = unreached;
        if (edits > 0 && edits <= width_)
            at(edits + 1) = unreached;
        for (int64_t k = -edits; k <= edits; k += 2) {
            if (k < -height_ || k > width_)
                continue;
            const int64_t down = at(k + 1);                                           // an insert
            const int64_t right = at(k - 1) == unreached ? unreached : at(k - 1) + 1; // a delete
            int64_t x = std::max(down - k <= height_ ? down : unreached, right <= width_ ? right : unreached);
            const int64_t start = x;
            while (x != unreached && x < width_ && x - k < height_ && isSame(x, x - k))
                ++x;
            at(k) = x;
            work -= std::min(work, static_cast<size_t>(x - start) + 1);
            if (x != unreached && arrived(k, x))
                return;
        }
    }

private:
    int64_t& at(int64_t diagonal) { return furthest_[static_cast<size_t>(diagonal + height_ + 2)]; }
    bool isSame(int64_t x, int64_t y) const
    {
        return backwards_ ? before_[width_ - 1 - x] == after_[height_ - 1 - y] : before_[x] == after_[y];
    }

    Row before_;
    Row after_;
    int64_t width_;
    int64_t height_;
    bool backwards_;
    std::vector<int64_t>& furthest_;
};

class Matcher {
public:
    Matcher(size_t& work, const std::function<void(Match)>& tell) : work_(work), tell_(tell) {}

    void match(Row before, Row after, Match at)
    {
        const auto head = static_cast<size_t>(
            std::mismatch(before.begin(), before.end(), after.begin(), after.end()).first - before.begin());
        if (head > 0)
            tell_({at.before, at.after, head});
        before = before.subspan(head);
        after = after.subspan(head);
        at = {at.before + head, at.after + head};
        const auto tail = static_cast<size_t>(
            std::mismatch(before.rbegin(), before.rend(), after.rbegin(), after.rend()).first - before.rbegin());
        before = before.first(before.size() - tail);
        after = after.first(after.size() - tail);
        if (!before.empty() && !after.empty()) {
            // Each half takes fewer edits than the whole, about half of them: this does not go deep.
            if (const auto middle = middleOf(before, after)) {
                const auto [x, y] = *middle;
                match(before.first(x), after.first(y), at);
                match(before.subspan(x), after.subspan(y), {at.before + x, at.after + y});
            }
        }
        if (tail > 0)
            tell_({at.before + before.size(), at.after + after.size(), tail});
    }

private:
    // A place on a shortest way, where the searches from both ends meet. Nothing where the work runs out before.
    std::optional<std::pair<size_t, size_t>> middleOf(Row before, Row after)
    {
        const auto width = static_cast<int64_t>(before.size());
        const int64_t delta = width - static_cast<int64_t>(after.size());
        Search forward(before, after, false, forward_);
        Search backward(before, after, true, backward_);
        std::optional<std::pair<size_t, size_t>> middle;
        const auto meets = [&](int64_t diagonal, int64_t x, int64_t backX) {
            if (backX == unreached || x == unreached || x + backX < width)
                return false;
            middle.emplace(static_cast<size_t>(x), static_cast<size_t>(x - diagonal));
            return true;
        };
        const bool odd = delta % 2 != 0;
        for (int64_t edits = 0; !middle && work_ > 0; ++edits) {
            forward.extend(edits, work_, [&](int64_t k, int64_t x) {
                return odd && meets(k, x, backward.reached(delta - k, edits - 1));
            });
            if (middle)
                break;
            backward.extend(edits, work_, [&](int64_t k, int64_t backX) {
                return !odd && meets(delta - k, forward.reached(delta - k, edits), backX);
            });
        }
        return middle;
    }

    size_t& work_;
    const std::function<void(Match)>& tell_;
    std::vector<int64_t> forward_;
    std::vector<int64_t> backward_;
};

} // namespace

void matchRows(std::span<const uint32_t> before, std::span<const uint32_t> after, size_t& work,
               const std::function<void(Match)>& tell)
{
    Matcher(work, tell).match(before, after, {});
}

} // namespace stoa
