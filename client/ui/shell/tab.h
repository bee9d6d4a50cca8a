#pragma once

// One tab: where it is, where it has been, and the places it has shown so far, one of a kind. Places out of
// sight are brought up to date when they come into sight. GUI thread.

#include <map>

#include <QElapsedTimer>
#include <QStackedWidget>

#include "client/ui/place.h"
#include "client/ui/shell/history.h"

namespace stoa {

class Tab : public QStackedWidget {
    Q_OBJECT

public:
    Tab(const Desk& desk, const Places& places, QWidget* parent = nullptr);

    // `step`: back leads here from there.
    void open(const Location& location, bool step = true);
    void goBack();
    void goForward();
    const History& history() const { return history_; }
    Location location() const;
    QString title() const;
    Place* place() const;

    void refresh(const Touched& touched, bool visible);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab);
    void changed(); // title, location, or what back and forward can do
    void said(const QString& sentence);

private:
    Place* placeFor(Location::Kind kind);
    void show(const Location& location);
    void placeMoved(Place* place);

    Desk desk_;
    Places places_;
    History history_;
    bool begun_ = false;
    bool opening_ = false;
    QElapsedTimer lastMove_;
    std::map<Location::Kind, Place*> made_;
    std::map<Place*, Touched> missed_;
};

// Both in one.
Touched merged(const Touched& a, const Touched& b);

} // namespace stoa
