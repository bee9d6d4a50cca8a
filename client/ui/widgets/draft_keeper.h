#pragma once

// Keeping what people type, and sending it. A form owns a DraftKeeper by value as its last member and tells it
// of every key; it has the text stored some moments later, when the form goes to another place and when it is
// destroyed, so a draft survives Esc, another place and a crash. What is sent takes its draft along, in the
// transaction that stores the change; what is refused stays a draft. GUI thread.

#include <functional>

#include <QHash>
#include <QTimer>

#include "client/models/row_model.h"
#include "client/ui/place.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

class DraftKeeper : public QObject {
    Q_OBJECT

public:
    // `read`: what stands in the form now.
    DraftKeeper(const Desk& desk, std::function<Draft()> read);
    ~DraftKeeper() override;

    // What is kept for this place; the unsaved text of the place before is saved first.
    Draft open(const QString& place);
    const QString& place() const { return place_; }
    // The person changed something; not for what the form itself fills in.
    void touch();
    // Saves at once what is not saved yet.
    void keep();
    // Ends in sent() or refused(); nothing may be typed until then. Does nothing while one is on its way.
    void send(const v1::Change& change);
    bool isSending() const { return !sending_.isNull(); }

Q_SIGNALS:
    void sent(const stoa::Id& change); // stored: empty the form
    void refused(const QString& sentence);

private:
    Desk desk_;
    std::function<Draft()> read_;
    QString place_;
    QTimer soon_;
    Id sending_;
    bool changed_ = false;
};

// What was handed to a worker and may not be readable yet; all forms over that worker share it. It sees to
// what became of a change also when its form is gone by then. Owned by the worker.
class DraftsOnTheirWay : public QObject {
    Q_OBJECT

public:
    static DraftsOnTheirWay& of(Worker& worker);

    Draft find(const Reading& reading, const QString& place) const;
    void save(const QString& place, const Draft& draft);
    void submit(const v1::Change& change, const QString& place, const Draft& draft);

private:
    explicit DraftsOnTheirWay(Worker& worker);

    Worker& worker_;
    QHash<QString, Draft> saved_;                    // by place, as they were saved last
    QHash<Id, std::pair<QString, Draft>> submitted_; // by change
    SyncStatus::State state_;
};

} // namespace stoa
