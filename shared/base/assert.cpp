#include "shared/base/assert.h"

#include <cstdlib>
#include <cstring>

namespace stoa {

namespace {

struct Told {
    ToldOnFailure::Tell tell = nullptr;
    const void* of = nullptr;
};

thread_local Told innermost;

char assertionFile[4096];

void write(const char* condition, const char* file, int line, const Told& told, std::FILE* to)
{
    std::fprintf(to, "%s:%d: this must hold and does not: %s\n", file, line, condition);
    if (told.tell)
        told.tell(told.of, to);
    std::fflush(to);
}

} // namespace

ToldOnFailure::ToldOnFailure(Tell tell, const void* of) : outerTell_(innermost.tell), outerOf_(innermost.of)
{
    innermost = {tell, of};
}

ToldOnFailure::~ToldOnFailure()
{
    innermost = {outerTell_, outerOf_};
}

void setAssertionFile(const char* path)
{
    const size_t size = std::strlen(path) + 1;
    if (size > sizeof assertionFile)
        assertionFile[0] = '\0';
    else
        std::memcpy(assertionFile, path, size);
}

void assertionFailed(const char* condition, const char* file, int line)
{
    // Once only, should telling fail too.
    const Told told = innermost;
    innermost = {};
    write(condition, file, line, told, stderr);
    // A small buffer of its own is all that opening a file allocates, and the heap is not what has failed.
    if (std::FILE* kept = assertionFile[0] != '\0' ? std::fopen(assertionFile, "w") : nullptr) {
        write(condition, file, line, told, kept);
        std::fclose(kept);
    }
    std::abort();
}

} // namespace stoa
