// How text changes are accepted, and when records with their bodies take numbers (docs/decisions/0008).

#include <algorithm>

#include "server/engine/engine.h"
#include "server/engine/texts.h"
#include "shared/base/limits.h"
#include "shared/base/plant.h"
#include "shared/domain/body.h"
#include "shared/domain/fields.h"
#include "shared/domain/may.h"
#include "shared/domain/shape.h"

namespace stoa {

namespace {

// The revision with which a change came back after a restore, in a record that others handed back; 0: it did not.
uint64_t cameBackAs(const v1::Change& change, const Context& context, const v1::Record& present, Revisions since)
{
    const auto isIt = [&](const std::string& id, const std::string& author) {
        return id == change.id() && author == context.actor.person.view();
    };
    const v1::Writer* writer = writerOf(present, v1::POST_BODY);
    if (writer && isIt(writer->change(), writer->author()))
        return present.post().body_version().revision();
    const auto found =
        std::ranges::find_if(since, [&](const v1::Revision& each) { return isIt(each.change(), each.author()); });
    if (found != since.end())
        return found->version().revision();
    const bool has = hasChange(present.post(), change.id(), context.actor.person.view());
    return has ? present.post().body_version().revision() : 0; // others wrote on
}

bool sameRanges(const v1::Post& a, const v1::Post& b)
{
    return std::ranges::equal(a.contested(), b.contested(), [](const v1::TextRange& x, const v1::TextRange& y) {
        return x.from() == y.from() && x.to() == y.to();
    });
}

} // namespace

Located Engine::presentOf(const Transaction& store, Located post) const
{
    const auto id = Id::from(post.record->id());
    if (!id || !post.record->has_post())
        return post;
    const auto lacking = store.revisionsAfter(*id, post.record->post().body_version().revision(), SIZE_MAX);
    if (!lacking.empty())
        post.record = std::make_shared<v1::Record>(withRevisions(*post.record, lacking));
    return post;
}

bool Engine::knowsBody(const Transaction& store, const v1::Record& present, const v1::TextVersion& version) const
{
    if (version.revision() == 0)
        return true;
    const v1::TextVersion& newest = present.post().body_version();
    if (version.revision() == newest.revision())
        return version.seal() == newest.seal();
    const auto stored = store.revision(*Id::from(present.id()), version.revision());
    return stored && stored->version().seal() == version.seal();
}

Result<v1::Receipt> Engine::acceptText(Work& work, const v1::Change& change, const Context& context, const Id& device)
{
    Transaction& store = work.store;
    if (auto shape = checkShape(change); !shape)
        return shape.error();
    // Before the base: whoever may not change the body learns nothing of its versions.
    if (auto allowed = may(change, context, store); !allowed && !STOA_PLANT("permission check skipped"))
        return allowed.error();
    const Id post = *Id::from(change.target());
    auto located = store.find(post);
    if (!located || !located->record->has_post())
        return v1::NOT_FOUND;

    const uint64_t ofRecord = located->record->post().body_version().revision();
    const auto lacking = store.revisionsAfter(post, ofRecord, SIZE_MAX);
    if (!lacking.empty())
        located->record = std::make_shared<v1::Record>(withRevisions(*located->record, lacking));
    const v1::Record& present = *located->record;
    const uint64_t newest = present.post().body_version().revision();
    const v1::TextVersion& base = change.edit_text().base();
    std::vector<v1::Revision> older;
    if (base.revision() < ofRecord)
        older = store.revisionsAfter(post, base.revision(), limits::revisionBytesMax);
    const Revisions since = base.revision() < ofRecord ? Revisions(older) : above(lacking, base.revision());

    v1::Receipt receipt;
    receipt.set_feed(located->feed.key());
    if (const uint64_t revision = cameBackAs(change, context, present, since)) {
        receipt.set_revision(revision);
        return receipt;
    }
    const bool known = isWhole(since, base.revision(), newest) && knowsBody(store, present, base);
    if (!known && !STOA_PLANT("the base of a text change is not looked at"))
        return Refusal{v1::UNKNOWN_BASE, v1::POST_BODY};

    MovedEdit moved = moveOver(since, change);
    auto outcome = apply(moved.change, context, PresentReader(store, *located));
    if (!outcome)
        return outcome.error();
    if (outcome->versions.empty())
        return receipt; // others did already what it asks for
    v1::Record record = std::move(outcome->versions.front().record);
    addContested(*record.mutable_post(), moved.contested);
    v1::EditText& edit = *moved.change.mutable_edit_text();
    if (edit.text().empty() && edit.summary().empty() && sameRanges(record.post(), present.post()))
        return receipt;

    v1::Revision revision;
    revision.set_after(newest);
    revision.set_change(change.id());
    revision.set_author(writerOf(record, v1::POST_BODY)->author());
    revision.set_time_ms(context.timeMs);
    revision.set_text(std::move(*edit.mutable_text()));
    revision.set_summary(edit.summary());
    setRanges(*revision.mutable_contested(), moved.contested);
    *revision.mutable_resolved() = edit.resolved();
    if (!device.isNull())
        revision.set_device(device.str());
    *revision.mutable_version() = nextVersion(work, present, revision);
    keep(work, present, revision);
    *record.mutable_post()->mutable_body_version() = revision.version();
    receipt.set_revision(revision.version().revision());

    if (present.post().kind() == v1::PROPOSAL)
        work.unsettled.insert(post);
    const int64_t nowMs = clock_();
    auto publication = store.publication(post);
    size_t bytes = revision.text().size();
    for (const v1::Revision& each : lacking)
        bytes += each.text().size();
    if (isDueAtOnce(publication, nowMs) || bytes >= limits::unpublishedBytesMax) {
        publish(work, {located->feed, std::move(record)});
        return receipt;
    }
    if (publication->lacks++ == 0)
        publication->firstMs = nowMs;
    publication->lastMs = nowMs;
    store.setPublication(*publication);
    noteDue(work, *publication);
    return receipt;
}

v1::TextVersion Engine::nextVersion(const Work& work, const v1::Record& present, const v1::Revision& revision) const
{
    const auto post = *Id::from(present.id());
    const v1::TextVersion& before = present.post().body_version();
    v1::TextVersion next;
    next.set_revision(
        std::max({before.revision(), work.store.newestRevision(post), uint64_t{work.epoch} << limits::epochShift}) + 1);
    std::string text = "revision";
    text += post.view();
    for (int shift = 56; shift >= 0; shift -= 8)
        text += static_cast<char>(next.revision() >> shift);
    for (const std::string* part : {&before.seal(), &revision.change()}) {
        text += static_cast<char>(part->size());
        text += *part;
    }
    text += revision.text();
    next.set_seal(mac(text));
    return next;
}

void Engine::keep(Work& work, const v1::Record& present, const v1::Revision& revision) const
{
    const Id post = *Id::from(present.id());
    if (!work.store.revision(post, revision.after()))
        work.store.addRevision(post, wholeBodyOf(present));
    work.store.addRevision(post, revision);
    work.texts[post].push_back(revision);
}

void Engine::addDifference(Work& work, const v1::Record& before, v1::Record& after, bool byImport)
{
    v1::Post& post = *after.mutable_post();
    if (before.post().body() == post.body() && sameRanges(before.post(), post)) {
        *post.mutable_body_version() = before.post().body_version();
        if (!before.post().has_body_version())
            post.clear_body_version();
        return;
    }
    v1::Revision revision = differenceOf(before, after, byImport);
    *revision.mutable_version() = nextVersion(work, before, revision);
    keep(work, before, revision);
    *post.mutable_body_version() = revision.version();
}

void Engine::publish(Work& work, Applied version)
{
    makeRoom(version.record);
    put(work, version);
    work.store.setPublication({.post = *Id::from(version.record.id()), .publishedMs = clock_()});
    work.published = true;
}

void Engine::noteDue(Work& work, const Publication& publication) const
{
    work.publicationMs = std::min(work.publicationMs.value_or(INT64_MAX), dueMs(publication, clock_()));
}

void Engine::noteLacking(Work& work, const Id& post) const
{
    const auto located = work.store.find(post);
    if (!located || !located->record->has_post())
        return;
    const auto lacking = work.store.revisionsAfter(post, located->record->post().body_version().revision(), SIZE_MAX);
    if (lacking.empty() && !work.store.publication(post))
        return;
    const int64_t nowMs = clock_();
    const Publication publication{
        .post = post, .publishedMs = nowMs, .lacks = lacking.size(), .firstMs = nowMs, .lastMs = nowMs};
    work.store.setPublication(publication);
    work.published = true;
    if (publication.lacks > 0)
        noteDue(work, publication);
}

Committed Engine::publishTexts()
{
    const int64_t nowMs = clock_();
    if (!nextPublicationMs_ || (nowMs < *nextPublicationMs_ && nowMs >= publicationNotedMs_))
        return {};
    const auto transaction = store_.begin();
    Work work = this->work(*transaction);
    size_t posts = 0;
    size_t bytes = 0;
    for (const Publication& each : transaction->unpublished()) {
        const bool full = posts >= limits::publishedAtOnceMax || bytes >= limits::publishedBytesAtOnce;
        if (full || dueMs(each, nowMs) > nowMs) {
            noteDue(work, each);
            continue;
        }
        const auto located = transaction->find(each.post);
        if (!located || !located->record->has_post())
            continue;
        Applied version{located->feed, *presentOf(*transaction, *located).record};
        if (STOA_PLANT("a published body lacks its revisions"))
            version.record.mutable_post()->set_body(located->record->post().body());
        if (STOA_PLANT("a body is published under its old version"))
            *version.record.mutable_post()->mutable_body_version() = located->record->post().body_version();
        ++posts;
        bytes += version.record.post().body().size();
        publish(work, std::move(version));
    }
    settleDue(work);
    settleProposals(work);
    if (const auto dueMs = transaction->nextProposalMs())
        work.publicationMs = std::min(work.publicationMs.value_or(INT64_MAX), *dueMs);
    Committed committed;
    const auto next = work.publicationMs;
    if (posts > 0 || work.settled > 0)
        committed = commit(work);
    nextPublicationMs_ = next;
    publicationNotedMs_ = nowMs;
    return committed;
}

} // namespace stoa
