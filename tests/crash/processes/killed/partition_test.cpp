// A short form of `./dev crash partition`.

#include "tests/crash/processes/partition.h"
#include "tests/support/catch.h"

using namespace stoa::test;

TEST_CASE("devices whose network fails in every way are all equal soon after it heals, each change there once")
{
    const PartitionOutcome outcome = Partition(5).run({.seed = 1, .clients = 5, .seconds = 4});
    CHECK(outcome.wrong == "");
    CHECK(outcome.changes > 20);
    CHECK(outcome.healed < Milliseconds(10'000));
    int met = 0;
    for (const int times : outcome.troubles)
        met += times;
    CHECK(met > 5);
}

TEST_CASE("a device that is still apart is found")
{
    const PartitionOutcome outcome =
        Partition(2).run({.seed = 1, .clients = 2, .seconds = 1, .patience = Milliseconds(1'500), .oneStaysIll = true});
    CHECK_THAT(outcome.wrong, Catch::Contains("after 1500 ms"));
}
