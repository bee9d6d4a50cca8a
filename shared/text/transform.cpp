#include "shared/text/transform.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "shared/base/plant.h"
#include "shared/text/step_cursor.h"

namespace stoa {

using Kind = TextStep::Kind;

namespace {

// What happens between two characters that both kept. Nothing is retained there, so in the text with both it is one
// piece of what they inserted.
struct Passage {
    enum class By { Nobody, First, Later };

    size_t from = 0; // in the text with both
    size_t to = 0;
    bool bothDeleted = false;
    By newest = By::Nobody;
    int turns = 0;     // how often what one inserted follows on what the other did, or on nothing
    size_t second = 0; // where the second turn began

    void insert(By by, size_t count)
    {
        if (by != newest && ++turns == 2)
            second = to;
        newest = by;
        to += count;
    }
    void tell(std::vector<TextRange>& contested) const
    {
        if (!bothDeleted || turns < 2)
            return;
        if (turns == 2) {
            contested.push_back({from, second});
            contested.push_back({second, to});
        } else {
            contested.push_back({from, to});
        }
    }
};

// What the later one inserts, piece by piece: which is behind something that was deleted before, or is now.
class Behind {
public:
    explicit Behind(std::span<const TextRange> before) : before_(before) {}

    bool isDeleted = false; // what lies before the place at hand, since the last character that the first one kept

    // Of the piece at hand.
    bool has() const { return !before_.empty() && before_.front().from <= at_; }
    // How much is like its first character.
    size_t alike() const
    {
        if (before_.empty())
            return std::numeric_limits<size_t>::max();
        return (has() ? before_.front().to : before_.front().from) - at_;
    }
    void pass(size_t count)
    {
        if ((has() || isDeleted) && count > 0) {
            if (!now_.empty() && now_.back().to == at_)
                now_.back().to += count;
            else
                now_.push_back({at_, at_ + count});
        }
        at_ += count;
        while (!before_.empty() && before_.front().to <= at_)
            before_ = before_.subspan(1);
    }
    std::vector<TextRange> take() { return std::move(now_); }

private:
    std::span<const TextRange> before_;
    std::vector<TextRange> now_;
    size_t at_ = 0;
};

} // namespace

Transformed transform(const TextChange& first, const TextChange& later, std::span<const TextRange> behindDeleted)
{
    Transformed out;
    const size_t steps = first.steps().size() + later.steps().size();
    out.first.reserve(steps, first.inserted().size());
    out.later.reserve(steps, later.inserted().size());
    StepCursor a(first);
    StepCursor b(later);
    Passage passage;
    Behind behind(behindDeleted);
    const auto end = [&](size_t kept) {
        if (!STOA_PLANT("two versions are not told"))
            passage.tell(out.contested);
        passage = {passage.to + kept, passage.to + kept};
    };
    while (!a.atEnd() || !b.atEnd()) {
        const bool tie = a.kind() == Kind::Insert && b.kind() == Kind::Insert;
        if (b.kind() == Kind::Insert &&
            !(tie && (behind.has() || STOA_PLANT("what was accepted first stands first")))) {
            const size_t count = std::min(b.left(), behind.alike());
            const std::string_view text = b.take(count);
            behind.pass(count);
            if (a.kind() == Kind::Delete && STOA_PLANT("what is inserted amid what was deleted is lost"))
                continue;
            out.later.insert(text, count);
            out.first.retain(count);
            passage.insert(Passage::By::Later, count);
        } else if (a.kind() == Kind::Insert) {
            const size_t count = a.left();
            out.first.insert(a.take(count), count);
            out.later.retain(count);
            passage.insert(Passage::By::First, count);
        } else {
            const size_t count = std::min(a.left(), b.left());
            const bool deleted = a.kind() == Kind::Delete;
            const bool deletedLater = b.kind() == Kind::Delete;
            behind.isDeleted = deleted;
            a.take(count);
            b.take(count);
            if (deleted && deletedLater) {
                passage.bothDeleted = true;
                if (STOA_PLANT("what both deleted is deleted twice"))
                    out.later.erase(count);
            } else if (deleted) {
                out.first.erase(count);
            } else if (deletedLater) {
                out.later.erase(count);
            } else {
                out.first.retain(count);
                out.later.retain(count);
                end(count);
            }
        }
    }
    end(0);
    out.behindDeleted = behind.take();
    return out;
}

std::vector<TextRange> moveRanges(const std::vector<TextRange>& ranges, const TextChange& change)
{
    std::vector<TextRange> out;
    StepCursor cursor(change);
    size_t before = 0; // code points passed of the text before the change, and of the one after it
    size_t after = 0;
    const auto passInserts = [&] {
        while (cursor.kind() == Kind::Insert) {
            after += cursor.left();
            cursor.take(cursor.left());
        }
    };
    // Up to, not with, the inserts at that place. How many of the characters were kept.
    const auto pass = [&](size_t until) {
        size_t kept = 0;
        while (before < until) {
            passInserts();
            const size_t count = std::min(cursor.left(), until - before);
            if (cursor.kind() == Kind::Retain)
                kept += count;
            cursor.take(count);
            before += count;
        }
        after += kept;
        return kept;
    };
    for (const TextRange& range : ranges) {
        pass(range.from);
        passInserts();
        const size_t from = after;
        if (pass(range.to) > 0)
            out.push_back({from, after});
    }
    return out;
}

} // namespace stoa
