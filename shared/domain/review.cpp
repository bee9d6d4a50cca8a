#include "shared/domain/review.h"

#include <algorithm>

#include "shared/base/plant.h"
#include "shared/domain/may.h"
#include "shared/domain/revision.h"

namespace stoa {

namespace {

std::optional<v1::Record> recordOf(const std::string& raw, const Reader& reader)
{
    const auto id = Id::from(raw);
    const auto found = id ? reader.find(*id) : std::nullopt;
    return found && !found->record->deleted() ? std::optional(*found->record) : std::nullopt;
}

std::vector<Id> idsOf(const google::protobuf::RepeatedPtrField<std::string>& raw)
{
    std::vector<Id> ids;
    for (const std::string& each : raw)
        if (const auto id = Id::from(each))
            ids.push_back(*id);
    return ids;
}

int64_t approvalOf(const Id& proposal, const Id& person, const Reader& reader)
{
    const auto mark = reader.find(markId(proposal, person, v1::APPROVAL));
    return mark && mark->record->has_mark() ? mark->record->mark().value() : 0;
}

} // namespace

bool asksForReview(const v1::Record& place, const Reader& reader)
{
    if (place.post().kind() != v1::PAGE && place.post().kind() != v1::SECTION)
        return false;
    if (place.post().review() != v1::REVIEW_AS_SPACE)
        return place.post().review() == v1::REVIEW_ASKED;
    const auto space = recordOf(place.post().space(), reader);
    return space && space->space().review();
}

bool isOpen(const v1::Proposal& proposal)
{
    return proposal.state() == v1::PROPOSAL_OPEN || proposal.state() == v1::PROPOSAL_WAITING;
}

std::vector<Id> namedReviewers(const v1::Record& page, const Reader& reader, bool* ofSpace)
{
    std::vector<Id> named = idsOf(page.post().reviewers());
    const bool asksSpace = named.empty();
    if (asksSpace) {
        if (const auto space = recordOf(page.post().space(), reader))
            named = idsOf(space->space().reviewers());
    }
    if (ofSpace)
        *ofSpace = asksSpace;
    return named;
}

Reviewers reviewersOf(const v1::Record& proposal, const Reader& reader)
{
    const auto page = recordOf(proposal.post().parent(), reader);
    const auto space = Id::from(proposal.post().space());
    if (!page || !space)
        return {};
    Reviewers reviewers{namedReviewers(*page, reader)};
    std::erase_if(reviewers.named, [&](const Id& each) {
        return each.view() == proposal.author() || roleIn(*space, {.person = each}, reader) < v1::READER;
    });
    return reviewers;
}

bool mayApprove(const v1::Record& proposal, const Actor& actor, const Reader& reader)
{
    const auto space = Id::from(proposal.post().space());
    if (proposal.post().kind() != v1::PROPOSAL || !space || actor.person.isNull())
        return false;
    if (actor.person.view() == proposal.author() && !STOA_PLANT("authors approve their own proposals"))
        return false;
    const std::vector<Id> named = reviewersOf(proposal, reader).named;
    return named.empty() ? roleIn(*space, actor, reader) >= v1::MODERATOR
                         : std::ranges::find(named, actor.person) != named.end();
}

int64_t markOfRevision(uint64_t revision)
{
    return static_cast<int64_t>(std::min<uint64_t>(revision, INT64_MAX - 1)) + 1;
}

ReviewStanding reviewStanding(const v1::Record& proposal, const std::vector<Id>& people, const Reader& reader)
{
    ReviewStanding standing;
    const auto page = recordOf(proposal.post().parent(), reader);
    const auto id = Id::from(proposal.id());
    if (!page || !id || proposal.post().kind() != v1::PROPOSAL)
        return standing;
    const v1::Post& post = proposal.post();
    standing.isCurrent = isSameVersion(post.proposal().base(), page->post().body_version());
    standing.isContested = post.contested_size() > 0;

    std::vector<Id> asked = reviewersOf(proposal, reader).named;
    standing.anyModerator = asked.empty();
    if (standing.anyModerator) {
        asked = people;
        std::erase_if(asked, [&](const Id& each) { return !mayApprove(proposal, {.person = each}, reader); });
        std::ranges::sort(asked);
        asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
    }
    const int64_t thisText = markOfRevision(post.body_version().revision());
    for (const Id& each : asked) {
        const int64_t value = approvalOf(*id, each, reader);
        if (value == thisText)
            standing.approved.push_back(each);
        else if (value == -thisText)
            standing.asking.push_back(each);
        else if (!standing.anyModerator)
            standing.outstanding.push_back(each);
    }
    const bool enough =
        !standing.approved.empty() && (standing.anyModerator || standing.approved.size() == asked.size());
    standing.isComplete = isOpen(post.proposal()) && standing.isCurrent && !standing.isContested && enough;
    return standing;
}

Result<void> mayTurn(const v1::Record& proposal, v1::ProposalState to, const Actor& actor, const Reader& reader)
{
    const v1::ProposalState from = proposal.post().proposal().state();
    if (from == v1::PROPOSAL_EFFECTIVE)
        return Refusal{v1::CLOSED, v1::PROPOSAL_STATE};
    const auto space = Id::from(proposal.post().space());
    const bool author = !actor.person.isNull() && actor.person.view() == proposal.author();
    const bool judges = actor.server || mayApprove(proposal, actor, reader) ||
                        (space && !author && roleIn(*space, actor, reader) >= v1::MODERATOR);
    const auto allowed = [&] {
        switch (to) {
        case v1::PROPOSAL_WITHDRAWN:
            return author && from != v1::PROPOSAL_DECLINED;
        case v1::PROPOSAL_DECLINED:
            return judges && from != v1::PROPOSAL_WITHDRAWN;
        case v1::PROPOSAL_OPEN:
            return from == v1::PROPOSAL_DECLINED ? judges : from == v1::PROPOSAL_WITHDRAWN && author;
        default:
            return false;
        }
    };
    return allowed() ? Result<void>() : Refusal{v1::NOT_ALLOWED, v1::PROPOSAL_STATE};
}

} // namespace stoa
