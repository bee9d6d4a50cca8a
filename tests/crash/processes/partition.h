#pragma once

// Devices that write while the ways to their server fail, one by one and in groups; then everything heals, and within
// ten seconds all of them and the server have to be equal without anybody doing anything, with each change once.
// What was receipted must not be sent again.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/crash/processes/network.h"
#include "tests/crash/processes/site.h"

namespace stoa::test {

struct PartitionPlan {
    uint64_t seed = 1;
    size_t clients = 0; // 0: 5 to 10, by the seed
    double seconds = 8; // of trouble
    Milliseconds patience{10'000};
    bool oneStaysIll = false; // the control: a way that does not heal has to be found
};

struct PartitionOutcome {
    size_t clients = 0;
    int changes = 0;
    std::array<int, troubleKinds> troubles{}; // how often each began on a way
    int pauses = 0;                           // processes that stood still for a while
    int serverKills = 0;
    Milliseconds healed{0};
    std::string wrong; // empty: nothing
};

class Partition {
public:
    static constexpr size_t clientsMax = 10;

    explicit Partition(size_t clients = clientsMax);
    // From the same beginning each time.
    PartitionOutcome run(const PartitionPlan& plan);

private:
    static std::vector<std::string> names(size_t count);
    void begin();

    Network network_;
    CrashSite site_;
    size_t clients_;
};

const char* nameOf(Trouble trouble);

} // namespace stoa::test
