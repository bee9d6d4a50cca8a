// What is seen in the editor beside its letters: grounds, what was found, what is contested, and what others paint.

#include <QPainter>
#include <QTextBlock>
#include <QTextLayout>

#include "client/ui/editor/markdown_editor.h"

namespace stoa {

std::vector<MarkdownEditor::Seen> MarkdownEditor::seen() const
{
    std::vector<Seen> lines;
    const QPointF offset = contentOffset();
    qreal top = offset.y();
    for (QTextBlock block = firstVisibleBlock(); block.isValid() && top <= viewport()->height(); block = block.next()) {
        const QRectF rect = blockBoundingRect(block); // lays it out
        lines.push_back({block, QRectF(offset.x(), top, rect.width(), rect.height())});
        top += rect.height();
    }
    return lines;
}

QList<QRect> MarkdownEditor::rectsOf(int from, int to) const
{
    QList<QRect> rects;
    for (const Seen& each : seen())
        rects += rectsOf(each, from, to);
    return rects;
}

QList<QRect> MarkdownEditor::rectsOf(const Seen& of, int from, int to)
{
    QList<QRect> rects;
    const int begin = of.block.position();
    if (begin >= to || begin + of.block.length() <= from)
        return rects;
    const QTextLayout& layout = *of.block.layout();
    for (int i = 0; i < layout.lineCount(); ++i) {
        const QTextLine line = layout.lineAt(i);
        const int first = std::max(from - begin, line.textStart());
        const int last = std::min(to - begin, line.textStart() + line.textLength());
        if (first > last || (first == last && of.block.length() > 1)) // an empty line shows that it is one of them
            continue;
        const qreal left = line.cursorToX(first), right = line.cursorToX(last);
        const QRectF rect(std::min(left, right), line.y(), std::max<qreal>(std::abs(right - left), grid(1)),
                          line.height());
        rects.append(rect.translated(of.rect.topLeft()).toAlignedRect());
    }
    return rects;
}

void MarkdownEditor::paintEvent(QPaintEvent* event)
{
    qreal top = contentOffset().y();
    for (QTextBlock block = firstVisibleBlock(); block.isValid() && top <= viewport()->height(); block = block.next()) {
        style_.style(block);
        top += blockBoundingRect(block).height();
    }
    const auto paint = [this](QPainter& painter, Layer layer) {
        for (const auto& [each, paints] : painters_)
            if (each == layer)
                paints(painter);
    };
    {
        QPainter painter(viewport());
        for (const Seen& each : seen()) // the ground of code, from edge to edge
            if (MarkdownStyle::isCode(each.block))
                painter.fillRect(QRectF(0, each.rect.top(), viewport()->width(), each.rect.height()), tokens().code);
        paint(painter, Layer::Below);
    }
    QPlainTextEdit::paintEvent(event);
    QPainter painter(viewport());
    paint(painter, Layer::Above);
}

void MarkdownEditor::setContested(const std::vector<TextRange>& ranges)
{
    contested_.clear();
    if (!ranges.empty())
        fill();
    for (const TextRange& range : ranges) {
        QTextCursor cursor(document());
        cursor.setPosition(int(toUtf16(range.from)));
        cursor.setPosition(int(toUtf16(range.to)), QTextCursor::KeepAnchor);
        contested_.append(cursor);
    }
    markPassages();
}

std::vector<TextRange> MarkdownEditor::contested() const
{
    std::vector<TextRange> ranges;
    for (const QTextCursor& cursor : contested_)
        if (cursor.hasSelection())
            ranges.push_back({toCodePoints(cursor.selectionStart()), toCodePoints(cursor.selectionEnd())});
    return ranges;
}

void MarkdownEditor::setFound(const QList<QTextCursor>& found, int present)
{
    found_ = found;
    presentFound_ = present;
    markPassages();
}

void MarkdownEditor::markPassages()
{
    QList<QTextEdit::ExtraSelection> marks;
    for (const QTextCursor& cursor : std::as_const(contested_)) {
        QTextEdit::ExtraSelection mark{cursor, {}};
        mark.format.setBackground(tokens().warnbg);
        marks.append(mark);
    }
    for (qsizetype i = 0; i < found_.size(); ++i) {
        QTextEdit::ExtraSelection mark{found_[i], {}};
        mark.format.setBackground(i == presentFound_ ? tokens().acc : tokens().accbg);
        if (i == presentFound_)
            mark.format.setForeground(tokens().acctext);
        marks.append(mark);
    }
    setExtraSelections(marks);
}

} // namespace stoa
