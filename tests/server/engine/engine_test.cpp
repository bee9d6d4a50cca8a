#include <fstream>

#include <sqlite3.h>

#include "tests/server/engine/world.h"
#include "tests/support/file_limit.h"

namespace stoa {

TEST_CASE("accepted versions get the feed's next numbers, within the epoch")
{
    World world;
    CHECK(world.state().head == epochStart + 1);
    const v1::Receipt first = world.submit(world.question("First"));
    const v1::Receipt second = world.submit(world.question("Second"));
    REQUIRE(first.effects_size() == 1);
    CHECK(first.effects(0).feed() == world.feed().key());
    CHECK(first.effects(0).number() == epochStart + 2);
    CHECK(second.effects(0).number() == epochStart + 3);
    world.requireSound();
}

TEST_CASE("a repeated change is answered as before and stored once")
{
    World world;
    const v1::Change asked = world.question("Why?");
    const v1::Receipt first = world.submit(asked);
    CHECK(world.submit(asked).SerializeAsString() == first.SerializeAsString());
    world.open();
    CHECK(world.submit(asked).SerializeAsString() == first.SerializeAsString());
    const Committed twice = world.submitAll({asked, asked}, {.person = world.ada});
    CHECK(twice.news.empty());
    CHECK(twice.receipts[0].receipts(1).SerializeAsString() == first.SerializeAsString());
    CHECK(world.state().records == 2);
}

TEST_CASE("a change id with other bytes, or of another person, is refused")
{
    World world;
    v1::Change asked = world.question("Why?");
    REQUIRE_FALSE(world.submit(asked).has_refusal());
    CHECK(world.submit(asked, {.server = true}).refusal().code() == v1::ID_REUSED);
    asked.mutable_create_post()->set_title("How?");
    CHECK(world.submit(asked).refusal().code() == v1::ID_REUSED);
    world.requireSound();
}

TEST_CASE("a refusal is not remembered")
{
    World world;
    const v1::Change asked = world.question("Why?");
    const v1::Change renamed = world.rename(asked, "How?", "");
    CHECK(world.submit(renamed).refusal().code() == v1::NOT_FOUND);
    CHECK_FALSE(world.submit(asked).has_refusal());
    CHECK_FALSE(world.submit(renamed).has_refusal());
}

TEST_CASE("a record that is altered twice in one commit is told once, in its newest version")
{
    World world;
    const v1::Change asked = world.question("Why?");
    const uint64_t before = world.state().head;
    const Committed committed = world.submitAll({asked, world.rename(asked, "How?", "")}, {.person = world.ada});
    REQUIRE(committed.news.size() == 1);
    const News& news = *committed.news[0];
    CHECK(news.after == before);
    REQUIRE(news.versions.size() == 1);
    v1::Record record;
    REQUIRE(record.ParseFromString(news.versions[0].bytes));
    CHECK(record.post().title() == "How?");
    CHECK(news.state.head == before + 2);
    CHECK(news.state.digest == world.state().digest);
    world.requireSound();
}

TEST_CASE("a tombstone counts nothing and is not told to those who begin")
{
    World world;
    const v1::Change asked = world.question("Why?");
    world.submit(asked);
    v1::Change gone = world.change(*Id::from(asked.target()));
    gone.mutable_delete_();
    REQUIRE_FALSE(world.submit(gone).has_refusal());
    CHECK(world.state().records == 1);
    CHECK(world.versions(0, false).size() == 1);
    CHECK(world.versions(0, true).size() == 2);
    world.requireSound();
}

TEST_CASE("a change's time is the server's less its age on the device, and never in the future")
{
    World world;
    const auto changedMs = [&](int64_t ageMs) {
        const v1::Change asked = world.question("Why?");
        Submission submission{.actor = {.person = world.ada}};
        submission.changes.emplace_back().set_change(asked.SerializeAsString());
        submission.changes.back().set_age_ms(ageMs);
        world.engine->submit({&submission, 1});
        v1::Record record;
        REQUIRE(record.ParseFromString(world.versions().back().bytes));
        return record.changed_ms();
    };
    CHECK(changedMs(5'000) == world.nowMs - 5'000);
    CHECK(changedMs(-5'000) == world.nowMs);
    CHECK(changedMs(INT64_MIN) == world.nowMs);
    CHECK(changedMs(INT64_MAX) >= 0);
}

TEST_CASE("what is not a change is refused, and what stands beside it is accepted")
{
    World world;
    Submission submission{.actor = {.person = world.ada}};
    submission.changes.emplace_back().set_change("\xff\xff\xff");
    submission.changes.emplace_back();
    submission.changes.emplace_back().set_change(world.question("Why?").SerializeAsString());
    const v1::Receipts receipts = world.engine->submit({&submission, 1}).receipts[0];
    REQUIRE(receipts.receipts_size() == 3);
    CHECK(receipts.receipts(0).refusal().code() == v1::INVALID);
    CHECK(receipts.receipts(1).refusal().code() == v1::INVALID);
    CHECK_FALSE(receipts.receipts(2).has_refusal());
}

TEST_CASE("a change that cannot be parsed is answered by its id")
{
    World world;
    const v1::Change ask = world.question("Why?");
    v1::Change spoilt = ask, large = ask;
    std::string bytes = spoilt.SerializeAsString();
    bytes.replace(bytes.find("Why?"), 4, "\xc0\xaf\xff\xfe");
    large.mutable_create_post()->set_body(std::string(limits::recordBytesMax, 'x'));
    Submission submission{.actor = {.person = world.ada}};
    submission.changes.emplace_back().set_change(bytes);
    submission.changes.emplace_back().set_change(large.SerializeAsString());
    const v1::Receipts receipts = world.engine->submit({&submission, 1}).receipts[0];
    REQUIRE(receipts.receipts_size() == 2);
    CHECK(receipts.receipts(0).change() == ask.id());
    CHECK(receipts.receipts(0).refusal().code() == v1::BAD_TEXT);
    CHECK(receipts.receipts(1).change() == ask.id());
    CHECK(receipts.receipts(1).refusal().code() == v1::TOO_LONG);
}

TEST_CASE("who may read what is said to have altered exactly where it may have")
{
    World world;
    CHECK_FALSE(world.submitAll({world.question("Why?")}, {.person = world.ada}).rightsAltered);
    v1::Change member = world.change(membershipId(world.space, world.ada));
    member.mutable_set_membership()->set_space(world.space.str());
    member.mutable_set_membership()->set_person(world.ada.str());
    member.mutable_set_membership()->set_role(v1::OWNER);
    CHECK(world.submitAll({member}, {.server = true}).rightsAltered);
}

TEST_CASE("a log that a full disk does not let be written back fails nothing")
{
    World world;
    std::vector<v1::Change> many;
    for (int i = 0; i < 60; ++i) {
        many.push_back(world.question("Why?"));
        many.back().mutable_create_post()->set_body(std::string(50'000, 'x'));
    }
    world.submitAll(many, {.person = world.ada});
    const auto fileBytes = [&] { return std::filesystem::file_size(world.directory.path() / "stoa.db"); };
    {
        const test::FileLimit full(64 * 1024);
        CHECK_NOTHROW(world.store->rest());
        CHECK(fileBytes() <= 64 * 1024);
    }
    CHECK_FALSE(world.submit(world.question("And then?")).has_refusal());
    world.store->checkpoint();
    CHECK(fileBytes() > 1024 * 1024);
    world.requireSound();
}

TEST_CASE("a database of a newer version is left alone")
{
    World world;
    world.engine.reset();
    world.store.reset();
    {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open((world.directory.path() / "stoa.db").c_str(), &database) == SQLITE_OK);
        sqlite3_exec(database, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
        sqlite3_close(database);
    }
    CHECK_THROWS_WITH(openSqliteStore(world.directory.path() / "stoa.db"), Catch::Contains("newer version"));
}

TEST_CASE("what others have the numbers of begins an epoch, if it was made here")
{
    World world;
    const v1::Change first = world.question("First");
    REQUIRE_FALSE(world.submit(first).has_refusal());
    const uint64_t before = world.state().head;
    REQUIRE_FALSE(world.submit(world.question("Second")).has_refusal());
    // As another life of this server made it under the number of the second.
    v1::Record other;
    other.set_id(newId(1, world.random).str());
    other.set_revision(1);
    other.set_author(world.ada.str());
    other.mutable_post()->set_kind(v1::QUESTION);
    other.mutable_post()->set_space(world.space.str());
    other.mutable_post()->set_title("Of the other life");
    v1::HandBack back;
    back.set_feed(world.feed().key());
    v1::Version& version = *back.add_versions();
    version.set_number(before + 1);
    version.set_record(other.SerializeAsString());
    version.set_seal(world.seal(world.feed(), before + 1, *Id::from(other.id()), version.record()));
    const auto witness = [&](uint64_t number) {
        v1::Witness made;
        made.set_number(number);
        const auto snapshot = world.store->snapshot();
        snapshot->refresh();
        made.set_seal(snapshot->sealAt(world.feed(), number));
        return made;
    };
    SECTION("and the feed went back to what both have")
    {
        *back.mutable_matches() = witness(before);
        const HandedBack done = world.engine->handBack(world.ada, back);
        CHECK(done.parted);
        CHECK(done.newEpoch);
        CHECK(done.answer.taken() == 1);
        CHECK(world.engine->epoch() == 2);
        CHECK(world.state().inherited == before);
        CHECK(world.state().head == 2 * epochStart + 1);
        // In an older epoch no number is given again.
        CHECK_FALSE(world.engine->handBack(world.ada, back).newEpoch);
        CHECK(world.versions().back().number == 2 * epochStart + 1);
    }
    SECTION("as far as is proven")
    {
        *back.mutable_matches() = witness(before);
        back.mutable_matches()->mutable_seal()->back() ^= 1;
        CHECK(world.engine->handBack(world.ada, back).newEpoch);
        CHECK(world.state().inherited == 0);
    }
    SECTION("never further than where they part")
    {
        *back.mutable_matches() = witness(world.state().head);
        back.mutable_matches()->set_number(before + 2);
        CHECK(world.engine->handBack(world.ada, back).newEpoch);
        CHECK(world.state().inherited == 0);
    }
    SECTION("also where the same was made once more, under the number that it had")
    {
        // Both lives were sent one change, each at its time, and made the same of it.
        const StoredVersion second = world.versions(before).front();
        REQUIRE(second.number == before + 1);
        const std::string once =
            world.engine->seal(world.feed(), second.number, second.id, second.bytes, world.nowMs - 1'000);
        CHECK(once != second.seal);
        CHECK(world.engine->isSeal(once, world.feed(), second.number, second.id, second.bytes));
        version.set_record(second.bytes);
        version.set_seal(once);
        *back.mutable_matches() = witness(before);
        const HandedBack done = world.engine->handBack(world.ada, back);
        CHECK_FALSE(done.forged);
        CHECK(done.newEpoch);
        CHECK(done.answer.taken() == 0);
        CHECK(world.state().inherited == before);
        CHECK(world.versions().back().bytes == second.bytes);
    }
    SECTION("not with another seal")
    {
        version.mutable_seal()->back() ^= 1;
        CHECK(world.engine->handBack(world.ada, back).forged);
        CHECK(world.engine->epoch() == 1);
    }
    SECTION("not what is here, or was until it was superseded")
    {
        const StoredVersion here = world.versions(before - 1).front();
        REQUIRE(here.number == before);
        version.set_number(before);
        version.set_record(here.bytes);
        version.set_seal(here.seal);
        CHECK_FALSE(world.engine->handBack(world.ada, back).newEpoch);
        REQUIRE_FALSE(world.submit(world.rename(first, "Renamed", {})).has_refusal());
        const HandedBack done = world.engine->handBack(world.ada, back);
        CHECK_FALSE(done.parted);
        CHECK(done.answer.taken() == 0);
        CHECK(world.engine->epoch() == 1);
    }
    world.requireSound();
}

TEST_CASE("the seals of what was superseded are kept for a while only")
{
    World world;
    const v1::Change made = world.question("Title 0");
    REQUIRE_FALSE(world.submit(made).has_refusal());
    const uint64_t first = world.state().head;
    std::vector<v1::Change> renames;
    for (int i = 1; i <= 1'600; ++i)
        renames.push_back(
            world.rename(made, "Title " + std::to_string(i), i == 1 ? std::string() : renames.back().id()));
    world.submitAll(renames, {.person = world.ada});
    const auto snapshot = world.store->snapshot();
    snapshot->refresh();
    CHECK(snapshot->sealAt(world.feed(), first).empty());
    uint64_t kept = 0;
    for (uint64_t number = first; number <= world.state().head; ++number)
        kept += snapshot->sealAt(world.feed(), number).empty() ? 0 : 1;
    CHECK(kept > 1'024);
    CHECK(kept <= 1'024 + 256 + 1);
    CHECK_FALSE(snapshot->sealAt(world.feed(), world.state().head - 1).empty());
}

TEST_CASE("who was erased is not brought back, also where the database never knew them")
{
    World world;
    const Id ben = newId(world.nowMs, world.random);
    const Feed directory{FeedKind::Directory, world.engine->organisation()};
    v1::Record known;
    known.set_id(ben.str());
    known.mutable_person()->set_name("Ben");
    v1::HandBack back;
    back.set_feed(directory.key());
    v1::Version& version = *back.add_versions();
    version.set_number((uint64_t{1} << limits::epochShift) + 1'000);
    version.set_record(known.SerializeAsString());
    version.set_seal(world.seal(directory, version.number(), ben, version.record()));

    world.engine->beginEpoch(2);
    CHECK(world.engine->erasePerson(ben).news.size() == 1);
    CHECK(world.engine->erasePerson(ben).news.empty());
    CHECK(world.engine->handBack(world.ada, back).answer.taken() == 0);
    const auto snapshot = world.store->snapshot();
    snapshot->refresh();
    CHECK(snapshot->notTaken().empty());
    CHECK(snapshot->find(ben)->record->deleted());
}

TEST_CASE("what somebody else made under the id of what was lost is not mixed with it")
{
    World world;
    world.engine->beginEpoch(2);
    const v1::Change mine = world.question("Mine");
    REQUIRE(world.submit(mine).effects_size() == 1);
    const std::string present = world.versions().back().bytes;

    v1::Record lost;
    REQUIRE(lost.ParseFromString(present));
    lost.set_author(newId(1, world.random).str());
    lost.mutable_post()->set_title("Theirs");
    v1::HandBack back;
    back.set_feed(world.feed().key());
    v1::Version& version = *back.add_versions();
    version.set_number((uint64_t{1} << limits::epochShift) + 1'000);
    version.set_record(lost.SerializeAsString());
    version.set_seal(world.seal(world.feed(), version.number(), *Id::from(mine.target()), version.record()));
    CHECK(world.engine->handBack(world.ada, back).answer.taken() == 0);

    CHECK(world.versions().back().bytes == present);
    const auto snapshot = world.store->snapshot();
    snapshot->refresh();
    REQUIRE(snapshot->notTaken().size() == 1); // for the admin to see
    CHECK(snapshot->notTaken()[0].bytes == version.record());
    world.requireSound();
}

TEST_CASE("what was made elsewhere under the id of what was lost is not mixed with it")
{
    World world;
    world.engine->beginEpoch(2);
    const v1::Change mine = world.question("Mine");
    REQUIRE(world.submit(mine).effects_size() == 1);
    const std::string present = world.versions().back().bytes;
    v1::Change made = world.change(newId(1, world.random));
    made.mutable_create_space()->set_name("Shed");
    made.mutable_create_space()->set_visibility(v1::OPEN);
    REQUIRE(world.submit(made, {.server = true}).effects_size() == 1);

    v1::Record lost;
    REQUIRE(lost.ParseFromString(present));
    lost.mutable_post()->set_space(made.target());
    const Feed shed{FeedKind::Space, *Id::from(made.target())};
    v1::HandBack back;
    back.set_feed(shed.key());
    v1::Version& version = *back.add_versions();
    version.set_number((uint64_t{1} << limits::epochShift) + 1'000);
    version.set_record(lost.SerializeAsString());
    version.set_seal(world.seal(shed, version.number(), *Id::from(mine.target()), version.record()));
    CHECK(world.engine->handBack(world.ada, back).answer.taken() == 0);

    const auto snapshot = world.store->snapshot();
    snapshot->refresh();
    CHECK(snapshot->find(*Id::from(mine.target()))->feed == world.feed());
    CHECK(snapshot->versionsAfter(shed, 0, 0, SIZE_MAX).size() == 1); // the space alone
    REQUIRE(snapshot->notTaken().size() == 1);                        // for the admin to see
    CHECK(snapshot->notTaken()[0].bytes == version.record());
    world.requireSound();
}

TEST_CASE("what SQLite left of rows that moved to another page goes with who is erased")
{
    World world;
    std::vector<std::string> logins;
    std::vector<v1::Change> people;
    for (int i = 0; i < 40; ++i) {
        people.push_back(world.change(newId(1, world.random)));
        logins.push_back("qvx" + std::to_string(100 + i) + "wkz");
        people.back().mutable_create_person()->set_login(logins.back());
        people.back().mutable_create_person()->set_name("Person " + logins.back());
        REQUIRE(world.submit(people.back(), {.server = true}).effects_size() == 1);
    }
    // With most numbers nothing is left; with this one something is.
    std::mt19937 dice(7);
    for (int i = 0; i < 400; ++i) {
        world.nowMs += 1'000;
        v1::Change about = world.change(*Id::from(people[dice() % people.size()].target()));
        v1::FieldEdit& edit = *about.mutable_edit()->add_fields();
        edit.set_field(v1::PERSON_ABOUT);
        edit.mutable_value()->set_text(std::string(1 + dice() % 600, 'x'));
        REQUIRE(world.submit(about, {.server = true}).effects_size() == 1);
    }
    const auto database = [&] {
        std::ifstream file(world.directory.path() / "stoa.db", std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    for (size_t i = 0; i < people.size(); ++i) {
        CAPTURE(logins[i]);
        CHECK(world.engine->erasePerson(*Id::from(people[i].target())).news.size() == 1);
        CHECK(database().find(logins[i]) == std::string::npos);
    }
    world.requireSound();
}

TEST_CASE("the log gives up who was erased as soon as it can")
{
    World world;
    const Id ben = newId(1, world.random);
    v1::Change person = world.change(ben);
    person.mutable_create_person()->set_login("ben");
    person.mutable_create_person()->set_name("Benedictus Quill");
    REQUIRE(world.submit(person, {.server = true}).effects_size() == 1);
    const auto filesHold = [&](const std::string& words) {
        for (const char* name : {"stoa.db", "stoa.db-wal"}) {
            std::ifstream file(world.directory.path() / name, std::ios::binary);
            if (std::string(std::istreambuf_iterator<char>(file), {}).find(words) != std::string::npos)
                return true;
        }
        return false;
    };
    REQUIRE(filesHold("Benedictus Quill"));

    SECTION("while somebody reads what was there before")
    {
        const auto reader = world.store->snapshot();
        reader->refresh();
        REQUIRE(reader->find(ben));
        CHECK(world.engine->erasePerson(ben).news.size() == 1);
        CHECK_FALSE(world.store->rest());
        CHECK(filesHold("Benedictus Quill"));
        reader->rest();
    }
    SECTION("while the disk is full")
    {
        const auto write = [&](int questions) {
            std::vector<v1::Change> many;
            for (int i = 0; i < questions; ++i) {
                many.push_back(world.question("Why?"));
                many.back().mutable_create_post()->set_body(std::string(20'000, 'x'));
            }
            world.submitAll(many, {.person = world.ada});
        };
        write(50);
        world.store->checkpoint();
        const test::FileLimit full(std::filesystem::file_size(world.directory.path() / "stoa.db") + 16 * 1024);
        write(10);
        CHECK(world.engine->erasePerson(ben).news.size() == 1);
        CHECK_FALSE(world.store->rest());
    }
    CHECK(world.store->rest());
    CHECK_FALSE(filesHold("Benedictus Quill"));
    world.requireSound();
}

} // namespace stoa
