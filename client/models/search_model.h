#pragma once

// What a search found, best first. The hits come from Worker::searched; the model keeps them as they are.
// GUI thread.

#include "client/models/row_model.h"
#include "client/search/search.h"

namespace stoa {

class SearchModel : public RowModel<SearchHit> {
    Q_OBJECT

public:
    explicit SearchModel(QObject* parent = nullptr);

    // Hits that stay keep their rows, so that a selection survives the next letter.
    void show(const QList<SearchHit>& hits);

protected:
    Id idOf(const SearchHit& hit) const override { return hit.post.id; }
    QVariant textOf(const SearchHit& hit, int role) const override;
};

} // namespace stoa
