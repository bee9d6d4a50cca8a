// Several people write in one page, each a process of its own, with and without a network.

#include <filesystem>
#include <set>

#include "tests/e2e/site.h"

using namespace stoa::test;

namespace {

const std::string start = "# Onboarding\n\n"
                          "Ask Ben for a key.\n\n"
                          "Lunch is at twelve, in the canteen on the ground floor.\n\n"
                          "The tools are on the second floor.\n";

// Ada, Ben and Cleo over one page in an open space, all three with a copy of it.
struct OnePage : Site {
    OnePage()
    {
        addPerson("ben");
        addPerson("cleo");
        admin({"space", "add", "Lab", "--visibility", "open"});
        const auto folder = directory().path() / "pages";
        std::filesystem::create_directories(folder);
        std::ofstream(folder / "onboarding.md") << start;
        admin({"import", "markdown", folder.string(), "--space", "Lab"});
        serve();
        for (const char* name : everybody) {
            join(name);
            fine(name, {"sync"});
        }
        page = fine("ada", {"list", "Lab", "--kind", "page"})[0]["id"];
        write("ada", start);
        exchange();
    }

    std::string body(const std::string& name) { return fine(name, {"show", page})["body"]; }
    void write(const std::string& name, const std::string& text)
    {
        const auto file = directory().path() / (name + ".md");
        std::ofstream(file) << text;
        fine(name, {"edit", page, "--file", file.string()});
    }
    // In the body that this person sees.
    void replace(const std::string& name, const std::string& old, const std::string& now)
    {
        std::string text = body(name);
        const size_t at = text.find(old);
        INFO(old << " in " << text);
        REQUIRE(at != std::string::npos);
        write(name, text.replace(at, old.size(), now));
    }
    // Without --json, which tells nothing before the end: killed once it says that it sends.
    Process sending(const std::string& name)
    {
        auto command = this->command(name, {"sync"});
        std::erase(command, "--json");
        return Process(command);
    }
    // What each has written reaches all the others.
    void exchange()
    {
        for (int round = 0; round < 2; ++round)
            for (const char* name : everybody)
                fine(name, {"sync"});
    }
    void checkAllEqual()
    {
        exchange();
        const std::string all = body("ada");
        for (const char* name : everybody) {
            CHECK(body(name) == all);
            const Json status = fine(name, {"status"});
            INFO(name << ": " << status.dump());
            CHECK(status["digests_equal"] == true);
            CHECK(status["waiting"] == 0);
            CHECK(status["refused"] == 0);
        }
        CHECK(admin({"check"})["ok"] == true);
    }

    static constexpr const char* everybody[] = {"ada", "ben", "cleo"};
    std::string page;
};

size_t countOf(const std::string& text, const std::string& part)
{
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

} // namespace

TEST_CASE("two people rewrite parts of one page on two planes while a third writes at the desk, and it holds all of it")
{
    OnePage site;
    REQUIRE(site.body("ada") == start);
    site.killServer();

    // A week of small steps, some of them taken back.
    site.replace("ada", "Ask Ben for a key.", "Ask Ben or Ada for a key.");
    site.replace("ada", "The tools are", "All tools are");
    site.replace("ada", "All tools are", "The tools for wood are");
    site.replace("ben", "Lunch is at twelve", "Lunch is at half past twelve");
    site.replace("ben", "# Onboarding", "# Onboarding in the Lab");
    CHECK(site.fine("ada", {"status"})["waiting"] == 1); // what was not sent is one change

    site.serve();
    site.replace("cleo", "in the canteen on the ground floor", "in the garden");
    site.replace("cleo", "on the second floor.\n", "on the second floor.\n\nWho leaves last puts out the light.\n");
    site.fine("cleo", {"sync"});

    SECTION("all goes well") {}
    SECTION("programs are killed in the middle of it")
    {
        Process syncing = site.sending("ada");
        syncing.waitForLine("Sending");
        syncing.signal(SIGKILL);
        syncing.wait();
        site.killServer();
        site.replace("ada", "or Ada", "or Cleo");
        site.serve();
        site.fine("ada", {"sync"});
        site.replace("ada", "or Cleo", "or Ada");
    }
    site.checkAllEqual();
    CHECK(site.body("cleo") == "# Onboarding in the Lab\n\n"
                               "Ask Ben or Ada for a key.\n\n"
                               "Lunch is at half past twelve, in the garden.\n\n"
                               "The tools for wood are on the second floor.\n\n"
                               "Who leaves last puts out the light.\n");

    // Who wrote it is told, and each text that it was: also without a network once somebody has looked.
    const Json history = site.fine("ben", {"history", site.page});
    REQUIRE(history.size() >= 3);
    CHECK(history.front()["authors"] == Json::parse(R"([{"id": null, "name": null}])")); // the import
    std::set<std::string> authors;
    for (const Json& work : history)
        for (const Json& each : work["authors"])
            if (!each["id"].is_null())
                authors.insert(each["name"]);
    CHECK(authors.contains("ada"));
    CHECK(authors.contains("ben"));
    CHECK(authors.contains("cleo"));
    site.killServer();
    const auto then = [&](const Json& at) {
        return std::string(site.fine("ben", {"history", site.page, "--at", std::to_string(at.get<int>())})["body"]);
    };
    CHECK(then(history.back()["at"]) == site.body("ben"));
    CHECK(then(history.front()["at"]).find("Onboarding in the Lab") == std::string::npos);
    CHECK(site.cli("ada", {"history", site.page}).err.find("not looked at before") != std::string::npos);
    CHECK(site.cli("ben", {"history", site.page, "--at", "1000"}).exitCode == 2);
}

TEST_CASE(
    "two rewrite the same passages for a week on two planes, a third writes at the desk, and programs are killed: "
    "nothing is lost")
{
    OnePage site;
    const std::string lunch = "Lunch is at twelve, in the canteen on the ground floor.";
    const std::string days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    // Both come back to their own text of one passage each day, and add to another one. Nobody syncs but Cleo.
    std::string adas = lunch, bens = lunch;
    std::vector<std::string> written{"The tools are on the second floor.", "# Onboarding"};
    for (const std::string& day : days) {
        const auto rewrite = [&](const char* name, std::string& passage, const std::string& now) {
            site.replace(name, passage, now);
            passage = now;
        };
        rewrite("ada", adas, "Ada cooks upstairs since " + day + "!");
        rewrite("ben", bens, "Ben says: bring bread since " + day + "?");
        const std::string note = "Ada's note of " + day + ".";
        site.replace("ada", "# Onboarding\n\n", "# Onboarding\n\n" + note + "\n\n");
        written.push_back(note);
        written.push_back("Ben's note of " + day + ".");
        site.replace("ben", "Ask Ben for a key.", "Ask Ben for a key. " + written.back());
        written.push_back("Cleo's note of " + day + ".");
        site.replace("cleo", "in the canteen", "in the canteen (" + written.back() + ")");
        if (day == "Wednesday") {
            // The server dies while Cleo sends, and she goes on by herself once it is there again.
            Process syncing = site.sending("cleo");
            syncing.waitForLine("Sending");
            site.killServer();
            site.serve();
            CHECK(syncing.wait().exitCode == 0);
        } else {
            site.fine("cleo", {"sync"});
        }
    }
    written.push_back(adas);
    written.push_back(bens);
    for (const char* name : {"ada", "ben"})
        CHECK(site.fine(name, {"status"})["waiting"] == 1); // a week without a network is one change

    // Ada's program dies while she comes back, and Ben's while the server dies as well.
    {
        Process syncing = site.sending("ada");
        syncing.waitForLine("Sending");
        syncing.signal(SIGKILL);
        syncing.wait();
    }
    {
        Process syncing = site.sending("ben");
        syncing.waitForLine("Sending");
        site.killServer();
        syncing.signal(SIGKILL);
        syncing.wait();
    }
    site.serve();
    site.checkAllEqual();
    const std::string body = site.body("cleo");
    for (const std::string& part : written) {
        INFO(part << " in " << body);
        CHECK(countOf(body, part) == 1);
    }
    CHECK(countOf(body, lunch) == 0);
    CHECK(site.fine("cleo", {"show", site.page})["contested"].size() > 0);
}

TEST_CASE("where two rewrote one passage both texts stay")
{
    OnePage site;
    site.killServer();
    site.replace("ada", "Ask Ben for a key.", "Doors open by card since May!");
    site.replace("ben", "Ask Ben for a key.", "Nobody locks up now?");
    site.serve();
    site.checkAllEqual();
    const std::string body = site.body("cleo");
    CHECK(countOf(body, "Doors open by card since May!") == 1);
    CHECK(countOf(body, "Nobody locks up now?") == 1);
    CHECK(countOf(body, "The tools are on the second floor.") == 1);

    // It is told until somebody says that it is one text now.
    const auto contested = [&](const std::string& name) {
        return site.fine(name, {"show", site.page})["contested"].size();
    };
    for (const char* name : OnePage::everybody) {
        REQUIRE(contested(name) == 1);
        const auto versions = site.fine(name, {"show", site.page})["contested"][0];
        REQUIRE(versions.size() == 2);
        CHECK(body.find(versions[0].get<std::string>() + versions[1].get<std::string>()) != std::string::npos);
    }
    site.fine("ben", {"edit", site.page, "--file", (site.directory().path() / "ada.md").string(), "--resolved"});
    site.checkAllEqual();
    for (const char* name : OnePage::everybody)
        CHECK(contested(name) == 0);
}

TEST_CASE("who asked rewrites their question without a network, and a server that was killed has what it confirmed")
{
    OnePage site;
    site.page = site.fine("ada", {"ask", "Lab", "--title", "Where?", "--body", "Somewhere."})["target"];
    site.write("ada", "Somewhere on the ground floor."); // before the question itself was sent
    CHECK(site.body("ada") == "Somewhere on the ground floor.");
    site.exchange();
    CHECK(site.body("ben") == "Somewhere on the ground floor.");
    site.write("ada", "Somewhere on the second floor.");
    site.fine("ada", {"sync"});
    site.killServer();
    site.serve();
    site.checkAllEqual();
    CHECK(site.body("cleo") == "Somewhere on the second floor.");
}

TEST_CASE("what cannot be written is told in a sentence")
{
    OnePage site;
    const auto refused = [&](const std::string& name, const std::string& post, const std::string& file) {
        const Finished done = site.cli(name, {"edit", post, "--file", file});
        CHECK(done.exitCode != 0);
        return done.err;
    };
    const std::string question = site.fine("ada", {"ask", "Lab", "--title", "Mine?"})["target"];
    site.exchange();
    const auto file = site.directory().path() / "text.md";
    std::ofstream(file) << "Not yours.";
    CHECK_FALSE(refused("ben", question, file.string()).empty());
    CHECK_FALSE(refused("ben", site.page, (site.directory().path() / "missing.md").string()).empty());
    CHECK_FALSE(refused("ben", "00000000", file.string()).empty());
    std::ofstream(file) << std::string(3'000'000, 'x');
    CHECK_FALSE(refused("ben", site.page, file.string()).empty());
    std::ofstream(file) << "\xff\xfe";
    CHECK_FALSE(refused("ben", site.page, file.string()).empty());
    CHECK(site.body("ben") == start);
    CHECK(site.fine("ben", {"outbox"}).empty());
}

TEST_CASE("a page asks for review: what one proposes another one approves, and all confirm that they read it")
{
    OnePage site;
    site.admin({"member", "add", "ada", "--space", "Lab", "--role", "owner"});
    site.admin({"member", "add", "ben", "--space", "Lab", "--role", "reader"});
    site.exchange();
    site.fine("ada", {"review", "Lab", "on"});
    site.fine("ada", {"review", site.page, "as-space", "--by", "cleo"});
    site.fine("ada", {"require", site.page});
    site.exchange();
    CHECK(site.fine("ben", {"confirm"}).size() == 1);
    site.fine("ben", {"confirm", site.page});
    CHECK(site.fine("ben", {"confirm"}).empty());

    const auto file = site.directory().path() / "draft.md";
    std::string draft = site.body("ben");
    draft.replace(draft.find("twelve"), 6, "noon");
    std::ofstream(file) << draft;
    CHECK(site.cli("ada", {"edit", site.page, "--file", file.string()}).exitCode == 1);
    CHECK(site.cli("ben", {"propose", site.page, "--reason", "", "--file", file.string()}).exitCode == 1);
    const auto past =
        site.cli("ben", {"propose", site.page, "--reason", "x", "--file", file.string(), "--on", "2020-02-29"});
    CHECK(past.exitCode == 2);
    CHECK(past.err.find("2020-02-29 has passed") != std::string::npos);
    CHECK(site.cli("ben", {"propose", site.page, "--reason", "x", "--file", file.string(), "--on", "soon"}).exitCode ==
          2);
    const std::string proposal =
        site.fine("ben", {"propose", site.page, "--reason", "It moved", "--file", file.string()})["target"];
    CHECK(site.cli("ben", {"approve", proposal}).exitCode == 1);
    std::ofstream(file) << site.body("ada") + "\nAsk Cleo.\n";
    const std::string other =
        site.fine("ada", {"propose", site.page, "--reason", "Who knows", "--file", file.string()})["target"];
    site.exchange();
    CHECK(site.fine("cleo", {"proposals"}).size() == 2);
    CHECK(site.cli("ada", {"approve", proposal}).exitCode == 1); // Cleo is named
    site.fine("cleo", {"ask-for-changes", proposal});
    CHECK(site.fine("cleo", {"proposals"}).size() == 1);
    site.fine("cleo", {"approve", proposal});
    CHECK(site.body("cleo") != draft); // the server says when
    site.exchange();
    CHECK(site.body("cleo") == draft);
    CHECK(run({"stoa-cli", "--profile", site.profile("ada"), "history", other}).out.find("Moved with its page") !=
          std::string::npos);
    Json closed = site.fine("ben", {"proposals", site.page});
    REQUIRE(closed.size() == 2);
    closed = closed[closed[0]["id"] == proposal ? 0 : 1];
    CHECK(closed["state"] == "In effect");
    CHECK(closed["reason"] == "It moved");
    CHECK(site.cli("ben", {"withdraw", proposal}).exitCode == 1);
    REQUIRE(site.fine("ben", {"confirm"}).size() == 1);
    CHECK(site.fine("ben", {"confirm"})[0]["confirmed_before"] == true);
    site.checkAllEqual();
}
