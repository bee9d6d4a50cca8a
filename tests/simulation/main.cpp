// ./dev sim: plays seeds through and tells what broke. One JSON line at the end.

#include <chrono>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "shared/base/plant.h"
#include "shared/base/protobuf_log.h"
#include "tests/simulation/planted/plants.h"
#include "tests/simulation/world.h"

using namespace stoa::test;

namespace {

constexpr uint64_t everyKindWithin = 200; // seeds

#ifdef STOA_PLANTED
// Looks for each that can be planted, in small worlds, until the invariant breaks that it should: one JSON line each.
int findPlanted(const std::string& only, uint64_t from, uint64_t seeds)
{
    int missed = 0;
    for (const Planted& planted : allPlanted()) {
        if (!only.empty() && only != planted.name)
            continue;
        const auto began = std::chrono::steady_clock::now();
        stoa::plant() = planted.name;
        uint64_t tried = 0, found = 0;
        while (found == 0 && tried < seeds)
            if (simulate(from + tried++, {.texts = planted.texts}, false).invariant == planted.invariant)
                found = from + tried - 1;
        missed += found == 0;
        nlohmann::ordered_json line;
        line["name"] = planted.name;
        line["trials"] = tried;
        line["failures"] = found == 0 ? 1 : 0;
        line["seed"] = found;
        line["invariant"] = planted.invariant;
        line["seconds"] =
            double(int64_t(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() * 10)) / 10;
        std::printf("%s\n", line.dump().c_str());
        std::fflush(stdout);
    }
    return missed == 0 ? 0 : 1;
}
#endif

} // namespace

int main(int argc, char** argv)
{
    CLI::App options{"Plays simulations through, one for each seed."};
    uint64_t seeds = 200, from = 1, seed = 0;
    double minutes = 0;
    bool print = false, small = false, many = false, none = false;
    options.add_option("--seeds", seeds, "how many");
    options.add_option("--minutes", minutes, "no more seeds after so long");
    options.add_option("--from", from, "the first one");
    options.add_option("--seed", seed, "only this one");
    options.add_flag("--trace", print, "print what happens");
#ifdef STOA_PLANTED
    std::string plant;
    bool planted = false;
    options.add_flag("--planted", planted, "look for each wrong behaviour, in so many seeds at most");
    options.add_option("--plant", plant, "with --planted only for this one; else plays the seeds with it");
#endif
    options.add_flag("--small", small, "as the ordinary test run plays them: at most 8 devices");
    options.add_flag("--texts", many, "people write in bodies as often as they do anything else");
    options.add_flag("--no-texts", none, "nobody writes in bodies");
    CLI11_PARSE(options, argc, argv);
    const Texts texts = many ? Texts::Many : none ? Texts::None : Texts::Some;
    if (seed != 0) {
        from = seed;
        seeds = 1;
    }

    stoa::muteProtobuf();
#ifdef STOA_PLANTED
    if (planted)
        return findPlanted(plant, from, seeds);
    stoa::plant() = plant;
#endif
    const auto began = std::chrono::steady_clock::now();
    Counts counts; // also of what never happens
    for (const std::string& kind : allKinds(texts != Texts::None))
        counts.changes[kind];
    for (const auto& [fault, name] : faultNames())
        counts.faults[name];
    const auto minutesGone = [&] {
        return std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - began).count();
    };
    uint64_t failures = 0, trials = 0;
    for (uint64_t each = from; each < from + seeds && (minutes == 0 || minutesGone() < minutes); ++each) {
        ++trials;
        const Outcome outcome = simulate(each, {.large = !small, .texts = texts}, print);
        counts.add(outcome.counts);
        if (outcome.invariant.empty())
            continue;
        ++failures;
        std::fprintf(stderr, "seed %llu: \"%s\" does not hold: %s\n  ./dev sim --seed %llu --trace%s%s\n",
                     static_cast<unsigned long long>(each), outcome.invariant.c_str(), outcome.sentence.c_str(),
                     static_cast<unsigned long long>(each), small ? " --small" : "",
                     many   ? " --texts"
                     : none ? " --no-texts"
                            : "");
    }
    // A kind that never came was not tested, whatever the seeds say.
    if (trials >= everyKindWithin) {
        const auto miss = [&](const std::string& kind) {
            ++failures;
            std::fprintf(stderr, "\"%s\" never happened\n", kind.c_str());
        };
        for (const std::string& kind : allKinds(texts != Texts::None))
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
    line["acts"] = counts.acts;
    std::printf("%s\n", line.dump().c_str());
    return failures == 0 ? 0 : 1;
}
