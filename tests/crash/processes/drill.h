#pragma once

// A company whose server is lost and set up again from an old backup, while some of its laptops are lost too: what any
// remaining replica holds has to be there again, under its own author and time and once, without anybody doing
// anything; whoever was shut out or erased after the backup stays so; and what the server cannot know any more is
// set aside on the replicas, not removed.

#include <cstdint>
#include <string>

#include "tests/crash/processes/site.h"

namespace stoa::test {

struct DrillPlan {
    uint64_t seed = 1;
    size_t people = 20;
    int changes = 10'000; // that the server accepts after the backup
    bool byHand = false;  // an old database file is copied back, without `stoad restore`
    Milliseconds patience{120'000};
    bool forgetful = false; // the control: one replica has lost what it alone held, and that has to be found
};

struct DrillOutcome {
    size_t devices = 0;
    size_t lostLaptops = 0;
    int changes = 0;        // accepted after the backup
    size_t records = 0;     // in all replicas that are left, of feeds that the backup knew
    size_t cameBack = 0;    // of those, what the backup lacked or had an older version of
    size_t lostForGood = 0; // accepted, and held by lost laptops only
    size_t waitingThen = 0; // changes that were not accepted yet when the server was lost
    double rehearsalSeconds = 0;
    Milliseconds healed{0};
    std::string wrong; // empty: nothing
};

// Two of the people are shut out after the backup, a third and a space come after it: five people at least.
DrillOutcome drill(const DrillPlan& plan);

} // namespace stoa::test
