#pragma once

// Time and randomness are handed in, so that tests run in virtual time from one seed.
// Both are plain values; copies are cheap, and whoever holds one calls it on its own thread.

#include <cstdint>
#include <functional>
#include <span>

namespace stoa {

// Milliseconds since 1970 UTC. May jump; use it for what people read, never for waiting.
using WallClock = std::function<int64_t()>;

// Milliseconds from any start, never going back.
using SteadyClock = std::function<int64_t()>;

// Fills the bytes with randomness good enough for secrets (in production: the system's).
using Random = std::function<void(std::span<uint8_t>)>;

WallClock systemWallClock();
SteadyClock systemSteadyClock();
Random systemRandom();

} // namespace stoa
