#pragma once

// Where one has been in a tab: back and forward. A value.

#include <vector>

#include "client/ui/place.h"

namespace stoa {

class History {
public:
    static constexpr size_t entriesMax = 200;

    const Location& here() const { return entries_[at_]; }
    bool canGoBack() const { return at_ > 0; }
    bool canGoForward() const { return at_ + 1 < entries_.size(); }

    // Forgets what lay ahead. The same place again is no step.
    void go(const Location& location)
    {
        if (location == here())
            return;
        entries_.resize(at_ + 1);
        entries_.push_back(location);
        if (entries_.size() > entriesMax)
            entries_.erase(entries_.begin());
        at_ = entries_.size() - 1;
    }

    void replace(const Location& location) { entries_[at_] = location; }
    const Location& back() { return entries_[at_ -= canGoBack()]; }
    const Location& forward() { return entries_[at_ += canGoForward()]; }

private:
    std::vector<Location> entries_{Location{}};
    size_t at_ = 0;
};

} // namespace stoa
