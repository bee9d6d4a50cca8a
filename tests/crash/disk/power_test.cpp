// A short form of `./dev crash power`: what was acknowledged is there after a power cut at any write.

#include "tests/crash/power.h"
#include "tests/support/catch.h"

using namespace stoa::test;

namespace {

PowerOutcome live(Side side, int lives, bool syncLess)
{
    PowerOutcome all;
    for (int seed = 1; seed <= lives; ++seed) {
        const PowerOutcome one = livePowerCuts({.side = side, .seed = uint64_t(seed), .syncLess = syncLess});
        all.cuts += one.cuts;
        all.steps += one.steps;
        all.lost += one.lost;
        all.damaged += one.damaged;
        if (!one.wrong.empty() && !syncLess)
            FAIL_CHECK("seed " << seed << ", " << one.wrong);
    }
    return all;
}

} // namespace

TEST_CASE("A server has all that it acknowledged after a power cut at any write, and goes on")
{
    const PowerOutcome outcome = live(Side::Server, 25, false);
    CHECK(outcome.cuts >= 500);
    CHECK(outcome.steps > outcome.cuts);
}

TEST_CASE("A replica has all that it acknowledged after a power cut at any write, and goes on")
{
    const PowerOutcome outcome = live(Side::Desk, 25, false);
    CHECK(outcome.cuts >= 500);
    CHECK(outcome.steps > outcome.cuts);
}

TEST_CASE("With synchronous=NORMAL the same cuts lose what was acknowledged, on both sides")
{
    for (const Side side : {Side::Server, Side::Desk}) {
        const PowerOutcome outcome = live(side, 8, true);
        CHECK(outcome.lost > 0);
        CHECK(outcome.damaged == 0);
    }
}
