#pragma once

// What changed between two texts, as a change: for a body that came back from another editor, and for what goes over
// the difference of an old and a new body.

#include <string_view>

#include "shared/text/text_change.h"

namespace stoa {

// applyTo(before, diff(before, after)) is `after`. By lines, then by words within the lines that differ, then what
// words begin and end with alike: what people see as changed, not the fewest characters. E. W. Myers, "An O(ND)
// Difference Algorithm and Its Variations", Algorithmica 1 (1986), in its form that takes linear space.
//
// The work is bounded (diff.cpp), some tens of milliseconds: past that, what differs is taken to be replaced as a
// whole.
TextChange diff(std::string_view before, std::string_view after);

// The same where only equal words are kept, and no part of a word: for what somebody made of a text in a way that
// nobody saw, and for what somebody's change is moved over. What they delete of a word is then deleted of that word,
// and never of another one that is written alike. And of a sentence that was written anew no word is kept that both
// have by chance, fewer ones in a row than were changed on either side of it: whoever deletes the old sentence does not
// delete that one of the new. A word is letters and digits in a row; a character of a script that has no spaces is one
// by itself.
TextChange diffByWords(std::string_view before, std::string_view after);

} // namespace stoa
