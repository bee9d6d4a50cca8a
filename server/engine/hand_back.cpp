// What a server restored from a backup lost, and devices hand back (docs/architecture.md, rule 11).

#include <algorithm>

#include "server/engine/engine.h"
#include "server/engine/texts.h"
#include "shared/base/limits.h"
#include "shared/base/plant.h"
#include "shared/domain/body.h"
#include "shared/domain/fields.h"
#include "shared/domain/may.h"
#include "shared/domain/merge.h"
#include "shared/domain/revision.h"

namespace stoa {

namespace {

uint32_t epochOf(uint64_t number)
{
    return static_cast<uint32_t>(number >> limits::epochShift);
}

// Whether this very version has its number here, or had it.
bool isOurs(const Transaction& store, const Feed& feed, uint64_t number, std::string_view seal)
{
    return !seal.empty() && store.sealAt(feed, number) == seal;
}

// Where what a replica has parts from what is here.
struct Parting {
    uint64_t newest = 0;  // the newest of its numbers that others have here; 0: none
    uint64_t matches = 0; // the newest number below all of those that both are known to have
};

Parting partingOf(const Transaction& store, const Feed& feed, const v1::HandBack& handedBack)
{
    Parting parting;
    uint64_t first = UINT64_MAX;
    for (const v1::Version& version : handedBack.versions()) {
        const std::string here = store.sealAt(feed, version.number());
        if (here.empty() || here == version.seal())
            continue;
        parting.newest = std::max(parting.newest, version.number());
        first = std::min(first, version.number());
    }
    const auto note = [&](uint64_t number, std::string_view seal) {
        if (parting.newest != 0 && number < first && isOurs(store, feed, number, seal))
            parting.matches = std::max(parting.matches, number);
    };
    note(handedBack.matches().number(), handedBack.matches().seal());
    for (const v1::Version& version : handedBack.versions())
        note(version.number(), version.seal());
    return parting;
}

void dropWriter(v1::Record& record, v1::Field field)
{
    auto& writers = *record.mutable_writers();
    writers.erase(
        std::remove_if(writers.begin(), writers.end(), [&](const v1::Writer& each) { return each.field() == field; }),
        writers.end());
}

} // namespace

HandedBack Engine::handBack(const Id& person, const v1::HandBack& handedBack)
{
    HandedBack done;
    done.answer.set_feed(handedBack.feed());
    done.answer.set_not_taken(static_cast<uint32_t>(handedBack.versions_size()));
    const auto feed = Feed::from(handedBack.feed());
    if (!feed)
        return done;
    std::vector<std::pair<HandedVersion, v1::Record>> versions;
    for (const v1::Version& version : handedBack.versions()) {
        HandedVersion handed{
            .feed = *feed, .number = version.number(), .person = person, .timeMs = clock_(), .bytes = version.record()};
        v1::Record record;
        const auto id = record.ParseFromString(version.record()) ? Id::from(record.id()) : std::nullopt;
        if (!id ||
            !(isSeal(version.seal(), *feed, handed.number, *id, handed.bytes) || STOA_PLANT("seals not looked at"))) {
            done.forged = true;
            return done;
        }
        handed.id = *id;
        versions.emplace_back(std::move(handed), std::move(record));
    }

    const auto transaction = store_.begin();
    if (!mayRead(*feed, {.person = person}, *transaction, organisation_) && !STOA_PLANT("anybody hands back"))
        return done;
    Work work = this->work(*transaction);
    work.handedBack = true;
    const uint64_t head = transaction->feedState(*feed).head;
    for (const auto& [handed, record] : versions) {
        if (handed.number > head && epochOf(handed.number) >= work.epoch)
            work.epoch = epochOf(handed.number) + 1;
    }
    // Numbers that were given twice in an older epoch are given no more: then this feed alone went back further.
    const Parting parting = partingOf(*transaction, *feed, handedBack);
    done.parted = parting.newest != 0;
    if (done.parted)
        work.epoch = std::max(work.epoch, epochOf(parting.newest) + 1);
    done.newEpoch = work.epoch != epoch_;
    // One that was begun before has given numbers already.
    if (done.newEpoch && journal_)
        work.epoch = std::max(work.epoch, journal_->lastEpoch() + 1);
    if (done.newEpoch) {
        transaction->beginEpoch(work.epoch);
        if (journal_)
            journal_->epochBegun(work.epoch);
    }
    if (done.parted)
        transaction->lowerInherited(*feed, parting.matches);
    uint32_t taken = 0;
    for (auto& [handed, record] : versions) {
        if (isSeal(transaction->sealAt(*feed, handed.number), *feed, handed.number, handed.id, handed.bytes))
            continue; // not lost, or made here once more
        taken += take(work, std::move(handed), record) ? 1 : 0;
    }
    done.committed = commit(work);
    epoch_ = work.epoch;
    done.answer.set_taken(taken);
    done.answer.set_not_taken(static_cast<uint32_t>(handedBack.versions_size()) - taken);
    return done;
}

bool Engine::take(Work& work, HandedVersion handed, const v1::Record& record)
{
    Transaction& store = work.store;
    const Feed feed = handed.feed;
    const uint64_t inherited = store.inheritedAfter(feed, epochOf(handed.number));
    if (epochOf(handed.number) >= work.epoch || handed.number <= inherited)
        return false; // never lost
    const auto known = store.handed(feed, handed.id);
    if (known && known->number >= handed.number)
        return false;
    const auto present = store.version(feed, handed.id);
    if (present && present->deleted)
        return false;

    v1::Record mine;
    if (present && !mine.ParseFromString(present->bytes))
        throw StorageError("The database holds a record that cannot be read. Please run \"stoad check\".");
    v1::Record theirs = record;
    if (theirs.deleted() && !present) {
        // There is nothing to delete, but an older version of it may still come from somebody else.
        handed.bytes.clear();
        store.putHanded(handed);
        return false;
    }
    // Made here since, by somebody else or elsewhere, under the id of what was lost: two things are not one.
    const auto located = store.find(handed.id);
    const bool isElsewhere = located && located->feed != feed && !located->record->deleted();
    if (isElsewhere || (present && !theirs.deleted() && mine.author() != theirs.author())) {
        store.putHanded(handed);
        return false;
    }
    const v1::Record& thing = theirs.deleted() ? mine : theirs; // a tombstone does not say of what
    if (thing.has_space() && present && !theirs.deleted()) {
        // Who may read it is the admin's to say again.
        theirs.mutable_space()->set_visibility(mine.space().visibility());
    } else if (!thing.has_post() && !thing.has_mark()) {
        store.putHanded(handed);
        return false;
    }
    // Nothing was made here on top of what the epoch began with, or of what came back before.
    bool follows = !present || present->number <= inherited || (known && known->storedAs == present->number);
    const bool hasBody = present && mine.has_post() && theirs.has_post();
    if (hasBody) {
        const Located now = presentOf(store, {feed, std::make_shared<v1::Record>(mine)});
        const bool lacks = now.record->revision() != mine.revision();
        const v1::TextVersion& version = theirs.post().body_version();
        const bool isKnown =
            version.revision() == 0 ? !writerOf(theirs, v1::POST_BODY) : knowsBody(store, *now.record, version);
        // What was accepted here since, a body of another line lacks.
        const uint64_t newest = std::max(now.record->post().body_version().revision(), store.newestRevision(handed.id));
        // Also ahead of this epoch, where nobody noticed yet that the server had gone back.
        const bool goesOn =
            lacks ? hasChangesOf(theirs.post(), now.record->post()) : !lacksChangeOf(theirs.post(), now.record->post());
        if (!isKnown && newest > 0 && (!goesOn || version.revision() <= newest))
            follows = false;
        if (!follows)
            mine = *now.record;
        const bool isPart = theirs.post().has_body_version() && hasChangesOf(now.record->post(), theirs.post());
        if (!follows && (isKnown || isPart))
            dropWriter(theirs, v1::POST_BODY); // theirs is one that the present one was made of
    }
    v1::Record merged = follows ? theirs : mine;
    const bool alters = follows || mergeHandedBack(merged, theirs);
    if (alters) {
        if (!STOA_PLANT("moves meet in a circle"))
            keepOutOfCircle(merged, present ? &mine : nullptr, store);
        if (hasBody && !follows) {
            addDifference(work, mine, merged, false);
            // What was approved is not approved with another reason or date.
            if (isSameVersion(mine.post().body_version(), merged.post().body_version()))
                addRewording(work, mine, merged, clock_());
            makeRoom(merged);
        }
        const uint64_t number = put(work, {feed, std::move(merged)});
        handed.storedAs = follows ? number : 0;
        if (STOA_PLANT("what came back counts under its new number"))
            handed.number = number;
        if (hasBody)
            noteLacking(work, handed.id);
    }
    handed.bytes.clear();
    store.putHanded(handed);
    return alters;
}

} // namespace stoa
