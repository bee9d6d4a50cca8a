#pragma once

// What became of a post's body as a list of stretches of work, the newest first. GUI thread; `reading` outlives the
// model.

#include <memory>
#include <vector>

#include "client/models/row_model.h"
#include "client/replica/queries.h"
#include "shared/domain/history.h"

namespace stoa {

class HistoryModel : public RowModel<HistoryRow> {
    Q_OBJECT

public:
    explicit HistoryModel(const Reading& reading, QObject* parent = nullptr);

    // With what was done after revision `since` in one row above the others.
    void load(const Id& post, std::optional<quint64> since = std::nullopt);
    // Ascending; shared with whoever works on them elsewhere.
    const std::shared_ptr<const std::vector<v1::Revision>>& revisions() const { return revisions_; }
    bool isFetched() const { return fetched_; }
    bool isWhole() const { return whole_; }

protected:
    Id idOf(const HistoryRow& row) const override { return row.id; }
    QVariant textOf(const HistoryRow& row, int role) const override;

private:
    const Reading& reading_;
    std::shared_ptr<const std::vector<v1::Revision>> revisions_ = std::make_shared<std::vector<v1::Revision>>();
    bool fetched_ = false;
    bool whole_ = false;
};

} // namespace stoa

Q_DECLARE_METATYPE(stoa::HistoryRow)
