#pragma once

// Proposals as a list: of one page, or those that wait for this person and then their own. GUI thread; `reading`
// outlives the model.

#include "client/models/row_model.h"
#include "client/replica/queries_review.h"

namespace stoa {

class ProposalModel : public RowModel<ProposalRow> {
    Q_OBJECT

public:
    static constexpr int rowsMax = 200;

    explicit ProposalModel(const Reading& reading, QObject* parent = nullptr);

    // Null: of this person, over all spaces.
    void load(const Id& page);

protected:
    Id idOf(const ProposalRow& row) const override { return row.row.id; }
    QVariant textOf(const ProposalRow& row, int role) const override;

private:
    const Reading& reading_;
};

} // namespace stoa

Q_DECLARE_METATYPE(stoa::ProposalRow)
