#pragma once

// Ways from several devices to one server, each of which can be slowed, cut or swallowed while it is used: TCP proxies
// on a thread of their own, which know nothing of what passes.

#include <cstdint>
#include <memory>

namespace stoa::test {

enum class Trouble {
    None,
    Hold,      // nothing passes, and nothing is lost: it comes when this is over
    Swallow,   // what comes is lost; the connection breaks when this is over
    Delay,     // every piece comes 150 ms later
    Trickle,   // one byte a second
    Unheard,   // only the server's words are held
    Refuse,    // breaks what there is, and every new connection
    Reset,     // breaks what there is, once
    HalfClose, // the server hears that nothing more will come, once
};
constexpr int troubleKinds = 9;

class Network {
public:
    explicit Network(size_t ways);
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    uint16_t port(size_t way) const;
    void lead(uint16_t serverPort); // every way, from now on
    // From now on, also for the connections that there are.
    void set(size_t way, Trouble trouble);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace stoa::test
