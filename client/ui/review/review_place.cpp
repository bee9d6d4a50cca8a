#include "client/ui/review/review_place.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QListView>
#include <QPainter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "client/ui/review/proposal_texts.h"
#include "client/ui/review/review_view.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/list_row.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int besideMin = grid(240); // narrower, the list makes room for what is read

} // namespace

ProposalDelegate::ProposalDelegate(WallClock now, QObject* parent) : QStyledItemDelegate(parent), now_(std::move(now))
{
}

QSize ProposalDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const
{
    return {grid(50), metrics::rowTwo};
}

void ProposalDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto proposal = index.data(ProposalModel::RowRole).value<ProposalRow>();
    const Tokens& t = tokens();
    painter->save();
    const QRect inner = paintListRow(painter, option);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.line);
    const int pill = paintPill(painter, inner.topRight() + QPoint(1, 0), proposalPill(proposal));
    const QString reason = proposal.reason.isEmpty() ? proposal.row.title : proposal.reason.simplified();
    paintFirstLine(painter, inner, reason, pill + grid(2));
    const QString who = proposal.mine                     ? tr("You")
                      : proposal.row.authorName.isEmpty() ? tr("Somebody who left")
                                                          : isolated(proposal.row.authorName);
    const QStringList parts{who, ageText(proposal.row.createdMs, now_()), isolated(proposal.row.title)};
    paintLastLine(painter, inner, parts.join(QStringLiteral(" · ")), t.mute);
    painter->restore();
}

ReviewPlace::ReviewPlace(const Desk& desk, QWidget* parent)
    : Place(desk, parent),
      title_(tr("Proposals")),
      model_(*desk.reading),
      reading_(this, {[this] { readList(); }, [this] { showRight(); }})
{
    empty_ = new EmptyState({}, {});
    propose_ = empty_->addButton(tr("Propose a change"));
    view_ = new ProposalView(desk);
    view_->setKeysIn(this);
    editor_ = new ProposalEditor(desk);
    right_ = new QStackedWidget;
    for (QWidget* each :
         {static_cast<QWidget*>(empty_), static_cast<QWidget*>(view_), static_cast<QWidget*>(editor_)}) {
        // A narrow window stays so, whatever is shown.
        each->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        right_->addWidget(each);
    }
    all_ = makeButton(QStringLiteral("‹ ") + tr("All proposals"), ButtonKind::Link);
    all_->setToolTip(tr("Back to the list (Esc)"));
    all_->setAccessibleName(tr("Back to all proposals"));
    read_ = new QWidget;
    auto* back = new QHBoxLayout;
    back->setContentsMargins(grid(6), grid(3), grid(6), 0);
    back->addWidget(all_);
    back->addStretch(1);
    auto* read = new QVBoxLayout(read_);
    read->setContentsMargins({});
    read->setSpacing(0);
    read->addLayout(back);
    read->addWidget(right_, 1);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(0);
    layout->addWidget(makeList());
    layout->addWidget(read_, 1);

    const auto choose = [this](const QModelIndex& index) {
        if (!index.isValid() || !isNarrow())
            return;
        const ProposalRow& row = model_.at(index.row());
        Location to = reviewLocation(row.row.space, row.row.id);
        to.mine = location_.mine;
        Q_EMIT wanted(to);
    };
    connect(list_, &QListView::activated, this, choose);
    connect(list_, &QListView::clicked, this, choose);
    connect(all_, &QPushButton::clicked, this, &ReviewPlace::backToList);
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (moving_ || !index.isValid() || isNarrow())
            return;
        const ProposalRow& row = model_.at(index.row());
        Location to = reviewLocation(row.row.space, row.row.id);
        to.mine = location_.mine;
        location_ = to;
        showRight();
    });
    connect(page_, &QPushButton::clicked, this, [this] { Q_EMIT wanted(pagesLocation(location_.space, pageShown())); });
    connect(propose_, &QPushButton::clicked, this,
            [this] { Q_EMIT wanted(newProposalLocation(location_.space, pageShown())); });
    connect(view_, &ProposalView::wanted, this, &Place::wanted);
    connect(view_, &ProposalView::said, this, &Place::said);
    connect(editor_, &ProposalEditor::wanted, this, &Place::wanted);
    connect(editor_, &ProposalEditor::said, this, &Place::said);
    connect(editor_, &ProposalEditor::made, this, [this](const Id& proposal) {
        Q_EMIT said(tr("It is proposed. Those who decide find it at their home."));
        go(reviewLocation(location_.space, proposal));
    });
    connect(editor_, &ProposalEditor::done, this, [this] {
        // What was not made yet is gone on with at the page.
        if (location_.post.isNull())
            Q_EMIT wanted(pagesLocation(location_.space, pageShown()));
        else
            go(reviewLocation(location_.space, location_.post));
    });
}

QWidget* ReviewPlace::makeList()
{
    page_ = makeButton({}, ButtonKind::Link);
    page_->setToolTip(tr("Back to the page"));
    heading_ = makeLabel(tr("Proposals"), Size::Heading, Tone::Text, Weight::Title);
    summary_ = makeElidedLabel({}, Size::Small, Tone::Mute);
    list_ = new QListView;
    list_->setAccessibleName(tr("Proposals"));
    list_->setModel(&model_);
    list_->setItemDelegate(new ProposalDelegate(desk().pen.now, list_));
    list_->setUniformItemSizes(true);
    list_->setMouseTracking(true);
    list_->setFrameShape(QFrame::NoFrame);
    list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    side_ = new QWidget;
    side_->setProperty("ground", QStringLiteral("pane"));
    side_->setAttribute(Qt::WA_StyledBackground);
    auto* back = new QHBoxLayout;
    back->addWidget(page_);
    back->addStretch(1);
    auto* head = new QVBoxLayout;
    head->setContentsMargins(grid(4), 0, grid(4), grid(2));
    head->setSpacing(grid(1));
    head->addLayout(back);
    head->addWidget(heading_);
    head->addWidget(summary_);
    auto* layout = new QVBoxLayout(side_);
    layout->setContentsMargins(0, grid(4), 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(makeLine());
    layout->addWidget(list_, 1);
    return side_;
}

void ReviewPlace::open(const Location& location)
{
    location_ = location;
    reading_.now();
    arrange();
}

// There is room for the list or for what is read, and not for both.
bool ReviewPlace::isNarrow() const
{
    return width() < besideMin;
}

void ReviewPlace::backToList()
{
    Q_EMIT wanted(location_.mine ? myProposalsLocation() : proposalsLocation(location_.space, pageShown()));
    takeFocus();
}

bool ReviewPlace::stepBack()
{
    if (location_.write)
        return false;
    if (!side_->isVisibleTo(this))
        backToList();
    else if (hasKeyboard(read_))
        takeFocus();
    else if (const Id page = pageShown(); !page.isNull())
        Q_EMIT wanted(pagesLocation(location_.space, page));
    else
        return false;
    return true;
}

// The page that the proposals are of; null: those of a person.
Id ReviewPlace::pageShown() const
{
    if (location_.mine)
        return {};
    if (!location_.post.isNull()) {
        const auto row = post(*desk().reading, location_.post);
        return row ? row->parent : Id{};
    }
    return location_.within;
}

void ReviewPlace::readList()
{
    const Id page = pageShown();
    const auto row = page.isNull() ? std::nullopt : post(*desk().reading, page);
    moving_ = true;
    model_.load(page);
    // The first one is shown where none is asked for and the list stays beside it.
    if (location_.post.isNull() && !location_.write && !model_.isEmpty() && !isNarrow()) {
        location_.space = model_.at(0).row.space;
        location_.post = model_.at(0).row.id;
    }
    const int at = model_.find(location_.post);
    list_->setCurrentIndex(at >= 0 ? model_.index(at) : isListShown() ? model_.index(0) : QModelIndex());
    moving_ = false;
    page_->setVisible(row.has_value());
    if (row) {
        page_->setText(QStringLiteral("‹ ") +
                       page_->fontMetrics().elidedText(row->title.simplified(), Qt::ElideRight, grid(70)));
        page_->setAccessibleName(tr("Back to %1").arg(row->title));
    }
    int open = 0, waiting = 0;
    for (const ProposalRow& each : model_.rows()) {
        open += each.state == v1::PROPOSAL_OPEN;
        waiting += each.state == v1::PROPOSAL_WAITING;
    }
    QStringList counts{counted(open, tr("%1 open"), tr("%1 open"))};
    if (waiting > 0)
        counts << counted(waiting, tr("%1 waits for its date"), tr("%1 wait for their dates"));
    heading_->setText(row ? tr("Proposals for this page") : tr("Proposals"));
    summary_->setFullText(model_.isEmpty() ? QString()
                          : row            ? counts.join(QStringLiteral(" · "))
                                           : tr("Those that wait for you, then your own"));
    title_ = row ? tr("Proposals for %1").arg(row->title) : tr("Proposals");
}

void ReviewPlace::showRight()
{
    const auto proposal = location_.post.isNull() ? std::nullopt : stoa::proposal(*desk().reading, location_.post);
    const bool mayEdit = proposal && proposal->mine && proposal->state == v1::PROPOSAL_OPEN;
    if (location_.write && (location_.post.isNull() || mayEdit)) {
        location_.post.isNull() ? editor_->propose(location_.within) : editor_->edit(location_.post);
        right_->setCurrentWidget(editor_);
    } else {
        location_.write = false;
        editor_->drop();
        if (proposal && view_->proposal() == location_.post && location_.within.isNull())
            view_->refresh();
        else if (proposal)
            view_->open(location_.post, location_.within);
        location_.within = proposal ? Id{} : location_.within;
        right_->setCurrentWidget(proposal ? static_cast<QWidget*>(view_) : empty_);
        if (!proposal)
            showEmpty();
    }
    if (proposal)
        title_ = proposal->reason.isEmpty() ? tr("A proposal for %1").arg(proposal->row.title) : proposal->reason;
    arrange();
    Q_EMIT moved();
}

void ReviewPlace::showEmpty()
{
    const auto page =
        location_.mine || location_.within.isNull() ? std::nullopt : record(*desk().reading, location_.within);
    propose_->setVisible(page && allowed(desk(), stoa::propose(desk().pen, *page, "?", QStringLiteral("?"))));
    if (!location_.post.isNull())
        empty_->set(tr("This proposal is not here"), tr("It was removed, or it has not arrived yet."));
    else if (page)
        empty_->set(tr("No proposals yet"),
                    tr("Whoever reads this page may propose what it should say. It changes once that is approved."));
    else
        empty_->set(tr("Nothing waits for you"),
                    tr("Proposals that need your approval, and your own, are listed here."));
}

void ReviewPlace::arrange()
{
    const bool isListed = isListed_ = isListShown();
    const bool isBeside = !isNarrow() && !(location_.write && width() < grid(350));
    // What goes takes the keyboard with it, unless it goes on to what comes.
    const bool isLeft = isListed ? hasKeyboard(read_) : hasKeyboard(side_) && !isBeside;
    side_->setVisible(isListed || isBeside);
    side_->setMaximumWidth(isListed ? QWIDGETSIZE_MAX : int(metrics::list));
    side_->setMinimumWidth(isListed ? 0 : int(metrics::list));
    read_->setVisible(!isListed);
    all_->setVisible(isNarrow() && !location_.write && !model_.isEmpty());
    if (isLeft)
        takeFocus();
}

// Alone, for want of room.
bool ReviewPlace::isListShown() const
{
    return isNarrow() && location_.post.isNull() && !location_.write && !model_.isEmpty();
}

void ReviewPlace::go(const Location& to)
{
    open(to);
    Q_EMIT moved();
}

void ReviewPlace::refresh(const Touched& touched)
{
    if (location_.write)
        editor_->refresh(touched);
    if (touched.bulk || touched.feeds || touched.personal || touched.outbox || touched.directory ||
        touched.spaces.contains(location_.space) || location_.mine)
        reading_.soon();
}

void ReviewPlace::takeFocus()
{
    if (location_.write)
        editor_->takeFocus();
    else if (side_->isVisible())
        list_->setFocus(Qt::OtherFocusReason);
    else
        view_->takeFocus();
}

void ReviewPlace::resizeEvent(QResizeEvent* event)
{
    Place::resizeEvent(event);
    if (isListed_ && !isNarrow()) // now there is room for the first of them, too
        reading_.now();
    arrange();
}

Place* makeReviewPlace(const Desk& desk, QWidget* parent)
{
    return new ReviewPlace(desk, parent);
}

} // namespace stoa
