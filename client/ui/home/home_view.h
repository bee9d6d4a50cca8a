#pragma once

// Home's widget; home_place.h makes it.

#include "client/ui/place.h"

class QLabel;

namespace stoa {

class Card;
class EmptyState;

class HomePlace : public Place {
    Q_OBJECT

public:
    HomePlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override { return homeLocation(); }
    QString title() const override { return tr("Home"); }
    void refresh(const Touched& touched) override;

private:
    void read();
    void fill(Card* card, const QList<PostRow>& rows, const QList<SpaceRow>& spaces, const QString& nothing, bool changed);

    QLabel* greeting_;
    QLabel* sentence_;
    Card* fresh_;
    Card* unanswered_;
    Card* spaces_;
    EmptyState* empty_;
    QWidget* cards_;
};

} // namespace stoa
