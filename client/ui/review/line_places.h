#pragma once

// Which line of a page's Markdown stands where on the screen, and the other way round: by its letters, so that marks of
// headings, lists, tables and emphasis do not matter. Pure; any thread.

#include <optional>
#include <vector>

#include <QHash>
#include <QString>

#include "shared/markup/document.h"

namespace stoa {

// The line of `markdown` that a shown one (a paragraph, a line of code, a row of a table) begins with; the first is 1,
// 0: none.
int lineShownAs(const QString& markdown, const QString& shown);
// That line.
QString lineAt(const QString& markdown, int line);

// The lines that blocks show, by their letters. Making it takes a moment for long texts.
class ShownLines {
public:
    explicit ShownLines(const std::vector<Block>& blocks);

    // Among which of the blocks a line is shown; rather as it is than as it was. One that is there as a whole is found
    // at once, for others all are looked through.
    std::optional<size_t> blockWith(const QString& line) const;

private:
    struct Line {
        QString letters;
        size_t block;
        bool isRemoved;
    };
    std::vector<Line> lines_;
    QHash<QString, size_t> whole_; // the one to be taken for those letters
};

} // namespace stoa
