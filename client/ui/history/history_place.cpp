#include "client/ui/history/history_place.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QListView>
#include <QPointer>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTextBrowser>
#include <QThreadPool>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/document/document_view.h"
#include "client/ui/history/history_view.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/choices.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr qsizetype headingNamesMax = 3; // as rowName
constexpr qsizetype namesMax = 40;
constexpr int listMin = grid(60);
constexpr int choicesInLineMin = grid(136); // of what is read

QTextBrowser* makeText(const QString& name)
{
    auto* text = new QTextBrowser;
    text->setAccessibleName(name);
    text->setOpenLinks(false);
    text->setUndoRedoEnabled(false);
    text->setFrameShape(QFrame::NoFrame);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    text->setFont(fontOf(Size::Reading));
    QTextOption option = text->document()->defaultTextOption();
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(Qt::LayoutDirectionAuto);
    text->document()->setDefaultTextOption(option);
    return text;
}

} // namespace

HistoryPlace::HistoryPlace(const Desk& desk, QWidget* parent)
    : Place(desk, parent),
      title_(tr("History")),
      model_(*desk.reading, desk.worker->replicaPath()),
      reading_(this, {[this] { readRows(); }})
{
    right_ = new QStackedWidget;
    empty_ = new EmptyState({}, {});
    right_->addWidget(empty_);
    right_->addWidget(makeStretch());
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeList());
    layout->addWidget(right_, 1);

    connect(&model_, &HistoryModel::loaded, this, &HistoryPlace::showRows);
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] {
        showsNewest_ = showsNewest_ && selecting_;
        showSelected();
    });
    connect(page_, &QPushButton::clicked, this,
            [this] { Q_EMIT wanted(pagesLocation(location_.space, location_.post)); });
    connect(restore_, &QPushButton::clicked, this, &HistoryPlace::restore);
    connect(document_, &DocumentView::wanted, this, &Place::wanted);
    connect(document_, &DocumentView::linkFailed, this, &Place::said);
    connect(rendered_, &DifferenceView::wanted, this, &Place::wanted);
    connect(rendered_, &DifferenceView::linkFailed, this, &Place::said);
    connect(desk.worker, &Worker::submitted, this, [this](const Id& change) {
        if (change != restoring_)
            return;
        restoring_ = {};
        Q_EMIT said(tr("The older text is the page's text again."));
        Q_EMIT wanted(pagesLocation(location_.space, location_.post));
    });
    // Nothing comes without a network, and the place says so.
    connect(desk.worker, &Worker::statusChanged, this, [this] {
        if (model_.isEmpty())
            showSummary();
    });
}

QWidget* HistoryPlace::makeList()
{
    page_ = makeButton({}, ButtonKind::Link);
    page_->setToolTip(tr("Back to the page"));
    summary_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    list_ = new QListView;
    list_->setAccessibleName(tr("What became of this page, the newest first"));
    list_->setModel(&model_);
    list_->setItemDelegate(new HistoryDelegate(desk().pen.now, list_));
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setFrameShape(QFrame::NoFrame);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    left_ = new QWidget;
    left_->setProperty("ground", QStringLiteral("pane"));
    left_->setAttribute(Qt::WA_StyledBackground);
    left_->setFixedWidth(metrics::list);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(grid(4), 0, grid(4), grid(2));
    head->setSpacing(grid(1));
    auto* back = new QHBoxLayout;
    back->addWidget(page_);
    back->addStretch(1);
    head->addLayout(back);
    head->addWidget(makeLabel(tr("History"), Size::Heading, Tone::Text, Weight::Title));
    head->addWidget(summary_);
    auto* layout = new QVBoxLayout(left_);
    layout->setContentsMargins(0, grid(4), 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(makeLine());
    layout->addWidget(list_, 1);
    return left_;
}

QWidget* HistoryPlace::makeStretch()
{
    avatar_ = new Avatar({}, historyAvatar);
    who_ = makeElidedLabel({}, Size::Heading, Tone::Text, Weight::Title);
    when_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    all_ = makeWrappedLabel({}, Size::Small, Tone::Mute);
    why_ = makeWrappedLabel({}, Size::Text, Tone::Text);
    approved_ = makeWrappedLabel({}, Size::Small, Tone::Ok);
    proposal_ = makeButton(tr("Show the proposal"), ButtonKind::Link);
    restore_ = makeButton(tr("Restore this text"));
    restore_->setToolTip(tr("Makes it the page's text again, as a change of yours. What is there now stays in the "
                            "history."));
    auto* names = new QVBoxLayout;
    names->setSpacing(0);
    names->addWidget(who_);
    names->addWidget(when_);
    auto* head = new QHBoxLayout;
    head->setSpacing(grid(3));
    head->addWidget(avatar_, 0, Qt::AlignTop);
    head->addLayout(names, 1);
    head->addWidget(restore_, 0, Qt::AlignTop);
    rendered_ = new DifferenceView(desk());
    auto* column = new QWidget;
    auto* within = new QVBoxLayout(column);
    within->setContentsMargins(0, 0, grid(4), grid(8));
    within->addWidget(rendered_);
    within->addStretch(1);
    renderedArea_ = makeScroll(column, metrics::reading + grid(16));
    changes_ = makeText(tr("What changed in the source"));
    document_ = new DocumentView(desk(), DocumentView::Fit::Scrolls);
    document_->setAccessibleName(tr("The text then"));
    writers_ = makeText(tr("Who wrote what"));
    texts_ = new QStackedWidget;
    for (QWidget* each : {static_cast<QWidget*>(renderedArea_), static_cast<QWidget*>(changes_),
                          static_cast<QWidget*>(document_), static_cast<QWidget*>(writers_)})
        texts_->addWidget(each);
    auto* stretch = new QWidget;
    rendered_->setKeysIn(this); // whatever of it has the keyboard
    auto* layout = new QVBoxLayout(stretch);
    layout->setContentsMargins(grid(8), grid(6), grid(4), 0);
    layout->setSpacing(grid(3));
    layout->addLayout(head);
    layout->addWidget(all_);
    layout->addWidget(why_);
    auto* reviewed = new QHBoxLayout;
    reviewed->setSpacing(grid(2));
    reviewed->addWidget(approved_, 1);
    reviewed->addWidget(proposal_);
    layout->addLayout(reviewed);
    layout->addWidget(makeChoices());
    layout->addWidget(texts_, 1);
    return stretch;
}

QWidget* HistoryPlace::makeChoices()
{
    auto* row = new QWidget;
    choices_ = new QBoxLayout(QBoxLayout::LeftToRight, row);
    choices_->setContentsMargins({});
    choices_->setSpacing(grid(2));
    auto* views = new QHBoxLayout;
    views->setSpacing(grid(2));
    const auto add = [](const QString& title, QLayout* to) {
        QPushButton* choice = makeButton(title, ButtonKind::Chip);
        choice->setCheckable(true);
        choice->setAutoExclusive(true);
        to->addWidget(choice);
        return choice;
    };
    const QStringList titles{tr("What changed"), tr("The text then"), tr("Who wrote what")};
    for (int i = 0; i < titles.size(); ++i) {
        views_.append(add(titles[i], views));
        connect(views_.last(), &QPushButton::clicked, this, [this, i] { setView(View(i)); });
    }
    views_.front()->setChecked(true);
    views->addStretch(1);
    sides_ = new QWidget;
    auto* sides = new QHBoxLayout(sides_);
    sides->setContentsMargins(0, 0, grid(4), 0);
    sides->setSpacing(grid(2));
    asPage_ = add(tr("Page"), sides);
    asPage_->setToolTip(tr("What changed, as the page looks"));
    asSource_ = add(tr("Source"), sides);
    asSource_->setToolTip(tr("What changed of the Markdown that the page is written in"));
    source_ = choice(desk(), QStringLiteral("history-changes")) == QLatin1String("source");
    (source_ ? asSource_ : asPage_)->setChecked(true);
    connect(asPage_, &QPushButton::clicked, this, [this] { setSource(false); });
    connect(asSource_, &QPushButton::clicked, this, [this] { setSource(true); });
    sides->addStretch(1);
    choices_->addLayout(views, 1);
    choices_->addWidget(sides_);
    return row;
}

void HistoryPlace::setSource(bool source)
{
    source_ = source;
    keepChoice(desk(), QStringLiteral("history-changes"), source ? QStringLiteral("source") : QStringLiteral("page"));
    setView(View::Changes);
}

void HistoryPlace::open(const Location& location)
{
    const bool another = location_.post != location.post || location_.since != location.since;
    location_ = location;
    if (another) {
        select({});
        showsNewest_ = true;
        isFetched_ = false;
        shown_ = {};
        empty_->set(tr("Reading the history"), {});
        right_->setCurrentWidget(empty_);
    }
    reading_.now();
    desk().worker->readHistory(location_.post);
}

void HistoryPlace::refresh(const Touched& touched)
{
    // Somebody changed it: what is new is at the server.
    if (touched.bulk || touched.posts.contains(location_.post))
        desk().worker->readHistory(location_.post);
    isFetched_ = isFetched_ || touched.histories.contains(location_.post);
    if (touched.bulk || touched.feeds || touched.histories.contains(location_.post) ||
        touched.posts.contains(location_.post))
        reading_.soon();
}

// What is written has the colours of its time.
void HistoryPlace::changeEvent(QEvent* event)
{
    Place::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && shownTexts_.isKnown)
        setView(view_);
}

// In a narrow window the list gives room, and what is chosen of the changes stands in a line of its own.
void HistoryPlace::resizeEvent(QResizeEvent* event)
{
    Place::resizeEvent(event);
    left_->setFixedWidth(std::clamp(width() * 2 / 5, listMin, metrics::list));
    choices_->setDirection(width() - left_->width() < choicesInLineMin ? QBoxLayout::TopToBottom
                                                                       : QBoxLayout::LeftToRight);
}

void HistoryPlace::takeFocus()
{
    list_->setFocus(Qt::OtherFocusReason);
}

bool HistoryPlace::stepBack()
{
    if (hasKeyboard(right_))
        takeFocus();
    else
        Q_EMIT wanted(pagesLocation(location_.space, location_.post));
    return true;
}

std::optional<HistoryRow> HistoryPlace::selected() const
{
    const QModelIndex index = list_->currentIndex();
    return index.isValid() ? std::optional(model_.at(index.row())) : std::nullopt;
}

void HistoryPlace::readRows()
{
    const auto page = post(*desk().reading, location_.post);
    title_ = page ? tr("History of %1").arg(page->title) : tr("History");
    page_->setVisible(page.has_value());
    if (page) {
        page_->setText(QStringLiteral("‹ ") +
                       page_->fontMetrics().elidedText(page->title.simplified(), Qt::ElideRight, grid(70)));
        page_->setAccessibleName(tr("Back to %1").arg(page->title));
    }
    model_.load(page ? location_.post : Id{}, location_.since);
    Q_EMIT moved();
}

void HistoryPlace::select(const QModelIndex& index)
{
    selecting_ = true;
    list_->setCurrentIndex(index);
    selecting_ = false;
}

void HistoryPlace::showRows()
{
    if ((showsNewest_ || !list_->currentIndex().isValid()) && !model_.isEmpty())
        select(model_.index(0));
    showsNewest_ = showsNewest_ && !isFetched_;
    showSummary();
    showSelected();
}

void HistoryPlace::showSummary()
{
    const bool there = post(*desk().reading, location_.post).has_value();
    QSet<Id> people;
    int work = 0;
    for (const HistoryRow& row : model_.rows()) {
        if (row.sinceRead)
            continue;
        people.unite(QSet<Id>(row.authors.begin(), row.authors.end()));
        ++work;
    }
    people.remove(Id{}); // an import
    if (!model_.isEmpty()) {
        const QString done = counted(work, tr("%1 stretch of work"), tr("%1 stretches of work"));
        summary_->setFullText(people.isEmpty()
                                  ? done
                                  : tr("%1 by %2").arg(done, counted(people.size(), tr("%1 person"), tr("%1 people"))));
        return;
    }
    summary_->setFullText({});
    right_->setCurrentWidget(empty_);
    if (!there)
        empty_->set(tr("This page is not here"), tr("It was removed, or it has not arrived yet."));
    else if (model_.isFetched())
        empty_->set(tr("Nobody has changed this text yet"), tr("What people change in it will be listed here."));
    else if (desk().worker->status().state == SyncStatus::State::Offline)
        empty_->set(tr("There is no network now"),
                    tr("The history of this page was not looked at before. It comes as soon as the server can be "
                       "reached."));
    else
        empty_->set(tr("Fetching the history"), tr("It will be here in a moment."));
}

void HistoryPlace::showSelected()
{
    const auto row = selected();
    if (!row)
        return;
    right_->setCurrentIndex(1);
    avatar_->setVisible(!row->sinceRead);
    avatar_->setNames(authorTexts(*row));
    who_->setFullText(rowName(*row));
    showAuthors(*row);
    why_->setText(saidText(*row, isolatedNames(*row)));
    why_->setVisible(!why_->text().isEmpty());
    showProposal(*row);
    // What is read there keeps its place.
    if (row->id == shown_ && row->end == shownEnd_)
        return showFacts(*row);
    shown_ = row->id;
    shownEnd_ = row->end;
    shownTexts_ = {};
    const quint64 generation = ++generation_;
    QThreadPool::globalInstance()->start(
        [place = QPointer<HistoryPlace>(this), generation, revisions = model_.revisions(), row = *row] {
            auto texts = std::make_shared<StretchTexts>(textsOf(*revisions, row.begin, row.end));
            QMetaObject::invokeMethod(QCoreApplication::instance(), [place, generation, texts] {
                if (!place || place->generation_ != generation)
                    return;
                place->shownTexts_ = std::move(*texts);
                if (const auto shown = place->selected())
                    place->showFacts(*shown);
                place->setView(place->view_);
            });
        });
}

// All of them where the heading names some.
void HistoryPlace::showAuthors(const HistoryRow& row)
{
    all_->setVisible(row.authors.size() > headingNamesMax);
    all_->setText(tr("Written by %1").arg(peopleText(isolatedNames(row), namesMax)));
}

void HistoryPlace::showFacts(const HistoryRow& row)
{
    const qint64 now = desk().pen.now();
    QString when = timeText(row.toMs, now);
    if (row.toMs - row.fromMs >= 60'000)
        when = tr("%1 to %2").arg(timeText(row.fromMs, now), when);
    QStringList facts{when};
    if (shownTexts_.wordsAdded > 0)
        facts << counted(shownTexts_.wordsAdded, tr("%1 word added"), tr("%1 words added"));
    if (shownTexts_.wordsRemoved > 0)
        facts << counted(shownTexts_.wordsRemoved, tr("%1 word removed"), tr("%1 words removed"));
    when_->setFullText(facts.join(QStringLiteral(" · ")));
    const auto record = stoa::record(*desk().reading, location_.post);
    restore_->setVisible(shownTexts_.isKnown && record && shownTexts_.body != record->post().body() &&
                         allowed(desk(), editBody(desk().pen, location_.post, {}, TextChange())));
}

void HistoryPlace::setView(View view)
{
    view_ = view;
    views_[int(view)]->setChecked(true);
    sides_->setVisible(view == View::Changes);
    switch (view) {
    case View::Changes:
        return showChanges();
    case View::Text:
        texts_->setCurrentWidget(document_);
        return document_->setMarkdown(QString::fromStdString(shownTexts_.body));
    case View::Writers:
        texts_->setCurrentWidget(writers_);
        return writeWriters();
    }
}

void HistoryPlace::showChanges()
{
    const bool rendered = !source_ && shownTexts_.rendered && !shownTexts_.rendered->isTooMuch;
    if (!rendered) {
        texts_->setCurrentWidget(changes_);
        return writeChanges();
    }
    texts_->setCurrentWidget(renderedArea_);
    if (rendered_->difference() != shownTexts_.rendered)
        renderedArea_->verticalScrollBar()->setValue(0);
    rendered_->set(shownTexts_.rendered);
}

// A change like any other: what is there now stays in the history.
void HistoryPlace::restore()
{
    const auto row = selected();
    const auto record = stoa::record(*desk().reading, location_.post);
    if (!row || !record || !shownTexts_.isKnown)
        return;
    v1::Change change = editBody(desk().pen, location_.post, record->post().body(), shownTexts_.body);
    v1::EditText& edit = *change.mutable_edit_text();
    edit.set_summary(tr("Restored the text of %1").arg(timeText(row->toMs, desk().pen.now())).toStdString());
    *edit.mutable_resolved() = record->post().contested();
    restoring_ = *Id::from(change.id());
    desk().worker->submit({change});
}

Place* makeHistoryPlace(const Desk& desk, QWidget* parent)
{
    return new HistoryPlace(desk, parent);
}

} // namespace stoa
