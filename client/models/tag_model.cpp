#include "client/models/tag_model.h"

namespace stoa {

TagModel::TagModel(const Reading& reading, QObject* parent) : RowModel(parent), reading_(reading) {}

void TagModel::setSpace(const Id& space)
{
    become(tags(reading_, space, tagsMax));
}

Id TagModel::idOf(const TagRow& row) const
{
    return deriveId(0, "tag", row.tag.toStdString());
}

QVariant TagModel::textOf(const TagRow& row, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole:
        return row.tag;
    case Qt::AccessibleTextRole:
        return tr("%1, %n posts", nullptr, row.posts).arg(row.tag);
    default:
        return {};
    }
}

} // namespace stoa
