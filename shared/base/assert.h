#pragma once

// STOA_ASSERT(condition) stops the program with a message where the code itself is wrong. It stays on
// in release builds and is never for input from a peer, a file or a person.

#include <cstdio>

namespace stoa {

[[noreturn]] void assertionFailed(const char* condition, const char* file, int line);

// While it lives, an assertion that fails on this thread calls `tell`, beside saying which: the innermost one of the
// thread alone. `tell` must neither allocate nor wait. Kept by thread, not handed in: whatever fails is deep below
// whoever knows, and what another thread is at work on cannot be read safely at that moment.
class ToldOnFailure {
public:
    using Tell = void (*)(const void* of, std::FILE* to);

    ToldOnFailure(Tell tell, const void* of);
    ~ToldOnFailure();
    ToldOnFailure(const ToldOnFailure&) = delete;
    ToldOnFailure& operator=(const ToldOnFailure&) = delete;

private:
    Tell outerTell_; // of whoever is at work further out
    const void* outerOf_;
};

// Where a failing assertion is written beside standard error, which nobody reads on a desktop. Once in a process,
// before it has threads; a file that is there already is written over. Empty: nowhere. Longer than 4,095 bytes:
// nowhere.
void setAssertionFile(const char* path);

} // namespace stoa

#define STOA_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::stoa::assertionFailed(#condition, __FILE__, __LINE__))
