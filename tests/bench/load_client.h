#pragma once

// Thousands of TLS connections in one thread, as plain as they can be: OpenSSL on descriptors, one epoll. It knows
// nothing of what is said; the same loop drives the server, the floor and an MQTT broker, so that what it costs
// itself is the same for all three.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace stoa::bench {

using Clock = std::chrono::steady_clock;

// One connection. Whoever made it keeps it; a new `connect` takes the place of the old one.
struct Link {
    size_t index = 0;
    int socket = -1;
    SSL* ssl = nullptr;
    bool open = false; // the handshake is done
    bool deaf = false; // nothing is read
    std::string in;    // of a message that is not whole
    std::string out;   // what the system did not take yet
};

struct LinkEvents {
    std::function<void(Link&)> open;
    std::function<void(Link&)> readable;  // `in` has grown; take from it what is whole
    std::function<void(Link&)> gone;      // also where it never came to be
    std::function<void()> turned = [] {}; // now and then
};

class Links {
public:
    Links(const std::string& alpn, LinkEvents events);
    ~Links();
    Links(const Links&) = delete;
    Links& operator=(const Links&) = delete;

    // From one of many loopback addresses, `perAddress` links on each. `receiveBytes`: of the socket, 0 as the
    // system likes.
    void connect(size_t index, uint16_t port, size_t perAddress, int receiveBytes = 0);
    void send(Link& link, std::string_view bytes);
    void setDeaf(Link& link, bool deaf);
    void close(Link& link);
    Link& at(size_t index) { return *links_[index]; }

    // What has happened, or nothing after `waitMs`.
    void turn(int waitMs);
    // Turns until it is so; throws where that takes longer.
    void until(const std::function<bool()>& done, std::chrono::seconds patience, const char* what);

private:
    void advance(Link& link);
    void read(Link& link);
    void write(Link& link);
    void end(Link& link);
    void watch(Link& link, int operation);

    LinkEvents events_;
    std::string alpn_;
    SSL_CTX* tls_;
    int epoll_;
    std::vector<std::unique_ptr<Link>> links_;
    std::vector<char> buffer_;
};

} // namespace stoa::bench
