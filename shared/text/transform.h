#pragma once

// Two changes of one text, made side by side, each for after the other.

#include <span>
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
    // deleted by both, and each inserted something. Two ranges that adjoin, one for each version, where one version
    // lies behind the other; one for all of it where they lie in each other. In order, none empty.
    std::vector<TextRange> contested;
    // Of what the later one inserts, counted from its first insert on: what stood behind something that is deleted by
    // now. In order, none empty; to be handed in where it is transformed over what was accepted next.
    std::vector<TextRange> behindDeleted;
};

// `first` is what the server accepted first, and every party says so of the same one: where both insert at one place,
// the later's text stands first, but for what is behind something that was deleted (docs/decisions/0007). What one of
// the two deletes is deleted, what is inserted is inserted, also where somebody deleted around it. With
// by = transform(first, later):
//   applyTo(applyTo(text, first), by.later) == applyTo(applyTo(text, later), by.first)
//
// What was accepted may be composed: c over compose(a1, a2) is c over a1 and, with what it is behind, over a2, byte for
// byte.
// Of a composed `later` the like does not hold, and cannot: once the first of two has deleted something, nobody can
// tell any more on which side of it somebody else wrote. So whoever has one change in flight and one growing transforms
// over the one, then over the other.
Transformed transform(const TextChange& first, const TextChange& later, std::span<const TextRange> behindDeleted = {});

// How many of such ranges (in order, apart from each other) are one passage from the i-th on: two that adjoin, one for
// each version, or one.
size_t rangesOfPassage(const std::vector<TextRange>& ranges, size_t i);

// Where such ranges are after a later change. What is written on at the end of one
// belongs to it: up to the end of that line, or all of it where another one adjoins. Of two that adjoin, one for each
// version, one that is replaced is what stands in its place; where a version is deleted the passage is settled, and
// both go. So does one range of which no character is left. Whatever comes to adjoin a range that was one passage is
// one with it: they are no two versions.
std::vector<TextRange> moveRanges(const std::vector<TextRange>& ranges, const TextChange& change);

} // namespace stoa
