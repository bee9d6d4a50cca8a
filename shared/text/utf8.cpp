#include "shared/text/utf8.h"

#include <cstdint>
#include <cstring>

namespace stoa {

namespace {

constexpr size_t wordBytes = sizeof(uint64_t);
constexpr uint64_t ones = 0x0101'0101'0101'0101;

// Every code point has one byte that does not continue another: 10xxxxxx.
bool begins(char byte)
{
    return (static_cast<uint8_t>(byte) & 0xC0) != 0x80;
}

size_t beginningsInWord(const char* at)
{
    uint64_t word = 0;
    std::memcpy(&word, at, wordBytes);
    const uint64_t continuing = (word & ~(word << 1)) >> 7 & ones; // top bit set, the one below it not
    return wordBytes - static_cast<size_t>(continuing * ones >> 56);
}

} // namespace

size_t countCodePoints(std::string_view text)
{
    size_t count = 0, at = 0;
    for (; at + wordBytes <= text.size(); at += wordBytes)
        count += beginningsInWord(text.data() + at);
    for (; at < text.size(); ++at)
        count += begins(text[at]);
    return count;
}

size_t bytesOfCodePoints(std::string_view text, size_t codePoints)
{
    size_t at = 0;
    // A word that holds fewer than are left may be passed whole: what continues its last one comes with the next.
    while (at + wordBytes <= text.size()) {
        const size_t here = beginningsInWord(text.data() + at);
        if (here > codePoints)
            break;
        codePoints -= here;
        at += wordBytes;
    }
    for (; at < text.size(); ++at) {
        if (!begins(text[at]))
            continue;
        if (codePoints == 0)
            break;
        --codePoints;
    }
    return at;
}

} // namespace stoa
