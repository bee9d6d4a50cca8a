#pragma once

// The floor of the load bench: the plainest TLS 1.3 server that passes a message on. One thread, one loop, no rights,
// no storage. A message to it is a FloorOrder; it sends so many bytes that begin with the order's number to the
// first so many who came.

#include <cstdint>
#include <string>

namespace stoa::bench {

struct FloorOrder {
    uint32_t receivers;
    uint32_t bytes; // at least 8
    uint64_t number;
};

// Says "port=N" on standard output, then serves until it is killed.
[[noreturn]] void serveFloor(const std::string& certificate, const std::string& key);

} // namespace stoa::bench
