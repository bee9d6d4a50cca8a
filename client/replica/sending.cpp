// What leaves the outbox, and what the server answers.

#include <algorithm>

#include "client/replica/replica.h"
#include "shared/base/plant.h"

namespace stoa {

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
    const bool texts = hasTexts();
    while (taken.size() < limits.push_changes_max() && read.step()) {
        if (!ready[read.number(3)])
            continue;
        Outgoing change = outgoing(read);
        if (texts && !maySend(change))
            continue;
        bytes += change.bytes.size();
        if (bytes > limits.push_bytes_max() && !taken.empty())
            break;
        taken.push_back(std::move(change));
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
        if (feed && isText(position) && refuseText(*feed, *sent, state, why.code()))
            return;
        setState(position, state, ChangeState::Refused);
        (*connection_)("UPDATE outbox SET code = ?, field = ?, most = ?, retry_ms = ? WHERE position = ?")
            .bind(int64_t(why.code()))
            .bind(int64_t(why.field()))
            .bind(why.limit())
            .bind(why.retry_after_ms())
            .bind(position)
            .run();
        if (feed)
            refuseStranded(*feed, sent->target);
        if (feed && !STOA_PLANT("shadow not rebuilt after a refusal"))
            refresh(*feed, sent->target);
        blockDependents(sent->target);
        return;
    }

    int awaited = 0;
    // Somebody may have given another post that id, elsewhere: then the words are in that one.
    const bool isOther = !receipt.feed().empty() && feed && receipt.feed() != feed->feed.key();
    if (receipt.revision() > 0 && feed && !isOther && waitsForBody(*feed, sent->target, receipt.revision())) {
        awaited_[feed->row].emplace(untilBody, position);
        ++awaited;
    }
    for (const v1::Effect& effect : receipt.effects()) {
        if (receipt.revision() > 0)
            break; // the body says it
        const auto found = feeds_.find(effect.feed());
        if (found == feeds_.end() || found->second.setAside || effect.number() <= found->second.cursor)
            continue;
        awaited_[found->second.row].emplace(effect.number(), position);
        ++awaited;
    }
    if (awaited == 0 || STOA_PLANT("shadow dropped at the receipt")) {
        if (feed && isText(position))
            removeText(*feed, sent->target, position, state);
        else
            removeFromOutbox(position, state);
        if (feed)
            refresh(*feed, sent->target);
    } else {
        accepted_[position] = {.feed = sent->feed,
                               .target = sent->target,
                               .awaited = awaited,
                               .receipt = receipt.SerializeAsString(),
                               .revision = receipt.revision(),
                               .isEarlier = false};
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
    const bool texts = hasTexts();
    std::vector<int64_t> done;
    while (!numbers.empty() && numbers.begin()->first <= upto) {
        const int64_t position = numbers.begin()->second;
        numbers.erase(numbers.begin());
        const auto open = accepted_.find(position);
        if (open == accepted_.end() || --open->second.awaited > 0)
            continue;
        if (FollowedFeed* where = feedOfRow(open->second.feed)) {
            targets.emplace_back(where, open->second.target);
            if (texts)
                beforeFinished(*where, open->second.target, position);
        }
        accepted_.erase(position);
        done.push_back(position);
    }
    std::sort(done.begin(), done.end());
    eachStretch(done, [this](int64_t first, int64_t last) {
        (*connection_)("DELETE FROM outbox WHERE position BETWEEN ? AND ?").bind(first).bind(last).run();
        (*connection_)("DELETE FROM changes WHERE position BETWEEN ? AND ?").bind(first).bind(last).run();
        (*connection_)("DELETE FROM moved WHERE position BETWEEN ? AND ?").bind(first).bind(last).run();
    });
    counts_.accepted -= int(done.size());
    for (const auto& [where, target] : texts ? targets : decltype(targets)())
        refuseStranded(*where, target);
    outboxTouched_ = outboxTouched_ || !done.empty();
    return targets;
}

} // namespace stoa
