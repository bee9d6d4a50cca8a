#pragma once

// Home's widget; home_place.h makes it.

#include "client/ui/place.h"
#include "client/ui/widgets/refresher.h"

class QLabel;

namespace stoa {

class EmptyState;
class RowCard;

class HomePlace : public Place {
    Q_OBJECT

public:
    HomePlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override { return homeLocation(); }
    QString title() const override { return tr("Home"); }
    void refresh(const Touched& touched) override;

private:
    void readSpaces();
    void readFresh();
    void readUnanswered();
    void readProposals();
    void readToConfirm();
    QString spaceName(const Id& space) const;
    void go(const Id& post, bool newTab);

    QList<SpaceRow> all_;
    QLabel* greeting_;
    QLabel* sentence_;
    RowCard* toConfirm_;
    RowCard* awaiting_;  // proposals that wait for this person
    RowCard* proposals_; // their own
    RowCard* fresh_;
    RowCard* unanswered_;
    RowCard* spaces_;
    EmptyState* empty_;
    QWidget* cards_;
    Refresher reading_;
};

} // namespace stoa
