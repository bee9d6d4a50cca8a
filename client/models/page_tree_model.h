#pragma once

// The sections and pages of one space as a tree. What lies below a page is read when it is first opened.
// GUI thread; `reading` outlives the model.

#include <memory>
#include <vector>

#include <QAbstractItemModel>

#include "client/replica/queries.h"
#include "client/replica/touched.h"

namespace stoa {

class PageTreeModel : public QAbstractItemModel {
    Q_OBJECT

public:
    // A PostRow.
    static constexpr int RowRole = Qt::UserRole + 1;

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

    void refresh(const Touched& touched);

private:
    struct Node {
        PostRow row;
        Node* parent = nullptr;
        std::vector<std::unique_ptr<Node>> children;
        bool read = false;
    };

    Node* nodeAt(const QModelIndex& index) const;
    QModelIndex indexOf(const Node* node) const;
    static int rowIn(const Node* parent, const Id& id);
    void readAgain(Node* node, int& budget);

    const Reading& reading_;
    Id space_;
    std::unique_ptr<Node> root_;
};

} // namespace stoa
