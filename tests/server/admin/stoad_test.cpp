#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <sqlite3.h>

#include "shared/domain/feed.h"
#include "stoa/v1/change.pb.h"
#include "tests/server/admin/machine.h"

namespace stoa {

namespace {

using test::Finished;
using test::Json;
using test::Machine;
using test::Serving;
using test::TestClient;

v1::Envelope question(const Id& space, size_t bodyBytes = 0)
{
    const Random random = systemRandom();
    v1::Change change;
    change.set_id(newId(1, random).str());
    change.set_target(newId(1, random).str());
    change.mutable_create_post()->set_kind(v1::QUESTION);
    change.mutable_create_post()->set_space(space.str());
    change.mutable_create_post()->set_title("Why?");
    change.mutable_create_post()->set_body(std::string(bodyBytes, 'x'));
    v1::Envelope envelope;
    envelope.mutable_push()->add_changes()->set_change(change.SerializeAsString());
    return envelope;
}

} // namespace

TEST_CASE("an organisation is made once, for its own account only")
{
    Machine machine;
    CHECK(machine.link.organisation == "Example & Co");
    CHECK(machine.link.login == "ana");
    CHECK(machine.link.server == ServerAddress{"localhost", 7443});
    machine.refused({"init", "--organisation", "Other", "--admin", "eve", "--host", "localhost:1"});
    const auto mode = std::filesystem::status(machine.data()).permissions();
    CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
          std::filesystem::perms::none);
}

TEST_CASE("what cannot be made leaves nothing behind")
{
    const test::TemporaryDirectory directory;
    const std::string data = (directory.path() / "data").string();
    for (const auto& [organisation, login, host, exitCode] : {std::tuple{"Example", "a b", "localhost:1", 1},
                                                              {" ", "ana", "localhost:1", 1},
                                                              {"Example", "ana", "localhost", 2}}) {
        const Finished done = test::run(
            {"stoad", "init", "--data", data, "--organisation", organisation, "--admin", login, "--host", host});
        CHECK(done.exitCode == exitCode);
        CHECK_FALSE(done.err.empty());
        CHECK_FALSE(std::filesystem::exists(data));
    }
}

TEST_CASE("a data directory that no command could use is refused before it is made")
{
    const test::TemporaryDirectory directory;
    const std::string data = (directory.path() / std::string(100, 'd')).string();
    const Finished done = test::run(
        {"stoad", "init", "--data", data, "--organisation", "Example", "--admin", "ana", "--host", "localhost:1"});
    CHECK(done.exitCode == 1);
    CHECK(done.err.find("path is too long") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(data));
}

TEST_CASE("where the making of an organisation was cut off, every command says what to do")
{
    Machine machine;
    SECTION("before the database")
    {
        std::filesystem::remove(machine.data() + "/stoa.db");
    }
    SECTION("before the organisation")
    {
        machine.sql("DELETE FROM organisation; DELETE FROM feed; DELETE FROM record; DELETE FROM login");
    }
    for (const std::vector<std::string>& words : {std::vector<std::string>{"serve"},
                                                  {"person", "list"},
                                                  {"person", "add", "ben", "--name", "Ben"},
                                                  {"space", "add", "Lab"}})
        CHECK(machine.refused(words)["message"].get<std::string>().find("empty the directory") != std::string::npos);
    CHECK(machine.refused({"init", "--organisation", "Example", "--admin", "ana", "--host", "localhost:1"})["message"]
              .get<std::string>()
              .find("mpty") != std::string::npos);
}

TEST_CASE("commands work without a server, and say where there is no data")
{
    Machine machine;
    machine.fine({"person", "add", "ben", "--name", "Ben"});
    machine.fine({"space", "add", "Lab"});
    machine.fine({"member", "add", "ben", "--space", "Lab", "--role", "owner"});
    CHECK(machine.fine({"person", "list"})["people"].size() == 2);
    CHECK(machine.fine({"check"})["problems"].empty());
    const Finished nowhere = test::run({"stoad", "person", "list", "--data", "/nonexistent/stoa"});
    CHECK(nowhere.exitCode == 3);
    CHECK(nowhere.err.find("There is no organisation in /nonexistent/stoa.") == 0);
}

TEST_CASE("commands reach the running server and take effect at once")
{
    Machine machine;
    Serving serving(machine);
    std::string token;
    TestClient ana = serving.enter(machine.link, token);
    CHECK(machine.refused({"serve"})["message"] == "Another stoad works on this data.");

    const Json added = machine.fine({"person", "add", "ben", "--name", "Ben"});
    std::string bensToken;
    TestClient ben = serving.enter(Machine::linkOf(added), bensToken);

    const Json space = machine.fine({"space", "add", "Lab", "--visibility", "private"});
    machine.fine({"member", "add", "ben", "--space", "Lab"});
    const v1::Envelope feeds = ben.expect(v1::Envelope::kFeeds);
    REQUIRE(feeds.feeds().feeds_size() == 1);
    CHECK(Feed::from(feeds.feeds().feeds(0).feed())->owner == *Id::fromHex(space["space"].get<std::string>()));

    machine.fine({"person", "disable", "ben"});
    CHECK(
        ben.receiveUntil([](const v1::Envelope& envelope) { return envelope.has_goodbye(); }).goodbye().why().code() ==
        v1::PERSON_DISABLED_NOW);
    machine.refused({"person", "invite", "ben"});
    CHECK(machine.fine({"check"})["problems"].empty());
}

TEST_CASE("SIGTERM ends the server cleanly")
{
    Machine machine;
    for (const int signal : {SIGTERM, SIGINT}) {
        Serving serving(machine);
        serving.process.signal(signal);
        const Finished done = serving.process.wait();
        CHECK(done.exitCode == 0);
        CHECK(done.err.find("event=ended") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(machine.data() + "/admin.sock"));
        CHECK_FALSE(std::filesystem::exists(machine.data() + "/stoa.db-wal"));
    }
}

TEST_CASE("a server that is killed starts again with all that it acknowledged")
{
    Machine machine;
    const Id space = *Id::fromHex(machine.fine({"space", "add", "Lab"})["space"].get<std::string>());
    std::string token;
    size_t acknowledged = 0;
    for (int round = 0; round < 3; ++round) {
        Serving serving(machine);
        TestClient ana = round == 0 ? serving.enter(machine.link, token) : serving.enter(token);
        for (int i = 0; i < 20; ++i)
            ana.send(question(space));
        for (int i = 0; i < 10; ++i, ++acknowledged)
            CHECK_FALSE(ana.expect(v1::Envelope::kReceipts).receipts().receipts(0).has_refusal());
        serving.process.signal(SIGKILL);
        CHECK(serving.process.wait().exitCode == 128 + SIGKILL);
    }
    // Without the server a command works too, over the socket that it left.
    CHECK(machine.fine({"check"})["problems"].empty());
    CHECK(machine.fine({"space", "list"})["spaces"][0]["records"].get<size_t>() >= acknowledged + 1);
}

TEST_CASE("the log says what happened and nothing secret")
{
    Machine machine;
    Serving serving(machine);
    std::string token;
    {
        TestClient ana = serving.enter(machine.link, token);
    }
    TestClient wrong(serving.port);
    wrong.send(test::helloWithPassword("ana", "a secret guess"));
    CHECK(wrong.receiveGoodbye().code() == v1::WRONG_CREDENTIALS);
    serving.process.signal(SIGTERM);
    const Finished done = serving.process.wait();
    CHECK(done.err.find("event=signed_in person=") != std::string::npos);
    CHECK(done.err.find("event=sign_in_refused address=127.0.0.1 reason=WRONG_CREDENTIALS") != std::string::npos);
    for (const std::string& secret :
         {std::string("secret guess"), std::string("correct horse"), toHex(token), token, toHex(machine.link.code)})
        CHECK(done.err.find(secret) == std::string::npos);
}

TEST_CASE("texts that are not UTF-8 are refused and do not fill the log")
{
    Machine machine;
    const Id space = *Id::fromHex(machine.fine({"space", "add", "Lab"})["space"].get<std::string>());
    Serving serving(machine);
    std::string token;
    TestClient ana = serving.enter(machine.link, token);
    v1::Envelope bad = question(space);
    std::string& bytes = *bad.mutable_push()->mutable_changes(0)->mutable_change();
    bytes[bytes.find("Why?")] = '\xff';
    for (int i = 0; i < 50; ++i) {
        ana.send(bad);
        CHECK(ana.expect(v1::Envelope::kReceipts).receipts().receipts(0).has_refusal());
    }
    serving.process.signal(SIGTERM);
    const Finished done = serving.process.wait();
    CHECK(done.err.find("libprotobuf") == std::string::npos);
    const size_t told = done.err.find("event=bad_text");
    CHECK(told != std::string::npos);
    CHECK(done.err.find("event=bad_text", told + 1) == std::string::npos);
}

TEST_CASE("a full disk is said to whoever sends, and nothing that was acknowledged is lost")
{
    Machine machine;
    const Id space = *Id::fromHex(machine.fine({"space", "add", "Lab"})["space"].get<std::string>());
    std::string token;
    size_t acknowledged = 0;
    {
        // A limit on the size of files stands for the disk: the same error reaches the database.
        Serving serving(machine);
        TestClient ana = serving.enter(machine.link, token);
        const rlimit full{2 * 1024 * 1024, 2 * 1024 * 1024};
        REQUIRE(::prlimit(serving.process.pid(), RLIMIT_FSIZE, &full, nullptr) == 0);
        v1::Refusal why;
        for (int i = 0; i < 100 && why.code() == v1::CODE_NONE; ++i) {
            ana.send(question(space, 100'000));
            const v1::Envelope answer = ana.receive();
            if (answer.has_goodbye())
                why = answer.goodbye().why();
            else
                acknowledged += !answer.receipts().receipts(0).has_refusal();
        }
        CHECK(why.code() == v1::STORAGE);
        CHECK(acknowledged > 0);
        serving.process.waitForLine("event=storage_failed");

        TestClient reader = serving.enter(token); // reading goes on
        serving.process.signal(SIGTERM);
        serving.process.wait();
    }
    Serving again(machine);
    TestClient ana = again.enter(token);
    ana.send(question(space));
    CHECK_FALSE(ana.expect(v1::Envelope::kReceipts).receipts().receipts(0).has_refusal());
    CHECK(machine.fine({"check"})["problems"].empty());
    CHECK(machine.fine({"space", "list"})["spaces"][0]["records"].get<size_t>() == acknowledged + 2);
}

TEST_CASE("data that is damaged or newer is refused in words")
{
    Machine machine;
    SECTION("the key is gone")
    {
        std::filesystem::remove(machine.data() + "/seal.key");
        machine.refused({"check"}, 3);
    }
    SECTION("the settings are damaged")
    {
        std::ofstream(machine.data() + "/server.json") << "{";
        machine.refused({"serve"}, 3);
    }
    SECTION("the certificate is another key's")
    {
        std::filesystem::copy_file(machine.data() + "/seal.key", machine.data() + "/key.pem",
                                   std::filesystem::copy_options::overwrite_existing);
        machine.refused({"serve"}, 3);
    }
    SECTION("the database was written by a newer version")
    {
        machine.sql("PRAGMA user_version = 99");
        const auto bytes = [&] {
            std::ifstream file(machine.data() + "/stoa.db", std::ios::binary);
            return std::string(std::istreambuf_iterator<char>(file), {});
        };
        const std::string before = bytes();
        for (const std::vector<std::string>& words :
             {std::vector<std::string>{"serve"}, {"check"}, {"person", "add", "ben", "--name", "Ben"}})
            CHECK(machine.refused(words, 3)["message"].get<std::string>().find("newer version") != std::string::npos);
        CHECK(bytes() == before);
        CHECK_FALSE(std::filesystem::exists(machine.data() + "/stoa.db-wal"));
    }
    SECTION("the database is none")
    {
        std::ofstream(machine.data() + "/stoa.db") << std::string(8192, 'x');
        machine.refused({"check"}, 3);
    }
}

} // namespace stoa
