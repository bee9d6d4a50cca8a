#include "shared/text/compose.h"

#include <algorithm>

#include "shared/base/plant.h"
#include "shared/text/step_cursor.h"

namespace stoa {

using Kind = TextStep::Kind;

TextChange compose(const TextChange& first, const TextChange& second)
{
    TextChange out;
    out.reserve(first.steps().size() + second.steps().size(), first.inserted().size() + second.inserted().size());
    StepCursor a(first);
    StepCursor b(second);
    while (!a.atEnd() || !b.atEnd()) {
        if (b.kind() == Kind::Insert &&
            !(a.kind() == Kind::Delete && STOA_PLANT("inserts go behind what was deleted"))) {
            const size_t count = b.left();
            out.insert(b.take(count), count);
        } else if (a.kind() == Kind::Delete) {
            const size_t count = a.left();
            a.take(count);
            out.erase(count);
        } else {
            // The second retains or deletes what the first retained or inserted.
            const size_t count = std::min(a.left(), b.left());
            const bool inserts = a.kind() == Kind::Insert;
            const bool deletes = b.kind() == Kind::Delete;
            const std::string_view text = a.take(count);
            b.take(count);
            if (inserts && !deletes)
                out.insert(text, count);
            else if (!inserts && deletes)
                out.erase(count);
            else if (!inserts)
                out.retain(count);
        }
    }
    return out;
}

TextChange compose(std::span<const TextChange> row)
{
    if (row.empty())
        return {};
    if (row.size() == 1)
        return row.front();
    if (row.size() == 2)
        return compose(row[0], row[1]);
    const size_t half = row.size() / 2;
    return compose(compose(row.first(half)), compose(row.subspan(half)));
}

} // namespace stoa
