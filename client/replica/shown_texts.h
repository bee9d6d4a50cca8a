#pragma once

// What became lately of a text that shows, while others wrote in it: what somebody typed over the text of a moment ago
// is then made of the one that shows now, and is not handed over again. A value, bounded; texts go by their hashes.

#include <deque>
#include <optional>
#include <string>

#include "shared/text/text_change.h"

namespace stoa {

class ShownTexts {
public:
    // The text with the one hash became that with the other.
    void add(const std::string& before, TextChange change, const std::string& after);
    // All that was changed from that text on; nothing where that is not known up to `now`.
    std::optional<TextChange> since(const std::string& before, const std::string& now) const;

private:
    struct Step {
        std::string before;
        TextChange change;
    };
    std::deque<Step> steps_; // each follows on the one before
    std::string last_;       // what they led to
    size_t bytes_ = 0;
};

} // namespace stoa
