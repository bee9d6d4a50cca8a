#pragma once

// A whole sync dialogue between the programs that are shipped, disturbed at one place: two devices of one company,
// a server that was restored and lacks what Ada has, with news for her, and changes of hers that wait. Afterwards one
// undisturbed sync has to make everything good: each change is there once, the digests are equal, and what was settled
// is not sent again.

#include <filesystem>
#include <string>

#include "tests/crash/proxy/proxy.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

namespace stoa::test {

class Sweep {
public:
    Sweep();

    // How long the undisturbed dialogue is.
    uint64_t bytes(Direction direction) const { return direction == Direction::Up ? upBytes_ : downBytes_; }
    // From the same beginning each time. Empty, or what is wrong.
    std::string disturb(const Script& script);
    // What an undisturbed client said is said again by somebody who only listened.
    std::string replayRecorded();

private:
    void keep(); // as the beginning
    void restore();
    void serve();
    void stop();
    void finish(); // in good order
    Finished cli(const std::string& name, const std::vector<std::string>& words) const;
    Finished fine(const std::string& name, const std::vector<std::string>& words) const;
    std::string admin(std::vector<std::string> words) const;
    std::string path(const std::string& name) const { return directory_.path() / name; }
    std::string wrongAfterwards();

    TemporaryDirectory directory_;
    Proxy proxy_;
    std::unique_ptr<Process> server_;
    uint16_t port_ = 0;
    uint64_t upBytes_ = 0;
    uint64_t downBytes_ = 0;
    size_t acceptedBefore_ = 0; // changes, by the server
    uint64_t idleUpBytes_ = 0;  // of a dialogue with nothing to send
    uint64_t handBackBytes_ = 0;
    std::string recorded_;
};

} // namespace stoa::test
