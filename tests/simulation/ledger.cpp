#include "tests/simulation/ledger.h"

#include <algorithm>

#include "server/engine/texts.h"
#include "shared/base/limits.h"
#include "shared/domain/body.h"
#include "shared/domain/fields.h"
#include "tests/simulation/generator.h"
#include "tests/simulation/letters.h"

namespace stoa::test {

namespace {

constexpr const char* once = "a change counts once";
constexpr const char* numbers = "a number is never used for other bytes";
constexpr const char* kept = "what was acknowledged is there, or was superseded";
constexpr const char* allowed = "nobody does what they may not";
constexpr const char* sums = "a feed's sum is that of its records";
constexpr const char* limited = "a limit holds";
constexpr const char* written = "a body is what was written, where it was written";
constexpr const char* back = "what a restore lost comes back";

std::string where(const Feed& feed, uint64_t number)
{
    return toHex(feed.key()) + " number " + std::to_string(number);
}

struct Version {
    uint64_t number = 0;
    v1::Record record;
    std::string bytes;
};

std::map<Id, Version> versionsOf(const Feed& feed, const Snapshot& snapshot)
{
    std::map<Id, Version> versions;
    for (const StoredVersion& stored : snapshot.versionsAfter(feed, 0, 0, SIZE_MAX)) {
        Version& version = versions[stored.id];
        version.number = stored.number;
        version.bytes = stored.bytes;
        version.record.ParseFromString(stored.bytes);
    }
    return versions;
}

// The changes that made a body what it is, one after the other.
std::set<std::string> madeBodyOf(const v1::Record& record, const Snapshot& snapshot)
{
    std::set<std::string> changes;
    const auto revisions = snapshot.revisionsAfter(*Id::from(record.id()), 0, SIZE_MAX);
    uint64_t at = record.post().body_version().revision();
    for (auto each = revisions.rbegin(); each != revisions.rend(); ++each) {
        if (each->version().revision() != at)
            continue;
        changes.insert(each->change());
        at = each->after();
    }
    return changes;
}

// Whether nothing that was written in `part` is missing from `whole`, of `snapshot`: it is there, or lost against a
// later value, or others have written on in it since.
bool keeps(const v1::Record& whole, const v1::Record& part, const Snapshot& snapshot)
{
    if (whole.deleted() || whole.lost_size() >= int(limits::lostValuesMax))
        return true;
    if (whole.author() != part.author())
        return false;
    if (part.has_mark() && part.mark().kind() == v1::SEEN)
        return whole.mark().value() >= part.mark().value(); // whoever saw more, whenever
    if (part.has_mark())
        return whole.mark().value() == part.mark().value() || whole.changed_ms() >= part.changed_ms();
    for (const v1::Writer& wrote : part.writers()) {
        if (wrote.field() == v1::SPACE_VISIBILITY)
            continue; // the admin's to say again
        const v1::Writer* writer = writerOf(whole, wrote.field());
        bool there =
            (writer && writer->change() == wrote.change()) ||
            fieldValue(whole, wrote.field()).SerializeAsString() == fieldValue(part, wrote.field()).SerializeAsString();
        for (const v1::LostValue& lost : whole.lost())
            there = there || lost.change() == wrote.change();
        there = there || (wrote.field() == v1::POST_BODY && (madeBodyOf(whole, snapshot).contains(wrote.change()) ||
                                                             hasChange(whole.post(), wrote.change(), wrote.author())));
        if (!there)
            return false;
    }
    return true;
}

// Whether nothing of what a post was made with is missing but what somebody has written since.
bool holdsWords(const v1::Record& record, const v1::Change& made)
{
    v1::Record asked;
    asked.mutable_post()->set_title(made.create_post().title());
    asked.mutable_post()->set_body(made.create_post().body());
    *asked.mutable_post()->mutable_tags() = made.create_post().tags();
    for (const v1::Field field : {v1::POST_TITLE, v1::POST_BODY, v1::POST_TAGS})
        if (!writerOf(record, field) &&
            fieldValue(record, field).SerializeAsString() != fieldValue(asked, field).SerializeAsString())
            return false;
    return shows(made, record);
}

// Whether a version brings the record of a body up to the text changes that were accepted since, and does nothing else.
bool publishes(const v1::Record& record, const Snapshot& before)
{
    const auto located = before.find(*Id::from(record.id()));
    if (!located || !record.has_post() ||
        record.post().body_version().revision() <= located->record->post().body_version().revision())
        return false;
    const auto rest = [](v1::Record of) {
        of.mutable_post()->clear_body();
        of.mutable_post()->clear_body_version();
        of.mutable_post()->clear_contested();
        of.mutable_post()->clear_changes();
        for (int i = of.writers_size() - 1; i >= 0; --i)
            if (of.writers(i).field() == v1::POST_BODY)
                of.mutable_writers()->DeleteSubrange(i, 1);
        of.clear_changed_ms();
        of.clear_revision();
        return of.SerializeAsString();
    };
    return rest(record) == rest(*located->record);
}

} // namespace

void Ledger::note(const v1::Receipt& receipt, const v1::Change& change)
{
    const Id id = *Id::from(receipt.change());
    std::vector<std::pair<Feed, uint64_t>> effects;
    for (const v1::Effect& effect : receipt.effects())
        effects.emplace_back(*Feed::from(effect.feed()), effect.number());
    const auto [found, isNew] = accepted_.try_emplace(id, Accepted{change, effects, commits_, false});
    if (!isNew) {
        if (found->second.change.SerializeAsString() != change.SerializeAsString())
            throw Broken(once, "the change " + id.hex() + " was taken again with other bytes");
        if (found->second.effects != effects)
            throw Broken(once, "the change " + id.hex() + " was accepted again with other effects");
        return;
    }
    for (const auto& effect : effects) {
        const auto [maker, free] = madeBy_.emplace(effect, id);
        // What a change made came back before its author sent it again: then it has no number of its own.
        if (!free && !handed_.contains({effect.first, *Id::from(change.target())}))
            throw Broken(numbers, where(effect.first, effect.second) + " was given to two changes");
    }
}

void Ledger::noteBytes(const Feed& feed, uint64_t number, std::string_view bytes)
{
    if (bytes.size() > limits::recordBytesMax)
        throw Broken(limited, where(feed, number) + " holds " + std::to_string(bytes.size()) + " bytes");
    const Digest hash = hash128(bytes);
    const auto [found, isNew] = bytes_.emplace(std::pair(feed, number), hash);
    if (!isNew && !(found->second == hash))
        throw Broken(numbers, where(feed, number) + " holds other bytes than before");
    const auto [first, last] = lost_.equal_range({feed, number});
    if (isNew && !wentBack_ && first != last)
        throw Broken(numbers, where(feed, number) + " is used again after a restore");
}

std::optional<Digest> Ledger::bytesAt(const Feed& feed, uint64_t number) const
{
    const auto found = bytes_.find({feed, number});
    return found == bytes_.end() ? std::nullopt : std::optional(found->second);
}

void Ledger::committed(std::span<const Submission> submissions, const Committed& committed, const Snapshot& before,
                       const Snapshot& after, Counts& counts)
{
    ++commits_;
    struct Taken {
        v1::Change change;
        const v1::Receipt* receipt;
        const Actor* actor;
    };
    std::vector<Taken> taken;
    std::vector<const v1::Change*> fresh; // what stood already before is only told again
    for (size_t i = 0; i < submissions.size(); ++i) {
        const v1::Receipts& receipts = committed.receipts[i];
        for (int j = 0; j < receipts.receipts_size(); ++j) {
            v1::Change change;
            if (!receipts.receipts(j).has_refusal() &&
                change.ParseFromString(submissions[i].changes[size_t(j)].change()))
                taken.push_back({std::move(change), &receipts.receipts(j), &submissions[i].actor});
        }
    }
    for (const Taken& each : taken)
        if (!before.acceptedChange(*Id::from(each.change.id())))
            fresh.push_back(&each.change);
    Judge judge(before, after, fresh);
    for (const Taken& each : taken) {
        const v1::Change& change = each.change;
        const v1::Receipt& receipt = *each.receipt;
        const Id id = *Id::from(change.id());
        const bool isNew = !before.acceptedChange(id);
        if (!isAccepted(id)) {
            ++counts.changes[kindOf(change)];
            // What came back before its author sent it again is only told too.
            const auto effect = receipt.effects_size() == 1 ? Feed::from(receipt.effects(0).feed()) : std::nullopt;
            const bool cameBack = (change.has_create_post() || change.has_delete_()) && effect &&
                                  handed_.contains({*effect, *Id::from(change.target())}) &&
                                  before.find(*Id::from(change.target()));
            const auto there = cameBack ? before.find(*Id::from(change.target())) : std::nullopt;
            if (there && change.has_create_post() && !holdsWords(*there->record, change))
                throw Broken(kept, "the server took " + there->record->ShortDebugString() + " for " +
                                       change.ShortDebugString());
            if (!cameBack && isNew && !each.actor->server && !judge.mayHave(change, each.actor->person))
                throw Broken(allowed, "the server took " + change.ShortDebugString() + " from " +
                                          each.actor->person.hex() + ", who may not do that");
            noteNames(change);
        }
        if (isNew && receipt.effects_size() > 0)
            judge.done(change);
        note(receipt, change);
        if (const std::string wrong =
                isNew && change.has_edit_text() ? wronglyAccepted(change, receipt, before, after) : "";
            !wrong.empty())
            throw Broken(written, "of " + id.hex() + ", a change of " + toHex(change.target()) + ": " + wrong);
    }
    for (const auto& news : committed.news) {
        uint64_t above = std::max(heads_[news->state.feed], news->after);
        for (const StoredVersion& version : news->versions) {
            if (version.number <= above)
                throw Broken(numbers, where(news->state.feed, version.number) + " is not above those before it");
            above = version.number;
            noteBytes(news->state.feed, version.number, version.bytes);
            v1::Record record;
            record.ParseFromString(version.bytes);
            const auto maker = madeBy_.find({news->state.feed, version.number});
            const bool isAltered = std::any_of(fresh.begin(), fresh.end(), [&](const v1::Change* change) {
                return change->target() == version.id.view();
            });
            if (maker == madeBy_.end() && record.post().has_body_version() &&
                (isAltered || publishes(record, before))) {
                madeBy_[{news->state.feed, version.number}] = Id{};
                continue;
            }
            if (maker == madeBy_.end())
                throw Broken(once, where(news->state.feed, version.number) + " is no receipt's");
            const v1::Change& change = accepted_.at(maker->second).change;
            if (record.id() != change.target() || !shows(change, record))
                throw Broken(kept, where(news->state.feed, version.number) + " does not show " +
                                       change.ShortDebugString() + " but " + record.ShortDebugString());
        }
        heads_[news->state.feed] = news->upto;
    }
}

void Ledger::acknowledged(const v1::Receipt& receipt, const std::string& bytes)
{
    v1::Change change;
    if (receipt.has_refusal() || !change.ParseFromString(bytes))
        return;
    const Id id = *Id::from(change.id());
    if (!isAccepted(id) && wasLost(id))
        return; // on its way since before the server went back
    note(receipt, change);
    accepted_.at(id).acknowledged = true;
}

// ---- what restores took, and what comes back

void Ledger::restored(const Restored& how, const Snapshot& snapshot)
{
    heads_.clear();
    for (const FeedState& state : snapshot.feeds())
        heads_[state.feed] = state.head;
    inherited_ = heads_;
    const auto isThere = [&](const std::pair<Feed, uint64_t>& key) {
        const auto head = heads_.find(key.first);
        return head != heads_.end() && key.second <= head->second;
    };
    for (const auto& [key, bytes] : bytes_)
        if (!isThere(key))
            lost_.emplace(key, bytes);
    std::erase_if(bytes_, [&](const auto& each) { return !isThere(each.first); });
    std::erase_if(madeBy_, [&](const auto& each) { return !isThere(each.first); });
    std::erase_if(accepted_, [&](const auto& each) {
        const bool gone = each.second.commit > how.mark && !snapshot.acceptedChange(each.first);
        if (gone)
            lostChanges_.insert(each.first);
        return gone;
    });
    for (auto& [key, handed] : handed_)
        std::erase_if(handed, [&](const HandedNumber& each) { return each.commit > how.mark; });
    std::erase_if(handed_, [](const auto& each) { return each.second.empty(); });
    answered_.clear();
    unnoticed_ = !how.noticed;
    wentBack_ |= unnoticed_;
    if (unnoticed_) {
        backTo_ = heads_;
        backToEpoch_ = snapshot.epoch();
    }
}

bool Ledger::wasLost(const Feed& feed, uint64_t number, const Digest& bytes) const
{
    const auto [first, last] = lost_.equal_range({feed, number});
    return std::any_of(first, last, [&](const auto& each) { return each.second == bytes; });
}

bool Ledger::isOwed(const Feed& feed, uint64_t number, const Digest& bytes) const
{
    const auto there = bytesAt(feed, number);
    return wasLost(feed, number, bytes) && !(there && *there == bytes);
}

bool Ledger::isKnown(const Feed& feed, uint64_t number, const Digest& bytes) const
{
    const auto found = bytesAt(feed, number);
    return (found && *found == bytes) || wasLost(feed, number, bytes);
}

// The server went back to there; and who sent a change again may have got the same number for it, above that.
uint64_t Ledger::bothHaveUpTo(const Feed& feed) const
{
    const auto back = backTo_.find(feed);
    uint64_t number = back == backTo_.end() ? 0 : back->second;
    for (auto next = bytesAt(feed, number + 1); next && wasLost(feed, number + 1, *next);)
        next = bytesAt(feed, ++number + 1);
    return number;
}

uint64_t Ledger::answered(const RecordKey& record) const
{
    const auto found = answered_.find(record);
    return found == answered_.end() ? 0 : found->second;
}

void Ledger::handedBack(const Id& person, const v1::HandBack& handBack, const HandedBack& done, const Snapshot& before,
                        const Snapshot& after)
{
    ++commits_;
    const Feed feed = *Feed::from(handBack.feed());
    const Rights rights = rightsIn(before);
    const auto found = rights.find(person);
    const bool mayRead = found != rights.end() && found->second.contains(feed);
    const FeedState was = before.feedState(feed);
    bool ours = true, above = false, parted = false;
    for (const v1::Version& version : handBack.versions()) {
        const Digest bytes = hash128(version.record());
        const uint64_t epoch = version.number() >> limits::epochShift;
        ours = ours && isKnown(feed, version.number(), bytes);
        above = above || (version.number() > was.head && epoch >= before.epoch());
        // What was made once more has another seal.
        const std::string seal = before.sealAt(feed, version.number());
        const bool again = wasLost(feed, version.number(), bytes) && !seal.empty() && seal != version.seal();
        parted = parted || (version.number() <= was.head && epoch == before.epoch() &&
                            (again || isOwed(feed, version.number(), bytes)));
    }
    if (done.forged == ours)
        throw Broken(back, ours ? "what the server itself has made is taken for forged" : "a forged version is taken");
    if (done.newEpoch != (ours && mayRead && (above || parted)))
        throw Broken(back, std::string("the server ") +
                               (done.newEpoch ? "begins an epoch though nothing" : "does not notice that something") +
                               " is above its head, or has a number that it gave again");
    if (done.newEpoch) {
        unnoticed_ = false;
        inherited_.clear();
        for (const FeedState& state : before.feeds())
            inherited_[state.feed] = state.head;
    }
    if (done.parted) {
        inherited_[feed] = std::min(inherited_[feed], after.feedState(feed).inherited);
        if (inherited_[feed] > bothHaveUpTo(feed))
            throw Broken(back, "number " + std::to_string(inherited_[feed]) + " of " + toHex(feed.key()) +
                                   " is taken for what was there before the server went back");
    }

    std::set<Id> named;
    const auto olds = versionsOf(feed, before), news = versionsOf(feed, after);
    for (const v1::Version& version : handBack.versions()) {
        v1::Record theirs;
        theirs.ParseFromString(version.record());
        const Id id = *Id::from(theirs.id());
        named.insert(id);
        const RecordKey key{feed, id};
        const std::string what = toHex(feed.key()) + " number " + std::to_string(version.number()) + ", " + id.hex();
        const auto old = olds.find(id), now = news.find(id);
        const uint64_t oldNumber = old == olds.end() ? 0 : old->second.number;
        const bool altered = (now == news.end() ? 0 : now->second.number) != oldNumber;
        const auto unaltered = [&](const char* why) {
            if (altered)
                throw Broken(back, what + " is taken, and " + why);
        };
        if (!ours || !mayRead) {
            unaltered("may not be");
            continue;
        }
        answered_[key] = std::max(answered_[key], version.number());
        const Digest bytes = hash128(version.record());
        if (unnoticed_ || !isOwed(feed, version.number(), bytes)) {
            if (!wentBack_ || !wasLost(feed, version.number(), bytes))
                unaltered("was never lost");
            if (altered)
                handed_[key].push_back({version.number(), commits_});
            continue;
        }
        if (old != olds.end() && old->second.record.deleted()) {
            unaltered("was deleted");
            continue;
        }
        std::vector<HandedNumber>& handed = handed_[key];
        if (!handed.empty() && handed.back().number >= version.number()) {
            unaltered("newer ones came back before");
            continue;
        }
        handed.push_back({version.number(), commits_});
        if (theirs.deleted() && old == olds.end()) {
            unaltered("is not there"); // and no older one comes back
            continue;
        }
        const v1::Record& thing = theirs.deleted() ? old->second.record : theirs;
        const auto lives = before.find(id);
        const bool isElsewhere = lives && lives->feed != feed && !lives->record->deleted();
        const bool isOther =
            isElsewhere || (old != olds.end() && !theirs.deleted() && old->second.record.author() != theirs.author());
        const bool mergedSpace = thing.has_space() && old != olds.end() && !theirs.deleted();
        if ((!thing.has_post() && !thing.has_mark() && !mergedSpace) || isOther) {
            unaltered("is for the admin to say");
            bool waits = false;
            for (const HandedVersion& each : after.notTaken())
                waits = waits || (each.feed == feed && each.id == id && each.number == version.number());
            if (!waits)
                throw Broken(back, what + " does not wait for the admin");
            continue;
        }
        if (now == news.end() ||
            (theirs.deleted() ? !now->second.record.deleted() : !keeps(now->second.record, theirs, after)))
            throw Broken(back, what + " is not there: " + theirs.ShortDebugString() + ", but " +
                                   (now == news.end() ? "nothing" : now->second.record.ShortDebugString()));
        // An ancestor of what comes back, with which the server's life began: none that was made since the server went
        // back, before anybody noticed.
        const auto backTo = backTo_.find(feed);
        const bool inBackup = !wentBack_ || oldNumber >> limits::epochShift > backToEpoch_ ||
                              (backTo != backTo_.end() && oldNumber <= backTo->second);
        const bool untouched =
            old == olds.end() || (oldNumber <= inherited_[feed] && inBackup &&
                                  oldNumber >> limits::epochShift == version.number() >> limits::epochShift);
        // (A move that would make a circle is only kept.)
        const bool moved = theirs.post().parent() != now->second.record.post().parent();
        // (What was accepted since may not be in the record yet: then the bodies were merged, and that is a revision.)
        const bool lacked = old != olds.end() && theirs.has_post() &&
                            !before.revisionsAfter(id, old->second.record.post().body_version().revision(), 1).empty();
        const bool wrote = lacked && theirs.post().body_version().SerializeAsString() !=
                                         now->second.record.post().body_version().SerializeAsString();
        if (untouched && !mergedSpace && !moved && !wrote && now->second.bytes != version.record())
            throw Broken(back, what + " is there otherwise than it was: " + now->second.record.ShortDebugString());
        const auto maker = madeBy_.find({feed, oldNumber});
        const bool madeSince = oldNumber > inherited_[feed] && maker != madeBy_.end() && !maker->second.isNull();
        // (The record may have lacked text changes. They are in it now.)
        const auto whole = [&] {
            const v1::Record& record = old->second.record;
            const uint64_t revision = record.post().body_version().revision();
            return record.has_post() ? withRevisions(record, before.revisionsAfter(id, revision, SIZE_MAX)) : record;
        };
        if (madeSince && !keeps(now->second.record, whole(), after))
            throw Broken(back, what + " is taken over what was made since: " + old->second.record.ShortDebugString());
    }
    for (const auto& fresh : done.committed.news)
        for (const StoredVersion& version : fresh->versions)
            if (fresh->state.feed != feed || !named.contains(version.id))
                throw Broken(back, where(fresh->state.feed, version.number) + " was not handed back");
    noteMade(done.committed);
}

// By no change.
void Ledger::noteMade(const Committed& committed)
{
    for (const auto& news : committed.news) {
        const Feed& feed = news->state.feed;
        uint64_t above = std::max(heads_[feed], news->after);
        for (const StoredVersion& version : news->versions) {
            if (version.number <= above)
                throw Broken(numbers, where(feed, version.number) + " is not above those before it");
            above = version.number;
            noteBytes(feed, version.number, version.bytes);
            madeBy_[{feed, version.number}] = Id{};
        }
        heads_[feed] = news->upto;
    }
}

// ---- who was erased

void Ledger::noteNames(const v1::Change& change)
{
    std::set<std::string>& names = names_[*Id::from(change.target())];
    if (change.has_create_person())
        names.insert({change.create_person().name(), change.create_person().login()});
    for (const v1::FieldEdit& edit : change.edit().fields())
        if (edit.field() == v1::PERSON_NAME || edit.field() == v1::PERSON_ABOUT)
            names.insert(edit.value().text());
    // A short one may stand anywhere.
    std::erase_if(names, [](const std::string& name) { return name.size() < 16; });
}

void Ledger::published(const Committed& committed, const Snapshot& before)
{
    ++commits_;
    for (const auto& news : committed.news) {
        for (const StoredVersion& version : news->versions) {
            v1::Record record;
            if (!record.ParseFromString(version.bytes) || !publishes(record, before))
                throw Broken(once, where(news->state.feed, version.number) + " is more than the text of a post");
        }
    }
    noteMade(committed);
}

void Ledger::erased(const Committed& committed)
{
    ++commits_;
    noteMade(committed);
}

std::vector<std::string> Ledger::namesOf(const Id& person) const
{
    const auto found = names_.find(person);
    if (found == names_.end())
        return {};
    return {found->second.begin(), found->second.end()};
}

void Ledger::holdAgainst(const Snapshot& snapshot)
{
    std::map<std::pair<Feed, std::string>, uint64_t> there;
    for (const FeedState& state : snapshot.feeds()) {
        if (state.head < heads_[state.feed])
            throw Broken(kept, "the head of " + toHex(state.feed.key()) + " went back");
        heads_[state.feed] = state.head;
        Digest sum;
        uint64_t living = 0;
        for (const StoredVersion& version : snapshot.versionsAfter(state.feed, 0, 0, SIZE_MAX)) {
            noteBytes(state.feed, version.number, version.bytes);
            there[{state.feed, version.id.str()}] = version.number;
            if (version.deleted)
                continue;
            sum.add(versionDigest(version.id, version.number, version.bytes));
            ++living;
        }
        if (!(sum == state.digest) || living != state.records)
            throw Broken(sums, "the sum of " + toHex(state.feed.key()) + " is not that of its records");
    }
    for (const auto& [id, accepted] : accepted_) {
        if (!accepted.acknowledged)
            continue;
        const auto stored = snapshot.acceptedChange(id);
        if (!stored)
            throw Broken(kept, "the acknowledged change " + id.hex() + " is not known any more");
        for (const auto& [feed, number] : accepted.effects) {
            if (feed.kind == FeedKind::Person && erasing_.contains(feed.owner))
                continue;
            const auto found = there.find({feed, accepted.change.target()});
            if (found == there.end() || found->second < number)
                throw Broken(kept, "what " + where(feed, number) + " made is gone");
        }
    }
}

} // namespace stoa::test
