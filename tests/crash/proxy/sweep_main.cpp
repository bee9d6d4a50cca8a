// crash_sweep [--every N] [--from K] [--seeds N]: cuts a whole sync dialogue after each (or each N-th) byte in both
// directions, then plays N seeded scripts of other faults. One JSON line; exit status 1 where something failed.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "tests/crash/proxy/sweep.h"

using namespace stoa::test;

int main(int argc, char** argv)
{
    uint64_t every = 1, from = 0, seeds = 100;
    for (int i = 1; i < argc; i += 2) {
        const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
        if (value && std::strcmp(argv[i], "--every") == 0 && std::atoi(value) > 0) {
            every = std::strtoull(value, nullptr, 10);
        } else if (value && std::strcmp(argv[i], "--from") == 0) {
            from = std::strtoull(value, nullptr, 10);
        } else if (value && std::strcmp(argv[i], "--seeds") == 0) {
            seeds = std::strtoull(value, nullptr, 10);
        } else {
            std::fprintf(stderr, "usage: crash_sweep [--every N] [--from K] [--seeds N]\n");
            return 2;
        }
    }
    const auto began = std::chrono::steady_clock::now();
    int trials = 0, failures = 0, cuts = 0;
    try {
        Sweep sweep;
        const auto disturb = [&](const Script& script) {
            ++trials;
            const std::string wrong = sweep.disturb(script);
            if (wrong.empty())
                return;
            ++failures;
            std::fprintf(stderr, "%s\n", wrong.c_str());
        };
        for (const Direction direction : {Direction::Up, Direction::Down})
            for (uint64_t byte = from; byte <= sweep.bytes(direction); byte += every, ++cuts)
                disturb({Fault::Cut, direction, byte});
        for (uint64_t seed = 1; seed <= seeds; ++seed)
            disturb(scriptOf(seed, sweep.bytes(Direction::Up), sweep.bytes(Direction::Down)));
        const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        std::printf("{\"name\":\"crash sweep\",\"trials\":%d,\"failures\":%d,\"minutes\":%.2f,\"cuts\":%d,"
                    "\"seeds\":%d,\"bytes_up\":%llu,\"bytes_down\":%llu}\n",
                    trials, failures, took / 60, cuts, int(seeds),
                    static_cast<unsigned long long>(sweep.bytes(Direction::Up)),
                    static_cast<unsigned long long>(sweep.bytes(Direction::Down)));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return failures == 0 ? 0 : 1;
}
