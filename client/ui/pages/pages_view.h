#pragma once

// The pages' widget; pages_place.h makes it.

#include "client/models/page_tree_model.h"
#include "client/ui/place.h"
#include "client/ui/widgets/refresher.h"

class QBoxLayout;
class QHBoxLayout;
class QLabel;
class QMenu;
class QPushButton;
class QScrollArea;
class QStackedWidget;
class QToolButton;
class QTreeView;

namespace stoa {

class DocumentView;
class ElidedLabel;
class EmptyState;
class PageBars;
class PageComments;
class PageEditor;
class ReadersHere;
class ReadingPlace;
class RemovalBar;
class SideSplit;
class Pill;
class SpaceHead;
class UnreadBar;
class VersionsBar;

class PagesPlace : public Place {
    Q_OBJECT

public:
    PagesPlace(const Desk& desk, QWidget* parent);

    void open(const Location& location) override;
    Location location() const override { return location_; }
    QString title() const override { return title_; }
    void refresh(const Touched& touched) override;
    void takeFocus() override;
    bool stepBack() override;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Crumb {
        QString name;
        Location location;

        friend bool operator==(const Crumb&, const Crumb&) = default;
    };

    void readHead();
    void showEditor();
    void showHistory(std::optional<quint64> since);
    void tick(size_t block);
    bool mayEdit(const Id& page) const;
    // Elsewhere, without a step for "back".
    void go(const Location& to);
    void edit();
    void newPage();
    void arrange();
    // pages_tree.cpp
    QWidget* makeTree();
    void readTree();
    void select(const Id& page); // in the tree, opened up to it
    void toggleTree();
    void showTree();
    // pages_reading.cpp
    QWidget* makePage();
    void showPage();
    void showCrumbs(const PostRow& page);
    QString listBelow(const PostRow& page);
    void reachSoon();
    void reach();
    // pages_review.cpp
    bool mayPropose(const Id& page) const;
    void propose();
    void showReview(const PostRow& page);
    void fillMenu();
    void addReview(QMenu& menu, const v1::Record& page);
    void showVersions(const PostRow& page);
    void settle(int which, const QString& text);
    // pages_placing.cpp
    QWidget* makeRemoval();
    void addPlacing(QMenu& menu);
    void askToDelete();
    void askWhereTo();
    void moveTo(const Id& page, const Id& parent);

    Location location_;
    QString title_;
    PageTreeModel model_;
    SpaceHead* head_;
    QTreeView* tree_;
    QStackedWidget* whole_; // or that the space is gone
    QStackedWidget* left_;
    QStackedWidget* right_;
    QScrollArea* scroll_;
    QHBoxLayout* crumbs_;
    QBoxLayout* about_; // what is said of the page, and what can be done with it
    QList<Crumb> shownCrumbs_;
    QLabel* heading_;
    ElidedLabel* meta_;
    QPushButton* bookmark_;
    QPushButton* edit_;
    QPushButton* history_;
    Pill* review_;
    QToolButton* more_;
    QPushButton* new_;
    SideSplit* split_;
    QToolButton* treeShown_;
    PageEditor* editor_;
    Id before_; // the page that was read before a new one was begun
    VersionsBar* versions_;
    UnreadBar* unread_;
    PageBars* bars_;
    RemovalBar* removal_;
    DocumentView* document_;
    ReadingPlace* reader_;
    ReadersHere* here_; // who else reads or writes it
    PageComments* comments_;
    EmptyState* empty_;
    bool moving_ = false;
    bool pageStale_ = false;
    bool bookmarked_ = false;
    Id shownOf_;
    QString shownText_;
    bool laidOut_ = false; // all of that text
    // To be brought into view as soon as it can be seen and the text is laid out.
    Id wantedComment_;
    QString wantedAnchor_;
    QString wantedWords_;
    Refresher reading_;
};

} // namespace stoa
