// The verbs about proposals, review and required reading.

#include "shared/domain/review.h"
#include "client/commands/commands.h"
#include "client/commands/minting.h"
#include "shared/base/limits.h"
#include "shared/base/text.h"

namespace stoa {

namespace {

v1::Change setApproval(const Pen& pen, const v1::Record& proposal, int sign)
{
    return mintMark(pen, v1::APPROVAL, *Id::from(proposal.id()),
                    sign * markOfRevision(proposal.post().body_version().revision()));
}

v1::Change turn(const Pen& pen, const v1::Record& proposal, v1::ProposalState state)
{
    v1::Change change = mintEdit(pen, proposal);
    addField(change, proposal, v1::PROPOSAL_STATE).set_number(state);
    return change;
}

} // namespace

v1::Change propose(const Pen& pen, const v1::Record& page, const std::string& draft, const QString& reason,
                   qint64 effectiveMs)
{
    const v1::Post& post = page.post();
    return proposeOver(pen, page, post.has_body_version() ? &post.body_version() : nullptr, draft, reason, effectiveMs);
}

v1::Change proposeOver(const Pen& pen, const v1::Record& page, const v1::TextVersion* base, const std::string& draft,
                       const QString& reason, qint64 effectiveMs)
{
    const Id space = Id::from(page.post().space()).value_or(Id{});
    v1::Change change = mintPost(pen, v1::PROPOSAL, space, *Id::from(page.id()), QString());
    v1::CreatePost& post = *change.mutable_create_post();
    post.set_body(draft);
    if (base)
        *post.mutable_base() = *base;
    post.set_reason(reason.simplified().toStdString());
    post.set_effective_ms(effectiveMs);
    return change;
}

v1::Change approve(const Pen& pen, const v1::Record& proposal)
{
    return setApproval(pen, proposal, 1);
}

v1::Change askForChanges(const Pen& pen, const v1::Record& proposal)
{
    return setApproval(pen, proposal, -1);
}

v1::Change takeBackApproval(const Pen& pen, const Id& proposal)
{
    return mintMark(pen, v1::APPROVAL, proposal, 0);
}

v1::Change decline(const Pen& pen, const v1::Record& proposal)
{
    return turn(pen, proposal, v1::PROPOSAL_DECLINED);
}

v1::Change withdraw(const Pen& pen, const v1::Record& proposal)
{
    return turn(pen, proposal, v1::PROPOSAL_WITHDRAWN);
}

v1::Change reopen(const Pen& pen, const v1::Record& proposal)
{
    return turn(pen, proposal, v1::PROPOSAL_OPEN);
}

v1::Change editProposal(const Pen& pen, const v1::Record& proposal, const QString& reason, qint64 effectiveMs)
{
    const v1::Proposal& now = proposal.post().proposal();
    v1::Change change = mintEdit(pen, proposal);
    const std::string wanted = reason.simplified().toStdString();
    if (wanted != now.reason())
        addField(change, proposal, v1::PROPOSAL_REASON).set_text(wanted);
    if (effectiveMs != now.effective_ms())
        addField(change, proposal, v1::PROPOSAL_DATE).set_number(effectiveMs);
    return change;
}

v1::Change commentOnLine(const Pen& pen, const Id& space, const Id& post, int line, const QString& quote,
                         const QString& body)
{
    v1::Change change = mintPost(pen, v1::COMMENT, space, post, body);
    v1::Anchor& about = *change.mutable_create_post()->mutable_about();
    about.set_line(static_cast<uint32_t>(line));
    about.set_quote(std::string(clipUtf8(quote.toStdString(), limits::titleBytesMax)));
    return change;
}

v1::Change setReview(const Pen& pen, const v1::Record& pageOrSpace, v1::Review review)
{
    v1::Change change = mintEdit(pen, pageOrSpace);
    if (pageOrSpace.has_space())
        addField(change, pageOrSpace, v1::SPACE_REVIEW).set_number(review == v1::REVIEW_ASKED ? 1 : 0);
    else
        addField(change, pageOrSpace, v1::POST_REVIEW).set_number(review);
    return change;
}

v1::Change setReviewers(const Pen& pen, const v1::Record& pageOrSpace, const QList<Id>& people)
{
    v1::Change change = mintEdit(pen, pageOrSpace);
    v1::Refs& refs = *addField(change, pageOrSpace, pageOrSpace.has_space() ? v1::SPACE_REVIEWERS : v1::POST_REVIEWERS)
                          .mutable_refs();
    for (const Id& person : people)
        refs.add_ref(person.str());
    return change;
}

v1::Change setRequired(const Pen& pen, const v1::Record& page, bool required)
{
    v1::Change change = mintEdit(pen, page);
    addField(change, page, v1::POST_REQUIRED).set_number(required ? 1 : 0);
    return change;
}

v1::Change confirmRead(const Pen& pen, const v1::Record& page)
{
    return mintMark(pen, v1::CONFIRMED, *Id::from(page.id()), markOfRevision(page.post().body_version().revision()));
}

} // namespace stoa
