// The tree of a space's pages, beside the one that is read.

#include <QPainter>
#include <QPushButton>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include "client/ui/keys.h"
#include "client/ui/pages/pages_view.h"
#include "client/ui/widgets/side_split.h"
#include "client/ui/widgets/space_head.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int treeMs = 6; // of one turn of the event loop

// Rows of one line, with an arrow where something lies below.
class PageTree : public QTreeView {
public:
    using QTreeView::QTreeView;

protected:
    void drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const override
    {
        if (!model()->hasChildren(index))
            return;
        const QRect box(rect.right() - indentation(), rect.top(), indentation(), rect.height());
        painter->save();
        painter->setFont(fontOf(Size::Text));
        painter->setPen(tokens().mute);
        painter->drawText(box, Qt::AlignCenter, isExpanded(index) ? QStringLiteral("▾") : QStringLiteral("▸"));
        painter->restore();
    }
};

class RowDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Tokens& t = tokens();
        const bool isSelected = option.state & QStyle::State_Selected;
        painter->save();
        painter->fillRect(option.rect, isSelected ? t.sel : option.state & QStyle::State_MouseOver ? t.hover : t.pane);
        if (isSelected && option.state & QStyle::State_HasFocus)
            painter->fillRect(QRect(option.rect.topLeft(), QSize(grid(1) / 2, option.rect.height())), t.acc);
        painter->setFont(fontOf(Size::Text));
        painter->setPen(t.text);
        const QRect room = option.rect.adjusted(grid(1), 0, -grid(1), 0);
        const QString title = index.data().toString().simplified();
        painter->drawText(room, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(title, Qt::ElideRight, room.width()));
        painter->restore();
    }
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), metrics::rowOne};
    }
};

} // namespace

QWidget* PagesPlace::makeTree()
{
    head_ = new SpaceHead(Location::Kind::Pages, false);
    head_->setContentsMargins(grid(4), grid(4), grid(4), 0);
    new_ = makeButton(tr("New page"));
    head_->addButton(new_);
    tree_ = new PageTree;
    tree_->setItemDelegate(new RowDelegate(tree_));
    tree_->setModel(&model_);
    tree_->setFrameShape(QFrame::NoFrame);
    tree_->setIndentation(grid(5));
    tree_->setHeaderHidden(true);
    tree_->setUniformRowHeights(true);
    tree_->setAnimated(false);
    tree_->setAccessibleName(tr("Pages"));
    tree_->setTextElideMode(Qt::ElideRight);
    auto* none =
        new EmptyState(tr("No pages yet"), tr("Whoever writes the first one gives the others a place to go on."));
    left_ = new QStackedWidget;
    left_->addWidget(tree_);
    left_->addWidget(none);
    auto* side = new QWidget;
    side->setProperty("ground", QStringLiteral("pane"));
    side->setAttribute(Qt::WA_StyledBackground);
    auto* layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(head_);
    layout->addWidget(makeLine());
    layout->addWidget(left_, 1);
    return side;
}

void PagesPlace::select(const Id& page)
{
    const QModelIndex index = page.isNull() ? QModelIndex() : model_.reveal(page);
    tree_->setCurrentIndex(index);
    if (!index.isValid())
        return;
    tree_->expand(index);
    tree_->scrollTo(index);
}

void PagesPlace::readTree()
{
    moving_ = true;
    const bool more = model_.readStale(treeMs);
    // The page that is read may lie elsewhere by now: the tree goes with it.
    if (!location_.post.isNull() && model_.idAt(tree_->currentIndex()) != location_.post)
        select(location_.post);
    moving_ = false;
    left_->setCurrentIndex(model_.rowCount() > 0 ? 0 : 1);
    if (location_.post.isNull() && !location_.write && model_.rowCount() > 0)
        open(location_);
    if (more)
        reading_.soon();
}

void PagesPlace::toggleTree()
{
    if (location_.write)
        return;
    split_->setClosed(!split_->isClosed());
    takeFocus();
}

void PagesPlace::showTree()
{
    const QString act = split_->isClosed() ? tr("Show the tree of pages") : tr("Hide the tree of pages");
    treeShown_->setAccessibleName(act);
    treeShown_->setToolTip(withKey(act, Key::Tree));
    arrange();
}

} // namespace stoa
