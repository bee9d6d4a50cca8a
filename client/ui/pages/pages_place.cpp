#include "client/ui/pages/pages_place.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QShortcut>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include "client/commands/task_places.h"
#include "client/replica/queries_review.h"
#include "client/ui/document/document_view.h"
#include "client/ui/editor/bodies_on_their_way.h"
#include "client/ui/editor/versions_bar.h"
#include "client/ui/editor/who_is_here.h"
#include "client/ui/keys.h"
#include "client/ui/pages/page_bars.h"
#include "client/ui/pages/page_comments.h"
#include "client/ui/pages/page_editor.h"
#include "client/ui/pages/pages_view.h"
#include "client/ui/pages/reading_place.h"
#include "client/ui/pages/unread_bar.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/notice_bar.h"
#include "client/ui/widgets/side_split.h"
#include "client/ui/widgets/space_head.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr qsizetype longText = 100'000;
constexpr int oneLineMin = grid(150); // narrower, what can be done with a page stands below what is said of it
constexpr int bothMin = grid(350);    // narrower, the tree makes room for what is being written

} // namespace

PagesPlace::PagesPlace(const Desk& desk, QWidget* parent)
    : Place(desk, parent),
      model_(*desk.reading),
      reading_(this, {[this] { readHead(); }, [this] { readTree(); },
                      [this] {
                          if (pageStale_)
                              showPage();
                      }})
{
    empty_ = new EmptyState(tr("Choose a page"), tr("The tree on the left holds everything that was written here."));
    right_ = new QStackedWidget;
    right_->addWidget(makePage());
    right_->addWidget(empty_);
    editor_ = new PageEditor(desk);
    right_->addWidget(editor_);
    split_ = new SideSplit(desk, QStringLiteral("pages-tree"), makeTree(), right_);
    split_->setCollapsible(0, true);
    whole_ = new QStackedWidget;
    whole_->addWidget(split_);
    whole_->addWidget(makeSpaceGone());
    auto* outer = new QHBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(whole_);

    connect(head_, &SpaceHead::wanted, this, &Place::wanted);
    connect(document_, &DocumentView::wanted, this, &Place::wanted);
    connect(document_, &DocumentView::linkFailed, this, &Place::said);
    connect(document_, &DocumentView::boxTicked, this, &PagesPlace::tick);
    connect(document_, &DocumentView::linkReached, this, [this](const QRect& rect) {
        scroll_->ensureVisible(0, document_->mapTo(scroll_->widget(), rect.center()).y(), 0, grid(12));
    });
    connect(document_, &DocumentView::completed, this, [this] {
        laidOut_ = true;
        reachSoon();
    });
    connect(document_, &DocumentView::anchorReached, this, [this](int y) {
        // A very long text scrolls by itself, within the column.
        document_->verticalScrollBar()->setValue(document_->verticalScrollBar()->value() + y);
        scroll_->verticalScrollBar()->setValue(document_->mapTo(scroll_->widget(), QPoint(0, y)).y() - grid(2));
    });
    connect(comments_, &PageComments::wanted, this, &Place::wanted);
    connect(comments_, &PageComments::said, this, &Place::said);
    connect(bookmark_, &QPushButton::clicked, this,
            [this] { this->desk().worker->submit({bookmark(this->desk().pen, location_.post, !bookmarked_)}); });
    connect(edit_, &QPushButton::clicked, this, &PagesPlace::edit);
    connect(more_->menu(), &QMenu::aboutToShow, this, &PagesPlace::fillMenu);
    connect(bars_, &PageBars::wanted, this, &Place::wanted);
    connect(bars_, &PageBars::said, this, &Place::said);
    connect(bars_, &PageBars::differenceShown, this, [this](bool shown) { document_->setVisible(!shown); });
    connect(treeShown_, &QToolButton::clicked, this, &PagesPlace::toggleTree);
    connect(split_, &SideSplit::closedChanged, this, &PagesPlace::showTree);
    connect(split_, &QSplitter::splitterMoved, this, &PagesPlace::arrange);
    new QShortcut(keyOf(Key::Tree), this, this, &PagesPlace::toggleTree, Qt::WidgetWithChildrenShortcut);
    showTree();
    connect(new_, &QPushButton::clicked, this, &PagesPlace::newPage);
    auto* key = new QShortcut(keyOf(Key::Edit), this, this, &PagesPlace::edit, Qt::WidgetWithChildrenShortcut);
    key->setAutoRepeat(false);
    connect(history_, &QPushButton::clicked, this, [this] { showHistory(std::nullopt); });
    new QShortcut(
        keyOf(Key::History), this, this, [this] { showHistory(std::nullopt); }, Qt::WidgetWithChildrenShortcut);
    connect(unread_, &UnreadBar::showWanted, this, [this](quint64 since) { showHistory(since); });
    connect(editor_, &PageEditor::wanted, this, &Place::wanted);
    connect(editor_, &PageEditor::said, this, &Place::said);
    connect(editor_, &PageEditor::done, this,
            [this] { go(pagesLocation(location_.space, location_.post.isNull() ? before_ : location_.post)); });
    connect(editor_, &PageEditor::made, this, [this](const Id& page) { go(pagesLocation(location_.space, page)); });
    connect(versions_, &VersionsBar::settled, this, &PagesPlace::settle);
    connect(versions_, &VersionsBar::showWanted, this, &PagesPlace::edit);
    connect(tree_->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        const Id id = model_.idAt(index);
        if (!moving_ && !id.isNull() && (id != location_.post || location_.write))
            Q_EMIT wanted(pagesLocation(location_.space, id), QApplication::keyboardModifiers() & Qt::ControlModifier);
    });
}

void PagesPlace::open(const Location& location)
{
    const bool another = location_.post != location.post || location_.space != location.space;
    location_ = location;
    readHead();
    moving_ = true;
    if (model_.space() != location.space)
        model_.setSpace(location.space);
    if (location_.post.isNull() && !location_.write)
        location_.post = model_.firstPage();
    select(location_.post);
    left_->setCurrentIndex(model_.rowCount() > 0 ? 0 : 1);
    moving_ = false;
    unread_->setPage(location_.post);
    wantedComment_ = location_.write ? Id{} : location_.within;
    wantedAnchor_ = location_.anchor;
    wantedWords_ = location_.write ? QString() : location_.words;
    if (location_.write)
        showEditor();
    else
        showPage();
    arrange();
    if (another)
        scroll_->verticalScrollBar()->setValue(0);
    reachSoon();
    // Whoever reads here has looked.
    const auto space = stoa::space(*desk().reading, location_.space);
    if (space && space->fresh > 0 && !space->setAside)
        desk().worker->submit({markSeen(desk().pen, location_.space, space->activeMs)});
}

void PagesPlace::readHead()
{
    const auto space = stoa::space(*desk().reading, location_.space);
    whole_->setCurrentIndex(space ? 0 : 1);
    if (!space) {
        title_ = tr("Space");
        return;
    }
    head_->setSpace(*space);
    new_->setVisible(!space->setAside &&
                     allowed(desk(), createPage(desk().pen, space->id, {}, QStringLiteral("?"), {}, {})));
    if (right_->currentIndex() != 0)
        title_ = location_.write ? tr("New page in %1").arg(space->name) : tr("%1: pages").arg(space->name);
}

void PagesPlace::go(const Location& to)
{
    open(to);
    Q_EMIT moved();
    takeFocus();
}

bool PagesPlace::mayEdit(const Id& page) const
{
    const auto row = page.isNull() ? std::nullopt : post(*desk().reading, page);
    const auto space = row ? stoa::space(*desk().reading, row->space) : std::nullopt;
    const auto review = space ? stoa::review(*desk().reading, page) : std::nullopt;
    return space && !space->setAside && row->kind == v1::PAGE && !(review && review->asks) &&
           allowed(desk(), editBody(desk().pen, page, {}, TextChange()));
}

void PagesPlace::edit()
{
    if (!location_.write && !mayEdit(location_.post) && mayPropose(location_.post))
        return propose();
    if (location_.write || !mayEdit(location_.post))
        return;
    Location to = pagesLocation(location_.space, location_.post);
    to.write = true;
    Q_EMIT wanted(to);
}

// On its way like all that is written: also without a network, and over what others have made of the text by now.
void PagesPlace::tick(size_t block)
{
    BodiesOnTheirWay& onTheirWay = BodiesOnTheirWay::of(desk());
    const std::string text = shownText_.toStdString();
    // What is ticked again before it shows as ticked is ticked once.
    const bool may = mayEdit(location_.post) && !onTheirWay.isBusy(location_.post);
    if (const auto change = may ? tickBox(text, block) : std::nullopt)
        onTheirWay.submit(location_.post, text, *change);
}

void PagesPlace::showHistory(std::optional<quint64> since)
{
    const auto page = location_.write || location_.post.isNull() ? std::nullopt : post(*desk().reading, location_.post);
    if (!page || page->kind != v1::PAGE)
        return;
    Location to = historyLocation(location_.space, location_.post);
    to.since = since;
    Q_EMIT wanted(to);
}

// Beside the page that is read, or below it where it is a section.
void PagesPlace::newPage()
{
    const auto here = location_.post.isNull() ? std::nullopt : post(*desk().reading, location_.post);
    before_ = location_.post;
    Location to = pagesLocation(location_.space);
    to.write = true;
    if (here)
        to.within = here->kind == v1::SECTION ? here->id : here->parent;
    Q_EMIT wanted(to);
}

void PagesPlace::showEditor()
{
    if (!location_.post.isNull() && editor_->page() != location_.post && !mayEdit(location_.post)) {
        location_.write = false;
        return showPage();
    }
    if (location_.post.isNull())
        editor_->write(location_.space, location_.within);
    else
        editor_->edit(location_.post);
    right_->setCurrentWidget(editor_);
    unread_->refresh(true);
    const auto page = location_.post.isNull() ? std::nullopt : post(*desk().reading, location_.post);
    const auto space = stoa::space(*desk().reading, location_.space);
    title_ = page ? page->title : tr("New page in %1").arg(space ? space->name : QString());
    editor_->takeFocus();
    Q_EMIT moved();
}

void PagesPlace::arrange()
{
    split_->setRoom(!location_.write || width() >= bothMin);
    const bool isNarrow = width() - split_->sideIn(width()) < oneLineMin;
    about_->setDirection(isNarrow ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
    about_->setSpacing(isNarrow ? grid(1) : grid(3));
}

void PagesPlace::resizeEvent(QResizeEvent* event)
{
    Place::resizeEvent(event);
    arrange();
}

void PagesPlace::showEvent(QShowEvent* event)
{
    Place::showEvent(event);
    unread_->comeBack();
    reachSoon();
}

void PagesPlace::hideEvent(QHideEvent* event)
{
    Place::hideEvent(event);
    unread_->leave();
}

void PagesPlace::refresh(const Touched& touched)
{
    if (location_.write) {
        editor_->refresh(touched);
    } else if (touched.histories.contains(location_.post)) {
        unread_->tell();
        bars_->refresh(touched);
    }
    // Somebody's signature touches the page alone.
    if (!touched.spaces.contains(location_.space) && !touched.posts.contains(location_.post) && !touched.feeds &&
        !touched.personal)
        return;
    model_.refresh(touched);
    const bool shown = touched.posts.contains(location_.post);
    pageStale_ = pageStale_ || touched.bulk || touched.personal || touched.feeds || shown;
    if (shown && location_.write)
        unread_->refresh(true);
    // What the person did here is seen at once; a long text that others write in, as often as it can be laid out.
    if ((shown && shownText_.size() <= longText) || (touched.personal && !touched.bulk))
        showPage();
    reading_.soon();
}

void PagesPlace::takeFocus()
{
    if (location_.write)
        editor_->takeFocus();
    else if (split_->isClosed())
        document_->setFocus(Qt::OtherFocusReason);
    else
        tree_->setFocus(Qt::OtherFocusReason);
}

bool PagesPlace::stepBack()
{
    const bool reads = !location_.write && !split_->isClosed() && hasKeyboard(right_);
    if (reads)
        takeFocus();
    return reads;
}

Place* makePagesPlace(const Desk& desk, QWidget* parent)
{
    return new PagesPlace(desk, parent);
}

} // namespace stoa
