#pragma once

// Spans back into Markdown that parses to the same spans. Used within this folder only.

#include <string>
#include <string_view>

#include "shared/markup/document.h"

namespace stoa {

enum class InlinePlace { Paragraph, Heading, Cell };

// The Markdown of one paragraph, heading or cell; line breaks ("\n" in the text) come out as hard breaks. What
// comes out was parsed again to be sure: where Markdown cannot say a look, the look goes and the text stays.
std::string writeInline(const Spans& spans, InlinePlace place);

// Text as it stands in a line, with the marks escaped that Markdown would read between `before` and `after`.
// `brackets`: all of these too, as within the text of a link.
std::string escapeInline(std::string_view text, char before, char after, bool brackets);

} // namespace stoa
