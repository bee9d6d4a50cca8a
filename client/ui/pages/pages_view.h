#pragma once

// The pages' widget; pages_place.h makes it.

#include "client/models/page_tree_model.h"
#include "client/ui/place.h"

class QHBoxLayout;
class QLabel;
class QStackedWidget;
class QTreeView;

namespace stoa {

class DocumentView;
class EmptyState;
class SpaceHead;

class PagesPlace : public Place {
    Q_OBJECT

public:
    PagesPlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override { return location_; }
    QString title() const override { return title_; }
    void refresh(const Touched& touched) override;
    void takeFocus() override;

private:
    void showPage();
    void showBelow(const PostRow& page);

    Location location_;
    QString title_;
    PageTreeModel model_;
    SpaceHead* head_;
    QTreeView* tree_;
    QStackedWidget* left_;
    QStackedWidget* right_;
    QHBoxLayout* crumbs_;
    QLabel* heading_;
    QLabel* meta_;
    DocumentView* document_;
    EmptyState* empty_;
    bool moving_ = false;
};

} // namespace stoa
