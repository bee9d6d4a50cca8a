#pragma once

// Commands of the server's program whose n-th call of the system fails, once or for as long as they run, for every n
// that there is: each ends with a sentence or with all of it done, nothing is half there, and the same command comes
// to the same once the disk is well again.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/crash/processes/site.h"

namespace stoa::test {

struct FailingCall {
    std::string command; // one of FailingCommands::commands()
    bool forever = false;
    int64_t n = 0;
    bool lies = false; // the control: a write that is only said to be done has to be found
};

class FailingCommands {
public:
    static const std::vector<std::string>& commands();

    FailingCommands();
    // False where the command ended before its n-th call. Throws std::runtime_error with what is wrong.
    bool fails(const FailingCall& call);

private:
    std::vector<std::string> words(const std::string& command) const;
    std::string records(const std::string& folder) const;
    void begin();

    CrashSite site_;
    Calls calls_;
    std::map<std::string, std::string> done_; // by command: what a folder holds afterwards
};

} // namespace stoa::test
