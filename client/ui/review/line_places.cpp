#include "client/ui/review/line_places.h"

#include <QRegularExpression>

#include "shared/markup/plain.h"

namespace stoa {

namespace {

constexpr qsizetype partMin = 8; // letters, for a line to be found within another one

QString lettersIn(QStringView text)
{
    QString letters;
    for (const QChar each : text)
        if (each.isLetterOrNumber() || each.isSurrogate())
            letters += each;
    return letters;
}

// Of a line of Markdown, without what makes it an item of a list and without where its links lead.
QString lettersOfLine(const QString& line)
{
    static const QRegularExpression marks(
        QStringLiteral("^[\\s>]*(?:(?:[-*+]|\\d{1,9}[.)])\\s+)?(?:\\[[ xX]\\]\\s+)?"));
    const QString text = line.mid(marks.match(line).capturedLength());
    const bool isRich =
        text.contains(QLatin1Char(']')) || text.contains(QLatin1Char('&')) || text.contains(QLatin1Char('<'));
    return lettersIn(isRich ? QString::fromStdString(plainText(text.toStdString())) : text);
}

// Whether its letters may begin like that: most lines need not be looked at closer.
bool mayBegin(const QString& line, QChar letter)
{
    for (const QChar each : line) {
        if (each == QLatin1Char('[') || each == QLatin1Char('&') || each == QLatin1Char('<'))
            return true;
        if (each.isLetterOrNumber() || each.isSurrogate())
            return each == letter || each.isNumber(); // that of a list
    }
    return false;
}

// The lines of a block as they are shown.
QStringList shownLines(const Block& block)
{
    const auto text = [](const Spans& spans) { return QString::fromStdString(plainText(spans)); };
    const auto kept = [&](Spans spans) {
        if (block.mark == Mark::Kept)
            std::erase_if(spans, [](const Span& span) { return span.mark == Mark::Removed; });
        return text(spans);
    };
    QStringList lines;
    if (block.kind == BlockKind::Table) {
        for (const auto& row : block.table.rows) {
            QString line, was;
            for (const Spans& cell : row) {
                line += kept(cell) + QLatin1Char(' ');
                was += text(cell) + QLatin1Char(' ');
            }
            lines << (line.trimmed().isEmpty() ? was : line);
        }
        return lines;
    }
    const QString all =
        block.kind == BlockKind::Code && block.spans.empty() ? QString::fromStdString(block.code) : kept(block.spans);
    return block.kind == BlockKind::Code ? all.split(QLatin1Char('\n')) : QStringList{all};
}

} // namespace

int lineShownAs(const QString& markdown, const QString& shown)
{
    const QString wanted = lettersIn(shown);
    if (wanted.isEmpty())
        return 0;
    int best = 0;
    qsizetype bestLetters = 0;
    int number = 0;
    for (const QString& line : markdown.split(QLatin1Char('\n'))) {
        ++number;
        if (!mayBegin(line, wanted[0]))
            continue;
        const QString letters = lettersOfLine(line);
        if (letters.size() > bestLetters && wanted.startsWith(letters)) {
            best = number;
            bestLetters = letters.size();
        }
    }
    return best;
}

QString lineAt(const QString& markdown, int line)
{
    return line < 1 ? QString() : markdown.section(QLatin1Char('\n'), line - 1, line - 1);
}

ShownLines::ShownLines(const std::vector<Block>& blocks)
{
    for (size_t i = 0; i < blocks.size(); ++i)
        for (const QString& shown : shownLines(blocks[i])) {
            Line line{lettersIn(shown), i, blocks[i].mark == Mark::Removed};
            if (line.letters.isEmpty())
                continue;
            const auto known = whole_.constFind(line.letters);
            if (known == whole_.cend() || (lines_[*known].isRemoved && !line.isRemoved))
                whole_.insert(line.letters, lines_.size());
            lines_.push_back(std::move(line));
        }
}

std::optional<size_t> ShownLines::blockWith(const QString& line) const
{
    const QString wanted = lettersOfLine(line);
    if (wanted.isEmpty())
        return std::nullopt;
    if (const auto whole = whole_.constFind(wanted); whole != whole_.cend())
        return lines_[*whole].block;
    std::optional<size_t> found;
    int best = 0;
    for (const Line& each : lines_) {
        // How well it fits: 0 not at all.
        const int fit = each.letters.startsWith(wanted)                           ? 2
                      : wanted.size() >= partMin && each.letters.contains(wanted) ? 1
                                                                                  : 0;
        const int rank = fit == 0 ? 0 : 2 * fit + (each.isRemoved ? 0 : 1);
        if (rank > best) {
            best = rank;
            found = each.block;
        }
    }
    return found;
}

} // namespace stoa
