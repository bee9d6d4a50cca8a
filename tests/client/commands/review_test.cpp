// Proposals, approvals and required reading as a device reads them.

#include "client/commands/commands.h"
#include "client/replica/queries_review.h"
#include "client/worker/refusals.h"
#include "shared/base/limits.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

class ReviewShelf : public Shelf {
public:
    ReviewShelf()
    {
        v1::Record other = record(ben);
        other.mutable_person()->set_login("ben");
        other.mutable_person()->set_name("Ben");
        receive(directory(), {other});
        page = record(id());
        page.mutable_post()->set_kind(v1::PAGE);
        page.mutable_post()->set_space(spaceId.str());
        page.mutable_post()->set_root(page.id());
        page.mutable_post()->set_title("Handbook");
        page.mutable_post()->set_body("one\ntwo\nthree");
        page.mutable_post()->set_review(v1::REVIEW_ASKED);
        page.mutable_post()->add_reviewers(me.str());
        proposal = proposalBy(ben, "one\n2\nthree");
        REQUIRE(receive(space(), {page, proposal}) == Replica::Received::AtHead);
    }

    v1::Record proposalBy(const Id& author, const std::string& draft)
    {
        v1::Record made = below(page, v1::PROPOSAL, draft);
        made.set_author(author.str());
        made.mutable_post()->mutable_proposal()->set_state(v1::PROPOSAL_OPEN);
        made.mutable_post()->mutable_proposal()->set_reason("clearer");
        return made;
    }
    // The server's next version of a record.
    v1::Record next(const v1::Record& before, const std::function<void(v1::Post&)>& alter)
    {
        v1::Record after = before;
        after.set_revision(before.revision() + 1);
        alter(*after.mutable_post());
        REQUIRE(receive(space(), {after}) == Replica::Received::AtHead);
        return after;
    }
    Pen pen()
    {
        return {me, [this] { return nowMs; },
                [this](std::span<uint8_t> bytes) {
                    for (uint8_t& byte : bytes)
                        byte = uint8_t(++drawn_);
                }};
    }
    ProposalRow row(const Id& of) { return *stoa::proposal(*read(), of); }

    const Id ben = deriveId(1, "test", "ben");
    v1::Record page, proposal;

private:
    int drawn_ = 0;
};

} // namespace

TEST_CASE("a proposal shows below its page, and nowhere among the pages")
{
    ReviewShelf shelf;
    const auto reading = shelf.read();
    const Id page = idOf(shelf.page), id = idOf(shelf.proposal);
    const QList<ProposalRow> rows = proposalsOf(*reading, page, 10);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].row.id == id);
    CHECK(rows[0].row.title == QStringLiteral("Handbook"));
    CHECK(rows[0].row.authorName == QStringLiteral("Ben"));
    CHECK(rows[0].reason == QStringLiteral("clearer"));
    CHECK(rows[0].isCurrent);
    CHECK(rows[0].mayApprove);
    CHECK_FALSE(rows[0].mine);
    CHECK(rows[0].outstanding.size() == 1);
    CHECK(openProposals(*reading, page).judged == 1);
    CHECK(proposalsAwaitingMe(*reading, 10).size() == 1);
    CHECK(myProposals(*reading, 10).isEmpty());

    CHECK(pagesBelow(*reading, shelf.spaceId, {}).size() == 1);
    CHECK(post(*reading, page)->children == 0);
    CHECK(post(*reading, page)->comments == 0);
    PostFilter pages;
    pages.kind = v1::POST_NONE;
    CHECK(posts(*reading, pages, {}, 10).rows.size() == 1);
    const SpaceRow space = *stoa::space(*reading, shelf.spaceId);
    CHECK(space.pages == 1);
    CHECK(space.comments == 0);
    for (const PersonRow& each : mostActive(*reading, shelf.spaceId, 10))
        CHECK(each.id != shelf.ben); // what is proposed is not there yet
}

TEST_CASE("proposals are told of in whatever order they and their page come")
{
    ReviewShelf shelf;
    v1::Record other = shelf.page;
    other.set_id(shelf.id().str());
    other.mutable_post()->set_root(other.id());
    other.mutable_post()->set_title("Rules");
    v1::Record early = shelf.proposalBy(shelf.ben, "one");
    early.mutable_post()->set_parent(other.id());
    early.mutable_post()->set_root(other.id());
    REQUIRE(shelf.receive(shelf.space(), {early}) == Replica::Received::AtHead);
    CHECK(proposalsOf(*shelf.read(), idOf(other), 10).isEmpty());
    CHECK(proposalsAwaitingMe(*shelf.read(), 10).size() == 1);
    REQUIRE(shelf.receive(shelf.space(), {other}) == Replica::Received::AtHead);
    REQUIRE(proposalsOf(*shelf.read(), idOf(other), 10).size() == 1);
    CHECK(proposalsAwaitingMe(*shelf.read(), 10).size() == 2);
    CHECK(shelf.row(idOf(early)).isCurrent);
    // And as the page is now.
    shelf.next(other, [](v1::Post& post) {
        post.set_body("two");
        post.mutable_body_version()->set_revision(7);
        post.mutable_body_version()->set_seal(std::string(16, 's'));
        post.clear_reviewers();
    });
    CHECK_FALSE(shelf.row(idOf(early)).isCurrent);
    CHECK_FALSE(shelf.row(idOf(early)).mayApprove);
    CHECK(proposalsAwaitingMe(*shelf.read(), 10).size() == 1);
}

TEST_CASE("lists of proposals read no words")
{
    ReviewShelf shelf;
    const v1::Record own = shelf.proposalBy(shelf.me, "one");
    REQUIRE(shelf.receive(shelf.space(), {own}) == Replica::Received::AtHead);
    const auto lists = [&] {
        const auto reading = shelf.read();
        return std::tuple(proposalsOf(*reading, idOf(shelf.page), 10).size(), proposalsAwaitingMe(*reading, 10).size(),
                          myProposals(*reading, 10).size(), openProposals(*reading, idOf(shelf.page)).judged,
                          proposal(*reading, idOf(own)).has_value());
    };
    const auto before = lists();
    CHECK(before == std::tuple(2, 1, 1, 2, true));
    shelf.close();
    {
        Database database(shelf.path(), Database::Mode::Write);
        database.run("UPDATE records SET bytes = x'ff' WHERE row IN (SELECT row FROM posts WHERE kind IN (2, 6))");
    }
    CHECK_FALSE(record(*shelf.read(), idOf(own)));
    CHECK(lists() == before);
}

TEST_CASE("who approves their own proposal hears that somebody else has to")
{
    ReviewShelf shelf;
    const v1::Record own = shelf.proposalBy(shelf.me, "one");
    REQUIRE(shelf.receive(shelf.space(), {own}) == Replica::Received::AtHead);
    const auto refused = shelf.submit(approve(shelf.pen(), own));
    REQUIRE_FALSE(refused);
    CHECK(refusalSentence(refused.error()).contains(QStringLiteral("never by its author")));
}

TEST_CASE("an approval shows at once, and what it comes to when the server says so")
{
    ReviewShelf shelf;
    const Id id = idOf(shelf.proposal);
    REQUIRE(shelf.submit(approve(shelf.pen(), shelf.proposal)));
    CHECK(shelf.row(id).myApproval == 1);
    CHECK(shelf.row(id).isComplete);
    CHECK(shelf.row(id).state == v1::PROPOSAL_OPEN);
    CHECK(body(*shelf.read(), idOf(shelf.page)) == QStringLiteral("one\ntwo\nthree"));
    CHECK(proposalsAwaitingMe(*shelf.read(), 10).isEmpty());

    // Another text is another question.
    shelf.proposal = shelf.next(shelf.proposal, [](v1::Post& post) {
        post.set_body("one\ntwo and a half\nthree");
        post.mutable_body_version()->set_revision(7);
        post.mutable_body_version()->set_seal(std::string(16, 's'));
    });
    CHECK(shelf.row(id).myApproval == 0);
    REQUIRE(shelf.row(id).approvals.size() == 1);
    CHECK_FALSE(shelf.row(id).approvals[0].counts);
    CHECK(proposalsAwaitingMe(*shelf.read(), 10).size() == 1);
    REQUIRE(shelf.submit(askForChanges(shelf.pen(), shelf.proposal)));
    CHECK(shelf.row(id).myApproval == -1);
    REQUIRE(shelf.submit(takeBackApproval(shelf.pen(), id)));
    CHECK(shelf.row(id).myApproval == 0);
    CHECK(shelf.row(id).approvals.isEmpty());

    shelf.next(shelf.proposal, [](v1::Post& post) { post.mutable_proposal()->set_state(v1::PROPOSAL_EFFECTIVE); });
    CHECK(openProposals(*shelf.read(), idOf(shelf.page)).judged == 0);
    CHECK(proposalsOf(*shelf.read(), idOf(shelf.page), 10).size() == 1);
    CHECK_FALSE(shelf.row(id).mayApprove);
}

TEST_CASE("on a page that asks for review a change is refused, and the same text is proposed")
{
    ReviewShelf shelf;
    const Pen pen = shelf.pen();
    const auto refused = shelf.submit(editBody(pen, idOf(shelf.page), "one\ntwo\nthree", "one\ntwo\n3"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == v1::REVIEWED);
    const v1::Change made = propose(pen, shelf.page, "one\ntwo\n3", QStringLiteral("  a number \n reads better "), 5);
    REQUIRE(shelf.submit(made));
    const ProposalRow row = shelf.row(*Id::from(made.target()));
    CHECK(row.mine);
    CHECK(row.row.pending);
    CHECK(row.reason == QStringLiteral("a number reads better"));
    CHECK(row.effectiveMs == 5);
    CHECK_FALSE(row.mayApprove);
    CHECK(myProposals(*shelf.read(), 10).size() == 1);
    const auto mine = *record(*shelf.read(), *Id::from(made.target()));
    REQUIRE(shelf.submit(withdraw(pen, mine)));
    CHECK(shelf.row(row.row.id).state == v1::PROPOSAL_WITHDRAWN);
    REQUIRE(shelf.submit(reopen(pen, *record(*shelf.read(), row.row.id))));
    CHECK(shelf.row(row.row.id).state == v1::PROPOSAL_OPEN);
    REQUIRE(shelf.submit(editProposal(pen, *record(*shelf.read(), row.row.id), QStringLiteral("another reason"), 0)));
    CHECK(shelf.row(row.row.id).reason == QStringLiteral("another reason"));
    CHECK(shelf.submit(decline(pen, *record(*shelf.read(), row.row.id))).error().code == v1::NOT_ALLOWED);
}

TEST_CASE("a comment keeps the line that it speaks of")
{
    ReviewShelf shelf;
    const v1::Change made = commentOnLine(shelf.pen(), shelf.spaceId, idOf(shelf.proposal), 3, QStringLiteral("three"),
                                          QStringLiteral("why not four?"));
    REQUIRE(shelf.submit(made));
    const auto reading = shelf.read();
    const Id comment = *Id::from(made.target());
    const auto said = anchors(*reading, idOf(shelf.proposal));
    REQUIRE(said.size() == 1);
    CHECK(said.at(comment).line == 3);
    CHECK(said.at(comment).quote == QStringLiteral("three"));
    CHECK(anchors(*reading, idOf(shelf.page)).empty());
    CHECK(shelf.row(idOf(shelf.proposal)).row.comments == 1);
    CHECK(thread(*reading, idOf(shelf.page))->comments.isEmpty());
    CHECK(thread(*reading, idOf(shelf.proposal))->comments.size() == 1);
    const QString line(2'000, QChar(0x00e4));
    CHECK(commentOnLine(shelf.pen(), shelf.spaceId, idOf(shelf.proposal), 1, line, QStringLiteral("x"))
              .create_post()
              .about()
              .quote()
              .size() == limits::titleBytesMax);
}

TEST_CASE("how a page asks for review, and who is named, is its space's where it says nothing")
{
    ReviewShelf shelf;
    const Id page = idOf(shelf.page);
    CHECK(review(*shelf.read(), page)->asks);
    CHECK(review(*shelf.read(), page)->reviewers.size() == 1);
    CHECK_FALSE(review(*shelf.read(), page)->ofSpace);
    v1::Record lab = *record(*shelf.read(), shelf.spaceId);
    lab.set_revision(2);
    lab.mutable_space()->set_review(true);
    lab.mutable_space()->add_reviewers(shelf.ben.str());
    REQUIRE(shelf.receive(shelf.space(), {lab}) == Replica::Received::AtHead);
    shelf.next(shelf.page, [](v1::Post& post) {
        post.clear_review();
        post.clear_reviewers();
    });
    const ReviewRow row = *review(*shelf.read(), page);
    CHECK(row.asks);
    CHECK(row.own == v1::REVIEW_AS_SPACE);
    CHECK(row.ofSpace);
    REQUIRE(row.reviewers.size() == 1);
    CHECK(row.reviewers[0].name == QStringLiteral("Ben"));
    CHECK(review(*shelf.read(), shelf.spaceId)->asks);
    CHECK_FALSE(review(*shelf.read(), idOf(shelf.proposal)).has_value());
    // Ben is named and wrote it: then any moderator, and this person is none.
    CHECK(shelf.row(idOf(shelf.proposal)).anyModerator);
    CHECK_FALSE(shelf.row(idOf(shelf.proposal)).mayApprove);
}

TEST_CASE("a page that is required is to be confirmed, and again once it has changed")
{
    ReviewShelf shelf;
    const Id page = idOf(shelf.page);
    CHECK(toConfirm(*shelf.read(), 10).isEmpty());
    shelf.page = shelf.next(shelf.page, [](v1::Post& post) { post.set_required(true); });
    REQUIRE(toConfirm(*shelf.read(), 10).size() == 1);
    CHECK_FALSE(toConfirm(*shelf.read(), 10)[0].confirmed.has_value());
    CHECK(isToConfirm(*shelf.read(), page));
    REQUIRE(shelf.submit(confirmRead(shelf.pen(), shelf.page)));
    CHECK(toConfirmCount(*shelf.read()) == 0);
    CHECK(confirmedRevision(*shelf.read(), page) == 0);
    shelf.page = shelf.next(shelf.page, [](v1::Post& post) {
        post.set_body("one");
        post.mutable_body_version()->set_revision(7);
        post.mutable_body_version()->set_seal(std::string(16, 's'));
    });
    const QList<ToConfirm> rows = toConfirm(*shelf.read(), 10);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].confirmed == 0);
    CHECK(rows[0].revision == 7);
    REQUIRE(confirmations(*shelf.read(), page, 10).size() == 1);
    CHECK_FALSE(confirmations(*shelf.read(), page, 10)[0].isCurrent);
    REQUIRE(shelf.submit(confirmRead(shelf.pen(), shelf.page)));
    CHECK(toConfirmCount(*shelf.read()) == 0);
    CHECK(confirmations(*shelf.read(), page, 10)[0].isCurrent);
    CHECK(confirmations(*shelf.read(), page, 10)[0].name == QStringLiteral("Ada"));
}

TEST_CASE("proposals and confirmations go with their space")
{
    ReviewShelf shelf;
    shelf.page = shelf.next(shelf.page, [](v1::Post& post) { post.set_required(true); });
    REQUIRE(shelf.submit(approve(shelf.pen(), shelf.proposal)));
    shelf.within([&] { shelf.replica->forget(shelf.space()); });
    CHECK(proposalsAwaitingMe(*shelf.read(), 10).isEmpty());
    CHECK(toConfirm(*shelf.read(), 10).isEmpty());
    CHECK_FALSE(proposal(*shelf.read(), idOf(shelf.proposal)).has_value());
}
