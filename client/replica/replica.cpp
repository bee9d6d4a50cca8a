#include "client/replica/replica.h"
#include "client/replica/body_drafts.h"

#include <filesystem>

#include <QCoreApplication>

#include "client/replica/rescue.h"
#include "client/replica/schema.h"
#include "client/replica/visible_reader.h"
#include "shared/base/limits.h"
#include "shared/base/plant.h"

namespace stoa {

namespace {

constexpr int logPagesMax = 6'000;  // 48 MiB of 8 KiB pages
constexpr int logPagesAtRest = 250; // less is not worth a disk's attention

int64_t number(uint64_t value)
{
    return int64_t(value);
}

Digest digestOf(std::string_view raw)
{
    return Digest::from(raw).value_or(Digest{});
}

} // namespace

Replica::Replica(std::string path, WallClock clock) : path_(std::move(path)), clock_(std::move(clock))
{
    try {
        if (std::filesystem::exists(path_ + ".damaged-mark"))
            throw Database::Damaged("marked");
        open();
    } catch (const Database::Damaged&) {
        rescue();
    }
}

Replica::~Replica() = default;

void Replica::open()
{
    prepareFile(path_);
    connection_ = std::make_unique<Connection>(path_, Database::Mode::Write);
    Database& database = connection_->database();
    migrate(*connection_);
    database.run(STOA_PLANT("client syncs too little") ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
    database.run("PRAGMA cache_size=-24000");
    database.run("PRAGMA temp_store=MEMORY");
    projections_ =
        std::make_unique<Projections>(*connection_, [this](int64_t feed, const Id& id) { return rowOf(feed, id); });
    load();
    if (setting("projections") != std::to_string(projectionVersion))
        rebuildProjections();
}

// Everything that memory keeps of the file.
void Replica::load()
{
    Connection& run = *connection_;
    feeds_.clear();
    dirtyFeeds_.clear();
    rows_.clear();
    sent_.clear();
    accepted_.clear();
    acceptedToStore_.clear();
    awaited_.clear();
    created_.clear();
    toShow_.clear();
    shownTexts_.clear();
    loadLive();
    counts_ = {};
    projections_->forget();
    person_ = Id::from(setting("person")).value_or(Id{});
    organisation_ = Id::from(setting("organisation")).value_or(Id{});

    Statement& feeds =
        run("SELECT feed, key, cursor, head, digest, held, total, complete, agreed, set_aside, pass, anew, "
            "first_read_ms, trail FROM feeds");
    while (feeds.step()) {
        const std::string key(feeds.text(1));
        const auto feed = Feed::from(key);
        if (!feed)
            throw Database::Damaged("feed");
        feeds_[key] = {.row = feeds.number(0),
                       .feed = *feed,
                       .cursor = uint64_t(feeds.number(2)),
                       .head = uint64_t(feeds.number(3)),
                       .digest = digestOf(feeds.text(4)),
                       .held = uint64_t(feeds.number(5)),
                       .total = uint64_t(feeds.number(6)),
                       .complete = feeds.number(7) != 0,
                       .agreed = feeds.number(8) != 0,
                       .setAside = feeds.number(9) != 0,
                       .pass = feeds.number(10),
                       .anew = feeds.number(11) != 0,
                       .firstReadMs = feeds.number(12)};
        // What cannot be read bears no witness.
        if (const std::string_view trail = feeds.text(13);
            !feeds_[key].trail.ParseFromArray(trail.data(), int(trail.size())))
            feeds_[key].trail.Clear();
        feeds_[key].proven = setting(("unproven " + std::to_string(feeds_[key].row)).c_str()).empty();
    }
    Statement& outbox = run("SELECT position, state, effects, feed, target FROM outbox");
    while (outbox.step()) {
        const auto state = ChangeState(outbox.number(1));
        ++countOf(state);
        v1::Receipt effects;
        if (state != ChangeState::Accepted || !effects.ParseFromString(std::string(outbox.text(2))))
            continue;
        if (effects.revision() > 0) {
            awaited_[outbox.number(3)].emplace(untilBody, outbox.number(0));
            accepted_[outbox.number(0)] = {.feed = outbox.number(3),
                                           .target = Id::from(outbox.text(4)).value_or(Id{}),
                                           .awaited = 1,
                                           .receipt = {},
                                           .revision = effects.revision()};
            continue;
        }
        for (const v1::Effect& effect : effects.effects()) {
            const auto found = feeds_.find(effect.feed());
            if (found == feeds_.end() || effect.number() <= found->second.cursor)
                continue;
            awaited_[found->second.row].emplace(effect.number(), outbox.number(0));
            Accepted& accepted = accepted_[outbox.number(0)];
            accepted.feed = outbox.number(3);
            accepted.target = Id::from(outbox.text(4)).value_or(Id{});
            ++accepted.awaited;
        }
    }
}

void Replica::rebuildProjections()
{
    begin();
    resetProjections(*connection_);
    for (const auto& [key, feed] : feeds_) {
        Statement records(connection_->database(),
                          "SELECT row, bytes FROM records WHERE feed = ? AND bytes IS NOT NULL AND deleted = 0");
        records.bind(feed.row);
        v1::Record record;
        while (records.step())
            if (record.ParseFromString(std::string(records.text(1))))
                projections_->put(records.number(0), feed.row, feed.feed.owner, nullptr, &record);
    }
    setSetting("projections", std::to_string(projectionVersion));
    if (isAllRead())
        makeListIndexes(*connection_);
    (void)commit();
}

void Replica::begin()
{
    (*connection_)("BEGIN IMMEDIATE").run();
}

Touched Replica::commit()
{
    showRevisions();
    projections_->flush();
    storeAccepted();
    for (const auto& [row, dirty] : dirtyFeeds_)
        if (const FollowedFeed* feed = feedOfRow(row))
            storeFeed(*feed);
    (*connection_)("COMMIT").run();
    if (connection_->database().logPages() > logPagesMax)
        connection_->database().checkpoint();
    Touched touched = projections_->takeTouched();
    touched.feeds = touched.feeds || !dirtyFeeds_.empty();
    touched.outbox = outboxTouched_;
    for (const Id& post : std::exchange(historiesTouched_, {}))
        touched.histories.append(post);
    touched.texts = std::exchange(shownSteps_, {});
    dirtyFeeds_.clear();
    outboxTouched_ = false;
    if (rows_.size() > 100'000)
        rows_.clear();
    return touched;
}

void Replica::rest()
{
    if (connection_->database().logPages() > logPagesAtRest)
        connection_->database().checkpoint();
}

void Replica::rollback()
{
    // A full disk ends the transaction by itself.
    if (connection_->database().inTransaction())
        connection_->database().run("ROLLBACK");
    outboxTouched_ = false;
    historiesTouched_.clear();
    shownSteps_.clear();
    load();
}

std::string Replica::setting(const char* name) const
{
    Statement& read = (*connection_)("SELECT value FROM meta WHERE key = ?").bind(std::string_view(name));
    std::string value = read.step() ? std::string(read.text(0)) : std::string();
    read.reset();
    return value;
}

void Replica::setSetting(const char* name, std::string_view value)
{
    // A commit without a write costs nothing, and most of what is set stands already.
    if (setting(name) == value)
        return;
    (*connection_)("INSERT OR REPLACE INTO meta VALUES(?, ?)").bind(std::string_view(name)).bindBlob(value).run();
}

std::string Replica::spaceName(const Feed& feed)
{
    Statement& read = (*connection_)("SELECT name FROM spaces WHERE id = ?").bindBlob(feed.owner.view());
    std::string name = feed.kind == FeedKind::Space && read.step() ? std::string(read.text(0)) : std::string();
    read.reset();
    return name;
}

// ---- feeds

bool Replica::welcome(const v1::Welcome& welcome)
{
    const auto person = Id::from(welcome.person());
    const auto organisation = Id::from(welcome.organisation());
    if (!person || !organisation)
        return false;
    if ((!person_.isNull() && person_ != *person) || (!organisation_.isNull() && organisation_ != *organisation))
        return false;
    if (person_.isNull()) {
        person_ = *person;
        organisation_ = *organisation;
        setSetting("person", person_.view());
        setSetting("organisation", organisation_.view());
        outboxTouched_ = true;
    }
    const bool isBlind = STOA_PLANT("epoch change not noticed") && !setting("epoch").empty();
    const bool isEarlier = std::strtoul(setting("epoch").c_str(), nullptr, 10) > welcome.epoch();
    if (const std::string epoch = std::to_string(welcome.epoch()); setting("epoch") != epoch && !isBlind) {
        setSetting("epoch", epoch);
        sendAcceptedAgain();
        dropHistories(true);
        // Who was in the middle of reading has left out what was superseded further on, and that may be lost now.
        for (auto& [key, feed] : feeds_)
            if (feed.cursor != 0 && (feed.cursor < feed.head || feed.anew))
                startPass(feed);
    }
    std::map<std::string, bool> named;
    bool wentBack = false;
    for (const v1::FeedHead& head : welcome.feeds()) {
        follow(head);
        named[head.feed()] = true;
        const auto followed = feeds_.find(head.feed());
        const auto awaited = followed == feeds_.end() ? awaited_.end() : awaited_.find(followed->second.row);
        if (awaited == awaited_.end())
            continue;
        const auto above = awaited->second.upper_bound(head.head());
        wentBack = wentBack || (above != awaited->second.end() && above->first != untilBody);
    }
    // A server that is in an earlier epoch again has gone back behind all that was compared since: witnesses of what
    // was handed back in between were given up, and it may have given all numbers anew.
    for (auto& [key, feed] : feeds_) {
        if (isEarlier && named.contains(key)) {
            setEpoch(feed.row, {});
            feed.matches = v1::Witness();
        }
    }
    // A receipt is older than any head that is told after it: what it tells of is gone without a word. With a feed that
    // is named no more it may be gone too; if it is not, the answer will be the same.
    for (const auto& [row, numbers] : awaited_) {
        const FollowedFeed* feed = feedOfRow(row);
        wentBack = wentBack || (feed && !numbers.empty() && !named.contains(feed->feed.key()));
    }
    if (wentBack)
        sendAcceptedAgain();
    for (auto& [position, accepted] : accepted_)
        accepted.isEarlier = true;
    // The other body that these wait for may be lost to the server by now, and the one that is here its newest.
    (*connection_)("UPDATE moved SET held = 0 WHERE held != 0").run();
    for (auto& [key, feed] : feeds_) {
        const bool aside = !named.contains(key);
        if (feed.setAside && !aside) {
            feed.setAside = false;
            dirtyFeeds_[feed.row] = true;
        } else if (aside) {
            setAside(feed);
        }
    }
    if (STOA_PLANT("unknown feed taken as an order to forget"))
        for (const FollowedFeed* feed : feeds())
            if (feed->setAside)
                forget(Feed(feed->feed));
    return true;
}

// No batch of it will come: what was accepted is not waited for.
void Replica::setAside(FollowedFeed& feed)
{
    if (!feed.setAside)
        dirtyFeeds_[feed.row] = true;
    feed.setAside = true;
    for (const auto& [where, target] : finishReached(feed, UINT64_MAX))
        refresh(*where, target);
}

void Replica::follow(const v1::FeedHead& head)
{
    const auto parsed = Feed::from(head.feed());
    if (!parsed)
        return;
    auto found = feeds_.find(head.feed());
    if (found == feeds_.end()) {
        FollowedFeed feed{.feed = *parsed};
        (*connection_)("INSERT INTO feeds VALUES(NULL, ?, 0, 0, ?, 0, 0, 0, 0, 0, 1, 0, 0, x'')")
            .bindBlob(head.feed())
            .bindBlob(feed.digest.str())
            .run();
        feed.row = connection_->database().lastRow();
        setEpoch(feed.row, setting("epoch"));
        found = feeds_.emplace(head.feed(), feed).first;
    }
    FollowedFeed& feed = found->second;
    feed.inherited = head.inherited();
    feed.matches.reset();
    // A server that stands further back was restored without a new epoch. So it may have been where this copy is still
    // being read anew: what was handed back bears no witness any more, and may have gone again with what it became.
    if (head.head() < feed.cursor || feed.anew)
        setEpoch(feed.row, {});
    // Where head and digest are this copy's own, it is known to be whole before anything is read.
    const bool agreed = feed.complete && feed.cursor == head.head() && feed.digest.str() == head.digest();
    const bool news =
        feed.head != head.head() || feed.total != head.records() || feed.setAside || feed.agreed != agreed;
    feed.head = head.head();
    feed.total = head.records();
    feed.setAside = false;
    feed.agreed = agreed;
    if (news)
        dirtyFeeds_[feed.row] = true;
    if (feed.cursor != 0 && feed.cursor < head.oldest_tombstone())
        startPass(feed);
}

bool Replica::isAllRead() const
{
    return std::all_of(feeds_.begin(), feeds_.end(),
                       [](const auto& each) { return each.second.complete || each.second.setAside; });
}

bool Replica::isOfThisEpoch(int64_t feed) const
{
    return setting(("epoch of " + std::to_string(feed)).c_str()) == setting("epoch");
}

void Replica::setEpoch(int64_t feed, const std::string& epoch)
{
    setSetting(("epoch of " + std::to_string(feed)).c_str(), epoch);
}

void Replica::setProven(FollowedFeed& feed, bool proven)
{
    if (std::exchange(feed.proven, proven) != proven)
        setSetting(("unproven " + std::to_string(feed.row)).c_str(), proven ? "" : "1");
}

uint64_t Replica::epochBegin() const
{
    return std::strtoull(setting("epoch").c_str(), nullptr, 10) << limits::epochShift;
}

// What was accepted before a restore may be among what was lost: its receipt counts no more.
void Replica::sendAcceptedAgain()
{
    giveUpAllRevisions();
    (*connection_)("UPDATE outbox SET state = 1, effects = NULL WHERE state = 2").run();
    counts_.sent += std::exchange(counts_.accepted, 0);
    accepted_.clear();
    acceptedToStore_.clear();
    awaited_.clear();
    outboxTouched_ = true;
}

void Replica::startPass(FollowedFeed& feed)
{
    feed.anew = true;
    ++feed.pass;
    feed.cursor = 0;
    feed.digest = {};
    feed.held = 0;
    feed.agreed = false;
    dirtyFeeds_[feed.row] = true;
}

void Replica::readAnew(const Feed& feed)
{
    if (const auto found = feeds_.find(feed.key()); found != feeds_.end())
        startPass(found->second);
}

std::vector<const FollowedFeed*> Replica::feeds() const
{
    std::vector<const FollowedFeed*> all;
    for (const auto& [key, feed] : feeds_)
        all.push_back(&feed);
    return all;
}

const FollowedFeed* Replica::feed(const Feed& feed) const
{
    const auto found = feeds_.find(feed.key());
    return found == feeds_.end() ? nullptr : &found->second;
}

FollowedFeed* Replica::feedOfRow(int64_t row)
{
    for (auto& [key, feed] : feeds_)
        if (feed.row == row)
            return &feed;
    return nullptr;
}

void Replica::storeFeed(const FollowedFeed& feed)
{
    (*connection_)("UPDATE feeds SET cursor = ?, head = ?, digest = ?, held = ?, total = ?, complete = ?, agreed = ?, "
                   "set_aside = ?, pass = ?, anew = ?, first_read_ms = ?, trail = ? WHERE feed = ?")
        .bind(number(feed.cursor))
        .bind(number(feed.head))
        .bindBlob(feed.digest.str())
        .bind(number(feed.held))
        .bind(number(feed.total))
        .bind(int64_t(feed.complete))
        .bind(int64_t(feed.agreed))
        .bind(int64_t(feed.setAside))
        .bind(feed.pass)
        .bind(int64_t(feed.anew))
        .bind(feed.firstReadMs)
        .bindBlob(feed.trail.SerializeAsString())
        .bind(feed.row)
        .run();
}

bool Replica::dropDraft(const std::string& place)
{
    (*connection_)("DELETE FROM drafts WHERE place = ?").bind(place).run();
    const bool dropped = connection_->database().changedRows() == 1;
    outboxTouched_ = outboxTouched_ || (dropped && place.starts_with(bodyDrafts));
    return dropped;
}

void Replica::saveDraft(const std::string& place, const std::string& title, const std::string& text,
                        const std::string& tags)
{
    if (title.empty() && text.empty() && tags.empty())
        return void(dropDraft(place));
    outboxTouched_ = outboxTouched_ || place.starts_with(bodyDrafts);
    (*connection_)("INSERT OR REPLACE INTO drafts VALUES(?, ?, ?, ?, ?)")
        .bind(place)
        .bind(title)
        .bind(text)
        .bind(tags)
        .bind(clock_())
        .run();
}

void Replica::limitPages(int pagesMax)
{
    connection_->database().run(("PRAGMA max_page_count=" + std::to_string(pagesMax)).c_str());
}

std::vector<Feed> Replica::check()
{
    std::map<int64_t, Digest> sums;
    Statement& records = (*connection_)(
        "SELECT r.feed, r.id, r.number, CASE WHEN s.row IS NULL THEN r.bytes ELSE s.bytes END FROM records r "
        "JOIN feeds f ON f.feed = r.feed AND f.pass = r.pass LEFT JOIN shadows s ON s.row = r.row "
        "WHERE r.number > 0 AND CASE WHEN s.row IS NULL THEN r.deleted ELSE s.deleted END = 0");
    while (records.step()) {
        const auto id = Id::from(records.text(1));
        if (id)
            sums[records.number(0)].add(versionDigest(*id, uint64_t(records.number(2)), records.text(3)));
    }
    std::vector<Feed> wrong;
    for (const auto& [key, feed] : feeds_)
        if (!(sums[feed.row] == feed.digest))
            wrong.push_back(feed.feed);
    return wrong;
}

} // namespace stoa
