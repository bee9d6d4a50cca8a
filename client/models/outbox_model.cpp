#include "client/models/outbox_model.h"

namespace stoa {

OutboxModel::OutboxModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading) {}

void OutboxModel::load()
{
    read(pageRows);
}

void OutboxModel::refresh(const Touched& touched)
{
    if (touched.outbox)
        read(limit_);
}

bool OutboxModel::canFetchMore(const QModelIndex& parent) const
{
    return !parent.isValid() && rows().size() >= limit_;
}

void OutboxModel::fetchMore(const QModelIndex& parent)
{
    if (canFetchMore(parent))
        read(limit_ + pageRows);
}

void OutboxModel::read(int limit)
{
    limit_ = limit;
    become(outbox(reading_, limit_));
}

QVariant OutboxModel::textOf(const OutboxRow& row, int role) const
{
    return role == Qt::DisplayRole || role == Qt::AccessibleTextRole ? QVariant(row.title) : QVariant();
}

} // namespace stoa
