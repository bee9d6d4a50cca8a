#include "tests/crash/processes/kill.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <sqlite3.h>

namespace stoa::test {

namespace {

namespace fs = std::filesystem;

// Longer than anything takes, also on a machine that has much else to do; how long it took is told.
constexpr Milliseconds settledMax{60'000};
constexpr Milliseconds reachedMax{60'000};
constexpr size_t newsForCheckpoint = 30;
constexpr Milliseconds recoveryMs{300}; // a server that lives on after so long has recovered

const std::set<std::string> serverFiles{"admin.sock", "boot",        "certificate.pem", "journal",
                                        "key.pem",    "lock",        "seal.key",        "server.json",
                                        "stoa.db",    "stoa.db-shm", "stoa.db-wal"};
const std::set<std::string> profileFiles{"lock",      "replica.db",    "replica.db-shm", "replica.db-wal",
                                         "search.db", "search.db-shm", "search.db-wal",  "token"};

void runSql(const std::string& database, const std::string& sql)
{
    sqlite3* opened = nullptr;
    char* why = nullptr;
    int code = sqlite3_open(database.c_str(), &opened);
    if (code == SQLITE_OK)
        code = sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, &why);
    const std::string said = why ? why : "";
    sqlite3_free(why);
    sqlite3_close(opened);
    if (code != SQLITE_OK)
        throw std::runtime_error(database + ": " + said);
}

std::string schemaOf(const std::string& database)
{
    std::string all;
    for (const std::string& one : readRows(database, "SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name"))
        all += one + "\n";
    return all + readRows(database, "PRAGMA user_version").at(0);
}

void requireOnce(const std::string& database, const std::string& sql, const std::string& what)
{
    for (const std::string& row : readRows(database, sql))
        throw std::runtime_error(what + ": " + row);
}

} // namespace

const std::vector<std::string>& ServerKills::points()
{
    static const std::vector<std::string> all{"random",         "before_commit", "after_commit",
                                              "before_receipt", "after_receipt", "in_checkpoint",
                                              "in_backup",      "in_migration",  "in_restore"};
    return all;
}

ServerKills::ServerKills(KillOptions options) : options_(options), site_({"ada", "ben", "cleo"})
{
    for (const char* name : {"ada", "ben", "cleo"})
        desks_[name] = site_.desk(name);
    schema_ = schemaOf(site_.database());
    fs::create_directory(site_.path("backups"));
    // How many calls there are to die at.
    Calls& calls = site_.serverCalls();
    calls.tell({.call = Call::Change, .within = "/backups/", .after = INT64_MAX});
    backUp();
    callsOfBackup_ = calls.seen();
    calls.tell({.call = Call::Change, .within = "/restored/", .after = INT64_MAX});
    (void)Process({"stoad", "restore", site_.path("backups/stoa.backup"), "--data", site_.path("restored")}, settledMax,
                  {.environment = calls.environment()})
        .wait();
    callsOfRestore_ = calls.seen();
    fs::remove_all(site_.path("restored"));
    site_.stop();
    goBackToTheFirstSchema();
    calls.tell({.call = Call::Change, .within = "/data/stoa.db", .after = INT64_MAX});
    if (!site_.serve())
        throw std::runtime_error("the server does not start");
    callsOfMigration_ = calls.seen();
    calls.tellNothing();
    if (callsOfBackup_ < 10 || callsOfRestore_ < 10 || callsOfMigration_ < 5)
        throw std::runtime_error("the calls are not seen");
}

void ServerKills::goBackToTheFirstSchema()
{
    runSql(site_.database(), "BEGIN; DROP TABLE began; DROP TABLE handed; DROP TABLE past; "
                             "DROP TABLE revision; DROP TABLE publication; DROP TABLE open_proposal; DROP TABLE judge; "
                             "ALTER TABLE organisation DROP COLUMN boot; PRAGMA user_version = 1; COMMIT");
    fs::remove(site_.path("data/boot"));
}

void ServerKills::write(int changesEach, int bytesMax)
{
    for (auto& [name, desk] : desks_)
        for (int i = 0; i < changesEach; ++i)
            desk->write(i % 3 == 2 ? "comment " + std::to_string(1 + below(400))
                                   : "ask T " + std::to_string(1 + below(bytesMax)));
}

// Once is enough but where all of it came into one commit.
void ServerKills::writeUntilDead()
{
    for (int tries = 0; tries < 4 && (tries == 0 || !site_.server().waitFor(Milliseconds(500))); ++tries)
        write(int(3 + below(6)), 4'000);
}

void ServerKills::backUp()
{
    site_.admin({"backup", site_.path("backups/stoa.backup"), "--force"});
}

void ServerKills::loseServer(const std::string& point, KillCount& count)
{
    Calls& calls = site_.serverCalls();
    const std::string log = "/data/stoa.db-wal";
    if (point == "random") {
        write(int(1 + below(6)), 4'000);
        std::this_thread::sleep_for(std::chrono::microseconds(below(40'000)));
        site_.server().signal(SIGKILL);
    } else if (point == "before_commit" || point == "after_commit") {
        calls.tell({.call = Call::Sync,
                    .strike = point == "before_commit" ? Strike::DieBefore : Strike::DieAfter,
                    .ending = log,
                    .after = options_.credulous ? 0 : below(3)});
        writeUntilDead();
    } else if (point == "before_receipt" || point == "after_receipt") {
        calls.tell({.call = Call::Send,
                    .strike = point == "before_receipt" ? Strike::DieBefore : Strike::DieAfter,
                    .ending = log,
                    .after = below(4)});
        writeUntilDead();
    } else if (point == "in_checkpoint") {
        calls.tell({.call = Call::Write, .ending = "/data/stoa.db", .after = below(100)});
        // Until the log is long enough to be written back.
        for (int tries = 0; tries < 8 && !site_.server().waitFor(Milliseconds(1'000)); ++tries)
            write(8, 100'000);
    } else if (point == "in_backup") {
        calls.tell({.call = Call::Change, .within = "/backups/", .after = below(callsOfBackup_)});
        write(2, 4'000);
        (void)Process({"stoad", "backup", site_.path("backups/stoa.backup"), "--force", "--data", site_.path("data")})
            .wait();
    } else {
        site_.stop();
        goBackToTheFirstSchema();
        calls.tell({.call = Call::Change, .within = "/data/stoa.db", .after = below(callsOfMigration_)});
        write(2, 4'000);
        (void)site_.serve();
    }
    site_.requireKilled(reachedMax);
    calls.tellNothing();
    ++count.points[point];
}

void ServerKills::startAgain(KillCount& count)
{
    Calls& calls = site_.serverCalls();
    if (below(3) == 0) {
        calls.tell({.call = Call::Change, .within = "/data/", .after = below(12)});
        if (!site_.serve() || site_.server().waitFor(recoveryMs))
            ++count.again;
        else
            site_.server().signal(SIGKILL);
        site_.requireKilled(reachedMax);
        calls.tellNothing();
    }
    if (!site_.serve())
        throw std::runtime_error("the server does not start again");
}

void ServerKills::trial(const std::string& point, uint64_t seed, KillCount& count)
{
    generator_.seed(seed);
    if (point == "in_restore")
        return restore(count);
    loseServer(point, count);
    std::vector<std::string> acknowledged;
    for (auto& [name, desk] : desks_) {
        desk->listen();
        const auto& told = options_.credulous ? desk->stored : desk->receipted;
        acknowledged.insert(acknowledged.end(), told.begin(), told.end());
    }
    startAgain(count);
    // Before a device can have sent it again.
    site_.requireAccepted(acknowledged);

    std::map<std::string, DeskProcess*> desks;
    for (auto& [name, desk] : desks_)
        desks[name] = desk.get();
    count.slowestSettling = std::max(count.slowestSettling, site_.waitUntilEqual(desks, settledMax));
    count.slowestStart = std::max(count.slowestStart, site_.slowestStart());
    size_t stored = 0;
    for (auto& [name, desk] : desks) {
        site_.requireAccepted(desk->stored);
        stored += desk->stored.size();
        if (!desk->complaints.empty())
            throw std::runtime_error(name + " says: " + desk->complaints[0]);
    }
    if (readRows(site_.database(), "SELECT change FROM accepted WHERE length(effects) > 0").size() < stored)
        throw std::runtime_error("not every change has had an effect");
    requireOnce(site_.database(), "SELECT hex(id) FROM record GROUP BY id, feed HAVING count(*) > 1", "is there twice");
    if (schemaOf(site_.database()) != schema_)
        throw std::runtime_error("the tables are not those of a fresh database");
    if (const Json checked = site_.admin({"check"}); checked["ok"] != true)
        throw std::runtime_error("the server's data are not sound: " + checked.dump());
    site_.requireClean("data", serverFiles);
    if (point == "in_backup") {
        // What bears the name is whole; and the next one takes away what this one left.
        const std::string file = site_.path("backups/stoa.backup");
        if (fs::exists(file) && run({"stoad", "restore", "--rehearse", file}).exitCode != 0)
            throw std::runtime_error("the backup is not whole");
        backUp();
        site_.requireClean("backups", {"stoa.backup"});
    }
}

void ServerKills::restore(KillCount& count)
{
    backUp();
    Calls& calls = site_.serverCalls();
    calls.tell({.call = Call::Change, .within = "/restored/", .after = below(callsOfRestore_)});
    const std::vector<std::string> command{"stoad", "restore", site_.path("backups/stoa.backup"), "--data",
                                           site_.path("restored")};
    const Finished killed = Process(command, settledMax, {.environment = calls.environment()}).wait();
    const bool struck = calls.hasStruck();
    calls.tellNothing();
    if (killed.exitCode != 128 + SIGKILL || !struck)
        throw std::runtime_error("the restore was not killed: " + killed.out + killed.err);
    ++count.points["in_restore"];
    // It was all done but for telling, or it is done anew.
    if (!fs::exists(site_.path("restored/stoa.db"))) {
        if (run({"stoad", "serve", "--data", site_.path("restored")}).exitCode == 0)
            throw std::runtime_error("half a restore is served");
        if (const Finished again = run(command); again.exitCode != 0)
            throw std::runtime_error("cannot be restored again: " + again.out + again.err);
    }
    const Json checked = site_.admin({"check", "--data", site_.path("restored")});
    const std::string records = "SELECT count(*) FROM record";
    if (checked["ok"] != true ||
        readRows(site_.path("restored/stoa.db"), records) != readRows(site_.database(), records))
        throw std::runtime_error("restored otherwise: " + checked.dump());
    std::set<std::string> allowed = serverFiles;
    site_.requireClean("restored", allowed);
    fs::remove_all(site_.path("restored"));
}

const std::vector<std::string>& ClientKills::points()
{
    static const std::vector<std::string> all{"random",         "before_commit", "after_commit",
                                              "before_receipt", "in_checkpoint", "in_migration"};
    return all;
}

ClientKills::ClientKills(KillOptions options)
    : options_(options), site_({"ada", "ben"}), calls_(site_.path("client-calls"))
{
    other_ = site_.desk("ben");
    other_->write("ask T 100");
    site_.waitUntilEqual({{"ben", other_.get()}}, settledMax);
    // Lists of an older version are made anew.
    runSql(site_.replica("ada"), "UPDATE meta SET value = '1' WHERE key = 'projections'");
    calls_.tell({.call = Call::Change, .within = "/ada/replica.db", .after = INT64_MAX});
    if (site_.cli("ada", {"sync"}, calls_.environment()).exitCode != 0)
        throw std::runtime_error("cannot sync");
    callsOfMigration_ = calls_.seen();
    calls_.tellNothing();
    if (callsOfMigration_ < 5)
        throw std::runtime_error("the calls are not seen");
}

bool ClientKills::dies(const std::vector<std::string>& words, std::string& said)
{
    const Finished finished = site_.cli("ada", words, calls_.environment());
    said = finished.out;
    if (finished.exitCode != 0 && finished.exitCode != 128 + SIGKILL)
        throw std::runtime_error("stoa-cli " + words[0] + " failed: " + finished.out + finished.err);
    return finished.exitCode != 0;
}

void ClientKills::trial(const std::string& point, uint64_t seed, KillCount& count)
{
    generator_.seed(seed);
    const auto below = [this](uint64_t most) { return int64_t(generator_() % most); };
    const std::string log = "/ada/replica.db-wal";
    const std::vector<std::string> ask{"ask", "Lab",    "--title",
                                       "Q",   "--body", std::string(size_t(1 + below(3'000)), 'x')};
    other_->write("ask T " + std::to_string(1 + below(3'000)));
    const auto hear = [&](const std::string& said) {
        if (!said.empty())
            acknowledged_.push_back(Json::parse(said)["change"]);
    };

    std::string said;
    bool died = false;
    if (point == "before_commit" || point == "after_commit") {
        const Strike strike = point == "before_commit" ? Strike::DieBefore : Strike::DieAfter;
        calls_.tell({.call = Call::Sync, .strike = strike, .ending = log, .after = 0});
        if (options_.credulous || below(2) == 0) {
            died = dies(ask, said);
            if (options_.credulous)
                acknowledged_.push_back("that it did not live to name");
        }
    }
    // How often a point is passed depends on how the news comes; the first time there always is.
    int64_t after = below(point == "in_migration" ? uint64_t(callsOfMigration_) : 4);
    for (int tries = 0; !died && tries < 4; ++tries, after /= 4) {
        calls_.tellNothing();
        (void)dies(ask, said);
        hear(said);
        if (point == "random") {
            Process syncing(site_.cliCommand("ada", {"sync"}));
            std::this_thread::sleep_for(std::chrono::microseconds(below(120'000)));
            syncing.signal(SIGKILL);
            died = syncing.wait().exitCode == 128 + SIGKILL;
            continue;
        }
        if (point == "before_commit" || point == "after_commit") {
            const Strike strike = point == "before_commit" ? Strike::DieBefore : Strike::DieAfter;
            calls_.tell({.call = Call::Sync, .strike = strike, .ending = log, .after = after});
        } else if (point == "before_receipt") {
            // The change has been sent, which is stored before.
            calls_.tell({.call = Call::Send, .strike = Strike::DieAfter, .ending = log, .after = after});
        } else if (point == "in_checkpoint") {
            // Enough news for the log to be written back.
            const auto news = other_->receipted.size() + newsForCheckpoint;
            for (size_t i = 0; i < newsForCheckpoint; ++i)
                other_->write("ask T 90000");
            for (const auto until = std::chrono::steady_clock::now() + settledMax;
                 other_->receipted.size() < news && std::chrono::steady_clock::now() < until; other_->listen())
                std::this_thread::sleep_for(Milliseconds(5));
            calls_.tell({.call = Call::Write, .ending = "/ada/replica.db", .after = after});
        } else {
            runSql(site_.replica("ada"), "UPDATE meta SET value = '1' WHERE key = 'projections'");
            calls_.tell({.call = Call::Change, .within = "/ada/replica.db", .after = after});
        }
        died = dies({"sync"}, said);
    }
    if (!died)
        throw std::runtime_error("the point was not reached");
    ++count.points[point];
    if (below(3) == 0) {
        calls_.tell({.call = Call::Change, .within = "/ada/", .after = below(12)});
        count.again += dies({"sync"}, said) ? 1 : 0;
    }
    calls_.tellNothing();

    if (dies({"sync"}, said))
        throw std::runtime_error("died without a reason");
    const Json synced = Json::parse(said);
    if (synced["digests_equal"] != true || synced["refused"] != 0)
        throw std::runtime_error("not in sync: " + said);
    site_.waitUntilEqual({{"ben", other_.get()}}, settledMax);
    if (const std::string why = site_.difference("ada"); !why.empty() && dies({"sync"}, said))
        throw std::runtime_error(why);
    if (const std::string why = site_.difference("ada"); !why.empty())
        throw std::runtime_error(why);
    site_.requireAccepted(acknowledged_);
    site_.requireAccepted(other_->stored);
    requireOnce(site_.database(), "SELECT hex(id) FROM record GROUP BY id, feed HAVING count(*) > 1", "is there twice");
    site_.requireClean("ada", profileFiles);
    if (!other_->complaints.empty())
        throw std::runtime_error("ben says: " + other_->complaints[0]);
}

} // namespace stoa::test
