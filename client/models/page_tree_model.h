#pragma once

// The sections and pages of one space as a tree. What lies below a page is read when it is first opened, and
// read again, some milliseconds at a time, after something there was written. GUI thread; `reading` outlives
// the model.

#include <deque>
#include <memory>
#include <vector>

#include <QAbstractItemModel>
#include <QHash>

#include "client/models/row_model.h"
#include "client/replica/queries.h"
#include "client/replica/touched.h"

namespace stoa {

class PageTreeModel : public QAbstractItemModel {
    Q_OBJECT

public:
    explicit PageTreeModel(const Reading& reading, QObject* parent = nullptr);
    ~PageTreeModel() override;

    void setSpace(const Id& space);
    const Id& space() const { return space_; }

    // Reads the way down to it; an invalid index where the space has no such page.
    QModelIndex reveal(const Id& page);
    // The first page (not section) in reading order, at most a few levels down; null where there is none.
    Id firstPage();
    Id idAt(const QModelIndex& index) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool hasChildren(const QModelIndex& parent = {}) const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

    // Notes what has to be read again: only what is near the touched posts, where they are named.
    void refresh(const Touched& touched);
    // Reads it for about so long; true where more is left.
    bool readStale(int ms);

private:
    struct Line {
        Id id;
        QString title;
        v1::PostKind kind = v1::POST_NONE;
        int children = 0;

        friend bool operator==(const Line&, const Line&) = default;
    };
    struct Node {
        Line line;
        Node* parent = nullptr;
        int row = 0; // among the parent's children
        std::vector<std::unique_ptr<Node>> children;
        bool read = false; // the children are those of the replica, as far as is known
    };
    struct Stale {
        Id id; // null: the top
        bool deep = false;
    };

    static Line lineOf(const PostRow& row);
    Node* nodeAt(const QModelIndex& index) const;
    Node* nodeOf(const Id& id) const;
    QModelIndex indexOf(const Node* node) const;
    std::unique_ptr<Node> makeNode(const PostRow& row, Node* parent);
    void forget(const Node& node);
    void noteStale(const Id& id);
    static void number(Node* node, size_t from);
    void readAgain(Node* node);
    void removeMissing(Node* node, const QHash<Id, int>& wanted);
    void sortKept(Node* node, const QHash<Id, int>& wanted);

    const Reading& reading_;
    Id space_;
    std::unique_ptr<Node> root_;
    QHash<Id, Node*> nodes_; // all but the top
    std::deque<Stale> stale_;
};

} // namespace stoa
