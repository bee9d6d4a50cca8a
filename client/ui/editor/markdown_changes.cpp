// What is done to the text of the editor, by the person and by others, and what takes it back.

#include <algorithm>

#include <QDateTime>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextLayout>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/editor/plain_text.h"
#include "shared/text/compose.h"
#include "shared/text/diff.h"
#include "shared/text/places.h"
#include "shared/text/step_cursor.h"

namespace stoa {

namespace {

// Of a place amid what is deleted where that begins: what is written instead goes on behind the cursor then.
size_t beforeDeleted(size_t place, const TextChange& change)
{
    size_t at = 0;
    for (const TextStep& step : change.steps()) {
        if (step.kind == TextStep::Kind::Insert)
            continue;
        if (step.kind == TextStep::Kind::Delete && at < place && place < at + step.count)
            return at;
        at += step.count;
    }
    return place;
}

constexpr qint64 stepMs = 2'000;     // a pause this long begins another step
constexpr size_t stepsOneByOne = 64; // more are put into the document at once

QString plain(QString raw)
{
    return raw.replace(QChar::ParagraphSeparator, QLatin1Char('\n'));
}

// The same of a text that has more before it.
TextChange behind(size_t codePoints, const TextChange& change)
{
    TextChange moved;
    moved.retain(codePoints);
    std::string_view inserted = change.inserted();
    for (const TextStep& step : change.steps()) {
        if (step.kind == TextStep::Kind::Retain)
            moved.retain(step.count);
        else if (step.kind == TextStep::Kind::Delete)
            moved.erase(step.count);
        else
            moved.insert(inserted.substr(0, step.bytes), step.count);
        inserted.remove_prefix(step.bytes);
    }
    return moved;
}

} // namespace

// The least that differs. The document tells places and lengths; what was there before is in text_.
MarkdownEditor::Replaced MarkdownEditor::replaced(int from, int removed, int added) const
{
    const qsizetype length = document()->characterCount() - 1;
    const qsizetype known = text_.size() - missing_;
    const qsizetype at = std::min<qsizetype>(from, std::min(length, known));
    qsizetype now = std::min<qsizetype>(added, length - at);
    qsizetype before = now - (length - known);
    if (before < 0 || before > known - at || before != removed) { // it counts the end of the text at times
        now = length - at;
        before = known - at;
    }
    QTextCursor cursor(document());
    cursor.setPosition(int(at));
    cursor.setPosition(int(at + now), QTextCursor::KeepAnchor);
    const QString in = plain(cursor.selectedText());
    const QStringView out = QStringView(text_).mid(at, before);
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
    return {at + same, out.mid(same, out.size() - same - tail).toString(), in.mid(same, in.size() - same - tail)};
}

void MarkdownEditor::changed(int from, int removed, int added)
{
    if (by_ == By::Nobody) // who sets it knows it
        return;
    Replaced stretch = replaced(from, removed, added);
    if (stretch.gone.isEmpty() && stretch.in.isEmpty())
        return;
    const qsizetype end = stretch.from + stretch.gone.size();
    const bool isOver = !doing_ && over_ && over_->first <= stretch.from && end <= over_->second;
    if (isOver) { // also letters that both have
        stretch.in =
            text_.mid(over_->first, stretch.from - over_->first) + stretch.in + text_.mid(end, over_->second - end);
        stretch.gone = text_.mid(over_->first, over_->second - over_->first);
        stretch.from = over_->first;
    }
    if (by_ != By::Others)
        record(stretch, isOver);
    text_.replace(stretch.from, stretch.gone.size(), stretch.in);
    surrogates_ += pairsIn(stretch.in) - pairsIn(stretch.gone);
}

// What only shows afterwards (text that was drawn to another place) is told as a difference.
void MarkdownEditor::record(const Replaced& stretch, bool isOver)
{
    const size_t at = toCodePoints(stretch.from);
    const bool isPlain = isOver || stretch.gone.isEmpty() || stretch.in.isEmpty();
    const TextChange change = doing_  ? *doing_
                            : isPlain ? TextChange::replace(at, codePointsIn(stretch.gone), stretch.in.toStdString())
                                      : behind(at, diffByWords(stretch.gone.toStdString(), stretch.in.toStdString()));
    TextChange inverse = inverseOf(change);
    if (by_ == By::Person)
        note(stretch, std::move(inverse));
    else
        back_ = back_ ? compose(inverse, *back_) : inverse;
    isTyped_ = true;
    wrote_ = by_ == By::Person;
    Q_EMIT did(change);
}

// Letters of a word, or a row of erased ones, are one step to take back.
void MarkdownEditor::note(const Replaced& stretch, TextChange inverse)
{
    const QString& added = stretch.in;
    const QString& removed = stretch.gone;
    const qsizetype from = stretch.from;
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

// Of the text before it.
TextChange MarkdownEditor::inverseOf(const TextChange& change) const
{
    TextChange inverse;
    qsizetype at = 0;
    for (const TextStep& step : change.steps()) {
        if (step.kind == TextStep::Kind::Insert) {
            inverse.erase(step.count);
            continue;
        }
        const qsizetype end = endOfCodePoints(text_, surrogates_ > 0, at, step.count);
        if (step.kind == TextStep::Kind::Delete)
            inverse.insert(text_.mid(at, end - at).toStdString());
        else
            inverse.retain(step.count);
        at = end;
    }
    return inverse;
}

// So that cursors keep their place. `atOnce`: told as one change of the document. Where the last step was, in it; -1:
// there is none.
qsizetype MarkdownEditor::perform(const TextChange& change, bool atOnce)
{
    QTextCursor cursor(document());
    if (atOnce)
        cursor.beginEditBlock();
    qsizetype at = 0, last = -1;
    qsizetype ahead = 0; // by how much the document is longer than text_ by now, which is told of it at the end
    std::string_view inserted = change.inserted();
    for (const TextStep& step : change.steps()) {
        if (step.kind == TextStep::Kind::Retain) {
            at = endOfCodePoints(text_, surrogates_ > 0, at, step.count);
            continue;
        }
        cursor.setPosition(int(at + ahead));
        if (step.kind == TextStep::Kind::Insert) {
            cursor.insertText(QString::fromUtf8(inserted.data(), qsizetype(step.bytes)));
            inserted.remove_prefix(step.bytes);
            // The document has its own way with some signs.
            (atOnce ? ahead : at) += cursor.position() - (at + ahead);
        } else {
            const qsizetype end = endOfCodePoints(text_, surrogates_ > 0, at, step.count);
            cursor.setPosition(int(end + ahead), QTextCursor::KeepAnchor);
            cursor.removeSelectedText();
            if (atOnce) {
                ahead -= end - at;
                at = end;
            }
        }
        last = at + ahead;
    }
    if (atOnce)
        cursor.endEditBlock();
    return last;
}

void MarkdownEditor::apply(const TextChange& change, By by)
{
    fill();
    by_ = by;
    back_.reset();
    // What the person is typing goes on behind what others do.
    const bool goesOn = by == By::Others && last_.kind != Last::Kind::None;
    const size_t lastAt = goesOn ? placeAfter(toCodePoints(last_.at), change, false) : 0;
    const bool atOnce = change.steps().size() > stepsOneByOne;
    doing_ = atOnce ? &change : nullptr;
    const qsizetype last = perform(change, atOnce);
    doing_ = nullptr;
    by_ = By::Person;
    if (goesOn)
        last_.at = toUtf16(lastAt);
    else
        last_ = {};
    if (last >= 0 && by != By::Others) {
        QTextCursor cursor(document());
        cursor.setPosition(int(last));
        setTextCursor(cursor);
    }
}

void MarkdownEditor::changeText(const TextChange& wanted)
{
    const TextChange change = asLines(wanted);
    fill();
    last_ = {};
    doing_ = &change;
    perform(change, true);
    doing_ = nullptr;
    last_ = {};
}

void MarkdownEditor::noteBeside()
{
    last_ = {};
    history_.didBeside();
    Q_EMIT historyChanged();
}

void MarkdownEditor::replaceText(qsizetype from, qsizetype count, const QString& by)
{
    changeText(
        TextChange::replace(toCodePoints(from), codePointsIn(QStringView(text_).mid(from, count)), by.toStdString()));
    QTextCursor cursor(document());
    cursor.setPosition(int(from + asLines(by).size()));
    setTextCursor(cursor);
}

// Only what differs, so that what others see of it, and what is taken back, is no more than was done.
void MarkdownEditor::put(int at, const Passage& before, const Passage& after)
{
    changeText(behind(toCodePoints(at), diff(before.text.toStdString(), after.text.toStdString())));
    QTextCursor cursor(document());
    cursor.setPosition(at + int(after.anchor));
    cursor.setPosition(at + int(after.cursor), QTextCursor::KeepAnchor);
    setTextCursor(cursor);
    ensureCursorVisible();
}

// As far down as that, where the cursor stays in sight.
void MarkdownEditor::showTo(int position)
{
    QTextCursor end(document());
    end.setPosition(std::min(position, document()->characterCount() - 1));
    const int line = std::max(1, cursorRect(end).height());
    const int hidden = cursorRect(end).bottom() - viewport()->height();
    if (hidden > 0)
        verticalScrollBar()->setValue(verticalScrollBar()->value() + (hidden + line - 1) / line);
    ensureCursorVisible();
}

// What is written over a selection takes the place of all of it.
void MarkdownEditor::replaceSelection(const std::function<void()>& work)
{
    if (const QTextCursor cursor = textCursor(); cursor.hasSelection())
        over_ = {cursor.selectionStart(), cursor.selectionEnd()};
    work();
    over_.reset();
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
    // Who writes at the same place writes behind what one writes there oneself, and not between its letters.
    const QTextCursor was = textCursor();
    const bool selects = was.hasSelection();
    const size_t at = toCodePoints(was.selectionStart());
    size_t start = placeAfter(selects ? at : beforeDeleted(at, change), change, selects);
    size_t end = selects ? placeAfter(toCodePoints(was.selectionEnd()), change) : start;
    if (selects && end <= start) // nothing of it is left
        start = end = placeAfter(beforeDeleted(at, change), change);
    const bool isBackwards = was.position() < was.anchor();
    Q_EMIT othersWrite(true);
    apply(change, By::Others);
    QTextCursor now = textCursor();
    if (const int from = int(toUtf16(start)), to = int(toUtf16(end));
        now.selectionStart() != from || now.selectionEnd() != to) {
        now.setPosition(isBackwards ? to : from);
        now.setPosition(isBackwards ? from : to, QTextCursor::KeepAnchor);
        setTextCursor(now);
    }
    Q_EMIT othersWrite(false);
    if (!composed.isEmpty()) { // what an input method is about to enter stays at the cursor
        const QTextBlock block = textCursor().block();
        block.layout()->setPreeditArea(textCursor().positionInBlock(), composed);
        document()->markContentsDirty(block.position(), block.length());
    }
    verticalScrollBar()->setValue(atTop ? 0 : top.block().firstLineNumber() + within);
    Q_EMIT historyChanged();
}

} // namespace stoa
