// A server that goes back to an older state, and what its devices hand back to it.

#include <algorithm>

#include "shared/domain/fields.h"
#include "tests/simulation/world.h"

namespace stoa::test {

namespace {

constexpr const char* shut = "whom a restore would let in stays out";

struct People {
    std::map<Id, v1::Record> rights; // people and memberships
    std::set<Id> devices;
};

People peopleIn(Snapshot& snapshot)
{
    People people;
    snapshot.refresh();
    for (const auto kind : {v1::Record::kPerson, v1::Record::kMembership})
        for (const Located& located : snapshot.all(kind))
            people.rights[*Id::from(located.record->id())] = *located.record;
    for (const stoa::Device& device : snapshot.devices())
        people.devices.insert(device.id);
    snapshot.rest();
    return people;
}

// Nobody may do more than just before, nor comes in with what was revoked. Of whom the journal tells what was only
// asked for, that holds.
void requireNoMore(const People& before, const People& now, const KeptJournal& journal)
{
    std::set<Id> askedOnly;
    for (const KeptJournal::Entry& entry : journal.entries())
        if (!entry.done && entry.right.has_person())
            askedOnly.insert(*Id::from(entry.right.id()));
    for (const auto& [id, is] : now.rights) {
        const auto found = before.rights.find(id);
        if (found == before.rights.end() || askedOnly.contains(id))
            continue;
        const v1::Record& was = found->second;
        if (is.person().disabled() != was.person().disabled() || (is.person().admin() && !was.person().admin()) ||
            is.membership().role() > was.membership().role())
            throw Broken(shut, "it was " + was.ShortDebugString() + " and is again " + is.ShortDebugString());
    }
    for (const Id& device : now.devices)
        if (!before.devices.contains(device))
            throw Broken(shut, "the device " + device.hex() + " comes in again");
}

// A thing deleted stays deleted: no version of it can be given back to the server.
bool isDeleted(const RecordKey& key, Snapshot& server)
{
    server.refresh();
    const std::vector<StoredVersion> versions = server.versionsAfter(key.first, 0, 0, SIZE_MAX);
    server.rest();
    return std::any_of(versions.begin(), versions.end(),
                       [&](const StoredVersion& each) { return each.deleted && each.id == key.second; });
}

} // namespace

void World::backUp()
{
    say("a backup is made");
    disk_.remove(backupFolder_);
    disk_.copy(serverFolder_, backupFolder_);
    backup_ = Backup{ledger_.mark(), journal_};
}

void World::restore(bool noticed)
{
    say(noticed ? "the backup is restored" : "the server goes back");
    for (const auto& device : devices_)
        if (device->replica)
            checkCameBack(*device, false);
    const People before = peopleIn(*after_);
    disk_.stopAfter(serverFolder_, 0);
    closeServer();
    disk_.remove(serverFolder_);
    disk_.processKilled(serverFolder_);
    disk_.heal(serverFolder_); // also a new one
    disk_.copy(backupFolder_, serverFolder_);
    ++life_;
    wentBack_ = wentBack_ || !noticed;
    const size_t known = backup_->journal.entries().size();
    const std::vector<KeptJournal::Entry> entries = journal_.entries();
    if (!noticed) {
        // But for the epochs: with one number for two of them, who was just reading anew cannot tell them apart.
        const uint32_t lastEpoch = journal_.lastEpoch();
        journal_ = backup_->journal;
        journal_.epochBegun(lastEpoch);
    }
    openServer(Restored{backup_->mark, noticed});
    if (!noticed) {
        for (const auto& device : devices_)
            device->leftOut = device->unsealed;
        // Whoever had somebody erased sees that they are there again.
        for (size_t i = known; i < entries.size(); ++i)
            if (!entries[i].erased.isNull())
                eraseAtOnce(entries[i].erased);
        checkErased(false);
        // Some stay away for a while, and others get numbers that were given before.
        const int away = mint_.chance(50) ? 100 : 50;
        for (const auto& device : devices_) {
            if (device->replica && mint_.chance(away)) {
                kill(*device, false);
                startLater(*device);
            }
        }
        for (uint64_t i = mint_.number(40); i > 0; --i)
            adminWrites();
        return;
    }
    engine_->beginEpoch(std::max(engine_->epoch(), journal_.lastEpoch()) + 1);
    replayJournal(known);
    checkErased(false);
    // Where the server went back without a word, the journal knows more than it did.
    if (!wentBack_)
        requireNoMore(before, peopleIn(*after_), journal_);
}

// What `stoad restore` does with it: of a person the last word counts, of roles the lowest, and nobody gets more.
void World::replayJournal(size_t from)
{
    const std::vector<KeptJournal::Entry> entries(journal_.entries().begin() + int64_t(from), journal_.entries().end());
    std::map<Id, v1::Record> people;
    for (const KeptJournal::Entry& entry : entries)
        if (entry.right.has_person())
            people[*Id::from(entry.right.id())] = entry.right;
    const auto again = [this](v1::Change change) {
        Submission submission{.actor = {.server = true}, .changes = {}};
        submission.changes.emplace_back().set_change(change.SerializeAsString());
        (void)submitAtOnce(std::move(submission));
    };
    const auto recordOf = [this](const Id& id) {
        after_->refresh();
        const auto located = after_->find(id);
        after_->rest();
        return located ? *located->record : v1::Record();
    };
    const auto set = [&](const Id& person, v1::Field field, bool to) {
        v1::Change change = mint_.change(person, agenda_.nowMs());
        v1::FieldEdit& edit = *change.mutable_edit()->add_fields();
        edit.set_field(field);
        edit.mutable_value()->set_number(to ? 1 : 0);
        const v1::Record is = recordOf(person);
        if (const v1::Writer* writer = writerOf(is, field))
            edit.set_seen(writer->change());
        again(change);
    };
    for (const auto& [id, wanted] : people) {
        const v1::Record is = recordOf(id);
        if (!is.has_person())
            continue;
        if (is.person().disabled() != wanted.person().disabled())
            set(id, v1::PERSON_DISABLED, wanted.person().disabled());
        if (is.person().admin() && !wanted.person().admin())
            set(id, v1::PERSON_ADMIN, false);
    }
    for (const KeptJournal::Entry& entry : entries) {
        if (!entry.device.isNull())
            revoke(entry.device);
        if (!entry.erased.isNull())
            eraseAtOnce(entry.erased);
        if (!entry.right.has_membership())
            continue;
        const v1::Membership& wanted = entry.right.membership();
        const v1::Record is = recordOf(*Id::from(entry.right.id()));
        if (is.has_membership() && is.membership().role() > wanted.role())
            again(mint_.member(*Id::from(wanted.space()), *Id::from(wanted.person()), wanted.role(), agenda_.nowMs()));
    }
}

void World::revoke(const Id& device)
{
    journal_.begin();
    engine_->revokeDevice(device);
    journal_.done();
}

Committed World::submitAtOnce(Submission submission)
{
    before_->refresh();
    journal_.begin();
    Committed committed = engine_->submit({&submission, 1});
    journal_.done();
    after_->refresh();
    ledger_.committed({&submission, 1}, committed, *before_, *after_, counts_);
    rights_ = std::make_shared<const Rights>(rightsIn(*after_));
    before_->rest();
    after_->rest();
    return committed;
}

void World::takeBack(const std::shared_ptr<Link>& link, const v1::HandBack& versions)
{
    if (!link->serverOpen)
        return;
    before_->refresh();
    HandedBack done;
    try {
        journal_.begin();
        done = engine_->handBack(link->person, versions);
        journal_.done();
    } catch (const StorageError&) {
        if (disk_.isStopped(serverFolder_))
            throw;
        before_->rest();
        return link->session->goodbye({.code = v1::STORAGE, .retryAfterMs = 10'000});
    }
    after_->refresh();
    say("handed back: " + std::to_string(done.answer.taken()) + " taken, " + std::to_string(done.answer.not_taken()) +
        " not" + (done.forged ? ", forged" : "") + (done.parted ? ", parted" : "") +
        (done.newEpoch ? ", an epoch begins" : ""));
    ledger_.handedBack(link->person, versions, done, *before_, *after_);
    rights_ = std::make_shared<const Rights>(rightsIn(*after_));
    before_->rest();
    after_->rest();
    if (done.forged)
        return link->session->goodbye({v1::PROTOCOL});
    tell(done.committed);
    if (done.newEpoch) {
        ++life_;
        for (const auto& each : std::vector(links_))
            each->session->goodbye({.code = v1::BUSY, .retryAfterMs = 1'000});
        return;
    }
    post(
        link, [answer = done.answer](Session& session) { session.handedBack(answer); }, rights_);
}

// What the server lost and this device still has, before it hears of it.
void World::noteHeld(Device& device, const v1::Welcome& welcome)
{
    // What is named no more was not handed back yet, and will not be now.
    std::set<Feed> told;
    for (const v1::FeedHead& head : welcome.feeds())
        told.insert(*Feed::from(head.feed()));
    std::erase_if(device.named, [&](const Feed& feed) { return !told.contains(feed); });
    // Of a life that has ended meanwhile nothing is to be known.
    if (welcome.epoch() != engine_->epoch())
        return;
    const bool isNew = device.life != life_;
    if (isNew)
        device.equal.clear();
    for (const v1::FeedHead& head : welcome.feeds()) {
        const FollowedFeed* known = device.replica->feed(*Feed::from(head.feed()));
        if (known && known->complete && known->cursor == head.head() && known->digest.str() == head.digest())
            device.equal.insert(known->feed);
    }
    if (!isNew)
        return;
    device.held.clear();
    device.named.clear();
    device.compared.clear();
    for (const v1::FeedHead& head : welcome.feeds())
        device.named.insert(*Feed::from(head.feed()));
    Statement rows(device.look->database(), "SELECT f.key, r.id, r.number, CASE WHEN s.row IS NULL THEN r.bytes ELSE "
                                            "s.bytes END, CASE WHEN s.row IS NULL THEN r.deleted ELSE s.deleted END "
                                            "FROM records r JOIN feeds f USING (feed) LEFT JOIN shadows s "
                                            "ON s.row = r.row WHERE r.number > 0");
    while (rows.step()) {
        const Feed feed = *Feed::from(rows.text(0));
        const uint64_t number = uint64_t(rows.number(2));
        const Digest bytes = hash128(rows.text(3));
        if (ledger_.isOwed(feed, number, bytes))
            device.held[{feed, *Id::from(rows.text(1))}] = {number, bytes, rows.number(4) != 0};
    }
    // What was answered before is not answered any more.
    Statement pending(device.look->database(), "SELECT id, state FROM outbox WHERE state IN (1, 2)");
    while (pending.step()) {
        const auto mine = device.mine.find(*Id::from(pending.text(0)));
        if (mine != device.mine.end())
            mine->second.unansweredIn = life_;
    }
}

// What is handed back once more in this life: where the two turn out to have parted, and where the reading anew after
// what was handed back did not come to its end.
void World::noteOwed(Device& device, const v1::Envelope& envelope)
{
    if (envelope.has_parted())
        device.owed.insert(*Feed::from(envelope.parted().feed()));
    for (const auto* heads : {&envelope.welcome().feeds(), &envelope.feeds().feeds()}) {
        for (const v1::FeedHead& head : *heads) {
            const FollowedFeed* feed = device.replica->feed(*Feed::from(head.feed()));
            if (feed && feed->anew)
                device.owed.insert(feed->feed);
        }
    }
}

// Nothing that a device held when the server had lost it goes before it was handed back, and in the end all of it
// was that the device's person may read.
void World::checkCameBack(Device& device, bool atEnd)
{
    constexpr const char* name = "what a restore lost comes back";
    if (device.life != life_ || device.held.empty() || ledger_.isErasing(device.person))
        return;
    std::map<RecordKey, uint64_t> there;
    Statement rows(device.look->database(), "SELECT f.key, r.id, r.number FROM records r JOIN feeds f USING (feed)");
    while (rows.step())
        there[{*Feed::from(rows.text(0)), *Id::from(rows.text(1))}] = uint64_t(rows.number(2));
    const auto rights = rights_->find(device.person);
    const auto lives = [&](const RecordKey& key) {
        after_->refresh();
        const auto located = after_->find(key.second);
        after_->rest();
        return located && located->feed == key.first && !located->record->deleted();
    };
    for (const auto& [key, held] : device.held) {
        if (ledger_.answered(key) >= held.number || !ledger_.isOwed(key.first, held.number, held.bytes))
            continue;
        // Who has all that lives names nothing, and a deletion is in no sum. What it deleted is gone all the same.
        if (held.deleted && device.equal.contains(key.first) && !lives(key))
            continue;
        const std::string what = nameOf(device) + " held " + key.second.hex() + " as number " +
                                 std::to_string(held.number) + " of " + toHex(key.first.key()) +
                                 ", which the server has lost";
        const auto found = there.find(key);
        const bool isGone = found == there.end() || found->second != held.number;
        if ((isGone || atEnd) && isDeleted(key, *after_))
            continue;
        if (isGone)
            throw Broken(name, what + ", and let it go before it was handed back");
        if (atEnd && rights != rights_->end() && rights->second.contains(key.first))
            throw Broken(name, what + ", and never handed it back");
    }
}

} // namespace stoa::test
