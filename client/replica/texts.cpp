// Changes of bodies in the outbox. Of each post at most one is frozen, over the body of the server's that it was made
// over, and one grows; both show over the body that is here (docs/decisions/0008).

#include "client/replica/texts.h"

#include <algorithm>
#include <set>

#include "client/replica/replica.h"
#include "shared/base/limits.h"
#include "shared/domain/body.h"
#include "shared/domain/fields.h"
#include "shared/domain/revision.h"
#include "shared/domain/shape.h"
#include "shared/text/codec.h"

namespace stoa {

namespace {

// Of the changes taken into one: id and hash of each, the first and the newest ones.
constexpr size_t submissionBytes = 32;
constexpr size_t submissionsMax = 8;

std::string withSubmissions(std::string all, const std::string& more)
{
    all += more;
    while (all.size() > submissionBytes * submissionsMax)
        all.erase(submissionBytes, submissionBytes);
    return all;
}

// The server takes it for what it is of this body.
PendingText asMadeHere(PendingText text)
{
    text.behindDeleted.clear();
    return text;
}

bool isOnItsWay(ChangeState state)
{
    return state == ChangeState::Sent || state == ChangeState::Accepted;
}

} // namespace

v1::Change parseStored(const std::string& bytes)
{
    v1::Change change;
    if (!change.ParseFromString(bytes))
        throw Database::Damaged("outbox");
    return change;
}

std::optional<PendingText> textOf(const v1::EditText& edit)
{
    Result<TextChange> text = decode(edit.text());
    Result<std::vector<TextRange>> resolved = rangesFrom(edit.resolved());
    Result<std::vector<TextRange>> behindDeleted = rangesFrom(edit.behind_deleted());
    if (!text || !resolved || !behindDeleted)
        return std::nullopt;
    return PendingText{std::move(*text), std::move(*resolved), std::move(*behindDeleted)};
}

void setText(v1::EditText& edit, const v1::TextVersion& base, const PendingText& text)
{
    edit.clear_shown();
    edit.clear_base();
    if (base.revision() > 0)
        *edit.mutable_base() = base;
    edit.set_text(encode(text.text));
    setRanges(*edit.mutable_resolved(), text.resolved);
    edit.clear_behind_deleted();
}

v1::EditText formOf(const std::string& bytes, const std::optional<std::string>& form)
{
    v1::EditText edit;
    if (!form)
        return parseStored(bytes).edit_text();
    if (!edit.ParseFromString(*form))
        throw Database::Damaged("moved");
    return edit;
}

bool Replica::hasTexts()
{
    Statement& read = (*connection_)("SELECT 1 FROM moved LIMIT 1");
    const bool any = read.step();
    read.reset();
    return any;
}

bool Replica::isText(int64_t position)
{
    Statement& read = (*connection_)("SELECT 1 FROM moved WHERE position = ?").bind(position);
    const bool is = read.step();
    read.reset();
    return is;
}

// Nothing where no body is here. What was made over another body than that one does not show, and has no place in it.
std::optional<Replica::Lane> Replica::laneOf(const FollowedFeed& feed, const Id& target)
{
    const std::vector<Pending> all = pendingIn(feed, target);
    const std::optional<Row> row = findRow(feed.row, target);
    const std::optional<std::string> bytes = !row ? std::nullopt : row->shadowed ? shadowOf(row->row) : row->visible;
    Lane lane;
    bool found = false;
    if (const Live* live = row ? liveOf(row->row) : nullptr) {
        found = true;
        lane.kind = live->record->post().kind();
        lane.body = live->record->post().body();
        lane.version = live->record->post().body_version();
        lane.sealed = live->sealed;
    } else if (bytes) {
        v1::Record record;
        found = record.ParseFromString(*bytes) && record.has_post() && !record.deleted();
        lane.kind = record.post().kind();
        lane.body = record.post().body();
        lane.version = record.post().body_version();
        lane.sealed = lane.version.revision();
    } else if (const auto created = created_.find(target); created != created_.end()) {
        found = true;
        lane.body = created->second;
    } else {
        for (const Pending& each : all) {
            const v1::Change change = each.isText ? v1::Change() : parseStored(each.bytes);
            if (!change.has_create_post())
                continue;
            found = true;
            lane.kind = change.create_post().kind();
            lane.body = change.create_post().body();
        }
    }
    if (!found)
        return std::nullopt;
    for (const Pending& each : all) {
        // What waits for a post that was refused shows with it.
        if (!each.isText || each.state == ChangeState::Refused || (each.state == ChangeState::Blocked && bytes))
            continue;
        const v1::EditText form = formOf(each.bytes, each.form);
        std::optional<PendingText> text = isSameVersion(form.base(), lane.version) ? textOf(form) : std::nullopt;
        if (!text)
            continue;
        lane.pending.push_back(each);
        lane.row.push_back(std::move(*text));
    }
    return lane;
}

// Whether all that lies before a further change shows. Else there is no place for that one.
Result<void> Replica::checkLane(const FollowedFeed& feed, const Id& target, const std::string& shown)
{
    const std::optional<Lane> lane = laneOf(feed, target);
    if (!lane)
        return v1::NOT_FOUND;
    const Result<std::string> body = withTexts(lane->body, lane->row);
    if (body && *body == shown)
        return {};
    if (body)
        if (Result<void> fits = checkBody(lane->kind, *body); !fits)
            return fits;
    return v1::UNKNOWN_BASE;
}

// One after the other: the next one is made over the body that has the one before.
bool Replica::maySend(const Outgoing& change)
{
    Statement& own = (*connection_)("SELECT held FROM moved WHERE position = ?").bind(change.position);
    const bool text = own.step();
    const bool held = text && own.number(0) != 0;
    own.reset();
    if (!text || held)
        return !text;
    std::vector<int64_t> before;
    Statement& read = (*connection_)("SELECT position FROM outbox JOIN moved USING (position) WHERE target = ? AND "
                                     "feed = ? AND position < ? AND state <= 2");
    read.bindBlob(change.target.view()).bind(change.feed).bind(change.position);
    while (read.step())
        before.push_back(read.number(0));
    const FollowedFeed* feed = before.empty() ? nullptr : feedOfRow(change.feed);
    return std::all_of(before.begin(), before.end(),
                       [&](int64_t each) { return feed && isInBody(*feed, change.target, each); });
}

// Whether it was taken in before, and if so with the same bytes.
std::optional<bool> Replica::submittedBefore(const v1::Change& change, const std::string& bytes)
{
    const std::string wanted = change.id() + hash128(bytes).str();
    std::optional<bool> found;
    Statement& read = (*connection_)("SELECT submitted FROM outbox JOIN moved USING (position) WHERE target = ?");
    read.bindBlob(change.target());
    while (!found && read.step()) {
        std::string_view all = read.text(0);
        for (; all.size() >= submissionBytes; all.remove_prefix(submissionBytes))
            if (all.starts_with(change.id()))
                found = all.starts_with(wanted);
    }
    read.reset();
    return found;
}

// Behind all that shows of this body. What was sent before, under its id, is one with nothing else.
void Replica::addText(FollowedFeed& feed, v1::Change change, ChangeState state, int64_t madeMs,
                      const std::string& submitted, bool wasSent)
{
    const Id target = *Id::from(change.target());
    Lane lane = *laneOf(feed, target);
    const PendingText text = *textOf(change.edit_text());
    const bool grows =
        !wasSent && !lane.pending.empty() && !isOnItsWay(lane.pending.back().state) && !lane.pending.back().form;
    if (grows) {
        const Pending& growing = lane.pending.back();
        const Result<std::string> before = withTexts(lane.body, PendingRow(lane.row).first(lane.row.size() - 1));
        const Result<PendingText> one =
            before ? asOne(*before, std::vector{lane.row.back(), text}) : Result<PendingText>(before.error());
        if (one && one->isEmpty()) {
            removeFromOutbox(growing.position, growing.state);
            return refresh(feed, target);
        }
        v1::Change grown = parseStored(growing.bytes);
        if (one)
            setText(*grown.mutable_edit_text(), lane.version, *one);
        if (!change.edit_text().summary().empty())
            grown.mutable_edit_text()->set_summary(change.edit_text().summary());
        grown.set_made_ms(std::max(grown.made_ms(), change.made_ms()));
        // What would be too large for one change is two.
        if (one && checkShape(grown)) {
            Statement& read = (*connection_)("SELECT submitted FROM moved WHERE position = ?").bind(growing.position);
            const std::string had = read.step() ? std::string(read.text(0)) : std::string();
            read.reset();
            (*connection_)("UPDATE changes SET bytes = ? WHERE position = ?")
                .bindBlob(grown.SerializeAsString())
                .bind(growing.position)
                .run();
            (*connection_)("UPDATE outbox SET made_ms = ? WHERE position = ?")
                .bind(madeMs)
                .bind(growing.position)
                .run();
            (*connection_)("UPDATE moved SET body = NULL, submitted = ? WHERE position = ?")
                .bindBlob(withSubmissions(had, submitted))
                .bind(growing.position)
                .run();
            outboxTouched_ = true;
            return refresh(feed, target);
        }
    }
    setText(*change.mutable_edit_text(), lane.version, text);
    const int64_t position = addToOutbox(change, feed.row, state, madeMs);
    (*connection_)("INSERT INTO moved VALUES(?, NULL, NULL, 0, ?, ?)")
        .bind(position)
        .bind(int64_t(!lane.pending.empty()))
        .bindBlob(submitted)
        .run();
    if (wasSent)
        setForm(position, lane.version, text);
    refresh(feed, target);
}

// Only for showing: it stays what it is of the body that it was made over.
void Replica::setForm(int64_t position, const v1::TextVersion& base, const PendingText& text)
{
    v1::EditText form;
    setText(form, base, text);
    setRanges(*form.mutable_behind_deleted(), text.behindDeleted);
    while (form.behind_deleted_size() > limits::contestedMax) // as many as are read
        form.mutable_behind_deleted()->RemoveLast();
    (*connection_)("UPDATE moved SET form = ? WHERE position = ?")
        .bindBlob(form.SerializeAsString())
        .bind(position)
        .run();
}

// From here on it is itself what it is of the body that is here.
void Replica::rewriteText(const Pending& pending, const v1::TextVersion& base, const PendingText& text, bool behind)
{
    v1::Change change = parseStored(pending.bytes);
    setText(*change.mutable_edit_text(), base, text);
    (*connection_)("UPDATE changes SET bytes = ? WHERE position = ?")
        .bindBlob(change.SerializeAsString())
        .bind(pending.position)
        .run();
    (*connection_)("UPDATE moved SET form = NULL, held = 0, behind = ? WHERE position = ?")
        .bind(int64_t(behind))
        .bind(pending.position)
        .run();
    outboxTouched_ = true;
}

// Over another body. What was made over one of the server's keeps that one, and the server finds what it is of the
// newest, and where others rewrote the same. What was made behind another change has no such body, and what the server
// did not know goes over the one that is here: that is rewritten, and goes where it came to nothing. What was frozen
// stays so.
void Replica::placeTexts(std::span<const Pending> pending, const v1::TextVersion& base, PendingRow row, bool behind)
{
    for (size_t i = 0; i < pending.size(); ++i) {
        if (isOnItsWay(pending[i].state) || !(pending[i].behind || pending[i].held)) {
            setForm(pending[i].position, base, row[i]);
        } else if (row[i].isEmpty()) {
            sent_.erase(pending[i].change); // its receipt finds nothing any more
            removeFromOutbox(pending[i].position, pending[i].state);
            continue;
        } else {
            rewriteText(pending[i], base, row[i], behind);
            if (pending[i].form)
                setForm(pending[i].position, base, asMadeHere(row[i]));
        }
        behind = true;
    }
}

// Before the body is shown no more: the whole text as the person had it.
void Replica::keepWords(const FollowedFeed& feed, const Id& target)
{
    const std::optional<Lane> lane = laneOf(feed, target);
    if (!lane)
        return;
    std::string body = lane->body;
    for (size_t i = 0; i < lane->row.size(); ++i) {
        Result<std::string> next = withTexts(body, PendingRow(lane->row).subspan(i, 1));
        if (!next)
            return;
        body = std::move(*next);
        (*connection_)("UPDATE moved SET body = ? WHERE position = ? AND body IS NULL")
            .bind(body)
            .bind(lane->pending[i].position)
            .run();
    }
}

// Those that follow it, as if it had not been.
void Replica::closeGap(const FollowedFeed& feed, const Id& target, int64_t position)
{
    const std::optional<Lane> lane = laneOf(feed, target);
    if (!lane)
        return;
    const auto found = std::find_if(lane->pending.begin(), lane->pending.end(),
                                    [&](const Pending& each) { return each.position == position; });
    const size_t at = size_t(found - lane->pending.begin());
    if (at + 1 >= lane->row.size())
        return;
    const Result<std::string> before = withTexts(lane->body, PendingRow(lane->row).first(at));
    if (!before)
        return;
    if (const auto rest = withoutFirst(*before, PendingRow(lane->row).subspan(at)))
        placeTexts(std::span(lane->pending).subspan(at + 1), lane->version, *rest, at > 0);
}

void Replica::forgetAwaited(int64_t feed, int64_t position)
{
    const auto found = awaited_.find(feed);
    if (found == awaited_.end())
        return;
    const auto [first, last] = found->second.equal_range(untilBody);
    const auto it = std::find_if(first, last, [&](const auto& each) { return each.second == position; });
    if (it != last)
        found->second.erase(it);
}

// What rests on a change that leaves the outbox: texts behind a text, and those of a post that was made here.
void Replica::beforeFinished(const FollowedFeed& feed, const Id& target, int64_t position)
{
    if (isText(position)) {
        keepWords(feed, target);
        return closeGap(feed, target, position);
    }
    const std::vector<Pending> pending = pendingIn(feed, target);
    if (std::none_of(pending.begin(), pending.end(), [](const Pending& each) { return each.isText; }))
        return;
    for (const Pending& each : pending)
        if (const v1::Change change = parseStored(each.bytes); each.position == position && change.has_create_post())
            created_[target] = change.create_post().body();
}

void Replica::removeText(const FollowedFeed& feed, const Id& target, int64_t position, ChangeState state)
{
    closeGap(feed, target, position);
    removeFromOutbox(position, state);
    refuseStranded(feed, target);
}

// What was made behind another one that is gone, over a body that is not here any more: nobody can say what it is
// without. The person has the text.
void Replica::refuseStranded(const FollowedFeed& feed, const Id& target)
{
    const std::vector<Pending> all = pendingIn(feed, target);
    const bool any = std::any_of(all.begin(), all.end(), [](const Pending& each) { return each.behind; });
    const std::optional<Lane> lane = any ? laneOf(feed, target) : std::nullopt;
    bool follows = false;
    for (const Pending& each : all) {
        if (!each.isText || each.state == ChangeState::Refused)
            continue;
        const bool shows = lane && std::any_of(lane->pending.begin(), lane->pending.end(),
                                               [&](const Pending& one) { return one.position == each.position; });
        if (each.behind && !follows && !shows && !isOnItsWay(each.state)) {
            setState(each.position, each.state, ChangeState::Refused);
            (*connection_)("UPDATE outbox SET code = ? WHERE position = ?")
                .bind(int64_t(lane || !feed.complete || feed.anew ? v1::UNKNOWN_BASE : v1::NOT_FOUND))
                .bind(each.position)
                .run();
        } else {
            follows = true;
        }
    }
}

// A text of which no receipt tells: what was made over the body with it was accepted.
void Replica::noteAccepted(const FollowedFeed& feed, const Pending& text, uint64_t revision)
{
    v1::Receipt receipt;
    receipt.set_change(text.change.str());
    receipt.set_revision(revision);
    forgetAwaited(feed.row, text.position);
    setState(text.position, text.state, ChangeState::Accepted);
    sent_.erase(text.change);
    awaited_[feed.row].emplace(untilBody, text.position);
    accepted_[text.position] = {.feed = feed.row,
                                .target = Id::from(parseStored(text.bytes).target()).value_or(Id{}),
                                .awaited = 1,
                                .receipt = receipt.SerializeAsString(),
                                .revision = revision,
                                .isEarlier = false};
    acceptedToStore_.push_back(text.position);
}

bool Replica::waitsForBody(const FollowedFeed& feed, const Id& target, uint64_t revision)
{
    if (feed.setAside)
        return false;
    const std::optional<Lane> lane = laneOf(feed, target);
    // Where no body is here none comes any more, unless it is still being read.
    return lane ? revision > lane->sealed : feed.anew || !feed.complete;
}

// No body of this post is here any more.
void Replica::finishTexts(const FollowedFeed& feed, const Id& target)
{
    keepWords(feed, target);
    for (const Pending& each : pendingIn(feed, target))
        if (each.isText && each.state == ChangeState::Accepted)
            removeText(feed, target, each.position, each.state);
}

// Before another version of the record takes the place of the one that is here. `now` is that with the revisions that
// it lacks itself.
void Replica::moveTexts(const FollowedFeed& feed, const Id& target, const v1::Record& now, const v1::Record& sealed)
{
    if (now.deleted() || !now.has_post())
        return finishTexts(feed, target);
    const v1::TextVersion& version = now.post().body_version();
    const auto hasArrived = [this](const Pending& each, const v1::Record& record) {
        if (!isOnItsWay(each.state))
            return false;
        const v1::Writer* writer = writerOf(record, v1::POST_BODY);
        const auto accepted = accepted_.find(each.position);
        const uint64_t revision = accepted == accepted_.end() ? 0 : accepted->second.revision;
        return (revision > 0 && revision <= record.post().body_version().revision()) ||
               (writer && writer->change() == each.change.view());
    };
    const std::optional<Lane> lane = laneOf(feed, target);
    const bool moves = lane && !(isSameVersion(lane->version, version) && lane->body == now.post().body());
    for (const Pending& each : pendingIn(feed, target)) {
        if (!moves || !each.isText || each.state != ChangeState::Refused || each.behind)
            continue;
        const v1::EditText form = formOf(each.bytes, each.form);
        const auto text = isSameVersion(form.base(), lane->version) ? textOf(form) : std::nullopt;
        const auto moved = text ? movedOver(lane->body, now.post().body(), {&*text, 1}, 0)
                                : Result<std::vector<PendingText>>(v1::INVALID);
        if (moved)
            setForm(each.position, version, moved->front());
    }
    if (moves) {
        // What comes before one that has arrived was part of the body that that one was made over.
        size_t arrived = lane->row.size();
        while (arrived > 0 && !hasArrived(lane->pending[arrived - 1], now))
            --arrived;
        for (size_t i = 0; i + 1 < arrived; ++i)
            if (!hasArrived(lane->pending[i], now))
                noteAccepted(feed, lane->pending[i], version.revision());
        if (const auto rest = movedOver(lane->body, now.post().body(), lane->row, arrived))
            placeTexts(std::span(lane->pending).subspan(arrived), version, *rest, false);
    }
    for (const Pending& each : pendingIn(feed, target)) {
        if (!each.isText || !hasArrived(each, sealed))
            continue;
        sent_.erase(each.change);
        removeText(feed, target, each.position, each.state);
    }
}

// Over the body that is here: the server knows none that it was made over.
void Replica::writeOverPresent(const Sent& sent, ChangeState state, const Lane& lane, size_t at)
{
    // The same again would be refused again.
    const Pending& refused = lane.pending[at];
    const bool held = at == 0 && isSameVersion(parseStored(refused.bytes).edit_text().base(), lane.version);
    setState(sent.position, state, ChangeState::Waiting);
    rewriteText(refused, lane.version, lane.row[at], at > 0);
    // It was sent, and a restore may bring back what the server made of it then: nothing grows in it any more.
    setForm(refused.position, lane.version, asMadeHere(lane.row[at]));
    (*connection_)("UPDATE moved SET held = ? WHERE position = ?").bind(int64_t(held)).bind(sent.position).run();
}

// True where it goes on.
bool Replica::refuseText(FollowedFeed& feed, const Sent& sent, ChangeState state, v1::Code code)
{
    if (code == v1::UNKNOWN_BASE)
        giveUpRevisions(feed, sent.target); // it may be one of these
    const std::optional<Lane> lane = laneOf(feed, sent.target);
    const auto found = !lane ? std::vector<Pending>::const_iterator()
                             : std::find_if(lane->pending.begin(), lane->pending.end(),
                                            [&](const Pending& each) { return each.position == sent.position; });
    if (!lane || found == lane->pending.end())
        return false;
    const size_t at = size_t(found - lane->pending.begin());
    if (code == v1::UNKNOWN_BASE) {
        writeOverPresent(sent, state, *lane, at);
        return true;
    }
    if (at > 0) {
        keepWords(feed, sent.target);
        closeGap(feed, sent.target, sent.position);
        return false;
    }
    const Pending& refused = lane->pending.front();
    v1::Change change = parseStored(refused.bytes);
    keepWords(feed, sent.target);
    if (lane->row.size() == 1)
        return false;
    // What was written on it since is one with it: it makes no sense alone.
    const Result<PendingText> one = asOne(lane->body, lane->row);
    if (one)
        setText(*change.mutable_edit_text(), lane->version, *one);
    const Result<std::string> body = withTexts(lane->body, lane->row);
    if (!one || !body || !checkShape(change)) {
        closeGap(feed, sent.target, sent.position);
        rewriteText(refused, lane->version, lane->row.front(), false);
        return false;
    }
    rewriteText(refused, lane->version, *one, false);
    (*connection_)("UPDATE moved SET body = ? WHERE position = ?").bind(*body).bind(sent.position).run();
    for (size_t i = 1; i < lane->pending.size(); ++i) {
        sent_.erase(lane->pending[i].change);
        removeFromOutbox(lane->pending[i].position, lane->pending[i].state);
    }
    return false;
}

// A refused one, behind what shows by now.
Result<void> Replica::sendTextAgain(FollowedFeed& feed, const Id& target, int64_t position)
{
    const std::optional<Lane> lane = laneOf(feed, target);
    for (const Pending& each : pendingIn(feed, target)) {
        if (each.position != position)
            continue;
        if (each.behind)
            return v1::UNKNOWN_BASE;
        const v1::EditText form = formOf(each.bytes, each.form);
        const auto text = lane && isSameVersion(form.base(), lane->version) ? textOf(form) : std::nullopt;
        if (!text || lane->row.empty()) { // the server may know what it was made over
            setState(position, each.state, ChangeState::Waiting);
            if (text) {
                setForm(position, lane->version, *text);
                (*connection_)("UPDATE moved SET body = NULL WHERE position = ?").bind(position).run();
            }
            return {};
        }
        Statement& read = (*connection_)("SELECT submitted FROM moved WHERE position = ?").bind(position);
        const std::string submitted = read.step() ? std::string(read.text(0)) : std::string();
        read.reset();
        removeFromOutbox(position, each.state);
        v1::Change change = parseStored(each.bytes);
        const PendingText last = behind(lane->row, *text);
        setText(*change.mutable_edit_text(), lane->version, last);
        if (!last.isEmpty())
            addText(feed, std::move(change), ChangeState::Waiting, each.madeMs, submitted, true);
    }
    return {};
}

} // namespace stoa
