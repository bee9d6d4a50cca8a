#pragma once

// Somebody else who has a body open at this moment, and where in it they are. Plain values that cross from the worker
// to the interface; kept nowhere.

#include <cstdint>
#include <vector>

#include "shared/base/ids.h"

namespace stoa {

struct TextReader {
    Id person;
    uint32_t session = 0; // tells a person's devices apart
    // The selection, in code points of the text as it shows on this device: where it began, and where the cursor is.
    uint64_t from = 0;
    uint64_t to = 0;
    bool placed = false; // where they are is known
    bool writing = false;

    friend bool operator==(const TextReader&, const TextReader&) = default;
};

// All others who have it open.
struct TextPresence {
    Id post;
    std::vector<TextReader> readers;
};

} // namespace stoa
