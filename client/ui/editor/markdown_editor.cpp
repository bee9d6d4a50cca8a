#include "client/ui/editor/markdown_editor.h"

#include <algorithm>

#include <QElapsedTimer>
#include <QMimeData>
#include <QPlainTextDocumentLayout>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextLayout>

#include "client/ui/editor/plain_text.h"
#include "shared/base/limits.h"
#include "shared/markup/html.h"

namespace stoa {

namespace {

constexpr qsizetype pieceSize = 8'192;  // of a text that comes in piece by piece
constexpr qsizetype firstSize = 65'536; // more than any screen shows
constexpr int linesAround = 3;          // of what is gone to
constexpr int linesScrolledMax = 20;    // for a bar above the text
constexpr qint64 fillMs = 5;            // of one turn of the event loop

// Behind the line that is `size` letters on.
qsizetype endOfPiece(const QString& text, qsizetype from, qsizetype size)
{
    const qsizetype end = text.indexOf(QLatin1Char('\n'), from + size);
    return end < 0 ? text.size() : end + 1;
}

} // namespace

MarkdownEditor::MarkdownEditor(QWidget* parent) : QPlainTextEdit(parent), style_(makeDocument())
{
    setUndoRedoEnabled(false);
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true);
    setCursorWidth(2);
    setAccessibleName(tr("Text"));
    QTextOption option = document()->defaultTextOption();
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(Qt::LayoutDirectionAuto);
    document()->setDefaultTextOption(option);
    setTextSize(size_);
    connect(document(), &QTextDocument::contentsChange, this, &MarkdownEditor::changed);
    // Now it is also laid out.
    connect(this, &QPlainTextEdit::textChanged, this, [this] {
        if (!std::exchange(isTyped_, false))
            return;
        wroteInTable_ = wroteInTable_ || (wrote_ && !table_.isNull());
        wrote_ = false;
        Q_EMIT typed();
        Q_EMIT historyChanged();
    });
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, &MarkdownEditor::leaveTable);
    filling_.setSingleShot(true);
    filling_.setInterval(0);
    connect(&filling_, &QTimer::timeout, this, &MarkdownEditor::fillSome);
}

QTextDocument* MarkdownEditor::makeDocument()
{
    auto* made = new QTextDocument(this);
    layout_ = new MarkdownLayout(made);
    made->setDocumentLayout(layout_);
    setDocument(made);
    return made;
}

void MarkdownEditor::setText(const QString& text)
{
    by_ = By::Nobody;
    table_ = {};
    wroteInTable_ = wrote_ = false;
    contested_.clear();
    found_.clear();
    text_ = asLines(text);
    surrogates_ = pairsIn(text_);
    const qsizetype first = text_.size() <= firstSize ? text_.size() : endOfPiece(text_, 0, firstSize);
    missing_ = text_.size() - first;
    setPlainText(text_.left(first));
    layout_->startOver();
    by_ = By::Person;
    history_.clear();
    last_ = {};
    markPassages();
    if (missing_ > 0)
        filling_.start();
    else
        filling_.stop();
    Q_EMIT historyChanged();
}

void MarkdownEditor::fillSome()
{
    QElapsedTimer clock;
    clock.start();
    QSignalBlocker quiet(this); // it is the same text
    by_ = By::Nobody;
    QTextCursor end(document());
    end.movePosition(QTextCursor::End);
    while (missing_ > 0 && clock.elapsed() < fillMs) {
        const qsizetype from = text_.size() - missing_;
        const qsizetype to = endOfPiece(text_, from, pieceSize);
        insertAtEnd(end, text_.mid(from, to - from));
        missing_ = text_.size() - to;
    }
    by_ = By::Person;
    if (missing_ > 0)
        return filling_.start();
    quiet.unblock();
    Q_EMIT filled();
}

// What a block is laid out in is made now, and not for all of them when the first word is wrapped.
void MarkdownEditor::insertAtEnd(QTextCursor& end, const QString& text)
{
    QTextBlock block = end.block();
    end.insertText(text);
    for (; block.isValid(); block = block.next())
        (void)block.layout();
}

void MarkdownEditor::fill()
{
    if (missing_ == 0)
        return;
    filling_.stop();
    QSignalBlocker quiet(this);
    by_ = By::Nobody;
    QTextCursor end(document());
    end.movePosition(QTextCursor::End);
    insertAtEnd(end, text_.right(std::exchange(missing_, 0)));
    by_ = By::Person;
    quiet.unblock();
    Q_EMIT filled();
}

qsizetype MarkdownEditor::toUtf16(size_t codePoint) const
{
    return endOfCodePoints(text_, surrogates_ > 0, 0, codePoint);
}

size_t MarkdownEditor::toCodePoints(qsizetype utf16) const
{
    return size_t(utf16) - (surrogates_ == 0 ? 0 : size_t(pairsIn(QStringView(text_).left(utf16))));
}

Passage MarkdownEditor::passage(const QTextBlock& first, const QTextBlock& last) const
{
    const int begin = first.position(), end = last.position() + last.length() - 1;
    Passage lines;
    lines.text = text_.mid(begin, end - begin);
    lines.anchor = std::clamp(textCursor().anchor() - begin, 0, end - begin);
    lines.cursor = std::clamp(textCursor().position() - begin, 0, end - begin);
    return lines;
}

Passage MarkdownEditor::selectedLines() const
{
    const QTextCursor cursor = textCursor();
    return passage(document()->findBlock(cursor.selectionStart()), document()->findBlock(cursor.selectionEnd()));
}

void MarkdownEditor::setTextSize(Size size)
{
    size_ = size;
    setFont(fontOf(size));
    document()->setDefaultFont(fontOf(size));
    style_.setSize(size);
    viewport()->update();
}

void MarkdownEditor::showCursor()
{
    ensureCursorVisible();
    const int around = linesAround * fontMetrics().lineSpacing();
    const QRect cursor = cursorRect();
    if (cursor.top() < around || cursor.bottom() > viewport()->height() - around)
        centerCursor();
}

void MarkdownEditor::putCursorAt(int y)
{
    QScrollBar* bar = verticalScrollBar();
    for (int line = 0; line < linesScrolledMax; ++line) {
        const int off = cursorRect().top() - y, was = bar->value();
        bar->setValue(was + (off > 0 ? 1 : -1));
        if (bar->value() == was)
            break;
        if (std::abs(cursorRect().top() - y) >= std::abs(off)) {
            bar->setValue(was); // no nearer
            break;
        }
    }
    ensureCursorVisible();
}

// A column no wider than one reads, in the middle. Before the viewport hears of the new size: margins that are set
// while it is told one would be a second size, and of the two it hears only one where it was out of sight.
void MarkdownEditor::place()
{
    const int spare = width() - metrics::reading - verticalScrollBar()->sizeHint().width();
    const int least = width() < grid(120) ? grid(3) : grid(5); // with the document's own: where the fields above begin
    const int side = std::max(least, spare / 2);
    const int top = grid(2);
    if (viewportMargins().left() != side)
        setViewportMargins(side, top, side, 0);
}

void MarkdownEditor::resizeEvent(QResizeEvent* event)
{
    layout_->setLineWidth(viewport()->width());
    QPlainTextEdit::resizeEvent(event);
}

void MarkdownEditor::changeEvent(QEvent* event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
        place();
        style_.forget();
        markPassages();
    }
}

bool MarkdownEditor::canInsertFromMimeData(const QMimeData* source) const
{
    return source->hasText() || source->hasHtml();
}

// What was copied from a page of the web or a document becomes Markdown.
void MarkdownEditor::insertFromMimeData(const QMimeData* source)
{
    if (isReadOnly())
        return;
    QString text = source->text();
    const QString html = source->hasHtml() ? source->html() : QString();
    if (!html.isEmpty() && html.size() <= qsizetype(limits::bodyBytesMax) &&
        !MarkdownStyle::isCode(textCursor().block()))
        if (const std::string made = htmlToMarkdown(html.toStdString()); !made.empty())
            text = QString::fromStdString(made).trimmed();
    text.remove(QChar(0));
    const auto isBreak = [](QChar c) {
        return c == QLatin1Char('\n') || c == QLatin1Char('\r') || c.unicode() == 0x2029;
    };
    if (std::any_of(text.cbegin(), text.cend(), isBreak) && isCellAtCursor())
        text = text.simplified();
    const bool isTooLong = text.size() > qsizetype(limits::bodyBytesMax);
    text.truncate(qsizetype(limits::bodyBytesMax));
    fill();
    last_ = {};
    replaceSelection([&] { textCursor().insertText(text); });
    last_ = {};
    ensureCursorVisible();
    if (isTooLong)
        Q_EMIT pasteCut();
}

} // namespace stoa
