#include "server/engine/engine.h"

#include <algorithm>
#include <unordered_map>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "server/engine/texts.h"
#include "shared/base/assert.h"
#include "shared/base/limits.h"
#include "shared/base/plant.h"
#include "shared/domain/fields.h"
#include "shared/domain/may.h"
#include "shared/domain/review.h"
#include "shared/domain/shape.h"

namespace stoa {

namespace {

constexpr size_t sealBytes = 16;
constexpr size_t momentBytes = 4; // of them: milliseconds, which come again after seven weeks

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

// Those of one body in pieces of about a batch, and none with a gap.
void addTexts(std::map<Id, std::vector<v1::Revision>> texts, Committed& committed)
{
    for (auto& [post, revisions] : texts) {
        TextNews piece{.post = post, .gone = revisions.empty()};
        size_t bytes = 0;
        const auto close = [&] {
            committed.texts.push_back(std::make_shared<const TextNews>(std::move(piece)));
            piece = TextNews{.post = post};
            bytes = 0;
        };
        for (v1::Revision& revision : revisions) {
            const bool follows =
                piece.revisions.empty() || revision.after() == piece.revisions.back().version().revision();
            if (!follows || (bytes > 0 && bytes + revision.text().size() > limits::batchBytes))
                close();
            if (piece.revisions.empty())
                piece.after = revision.after();
            bytes += revision.text().size() + sizeof(v1::Revision);
            piece.revisions.push_back(std::move(revision));
        }
        close();
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

// Text changes are not among these.
bool writesBody(const v1::Change& change)
{
    return change.has_edit() && Id::from(change.target()) &&
           std::ranges::any_of(change.edit().fields(),
                               [](const v1::FieldEdit& each) { return each.field() == v1::POST_BODY; });
}

// What else is approved with a proposal's text.
bool rewords(const v1::Change& change)
{
    return change.has_edit() && Id::from(change.target()) &&
           std::ranges::any_of(change.edit().fields(), [](const v1::FieldEdit& each) {
               return each.field() == v1::PROPOSAL_REASON || each.field() == v1::PROPOSAL_DATE;
           });
}

// The post whose body as it is a change is held against: its record may lack revisions.
std::optional<Id> readsBody(const v1::Change& change)
{
    if (writesBody(change) || rewords(change))
        return Id::from(change.target());
    const v1::SetMark& mark = change.set_mark();
    return mark.kind() == v1::APPROVAL || mark.kind() == v1::CONFIRMED ? Id::from(mark.on()) : std::nullopt;
}

// Whether a page would have one more open proposal than it may, or than its author may have there (an import speaks for
// its source).
Result<void> checkOpenProposals(const Transaction& store, const v1::Record& record, const Actor& actor)
{
    const v1::Post& post = record.post();
    const auto id = Id::from(record.id()), page = Id::from(post.parent()), author = Id::from(record.author());
    if (post.kind() != v1::PROPOSAL || !isOpen(post.proposal()) || !id || !page)
        return {};
    const auto open = store.openProposals(*page);
    if (std::ranges::any_of(open, [&](const OpenProposal& each) { return each.proposal == *id; }))
        return {};
    const auto tooMany = [](size_t most) { return Refusal{v1::TOO_MANY, v1::FIELD_NONE, static_cast<int64_t>(most)}; };
    if (open.size() >= limits::openProposalsMax)
        return tooMany(limits::openProposalsMax);
    const auto own = std::ranges::count_if(open, [&](const OpenProposal& each) { return each.author == author; });
    return author && !actor.server && static_cast<size_t>(own) >= limits::openProposalsOfOneMax
             ? tooMany(limits::openProposalsOfOneMax)
             : Result<void>();
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
    publicationNotedMs_ = clock_();
    for (const Publication& each : snapshot->unpublished())
        nextPublicationMs_ = std::min(nextPublicationMs_.value_or(INT64_MAX), dueMs(each, publicationNotedMs_));
    for (const OpenProposal& each : snapshot->openProposals()) {
        if (each.dueMs != INT64_MAX)
            nextPublicationMs_ = std::min(nextPublicationMs_.value_or(INT64_MAX), each.dueMs);
    }
}

std::string Engine::seal(const Feed& feed, uint64_t number, const Id& id, std::string_view bytes, int64_t madeMs) const
{
    std::string moment;
    putNumber(moment, static_cast<uint64_t>(madeMs));
    return sealWith(std::string_view(moment).substr(moment.size() - momentBytes), feed, number, id, bytes);
}

bool Engine::isSeal(std::string_view seal, const Feed& feed, uint64_t number, const Id& id,
                    std::string_view bytes) const
{
    if (seal.size() != sealBytes)
        return false;
    const std::string right = sealWith(seal.substr(0, momentBytes), feed, number, id, bytes);
    return CRYPTO_memcmp(seal.data(), right.data(), right.size()) == 0;
}

std::string Engine::sealWith(std::string_view moment, const Feed& feed, uint64_t number, const Id& id,
                             std::string_view bytes) const
{
    std::string text;
    text.reserve(bytes.size() + 64);
    putNumber(text, number >> limits::epochShift);
    text += feed.key();
    putNumber(text, number);
    text += id.view();
    text += moment;
    text += bytes;
    return std::string(moment) + mac(text).substr(0, sealBytes - momentBytes);
}

std::string Engine::mac(std::string_view text) const
{
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

Engine::Work Engine::work(Transaction& store) const
{
    return {.store = store, .epoch = epoch_};
}

Committed Engine::commit(Work& work)
{
    settleProposals(work);
    const int64_t nowMs = clock_();
    if (work.published)
        work.store.dropPublished(nowMs - limits::publishPauseMs, nowMs);
    addNews(work.store, std::move(work.news), work.committed);
    addTexts(std::move(work.texts), work.committed);
    work.store.commit();
    if (work.publicationMs && (!nextPublicationMs_ || *work.publicationMs < *nextPublicationMs_)) {
        nextPublicationMs_ = work.publicationMs;
        publicationNotedMs_ = nowMs;
    }
    return std::move(work.committed);
}

Committed Engine::submit(std::span<const Submission> submissions)
{
    const auto transaction = store_.begin();
    Work work = this->work(*transaction);
    acceptAll(work, submissions);
    return commit(work);
}

void Engine::acceptAll(Work& work, std::span<const Submission> submissions)
{
    for (const Submission& submission : submissions) {
        v1::Receipts& receipts = work.committed.receipts.emplace_back();
        for (const v1::PushedChange& pushed : submission.changes)
            *receipts.add_receipts() = accept(work, submission, pushed);
    }
}

v1::Receipt Engine::accept(Work& work, const Submission& from, const v1::PushedChange& pushed)
{
    const auto parsed = parseChange(pushed.change());
    if (!parsed)
        return refusedReceipt(changeId(pushed.change()), parsed.error());
    const v1::Change& change = *parsed;
    const auto id = Id::from(change.id());
    if (!id)
        return refusedReceipt(change.id(), {v1::INVALID});

    const Digest hash = hash128(pushed.change());
    if (const auto before = work.store.acceptedChange(*id)) {
        if (before->person != from.actor.person || (before->hash != hash && !STOA_PLANT("reused id not noticed")))
            return refusedReceipt(change.id(), {v1::ID_REUSED});
        v1::Receipt receipt;
        receipt.ParseFromString(before->effects);
        receipt.set_change(change.id());
        return receipt;
    }

    const int64_t nowMs = clock_();
    const Context context{from.actor, nowMs - std::clamp<int64_t>(pushed.age_ms(), 0, nowMs), organisation_};
    Result<v1::Receipt> receipt =
        change.has_edit_text() ? acceptText(work, change, context, from.device) : acceptOther(work, change, context);
    if (!receipt)
        return refusedReceipt(change.id(), receipt.error());
    if (!STOA_PLANT("no idempotency"))
        work.store.addAcceptedChange(*id, {from.actor.person, hash, receipt->SerializeAsString()});
    receipt->set_change(change.id());
    return std::move(*receipt);
}

Result<v1::Receipt> Engine::acceptOther(Work& work, const v1::Change& change, const Context& context)
{
    // What alters a body alters it as it is; other fields may be altered while their record lacks revisions.
    const auto post = readsBody(change);
    auto present = post ? work.store.find(*post) : std::nullopt;
    if (present && present->record->has_post())
        present = presentOf(work.store, std::move(*present));
    else
        present.reset();
    auto outcome =
        present ? apply(change, context, PresentReader(work.store, *present)) : apply(change, context, work.store);
    v1::Receipt receipt;
    if (!outcome) {
        const auto effect = cameBack(work.store, change, context);
        if (!effect)
            return outcome.error();
        *receipt.add_effects() = *effect;
        return receipt;
    }
    // Before the first is stored: a change has all of its effects or none.
    for (const Applied& version : outcome->versions) {
        if (version.record.ByteSizeLong() > limits::recordBytesMax)
            return Refusal{v1::TOO_LONG, v1::FIELD_NONE, static_cast<int64_t>(limits::recordBytesMax)};
        if (auto checked = checkOpenProposals(work.store, version.record, context.actor); !checked)
            return checked.error();
    }
    // Also where it stood already: who says it again asks for what it should have come to.
    if (change.set_mark().kind() == v1::APPROVAL) {
        if (change.set_mark().value() != 0)
            work.store.addJudge(*post, context.actor.person);
        work.unsettled.insert(*post);
    }
    const bool writes = present && writesBody(change);
    const bool says = present && rewords(change);
    for (Applied& version : outcome->versions) {
        if (writes)
            addDifference(work, *present->record, version.record, true);
        if (says && context.actor.person.view() == present->record->author())
            addRewording(work, *present->record, version.record, context.timeMs);
        v1::Effect* effect = receipt.add_effects();
        effect->set_feed(version.feed.key());
        effect->set_number(put(work, version));
        if (writes || says)
            noteLacking(work, *Id::from(version.record.id()));
    }
    return receipt;
}

uint64_t Engine::put(Work& work, const Applied& version)
{
    Transaction& store = work.store;
    const uint64_t head = store.feedState(version.feed).head;
    const uint64_t begin = STOA_PLANT("number reuse") ? 0 : uint64_t{work.epoch} << limits::epochShift;
    StoredVersion stored{
        .number = std::max(head, begin) + 1, .id = *Id::from(version.record.id()), .deleted = version.record.deleted()};
    stored.bytes = version.record.SerializeAsString();
    stored.seal = seal(version.feed, stored.number, stored.id, stored.bytes, clock_());
    if (!version.record.has_post() && !version.record.has_mark()) {
        const auto before = store.find(stored.id);
        work.committed.rightsAltered |= altersRights(before, version.record);
        if (journal_ && takesRights(before, version.record))
            journal_->rightsTaken(version.record);
    }
    notePage(work, version.record);
    store.put(version, stored);
    noteProposals(work, version.record);
    if (stored.deleted) {
        store.dropRevisions(stored.id);
        work.texts[stored.id].clear();
    }
    const uint64_t number = stored.number;
    News& fresh = work.news.try_emplace(version.feed, News{.after = head}).first->second;
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
    Work work = this->work(*transaction);
    const bool isKnown = before || !STOA_PLANT("erased only where they are known");
    if (isKnown && (!before || !before->deleted)) {
        const auto known = transaction->find(person);
        v1::Record tombstone;
        tombstone.set_id(person.str());
        tombstone.set_revision(known ? known->record->revision() + 1 : 1);
        tombstone.set_changed_ms(known ? std::max(known->record->changed_ms(), clock_()) : clock_());
        tombstone.set_deleted(true);
        put(work, {directory, std::move(tombstone)});
        work.committed.rightsAltered = true;
    }
    // Also where it was done before: that may have been cut off before the files were overwritten.
    transaction->erase(person);
    if (journal_)
        journal_->personErased(person);
    return commit(work);
}

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
    Work work = this->work(*transaction);
    acceptAll(work, {&submission, 1});
    const v1::Receipt receipt = work.committed.receipts.front().receipts(0);
    if (receipt.has_refusal())
        return fromProto(receipt.refusal());
    commit(work);
    organisation_ = id;
    return id;
}

} // namespace stoa
