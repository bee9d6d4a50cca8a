#pragma once

// The Gregorian calendar, as far as texts with dates in them need it.

#include <cstdint>
#include <string_view>

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

// "2027-06-30": digits and the calendar's bounds.
inline bool isIsoDate(std::string_view text)
{
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int parts[3] = {0, 0, 0};
    constexpr size_t starts[3] = {0, 5, 8};
    constexpr size_t lengths[3] = {4, 2, 2};
    for (int part = 0; part < 3; ++part) {
        for (char c : text.substr(starts[part], lengths[part])) {
            if (c < '0' || c > '9')
                return false;
            parts[part] = parts[part] * 10 + (c - '0');
        }
    }
    const auto [year, month, day] = parts;
    return day >= 1 && day <= daysInMonth(year, month);
}

} // namespace stoa
