#include "client/models/outbox_model.h"

#include "client/commands/keeping.h"
#include "client/commands/sentences.h"

namespace stoa {

OutboxModel::OutboxModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading) {}

void OutboxModel::load()
{
    read(pageRows);
}

void OutboxModel::readAgain()
{
    read(limit_);
}

bool OutboxModel::canFetchMore(const QModelIndex& parent) const
{
    return !parent.isValid() && !isBecoming() && !isAll_;
}

void OutboxModel::fetchMore(const QModelIndex& parent)
{
    if (canFetchMore(parent))
        read(limit_ + pageRows);
}

void OutboxModel::read(int limit)
{
    limit_ = limit;
    QList<OutboxRow> all = outbox(reading_, limit_, rows());
    isAll_ = all.size() < limit_;
    become(withTextsAsOne(std::move(all)));
}

QVariant OutboxModel::textOf(const OutboxRow& row, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return changeText(row);
    case Qt::AccessibleTextRole:
        return row.spaceName.isEmpty() ? tr("%1: %2").arg(changeText(row), stateText(row))
                                       : tr("%1, %2: %3").arg(changeText(row), row.spaceName, stateText(row));
    default:
        return {};
    }
}

} // namespace stoa
