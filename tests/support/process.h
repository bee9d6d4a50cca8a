#pragma once

// Programs as processes, for tests of what is shipped. A process that is still running when its value
// goes is killed. Every wait ends with an exception after `patience`.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace stoa::test {

struct Finished {
    int exitCode = -1; // or 128 + the signal that ended it
    std::string out;
    std::string err;
};

struct ProcessExtras {
    std::vector<std::string> environment; // NAME=VALUE, beside what is inherited
    bool input = false;                   // its standard input is what write() is given
};

class Process {
public:
    // The program by its path, or by its name in the folder of built programs.
    explicit Process(const std::vector<std::string>& command,
                     std::chrono::milliseconds patience = std::chrono::seconds(60), const ProcessExtras& extras = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // Reads standard output and standard error until a line of either holds the text; gives that line.
    std::string waitForLine(const std::string& text);
    // The whole lines of standard output that nobody was given yet, without waiting for more.
    std::vector<std::string> newLines();
    // False where the program takes nothing any more.
    bool write(const std::string& text);
    void signal(int number);
    Finished wait();
    // As wait(), but nothing where the program still runs after this time.
    std::optional<Finished> waitFor(std::chrono::milliseconds time);
    pid_t pid() const { return pid_; }

private:
    // Whether anything came, or a pipe ended, until then.
    bool readMore(std::chrono::steady_clock::time_point until);
    void readSome(std::chrono::steady_clock::time_point until, const std::string& waitingFor);

    std::chrono::milliseconds patience_;
    pid_t pid_ = -1;
    int in_ = -1;
    int out_ = -1;
    int err_ = -1;
    Finished soFar_;
    size_t lineFrom_ = 0;
    size_t errLineFrom_ = 0;
};

// Runs to its end.
Finished run(const std::vector<std::string>& command);

} // namespace stoa::test
