#include "client/models/page_tree_model.h"

#include <algorithm>

#include <QElapsedTimer>

namespace stoa {

namespace {

// More touched posts than this, and everything that is read is read again.
constexpr qsizetype namedMax = 32;

} // namespace

PageTreeModel::PageTreeModel(const Reading& reading, QObject* parent)
    : QAbstractItemModel(parent), reading_(reading), root_(std::make_unique<Node>())
{
}

PageTreeModel::~PageTreeModel() = default;

PageTreeModel::Line PageTreeModel::lineOf(const PostRow& row)
{
    return {row.id, row.title, row.kind, row.children};
}

void PageTreeModel::setSpace(const Id& space)
{
    beginResetModel();
    space_ = space;
    stale_.clear();
    nodes_.clear();
    root_ = std::make_unique<Node>();
    root_->read = true;
    for (const PostRow& row : pagesBelow(reading_, space_, {}))
        root_->children.push_back(makeNode(row, root_.get()));
    number(root_.get(), 0);
    endResetModel();
}

QModelIndex PageTreeModel::reveal(const Id& page)
{
    QList<Id> way;
    for (const PostRow& row : ancestors(reading_, page))
        way.append(row.id);
    way.append(page);
    Node* at = root_.get();
    for (const Id& id : std::as_const(way)) {
        Node* next = nodeOf(id);
        if (!next || next->parent != at) {
            at->read = true;
            readAgain(at);
            next = nodeOf(id);
        }
        if (!next || next->parent != at)
            return {};
        at = next;
    }
    return indexOf(at);
}

Id PageTreeModel::firstPage()
{
    constexpr int looksMax = 200;
    std::vector<QModelIndex> ahead{QModelIndex()};
    for (int looks = 0; looks < looksMax && !ahead.empty(); ++looks) {
        const QModelIndex at = ahead.back();
        ahead.pop_back();
        const Node* node = nodeAt(at);
        if (at.isValid() && node->line.kind == v1::PAGE)
            return node->line.id;
        if (canFetchMore(at))
            fetchMore(at);
        for (int row = rowCount(at); row-- > 0;)
            ahead.push_back(index(row, 0, at));
    }
    return {};
}

Id PageTreeModel::idAt(const QModelIndex& index) const
{
    return index.isValid() ? nodeAt(index)->line.id : Id{};
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
    const Line& line = nodeAt(index)->line;
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return line.title;
    case Qt::AccessibleTextRole:
        return line.kind == v1::SECTION ? tr("Section %1").arg(line.title) : line.title;
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
    return node->read ? !node->children.empty() : node->line.children > 0;
}

bool PageTreeModel::canFetchMore(const QModelIndex& parent) const
{
    return !nodeAt(parent)->read;
}

void PageTreeModel::fetchMore(const QModelIndex& parent)
{
    Node* node = nodeAt(parent);
    if (node->read)
        return;
    node->read = true;
    readAgain(node);
}

void PageTreeModel::refresh(const Touched& touched)
{
    if (space_.isNull() || !touched.spaces.contains(space_))
        return;
    if (touched.bulk || touched.posts.size() > namedMax) {
        stale_.assign(1, {Id{}, true});
        return;
    }
    for (const Id& id : touched.posts) {
        if (const Node* node = nodeOf(id))
            noteStale(node->parent->line.id);
        const auto now = post(reading_, id);
        if (!now || (now->kind != v1::SECTION && now->kind != v1::PAGE) || now->space != space_)
            continue;
        noteStale(now->parent);
        // Its line says whether anything lies below.
        if (const Node* above = nodeOf(now->parent); above && above->parent)
            noteStale(above->parent->line.id);
    }
}

bool PageTreeModel::readStale(int ms)
{
    QElapsedTimer clock;
    clock.start();
    while (!stale_.empty() && clock.elapsed() < ms) {
        const Stale next = stale_.front();
        stale_.pop_front();
        Node* node = nodeOf(next.id);
        if (!node || !node->read)
            continue;
        readAgain(node);
        if (next.deep)
            for (const auto& child : node->children)
                if (child->read && (child->line.children > 0 || !child->children.empty()))
                    stale_.push_back({child->line.id, true});
    }
    return !stale_.empty();
}

void PageTreeModel::noteStale(const Id& id)
{
    const auto same = [&](const Stale& each) { return each.id == id; };
    if (std::none_of(stale_.begin(), stale_.end(), same))
        stale_.push_back({id, false});
}

PageTreeModel::Node* PageTreeModel::nodeAt(const QModelIndex& index) const
{
    return index.isValid() ? static_cast<Node*>(index.internalPointer()) : root_.get();
}

PageTreeModel::Node* PageTreeModel::nodeOf(const Id& id) const
{
    return id.isNull() ? root_.get() : nodes_.value(id);
}

QModelIndex PageTreeModel::indexOf(const Node* node) const
{
    return node && node->parent ? createIndex(node->row, 0, node) : QModelIndex();
}

std::unique_ptr<PageTreeModel::Node> PageTreeModel::makeNode(const PostRow& row, Node* parent)
{
    auto node = std::make_unique<Node>();
    node->line = lineOf(row);
    node->parent = parent;
    node->read = row.children == 0; // nothing to fetch; what comes later is read as it comes
    nodes_.insert(row.id, node.get());
    return node;
}

void PageTreeModel::forget(const Node& node)
{
    for (const auto& child : node.children)
        forget(*child);
    // A page that was moved may be known below its new parent already.
    if (const auto known = nodes_.constFind(node.line.id); known != nodes_.cend() && *known == &node)
        nodes_.erase(known);
}

void PageTreeModel::number(Node* node, size_t from)
{
    for (size_t i = from; i < node->children.size(); ++i)
        node->children[i]->row = static_cast<int>(i);
}

// Brings the children of `node` into the state of the replica, by runs of removed and inserted rows and one
// change of order, so that a view keeps what is selected and what is open.
void PageTreeModel::readAgain(Node* node)
{
    const QList<PostRow> rows = pagesBelow(reading_, space_, node->line.id);
    QHash<Id, int> wanted;
    wanted.reserve(rows.size());
    for (int i = 0; i < rows.size(); ++i)
        wanted.insert(rows[i].id, i);
    removeMissing(node, wanted);
    sortKept(node, wanted);

    const QModelIndex parent = indexOf(node);
    auto& children = node->children;
    const auto stands = [&](int i) {
        return i < static_cast<int>(children.size()) && children[static_cast<size_t>(i)]->line.id == rows[i].id;
    };
    QSet<Id> kept;
    for (const auto& child : children)
        kept.insert(child->line.id);
    for (int i = 0; i < rows.size(); ++i) {
        if (stands(i))
            continue;
        int last = i;
        while (last + 1 < rows.size() && !kept.contains(rows[last + 1].id))
            ++last;
        beginInsertRows(parent, i, last);
        std::vector<std::unique_ptr<Node>> made;
        for (int k = i; k <= last; ++k)
            made.push_back(makeNode(rows[k], node));
        children.insert(children.begin() + i, std::make_move_iterator(made.begin()),
                        std::make_move_iterator(made.end()));
        number(node, static_cast<size_t>(i));
        endInsertRows();
        i = last;
    }
    for (int i = 0; i < rows.size(); ++i) {
        const int first = i;
        for (; i < rows.size(); ++i) {
            Line& line = children[static_cast<size_t>(i)]->line;
            const Line now = lineOf(rows[i]);
            if (line == now)
                break;
            line = now;
        }
        if (i > first)
            Q_EMIT dataChanged(index(first, 0, parent), index(i - 1, 0, parent));
    }
}

void PageTreeModel::removeMissing(Node* node, const QHash<Id, int>& wanted)
{
    const QModelIndex parent = indexOf(node);
    auto& children = node->children;
    const auto stays = [&](int i) { return wanted.contains(children[static_cast<size_t>(i)]->line.id); };
    for (int last = static_cast<int>(children.size()) - 1; last >= 0; --last) {
        if (stays(last))
            continue;
        int first = last;
        while (first > 0 && !stays(first - 1))
            --first;
        beginRemoveRows(parent, first, last);
        for (int i = first; i <= last; ++i)
            forget(*children[static_cast<size_t>(i)]);
        children.erase(children.begin() + first, children.begin() + last + 1);
        number(node, static_cast<size_t>(first));
        endRemoveRows();
        last = first;
    }
}

void PageTreeModel::sortKept(Node* node, const QHash<Id, int>& wanted)
{
    const auto before = [&](const std::unique_ptr<Node>& a, const std::unique_ptr<Node>& b) {
        return wanted.value(a->line.id) < wanted.value(b->line.id);
    };
    auto& children = node->children;
    if (std::is_sorted(children.begin(), children.end(), before))
        return;
    const QList<QPersistentModelIndex> parents{QPersistentModelIndex(indexOf(node))};
    Q_EMIT layoutAboutToBeChanged(parents, VerticalSortHint);
    const QModelIndexList held = persistentIndexList();
    std::sort(children.begin(), children.end(), before);
    number(node, 0);
    for (const QModelIndex& each : held)
        if (const Node* moved = nodeAt(each); moved->parent == node)
            changePersistentIndex(each, indexOf(moved));
    Q_EMIT layoutChanged(parents, VerticalSortHint);
}

} // namespace stoa
