#pragma once

// What a program's calls of the system meet while it runs: it dies at one of them, or one of them fails. The order
// lies in a file that a small library, loaded into the program before all others (calls.cpp), shares with whoever
// made it; so a program that runs already can be told. Of one order the n-th call that fits is struck.

#include <atomic>
#include <cstdint>

namespace stoa::test {

// Calls that alter a file are told apart from what goes to a socket; other descriptors do not count.
enum class Call : uint32_t {
    None,
    Write,  // write, pwrite and the like into a file
    Sync,   // fsync, fdatasync
    Name,   // rename, unlink, remove
    Open,   // to write
    Change, // any of these, and truncating
    Send,   // the first to any socket after a sync of the file that the order names
};

enum class Strike : uint32_t {
    DieBefore,
    DieAfter, // once the system has done it
    Fail,
    Lie, // a write says that it was done, and was not
};

// In shared memory. `call` is written last, and makes it count.
struct CallOrder {
    std::atomic<Call> call = Call::None;
    Strike strike = Strike::DieBefore;
    int32_t error = 0; // of a failing call
    bool forever = false;
    char within[128] = {}; // part of the file's path; empty: any
    char ending[32] = {};  // of the file's path; empty: any
    std::atomic<int64_t> left = 0;
    std::atomic<uint32_t> synced = 0;
    std::atomic<uint32_t> seen = 0; // calls that fitted
    std::atomic<uint32_t> struck = 0;
};

constexpr const char* callOrderVariable = "STOA_CALL_ORDER"; // the file

} // namespace stoa::test
