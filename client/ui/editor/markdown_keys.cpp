// What the person does in the editor: its acts, its keys, and moving in tables.

#include <algorithm>

#include <QAbstractItemView>
#include <QCompleter>
#include <QContextMenuEvent>
#include <QMenu>
#include <QTextBlock>

#include "client/ui/editor/markdown_editor.h"

namespace stoa {

namespace {

struct KnownAct {
    MarkdownEditor::Act act;
    const char* key;
    const char* name;
};

constexpr KnownAct knownActs[] = {
    {MarkdownEditor::Act::Strong, "Ctrl+B", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Bold")},
    {MarkdownEditor::Act::Emphasis, "Ctrl+I", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Italic")},
    {MarkdownEditor::Act::Strike, "Ctrl+Shift+K", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Struck out")},
    {MarkdownEditor::Act::Code, "Ctrl+E", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Code")},
    {MarkdownEditor::Act::Link, "Ctrl+K", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Link")},
    {MarkdownEditor::Act::Heading, "Ctrl+Shift+H", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Heading")},
    {MarkdownEditor::Act::Bullets, "Ctrl+Shift+U", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "List")},
    {MarkdownEditor::Act::Numbers, "Ctrl+Shift+N", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Numbered list")},
    {MarkdownEditor::Act::Tasks, "Ctrl+Shift+X", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Check boxes")},
    {MarkdownEditor::Act::Quote, "Ctrl+Shift+B", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Quote")},
    {MarkdownEditor::Act::Table, "Ctrl+Shift+T", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Table")},
    {MarkdownEditor::Act::Undo, "Ctrl+Z", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Undo")},
    {MarkdownEditor::Act::Redo, "Ctrl+Shift+Z", QT_TRANSLATE_NOOP("stoa::MarkdownEditor", "Redo")},
};

constexpr int nearEnd = 500; // lines: more than a key passes, or a table has

constexpr Size sizes[] = {Size::Small, Size::Text, Size::Reading, Size::Heading, Size::Title};

// Nothing where the key is none for that.
std::optional<int> zoomOf(const QKeyEvent& event)
{
    if (!(event.modifiers() & Qt::ControlModifier))
        return std::nullopt;
    switch (event.key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return 1;
    case Qt::Key_Minus:
        return -1;
    case Qt::Key_0:
        return 0;
    default:
        return std::nullopt;
    }
}

std::optional<MarkdownEditor::Act> actOf(const QKeyEvent& event)
{
    const QKeySequence pressed(event.keyCombination());
    for (const KnownAct& each : knownActs)
        if (pressed == QKeySequence(QLatin1String(each.key)))
            return each.act;
    if (pressed == QKeySequence(QStringLiteral("Ctrl+Y")))
        return MarkdownEditor::Act::Redo;
    return std::nullopt;
}

// For what can be done at the cursor.
bool isMenu(const QKeyEvent& event)
{
    return QKeySequence(event.keyCombination()) == keyOf(Key::WordMenu) ||
           event.keyCombination() == QKeyCombination(Qt::SHIFT, Qt::Key_F10);
}

bool isFind(const QKeyEvent& event)
{
    const QKeySequence pressed(event.keyCombination());
    return pressed == keyOf(Key::Find) || pressed == keyOf(Key::Replace);
}

} // namespace

bool MarkdownEditor::canRun(Act act) const
{
    return act == Act::Undo ? history_.canUndo() : act == Act::Redo ? history_.canRedo() : !isReadOnly();
}

QKeySequence MarkdownEditor::keyOf(Act act)
{
    for (const KnownAct& each : knownActs)
        if (each.act == act)
            return QKeySequence(QLatin1String(each.key));
    return {};
}

QString MarkdownEditor::nameOf(Act act)
{
    for (const KnownAct& each : knownActs)
        if (each.act == act)
            return tr(each.name);
    return {};
}

QList<KeyRow> MarkdownEditor::actKeys()
{
    QList<KeyRow> rows;
    for (const KnownAct& each : knownActs)
        rows.append({tr(each.name), QKeySequence(QLatin1String(each.key)).toString(QKeySequence::NativeText)});
    return rows;
}

void MarkdownEditor::run(Act act)
{
    if (isReadOnly())
        return;
    if (act == Act::Undo || act == Act::Redo) {
        const bool undo = act == Act::Undo;
        const auto change = undo ? history_.undo() : history_.redo();
        if (change && change->isEmpty()) {
            undo ? history_.undone({}) : history_.redone({});
            Q_EMIT besideTaken(undo);
        } else if (change) {
            apply(*change, undo ? By::Undo : By::Redo);
            if (back_ && undo)
                history_.undone(*std::exchange(back_, std::nullopt));
            else if (back_)
                history_.redone(*std::exchange(back_, std::nullopt));
            ensureCursorVisible();
        }
        Q_EMIT historyChanged();
        return;
    }
    const Passage lines = selectedLines();
    const int at = document()->findBlock(textCursor().selectionStart()).position();
    switch (act) {
    case Act::Strong:
        return put(at, lines, toggleLook(lines, Look::Strong));
    case Act::Emphasis:
        return put(at, lines, toggleLook(lines, Look::Emphasis));
    case Act::Strike:
        return put(at, lines, toggleLook(lines, Look::Strike));
    case Act::Code:
        return put(at, lines, toggleLook(lines, Look::Code));
    case Act::Link:
        return put(at, lines, makeLink(lines));
    case Act::Heading:
        return put(at, lines, nextHeading(lines));
    case Act::Bullets:
        return put(at, lines, toggleLines(lines, LineKind::Bullet));
    case Act::Numbers:
        return put(at, lines, toggleLines(lines, LineKind::Number));
    case Act::Tasks:
        return put(at, lines, toggleLines(lines, LineKind::Task));
    case Act::Quote:
        return put(at, lines, toggleLines(lines, LineKind::Quote));
    case Act::Table: {
        const auto isText = [](const QTextBlock& block) {
            return block.isValid() && !block.text().trimmed().isEmpty();
        };
        const QTextBlock above = document()->findBlock(at).previous();
        const QTextBlock below = document()->findBlock(textCursor().selectionEnd()).next();
        const Passage after = insertTable(lines, isText(above), isText(below));
        put(at, lines, after);
        return showTo(at + int(after.text.size()));
    }
    default:
        return;
    }
}

std::optional<std::pair<QTextBlock, QTextBlock>> MarkdownEditor::tableAround(const QTextBlock& block) const
{
    constexpr int linesMax = 400;
    const auto isRow = [](const QTextBlock& each) {
        return each.isValid() && !MarkdownStyle::isCode(each) && isTableLine(each.text());
    };
    if (!isRow(block))
        return std::nullopt;
    QTextBlock first = block, last = block;
    int lines = 1;
    for (; isRow(first.previous()) && lines < linesMax; ++lines)
        first = first.previous();
    for (; isRow(last.next()) && lines < linesMax; ++lines)
        last = last.next();
    return lines < 2 ? std::nullopt : std::optional(std::pair(first, last));
}

bool MarkdownEditor::moveInTable(TableMove to)
{
    const auto around = tableAround(textCursor().block());
    if (!around || textCursor().block() != document()->findBlock(textCursor().anchor()))
        return false;
    const Passage before = passage(around->first, around->second);
    const auto after = to == TableMove::Below ? goToCellBelow(before) : goToCell(before, to == TableMove::Back);
    if (after)
        put(around->first.position(), before, *after);
    return after.has_value();
}

// A line break there would tear its row in two.
bool MarkdownEditor::isCellAtCursor() const
{
    const auto around = tableAround(textCursor().block());
    return around && textCursor().block() == document()->findBlock(textCursor().anchor()) &&
           isInCell(passage(around->first, around->second));
}

// The columns of a table are aligned as soon as the cursor has left it, if the person wrote in it.
void MarkdownEditor::leaveTable()
{
    if (by_ != By::Person)
        return;
    const bool wrote = std::exchange(wrote_, false);
    const auto here = tableAround(textCursor().block());
    const auto there = table_.isNull() ? std::nullopt : tableAround(table_.block());
    table_ = {};
    const bool stays = here && there && here->first == there->first;
    const bool isToAlign = there && !stays && std::exchange(wroteInTable_, false) && !textCursor().hasSelection();
    wroteInTable_ = here && (wrote || (stays && wroteInTable_));
    if (isToAlign) {
        QTextCursor kept = textCursor();
        const int begin = there->first.position();
        const int end = there->second.position() + there->second.length() - 1;
        const Passage before{text_.mid(begin, end - begin), 0, 0};
        if (const auto after = alignTable(before); after && after->text != before.text) {
            put(begin, before, *after);
            setTextCursor(kept);
        }
    }
    if (here)
        table_ = QTextCursor(here->first);
}

bool MarkdownEditor::tab(bool back)
{
    if (isReadOnly())
        return false;
    if (moveInTable(back ? TableMove::Back : TableMove::On))
        return true;
    const Passage lines = selectedLines();
    const QTextBlock first = document()->findBlock(textCursor().selectionStart());
    if (MarkdownStyle::isCode(first)) {
        if (back)
            return false;
        textCursor().insertText(QStringLiteral("    "));
        return true;
    }
    const auto moved = indentItems(lines, back);
    if (!moved)
        return false;
    put(first.position(), lines, *moved);
    return true;
}

bool MarkdownEditor::enter()
{
    const QTextBlock block = textCursor().block();
    if (MarkdownStyle::isCode(block))
        return false;
    if (moveInTable(TableMove::Below))
        return true;
    if (textCursor().hasSelection())
        return false;
    const Passage line = passage(block, block);
    const auto broken = breakLine(line);
    if (broken)
        put(block.position(), line, *broken);
    return broken.has_value();
}

// Keys of ours are not the window's while one writes.
bool MarkdownEditor::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        const auto& key = *static_cast<QKeyEvent*>(event);
        if (actOf(key) || isFind(key) || isMenu(key)) {
            event->accept();
            return true;
        }
    }
    if (event->type() == QEvent::Resize)
        place();
    return QPlainTextEdit::event(event);
}

bool MarkdownEditor::isOffering() const
{
    return completer_ && completer_->popup()->isVisible();
}

void MarkdownEditor::keyPressEvent(QKeyEvent* event)
{
    // What goes to the end of the text, or sees it, has all of it.
    if (event->modifiers() & Qt::ControlModifier || document()->blockCount() - textCursor().blockNumber() < nearEnd)
        fill();
    constexpr int offered[] = {Qt::Key_Return, Qt::Key_Enter, Qt::Key_Tab, Qt::Key_Backtab, Qt::Key_Escape};
    if (isOffering() && std::find(std::begin(offered), std::end(offered), event->key()) != std::end(offered)) {
        event->ignore();
        return;
    }
    if (const auto act = actOf(*event))
        return run(*act);
    if (const auto by = zoomOf(*event))
        return zoom(*by);
    if (isMenu(*event))
        return openMenuHere();
    if (isFind(*event)) {
        Q_EMIT findWanted(QKeySequence(event->keyCombination()) == stoa::keyOf(Key::Replace));
        return;
    }
    if (event->key() == Qt::Key_Tab || event->key() == Qt::Key_Backtab) {
        event->ignore(); // nowhere to go to, and never a sign in the text
        return;
    }
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (event->key() == Qt::Key_Escape || (isEnter && event->modifiers() & Qt::ControlModifier)) {
        Q_EMIT leaveWanted(event->key() == Qt::Key_Escape);
        return;
    }
    if (isEnter && !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) &&
        !isReadOnly()) {
        const bool isPlain = event->modifiers() & Qt::ShiftModifier;
        if (isPlain && isCellAtCursor()) {
            replaceSelection([this] { textCursor().insertText(QStringLiteral(" ")); });
        } else if (isPlain || !enter()) {
            replaceSelection([this] { textCursor().insertBlock(); }); // never a line separator
            ensureCursorVisible();
        }
        return;
    }
    replaceSelection([&] { QPlainTextEdit::keyPressEvent(event); });
}

void MarkdownEditor::inputMethodEvent(QInputMethodEvent* event)
{
    replaceSelection([&] { QPlainTextEdit::inputMethodEvent(event); });
}

bool MarkdownEditor::focusNextPrevChild(bool next)
{
    if (isOffering())
        return false;
    return tab(!next) || QPlainTextEdit::focusNextPrevChild(next);
}

// By a step; 0: as it was.
void MarkdownEditor::zoom(int by)
{
    const auto* at = std::find(std::begin(sizes), std::end(sizes), by == 0 ? Size::Reading : size_);
    setTextSize(sizes[std::clamp<ptrdiff_t>(at - std::begin(sizes) + by, 0, std::size(sizes) - 1)]);
}

void MarkdownEditor::wheelEvent(QWheelEvent* event)
{
    // The sizes are the theme's: no others.
    if (!(event->modifiers() & Qt::ControlModifier))
        return QPlainTextEdit::wheelEvent(event);
    if (event->angleDelta().y() != 0)
        zoom(event->angleDelta().y() > 0 ? 1 : -1);
    event->accept();
}

// By the mouse for the word below it, by a key for the one at the cursor.
void MarkdownEditor::contextMenuEvent(QContextMenuEvent* event)
{
    if (event->reason() == QContextMenuEvent::Mouse)
        return openMenu(event->globalPos(),
                        cursorForPosition(viewport()->mapFromGlobal(event->globalPos())).position());
    openMenuHere();
}

void MarkdownEditor::openMenuHere()
{
    ensureCursorVisible();
    openMenu(viewport()->mapToGlobal(cursorRect().bottomLeft()), textCursor().position());
}

void MarkdownEditor::openMenu(const QPoint& global, int position)
{
    fill();
    QMenu menu(this);
    if (menuMaker_)
        menuMaker_(menu, position);
    const auto add = [&](const QString& name, bool enabled, auto act) {
        menu.addAction(name, this, act)->setEnabled(enabled);
    };
    const bool chosen = textCursor().hasSelection();
    add(tr("Undo"), canRun(Act::Undo), [this] { run(Act::Undo); });
    add(tr("Redo"), canRun(Act::Redo), [this] { run(Act::Redo); });
    menu.addSeparator();
    add(tr("Cut"), chosen && !isReadOnly(), [this] { cut(); });
    add(tr("Copy"), chosen, [this] { copy(); });
    add(tr("Paste"), canPaste(), [this] { paste(); });
    menu.addSeparator();
    add(tr("Select all"), true, [this] { selectAll(); });
    menu.exec(global);
}

} // namespace stoa
