// A short form of `./dev crash partition`.

#include "tests/crash/processes/partition.h"
#include "tests/support/catch.h"

using namespace stoa::test;

TEST_CASE("devices whose network fails in every way are all equal soon after it heals, each change there once")
{
    const PartitionOutcome outcome = Partition(5).run({.seed = 1, .clients = 5, .seconds = 4});
    CHECK(outcome.wrong == "");
    CHECK(outcome.changes > 20);
    int met = 0;
    for (const int times : outcome.troubles)
        met += times;
    CHECK(met > 5);
}
