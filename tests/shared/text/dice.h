#pragma once

#include <random>
#include <string>
#include <string_view>

namespace stoa::test {

class Dice {
public:
    explicit Dice(uint32_t seed) : engine_(seed) {}
    size_t upTo(size_t most) { return engine_() % (most + 1); }

    // Of these characters, with repetitions.
    std::string text(size_t codePoints, const std::u32string_view& of)
    {
        std::string out;
        for (; codePoints > 0; --codePoints)
            append(out, of[upTo(of.size() - 1)]);
        return out;
    }

private:
    static void append(std::string& out, char32_t c)
    {
        const auto byte = [](uint32_t bits) { return static_cast<char>(bits); };
        if (c < 0x80)
            out += byte(c);
        else if (c < 0x800)
            (out += byte(0xC0 | c >> 6)) += byte(0x80 | (c & 63));
        else if (c < 0x10000)
            ((out += byte(0xE0 | c >> 12)) += byte(0x80 | (c >> 6 & 63))) += byte(0x80 | (c & 63));
        else
            (((out += byte(0xF0 | c >> 18)) += byte(0x80 | (c >> 12 & 63))) += byte(0x80 | (c >> 6 & 63))) +=
                byte(0x80 | (c & 63));
    }

    std::mt19937 engine_;
};

} // namespace stoa::test
