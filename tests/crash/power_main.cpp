// crash_power --cuts N [--seed S] [--side server|desk] [--minutes M] [--normal]: power cuts on a simulated disk, in
// lives of 20, by turns of a server and a desk. One JSON line; exit status 1 where something failed. --normal runs the
// control, which has to fail.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>

#include "tests/crash/power.h"

using namespace stoa::test;

int main(int argc, char** argv)
{
    int cuts = 1'000;
    uint64_t seed = 1;
    double minutesMax = 1e6;
    bool syncLess = false;
    std::optional<Side> side;
    for (int i = 1; i < argc; ++i) {
        const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
        const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
        if (is("--normal")) {
            syncLess = true;
            continue;
        }
        const bool isSide = value && (std::strcmp(value, "server") == 0 || std::strcmp(value, "desk") == 0);
        if (is("--cuts") && value && std::atoi(value) > 0) {
            cuts = std::atoi(value);
        } else if (is("--seed") && value) {
            seed = std::strtoull(value, nullptr, 10);
        } else if (is("--minutes") && value) {
            minutesMax = std::atof(value);
        } else if (is("--side") && isSide) {
            side = std::strcmp(value, "server") == 0 ? Side::Server : Side::Desk;
        } else {
            std::fprintf(stderr,
                         "usage: crash_power --cuts N [--seed S] [--side server|desk] [--minutes M] [--normal]\n");
            return 2;
        }
        ++i;
    }

    const auto began = std::chrono::steady_clock::now();
    const auto minutes = [&] {
        return std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - began).count();
    };
    PowerOutcome all;
    int failures = 0, lives = 0;
    for (; all.cuts < cuts && minutes() < minutesMax; ++seed, ++lives) {
        const PowerPlan plan{.side = side.value_or(seed % 2 == 0 ? Side::Server : Side::Desk),
                             .seed = seed,
                             .cuts = 20,
                             .syncLess = syncLess};
        const PowerOutcome one = livePowerCuts(plan);
        all.cuts += one.cuts;
        all.steps += one.steps;
        all.lost += one.lost;
        all.damaged += one.damaged;
        if (one.wrong.empty())
            continue;
        ++failures;
        std::fprintf(stderr, "%s\n  again: ./dev crash power --cuts 1 --seed %llu --side %s%s\n", one.wrong.c_str(),
                     static_cast<unsigned long long>(seed), plan.side == Side::Server ? "server" : "desk",
                     syncLess ? " --normal" : "");
    }
    std::printf("{\"name\":\"power\",\"trials\":%d,\"failures\":%d,\"lost\":%d,\"damaged\":%d,\"lives\":%d,"
                "\"steps\":%d,\"minutes\":%.2f}\n",
                all.cuts, failures, all.lost, all.damaged, lives, all.steps, minutes());
    return failures == 0 ? 0 : 1;
}
