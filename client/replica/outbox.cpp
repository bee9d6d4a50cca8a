// What the person wants: stored, and shown at once.

#include <algorithm>
#include <set>

#include "client/replica/body_drafts.h"
#include "client/replica/replica.h"
#include "client/replica/texts.h"
#include "client/replica/visible_reader.h"
#include "shared/domain/revision.h"
#include "shared/domain/shape.h"

namespace stoa {

namespace {

constexpr int outboxMax = 100'000;
constexpr int countedOutboxMax = 1'000;

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

int Replica::unsentCount() const
{
    const int pending = counts_.waiting + counts_.sent;
    if (pending == 0 || pending + counts_.accepted + counts_.refused + counts_.blocked > countedOutboxMax)
        return pending;
    Statement& read = (*connection_)("SELECT count(DISTINCT CASE WHEN mark = 0 THEN target END), "
                                     "count(DISTINCT CASE WHEN mark NOT IN (0, ?) THEN target END) "
                                     "FROM outbox WHERE state IN (0, 1)");
    read.bind(int64_t{v1::SEEN});
    const bool found = read.step();
    const int posts = found ? int(read.number(0)) : 0;
    const int marks = found ? int(read.number(1)) : 0;
    read.reset();
    return posts > 0 ? posts : marks;
}

int Replica::keptCount() const
{
    Statement& read = (*connection_)("SELECT count(*) FROM drafts WHERE place >= 'edit/' AND place < 'edit0'");
    const int count = read.step() ? int(read.number(0)) : 0;
    read.reset();
    return count;
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
    if (const auto accepted = accepted_.find(position); accepted != accepted_.end()) {
        if (accepted->second.revision > 0)
            forgetAwaited(accepted->second.feed, position);
        accepted_.erase(accepted);
    }
    (*connection_)("DELETE FROM outbox WHERE position = ?").bind(position).run();
    (*connection_)("DELETE FROM changes WHERE position = ?").bind(position).run();
    (*connection_)("DELETE FROM moved WHERE position = ?").bind(position).run();
}

int64_t Replica::addToOutbox(const v1::Change& change, int64_t feed, ChangeState state, int64_t madeMs)
{
    Statement& about = (*connection_)(
        "SELECT p.kind, CASE WHEN p.kind IN (4, 5, 6) THEN root.title ELSE p.title END FROM records r "
        "JOIN posts p ON p.row = r.row LEFT JOIN posts root ON root.row = p.root WHERE r.id = ? AND p.kind <> 0");
    about.bindBlob(change.has_create_post() ? change.create_post().parent()
                   : change.has_set_mark()  ? change.set_mark().on()
                                            : change.target());
    const bool known = about.step();
    const int64_t kind = known ? about.number(0) : 0;
    const std::string title = known ? std::string(about.text(1)) : std::string();
    about.reset();
    (*connection_)("INSERT INTO outbox VALUES(NULL, ?, ?, ?, ?, ?, 0, 0, 0, ?, NULL, ?, ?, ?)")
        .bindBlob(change.id())
        .bindBlob(change.target())
        .bind(feed)
        .bind(int64_t(state))
        .bind(int64_t(state == ChangeState::Blocked ? v1::DEPENDS : v1::CODE_NONE))
        .bind(madeMs)
        .bind(int64_t(change.has_set_mark() ? change.set_mark().kind() : v1::MARK_NONE))
        .bind(change.has_create_post() ? int64_t(change.create_post().kind()) : kind)
        .bind(title)
        .run();
    const int64_t position = connection_->database().lastRow();
    (*connection_)("INSERT INTO changes VALUES(?, ?)").bind(position).bindBlob(change.SerializeAsString()).run();
    ++countOf(state);
    outboxTouched_ = true;
    return position;
}

// What lost its feed is pending nowhere, also where the feed is given back.
std::vector<Replica::Pending> Replica::pendingOn(const Id& target)
{
    std::vector<Pending> pending;
    Statement& read =
        (*connection_)("SELECT o.position, id, state, feed, made_ms, bytes, m.position IS NOT NULL, form, behind, held "
                       "FROM outbox o JOIN changes USING (position) LEFT JOIN moved m ON m.position = o.position "
                       "WHERE target = ? AND feed IS NOT NULL ORDER BY o.position");
    read.bindBlob(target.view());
    while (read.step()) {
        pending.push_back({.position = read.number(0),
                           .change = Id::from(read.text(1)).value_or(Id{}),
                           .state = ChangeState(read.number(2)),
                           .feed = read.number(3),
                           .madeMs = read.number(4),
                           .bytes = std::string(read.text(5)),
                           .isText = read.number(6) != 0,
                           .form = read.isNull(7) ? std::nullopt : std::optional(std::string(read.text(7))),
                           .behind = read.number(8) != 0,
                           .held = read.number(9) != 0});
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
    bool textsShow = true;
    bool postRefused = false;
    for (const Pending& each : pending) {
        v1::Change change = parseStored(each.bytes);
        const bool refused = each.state == ChangeState::Refused || each.state == ChangeState::Blocked;
        // A refused post stays readable for who wrote it, with what they wrote in it later; other refused changes show
        // no effect.
        postRefused = postRefused || (refused && isCreation(change));
        const bool ofRefusedPost =
            !base && ((each.isText && each.state == ChangeState::Blocked) || (postRefused && change.has_edit()));
        if (refused && !isCreation(change) && !ofRefusedPost)
            continue;
        if (each.isText) {
            *change.mutable_edit_text() = formOf(each.bytes, each.form);
            change.mutable_edit_text()->clear_behind_deleted();
            const bool fits = reader.working &&
                              isSameVersion(change.edit_text().base(), reader.working->record->post().body_version());
            if (!fits || !textsShow)
                continue;
        }
        const Result<Outcome> outcome = apply(change, contextAt(each.madeMs), reader);
        if (!outcome) {
            textsShow = textsShow && !each.isText;
            continue; // the server decides
        }
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
    Live* live = row ? liveOf(row->row) : nullptr;
    if (!row || (pending.empty() && !row->shadowed))
        return;
    const std::optional<std::string> base = row->shadowed ? shadowOf(row->row) : row->visible;
    if (pending.empty() && !live) {
        (*connection_)("DELETE FROM shadows WHERE row = ?").bind(row->row).run();
    } else if (!row->shadowed) {
        Statement& put = (*connection_)("INSERT INTO shadows VALUES(?, ?, ?)");
        put.bind(row->row).bind(int64_t(row->visibleDeleted));
        base ? put.bindBlob(*base) : put.bindNull();
        put.run();
    }
    std::optional<std::string> visible =
        withPending(pending, feed, target, live ? live->record->SerializeAsString() : base);
    if (visible != row->visible)
        show(feed, *row, visible);
}

// ---- what the person does

Result<void> Replica::submit(const v1::Change& wanted, const std::string& draftPlace)
{
    const auto id = Id::from(wanted.id());
    const auto target = Id::from(wanted.target());
    if (!id || !target)
        return v1::INVALID;
    if (person_.isNull())
        return v1::NOT_ALLOWED;
    showRevisions(); // what the person may see by now
    if (waitingCount() + counts_.refused + counts_.blocked >= outboxMax)
        return Refusal{.code = v1::BUSY, .limit = outboxMax};
    const std::string bytes = wanted.SerializeAsString();

    if (const std::optional<bool> same = wanted.has_edit_text() ? submittedBefore(wanted, bytes) : std::nullopt)
        return *same ? Result<void>() : Result<void>(v1::ID_REUSED);
    Statement& known =
        (*connection_)("SELECT bytes FROM outbox JOIN changes USING (position) WHERE id = ?").bindBlob(id->view());
    const std::optional<std::string> before = known.step() ? std::optional(std::string(known.text(0))) : std::nullopt;
    known.reset();
    if (before)
        return *before == bytes ? Result<void>() : Result<void>(v1::ID_REUSED);

    const VisibleReader reader(*connection_);
    const std::optional<Located> edited = wanted.has_edit_text() ? reader.find(*target) : std::nullopt;
    const std::string body = edited ? edited->record->post().body() : std::string();
    // It is a change of the text that the person saw, and of no other.
    std::optional<v1::Change> moved;
    if (const std::string& saw = wanted.edit_text().shown(); edited && !saw.empty() && saw != hash128(body).str()) {
        moved = overShown(wanted, body);
        if (!moved)
            return Refusal{v1::UNKNOWN_BASE, v1::POST_BODY};
    }
    const v1::Change& change = moved ? *moved : wanted;
    const int64_t nowMs = clock_();
    const Result<Outcome> outcome = apply(change, contextAt(nowMs), reader);
    if (!outcome)
        return outcome.error();
    const bool standsAlready = outcome->versions.empty();
    const auto found = standsAlready ? feeds_.end() : feeds_.find(outcome->versions.front().feed.key());
    if (!standsAlready && (found == feeds_.end() || found->second.setAside))
        return v1::NOT_FOUND;
    if (change.has_edit_text() && !standsAlready)
        if (auto whole = checkLane(found->second, *target, body); !whole)
            return whole;
    // Only now that nothing refuses it: the draft is the person's words.
    if (!draftPlace.empty())
        saveDraft(draftPlace, {}, {}, {});
    if (standsAlready)
        return {};
    const Applied& made = outcome->versions.front();
    FollowedFeed& feed = found->second;

    const bool blocked = isBlocked(change);
    const ChangeState state = blocked ? ChangeState::Blocked : ChangeState::Waiting;
    if (change.has_edit_text()) {
        addText(feed, change, state, nowMs, id->str() + hash128(bytes).str(), false);
        if (const auto text = textOf(change.edit_text()); text && shownTexts_.contains(*target))
            noteShown(*target, body, text->text, made.record.post().body(), true);
        return {};
    }
    addToOutbox(change, feed.row, state, nowMs);

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
        return dropDraft(std::string(bodyDrafts) + change.hex()) ? Result<void>() : Result<void>(v1::NOT_FOUND);
    const int64_t position = read.number(0);
    const auto state = ChangeState(read.number(1));
    const int64_t feedRow = read.number(2);
    const Id target = Id::from(read.text(3)).value_or(Id{});
    read.reset();
    // What was sent may stand already: it is undone by another change, not withdrawn.
    if (state == ChangeState::Sent || state == ChangeState::Accepted)
        return v1::ALREADY_SENT;
    FollowedFeed* feed = feedOfRow(feedRow);
    if (feed && isText(position)) {
        removeText(*feed, target, position, state);
    } else {
        if (feed && hasTexts())
            keepWords(*feed, target); // it may be the post itself
        removeFromOutbox(position, state);
    }
    if (feed)
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
    const v1::Change parsed = parseStored(std::string(read.text(4)));
    read.reset();
    if (state != ChangeState::Refused && state != ChangeState::Blocked)
        return {};
    FollowedFeed* feed = feedOfRow(feedRow);
    if (!feed)
        return v1::NOT_FOUND; // of a space that is gone: the text can be copied
    if (state == ChangeState::Blocked && isBlocked(parsed))
        return v1::DEPENDS;
    if (state == ChangeState::Refused && isText(position)) {
        if (const Result<void> again = sendTextAgain(*feed, target, position); !again)
            return again;
    } else {
        setState(position, state, ChangeState::Waiting);
    }
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
    if (const auto target = Id::from(change.target());
        target && (change.has_edit() || change.has_edit_text() || change.has_delete_()))
        named.push_back(*target);
    for (const Id& id : named) {
        for (const Pending& each : pendingOn(id)) {
            const bool stuck = each.state == ChangeState::Refused || each.state == ChangeState::Blocked;
            if (stuck && isCreation(parseStored(each.bytes)))
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
        const v1::Change change = parseStored(std::string(waiting.text(3)));
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
        if (!feed || isBlocked(parseStored(each.bytes)))
            continue;
        setState(each.position, ChangeState::Blocked, ChangeState::Waiting);
        refresh(*feed, each.change);
    }
}

} // namespace stoa
