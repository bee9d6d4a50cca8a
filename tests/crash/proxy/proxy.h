#pragma once

// A network that fails where a script says so, between a program and its server: a TCP proxy on a thread of its own.
// It knows nothing of what passes and keeps a record of it.

#include <cstdint>
#include <memory>
#include <string>

namespace stoa::test {

enum class Direction { Up, Down }; // from the client, from the server

enum class Fault {
    None,
    Cut,         // both sides hear that the connection is closed, in good order
    Reset,       // both sides hear that it is broken
    HalfClose,   // the receiver hears that nothing more will come; its own words still pass
    Drop,        // everything from here on is swallowed; the connection stays
    StopReading, // nothing more is taken: the sender's buffers fill
    Delay,       // every piece comes `delayMs` later
    Trickle,     // one byte a second
};

// What happens to a connection once `afterBytes` have passed in this direction.
struct Script {
    Fault fault = Fault::None;
    Direction direction = Direction::Up;
    uint64_t afterBytes = 0;
    int delayMs = 0;
};

// The same seed gives the same script. `upBytes` and `downBytes`: what an undisturbed conversation comes to.
Script scriptOf(uint64_t seed, uint64_t upBytes, uint64_t downBytes);
std::string describe(const Script& script);

class Proxy {
public:
    Proxy();
    ~Proxy();
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    uint16_t port() const;
    // Of connections from now on; the record begins anew.
    void begin(uint16_t serverPort, const Script& script);
    // What was passed on, once the last connection is over (which `end` makes sure of).
    struct Passed {
        std::string up;
        std::string down;
    };
    Passed end();

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Says to a server what a client once said, and gives what it answered until it hung up or fell silent.
std::string replay(uint16_t serverPort, const std::string& recorded);

} // namespace stoa::test
