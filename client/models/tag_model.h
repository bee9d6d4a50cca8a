#pragma once

// The tags of one space, most used first. GUI thread; `reading` outlives the model.

#include "client/models/row_model.h"
#include "client/replica/queries.h"

namespace stoa {

class TagModel : public RowModel<TagRow> {
    Q_OBJECT

public:
    static constexpr int tagsMax = 500;

    explicit TagModel(const Reading& reading, QObject* parent = nullptr);

    void setSpace(const Id& space);

protected:
    Id idOf(const TagRow& row) const override;
    QVariant textOf(const TagRow& row, int role) const override;

private:
    const Reading& reading_;
};

} // namespace stoa
