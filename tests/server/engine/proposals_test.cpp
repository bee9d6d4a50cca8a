// Proposals at the server: who approves them, when they take effect, and how they move with their pages.

#include <filesystem>

#include "shared/domain/review.h"
#include "shared/domain/revision.h"
#include "tests/server/engine/pages.h"

namespace {

using namespace stoa;

constexpr int64_t dayMs = 24 * 3'600'000;

// A page that asks for review, with an owner and two who are named, and Ben, who only reads.
class Reviewed : public Pages {
public:
    Reviewed()
    {
        cleo = person("cleo");
        dana = person("dana");
        role(ada, v1::OWNER);
        role(ben, v1::READER);
        set(page, v1::POST_REVIEW, v1::REVIEW_ASKED, ada);
    }

    void set(const Id& target, v1::Field field, int64_t number, const Id& by)
    {
        REQUIRE(submit(edit(target, field, number), {.person = by}).refusal().code() == v1::CODE_NONE);
    }
    v1::Change edit(const Id& target, v1::Field field, int64_t number)
    {
        v1::Change made = change(target);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(field);
        const v1::Record seen = record(target);
        if (const v1::Writer* writer = writerOf(seen, field))
            edit.set_seen(writer->change());
        edit.mutable_value()->set_number(number);
        return made;
    }
    // One of many people, none of whom has more open proposals than one may have.
    Id author(size_t proposals)
    {
        while (authors_.size() <= proposals / limits::openProposalsOfOneMax)
            authors_.push_back(person("author" + std::to_string(authors_.size())));
        return authors_[proposals / limits::openProposalsOfOneMax];
    }
    void nameReviewers(const std::vector<Id>& people)
    {
        v1::Change made = change(page);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(v1::POST_REVIEWERS);
        const v1::Record seen = record();
        if (const v1::Writer* writer = writerOf(seen, v1::POST_REVIEWERS))
            edit.set_seen(writer->change());
        edit.mutable_value()->mutable_refs();
        for (const Id& each : people)
            edit.mutable_value()->mutable_refs()->add_ref(each.str());
        REQUIRE_FALSE(submit(made, {.person = ada}).has_refusal());
    }
    v1::Change proposalOf(const v1::Record& base, const std::string& draft, int64_t dateMs = 0)
    {
        v1::Change made = change(newId(1, random));
        v1::CreatePost& post = *made.mutable_create_post();
        post.set_kind(v1::PROPOSAL);
        post.set_space(space.str());
        post.set_parent(base.id());
        post.set_body(draft);
        post.set_reason("clearer");
        post.set_effective_ms(dateMs);
        if (base.post().has_body_version())
            *post.mutable_base() = base.post().body_version();
        return made;
    }
    Id propose(const std::string& draft, const Id& by, int64_t dateMs = 0)
    {
        return propose(record(), draft, by, dateMs);
    }
    Id propose(const v1::Record& base, const std::string& draft, const Id& by, int64_t dateMs = 0)
    {
        const v1::Change made = proposalOf(base, draft, dateMs);
        REQUIRE(submit(made, {.person = by}).refusal().code() == v1::CODE_NONE);
        return *Id::from(made.target());
    }
    v1::Change approval(const Id& proposal, const Id& by, int sign = 1)
    {
        v1::Change made = change(markId(proposal, by, v1::APPROVAL));
        made.mutable_set_mark()->set_kind(v1::APPROVAL);
        made.mutable_set_mark()->set_on(proposal.str());
        made.mutable_set_mark()->set_value(sign * markOfRevision(present(proposal).post().body_version().revision()));
        return made;
    }
    v1::Code approve(const Id& proposal, const Id& by, int sign = 1)
    {
        return submit(approval(proposal, by, sign), {.person = by}).refusal().code();
    }
    v1::ProposalState state(const Id& proposal) { return record(proposal).post().proposal().state(); }
    bool isCurrent(const Id& proposal)
    {
        return isSameVersion(record(proposal).post().proposal().base(), record().post().body_version());
    }
    // Everything after this is told of by the store alone.
    void requireKept()
    {
        requireWhole();
        std::vector<Id> open, kept;
        for (const StoredVersion& version : versions()) {
            const v1::Record found = version.deleted ? v1::Record() : record(version.id);
            if (found.post().kind() == v1::PROPOSAL && isOpen(found.post().proposal()))
                open.push_back(version.id);
        }
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        for (const OpenProposal& each : snapshot->openProposals())
            kept.push_back(each.proposal);
        std::ranges::sort(open);
        std::ranges::sort(kept);
        CHECK(open == kept);
    }

    void backUp()
    {
        engine.reset();
        store.reset();
        std::filesystem::copy_file(file(), file() + ".backup");
        open();
    }
    void restore()
    {
        engine.reset();
        store.reset();
        std::filesystem::copy_file(file() + ".backup", file(), std::filesystem::copy_options::overwrite_existing);
        for (const char* beside : {"-wal", "-shm"})
            std::filesystem::remove(file() + beside);
        open();
        engine->beginEpoch(2);
    }

    Id cleo, dana;

private:
    std::string file() const { return (directory.path() / "stoa.db").string(); }

    std::vector<Id> authors_;
};

} // namespace

TEST_CASE("a page that asks for review is changed by nobody but through a proposal")
{
    Reviewed w;
    w.role(w.cleo, v1::CONTRIBUTOR);
    for (const Id& each : {w.ada, w.ben, w.cleo})
        CHECK(w.refused(w.text(replace(0, 3, "1")), each) == v1::REVIEWED);
    CHECK(w.submit(w.importedBody("imported"), {.server = true, .import = true}).refusal().code() == v1::CODE_NONE);
    CHECK(w.body() == "imported");
    w.set(w.page, v1::POST_REVIEW, v1::REVIEW_NOT_ASKED, w.ada);
    CHECK(w.accepted(w.text(replace(0, 8, "free")), w.cleo) > 0);
}

TEST_CASE("one approval takes effect at once where nobody is named, and the page says by whom")
{
    Reviewed w;
    const Id proposal = w.propose("one 2 three", w.ben);
    CHECK(w.approve(proposal, w.ben) == v1::NOT_ALLOWED);
    CHECK(w.approve(proposal, w.cleo) == v1::NOT_ALLOWED); // no moderator
    const Committed committed = w.submitAll({w.approval(proposal, w.ada)}, {.person = w.ada});
    CHECK(committed.receipts[0].receipts(0).effects_size() == 1);
    REQUIRE(committed.news.size() == 1);
    CHECK(committed.news[0]->versions.size() == 3); // the mark, the page, the proposal

    CHECK(w.body() == "one 2 three");
    const v1::Record closed = w.record(proposal);
    CHECK(closed.post().proposal().state() == v1::PROPOSAL_EFFECTIVE);
    CHECK(isSameVersion(closed.post().proposal().became(), w.record().post().body_version()));
    const v1::Revision last = w.revisions().back();
    CHECK(last.author() == w.ben.view());
    CHECK(last.summary() == "clearer");
    CHECK(last.proposal() == proposal.view());
    REQUIRE(last.approvers_size() == 1);
    CHECK(last.approvers(0) == w.ada.view());
    CHECK(w.refused(w.text(proposal, replace(0, 1, "x")), w.ben) == v1::CLOSED);
    CHECK(w.submit(w.edit(proposal, v1::PROPOSAL_STATE, v1::PROPOSAL_WITHDRAWN), {.person = w.ben}).refusal().code() ==
          v1::CLOSED);
    w.requireKept();
}

TEST_CASE("all who are named approve exactly this text")
{
    Reviewed w;
    w.nameReviewers({w.cleo, w.dana, w.ben});
    const Id proposal = w.propose("one 2 three", w.ben);
    CHECK(w.approve(proposal, w.ada) == v1::NOT_ALLOWED); // an owner, and not named
    CHECK(w.approve(proposal, w.cleo) == v1::CODE_NONE);
    CHECK(w.state(proposal) == v1::PROPOSAL_OPEN);
    w.pause();
    REQUIRE(w.accepted(w.text(proposal, replace(4, 1, "two and a half")), w.ben) > 0);
    CHECK(w.approve(proposal, w.dana) == v1::CODE_NONE);
    CHECK(w.body() == "one two three"); // Cleo approved another text
    CHECK(w.approve(proposal, w.cleo, -1) == v1::CODE_NONE);
    CHECK(w.body() == "one two three");
    CHECK(w.approve(proposal, w.cleo) == v1::CODE_NONE);
    CHECK(w.body() == "one two and a half three");
    CHECK(w.revisions().back().approvers_size() == 2);
    w.requireKept();
}

TEST_CASE("who is named and may not read the space any more is not waited for")
{
    Reviewed w;
    w.set(w.space, v1::SPACE_VISIBILITY, v1::PRIVATE, w.ada);
    w.role(w.cleo, v1::READER);
    w.nameReviewers({w.cleo, w.dana}); // she is no member
    const Id proposal = w.propose("one 2 three", w.ben);
    CHECK(w.approve(proposal, w.dana) == v1::NOT_FOUND);
    CHECK(w.approve(proposal, w.cleo) == v1::CODE_NONE);
    CHECK(w.body() == "one 2 three");
}

TEST_CASE("an approval of a text that is still to come is refused")
{
    Reviewed w;
    const Id proposal = w.propose("one 2 three", w.ben);
    v1::Change early = w.approval(proposal, w.ada);
    early.mutable_set_mark()->set_value(INT64_MAX);
    CHECK(w.refused(early, w.ada) == v1::INVALID);
}

TEST_CASE("what is approved waits for its date, also over a restart")
{
    Reviewed w;
    const Id proposal = w.propose("one 2 three", w.ben, w.nowMs + 7 * dayMs);
    CHECK(w.approve(proposal, w.ada) == v1::CODE_NONE);
    CHECK(w.state(proposal) == v1::PROPOSAL_WAITING);
    CHECK(w.body() == "one two three");
    w.nowMs += 7 * dayMs - 1;
    w.open();
    w.engine->publishTexts();
    CHECK(w.body() == "one two three");
    REQUIRE(w.engine->nextPublicationMs() == w.nowMs + 1);
    ++w.nowMs;
    w.engine->publishTexts();
    CHECK(w.body() == "one 2 three");
    CHECK(w.state(proposal) == v1::PROPOSAL_EFFECTIVE);
    CHECK(w.engine->nextPublicationMs() == std::nullopt);
    w.requireKept();
}

TEST_CASE("while it waits an approval may be taken back, the text changed or the date altered by those who judge it")
{
    Reviewed w;
    const int64_t dateMs = w.nowMs + dayMs;
    const Id proposal = w.propose("one 2 three", w.ben, dateMs);
    const auto approved = [&] {
        REQUIRE(w.approve(proposal, w.ada) == v1::CODE_NONE);
        REQUIRE(w.state(proposal) == v1::PROPOSAL_WAITING);
    };
    approved();
    CHECK(w.approve(proposal, w.ada, 0) == v1::CODE_NONE);
    CHECK(w.state(proposal) == v1::PROPOSAL_OPEN);
    CHECK(w.record(proposal).post().proposal().approvers().empty());
    approved();
    w.pause();
    REQUIRE(w.accepted(w.text(proposal, replace(0, 3, "1")), w.ben) > 0);
    CHECK(w.state(proposal) == v1::PROPOSAL_OPEN);
    approved();
    CHECK(w.submit(w.edit(proposal, v1::PROPOSAL_DATE, 0), {.person = w.ben}).refusal().code() == v1::NOT_ALLOWED);
    v1::Change reason = w.edit(proposal, v1::PROPOSAL_REASON, 0);
    reason.mutable_edit()->mutable_fields(0)->mutable_value()->set_text("for another reason");
    CHECK(w.submit(reason, {.person = w.ben}).refusal().code() == v1::NOT_ALLOWED);
    CHECK(w.body() == "one two three");
    w.nowMs = dateMs - 1;
    w.set(proposal, v1::PROPOSAL_DATE, 0, w.ada);
    CHECK(w.body() == "1 2 three");
    w.requireKept();
}

TEST_CASE("another date or reason by the author is approved anew, also by way of withdrawing")
{
    Reviewed w;
    const Id proposal = w.propose("one 2 three", w.ben, w.nowMs + 7 * dayMs);
    REQUIRE(w.approve(proposal, w.ada) == v1::CODE_NONE);
    REQUIRE(w.state(proposal) == v1::PROPOSAL_WAITING);
    std::vector<v1::Change> push{w.edit(proposal, v1::PROPOSAL_STATE, v1::PROPOSAL_WITHDRAWN),
                                 w.edit(proposal, v1::PROPOSAL_STATE, v1::PROPOSAL_OPEN)};
    push[1].mutable_edit()->mutable_fields(0)->set_seen(push[0].id());
    SECTION("the date brought forward")
    {
        push.push_back(w.edit(proposal, v1::PROPOSAL_DATE, 0));
    }
    SECTION("the reason")
    {
        push.push_back(w.edit(proposal, v1::PROPOSAL_REASON, 0));
        push[2].mutable_edit()->mutable_fields(0)->mutable_value()->set_text("for another reason");
    }
    const Committed committed = w.submitAll(push, {.person = w.ben});
    for (const v1::Receipt& each : committed.receipts[0].receipts())
        REQUIRE(each.refusal().code() == v1::CODE_NONE);
    CHECK(w.body() == "one two three");
    CHECK(w.state(proposal) == v1::PROPOSAL_OPEN);
    CHECK(w.record(proposal).post().body() == "one 2 three");
    REQUIRE(w.approve(proposal, w.ada) == v1::CODE_NONE);
    CHECK(w.state(proposal) != v1::PROPOSAL_OPEN);
    w.requireKept();
}

TEST_CASE("what its author wrote on goes with the other date, and those who judge alter it without being asked again")
{
    Reviewed w;
    w.nameReviewers({w.cleo, w.dana});
    const Id proposal = w.propose("one 2 three", w.ben, w.nowMs + dayMs);
    REQUIRE(w.accepted(w.text(proposal, replace(0, 3, "1")), w.ben) > 0);
    REQUIRE(w.accepted(w.text(proposal, replace(0, 1, "first")), w.ben) > 0); // the record does not have it yet
    REQUIRE(w.approve(proposal, w.cleo) == v1::CODE_NONE);
    w.set(proposal, v1::PROPOSAL_DATE, w.nowMs + 2 * dayMs, w.ben);
    CHECK(w.record(proposal).post().body() == "first 2 three");
    REQUIRE(w.approve(proposal, w.dana) == v1::CODE_NONE);
    CHECK(w.state(proposal) == v1::PROPOSAL_OPEN); // Cleo approved another date
    REQUIRE(w.approve(proposal, w.cleo) == v1::CODE_NONE);
    CHECK(w.state(proposal) == v1::PROPOSAL_WAITING);
    w.set(proposal, v1::PROPOSAL_DATE, 0, w.dana);
    CHECK(w.body() == "first 2 three");
    w.requireKept();
}

TEST_CASE("an open proposal moves with its page, and is asked for again")
{
    Reviewed w;
    const Id first = w.propose("1 two three", w.ben);
    const Id second = w.propose("one two 3", w.cleo);
    const int64_t dateMs = w.nowMs + dayMs;
    const Id waiting = w.propose("one 2 three", w.dana, dateMs);
    REQUIRE(w.approve(waiting, w.ada) == v1::CODE_NONE);
    REQUIRE(w.state(waiting) == v1::PROPOSAL_WAITING);
    const v1::Change before = w.approval(second, w.ada);
    REQUIRE(w.approve(first, w.ada) == v1::CODE_NONE);
    CHECK(w.body() == "1 two three");
    CHECK(w.record(second).post().body() == "1 two 3");
    CHECK(w.record(waiting).post().body() == "1 2 three");
    CHECK(w.isCurrent(second));
    CHECK(w.state(waiting) == v1::PROPOSAL_OPEN); // another text than the one that was approved
    CHECK(w.revisions(second).back().author().empty());
    REQUIRE(w.submit(before, {.person = w.ada}).refusal().code() == v1::CODE_NONE);
    CHECK(w.body() == "1 two three"); // given to the text before
    REQUIRE(w.approve(second, w.ada) == v1::CODE_NONE);
    CHECK(w.body() == "1 two 3");
    w.nowMs = dateMs;
    w.engine->publishTexts();
    CHECK(w.body() == "1 two 3");
    w.requireKept();
}

TEST_CASE("a page that does not ask for review is written on, and its proposals move with the record")
{
    Reviewed w;
    w.set(w.page, v1::POST_REVIEW, v1::REVIEW_NOT_ASKED, w.ada);
    const Id proposal = w.propose("one two 3", w.ben);
    REQUIRE(w.accepted(w.text(replace(0, 3, "1")), w.ada) > 0);
    CHECK(w.record(proposal).post().body() == "1 two 3");
    REQUIRE(w.accepted(w.text(replace(0, 1, "first")), w.ada) > 0); // the record does not have it yet
    REQUIRE(w.body() == "1 two three");
    CHECK(w.approve(proposal, w.ada) == v1::CODE_NONE);
    CHECK(w.body() == "first two three"); // given out first, so that nobody approves what they did not see
    CHECK(w.state(proposal) == v1::PROPOSAL_OPEN);
    CHECK(w.record(proposal).post().body() == "first two 3");
    CHECK(w.approve(proposal, w.ada) == v1::CODE_NONE);
    CHECK(w.body() == "first two 3");
    w.requireKept();
}

TEST_CASE("where the page and the draft rewrote one passage both stand, and nobody approves it until it is resolved")
{
    Reviewed w;
    const Id first = w.propose("one second three", w.cleo);
    const Id second = w.propose("one 2 three", w.ben);
    REQUIRE(w.approve(first, w.ada) == v1::CODE_NONE);
    const v1::Record moved = w.record(second);
    CHECK(moved.post().body() == "one 2second three");
    REQUIRE(moved.post().contested_size() == 2);
    CHECK(w.approve(second, w.ada) == v1::CONTESTED);
    v1::Change resolving = w.text(second, replace(4, 7, "second, "));
    *resolving.mutable_edit_text()->mutable_resolved() = moved.post().contested();
    w.pause();
    REQUIRE(w.accepted(resolving, w.ben) > 0);
    CHECK(w.approve(second, w.ada) == v1::CODE_NONE);
    CHECK(w.state(second) == v1::PROPOSAL_EFFECTIVE);
    CHECK(w.record().post().contested().empty());
    w.requireKept();
}

TEST_CASE("a draft that was made over an older text of the page, without a network, is moved when it comes")
{
    Reviewed w;
    const v1::Record asCreated = w.record();
    REQUIRE(w.approve(w.propose("1 two three", w.cleo), w.ada) == v1::CODE_NONE);
    const v1::Record afterFirst = w.record();
    REQUIRE(w.approve(w.propose("1 two three four", w.cleo), w.ada) == v1::CODE_NONE);
    const Id early = w.propose(asCreated, "one 2 three", w.ben), later = w.propose(afterFirst, "1 2 three", w.dana);
    CHECK(w.record(early).post().body() == "1 2 three four");
    CHECK(w.record(later).post().body() == "1 2 three four");
    CHECK(w.isCurrent(early));
    CHECK(w.isCurrent(later));
    w.requireKept();
}

TEST_CASE("a draft over a text that the server does not know stays as it is, and is not approved")
{
    Reviewed w;
    REQUIRE(w.approve(w.propose("1 two three", w.cleo), w.ada) == v1::CODE_NONE);
    v1::Record unknown = w.record();
    unknown.mutable_post()->mutable_body_version()->set_seal(std::string(16, 'x'));
    const Id proposal = w.propose(unknown, "mine", w.ben);
    CHECK(w.record(proposal).post().body() == "mine");
    CHECK(w.approve(proposal, w.ada) == v1::UNKNOWN_BASE);
    CHECK(w.body() == "1 two three");
}

TEST_CASE("who withdraws, declines and reopens, and a reopened one moves with what was done meanwhile")
{
    Reviewed w;
    const auto turned = [&](const Id& proposal, v1::ProposalState to, const Id& by) {
        return w.submit(w.edit(proposal, v1::PROPOSAL_STATE, to), {.person = by}).refusal().code();
    };
    const Id proposal = w.propose("one two 3", w.ben);
    CHECK(turned(proposal, v1::PROPOSAL_WITHDRAWN, w.ada) == v1::NOT_ALLOWED);
    CHECK(turned(proposal, v1::PROPOSAL_DECLINED, w.cleo) == v1::NOT_ALLOWED);
    CHECK(turned(proposal, v1::PROPOSAL_EFFECTIVE, w.ada) == v1::NOT_ALLOWED);
    REQUIRE(turned(proposal, v1::PROPOSAL_DECLINED, w.ada) == v1::CODE_NONE);
    CHECK(w.approve(proposal, w.ada) == v1::CLOSED);
    CHECK(turned(proposal, v1::PROPOSAL_OPEN, w.ben) == v1::NOT_ALLOWED);
    REQUIRE(w.approve(w.propose("1 two three", w.cleo), w.ada) == v1::CODE_NONE);
    CHECK(w.record(proposal).post().body() == "one two 3");
    REQUIRE(turned(proposal, v1::PROPOSAL_OPEN, w.ada) == v1::CODE_NONE);
    CHECK(w.record(proposal).post().body() == "1 two 3");
    REQUIRE(turned(proposal, v1::PROPOSAL_WITHDRAWN, w.ben) == v1::CODE_NONE);
    CHECK(turned(proposal, v1::PROPOSAL_DECLINED, w.ada) == v1::NOT_ALLOWED);
    w.requireKept();
}

TEST_CASE("a page has so many open proposals and no more, and those of a deleted page come to nothing")
{
    Reviewed w;
    std::vector<Id> all;
    for (size_t i = 0; i < limits::openProposalsMax; ++i)
        all.push_back(w.propose("one two 3", i < limits::openProposalsOfOneMax ? w.ben : w.author(i)));
    const v1::Receipt refused = w.submit(w.proposalOf(w.record(), "one more"), {.person = w.cleo});
    CHECK(refused.refusal().code() == v1::TOO_MANY);
    CHECK(refused.refusal().limit() == limits::openProposalsMax);
    REQUIRE_FALSE(
        w.submit(w.edit(all[0], v1::PROPOSAL_STATE, v1::PROPOSAL_WITHDRAWN), {.person = w.ben}).has_refusal());
    all.push_back(w.propose("one more", w.cleo));
    CHECK(w.submit(w.edit(all[0], v1::PROPOSAL_STATE, v1::PROPOSAL_OPEN), {.person = w.ben}).refusal().code() ==
          v1::TOO_MANY);
    w.requireKept();
    v1::Change removed = w.change(w.page);
    removed.mutable_delete_();
    REQUIRE_FALSE(w.submit(removed, {.person = w.ada}).has_refusal());
    CHECK(w.approve(all[1], w.ada) == v1::NOT_FOUND);
    v1::Change own = w.change(all[1]);
    own.mutable_delete_();
    CHECK_FALSE(w.submit(own, {.person = w.ben}).has_refusal());
    w.requireKept();
}

TEST_CASE("after a restore what devices hand back is waited for before a proposal takes effect")
{
    Reviewed w;
    w.nameReviewers({w.cleo, w.dana});
    const Id proposal = w.propose("one 2 three", w.ben), other = w.propose("one two 3", w.ben);
    REQUIRE(w.approve(proposal, w.cleo) == v1::CODE_NONE);
    const uint64_t head = w.Pages::state().head;
    w.backUp();
    REQUIRE(w.approve(proposal, w.dana) == v1::CODE_NONE);
    REQUIRE(w.body() == "one 2 three");
    const std::vector<StoredVersion> lost = w.versions(head);
    REQUIRE(lost.size() == 4); // her mark, the page, and both proposals
    w.restore();
    REQUIRE(w.body() == "one two three");
    const auto comesBack = [&](bool all) {
        for (const StoredVersion& each : lost) {
            v1::Record record;
            REQUIRE(record.ParseFromString(each.bytes));
            if (all || record.has_mark())
                w.handBack(record, each.number, w.ben);
        }
    };
    const auto later = [&] {
        CHECK(w.engine->nextPublicationMs() == w.nowMs + limits::handedBackPauseMs);
        w.nowMs += limits::handedBackPauseMs;
        w.engine->publishTexts();
    };
    SECTION("all of it: then it did so already")
    {
        comesBack(true);
        CHECK(w.body() == "one 2 three");
        CHECK(w.state(proposal) == v1::PROPOSAL_EFFECTIVE);
        later();
        CHECK(w.revisions().empty());
        CHECK(w.record(other).post().body() == "one 2 3");
        CHECK(w.isCurrent(other));
    }
    SECTION("the approval alone: then it does")
    {
        comesBack(false);
        CHECK(w.body() == "one two three");
        later();
        CHECK(w.body() == "one 2 three");
        CHECK(w.state(proposal) == v1::PROPOSAL_EFFECTIVE);
        CHECK(w.record(other).post().body() == "one 2 3");
    }
    w.requireKept();
}

TEST_CASE("an approval is not forgotten where nobody is named and it comes back after a restore")
{
    Reviewed w;
    const Id proposal = w.propose("one 2 three", w.ben);
    const uint64_t head = w.Pages::state().head;
    w.backUp();
    REQUIRE(w.approve(proposal, w.ada) == v1::CODE_NONE);
    const std::vector<StoredVersion> lost = w.versions(head);
    w.restore();
    for (const StoredVersion& each : lost) {
        v1::Record record;
        REQUIRE(record.ParseFromString(each.bytes));
        if (record.has_mark())
            w.handBack(record, each.number, w.ben);
    }
    CHECK(w.body() == "one two three");
    w.nowMs += limits::handedBackPauseMs;
    w.open();
    w.engine->publishTexts();
    CHECK(w.body() == "one 2 three");
    w.requireKept();
}

TEST_CASE("what was agreed before the store kept who said something takes effect on its date")
{
    Reviewed w;
    const Id proposal = w.propose("one 2 three", w.ben, w.nowMs + 7 * dayMs);
    REQUIRE(w.approve(proposal, w.ada) == v1::CODE_NONE);
    {
        const auto transaction = w.store->begin();
        transaction->dropJudges(proposal);
        transaction->commit();
    }
    w.open();
    w.nowMs += 7 * dayMs;
    w.engine->publishTexts();
    CHECK(w.body() == "one 2 three");
    w.requireKept();
}

TEST_CASE("a date that comes back after a restore is approved anew")
{
    Reviewed w;
    const Id proposal = w.propose("one 2 three", w.ben, w.nowMs + 7 * dayMs);
    REQUIRE(w.approve(proposal, w.ada) == v1::CODE_NONE);
    w.backUp();
    ++w.nowMs;
    std::vector<v1::Change> push{w.edit(proposal, v1::PROPOSAL_STATE, v1::PROPOSAL_WITHDRAWN),
                                 w.edit(proposal, v1::PROPOSAL_STATE, v1::PROPOSAL_OPEN),
                                 w.edit(proposal, v1::PROPOSAL_DATE, 0)};
    push[1].mutable_edit()->mutable_fields(0)->set_seen(push[0].id());
    const Committed committed = w.submitAll(push, {.person = w.ben});
    for (const v1::Receipt& each : committed.receipts[0].receipts())
        REQUIRE(each.refusal().code() == v1::CODE_NONE);
    const v1::Record lost = w.record(proposal);
    const uint64_t number = w.versions().back().number;
    w.restore();
    REQUIRE(w.approve(proposal, w.ada, 0) == v1::CODE_NONE);
    REQUIRE(w.approve(proposal, w.ada) == v1::CODE_NONE);
    REQUIRE(w.state(proposal) == v1::PROPOSAL_WAITING);
    w.handBack(lost, number, w.ben);
    CHECK(w.record(proposal).post().proposal().effective_ms() == 0);
    w.nowMs += limits::handedBackPauseMs;
    w.engine->publishTexts();
    CHECK(w.body() == "one two three");
    CHECK(w.state(proposal) == v1::PROPOSAL_OPEN);
    CHECK(w.approve(proposal, w.ada) == v1::CODE_NONE);
    CHECK(w.body() == "one 2 three");
    w.requireKept();
}

TEST_CASE("who approved is known where the names are taken away afterwards")
{
    Reviewed w;
    w.role(w.cleo, v1::MODERATOR);
    w.nameReviewers({w.cleo, w.dana});
    const Id proposal = w.propose("one 2 three", w.ben);
    REQUIRE(w.approve(proposal, w.cleo) == v1::CODE_NONE);
    CHECK(w.body() == "one two three");
    w.nameReviewers({});
    CHECK(w.body() == "one 2 three"); // one of them was enough
    CHECK(w.state(proposal) == v1::PROPOSAL_EFFECTIVE);
    w.requireKept();
}

TEST_CASE("one person has some open proposals for a page and no more")
{
    Reviewed w;
    std::vector<Id> mine;
    for (size_t i = 0; i < limits::openProposalsOfOneMax; ++i)
        mine.push_back(w.propose("one two 3", w.ben));
    const v1::Receipt refused = w.submit(w.proposalOf(w.record(), "one more"), {.person = w.ben});
    CHECK(refused.refusal().code() == v1::TOO_MANY);
    CHECK(refused.refusal().limit() == limits::openProposalsOfOneMax);
    w.propose("one two 3", w.cleo);
    w.set(mine[0], v1::PROPOSAL_STATE, v1::PROPOSAL_WITHDRAWN, w.ben);
    w.propose("one more", w.ben);
    CHECK(w.submit(w.edit(mine[0], v1::PROPOSAL_STATE, v1::PROPOSAL_OPEN), {.person = w.ben}).refusal().code() ==
          v1::TOO_MANY);
    w.requireKept();
}

TEST_CASE("a draft moves on a page with a long past")
{
    Reviewed w;
    const auto becomes = [&](const std::string& body) {
        REQUIRE_FALSE(w.submit(w.importedBody(body), {.server = true, .import = true}).has_refusal());
    };
    for (char letter = 'a'; letter < 'g'; ++letter)
        becomes(std::string(1'900'000, letter));
    becomes("one two three");
    const v1::Record base = w.record();
    becomes("one two 3");
    const Id proposal = w.propose(base, "1 two three", w.ben);
    CHECK(w.record(proposal).post().body() == "1 two 3");
    CHECK(w.state(proposal) == v1::PROPOSAL_OPEN);
    CHECK(w.isCurrent(proposal));
    w.requireKept();
}

TEST_CASE("a draft of a text that cannot be worked out is closed by the server, once, and stays to be read")
{
    Reviewed w;
    const auto becomes = [&](const std::string& body) {
        REQUIRE_FALSE(w.submit(w.importedBody(body), {.server = true, .import = true}).has_refusal());
    };
    becomes("one");
    becomes("one two");
    const v1::Record base = w.record();
    becomes("one two three");
    { // as after a restore that lost one of them
        const auto transaction = w.store->begin();
        std::vector<v1::Revision> kept = transaction->revisionsAfter(w.page, 0, SIZE_MAX);
        const v1::Revision whole = transaction->revision(w.page, 0).value();
        transaction->dropRevisions(w.page);
        transaction->addRevision(w.page, whole);
        for (size_t i = 1; i < kept.size(); ++i)
            transaction->addRevision(w.page, kept[i]);
        transaction->commit();
    }
    const Id proposal = w.propose(base, "mine", w.ben);
    const v1::Record closed = w.record(proposal);
    CHECK(closed.post().proposal().state() == v1::PROPOSAL_DECLINED);
    CHECK(closed.post().body() == "mine");
    const v1::Writer* writer = writerOf(closed, v1::PROPOSAL_STATE);
    REQUIRE(writer != nullptr);
    CHECK(writer->author().empty());
    w.requireKept();
}

TEST_CASE("more drafts than one commit moves are moved by the next turns")
{
    Reviewed w;
    std::string body;
    while (body.size() < 300'000)
        body += "A line of a long page.\n";
    REQUIRE_FALSE(w.submit(w.importedBody(body), {.server = true, .import = true}).has_refusal());
    std::vector<Id> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(w.propose(body + "The end.\n", w.author(size_t(i))));
    const Id first = w.propose("The beginning.\n" + body, w.cleo);
    REQUIRE(w.approve(first, w.ada) == v1::CODE_NONE);
    const auto behind = [&] { return std::ranges::count_if(all, [&](const Id& each) { return !w.isCurrent(each); }); };
    CHECK(behind() > 0);
    CHECK(behind() < 20);
    w.requireKept();
    CHECK(w.engine->nextPublicationMs() == w.nowMs + limits::settlePauseMs);
    for (int turns = 0; turns < 4 && w.engine->nextPublicationMs(); ++turns) {
        const auto before = behind();
        w.nowMs += limits::settlePauseMs;
        w.engine->publishTexts();
        CHECK(before - behind() <= std::ptrdiff_t(limits::publishedBytesAtOnce / body.size()) + 1);
    }
    CHECK(behind() == 0);
    const bool moved = w.record(all.back()).post().body() == "The beginning.\n" + body + "The end.\n";
    CHECK(moved);
    CHECK(w.engine->nextPublicationMs() == std::nullopt);
    w.requireKept();
}
