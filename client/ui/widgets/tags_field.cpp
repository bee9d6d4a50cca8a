#include "client/ui/widgets/tags_field.h"

#include <algorithm>

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>

#include "client/models/match.h"
#include "client/ui/tags.h"
#include "client/ui/theme/theme.h"

namespace stoa {

namespace {

constexpr int knownTagsMax = 500;
constexpr qsizetype offeredTagsMax = 8;
constexpr int insideScore = 2000; // matchName: what is less has the letters only

} // namespace

QStringList fittingTags(const Reading& reading, const Id& space, const QString& begun)
{
    QList<std::pair<int, QString>> fitting;
    if (space.isNull() || begun.isEmpty())
        return {};
    for (const TagRow& row : tags(reading, space, knownTagsMax))
        if (const auto fit = matchName(begun, row.tag); fit && fit->score >= insideScore)
            fitting.append({fit->score / 1000, row.tag});
    std::stable_sort(fitting.begin(), fitting.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    QStringList found;
    for (const auto& [score, tag] : std::as_const(fitting).first(std::min(fitting.size(), offeredTagsMax)))
        found << tag;
    return found;
}

TagsField::TagsField(const Reading& reading, QWidget* parent)
    : QLineEdit(parent), reading_(reading), completer_(new QCompleter(this))
{
    setPlaceholderText(tr("Tags, apart by spaces"));
    setAccessibleName(tr("Tags"));
    completer_->setModel(&model_);
    completer_->setWidget(this); // and not setCompleter: that one takes the whole field for one word
    completer_->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    completer_->setMaxVisibleItems(int(offeredTagsMax));
    completer_->popup()->setAccessibleName(tr("Tags that this space has"));
    completer_->popup()->setProperty("offers", true); // it stands on nothing
    connect(this, &QLineEdit::textEdited, this, &TagsField::offer);
    connect(completer_, qOverload<const QString&>(&QCompleter::activated), this, &TagsField::take);
}

QString TagsField::begun() const
{
    return text().left(cursorPosition()).section(tagEnd(), -1);
}

void TagsField::offer()
{
    const QString word = begun();
    QStringList offers = fittingTags(reading_, space_, word);
    for (const QString& there : tagsIn(text()))
        if (there != word)
            offers.removeAll(there);
    model_.setStringList(offers);
    if (offers.isEmpty() || offers == QStringList{word})
        return completer_->popup()->hide();
    const int left = fontMetrics().horizontalAdvance(text().left(cursorPosition() - int(word.size())));
    completer_->complete(QRect(std::min(left, width() - grid(20)), 0, grid(60), height()));
    completer_->popup()->setCurrentIndex(completer_->completionModel()->index(0, 0));
}

void TagsField::take(const QString& tag)
{
    const int from = cursorPosition() - int(begun().size());
    setSelection(from, cursorPosition() - from);
    insert(tag + QLatin1Char(' '));
}

// While it offers something these are its keys.
void TagsField::keyPressEvent(QKeyEvent* event)
{
    constexpr int offered[] = {Qt::Key_Return, Qt::Key_Enter, Qt::Key_Escape};
    if (completer_->popup()->isVisible() &&
        std::find(std::begin(offered), std::end(offered), event->key()) != std::end(offered)) {
        event->ignore();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

bool TagsField::focusNextPrevChild(bool next)
{
    return !completer_->popup()->isVisible() && QLineEdit::focusNextPrevChild(next);
}

} // namespace stoa
