// What the journal keeps, and what a restored or copied-back database learns from it.

#include "server/admin/journal.h"

#include "server/admin/data_folder.h"
#include "server/store/sqlite/sqlite_store.h"
#include "shared/base/limits.h"
#include "tests/server/admin/machine.h"
#include "tests/support/file_limit.h"

namespace stoa {

namespace {

using test::Finished;
using test::Json;
using test::Machine;
using test::says;
using test::Serving;
using test::TemporaryDirectory;
using test::TestClient;
using What = JournalEntry::What;

namespace fs = std::filesystem;

const WallClock noon = [] { return int64_t{12}; };

// An organisation with a backup of when ben was a moderator of the lab, and a place to restore to.
class Restorable : public Machine {
public:
    Restorable()
    {
        benLink = linkOf(fine({"person", "add", "ben", "--name", "Ben"}));
        fine({"space", "add", "Lab", "--visibility", "private"});
        fine({"member", "add", "ben", "--space", "Lab", "--role", "moderator", "--title", "expert"});
    }

    std::string file() const { return folder("stoa.backup").string(); }
    Finished on(const std::string& data, std::vector<std::string> words)
    {
        words.insert(words.begin(), "stoad");
        words.insert(words.end(), {"--data", folder(data).string(), "--json"});
        return test::run(words);
    }
    Json fineOn(const std::string& data, const std::vector<std::string>& words)
    {
        const Finished done = on(data, words);
        INFO(done.out << done.err);
        REQUIRE(done.exitCode == 0);
        return Json::parse(done.out);
    }
    Json person(const std::string& login, const std::string& data = "data")
    {
        const Json listed = fineOn(data, {"person", "list"});
        for (const Json& one : listed["people"]) {
            if (one["login"] == login)
                return one;
        }
        return {};
    }
    int64_t labMembers(const std::string& data) { return fineOn(data, {"space", "list"})["spaces"][0]["members"]; }
    std::string journal() const { return data() + "/journal"; }
    std::string lastWhat() const
    {
        const std::string text = readWhole(journal());
        const size_t from = text.rfind('\n', text.size() - 2);
        return Json::parse(text.substr(from == text.npos ? 0 : from + 1))["what"];
    }
    // As an admin does in place: the old folder goes, its journal stays.
    void restoreInPlace()
    {
        fs::rename(data(), folder("before"));
        fs::create_directory(data());
        fs::copy_file(folder("before") / "journal", journal());
        restored = fine({"restore", file()});
    }

    InviteLink benLink;
    Json restored;
};

} // namespace

TEST_CASE("a journal gives back what was written, also after a cut in its last line")
{
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "journal";
    const Id ben = newId(1, systemRandom());
    const Id lab = newId(2, systemRandom());
    CHECK(readJournal(path).entries.empty());
    v1::Record person;
    person.set_id(ben.str());
    person.mutable_person()->set_disabled(true);
    v1::Record membership;
    membership.mutable_membership()->set_person(ben.str());
    membership.mutable_membership()->set_space(lab.str());
    membership.mutable_membership()->set_role(v1::READER);
    {
        FileJournal journal(path, noon);
        journal.epochBegun(3);
        journal.rightsTaken(person);
        journal.rightsTaken(membership);
        journal.deviceRevoked(lab);
        journal.started("boot");
    }
    const JournalText text = readJournal(path);
    REQUIRE(text.entries.size() == 5);
    CHECK(text.lastEpoch() == 3);
    CHECK(text.entries[1].what == What::Person);
    CHECK(text.entries[1].person == ben);
    CHECK(text.entries[1].disabled);
    CHECK(text.entries[1].timeMs == 12);
    CHECK(text.entries[2].what == What::Role);
    CHECK(text.entries[2].space == lab);
    CHECK(text.entries[2].role == v1::READER);
    CHECK(text.entries[3].device == lab);
    CHECK(text.entries[4].boot == "boot");

    const size_t before = text.bytes.rfind('\n', text.bytes.size() - 2) + 1;
    for (size_t cut = before + 1; cut < text.bytes.size(); ++cut) {
        writeDurably(path, text.bytes.substr(0, cut));
        CHECK(readJournal(path).entries.size() == 4);
    }
    for (const std::string rubbish : {"\n", "{}\n", "\1\2\3\n", "{\"time_ms\": 1, \"what\": \"fly\"}\n"}) {
        writeDurably(path, text.bytes + rubbish);
        CHECK(readJournal(path).entries.size() == 5);
        FileJournal(path, noon).epochBegun(4); // over the rubbish
        CHECK(readJournal(path).entries.size() == 6);
        CHECK(readJournal(path).lastEpoch() == 4);
    }
    writeDurably(path, "{}\n" + text.bytes);
    CHECK_THROWS_AS(readJournal(path), JournalDamaged);
    CHECK_THROWS_AS(FileJournal(path, noon), JournalDamaged);
}

TEST_CASE("an epoch that the journal tells of is not begun again by a database that went back behind it")
{
    const TemporaryDirectory directory;
    {
        FileJournal(directory.path() / "journal", noon).epochBegun(7);
    }
    FileJournal journal(directory.path() / "journal", noon);
    const auto store = openSqliteStore(directory.path() / "stoa.db");
    Engine engine(*store, std::string(32, 'k'), noon, &journal);
    REQUIRE(engine.createOrganisation("Example", [](std::span<uint8_t> bytes) { bytes[0] = 1; }));
    v1::Change made;
    const Id person = *Id::fromHex("00000000000000000000000000000002");
    made.set_id(person.str());
    made.set_target(person.str());
    made.mutable_create_person()->set_login("ben");
    made.mutable_create_person()->set_name("Ben");
    Submission submission{.actor = {.server = true}, .changes = {}};
    submission.changes.emplace_back().set_change(made.SerializeAsString());
    REQUIRE_FALSE(engine.submit({&submission, 1}).receipts[0].receipts(0).has_refusal());

    const Feed feed{FeedKind::Directory, engine.organisation()};
    v1::Record record;
    record.set_id(person.str());
    v1::HandBack handBack;
    handBack.set_feed(feed.key());
    v1::Version& version = *handBack.add_versions();
    version.set_number((uint64_t{1} << limits::epochShift) + 100);
    version.set_record(record.SerializeAsString());
    version.set_seal(engine.seal(feed, version.number(), person, version.record(), 0));
    CHECK(engine.handBack(person, handBack).newEpoch);
    CHECK(engine.epoch() == 8);
    CHECK(journal.lastEpoch() == 8);
}

TEST_CASE("what came after a known beginning is told from what is in it")
{
    const TemporaryDirectory directory;
    const fs::path path = directory.path() / "journal";
    FileJournal journal(path, noon);
    journal.started("one");
    journal.epochBegun(2);
    const std::string known = readJournal(path).bytes;
    journal.started("two");
    const JournalText text = readJournal(path);
    CHECK(text.after(0, hash128("")).size() == 3);
    CHECK(text.after(known.size(), hash128(known)).size() == 1);
    CHECK(text.after(text.bytes.size(), hash128(text.bytes)).empty());
    CHECK(text.after(known.size(), hash128("other")).size() == 3);
    CHECK(text.after(text.bytes.size() + 1, hash128(text.bytes)).size() == 3);
    CHECK(text.afterStart("two").size() == 1);
    CHECK(text.afterStart("three").size() == 3);
}

TEST_CASE("whoever was disabled or removed after the backup stays so")
{
    Restorable machine;
    machine.fine({"person", "add", "cleo", "--name", "Cleo"});
    machine.fine({"person", "disable", "cleo"});
    machine.fine({"backup", machine.file()});
    machine.fine({"person", "enable", "cleo"});
    machine.fine({"person", "disable", "ben"});
    machine.fine({"member", "remove", "ben", "--space", "Lab"});
    machine.restoreInPlace();
    CHECK(machine.person("ben")["disabled"] == true);
    CHECK(machine.person("cleo")["disabled"] == false);
    CHECK(machine.labMembers("data") == 0);
    CHECK(machine.restored["replayed"]["people"] == 2);
    CHECK(machine.restored["replayed"]["roles"] == 1);
    CHECK(machine.restored["epoch"] == 2);
    machine.fine({"check"});
}

TEST_CASE("what was so in the backup already is not done again")
{
    Restorable machine;
    machine.fine({"member", "remove", "ben", "--space", "Lab"});
    machine.fine({"member", "add", "ben", "--space", "Lab"});
    machine.fine({"backup", machine.file()});
    machine.restoreInPlace();
    CHECK(machine.labMembers("data") == 1);
    CHECK(machine.restored["replayed"]["roles"] == 0);
}

TEST_CASE("a role that was lowered is not raised again, and keeps its titles")
{
    Restorable machine;
    machine.fine({"backup", machine.file()});
    machine.fine({"member", "add", "ben", "--space", "Lab", "--role", "reader", "--title", "expert"});
    machine.restoreInPlace();
    CHECK(machine.restored["replayed"]["roles"] == 1);
    CHECK(machine.labMembers("data") == 1);
    machine.fine({"check"});
}

TEST_CASE("whoever was made a mere reader of an open space after the backup is one again")
{
    Restorable machine;
    machine.fine({"person", "add", "cleo", "--name", "Cleo"});
    machine.fine({"space", "add", "Square"});
    machine.fine({"backup", machine.file()});
    machine.fine({"member", "add", "cleo", "--space", "Lab", "--role", "reader"}); // of which they would know nothing
    machine.fine({"member", "add", "cleo", "--space", "Square", "--role", "reader"});
    machine.restoreInPlace();
    CHECK(machine.restored["replayed"]["roles"] == 1);
    const Json listed = machine.fine({"space", "list"});
    for (const Json& space : listed["spaces"])
        CHECK(space["members"] == 1); // ben in the lab, cleo in the square
    machine.fine({"check"});
}

TEST_CASE("each restore begins an epoch that was never used")
{
    Restorable machine;
    machine.fine({"backup", machine.file()});
    machine.restoreInPlace();
    CHECK(machine.restored["epoch"] == 2);
    fs::remove_all(machine.folder("before"));
    machine.restoreInPlace();
    CHECK(machine.restored["epoch"] == 3);
    // Elsewhere, with the journal by its name, and without one.
    CHECK(machine.fineOn("other", {"restore", machine.file(), "--journal", machine.journal()})["epoch"] == 4);
    CHECK(readJournal(machine.folder("other") / "journal").lastEpoch() == 4);
    const Json without = machine.fineOn("third", {"restore", machine.file()});
    CHECK(without["epoch"] == 2);
    CHECK(without["journal"] == "");
    CHECK(says(without["message"], "No journal was found"));
}

TEST_CASE("a damaged journal, or another one, is refused before anything is made")
{
    Restorable machine;
    machine.fine({"backup", machine.file()});
    machine.fine({"person", "disable", "ben"});
    const std::string journal = readWhole(machine.journal());
    machine.write("damaged", "{}\n" + journal);
    const Finished damaged =
        machine.on("other", {"restore", machine.file(), "--journal", machine.folder("damaged").string()});
    CHECK(damaged.exitCode == 1);
    CHECK(says(Json::parse(damaged.out)["message"], "Line 1 of the journal"));
    CHECK_FALSE(fs::exists(machine.folder("other")));
    const Finished missing =
        machine.on("other", {"restore", machine.file(), "--journal", machine.folder("no").string()});
    CHECK(missing.exitCode == 1);
    CHECK_FALSE(fs::exists(machine.folder("other")));

    machine.write("other/journal", "");
    const Finished two = machine.on("other", {"restore", machine.file(), "--journal", machine.journal()});
    CHECK(two.exitCode == 1);
    CHECK(says(Json::parse(two.out)["message"], "another journal"));

    // The running of the organisation, too.
    writeDurably(machine.journal(), "{}\n" + journal);
    CHECK(says(machine.refused({"serve"})["message"], "Line 1 of the journal"));
}

TEST_CASE("a journal on another disk is used from there")
{
    const TemporaryDirectory directory;
    const std::string data = (directory.path() / "data").string();
    const std::string disk = (directory.path() / "disk").string();
    const auto init = [&](const std::string& where) {
        return test::run({"stoad", "init", "--data", where, "--organisation", "Example", "--admin", "ana", "--host",
                          "localhost:1", "--journal", disk});
    };
    CHECK(init(data).exitCode == 3); // there is no such disk
    CHECK_FALSE(fs::exists(data));
    fs::create_directory(disk);
    REQUIRE(init(data).exitCode == 0);
    CHECK(fs::exists(disk + "/journal"));
    CHECK_FALSE(fs::exists(data + "/journal"));
    CHECK(init(data + "2").exitCode == 1);
    CHECK(readJournal(disk + "/journal").entries.empty());
    const std::string file = (directory.path() / "b").string();
    REQUIRE(test::run({"stoad", "backup", file, "--data", data}).exitCode == 0);
    fs::remove_all(data);
    const Finished rehearsed = test::run({"stoad", "restore", "--rehearse", file, "--json"});
    CHECK(rehearsed.exitCode == 0);
    CHECK(readJournal(disk + "/journal").entries.empty()); // a rehearsal leaves it alone
    const Finished restored = test::run({"stoad", "restore", file, "--data", data, "--json"});
    REQUIRE(restored.exitCode == 0);
    CHECK(Json::parse(restored.out)["journal"] == disk + "/journal");
    CHECK(readJournal(disk + "/journal").lastEpoch() == 2);
}

TEST_CASE("where the journal cannot be written, nobody is disabled")
{
    Restorable machine;
    Serving serving(machine); // has its files open before the disk is full
    const std::string before = readWhole(machine.journal());
    struct rlimit limit {
        before.size() + 5, before.size() + 5
    };
    struct rlimit was {};
    REQUIRE(::prlimit(serving.process.pid(), RLIMIT_FSIZE, nullptr, &was) == 0);
    limit.rlim_max = was.rlim_max;
    REQUIRE(::prlimit(serving.process.pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
    machine.refused({"person", "disable", "ben"}, 3);
    REQUIRE(::prlimit(serving.process.pid(), RLIMIT_FSIZE, &was, nullptr) == 0);
    CHECK(readWhole(machine.journal()) == before);
    CHECK(machine.person("ben")["disabled"] == false);
    machine.fine({"person", "disable", "ben"});
    CHECK(machine.person("ben")["disabled"] == true);
    CHECK(machine.lastWhat() == "person");
}

TEST_CASE("a device that is revoked ends at once, and a restored backup does not let it in")
{
    Restorable machine;
    std::string token;
    {
        Serving serving(machine);
        TestClient client = serving.enter(machine.benLink, token);
        machine.fine({"backup", machine.file()});
        const Json devices = machine.fine({"device", "list", "--login", "ben"})["devices"];
        REQUIRE(devices.size() == 1);
        machine.fine({"device", "revoke", devices[0]["id"].get<std::string>()});
        CHECK(client.receiveGoodbye().code() == v1::TOKEN_UNKNOWN);
        CHECK(machine.fine({"device", "list", "--login", "ben"})["devices"].empty());
        serving.process.signal(SIGTERM);
        serving.process.wait();
    }
    machine.restoreInPlace();
    CHECK(machine.restored["replayed"]["devices"] == 1);
    Serving serving(machine);
    TestClient client(serving.port);
    client.send(test::helloWithToken(token));
    CHECK(client.receiveGoodbye().code() == v1::TOKEN_UNKNOWN);
}

TEST_CASE("an older database that was copied back begins a new epoch, and learns what was decided since")
{
    Restorable machine;
    const auto epoch = [&] { return std::stoi(machine.sql("SELECT epoch FROM organisation")); };
    const auto start = [&] {
        Serving serving(machine);
        serving.process.signal(SIGTERM);
        return serving.process.wait().err;
    };
    CHECK(start().find("went_back") == std::string::npos);
    const fs::path database = machine.data() + "/stoa.db";
    const fs::path boot = machine.data() + "/boot";
    fs::copy_file(database, machine.folder("old.db"));
    fs::copy_file(boot, machine.folder("old boot"));
    CHECK(start().find("went_back") == std::string::npos);
    CHECK(epoch() == 1);
    machine.fine({"person", "disable", "ben"});

    fs::copy_file(machine.folder("old.db"), database, fs::copy_options::overwrite_existing);
    CHECK(machine.person("ben")["disabled"] == false);
    CHECK(start().find("event=went_back epoch=2") != std::string::npos);
    CHECK(epoch() == 2);
    CHECK(machine.person("ben")["disabled"] == true);
    CHECK(start().find("went_back") == std::string::npos);
    CHECK(epoch() == 2);

    fs::copy_file(machine.folder("old.db"), database, fs::copy_options::overwrite_existing);
    CHECK(start().find("event=went_back epoch=3") != std::string::npos);
    machine.fine({"check"});

    // With the file beside it: the journal knows better.
    fs::copy_file(machine.folder("old.db"), database, fs::copy_options::overwrite_existing);
    fs::copy_file(machine.folder("old boot"), boot, fs::copy_options::overwrite_existing);
    CHECK(machine.person("ben")["disabled"] == false);
    CHECK(start().find("event=went_back epoch=4") != std::string::npos);
    CHECK(machine.person("ben")["disabled"] == true);
    CHECK(start().find("went_back") == std::string::npos);
}

TEST_CASE("a restored backup is no database that went back, nor is a start that was cut off")
{
    Restorable machine;
    const auto start = [&] {
        Serving serving(machine);
        serving.process.signal(SIGKILL);
        return serving.process.wait().err;
    };
    start();
    machine.fine({"backup", machine.file()});
    machine.restoreInPlace();
    CHECK(start().find("went_back") == std::string::npos);
    CHECK(start().find("went_back") == std::string::npos);
    // The file was written, the database not yet: it still has the id of the start before.
    const std::string before(32, 'a');
    writeDurably(machine.data() + "/boot", before + "\n" + readWhole(machine.data() + "/boot"));
    machine.sql("UPDATE organisation SET boot = x'" + before + "'");
    CHECK(start().find("went_back") == std::string::npos);
    // Cut off twice, the second time before the journal was written.
    const std::string told = readJournal(machine.data() + "/journal").lastStart();
    machine.sql("UPDATE organisation SET boot = x'" + before + "'");
    writeDurably(machine.data() + "/boot", before + "\n" + toHex(told) + "\n" + std::string(32, 'b') + "\n");
    CHECK(start().find("went_back") == std::string::npos);
}

} // namespace stoa
