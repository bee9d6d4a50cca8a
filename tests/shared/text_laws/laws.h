#pragma once

// What must hold of changes to text, whatever they are. A number makes a case: a short text, changes of it side by side
// and in a row, full of places where they meet. Each character is there once, so that order is seen.

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/text/text_change.h"

namespace stoa::test {

// The law that the case breaks; empty where it breaks none.
std::string_view brokenLaw(uint64_t seed);

// The case in words, to look at one that fails.
std::string told(uint64_t seed);

} // namespace stoa::test
