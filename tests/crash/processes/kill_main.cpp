// crash_kill [--trials N] [--side server|client] [--point NAME] [--seed S] [--minutes M] [--jobs N]: kills a server and
// a person's program N times each, point by point. One JSON line; exit status 1 where something failed, or a point
// was not reached.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/crash/processes/kill.h"

using namespace stoa::test;

namespace {

constexpr uint64_t trialsPerSite = 50; // then a fresh one, whose lists are short

struct Wanted {
    uint64_t trials = 100; // of each side
    uint64_t first = 1;
    int jobs = 2;
    double minutes = 1e9;
    std::string side;
    std::string point;
};

struct Tally {
    std::atomic<uint64_t> next = 0;
    std::mutex mutex; // of what follows
    KillCount count;
    uint64_t trials = 0;
    int failures = 0;
};

template <class Kills>
void kill(const char* side, const Wanted& wanted, std::chrono::steady_clock::time_point until, Tally& tally)
{
    std::unique_ptr<Kills> kills;
    const auto& points = Kills::points();
    for (uint64_t done = 0;; ++done) {
        const uint64_t trial = tally.next++;
        if (trial >= wanted.trials || std::chrono::steady_clock::now() > until)
            return;
        const uint64_t seed = wanted.first + trial;
        const std::string point = wanted.point.empty() ? points[seed % points.size()] : wanted.point;
        KillCount count;
        std::string wrong;
        try {
            if (!kills || done % trialsPerSite == 0) {
                kills.reset();
                kills = std::make_unique<Kills>();
            }
            kills->trial(point, seed, count);
        } catch (const std::exception& error) {
            wrong = error.what();
            kills.reset();
        }
        const std::lock_guard lock(tally.mutex);
        ++tally.trials;
        for (const auto& [name, times] : count.points)
            tally.count.points[name] += times;
        tally.count.again += count.again;
        tally.count.slowestStart = std::max(tally.count.slowestStart, count.slowestStart);
        tally.count.slowestSettling = std::max(tally.count.slowestSettling, count.slowestSettling);
        if (wrong.empty())
            continue;
        ++tally.failures;
        std::fprintf(stderr, "%s, %s: %s\n  again: ./dev crash kill --trials 1 --side %s --point %s --seed %llu\n",
                     side, point.c_str(), wrong.c_str(), side, point.c_str(), static_cast<unsigned long long>(seed));
    }
}

// Every point that there was time for, or the one that was asked for, has to have been reached.
template <class Kills>
Json killAll(const char* side, const Wanted& wanted, double minutes, Tally& tally)
{
    if (!wanted.side.empty() && wanted.side != side)
        return nullptr;
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                               std::chrono::duration<double, std::ratio<60>>(std::min(minutes, 1e6)));
    std::vector<std::thread> threads;
    for (int i = 0; i < wanted.jobs; ++i)
        threads.emplace_back([&] { kill<Kills>(side, wanted, until, tally); });
    for (std::thread& thread : threads)
        thread.join();
    const auto& points = Kills::points();
    for (const std::string& point : points)
        if (tally.trials >= 2 * points.size() && wanted.point.empty() && tally.count.points[point] == 0) {
            ++tally.failures;
            std::fprintf(stderr, "%s: the point %s was never reached\n", side, point.c_str());
        }
    return {{"trials", tally.trials},
            {"points", tally.count.points},
            {"again_while_recovering", tally.count.again},
            {"slowest_start_ms", tally.count.slowestStart.count()},
            {"slowest_settling_ms", tally.count.slowestSettling.count()}};
}

bool read(int argc, char** argv, Wanted& wanted)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0; };
        const char* value = argv[i + 1];
        if (is("--trials"))
            wanted.trials = std::strtoull(value, nullptr, 10);
        else if (is("--seed"))
            wanted.first = std::strtoull(value, nullptr, 10);
        else if (is("--jobs"))
            wanted.jobs = std::max(1, std::atoi(value));
        else if (is("--minutes"))
            wanted.minutes = std::atof(value);
        else if (is("--side"))
            wanted.side = value;
        else if (is("--point"))
            wanted.point = value;
        else
            return false;
    }
    return argc % 2 == 1 && wanted.trials > 0 &&
           (wanted.side.empty() || wanted.side == "server" || wanted.side == "client");
}

} // namespace

int main(int argc, char** argv)
{
    Wanted wanted;
    if (!read(argc, argv, wanted)) {
        std::fprintf(stderr, "usage: crash_kill [--trials N] [--side server|client] [--point NAME] [--seed S] "
                             "[--minutes M] [--jobs N]\n");
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    Tally server, client;
    const double half = wanted.side.empty() ? wanted.minutes / 2 : wanted.minutes;
    Json line{{"name", "kill"}};
    line["server"] = killAll<ServerKills>("server", wanted, half, server);
    line["client"] = killAll<ClientKills>("client", wanted, half, client);
    line["trials"] = server.trials + client.trials;
    line["failures"] = server.failures + client.failures;
    line["minutes"] = std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - began).count();
    std::printf("%s\n", line.dump().c_str());
    return server.failures + client.failures == 0 ? 0 : 1;
}
