#pragma once

// What every bench says: one JSON line a measure. Values are reported, never asserted.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace stoa::bench {

inline double seconds(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double percentile(std::vector<double> values, int percent)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, values.size() * size_t(percent) / 100)];
}

enum class Better { More, Less };

// `floor`: the same measure of the plainest program, 0 where there is none. The ratio is how many times
// worse than the floor this is.
inline void tell(const std::string& name, double value, const char* unit, double target, Better better, double floor)
{
    const double ratio = floor <= 0 || value <= 0 ? 0 : better == Better::More ? floor / value : value / floor;
    const bool met = better == Better::More ? value >= target : value <= target;
    std::printf(
        "{\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\", \"target\": %.4g, \"ratio\": %.3g, \"met\": %s}\n",
        name.c_str(), value, unit, target, ratio, met ? "true" : "false");
    std::fflush(stdout);
}

} // namespace stoa::bench
