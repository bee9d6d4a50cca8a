#include "client/ui/editor/markdown_layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QTextBlock>
#include <QTextDocument>
#include <QTextLayout>

namespace stoa {

namespace {

constexpr qsizetype wordMax = 50'000;   // letters
constexpr char16_t ideographs = 0x2E80; // from here on most letters are words

} // namespace

void MarkdownLayout::startOver()
{
    if (!anywhere_ || hasEndlessWord(0, document()->characterCount()))
        return;
    anywhere_ = false;
    breakLines(QTextOption::WrapAtWordBoundaryOrAnywhere);
}

void MarkdownLayout::breakLines(QTextOption::WrapMode where)
{
    QTextOption option = document()->defaultTextOption();
    option.setWrapMode(where);
    document()->setDefaultTextOption(option);
}

bool MarkdownLayout::hasEndlessWord(int from, int to) const
{
    for (QTextBlock block = document()->findBlock(from); block.isValid() && block.position() <= to;
         block = block.next()) {
        if (block.length() <= wordMax)
            continue;
        qsizetype letters = 0;
        for (const QChar each : block.text())
            if (letters = each.isSpace() || each.unicode() >= ideographs ? 0 : letters + 1; letters > wordMax)
                return true;
    }
    return false;
}

void MarkdownLayout::documentChanged(int from, int removed, int added)
{
    if (!anywhere_ && hasEndlessWord(from, from + added)) {
        anywhere_ = true;
        return breakLines(QTextOption::WrapAnywhere); // all of the text changes with that
    }
    const int before = std::exchange(blocks_, document()->blockCount());
    const QTextBlock first = document()->findBlock(from);
    const QTextBlock last = document()->findBlock(std::max(0, from + removed + added - 1));
    // A block that was never seen is laid out when it is.
    if (before != blocks_ || first != last || !first.isValid() || width_ <= 0 || first.layout()->lineCount() == 0)
        return QPlainTextDocumentLayout::documentChanged(from, removed, added);
    if (layOut(first)) {
        Q_EMIT updateBlock(first);
        return;
    }
    Q_EMIT documentSizeChanged(documentSize());
    Q_EMIT update();
}

bool MarkdownLayout::layOut(QTextBlock block)
{
    const qreal margin = document()->documentMargin();
    QTextLayout& layout = *block.layout();
    const qreal heightBefore = layout.boundingRect().height();
    layout.setTextOption(document()->defaultTextOption());
    layout.beginLayout();
    qreal height = 0;
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLeadingIncluded(true);
        line.setLineWidth(width_ - 2 * margin);
        line.setPosition(QPointF(margin, height));
        height += line.height();
        if (line.leading() < 0)
            height += std::ceil(line.leading());
    }
    layout.endLayout();
    const int lines = layout.lineCount();
    const bool same = lines == block.lineCount() && layout.boundingRect().height() == heightBefore;
    block.setLineCount(lines);
    return same;
}

} // namespace stoa
