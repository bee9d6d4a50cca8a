#pragma once

#include <ctime>

namespace stoa {

// What a piece of work costs this thread, whatever else the machine does.
template <class F>
double costMs(F work)
{
    const auto now = [] {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
    };
    const double start = now();
    work();
    return now() - start;
}

} // namespace stoa
