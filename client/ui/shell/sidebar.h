#pragma once

// The left column: the organisation, the search field, the ways to go, the spaces. GUI thread.

#include <QStyledItemDelegate>
#include <QWidget>

#include "client/models/space_list_model.h"
#include "client/ui/place.h"

class QListView;
class QMenu;
class QPushButton;
class QToolButton;

namespace stoa {

class ElidedLabel;
class SearchField;

// A way to go, drawn like a row of the list below it.
class WayButton;

class SpaceDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setHere(const Id& space) { here_ = space; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    Id here_;
};

class Sidebar : public QWidget {
    Q_OBJECT

public:
    Sidebar(const Desk& desk, QMenu* menu, QWidget* parent = nullptr);

    void load();
    void refresh(const Touched& touched);
    // Marks where one is.
    void setHere(const Location& location, bool canGoBack, bool canGoForward);
    void focusSearch();
    // So many things in the outbox need the person: where there are any, the way to it is among the others.
    void setNeedsYou(int count);

Q_SIGNALS:
    void wanted(const stoa::Location& location, bool newTab);
    void searchTyped(const QString& words);
    void searchDone();    // the arrow down or Esc: the keyboard goes to the results
    void searchEntered(); // Enter: to the first of them
    void backWanted();
    void forwardWanted();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void showNames();

    Desk desk_;
    SpaceListModel spaces_;
    SpaceDelegate* delegate_;
    ElidedLabel* organisation_;
    QToolButton* back_;
    QToolButton* forward_;
    SearchField* search_;
    WayButton* home_;
    WayButton* bookmarks_;
    WayButton* outbox_;
    QListView* list_;
    QPushButton* person_;
};

} // namespace stoa
