#include "shared/text/places.h"

#include <algorithm>

namespace stoa {

size_t placeAfter(size_t place, const TextChange& change, bool behind)
{
    size_t left = place; // of the text before, up to the place
    size_t after = 0;
    for (const TextStep& step : change.steps()) {
        switch (step.kind) {
        case TextStep::Kind::Retain:
            if (step.count > left || (step.count == left && !behind))
                return after + left;
            left -= step.count;
            after += step.count;
            break;
        case TextStep::Kind::Insert:
            if (left == 0 && !behind)
                return after;
            after += step.count;
            break;
        case TextStep::Kind::Delete:
            if (step.count > left && !behind)
                return after;
            left -= std::min(left, step.count);
            break;
        }
    }
    return after + left;
}

size_t placeBefore(size_t place, const TextChange& change)
{
    size_t left = place; // of the text after, up to the place
    size_t before = 0;
    for (const TextStep& step : change.steps()) {
        switch (step.kind) {
        case TextStep::Kind::Retain:
            if (step.count >= left)
                return before + left;
            left -= step.count;
            before += step.count;
            break;
        case TextStep::Kind::Insert:
            if (step.count >= left)
                return before;
            left -= step.count;
            break;
        case TextStep::Kind::Delete:
            before += step.count;
            break;
        }
    }
    return before + left;
}

} // namespace stoa
