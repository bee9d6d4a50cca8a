// How proposals move with their pages and take effect (docs/decisions/0011-proposals.md).

#include <algorithm>

#include "server/engine/engine.h"
#include "server/engine/texts.h"
#include "shared/base/limits.h"
#include "shared/domain/body.h"
#include "shared/domain/fields.h"
#include "shared/domain/review.h"
#include "shared/domain/revision.h"

namespace stoa {

namespace {

bool isOpenProposal(const v1::Record& record)
{
    return record.post().kind() == v1::PROPOSAL && isOpen(record.post().proposal());
}

// Of itself it is looked at when its date comes.
OpenProposal openProposalOf(const v1::Record& record)
{
    const v1::Proposal& proposal = record.post().proposal();
    return {.page = Id::from(record.post().parent()).value_or(Id{}),
            .proposal = *Id::from(record.id()),
            .dueMs = proposal.state() == v1::PROPOSAL_WAITING ? proposal.effective_ms() : INT64_MAX,
            .author = Id::from(record.author()).value_or(Id{})};
}

void setBase(v1::Proposal& proposal, const v1::Record& page)
{
    if (page.post().has_body_version())
        *proposal.mutable_base() = page.post().body_version();
    else
        proposal.clear_base();
}

void setApprovers(google::protobuf::RepeatedPtrField<std::string>& to, const std::vector<Id>& approvers)
{
    to.Clear();
    for (const Id& each : approvers)
        *to.Add() = each.str();
}

// By the server: no change of somebody's has this name.
void setServersWriter(v1::Record& record, v1::Field field, const std::string& name, const std::string& author,
                      int64_t timeMs)
{
    v1::Writer* writer = nullptr;
    for (v1::Writer& each : *record.mutable_writers()) {
        if (each.field() == field)
            writer = &each;
    }
    if (!writer)
        writer = record.add_writers();
    writer->set_field(field);
    writer->set_change(name);
    writer->set_author(author);
    writer->set_time_ms(timeMs);
}

void setAltered(v1::Record& record, int64_t nowMs)
{
    record.set_revision(record.revision() + 1);
    record.set_changed_ms(std::max(record.changed_ms(), nowMs));
}

} // namespace

void Engine::notePage(Work& work, const v1::Record& next) const
{
    const auto id = Id::from(next.id());
    if (!id || next.post().kind() != v1::PAGE || work.pagesBefore.contains(*id) ||
        work.store.openProposals(*id).empty())
        return;
    const auto before = work.store.find(*id);
    if (before && !isSameVersion(before->record->post().body_version(), next.post().body_version()))
        work.pagesBefore.emplace(*id, *before->record);
}

void Engine::noteProposals(Work& work, const v1::Record& record) const
{
    const auto id = Id::from(record.id());
    if (!id)
        return;
    if (isOpenProposal(record)) {
        const OpenProposal open = openProposalOf(record);
        work.store.setOpenProposal(open);
        work.unsettled.insert(*id);
        if (open.dueMs != INT64_MAX)
            work.publicationMs = std::min(work.publicationMs.value_or(INT64_MAX), open.dueMs);
    } else if (record.deleted() || record.post().kind() == v1::PROPOSAL) {
        work.store.dropOpenProposal(*id);
        if (record.deleted() || record.post().proposal().state() == v1::PROPOSAL_EFFECTIVE)
            work.store.dropJudges(*id);
    } else if (record.post().kind() == v1::PAGE) {
        for (const OpenProposal& each : work.store.openProposals(*id))
            work.unsettled.insert(each.proposal);
    } else if (record.mark().kind() == v1::APPROVAL) {
        const auto proposal = Id::from(record.mark().target()), person = Id::from(record.mark().person());
        if (!proposal || !person)
            return;
        if (record.mark().value() != 0)
            work.store.addJudge(*proposal, *person);
        else
            work.store.dropJudge(*proposal, *person);
        work.unsettled.insert(*proposal);
    }
}

void Engine::settleProposals(Work& work)
{
    while (!work.unsettled.empty()) {
        const Id next = work.unsettled.extract(work.unsettled.begin()).value();
        const bool full = work.settled >= limits::settledAtOnceMax || work.settledBytes >= limits::publishedBytesAtOnce;
        if (!full && !work.handedBack) {
            ++work.settled;
            settle(work, next);
            continue;
        }
        const auto located = work.store.find(next);
        if (!located || !isOpenProposal(*located->record))
            continue;
        OpenProposal open = openProposalOf(*located->record);
        open.dueMs =
            std::min(open.dueMs, clock_() + (work.handedBack ? limits::handedBackPauseMs : limits::settlePauseMs));
        work.store.setOpenProposal(open);
        work.publicationMs = std::min(work.publicationMs.value_or(INT64_MAX), open.dueMs);
    }
}

void Engine::settleDue(Work& work)
{
    const int64_t nowMs = clock_();
    for (OpenProposal each : work.store.dueProposals(nowMs, limits::settledAtOnceMax)) {
        work.unsettled.insert(each.proposal);
        each.dueMs = INT64_MAX; // whatever comes of it, it is not looked at again and again
        work.store.setOpenProposal(each);
    }
}

void Engine::settle(Work& work, const Id& proposal)
{
    Transaction& store = work.store;
    const auto located = store.find(proposal);
    if (!located || !isOpenProposal(*located->record))
        return;
    const auto pageId = Id::from(located->record->post().parent());
    const auto page = pageId ? store.find(*pageId) : std::nullopt;
    if (!page || page->record->post().kind() != v1::PAGE || page->feed != located->feed)
        return; // nobody sees it any more
    const Located draft = presentOf(store, *located);
    if (moveProposal(work, draft, *page))
        return; // and is looked at again
    const v1::Proposal& now = draft.record->post().proposal();
    // Who is told to have approved it has a mark on it, which is looked at; it may be older than the table.
    std::vector<Id> judges = store.judges(proposal);
    for (const std::string& raw : now.approvers())
        if (const auto approver = Id::from(raw); approver && std::ranges::find(judges, *approver) == judges.end())
            judges.push_back(*approver);
    const ReviewStanding standing = reviewStanding(*draft.record, judges, store);
    if (!standing.isComplete) {
        if (now.state() == v1::PROPOSAL_WAITING)
            turnProposal(work, draft, v1::PROPOSAL_OPEN, {});
        return;
    }
    if (now.effective_ms() <= clock_())
        return takeEffect(work, draft, *page, standing.approved);
    const bool isSaid = now.state() == v1::PROPOSAL_WAITING &&
                        std::ranges::equal(now.approvers(), standing.approved,
                                           [](const std::string& raw, const Id& id) { return raw == id.view(); });
    if (!isSaid)
        turnProposal(work, draft, v1::PROPOSAL_WAITING, standing.approved);
    else
        store.setOpenProposal(openProposalOf(*draft.record));
}

bool Engine::hasPast(const Transaction& store, const v1::Record& page, const v1::TextVersion& version) const
{
    return knowsBody(store, page, version) && (version.revision() > 0 || store.revision(*Id::from(page.id()), 0));
}

std::optional<std::string> Engine::bodyAt(Work& work, const v1::Record& page, const v1::TextVersion& version) const
{
    const Id id = *Id::from(page.id());
    if (isSameVersion(page.post().body_version(), version))
        return page.post().body();
    const auto before = work.pagesBefore.find(id);
    if (before != work.pagesBefore.end() && isSameVersion(before->second.post().body_version(), version))
        return before->second.post().body();
    if (!hasPast(work.store, page, version))
        return std::nullopt;
    // Several drafts may be of one.
    if (!work.past || work.past->page != id || !isSameVersion(work.past->version, version))
        work.past = Past{.page = id, .version = version, .body = workedOut(work, id, version.revision())};
    return work.past->body;
}

std::optional<std::string> Engine::workedOut(Work& work, const Id& page, uint64_t revision) const
{
    PastBody past;
    bool known = false;
    if (const auto first = work.store.revision(page, 0))
        known = past.add(*first);
    size_t bytes = 0;
    for (uint64_t at = 0; at != revision;) {
        const auto piece = work.store.revisionsAfter(page, at, limits::pastBytesAtOnce);
        for (const v1::Revision& each : piece) {
            at = each.version().revision();
            if (at > revision)
                return std::nullopt;
            known = past.add(each);
            bytes += each.ByteSizeLong();
            work.settledBytes += each.ByteSizeLong();
            if (at == revision)
                break;
        }
        if (piece.empty() || bytes > limits::pastBytesMax)
            return std::nullopt;
    }
    return known ? std::optional(past.text()) : std::nullopt;
}

bool Engine::moveProposal(Work& work, const Located& draft, const Located& page)
{
    const v1::TextVersion& base = draft.record->post().proposal().base();
    const v1::TextVersion& newest = page.record->post().body_version();
    if (isSameVersion(base, newest) || base.revision() > newest.revision())
        return false; // one that the record lacks: it moves when that has it
    const auto body = bodyAt(work, *page.record, base);
    if (!body) {
        // One that has a past and cannot be worked out would be asked for whenever the page changes.
        const bool isLost = hasPast(work.store, *page.record, base);
        if (isLost)
            closeProposal(work, draft);
        return isLost;
    }
    work.settledBytes += draft.record->post().body().size();
    std::vector<v1::Revision> between =
        work.store.revisionsAfter(*Id::from(page.record->id()), base.revision(), limits::revisionBytesMax);
    std::erase_if(between, [&](const v1::Revision& each) { return each.version().revision() > newest.revision(); });
    for (const v1::Revision& each : between)
        work.settledBytes += each.text().size();
    if (!isWhole(between, base.revision(), newest.revision()))
        between.clear();

    const int64_t nowMs = clock_();
    const v1::Post& post = draft.record->post();
    v1::Revision revision = movedDraft(*body, page.record->post().body(), between, post.body());
    v1::Record record = *draft.record;
    if (!revision.text().empty() || revision.contested_size() > 0) {
        revision.set_after(post.body_version().revision());
        revision.set_time_ms(nowMs);
        *revision.mutable_version() = nextVersion(work, *draft.record, revision);
        addRevision(record, revision);
        if (!checkBody(v1::PROPOSAL, record.post().body()))
            return false;
        makeRoom(record);
        if (record.ByteSizeLong() > limits::recordBytesMax)
            return false;
        keep(work, *draft.record, revision);
        setServersWriter(record, v1::POST_BODY, revision.version().seal(), {}, nowMs);
    }
    v1::Proposal& moved = *record.mutable_post()->mutable_proposal();
    setBase(moved, *page.record);
    moved.set_state(v1::PROPOSAL_OPEN);
    moved.clear_approvers();
    setAltered(record, nowMs);
    publish(work, {draft.feed, std::move(record)});
    return true;
}

void Engine::turnProposal(Work& work, const Located& draft, v1::ProposalState state, const std::vector<Id>& approvers)
{
    v1::Record record = *draft.record;
    v1::Proposal& proposal = *record.mutable_post()->mutable_proposal();
    proposal.set_state(state);
    setApprovers(*proposal.mutable_approvers(), approvers);
    setAltered(record, clock_());
    work.settledBytes += record.post().body().size();
    publish(work, {draft.feed, std::move(record)});
}

// By the server: what it says is not there any more to be compared with.
void Engine::closeProposal(Work& work, const Located& draft)
{
    Located closed = draft;
    auto record = std::make_shared<v1::Record>(*draft.record);
    setServersWriter(*record, v1::PROPOSAL_STATE,
                     mac("closed" + record->id() + record->post().proposal().base().seal()), {}, clock_());
    closed.record = std::move(record);
    turnProposal(work, closed, v1::PROPOSAL_DECLINED, {});
}

void Engine::addRewording(Work& work, const v1::Record& before, v1::Record& after, int64_t timeMs) const
{
    const v1::Proposal &was = before.post().proposal(), &is = after.post().proposal();
    if (was.reason() == is.reason() && was.effective_ms() == is.effective_ms())
        return;
    v1::Revision revision;
    revision.set_after(before.post().body_version().revision());
    revision.set_author(before.author());
    revision.set_time_ms(timeMs);
    *revision.mutable_version() = nextVersion(work, before, revision);
    keep(work, before, revision);
    addRevision(after, revision);
    setServersWriter(after, v1::POST_BODY, revision.version().seal(), before.author(), timeMs);
}

void Engine::takeEffect(Work& work, const Located& draft, const Located& page, const std::vector<Id>& approvers)
{
    const Located present = presentOf(work.store, page);
    if (!isSameVersion(present.record->post().body_version(), page.record->post().body_version()))
        return publish(work, {page.feed, *present.record}); // it moves first, and is asked for again
    const int64_t nowMs = clock_();
    const v1::Record& before = *page.record;
    v1::Record after = before;
    work.settledBytes += before.post().body().size() + draft.record->post().body().size();
    after.mutable_post()->set_body(draft.record->post().body());
    if (after.post().body() != before.post().body()) {
        v1::Revision revision = differenceOf(before, after, true);
        revision.set_author(draft.record->author());
        revision.set_time_ms(nowMs);
        revision.set_summary(draft.record->post().proposal().reason());
        revision.set_proposal(draft.record->id());
        setApprovers(*revision.mutable_approvers(), approvers);
        *revision.mutable_version() = nextVersion(work, before, revision);
        keep(work, before, revision);
        noteChange(*after.mutable_post(), revision.version().seal(), revision.author());
        *after.mutable_post()->mutable_body_version() = revision.version();
        setServersWriter(after, v1::POST_BODY, revision.version().seal(), draft.record->author(), nowMs);
        setAltered(after, nowMs);
    }
    v1::Record closed = *draft.record;
    v1::Proposal& proposal = *closed.mutable_post()->mutable_proposal();
    proposal.set_state(v1::PROPOSAL_EFFECTIVE);
    setApprovers(*proposal.mutable_approvers(), approvers);
    if (after.post().has_body_version())
        *proposal.mutable_became() = after.post().body_version();
    setServersWriter(closed, v1::PROPOSAL_STATE, mac("effective" + closed.id() + after.post().body_version().seal()),
                     {}, nowMs);
    setAltered(closed, nowMs);
    // The proposal first: it does not move with what it did itself.
    publish(work, {draft.feed, std::move(closed)});
    if (after.revision() != before.revision())
        publish(work, {page.feed, std::move(after)});
}

} // namespace stoa
