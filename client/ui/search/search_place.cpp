#include "client/ui/search/search_place.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QListView>
#include <QPainter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QTextLayout>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/search/search_view.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int hitsMax = 50;
constexpr int refreshMs = 400;
constexpr int spaceChipsMax = 4;

// One or two lines with the found words strong.
int paintMarked(QPainter* painter, const QRect& rect, const QString& text, const QList<QPair<int, int>>& marks,
                const QFont& font, const QColor& colour, int lines)
{
    QTextLayout layout(text, font);
    QList<QTextLayout::FormatRange> formats;
    for (const auto& [start, length] : marks) {
        QTextLayout::FormatRange range;
        range.start = start;
        range.length = length;
        range.format.setFontWeight(QFont::DemiBold);
        range.format.setForeground(tokens().acc);
        formats.append(range);
    }
    layout.setFormats(formats);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    qreal y = 0;
    for (int i = 0; i < lines; ++i) {
        QTextLine line = layout.createLine();
        if (!line.isValid())
            break;
        line.setLineWidth(rect.width());
        line.setPosition({0, y});
        y += line.height();
    }
    layout.endLayout();
    painter->save();
    painter->setClipRect(rect);
    painter->setPen(colour);
    layout.draw(painter, rect.topLeft());
    painter->restore();
    return int(y);
}

constexpr qsizetype wordsMax = 40; // of a page's text from what was found on: what tells the place from others

class HitDelegate : public QStyledItemDelegate {
public:
    HitDelegate(WallClock now, QObject* parent) : QStyledItemDelegate(parent), now_(std::move(now)) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override
    {
        return {grid(50), grid(5) + QFontMetrics(fontOf(Size::Reading)).height() +
                              QFontMetrics(fontOf(Size::Text)).lineSpacing() * 2 +
                              QFontMetrics(fontOf(Size::Small)).height() + grid(2)};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const auto hit = index.data(SearchModel::RowRole).value<SearchHit>();
        const Tokens& t = tokens();
        painter->save();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, t.sel);
        else if (option.state & QStyle::State_MouseOver)
            painter->fillRect(option.rect, t.hover);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.line);
        QRect inner = option.rect.adjusted(grid(8), grid(3), -grid(8), -grid(2));
        inner.setWidth(std::min(inner.width(), int(metrics::card)));
        const int titleHeight = QFontMetrics(fontOf(Size::Reading)).height();
        paintMarked(painter, QRect(inner.left(), inner.top(), inner.width(), titleHeight), hit.post.title,
                    hit.titleMarks, fontOf(Size::Reading, Weight::Strong), t.text, 1);
        const int snippetHeight = 2 * QFontMetrics(fontOf(Size::Text)).lineSpacing();
        paintMarked(painter, QRect(inner.left(), inner.top() + titleHeight + grid(1), inner.width(), snippetHeight),
                    hit.snippet, hit.marks, fontOf(Size::Text), t.text, 2);
        painter->setFont(fontOf(Size::Small));
        painter->setPen(t.mute);
        QStringList parts{kindText(hit.post.kind), isolated(hit.spaceName)};
        if (!hit.post.authorName.isEmpty())
            parts << isolated(hit.post.authorName);
        parts << ageText(hit.post.changedMs, now_());
        for (const QString& tag : hit.post.tags)
            parts << QLatin1Char('#') + tag;
        painter->drawText(
            inner, Qt::AlignLeft | Qt::AlignBottom,
            painter->fontMetrics().elidedText(parts.join(QStringLiteral(" · ")), Qt::ElideRight, inner.width()));
        painter->restore();
    }

private:
    WallClock now_;
};

} // namespace

SearchPlace::SearchPlace(const Desk& desk, QWidget* parent) : Place(desk, parent)
{
    heading_ = makeLabel({}, Size::Heading, Tone::Text, Weight::Title);
    note_ = makeWrappedLabel({}, Size::Small, Tone::Mute);
    auto* chips = new QWidget;
    chips_ = new QHBoxLayout(chips);
    chips_->setContentsMargins(0, 0, 0, 0);
    chips_->setSpacing(grid(2));
    list_ = new QListView;
    list_->setAccessibleName(tr("What was found"));
    list_->setModel(&model_);
    list_->setItemDelegate(new HitDelegate(desk.pen.now, list_));
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    empty_ = new EmptyState({}, {});
    stack_ = new QStackedWidget;
    stack_->addWidget(list_);
    stack_->addWidget(empty_);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, grid(5), 0, 0);
    layout->setSpacing(grid(2));
    auto* head = new QVBoxLayout;
    head->setContentsMargins(grid(8), 0, grid(8), grid(1));
    head->setSpacing(grid(2));
    head->addWidget(heading_);
    head->addWidget(note_);
    head->addWidget(chips);
    layout->addLayout(head);
    layout->addWidget(makeLine());
    layout->addWidget(stack_, 1);

    connect(list_, &QListView::activated, this, &SearchPlace::go);
    connect(list_, &QListView::clicked, this, &SearchPlace::go);
    connect(desk.worker, &Worker::searched, this, [this](quint64 ticket, const SearchResults& results) {
        if (ticket == ticket_)
            show(results);
    });
    soon_.setSingleShot(true);
    connect(&soon_, &QTimer::timeout, this, &SearchPlace::ask);
}

void SearchPlace::go(const QModelIndex& index)
{
    if (!index.isValid())
        return;
    const SearchHit& hit = model_.at(index.row());
    auto location = locationOf(*desk().reading, hit.post.id);
    if (!location)
        return Q_EMIT said(tr("“%1” is not here any more: it was deleted, or moved to a space that you do not read.")
                               .arg(hit.post.title.simplified()));
    if (location->kind == Location::Kind::Pages && location->within.isNull() && !hit.marks.isEmpty()) {
        location->words = hit.snippet.mid(hit.marks.first().first, wordsMax);
        location->asked = hit.marks.first().second;
    }
    Q_EMIT wanted(*location, QApplication::keyboardModifiers() & Qt::ControlModifier);
}

void SearchPlace::openFirst()
{
    goes_ = true;
    if (isAnswered_)
        goOn();
}

// Who has gone elsewhere stays there.
void SearchPlace::hideEvent(QHideEvent* event)
{
    Place::hideEvent(event);
    goes_ = false;
}

// Once, to the best of what was found.
void SearchPlace::goOn()
{
    if (std::exchange(goes_, false))
        go(list_->currentIndex().isValid() ? list_->currentIndex() : model_.index(0));
}

void SearchPlace::open(const Location& location)
{
    goes_ = false;
    if (words_ != location.words)
        list_->setCurrentIndex({}); // what is found first then is chosen
    words_ = location.words;
    showChips();
    ask();
}

void SearchPlace::ask()
{
    if (words_.trimmed().isEmpty()) {
        SearchResults none;
        return show(none);
    }
    isAnswered_ = false;
    ticket_ = desk().newTicket();
    desk().worker->search(ticket_, words_, {}, hitsMax);
}

void SearchPlace::refresh(const Touched& touched)
{
    if (touched.feeds)
        spaces_.reset();
    if (isVisible() && (touched.bulk || !touched.posts.isEmpty()) && !soon_.isActive())
        soon_.start(refreshMs);
}

void SearchPlace::takeFocus()
{
    list_->setFocus(Qt::OtherFocusReason);
}

void SearchPlace::show(const SearchResults& results)
{
    model_.show(results.hits);
    heading_->setText(words_.isEmpty() ? tr("Search") : tr("Results for “%1”").arg(words_));
    QStringList notes;
    if (!results.hits.isEmpty())
        notes << (results.more ? tr("The best %1").arg(results.hits.size())
                               : counted(results.hits.size(), tr("%1 result"), tr("%1 results")));
    if (!results.note.isEmpty())
        notes << results.note;
    if (results.unindexed > 0)
        notes << counted(results.unindexed, tr("%1 post is not searchable yet"), tr("%1 posts are not searchable yet"));
    note_->setText(notes.join(QStringLiteral(" · ")));
    note_->setVisible(!notes.isEmpty());
    if (words_.trimmed().isEmpty())
        empty_->set(tr("What are you looking for?"),
                    tr("Type words, or narrow: space:handbook, tag:printer, kind:question, author:mara, \"a phrase\", "
                       "-without."));
    else
        empty_->set(tr("Nothing was found"), tr("Try fewer or other words. Accents and capitals do not matter."));
    stack_->setCurrentIndex(results.hits.isEmpty() ? 1 : 0);
    if (!results.hits.isEmpty() && !list_->currentIndex().isValid())
        list_->setCurrentIndex(model_.index(0));
    isAnswered_ = true;
    Q_EMIT moved();
    goOn();
}

void SearchPlace::showChips()
{
    if (!spaces_) {
        spaces_.emplace();
        for (const SpaceRow& space : spaces(*desk().reading).mid(0, spaceChipsMax))
            spaces_->append(space.name);
    }
    QList<Chip> chips;
    const auto add = [&](const QString& text, const QString& filter) {
        chips.append({text, filter, words_.contains(filter, Qt::CaseInsensitive)});
    };
    add(tr("Questions"), QStringLiteral("kind:question"));
    add(tr("Answers"), QStringLiteral("kind:answer"));
    add(tr("Pages"), QStringLiteral("kind:page"));
    for (const QString& name : std::as_const(*spaces_)) {
        const bool spaced = name.contains(QLatin1Char(' '));
        add(tr("in %1").arg(name),
            spaced ? QStringLiteral("space:\"%1\"").arg(name) : QStringLiteral("space:%1").arg(name));
    }
    if (chips == shownChips_)
        return;
    shownChips_ = chips;
    clearLayout(chips_);
    for (const Chip& chip : std::as_const(chips)) {
        QPushButton* button = makeButton(chip.text, ButtonKind::Chip);
        button->setChecked(chip.on);
        connect(button, &QPushButton::clicked, this, [this, filter = chip.filter] { narrow(filter); });
        chips_->addWidget(button);
    }
    chips_->addStretch(1);
}

// A filter again takes it away.
void SearchPlace::narrow(const QString& filter)
{
    QString words = words_;
    const qsizetype at = words.indexOf(filter, 0, Qt::CaseInsensitive);
    if (at >= 0)
        words.remove(at, filter.size());
    else
        words += QLatin1Char(' ') + filter;
    words_ = words.simplified();
    // The chip that was clicked must not go while it speaks.
    QMetaObject::invokeMethod(
        this,
        [this] {
            showChips();
            ask();
        },
        Qt::QueuedConnection);
}

Place* makeSearchPlace(const Desk& desk, QWidget* parent)
{
    return new SearchPlace(desk, parent);
}

} // namespace stoa
