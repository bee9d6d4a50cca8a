#pragma once

// Recorded editing (github.com/josephg/editing-traces), as it lies beside the checkout.

#include <filesystem>
#include <string>
#include <vector>

namespace stoa::bench {

struct Patch {
    size_t at = 0; // code points
    size_t deleted = 0;
    std::string inserted;
};

// One person's, one after another.
struct Trace {
    std::string end;
    std::vector<Patch> patches;
};

// Two people's at once, in an order in which each could have come to the server.
struct SharedTrace {
    struct Edit {
        size_t author = 0; // 0 or 1
        size_t known = 0;  // how many of the other's edits its author had seen
        std::vector<Patch> patches;
    };

    std::string end;
    std::vector<Edit> edits;
};

// Throw std::runtime_error where the file cannot be read or is of another kind.
Trace readTrace(const std::filesystem::path& gzippedJson);
SharedTrace readSharedTrace(const std::filesystem::path& gzippedJson);

} // namespace stoa::bench
