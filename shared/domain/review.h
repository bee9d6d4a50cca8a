#pragma once

// Proposals and who approves them (docs/decisions/0011-proposals.md): the rules that the server, the person's commands
// and the interface share. Pure functions over a reader; records that are not posts of the right kind ask for nothing.

#include <vector>

#include "shared/domain/apply.h"

namespace stoa {

// Whether people change this page's body by proposals only. Of a section, what it is called and where it is: pages that
// ask for review may stand below it, so it is as its space says.
bool asksForReview(const v1::Record& place, const Reader& reader);

// Open ones may be approved, edited and commented on, and move with the page.
bool isOpen(const v1::Proposal& proposal);

// Whose approval a proposal takes: of everybody in `named`; where nobody is named, of one moderator or owner. Never of
// its author.
struct Reviewers {
    std::vector<Id> named;
};
// Those named by the page, else by its space, but for the author and those who may not read the space.
Reviewers reviewersOf(const v1::Record& proposal, const Reader& reader);
// Of a page itself, as it was set: empty where nobody is named. `ofSpace`: the space named them.
std::vector<Id> namedReviewers(const v1::Record& page, const Reader& reader, bool* ofSpace = nullptr);
bool mayApprove(const v1::Record& proposal, const Actor& actor, const Reader& reader);

// Revisions of a body as marks name them: APPROVAL (below 0 where it is asked to change) and CONFIRMED.
int64_t markOfRevision(uint64_t revision);

// What the approvals come to for the draft as it is in the record.
struct ReviewStanding {
    bool isCurrent = false;      // its base is the page's present body: else nobody can approve it
    bool isContested = false;    // two versions of a passage stand in it: its author resolves them first
    bool anyModerator = false;   // nobody is named: the approval of one moderator or owner is enough
    std::vector<Id> approved;    // whose approvals count
    std::vector<Id> asking;      // who ask for changes of this text
    std::vector<Id> outstanding; // named and neither
    bool isComplete = false;     // nothing is missing but its date
};
// `people`: those whose marks are looked at besides those who are named.
ReviewStanding reviewStanding(const v1::Record& proposal, const std::vector<Id>& people, const Reader& reader);

// What an Edit may make of a proposal's state: its author withdraws it and takes that back, reviewers and moderators
// decline it and take that back. NOT_ALLOWED, or CLOSED once it is effective.
Result<void> mayTurn(const v1::Record& proposal, v1::ProposalState to, const Actor& actor, const Reader& reader);

} // namespace stoa
