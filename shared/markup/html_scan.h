#pragma once

// Any HTML as HTML that nests well, at most 200 deep, of known elements with the few attributes that count.
// What comes out holds no trap for the HTML parser, whose time and stack grow with what is left open.
// Linear time. Used within this folder only.

#include <string>
#include <string_view>

namespace stoa {

std::string tameHtml(std::string_view html);

} // namespace stoa
