// The permission matrix, all of it. What must come of each cell stands in tests/permissions/rights.h.

#include <chrono>
#include <cstdio>
#include <set>

#include "shared/domain/feed.h"
#include "stoa/v1/change.pb.h"
#include "tests/permissions/matrix.h"
#include "tests/permissions/rights.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

TEST_CASE("the tables name every act, field and mark, every feed and every message of the protocol, and nothing else")
{
    std::set<std::string> rows, named;
    const auto* acts = v1::Change::descriptor()->FindOneofByName("act");
    for (int i = 0; i < acts->field_count(); ++i) {
        const auto of = rowsOfAct(acts->field(i)->name());
        INFO(acts->field(i)->name());
        CHECK_FALSE(of.empty());
        rows.insert(of.begin(), of.end());
    }
    for (const auto& [row, cells] : Table(rights).rows)
        named.insert(row);
    CHECK(named == rows);

    std::set<std::string> kinds, read;
    for (int kind = 0; kind < 256; ++kind)
        if (std::string key(17, static_cast<char>(kind)); Feed::from(key))
            kinds.insert(std::string(1, static_cast<char>(kind)));
    for (const auto& [row, cells] : Table(readers).rows)
        read.insert(row);
    CHECK(read == kinds);
}

namespace {

Tally told(Tally (*check)())
{
    const auto start = std::chrono::steady_clock::now();
    const Tally tally = check();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    for (const auto& [way, cells] : tally.cells)
        std::printf("permissions: %s %lld cells\n", way.c_str(), static_cast<long long>(cells));
    std::printf("permissions: %lld cells in %.1f s\n", static_cast<long long>(tally.total()), took.count());
    return tally;
}

} // namespace

TEST_CASE("the server answers everybody as the tables say, and nobody sees a word of what they may not read")
{
    const Tally tally = told(checkServer);
    INFO(tally.text());
    CHECK(tally.failures == 0);
    CHECK(tally.total() >= 3'000);
    for (const char* way : {"push", "messages", "catching up", "live", "losses", "texts", "handing back"})
        CHECK(tally.cells.at(way) > 100);
}

TEST_CASE("copies, searches and the command line show what their person may read, and have nothing else")
{
    const Tally tally = told(checkCopies);
    INFO(tally.text());
    CHECK(tally.failures == 0);
    for (const char* way : {"copies and search", "command line"})
        CHECK(tally.cells.at(way) > 50);
}
