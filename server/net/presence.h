#pragma once

// Gathers who reads which post from the sessions of all threads, and gives it out some times a second.

#include <functional>
#include <mutex>

#include <boost/asio/steady_timer.hpp>

#include "server/net/transport.h"
#include "server/session/readers.h"

namespace stoa {

class Presence {
public:
    using Give = std::function<void(std::vector<Readers::Told>)>;

    // `give` is called on that thread, which must end before this does.
    Presence(IoThread& thread, int64_t everyMs, Give give);

    // From any thread.
    void say(const Id& post, const v1::Reader& reader);

private:
    void giveLater();

    IoThread& thread_;
    int64_t everyMs_;
    Give give_;
    boost::asio::steady_timer timer_; // on its thread
    std::mutex mutex_;
    Readers readers_;
    bool isDue_ = false;
};

} // namespace stoa
