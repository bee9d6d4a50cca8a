// ./dev sim: plays seeds through and tells what broke. One JSON line at the end.

#include <chrono>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "shared/base/plant.h"
#include "shared/base/protobuf_log.h"
#include "tests/simulation/world.h"

using namespace stoa::test;

namespace {

constexpr uint64_t everyKindWithin = 200; // seeds

} // namespace

int main(int argc, char** argv)
{
    CLI::App options{"Plays simulations through, one for each seed."};
    uint64_t seeds = 200, from = 1, seed = 0;
    double minutes = 0;
    bool print = false, small = false;
    options.add_option("--seeds", seeds, "how many");
    options.add_option("--minutes", minutes, "no more seeds after so long");
    options.add_option("--from", from, "the first one");
    options.add_option("--seed", seed, "only this one");
    options.add_flag("--trace", print, "print what happens");
#ifdef STOA_PLANTED
    options.add_option("--plant", stoa::plant(), "the wrong behaviour to find: ends at the first seed that does");
#endif
    options.add_flag("--small", small, "as the ordinary test run plays them: at most 8 devices");
    CLI11_PARSE(options, argc, argv);
    if (seed != 0) {
        from = seed;
        seeds = 1;
    }

    stoa::muteProtobuf();
    const auto began = std::chrono::steady_clock::now();
    Counts counts;
    const auto minutesGone = [&] {
        return std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - began).count();
    };
    uint64_t failures = 0, trials = 0;
    for (uint64_t each = from; each < from + seeds && (minutes == 0 || minutesGone() < minutes); ++each) {
        ++trials;
        const Outcome outcome = simulate(each, !small, print);
        counts.add(outcome.counts);
        if (outcome.invariant.empty())
            continue;
        ++failures;
        std::fprintf(stderr, "seed %llu: \"%s\" does not hold: %s\n  ./dev sim --seed %llu --trace%s\n",
                     static_cast<unsigned long long>(each), outcome.invariant.c_str(), outcome.sentence.c_str(),
                     static_cast<unsigned long long>(each), small ? " --small" : "");
#ifdef STOA_PLANTED
        std::printf("{\"plant\": \"%s\", \"seed\": %llu, \"invariant\": \"%s\"}\n", stoa::plant().c_str(),
                    static_cast<unsigned long long>(each), outcome.invariant.c_str());
        return 0;
#endif
    }
    // A kind that never came was not tested, whatever the seeds say.
    if (trials >= everyKindWithin) {
        const auto miss = [&](const std::string& kind) {
            ++failures;
            std::fprintf(stderr, "\"%s\" never happened\n", kind.c_str());
        };
        for (const std::string& kind : allKinds())
            if (counts.changes[kind] == 0)
                miss(kind);
        for (const auto& [fault, name] : faultNames())
            if (counts.faults[name] == 0)
                miss(name);
    }
    nlohmann::ordered_json line;
    line["name"] = "simulation";
    line["trials"] = trials;
    line["failures"] = failures;
    line["minutes"] = double(int64_t(minutesGone() * 1'000)) / 1'000;
    line["changes"] = counts.changes;
    line["faults"] = counts.faults;
    std::printf("%s\n", line.dump().c_str());
    return failures == 0 ? 0 : 1;
}
