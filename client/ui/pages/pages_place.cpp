#include "client/ui/pages/pages_place.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QPainter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QTreeView>
#include <QVBoxLayout>

#include "client/ui/document/document_view.h"
#include "client/ui/pages/pages_view.h"
#include "client/ui/widgets/space_head.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

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
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return {QStyledItemDelegate::sizeHint(option, index).width(), metrics::rowOne};
    }
};

} // namespace

PagesPlace::PagesPlace(const Desk& desk, QWidget* parent) : Place(desk, parent), model_(*desk.reading)
{
    head_ = new SpaceHead(Location::Kind::Pages, false);
    head_->setContentsMargins(grid(4), grid(4), grid(4), 0);
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
    auto* none = new EmptyState(tr("No pages yet"), tr("Pages come from an import by whoever runs the server."));
    left_ = new QStackedWidget;
    left_->addWidget(tree_);
    left_->addWidget(none);
    auto* side = new QWidget;
    side->setProperty("ground", QStringLiteral("pane"));
    side->setAttribute(Qt::WA_StyledBackground);
    side->setFixedWidth(metrics::list);
    auto* sideLayout = new QVBoxLayout(side);
    sideLayout->setContentsMargins(0, 0, 0, 0);
    sideLayout->setSpacing(0);
    sideLayout->addWidget(head_);
    sideLayout->addWidget(makeLine());
    sideLayout->addWidget(left_, 1);

    auto* page = new QWidget;
    auto* crumbs = new QWidget;
    crumbs_ = new QHBoxLayout(crumbs);
    crumbs_->setContentsMargins(0, 0, 0, 0);
    crumbs_->setSpacing(grid(1));
    heading_ = makeWrappedLabel({}, Size::Title, Tone::Text, Weight::Title);
    heading_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    meta_ = makeLabel({}, Size::Small, Tone::Mute);
    document_ = new DocumentView(desk, DocumentView::Fit::Scrolls);
    document_->setAccessibleName(tr("The page's text"));
    auto* pageLayout = new QVBoxLayout(page);
    pageLayout->setContentsMargins(grid(8), grid(6), 0, 0);
    pageLayout->setSpacing(grid(1));
    pageLayout->addWidget(crumbs);
    pageLayout->addWidget(heading_);
    pageLayout->addWidget(meta_);
    pageLayout->addSpacing(grid(2));
    pageLayout->addWidget(document_, 1);
    page->setMaximumWidth(metrics::reading + grid(16));
    empty_ = new EmptyState(tr("Choose a page"), tr("The tree on the left holds everything that was written here."));
    right_ = new QStackedWidget;
    auto* middle = new QWidget;
    auto* middleLayout = new QHBoxLayout(middle);
    middleLayout->setContentsMargins(0, 0, 0, 0);
    middleLayout->addWidget(page, 1);
    middleLayout->addStretch(0);
    right_->addWidget(middle);
    right_->addWidget(empty_);

    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(side);
    layout->addWidget(right_, 1);

    connect(head_, &SpaceHead::wanted, this, &Place::wanted);
    connect(document_, &DocumentView::wanted, this, &Place::wanted);
    connect(document_, &DocumentView::linkFailed, this, &Place::said);
    connect(tree_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        const Id id = model_.idAt(index);
        if (!moving_ && !id.isNull() && id != location_.post)
            Q_EMIT wanted(pagesLocation(location_.space, id), QApplication::keyboardModifiers() & Qt::ControlModifier);
    });
}

void PagesPlace::open(const Location& location)
{
    location_ = location;
    if (const auto space = stoa::space(*desk().reading, location.space)) {
        head_->setSpace(*space);
        title_ = tr("%1: pages").arg(space->name);
    }
    moving_ = true;
    if (model_.space() != location.space)
        model_.setSpace(location.space);
    if (location_.post.isNull())
        location_.post = model_.firstPage();
    const QModelIndex index = location_.post.isNull() ? QModelIndex() : model_.reveal(location_.post);
    if (index.isValid()) {
        tree_->setCurrentIndex(index);
        tree_->expand(index);
        tree_->scrollTo(index);
    }
    left_->setCurrentIndex(model_.rowCount() > 0 ? 0 : 1);
    moving_ = false;
    showPage();
    if (!location_.anchor.isEmpty())
        document_->scrollToAnchor(location_.anchor);
}

void PagesPlace::showPage()
{
    const auto page = location_.post.isNull() ? std::nullopt : post(*desk().reading, location_.post);
    right_->setCurrentIndex(page ? 0 : 1);
    if (!page) {
        if (!location_.post.isNull())
            empty_->set(tr("This page is not here"), tr("It was removed, or it has not arrived yet."));
        return;
    }
    title_ = page->title;
    clearLayout(crumbs_);
    const auto crumb = [this](const QString& name, const Location& location) {
        QPushButton* button = makeButton(name, ButtonKind::Link);
        connect(button, &QPushButton::clicked, this, [this, location] { Q_EMIT wanted(location); });
        crumbs_->addWidget(button);
        crumbs_->addWidget(makeLabel(QStringLiteral("›"), Size::Small, Tone::Faint));
    };
    if (const auto space = stoa::space(*desk().reading, page->space))
        crumb(space->name, spaceLocation(page->space));
    for (const PostRow& above : ancestors(*desk().reading, page->id))
        crumb(above.title, pagesLocation(page->space, above.id));
    crumbs_->addStretch(1);
    heading_->setText(page->title);
    QStringList meta;
    if (!page->authorName.isEmpty())
        meta << page->authorName;
    meta << tr("changed %1").arg(ageText(page->changedMs, desk().pen.now()));
    for (const QString& tag : page->tags)
        meta << QLatin1Char('#') + tag;
    meta_->setText(meta.join(QStringLiteral(" · ")));
    if (page->kind == v1::SECTION)
        showBelow(*page);
    else
        document_->setMarkdown(body(*desk().reading, page->id));
    Q_EMIT moved();
}

// A section has no text of its own: it lists what lies below it.
void PagesPlace::showBelow(const PostRow& page)
{
    QString list;
    for (const PostRow& below : pagesBelow(*desk().reading, page.space, page.id)) {
        QString name = below.title;
        name.replace(QLatin1Char('\\'), QStringLiteral("\\\\")).replace(QLatin1Char('['), QStringLiteral("\\["));
        name.replace(QLatin1Char(']'), QStringLiteral("\\]"));
        list += QStringLiteral("- [%1](stoa:post/%2)\n").arg(name, QString::fromStdString(below.id.hex()));
    }
    document_->setMarkdown(list);
}

void PagesPlace::refresh(const Touched& touched)
{
    if (!touched.spaces.contains(location_.space))
        return;
    moving_ = true;
    model_.refresh(touched);
    moving_ = false;
    left_->setCurrentIndex(model_.rowCount() > 0 ? 0 : 1);
    if (location_.post.isNull())
        open(location_);
    else if (touched.bulk || touched.posts.contains(location_.post))
        showPage();
}

void PagesPlace::takeFocus()
{
    tree_->setFocus(Qt::OtherFocusReason);
}

Place* makePagesPlace(const Desk& desk, QWidget* parent)
{
    return new PagesPlace(desk, parent);
}

} // namespace stoa
