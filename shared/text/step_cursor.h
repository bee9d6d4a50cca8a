#pragma once

// Goes over the steps of a change in pieces of any length, for whatever walks two changes at once (compose.cpp,
// transform.cpp). Behind the last step everything is retained. Holds a reference to the change.

#include <limits>

#include "shared/text/text_change.h"
#include "shared/text/utf8.h"

namespace stoa {

class StepCursor {
public:
    explicit StepCursor(const TextChange& change) : steps_(change.steps()), inserted_(change.inserted()) { next(); }

    // Nothing but retained text follows.
    bool atEnd() const { return left_ == endless; }
    TextStep::Kind kind() const { return kind_; }
    // The code points that are left of the step.
    size_t left() const { return left_; }

    // Goes on by so many code points, at most those that are left. What is inserted by them; of another kind: nothing.
    std::string_view take(size_t count)
    {
        std::string_view text;
        if (kind_ == TextStep::Kind::Insert) {
            const std::string_view whole = inserted_.substr(0, bytes_);
            text = count == left_ ? whole : whole.substr(0, bytesOfCodePoints(whole, count));
            inserted_.remove_prefix(text.size());
            bytes_ -= text.size();
        }
        if (atEnd())
            return text;
        left_ -= count;
        if (left_ == 0)
            next();
        return text;
    }

private:
    static constexpr size_t endless = std::numeric_limits<size_t>::max();

    void next()
    {
        if (steps_.empty()) {
            kind_ = TextStep::Kind::Retain;
            left_ = endless;
            return;
        }
        kind_ = steps_.front().kind;
        left_ = steps_.front().count;
        bytes_ = steps_.front().bytes;
        steps_ = steps_.subspan(1);
    }

    std::span<const TextStep> steps_; // those that follow the one at hand
    std::string_view inserted_;       // from the one at hand on
    TextStep::Kind kind_ = TextStep::Kind::Retain;
    size_t left_ = 0;
    size_t bytes_ = 0;
};

} // namespace stoa
