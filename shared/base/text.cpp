#include "shared/base/text.h"

#include <cstdint>

namespace stoa {

namespace {

// The length of the well-formed character at the start of `text`, or 0.
size_t characterBytes(std::string_view text)
{
    const auto at = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
    const uint8_t lead = at(0);
    if (lead < 0x80)
        return lead == 0 ? 0 : 1;
    const size_t size = lead >= 0xC2 && lead <= 0xDF ? 2
                      : (lead & 0xF0) == 0xE0        ? 3
                      : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                     : 0;
    if (size == 0 || text.size() < size)
        return 0;
    for (size_t i = 1; i < size; ++i)
        if ((at(i) & 0xC0) != 0x80)
            return 0;
    if ((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) > 0x9F) || (lead == 0xF0 && at(1) < 0x90) ||
        (lead == 0xF4 && at(1) > 0x8F))
        return 0;
    return size;
}

} // namespace

bool isCleanUtf8(std::string_view text)
{
    while (!text.empty()) {
        const size_t size = characterBytes(text);
        if (size == 0)
            return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string toCleanUtf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const size_t size = characterBytes(text);
        if (size > 0)
            out.append(text.substr(0, size));
        else if (text[0] != '\0')
            out.append("\xEF\xBF\xBD");
        text.remove_prefix(size > 0 ? size : 1);
    }
    return out;
}

std::string_view clipUtf8(std::string_view text, size_t bytesMax)
{
    if (text.size() <= bytesMax)
        return text;
    while (bytesMax > 0 && (static_cast<uint8_t>(text[bytesMax]) & 0xC0) == 0x80)
        --bytesMax;
    return text.substr(0, bytesMax);
}

std::string_view trim(std::string_view text)
{
    constexpr std::string_view blank = " \t\r\n\v\f";
    const size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

} // namespace stoa
