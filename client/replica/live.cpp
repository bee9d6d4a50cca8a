// Bodies that are open: the server's revisions ahead of their record (docs/decisions/0010). Each is stored as it came;
// the body at the server is that of the record with them, as the server itself has it. What is pending lies over that
// body, moved exactly, and nothing that is proven by seals and digests is touched.

#include <algorithm>

#include "client/replica/replica.h"
#include "client/replica/texts.h"
#include "shared/base/limits.h"
#include "shared/domain/body.h"
#include "shared/domain/revision.h"
#include "shared/text/codec.h"
#include "shared/text/compose.h"
#include "shared/text/places.h"
#include "shared/text/utf8.h"

namespace stoa {

namespace {

// A server gives out the record long before; but a device that reads a large space for the first time gets it late.
constexpr size_t liveRevisionsMax = 1'024;
constexpr size_t liveBytesMax = 4 * limits::kMiB;
constexpr size_t sealBytes = 16;
constexpr size_t shownTextsMax = 32;        // bodies
constexpr uint64_t revisionMax = INT64_MAX; // that the file can hold

bool isWellFormed(const v1::Revision& revision, uint64_t after)
{
    const uint64_t number = revision.version().revision();
    return revision.after() == after && number > after && number <= revisionMax &&
           revision.version().seal().size() == sealBytes && revision.text().size() <= limits::textChangeBytesMax &&
           revision.summary().size() <= limits::textBytesMax;
}

} // namespace

void Replica::loadLive()
{
    live_.clear();
    Statement& read = (*connection_)("SELECT row, count(*), sum(length(bytes)) FROM live GROUP BY row");
    while (read.step())
        live_[read.number(0)] = {.count = size_t(read.number(1)), .bytes = size_t(read.number(2)), .record = {}};
}

void Replica::eachRevision(int64_t row, const std::function<void(const v1::Revision&)>& work)
{
    Statement read(connection_->database(), "SELECT bytes FROM live WHERE row = ? ORDER BY revision");
    read.bind(row);
    v1::Revision revision;
    while (read.step()) {
        if (!revision.ParseFromString(std::string(read.text(0))))
            throw Database::Damaged("live");
        work(revision);
    }
}

Replica::Live* Replica::liveOf(int64_t row)
{
    const auto found = live_.find(row);
    if (found == live_.end())
        return nullptr;
    Live& live = found->second;
    if (live.record)
        return &live;
    v1::Record record;
    if (const auto bytes = shadowOf(row); !bytes || !record.ParseFromString(*bytes) || !record.has_post())
        throw Database::Damaged("live");
    live.sealed = record.post().body_version().revision();
    eachRevision(row, [&](const v1::Revision& revision) {
        if (!alterByRevision(record, revision))
            throw Database::Damaged("live");
    });
    live.record = std::move(record);
    return &live;
}

// Where a body of the server's is here.
FollowedFeed* Replica::feedOf(const Id& post)
{
    FollowedFeed* feed = nullptr;
    Statement& read = (*connection_)("SELECT r.feed FROM records r LEFT JOIN shadows s ON s.row = r.row WHERE r.id = ? "
                                     "AND r.number > 0 AND CASE WHEN s.row IS NULL THEN r.deleted ELSE s.deleted END = "
                                     "0");
    read.bindBlob(post.view());
    while (!feed && read.step()) {
        FollowedFeed* each = feedOfRow(read.number(0));
        if (each && !each->setAside)
            feed = each;
    }
    read.reset();
    return feed;
}

std::optional<v1::TextVersion> Replica::bodyVersion(const Id& post)
{
    const FollowedFeed* feed = feedOf(post);
    const std::optional<Lane> lane = feed ? laneOf(*feed, post) : std::nullopt;
    return lane ? std::optional(lane->version) : std::nullopt;
}

Replica::Received Replica::receive(const v1::Revisions& told)
{
    const auto post = Id::from(told.post());
    FollowedFeed* feed = post ? feedOf(*post) : nullptr;
    const std::optional<Row> row = feed ? findRow(feed->row, *post) : std::nullopt;
    if (!row)
        return Received::Unknown;
    uint64_t after = told.after();
    for (const v1::Revision& each : told.revisions()) {
        if (!isWellFormed(each, after))
            return Received::Broken;
        after = each.version().revision();
        if (const Received taken = takeRevision(*feed, *post, *row, each); taken != Received::Stored)
            return taken;
    }
    return Received::Stored;
}

Replica::Received Replica::takeRevision(FollowedFeed& feed, const Id& post, const Row& row,
                                        const v1::Revision& revision)
{
    const Live* had = liveOf(row.row);
    v1::Record record;
    if (had)
        record = *had->record;
    else if (const auto bytes = row.shadowed ? shadowOf(row.row) : row.visible;
             !bytes || !record.ParseFromString(*bytes))
        return Received::Unknown;
    if (!record.has_post())
        return Received::Unknown;
    const v1::TextVersion version = record.post().body_version();
    const uint64_t number = revision.version().revision();
    if (number == version.revision() && revision.version().seal() != version.seal())
        return Received::Broken;
    if (number <= version.revision())
        return Received::Stored;
    if (revision.after() != version.revision())
        return Received::Elsewhere;
    const std::string bytes = revision.SerializeAsString();
    if (had && (had->count >= liveRevisionsMax || had->bytes + bytes.size() > liveBytesMax))
        return Received::Full;
    if (!alterByRevision(record, revision) || record.post().body().size() > limits::bodyBytesMax)
        return Received::Broken;

    std::optional<TextChange> shown = moveTextsBy(feed, post, revision);
    Statement& shadow = (*connection_)("INSERT OR IGNORE INTO shadows SELECT row, deleted, bytes FROM records "
                                       "WHERE row = ?");
    shadow.bind(row.row).run();
    (*connection_)("INSERT INTO live VALUES(?, ?, ?)").bind(row.row).bind(int64_t(number)).bindBlob(bytes).run();
    Live& live = live_[row.row];
    if (live.count++ == 0)
        live.sealed = version.revision();
    live.bytes += bytes.size();
    live.record = std::move(record);
    showLater(feed, post, std::move(shown));
    return Received::Stored;
}

// Before it is part of the body that is here. One's own is no longer pending from then on, but stays in the outbox
// until a record has it. Gives what it does to the text that shows, where that is known.
std::optional<TextChange> Replica::moveTextsBy(const FollowedFeed& feed, const Id& target, const v1::Revision& revision)
{
    const Result<TextChange> text = decode(revision.text());
    const auto isOwn = [&](const Pending& each) {
        const bool isOnItsWay = each.state == ChangeState::Sent || each.state == ChangeState::Accepted;
        return isOnItsWay && each.change.view() == revision.change();
    };
    std::vector<Pending> all = pendingIn(feed, target);
    if (std::none_of(all.begin(), all.end(), [](const Pending& each) { return each.isText; }))
        return *text;
    const std::optional<Lane> lane = laneOf(feed, target);
    if (!lane)
        return *text;
    const auto own = std::find_if(lane->pending.begin(), lane->pending.end(), isOwn);
    // What comes before it was part of the body that it was made over, also where no revision of its own told so.
    const size_t arrived = own == lane->pending.end() ? 0 : size_t(own - lane->pending.begin()) + 1;
    for (size_t i = 0; i + 1 < arrived; ++i)
        noteAccepted(feed, lane->pending[i], revision.version().revision());
    std::vector<PendingText> rest;
    std::optional<TextChange> shown;
    if (arrived == 0) {
        MovedRow moved = movedBy(*text, lane->row);
        rest = std::move(moved.row);
        shown = std::move(moved.change);
    } else if (arrived == 1 && lane->row.front().text == *text) {
        rest.assign(lane->row.begin() + 1, lane->row.end());
        shown = TextChange();
    } else {
        // It was moved by less than the server knows.
        const Result<std::string> after = applyTo(lane->body, *text);
        auto moved =
            after ? movedOver(lane->body, *after, lane->row, arrived) : Result<std::vector<PendingText>>(v1::INVALID);
        if (!moved)
            throw Database::Damaged("moved");
        rest = std::move(*moved);
    }
    for (const Pending& each : all) {
        if (!each.isText || each.state != ChangeState::Refused || each.behind)
            continue;
        const v1::EditText form = formOf(each.bytes, each.form);
        if (const auto made = isSameVersion(form.base(), lane->version) ? textOf(form) : std::nullopt)
            setForm(each.position, revision.version(), movedBy(*text, {&*made, 1}).row.front());
    }
    placeTexts(std::span(lane->pending).subspan(arrived), revision.version(), rest, false);
    return shown;
}

// Whether a text that was accepted is part of the body that is here, though its record is not.
bool Replica::isInBody(const FollowedFeed& feed, const Id& target, int64_t position)
{
    const auto accepted = accepted_.find(position);
    if (accepted == accepted_.end() || accepted->second.revision == 0)
        return false;
    const std::optional<Row> row = findRow(feed.row, target);
    const Live* live = row ? liveOf(row->row) : nullptr;
    return live && accepted->second.revision <= live->record->post().body_version().revision();
}

// A version of the record, with those of its row's revisions that it lacks; nothing where it lacks none, or they do not
// follow on it.
std::optional<v1::Record> Replica::withItsRevisions(int64_t row, const v1::Record& record)
{
    if (record.deleted() || !record.has_post())
        return std::nullopt;
    const v1::TextVersion version = record.post().body_version();
    v1::Record ahead = record;
    bool fits = true;
    bool any = false;
    eachRevision(row, [&](const v1::Revision& each) {
        const uint64_t number = each.version().revision();
        if (number == version.revision())
            fits = fits && each.version().seal() == version.seal();
        if (!fits || number <= version.revision())
            return;
        any = true;
        fits = alterByRevision(ahead, each).operator bool();
    });
    return any && fits ? std::optional(std::move(ahead)) : std::nullopt;
}

// Those that the record at hand has; nothing: all.
void Replica::cutRevisions(int64_t row, std::optional<v1::Record> present)
{
    const uint64_t upto = present ? parsed_.post().body_version().revision() : revisionMax;
    (*connection_)("DELETE FROM live WHERE row = ? AND revision <= ?").bind(row).bind(int64_t(upto)).run();
    live_.erase(row);
    if (!present)
        return;
    Live& live = live_[row];
    live.sealed = upto;
    live.record = std::move(present);
    Statement& read = (*connection_)("SELECT count(*), sum(length(bytes)) FROM live WHERE row = ?").bind(row);
    if (read.step()) {
        live.count = size_t(read.number(0));
        live.bytes = size_t(read.number(1));
    }
    read.reset();
}

// ---- what the server does not know

void Replica::giveUpRevisions(const Id& post)
{
    if (FollowedFeed* feed = feedOf(post))
        giveUpRevisions(*feed, post);
}

// One after the other is taken back, the newest first: others' are undone, one's own are pending again.
void Replica::giveUpRevisions(FollowedFeed& feed, const Id& post)
{
    const std::optional<Row> row = findRow(feed.row, post);
    if (!row || !liveOf(row->row))
        return;
    Lane lane = *laneOf(feed, post);
    const std::vector<Pending> all = pendingIn(feed, post);
    struct Step {
        PendingText text;
        TextChange back;
        const Pending* own = nullptr;
    };
    std::vector<Step> steps;
    v1::Record record;
    if (const auto bytes = shadowOf(row->row); !bytes || !record.ParseFromString(*bytes))
        throw Database::Damaged("live");
    const v1::TextVersion version = record.post().body_version();
    eachRevision(row->row, [&](const v1::Revision& each) {
        const Result<TextChange> text = decode(each.text());
        const Result<std::vector<TextRange>> resolved = rangesFrom(each.resolved());
        const Result<TextChange> back = text ? invert(*text, record.post().body()) : text;
        if (!back || !resolved || !alterByRevision(record, each))
            throw Database::Damaged("live");
        const auto own = std::find_if(all.begin(), all.end(), [&](const Pending& one) {
            const bool isOnItsWay = one.state == ChangeState::Sent || one.state == ChangeState::Accepted;
            return one.isText && isOnItsWay && one.change.view() == each.change();
        });
        steps.push_back({{*text, *resolved}, *back, own == all.end() ? nullptr : &*own});
    });
    std::vector<std::pair<const Pending*, PendingText>> refused;
    for (const Pending& each : all) {
        if (!each.isText || each.state != ChangeState::Refused || each.behind)
            continue;
        const v1::EditText form = formOf(each.bytes, each.form);
        if (const auto made = isSameVersion(form.base(), lane.version) ? textOf(form) : std::nullopt)
            refused.emplace_back(&each, *made);
    }
    std::reverse(steps.begin(), steps.end());
    for (const Step& step : steps) {
        for (auto& [pending, text] : refused)
            text = movedBy(step.back, {&text, 1}).row.front();
        if (step.own) {
            lane.row.insert(lane.row.begin(), step.text);
            lane.pending.insert(lane.pending.begin(), *step.own);
        } else {
            lane.row = movedBy(step.back, lane.row).row;
        }
    }
    cutRevisions(row->row, std::nullopt);
    for (const auto& [pending, text] : refused)
        setForm(pending->position, version, text);
    placeTexts(lane.pending, version, lane.row, false);
    showLater(feed, post, std::nullopt);
}

void Replica::giveUpAllRevisions()
{
    std::vector<std::pair<int64_t, Id>> posts;
    for (const auto& [row, live] : live_) {
        Statement& read = (*connection_)("SELECT feed, id FROM records WHERE row = ?").bind(row);
        if (read.step())
            posts.emplace_back(read.number(0), Id::from(read.text(1)).value_or(Id{}));
        read.reset();
    }
    for (const auto& [feed, post] : posts)
        if (FollowedFeed* known = feedOfRow(feed))
            giveUpRevisions(*known, post);
}

void Replica::showLater(const FollowedFeed& feed, const Id& post, std::optional<TextChange> change)
{
    const auto [found, isNew] = toShow_.try_emplace({feed.row, post}, change);
    if (isNew)
        return;
    std::optional<TextChange>& all = found->second;
    all = all && change ? std::optional(compose(*all, *change)) : std::nullopt;
}

// Once for all that came within the transaction.
void Replica::showRevisions()
{
    for (const auto& [where, change] : std::exchange(toShow_, {})) {
        FollowedFeed* feed = feedOfRow(where.first);
        if (!feed)
            continue;
        const auto shown = [&, post = where.second] {
            const std::optional<Row> row = findRow(feed->row, post);
            v1::Record record;
            const bool is = row && row->visible && record.ParseFromString(*row->visible);
            return is ? std::move(*record.mutable_post()->mutable_body()) : std::string();
        };
        const std::string before = change ? shown() : std::string();
        refresh(*feed, where.second);
        if (change)
            noteShown(where.second, before, *change, shown(), false);
    }
}

void Replica::noteShown(const Id& post, const std::string& before, const TextChange& change, const std::string& after,
                        bool submitted)
{
    if (const Result<std::string> made = applyTo(before, change); !made || *made != after)
        return;
    if (shownTexts_.size() >= shownTextsMax && !shownTexts_.contains(post))
        shownTexts_.clear();
    if (before == after)
        return;
    const ShownStep& step =
        shownSteps_.emplaceBack(post, hash128(before).str(), change, hash128(after).str(), submitted);
    shownTexts_[post].add(step.before, change, step.after);
}

// What was made over a text that showed a moment ago, over the one that shows; nothing where that one is not known.
std::optional<v1::Change> Replica::overShown(const v1::Change& change, const std::string& body)
{
    const auto found = shownTexts_.find(Id::from(change.target()).value_or(Id{}));
    const auto since = found == shownTexts_.end()
                         ? std::nullopt
                         : found->second.since(change.edit_text().shown(), hash128(body).str());
    std::optional<PendingText> text = since ? textOf(change.edit_text()) : std::nullopt;
    if (!text)
        return std::nullopt;
    v1::Change moved = change;
    setText(*moved.mutable_edit_text(), {}, movedBy(*since, {&*text, 1}).row.front());
    return moved;
}

// ---- places

std::vector<uint64_t> Replica::shownPlaces(const Id& post, std::vector<uint64_t> places)
{
    const FollowedFeed* feed = feedOf(post);
    const std::optional<Lane> lane = feed ? laneOf(*feed, post) : std::nullopt;
    if (!lane)
        return places;
    const uint64_t end = countCodePoints(lane->body);
    for (uint64_t& place : places) {
        place = std::min(place, end);
        for (const PendingText& each : lane->row)
            place = placeAfter(place, each.text);
    }
    return places;
}

std::vector<uint64_t> Replica::serverPlaces(const Id& post, std::vector<uint64_t> places)
{
    const FollowedFeed* feed = feedOf(post);
    const std::optional<Lane> lane = feed ? laneOf(*feed, post) : std::nullopt;
    if (!lane)
        return places;
    const uint64_t end = countCodePoints(lane->body);
    for (uint64_t& place : places) {
        for (auto each = lane->row.rbegin(); each != lane->row.rend(); ++each)
            place = placeBefore(place, each->text);
        place = std::min(place, end);
    }
    return places;
}

} // namespace stoa
