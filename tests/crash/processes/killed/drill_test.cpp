// A short form of `./dev crash drill`.

#include "tests/crash/processes/drill.h"
#include "tests/support/catch.h"

using namespace stoa::test;

TEST_CASE("what any laptop still holds is there again after a restore from an old backup")
{
    const DrillOutcome outcome = drill({.seed = 1, .people = 5, .changes = 200});
    CHECK(outcome.wrong == "");
    CHECK(outcome.changes >= 200);
    CHECK(outcome.cameBack > 50);
    CHECK(outcome.lostLaptops > 0);
}

TEST_CASE("what any laptop still holds is there again after an old database was copied back by hand")
{
    const DrillOutcome outcome = drill({.seed = 2, .people = 5, .changes = 200, .byHand = true});
    CHECK(outcome.wrong == "");
    CHECK(outcome.cameBack > 50);
}

TEST_CASE("what is not there again after a restore is missed")
{
    CHECK_THAT(drill({.seed = 1, .people = 5, .changes = 200, .forgetful = true}).wrong,
               Catch::Contains("is not there again") || Catch::Contains("came back otherwise"));
}
