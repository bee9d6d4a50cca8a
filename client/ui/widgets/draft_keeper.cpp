#include "client/ui/widgets/draft_keeper.h"

#include "client/replica/body_drafts.h"
#include "client/worker/refusals.h"

namespace stoa {

namespace {

constexpr int saveAfterMs = 300;

} // namespace

DraftKeeper::DraftKeeper(const Desk& desk, std::function<Draft()> read) : desk_(desk), read_(std::move(read))
{
    // Before the connections below: a refused text is saved before the form is told.
    DraftsOnTheirWay::of(*desk_.worker);
    soon_.setSingleShot(true);
    soon_.setInterval(saveAfterMs);
    connect(&soon_, &QTimer::timeout, this, &DraftKeeper::keep);
    connect(desk_.worker, &Worker::submitted, this, [this](const Id& change) {
        if (sending_.isNull() || change != sending_)
            return;
        sending_ = {};
        Q_EMIT sent(change);
        soon_.stop();
        changed_ = false;
    });
    connect(desk_.worker, &Worker::notSubmitted, this, [this](const Id& change, const Refusal& refusal) {
        if (sending_.isNull() || change != sending_)
            return;
        sending_ = {};
        Q_EMIT refused(refusalSentence(refusal));
    });
}

DraftKeeper::~DraftKeeper()
{
    keep();
}

Draft DraftKeeper::open(const QString& place)
{
    keep();
    place_ = place;
    sending_ = {};
    changed_ = false;
    return DraftsOnTheirWay::of(*desk_.worker).find(*desk_.reading, place_);
}

void DraftKeeper::touch()
{
    changed_ = true;
    soon_.start();
}

void DraftKeeper::keep()
{
    soon_.stop();
    if (!changed_ || place_.isEmpty() || isSending())
        return;
    changed_ = false;
    DraftsOnTheirWay::of(*desk_.worker).save(place_, read_());
}

void DraftKeeper::send(const v1::Change& change)
{
    const auto id = Id::from(change.id());
    if (!id || isSending())
        return;
    soon_.stop();
    changed_ = false;
    sending_ = *id;
    DraftsOnTheirWay::of(*desk_.worker).submit(change, place_, read_());
}

DraftsOnTheirWay& DraftsOnTheirWay::of(Worker& worker)
{
    if (auto* known = worker.findChild<DraftsOnTheirWay*>(QString(), Qt::FindDirectChildrenOnly))
        return *known;
    return *new DraftsOnTheirWay(worker);
}

DraftsOnTheirWay::DraftsOnTheirWay(Worker& worker) : QObject(&worker), worker_(worker), state_(worker.status().state)
{
    connect(&worker, &Worker::submitted, this, [this](const Id& change) {
        if (const auto found = submitted_.constFind(change); found != submitted_.cend()) {
            saved_.remove(found->first);
            submitted_.erase(found);
        }
    });
    connect(&worker, &Worker::notSubmitted, this, [this](const Id& change, const Refusal&) {
        if (submitted_.contains(change)) {
            const auto [place, draft] = submitted_.take(change);
            save(place, draft);
        }
    });
    // What was kept of a text is discarded in the outbox, here or from the command line.
    connect(&worker, &Worker::settled, this, [this](const Id& row) { saved_.remove(bodyDraftPlace(row)); });
    // Who signs out leaves nothing in memory for whoever signs in next.
    connect(&worker, &Worker::statusChanged, this, [this](const SyncStatus& status) {
        if (status.state == SyncStatus::State::SignedOut && state_ != status.state)
            saved_.clear();
        state_ = status.state;
    });
}

Draft DraftsOnTheirWay::find(const Reading& reading, const QString& place) const
{
    if (const auto found = saved_.constFind(place); found != saved_.cend())
        return *found;
    return draft(reading, place).value_or(Draft{});
}

void DraftsOnTheirWay::save(const QString& place, const Draft& draft)
{
    saved_.insert(place, draft);
    worker_.saveDraft(place, draft.title, draft.text, draft.tags);
}

void DraftsOnTheirWay::submit(const v1::Change& change, const QString& place, const Draft& draft)
{
    submitted_.insert(*Id::from(change.id()), {place, draft});
    worker_.submit({change}, place);
}

} // namespace stoa
