#pragma once

// What a text says without its marks: for search, excerpts and scripts. Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "shared/markup/document.h"

namespace stoa {

// One line a block, a table's cells apart by tabs.
std::string plainText(const Document& document);
std::string plainText(std::string_view markdown);
std::string plainText(const Spans& spans);

// The targets of all links and images, in order of appearance.
std::vector<std::string> links(const Document& document);
std::vector<std::string> links(std::string_view markdown);

} // namespace stoa
