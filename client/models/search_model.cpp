#include "client/models/search_model.h"

namespace stoa {

SearchModel::SearchModel(QObject* parent) : RowModel(parent) {}

void SearchModel::show(const QList<SearchHit>& hits)
{
    become(hits);
}

QVariant SearchModel::textOf(const SearchHit& hit, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return hit.post.title;
    case Qt::AccessibleTextRole:
        return tr("%1, in %2: %3").arg(hit.post.title, hit.spaceName, hit.snippet);
    default:
        return {};
    }
}

} // namespace stoa
