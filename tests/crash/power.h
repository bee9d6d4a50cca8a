#pragma once

// Lives of a program on a disk whose power is cut again and again, after every write there may be. After each
// cut the program must hold exactly what it acknowledged: all of the last step that it answered, and of the one
// under way all or nothing. The twin, on the same disk but never cut, says what that is.

#include <cstdint>
#include <string>

namespace stoa::test {

enum class Side { Server, Desk };

struct PowerPlan {
    Side side = Side::Server;
    uint64_t seed = 0;
    int cuts = 20;
    bool syncLess = false; // the control: synchronous=NORMAL, which must lose something
};

struct PowerOutcome {
    int cuts = 0;
    int steps = 0;     // that were answered
    int lost = 0;      // acknowledged steps that a cut took
    int damaged = 0;   // files that are not sound, or hold a part of a step
    std::string wrong; // what the first failure was; the life ends with it
};

PowerOutcome livePowerCuts(const PowerPlan& plan);

} // namespace stoa::test
