#pragma once

// STOA_ASSERT(condition) stops the program with a message where the code itself is wrong. It stays on
// in release builds and is never for input from a peer, a file or a person.

namespace stoa {

[[noreturn]] void assertionFailed(const char* condition, const char* file, int line);

} // namespace stoa

#define STOA_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::stoa::assertionFailed(#condition, __FILE__, __LINE__))
