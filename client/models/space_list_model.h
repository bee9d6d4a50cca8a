#pragma once

// The spaces that this person has, by name. GUI thread; `reading` outlives the model.

#include "client/models/row_model.h"
#include "client/replica/queries.h"
#include "client/replica/touched.h"

namespace stoa {

class SpaceListModel : public RowModel<SpaceRow> {
    Q_OBJECT

public:
    explicit SpaceListModel(const Reading& reading, QObject* parent = nullptr);

    void load();
    void refresh(const Touched& touched);

protected:
    Id idOf(const SpaceRow& row) const override { return row.id; }
    QVariant textOf(const SpaceRow& row, int role) const override;

private:
    const Reading& reading_;
};

} // namespace stoa
