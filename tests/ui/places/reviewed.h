#pragma once

// A space that asks for review, for the tests of what people see of it.

#include <QLabel>
#include <QTextBrowser>

#include "client/ui/place.h"
#include "shared/domain/feed.h"
#include "shared/domain/review.h"
#include "tests/support/catch.h"
#include "tests/ui/places/content.h"

namespace stoa::test {

// A space of three people, with a page that asks for review.
struct Reviewed : Content {
    explicit Reviewed(v1::Role role = v1::CONTRIBUTOR)
    {
        v1::Record third = record(cleo);
        third.mutable_person()->set_login("cleo");
        third.mutable_person()->set_name("Cleo");
        REQUIRE(receive(directory(), {third}) == Replica::Received::AtHead);
        hold(membershipRecord(*this, role));
        for (const Id& person : {bea, cleo}) {
            v1::Record member = record(membershipId(spaceId, person));
            member.mutable_membership()->set_space(spaceId.str());
            member.mutable_membership()->set_person(person.str());
            member.mutable_membership()->set_role(v1::CONTRIBUTOR);
            hold(member);
        }
    }

    Id page(const std::string& body, const std::vector<Id>& reviewers = {}, bool required = false)
    {
        pageMade = pageRecord(*this, "Onboarding", {}, v1::PAGE, body);
        pageMade.mutable_post()->set_review(required ? v1::REVIEW_AS_SPACE : v1::REVIEW_ASKED);
        pageMade.mutable_post()->set_required(required);
        for (const Id& person : reviewers)
            pageMade.mutable_post()->add_reviewers(person.str());
        return hold(pageMade);
    }

    Id proposal(const Id& author, const std::string& draft, const std::string& reason,
                v1::ProposalState state = v1::PROPOSAL_OPEN, int64_t dateMs = 0)
    {
        v1::Record made = below(pageMade, v1::PROPOSAL, draft);
        made.mutable_post()->set_root(pageMade.id());
        made.mutable_post()->mutable_body_version()->set_revision(7);
        v1::Proposal& proposal = *made.mutable_post()->mutable_proposal();
        proposal.set_reason(reason);
        proposal.set_state(state);
        proposal.set_effective_ms(dateMs);
        made.set_author(author.str());
        nowMs += 1000;
        REQUIRE(receive(space(), {made}) == Replica::Received::AtHead);
        proposalMade = made;
        return stoa::test::idOf(made);
    }

    void mark(const Id& target, const Id& person, v1::MarkKind kind, int64_t value)
    {
        v1::Record made = record(markId(target, person, kind));
        v1::Mark& mark = *made.mutable_mark();
        mark.set_target(target.str());
        mark.set_person(person.str());
        mark.set_kind(kind);
        mark.set_value(value);
        made.set_author(person.str());
        nowMs += 1000;
        REQUIRE(receive(space(), {made}) == Replica::Received::AtHead);
    }

    void comment(const Id& proposal, const std::string& quote, uint32_t line, const std::string& body)
    {
        v1::Record made = below(pageMade, v1::COMMENT, body);
        made.mutable_post()->set_parent(proposal.str());
        if (line > 0) {
            made.mutable_post()->mutable_about()->set_quote(quote);
            made.mutable_post()->mutable_about()->set_line(line);
        }
        hold(made);
    }

    const Id cleo = deriveId(1, "test", "cleo");
    v1::Record pageMade;
    v1::Record proposalMade; // the last one
};

// What stands on the screen in texts that are read.
inline QString shownText(const Place& place)
{
    QString all;
    for (QTextBrowser* text : place.findChildren<QTextBrowser*>())
        if (text->isVisibleTo(&place))
            all += text->toPlainText() + QLatin1Char('\n');
    return all;
}

// Names keep their direction of writing to themselves, by signs that nobody sees.
inline bool hasLabel(const QWidget& place, const QString& part)
{
    for (QLabel* label : place.findChildren<QLabel*>())
        if (label->isVisibleTo(&place) && label->text().remove(QChar(0x2068)).remove(QChar(0x2069)).contains(part))
            return true;
    return false;
}

} // namespace stoa::test
