#include "server/admin/program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "server/admin/backup.h"
#include "server/admin/data_folder.h"
#include "server/admin/socket.h"
#include "server/admin/store_desk.h"
#include "server/admin/verbs.h"
#include "server/net/server.h"
#include "server/store/sqlite/backup_file.h"
#include "server/store/sqlite/sqlite_store.h"

namespace stoa {

namespace {

constexpr size_t sealKeyBytes = 32;

void makeSealKey(const DataFolder& folder, const Random& random)
{
    std::string key(sealKeyBytes, '\0');
    random({reinterpret_cast<uint8_t*>(key.data()), key.size()});
    const int file = ::open(folder.sealKey().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const bool whole =
        file >= 0 && ::write(file, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(file) == 0;
    if (file >= 0)
        ::close(file);
    if (!whole)
        throw std::runtime_error("The file " + folder.sealKey().string() + " cannot be written.");
}

std::string readSealKey(const DataFolder& folder)
{
    std::ifstream file(folder.sealKey(), std::ios::binary);
    std::string key(std::istreambuf_iterator<char>(file), {});
    if (key.size() != sealKeyBytes)
        throw std::runtime_error("The key " + folder.sealKey().string() +
                                 " is missing or damaged. It belongs to the database; please take it from the backup.");
    return key;
}

// The organisation's data, held by this process alone.
struct Opened {
    explicit Opened(const DataFolder& folder, const Program& program)
        : store(openSqliteStore(folder.database())),
          journal(journalFile(folder, readWhole(folder.settings())), program.auth.clock),
          engine(*store, readSealKey(folder), program.auth.clock, &journal)
    {
    }
    std::unique_ptr<Store> store; // first: it holds the lock
    FileJournal journal;
    Engine engine;
};

LongWork waitedFor(const Program& program)
{
    return {program.progress, [] {}};
}

// `check` alone works without one: it says what is wrong.
void requireOrganisation(const Opened& data, const DataFolder& folder)
{
    if (!data.engine.organisation().isNull())
        return;
    const auto snapshot = data.store->snapshot();
    snapshot->refresh();
    if (snapshot->feeds().empty())
        throw FolderRefused(unfinishedSentence(folder));
    throw FolderRefused("The database in " + folder.path.string() +
                        " is damaged: it does not say which organisation it holds. Please keep a copy of the "
                        "directory, and put the last backup back.");
}

Json init(const CommandLine& command, const Program& program)
{
    const DataFolder folder{command.data};
    ServerAddress address;
    if (parseAddress(textOf(command.arguments, "host"), address) != LinkError::None)
        return refused("\"" + textOf(command.arguments, "host") +
                           "\" is not HOST:PORT, for example learn.example.org:7443.",
                       ExitUsage);
    const bool existed = std::filesystem::exists(folder.path);
    requireAdminSocketPath(folder.path);
    makeDataFolder(folder);
    const auto undo = [&] {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path, ignored))
            std::filesystem::remove(entry.path(), ignored);
        if (!existed)
            std::filesystem::remove(folder.path, ignored);
    };
    try {
        makeSealKey(folder, program.auth.random);
        makeCertificate(certificateFiles(folder.path), address.host, program.auth.clock());
        const std::string journalFolder = textOf(command.arguments, "journal");
        writeSettings(folder, address, journalFolder);
        if (!journalFolder.empty() && std::filesystem::exists(std::filesystem::path(journalFolder) / "journal")) {
            undo();
            return refused("The directory " + journalFolder +
                           " holds the journal of another organisation. Please choose another one.");
        }
        Opened data(folder, program);
        const auto made =
            data.engine.createOrganisation(textOf(command.arguments, "organisation"), program.auth.random);
        if (!made) {
            undo();
            return refused("The organisation cannot have this name. " + refusalSentence(made.error()));
        }
        const auto desk = makeStoreDesk(folder, *data.store, data.engine, directDoors(data.engine), program.auth);
        const std::string login = textOf(command.arguments, "admin");
        const std::string name = textOf(command.arguments, "admin_name");
        Json answer = runVerb("person add", {{"login", login}, {"name", name.empty() ? login : name}, {"admin", true}},
                              {*desk, program.auth.clock, program.auth.random, program.progress});
        if (!answer["ok"].get<bool>()) {
            undo();
            return answer;
        }
        answer["message"] = "The organisation \"" + textOf(command.arguments, "organisation") + "\" is made in " +
                            folder.path.string() + ".\nStart it with: stoad serve --data " + folder.path.string() +
                            "\nWhoever opens this link first sets the password of " + login +
                            ". It works once and for 14 days:\n" + answer["link"].get<std::string>();
        answer["organisation"] = made->hex();
        return answer;
    } catch (...) {
        undo();
        throw;
    }
}

constexpr size_t bootBytes = 16;

// Each start draws an id, which the database, a file beside it and the journal keep. Where the database has one that
// the file does not know, or the journal tells of a later start than the file, an older database was copied back behind
// the program's back, alone or with the file: a new epoch begins, as after a restore.
void noticeOldDatabase(Opened& data, const DataFolder& folder, const Program& program)
{
    const auto snapshot = data.store->snapshot();
    snapshot->refresh();
    const std::string before = snapshot->boot();
    snapshot->rest();
    const std::string known = std::filesystem::exists(folder.boot()) ? "\n" + readWhole(folder.boot()) : "";
    const auto line = [](const std::string& boot) { return toHex(boot) + "\n"; };
    const bool first = known.empty() && before.empty();
    const auto isKnown = [&](const std::string& boot) { return known.find("\n" + line(boot)) != std::string::npos; };
    const JournalText journal = readJournal(journalFile(folder, readWhole(folder.settings())));
    const std::string last = journal.lastStart();
    if (!first && (!isKnown(before) || (!last.empty() && !isKnown(last)))) {
        data.engine.beginEpoch(std::max(data.engine.epoch(), journal.lastEpoch()) + 1);
        const auto desk = makeStoreDesk(folder, *data.store, data.engine, directDoors(data.engine), program.auth);
        const ReplayReport replayed = replayJournal(journal.afterStart(before),
                                                    {*desk, program.auth.clock, program.auth.random, program.progress});
        program.log->error("event=went_back epoch={} reason=\"an older database was copied back\" people={} roles={} "
                           "devices={}",
                           data.engine.epoch(), replayed.people, replayed.roles, replayed.devices);
    }
    std::string boot(bootBytes, '\0');
    program.auth.random({reinterpret_cast<uint8_t*>(boot.data()), boot.size()});
    const auto keep = [&](const std::string& lines) {
        const std::filesystem::path part = folder.path / "boot.part";
        writeDurably(part, lines);
        std::filesystem::rename(part, folder.boot());
        syncToDisk(folder.path);
    };
    keep(line(before) + line(last) + line(boot)); // whenever this is cut off, the file knows what the others have
    data.journal.started(boot);
    const auto transaction = data.store->begin();
    transaction->setBoot(boot);
    transaction->commit();
    keep(line(boot));
}

Json serve(const CommandLine& command, const Program& program)
{
    const DataFolder folder{command.data};
    requireDataFolder(folder);
    setAssertionFile((folder.path / "assertion.txt").c_str());
    ServerAddress listen{.host = {}, .port = readSettings(folder).port};
    if (const std::string given = textOf(command.arguments, "listen"); !given.empty()) {
        // Port 0 is any free one; a link can never name it, so the parser of links does not know it.
        if (given.ends_with(":0") && parseAddress(given.substr(0, given.size() - 1) + "1", listen) == LinkError::None)
            listen.port = 0;
        else if (parseAddress(given, listen) != LinkError::None)
            return refused("\"" + given + "\" is not ADDRESS:PORT, for example 0.0.0.0:7443.", ExitUsage);
    }
    Opened data(folder, program);
    requireOrganisation(data, folder);
    noticeOldDatabase(data, folder, program);

    ServerOptions options{.address = listen.host,
                          .port = listen.port,
                          .auth = program.auth,
                          .steadyClock = program.steadyClock,
                          .blackBoxes = BlackBoxFolder(folder.blackBoxes().string(), limits::serverBlackBoxesMax)};
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    options.threads = command.arguments.contains("threads") ? command.arguments["threads"].get<unsigned>() : cores;
    Server server(std::move(options), *data.store, data.engine, certificateFiles(folder.path), program.log);
    server.start();
    {
        const WriterDoors doors{[&](Submission submission) { return server.submit(std::move(submission)); },
                                [&](Submission submission) { return server.submitInBackground(std::move(submission)); },
                                [&](const Id& device) { return server.revokeDevice(device); },
                                [&](const Id& person) { return server.erasePerson(person); },
                                [&](const std::function<void()>& task) { return server.onWriter(task); }};
        // Goes before the server does, and stops what is under way: what an import did stays, and it can be run again.
        const AdminSocket admin(folder.path, [&](const Json& request, const Asker& asker) {
            const auto desk = makeStoreDesk(folder, *data.store, data.engine, doors, program.auth);
            program.log->info("event=command verb=\"{}\"", request["verb"].get<std::string>());
            return runVerb(request["verb"].get<std::string>(), request.value("arguments", Json::object()),
                           {*desk, program.auth.clock, program.auth.random, asker.progress, asker.goOn});
        });
        program.log->info("event=listening port={}", server.port());
        program.waitForEnd();
        program.log->info("event=ending");
    }
    server.stop();
    data.store->checkpoint();
    program.log->info("event=ended");
    return {{"ok", true}, {"message", ""}, {"exit", ExitFine}};
}

Json restore(const CommandLine& command, const Program& program)
{
    const std::string file = textOf(command.arguments, "file");
    const int64_t begunMs = program.steadyClock();
    const auto seconds = [&] { return static_cast<double>(program.steadyClock() - begunMs) / 1'000; };
    const auto told = [&](const BackupReport& backup, const std::string& message, const std::string& next = {}) {
        char took[32];
        std::snprintf(took, sizeof took, "%.1f", seconds());
        return Json{{"ok", true},
                    {"exit", ExitFine},
                    {"message", message + " It took " + took + " seconds." + next},
                    {"records", backup.records},
                    {"feeds", backup.feeds},
                    {"made_ms", backup.madeMs},
                    {"seconds", seconds()}};
    };
    const auto held = [](const BackupReport& backup) {
        return std::to_string(backup.records) + " records in " + std::to_string(backup.feeds) + " feeds, as of " +
               printMinute(backup.madeMs);
    };
    if (command.arguments.contains("rehearse")) {
        const RehearsalReport report = rehearseRestore(file, program.auth, waitedFor(program));
        std::string message;
        for (const std::string& problem : report.problems)
            message += problem + "\n";
        const bool same = report.problems.empty();
        Json answer =
            told(report.backup, message + (same ? "The backup is whole and can be restored: " + held(report.backup) +
                                                      "; every feed's digest is the backup's."
                                                : "The backup cannot be restored as it is."));
        answer["ok"] = same;
        answer["exit"] = same ? ExitFine : ExitRefused;
        answer["problems"] = report.problems;
        return answer;
    }
    const DataFolder folder{command.data};
    requireAdminSocketPath(folder.path);
    const RestoreReport report =
        restoreBackup(file, folder, textOf(command.arguments, "journal"), program.auth, waitedFor(program));
    const std::string journal =
        report.journal.empty()
            ? "No journal was found: whoever was disabled, removed or signed out after the backup is not. --journal "
              "names one."
            : replaySentence(report.replayed);
    Json answer =
        told(report.backup,
             "Restored " + held(report.backup) + ". Epoch " + std::to_string(report.epoch) +
                 " begins: desktops hand back by themselves what the backup lacks and they still hold.\n" + journal,
             "\nStart the server with: stoad serve --data " + folder.path.string());
    answer["epoch"] = report.epoch;
    answer["journal"] = report.journal.string();
    answer["replayed"] = {{"people", report.replayed.people},
                          {"roles", report.replayed.roles},
                          {"devices", report.replayed.devices},
                          {"erased", report.replayed.erased},
                          {"unknown", report.replayed.unknown}};
    return answer;
}

Json runVerbHereOrThere(const CommandLine& command, const Program& program)
{
    const DataFolder folder{command.data};
    requireDataFolder(folder);
    const Json request = {{"verb", command.verb}, {"arguments", command.arguments}};
    if (auto answer = askRunningServer(folder.path, request, program.progress))
        return *answer;
    Opened data(folder, program);
    if (command.verb != "check")
        requireOrganisation(data, folder);
    const auto desk = makeStoreDesk(folder, *data.store, data.engine, directDoors(data.engine), program.auth);
    return runVerb(command.verb, command.arguments, {*desk, program.auth.clock, program.auth.random, program.progress});
}

} // namespace

Json runCommand(const CommandLine& command, const Program& program)
{
    try {
        if (command.verb == "init")
            return init(command, program);
        if (command.verb == "serve")
            return serve(command, program);
        if (command.verb == "restore")
            return restore(command, program);
        return runVerbHereOrThere(command, program);
    } catch (const StoreLocked&) {
        return refused("Another stoad works on this data.");
    } catch (const FolderRefused& why) {
        return refused(why.what());
    } catch (const JournalDamaged& why) {
        return refused(why.what());
    } catch (const BackupRefused& why) {
        return refused(why.what());
    } catch (const NoBackup& why) {
        return refused(why.what());
    } catch (const std::exception& error) {
        return refused(error.what(), ExitEnvironment);
    }
}

} // namespace stoa
