// Backups as an admin makes, rehearses and restores them; and what is no backup.

#include <sys/stat.h>

#include "server/admin/data_folder.h"
#include "shared/base/clock.h"
#include "stoa/v1/change.pb.h"
#include "tests/server/admin/machine.h"
#include "tests/support/file_limit.h"

namespace stoa {

namespace {

using test::Finished;
using test::Json;
using test::Machine;
using test::says;
using test::Serving;

namespace fs = std::filesystem;

// An organisation with a space and a page, and a place for its backups.
class BackedUp : public Machine {
public:
    BackedUp()
    {
        fine({"space", "add", "Lab"});
        write("pages/one.md", "The first page");
        fine({"import", "markdown", folder("pages").string(), "--space", "Lab"});
        fs::create_directory(folder("backups"));
    }

    std::string file() const { return (folder("backups") / "stoa.backup").string(); }
    DataFolder other() const { return {folder("other")}; }

    Finished on(const DataFolder& data, std::vector<std::string> words)
    {
        words.insert(words.begin(), "stoad");
        words.insert(words.end(), {"--data", data.path.string(), "--json"});
        return test::run(words);
    }
    Json restored() { return ended(on(other(), {"restore", file()}), 0); }
    std::string notRestored(int exitCode = 1) { return ended(on(other(), {"restore", file()}), exitCode)["message"]; }
    Json rehearsed(int exitCode = 0)
    {
        return ended(test::run({"stoad", "restore", "--rehearse", file(), "--json"}), exitCode);
    }
    // Alters the backup behind the program's back.
    void sqlInBackup(const std::string& text) const { sqlIn(file(), text); }

    std::vector<std::string> namesIn(const std::string& name) const
    {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder(name)))
            names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    }

    static Json ended(const Finished& done, int exitCode)
    {
        INFO(done.out << done.err);
        REQUIRE(done.exitCode == exitCode);
        const Json answer = Json::parse(done.out);
        REQUIRE(answer["ok"] == (exitCode == 0));
        return answer;
    }
};

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("a backup becomes the same organisation again, in a new epoch")
{
    BackedUp machine;
    const Json made = machine.fine({"backup", machine.file()});
    CHECK(made["records"] == machine.fine({"check"})["records"]);
    struct stat status {};
    REQUIRE(::stat(machine.file().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(machine.namesIn("backups") == Names{"stoa.backup"});

    const Json restored = machine.restored();
    CHECK(restored["records"] == made["records"]);
    CHECK(restored["epoch"] == 2);
    CHECK(machine.namesIn("other") ==
          Names{"certificate.pem", "journal", "key.pem", "lock", "seal.key", "server.json", "stoa.db"});
    CHECK((fs::status(machine.other().path).permissions() & fs::perms::others_all) == fs::perms::none);
    for (const auto& entry : fs::directory_iterator(machine.other().path))
        CHECK((entry.status().permissions() & fs::perms::group_all) == fs::perms::none);
    CHECK(BackedUp::ended(machine.on(machine.other(), {"check"}), 0)["records"] == made["records"]);
    CHECK(BackedUp::ended(machine.on(machine.other(), {"space", "list"}), 0)["spaces"] ==
          machine.fine({"space", "list"})["spaces"]);
    CHECK(says(BackedUp::ended(machine.on(machine.other(), {"restore", machine.file()}), 1)["message"],
               "holds an organisation already"));
}

TEST_CASE("a backup is made while the server runs and people write")
{
    BackedUp machine;
    Serving serving(machine);
    std::string token;
    test::TestClient client = serving.enter(machine.link, token);
    const Id space = *Id::fromHex(machine.fine({"space", "list"})["spaces"][0]["id"].get<std::string>());
    const Random random = systemRandom();
    const auto push = [&] {
        v1::Envelope envelope;
        for (int i = 0; i < 200; ++i) {
            v1::Change change;
            change.set_id(newId(1, random).str());
            change.set_target(newId(1, random).str());
            change.mutable_create_post()->set_kind(v1::QUESTION);
            change.mutable_create_post()->set_space(space.str());
            change.mutable_create_post()->set_title("Why?");
            envelope.mutable_push()->add_changes()->set_change(change.SerializeAsString());
        }
        client.send(envelope);
    };
    const size_t before = machine.fine({"check"})["records"];
    push();
    const Json made = machine.fine({"backup", machine.file()});
    push();
    int receipts = 0;
    while (receipts < 400)
        receipts += client.receiveUntil([](const auto& got) { return got.has_receipts(); }).receipts().receipts_size();
    const size_t whole = made["records"].get<size_t>() - before;
    CHECK(whole <= 200);
    CHECK(machine.rehearsed()["records"] == made["records"]);
    CHECK(machine.fine({"check"})["records"] == before + 400);
}

TEST_CASE("a backup is never made over a file that is there, unless that is asked for")
{
    BackedUp machine;
    machine.write("backups/stoa.backup", "dear to somebody");
    CHECK(says(machine.refused({"backup", machine.file()})["message"], "is there already"));
    CHECK(readWhole(machine.file()) == "dear to somebody");
    machine.fine({"backup", machine.file(), "--force"});
    machine.rehearsed();
}

TEST_CASE("where a backup cannot lie is said")
{
    BackedUp machine;
    CHECK(says(machine.refused({"backup", (machine.folder("nowhere") / "x").string()})["message"], "no directory"));
    CHECK(says(machine.refused({"backup", machine.folder("backups").string()})["message"], "is a directory"));
    for (const char* name : {"stoa.db", "new.backup"})
        CHECK(says(machine.refused({"backup", machine.data() + "/" + name, "--force"})["message"],
                   "does not belong into the data directory"));
    machine.fine({"check"});
}

TEST_CASE("a full disk leaves no half backup, and the earlier one as it was")
{
    BackedUp machine;
    machine.fine({"backup", machine.file()});
    const std::string before = readWhole(machine.file());
    for (const rlim_t bytes : {rlim_t{0}, rlim_t{4096}, rlim_t{before.size() / 2}, rlim_t{before.size() - 1}}) {
        const test::FileLimit limit(bytes);
        CHECK(says(machine.refused({"backup", machine.file(), "--force"}, 3)["message"], "."));
        CHECK(machine.namesIn("backups") == Names{"stoa.backup"});
        CHECK(readWhole(machine.file()) == before);
    }
}

TEST_CASE("a full disk while restoring leaves nothing behind")
{
    BackedUp machine;
    machine.fine({"backup", machine.file()});
    const auto whole = static_cast<rlim_t>(fs::file_size(machine.file()));
    for (const rlim_t bytes : {rlim_t{0}, rlim_t{100}, rlim_t{4096}, whole / 2}) {
        const test::FileLimit limit(bytes);
        machine.notRestored(3);
        CHECK_FALSE(fs::exists(machine.other().path));
    }
    machine.restored();
}

TEST_CASE("an unsound database becomes no backup")
{
    BackedUp machine;
    machine.sql("UPDATE record SET bytes = replace(bytes, 'first', 'other') WHERE instr(bytes, 'first')");
    CHECK(says(machine.refused({"backup", machine.file()})["message"], "seal"));
    CHECK(machine.namesIn("backups").empty());
}

TEST_CASE("what is not a whole backup is refused, and nothing is restored")
{
    BackedUp machine;
    std::string why;
    SECTION("no file")
    {
        why = "There is no file";
    }
    SECTION("a text")
    {
        machine.write("backups/stoa.backup", std::string(10'000, 'x'));
        why = "is not a backup";
    }
    SECTION("a database of another program")
    {
        machine.sqlInBackup("CREATE TABLE t(x)");
        why = "is not a backup";
    }
    SECTION("the bare database")
    {
        fs::copy_file(machine.data() + "/stoa.db", machine.file());
        why = "is not a backup";
    }
    SECTION("of a newer program")
    {
        machine.fine({"backup", machine.file()});
        machine.sqlInBackup("PRAGMA user_version = 1000000");
        CHECK(says(machine.notRestored(3), "newer version"));
        CHECK_FALSE(fs::exists(machine.other().path));
        return;
    }
    SECTION("without its key")
    {
        machine.fine({"backup", machine.file()});
        machine.sqlInBackup("DELETE FROM folder WHERE name = 'seal.key'");
        why = "a part of it is missing";
    }
    SECTION("with another key")
    {
        machine.fine({"backup", machine.file()});
        machine.sqlInBackup("UPDATE folder SET bytes = zeroblob(32) WHERE name = 'seal.key'");
        why = "does not carry this server's seal";
    }
    SECTION("a record was altered")
    {
        machine.fine({"backup", machine.file()});
        machine.sqlInBackup("UPDATE record SET bytes = replace(bytes, 'first', 'other') WHERE instr(bytes, 'first')");
        why = "does not carry this server's seal";
    }
    SECTION("a record is gone")
    {
        machine.fine({"backup", machine.file()});
        machine.sqlInBackup("DELETE FROM record WHERE instr(bytes, 'first')");
        why = "its digest is not that of its records";
    }
    SECTION("a feed is gone, with all its records")
    {
        machine.fine({"backup", machine.file()});
        machine.sqlInBackup("DELETE FROM record WHERE feed = (SELECT max(feed) FROM feed);"
                            "DELETE FROM feed WHERE feed = (SELECT max(feed) FROM feed)");
        why = "records, and holds";
    }
    CHECK(says(machine.notRestored(), why));
    CHECK_FALSE(fs::exists(machine.other().path));
    CHECK(says(machine.rehearsed(1)["message"], why));
}

TEST_CASE("a backup that was cut short is refused, however short it is")
{
    BackedUp machine;
    machine.fine({"backup", machine.file()});
    const std::string whole = readWhole(machine.file());
    for (size_t bytes = 0; bytes < whole.size(); bytes += whole.size() / 7) {
        writeDurably(machine.file(), whole.substr(0, bytes));
        const Finished done = machine.on(machine.other(), {"restore", machine.file()});
        INFO(bytes << " bytes: " << done.out);
        CHECK((done.exitCode == 1 || done.exitCode == 3));
        CHECK_FALSE(fs::exists(machine.other().path));
    }
}

TEST_CASE("a directory that holds something is not restored into")
{
    BackedUp machine;
    machine.fine({"backup", machine.file()});
    fs::create_directory(machine.other().path);
    SECTION("anything")
    {
        machine.write("other/notes.txt", "dear to somebody");
    }
    SECTION("a key without a database")
    {
        machine.write("other/seal.key", "dear to somebody");
    }
    SECTION("something beside what an earlier restore left")
    {
        machine.write("other/stoa.db.part", "");
        machine.write("other/notes.txt", "dear to somebody");
    }
    const Names before = machine.namesIn("other");
    CHECK(says(machine.notRestored(), "holds something else"));
    CHECK(machine.namesIn("other") == before);
}

TEST_CASE("a restore that was cut off serves nobody, and starts over")
{
    BackedUp machine;
    machine.fine({"backup", machine.file()});
    fs::create_directory(machine.other().path);
    for (const char* left : {"stoa.db.part", "stoa.db.part-wal", "seal.key", "lock"})
        machine.write(std::string("other/") + left, "half");
    for (const std::vector<std::string>& words : {std::vector<std::string>{"serve"}, {"check"}, {"person", "list"}})
        CHECK(says(BackedUp::ended(machine.on(machine.other(), words), 1)["message"], "was cut off"));
    machine.restored();
    BackedUp::ended(machine.on(machine.other(), {"check"}), 0);
}

TEST_CASE("a restore that is killed leaves nothing that anybody serves, or everything")
{
    BackedUp machine;
    const Json made = machine.fine({"backup", machine.file()});
    for (const char* moment : {"Copying the database", "Checking the database file", "Checking every record"}) {
        {
            test::Process restoring({"stoad", "restore", machine.file(), "--data", machine.other().path.string()});
            restoring.waitForLine(moment);
            restoring.signal(SIGKILL);
            restoring.wait();
        }
        if (fs::exists(machine.other().database())) { // it was faster
            CHECK(BackedUp::ended(machine.on(machine.other(), {"check"}), 0)["records"] == made["records"]);
        } else {
            CHECK(says(BackedUp::ended(machine.on(machine.other(), {"check"}), 1)["message"], "was cut off"));
            machine.restored();
        }
        fs::remove_all(machine.other().path);
    }
}

TEST_CASE("a rehearsal says what it found, and leaves nothing")
{
    BackedUp machine;
    const Json made = machine.fine({"backup", machine.file()});
    const std::string before = readWhole(machine.file());
    const Json rehearsed = machine.rehearsed();
    CHECK(rehearsed["records"] == made["records"]);
    CHECK(rehearsed["feeds"] == made["feeds"]);
    CHECK(rehearsed["problems"].empty());
    CHECK(rehearsed["seconds"].is_number());
    CHECK(machine.namesIn("backups") == Names{"stoa.backup"});
    CHECK(readWhole(machine.file()) == before);
}

} // namespace stoa
