#include "client/ui/editor/completion.h"

#include <algorithm>

#include <QAbstractItemView>
#include <QScrollBar>
#include <QTextBlock>

#include "client/models/match.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/theme/theme.h"
#include "client/ui/widgets/tags_field.h"

namespace stoa {

namespace {

constexpr int offersMax = 8;
constexpr int hitsMax = 60;
constexpr qsizetype wordsMax = 60;
constexpr int writtenRole = Qt::UserRole + 1;

bool isNamed(QChar c)
{
    return c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_') || c == QLatin1Char('.');
}

QString linkTo(const PostRow& post)
{
    QString title = post.title.simplified();
    for (const char sign : {'\\', '[', ']'})
        title.replace(QLatin1Char(sign), QStringLiteral("\\") + QLatin1Char(sign));
    return QStringLiteral("[%1](stoa:post/%2)").arg(title, QString::fromStdString(post.id.hex()));
}

} // namespace

std::optional<Begun> begunIn(QStringView line)
{
    const qsizetype open = line.lastIndexOf(QLatin1String("[["));
    if (open >= 0 && line.size() - open <= wordsMax && !line.mid(open).contains(QLatin1Char(']')))
        return Begun{Begun::Kind::Page, open, line.mid(open + 2).toString()};
    qsizetype from = line.size();
    while (from > 0 && isNamed(line.at(from - 1)) && line.size() - from < wordsMax)
        --from;
    if (from == 0 || from == line.size())
        return std::nullopt;
    const QChar sign = line.at(from - 1);
    const bool apart = from == 1 || line.at(from - 2).isSpace() || line.at(from - 2) == QLatin1Char('(');
    if (!apart || (sign != QLatin1Char('@') && sign != QLatin1Char('#')))
        return std::nullopt;
    return Begun{sign == QLatin1Char('@') ? Begun::Kind::Person : Begun::Kind::Tag, from - 1,
                 line.mid(from).toString()};
}

Completion::Completion(const Desk& desk, MarkdownEditor* editor) : QCompleter(editor), desk_(desk), editor_(editor)
{
    setModel(&model_);
    setWidget(editor);
    setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    setMaxVisibleItems(offersMax);
    popup()->setAccessibleName(tr("What you may mean"));
    popup()->setProperty("offers", true); // it stands on nothing
    connect(editor, &MarkdownEditor::typed, this, &Completion::typed);
    connect(this, qOverload<const QModelIndex&>(&QCompleter::activated), this, &Completion::take);
    connect(desk.worker, &Worker::searched, this, [this](quint64 ticket, const SearchResults& results) {
        if (ticket != ticket_ || !begun_ || begun_->kind != Begun::Kind::Page)
            return;
        QList<Offer> offers;
        for (const SearchHit& hit : results.hits) {
            const QString title = hit.post.title.simplified();
            const auto fit = matchName(begun_->words, title);
            if (fit || !byTitle_)
                offers.append(
                    {QStringLiteral("%1  ·  %2").arg(title, hit.spaceName), linkTo(hit.post), fit ? fit->score : 0});
        }
        offer(offers);
    });
}

void Completion::typed()
{
    const QTextCursor cursor = editor_->textCursor();
    const QString line = cursor.block().text().left(cursor.positionInBlock());
    begun_ = cursor.hasSelection() || MarkdownStyle::isCode(cursor.block()) ? std::nullopt : begunIn(line);
    ticket_ = 0;
    if (!begun_)
        return offer({});
    QList<Offer> offers;
    switch (begun_->kind) {
    case Begun::Kind::Page:
        if (!begun_->words.trimmed().isEmpty()) {
            // A single letter stands for itself in a search: the words before it are looked for, and the titles that
            // have all of it are among what they find.
            const qsizetype last = begun_->words.lastIndexOf(QLatin1Char(' ')) + 1;
            byTitle_ = last > 0 && begun_->words.size() - last == 1;
            ticket_ = desk_.newTicket();
            desk_.worker->search(ticket_, byTitle_ ? begun_->words.left(last).trimmed() : begun_->words, {}, hitsMax);
            return; // what was offered stays until there is an answer
        }
        break;
    case Begun::Kind::Person:
        for (const PersonRow& row : findPeople(*desk_.reading, begun_->words, 3 * offersMax)) {
            const auto byName = matchName(begun_->words, row.name), byLogin = matchName(begun_->words, row.login);
            offers.append({row.name, QLatin1Char('@') + (row.login.isEmpty() ? row.name : row.login) + QLatin1Char(' '),
                           std::max(byName ? byName->score : 0, byLogin ? byLogin->score : 0)});
        }
        break;
    case Begun::Kind::Tag:
        if (!space_.isNull())
            for (const QString& tag : fittingTags(*desk_.reading, space_, begun_->words))
                offers.append({QLatin1Char('#') + tag, QLatin1Char('#') + tag + QLatin1Char(' '), 0});
        break;
    }
    offer(offers);
}

// The best first; of those that fit alike, as they came.
void Completion::offer(QList<Offer> offers)
{
    std::stable_sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) { return a.score > b.score; });
    offers.resize(std::min<qsizetype>(offers.size(), offersMax));
    model_.clear();
    for (const Offer& each : std::as_const(offers)) {
        auto* item = new QStandardItem(each.shown);
        item->setData(each.written, writtenRole);
        model_.appendRow(item);
    }
    if (offers.isEmpty() || !editor_->hasFocus()) {
        popup()->hide();
        return;
    }
    QTextCursor begin = editor_->textCursor();
    begin.setPosition(begin.block().position() + int(begun_->from));
    QRect rect = editor_->cursorRect(begin).translated(editor_->viewport()->pos());
    rect.setWidth(grid(90));
    complete(rect);
    popup()->setCurrentIndex(completionModel()->index(0, 0));
}

void Completion::take(const QModelIndex& index)
{
    // Where it stands now: others may have written before it in this line.
    const QTextCursor cursor = editor_->textCursor();
    const auto begun = begunIn(cursor.block().text().left(cursor.positionInBlock()));
    if (!begun_ || !begun || begun->kind != begun_->kind)
        return;
    const qsizetype from = cursor.block().position() + begun->from;
    qsizetype to = cursor.position();
    if (begun->kind == Begun::Kind::Page && editor_->text().mid(to, 2) == QLatin1String("]]"))
        to += 2;
    const QString written = index.data(writtenRole).toString();
    begun_.reset();
    editor_->replaceText(from, to - from, written);
}

} // namespace stoa
