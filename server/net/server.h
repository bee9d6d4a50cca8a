#pragma once

// The server as it runs: transport, sessions, writer, password pool. Makes nothing of the data itself.
// `start` and `stop` on one thread; `change`, `inBackground` and `onWriter` from any thread but the writer's.

#include <future>
#include <memory>
#include <string>

#include "server/auth/auth.h"
#include "server/engine/engine.h"
#include "server/net/limits.h"
#include "server/net/transport.h"
#include "shared/base/black_box_folder.h"

namespace stoa {

struct ServerOptions {
    std::string address; // empty: every address
    uint16_t port = 0;   // 0: any free one
    unsigned threads = 1;
    NetLimits limits;
    AuthContext auth;
    SteadyClock steadyClock;
    std::optional<BlackBoxFolder> blackBoxes; // none: they are not kept
};

class Server {
public:
    // Listens from here on; answers from `start` on. The store and the engine must outlive it; from `start` to the
    // end of `stop` only its writer uses them. Throws std::runtime_error.
    Server(ServerOptions options, Store& store, Engine& engine, const CertificateFiles& files, Log log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    uint16_t port() const;
    void start();
    // Says goodbye to everybody, finishes what was submitted, closes. Within seconds.
    void stop();

    // Blocks until it is durable and the news are on their way. Throws StorageError; BUSY as receipts.
    v1::Receipts submit(Submission submission);
    // The same, when people's changes leave room.
    v1::Receipts submitInBackground(Submission submission);
    // The device's token goes, and its conversations end. False: too busy, or ending.
    bool revokeDevice(const Id& device);
    // As Engine::erasePerson says, and their conversations end. The same.
    bool erasePerson(const Id& person);
    // Runs the task on the writer's thread and waits for it; rethrows what it throws. False: too busy, or ending.
    bool onWriter(const std::function<void()>& task);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace stoa
