#pragma once

// What became of a post's body as a list of stretches of work, the newest first. GUI thread; `reading` outlives the
// model.

#include <memory>
#include <vector>

#include "client/models/row_model.h"
#include "client/replica/queries.h"
#include "shared/domain/history.h"

namespace stoa {

struct HistoryRow {
    Id id;     // of this row, made of its first revision's number
    Id author; // null: no longer known, or the server
    QString authorName;
    qint64 fromMs = 0;
    qint64 toMs = 0;
    QString summary;
    size_t end = 0;       // the body after it: after so many of the revisions
    size_t begin = 0;     // and before it; 0: there was none
    bool created = false; // the body as it was created, or as it came back
    bool newest = false;
    bool sinceRead = false; // all that was done since the person read it last, in one
};

class HistoryModel : public RowModel<HistoryRow> {
    Q_OBJECT

public:
    explicit HistoryModel(const Reading& reading, QObject* parent = nullptr);

    // With what was done after revision `since` in one row above the others; 0: without.
    void load(const Id& post, quint64 since = 0);
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
