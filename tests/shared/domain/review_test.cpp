// Who may propose, approve and confirm, and what an approval counts for.

#include "shared/domain/review.h"
#include "tests/shared/domain/world.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// A page in a restricted space that asks for review; Ada owns the space, Ben only reads it.
class ReviewedPage : public World {
public:
    ReviewedPage()
    {
        space = addSpace(v1::RESTRICTED);
        STOA_ASSERT(accept(member(space, ada, v1::OWNER), server()));
        STOA_ASSERT(accept(member(space, cleo, v1::MODERATOR), server()));
        page = addPost(v1::PAGE, {}, ada, "Handbook");
        STOA_ASSERT(accept(editNumber(space, v1::SPACE_REVIEW, 1), as(ada)));
        proposal = addPost(v1::PROPOSAL, page, ben, "Read this.");
    }
    v1::Change approval(const Id& by, int64_t value = 1) { return mark(v1::APPROVAL, proposal, by, value); }
    ReviewStanding now(const std::vector<Id>& people = {}) { return reviewStanding(record(proposal), people, *this); }

    Id page, proposal;
};

} // namespace

TEST_CASE("a page asks for review where it says so, else as its space says")
{
    ReviewedPage w;
    CHECK(asksForReview(w.record(w.page), w));
    CHECK_FALSE(asksForReview(w.record(w.proposal), w));
    REQUIRE(w.accept(w.editNumber(w.page, v1::POST_REVIEW, v1::REVIEW_NOT_ASKED), World::as(w.cleo)));
    CHECK_FALSE(asksForReview(w.record(w.page), w));
    REQUIRE(w.accept(w.editNumber(w.space, v1::SPACE_REVIEW, 0), World::as(w.ada)));
    REQUIRE(w.accept(w.editNumber(w.page, v1::POST_REVIEW, v1::REVIEW_ASKED, w.record(w.page).writers(0).change()),
                     World::as(w.cleo)));
    CHECK(asksForReview(w.record(w.page), w));
    CHECK(w.submit(w.write(w.page, "", "x"), World::as(w.ada)) == v1::REVIEWED);
}

TEST_CASE("what is wrong with a proposal is refused")
{
    ReviewedPage w;
    const auto refused = [&](auto alter) {
        v1::Change made = w.post(v1::PROPOSAL, w.space, w.page, "x");
        alter(*made.mutable_create_post());
        return w.submit(made, World::as(w.ben));
    };
    CHECK(refused([](v1::CreatePost&) {}) == v1::CODE_NONE);
    CHECK(refused([](v1::CreatePost& post) { post.clear_reason(); }) == v1::EMPTY);
    CHECK(refused([](v1::CreatePost& post) { post.set_reason(std::string(501, 'x')); }) == v1::TOO_LONG);
    CHECK(refused([](v1::CreatePost& post) { post.set_effective_ms(-1); }) == v1::INVALID);
    CHECK(refused([](v1::CreatePost& post) { post.set_effective_ms(INT64_MAX); }) == v1::INVALID);
    CHECK(refused([](v1::CreatePost& post) { post.set_title("x"); }) == v1::INVALID);
    CHECK(refused([](v1::CreatePost& post) { post.clear_parent(); }) == v1::INVALID);
    CHECK(refused([](v1::CreatePost& post) { post.mutable_base()->set_revision(1); }) == v1::INVALID);
    CHECK(refused([](v1::CreatePost& post) { post.mutable_about()->set_line(1); }) == v1::INVALID);
    CHECK(refused([&](v1::CreatePost& post) { post.set_parent(w.proposal.str()); }) == v1::INVALID);

    v1::Change page = w.post(v1::PAGE, w.space, {}, "Another");
    page.mutable_create_post()->set_reason("for a reason");
    CHECK(w.submit(page, World::as(w.ada)) == v1::INVALID);
    const v1::Record& made = w.record(w.proposal);
    CHECK(made.post().root() == w.page.view());
    CHECK(made.post().proposal().state() == v1::PROPOSAL_OPEN);
}

TEST_CASE("a reader comments on their own proposal, on a line of it, and nowhere else")
{
    ReviewedPage w;
    v1::Change comment = w.post(v1::COMMENT, w.space, w.proposal, "why not?");
    comment.mutable_create_post()->mutable_about()->set_line(1);
    comment.mutable_create_post()->mutable_about()->set_quote("Read this.");
    REQUIRE(w.accept(comment, World::as(w.ben)));
    const v1::Record& made = w.record(*Id::from(comment.target()));
    CHECK(made.post().about().quote() == "Read this.");
    CHECK(made.post().root() == w.page.view());
    CHECK(w.submit(w.post(v1::COMMENT, w.space, w.page, "x"), World::as(w.ben)) == v1::NOT_ALLOWED);
    const Id others = w.addPost(v1::PROPOSAL, w.page, w.ada, "x");
    CHECK(w.submit(w.post(v1::COMMENT, w.space, others, "x"), World::as(w.ben)) == v1::NOT_ALLOWED);
    for (const auto& [line, bytes] : {std::pair(0, 1), std::pair(1, 501)}) {
        v1::Change bad = w.post(v1::COMMENT, w.space, w.proposal, "x");
        bad.mutable_create_post()->mutable_about()->set_line(uint32_t(line));
        bad.mutable_create_post()->mutable_about()->set_quote(std::string(size_t(bytes), 'x'));
        CHECK(w.submit(bad, World::as(w.ben)) == v1::INVALID);
    }
}

TEST_CASE("a reader goes on with what they said of a proposal, and with nothing that they said elsewhere")
{
    ReviewedPage w;
    const Id onProposal = w.addPost(v1::COMMENT, w.proposal, w.ben, "why not?");
    CHECK(w.submit(w.write(onProposal, "why not?", "why now?"), World::as(w.ben)) == v1::CODE_NONE);
    CHECK(w.submit(w.write(onProposal, "why now?", "x"), World::as(w.addPerson("dora"))) == v1::NOT_ALLOWED);
    REQUIRE(w.accept(w.member(w.space, w.ben, v1::CONTRIBUTOR), World::as(w.ada)));
    const Id onPage = w.addPost(v1::COMMENT, w.page, w.ben, "as a contributor");
    REQUIRE(w.accept(w.member(w.space, w.ben, v1::READER), World::as(w.ada)));
    CHECK(w.submit(w.write(onPage, "as a contributor", "x"), World::as(w.ben)) == v1::NOT_ALLOWED);
}

TEST_CASE("what a section of a space that asks for review is called, and where it is, is its moderators'")
{
    ReviewedPage w;
    REQUIRE(w.accept(w.member(w.space, w.ben, v1::CONTRIBUTOR), World::as(w.ada)));
    const Id section = w.addPost(v1::SECTION, {}, w.ben, "Rules"), other = w.addPost(v1::SECTION, {}, w.ben, "Drawer");
    REQUIRE(w.accept(w.editRef(w.page, v1::POST_PARENT, section), World::as(w.cleo)));
    const v1::Change removal = w.remove(section);
    CHECK(w.submit(removal, World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.editRef(section, v1::POST_PARENT, other), World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.editNumber(section, v1::POST_POSITION, 7), World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.editText(section, v1::POST_TITLE, "x"), World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.submit(w.editRef(section, v1::POST_PARENT, other), World::as(w.cleo)) == v1::CODE_NONE);
    CHECK(w.submit(w.editText(section, v1::POST_TITLE, "House rules"), World::as(w.cleo)) == v1::CODE_NONE);
    REQUIRE(w.accept(w.editNumber(w.space, v1::SPACE_REVIEW, 0), World::as(w.ada)));
    CHECK(w.submit(removal, World::as(w.ben)) == v1::CODE_NONE);
}

TEST_CASE("who approves their own proposal is told that it is theirs")
{
    ReviewedPage w;
    const Id own = w.addPost(v1::PROPOSAL, w.page, w.cleo, "x");
    const auto refused = apply(w.mark(v1::APPROVAL, own, w.cleo, 1), {World::as(w.cleo), 1, w.directory}, w);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == v1::NOT_ALLOWED);
    CHECK(refused.error().field == v1::PROPOSAL_STATE);
    const auto other = apply(w.approval(w.ben), {World::as(w.ben), 1, w.directory}, w);
    REQUIRE_FALSE(other);
    CHECK(other.error().field == v1::PROPOSAL_STATE);
    v1::Record theirs = w.record(w.proposal);
    theirs.set_author(w.ada.str());
    w.put({FeedKind::Space, w.space}, theirs);
    CHECK(apply(w.approval(w.ben), {World::as(w.ben), 1, w.directory}, w).error().field == v1::FIELD_NONE);
}

TEST_CASE("reviewers are people, each once, and no more than there may be")
{
    ReviewedPage w;
    CHECK(w.submit(w.editRefs(w.page, v1::POST_REVIEWERS, {w.ben, w.ben}), World::as(w.ada)) == v1::INVALID);
    CHECK(w.submit(w.editRefs(w.page, v1::POST_REVIEWERS, {w.page}), World::as(w.ada)) == v1::NOT_FOUND);
    CHECK(w.submit(w.editRefs(w.page, v1::POST_REVIEWERS, std::vector<Id>(17, w.ben)), World::as(w.ada)) ==
          v1::TOO_LONG);
    REQUIRE(w.accept(w.editRefs(w.space, v1::SPACE_REVIEWERS, {w.ada, w.ben}), World::as(w.ada)));
    CHECK(namedReviewers(w.record(w.page), w) == std::vector{w.ada, w.ben});
    CHECK(reviewersOf(w.record(w.proposal), w).named == std::vector{w.ada}); // Ben wrote it
    REQUIRE(w.accept(w.editRefs(w.page, v1::POST_REVIEWERS, {w.cleo}), World::as(w.cleo)));
    CHECK(reviewersOf(w.record(w.proposal), w).named == std::vector{w.cleo});
    CHECK(mayApprove(w.record(w.proposal), World::as(w.cleo), w));
    CHECK_FALSE(mayApprove(w.record(w.proposal), World::as(w.ada), w));
}

TEST_CASE("where only the author is named, any moderator approves")
{
    ReviewedPage w;
    REQUIRE(w.accept(w.editRefs(w.page, v1::POST_REVIEWERS, {w.ben}), World::as(w.ada)));
    CHECK(w.now().anyModerator);
    REQUIRE(w.accept(w.approval(w.cleo), World::as(w.cleo)));
    CHECK(w.now({w.cleo}).isComplete);
    CHECK_FALSE(w.now({}).isComplete);
    CHECK_FALSE(w.now({w.ben}).isComplete);
}

TEST_CASE("whoever moderates judges the proposals of others alone")
{
    ReviewedPage w;
    v1::Record own = w.record(w.addPost(v1::PROPOSAL, w.page, w.cleo, "x"));
    const auto turns = [&](v1::ProposalState to, const Id& by) { return bool(mayTurn(own, to, World::as(by), w)); };
    CHECK_FALSE(turns(v1::PROPOSAL_DECLINED, w.cleo));
    CHECK(turns(v1::PROPOSAL_DECLINED, w.ada));
    CHECK(turns(v1::PROPOSAL_WITHDRAWN, w.cleo));
    own.mutable_post()->mutable_proposal()->set_state(v1::PROPOSAL_DECLINED);
    CHECK_FALSE(turns(v1::PROPOSAL_OPEN, w.cleo));
    CHECK(turns(v1::PROPOSAL_OPEN, w.ada));
}

TEST_CASE("an approval counts for the text that it names alone")
{
    ReviewedPage w;
    REQUIRE(w.accept(w.editRefs(w.page, v1::POST_REVIEWERS, {w.ada, w.cleo}), World::as(w.ada)));
    REQUIRE(w.accept(w.approval(w.ada), World::as(w.ada)));
    REQUIRE(w.accept(w.approval(w.cleo, -1), World::as(w.cleo)));
    CHECK(w.now().approved == std::vector{w.ada});
    CHECK(w.now().asking == std::vector{w.cleo});
    CHECK_FALSE(w.now().isComplete);
    REQUIRE(w.accept(w.approval(w.cleo), World::as(w.cleo)));
    CHECK(w.now().isComplete);

    v1::Record draft = w.record(w.proposal);
    const Feed feed{FeedKind::Space, w.space};
    draft.mutable_post()->mutable_body_version()->set_revision(7);
    w.put(feed, draft);
    CHECK(w.now().approved.empty());
    CHECK(w.now().outstanding.size() == 2);
    draft.mutable_post()->clear_body_version();
    draft.mutable_post()->add_contested()->set_to(1);
    w.put(feed, draft);
    CHECK_FALSE(w.now().isComplete);
    CHECK(w.submit(w.approval(w.ada, 0), World::as(w.ada)) == v1::CODE_NONE);
    CHECK(w.submit(w.approval(w.ada), World::as(w.ada)) == v1::CONTESTED);
    CHECK(w.submit(w.approval(w.ada, -1), World::as(w.ada)) == v1::CODE_NONE);
}

TEST_CASE("what one confirms is what one can have read, and a later text wins")
{
    ReviewedPage w;
    const auto confirmed = [&](int64_t value) {
        REQUIRE(w.accept(w.mark(v1::CONFIRMED, w.page, w.ben, value), World::as(w.ben)));
        return w.record(markId(w.page, w.ben, v1::CONFIRMED)).mark().value();
    };
    CHECK(confirmed(99) == 1); // as it was created: there is no later text
    v1::Record page = w.record(w.page);
    page.mutable_post()->mutable_body_version()->set_revision(7);
    w.put({FeedKind::Space, w.space}, page);
    CHECK(confirmed(8) == 8);
    CHECK(confirmed(2) == 8);
    CHECK(w.submit(w.mark(v1::CONFIRMED, w.page, w.ben, -1), World::as(w.ben)) == v1::INVALID);
    CHECK(w.submit(w.mark(v1::CONFIRMED, w.proposal, w.ben, 1), World::as(w.ben)) == v1::INVALID);
}
