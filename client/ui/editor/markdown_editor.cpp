#include "client/ui/editor/markdown_editor.h"

#include <algorithm>

#include <QDateTime>
#include <QElapsedTimer>
#include <QMimeData>
#include <QPlainTextDocumentLayout>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextLayout>

#include "shared/base/limits.h"
#include "shared/markup/html.h"
#include "shared/text/compose.h"
#include "shared/text/step_cursor.h"

namespace stoa {

namespace {

constexpr qint64 stepMs = 2'000;        // a pause this long begins another step
constexpr qsizetype pieceSize = 8'192;  // of a text that comes in piece by piece
constexpr qsizetype firstSize = 65'536; // more than any screen shows
constexpr qint64 fillMs = 5;            // of one turn of the event loop

qsizetype pairsIn(QStringView text)
{
    return std::count_if(text.begin(), text.end(), [](QChar c) { return c.isHighSurrogate(); });
}

QString plain(QString raw)
{
    return raw.replace(QChar::ParagraphSeparator, QLatin1Char('\n'));
}

// With the ends of lines that a document makes of them.
QString asLines(QString text)
{
    const auto isEnd = [](QChar c) {
        return c == QLatin1Char('\r') || c == QChar::ParagraphSeparator || c == QChar(0xFDD0) || c == QChar(0xFDD1);
    };
    if (std::none_of(text.cbegin(), text.cend(), isEnd))
        return text;
    text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    std::replace_if(text.begin(), text.end(), isEnd, QLatin1Char('\n'));
    return text;
}

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
    contested_.clear();
    found_.clear();
    text_ = asLines(text);
    surrogates_ = pairsIn(text_);
    const qsizetype first = text_.size() <= firstSize ? text_.size() : endOfPiece(text_, 0, firstSize);
    missing_ = text_.size() - first;
    setPlainText(text_.left(first));
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

// The document tells places and lengths; what was there before is in text_.
void MarkdownEditor::changed(int from, int removed, int added)
{
    if (by_ == By::Nobody) // who sets it knows it
        return;
    const qsizetype length = document()->characterCount() - 1;
    const qsizetype known = text_.size() - missing_;
    qsizetype at = std::min<qsizetype>(from, std::min(length, known));
    qsizetype now = std::min<qsizetype>(added, length - at);
    qsizetype before = now - (length - known);
    if (before < 0 || before > known - at || before != removed) { // it counts the end of the text at times
        now = length - at;
        before = known - at;
    }
    QTextCursor cursor(document());
    cursor.setPosition(int(at));
    cursor.setPosition(int(at + now), QTextCursor::KeepAnchor);
    QString in = plain(cursor.selectedText());
    QStringView out = QStringView(text_).mid(at, before);
    qsizetype same = 0;
    while (same < in.size() && same < out.size() && in.at(same) == out.at(same))
        ++same;
    if (same > 0 && in.at(same - 1).isHighSurrogate())
        --same;
    qsizetype tail = 0;
    while (tail < in.size() - same && tail < out.size() - same &&
           in.at(in.size() - 1 - tail) == out.at(out.size() - 1 - tail))
        ++tail;
    if (tail > 0 && in.at(in.size() - tail).isLowSurrogate())
        --tail;
    at += same;
    in = in.mid(same, in.size() - same - tail);
    const QString gone = out.mid(same, out.size() - same - tail).toString();
    if (in.isEmpty() && gone.isEmpty())
        return;
    record(at, gone, in);
    text_.replace(at, gone.size(), in);
    surrogates_ += pairsIn(in) - pairsIn(gone);
    isTyped_ = isTyped_ || by_ != By::Others;
}

void MarkdownEditor::record(qsizetype from, const QString& removed, const QString& added)
{
    if (by_ == By::Others)
        return;
    TextChange inverse;
    inverse.retain(toCodePoints(from));
    inverse.erase(size_t(added.size() - pairsIn(added)));
    inverse.insert(removed.toStdString());
    if (by_ != By::Person) {
        back_ = back_ ? compose(inverse, *back_) : inverse;
        return;
    }
    // Letters of a word, or a row of erased ones, are one step.
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    const bool letters = !added.isEmpty() && added.size() <= 2 && !added.contains(QLatin1Char('\n'));
    const bool erased = added.isEmpty() && removed.size() <= 2;
    const bool follows = now - last_.ms < stepMs;
    bool joins = false;
    if (letters)
        joins = removed.isEmpty() && follows && last_.kind == Last::Kind::Letters && last_.at == from &&
                !(from > 0 && text_.at(from - 1).isSpace() && !added.at(0).isSpace());
    else if (erased)
        joins = follows && last_.kind == Last::Kind::Erased && (from + removed.size() == last_.at || from == last_.at);
    history_.did(std::move(inverse), joins);
    last_ = {letters ? Last::Kind::Letters : erased ? Last::Kind::Erased : Last::Kind::None, from + added.size(), now};
}

qsizetype MarkdownEditor::toUtf16(size_t codePoint) const
{
    if (surrogates_ == 0)
        return std::min<qsizetype>(qsizetype(codePoint), text_.size());
    qsizetype at = 0;
    for (; codePoint > 0 && at < text_.size(); --codePoint)
        at += text_.at(at).isHighSurrogate() && at + 1 < text_.size() ? 2 : 1;
    return at;
}

size_t MarkdownEditor::toCodePoints(qsizetype utf16) const
{
    return size_t(utf16) - (surrogates_ == 0 ? 0 : size_t(pairsIn(QStringView(text_).left(utf16))));
}

// Step by step, so that cursors keep their place.
void MarkdownEditor::apply(const TextChange& change, By by)
{
    fill();
    by_ = by;
    back_.reset();
    StepCursor steps(change);
    QTextCursor cursor(document());
    qsizetype at = 0;
    qsizetype last = -1;
    const auto utf16 = [&](size_t count) {
        if (surrogates_ == 0)
            return std::min<qsizetype>(qsizetype(count), text_.size() - at);
        qsizetype end = at;
        for (; count > 0 && end < text_.size(); --count)
            end += text_.at(end).isHighSurrogate() && end + 1 < text_.size() ? 2 : 1;
        return end - at;
    };
    while (!steps.atEnd()) {
        const size_t count = steps.left();
        const TextStep::Kind kind = steps.kind();
        const std::string_view inserted = steps.take(count);
        if (kind == TextStep::Kind::Retain) {
            at += utf16(count);
            continue;
        }
        cursor.setPosition(int(at));
        if (kind == TextStep::Kind::Insert) {
            cursor.insertText(QString::fromUtf8(inserted.data(), qsizetype(inserted.size())));
            at = cursor.position(); // the document has its own way with some signs
        } else {
            cursor.setPosition(int(at + utf16(count)), QTextCursor::KeepAnchor);
            cursor.removeSelectedText();
        }
        last = at;
    }
    by_ = By::Person;
    last_ = {};
    if (last >= 0 && by != By::Others) {
        cursor.setPosition(int(last));
        setTextCursor(cursor);
    }
}

void MarkdownEditor::applyOthers(const TextChange& change)
{
    if (change.isEmpty())
        return;
    fill();
    history_.othersDid(change);
    // The first line that is seen stays where it is.
    QTextCursor top(firstVisibleBlock());
    const int within = verticalScrollBar()->value() - firstVisibleBlock().firstLineNumber();
    const bool atTop = verticalScrollBar()->value() == 0;
    const QString composed = textCursor().block().layout()->preeditAreaText();
    Q_EMIT othersWrite(true);
    apply(change, By::Others);
    Q_EMIT othersWrite(false);
    if (!composed.isEmpty()) { // what an input method is about to enter stays at the cursor
        const QTextBlock block = textCursor().block();
        block.layout()->setPreeditArea(textCursor().positionInBlock(), composed);
        document()->markContentsDirty(block.position(), block.length());
    }
    if (!atTop)
        verticalScrollBar()->setValue(top.block().firstLineNumber() + within);
    Q_EMIT historyChanged();
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

// Only what differs, so that what others see of it, and what is taken back, is no more than was done.
void MarkdownEditor::put(int at, const Passage& before, const Passage& after)
{
    qsizetype same = 0;
    const qsizetype shorter = std::min(before.text.size(), after.text.size());
    while (same < shorter && before.text.at(same) == after.text.at(same))
        ++same;
    qsizetype tail = 0;
    while (tail < shorter - same &&
           before.text.at(before.text.size() - 1 - tail) == after.text.at(after.text.size() - 1 - tail))
        ++tail;
    last_ = {};
    QTextCursor cursor(document());
    cursor.setPosition(at + int(same));
    cursor.setPosition(at + int(before.text.size() - tail), QTextCursor::KeepAnchor);
    cursor.insertText(after.text.mid(same, after.text.size() - same - tail));
    last_ = {};
    cursor.setPosition(at + int(after.anchor));
    cursor.setPosition(at + int(after.cursor), QTextCursor::KeepAnchor);
    setTextCursor(cursor);
    ensureCursorVisible();
}

void MarkdownEditor::replaceText(qsizetype from, qsizetype count, const QString& by)
{
    fill();
    last_ = {};
    QTextCursor cursor(document());
    cursor.setPosition(int(from));
    cursor.setPosition(int(from + count), QTextCursor::KeepAnchor);
    cursor.insertText(by);
    last_ = {};
    setTextCursor(cursor);
}

void MarkdownEditor::setTextSize(Size size)
{
    size_ = size;
    setFont(fontOf(size));
    document()->setDefaultFont(fontOf(size));
    style_.setSize(size);
    viewport()->update();
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
    if (text.size() > qsizetype(limits::bodyBytesMax))
        text.truncate(qsizetype(limits::bodyBytesMax));
    fill();
    last_ = {};
    textCursor().insertText(text);
    last_ = {};
    ensureCursorVisible();
}

} // namespace stoa
