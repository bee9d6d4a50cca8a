#pragma once

// How the time of a function grows with the size of its input.

#include <algorithm>
#include <ctime>
#include <string>
#include <string_view>

namespace stoa {

// Per doubling of the input; 2 is linear, 4 a square.
constexpr double linearBound = 3.0;

inline std::string repeated(std::string_view part, size_t bytes)
{
    std::string out;
    while (out.size() + part.size() <= bytes)
        out += part;
    return out;
}

// The processor's time of this program, which other programs do not lengthen.
template <class Work>
double seconds(const Work& work)
{
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// The mean factor per doubling from 128 KiB to 1 MiB, by the best of three; 0 where even that takes no time.
template <class Work>
double growth(const Work& work)
{
    constexpr size_t small = 128 * 1024, large = 8 * small;
    constexpr double unmeasurableSeconds = 0.02;
    const auto best = [&](size_t bytes) {
        double found = 1e9;
        for (int i = 0; i < 3 && found > unmeasurableSeconds; ++i)
            found = std::min(found, seconds([&] { work(bytes); }));
        return found;
    };
    const double atLarge = best(large);
    if (atLarge < unmeasurableSeconds)
        return 0;
    // The cube root of what three doublings cost.
    const double factor = atLarge / std::max(best(small), 1e-3);
    double low = 0, high = 1e6;
    for (int i = 0; i < 100; ++i) {
        const double middle = (low + high) / 2;
        (middle * middle * middle < factor ? low : high) = middle;
    }
    return high;
}

} // namespace stoa
