// The page that is read taken away, or put elsewhere.

#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

#include "client/commands/placing.h"
#include "client/ui/pages/pages_view.h"
#include "client/ui/rights.h"
#include "client/ui/widgets/chooser.h"
#include "client/ui/widgets/notice_bar.h"
#include "client/ui/widgets/widgets.h"

namespace stoa {

namespace {

constexpr int placesMax = 2'000;

} // namespace

QWidget* PagesPlace::makeRemoval()
{
    removal_ = new RemovalBar(desk(), more_);
    connect(removal_, &RemovalBar::said, this, &Place::said);
    connect(removal_, &RemovalBar::deleted, this,
            [this](const PostRow& page) { Q_EMIT wanted(pagesLocation(page.space, page.parent)); });
    return removal_;
}

void PagesPlace::addPlacing(QMenu& menu)
{
    const auto page = post(*desk().reading, location_.post);
    const bool moves = page && mayMove(*desk().reading, desk().pen, *page);
    const bool deletes = page && allowed(desk(), deletePost(desk().pen, page->id));
    if ((moves || deletes) && !menu.isEmpty())
        menu.addSeparator();
    if (moves)
        menu.addAction(tr("Move…"), this, &PagesPlace::askWhereTo);
    if (deletes)
        menu.addAction(tr("Delete…"), this, &PagesPlace::askToDelete);
}

void PagesPlace::askToDelete()
{
    removal_->ask(location_.post);
    scroll_->verticalScrollBar()->setValue(0);
}

void PagesPlace::askWhereTo()
{
    const auto page = post(*desk().reading, location_.post);
    QList<Choice> choices;
    if (page)
        for (const PlaceRow& row : placesFor(*desk().reading, *page, placesMax))
            choices.append({row.id, row.title, row.above});
    if (choices.isEmpty())
        return Q_EMIT said(tr("There is no other page or section here that it could lie below."));
    auto* chooser = new Chooser(tr("Move “%1”").arg(page->title.simplified()),
                                tr("The page or section that it is to lie below"), window());
    connect(chooser, &Chooser::chosen, this, [this, id = page->id](const Id& parent) { moveTo(id, parent); });
    chooser->popUp(choices);
}

void PagesPlace::moveTo(const Id& id, const Id& parent)
{
    const auto page = record(*desk().reading, id);
    if (!page)
        return;
    desk().worker->submit({movePage(desk().pen, *page, parent)});
    const auto above = parent.isNull() ? std::nullopt : post(*desk().reading, parent);
    Q_EMIT said(above ? tr("Moved below “%1”.").arg(above->title.simplified()) : tr("Moved to the top of the space."));
}

} // namespace stoa
