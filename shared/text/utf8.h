#pragma once

// Code points of UTF-8 that is known to be well-formed (shared/base/text.h checks it): to count them and to find one.

#include <cstddef>
#include <string_view>

namespace stoa {

size_t countCodePoints(std::string_view text);

// The bytes of the first `codePoints`; all of the text where it has fewer.
size_t bytesOfCodePoints(std::string_view text, size_t codePoints);

} // namespace stoa
