#pragma once

// What became of a post's body as a list of stretches of work, the newest first. A long history is read on another
// thread. GUI thread; `reading` outlives the model.

#include <memory>
#include <vector>

#include "client/models/row_model.h"
#include "client/replica/queries.h"
#include "shared/domain/history.h"

namespace stoa {

class HistoryModel : public RowModel<HistoryRow> {
    Q_OBJECT

public:
    // `replicaPath`: of the replica that `reading` reads.
    HistoryModel(const Reading& reading, QString replicaPath, QObject* parent = nullptr);

    // With what was done after revision `since` in one row above the others. loaded() follows, for what is short
    // before this returns; a later call makes an earlier one moot.
    void load(const Id& post, std::optional<quint64> since = std::nullopt);
    // Ascending; shared with whoever works on them elsewhere.
    const std::shared_ptr<const std::vector<v1::Revision>>& revisions() const { return revisions_; }
    bool isFetched() const { return fetched_; }
    bool isWhole() const { return whole_; }

Q_SIGNALS:
    void loaded();

protected:
    Id idOf(const HistoryRow& row) const override { return row.id; }
    QVariant textOf(const HistoryRow& row, int role) const override;

private:
    struct Loaded {
        std::shared_ptr<const std::vector<v1::Revision>> revisions;
        bool fetched = false;
        bool whole = false;
        QList<HistoryRow> rows;
    };

    static Loaded read(const Reading& reading, const Id& post, std::optional<quint64> since);
    void show(Loaded read);

    const Reading& reading_;
    QString replicaPath_;
    Id wanted_;
    quint64 generation_ = 0; // of what is read elsewhere
    std::shared_ptr<const std::vector<v1::Revision>> revisions_ = std::make_shared<std::vector<v1::Revision>>();
    bool fetched_ = false;
    bool whole_ = false;
};

} // namespace stoa

Q_DECLARE_METATYPE(stoa::HistoryRow)
