#include "server/engine/engine.h"

#include <algorithm>
#include <unordered_map>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr size_t sealBytes = 16;

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
        return was.space().visibility() != after.space().visibility() || was.deleted() != after.deleted();
    if (after.has_person())
        return was.person().disabled() != after.person().disabled();
    return after.has_membership() || was.has_membership();
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

Engine::Engine(Store& store, std::string_view sealKey, WallClock clock) : store_(store), clock_(std::move(clock))
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
        if (before->person != actor.person || before->hash != hash)
            return refusedReceipt(change.id(), {v1::ID_REUSED});
        v1::Receipt receipt;
        receipt.ParseFromString(before->effects);
        receipt.set_change(change.id());
        return receipt;
    }

    const int64_t nowMs = clock_();
    const Context context{actor, nowMs - std::clamp<int64_t>(pushed.age_ms(), 0, nowMs), organisation_};
    const auto outcome = apply(change, context, store);
    if (!outcome)
        return refusedReceipt(change.id(), outcome.error());

    // Before the first is stored: a change has all of its effects or none.
    for (const Applied& version : outcome->versions) {
        if (version.record.ByteSizeLong() > limits::recordBytesMax)
            return refusedReceipt(change.id(),
                                  {v1::TOO_LONG, v1::FIELD_NONE, static_cast<int64_t>(limits::recordBytesMax)});
    }
    v1::Receipt receipt;
    for (const Applied& version : outcome->versions) {
        const uint64_t head = store.feedState(version.feed).head;
        const uint64_t number = std::max(head, uint64_t{epoch_} << limits::epochShift) + 1;
        StoredVersion stored{
            .number = number, .id = *Id::from(version.record.id()), .deleted = version.record.deleted()};
        stored.bytes = version.record.SerializeAsString();
        stored.seal = seal(version.feed, number, stored.id, stored.bytes);
        if (!version.record.has_post() && !version.record.has_mark())
            committed.rightsAltered |= altersRights(store.find(stored.id), version.record);
        store.put(version, stored);
        News& fresh = news.try_emplace(version.feed, News{.after = head}).first->second;
        fresh.versions.push_back(std::move(stored));
        v1::Effect* effect = receipt.add_effects();
        effect->set_feed(version.feed.key());
        effect->set_number(number);
    }
    store.addAcceptedChange(*id, {actor.person, hash, receipt.SerializeAsString()});
    receipt.set_change(change.id());
    return receipt;
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
