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

namespace {

// Where a range is in the text after a change.
struct Moved {
    size_t before = 0; // before and behind what is inserted where it begins
    size_t from = 0;
    size_t to = 0; // before what is inserted where it ends, behind the first line of it, and behind all of it
    size_t line = 0;
    size_t behind = 0;
    bool isKept = false;     // at least a character of it
    bool isReplaced = false; // none, but there is the other version
};

// Goes over the text before a change, and counts in the one after it.
class Passing {
public:
    explicit Passing(const TextChange& change) : cursor_(change) {}

    size_t now() const { return after_; }
    // Up to, not with, what is inserted there. Whether a character was kept.
    bool to(size_t place)
    {
        bool kept = false;
        while (before_ < place) {
            insert();
            const size_t count = std::min(cursor_.left(), place - before_);
            const bool stays = cursor_.kind() == Kind::Retain;
            cursor_.take(count);
            before_ += count;
            after_ += stays ? count : 0;
            kept = kept || stays;
        }
        return kept;
    }
    // What is inserted here.
    std::string_view insert()
    {
        if (cursor_.kind() != Kind::Insert)
            return {};
        const size_t count = cursor_.left();
        after_ += count;
        return cursor_.take(count);
    }

private:
    StepCursor cursor_;
    size_t before_ = 0;
    size_t after_ = 0;
};

std::vector<Moved> movedOf(const std::vector<TextRange>& ranges, const TextChange& change)
{
    std::vector<Moved> out;
    out.reserve(ranges.size());
    Passing passing(change);
    for (size_t i = 0; i < ranges.size(); ++i) {
        Moved moved;
        if (i > 0 && ranges[i - 1].to == ranges[i].from) {
            moved.before = out.back().to;
        } else {
            passing.to(ranges[i].from);
            moved.before = passing.now();
            passing.insert();
        }
        moved.from = passing.now();
        moved.isKept = passing.to(ranges[i].to);
        moved.to = passing.now();
        const std::string_view text = passing.insert();
        moved.behind = passing.now();
        moved.line = moved.to + countCodePoints(text.substr(0, text.find('\n')));
        out.push_back(moved);
    }
    return out;
}

} // namespace

size_t rangesOfPassage(const std::vector<TextRange>& ranges, size_t i)
{
    return i + 1 < ranges.size() && ranges[i].to == ranges[i + 1].from ? 2 : 1;
}

std::vector<TextRange> moveRanges(const std::vector<TextRange>& ranges, const TextChange& change)
{
    std::vector<Moved> moved = movedOf(ranges, change);
    const auto count = [&](size_t i) { return rangesOfPassage(ranges, i); };
    for (size_t i = 0; i < ranges.size(); i += count(i)) {
        if (count(i) < 2)
            continue;
        moved[i].isReplaced = !moved[i].isKept && moved[i + 1].isKept;
        moved[i + 1].isReplaced = !moved[i + 1].isKept && moved[i].isKept;
    }
    std::vector<TextRange> out;
    bool lastIsSingle = false;
    const auto placed = [&](size_t i) {
        const Moved& at = moved[i];
        const size_t end = count(i) < 2 ? at.line : moved[i + 1].isReplaced ? at.to : at.behind;
        return TextRange{at.isReplaced ? at.before : at.from, end};
    };
    for (size_t i = 0; i < ranges.size(); i += count(i)) {
        std::vector<TextRange> passage;
        for (size_t each = i; each < i + count(i); ++each) {
            const TextRange range = placed(each);
            if ((moved[each].isKept || moved[each].isReplaced) && range.from < range.to)
                passage.push_back(range);
        }
        if (passage.size() != count(i))
            continue;
        if (lastIsSingle && out.back().to == passage.front().from) {
            out.back().to = passage.back().to;
            continue;
        }
        out.insert(out.end(), passage.begin(), passage.end());
        lastIsSingle = passage.size() == 1;
    }
    return out;
}

} // namespace stoa
