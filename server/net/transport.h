#pragma once

// The listener and the threads that connections live on: one single-threaded io_context a core, a
// connection stays on the one that it was given to. What is over a limit is closed before any TLS work.
// Owned by the server; `post` and `stop` may be called from any thread, the rest from the one that made it.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <spdlog/logger.h>

#include "server/net/certificate.h"
#include "server/net/connection.h"

namespace stoa {

using Log = std::shared_ptr<spdlog::logger>;

// TLS 1.3 alone, ALPN "stoa/1". Throws std::runtime_error.
boost::asio::ssl::context makeTlsContext(const CertificateFiles& files);

// How many connections there are, in all and from each address. Shared by all threads.
class ConnectionCounts {
public:
    explicit ConnectionCounts(const NetLimits& limits) : limits_(limits) {}

    bool mayEnter(const std::string& address); // counts it where it may
    void signedIn(const std::string& address);
    void left(const std::string& address, bool wasSignedIn);
    size_t total() const;
    bool hasRoomToSignIn() const; // whatever the address

private:
    struct Of {
        size_t all = 0;
        size_t notSignedIn = 0;
    };

    const NetLimits& limits_;
    mutable std::mutex mutex_;
    Of total_;
    std::unordered_map<std::string, Of> byAddress_;
};

// One thread with its io_context and the connections on it.
class IoThread {
public:
    IoThread(size_t index, const NetLimits& limits, SteadyClock clock);

    size_t index() const { return index_; }
    boost::asio::io_context& io() { return io_; }

    // On this thread, soon, in the order of the calls. From any thread.
    void post(std::function<void()> task);

private:
    friend class Transport;

    void sweep();

    size_t index_;
    SteadyClock clock_;
    int64_t sweepEveryMs_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer sweeper_;
    IoBuffers buffers_;
    std::unordered_set<std::shared_ptr<Connection>> connections_;
    std::thread thread_;
};

class Transport {
public:
    struct Options {
        std::string address; // empty: every address, IPv6 and IPv4
        uint16_t port = 0;   // 0: any free one
        unsigned threads = 1;
    };
    // Called on the connection's thread; gives what is to be called when something happens on it.
    using Accept = std::function<ConnectionEvents(const std::shared_ptr<Connection>&, IoThread&)>;

    // Listens from here on and keeps what comes waiting until `start`. Throws std::runtime_error.
    Transport(Options options, const NetLimits& limits, boost::asio::ssl::context tls, SteadyClock clock, Log log);
    ~Transport();

    uint16_t port() const { return port_; }
    std::vector<std::unique_ptr<IoThread>>& threads() { return threads_; }
    ConnectionCounts& counts() { return counts_; }

    void start(Accept accept);
    // No further connections; the present ones go on.
    void stopAccepting();
    // Ends the threads, whatever their connections do.
    void stop();

private:
    void acceptNext();
    void acceptLater(std::chrono::milliseconds after);
    void enter(boost::asio::ip::tcp::socket socket, const std::string& address, IoThread& thread);

    const NetLimits& limits_;
    boost::asio::ssl::context tls_;
    SteadyClock clock_;
    Log log_;
    ConnectionCounts counts_;
    std::vector<std::unique_ptr<IoThread>> threads_;
    boost::asio::ip::tcp::acceptor acceptor_; // on the first thread
    boost::asio::steady_timer retry_;
    uint16_t port_ = 0;
    size_t next_ = 0;
    Accept accept_;
};

} // namespace stoa
