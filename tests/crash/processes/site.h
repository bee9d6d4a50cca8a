#pragma once

// An organisation of processes that die: the server, devices as crash_desk, and what both stored, read from beside
// them. Every function throws std::runtime_error where something is not as it has to be.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/crash/processes/calls.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace stoa::test {

using Json = nlohmann::json;
using Milliseconds = std::chrono::milliseconds;

// The first column of each row, as text; blobs in hexadecimal. Beside whoever else uses the database.
std::vector<std::string> readRows(const std::string& database, const std::string& sql);

// The file by which a program is told what its calls meet.
class Calls {
public:
    explicit Calls(const std::string& file);
    ~Calls();
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    struct Order {
        Call call = Call::None;
        Strike strike = Strike::DieBefore;
        std::string within;
        std::string ending;
        int64_t after = 0; // calls that pass before
        int error = 0;
        bool forever = false;
    };
    void tell(const Order& order);
    void tellNothing();
    uint32_t seen() const { return order_->seen; }
    bool hasStruck() const { return order_->struck > 0; }
    std::vector<std::string> environment() const;

private:
    std::string file_;
    CallOrder* order_ = nullptr;
};

// What a device said since it was started.
class DeskProcess {
public:
    DeskProcess(const std::string& profile, const std::vector<std::string>& environment);

    bool write(const std::string& line) { return process_.write(line + "\n"); }
    // Reads what it has said.
    void listen();
    // The next status that it tells.
    Json status();
    Process& process() { return process_; }

    std::vector<std::string> stored;     // changes, in hexadecimal
    std::vector<std::string> receipted;  // accepted by the server
    std::vector<std::string> complaints; // lines that should not be
    int marked = 0;                      // changes that may have stood already
    int undone = 0;                      // commands for which there was no post

private:
    void take(const std::string& line);

    Process process_;
    Json status_;
};

class CrashSite {
public:
    // Everybody has joined by the port that `portOf` gives for their place in the list, or the server's own.
    explicit CrashSite(const std::vector<std::string>& people,
                       const std::function<uint16_t(size_t index, uint16_t serverPort)>& portOf = {});

    std::string path(const std::string& name) const { return directory_.path() / name; }
    std::string database() const { return path("data/stoa.db"); }
    std::string replica(const std::string& name) const { return path(name + "/replica.db"); }
    uint16_t port() const { return port_; }
    Calls& serverCalls() { return serverCalls_; }

    // On the port that it had before. False where it died before it listened.
    bool serve();
    Process& server() { return *server_; }
    void stop(); // in good order
    // That it is dead, by SIGKILL.
    void requireKilled(Milliseconds within);
    bool isServing() const { return server_ != nullptr; }
    Milliseconds slowestStart() const { return slowestStart_; }

    Json admin(std::vector<std::string> words) const;
    Finished cli(const std::string& name, const std::vector<std::string>& words,
                 const std::vector<std::string>& environment = {}) const;
    std::vector<std::string> cliCommand(const std::string& name, const std::vector<std::string>& words) const;
    std::unique_ptr<DeskProcess> desk(const std::string& name) const;

    // Empty where the replica is as the server's database, and its outbox empty.
    std::string difference(const std::string& name) const;
    // Until nothing differs and all say so; gives how long it took. By themselves, but for what `meanwhile` does.
    Milliseconds waitUntilEqual(
        const std::map<std::string, DeskProcess*>& desks, Milliseconds patience,
        const std::function<void()>& meanwhile = [] {}) const;
    // The server keeps each of these changes.
    void requireAccepted(const std::vector<std::string>& changes) const;
    // Nothing lies about that belongs to a moment.
    void requireClean(const std::string& folder, const std::set<std::string>& allowed) const;

private:
    TemporaryDirectory directory_;
    Calls serverCalls_;
    std::unique_ptr<Process> server_;
    Milliseconds slowestStart_{0};
    uint16_t port_ = 0;
};

} // namespace stoa::test
