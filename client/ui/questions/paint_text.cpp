#include "client/ui/questions/paint_text.h"

#include <QFontMetrics>
#include <QPainter>
#include <QTextLayout>

namespace stoa {

namespace {

// What nobody sees need not be laid out.
constexpr int lettersMax = 600;

// Line breaks and other controls would break the line that they stand in; the length stays, for the marks.
QString oneLine(const QString& text)
{
    QString line = text.left(lettersMax);
    for (QChar& c : line)
        if (c.category() == QChar::Other_Control || c == QChar::LineSeparator || c == QChar::ParagraphSeparator)
            c = u' ';
    return line;
}

QTextOption wrapping()
{
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(Qt::LayoutDirectionAuto);
    return option;
}

// Lays out at most `linesMax` lines; says where the last of them begins, or -1 where everything fits.
int layOut(QTextLayout& layout, int width, int linesMax, int& lines)
{
    qreal height = 0;
    int overflowsFrom = -1;
    lines = 0;
    layout.beginLayout();
    while (true) {
        QTextLine line = layout.createLine();
        if (!line.isValid())
            break;
        if (lines == linesMax) {
            overflowsFrom = layout.lineAt(lines - 1).textStart();
            break;
        }
        line.setLineWidth(width);
        line.setPosition({0, height});
        height += line.height();
        ++lines;
    }
    layout.endLayout();
    return overflowsFrom;
}

} // namespace

int paintText(QPainter* painter, const QRect& rect, const QString& text, const TextPaint& paint)
{
    if (text.isEmpty() || rect.width() <= 0)
        return 0;
    QString line = oneLine(text);
    QTextLayout layout(line, paint.font);
    layout.setTextOption(wrapping());
    int lines = 0;
    const int last = layOut(layout, rect.width(), paint.linesMax, lines);
    if (last >= 0) {
        const QFontMetrics metrics(paint.font);
        line = line.first(last) + metrics.elidedText(line.sliced(last), Qt::ElideRight, rect.width());
        layout.setText(line);
    }
    QList<QTextLayout::FormatRange> formats;
    for (const auto& [start, length] : paint.marks) {
        if (start < 0 || length <= 0 || start >= line.size())
            continue;
        QTextLayout::FormatRange range;
        range.start = start;
        range.length = qMin(length, static_cast<int>(line.size()) - start);
        if (paint.markColour.isValid())
            range.format.setForeground(paint.markColour);
        if (paint.markGround.isValid())
            range.format.setBackground(paint.markGround);
        formats.append(range);
    }
    layout.setFormats(formats);
    layOut(layout, rect.width(), paint.linesMax, lines);
    painter->save();
    painter->setPen(paint.colour);
    painter->setFont(paint.font);
    for (int i = 0; i < lines; ++i)
        layout.lineAt(i).draw(painter, rect.topLeft());
    painter->restore();
    return lines;
}

int linesOf(const QString& text, const QFont& font, int width, int linesMax)
{
    if (text.isEmpty() || width <= 0)
        return 0;
    QTextLayout layout(oneLine(text), font);
    layout.setTextOption(wrapping());
    int lines = 0;
    layOut(layout, width, linesMax, lines);
    return lines;
}

} // namespace stoa
