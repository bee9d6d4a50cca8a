#include "client/ui/shell/tab.h"

#include "client/models/row_model.h"

namespace stoa {

namespace {

// Choices that follow each other faster are one step for "back".
constexpr qint64 stepMs = 800;
constexpr qsizetype namedPostsMax = 500;

void addAll(QList<Id>& to, const QList<Id>& from)
{
    QSet<Id> known(to.begin(), to.end());
    for (const Id& id : from)
        if (!known.contains(id)) {
            known.insert(id);
            to.append(id);
        }
}

MakePlace makerOf(const Places& places, Location::Kind kind)
{
    switch (kind) {
    case Location::Kind::Home:
        return places.home;
    case Location::Kind::Space:
        return places.space;
    case Location::Kind::Pages:
        return places.pages;
    case Location::Kind::Questions:
        return places.questions;
    case Location::Kind::Search:
        return places.search;
    case Location::Kind::Outbox:
        return places.outbox;
    case Location::Kind::History:
        return places.history;
    case Location::Kind::Review:
        return places.review;
    }
    return nullptr;
}

} // namespace

Touched merged(const Touched& a, const Touched& b)
{
    Touched both = a;
    addAll(both.spaces, b.spaces);
    addAll(both.posts, b.posts);
    addAll(both.histories, b.histories);
    both.directory |= b.directory;
    both.outbox |= b.outbox;
    both.personal |= b.personal;
    both.feeds |= b.feeds;
    both.bulk |= b.bulk || both.posts.size() > namedPostsMax;
    if (both.bulk)
        both.posts.clear();
    return both;
}

Tab::Tab(const Desk& desk, const Places& places, QWidget* parent) : QStackedWidget(parent), desk_(desk), places_(places)
{
    lastMove_.start();
}

Place* Tab::place() const
{
    return qobject_cast<Place*>(currentWidget());
}

Place* Tab::placeFor(Location::Kind kind)
{
    if (const auto found = made_.find(kind); found != made_.end())
        return found->second;
    const MakePlace make = makerOf(places_, kind);
    if (!make)
        return nullptr;
    Place* place = make(desk_, this);
    made_[kind] = place;
    addWidget(place);
    connect(place, &Place::wanted, this, [this](const Location& location, bool newTab) {
        if (newTab)
            Q_EMIT wanted(location, true);
        else
            open(location);
    });
    connect(place, &Place::moved, this, [this, place] { placeMoved(place); });
    connect(place, &Place::said, this, &Tab::said);
    return place;
}

void Tab::open(const Location& location, bool step)
{
    if (!placeFor(location.kind))
        return;
    if (begun_ && step) {
        // Whatever was chosen in the place since belongs to the step that is left behind.
        if (place())
            history_.replace(place()->location());
        history_.go(location);
    } else {
        history_.replace(location);
    }
    begun_ = true;
    show(location);
}

void Tab::show(const Location& location)
{
    Place* target = placeFor(location.kind);
    if (!target)
        return;
    opening_ = true;
    target->open(location);
    if (const auto missed = missed_.find(target); missed != missed_.end()) {
        const Touched touched = missed->second;
        missed_.erase(missed);
        target->refresh(touched);
    }
    const bool other = currentWidget() != target;
    setCurrentWidget(target);
    opening_ = false;
    // While somebody types elsewhere, the keyboard stays there.
    if (other && location.kind != Location::Kind::Search)
        target->takeFocus();
    Q_EMIT changed();
}

void Tab::placeMoved(Place* moved)
{
    if (moved != place() || opening_)
        return;
    const Location now = moved->location();
    const bool step = now.post != history_.here().post && lastMove_.elapsed() > stepMs;
    if (step)
        history_.go(now);
    else
        history_.replace(now);
    lastMove_.start();
    Q_EMIT changed();
}

void Tab::goBack()
{
    if (!history_.canGoBack())
        return;
    if (place())
        history_.replace(place()->location());
    show(Location(history_.back()));
}

void Tab::goForward()
{
    if (!history_.canGoForward())
        return;
    if (place())
        history_.replace(place()->location());
    show(Location(history_.forward()));
}

Location Tab::location() const
{
    return place() ? place()->location() : history_.here();
}

QString Tab::title() const
{
    return place() ? place()->title() : QString();
}

void Tab::refresh(const Touched& touched, bool visible)
{
    for (const auto& [kind, place] : made_) {
        if (visible && place == currentWidget()) {
            // With what it missed while its tab lay behind.
            const auto found = missed_.find(place);
            const Touched all = found == missed_.end() ? touched : merged(found->second, touched);
            if (found != missed_.end())
                missed_.erase(found);
            place->refresh(all);
        } else if (const auto found = missed_.find(place); found != missed_.end())
            found->second = merged(found->second, touched);
        else
            missed_[place] = touched;
    }
    if (visible)
        Q_EMIT changed();
}

} // namespace stoa
