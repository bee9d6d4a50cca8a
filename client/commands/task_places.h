#pragma once

// Where in a text the box of a task stands, so that it can be ticked where it is read. Pure.

#include <optional>
#include <string_view>

#include "shared/text/text_change.h"

namespace stoa {

// The change of what stands in the box of this block of the parsed text that ticks it, or takes the tick away. Nothing
// where the block has none. Costs what parsing the text does, and a few times that where code in it looks like a box.
std::optional<TextChange> tickBox(std::string_view markdown, size_t block);

} // namespace stoa
