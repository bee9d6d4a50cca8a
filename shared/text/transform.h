#pragma once

// Two changes of one text, made side by side, each for after the other.

#include <vector>

#include "shared/text/text_change.h"

namespace stoa {

// A part of a text, in code points: from `from` up to, not with, `to`.
struct TextRange {
    size_t from = 0;
    size_t to = 0;

    friend bool operator==(const TextRange&, const TextRange&) = default;
};

struct Transformed {
    TextChange first; // to apply after `later`
    TextChange later; // to apply after `first`
    // Of the text with both: where there are two versions now. Between two characters that both kept, at least one was
    // deleted by both, and each inserted something. In order, apart from each other, none empty.
    std::vector<TextRange> contested;
};

// `first` is what the server accepted first, and every party says so of the same one: where both insert at one place,
// its text stands first. What is deleted by one of the two is deleted, what is inserted is inserted; nobody's insert is
// lost because somebody deleted around it.
//   applyTo(applyTo(text, first), by.later) == applyTo(applyTo(text, later), by.first)
// with by = transform(first, later).
//
// What was accepted may be composed: with transform(a, c).later as c/a, c/compose(a1, a2) is (c/a1)/a2, byte for byte.
// Of a composed `later` this does not hold, and cannot: once something is deleted nobody knows any more on which side
// of it the other wrote. So who has one change in flight and one growing transforms over the one, then over the other.
Transformed transform(const TextChange& first, const TextChange& later);

// Where such ranges (in order, apart from each other) are after a later change. What is inserted at an end stays
// outside; a range of which no character is left goes.
std::vector<TextRange> moveRanges(const std::vector<TextRange>& ranges, const TextChange& change);

} // namespace stoa
