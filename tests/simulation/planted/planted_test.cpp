// The simulation can fail: each wrong behaviour that can be planted (shared/base/plant.h) breaks the invariant
// that it should. The seed that found it first is tried first; where the product has changed since, its run is
// another one, and the seeds from 1 on are tried until one breaks that invariant.

#include <set>

#include "shared/base/plant.h"
#include "shared/base/protobuf_log.h"
#include "tests/simulation/world.h"
#include "tests/support/catch.h"

using namespace stoa::test;

namespace {

constexpr uint64_t seedsMax = 300; // of the 1,000 that it must be found in

struct Planted {
    const char* name;
    uint64_t seed;
    const char* invariant;
};

// build/dev/bin/simulation_planted --small --seeds 1000 --plant NAME
const Planted all[] = {
    {"permission check skipped", 1, "nobody does what they may not"},
    {"losing value dropped", 25, "what was acknowledged is there, or was superseded"},
    {"reused id not noticed", 6, "a change counts once"},
    {"no idempotency", 1, "a change counts once"},
    {"cursor off by one", 1, "nothing is read twice"},
    {"rights not read for bulk", 60, "nobody is sent what they may not read"},
    {"subscription outlives the right", 3, "nobody is sent what they may not read"},
    {"digest not updated", 1, "nothing is read twice"},
    {"refused change dropped", 3, "a refused change stays until it is resolved"},
    {"shadow dropped at the receipt", 1, "what is pending shows"},
    {"cursor not stored with its rows", 1, "a cursor never goes back"},
    {"old version stays in the sum", 1, "nothing is read twice"},
    {"lost feed kept", 3, "nothing is left of what may not be read"},
    {"figures not taken back", 1, "figures are what counting comes to"},
    {"client syncs too little", 3, "a refused change stays until it is resolved"},
    {"server syncs too little", 2, "what was acknowledged is there, or was superseded"},
    {"receipts not read first", 1, "all agree in the end"},
};

} // namespace

TEST_CASE("wrong behaviour is found")
{
    stoa::muteProtobuf();
    for (const Planted& planted : all) {
        stoa::plant() = planted.name;
        Outcome outcome = simulate(planted.seed, false, false);
        for (uint64_t seed = 1; outcome.invariant != planted.invariant && seed <= seedsMax; ++seed)
            outcome = simulate(seed, false, false);
        INFO("simulation_planted --small --seeds " << seedsMax << " --plant \"" << planted.name << '"');
        INFO(outcome.sentence);
        CHECK(outcome.invariant == planted.invariant);
    }
    stoa::plant().clear();
}

TEST_CASE("where nothing is planted, nothing is found")
{
    stoa::muteProtobuf();
    std::set<uint64_t> seeds;
    for (const Planted& planted : all)
        seeds.insert(planted.seed);
    for (const uint64_t seed : seeds) {
        INFO("simulation_planted --small --trace --seed " << seed);
        CHECK(simulate(seed, false, false).invariant == "");
    }
}
