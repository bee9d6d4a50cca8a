#pragma once

// What the keys and buttons of the editor do to Markdown, as functions on values: lines in, lines out. Each costs as
// much as the lines that it is given. Positions are UTF-16. Any thread.

#include <optional>

#include <QString>
#include <QStringView>

namespace stoa {

// Some whole lines, and what of them is selected.
struct Passage {
    QString text;
    qsizetype anchor = 0;
    qsizetype cursor = 0;

    qsizetype from() const { return std::min(anchor, cursor); }
    qsizetype to() const { return std::max(anchor, cursor); }
    bool hasSelection() const { return anchor != cursor; }
    friend bool operator==(const Passage&, const Passage&) = default;
};

// Sets the look of the selection, or of the word at the cursor, or takes it away. With the cursor at the end of what
// has it, it ends there: the cursor goes behind. Code over several lines becomes a block of code.
enum class Look { Strong, Emphasis, Code, Strike };
Passage toggleLook(const Passage& in, Look look);
// Of the selection a link, with the cursor where something is missing.
Passage makeLink(const Passage& in);
// No heading, one of the second level, one of the third, and again.
Passage nextHeading(const Passage& in);
// All the lines become items or quotes, or, where they are all such, plain lines.
enum class LineKind { Bullet, Number, Task, Quote };
Passage toggleLines(const Passage& in, LineKind kind);

// Enter, on one line: an item or a quote goes on in the next line; an empty one ends. Nothing where it is an ordinary
// line.
std::optional<Passage> breakLine(const Passage& line);
// Items move below the one before, or out again. Nothing where there is no item among the lines.
std::optional<Passage> indentItems(const Passage& in, bool out);

// A line that may be a row of a table.
bool isTableLine(QStringView line);
// An empty table behind these lines, or in their place where they are blank, with the first column's name selected.
// Where text stands right above or below them it is kept apart by an empty line: it would go on in the table.
Passage insertTable(const Passage& in, bool underText = false, bool overText = false);
// What is selected lies in one cell of the table, or the cursor does.
bool isInCell(const Passage& table);
// The table with its columns aligned; the cursor stays in its cell. Nothing where the lines are no table, or a very
// large one.
std::optional<Passage> alignTable(const Passage& table);
// The same, with the next or the previous cell selected; behind the last one a row is added. Nothing also where there
// is no cell before.
std::optional<Passage> goToCell(const Passage& table, bool back);
// The same with the cell below; below the last row one is added. An empty last row goes, and the cursor with it out of
// the table. Nothing also with the cursor before the table.
std::optional<Passage> goToCellBelow(const Passage& table);

// How many words a text has: what is between spaces and has a letter or a number.
int countWords(QStringView text);

} // namespace stoa
