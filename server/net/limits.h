#pragma once

// Every limit of the server's connections, sessions and queues. What the protocol itself limits is in
// shared/base/limits.h. A plain value, so that tests hand in small ones.

#include <cstddef>
#include <cstdint>

#include "shared/base/limits.h"

namespace stoa {

struct NetLimits {
    // Connections. Above these a new one is closed before any TLS work.
    size_t connectionsMax = 12'000;
    size_t connectionsPerAddressMax = 1'000; // a whole office may sit behind one address
    size_t notSignedInMax = 1'000;           // in total; above it new ones are not accepted yet
    size_t notSignedInPerAddressMax = 200;
    size_t connectionsPerPersonMax = 20;
    size_t fileDescriptorsReserved = 64; // for databases, logs and the admin's socket

    // How long a peer may take, in milliseconds.
    int64_t handshakeMs = 10'000;
    int64_t helloMs = 10'000;
    int64_t silenceMs = limits::silenceMs;
    int64_t writeStuckMs = 30'000;  // nothing of a write has gone out: TOO_SLOW
    int64_t goodbyeMs = 1'000;      // to take a Goodbye before the connection is closed
    int64_t shutdownMs = 5'000;     // for all sessions together
    int64_t restAfterMs = 200;      // without anything to write: the log is written back
    int64_t presenceMs = 50;        // for so long it is gathered who reads what, and where
    int64_t publishAgainMs = 1'000; // where bodies could not be given out: the disk is full

    // Queues.
    size_t readBytes = 16 * limits::kKiB;        // one read from a peer: a TLS record
    size_t writeBytes = 16 * limits::kKiB;       // small frames joined into one write: a TLS record
    size_t sendQueueBytesMax = 8 * limits::kMiB; // what waits for one peer: above it TOO_SLOW
    size_t hearBelowBytes = 2 * limits::kMiB;    // who does not take what waits is not listened to either
    size_t writerQueueMax = 2'000;               // submissions of all sessions: above it BUSY
    size_t writerQueueBytesMax = 64 * limits::kMiB;
    size_t commitChangesMax = 1'000; // changes that share one commit
    size_t hashQueueMax = 64;        // sign-ins that wait for the password pool: above it BUSY
    unsigned hashThreads = 2;
};

} // namespace stoa
