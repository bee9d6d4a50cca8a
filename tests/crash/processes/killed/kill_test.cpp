// A short form of `./dev crash kill`: every point once.

#include "tests/crash/processes/kill.h"
#include "tests/support/catch.h"

using namespace stoa::test;

namespace {

template <class Kills>
void killAtEachPoint()
{
    Kills kills;
    KillCount count;
    uint64_t seed = 1;
    for (const std::string& point : Kills::points()) {
        CAPTURE(point);
        REQUIRE_NOTHROW(kills.trial(point, seed++, count));
        CHECK(count.points[point] == 1);
    }
}

} // namespace

TEST_CASE("a server that is killed at any point has all that it acknowledged, and everybody goes on by themselves")
{
    killAtEachPoint<ServerKills>();
}

TEST_CASE("a person's program that is killed at any point has all that it said was stored, and hands it in")
{
    killAtEachPoint<ClientKills>();
}

TEST_CASE("what was never acknowledged is missed when it is taken for acknowledged")
{
    KillCount count;
    CHECK_THROWS_WITH(ServerKills({.credulous = true}).trial("before_commit", 1, count),
                      Catch::Contains("does not have the change"));
    CHECK_THROWS_WITH(ClientKills({.credulous = true}).trial("before_commit", 1, count),
                      Catch::Contains("does not have the change"));
}
