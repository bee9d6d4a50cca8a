#pragma once

// The way from a `stoad` command to the running server: a Unix socket in the data directory that only
// the server's own account may open (mode 0600). One request a connection; lines of JSON:
//
//   command:  {"verb": "person add", "arguments": {...}}
//   server:   {"progress": "..."}   any number of times
//             {"answer": {...}}     once; then it closes
//
// Whoever asked keeps the connection open: where it is closed earlier, nobody waits for the answer, and long work
// stops.
//
// Requests run on threads of their own, at most a few at once, so a long import does not keep others
// from being answered; what alters data goes through the server's writer.

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

namespace stoa {

using Json = nlohmann::json;

// Told to the person who waits, as a sentence.
using Progress = std::function<void(const std::string&)>;
// Whoever asked. Both throw std::runtime_error where the work is to stop: nobody waits for it any more, or the
// server ends.
struct Asker {
    Progress progress;
    std::function<void()> goOn; // cheap; long work calls it often
};
// Runs one request to its answer; throws where the environment fails.
using Handler = std::function<Json(const Json& request, const Asker& asker)>;

constexpr size_t adminRequestBytesMax = 1024 * 1024;
constexpr size_t adminRequestsMax = 8;
constexpr int adminPatienceMs = 3'000; // for a peer to send its request, or to take a line

std::filesystem::path adminSocketPath(const std::filesystem::path& data);
// Throws FolderRefused where the socket's path would be longer than the system allows.
void requireAdminSocketPath(const std::filesystem::path& data);

class AdminSocket {
public:
    // Listens from here on. Replaces a socket that a killed server left: the caller holds the data's
    // lock. Throws std::runtime_error.
    AdminSocket(const std::filesystem::path& data, Handler handler);
    // Takes no further requests, stops those under way, removes the socket. Takes `adminPatienceMs` at most, where
    // no request does more at once than its writer.
    ~AdminSocket();
    AdminSocket(const AdminSocket&) = delete;
    AdminSocket& operator=(const AdminSocket&) = delete;

private:
    struct Running {
        std::thread thread;
        int peer; // closed once the thread has ended
        std::shared_ptr<std::atomic<bool>> done;
    };

    void accept();
    void answer(int peer);
    void reap(bool all);

    std::filesystem::path path_;
    Handler handler_;
    int listener_ = -1;
    int wake_[2] = {-1, -1};
    std::atomic<bool> ending_{false};
    std::vector<Running> running_;
    std::thread thread_;
};

// Asks the server that runs on this data; nothing where none does. Throws std::runtime_error where the
// server went away in the middle.
std::optional<Json> askRunningServer(const std::filesystem::path& data, const Json& request, const Progress& progress);

} // namespace stoa
