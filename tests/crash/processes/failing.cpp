#include "tests/crash/processes/failing.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace stoa::test {

namespace {

namespace fs = std::filesystem;

constexpr int pages = 20;

} // namespace

const std::vector<std::string>& FailingCommands::commands()
{
    static const std::vector<std::string> all{"markdown", "stackexchange", "backup", "restore"};
    return all;
}

FailingCommands::FailingCommands() : site_({"ada"}), calls_(site_.path("command-calls"))
{
    site_.stop();
    for (const char* folder : {"pages", "dump", "backups"})
        fs::create_directory(site_.path(folder));
    for (int i = 0; i < pages; ++i)
        std::ofstream(site_.path("pages/page" + std::to_string(i) + ".md")) << "# Page " << i << "\n\n"
                                                                            << std::string(2'000, 'x') << "\n";
    std::ofstream(site_.path("dump/Users.xml"))
        << R"(<?xml version="1.0" encoding="utf-8"?><users><row Id="1" Reputation="1" )"
           R"(CreationDate="2015-01-01T00:00:00.000" DisplayName="Jon" /></users>)";
    std::ofstream dump(site_.path("dump/Posts.xml"));
    dump << R"(<?xml version="1.0" encoding="utf-8"?><posts>)";
    for (int i = 1; i <= pages; ++i)
        dump << R"(<row Id=")" << i << R"(" PostTypeId="1" CreationDate="2015-01-01T00:00:00.000" Score="1" )"
             << R"(Body="&lt;p&gt;Why?&lt;/p&gt;" OwnerUserId="1" Title="Question )" << i << R"(" Tags="&lt;a&gt;" />)";
    dump << "</posts>";
    dump.close();
    fs::rename(site_.path("data"), site_.path("data.begin"));
    begin();
    site_.admin({"backup", site_.path("whole.backup")});
    for (const std::string& command : commands()) {
        begin();
        if (const Finished finished = run(words(command)); finished.exitCode != 0)
            throw std::runtime_error(command + " fails undisturbed: " + finished.out + finished.err);
        done_[command] = records(command == "restore" ? "restored" : "data");
    }
}

std::vector<std::string> FailingCommands::words(const std::string& command) const
{
    const std::string data = site_.path("data");
    if (command == "markdown")
        return {"stoad", "import", "markdown", site_.path("pages"), "--space", "Lab", "--data", data};
    if (command == "stackexchange")
        return {"stoad", "import", "stackexchange", site_.path("dump"), "--space", "Lab", "--data", data};
    if (command == "backup")
        return {"stoad", "backup", site_.path("backups/a.backup"), "--data", data};
    return {"stoad", "restore", site_.path("whole.backup"), "--data", site_.path("restored")};
}

std::string FailingCommands::records(const std::string& folder) const
{
    std::string all;
    // Of each version what does not depend on when it was made.
    for (const std::string& row : readRows(site_.path(folder + "/stoa.db"),
                                           "SELECT hex(id) || ' ' || thing || deleted FROM record ORDER BY id, feed"))
        all += row + "\n";
    return all;
}

void FailingCommands::begin()
{
    for (const char* folder : {"data", "restored", "backups"})
        fs::remove_all(site_.path(folder));
    fs::copy(site_.path("data.begin"), site_.path("data"), fs::copy_options::recursive);
    fs::create_directory(site_.path("backups"));
}

bool FailingCommands::fails(const FailingCall& call)
{
    begin();
    const std::string folder = call.command == "restore" ? "restored" : "data";
    const std::string backup = site_.path("backups/a.backup");
    calls_.tell({.call = Call::Change,
                 .strike = call.lies ? Strike::Lie : Strike::Fail,
                 .within = call.command == "backup" ? "/backups/" : "/" + folder + "/",
                 .after = call.n,
                 .error = call.n % 2 == 0 ? ENOSPC : EIO,
                 .forever = call.forever});
    const Finished finished =
        Process(words(call.command), std::chrono::seconds(60), {.environment = calls_.environment()}).wait();
    const bool struck = calls_.hasStruck();
    calls_.tellNothing();
    if (finished.exitCode >= 128)
        throw std::runtime_error("died of it: " + finished.out + finished.err);
    if (finished.exitCode != 0 && (!struck || (finished.out + finished.err).empty()))
        throw std::runtime_error("failed without a word: " + finished.out + finished.err);
    const auto requireDone = [&](const std::string& when) {
        if (call.command == "backup" && run({"stoad", "restore", "--rehearse", backup}).exitCode != 0)
            throw std::runtime_error("the backup is not whole " + when);
        if (const Json checked = site_.admin({"check", "--data", site_.path(folder)}); checked["ok"] != true)
            throw std::runtime_error("not sound " + when + ": " + checked.dump());
        if (records(folder) != done_[call.command])
            throw std::runtime_error("something is missing or there twice " + when);
    };
    if (finished.exitCode == 0) {
        requireDone("although it said that it was done");
    } else {
        if (call.command == "backup" && fs::exists(backup))
            throw std::runtime_error("a failed backup bears the name of a whole one");
        if (call.command == "restore" && fs::exists(site_.path("restored/stoa.db")))
            throw std::runtime_error("a failed restore bears the name of a whole one");
        if (const Finished again = run(words(call.command)); again.exitCode != 0)
            throw std::runtime_error("fails also afterwards: " + again.out + again.err);
        requireDone("after it was done again");
    }
    for (const char* name : {"backups", "restored"})
        if (fs::exists(site_.path(name)))
            for (const auto& entry : fs::directory_iterator(site_.path(name)))
                if (entry.path().string().find(".part") != std::string::npos ||
                    entry.path().string().find("unfinished") != std::string::npos)
                    throw std::runtime_error("a file was left: " + entry.path().string());
    return struck;
}

} // namespace stoa::test
