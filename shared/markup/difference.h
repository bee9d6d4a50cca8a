#pragma once

// What became of a document, as it is shown: its blocks with those that are gone among them, and within a block that
// was changed the words that were added and those that were removed. Pure; any thread.

#include <cstddef>
#include <string_view>
#include <vector>

#include "shared/markup/document.h"

namespace stoa {

struct DocumentDifference {
    std::vector<Block> blocks; // of the later document and, where they stood, those of the earlier one that are gone
    bool isTooMuch = false;    // more than can be compared: there are no blocks then
};

// What was moved is removed at one place and added at the other. That a list counts on differently is no difference.
// Two blocks are one that was changed where they are of one kind and have enough words in common. The work is bounded
// (difference.cpp); past that, what differs is taken to be replaced as a whole.
DocumentDifference differenceOf(const Document& before, const Document& after);

// Whether anything of it is added or removed.
bool isMarked(const Spans& spans);
bool isMarked(const Block& block);

// A row of blocks that are as they were.
struct Fold {
    size_t from = 0;
    size_t count = 0;

    friend bool operator==(const Fold&, const Fold&) = default;
};
// What may be left out: beside a block that differs `around` others stay, and what is shorter than `least` stays too.
// At most `most`, the longest ones. In order.
std::vector<Fold> foldsOf(const std::vector<Block>& blocks, size_t around = 1, size_t least = 2, size_t most = 24);

// Everything that has this mark, in order, as plain text with a line for each block.
std::string markedText(const std::vector<Block>& blocks, Mark mark, size_t bytesMax);

} // namespace stoa
