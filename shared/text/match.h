#pragma once

// What two rows of numbers have in common, in order. For differences of texts (diff.h) and of what is shown of them
// (shared/markup/difference.h).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace stoa {

struct Match {
    size_t before = 0;
    size_t after = 0;
    size_t count = 0;
};

// Tells the stretches of a longest common subsequence, in order and apart from each other. `work` is how many
// comparisons may be made, and is what is left of them afterwards: where it runs out, nothing more is told of that
// part. Takes linear space.
void matchRows(std::span<const uint32_t> before, std::span<const uint32_t> after, size_t& work,
               const std::function<void(Match)>& tell);

} // namespace stoa
