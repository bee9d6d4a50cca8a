#include "tests/e2e/site.h"

using namespace stoa::test;

namespace {

// Wakes what happens in the middle of a sync: the process is told of by its own words, then killed.
void killWhileItSays(const Site& site, const std::string& name, const std::string& words)
{
    auto command = site.command(name, {"sync"});
    std::erase(command, "--json");
    Process syncing(command);
    syncing.waitForLine(words);
    syncing.signal(SIGKILL);
    syncing.wait();
}

void checkAllEqual(Site& site, const std::vector<std::string>& names, int questions)
{
    for (const std::string& name : names)
        site.fine(name, {"sync"}); // hands in
    for (const std::string& name : names) {
        site.fine(name, {"sync"}); // gets what the others handed in
        const Json status = site.fine(name, {"status"});
        INFO(name << ": " << status.dump());
        CHECK(status["digests_equal"] == true);
        CHECK(status["waiting"] == 0);
        CHECK(status["refused"] == 0);
        CHECK(status["questions"] == questions);
    }
    CHECK(site.admin({"check"})["ok"] == true);
}

} // namespace

TEST_CASE("a comment written on a plane is read by a colleague after landing")
{
    Site site;
    site.addPerson("ben");
    site.admin({"space", "add", "Lab", "--visibility", "open"});
    site.serve();
    for (const char* name : {"ada", "ben"}) {
        site.join(name);
        site.fine(name, {"sync"});
    }
    site.fine("ben", {"ask", "Lab", "--title", "How high are we?"});
    site.fine("ben", {"sync"});
    site.fine("ada", {"sync"});
    site.killServer();

    const std::string question = site.fine("ada", {"list", "Lab"})[0]["id"];
    site.fine("ada", {"comment", question, "--body", "Over the *Alps*."});
    CHECK(site.fine("ada", {"status"})["waiting"] == 1);
    CHECK(site.cli("ada", {"sync"}).exitCode == 1);
    CHECK(site.fine("ada", {"search", "alps"})["hits"].size() == 1);

    site.serve();
    site.fine("ada", {"sync"});
    site.fine("ben", {"sync"});
    CHECK(site.cli("ben", {"show", question}).out.find("Over the *Alps*.") != std::string::npos);
    checkAllEqual(site, {"ada", "ben"}, 1);
}

TEST_CASE("killed in the middle of anything, everybody ends with the same")
{
    Site site;
    site.addPerson("ben");
    site.addPerson("cleo");
    site.admin({"space", "add", "Lab", "--visibility", "open"});
    site.serve();
    for (const char* name : {"ada", "ben", "cleo"})
        site.join(name);
    for (const char* name : {"ada", "ben"})
        site.fine(name, {"sync"});
    site.killServer();
    const int each = 40;
    for (int i = 0; i < each; ++i)
        for (const char* name : {"ada", "ben"})
            site.fine(name, {"ask", "Lab", "--title", name + std::to_string(i), "--body", std::string(5'000, 'x')});

    site.serve();
    killWhileItSays(site, "ada", "Sending");
    killWhileItSays(site, "ada", "Connecting");
    {
        Process syncing(site.command("ben", {"sync"}));
        site.server().waitForLine("event=signed_in");
        site.killServer();
        syncing.wait();
    }
    site.serve();
    site.fine("ada", {"sync"});
    site.server().waitForLine("event=signed_in"); // hers
    {
        Process syncing(site.command("cleo", {"sync"}));
        site.server().waitForLine("event=signed_in");
        syncing.signal(SIGKILL);
        syncing.wait();
    }
    checkAllEqual(site, {"ada", "ben", "cleo"}, 2 * each);
}

TEST_CASE("two programs on one profile, and a profile that is not there, are told in a sentence")
{
    Site site;
    site.serve();
    site.join("ada");
    const Finished nothing = site.cli("nobody", {"list", "Lab"});
    CHECK(nothing.exitCode != 0);
    CHECK(nothing.err.find("join") != std::string::npos);
    site.server().signal(SIGSTOP); // answers nobody
    auto command = site.command("ada", {"sync"});
    std::erase(command, "--json");
    Process waiting(command);
    waiting.waitForLine("Connecting");
    const Finished second = site.cli("ada", {"sync"});
    CHECK(second.exitCode == 1);
    CHECK(second.err.find("Another program") != std::string::npos);
    site.server().signal(SIGCONT);
}
