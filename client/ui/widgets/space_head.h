#pragma once

// The head of the places of one space: its name and the way from one to the other. GUI thread.

#include <QWidget>

#include "client/ui/place.h"

class QLabel;
class QPushButton;
class QHBoxLayout;

namespace stoa {

class Badge;
class ElidedLabel;
class EmptyState;

class SpaceHead : public QWidget {
    Q_OBJECT

public:
    // `large`: with badge and a line of figures, for the overview.
    SpaceHead(Location::Kind here, bool large, QWidget* parent = nullptr);

    void setSpace(const SpaceRow& space);
    // At the right of the name, for the place's own buttons.
    void addButton(QWidget* button);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab = false);

private:
    QPushButton* addTab(Location::Kind kind);

    Location::Kind here_;
    Id space_;
    Badge* badge_ = nullptr;
    ElidedLabel* name_;
    QLabel* figures_ = nullptr;
    QPushButton* overview_;
    QPushButton* pages_;
    QPushButton* questions_;
    QHBoxLayout* top_;
};

// What these places say where the space is not, or no longer, in the replica.
EmptyState* makeSpaceGone();

} // namespace stoa
