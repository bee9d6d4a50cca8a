// A long read that is cut goes on from the last batch that was stored.

#include <filesystem>
#include <fstream>
#include <random>

#include "tests/crash/processes/site.h"
#include "tests/crash/proxy/proxy.h"
#include "tests/support/catch.h"

using namespace stoa::test;

TEST_CASE("a read that is cut half way, again and again, goes on where it was")
{
    Proxy proxy;
    const CrashSite site({"ada", "ben", "cleo"}, [&](size_t, uint16_t serverPort) {
        proxy.begin(serverPort, {});
        return proxy.port();
    });
    std::filesystem::create_directory(site.path("pages"));
    std::mt19937 generator(1);
    for (int i = 0; i < 300; ++i) {
        std::ofstream page(site.path("pages/page" + std::to_string(i) + ".md"));
        page << "# Page " << i << "\n\n";
        for (int letter = 0; letter < 6'000; ++letter)
            page << char('a' + generator() % 26);
    }
    REQUIRE(site.admin({"import", "markdown", site.path("pages"), "--space", "Lab"})["ok"] == true);

    // A reset would also take from the reader what had arrived: nothing could be said of it.
    const auto read = [&](const std::string& name, const Script& script) {
        proxy.end();
        proxy.begin(site.port(), script);
        const Finished synced = site.cli(name, {"sync"});
        INFO(synced.err);
        CHECK(synced.exitCode == 0);
        CHECK(site.difference(name) == "");
        return proxy.end().down.size();
    };
    const size_t whole = read("ada", {});
    REQUIRE(whole > 1'000'000);
    CHECK(read("ben", {Fault::Cut, Direction::Down, whole / 2}) < whole + whole / 4);
    CHECK(read("cleo", {Fault::Cut, Direction::Down, whole / 3}) < whole + whole / 2);
}
