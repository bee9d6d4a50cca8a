#pragma once

// Virtual time: what is to be done when, in one thread. What is due at the same time is done in the order
// in which it was asked for.

#include <cstdint>
#include <functional>
#include <map>

namespace stoa::test {

class Agenda {
public:
    int64_t nowMs() const { return nowMs_; }

    void after(int64_t ms, std::function<void()> work) { work_.emplace(nowMs_ + ms, std::move(work)); }

    // Does everything up to then, and it is then.
    void runUntil(int64_t timeMs)
    {
        while (!work_.empty() && work_.begin()->first <= timeMs) {
            auto next = work_.extract(work_.begin());
            nowMs_ = next.key();
            next.mapped()();
        }
        nowMs_ = timeMs;
    }

private:
    int64_t nowMs_ = 1'700'000'000'000;
    std::multimap<int64_t, std::function<void()>> work_;
};

} // namespace stoa::test
