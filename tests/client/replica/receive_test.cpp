#include "client/replica/trail.h"
#include "shared/base/limits.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;
using Received = Replica::Received;

TEST_CASE("an answer may come before its question, and is shown once the question is there")
{
    Shelf shelf;
    const v1::Record question = shelf.question("Why?");
    const v1::Record answer = shelf.below(question, v1::ANSWER, "Because.");
    const v1::Record comment = shelf.below(answer, v1::COMMENT, "Sure?");
    REQUIRE(shelf.receive(shelf.space(), {comment, answer}) == Received::AtHead);
    CHECK_FALSE(post(*shelf.read(), idOf(answer)));
    REQUIRE(shelf.receive(shelf.space(), {question}) == Received::AtHead);
    const auto thread = stoa::thread(*shelf.read(), idOf(question));
    REQUIRE(thread);
    REQUIRE(thread->answers.size() == 1);
    CHECK(thread->answers[0].body == QStringLiteral("Because."));
    CHECK(thread->answers[0].row.title == QStringLiteral("Why?"));
    REQUIRE(thread->comments.size() == 1);
    CHECK(thread->post.row.answers == 1);
    CHECK(space(*shelf.read(), shelf.spaceId)->unanswered == 0);
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("children of what was deleted are hidden")
{
    Shelf shelf;
    const v1::Record question = shelf.question("Why?");
    const v1::Record answer = shelf.below(question, v1::ANSWER, "Because.");
    REQUIRE(shelf.receive(shelf.space(), {question, answer}) == Received::AtHead);
    v1::Record gone;
    gone.set_id(question.id());
    gone.set_revision(2);
    gone.set_deleted(true);
    REQUIRE(shelf.receive(shelf.space(), {gone}) == Received::AtHead);
    CHECK_FALSE(post(*shelf.read(), idOf(answer)));
    CHECK(posts(*shelf.read(), {}, std::nullopt, 10).rows.isEmpty());
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("a batch that begins elsewhere is refused")
{
    Shelf shelf;
    v1::Batch later = shelf.batch(shelf.space(), {shelf.question("One")});
    later.set_after(later.after() + 5);
    later.set_upto(later.upto() + 5);
    CHECK(shelf.receive(later) == Received::Elsewhere);
    later.set_feed(Feed{FeedKind::Space, shelf.id()}.key());
    CHECK(shelf.receive(later) == Received::Unknown);
}

TEST_CASE("a batch against the protocol is told apart")
{
    Shelf shelf;
    v1::Batch batch = shelf.batch(shelf.space(), {shelf.question("One"), shelf.question("Two")});
    SECTION("numbers that do not ascend")
    {
        batch.mutable_versions()->SwapElements(0, 1);
    }
    SECTION("a number past its end")
    {
        batch.mutable_versions(1)->set_number(batch.upto() + 1);
    }
    SECTION("a number that the file cannot hold")
    {
        batch.set_upto(uint64_t(INT64_MAX) + 1);
    }
    SECTION("bytes that are no record")
    {
        batch.mutable_versions(0)->set_record("\xff\xff\xff");
    }
    SECTION("a record without an id")
    {
        batch.mutable_versions(0)->set_record(v1::Record().SerializeAsString());
    }
    CHECK(shelf.receive(batch) == Received::Broken);
}

TEST_CASE("a record of a newer version keeps its bytes and does no harm")
{
    Shelf shelf;
    v1::Record unknown = shelf.record(shelf.id());
    std::string bytes = unknown.SerializeAsString();
    bytes += std::string("\xfa\x07\x03new", 6); // field 127, which this program does not know
    unknown.ParseFromString(bytes);
    v1::Record question = shelf.question("With more");
    question.GetReflection()->MutableUnknownFields(&question)->AddVarint(500, 7);
    REQUIRE(shelf.receive(shelf.space(), {unknown, question}) == Received::AtHead);
    CHECK(shelf.replica->check().empty());
    CHECK(record(*shelf.read(), idOf(question))->SerializeAsString() == question.SerializeAsString());
    CHECK(post(*shelf.read(), idOf(question))->title == QStringLiteral("With more"));
}

TEST_CASE("where the digests differ the feed is read anew and what the server does not have leaves")
{
    Shelf shelf;
    const v1::Record kept = shelf.question("Kept");
    const v1::Record lost = shelf.question("Lost");
    REQUIRE(shelf.receive(shelf.space(), {kept, lost}) == Received::AtHead);
    shelf.vanish(shelf.space(), lost);
    REQUIRE(shelf.receive(shelf.space(), {}) == Received::Differs);
    CHECK(post(*shelf.read(), idOf(lost)));

    shelf.within([&] { shelf.replica->readAnew(shelf.space()); });
    SECTION("if the marked rows agree")
    {
        REQUIRE(shelf.receive(shelf.wholeFeed(shelf.space())) == Received::AtHead);
        CHECK_FALSE(post(*shelf.read(), idOf(lost)));
    }
    SECTION("but not while they do not agree either")
    {
        v1::Batch whole = shelf.wholeFeed(shelf.space());
        whole.set_digest(Digest{1, 2}.str());
        REQUIRE(shelf.receive(whole) == Received::Differs);
        CHECK(post(*shelf.read(), idOf(lost)));
    }
    SECTION("also where the reading was cut in the middle")
    {
        const v1::Batch whole = shelf.wholeFeed(shelf.space());
        v1::Batch part = whole;
        part.mutable_versions()->DeleteSubrange(1, whole.versions_size() - 1);
        part.set_upto(part.versions(0).number());
        part.set_last(false);
        REQUIRE(shelf.receive(part) == Received::Stored);
        shelf.open();
        v1::Batch rest = whole;
        rest.mutable_versions()->DeleteSubrange(0, 1);
        rest.set_after(part.upto());
        REQUIRE(shelf.receive(rest) == Received::AtHead);
        CHECK_FALSE(post(*shelf.read(), idOf(lost)));
    }
    CHECK(post(*shelf.read(), idOf(kept)));
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("what a restored server no longer has stays")
{
    Shelf shelf;
    const v1::Record kept = shelf.question("Kept");
    const v1::Record lost = shelf.question("Lost");
    REQUIRE(shelf.receive(shelf.space(), {kept, lost}) == Received::AtHead);
    shelf.vanish(shelf.space(), lost);
    shelf.within([&] {
        shelf.replica->setSetting("epoch", "2");
        shelf.replica->readAnew(shelf.space());
    });
    REQUIRE(shelf.receive(shelf.wholeFeed(shelf.space())) == Received::AtHead);
    CHECK(post(*shelf.read(), idOf(lost)));
    CHECK(shelf.replica->check().empty());
    // Nor does an order to forget count before it was handed back.
    shelf.within([&] {
        shelf.replica->setSetting("epoch", "3");
        shelf.replica->forget(shelf.space());
    });
    CHECK(post(*shelf.read(), idOf(kept)));
}

TEST_CASE("what a server that stands further back no longer has stays, also without a new epoch")
{
    Shelf shelf;
    const v1::Record kept = shelf.question("Kept");
    const v1::Record lost = shelf.question("Lost");
    REQUIRE(shelf.receive(shelf.space(), {kept, lost}) == Received::AtHead);
    shelf.vanish(shelf.space(), lost);
    const v1::Batch whole = shelf.wholeFeed(shelf.space());
    v1::FeedHead back;
    back.set_feed(whole.feed());
    back.set_head(shelf.replica->feed(shelf.space())->cursor - 1);
    shelf.within([&] { shelf.replica->follow(back); });
    REQUIRE(shelf.receive(whole) == Received::AtHead);
    CHECK(post(*shelf.read(), idOf(lost)));
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("a batch from the start begins a new reading")
{
    Shelf shelf;
    const v1::Record one = shelf.question("One");
    REQUIRE(shelf.receive(shelf.space(), {one}) == Received::AtHead);
    REQUIRE(shelf.receive(shelf.wholeFeed(shelf.space())) == Received::AtHead);
    CHECK(shelf.replica->feed(shelf.space())->held == 2);
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("another person's or organisation's welcome is not taken")
{
    Shelf shelf;
    v1::Welcome welcome;
    welcome.set_person(shelf.id().str());
    welcome.set_organisation(shelf.organisation.str());
    shelf.within([&] { CHECK_FALSE(shelf.replica->welcome(welcome)); });
    CHECK_FALSE(shelf.replica->feed(shelf.space())->setAside);
}

TEST_CASE("a feed that the server does not name is set aside and can still be read")
{
    Shelf shelf;
    const v1::Record one = shelf.question("One");
    REQUIRE(shelf.receive(shelf.space(), {one}) == Received::AtHead);
    v1::Welcome welcome;
    welcome.set_person(shelf.me.str());
    welcome.set_organisation(shelf.organisation.str());
    welcome.set_epoch(1);
    shelf.within([&] { CHECK(shelf.replica->welcome(welcome)); });
    CHECK(space(*shelf.read(), shelf.spaceId)->setAside);
    CHECK(post(*shelf.read(), idOf(one)));
    CHECK(shelf.submit(shelf.ask("More?")).error().code == v1::NOT_FOUND);
}

TEST_CASE("an order that names a feed takes all of it")
{
    Shelf shelf;
    const v1::Record one = shelf.question("One");
    REQUIRE(shelf.receive(shelf.space(), {one}) == Received::AtHead);
    const v1::Change words = shelf.ask("My words");
    REQUIRE(shelf.submit(words));
    shelf.within([&] { shelf.replica->forget(shelf.space()); });
    CHECK_FALSE(post(*shelf.read(), idOf(one)));
    CHECK(spaces(*shelf.read()).isEmpty());
    const auto rows = outbox(*shelf.read(), 10);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].state == ChangeState::Refused);
    CHECK(rows[0].title == QStringLiteral("My words"));
}

TEST_CASE("a feed that is read anew without its space's own record is read to its end")
{
    Shelf shelf;
    shelf.vanish(shelf.space(), shelf.record(shelf.spaceId));
    shelf.within([&] { shelf.replica->readAnew(shelf.space()); });
    CHECK(shelf.receive(shelf.wholeFeed(shelf.space())) == Replica::Received::AtHead);
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("of what was read some versions are remembered, further and further apart")
{
    const std::string seal(16, 's');
    v1::Trail trail;
    const auto numbers = [&] {
        std::vector<uint64_t> all;
        for (const v1::Witness& each : trail.witnesses())
            all.push_back(each.number());
        return all;
    };
    const uint64_t most = 20'000;
    for (uint64_t number = 1; number <= most; ++number)
        noteRead(trail, number, seal);
    SECTION("few, and each not much further than the one before")
    {
        REQUIRE(trail.witnesses_size() == limits::witnessesMax);
        CHECK(numbers().front() == most);
        for (size_t i = 1; i + 1 < numbers().size(); ++i)
            CHECK(most - numbers()[i + 1] <= 4 * (most - numbers()[i]));
        CHECK(numbers().back() <= most - 10'000);
    }
    SECTION("the newest stays while all is read anew")
    {
        for (uint64_t number = 1; number <= 500; ++number)
            noteRead(trail, number, seal);
        CHECK(numbers().front() == most);
        const auto all = numbers();
        CHECK(std::is_sorted(all.rbegin(), all.rend()));
    }
    SECTION("a leap to another epoch")
    {
        for (uint64_t number = 1; number <= 3; ++number)
            noteRead(trail, (uint64_t{2} << limits::epochShift) + number, seal);
        CHECK(std::find(numbers().begin(), numbers().end(), most) != numbers().end());
    }
    SECTION("nothing above where it is cut")
    {
        cutTrail(trail, most - 5);
        CHECK(numbers().front() <= most - 5);
        CHECK(numbers().size() > 5);
        cutTrail(trail, 0);
        CHECK(numbers().empty());
    }
    SECTION("what is no seal says nothing")
    {
        noteRead(trail, most + 1, "short");
        CHECK(numbers().front() == most);
    }
}

TEST_CASE("the trail is kept with what was read")
{
    Shelf shelf;
    v1::Batch batch = shelf.batch(shelf.space(), {shelf.question("One"), shelf.question("Two")});
    for (v1::Version& version : *batch.mutable_versions())
        version.set_seal(std::string(16, 's'));
    SECTION("as one")
    {
        REQUIRE(shelf.receive(batch) == Received::AtHead);
        shelf.open();
        const v1::Trail& trail = shelf.replica->feed(shelf.space())->trail;
        REQUIRE(trail.witnesses_size() == 2);
        CHECK(trail.witnesses(0).number() == batch.upto());
        CHECK(trail.witnesses(1).number() == batch.upto() - 1);
    }
    SECTION("or not at all")
    {
        shelf.replica->begin();
        REQUIRE(shelf.replica->receive(batch) == Received::AtHead);
        shelf.replica->rollback();
        CHECK(shelf.replica->feed(shelf.space())->trail.witnesses_size() == 0);
    }
}
