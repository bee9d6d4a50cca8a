#include "client/models/space_list_model.h"

namespace stoa {

SpaceListModel::SpaceListModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading) {}

void SpaceListModel::load()
{
    become(spaces(reading_));
}

void SpaceListModel::refresh(const Touched& touched)
{
    if (touched.feeds || touched.personal || !touched.spaces.isEmpty())
        load();
}

QVariant SpaceListModel::textOf(const SpaceRow& row, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return row.name;
    case Qt::AccessibleTextRole:
        return row.fresh > 0 ? tr("Space %1, %n new", nullptr, row.fresh).arg(row.name) : tr("Space %1").arg(row.name);
    default:
        return {};
    }
}

} // namespace stoa
