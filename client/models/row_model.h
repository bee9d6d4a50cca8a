#pragma once

// What the flat models share: rows as plain values, found by id, and one way of turning the rows that are
// shown into the rows that were read, by the fewest removals, moves and insertions, so that a view keeps
// its selection and its place. Owned by a view's place; GUI thread only.

#include <QAbstractListModel>
#include <QHash>
#include <QList>
#include <QSet>

#include "shared/base/ids.h"

namespace stoa {

// For QHash and QSet.
inline size_t qHash(const Id& id, size_t seed = 0)
{
    return IdHash{}(id) ^ seed;
}

template <class Row>
class RowModel : public QAbstractListModel {
public:
    // The whole row: `index.data(RowModel<X>::RowRole).template value<X>()`.
    static constexpr int RowRole = Qt::UserRole + 1;

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(rows_.size());
    }

    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!index.isValid() || index.row() >= rows_.size())
            return {};
        const Row& row = rows_[index.row()];
        return role == RowRole ? QVariant::fromValue(row) : textOf(row, role);
    }

    const QList<Row>& rows() const { return rows_; }
    bool isEmpty() const { return rows_.isEmpty(); }
    const Row& at(int row) const { return rows_[row]; }

    // -1 where it is not among the rows read so far.
    int find(const Id& id) const
    {
        for (int i = 0; i < rows_.size(); ++i)
            if (idOf(rows_[i]) == id)
                return i;
        return -1;
    }

protected:
    virtual Id idOf(const Row& row) const = 0;
    // Display, tooltip and accessible texts; plain text always.
    virtual QVariant textOf(const Row& row, int role) const = 0;

    void reset(QList<Row> rows)
    {
        beginResetModel();
        rows_ = std::move(rows);
        endResetModel();
    }

    void append(const QList<Row>& more)
    {
        if (more.isEmpty())
            return;
        beginInsertRows({}, static_cast<int>(rows_.size()), static_cast<int>(rows_.size() + more.size()) - 1);
        rows_ += more;
        endInsertRows();
    }

    // Views answer what they are told at once, also by asking for more: not while the rows are between the old
    // and the new.
    bool isBecoming() const { return isBecoming_; }

    void become(QList<Row> next)
    {
        isBecoming_ = true;
        QSet<Id> wanted;
        next.removeIf([&](const Row& row) {
            if (wanted.contains(idOf(row)))
                return true;
            wanted.insert(idOf(row));
            return false;
        });
        removeAllBut(wanted);
        QSet<Id> present;
        for (const Row& row : std::as_const(rows_))
            present.insert(idOf(row));
        for (int i = 0; i < next.size(); ++i) {
            const Id id = idOf(next[i]);
            if (i < rows_.size() && idOf(rows_[i]) == id)
                continue;
            if (present.contains(id)) {
                const int from = find(id);
                beginMoveRows({}, from, from, {}, i);
                rows_.move(from, i);
                endMoveRows();
                continue;
            }
            int last = i;
            while (last + 1 < next.size() && !present.contains(idOf(next[last + 1])))
                ++last;
            beginInsertRows({}, i, last);
            rows_ = rows_.first(i) + next.sliced(i, last - i + 1) + rows_.sliced(i);
            endInsertRows();
            i = last;
        }
        rows_ = std::move(next);
        if (!rows_.isEmpty())
            Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(rows_.size()) - 1, 0));
        isBecoming_ = false;
    }

private:
    void removeAllBut(const QSet<Id>& wanted)
    {
        for (int last = static_cast<int>(rows_.size()) - 1; last >= 0; --last) {
            if (wanted.contains(idOf(rows_[last])))
                continue;
            int first = last;
            while (first > 0 && !wanted.contains(idOf(rows_[first - 1])))
                --first;
            beginRemoveRows({}, first, last);
            rows_.remove(first, last - first + 1);
            endRemoveRows();
            last = first;
        }
    }

    QList<Row> rows_;
    bool isBecoming_ = false;
};

} // namespace stoa
