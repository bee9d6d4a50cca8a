#pragma once

// What happened in a simulation, line by line: hashed always, printed when asked. Two runs of one seed have
// the same hash, or something in them is not decided by the seed. And how often each thing happened.

#include <cstdio>
#include <map>
#include <string>

#include "shared/base/ids.h"

namespace stoa::test {

class Trace {
public:
    explicit Trace(bool print) : print_(print) {}

    void say(int64_t timeMs, const std::string& what)
    {
        const std::string line = std::to_string(timeMs) + ' ' + what;
        sum_ = hash128(sum_.str() + line);
        if (print_)
            std::printf("%s\n", line.c_str());
    }
    std::string hash() const { return toHex(sum_.str()); }

private:
    bool print_;
    Digest sum_;
};

struct Counts {
    std::map<std::string, uint64_t> changes; // that the server accepted, by kind
    std::map<std::string, uint64_t> faults;
    std::map<std::string, uint64_t> acts; // that leave no change

    void add(const Counts& other)
    {
        for (const auto& [name, count] : other.changes)
            changes[name] += count;
        for (const auto& [name, count] : other.faults)
            faults[name] += count;
        for (const auto& [name, count] : other.acts)
            acts[name] += count;
    }
};

} // namespace stoa::test
