// crash_sweep [--every N] [--from K] [--cuts N] [--seeds N] [--minutes M] [--jobs N]: cuts a whole sync dialogue after
// each (or each N-th) byte in both directions, then plays N seeded scripts of other faults. Cut K of the sweep is after
// byte K of what the client says, and after that of what the server says; "next" is where to go on. One JSON line;
// exit status 1 where something failed.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/crash/proxy/sweep.h"

using namespace stoa::test;

int main(int argc, char** argv)
{
    uint64_t every = 1, from = 0, cutsMax = UINT64_MAX, seeds = 100, jobs = 4;
    double minutes = 1e6;
    for (int i = 1; i < argc; i += 2) {
        const auto is = [&](const char* name) { return i + 1 < argc && std::strcmp(argv[i], name) == 0; };
        const auto number = [&] { return std::strtoull(argv[i + 1], nullptr, 10); };
        if (is("--every") && number() > 0) {
            every = number();
        } else if (is("--from")) {
            from = number();
        } else if (is("--cuts")) {
            cutsMax = number();
        } else if (is("--seeds")) {
            seeds = number();
        } else if (is("--jobs") && number() > 0) {
            jobs = number();
        } else if (is("--minutes")) {
            minutes = std::atof(argv[i + 1]);
        } else {
            std::fprintf(stderr, "usage: crash_sweep [--every N] [--from K] [--cuts N] [--seeds N] [--minutes M] "
                                 "[--jobs N]\n");
            return 2;
        }
    }
    const auto began = std::chrono::steady_clock::now();
    const auto spent = [&] {
        return std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - began).count();
    };
    uint64_t up = 0, down = 0; // bytes
    std::atomic<uint64_t> next = from, nextSeed = 1, cuts = 0, trials = 0;
    std::atomic<int> failures = 0;
    std::mutex saying;
    const auto fail = [&](const std::string& what, const std::string& again) {
        ++failures;
        const std::lock_guard lock(saying);
        std::fprintf(stderr, "%s\n  again: ./dev crash sweep --jobs 1 %s\n", what.c_str(), again.c_str());
    };
    const auto work = [&](Sweep& sweep) {
        const uint64_t end = std::min(up + down + 2, cutsMax > up + down ? UINT64_MAX : from + cutsMax * every);
        while (spent() < minutes) {
            const uint64_t cut = next.fetch_add(every);
            if (cut >= end)
                break;
            const std::string wrong = sweep.disturb(cut <= up ? Script{Fault::Cut, Direction::Up, cut}
                                                              : Script{Fault::Cut, Direction::Down, cut - up - 1});
            ++trials;
            ++cuts;
            if (!wrong.empty())
                fail(wrong, "--seeds 0 --cuts 1 --from " + std::to_string(cut));
        }
        while (spent() < minutes) {
            const uint64_t seed = nextSeed++;
            if (seed > seeds)
                break;
            const std::string wrong = sweep.disturb(scriptOf(seed, up, down));
            ++trials;
            if (!wrong.empty())
                fail(wrong, "--cuts 0 --seeds " + std::to_string(seed));
        }
    };
    try {
        Sweep first;
        up = first.bytes(Direction::Up);
        down = first.bytes(Direction::Down);
        std::vector<std::thread> threads;
        for (uint64_t job = 1; job < jobs; ++job)
            threads.emplace_back([&] {
                try {
                    Sweep sweep;
                    work(sweep);
                } catch (const std::exception& error) {
                    fail(error.what(), "");
                }
            });
        try {
            work(first);
        } catch (const std::exception& error) {
            fail(error.what(), "");
        }
        for (std::thread& thread : threads)
            thread.join();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    const nlohmann::json line{{"name", "sweep"},
                              {"trials", trials.load()},
                              {"failures", failures.load()},
                              {"minutes", spent()},
                              {"cuts", cuts.load()},
                              {"bytes_up", up},
                              {"bytes_down", down},
                              {"seeds", std::min(nextSeed.load() - 1, seeds)},
                              {"next", std::min(next.load(), up + down + 2)}};
    std::printf("%s\n", line.dump().c_str());
    return failures == 0 ? 0 : 1;
}
