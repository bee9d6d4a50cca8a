// What the person wants: stored, shown at once, sent, answered.

#include <algorithm>
#include <set>

#include "client/replica/replica.h"
#include "client/replica/visible_reader.h"
#include "shared/base/limits.h"
#include "shared/base/plant.h"

namespace stoa {

namespace {

constexpr int outboxMax = 100'000;

// The visible rows, but for one record as it is after the changes applied so far.
class Overlay : public Reader {
public:
    Overlay(const Reader& below, const Id& target) : below_(below), target_(target) {}

    std::optional<Located> find(const Id& id) const override { return id == target_ ? working : below_.find(id); }
    bool loginExists(std::string_view) const override { return false; }

    std::optional<Located> working;

private:
    const Reader& below_;
    Id target_;
};

bool isCreation(const v1::Change& change)
{
    return change.has_create_post() || change.has_create_space() || change.has_create_person();
}

v1::Change parse(const std::string& bytes)
{
    v1::Change change;
    if (!change.ParseFromString(bytes))
        throw Database::Damaged("outbox");
    return change;
}

} // namespace

Context Replica::contextAt(int64_t timeMs) const
{
    return {.actor = {.person = person_}, .timeMs = timeMs, .directory = organisation_};
}

int& Replica::countOf(ChangeState state)
{
    switch (state) {
    case ChangeState::Waiting:
        return counts_.waiting;
    case ChangeState::Sent:
        return counts_.sent;
    case ChangeState::Accepted:
        return counts_.accepted;
    case ChangeState::Refused:
        return counts_.refused;
    case ChangeState::Blocked:
        return counts_.blocked;
    }
    throw Database::Damaged("outbox");
}

void Replica::setState(int64_t position, ChangeState from, ChangeState to)
{
    --countOf(from);
    ++countOf(to);
    outboxTouched_ = true;
    (*connection_)("UPDATE outbox SET state = ?, code = 0, field = 0, most = 0, retry_ms = 0 WHERE position = ?")
        .bind(int64_t(to))
        .bind(position)
        .run();
}

void Replica::removeFromOutbox(int64_t position, ChangeState state)
{
    --countOf(state);
    outboxTouched_ = true;
    accepted_.erase(position);
    (*connection_)("DELETE FROM outbox WHERE position = ?").bind(position).run();
    (*connection_)("DELETE FROM changes WHERE position = ?").bind(position).run();
}

// What lost its feed is pending nowhere, also where the feed is given back.
std::vector<Replica::Pending> Replica::pendingOn(const Id& target)
{
    std::vector<Pending> pending;
    Statement& read = (*connection_)(
        "SELECT position, id, state, feed, made_ms, bytes FROM outbox JOIN changes USING (position) WHERE target = ? "
        "AND feed IS NOT NULL ORDER BY position");
    read.bindBlob(target.view());
    while (read.step()) {
        pending.push_back({.position = read.number(0),
                           .change = Id::from(read.text(1)).value_or(Id{}),
                           .state = ChangeState(read.number(2)),
                           .feed = read.number(3),
                           .madeMs = read.number(4),
                           .bytes = std::string(read.text(5))});
    }
    return pending;
}

// A record of another feed may have the same id, though nobody should have made it: what is pending there is not here.
std::vector<Replica::Pending> Replica::pendingIn(const FollowedFeed& feed, const Id& target)
{
    std::vector<Pending> pending = pendingOn(target);
    std::erase_if(pending, [&](const Pending& each) { return each.feed != feed.row; });
    return pending;
}

std::optional<std::string> Replica::withPending(const std::vector<Pending>& pending, const FollowedFeed& feed,
                                                const Id& target, std::optional<std::string> base)
{
    const VisibleReader visible(*connection_);
    Overlay reader(visible, target);
    if (base) {
        auto record = std::make_shared<v1::Record>();
        if (record->ParseFromString(*base))
            reader.working = Located{feed.feed, std::move(record)};
    }
    bool altered = false;
    for (const Pending& each : pending) {
        const v1::Change change = parse(each.bytes);
        const bool refused = each.state == ChangeState::Refused || each.state == ChangeState::Blocked;
        // A refused post stays readable for who wrote it; other refused changes show no effect.
        if (refused && !isCreation(change))
            continue;
        const Result<Outcome> outcome = apply(change, contextAt(each.madeMs), reader);
        if (!outcome)
            continue; // the server decides
        for (const Applied& version : outcome->versions) {
            if (version.record.id() != target.view())
                continue;
            reader.working = Located{version.feed, std::make_shared<v1::Record>(version.record)};
            altered = true;
        }
    }
    if (!altered)
        return base;
    return reader.working->record->SerializeAsString();
}

void Replica::refresh(FollowedFeed& feed, const Id& target)
{
    const std::vector<Pending> pending = pendingIn(feed, target);
    if (!pending.empty())
        rowOf(feed.row, target);
    const std::optional<Row> row = findRow(feed.row, target);
    if (!row || (pending.empty() && !row->shadowed))
        return;
    const std::optional<std::string> base = row->shadowed ? shadowOf(row->row) : row->visible;
    if (pending.empty()) {
        (*connection_)("DELETE FROM shadows WHERE row = ?").bind(row->row).run();
    } else if (!row->shadowed) {
        Statement& put = (*connection_)("INSERT INTO shadows VALUES(?, ?, ?)");
        put.bind(row->row).bind(int64_t(row->visibleDeleted));
        base ? put.bindBlob(*base) : put.bindNull();
        put.run();
    }
    std::optional<std::string> visible = withPending(pending, feed, target, base);
    if (visible != row->visible)
        show(feed, *row, visible);
}

// ---- what the person does

Result<void> Replica::submit(const v1::Change& change, const std::string& draftPlace)
{
    const auto id = Id::from(change.id());
    const auto target = Id::from(change.target());
    if (!id || !target)
        return v1::INVALID;
    if (person_.isNull())
        return v1::NOT_ALLOWED;
    if (waitingCount() + refusedCount() >= outboxMax)
        return Refusal{.code = v1::BUSY, .limit = outboxMax};
    const std::string bytes = change.SerializeAsString();

    Statement& known =
        (*connection_)("SELECT bytes FROM outbox JOIN changes USING (position) WHERE id = ?").bindBlob(id->view());
    const std::optional<std::string> before = known.step() ? std::optional(std::string(known.text(0))) : std::nullopt;
    known.reset();
    if (before)
        return *before == bytes ? Result<void>() : Result<void>(v1::ID_REUSED);

    const VisibleReader reader(*connection_);
    const int64_t nowMs = clock_();
    const Result<Outcome> outcome = apply(change, contextAt(nowMs), reader);
    if (!outcome)
        return outcome.error();
    const bool standsAlready = outcome->versions.empty();
    const auto found = standsAlready ? feeds_.end() : feeds_.find(outcome->versions.front().feed.key());
    if (!standsAlready && (found == feeds_.end() || found->second.setAside))
        return v1::NOT_FOUND;
    // Only now that nothing refuses it: the draft is the person's words.
    if (!draftPlace.empty())
        saveDraft(draftPlace, {}, {}, {});
    if (standsAlready)
        return {};
    const Applied& made = outcome->versions.front();
    FollowedFeed& feed = found->second;

    const bool blocked = isBlocked(change);
    const ChangeState state = blocked ? ChangeState::Blocked : ChangeState::Waiting;
    (*connection_)("INSERT INTO outbox VALUES(NULL, ?, ?, ?, ?, ?, 0, 0, 0, ?, NULL)")
        .bindBlob(id->view())
        .bindBlob(target->view())
        .bind(feed.row)
        .bind(int64_t(state))
        .bind(int64_t(blocked ? v1::DEPENDS : v1::CODE_NONE))
        .bind(nowMs)
        .run();
    (*connection_)("INSERT INTO changes VALUES(?, ?)").bind(connection_->database().lastRow()).bindBlob(bytes).run();
    ++countOf(state);
    outboxTouched_ = true;

    // The effect is known: it need not be worked out again.
    const int64_t row = rowOf(feed.row, *target);
    const std::optional<Row> shown = findRow(feed.row, *target);
    if (!shown->shadowed) {
        Statement& put = (*connection_)("INSERT INTO shadows VALUES(?, ?, ?)");
        put.bind(row).bind(int64_t(shown->visibleDeleted));
        shown->visible ? put.bindBlob(*shown->visible) : put.bindNull();
        put.run();
    }
    if (blocked && !isCreation(change))
        refresh(feed, *target); // it shows when what it waits for is there
    else
        show(feed, *shown, made.record.SerializeAsString());
    return {};
}

Result<void> Replica::discard(const Id& change)
{
    Statement& read = (*connection_)("SELECT position, state, feed, target FROM outbox WHERE id = ?");
    read.bindBlob(change.view());
    if (!read.step())
        return v1::NOT_FOUND;
    const int64_t position = read.number(0);
    const auto state = ChangeState(read.number(1));
    const int64_t feedRow = read.number(2);
    const Id target = Id::from(read.text(3)).value_or(Id{});
    read.reset();
    // What was sent may stand already: it is undone by another change, not withdrawn.
    if (state == ChangeState::Sent || state == ChangeState::Accepted)
        return v1::ALREADY_SENT;
    removeFromOutbox(position, state);
    if (FollowedFeed* feed = feedOfRow(feedRow))
        refresh(*feed, target);
    blockDependents(target);
    return {};
}

Result<void> Replica::sendAgain(const Id& change)
{
    Statement& read = (*connection_)(
        "SELECT position, state, feed, target, bytes FROM outbox JOIN changes USING (position) WHERE id = ?");
    read.bindBlob(change.view());
    if (!read.step())
        return v1::NOT_FOUND;
    const int64_t position = read.number(0);
    const auto state = ChangeState(read.number(1));
    const int64_t feedRow = read.number(2);
    const Id target = Id::from(read.text(3)).value_or(Id{});
    const v1::Change parsed = parse(std::string(read.text(4)));
    read.reset();
    if (state != ChangeState::Refused && state != ChangeState::Blocked)
        return {};
    FollowedFeed* feed = feedOfRow(feedRow);
    if (!feed)
        return v1::NOT_FOUND; // of a space that is gone: the text can be copied
    if (state == ChangeState::Blocked && isBlocked(parsed))
        return v1::DEPENDS;
    setState(position, state, ChangeState::Waiting);
    refresh(*feed, target);
    unblock();
    return {};
}

// ---- what depends on what

// A creation that was refused, or waits for one, holds back what names it.
bool Replica::isBlocked(const v1::Change& change)
{
    std::vector<Id> named = dependencies(change);
    // (A mark's or a membership's target may well be new.)
    if (const auto target = Id::from(change.target()); target && (change.has_edit() || change.has_delete_()))
        named.push_back(*target);
    for (const Id& id : named) {
        for (const Pending& each : pendingOn(id)) {
            const bool stuck = each.state == ChangeState::Refused || each.state == ChangeState::Blocked;
            if (stuck && isCreation(parse(each.bytes)))
                return true;
        }
        // Withdrawn before it was ever sent.
        if (!VisibleReader(*connection_).find(id))
            return true;
    }
    return false;
}

void Replica::blockDependents(const Id& target)
{
    if (counts_.waiting == 0)
        return;
    std::set<Id> stuck{target};
    struct Dependent {
        int64_t position = 0;
        int64_t feed = 0;
        Id on;
    };
    std::vector<Dependent> blocked;
    Statement waiting(connection_->database(), "SELECT position, target, feed, bytes FROM outbox JOIN changes USING "
                                               "(position) WHERE state = 0 ORDER BY position");
    while (waiting.step()) {
        const v1::Change change = parse(std::string(waiting.text(3)));
        const Id on = Id::from(waiting.text(1)).value_or(Id{});
        const std::vector<Id> named = dependencies(change);
        const bool depends = (stuck.contains(on) && !isCreation(change)) ||
                             std::any_of(named.begin(), named.end(), [&](const Id& id) { return stuck.contains(id); });
        if (!depends || !isBlocked(change))
            continue;
        blocked.push_back({waiting.number(0), waiting.number(2), on});
        if (isCreation(change))
            stuck.insert(on);
    }
    for (const Dependent& each : blocked) {
        setState(each.position, ChangeState::Waiting, ChangeState::Blocked);
        (*connection_)("UPDATE outbox SET code = ? WHERE position = ?")
            .bind(int64_t(v1::DEPENDS))
            .bind(each.position)
            .run();
    }
    // What waits for something shows no more than what was refused.
    for (const Dependent& each : blocked)
        if (FollowedFeed* feed = feedOfRow(each.feed))
            refresh(*feed, each.on);
}

void Replica::unblock()
{
    if (counts_.blocked == 0)
        return;
    std::vector<Pending> blocked;
    Statement read(connection_->database(), "SELECT position, target, feed, bytes FROM outbox JOIN changes USING "
                                            "(position) WHERE state = 4 ORDER BY position");
    while (read.step())
        blocked.push_back({.position = read.number(0),
                           .change = Id::from(read.text(1)).value_or(Id{}),
                           .feed = read.number(2),
                           .bytes = std::string(read.text(3))});
    for (const Pending& each : blocked) {
        FollowedFeed* feed = feedOfRow(each.feed);
        if (!feed || isBlocked(parse(each.bytes)))
            continue;
        setState(each.position, ChangeState::Blocked, ChangeState::Waiting);
        refresh(*feed, each.change);
    }
}

// ---- sending and its answers

namespace {

// From the columns position, id, target, feed, made_ms, bytes.
Replica::Outgoing outgoing(const Statement& row)
{
    return {.position = row.number(0),
            .change = Id::from(row.text(1)).value_or(Id{}),
            .target = Id::from(row.text(2)).value_or(Id{}),
            .feed = row.number(3),
            .madeMs = row.number(4),
            .bytes = std::string(row.text(5))};
}

// Calls `work` with the first and last of each stretch of neighbours.
void eachStretch(const std::vector<int64_t>& ascending, const std::function<void(int64_t first, int64_t last)>& work)
{
    for (size_t i = 0; i < ascending.size();) {
        size_t end = i + 1;
        while (end < ascending.size() && ascending[end] == ascending[end - 1] + 1)
            ++end;
        work(ascending[i], ascending[end - 1]);
        i = end;
    }
}

} // namespace

std::vector<Replica::Outgoing> Replica::unreceipted(int64_t after, const v1::Limits& limits)
{
    std::vector<Outgoing> taken;
    size_t bytes = 0;
    Statement& read =
        (*connection_)("SELECT position, id, target, feed, made_ms, bytes FROM outbox JOIN changes USING (position) "
                       "WHERE state = 1 AND position > ? ORDER BY position");
    read.bind(after);
    while (taken.size() < limits.push_changes_max() && read.step()) {
        bytes += read.text(5).size();
        if (bytes > limits.push_bytes_max() && !taken.empty())
            break;
        taken.push_back(outgoing(read));
    }
    read.reset();
    for (const Outgoing& change : taken)
        sent_[change.change] = {change.position, change.feed, change.target};
    return taken;
}

std::vector<Replica::Outgoing> Replica::waiting(const v1::Limits& limits,
                                                const std::function<bool(const Feed&)>& isReady)
{
    std::vector<Outgoing> taken;
    if (counts_.waiting == 0)
        return taken;
    std::map<int64_t, bool> ready;
    for (const auto& [key, feed] : feeds_)
        ready[feed.row] = isReady(feed.feed);
    size_t bytes = 0;
    Statement& read =
        (*connection_)(STOA_PLANT("outbox sent newest first")
                           ? "SELECT position, id, target, feed, made_ms, bytes FROM outbox JOIN changes USING "
                             "(position) WHERE state = 0 ORDER BY position DESC"
                           : "SELECT position, id, target, feed, made_ms, bytes FROM outbox INDEXED BY outbox_waiting "
                             "JOIN changes USING (position) WHERE state = 0 ORDER BY position");
    while (taken.size() < limits.push_changes_max() && read.step()) {
        if (!ready[read.number(3)])
            continue;
        bytes += read.text(5).size();
        if (bytes > limits.push_bytes_max() && !taken.empty())
            break;
        taken.push_back(outgoing(read));
    }
    read.reset();
    return taken;
}

void Replica::markSent(const std::vector<Outgoing>& changes)
{
    if (STOA_PLANT("sending not recorded"))
        return;
    std::vector<int64_t> positions;
    for (const Outgoing& change : changes) {
        positions.push_back(change.position);
        sent_[change.change] = {change.position, change.feed, change.target};
    }
    eachStretch(positions, [this](int64_t first, int64_t last) {
        (*connection_)("UPDATE outbox SET state = 1, code = 0, field = 0, most = 0, retry_ms = 0 "
                       "WHERE position BETWEEN ? AND ?")
            .bind(first)
            .bind(last)
            .run();
    });
    counts_.waiting -= int(changes.size());
    counts_.sent += int(changes.size());
    outboxTouched_ = true;
}

// Nothing where it was settled before.
std::optional<Replica::Sent> Replica::sentChange(const std::string& id, ChangeState& state)
{
    const auto key = Id::from(id);
    if (const auto known = key ? sent_.extract(*key) : decltype(sent_)::node_type(); !known.empty()) {
        state = ChangeState::Sent;
        return known.mapped();
    }
    Statement& read = (*connection_)("SELECT position, state, feed, target FROM outbox WHERE id = ?").bindBlob(id);
    if (!read.step())
        return std::nullopt;
    const Sent sent{read.number(0), read.number(2), Id::from(read.text(3)).value_or(Id{})};
    state = ChangeState(read.number(1));
    read.reset();
    if (state == ChangeState::Accepted || accepted_.contains(sent.position))
        return std::nullopt;
    return sent;
}

void Replica::settle(const v1::Receipt& receipt)
{
    ChangeState state{};
    const std::optional<Sent> sent = sentChange(receipt.change(), state);
    if (!sent)
        return; // repeating is harmless
    const int64_t position = sent->position;
    FollowedFeed* feed = feedOfRow(sent->feed);

    if (receipt.has_refusal()) {
        if (STOA_PLANT("refused change dropped"))
            return removeFromOutbox(position, state);
        const v1::Refusal& why = receipt.refusal();
        setState(position, state, ChangeState::Refused);
        (*connection_)("UPDATE outbox SET code = ?, field = ?, most = ?, retry_ms = ? WHERE position = ?")
            .bind(int64_t(why.code()))
            .bind(int64_t(why.field()))
            .bind(why.limit())
            .bind(why.retry_after_ms())
            .bind(position)
            .run();
        if (feed && !STOA_PLANT("shadow not rebuilt after a refusal"))
            refresh(*feed, sent->target);
        blockDependents(sent->target);
        return;
    }

    int awaited = 0;
    for (const v1::Effect& effect : receipt.effects()) {
        const auto found = feeds_.find(effect.feed());
        if (found == feeds_.end() || found->second.setAside || effect.number() <= found->second.cursor)
            continue;
        awaited_[found->second.row].emplace(effect.number(), position);
        ++awaited;
    }
    if (awaited == 0 || STOA_PLANT("shadow dropped at the receipt")) {
        removeFromOutbox(position, state);
        if (feed)
            refresh(*feed, sent->target);
    } else {
        accepted_[position] = {sent->feed, sent->target, awaited, receipt.SerializeAsString()};
        acceptedToStore_.push_back(position);
        --countOf(state);
        ++countOf(ChangeState::Accepted);
        outboxTouched_ = true;
    }
    unblock();
}

void Replica::storeAccepted()
{
    for (const int64_t position : std::exchange(acceptedToStore_, {})) {
        const auto found = accepted_.find(position);
        if (found == accepted_.end())
            continue;
        (*connection_)("UPDATE outbox SET state = 2, effects = ? WHERE position = ?")
            .bindBlob(found->second.receipt)
            .bind(position)
            .run();
        found->second.receipt.clear();
    }
}

// The changes whose last number lies within what the feed has reached leave the outbox.
std::vector<std::pair<FollowedFeed*, Id>> Replica::finishReached(const FollowedFeed& feed, uint64_t upto)
{
    std::vector<std::pair<FollowedFeed*, Id>> targets;
    const auto found = awaited_.find(feed.row);
    if (found == awaited_.end())
        return targets;
    auto& numbers = found->second;
    std::vector<int64_t> done;
    while (!numbers.empty() && numbers.begin()->first <= upto) {
        const int64_t position = numbers.begin()->second;
        numbers.erase(numbers.begin());
        const auto open = accepted_.find(position);
        if (open == accepted_.end() || --open->second.awaited > 0)
            continue;
        if (FollowedFeed* where = feedOfRow(open->second.feed))
            targets.emplace_back(where, open->second.target);
        accepted_.erase(open);
        done.push_back(position);
    }
    std::sort(done.begin(), done.end());
    eachStretch(done, [this](int64_t first, int64_t last) {
        (*connection_)("DELETE FROM outbox WHERE position BETWEEN ? AND ?").bind(first).bind(last).run();
        (*connection_)("DELETE FROM changes WHERE position BETWEEN ? AND ?").bind(first).bind(last).run();
    });
    counts_.accepted -= int(done.size());
    outboxTouched_ = outboxTouched_ || !done.empty();
    return targets;
}

} // namespace stoa
