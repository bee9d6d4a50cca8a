#include "client/ui/editor/bodies_on_their_way.h"

#include <algorithm>

#include "client/replica/moving.h"
#include "client/ui/widgets/draft_keeper.h"
#include "client/worker/refusals.h"
#include "shared/domain/body.h"
#include "shared/text/compose.h"
#include "shared/text/diff.h"

namespace stoa {

namespace {

constexpr int triesMax = 20;
constexpr size_t namedMax = 100;

// What was made of `before`, of the text that stands in its place now.
PendingText onto(const std::string& now, const std::string& before, const PendingText& made)
{
    if (now == before)
        return made;
    return {movedOnto(now, before, made.text), moveRanges(made.resolved, diff(before, now))};
}

} // namespace

std::string textAfter(const std::string& before, const TextChange& change)
{
    return change.isEmpty() ? before : *applyTo(before, change);
}

std::optional<BodyDraft> bodyDraft(const Desk& desk, const Id& post)
{
    return toBodyDraft(DraftsOnTheirWay::of(*desk.worker).find(*desk.reading, bodyDraftPlace(post)));
}

BodiesOnTheirWay& BodiesOnTheirWay::of(const Desk& desk)
{
    if (auto* known = desk.worker->findChild<BodiesOnTheirWay*>(QString(), Qt::FindDirectChildrenOnly)) {
        known->pen_ = desk.pen; // who is signed in now
        return *known;
    }
    return *new BodiesOnTheirWay(desk);
}

BodiesOnTheirWay::BodiesOnTheirWay(const Desk& desk) : QObject(desk.worker), worker_(*desk.worker), pen_(desk.pen)
{
    DraftsOnTheirWay::of(worker_);
    const auto take = [this](const Id& change) -> std::optional<Edit> {
        const auto found = edits_.find(change);
        if (found == edits_.end())
            return std::nullopt;
        return std::move(edits_.extract(found).mapped());
    };
    connect(&worker_, &Worker::submitted, this, [this, take](const Id& change) {
        const auto edit = take(change);
        if (!edit)
            return;
        if (edit->ofDraft && keptAs(edit->post) == edit->keptAs)
            dropDraft(edit->post, nullptr); // also what this program still knows of it
        if (auto next = waiting(edit->post))
            send(std::move(*next));
        else
            Q_EMIT stored(edit->post);
    });
    connect(&worker_, &Worker::settled, this, [this](const Id& row) { Q_EMIT draftChanged(row, nullptr); });
    connect(&worker_, &Worker::notSubmitted, this, [this, take](const Id& change, const Refusal& refusal) {
        auto edit = take(change);
        if (!edit)
            return;
        if (refusal.code == v1::UNKNOWN_BASE && edit->tries < triesMax)
            again(std::move(*edit));
        else
            giveUp(*edit, refusal);
    });
}

std::optional<BodiesOnTheirWay::Edit> BodiesOnTheirWay::waiting(const Id& post)
{
    const auto found = waiting_.find(post);
    if (found == waiting_.end())
        return std::nullopt;
    return std::move(waiting_.extract(found).mapped());
}

bool BodiesOnTheirWay::isBusy(const Id& post) const
{
    return std::any_of(edits_.begin(), edits_.end(), [&](const auto& each) { return each.second.post == post; });
}

void BodiesOnTheirWay::submit(const Id& post, const std::string& before, const TextChange& change,
                              const std::vector<TextRange>& settled, const std::string& summary, bool ofDraft)
{
    const Edit made{post, before, {change, settled}, summary, ofDraft, keptAs(post)};
    if (!isBusy(post))
        return send(made);
    const auto [found, isNew] = waiting_.try_emplace(post, made);
    if (isNew)
        return;
    Edit& edit = found->second;
    edit.ofDraft = edit.ofDraft || ofDraft;
    edit.keptAs = made.keptAs;
    edit.summary = summary.empty() ? edit.summary : summary;
    const std::string now = textAfter(edit.before, edit.made.text);
    const PendingText row[] = {edit.made, onto(now, before, made.made)};
    edit.made = *asOne(edit.before, row);
}

size_t BodiesOnTheirWay::keptAs(const Id& post) const
{
    const auto found = kept_.find(post);
    return found == kept_.end() ? 0 : found->second;
}

void BodiesOnTheirWay::send(Edit edit)
{
    v1::Change change = editBody(pen_, edit.post, edit.before, edit.made.text);
    setRanges(*change.mutable_edit_text()->mutable_resolved(), edit.made.resolved);
    change.mutable_edit_text()->set_summary(edit.summary);
    const QString place = edit.ofDraft ? bodyDraftPlace(edit.post) : QString();
    edits_.insert_or_assign(*Id::from(change.id()), std::move(edit));
    worker_.submit({change}, place);
}

// Another text is shown by now: the same made of that one.
void BodiesOnTheirWay::again(Edit edit)
{
    const Reading reading(worker_.replicaPath());
    std::string now = stoa::body(reading, edit.post).toStdString();
    edit.made = onto(now, edit.before, edit.made);
    edit.before = std::move(now);
    ++edit.tries;
    send(std::move(edit));
}

void BodiesOnTheirWay::giveUp(const Edit& edit, const Refusal& why)
{
    // What came since is made of what was refused.
    BodyDraft draft{.before = edit.before, .after = textAfter(edit.before, edit.made.text), .why = why};
    bool ofDraft = edit.ofDraft;
    if (const auto next = waiting(edit.post)) {
        draft.after = textAfter(draft.after, movedOnto(draft.after, next->before, next->made.text));
        ofDraft = ofDraft || next->ofDraft;
    }
    const QString place = bodyDraftPlace(edit.post);
    const auto another =
        ofDraft ? std::nullopt : toBodyDraft(DraftsOnTheirWay::of(worker_).find(Reading(worker_.replicaPath()), place));
    const bool isBesideOthers = another && another->after != draft.after;
    if (isBesideOthers)
        draft.after = movedOnto(draft.after, another->before, another->after);
    if (const auto known = names_.find(edit.post); known != names_.end()) {
        draft.title = known->second.title;
        draft.tags = known->second.tags;
        draft.kind = known->second.kind;
        draft.space = known->second.space;
    }
    keepDraft(edit.post, draft, nullptr);
    Q_EMIT refused(edit.post, why, isBesideOthers);
}

void BodiesOnTheirWay::keepDraft(const Id& post, const BodyDraft& draft, const QObject* by)
{
    kept_.insert_or_assign(post, ++keptCount_);
    DraftsOnTheirWay::of(worker_).save(bodyDraftPlace(post), toDraft(draft));
    Q_EMIT draftChanged(post, by);
}

void BodiesOnTheirWay::know(const Id& post, const BodyDraft& names)
{
    if (names_.size() >= namedMax && !names_.contains(post))
        names_.erase(names_.begin());
    names_.insert_or_assign(post, names);
}

void BodiesOnTheirWay::dropDraft(const Id& post, const QObject* by)
{
    kept_.erase(post);
    DraftsOnTheirWay::of(worker_).save(bodyDraftPlace(post), {});
    Q_EMIT draftChanged(post, by);
}

} // namespace stoa
