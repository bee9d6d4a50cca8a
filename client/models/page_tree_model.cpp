#include "client/models/page_tree_model.h"

#include <algorithm>

namespace stoa {

namespace {

// A refresh reads again what lies below this many pages at most, from the top down.
constexpr int refreshReadsMax = 40;

} // namespace

PageTreeModel::PageTreeModel(const Reading& reading, QObject* parent)
    : QAbstractItemModel(parent), reading_(reading), root_(std::make_unique<Node>())
{
}

PageTreeModel::~PageTreeModel() = default;

void PageTreeModel::setSpace(const Id& space)
{
    beginResetModel();
    space_ = space;
    root_ = std::make_unique<Node>();
    root_->read = true;
    for (PostRow& row : pagesBelow(reading_, space_, {})) {
        auto child = std::make_unique<Node>();
        child->row = std::move(row);
        child->parent = root_.get();
        root_->children.push_back(std::move(child));
    }
    endResetModel();
}

QModelIndex PageTreeModel::reveal(const Id& page)
{
    QList<Id> way;
    for (const PostRow& row : ancestors(reading_, page))
        way.append(row.id);
    way.append(page);
    QModelIndex at;
    for (const Id& id : std::as_const(way)) {
        if (canFetchMore(at))
            fetchMore(at);
        const int row = rowIn(nodeAt(at), id);
        if (row < 0)
            return {};
        at = index(row, 0, at);
    }
    return at;
}

Id PageTreeModel::firstPage()
{
    constexpr int depthMax = 8;
    QModelIndex at;
    for (int depth = 0; depth < depthMax; ++depth) {
        if (canFetchMore(at))
            fetchMore(at);
        const Node* node = nodeAt(at);
        if (node->children.empty())
            return {};
        if (node->children.front()->row.kind == v1::PAGE)
            return node->children.front()->row.id;
        at = index(0, 0, at);
    }
    return {};
}

Id PageTreeModel::idAt(const QModelIndex& index) const
{
    return index.isValid() ? nodeAt(index)->row.id : Id{};
}

QModelIndex PageTreeModel::index(int row, int column, const QModelIndex& parent) const
{
    const Node* node = nodeAt(parent);
    if (column != 0 || row < 0 || row >= static_cast<int>(node->children.size()))
        return {};
    return createIndex(row, column, node->children[static_cast<size_t>(row)].get());
}

QModelIndex PageTreeModel::parent(const QModelIndex& index) const
{
    return index.isValid() ? indexOf(nodeAt(index)->parent) : QModelIndex();
}

int PageTreeModel::rowCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeAt(parent)->children.size());
}

int PageTreeModel::columnCount(const QModelIndex&) const
{
    return 1;
}

QVariant PageTreeModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const PostRow& row = nodeAt(index)->row;
    switch (role) {
    case RowRole:
        return QVariant::fromValue(row);
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return row.title;
    case Qt::AccessibleTextRole:
        return row.kind == v1::SECTION ? tr("Section %1").arg(row.title) : row.title;
    default:
        return {};
    }
}

Qt::ItemFlags PageTreeModel::flags(const QModelIndex& index) const
{
    return index.isValid() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags;
}

bool PageTreeModel::hasChildren(const QModelIndex& parent) const
{
    const Node* node = nodeAt(parent);
    return node->read ? !node->children.empty() : node->row.children > 0;
}

bool PageTreeModel::canFetchMore(const QModelIndex& parent) const
{
    const Node* node = nodeAt(parent);
    return !node->read && node->row.children > 0;
}

void PageTreeModel::fetchMore(const QModelIndex& parent)
{
    Node* node = nodeAt(parent);
    if (node->read)
        return;
    int budget = 1;
    node->read = true;
    readAgain(node, budget);
}

void PageTreeModel::refresh(const Touched& touched)
{
    if (space_.isNull() || !touched.spaces.contains(space_))
        return;
    int budget = refreshReadsMax;
    readAgain(root_.get(), budget);
}

PageTreeModel::Node* PageTreeModel::nodeAt(const QModelIndex& index) const
{
    return index.isValid() ? static_cast<Node*>(index.internalPointer()) : root_.get();
}

QModelIndex PageTreeModel::indexOf(const Node* node) const
{
    if (!node || !node->parent)
        return {};
    return createIndex(rowIn(node->parent, node->row.id), 0, node);
}

int PageTreeModel::rowIn(const Node* parent, const Id& id)
{
    const auto found = std::find_if(parent->children.begin(), parent->children.end(),
                                    [&](const std::unique_ptr<Node>& child) { return child->row.id == id; });
    return found == parent->children.end() ? -1 : static_cast<int>(found - parent->children.begin());
}

// Brings the children of `node` into the state of the replica, then those of its children that were read.
void PageTreeModel::readAgain(Node* node, int& budget)
{
    if (budget-- <= 0)
        return;
    const QList<PostRow> rows = pagesBelow(reading_, space_, node->row.id);
    const QModelIndex parent = indexOf(node);
    auto& children = node->children;
    for (int i = static_cast<int>(children.size()) - 1; i >= 0; --i) {
        const Id& id = children[static_cast<size_t>(i)]->row.id;
        if (std::any_of(rows.begin(), rows.end(), [&](const PostRow& row) { return row.id == id; }))
            continue;
        beginRemoveRows(parent, i, i);
        children.erase(children.begin() + i);
        endRemoveRows();
    }
    for (int i = 0; i < rows.size(); ++i) {
        const int from = rowIn(node, rows[i].id);
        if (from < 0) {
            int last = i;
            while (last + 1 < rows.size() && rowIn(node, rows[last + 1].id) < 0)
                ++last;
            beginInsertRows(parent, i, last);
            for (int k = i; k <= last; ++k) {
                auto child = std::make_unique<Node>();
                child->row = rows[k];
                child->parent = node;
                children.insert(children.begin() + k, std::move(child));
            }
            endInsertRows();
            i = last;
            continue;
        }
        if (from != i) {
            beginMoveRows(parent, from, from, parent, i);
            std::rotate(children.begin() + i, children.begin() + from, children.begin() + from + 1);
            endMoveRows();
        }
        children[static_cast<size_t>(i)]->row = rows[i];
    }
    if (!children.empty())
        Q_EMIT dataChanged(index(0, 0, parent), index(static_cast<int>(children.size()) - 1, 0, parent));
    for (const auto& child : children)
        if (child->read)
            readAgain(child.get(), budget);
}

} // namespace stoa
