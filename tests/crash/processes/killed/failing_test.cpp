// A short form of `./dev crash disk`.

#include "tests/crash/processes/failing.h"
#include "tests/support/catch.h"

using namespace stoa::test;

TEST_CASE("an import, a backup and a restore whose disk fails say so, leave nothing half, and can be done again")
{
    FailingCommands failing;
    for (const std::string& command : FailingCommands::commands()) {
        CAPTURE(command);
        int struck = 0;
        for (int64_t n = 0; n < 40; n += 8)
            struck += failing.fails({command, n % 16 == 0, n}) ? 1 : 0;
        CHECK(struck > 1);
        CHECK_FALSE(failing.fails({command, true, 100'000}));
    }
}

// Where the restored database is closed and given its name: SQLite says nothing of a file that it could not take away.
TEST_CASE("Nothing is left beside a restored database where a call failed at its end")
{
    FailingCommands failing;
    int struck = 0;
    for (int64_t n = 112; n < 128; ++n) {
        INFO("./dev crash disk --command restore --from " << n << " --count 1 --forever 0");
        struck += failing.fails({"restore", false, n}) ? 1 : 0;
    }
    CHECK(struck == 16);
}

TEST_CASE("a write that was only said to be done is missed after an import")
{
    FailingCommands failing;
    int found = 0;
    for (int64_t n = 0; n < 40; n += 5) {
        try {
            (void)failing.fails({.command = "markdown", .n = n, .lies = true});
        } catch (const std::runtime_error&) {
            ++found;
        }
    }
    CHECK(found > 0);
}
