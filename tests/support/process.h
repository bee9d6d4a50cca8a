#pragma once

// Programs as processes, for tests of what is shipped. A process that is still running when its value
// goes is killed. Every wait ends with an exception after `patience`.

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace stoa::test {

struct Finished {
    int exitCode = -1; // or 128 + the signal that ended it
    std::string out;
    std::string err;
};

class Process {
public:
    // The program by its path, or by its name in the folder of built programs.
    explicit Process(const std::vector<std::string>& command,
                     std::chrono::milliseconds patience = std::chrono::seconds(60));
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // Reads standard output and standard error until a line of either holds the text; gives that line.
    std::string waitForLine(const std::string& text);
    void signal(int number);
    Finished wait();
    pid_t pid() const { return pid_; }

private:
    void readSome(std::chrono::steady_clock::time_point until, const std::string& waitingFor);

    std::chrono::milliseconds patience_;
    pid_t pid_ = -1;
    int out_ = -1;
    int err_ = -1;
    Finished soFar_;
    size_t lineFrom_ = 0;
    size_t errLineFrom_ = 0;
};

// Runs to its end.
Finished run(const std::vector<std::string>& command);

} // namespace stoa::test
