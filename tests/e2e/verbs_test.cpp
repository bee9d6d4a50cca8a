// What a person does on the command line, verb by verb, without a network unless it says so.

#include <filesystem>
#include <set>

#include "client/replica/database.h"
#include "client/replica/schema.h"
#include "tests/e2e/site.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// Ada and Ben over one open space, both signed in.
struct Colleagues : Site {
    Colleagues()
    {
        addPerson("ben");
        admin({"space", "add", "Lab", "--visibility", "open"});
        serve();
        for (const char* name : {"ada", "ben"}) {
            join(name);
            fine(name, {"sync"});
        }
    }
    // What each has written reaches the other.
    void exchange()
    {
        for (const char* name : {"ada", "ben", "ada"})
            fine(name, {"sync"});
    }
    std::string made(const std::string& name, const std::vector<std::string>& words)
    {
        return fine(name, words)["target"];
    }
    std::set<std::string> titles(const std::vector<std::string>& words)
    {
        std::set<std::string> all;
        for (const Json& post : fine("ada", words))
            all.insert(post["title"]);
        return all;
    }
};

using Titles = std::set<std::string>;

} // namespace

TEST_CASE("a question goes its way: asked, answered, voted for, accepted, bookmarked")
{
    Colleagues site;
    const std::string question = site.made("ada", {"ask", "Lab", "--title", "Why?", "--tag", "sky", "--tag", "blue"});
    site.exchange();
    const std::string answer = site.made("ben", {"answer", question.substr(0, 16), "--body", "Because *so*."});
    site.fine("ben", {"vote", question, "+1"});
    site.exchange();
    site.fine("ada", {"accept", answer});
    site.fine("ada", {"bookmark", question});
    site.fine("ada", {"vote", answer, "1"});

    // At once, before anything was sent.
    Json shown = site.fine("ada", {"show", answer});
    CHECK(shown["id"] == question);
    CHECK(shown["accepted"] == answer);
    CHECK(shown["bookmarked"] == true);
    CHECK(shown["score"] == 1);
    CHECK(shown["tags"] == Json::array({"sky", "blue"}));
    REQUIRE(shown["answer_list"].size() == 1);
    CHECK(shown["answer_list"][0]["body"] == "Because *so*.");
    CHECK(shown["answer_list"][0]["score"] == 1);
    CHECK(site.fine("ada", {"outbox"}).size() == 3);

    site.exchange();
    CHECK(site.fine("ada", {"outbox"}).empty());
    shown = site.fine("ben", {"show", question});
    CHECK(shown["accepted"] == answer);
    CHECK(shown["bookmarked"] == false); // Ada's own
    CHECK(shown["answer_list"][0]["score"] == 1);
    site.fine("ada", {"vote", answer, "0"});
    site.fine("ada", {"bookmark", question, "--off"});
    shown = site.fine("ada", {"show", question});
    CHECK(shown["answer_list"][0]["score"] == 0);
    CHECK(shown["bookmarked"] == false);

    const Finished own = site.cli("ada", {"vote", question, "-1"});
    CHECK(own.exitCode == 1); // one's own is for others to vote on
    CHECK(own.err.size() > 20);
    CHECK(site.cli("ada", {"vote", answer, "2"}).exitCode == 2);
    CHECK(site.cli("ada", {"accept", question}).exitCode == 1);
    CHECK(site.cli("ada", {"answer", "00000000", "--body", "x"}).exitCode == 1);
    CHECK(site.cli("ada", {"show", "nothing"}).exitCode == 2);
    // A script reads why where it reads the rest.
    CHECK(Json::parse(own.out)["ok"] == false);
    CHECK(Json::parse(own.out)["message"].get<std::string>() + "\n" == own.err);
}

TEST_CASE("spaces and lists: by space, kind, tag, order, and what is unanswered, bookmarked or one's own")
{
    Colleagues site;
    site.admin({"space", "add", "Depot", "--visibility", "open"});
    site.exchange();
    const std::string first = site.made("ada", {"ask", "Lab", "--title", "First", "--tag", "red"});
    const std::string second = site.made("ben", {"ask", "Lab", "--title", "Second", "--tag", "blue"});
    site.made("ada", {"ask", "Depot", "--title", "Third", "--tag", "red"});
    site.exchange();
    const std::string answer = site.made("ben", {"answer", first, "--body", "Yes."});
    site.exchange();
    site.made("ada", {"comment", answer, "--body", "Thanks."});
    site.fine("ada", {"vote", second, "1"});
    site.fine("ada", {"bookmark", second});

    const Json spaces = site.fine("ada", {"spaces"});
    REQUIRE(spaces.size() == 2);
    CHECK(spaces[0]["name"] == "Depot");
    CHECK(spaces[1]["name"] == "Lab");
    CHECK(spaces[1]["visibility"] == "open");
    CHECK(spaces[1]["questions"] == 2);
    CHECK(spaces[1]["complete"] == true);

    CHECK(site.titles({"list"}) == Titles{"First", "Second", "Third"});
    CHECK(site.titles({"list", "Lab"}) == Titles{"First", "Second"});
    CHECK(site.titles({"list", spaces[0]["id"]}) == Titles{"Third"});
    CHECK(site.titles({"list", "--tag", "red"}) == Titles{"First", "Third"});
    CHECK(site.titles({"list", "--mine"}) == Titles{"First", "Third"});
    CHECK(site.titles({"list", "--bookmarked"}) == Titles{"Second"});
    CHECK(site.titles({"list", "--limit", "1"}).size() == 1);
    CHECK(site.fine("ada", {"list", "--order", "score"})[0]["title"] == "Second");
    CHECK(site.fine("ada", {"list", "--order", "newest"})[0]["title"] == "Third");
    site.exchange();
    CHECK(site.titles({"list", "--unanswered"}) == Titles{"Second", "Third"});
    CHECK(site.fine("ada", {"list", "--order", "activity"})[0]["title"] == "First");
    CHECK(site.cli("ada", {"list", "Moon"}).exitCode == 1);
    CHECK(site.cli("ada", {"list", "--kind", "poem"}).exitCode == 2);
}

TEST_CASE("the outbox is read, and a change is withdrawn as long as it was not sent")
{
    Colleagues site;
    const Json stored = site.fine("ada", {"ask", "Lab", "--title", "Why?", "--body", "Words."});
    Json rows = site.fine("ada", {"outbox"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["id"] == stored["change"]);
    CHECK(rows[0]["state"] == "waiting");
    CHECK(rows[0]["text"].get<std::string>().find("Words.") != std::string::npos);
    const std::string change = stored["change"];
    site.fine("ada", {"outbox", "--discard", change.substr(0, 20)});
    CHECK(site.fine("ada", {"outbox"}).empty());
    CHECK(site.fine("ada", {"list"}).empty());
    CHECK(site.cli("ada", {"outbox", "--discard", change}).err.find("no change") != std::string::npos);
}

TEST_CASE("removed from a space while away: the own words stay as a refusal, the space goes, and sync ends")
{
    Colleagues site;
    site.admin({"space", "add", "Board", "--visibility", "private"});
    site.admin({"member", "add", "ben", "--space", "Board", "--role", "contributor"});
    site.exchange();
    site.fine("ben", {"ask", "Board", "--title", "Who decides?", "--body", "I would like to know."});
    site.admin({"member", "remove", "ben", "--space", "Board"});

    const Finished synced = site.cli("ben", {"sync", "--seconds", "30"});
    CHECK(synced.exitCode == 1);
    CHECK(synced.err.find("Refused: 1") != std::string::npos);
    CHECK(Json::parse(synced.out)["spaces"] == 1);
    const Json rows = site.fine("ben", {"outbox"});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["state"] == "refused");
    CHECK(rows[0]["code"] == "not_found");
    CHECK(rows[0]["text"].get<std::string>().find("I would like to know.") != std::string::npos);
    CHECK(site.cli("ben", {"search", "decides"}).out.find("Who decides") == std::string::npos);
    site.fine("ben", {"outbox", "--discard", rows[0]["id"]});
    site.fine("ben", {"sync"});
}

TEST_CASE("pages are moved and deleted, and what cannot be is said")
{
    Colleagues site;
    std::filesystem::create_directory(site.directory().path() / "pages");
    for (const char* name : {"Travel", "Expenses", "Trains"})
        std::ofstream(site.directory().path() / "pages" / (std::string(name) + ".md")) << "# " << name << "\n\nText.\n";
    site.admin({"import", "markdown", (site.directory().path() / "pages").string(), "--space", "Lab"});
    site.admin({"member", "add", "ada", "--space", "Lab", "--role", "moderator"});
    site.exchange();
    std::map<std::string, std::string> ids;
    for (const Json& page : site.fine("ada", {"list", "Lab", "--kind", "page"}))
        ids[page["title"]] = page["id"];
    REQUIRE(ids.size() == 3);
    const auto fails = [&](const char* who, const std::vector<std::string>& words, int code, const char* why) {
        const Finished done = site.cli(who, words);
        INFO(done.out << done.err);
        CHECK(done.exitCode == code);
        CHECK(done.err.find(why) != std::string::npos);
    };

    site.fine("ben", {"move", ids["Trains"], "--under", ids["Expenses"]}); // any contributor
    site.fine("ben", {"move", ids["Expenses"], "--under", ids["Travel"]});
    CHECK(site.fine("ben", {"move", ids["Expenses"], "--under", ids["Travel"]})["change"].is_null());
    fails("ben", {"move", ids["Travel"], "--under", ids["Trains"]}, 1, "below itself");
    fails("ben", {"move", ids["Travel"], "--under", ids["Travel"]}, 1, "below itself");
    fails("ben", {"move", ids["Travel"]}, 2, "--under");
    fails("ben", {"move", "00000000", "--top"}, 1, "no post");
    fails("ben", {"delete", ids["Trains"]}, 1, "moderator");
    fails("ben", {"delete", "00000000"}, 1, "no post");
    site.exchange();
    site.exchange();

    fails("ada", {"delete", ids["Expenses"]}, 1, "--all");
    site.fine("ada", {"move", ids["Expenses"], "--top"});
    // What has not left the device is taken back.
    site.fine("ada", {"outbox", "--discard", site.fine("ada", {"delete", ids["Travel"]})["change"]});
    CHECK(site.fine("ada", {"show", ids["Travel"]})["title"] == "Travel");
    site.fine("ada", {"delete", ids["Expenses"], "--all"});
    fails("ada", {"delete", ids["Expenses"]}, 1, "no post");
    site.exchange();
    site.exchange();
    CHECK(site.titles({"list", "Lab", "--kind", "page"}) == Titles{"Travel"});
    CHECK(site.fine("ada", {"outbox"}).empty());
    CHECK(site.fine("ben", {"list", "Lab", "--kind", "page"}).size() == 1);
}

TEST_CASE("what was refused is read, and kept as something else")
{
    Colleagues site;
    site.admin({"space", "add", "Board", "--visibility", "private"});
    site.admin({"member", "add", "ben", "--space", "Board", "--role", "contributor"});
    std::filesystem::create_directory(site.directory().path() / "pages");
    std::ofstream(site.directory().path() / "pages" / "Minutes.md") << "# Minutes\n\nShort.\n";
    site.admin({"import", "markdown", (site.directory().path() / "pages").string(), "--space", "Board"});
    site.exchange();
    const std::string page = site.fine("ben", {"list", "Board", "--kind", "page"})[0]["id"];
    const std::string file = (site.directory().path() / "new.md").string();
    std::ofstream(file) << "Longer by my words.\n";
    site.fine("ben", {"edit", page, "--file", file});

    SECTION("by whoever may still read the page")
    {
        site.admin({"member", "add", "ben", "--space", "Board", "--role", "reader"});
        CHECK(site.cli("ben", {"sync"}).exitCode == 1);
        const Json rows = site.fine("ben", {"outbox"});
        REQUIRE(rows.size() == 1);
        CHECK(rows[0]["happened"].get<std::string>().find("still read") != std::string::npos);
        CHECK(rows[0]["keep"] == Json::array({"proposal"}));
        const std::string change = rows[0]["id"];
        CHECK(site.fine("ben", {"outbox", "--text", change})["text"] == "Longer by my words.\n");
        CHECK(site.cli("ben", {"keep", change, "--as", "comment"}).exitCode == 1);
        CHECK(site.cli("ben", {"keep", change, "--as", "poem"}).exitCode == 2);
        const std::string made = site.made("ben", {"keep", change, "--as", "proposal", "--reason", "More of it"});
        site.fine("ben", {"sync"});
        CHECK(site.fine("ben", {"outbox"}).empty());
        CHECK(site.fine("ben", {"proposals", page})[0]["id"] == made);
        CHECK(site.fine("ben", {"proposals", page})[0]["reason"] == "More of it");
    }
    SECTION("by whoever does not see it any more")
    {
        site.admin({"member", "remove", "ben", "--space", "Board"});
        CHECK(site.cli("ben", {"sync"}).exitCode == 1);
        const Json rows = site.fine("ben", {"outbox"});
        REQUIRE(rows.size() == 1);
        CHECK(rows[0]["keep"].empty());
        const std::string change = rows[0]["id"];
        CHECK(site.cli("ben", {"keep", change, "--as", "page"}).err.find("--in SPACE") != std::string::npos);
        CHECK(site.fine("ben", {"outbox"}).size() == 1);
        site.made("ben", {"keep", change, "--as", "page", "--in", "Lab", "--title", "My minutes"});
        site.exchange();
        site.exchange();
        CHECK(site.fine("ben", {"outbox"}).empty());
        CHECK(site.titles({"list", "Lab", "--kind", "page"}) == Titles{"My minutes"});
    }
}

TEST_CASE("a text that is empty or none, and a word that is no verb, are told from what is meant")
{
    Colleagues site;
    const std::string question = site.made("ada", {"ask", "Lab", "--title", "Why?", "--body", "Words."});
    const std::string file = (site.directory().path() / "text.md").string();
    const auto fails = [&](const std::vector<std::string>& words, const char* why) {
        const Finished done = site.cli("ada", words);
        INFO(done.out << done.err);
        CHECK(done.exitCode == 2);
        CHECK(done.err.find(why) != std::string::npos);
    };
    std::ofstream(file) << "\n";
    fails({"edit", question, "--file", file}, "--empty");
    std::ofstream(file) << std::string("Wo\0rds", 6);
    fails({"edit", question, "--file", file}, "its byte 3 is zero");
    CHECK(site.fine("ada", {"show", question})["body"] == "Words.");
    std::ofstream(file) << "";
    site.fine("ada", {"edit", question, "--file", file, "--empty"});
    CHECK(site.fine("ada", {"show", question})["body"] == "");

    fails({"nonsense"}, "“nonsense” is no command. “stoa-cli --help” lists them.");
    fails({"edit"}, "id is required");
}

TEST_CASE("a copy that somebody signed out of is neither read nor written for them")
{
    Colleagues site;
    site.fine("ada", {"ask", "Lab", "--title", "Mine?"});
    Database(site.profile("ada") + "/replica.db", Database::Mode::Write)
        .run("INSERT OR REPLACE INTO meta(key, value) VALUES('signed_out', '1')");
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"status"}, {"list"}, {"outbox"}, {"search", "mine"}, {"ask", "Lab", "--title", "x"}}) {
        const Finished done = site.cli("ada", words);
        CHECK(done.exitCode == 1);
        CHECK(done.err.find("signed out") != std::string::npos);
        CHECK(done.out.find("Mine") == std::string::npos);
    }
    CHECK(site.cli("ada", {"sync"}).exitCode == 1);
}

TEST_CASE("a damaged or a newer copy is told in a sentence, and the damaged one comes back whole")
{
    Colleagues site;
    site.fine("ada", {"ask", "Lab", "--title", "Unsent?"});
    const std::string replica = site.profile("ada") + "/replica.db";
    SECTION("damaged")
    {
        Database(replica, Database::Mode::Write).run("PRAGMA wal_checkpoint(TRUNCATE)");
        std::fstream(replica, std::ios::in | std::ios::out | std::ios::binary) << std::string(100, 'x');
        for (const auto& words : std::vector<std::vector<std::string>>{{"spaces"}, {"list"}, {"status"}}) {
            const Finished read = site.cli("ada", words);
            CHECK(read.exitCode == 1);
            CHECK(read.err.find("is damaged. “stoa-cli sync”") != std::string::npos);
        }
        CHECK(site.fine("ada", {"sync"})["digests_equal"] == true);
        CHECK(site.fine("ada", {"spaces"}).size() == 1);
    }
    SECTION("newer")
    {
        const auto setVersion = [&](int version) {
            Database(replica, Database::Mode::Write).run(("PRAGMA user_version = " + std::to_string(version)).c_str());
        };
        setVersion(replicaSchemaVersion + 1);
        for (const auto& words :
             std::vector<std::vector<std::string>>{{"spaces"}, {"outbox"}, {"ask", "Lab", "--title", "x"}, {"sync"}}) {
            const Finished read = site.cli("ada", words);
            CHECK(read.exitCode == 1);
            CHECK(read.err.find("newer version") != std::string::npos);
        }
        setVersion(replicaSchemaVersion);
        Database(replica, Database::Mode::Write).run("UPDATE meta SET value = '1' WHERE key = 'projections'");
        CHECK(site.cli("ada", {"list"}).err.find("makes its lists anew") != std::string::npos);
        site.server().signal(SIGTERM);
        site.server().wait();
        CHECK(site.cli("ada", {"sync"}).exitCode == 1);  // there is no network, and it is not needed
        CHECK(site.fine("ada", {"outbox"}).size() == 1); // nothing was changed
    }
}

TEST_CASE("a copy whose file was altered is noticed, fetched anew, and both programs keep what they know of it")
{
    Colleagues site;
    const std::string question = site.made("ada", {"ask", "Lab", "--title", "Canary?"});
    site.exchange();
    const std::string answer = site.made("ben", {"answer", question, "--body", "Because canary."});
    site.fine("ben", {"sync"});
    {
        const Database file(site.profile("ben") + "/replica.db", Database::Mode::Write);
        Statement(file, "UPDATE records SET bytes = CAST(bytes || x'c03e01' AS BLOB) WHERE id = ?")
            .bindBlob(Id::fromHex(question)->view())
            .run();
        REQUIRE(file.changedRows() == 1);
    }
    site.fine("ada", {"sync"});
    site.fine("ada", {"accept", answer});
    site.fine("ada", {"sync"});
    site.fine("ben", {"sync"});
    CHECK(site.fine("ben", {"show", question})["accepted"] == answer);
    const Json status = site.fine("ben", {"status"});
    CHECK(status["digests_equal"] == true);
    CHECK(status["black_boxes"] == 1);

    // The server writes beside its work.
    Json checked = site.admin({"check"});
    for (int i = 0; i < 100 && checked["black_boxes"] == 0; ++i)
        checked = site.admin({"check"});
    CHECK(checked["problems"].empty());
    for (const std::string& folder : {site.profile("ben"), site.data()}) {
        size_t files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder + "/blackbox")) {
            ++files;
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string text(std::istreambuf_iterator<char>(file), {});
            CHECK(text.find(" cause=digest ") != std::string::npos);
            CHECK(text.find(" told=") != std::string::npos);
            CHECK(text.find("batch feed=s") != std::string::npos);
            CHECK(text.find("anary") == std::string::npos);
        }
        CHECK(files == 1);
    }
}
