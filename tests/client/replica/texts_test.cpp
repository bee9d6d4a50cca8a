#include "tests/client/replica/text_desk.h"

#include <set>

using namespace stoa;
using namespace stoa::test;

namespace {

int64_t countOf(const Desk& desk, const char* table)
{
    Database file(desk.path(), Database::Mode::Read);
    Statement count(file, ("SELECT count(*) FROM " + std::string(table)).c_str());
    REQUIRE(count.step());
    return count.number(0);
}

} // namespace

TEST_CASE("A change of a text is of the text that was seen, and shows at once")
{
    Desk desk("one two", 5);
    const v1::Change change = desk.edit("one two", "one 2");
    REQUIRE(desk.submit(change));
    CHECK(desk.shown() == "one 2");
    // Somebody who still saw the old one.
    const v1::Change late = desk.edit("one two", "ONE two");
    CHECK(desk.submit(late).error().code == v1::UNKNOWN_BASE);
    CHECK(desk.shown() == "one 2");
    CHECK(desk.rows().size() == 1);
    const auto sent = desk.send();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].id() == change.id());
    CHECK(sent[0].edit_text().shown().empty());
    CHECK(sent[0].edit_text().base().SerializeAsString() == version(5).SerializeAsString());
    CHECK(desk.made(sent[0], "one two") == "one 2");
    // Without a word of what was seen it is of what is shown.
    v1::Change blind = desk.edit("one 2", "one 2 three");
    blind.mutable_edit_text()->clear_shown();
    REQUIRE(desk.submit(blind));
    CHECK(desk.shown() == "one 2 three");
}

TEST_CASE("What was not sent yet grows, as one change")
{
    Desk desk("a", 5);
    const v1::Change first = desk.edit("a", "ab", "begun");
    REQUIRE(desk.submit(first));
    desk.nowMs += 60'000;
    const v1::Change second = desk.edit("ab", "abc");
    REQUIRE(desk.submit(second));
    SECTION("under the id of the first")
    {
        REQUIRE(desk.submit(desk.edit("abc", "abcd", "done")));
        REQUIRE(desk.rows().size() == 1);
        CHECK(desk.rows()[0].madeMs == desk.nowMs);
        const auto sent = desk.send();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0].id() == first.id());
        CHECK(sent[0].made_ms() == desk.nowMs);
        CHECK(sent[0].edit_text().summary() == "done");
        CHECK(desk.made(sent[0], "a") == "abcd");
    }
    SECTION("and whoever repeats one of them does not double it")
    {
        REQUIRE(desk.submit(first));
        REQUIRE(desk.submit(second));
        v1::Change other = second;
        other.mutable_edit_text()->set_summary("something else");
        CHECK(desk.submit(other).error().code == v1::ID_REUSED);
        for (int i = 0; i < 20; ++i)
            desk.write("abc" + std::to_string(i));
        REQUIRE(desk.submit(first));
        CHECK(desk.shown() == "abc19");
    }
    SECTION("and leaves the outbox where it comes to nothing")
    {
        REQUIRE(desk.submit(desk.edit("abc", "a")));
        CHECK(desk.rows().isEmpty());
        CHECK(desk.shown() == "a");
        CHECK(desk.replica->waitingCount() == 0);
        CHECK(countOf(desk, "moved") + countOf(desk, "changes") + countOf(desk, "shadows") == 0);
    }
    SECTION("and can be withdrawn")
    {
        desk.within([&] { REQUIRE(desk.replica->discard(*Id::from(first.id()))); });
        CHECK(desk.shown() == "a");
        CHECK(countOf(desk, "moved") == 0);
    }
}

TEST_CASE("One change of a text is on its way and one grows")
{
    Desk desk("b", 5);
    const v1::Change first = desk.write("ab");
    REQUIRE(desk.send().size() == 1);
    const v1::Change second = desk.write("abc");
    desk.write("abcd");
    REQUIRE(desk.rows().size() == 2);
    // Everything else goes on.
    const v1::Change other = desk.ask("Other");
    REQUIRE(desk.submit(other));
    const auto alone = desk.send();
    REQUIRE(alone.size() == 1);
    CHECK(alone[0].id() == other.id());

    const auto next = [&](const std::string& shown = "abcd!") {
        CHECK(desk.shown() == shown);
        const auto sent = desk.send();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0].id() == second.id());
        CHECK(sent[0].edit_text().base().revision() == 7);
        CHECK(desk.made(sent[0], "ab!") == shown);
        CHECK(desk.rows().size() == 2);
    };
    SECTION("the receipt before the record")
    {
        desk.accept(first, 6);
        CHECK(desk.send().empty());
        CHECK(desk.replica->awaitedChanges(desk.space()).empty()); // nothing to ask: who told of it has it
        CHECK(desk.rows().size() == 3);
        REQUIRE(desk.serve("ab!", 7) == Replica::Received::AtHead);
        next();
    }
    SECTION("with the program ended in between")
    {
        desk.accept(first, 6);
        desk.open();
        CHECK(desk.replica->awaitedChanges(desk.space()) == std::vector{first.id()});
        REQUIRE(desk.serve("ab!", 7) == Replica::Received::AtHead);
        next();
    }
    SECTION("a record without it in between")
    {
        desk.accept(first, 7);
        REQUIRE(desk.serve("b!", 6) == Replica::Received::AtHead);
        CHECK(desk.shown() == "abcd!");
        CHECK(desk.send().empty());
        REQUIRE(desk.serve("ab!", 7) == Replica::Received::AtHead);
        next();
    }
    SECTION("the record before the receipt, where it says whose it is")
    {
        REQUIRE(desk.serve("ab!", 7, first) == Replica::Received::AtHead);
        CHECK(desk.shown() == "abcd!");
        CHECK(desk.rows().size() == 2);
        desk.accept(first, 7);
        next();
    }
    SECTION("the record before the receipt, with somebody else's text behind")
    {
        REQUIRE(desk.serve("ab!", 7) == Replica::Received::AtHead);
        desk.accept(first, 6);
        next("ab!cd"); // it was not known whose it is
    }
    SECTION("accepted without having altered anything")
    {
        REQUIRE(desk.serve("ab!", 7) == Replica::Received::AtHead);
        desk.accept(first, 0);
        next("ab!cd"); // all of it was others'
    }
    CHECK(desk.replica->check().empty());
}

TEST_CASE("However often a text was stored, and however far that has come, people count it once")
{
    Desk desk("one", 5);
    const auto things = [&] { return desk.replica->unsentCount(); };
    for (uint64_t number = 6; number <= 7; ++number) {
        const std::string before = desk.shown(), after = before + " two";
        desk.write(after);
        const v1::Change sent = desk.send().at(0);
        desk.accept(sent, number);
        REQUIRE(desk.tell({revision(number - 1, number, before, after, sent.id())}) == Replica::Received::Stored);
    }
    CHECK(desk.replica->waitingCount() == 2); // until its record is here
    CHECK(things() == 0);
    CHECK(outboxCount(*desk.read()) == 0);
    desk.write("one two two four");
    REQUIRE(desk.send().size() == 1);
    desk.write("one two two four five");
    CHECK(desk.replica->waitingCount() == 4);
    CHECK(things() == 1);
    CHECK(outboxCount(*desk.read()) == 1);
    REQUIRE(desk.submit(desk.ask("Something else")));
    CHECK(things() == 2);
    CHECK(outboxCount(*desk.read()) == 2);
}

TEST_CASE("What is on its way stays as it was sent, whatever others write")
{
    Desk desk("one\ntwo\nthree\n", 5);
    const v1::Change first = desk.write("one\n2\nthree\n");
    const auto sent = desk.send();
    const v1::Change second = desk.write("one\n2\nthree\nfour\n");
    REQUIRE(desk.serve("zero\none\ntwo\nthree\n", 6) == Replica::Received::AtHead);
    CHECK(desk.shown() == "zero\none\n2\nthree\nfour\n");
    desk.open();
    REQUIRE(desk.serve("zero\nONE\none\ntwo\nthree\n", 7) == Replica::Received::AtHead);
    CHECK(desk.shown() == "zero\nONE\none\n2\nthree\nfour\n");
    const auto again = desk.sendUnanswered();
    REQUIRE(again.size() == 1);
    CHECK(again[0].SerializeAsString() == sent[0].SerializeAsString());
    desk.accept(first, 8);
    REQUIRE(desk.serve("zero\nONE\none\n2\nthree\n", 8) == Replica::Received::AtHead);
    const auto next = desk.send();
    REQUIRE(next.size() == 1);
    CHECK(next[0].id() == second.id());
    CHECK(next[0].edit_text().base().revision() == 8);
    CHECK(desk.made(next[0], "zero\nONE\none\n2\nthree\n") == desk.shown());
}

TEST_CASE("What was never sent keeps the body that it was made over, and the server finds who wrote there too")
{
    Desk desk("one two three\n", 5);
    const v1::Change first = desk.write("one 2 three\n");
    desk.write("one 22 three\n");
    REQUIRE(desk.serve("one TWO three\nfour\n", 6) == Replica::Received::AtHead);
    CHECK(desk.shown() == "one 22TWO three\nfour\n"); // both texts
    const v1::Change second = desk.write("one 22TWO three\nfour\nfive\n");
    desk.write("one 22TWO three\nfour\nfive\nsix\n");
    REQUIRE(desk.rows().size() == 2);
    REQUIRE(desk.serve("zero\none TWO three\nfour\n", 7) == Replica::Received::AtHead);
    CHECK(desk.shown() == "zero\none 22TWO three\nfour\nfive\nsix\n");
    SECTION("and goes so, with what was written since behind it")
    {
        desk.open();
        const auto sent = desk.send();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0].id() == first.id());
        CHECK(sent[0].edit_text().base().revision() == 5);
        CHECK(desk.made(sent[0], "one two three\n") == "one 22 three\n");
        desk.accept(first, 8);
        const std::string now = "zero\none 22TWO three\nfour\n";
        REQUIRE(desk.serve(now, 8) == Replica::Received::AtHead);
        const auto next = desk.send();
        REQUIRE(next.size() == 1);
        CHECK(next[0].id() == second.id());
        CHECK(next[0].edit_text().base().revision() == 8);
        CHECK(desk.made(next[0], now) == now + "five\nsix\n");
    }
    SECTION("and what was written since stands alone where it is withdrawn")
    {
        desk.within([&] { REQUIRE(desk.replica->discard(*Id::from(first.id()))); });
        CHECK(desk.shown() == "zero\none TWO three\nfour\nfive\nsix\n");
        const auto sent = desk.send();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0].id() == second.id());
        CHECK(sent[0].edit_text().base().revision() == 7);
        CHECK(desk.made(sent[0], "zero\none TWO three\nfour\n") == desk.shown());
    }
    SECTION("and is withdrawn after what was written since came to nothing")
    {
        REQUIRE(desk.submit(desk.edit(desk.shown(), "zero\none 22TWO three\nfour\n")));
        REQUIRE(desk.rows().size() == 1);
        desk.within([&] { REQUIRE(desk.replica->discard(*Id::from(first.id()))); });
        CHECK(desk.shown() == "zero\none TWO three\nfour\n");
        CHECK(countOf(desk, "moved") + countOf(desk, "shadows") == 0);
    }
    SECTION("unless the server does not know that body")
    {
        (void)desk.send();
        desk.refuse(first, v1::UNKNOWN_BASE);
        const auto again = desk.send();
        REQUIRE(again.size() == 1);
        CHECK(again[0].edit_text().base().revision() == 7);
        CHECK(desk.made(again[0], "zero\none TWO three\nfour\n") == "zero\none 22TWO three\nfour\n");
        CHECK(desk.rows().size() == 2);
    }
    CHECK(desk.replica->check().empty());
}

TEST_CASE("What somebody else deleted as well is asked for all the same, and shows no more")
{
    Desk desk("one two", 5);
    const v1::Change change = desk.write("one");
    REQUIRE(desk.serve("one", 6) == Replica::Received::AtHead);
    CHECK(desk.shown() == "one");
    REQUIRE(desk.serve("zero one", 7) == Replica::Received::AtHead);
    CHECK(desk.shown() == "zero one");
    const auto sent = desk.send();
    REQUIRE(sent.size() == 1);
    CHECK(desk.made(sent[0], "one two") == "one");
    desk.accept(change, 0);
    CHECK(desk.shown() == "zero one");
    CHECK(desk.rows().isEmpty());
    CHECK(countOf(desk, "moved") == 0);
}

TEST_CASE("What grows behind a change takes nothing of a word that somebody else wrote")
{
    Desk desk("They startle us.\n", 5);
    const v1::Change first = desk.write("Do they startle us?\n");
    (void)desk.send();
    desk.write("Do they us?\n");
    desk.accept(first, 6);
    REQUIRE(desk.serve("Do they started with us?\n", 7) == Replica::Received::AtHead);
    CHECK(desk.shown().starts_with("Do they started with"));
}

TEST_CASE("Over a body that the server does not know the same is sent again over the one that is here")
{
    Desk desk("one\n", 5);
    const v1::Change change = desk.write("one\nmine\n");
    const auto sent = desk.send();
    desk.write("one\nmine\nmore\n");
    SECTION("where that is another one")
    {
        REQUIRE(desk.serve("zero\none\n", 6) == Replica::Received::AtHead);
        desk.refuse(change, v1::UNKNOWN_BASE);
        const auto again = desk.send();
        REQUIRE(again.size() == 1);
        CHECK(again[0].id() == change.id());
        CHECK(again[0].edit_text().base().revision() == 6);
        CHECK(desk.made(again[0], "zero\none\n") == "zero\none\nmine\n");
        CHECK(desk.shown() == "zero\none\nmine\nmore\n");
    }
    SECTION("where it is the same, once another one is here")
    {
        desk.refuse(change, v1::UNKNOWN_BASE);
        CHECK(desk.shown() == "one\nmine\nmore\n");
        CHECK(desk.send().empty());
        desk.open();
        CHECK(desk.send().empty());
        REQUIRE(desk.serve("zero\none\n", 6) == Replica::Received::AtHead);
        const auto again = desk.send();
        REQUIRE(again.size() == 1);
        CHECK(again[0].id() == change.id());
        CHECK(again[0].edit_text().base().revision() == 6);
        CHECK(desk.shown() == "zero\none\nmine\nmore\n");
    }
    SECTION("where it is the same, in the next conversation: the server may have lost the other one")
    {
        desk.refuse(change, v1::UNKNOWN_BASE);
        CHECK(desk.send().empty());
        desk.restored(1);
        const auto again = desk.send();
        REQUIRE(again.size() == 1);
        CHECK(again[0].id() == change.id());
        CHECK(again[0].edit_text().base().revision() == 5);
        desk.accept(change, 6);
        REQUIRE(desk.serve("one\nmine\n", 6, change) == Replica::Received::AtHead);
        CHECK(desk.shown() == "one\nmine\nmore\n");
        CHECK(desk.send().size() == 1);
        return;
    }
    CHECK(desk.rows().size() == 2);
}

TEST_CASE("What was sent once is one with nothing that is written later, also where it is sent again over another body")
{
    Desk desk("one\n", 5);
    const v1::Change change = desk.write("one\nmine\n");
    (void)desk.send();
    SECTION("at once")
    {
        REQUIRE(desk.serve("zero\none\n", 6) == Replica::Received::AtHead);
        desk.refuse(change, v1::UNKNOWN_BASE);
    }
    SECTION("once another body is here")
    {
        desk.refuse(change, v1::UNKNOWN_BASE);
        REQUIRE(desk.serve("zero\none\n", 6) == Replica::Received::AtHead);
    }
    const v1::Change more = desk.write("zero\none\nmine\nmore\n");
    const auto again = desk.send();
    REQUIRE(again.size() == 1);
    CHECK(again[0].id() == change.id());
    CHECK(desk.made(again[0], "zero\none\n") == "zero\none\nmine\n");
    // It came back after a restore within what somebody else has.
    desk.accept(change, 6);
    REQUIRE(desk.serve("zero\none\nmine\n", 7) == Replica::Received::AtHead);
    const auto next = desk.send();
    REQUIRE(next.size() == 1);
    CHECK(next[0].id() == more.id());
    CHECK(desk.shown() == "zero\none\nmore\nmine\n"); // what came late stands behind
}

TEST_CASE("A text that the server took for another post of that id is waited for nowhere")
{
    Desk desk("one\n", 5);
    const v1::Change change = desk.write("one\nmine\n");
    (void)desk.send();
    v1::Receipt receipt;
    receipt.set_change(change.id());
    receipt.set_revision(6);
    SECTION("it lies in another space")
    {
        receipt.set_feed(Feed{FeedKind::Space, desk.id()}.key());
        desk.within([&] { desk.replica->settle(receipt); });
        CHECK(desk.rows().empty());
        CHECK(desk.shown() == "one\n");
    }
    SECTION("as it is for its own")
    {
        receipt.set_feed(desk.space().key());
        desk.within([&] { desk.replica->settle(receipt); });
        CHECK(desk.rows().size() == 1);
        CHECK(desk.shown() == "one\nmine\n");
    }
    CHECK(desk.replica->check().empty());
}

TEST_CASE("A text that is refused stays whole, with what was written on it since")
{
    Desk desk("one\n", 5);
    const v1::Change change = desk.write("one\nmine\n");
    (void)desk.send();
    desk.write("one\nmine\nmore\n");
    REQUIRE(desk.serve("zero\none\n", 6) == Replica::Received::AtHead);
    desk.refuse(change, v1::NOT_ALLOWED);
    CHECK(desk.shown() == "zero\none\n");
    REQUIRE(desk.rows().size() == 1);
    CHECK(desk.rows()[0].state == ChangeState::Refused);
    CHECK(desk.rows()[0].text.toStdString() == "zero\none\nmine\nmore\n");
    CHECK(desk.send().empty());
    SECTION("it can be dropped")
    {
        desk.within([&] { REQUIRE(desk.replica->discard(*Id::from(change.id()))); });
        CHECK(desk.rows().isEmpty());
        CHECK(countOf(desk, "moved") == 0);
        CHECK(desk.shown() == "zero\none\n");
    }
    SECTION("it is sent again behind what was written meanwhile")
    {
        REQUIRE(desk.serve("zero\none\ntheirs\n", 7) == Replica::Received::AtHead);
        desk.within([&] { REQUIRE(desk.replica->sendAgain(*Id::from(change.id()))); });
        CHECK(desk.shown() == "zero\none\nmine\nmore\ntheirs\n");
        const auto again = desk.send();
        REQUIRE(again.size() == 1);
        CHECK(again[0].id() == change.id());
        CHECK(again[0].edit_text().base().revision() == 6); // where it was refused
        CHECK(desk.made(again[0], "zero\none\n") == "zero\none\nmine\nmore\n");
    }
    SECTION("it is one with nothing that is written before or after: a restore may bring back what was made of it")
    {
        const bool other = GENERATE(false, true);
        const std::string before = other ? "Zero\nzero\none\n" : "zero\none\n";
        std::set<std::string> ids{change.id()};
        if (other)
            ids.insert(desk.write(before).id());
        desk.within([&] { REQUIRE(desk.replica->sendAgain(*Id::from(change.id()))); });
        CHECK(desk.shown() == before + "mine\nmore\n");
        ids.insert(desk.write(before + "mine\nmore\nlast\n").id());
        CHECK(desk.shown() == before + "mine\nmore\nlast\n");
        std::set<std::string> there;
        for (const auto& row : desk.rows())
            there.insert(row.change.str());
        CHECK(there == ids);
    }
    SECTION("it waits behind what is on its way by now")
    {
        const v1::Change fresh = desk.write("Zero\nzero\none\n");
        (void)desk.send();
        desk.within([&] { REQUIRE(desk.replica->sendAgain(*Id::from(change.id()))); });
        CHECK(desk.shown() == "Zero\nzero\none\nmine\nmore\n");
        CHECK(desk.send().empty());
        desk.accept(fresh, 7);
        REQUIRE(desk.serve("Zero\nzero\none\n", 7) == Replica::Received::AtHead);
        REQUIRE(desk.send().size() == 1);
        CHECK(desk.shown() == "Zero\nzero\none\nmine\nmore\n");
    }
}

TEST_CASE("Where a post goes the person's text stays readable, and what was accepted waits for nothing")
{
    Desk desk("one\n", 5);
    const v1::Change change = desk.write("one\nmine\n");
    (void)desk.send();
    const v1::Change more = desk.write("one\nmine\nmore\n");
    SECTION("with the post")
    {
        desk.accept(change, 6);
        v1::Record gone = desk.record(desk.post);
        gone.set_deleted(true);
        REQUIRE(desk.receive(desk.space(), {gone}) == Replica::Received::AtHead);
        REQUIRE(desk.rows().size() == 1);
        CHECK(desk.rows()[0].text.toStdString() == "one\nmine\nmore\n");
        REQUIRE(desk.send().size() == 1); // the server decides
        desk.refuse(more, v1::NOT_FOUND);
        CHECK(desk.rows()[0].text.toStdString() == "one\nmine\nmore\n");
    }
    SECTION("with the post, before the receipt")
    {
        v1::Record gone = desk.record(desk.post);
        gone.set_deleted(true);
        REQUIRE(desk.receive(desk.space(), {gone}) == Replica::Received::AtHead);
        SECTION("that accepts")
        {
            desk.accept(change, 6);
        }
        SECTION("that refuses")
        {
            desk.refuse(change, v1::NOT_FOUND);
            CHECK(desk.rows()[0].text.toStdString() == "one\nmine\n");
            desk.within([&] { REQUIRE(desk.replica->discard(*Id::from(change.id()))); });
        }
        REQUIRE(desk.rows().size() == 1);
        CHECK(desk.rows()[0].text.toStdString() == "one\nmine\nmore\n");
    }
    SECTION("with the space")
    {
        desk.within([&] { desk.replica->forget(desk.space()); });
        REQUIRE(desk.rows().size() == 2);
        CHECK(desk.rows()[0].text.toStdString() == "one\nmine\n");
        CHECK(desk.rows()[1].text.toStdString() == "one\nmine\nmore\n");
        CHECK(desk.rows()[1].refusal.code == v1::NOT_FOUND);
        desk.within([&] { CHECK(desk.replica->sendAgain(*Id::from(more.id())).error().code == v1::NOT_FOUND); });
    }
    SECTION("with a server that names the space no more")
    {
        desk.accept(change, 6);
        desk.within([&] {
            v1::Welcome welcome;
            welcome.set_person(desk.me.str());
            welcome.set_organisation(desk.organisation.str());
            welcome.set_epoch(1);
            REQUIRE(desk.replica->welcome(welcome));
        });
        // It is asked for again first: it may be gone too.
        const auto again = desk.sendUnanswered();
        REQUIRE(again.size() == 1);
        desk.accept(change, 6);
        REQUIRE(desk.rows().size() == 1);
        CHECK(desk.shown() == "one\nmore\n");
    }
    SECTION("with a reading anew")
    {
        desk.accept(change, 6);
        desk.vanish(desk.space(), desk.record(desk.post));
        desk.within([&] { desk.replica->readAnew(desk.space()); });
        REQUIRE(desk.receive(desk.wholeFeed(desk.space())) == Replica::Received::AtHead);
        REQUIRE(desk.rows().size() == 1);
        CHECK(desk.rows()[0].text.toStdString() == "one\nmine\nmore\n");
    }
    CHECK(desk.replica->awaitedChanges(desk.space()).empty());
    desk.open();
    CHECK(desk.replica->awaitedChanges(desk.space()).empty());
}

TEST_CASE("A text of a post that waits itself grows with it")
{
    Desk desk("unused");
    v1::Change asked = desk.ask("Mine");
    asked.mutable_create_post()->set_body("one\n");
    REQUIRE(desk.submit(asked));
    desk.post = *Id::from(asked.target());
    const v1::Change change = desk.write("one\ntwo\n");
    desk.write("one\ntwo\nthree\n");
    REQUIRE(desk.rows().size() == 2);
    v1::Record made = desk.question("Mine");
    made.set_id(asked.target());
    made.mutable_post()->set_root(asked.target());
    made.mutable_post()->set_body("one\n");
    v1::Receipt receipt;
    receipt.set_change(asked.id());
    SECTION("and goes with it")
    {
        const auto sent = desk.send();
        REQUIRE(sent.size() == 2);
        CHECK_FALSE(sent[1].edit_text().has_base());
        CHECK(desk.made(sent[1], "one\n") == "one\ntwo\nthree\n");
    }
    SECTION("and is moved where others are there first")
    {
        (void)desk.send();
        receipt.add_effects()->set_feed(desk.space().key());
        receipt.mutable_effects(0)->set_number(3);
        desk.within([&] { desk.replica->settle(receipt); });
        made.mutable_post()->set_body("zero\none\n");
        *made.mutable_post()->mutable_body_version() = version(1);
        REQUIRE(desk.receive(desk.space(), {made}) == Replica::Received::AtHead);
        CHECK(desk.shown() == "zero\none\ntwo\nthree\n");
        CHECK(desk.rows().size() == 1);
    }
    SECTION("and stays with it where it is refused")
    {
        desk.within([&] {
            auto waiting = desk.replica->waiting(pushLimits(), every);
            waiting.resize(1);
            desk.replica->markSent(waiting);
        });
        receipt.mutable_refusal()->set_code(v1::NOT_ALLOWED);
        desk.within([&] { desk.replica->settle(receipt); });
        CHECK(desk.shown() == "one\ntwo\nthree\n");
        CHECK(desk.rows()[1].state == ChangeState::Blocked);
        CHECK(desk.rows()[1].refusal.code == v1::DEPENDS);
        desk.write("one\ntwo\nthree\nfour\n");
        CHECK(desk.rows().size() == 2);
        SECTION("sent again")
        {
            desk.within([&] { REQUIRE(desk.replica->sendAgain(*Id::from(asked.id()))); });
            const auto sent = desk.send();
            REQUIRE(sent.size() == 2);
            CHECK(desk.made(sent[1], "one\n") == "one\ntwo\nthree\nfour\n");
        }
        SECTION("dropped")
        {
            desk.within([&] { REQUIRE(desk.replica->discard(*Id::from(asked.id()))); });
            REQUIRE(desk.rows().size() == 1);
            CHECK(desk.rows()[0].text.toStdString() == "one\ntwo\nthree\nfour\n");
        }
    }
}

TEST_CASE("After a restore what was accepted is sent again as it was")
{
    Desk desk("one\n", 5);
    const v1::Change change = desk.write("one\nmine\n");
    const auto sent = desk.send();
    desk.accept(change, 6);
    desk.write("one\nmine\nmore\n");
    desk.within([&] {
        v1::Welcome welcome;
        welcome.set_person(desk.me.str());
        welcome.set_organisation(desk.organisation.str());
        welcome.set_epoch(2);
        for (const Feed& feed : {desk.directory(), desk.personal(), desk.space()}) {
            welcome.add_feeds()->set_feed(feed.key());
            welcome.mutable_feeds(welcome.feeds_size() - 1)->set_head(1000);
        }
        REQUIRE(desk.replica->welcome(welcome));
    });
    const auto again = desk.sendUnanswered();
    REQUIRE(again.size() == 1);
    CHECK(again[0].SerializeAsString() == sent[0].SerializeAsString());
    CHECK(desk.replica->awaitedChanges(desk.space()).empty());
    CHECK(desk.shown() == "one\nmine\nmore\n");
}

TEST_CASE("Out of a damaged file the texts are carried over with what they are by now")
{
    Desk desk("one\n", 5);
    const v1::Change change = desk.write("one\nmine\n");
    const auto sent = desk.send();
    REQUIRE(desk.serve("zero\none\n", 6) == Replica::Received::AtHead);
    const v1::Change more = desk.write("zero\none\nmine\nmore\n");
    desk.close();
    std::ofstream(desk.path() + ".damaged-mark") << '\n';
    desk.open();
    REQUIRE(desk.rows().size() == 2);
    CHECK(desk.rows()[1].text.toStdString() == "zero\none\nmine\nmore\n");
    const auto again = desk.sendUnanswered();
    REQUIRE(again.size() == 1);
    CHECK(again[0].SerializeAsString() == sent[0].SerializeAsString());
    const auto fetch = [&] {
        for (const Feed& feed : {desk.directory(), desk.personal(), desk.space()})
            REQUIRE(desk.receive(desk.wholeFeed(feed)) == Replica::Received::AtHead);
    };
    SECTION("over the body that is here")
    {
        fetch();
        CHECK(desk.shown() == "zero\none\nmine\nmore\n");
        desk.accept(change, 7);
        REQUIRE(desk.serve("zero\none\nmine\n", 7) == Replica::Received::AtHead);
        const auto next = desk.send();
        REQUIRE(next.size() == 1);
        CHECK(next[0].edit_text().base().revision() == 7);
    }
    SECTION("over one that is not here any more, as they are")
    {
        (void)desk.batch(desk.space(), {desk.with("zero\none\ntheirs\n", 7)});
        fetch();
        CHECK(desk.shown() == "zero\none\ntheirs\n");
        desk.write("zero\none\ntheirs\nnew\n");
        REQUIRE(desk.rows().size() == 3);
        desk.accept(change, 8);
        REQUIRE(desk.serve("zero\none\nmine\ntheirs\n", 8) == Replica::Received::AtHead);
        CHECK(desk.shown() == "zero\none\nmine\ntheirs\nnew\n");
        // What was written behind it is nothing without the body that both were of.
        CHECK(desk.rows()[0].change.str() == more.id());
        CHECK(desk.rows()[0].refusal.code == v1::UNKNOWN_BASE);
        CHECK(desk.rows()[0].text.toStdString() == "zero\none\nmine\nmore\n");
        desk.within([&] { CHECK(desk.replica->sendAgain(*Id::from(more.id())).error().code == v1::UNKNOWN_BASE); });
        const auto next = desk.send();
        REQUIRE(next.size() == 1);
        CHECK(next[0].edit_text().base().revision() == 7);
        CHECK(desk.made(next[0], "zero\none\ntheirs\n") == "zero\none\ntheirs\nnew\n");
    }
}
