#pragma once

// Where a place of a text, between two of its code points, is in the text before or after a change of it: for cursors.
// Any thread; linear in the size of the change.

#include "shared/text/text_change.h"

namespace stoa {

// In the text after the change. What is inserted at the very place comes behind it; where `behind`, it comes behind
// that: the cursor of whoever wrote it.
size_t placeAfter(size_t place, const TextChange& change, bool behind = false);

// In the text before the change. Within what was inserted: where that was put.
size_t placeBefore(size_t place, const TextChange& change);

} // namespace stoa
