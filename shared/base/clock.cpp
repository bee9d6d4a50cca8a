#include "shared/base/clock.h"

#include <chrono>
#include <random>

namespace stoa {

namespace {

template <class Clock>
int64_t nowMs()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(Clock::now().time_since_epoch()).count();
}

} // namespace

WallClock systemWallClock()
{
    return nowMs<std::chrono::system_clock>;
}

SteadyClock systemSteadyClock()
{
    return nowMs<std::chrono::steady_clock>;
}

Random systemRandom()
{
    // libstdc++'s random_device reads the kernel's generator, which never blocks after boot.
    return [](std::span<uint8_t> bytes) {
        std::random_device device;
        for (size_t i = 0; i < bytes.size(); i += 4) {
            const uint32_t word = device();
            for (size_t k = 0; k < 4 && i + k < bytes.size(); ++k)
                bytes[i + k] = static_cast<uint8_t>(word >> (8 * k));
        }
    };
}

} // namespace stoa
