#pragma once

// Proposals, who approved them, and what is to be read and confirmed (docs/decisions/0011-proposals.md). As queries.h:
// indexed, bounded, plain values, and none reads the words of what it lists; what lies below a deleted page is not
// shown.

#include <map>

#include "client/replica/queries.h"

namespace stoa {

struct Approval {
    Id person;
    QString name;          // empty: no longer known
    bool approves = false; // else asks for changes
    bool counts = false;   // given to this very text, by somebody whose approval is asked for
    qint64 atMs = 0;
};

struct ProposalRow {
    PostRow row; // the draft: `title` is the page's, `parent` the page, `comments` those on it
    QString reason;
    qint64 effectiveMs = 0; // wished date; 0: at once
    v1::ProposalState state = v1::PROPOSAL_NONE;
    quint64 revision = 0;         // of the draft's body as it is shown here: what an approval names
    bool isCurrent = false;       // made of the page as it is; else the server has not moved it (yet): not approvable
    bool isContested = false;     // two versions of a passage stand in it: its author resolves them first
    bool isComplete = false;      // all approvals are there
    bool isTooOld = false;        // closed by the server: the page's text that it was made of cannot be worked out
    QList<Approval> approvals;    // by time, also those that count no more
    QList<PersonRow> outstanding; // named reviewers who said nothing of this text yet
    bool anyModerator = false;    // nobody is named: one moderator or owner is enough
    bool mine = false;            // by the signed in person
    bool mayApprove = false;      // they may approve it, or ask for changes
    int myApproval = 0;           // of this very text: 1 approved, -1 changes asked for, 0 nothing
};

// Of a page: the open ones first, then those that are closed, each the newest first.
QList<ProposalRow> proposalsOf(const Reading&, const Id& page, int limit);
// Of a page, as far as they are not closed; at most limits::openProposalsMax are counted.
struct OpenProposals {
    int judged = 0;    // open: people say what they think of them
    int approved = 0;  // these wait for their dates
    qint64 nextMs = 0; // the first of these
};
OpenProposals openProposals(const Reading&, const Id& page);
std::optional<ProposalRow> proposal(const Reading&, const Id& proposal);
// Over all spaces, the newest first: open ones that this person may approve and has said nothing of as they are now.
QList<ProposalRow> proposalsAwaitingMe(const Reading&, int limit);
QList<ProposalRow> myProposals(const Reading&, int limit); // open ones first

// What a comment on a line (Post.about) speaks of: the line as it was, and its number then; the first is 1.
struct LineAnchor {
    int line = 0;
    QString quote;
};
// Of the comments on a post that are on a line.
std::map<Id, LineAnchor> anchors(const Reading&, const Id& post);

// How a page or a space asks for review.
struct ReviewRow {
    bool asks = false;                    // as it comes out
    v1::Review own = v1::REVIEW_AS_SPACE; // a page's own word
    QList<PersonRow> reviewers;           // named; none: any moderator or owner
    bool ofSpace = false;                 // the page names nobody: these are the space's
    bool required = false;                // a page that everybody is to confirm
};
std::optional<ReviewRow> review(const Reading&, const Id& pageOrSpace);

// Required pages that this person has not confirmed as they are now, by how long they are like that.
struct ToConfirm {
    PostRow page;
    std::optional<quint64>
        confirmed;        // the revision that was confirmed; nothing: never (history.h tells the difference)
    quint64 revision = 0; // the one to confirm now
};
QList<ToConfirm> toConfirm(const Reading&, int limit);
int toConfirmCount(const Reading&); // at most 100 are counted
bool isToConfirm(const Reading&, const Id& page);
// The one of this person; nothing: never, or not asked for.
std::optional<quint64> confirmedRevision(const Reading&, const Id& page);

// Who confirmed a page: by name.
struct Confirmation {
    Id person;
    QString name;
    quint64 revision = 0;
    bool isCurrent = false; // the text as it is now
    qint64 atMs = 0;
};
QList<Confirmation> confirmations(const Reading&, const Id& page, int limit);

// What a refused change of a text came to, and over which version of the body (nothing: as it was created) it was made:
// to propose it instead (proposeOver in commands.h). Nothing where the outbox has no such change.
struct TextOver {
    Id post;
    std::optional<v1::TextVersion> base;
    QString text; // the whole body
};
std::optional<TextOver> refusedText(const Reading&, const Id& change);

} // namespace stoa
