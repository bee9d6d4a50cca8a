#pragma once

// The Gregorian calendar, as far as texts with dates in them need it.

#include <cstdint>

namespace stoa {

// 0 for a month that is none.
constexpr int64_t daysInMonth(int64_t year, int64_t month)
{
    constexpr int64_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12)
        return 0;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

} // namespace stoa
