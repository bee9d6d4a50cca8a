#pragma once

// A server, or a person's program, that dies by SIGKILL while people work: at a random moment, or at a named point of
// what it does. It has to start again at once, everything that was acknowledged has to be there exactly once, and
// everybody has to come to the same without anybody doing anything. A site is used for many trials.

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/crash/processes/site.h"

namespace stoa::test {

struct KillOptions {
    // The control: what was only stored on the device counts as acknowledged by the server, and what a program did not
    // live to say as said. A death before the commit then has to be found.
    bool credulous = false;
};

struct KillCount {
    std::map<std::string, int> points; // that were reached
    int again = 0;                     // died once more while it recovered
    Milliseconds slowestStart{0};      // of the server, after a death or before
    Milliseconds slowestSettling{0};   // of everybody, once the server listened
};

class ServerKills {
public:
    static const std::vector<std::string>& points();

    explicit ServerKills(KillOptions options = {});
    // Throws std::runtime_error with what is wrong; the site is of no use afterwards.
    void trial(const std::string& point, uint64_t seed, KillCount& count);

private:
    void write(int changesEach, int bytesMax);
    void writeUntilDead();
    void loseServer(const std::string& point, KillCount& count);
    void startAgain(KillCount& count);
    void backUp();
    void restore(KillCount& count);
    void goBackToTheFirstSchema();
    int64_t below(int64_t most) { return int64_t(generator_() % uint64_t(most)); }

    KillOptions options_;
    CrashSite site_;
    std::map<std::string, std::unique_ptr<DeskProcess>> desks_;
    std::mt19937_64 generator_;
    std::string schema_; // of a fresh database
    int64_t callsOfMigration_ = 0;
    int64_t callsOfRestore_ = 0;
    int64_t callsOfBackup_ = 0;
};

class ClientKills {
public:
    static const std::vector<std::string>& points();

    explicit ClientKills(KillOptions options = {});
    void trial(const std::string& point, uint64_t seed, KillCount& count);

private:
    // Runs to its end, or until it is killed; whether it was.
    bool dies(const std::vector<std::string>& words, std::string& said);

    KillOptions options_;
    CrashSite site_;
    Calls calls_;
    std::unique_ptr<DeskProcess> other_;
    std::mt19937_64 generator_;
    std::vector<std::string> acknowledged_; // changes that the program said it had stored
    int64_t callsOfMigration_ = 0;
};

} // namespace stoa::test
