// The simulation can fail: each wrong behaviour that can be planted breaks the invariant that it should, in a seed
// that found it before or in one of forty others. (What was found may move to another seed whenever the worlds
// change; ./dev sim --planted looks through up to a thousand.)

#include <set>

#include "shared/base/plant.h"
#include "shared/base/protobuf_log.h"
#include "tests/simulation/planted/plants.h"
#include "tests/support/catch.h"

using namespace stoa::test;

namespace {

constexpr uint64_t others = 40;

std::vector<uint64_t> seedsFor(const Planted& planted)
{
    std::vector<uint64_t> seeds = planted.seeds;
    for (uint64_t i = 1; i <= others; ++i)
        seeds.push_back((seeds.empty() ? 0 : seeds.front()) + i);
    return seeds;
}

bool isFound(const Planted& planted)
{
    stoa::plant() = planted.name;
    for (const uint64_t seed : seedsFor(planted))
        if (simulate(seed, {.texts = planted.texts}, false).invariant == planted.invariant)
            return true;
    return false;
}

} // namespace

TEST_CASE("wrong behaviour is found")
{
    stoa::muteProtobuf();
    CHECK(allPlanted().size() >= 20);
    for (const Planted& planted : allPlanted()) {
        INFO("./dev sim --planted --seeds 1000 --plant \"" << planted.name << '"');
        CHECK(isFound(planted));
    }
    stoa::plant().clear();
}

TEST_CASE("where nothing is planted, nothing is found")
{
    stoa::muteProtobuf();
    std::set<std::pair<uint64_t, Texts>> worlds;
    for (const Planted& planted : allPlanted())
        for (const uint64_t seed : planted.seeds)
            worlds.emplace(seed, planted.texts);
    REQUIRE_FALSE(worlds.empty());
    for (const auto& [seed, texts] : worlds) {
        INFO("./dev sim --small --trace --seed " << seed << (texts == Texts::None ? " --no-texts" : ""));
        CHECK(simulate(seed, {.texts = texts}, false).invariant == "");
    }
}
