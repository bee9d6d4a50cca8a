#include "tests/crash/processes/site.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <sqlite3.h>

#include "shared/base/ids.h"
#include "shared/domain/invite_link.h"

namespace stoa::test {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr Milliseconds patience{60'000}; // also of a machine that has much else to do

} // namespace

std::vector<std::string> readRows(const std::string& database, const std::string& sql)
{
    sqlite3* opened = nullptr;
    const std::shared_ptr<void> closer(nullptr, [&](void*) { sqlite3_close(opened); });
    std::vector<std::string> rows;
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(opened, 5'000);
        code = sqlite3_prepare_v2(opened, sql.c_str(), -1, &statement, nullptr);
    }
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
            break;
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, 0));
        const std::string value(bytes ? bytes : "", size_t(sqlite3_column_bytes(statement, 0)));
        rows.push_back(sqlite3_column_type(statement, 0) == SQLITE_BLOB ? toHex(value) : value);
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE)
        throw std::runtime_error(database + " cannot be read: " + sqlite3_errmsg(opened));
    return rows;
}

Calls::Calls(const std::string& file) : file_(file)
{
    const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    void* memory = MAP_FAILED;
    if (opened >= 0 && ::ftruncate(opened, sizeof(CallOrder)) == 0)
        memory = ::mmap(nullptr, sizeof(CallOrder), PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0);
    if (opened >= 0)
        ::close(opened);
    if (memory == MAP_FAILED)
        throw std::runtime_error("the file " + file + " cannot be made");
    order_ = new (memory) CallOrder;
}

Calls::~Calls()
{
    ::munmap(order_, sizeof(CallOrder));
}

void Calls::tell(const Order& order)
{
    tellNothing();
    order_->strike = order.strike;
    order_->error = order.error;
    order_->forever = order.forever;
    std::strncpy(order_->within, order.within.c_str(), sizeof order_->within - 1);
    std::strncpy(order_->ending, order.ending.c_str(), sizeof order_->ending - 1);
    order_->left = order.after;
    order_->synced = 0;
    order_->seen = 0;
    order_->struck = 0;
    order_->call.store(order.call, std::memory_order_release);
}

void Calls::tellNothing()
{
    order_->call = Call::None;
}

std::vector<std::string> Calls::environment() const
{
    return {std::string("LD_PRELOAD=") + STOA_CALLS_LIBRARY, std::string(callOrderVariable) + "=" + file_};
}

DeskProcess::DeskProcess(const std::string& profile, const std::vector<std::string>& environment)
    : process_({"crash_desk", profile}, patience, {.environment = environment, .input = true})
{
}

void DeskProcess::listen()
{
    for (const std::string& line : process_.newLines())
        take(line);
}

void DeskProcess::take(const std::string& line)
{
    if (line.starts_with("stored "))
        stored.push_back(line.substr(7));
    else if (line.starts_with("marked "))
        ++marked;
    else if (line.starts_with("receipt "))
        receipted.push_back(line.substr(8));
    else if (line.starts_with("{"))
        status_ = Json::parse(line);
    else if (line == "empty")
        ++undone;
    else
        complaints.push_back(line);
}

Json DeskProcess::status()
{
    listen();
    status_ = {};
    if (!write("status"))
        throw std::runtime_error("a device has died");
    const auto until = Clock::now() + patience;
    for (listen(); status_.is_null(); listen()) {
        if (Clock::now() > until)
            throw std::runtime_error("a device says nothing");
        std::this_thread::sleep_for(Milliseconds(1));
    }
    return status_;
}

CrashSite::CrashSite(const std::vector<std::string>& people, const std::function<uint16_t(size_t, uint16_t)>& portOf)
    : serverCalls_(path("calls"))
{
    std::ofstream(path("password")) << "correct horse 9\n";
    std::map<std::string, std::string> links;
    links[people.at(0)] =
        admin({"init", "--organisation", "Example", "--admin", people[0], "--host", "127.0.0.1:7443"})["link"];
    for (size_t i = 1; i < people.size(); ++i)
        links[people[i]] = admin({"person", "add", people[i], "--name", people[i]})["link"];
    admin({"space", "add", "Lab", "--visibility", "open"});
    if (!serve())
        throw std::runtime_error("the server does not start");
    for (size_t i = 0; i < people.size(); ++i) {
        InviteLink link;
        if (parseInviteLink(links[people[i]], link) != LinkError::None)
            throw std::runtime_error("the invitation cannot be read");
        link.server = {"127.0.0.1", portOf ? portOf(i, port_) : port_};
        const Finished joined = cli(people[i], {"join", printInviteLink(link), "--password-file", path("password")});
        const Finished synced = cli(people[i], {"sync"});
        if (joined.exitCode != 0 || synced.exitCode != 0)
            throw std::runtime_error(people[i] + " cannot join: " + joined.err + synced.err);
    }
}

bool CrashSite::serve()
{
    const auto began = Clock::now();
    server_ = std::make_unique<Process>(std::vector<std::string>{"stoad", "serve", "--data", path("data"), "--listen",
                                                                 "127.0.0.1:" + std::to_string(port_)},
                                        patience, ProcessExtras{.environment = serverCalls_.environment()});
    std::string line;
    try {
        line = server_->waitForLine("event=listening");
    } catch (const std::runtime_error&) {
        if (!serverCalls_.hasStruck())
            throw;
        return false;
    }
    slowestStart_ = std::max(slowestStart_, std::chrono::duration_cast<Milliseconds>(Clock::now() - began));
    port_ = uint16_t(std::stoi(line.substr(line.rfind('=') + 1)));
    return true;
}

void CrashSite::stop()
{
    server_->signal(SIGTERM);
    const Finished finished = server_->wait();
    server_.reset();
    if (finished.exitCode != 0)
        throw std::runtime_error("the server did not end well: " + finished.out + finished.err);
}

void CrashSite::requireKilled(Milliseconds within)
{
    const auto finished = server_->waitFor(within);
    if (!finished)
        throw std::runtime_error("the point was not reached");
    server_.reset();
    if (finished->exitCode != 128 + SIGKILL)
        throw std::runtime_error("the server ended otherwise: " + finished->out + finished->err);
}

Json CrashSite::admin(std::vector<std::string> words) const
{
    words.insert(words.begin(), "stoad");
    if (std::find(words.begin(), words.end(), "--data") == words.end())
        words.insert(words.end(), {"--data", path("data")});
    words.push_back("--json");
    const Finished done = run(words);
    if (done.exitCode != 0)
        throw std::runtime_error("stoad " + words[1] + " failed: " + done.out + done.err);
    return Json::parse(done.out);
}

std::vector<std::string> CrashSite::cliCommand(const std::string& name, const std::vector<std::string>& words) const
{
    std::vector<std::string> command{"stoa-cli", "--profile", path(name), "--json"};
    command.insert(command.end(), words.begin(), words.end());
    return command;
}

Finished CrashSite::cli(const std::string& name, const std::vector<std::string>& words,
                        const std::vector<std::string>& environment) const
{
    return Process(cliCommand(name, words), patience, {.environment = environment}).wait();
}

std::unique_ptr<DeskProcess> CrashSite::desk(const std::string& name) const
{
    return std::make_unique<DeskProcess>(path(name), std::vector<std::string>{});
}

std::string CrashSite::difference(const std::string& name) const
{
    std::map<std::string, std::string> held;
    for (const std::string& row :
         readRows(replica(name), "SELECT hex(key) || ' ' || cursor || ' ' || hex(digest) || ' ' || held FROM feeds"))
        held[row.substr(0, row.find(' '))] = row;
    if (held.empty())
        return name + " has no feeds";
    for (const std::string& row :
         readRows(database(), "SELECT hex(key) || ' ' || head || ' ' || hex(digest) || ' ' || records FROM feed")) {
        const auto found = held.find(row.substr(0, row.find(' ')));
        if (found != held.end() && found->second != row)
            return name + " has a feed as " + found->second + ", the server as " + row;
    }
    const auto outbox = readRows(replica(name), "SELECT state FROM outbox");
    if (!outbox.empty())
        return name + " still has " + std::to_string(outbox.size()) +
               " changes in the outbox, the first in the state " + outbox[0];
    return {};
}

void CrashSite::requireAccepted(const std::vector<std::string>& changes) const
{
    const auto rows = readRows(database(), "SELECT change FROM accepted");
    const std::set<std::string> accepted(rows.begin(), rows.end());
    for (const std::string& change : changes)
        if (!accepted.contains(change))
            throw std::runtime_error("the server does not have the change " + change);
}

void CrashSite::requireClean(const std::string& folder, const std::set<std::string>& allowed) const
{
    for (const auto& entry : fs::directory_iterator(path(folder)))
        if (!allowed.contains(entry.path().filename().string()))
            throw std::runtime_error("a file was left: " + entry.path().string());
}

Milliseconds CrashSite::waitUntilEqual(const std::map<std::string, DeskProcess*>& desks, Milliseconds patience,
                                       const std::function<void()>& meanwhile) const
{
    const auto began = Clock::now();
    const auto unlike = [&]() -> std::string {
        for (const auto& [name, desk] : desks) {
            if (std::string why = difference(name); !why.empty())
                return why;
            const Json status = desk->status();
            if (status["up_to_date"] != true || status["waiting"] != 0 || status["digests_equal"] != true)
                return name + " is not up to date: " + status.dump();
        }
        return {};
    };
    for (std::string why; !(why = unlike()).empty();) {
        if (Clock::now() - began > patience)
            throw std::runtime_error("after " + std::to_string(patience.count()) + " ms " + why);
        std::this_thread::sleep_for(Milliseconds(20));
        meanwhile();
    }
    return std::chrono::duration_cast<Milliseconds>(Clock::now() - began);
}

} // namespace stoa::test
