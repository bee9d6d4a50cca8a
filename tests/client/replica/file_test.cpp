// What may become of the file.

#include <fstream>

#include <sqlite3.h>

#include "client/replica/reading.h"
#include "client/replica/schema.h"
#include "tests/client/replica/shelf.h"
#include "tests/support/file_limit.h"

using namespace stoa;
using namespace stoa::test;

namespace {

void overwrite(const std::string& path, std::streamoff at, size_t bytes)
{
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << std::string(bytes, '\x5a');
}

} // namespace

TEST_CASE("a file of a newer version is refused in a sentence and not touched")
{
    Shelf shelf;
    shelf.close();
    {
        Database database(shelf.path(), Database::Mode::Write);
        database.run("PRAGMA user_version = 99");
        database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    std::ifstream before(shelf.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(before)), {});
    CHECK_THROWS_WITH(shelf.open(), Catch::Matchers::Contains("newer version"));
    std::ifstream after(shelf.path(), std::ios::binary);
    CHECK(bytes == std::string((std::istreambuf_iterator<char>(after)), {}));
}

TEST_CASE("a file of an older version is taken over as it is")
{
    Shelf shelf;
    v1::Record question = shelf.question("Written before");
    question.set_author(shelf.id().str()); // one votes for what others wrote
    REQUIRE(shelf.receive(shelf.space(), {question}) == Replica::Received::AtHead);
    const v1::Change asked = shelf.ask("Not sent yet");
    REQUIRE(shelf.submit(asked));
    REQUIRE(shelf.submit(shelf.vote(question)));
    shelf.close();
    {
        Database database(shelf.path(), Database::Mode::Write);
        const int version = GENERATE(1, 2, 3, 4, 5);
        for (const char* column : {"mark", "kind", "title"})
            database.run(("ALTER TABLE outbox DROP COLUMN " + std::string(column)).c_str());
        if (version < 5)
            database.run("DROP TABLE live");
        if (version < 4)
            for (const char* table : {"DROP TABLE histories", "DROP TABLE revisions", "DROP TABLE readings"})
                database.run(table);
        if (version < 3)
            database.run("DROP TABLE moved");
        if (version < 2)
            database.run("ALTER TABLE feeds DROP COLUMN trail");
        database.run(("PRAGMA user_version = " + std::to_string(version)).c_str());
    }
    shelf.open();
    CHECK(shelf.replica->waitingCount() == 2);
    CHECK(shelf.replica->unsentCount() == 1); // the mark is known as one
    CHECK(shelf.replica->check().empty());
    CHECK(post(*shelf.read(), idOf(question)));
    CHECK(shelf.receive(shelf.space(), {shelf.question("Later")}) == Replica::Received::AtHead);
}

TEST_CASE("a file that is no database is put aside and a new one begins")
{
    Shelf shelf;
    shelf.close();
    for (const char* suffix : {"-wal", "-shm"})
        std::filesystem::remove(shelf.path() + suffix);
    overwrite(shelf.path(), 0, 4096);
    shelf.open();
    CHECK(shelf.replica->feeds().empty());
    CHECK(std::filesystem::exists(shelf.path() + ".damaged-1"));
}

TEST_CASE("what was not sent and drafts survive damage, and show again once everything was fetched anew")
{
    Shelf shelf;
    std::vector<v1::Record> many;
    for (int i = 0; i < 500; ++i)
        many.push_back(shelf.question("Question " + std::to_string(i) + std::string(800, 'x')));
    REQUIRE(shelf.receive(shelf.space(), many) == Replica::Received::AtHead);
    const v1::Change words = shelf.ask("My words");
    REQUIRE(shelf.submit(words));
    shelf.within([&] { shelf.replica->saveDraft("ask", "Title", "Half a thought", "a\nb"); });
    shelf.close();
    {
        Database database(shelf.path(), Database::Mode::Write);
        database.run("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    SECTION("cut in the middle")
    {
        std::filesystem::resize_file(shelf.path(), std::filesystem::file_size(shelf.path()) * 2 / 3);
    }
    SECTION("overwritten in the middle")
    {
        overwrite(shelf.path(), std::streamoff(std::filesystem::file_size(shelf.path()) * 9 / 10), 20'000);
        std::ofstream(shelf.path() + ".damaged-mark") << '\n';
    }
    shelf.open();
    CHECK(draft(*shelf.read(), QStringLiteral("ask"))->text == QStringLiteral("Half a thought"));
    REQUIRE(outbox(*shelf.read(), 10).size() == 1);
    CHECK(outbox(*shelf.read(), 10)[0].title == QStringLiteral("My words"));
    CHECK_FALSE(post(*shelf.read(), *Id::from(words.target())));
    for (const Feed& feed : {shelf.directory(), shelf.personal(), shelf.space()})
        REQUIRE(shelf.receive(shelf.wholeFeed(feed)) == Replica::Received::AtHead);
    CHECK(post(*shelf.read(), *Id::from(words.target()))->pending);
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("a full disk is told and loses nothing that was stored")
{
    Shelf shelf;
    const v1::Change stored = shelf.ask("Stored");
    REQUIRE(shelf.submit(stored));
    // SQLite's own limit stands for the disk's end.
    std::vector<v1::Record> many;
    for (int i = 0; i < 2'000; ++i)
        many.push_back(shelf.question(std::string(900, 'x')));
    const v1::Batch batch = shelf.batch(shelf.space(), many);
    shelf.replica->limitPages(60);
    shelf.replica->begin();
    CHECK_THROWS_AS(shelf.replica->receive(batch), Database::Failed);
    shelf.replica->rollback();
    CHECK(outbox(*shelf.read(), 10).size() == 1);
    CHECK(shelf.replica->check().empty());
    shelf.replica->limitPages(1 << 30);
    CHECK(shelf.receive(batch) == Replica::Received::AtHead);
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("a log that a full disk does not let be written back fails nothing, and is written back later")
{
    Shelf shelf;
    std::vector<v1::Record> many;
    for (int i = 0; i < 2'000; ++i)
        many.push_back(shelf.question(std::string(900, 'x')));
    REQUIRE(shelf.receive(shelf.space(), many) == Replica::Received::AtHead);
    const auto fileBytes = [&] { return std::filesystem::file_size(shelf.path()); };
    {
        const FileLimit full(64 * 1024);
        CHECK_NOTHROW(shelf.replica->rest());
        CHECK(fileBytes() <= 64 * 1024);
    }
    CHECK(posts(*shelf.read(), {}, {}, 10).rows.size() == 10);
    REQUIRE(shelf.receive(shelf.space(), many) == Replica::Received::AtHead);
    shelf.replica->rest();
    CHECK(fileBytes() > 1024 * 1024);
    CHECK(shelf.replica->check().empty());
}

TEST_CASE("a feed that was never read and is set aside keeps no list from its indexes")
{
    Shelf shelf;
    v1::FeedHead other;
    other.set_feed(Feed{FeedKind::Space, shelf.id()}.key());
    other.set_head(5);
    v1::Welcome welcome;
    welcome.set_person(shelf.me.str());
    welcome.set_organisation(shelf.organisation.str());
    shelf.within([&] {
        shelf.replica->follow(other);
        CHECK(shelf.replica->welcome(welcome));
        shelf.replica->setSetting("projections", "0");
    });
    shelf.open();
    CHECK(hasListIndexes(*shelf.read()));
}

TEST_CASE("projections are built anew where this program computes them otherwise")
{
    Shelf shelf;
    const v1::Record question = shelf.question("Why?");
    REQUIRE(shelf.receive(shelf.space(), {question, shelf.below(question, v1::ANSWER, "So.")}) ==
            Replica::Received::AtHead);
    shelf.within([&] { shelf.replica->setSetting("projections", "0"); });
    shelf.open();
    CHECK(post(*shelf.read(), idOf(question))->answers == 1);
    CHECK(posts(*shelf.read(), {.order = Order::Score}, std::nullopt, 10).rows.size() == 1);
}
