#include "client/replica/body_drafts.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

v1::Receipt accepted(const v1::Change& change, const Feed& feed, uint64_t number)
{
    v1::Receipt receipt;
    receipt.set_change(change.id());
    receipt.add_effects()->set_feed(feed.key());
    receipt.mutable_effects(0)->set_number(number);
    return receipt;
}

v1::Receipt refused(const v1::Change& change, v1::Code code)
{
    v1::Receipt receipt;
    receipt.set_change(change.id());
    receipt.mutable_refusal()->set_code(code);
    return receipt;
}

void send(Shelf& shelf)
{
    shelf.within(
        [&] { shelf.replica->markSent(shelf.replica->waiting(pushLimits(), [](const Feed&) { return true; })); });
}

int shadows(const Shelf& shelf)
{
    Database file(shelf.path(), Database::Mode::Read);
    Statement count(file, "SELECT count(*) FROM shadows");
    REQUIRE(count.step());
    return int(count.number(0));
}

} // namespace

TEST_CASE("what was accepted into another feed than its target's is not waited for when that one is forgotten")
{
    Shelf shelf;
    REQUIRE(shelf.submit(shelf.ask("Mine")));
    const v1::Change change = shelf.ask("Moved");
    REQUIRE(shelf.submit(change));
    send(shelf);
    shelf.within([&] { shelf.replica->settle(accepted(change, shelf.directory(), 900)); });
    CHECK(outbox(*shelf.read(), 9).size() == 2);
    shelf.within([&] { shelf.replica->forget(shelf.directory()); });
    CHECK(outbox(*shelf.read(), 9).size() == 1); // the other one
    shelf.open();
    CHECK(shelf.replica->waitingCount() == 1);
}

TEST_CASE("a change shows at once and stays shown until its effect has arrived")
{
    Shelf shelf;
    const v1::Change change = shelf.ask("Mine");
    const Id post = *Id::from(change.target());
    REQUIRE(shelf.submit(change));
    CHECK(stoa::post(*shelf.read(), post)->pending);
    send(shelf);
    v1::Record made = shelf.question("Mine");
    made.set_id(change.target());
    made.mutable_post()->set_root(change.target());
    SECTION("the receipt before the batch")
    {
        shelf.within([&] { shelf.replica->settle(accepted(change, shelf.space(), 2)); });
        CHECK(stoa::post(*shelf.read(), post)->pending);
        CHECK(outbox(*shelf.read(), 9).size() == 1);
        REQUIRE(shelf.receive(shelf.space(), {made}) == Replica::Received::AtHead);
    }
    SECTION("the batch before the receipt")
    {
        REQUIRE(shelf.receive(shelf.space(), {made}) == Replica::Received::AtHead);
        CHECK(stoa::post(*shelf.read(), post)->pending);
        shelf.within([&] { shelf.replica->settle(accepted(change, shelf.space(), 2)); });
    }
    SECTION("with the program ended in between")
    {
        shelf.within([&] { shelf.replica->settle(accepted(change, shelf.space(), 2)); });
        shelf.open();
        REQUIRE(shelf.receive(shelf.space(), {made}) == Replica::Received::AtHead);
    }
    CHECK_FALSE(stoa::post(*shelf.read(), post)->pending);
    CHECK(outbox(*shelf.read(), 9).isEmpty());
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("a change is kept once, and its id never means something else")
{
    Shelf shelf;
    v1::Change change = shelf.ask("Once");
    for (int i = 0; i < 50; ++i)
        REQUIRE(shelf.submit(change));
    CHECK(outbox(*shelf.read(), 9).size() == 1);
    change.mutable_create_post()->set_title("Other");
    CHECK(shelf.submit(change).error().code == v1::ID_REUSED);
}

TEST_CASE("what breaks the rules is refused at once and leaves nothing behind")
{
    Shelf shelf;
    v1::Change change = shelf.ask("Title");
    SECTION("an unknown field")
    {
        change.GetReflection()->MutableUnknownFields(&change)->AddVarint(900, 1);
        CHECK(shelf.submit(change).error().code == v1::NEWER_THAN_SERVER);
    }
    SECTION("a body over the limit")
    {
        change.mutable_create_post()->set_body(std::string((2 << 20) + 1, 'x'));
        CHECK(shelf.submit(change).error().code == v1::TOO_LONG);
    }
    SECTION("a NUL")
    {
        change.mutable_create_post()->set_body(std::string("a\0b", 3));
        CHECK(shelf.submit(change).error().code == v1::BAD_TEXT);
    }
    SECTION("a space that is not here")
    {
        change.mutable_create_post()->set_space(shelf.id().str());
        CHECK(shelf.submit(change).error().code == v1::NOT_FOUND);
    }
    CHECK(outbox(*shelf.read(), 9).isEmpty());
    CHECK(posts(*shelf.read(), {}, std::nullopt, 9).rows.isEmpty());
}

TEST_CASE("a change for a newer server waits in the outbox with the reason")
{
    Shelf shelf;
    const v1::Change change = shelf.ask("From the future");
    REQUIRE(shelf.submit(change));
    send(shelf);
    shelf.within([&] { shelf.replica->settle(refused(change, v1::NEWER_THAN_SERVER)); });
    const auto rows = outbox(*shelf.read(), 9);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].refusal.code == v1::NEWER_THAN_SERVER);
    // A refused post stays readable for who wrote it.
    CHECK(post(*shelf.read(), *Id::from(change.target()))->refused);
}

TEST_CASE("a refused vote shows no effect, and stays in the ledger")
{
    Shelf shelf;
    v1::Record question = shelf.question("Theirs");
    question.set_author(shelf.id().str());
    REQUIRE(shelf.receive(shelf.space(), {question}) == Replica::Received::AtHead);
    const v1::Change vote = shelf.vote(question);
    REQUIRE(shelf.submit(vote));
    CHECK(post(*shelf.read(), idOf(question))->score == 1);
    CHECK(post(*shelf.read(), idOf(question))->myVote == 1);
    send(shelf);
    shelf.within([&] { shelf.replica->settle(refused(vote, v1::NOT_ALLOWED)); });
    CHECK(post(*shelf.read(), idOf(question))->score == 0);
    CHECK(outbox(*shelf.read(), 9)[0].state == ChangeState::Refused);
}

TEST_CASE("what is pending on a record of another feed with the same id keeps nothing back here")
{
    Shelf shelf;
    const Feed other{FeedKind::Space, shelf.id()};
    shelf.within([&] {
        v1::Welcome welcome;
        welcome.set_person(shelf.me.str());
        welcome.set_organisation(shelf.organisation.str());
        welcome.set_epoch(1);
        for (const Feed& feed : {shelf.directory(), shelf.personal(), shelf.space(), other}) {
            v1::FeedHead& head = *welcome.add_feeds();
            head.set_feed(feed.key());
            head.set_head(1000);
        }
        REQUIRE(shelf.replica->welcome(welcome));
    });
    v1::Record lab = shelf.record(other.owner);
    lab.mutable_space()->set_name("Other");
    lab.mutable_space()->set_visibility(v1::OPEN);
    REQUIRE(shelf.receive(other, {lab}) == Replica::Received::AtHead);

    // The id is taken, in a space that was read before.
    v1::Change asked = shelf.ask("Mine");
    asked.mutable_create_post()->set_space(other.owner.str());
    REQUIRE(shelf.submit(asked));
    send(shelf);
    shelf.within([&] { shelf.replica->settle(refused(asked, v1::EXISTS)); });
    v1::Record taken = shelf.record(*Id::from(asked.target()));
    taken.mutable_post()->set_kind(v1::QUESTION);
    taken.mutable_post()->set_space(shelf.spaceId.str());
    taken.mutable_post()->set_root(asked.target());
    taken.mutable_post()->set_title("Theirs");
    REQUIRE(shelf.receive(shelf.space(), {taken}) == Replica::Received::AtHead);
    v1::Change removal;
    removal.set_id(shelf.id().str());
    removal.set_target(asked.target());
    removal.mutable_delete_();
    REQUIRE(shelf.submit(removal));

    shelf.within([&] { CHECK(shelf.replica->discard(*Id::from(asked.id()))); });
    shelf.within([&] { CHECK(shelf.replica->discard(*Id::from(removal.id()))); });
    CHECK(outbox(*shelf.read(), 9).isEmpty());
    CHECK(shadows(shelf) == 0);
    CHECK(post(*shelf.read(), *Id::from(asked.target()))->title == QStringLiteral("Theirs"));
}

TEST_CASE("what was never sent can be withdrawn, what was sent cannot")
{
    Shelf shelf;
    const v1::Change change = shelf.ask("Hm");
    REQUIRE(shelf.submit(change));
    SECTION("waiting")
    {
        shelf.within([&] { CHECK(shelf.replica->discard(*Id::from(change.id()))); });
        CHECK_FALSE(post(*shelf.read(), *Id::from(change.target())));
        CHECK(outbox(*shelf.read(), 9).isEmpty());
    }
    SECTION("sent")
    {
        send(shelf);
        shelf.within([&] { CHECK(shelf.replica->discard(*Id::from(change.id())).error().code == v1::ALREADY_SENT); });
        CHECK(outbox(*shelf.read(), 9).size() == 1);
    }
}

TEST_CASE("what is sent is sent in order and within the limits")
{
    Shelf shelf;
    std::vector<v1::Change> asked;
    for (int i = 0; i < 30; ++i) {
        asked.push_back(shelf.ask("Q" + std::to_string(i)));
        REQUIRE(shelf.submit(asked.back()));
    }
    v1::Limits few = pushLimits();
    few.set_push_changes_max(10);
    const auto ready = [](const Feed&) { return true; };
    auto taken = shelf.replica->waiting(few, ready);
    REQUIRE(taken.size() == 10);
    CHECK(taken[9].bytes == asked[9].SerializeAsString());
    few.set_push_bytes_max(1);
    CHECK(shelf.replica->waiting(few, ready).size() == 1);
    CHECK(shelf.replica->waiting(few, [](const Feed&) { return false; }).empty());
}

TEST_CASE("a draft goes with the transaction that stores its change")
{
    Shelf shelf;
    shelf.within([&] { shelf.replica->saveDraft("ask", "T", "text", ""); });
    v1::Change bad = shelf.ask("");
    shelf.within([&] { CHECK_FALSE(shelf.replica->submit(bad, "ask")); });
    CHECK(draft(*shelf.read(), QStringLiteral("ask")));
    shelf.within([&] { CHECK(shelf.replica->submit(shelf.ask("T"), "ask")); });
    CHECK_FALSE(draft(*shelf.read(), QStringLiteral("ask")));
}

TEST_CASE("people count the posts that wait, what they set where nothing else does, and what they saw never")
{
    Shelf shelf;
    v1::Record question = shelf.question("Old");
    question.set_author(shelf.id().str()); // one votes for what others wrote
    REQUIRE(shelf.receive(shelf.space(), {question}) == Replica::Received::AtHead);
    const auto counts = [&] { return std::pair(shelf.replica->unsentCount(), outboxCount(*shelf.read())); };
    v1::Change seen;
    seen.set_id(shelf.id().str());
    seen.set_target(markId(shelf.spaceId, shelf.me, v1::SEEN).str());
    seen.mutable_set_mark()->set_kind(v1::SEEN);
    seen.mutable_set_mark()->set_on(shelf.spaceId.str());
    seen.mutable_set_mark()->set_value(shelf.nowMs);
    REQUIRE(shelf.submit(seen));
    REQUIRE(shelf.replica->waitingCount() == 1);
    CHECK(counts() == std::pair(0, 0));
    REQUIRE(shelf.submit(shelf.vote(question)));
    CHECK(counts() == std::pair(1, 1));
    const v1::Change asked = shelf.ask("New");
    REQUIRE(shelf.submit(asked));
    CHECK(counts() == std::pair(1, 1));
    v1::Change renamed;
    renamed.set_id(shelf.id().str());
    renamed.set_target(asked.target());
    v1::FieldEdit& field = *renamed.mutable_edit()->add_fields();
    field.set_field(v1::POST_TITLE);
    field.mutable_value()->set_text("Newer");
    REQUIRE(shelf.submit(renamed));
    REQUIRE(shelf.submit(shelf.ask("Newest")));
    CHECK(shelf.replica->waitingCount() == 5);
    CHECK(counts() == std::pair(2, 2));
}

TEST_CASE("what waits is counted beside what needs the person, whatever that is")
{
    Shelf shelf;
    std::vector<v1::Record> questions;
    for (const char* title : {"One", "Two", "Three"}) {
        questions.push_back(shelf.question(title));
        questions.back().set_author(shelf.id().str());
    }
    REQUIRE(shelf.receive(shelf.space(), questions) == Replica::Received::AtHead);
    for (const v1::Record& each : questions)
        REQUIRE(shelf.submit(shelf.vote(each)));
    CHECK(outboxCount(*shelf.read()) == 3);
    shelf.within([&] {
        for (int i = 0; i < 120; ++i) {
            const Draft draft = toDraft({.before = "One", .after = "One two", .title = QString::number(i)});
            shelf.nowMs += 1'000;
            shelf.replica->saveDraft(bodyDraftPlace(shelf.id()).toStdString(), draft.title.toStdString(),
                                     draft.text.toStdString(), {});
        }
    });
    CHECK(shelf.replica->unsentCount() == 3);
    CHECK(outboxCount(*shelf.read()) == 123);
    // The newest is first, and all are there.
    const QList<OutboxRow> rows = outbox(*shelf.read(), 200);
    CHECK(rows.size() == 123);
    CHECK(rows[0].title == QStringLiteral("119"));
}

TEST_CASE("a text that could not be stored is a row of the outbox until it is discarded")
{
    Shelf shelf;
    const v1::Record question = shelf.question("Pumps");
    const Id post = idOf(question);
    REQUIRE(shelf.receive(shelf.space(), {question}) == Replica::Received::AtHead);
    const Draft draft = toDraft(
        {.before = "One", .after = "One two", .why = {v1::NOT_ALLOWED}, .title = QStringLiteral("Pumps"), .space = {}});
    shelf.replica->begin();
    shelf.replica->saveDraft(bodyDraftPlace(post).toStdString(), draft.title.toStdString(), draft.text.toStdString(),
                             {});
    CHECK(shelf.replica->commit().outbox); // whoever shows it reads it again
    shelf.within([&] { shelf.replica->saveDraft("ask/here", "Half", "a thought", ""); });
    REQUIRE(outbox(*shelf.read(), 10).size() == 1);
    const OutboxRow row = outbox(*shelf.read(), 10)[0];
    CHECK(row.isDraft);
    CHECK(row.change == post);
    CHECK(row.text == QStringLiteral("One two"));
    CHECK(row.title == QStringLiteral("Pumps"));
    CHECK(row.refusal.code == v1::CODE_NONE); // the question is this person's
    CHECK(row.why.code == v1::NOT_ALLOWED);
    CHECK(shelf.replica->keptCount() == 1);
    CHECK(outboxCount(*shelf.read()) == 1);
    v1::Record gone = shelf.record(post);
    gone.set_deleted(true);
    REQUIRE(shelf.receive(shelf.space(), {gone}) == Replica::Received::AtHead);
    const OutboxRow left = outbox(*shelf.read(), 10, {row})[0];
    CHECK(left.refusal.code == v1::NOT_FOUND);
    CHECK(left.title == QStringLiteral("Pumps"));
    shelf.within([&] { REQUIRE(shelf.replica->discard(post)); });
    CHECK(outbox(*shelf.read(), 10).isEmpty());
    CHECK(outboxCount(*shelf.read()) == 0);
    shelf.within([&] { CHECK(shelf.replica->discard(post).error().code == v1::NOT_FOUND); });
    CHECK(stoa::draft(*shelf.read(), QStringLiteral("ask/here")));
}

TEST_CASE("what was written in a post that is gone is named as that was called")
{
    Shelf shelf;
    const v1::Record question = shelf.question("Pumps");
    REQUIRE(shelf.receive(shelf.space(), {question}) == Replica::Received::AtHead);
    v1::Change renamed;
    renamed.set_id(shelf.id().str());
    renamed.set_target(question.id());
    v1::FieldEdit& field = *renamed.mutable_edit()->add_fields();
    field.set_field(v1::POST_TITLE);
    field.mutable_value()->set_text("Words");
    REQUIRE(shelf.submit(renamed));
    v1::Record gone = shelf.record(idOf(question));
    gone.set_deleted(true);
    REQUIRE(shelf.receive(shelf.space(), {gone}) == Replica::Received::AtHead);
    REQUIRE(outbox(*shelf.read(), 10).size() == 1);
    CHECK(outbox(*shelf.read(), 10)[0].title == QStringLiteral("Pumps"));
    CHECK(outbox(*shelf.read(), 10)[0].kind == v1::QUESTION);
}
