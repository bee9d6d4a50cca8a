#pragma once

// Checks on text that comes from a peer, a file or a person.

#include <string>
#include <string_view>

namespace stoa {

// UTF-8 as in RFC 3629 (no overlong forms, no surrogates) and without NUL.
bool isCleanUtf8(std::string_view text);

// What is not clean becomes U+FFFD; NUL goes. For files, never for a peer's text.
std::string toCleanUtf8(std::string_view text);

// The longest prefix of at most `bytesMax` bytes that ends at a character's border.
std::string_view clipUtf8(std::string_view text, size_t bytesMax);

std::string_view trim(std::string_view text);

} // namespace stoa
