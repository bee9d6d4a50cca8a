#include <chrono>
#include <fstream>

#include "shared/base/protobuf_log.h"
#include "tests/simulation/world.h"
#include "tests/support/catch.h"

using namespace stoa::test;

namespace {

// More by hand: ./dev sim --small --seeds N
constexpr uint64_t seeds = 45;

} // namespace

TEST_CASE("whatever fails, nothing is lost, and all agree in the end")
{
    stoa::muteProtobuf();
    Counts counts;
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
        const Outcome outcome = simulate(seed, false, false);
        INFO("./dev sim --small --trace --seed " << seed);
        INFO(outcome.sentence);
        CHECK(outcome.invariant == "");
        counts.add(outcome.counts);
    }
    // A kind that never came was not tested, whatever the seeds say.
    for (const std::string& kind : allKinds()) {
        INFO(kind);
        CHECK(counts.changes[kind] > 0);
    }
    for (const auto& [fault, name] : faultNames()) {
        INFO(name);
        CHECK(counts.faults[name] > 0);
    }
}

TEST_CASE("a seed decides everything that happens")
{
    stoa::muteProtobuf();
    for (const uint64_t seed : {3, 11, 19}) {
        const std::string hash = simulate(seed, false, false).hash;
        CHECK(simulate(seed, false, false).hash == hash);
        CHECK(simulate(seed + 1, false, false).hash != hash);
    }
}
