// Tables of Markdown, edited as tables.

#include <algorithm>

#include <QRegularExpression>
#include <QStringList>

#include "client/ui/editor/markdown_edits.h"

namespace stoa {

namespace {

constexpr qsizetype rowsMax = 400;
constexpr qsizetype columnsMax = 40;
constexpr qsizetype paddedMax = 60; // a longer cell does not widen its column

struct CellPlace {
    qsizetype row = 0;
    qsizetype column = 0;
    qsizetype within = 0; // the cell's text
};

struct Grid {
    QString indent;
    QList<QStringList> rows; // the second one is the line of dashes
    CellPlace at;
};

QStringList cellsOf(const QString& line, QList<qsizetype>& begins)
{
    qsizetype at = 0;
    while (at < line.size() && line.at(at).isSpace())
        ++at;
    if (at < line.size() && line.at(at) == QLatin1Char('|'))
        ++at;
    QStringList cells;
    qsizetype begin = at;
    for (; at <= line.size(); ++at) {
        if (at < line.size() && line.at(at) == QLatin1Char('\\')) {
            ++at;
            continue;
        }
        if (at < line.size() && line.at(at) != QLatin1Char('|'))
            continue;
        if (at >= line.size() && QStringView(line).mid(begin).trimmed().isEmpty() && !cells.isEmpty())
            break;
        const QString raw = line.mid(begin, at - begin);
        qsizetype lead = 0;
        while (lead < raw.size() && raw.at(lead).isSpace())
            ++lead;
        begins << begin + (lead == raw.size() ? std::min<qsizetype>(1, lead) : lead);
        cells << raw.trimmed();
        begin = at + 1;
    }
    return cells;
}

bool isRule(const QStringList& cells)
{
    static const QRegularExpression pattern(QStringLiteral("^:?-+:?$"));
    return !cells.isEmpty() &&
           std::all_of(cells.begin(), cells.end(), [](const QString& cell) { return pattern.match(cell).hasMatch(); });
}

std::optional<Grid> gridOf(const Passage& table)
{
    const QStringList lines = table.text.split(QLatin1Char('\n'));
    if (lines.size() < 2 || lines.size() > rowsMax)
        return std::nullopt;
    Grid grid;
    const QString& first = lines.first();
    while (grid.indent.size() < first.size() && first.at(grid.indent.size()).isSpace())
        grid.indent += first.at(grid.indent.size());
    qsizetype at = 0;
    for (qsizetype i = 0; i < lines.size(); ++i) {
        QList<qsizetype> begins;
        const QStringList cells = cellsOf(lines[i], begins);
        if (!isTableLine(lines[i]) || cells.isEmpty() || cells.size() > columnsMax)
            return std::nullopt;
        const qsizetype within = table.cursor - at;
        if (within >= 0 && within <= lines[i].size()) {
            qsizetype column = 0;
            while (column + 1 < cells.size() && begins[column + 1] <= within)
                ++column;
            grid.at = {i, column, std::clamp<qsizetype>(within - begins[column], 0, cells[column].size())};
        }
        grid.rows << cells;
        at += lines[i].size() + 1;
    }
    if (!isRule(grid.rows[1]))
        return std::nullopt;
    const qsizetype columns = std::max(grid.rows[0].size(), grid.rows[1].size());
    for (qsizetype i = 0; i < grid.rows.size(); ++i)
        while (grid.rows[i].size() < columns)
            grid.rows[i] << (i == 1 ? QStringLiteral("---") : QString());
    return grid;
}

qsizetype widthOf(const QString& cell)
{
    return cell.size() -
           std::count_if(cell.begin(), cell.end(), [](QChar c) { return c.isLowSurrogate() || c.isMark(); });
}

QString dashes(const QString& cell, qsizetype width)
{
    const bool left = cell.startsWith(QLatin1Char(':')), right = cell.size() > 1 && cell.endsWith(QLatin1Char(':'));
    return (left ? QStringLiteral(":") : QString()) +
           QString(std::max<qsizetype>(1, width - left - right), QLatin1Char('-')) +
           (right ? QStringLiteral(":") : QString());
}

// With the cell at `grid.at` selected, or the cursor in it.
Passage written(const Grid& grid, bool selected)
{
    QList<qsizetype> widths;
    for (qsizetype i = 0; i < grid.rows.size(); ++i)
        for (qsizetype c = 0; c < grid.rows[i].size(); ++c) {
            if (widths.size() <= c)
                widths << 3;
            if (const qsizetype width = widthOf(grid.rows[i][c]); i != 1 && width <= paddedMax)
                widths[c] = std::max(widths[c], width);
        }
    Passage out;
    for (qsizetype i = 0; i < grid.rows.size(); ++i) {
        if (i > 0)
            out.text += QLatin1Char('\n');
        out.text += grid.indent + QLatin1Char('|');
        for (qsizetype c = 0; c < grid.rows[i].size(); ++c) {
            const QString cell = i == 1 ? dashes(grid.rows[1][c], widths[c]) : grid.rows[i][c];
            const QString& rule = grid.rows[1].value(c);
            const qsizetype spare = std::max<qsizetype>(0, widths[c] - widthOf(cell));
            const qsizetype before = !rule.endsWith(QLatin1Char(':'))  ? 0
                                   : rule.startsWith(QLatin1Char(':')) ? spare / 2
                                                                       : spare;
            out.text += QString(1 + before, QLatin1Char(' '));
            if (i == grid.at.row && c == grid.at.column) {
                out.anchor = out.text.size() + (selected ? 0 : std::min(grid.at.within, cell.size()));
                out.cursor = selected ? out.text.size() + cell.size() : out.anchor;
            }
            out.text += cell + QString(1 + spare - before, QLatin1Char(' ')) + QLatin1Char('|');
        }
    }
    return out;
}

} // namespace

bool isTableLine(QStringView line)
{
    return line.contains(QLatin1Char('|'));
}

bool isInCell(const Passage& table)
{
    const QStringView text(table.text);
    const qsizetype from = table.from(), to = table.to();
    if (text.mid(from, to - from).contains(QLatin1Char('\n')) || !gridOf(table))
        return false;
    const qsizetype begin = from == 0 ? 0 : text.lastIndexOf(QLatin1Char('\n'), from - 1) + 1;
    qsizetype end = text.indexOf(QLatin1Char('\n'), to);
    if (end < 0)
        end = text.size();
    const bool isClosed = text.mid(begin, end - begin).trimmed().endsWith(QLatin1Char('|'));
    return !text.mid(begin, from - begin).trimmed().isEmpty() &&
           (!isClosed || !text.mid(to, end - to).trimmed().isEmpty());
}

Passage insertTable(const Passage& in, bool underText, bool overText)
{
    const bool isBlank = in.text.trimmed().isEmpty();
    const QString lead = isBlank ? QString(underText ? 1 : 0, QLatin1Char('\n')) : in.text + QStringLiteral("\n\n");
    const QString name = QStringLiteral("Column");
    Passage out;
    out.text = lead + QStringLiteral("| %1 | %1 |\n| ------ | ------ |\n|        |        |").arg(name) +
               QString(overText ? 1 : 0, QLatin1Char('\n'));
    out.anchor = lead.size() + 2;
    out.cursor = out.anchor + name.size();
    return out;
}

std::optional<Passage> alignTable(const Passage& table)
{
    const auto grid = gridOf(table);
    return grid ? std::optional(written(*grid, false)) : std::nullopt;
}

std::optional<Passage> goToCell(const Passage& table, bool back)
{
    auto grid = gridOf(table);
    if (!grid)
        return std::nullopt;
    CellPlace& at = grid->at;
    if (back) {
        if (at.column > 0)
            --at.column;
        else if (at.row == 0)
            return std::nullopt;
        else {
            at.row -= at.row == 2 ? 2 : 1;
            at.column = grid->rows[at.row].size() - 1;
        }
        return written(*grid, true);
    }
    if (at.column + 1 < grid->rows[at.row].size()) {
        ++at.column;
    } else {
        at = {at.row == 0 ? 2 : at.row + 1, 0, 0};
        if (at.row >= grid->rows.size()) {
            QStringList empty;
            empty.resize(grid->rows[0].size());
            grid->rows << empty;
        }
    }
    return written(*grid, true);
}

std::optional<Passage> goToCellBelow(const Passage& table)
{
    auto grid = table.from() == 0 && !table.hasSelection() ? std::nullopt : gridOf(table);
    if (!grid)
        return std::nullopt;
    CellPlace& at = grid->at;
    const QStringList& here = grid->rows[at.row];
    if (at.row >= 2 && at.row + 1 == grid->rows.size() && here.join(QString()).isEmpty()) {
        grid->rows.removeLast();
        Passage out = written(*grid, false);
        out.text += QStringLiteral("\n\n");
        out.anchor = out.cursor = out.text.size();
        return out;
    }
    const qsizetype column = at.row == 1 ? 0 : std::min(at.column, grid->rows[0].size() - 1);
    at = {at.row == 0 ? 2 : at.row + 1, column, 0};
    if (at.row >= grid->rows.size()) {
        QStringList empty;
        empty.resize(grid->rows[0].size());
        grid->rows << empty;
    }
    return written(*grid, true);
}

} // namespace stoa
