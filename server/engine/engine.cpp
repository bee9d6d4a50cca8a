#include "server/engine/engine.h"

#include <algorithm>
#include <unordered_map>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "shared/base/assert.h"
#include "shared/base/limits.h"
#include "shared/base/plant.h"
#include "shared/domain/fields.h"
#include "shared/domain/may.h"
#include "shared/domain/merge.h"

namespace stoa {

namespace {

constexpr size_t sealBytes = 16;

uint32_t epochOf(uint64_t number)
{
    return static_cast<uint32_t>(number >> limits::epochShift);
}

bool isSeal(std::string_view told, std::string_view right)
{
    return (told.size() == right.size() && CRYPTO_memcmp(told.data(), right.data(), right.size()) == 0) ||
           STOA_PLANT("seals not looked at");
}

void putNumber(std::string& to, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        to += static_cast<char>(number >> shift);
}

// Whether somebody may from now on read more, or less.
bool altersRights(const std::optional<Located>& before, const v1::Record& after)
{
    const v1::Record was = before ? *before->record : v1::Record();
    if (after.has_space() || was.has_space())
        return (was.space().visibility() != after.space().visibility() && !STOA_PLANT("visibility alters no rights")) ||
               was.deleted() != after.deleted();
    if (after.has_person() || was.has_person())
        return was.person().disabled() != after.person().disabled() || was.deleted() != after.deleted();
    return after.has_membership() || was.has_membership();
}

// Whether a right went, or a person's may be had again.
bool takesRights(const std::optional<Located>& before, const v1::Record& after)
{
    const v1::Record was = before ? *before->record : v1::Record();
    if (after.has_person())
        return was.person().disabled() != after.person().disabled() ||
               (was.person().admin() && !after.person().admin());
    return after.has_membership() && after.membership().role() < (before ? was.membership().role() : v1::CONTRIBUTOR);
}

// In pieces of about a batch: a commit may hold more than a frame does.
void addPieces(News whole, std::vector<std::shared_ptr<const News>>& to)
{
    News piece{.after = whole.after, .state = whole.state};
    size_t bytes = 0;
    const auto close = [&](uint64_t upto, bool last) {
        piece.upto = upto;
        piece.last = last;
        to.push_back(std::make_shared<const News>(std::move(piece)));
        piece = News{.after = upto, .state = whole.state};
        bytes = 0;
    };
    for (StoredVersion& version : whole.versions) {
        if (bytes > 0 && bytes + version.bytes.size() > limits::batchBytes)
            close(piece.versions.back().number, false);
        bytes += version.bytes.size();
        piece.versions.push_back(std::move(version));
    }
    close(whole.state.head, true);
}

void addNews(const Transaction& store, std::map<Feed, News> news, Committed& committed)
{
    for (auto& [feed, fresh] : news) {
        fresh.state = store.feedState(feed);
        // Of a record that was altered twice only the newest version is there.
        std::unordered_map<Id, uint64_t, IdHash> newest;
        for (const StoredVersion& version : fresh.versions)
            newest[version.id] = version.number;
        std::erase_if(fresh.versions,
                      [&](const StoredVersion& version) { return newest[version.id] != version.number; });
        addPieces(std::move(fresh), committed.news);
    }
}

// Whether a record is the post that is asked for: what nobody wrote since is as it was asked. Another may have its id
// (a changed client takes any), and who hears that theirs is there lets go of their words.
bool isThatPost(const v1::Record& record, const v1::CreatePost& asked, const Id& author)
{
    const v1::Post& post = record.post();
    const auto holds = [&](v1::Field field, bool isSame) { return isSame || writerOf(record, field); };
    return record.author() == author.view() && post.kind() == asked.kind() && post.space() == asked.space() &&
           holds(v1::POST_TITLE, post.title() == asked.title()) && holds(v1::POST_BODY, post.body() == asked.body()) &&
           holds(v1::POST_TAGS,
                 std::equal(post.tags().begin(), post.tags().end(), asked.tags().begin(), asked.tags().end()));
}

// Whether a change did already what it asks for, before a restore: others handed its record back first. Of what
// they may not read nobody hears that it is there.
std::optional<v1::Effect> cameBack(const Transaction& store, const v1::Change& change, const Context& context)
{
    const Actor& actor = context.actor;
    const auto id = Id::from(change.target());
    const auto there = id ? store.find(*id) : std::nullopt;
    if (!there || !store.handed(there->feed, *id))
        return std::nullopt;
    if (!mayRead(there->feed, actor, store, context.directory) && !STOA_PLANT("what came back is told to everybody"))
        return std::nullopt;
    const bool same = change.has_create_post() ? isThatPost(*there->record, change.create_post(), actor.person)
                                               : change.has_delete_() && there->record->deleted();
    if (!same)
        return std::nullopt;
    v1::Effect effect;
    effect.set_feed(there->feed.key());
    effect.set_number(store.version(there->feed, *id)->number);
    return effect;
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

v1::Receipt refusedReceipt(const std::string& change, const Refusal& refusal)
{
    v1::Receipt receipt;
    receipt.set_change(change);
    *receipt.mutable_refusal() = toProto(refusal);
    return receipt;
}

} // namespace

void Engine::FreeMac::operator()(EVP_MAC_CTX* mac) const
{
    EVP_MAC_CTX_free(mac);
}

Engine::Engine(Store& store, std::string_view sealKey, WallClock clock, Journal* journal)
    : store_(store), clock_(std::move(clock)), journal_(journal)
{
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    mac_.reset(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    if (!mac_ || EVP_MAC_init(mac_.get(), reinterpret_cast<const unsigned char*>(sealKey.data()), sealKey.size(),
                              parameters) != 1)
        throw std::runtime_error("The key of the seals cannot be used.");
    const auto snapshot = store_.snapshot();
    snapshot->refresh();
    organisation_ = snapshot->organisation();
    epoch_ = snapshot->epoch();
}

std::string Engine::seal(const Feed& feed, uint64_t number, const Id& id, std::string_view bytes) const
{
    std::string text;
    text.reserve(bytes.size() + 64);
    putNumber(text, number >> limits::epochShift);
    text += feed.key();
    putNumber(text, number);
    text += id.view();
    text += bytes;
    std::string mac(EVP_MAX_MD_SIZE, '\0');
    size_t size = 0;
    // A copy of one that knows the key: looking algorithm and key up each time costs more than the sum.
    const std::unique_ptr<EVP_MAC_CTX, FreeMac> summing(EVP_MAC_CTX_dup(mac_.get()));
    if (!summing ||
        EVP_MAC_update(summing.get(), reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1 ||
        EVP_MAC_final(summing.get(), reinterpret_cast<unsigned char*>(mac.data()), &size, mac.size()) != 1)
        throw std::runtime_error("The seal of a version cannot be computed.");
    mac.resize(sealBytes);
    return mac;
}

Committed Engine::submit(std::span<const Submission> submissions)
{
    const auto transaction = store_.begin();
    Committed committed = acceptAll(*transaction, submissions);
    transaction->commit();
    return committed;
}

Committed Engine::acceptAll(Transaction& store, std::span<const Submission> submissions)
{
    Committed committed;
    std::map<Feed, News> news;
    for (const Submission& submission : submissions) {
        v1::Receipts& receipts = committed.receipts.emplace_back();
        for (const v1::PushedChange& pushed : submission.changes)
            *receipts.add_receipts() = accept(store, submission.actor, pushed, committed, news);
    }
    addNews(store, std::move(news), committed);
    return committed;
}

v1::Receipt Engine::accept(Transaction& store, const Actor& actor, const v1::PushedChange& pushed, Committed& committed,
                           std::map<Feed, News>& news)
{
    const auto parsed = parseChange(pushed.change());
    if (!parsed)
        return refusedReceipt(changeId(pushed.change()), parsed.error());
    const v1::Change& change = *parsed;
    const auto id = Id::from(change.id());
    if (!id)
        return refusedReceipt(change.id(), {v1::INVALID});

    const Digest hash = hash128(pushed.change());
    if (const auto before = store.acceptedChange(*id)) {
        if (before->person != actor.person || (before->hash != hash && !STOA_PLANT("reused id not noticed")))
            return refusedReceipt(change.id(), {v1::ID_REUSED});
        v1::Receipt receipt;
        receipt.ParseFromString(before->effects);
        receipt.set_change(change.id());
        return receipt;
    }

    const int64_t nowMs = clock_();
    const Context context{actor, nowMs - std::clamp<int64_t>(pushed.age_ms(), 0, nowMs), organisation_};
    const auto outcome = apply(change, context, store);
    v1::Receipt receipt;
    if (!outcome) {
        const auto effect = cameBack(store, change, context);
        if (!effect)
            return refusedReceipt(change.id(), outcome.error());
        *receipt.add_effects() = *effect;
    } else {
        // Before the first is stored: a change has all of its effects or none.
        for (const Applied& version : outcome->versions) {
            if (version.record.ByteSizeLong() > limits::recordBytesMax)
                return refusedReceipt(change.id(),
                                      {v1::TOO_LONG, v1::FIELD_NONE, static_cast<int64_t>(limits::recordBytesMax)});
        }
        for (const Applied& version : outcome->versions) {
            v1::Effect* effect = receipt.add_effects();
            effect->set_feed(version.feed.key());
            effect->set_number(put(store, version, epoch_, committed, news));
        }
    }
    if (!STOA_PLANT("no idempotency"))
        store.addAcceptedChange(*id, {actor.person, hash, receipt.SerializeAsString()});
    receipt.set_change(change.id());
    return receipt;
}

uint64_t Engine::put(Transaction& store, const Applied& version, uint32_t epoch, Committed& committed,
                     std::map<Feed, News>& news)
{
    const uint64_t head = store.feedState(version.feed).head;
    const uint64_t begin = STOA_PLANT("number reuse") ? 0 : uint64_t{epoch} << limits::epochShift;
    StoredVersion stored{
        .number = std::max(head, begin) + 1, .id = *Id::from(version.record.id()), .deleted = version.record.deleted()};
    stored.bytes = version.record.SerializeAsString();
    stored.seal = seal(version.feed, stored.number, stored.id, stored.bytes);
    if (!version.record.has_post() && !version.record.has_mark()) {
        const auto before = store.find(stored.id);
        committed.rightsAltered |= altersRights(before, version.record);
        if (journal_ && takesRights(before, version.record))
            journal_->rightsTaken(version.record);
    }
    store.put(version, stored);
    const uint64_t number = stored.number;
    News& fresh = news.try_emplace(version.feed, News{.after = head}).first->second;
    fresh.versions.push_back(std::move(stored));
    return number;
}

void Engine::revokeDevice(const Id& device)
{
    const auto transaction = store_.begin();
    transaction->removeDevice(device);
    if (journal_)
        journal_->deviceRevoked(device);
    transaction->commit();
}

Committed Engine::erasePerson(const Id& person)
{
    const auto transaction = store_.begin();
    const Feed directory{FeedKind::Directory, organisation_};
    const auto before = transaction->version(directory, person);
    Committed committed;
    const bool isKnown = before || !STOA_PLANT("erased only where they are known");
    if (isKnown && (!before || !before->deleted)) {
        const auto known = transaction->find(person);
        v1::Record tombstone;
        tombstone.set_id(person.str());
        tombstone.set_revision(known ? known->record->revision() + 1 : 1);
        tombstone.set_changed_ms(known ? std::max(known->record->changed_ms(), clock_()) : clock_());
        tombstone.set_deleted(true);
        std::map<Feed, News> news;
        put(*transaction, {directory, std::move(tombstone)}, epoch_, committed, news);
        addNews(*transaction, std::move(news), committed);
        committed.rightsAltered = true;
    }
    // Also where it was done before: that may have been cut off before the files were overwritten.
    transaction->erase(person);
    if (journal_)
        journal_->personErased(person);
    transaction->commit();
    return committed;
}

// ---- what was lost and comes back

void Engine::beginEpoch(uint32_t epoch)
{
    STOA_ASSERT(epoch > epoch_);
    const auto transaction = store_.begin();
    transaction->beginEpoch(epoch);
    if (journal_)
        journal_->epochBegun(epoch);
    transaction->commit();
    epoch_ = epoch;
}

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
        if (!id || !isSeal(version.seal(), seal(*feed, handed.number, *id, handed.bytes))) {
            done.forged = true;
            return done;
        }
        handed.id = *id;
        versions.emplace_back(std::move(handed), std::move(record));
    }

    const auto transaction = store_.begin();
    if (!mayRead(*feed, {.person = person}, *transaction, organisation_) && !STOA_PLANT("anybody hands back"))
        return done;
    uint32_t epoch = epoch_;
    const uint64_t head = transaction->feedState(*feed).head;
    for (const auto& [handed, record] : versions) {
        if (handed.number > head && epochOf(handed.number) >= epoch)
            epoch = epochOf(handed.number) + 1;
    }
    // Numbers that were given twice in an older epoch are given no more: then this feed alone went back further.
    const Parting parting = partingOf(*transaction, *feed, handedBack);
    done.parted = parting.newest != 0;
    if (done.parted)
        epoch = std::max(epoch, epochOf(parting.newest) + 1);
    done.newEpoch = epoch != epoch_;
    // One that was begun before has given numbers already.
    if (done.newEpoch && journal_)
        epoch = std::max(epoch, journal_->lastEpoch() + 1);
    if (done.newEpoch) {
        transaction->beginEpoch(epoch);
        if (journal_)
            journal_->epochBegun(epoch);
    }
    if (done.parted)
        transaction->lowerInherited(*feed, parting.matches);
    std::map<Feed, News> news;
    uint32_t taken = 0;
    for (size_t i = 0; i < versions.size(); ++i) {
        auto& [handed, record] = versions[i];
        if (isOurs(*transaction, *feed, handed.number, handedBack.versions(int(i)).seal()))
            continue; // never lost
        taken += take(*transaction, std::move(handed), record, epoch, done.committed, news) ? 1 : 0;
    }
    addNews(*transaction, std::move(news), done.committed);
    transaction->commit();
    epoch_ = epoch;
    done.answer.set_taken(taken);
    done.answer.set_not_taken(static_cast<uint32_t>(handedBack.versions_size()) - taken);
    return done;
}

bool Engine::take(Transaction& store, HandedVersion handed, const v1::Record& record, uint32_t epoch,
                  Committed& committed, std::map<Feed, News>& news)
{
    const Feed feed = handed.feed;
    const uint64_t inherited = store.inheritedAfter(feed, epochOf(handed.number));
    if (epochOf(handed.number) >= epoch || handed.number <= inherited)
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
    // Somebody else's, made here since under the id of what was lost: two things are not one.
    if (present && !theirs.deleted() && mine.author() != theirs.author()) {
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
    const bool follows = !present || present->number <= inherited || (known && known->storedAs == present->number);
    v1::Record merged = follows ? theirs : mine;
    const bool alters = follows || mergeHandedBack(merged, theirs);
    if (alters) {
        if (!STOA_PLANT("moves meet in a circle"))
            keepOutOfCircle(merged, present ? &mine : nullptr, store);
        const uint64_t number = put(store, {feed, std::move(merged)}, epoch, committed, news);
        handed.storedAs = follows ? number : 0;
        if (STOA_PLANT("what came back counts under its new number"))
            handed.number = number;
    }
    handed.bytes.clear();
    store.putHanded(handed);
    return alters;
}

Result<Id> Engine::createOrganisation(const std::string& name, const Random& random)
{
    if (!organisation_.isNull())
        return v1::EXISTS;
    const int64_t nowMs = clock_();
    const Id id = newId(nowMs, random);
    v1::Change change;
    change.set_id(newId(nowMs, random).str());
    change.set_target(id.str());
    change.set_made_ms(nowMs);
    change.mutable_create_organisation()->set_name(name);
    Submission submission{.actor = {.server = true}};
    submission.changes.emplace_back().set_change(change.SerializeAsString());
    const auto transaction = store_.begin();
    transaction->setOrganisation(id, epoch_);
    const Committed committed = acceptAll(*transaction, {&submission, 1});
    const v1::Receipt& receipt = committed.receipts.front().receipts(0);
    if (receipt.has_refusal())
        return fromProto(receipt.refusal());
    transaction->commit();
    organisation_ = id;
    return id;
}

} // namespace stoa
