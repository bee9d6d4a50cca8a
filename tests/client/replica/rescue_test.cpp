// A damaged file is replaced, and whenever the program ends in between, nothing that was not sent is lost.

#include <set>

#include "client/replica/rescue.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

namespace fs = std::filesystem;

std::string bytesOf(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

void put(const std::string& path, const std::string& bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

// A closed shelf whose file holds unsent words, a draft and a server's place.
class Damaged : public Shelf {
public:
    Damaged()
    {
        std::vector<v1::Record> many;
        for (int i = 0; i < 300; ++i)
            many.push_back(question("Question " + std::to_string(i) + std::string(800, 'x')));
        REQUIRE(receive(space(), many) == Replica::Received::AtHead);
        for (int i = 0; i < 3; ++i)
            REQUIRE(submit(ask("Words " + std::to_string(i))));
        within([&] {
            replica->setSetting("server", "example.org:443");
            replica->setSetting("pin", "a pin");
            replica->setSetting("login", "ada");
            replica->saveDraft("ask", "Title", "Half a thought", "a\nb");
        });
        close();
        REQUIRE_FALSE(fs::exists(path() + "-wal"));
    }
    void mark() { put(path() + ".damaged-mark", "\n"); }
    void checkNothingIsLost()
    {
        open();
        QStringList words;
        for (const OutboxRow& row : outbox(*read(), 10))
            words.append(row.text);
        CHECK(words.join(QLatin1Char(',')) == QStringLiteral("Words 0,Words 1,Words 2"));
        REQUIRE(draft(*read(), QStringLiteral("ask")));
        CHECK(draft(*read(), QStringLiteral("ask"))->text == QStringLiteral("Half a thought"));
        CHECK(replica->setting("server") == "example.org:443");
        CHECK(replica->setting("pin") == "a pin");
        CHECK(replica->setting("login") == "ada");
        CHECK(replica->setting("epoch") == "1");
        CHECK(replica->person() == me);
        for (const char* between : {".building", ".rescued", ".rescued-in-part", ".damaged-mark"})
            CHECK_FALSE(fs::exists(path() + between));
        for (const Feed& feed : {directory(), personal(), space()})
            REQUIRE(receive(wholeFeed(feed)) == Replica::Received::AtHead);
        CHECK(replica->check().empty());
        CHECK(posts(*read(), {}, {}, 1'000).rows.size() == 303);
    }
};

} // namespace

TEST_CASE("A rescue that is killed at any step goes on at the next start")
{
    Damaged shelf;
    const std::string name = shelf.path();
    const std::string damaged = bytesOf(name);
    // What a rescue makes.
    shelf.mark();
    shelf.open();
    shelf.close();
    const std::string made = bytesOf(name);
    REQUIRE(bytesOf(name + ".damaged") == damaged);
    fs::remove(name + ".damaged");

    SECTION("before anything")
    {
        put(name, damaged);
        shelf.mark();
    }
    SECTION("while it copies")
    {
        put(name, damaged);
        put(name + ".building", made.substr(0, made.size() / 2));
        put(name + ".building-wal", "half a log");
        shelf.mark();
    }
    SECTION("before it is renamed")
    {
        put(name, damaged);
        put(name + ".building", made);
        shelf.mark();
    }
    SECTION("when the new file is finished")
    {
        put(name, damaged);
        put(name + ".rescued", made);
        shelf.mark();
    }
    SECTION("when the damaged file is away")
    {
        fs::remove(name);
        put(name + ".damaged", damaged);
        put(name + ".rescued", made);
        shelf.mark();
    }
    SECTION("before the last renaming")
    {
        fs::remove(name);
        put(name + ".damaged", damaged);
        put(name + ".rescued", made);
    }
    SECTION("at the end")
    {
        put(name + ".damaged", damaged);
    }
    shelf.checkNothingIsLost();
    CHECK(bytesOf(name + ".damaged") == damaged);
}

TEST_CASE("A rescue that cannot write leaves the damaged file as it is")
{
    Damaged shelf;
    shelf.mark();
    // Nothing can be made where a folder lies.
    fs::create_directories(shelf.path() + ".building/in the way");
    CHECK_THROWS_AS(shelf.open(), Database::Failed);
    fs::remove_all(shelf.path() + ".building");
    shelf.checkNothingIsLost();
}

TEST_CASE("A file that was cut is noticed when it is opened, and its words survive")
{
    Damaged shelf;
    // From the last page that no one needs up to a third.
    const auto size = fs::file_size(shelf.path());
    SECTION("by a page")
    {
        fs::resize_file(shelf.path(), size - 8'192);
    }
    SECTION("by a few bytes")
    {
        fs::resize_file(shelf.path(), size - 10);
    }
    SECTION("in the middle")
    {
        fs::resize_file(shelf.path(), size * 2 / 3 / 8'192 * 8'192);
    }
    CHECK_THROWS_AS(prepareFile(shelf.path()), Database::Damaged);
    shelf.open();
    CHECK(shelf.replica->setting("pin") == "a pin");
    CHECK(fs::file_size(shelf.path()) < size / 2);
}

TEST_CASE("A file without its first bytes keeps what was not sent")
{
    Damaged shelf;
    std::fstream(shelf.path(), std::ios::in | std::ios::out | std::ios::binary) << std::string(100, 'x');
    shelf.checkNothingIsLost();
    CHECK(fs::exists(shelf.path() + ".damaged-1"));
    CHECK_FALSE(fs::exists(shelf.path() + ".repaired"));
}

TEST_CASE("A file whose newest pages lie in the log beside it is not cut")
{
    Damaged shelf;
    shelf.open();
    std::vector<v1::Record> many;
    for (int i = 0; i < 300; ++i)
        many.push_back(shelf.question(std::string(900, 'y')));
    REQUIRE(shelf.receive(shelf.space(), many) == Replica::Received::AtHead);
    REQUIRE(fs::exists(shelf.path() + "-wal"));
    CHECK_NOTHROW(prepareFile(shelf.path()));
    // As it is where the program was killed.
    const std::string file = bytesOf(shelf.path()), log = bytesOf(shelf.path() + "-wal");
    shelf.close();
    put(shelf.path(), file);
    put(shelf.path() + "-wal", log);
    shelf.open();
    CHECK(posts(*shelf.read(), {}, {}, 1'000).rows.size() == 603);
}

TEST_CASE("A damaged file that could not be read through is never deleted")
{
    Damaged shelf;
    const std::string good = bytesOf(shelf.path());
    const std::string first = std::string(8'192, 'a'), second = std::string(8'192, 'b');
    put(shelf.path(), first);
    shelf.open();
    shelf.close();
    put(shelf.path(), second);
    SECTION("straight on") {}
    SECTION("killed in between")
    {
        put(shelf.path() + ".rescued-in-part", good);
    }
    shelf.open();
    CHECK(bytesOf(shelf.path() + ".damaged-1") == first);
    CHECK(bytesOf(shelf.path() + ".damaged-2") == second);
    // Signing out and removing the copy removes all of it.
    shelf.close();
    removeReplica(shelf.path());
    CHECK(fs::is_empty(fs::path(shelf.path()).parent_path()));
}

TEST_CASE("Behind a damaged part of the outbox the changes that can be read are carried over")
{
    Shelf shelf;
    for (int i = 0; i < 400; ++i)
        REQUIRE(shelf.submit(shelf.ask("Words " + std::to_string(i))));
    shelf.close();
    int64_t pages = 0;
    std::vector<int64_t> leaves;
    {
        Database database(shelf.path(), Database::Mode::Write);
        Statement count(database, "PRAGMA page_count");
        REQUIRE(count.step());
        pages = count.number(0);
    }
    // A leaf of the outbox's table holds consecutive ids of changes.
    const std::string bytes = bytesOf(shelf.path());
    std::string id;
    {
        Database database(shelf.path(), Database::Mode::Read);
        Statement middle(database, "SELECT id FROM outbox WHERE position = 200");
        REQUIRE(middle.step());
        id = std::string(middle.text(0));
    }
    std::string broken = bytes;
    for (int64_t page = 1; page < pages; ++page) {
        const std::string_view one(bytes.data() + page * 8'192, 8'192);
        if (uint8_t(one[0]) == 0x0d && one.find(id) != std::string_view::npos)
            broken.replace(size_t(page) * 8'192, 8'192, std::string(8'192, '\x5a'));
    }
    REQUIRE(broken != bytes);
    put(shelf.path(), broken);
    put(shelf.path() + ".damaged-mark", "\n");
    shelf.open();
    std::set<QString> words;
    for (const OutboxRow& row : outbox(*shelf.read(), 1'000))
        words.insert(row.text);
    CHECK(words.contains(QStringLiteral("Words 0")));
    CHECK(words.contains(QStringLiteral("Words 399")));
    CHECK(words.size() < 400);
    CHECK(bytesOf(shelf.path() + ".damaged-1").substr(8'192) == broken.substr(8'192));
}
