#pragma once

// Changes in a row as one change.

#include <span>

#include "shared/text/text_change.h"

namespace stoa {

// First `first`, then `second`: applyTo(text, compose(first, second)) is applyTo(applyTo(text, first), second). In
// which order a row of changes is composed makes no difference.
//
// What the second inserts where the first deleted goes before what was deleted, right behind the character that it was
// put behind. So, and only so, it is the same whether a change is transformed over what the server accepted one by one
// or over its composition (transform.h): of what lies at one place, what was accepted first stands first.
TextChange compose(const TextChange& first, const TextChange& second);

// A row of any length, in the order in which they were made. Takes n log n of its size, not its square.
TextChange compose(std::span<const TextChange> row);

} // namespace stoa
