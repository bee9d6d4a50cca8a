#pragma once

// HTML of other programs into Markdown that reads the same here. Any thread. Everything that is not in the
// list of known elements becomes its text; scripts and styles go. Elements nest at most 200 deep, deeper
// ones become their text (so neither the HTML parser, gumbo, nor this one can run out of stack).

#include <string>
#include <string_view>

namespace stoa {

std::string htmlToMarkdown(std::string_view html);

// Text that reads as itself where Markdown is expected in a line.
std::string escapeMarkdown(std::string_view text);

} // namespace stoa
