#pragma once

// Character references ("&amp;", "&#8212;") as characters. Used within this folder only.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace stoa {

void appendUtf8(std::string& out, uint32_t character);

// Remembers what it looked up; one for each text that is parsed, so that a hostile one costs little.
class EntityDecoder {
public:
    // `entity` from "&" to ";"; itself where there is no such entity.
    std::string decode(std::string_view entity);

private:
    std::unordered_map<std::string, std::string> known_;
};

// With every "&name;" in it decoded.
std::string decodeEntities(std::string_view text);

} // namespace stoa
