// What the server made, batch by batch.

#include <algorithm>
#include <unordered_set>

#include "client/replica/replica.h"
#include "client/replica/schema.h"
#include "client/replica/trail.h"
#include "shared/base/limits.h"
#include "shared/base/plant.h"

namespace stoa {

namespace {

constexpr uint64_t numberMax = INT64_MAX; // that the file can hold

} // namespace

int64_t Replica::rowOf(int64_t feed, const Id& id)
{
    const auto known = rows_.find({feed, id});
    if (known != rows_.end())
        return known->second;
    int64_t row = 0;
    Statement& find =
        (*connection_)("SELECT row FROM records WHERE id = ? AND feed = ?").bindBlob(id.view()).bind(feed);
    if (find.step())
        row = find.number(0);
    find.reset();
    if (row == 0) {
        (*connection_)("INSERT INTO records VALUES(NULL, ?, 0, 0, 0, ?, NULL, NULL)")
            .bind(feed)
            .bindBlob(id.view())
            .run();
        row = connection_->database().lastRow();
    }
    rows_.emplace(Key{feed, id}, row);
    return row;
}

std::optional<Replica::Row> Replica::findRow(int64_t feed, const Id& id)
{
    Statement& find =
        (*connection_)("SELECT r.row, r.number, r.pass, s.row IS NOT NULL, r.deleted, r.bytes FROM records r "
                       "LEFT JOIN shadows s ON s.row = r.row WHERE r.id = ? AND r.feed = ?");
    find.bindBlob(id.view()).bind(feed);
    std::optional<Row> row;
    if (find.step()) {
        row = Row{.row = find.number(0),
                  .number = uint64_t(find.number(1)),
                  .pass = find.number(2),
                  .shadowed = find.number(3) != 0,
                  .visible = {},
                  .visibleDeleted = find.number(4) != 0};
        if (!find.isNull(5))
            row->visible = std::string(find.text(5));
    }
    find.reset();
    return row;
}

std::optional<std::string> Replica::shadowOf(int64_t row)
{
    Statement& read = (*connection_)("SELECT bytes FROM shadows WHERE row = ?").bind(row);
    std::optional<std::string> bytes;
    if (read.step() && !read.isNull(0))
        bytes = std::string(read.text(0));
    read.reset();
    return bytes;
}

void Replica::count(FollowedFeed& feed, const Id& id, uint64_t number, std::string_view bytes, int by)
{
    if (by > 0)
        feed.digest.add(versionDigest(id, number, bytes));
    else
        feed.digest.subtract(versionDigest(id, number, bytes));
    feed.held += uint64_t(int64_t(by));
}

// Makes `bytes` what the row shows.
void Replica::show(const FollowedFeed& feed, const Row& row, const std::optional<std::string>& bytes)
{
    v1::Record before, after;
    const bool showed = row.visible && !row.visibleDeleted && before.ParseFromString(*row.visible);
    const bool parsed = bytes && after.ParseFromString(*bytes);
    const bool deleted = parsed && after.deleted();
    Statement& write = (*connection_)("UPDATE records SET deleted = ?, bytes = ? WHERE row = ?");
    write.bind(int64_t(deleted));
    bytes ? write.bindBlob(*bytes) : write.bindNull();
    write.bind(row.row).run();
    projections_->put(row.row, feed.row, feed.feed.owner,
                      showed && !STOA_PLANT("figures not taken back") ? &before : nullptr,
                      parsed && !deleted ? &after : nullptr);
}

bool Replica::storeVersion(FollowedFeed& feed, const v1::Version& version)
{
    const std::string& bytes = version.record();
    if (bytes.size() > limits::recordBytesMax || !parsed_.ParseFromString(bytes))
        return false;
    const auto id = Id::from(parsed_.id());
    if (!id || id->isNull())
        return false;
    const bool living = !parsed_.deleted();
    if (!living && STOA_PLANT("tombstone reaching across feeds"))
        (*connection_)("UPDATE records SET deleted = 1, bytes = ? WHERE id = ?")
            .bindBlob(bytes)
            .bindBlob(markId(*id, person_, v1::BOOKMARK).view())
            .run();

    if (!living)
        dropHistory(*id);
    // During the first read nearly all is new: then inserting is the cheapest way to find out.
    std::optional<Row> found = feed.complete ? findRow(feed.row, *id) : std::nullopt;
    if (!found) {
        (*connection_)("INSERT OR IGNORE INTO records VALUES(NULL, ?, ?, ?, ?, ?, ?, ?)")
            .bind(feed.row)
            .bind(int64_t(version.number()))
            .bind(feed.pass)
            .bind(int64_t(!living))
            .bindBlob(id->view())
            .bindBlob(version.seal())
            .bindBlob(bytes)
            .run();
        if (connection_->database().changedRows() == 1) {
            const int64_t row = connection_->database().lastRow();
            rows_.emplace(Key{feed.row, *id}, row);
            if (living) {
                count(feed, *id, version.number(), bytes, 1);
                projections_->put(row, feed.row, feed.feed.owner, nullptr, &parsed_);
            }
            return true;
        }
        found = findRow(feed.row, *id);
    }

    const Row& row = *found;
    const std::optional<std::string> had = row.shadowed ? shadowOf(row.row) : row.visible;
    // What counted before: a living version of this pass.
    if (row.number != 0 && row.pass == feed.pass && had) {
        v1::Record before;
        if (before.ParseFromString(*had) && !before.deleted() && !STOA_PLANT("old version stays in the sum"))
            count(feed, *id, row.number, *had, -1);
    }
    if (living)
        count(feed, *id, version.number(), bytes, 1);

    const std::vector<Pending> pending = row.shadowed ? pendingIn(feed, *id) : std::vector<Pending>();
    const bool live = live_.contains(row.row);
    // Ahead of its record: what that one lacks stays.
    std::optional<v1::Record> ahead = live ? withItsRevisions(row.row, parsed_) : std::nullopt;
    if (pending.empty() && !ahead) {
        if (live)
            cutRevisions(row.row, std::nullopt);
        if (row.shadowed)
            (*connection_)("DELETE FROM shadows WHERE row = ?").bind(row.row).run();
        v1::Record before;
        const bool showed = row.visible && !row.visibleDeleted && before.ParseFromString(*row.visible);
        (*connection_)("UPDATE records SET number = ?, pass = ?, deleted = ?, seal = ?, bytes = ? WHERE row = ?")
            .bind(int64_t(version.number()))
            .bind(feed.pass)
            .bind(int64_t(!living))
            .bindBlob(version.seal())
            .bindBlob(bytes)
            .bind(row.row)
            .run();
        if (row.visible != bytes)
            projections_->put(row.row, feed.row, feed.feed.owner, showed ? &before : nullptr,
                              living ? &parsed_ : nullptr);
        return true;
    }
    if (std::any_of(pending.begin(), pending.end(), [](const Pending& each) { return each.isText; }))
        moveTexts(feed, *id, ahead ? *ahead : parsed_, parsed_);
    if (live)
        cutRevisions(row.row, std::move(ahead));
    (*connection_)("UPDATE records SET number = ?, pass = ?, seal = ? WHERE row = ?")
        .bind(int64_t(version.number()))
        .bind(feed.pass)
        .bindBlob(version.seal())
        .bind(row.row)
        .run();
    (*connection_)("UPDATE shadows SET deleted = ?, bytes = ? WHERE row = ?")
        .bind(int64_t(!living))
        .bindBlob(bytes)
        .bind(row.row)
        .run();
    refresh(feed, *id);
    return true;
}

Replica::Received Replica::receive(const v1::Batch& batch)
{
    const auto found = feeds_.find(batch.feed());
    if (found == feeds_.end())
        return Received::Unknown;
    FollowedFeed& feed = found->second;
    if (batch.upto() > numberMax)
        return Received::Broken;
    // The server reads on from the start where it no longer has the numbers in between.
    if (batch.after() == 0 && feed.cursor != 0)
        startPass(feed);
    if (batch.after() != feed.cursor || batch.upto() < batch.after())
        return Received::Elsewhere;
    setProven(feed, true);

    if (!STOA_PLANT("cursor not stored with its rows"))
        dirtyFeeds_[feed.row] = true;
    created_.clear();
    const auto finished = finishReached(feed, batch.upto());
    uint64_t above = batch.after();
    std::unordered_set<Id, IdHash> shown; // storing shows what is pending as well
    for (const v1::Version& version : batch.versions()) {
        if (version.number() <= above || version.number() > batch.upto() || !storeVersion(feed, version))
            return Received::Broken;
        above = version.number();
        if (!finished.empty())
            shown.insert(*Id::from(parsed_.id()));
    }
    noteRead(feed.trail, batch.versions());
    feed.cursor = batch.upto();
    feed.head = std::max(feed.head, feed.cursor);
    for (const auto& [where, target] : finished)
        if (where != &feed || !shown.contains(target))
            refresh(*where, target);
    if (!batch.last())
        return Received::Stored;
    feed.total = feed.held;
    feed.agreed = batch.digest() == feed.digest.str();
    if (!feed.agreed)
        return Received::Differs;
    const bool wasRead = feed.anew || !feed.complete;
    if (feed.anew)
        dropUnconfirmed(feed);
    if (!feed.complete)
        finishRead(feed);
    if (wasRead)
        finishAbsent(feed);
    return Received::AtHead;
}

// Rows that the reading anew did not confirm. After a restore they may be all that is left of something: they
// stay, apart from the digest, until they were handed back.
void Replica::dropUnconfirmed(FollowedFeed& feed)
{
    feed.anew = false;
    if (!isOfThisEpoch(feed.row) || STOA_PLANT("what a reading anew did not confirm stays"))
        return;
    std::vector<Id> gone;
    Statement find(connection_->database(), "SELECT id FROM records WHERE feed = ? AND pass <> ? AND number > 0");
    find.bind(feed.row).bind(feed.pass);
    while (find.step())
        if (const auto id = Id::from(find.text(0)))
            gone.push_back(*id);
    for (const Id& id : gone) {
        const Row row = *findRow(feed.row, id);
        (*connection_)("UPDATE records SET number = 0, seal = NULL WHERE row = ?").bind(row.row).run();
        if (row.shadowed) {
            finishTexts(feed, id);
            cutRevisions(row.row, std::nullopt);
            (*connection_)("UPDATE shadows SET deleted = 0, bytes = NULL WHERE row = ?").bind(row.row).run();
            refresh(feed, id);
        } else {
            show(feed, row, std::nullopt);
        }
        dropHistory(id);
    }
}

// What was accepted of bodies that were looked out for while the feed was read, and are not in it: their posts were
// deleted, and nobody is sent that who reads from the start. Nothing will tell of them any more.
void Replica::finishAbsent(FollowedFeed& feed)
{
    const auto awaited = awaited_.find(feed.row);
    if (awaited == awaited_.end())
        return;
    std::set<Id> absent;
    const auto [first, last] = awaited->second.equal_range(untilBody);
    for (auto each = first; each != last; ++each) {
        const auto change = accepted_.find(each->second);
        if (change == accepted_.end())
            continue;
        if (const std::optional<Row> row = findRow(feed.row, change->second.target); !row || row->number == 0)
            absent.insert(change->second.target);
    }
    for (const Id& post : absent) {
        finishTexts(feed, post);
        refresh(feed, post);
    }
}

void Replica::finishRead(FollowedFeed& feed)
{
    feed.complete = true;
    feed.firstReadMs = clock_();
    // What was carried over from a damaged file shows again once what it rests on is there.
    std::vector<Id> targets;
    Statement pending(connection_->database(), "SELECT DISTINCT target FROM outbox WHERE feed = ?");
    pending.bind(feed.row);
    while (pending.step())
        if (const auto id = Id::from(pending.text(0)))
            targets.push_back(*id);
    for (const Id& target : targets)
        refresh(feed, target);
    if (isAllRead())
        makeListIndexes(*connection_);
}

void Replica::forget(const Feed& named)
{
    const auto found = feeds_.find(named.key());
    if (found == feeds_.end())
        return;
    const int64_t feed = found->second.row;
    Connection& run = *connection_;
    // A server restored from a backup may have lost what this copy still has: kept, read-only.
    const FollowedFeed& known = found->second;
    const bool isCompared = isOfThisEpoch(feed) && known.proven;
    const bool hasRead = known.complete || known.cursor > 0 || known.anew;
    if (hasRead && !isCompared && !STOA_PLANT("forgotten before it was handed back")) {
        setAside(found->second);
        return;
    }

    if (STOA_PLANT("lost feed kept"))
        return;
    if (hasTexts()) {
        std::vector<Id> texts;
        Statement find(run.database(), "SELECT DISTINCT target FROM outbox JOIN moved USING (position) WHERE feed = ?");
        find.bind(feed);
        while (find.step())
            if (const auto id = Id::from(find.text(0)))
                texts.push_back(*id);
        for (const Id& id : texts)
            keepWords(found->second, id);
    }
    // What became of a change to another feed (a move, say) is not waited for here any more.
    for (const auto& [where, target] : finishReached(found->second, UINT64_MAX))
        if (where != &found->second)
            refresh(*where, target);
    // Of what was on its way only the person's own words stay, as a refusal they can copy from.
    storeAccepted();
    sent_.clear();
    std::vector<std::pair<int64_t, ChangeState>> wordless;
    std::vector<std::pair<int64_t, ChangeState>> words;
    Statement pending(run.database(),
                      "SELECT position, state, bytes FROM outbox JOIN changes USING (position) WHERE feed = ?");
    pending.bind(feed);
    while (pending.step()) {
        v1::Change change;
        const auto state = ChangeState(pending.number(1));
        const bool own = change.ParseFromString(std::string(pending.text(2))) &&
                         (change.has_create_post() || change.has_edit() || change.has_edit_text()) &&
                         state != ChangeState::Accepted;
        (own ? words : wordless).emplace_back(pending.number(0), state);
    }
    for (const auto& [position, state] : wordless)
        removeFromOutbox(position, state);
    for (const auto& [position, state] : words) {
        setState(position, state, ChangeState::Refused);
        run("UPDATE outbox SET code = ?, feed = NULL WHERE position = ?")
            .bind(int64_t(v1::NOT_FOUND))
            .bind(position)
            .run();
    }
    for (const char* table : {"shadows", "live"})
        run(("DELETE FROM " + std::string(table) + " WHERE row IN (SELECT row FROM records WHERE feed = ?)").c_str())
            .bind(feed)
            .run();
    run("DELETE FROM post_tags WHERE tag IN (SELECT tag FROM tags WHERE feed = ?)").bind(feed).run();
    for (const char* sql :
         {"DELETE FROM records WHERE feed = ?", "DELETE FROM posts WHERE feed = ?", "DELETE FROM spaces WHERE feed = ?",
          "DELETE FROM members WHERE feed = ?", "DELETE FROM authors WHERE feed = ?", "DELETE FROM tags WHERE feed = ?",
          "DELETE FROM proposals WHERE feed = ?", "DELETE FROM proposed WHERE feed = ?",
          "DELETE FROM required WHERE feed = ?", "DELETE FROM signatures WHERE feed = ?",
          "DELETE FROM feeds WHERE feed = ?"})
        run(sql).bind(feed).run();
    projections_->forgetFeed(feed, named.owner);
    dropHistories(false);
    setProven(found->second, true); // the row may be another feed's once
    awaited_.erase(feed);
    dirtyFeeds_.erase(feed);
    loadLive();
    std::erase_if(rows_, [&](const auto& each) { return each.first.first == feed; });
    feeds_.erase(found);
    dirtyFeeds_[feed] = true; // told, and not stored
    outboxTouched_ = true;
}

} // namespace stoa
