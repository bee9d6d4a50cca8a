#pragma once

// The outbox as a list: texts that could not be stored, newest first, then changes, oldest first; what the server has
// of one text is one row. GUI thread; `reading` outlives the model.

#include "client/models/row_model.h"
#include "client/replica/queries.h"

namespace stoa {

class OutboxModel : public RowModel<OutboxRow> {
    Q_OBJECT

public:
    static constexpr int pageRows = 200;

    explicit OutboxModel(const Reading& reading, QObject* parent = nullptr);

    void load();
    // What is in another state now, beside what was read before.
    void readAgain();

    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

protected:
    Id idOf(const OutboxRow& row) const override { return row.change; }
    QVariant textOf(const OutboxRow& row, int role) const override;

private:
    void read(int limit);

    const Reading& reading_;
    int limit_ = pageRows;
    bool isAll_ = true;
};

} // namespace stoa
