#include "client/ui/place.h"

#include <QApplication>
#include <QKeyEvent>

namespace stoa {

namespace {

Location make(Location::Kind kind, const Id& space = {}, const Id& post = {})
{
    Location location;
    location.kind = kind;
    location.space = space;
    location.post = post;
    return location;
}

} // namespace

void Place::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && event->modifiers() == Qt::NoModifier && !event->isAutoRepeat() && stepBack())
        return;
    QWidget::keyPressEvent(event);
}

bool hasKeyboard(const QWidget* widget)
{
    const QWidget* focus = QApplication::focusWidget();
    return focus && (focus == widget || widget->isAncestorOf(focus));
}

Location homeLocation()
{
    return make(Location::Kind::Home);
}

Location spaceLocation(const Id& space)
{
    return make(Location::Kind::Space, space);
}

Location pagesLocation(const Id& space, const Id& page)
{
    return make(Location::Kind::Pages, space, page);
}

Location questionsLocation(const Id& space, const Id& question)
{
    return make(Location::Kind::Questions, space, question);
}

Location searchLocation(const QString& words)
{
    Location location = make(Location::Kind::Search);
    location.words = words;
    return location;
}

Location outboxLocation()
{
    return make(Location::Kind::Outbox);
}

Location historyLocation(const Id& space, const Id& page)
{
    return make(Location::Kind::History, space, page);
}

Location reviewLocation(const Id& space, const Id& proposal)
{
    return make(Location::Kind::Review, space, proposal);
}

Location proposalsLocation(const Id& space, const Id& page)
{
    Location location = make(Location::Kind::Review, space);
    location.within = page;
    return location;
}

Location newProposalLocation(const Id& space, const Id& page)
{
    Location location = proposalsLocation(space, page);
    location.write = true;
    return location;
}

Location myProposalsLocation()
{
    Location location = make(Location::Kind::Review);
    location.mine = true;
    return location;
}

std::optional<Location> locationOf(const Reading& reading, const Id& id, const QString& anchor)
{
    const auto row = post(reading, id);
    if (!row)
        return std::nullopt;
    if (row->kind == v1::PROPOSAL)
        return reviewLocation(row->space, row->id);
    if (const auto above = row->parent.isNull() ? std::nullopt : post(reading, row->parent);
        above && above->kind == v1::PROPOSAL) {
        Location location = reviewLocation(row->space, above->id);
        location.within = row->id;
        return location;
    }
    const Id root = row->root.isNull() ? row->id : row->root;
    const auto top = root == row->id ? row : post(reading, root);
    if (!top)
        return std::nullopt;
    const bool page = top->kind == v1::PAGE || top->kind == v1::SECTION;
    // Pages are their own threads, whatever tree they stand in; what hangs on them names the page as root.
    const Id shown = row->kind == v1::PAGE || row->kind == v1::SECTION ? row->id : root;
    Location location = page ? pagesLocation(row->space, shown) : questionsLocation(row->space, shown);
    if (shown != row->id)
        location.within = row->id;
    location.anchor = anchor;
    return location;
}

} // namespace stoa
