#include "client/ui/history/difference.h"

#include "shared/text/utf8.h"

namespace stoa {

namespace {

using PieceKind = DifferencePiece::Kind;

// The beginning of the first line that is among the last `lines` ones.
qsizetype lastLines(QStringView text, int lines)
{
    qsizetype at = text.size();
    for (int i = 0; i < lines + 1; ++i) {
        at = at <= 0 ? -1 : text.lastIndexOf(QLatin1Char('\n'), at - 1);
        if (at < 0)
            return 0;
    }
    return at + 1;
}

// Behind the first `lines` line feeds.
qsizetype firstLines(QStringView text, int lines)
{
    qsizetype at = 0;
    for (int i = 0; i < lines; ++i) {
        const qsizetype found = text.indexOf(QLatin1Char('\n'), at);
        if (found < 0)
            return text.size();
        at = found + 1;
    }
    return at;
}

void addKept(QList<DifferencePiece>& pieces, const QString& text, bool first, bool last, int around)
{
    // What is left of the line at which something begins counts as one.
    const qsizetype head = first ? 0 : firstLines(text, around + 1);
    const qsizetype tail = last ? text.size() : lastLines(text, around);
    if (tail <= head)
        return pieces.append({PieceKind::Kept, text, 0});
    const int lines = int(QStringView(text).mid(head, tail - head).count(QLatin1Char('\n')));
    if (lines < 2 && !(first && last))
        return pieces.append({PieceKind::Kept, text, 0});
    if (head > 0)
        pieces.append({PieceKind::Kept, text.left(head), 0});
    pieces.append({PieceKind::LeftOut, {}, lines + (last && !text.endsWith(QLatin1Char('\n')) ? 1 : 0)});
    if (tail < text.size())
        pieces.append({PieceKind::Kept, text.mid(tail), 0});
}

} // namespace

QList<DifferencePiece> piecesOf(std::string_view before, const TextChange& change, int around)
{
    QList<DifferencePiece> pieces;
    std::string_view inserted = change.inserted();
    const auto take = [&](size_t codePoints) {
        const size_t bytes = bytesOfCodePoints(before, codePoints);
        const auto text = QString::fromUtf8(before.data(), qsizetype(bytes));
        before.remove_prefix(bytes);
        return text;
    };
    for (const TextStep& step : change.steps()) {
        switch (step.kind) {
        case TextStep::Kind::Retain:
            addKept(pieces, take(step.count), pieces.isEmpty(), false, around);
            break;
        case TextStep::Kind::Insert:
            pieces.append({PieceKind::Added, QString::fromUtf8(inserted.data(), qsizetype(step.bytes)), 0});
            inserted.remove_prefix(step.bytes);
            break;
        case TextStep::Kind::Delete:
            pieces.append({PieceKind::Removed, take(step.count), 0});
            break;
        }
    }
    if (!before.empty())
        addKept(pieces, take(countCodePoints(before)), pieces.isEmpty(), true, around);
    return pieces;
}

} // namespace stoa
