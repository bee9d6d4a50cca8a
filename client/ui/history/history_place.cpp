#include "client/ui/history/history_place.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QListView>
#include <QPainter>
#include <QPointer>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTextBrowser>
#include <QThreadPool>
#include <QVBoxLayout>

#include "client/commands/sentences.h"
#include "client/ui/document/document_view.h"
#include "client/ui/history/history_view.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int avatarSide = 24;
constexpr qsizetype shownLettersMax = 400'000; // of one text on the right: a text view lays out all that it is given

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

QString nameOf(const HistoryRow& row)
{
    if (row.sinceRead)
        return HistoryPlace::tr("Since you read it last");
    return row.authorName.isEmpty() ? HistoryPlace::tr("Somebody who left") : row.authorName;
}

QTextCharFormat lookOf(Size size, const QColor& ink)
{
    QTextCharFormat look;
    look.setFont(fontOf(size));
    look.setForeground(ink);
    return look;
}

} // namespace

HistoryDelegate::HistoryDelegate(WallClock now, QObject* parent) : QStyledItemDelegate(parent), now_(std::move(now)) {}

QSize HistoryDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {grid(50), metrics::rowTwo};
}

// People along a line, the newest at its upper end.
void HistoryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto row = index.data(HistoryModel::RowRole).value<HistoryRow>();
    const Tokens& t = tokens();
    const bool selected = option.state & QStyle::State_Selected;
    painter->save();
    painter->fillRect(option.rect, selected ? t.sel : option.state & QStyle::State_MouseOver ? t.hover : t.pane);
    if (option.state & QStyle::State_HasFocus && selected)
        painter->fillRect(QRect(option.rect.topLeft(), QSize(grid(1) / 2, option.rect.height())), t.acc);
    const QRect inner = option.rect.adjusted(grid(4), grid(2), -grid(4), -grid(2));
    const QRect avatar(inner.left(), inner.center().y() - avatarSide / 2, avatarSide, avatarSide);
    const int line = avatar.center().x();
    painter->setPen(t.line);
    if (index.row() > 0)
        painter->drawLine(line, option.rect.top(), line, avatar.top());
    if (index.row() + 1 < index.model()->rowCount())
        painter->drawLine(line, avatar.bottom(), line, option.rect.bottom());
    if (row.sinceRead)
        makeIcon(QStringLiteral("bookmark"), t.acc).paint(painter, avatar);
    else
        paintAvatar(painter, avatar, nameOf(row));

    const QRect words = inner.adjusted(avatarSide + grid(3), 0, 0, 0);
    const QString when = ageText(row.toMs, now_());
    painter->setFont(fontOf(Size::Small));
    painter->setPen(t.mute);
    const int whenWidth = painter->fontMetrics().horizontalAdvance(when);
    const int small = painter->fontMetrics().height();
    painter->drawText(QRect(words.left(), words.top(), words.width(), small), Qt::AlignRight | Qt::AlignVCenter, when);
    const QString what = !row.summary.isEmpty() ? row.summary.simplified()
                       : row.sinceRead          ? tr("All changes in one")
                       : row.created            ? tr("The first text")
                                                : tr("No summary");
    painter->setPen(row.summary.isEmpty() ? t.faint : t.mute);
    painter->drawText(QRect(words.left(), words.bottom() + 1 - small, words.width(), small),
                      Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(what, Qt::ElideRight, words.width()));
    painter->setFont(fontOf(Size::Text, Weight::Strong));
    painter->setPen(t.text);
    const int width = words.width() - whenWidth - grid(2);
    painter->drawText(QRect(words.left(), words.top(), width, painter->fontMetrics().height()),
                      Qt::AlignLeft | Qt::AlignVCenter,
                      painter->fontMetrics().elidedText(nameOf(row), Qt::ElideRight, width));
    painter->restore();
}

HistoryPlace::HistoryPlace(const Desk& desk, QWidget* parent)
    : Place(desk, parent), title_(tr("History")), model_(*desk.reading), reading_(this, {[this] { readRows(); }})
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

    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this] { showSelected(); });
    connect(page_, &QPushButton::clicked, this,
            [this] { Q_EMIT wanted(pagesLocation(location_.space, location_.post)); });
    connect(restore_, &QPushButton::clicked, this, &HistoryPlace::restore);
    connect(document_, &DocumentView::wanted, this, &Place::wanted);
    connect(document_, &DocumentView::linkFailed, this, &Place::said);
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
    auto* left = new QWidget;
    left->setProperty("ground", QStringLiteral("pane"));
    left->setAttribute(Qt::WA_StyledBackground);
    left->setFixedWidth(metrics::list);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(grid(4), 0, grid(4), grid(2));
    head->setSpacing(grid(1));
    auto* back = new QHBoxLayout;
    back->addWidget(page_);
    back->addStretch(1);
    head->addLayout(back);
    head->addWidget(makeLabel(tr("History"), Size::Heading, Tone::Text, Weight::Title));
    head->addWidget(summary_);
    auto* layout = new QVBoxLayout(left);
    layout->setContentsMargins(0, grid(4), 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(makeLine());
    layout->addWidget(list_, 1);
    return left;
}

QWidget* HistoryPlace::makeStretch()
{
    avatar_ = new Avatar({}, avatarSide);
    who_ = makeElidedLabel({}, Size::Heading, Tone::Text, Weight::Title);
    when_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    why_ = makeWrappedLabel({}, Size::Text, Tone::Text);
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
    auto* choices = new QHBoxLayout;
    choices->setSpacing(grid(2));
    const QStringList titles{tr("What changed"), tr("The text then"), tr("Who wrote what")};
    for (int i = 0; i < titles.size(); ++i) {
        QPushButton* choice = makeButton(titles[i], ButtonKind::Chip);
        choice->setCheckable(true);
        choice->setAutoExclusive(true);
        connect(choice, &QPushButton::clicked, this, [this, i] { setView(View(i)); });
        choices->addWidget(choice);
        views_.append(choice);
    }
    views_.front()->setChecked(true);
    choices->addStretch(1);
    changes_ = makeText(tr("What changed"));
    document_ = new DocumentView(desk(), DocumentView::Fit::Scrolls);
    document_->setAccessibleName(tr("The text then"));
    writers_ = makeText(tr("Who wrote what"));
    texts_ = new QStackedWidget;
    for (QWidget* each :
         {static_cast<QWidget*>(changes_), static_cast<QWidget*>(document_), static_cast<QWidget*>(writers_)})
        texts_->addWidget(each);
    auto* stretch = new QWidget;
    auto* layout = new QVBoxLayout(stretch);
    layout->setContentsMargins(grid(8), grid(6), grid(4), 0);
    layout->setSpacing(grid(3));
    layout->addLayout(head);
    layout->addWidget(why_);
    layout->addLayout(choices);
    layout->addWidget(texts_, 1);
    return stretch;
}

void HistoryPlace::open(const Location& location)
{
    const bool another = location_.post != location.post || location_.since != location.since;
    location_ = location;
    if (another) {
        list_->setCurrentIndex({});
        shown_ = {};
    }
    reading_.now();
    desk().worker->readHistory(location_.post);
}

void HistoryPlace::refresh(const Touched& touched)
{
    // Somebody changed it: what is new is at the server.
    if (touched.bulk || touched.posts.contains(location_.post))
        desk().worker->readHistory(location_.post);
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

void HistoryPlace::takeFocus()
{
    list_->setFocus(Qt::OtherFocusReason);
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
    if (!list_->currentIndex().isValid() && !model_.isEmpty())
        list_->setCurrentIndex(model_.index(0));
    showSummary();
    showSelected();
    Q_EMIT moved();
}

void HistoryPlace::showSummary()
{
    const bool there = post(*desk().reading, location_.post).has_value();
    QSet<Id> people;
    int work = 0;
    for (const HistoryRow& row : model_.rows()) {
        if (row.sinceRead)
            continue;
        people.insert(row.author);
        ++work;
    }
    if (!model_.isEmpty()) {
        summary_->setFullText(tr("%1 by %2")
                                  .arg(counted(work, tr("%1 stretch of work"), tr("%1 stretches of work")),
                                       counted(people.size(), tr("%1 person"), tr("%1 people"))));
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
    avatar_->setName(nameOf(*row));
    who_->setFullText(nameOf(*row));
    why_->setText(row->summary);
    why_->setVisible(!row->summary.isEmpty());
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
                         allowed(desk(), editBody(desk().pen, location_.post, {}, {})));
}

void HistoryPlace::setView(View view)
{
    view_ = view;
    views_[int(view)]->setChecked(true);
    texts_->setCurrentIndex(int(view));
    switch (view) {
    case View::Changes:
        return writeChanges();
    case View::Text:
        return document_->setMarkdown(QString::fromStdString(shownTexts_.body));
    case View::Writers:
        return writeWriters();
    }
}

// Colour is never all that tells: what was removed is struck out, what was added underlined.
void HistoryPlace::writeChanges()
{
    const Tokens& t = tokens();
    changes_->clear();
    QTextCursor cursor(changes_->document());
    cursor.beginEditBlock();
    if (!shownTexts_.isKnown && selected() && !model_.isWhole())
        cursor.insertText(tr("What came before this is not here, so it cannot be told what changed."),
                          lookOf(Size::Text, t.mute));
    qsizetype letters = 0;
    for (const DifferencePiece& piece : std::as_const(shownTexts_.pieces)) {
        QTextCharFormat look = lookOf(Size::Reading, t.text);
        switch (piece.kind) {
        case DifferencePiece::Kind::Kept:
            break;
        case DifferencePiece::Kind::Added:
            look.setForeground(t.ok);
            look.setBackground(t.okbg);
            look.setFontUnderline(true);
            break;
        case DifferencePiece::Kind::Removed:
            look.setForeground(t.bad);
            look.setBackground(t.badbg);
            look.setFontStrikeOut(true);
            break;
        case DifferencePiece::Kind::LeftOut:
            if (!cursor.atBlockStart())
                cursor.insertBlock();
            cursor.insertText(counted(piece.lines, tr("… %1 line as it was …"), tr("… %1 lines as they were …")),
                              lookOf(Size::Small, t.faint));
            cursor.insertBlock();
            continue;
        }
        letters += piece.text.size();
        if (letters > shownLettersMax) {
            cursor.insertText(tr("… and more than can be shown here"), lookOf(Size::Small, t.faint));
            break;
        }
        cursor.insertText(piece.text, look);
    }
    cursor.endEditBlock();
    changes_->moveCursor(QTextCursor::Start);
}

void HistoryPlace::writeWriters()
{
    const Tokens& t = tokens();
    writers_->clear();
    QTextCursor cursor(writers_->document());
    cursor.beginEditBlock();
    qsizetype letters = 0;
    for (const auto& [text, by] : std::as_const(shownTexts_.written)) {
        letters += text.size();
        if (letters > shownLettersMax || by >= model_.revisions()->size()) {
            cursor.insertText(tr("… and more than can be shown here"), lookOf(Size::Small, t.faint));
            break;
        }
        const v1::Revision& revision = (*model_.revisions())[by];
        const auto author = Id::from(revision.author());
        const auto known = author ? person(*desk().reading, *author) : std::nullopt;
        const QString name = !known ? tr("Somebody who left") : known->name.isEmpty() ? known->login : known->name;
        QTextBlockFormat head;
        head.setTopMargin(grid(3));
        if (cursor.atStart())
            cursor.setBlockFormat(QTextBlockFormat());
        else
            cursor.insertBlock(head);
        cursor.insertText(tr("%1, %2").arg(isolated(name), timeText(revision.time_ms(), desk().pen.now())),
                          lookOf(Size::Small, nameColour(name)));
        cursor.insertBlock(QTextBlockFormat());
        cursor.insertText(text.endsWith(QLatin1Char('\n')) ? text.chopped(1) : text, lookOf(Size::Reading, t.text));
    }
    cursor.endEditBlock();
    writers_->moveCursor(QTextCursor::Start);
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
