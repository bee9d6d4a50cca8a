#pragma once

// Which line of a page's Markdown stands where on the screen, and the other way round: by its letters, so that marks of
// headings, lists, tables and emphasis do not matter. Pure; any thread.

#include <optional>
#include <vector>

#include <QString>

#include "shared/markup/document.h"

namespace stoa {

// The line of `markdown` that a shown one (a paragraph, a line of code, a row of a table) begins with; the first is 1,
// 0: none.
int lineShownAs(const QString& markdown, const QString& shown);
// That line.
QString lineAt(const QString& markdown, int line);
// Among which of the blocks a line is shown; rather as it is than as it was.
std::optional<size_t> blockWith(const std::vector<Block>& blocks, const QString& line);

} // namespace stoa
