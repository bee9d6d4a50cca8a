#include <filesystem>

#include "tests/e2e/site.h"

using namespace stoa::test;

namespace {

namespace fs = std::filesystem;

void ask(Site& site, const std::string& name, const std::string& title, int count)
{
    for (int i = 0; i < count; ++i)
        site.fine(name, {"ask", "Lab", "--title", title + std::to_string(i), "--body", std::string(500, 'x')});
}

// All questions as one device lists them, with authors and times, by their ids.
std::map<std::string, Json> questions(Site& site, const std::string& name)
{
    std::map<std::string, Json> all;
    for (const Json& question : site.fine(name, {"list", "Lab", "--limit", "1000"}))
        all[question["id"]] = question;
    return all;
}

} // namespace

TEST_CASE("a server that is restored gets back what the devices hold, and nobody whom it shut out")
{
    Site site;
    for (const char* name : {"ben", "cleo", "dan"})
        site.addPerson(name);
    site.admin({"space", "add", "Lab", "--visibility", "open"});
    site.serve();
    for (const char* name : {"ada", "ben", "cleo", "dan"}) {
        site.join(name);
        site.fine(name, {"sync"});
    }
    const std::string file = site.profile("stoa.backup");

    // The backup, in the middle of other work.
    ask(site, "ada", "During the backup ", 20);
    {
        Process syncing(site.command("ada", {"sync"}));
        site.admin({"backup", file});
        CHECK(syncing.wait().exitCode == 0);
    }

    // 200 changes after it, which two devices hold.
    const fs::path pages = site.profile("pages");
    fs::create_directories(pages);
    for (int i = 0; i < 140; ++i)
        std::ofstream(pages / ("page" + std::to_string(i) + ".md")) << "# Page " << i << "\n";
    site.admin({"import", "markdown", pages.string(), "--space", "Lab"});
    ask(site, "ada", "Of Ada ", 30);
    ask(site, "ben", "Of Ben ", 30);
    for (const char* name : {"ada", "ben", "ada"})
        site.fine(name, {"sync"});
    const auto held = questions(site, "ada");
    REQUIRE(held.size() == 80);
    REQUIRE(questions(site, "ben") == held);
    const Json records = site.admin({"check"})["records"];
    // What only the third one holds, which does not come back.
    ask(site, "cleo", "Of Cleo ", 3);
    site.fine("cleo", {"sync"});
    site.admin({"person", "disable", "dan"});
    site.killServer();

    CHECK(site.admin({"check"})["records"] == records.get<size_t>() + 3);
    fs::rename(site.data(), site.profile("before"));
    fs::create_directory(site.data());
    fs::copy_file(site.profile("before") + "/journal", site.data() + "/journal");
    const Finished rehearsed = run({"stoad", "restore", "--rehearse", file});
    INFO(rehearsed.out << rehearsed.err);
    CHECK(rehearsed.exitCode == 0);
    const Json restored = site.admin({"restore", file});
    CHECK(restored["epoch"] == 2);
    CHECK(restored["records"].get<size_t>() < records.get<size_t>() - 190);

    site.serve();
    for (const char* name : {"ada", "ben", "ada", "ben"})
        site.fine(name, {"sync"});
    const Json checked = site.admin({"check"});
    CHECK(checked["problems"].empty());
    CHECK(checked["records"] == records);
    for (const char* name : {"ada", "ben"}) {
        CHECK(questions(site, name) == held);
        const Json status = site.fine(name, {"status"});
        INFO(name << ": " << status.dump());
        CHECK(status["digests_equal"] == true);
        CHECK(status["waiting"] == 0);
        CHECK(status["refused"] == 0);
    }
    CHECK(site.cli("dan", {"sync"}).exitCode == 1);
    const Json listed = site.admin({"person", "list"});
    for (const Json& person : listed["people"])
        CHECK(person["disabled"] == (person["login"] == "dan"));
}
