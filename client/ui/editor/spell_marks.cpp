#include "client/ui/editor/spell_marks.h"

#include <QActionGroup>
#include <QMenu>
#include <QPainter>
#include <QPainterPath>
#include <QTextBlock>

#include "client/ui/editor/markdown_editor.h"
#include "client/ui/theme/theme.h"

namespace stoa {

namespace {

constexpr int wavesMax = 500; // of one painting

// Along the lower edge.
void paintWave(QPainter& painter, const QRect& rect)
{
    constexpr int step = 2;
    QPainterPath wave;
    const qreal bottom = rect.bottom();
    wave.moveTo(rect.left(), bottom);
    int up = 1;
    for (int x = rect.left() + step; x <= rect.right() + 1; x += step, up = 1 - up)
        wave.lineTo(x, bottom - up * step);
    painter.drawPath(wave);
}

QString shownInMenu(QString text)
{
    return text.replace(QLatin1Char('&'), QStringLiteral("&&"));
}

} // namespace

SpellMarks::SpellMarks(Speller& speller, MarkdownEditor* editor) : QObject(editor), speller_(speller), editor_(editor)
{
    editor->addPainter(MarkdownEditor::Layer::Above, [this](QPainter& painter) { paint(painter); });
    editor->setMenuMaker([this](QMenu& menu, int position) { addTo(menu, position); });
    connect(&speller, &Speller::checked, editor, [editor] { editor->viewport()->update(); });
    connect(editor, &MarkdownEditor::typed, this,
            [this] { typedAt_ = editor_->isTyping() ? editor_->textCursor().position() : -1; });
    connect(editor, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        const int left = std::exchange(typedAt_, -1);
        if (left >= 0)
            editor_->viewport()->update();
    });
}

void SpellMarks::open(const Id& post)
{
    post_ = post;
    ignored_.clear();
    typedAt_ = -1;
}

template <class F>
void SpellMarks::eachWrong(const QTextBlock& block, F found) const
{
    if (speller_.chosen().isEmpty() || MarkdownStyle::isCode(block))
        return;
    const QString line = block.text();
    for (const SpelledWord& each : wordsToSpell(line)) {
        const int from = block.position() + each.from, to = from + each.length;
        const QString word = line.mid(each.from, each.length);
        if (to == typedAt_ || ignored_.contains(word) || speller_.isIgnored(post_, word))
            continue;
        if (speller_.verdict(word) == Speller::Verdict::Wrong)
            found(from, to);
    }
}

QList<QTextCursor> SpellMarks::wrong() const
{
    QList<QTextCursor> words;
    for (const MarkdownEditor::Seen& each : editor_->seen())
        eachWrong(each.block, [&](int from, int to) {
            QTextCursor word(editor_->document());
            word.setPosition(from);
            word.setPosition(to, QTextCursor::KeepAnchor);
            words.append(word);
        });
    return words;
}

QTextCursor SpellMarks::wrongAt(int position) const
{
    QTextCursor word(editor_->document());
    word.setPosition(position);
    eachWrong(word.block(), [&](int from, int to) {
        if (position < from || position > to || word.hasSelection())
            return;
        word.setPosition(from);
        word.setPosition(to, QTextCursor::KeepAnchor);
    });
    return word;
}

void SpellMarks::paint(QPainter& painter) const
{
    painter.setPen(QPen(tokens().bad, 1));
    painter.setBrush(Qt::NoBrush);
    int waves = 0;
    for (const MarkdownEditor::Seen& each : editor_->seen())
        eachWrong(each.block, [&](int from, int to) {
            for (const QRect& rect : ++waves <= wavesMax ? editor_->rectsOf(each, from, to) : QList<QRect>())
                paintWave(painter, rect);
        });
}

void SpellMarks::addTo(QMenu& menu, int position)
{
    const QTextCursor found = wrongAt(position);
    if (!found.hasSelection() || editor_->isReadOnly())
        return;
    const QString word = found.selectedText();
    QAction* waiting = menu.addAction(tr("Looking for words like “%1”…").arg(shownInMenu(word)));
    waiting->setEnabled(false);
    connect(&speller_, &Speller::suggested, waiting,
            [this, &menu, waiting, found, word](const QString& of, const QStringList& words) {
                if (of != word)
                    return;
                for (const QString& each : words) {
                    auto* action = new QAction(shownInMenu(each), &menu);
                    QFont font = action->font();
                    font.setWeight(QFont::DemiBold);
                    action->setFont(font);
                    connect(action, &QAction::triggered, this, [this, found, word, each] {
                        if (found.selectedText() == word) // and nobody has written there meanwhile
                            editor_->replaceText(found.selectionStart(), word.size(), each);
                    });
                    menu.insertAction(waiting, action);
                }
                if (words.isEmpty()) {
                    waiting->setText(tr("No word like “%1” is known").arg(shownInMenu(word)));
                } else {
                    menu.removeAction(waiting);
                    menu.setActiveAction(menu.actions().constFirst());
                }
            });
    speller_.suggest(word);
    menu.addAction(tr("Add to my dictionary"), this, [this, word] {
        if (!speller_.learn(word))
            Q_EMIT said(tr("“%1” could not be added to your dictionary: it is full, or cannot be written.").arg(word));
    });
    menu.addAction(tr("Ignore here"), this, [this, word] {
        if (post_.isNull())
            ignored_.insert(word);
        else
            speller_.ignore(post_, word);
        editor_->viewport()->update();
    });
    menu.addSeparator();
}

void addSpellingTo(QMenu* menu, Speller& speller)
{
    auto* group = new QActionGroup(menu);
    QObject::connect(menu, &QMenu::aboutToShow, menu, [menu, group, &speller] {
        menu->clear(); // and what is of the group with it
        const auto add = [&](const QString& title, const QString& name) {
            QAction* row = menu->addAction(shownInMenu(title));
            row->setCheckable(true);
            row->setChecked(speller.chosen() == name);
            group->addAction(row);
            QObject::connect(row, &QAction::triggered, menu, [&speller, name] { speller.choose(name); });
        };
        const QString problem = speller.problem();
        if (!problem.isEmpty())
            menu->addAction(shownInMenu(problem))->setEnabled(false);
        if (speller.dictionaries().isEmpty())
            return;
        add(MarkdownEditor::tr("Off"), {});
        for (const Dictionary& each : speller.dictionaries())
            add(dictionaryTitle(each.name), each.name);
    });
}

} // namespace stoa
