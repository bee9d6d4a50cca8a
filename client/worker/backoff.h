#pragma once

// How long to wait before the next try to reach the server. Pure.

#include <algorithm>

#include <QtGlobal>

namespace stoa {

// Doubling from half a second to a minute. `chance`, from 0 to 1, is drawn anew for each wait, so that a
// thousand programs do not come back in one moment.
inline qint64 backoffMs(int failuresBefore, double chance)
{
    constexpr qint64 msMin = 500, msMax = 60'000;
    const qint64 most = std::min(msMax, 2 * msMin << std::min(failuresBefore, 16));
    return most / 2 + qint64(double(most / 2) * std::clamp(chance, 0.0, 1.0));
}

} // namespace stoa
