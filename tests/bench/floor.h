#pragma once

// The floor: the plainest program that moves rows of bytes over TLS 1.3 on loopback and inserts them into
// SQLite on both sides with synchronous=FULL. No protocol, no rights, no projections.

#include <string>
#include <vector>

namespace stoa::bench {

struct Floor {
    double transferPerSecond = 0; // N rows, stored on both sides
    double roundMs = 0;           // a fresh connection, one question, one answer
    double onePercentMs = 0;      // a fresh connection, N/100 rows, stored on both sides
    double changeP50Ms = 0;       // one row, durable on both sides, and the answer
    double changeP99Ms = 0;
};

Floor measureFloor(int rows, size_t rowBytes, const std::string& certificate, const std::string& key,
                   const std::string& directory);

} // namespace stoa::bench
