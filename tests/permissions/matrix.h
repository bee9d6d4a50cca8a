#pragma once

// The permission matrix: everything that can be asked of the server, by everybody who can ask, in every relation to
// what it is asked of. What must come of it stands in rights.h. Each part of it is one way in or out: what is pushed,
// read, heard live, heard after a right was taken away, followed as it is written, handed back, copied and
// searched.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stoa::test {

class Organisation;

// Where the first wrong cell is enough.
struct FoundWrong {};

struct Tally {
    bool untilFirst = false;
    std::map<std::string, int64_t> cells; // by the way
    int64_t failures = 0;
    std::map<std::string, std::vector<std::string>> wrong; // the first of each way

    int64_t total() const;
    std::string text() const;
    void check(const std::string& way, bool right, const std::string& what);
};

// These leave the organisation as it was.
void checkPushes(Organisation& organisation, Tally& tally);
void checkMessages(Organisation& organisation, Tally& tally);
void checkReading(Organisation& organisation, Tally& tally);
// These make further things in it, which the tables do not change their mind about.
void checkLive(Organisation& organisation, Tally& tally);
void checkLosses(Organisation& organisation, Tally& tally);
void checkTexts(Organisation& organisation, Tally& tally);
// It begins a new epoch: the last one.
void checkHandBacks(Organisation& organisation, Tally& tally);

// All of the above.
Tally checkServer();
// Real copies, their search, and the command line over some of them.
Tally checkCopies();

} // namespace stoa::test
