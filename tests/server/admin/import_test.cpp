// Imports as an admin runs them: against a real store, and through a running server.

#include <sys/resource.h>

#include <csignal>

#include "server/store/sqlite/sqlite_store.h"
#include "tests/server/admin/machine.h"
#include "tests/shared/import/import_world.h"

namespace stoa {

namespace {

using test::Finished;
using test::Json;
using test::Machine;
using test::Process;
using test::Serving;

class Importing : public Machine {
public:
    Importing() { space = fine({"space", "add", "Lab"})["space"]; }

    std::vector<std::string> command(const std::string& kind, const std::filesystem::path& source) const
    {
        return {"import", kind, source.string(), "--space", "Lab"};
    }
    Json import(const std::string& kind, const std::string& source) { return fine(command(kind, folder(source))); }

    // What the store holds by its key in the source; the server must not run.
    v1::Record byKey(const std::string& key) const
    {
        const auto store = openSqliteStore(data() + "/stoa.db");
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        v1::Record found;
        snapshot->rawRecords([&](const RawRecord& row) {
            v1::Record record;
            REQUIRE(record.ParseFromArray(row.bytes.data(), static_cast<int>(row.bytes.size())));
            if (record.source().key() == key)
                found = record;
        });
        REQUIRE(found.source().key() == key);
        return found;
    }
    size_t records() { return fine({"check"})["records"]; }

    // `count` small pages below a section.
    void writePages(size_t count) const
    {
        for (size_t i = 0; i < count; ++i)
            write("many/p" + std::to_string(i) + ".md", std::string(1000, 'x'));
    }
    void writeDump(const std::string& question, const std::string& person) const
    {
        write("dump/Posts.xml",
              "<posts>\n<row Id=\"1\" PostTypeId=\"1\" CreationDate=\"2011-10-11T19:42:20\" Title=\"Why?\" Body=\"b\" "
              "OwnerUserId=\"7\" " +
                  question +
                  "/>\n<row Id=\"2\" PostTypeId=\"2\" ParentId=\"1\" CreationDate=\"2011-10-12T00:00:00\" "
                  "Body=\"a\"/>\n</posts>\n");
        write("dump/Users.xml", "<users>\n<row Id=\"7\" CreationDate=\"2011-10-11T00:00:00\" DisplayName=\"Ann\" " +
                                    person + "/>\n</users>\n");
    }

    std::string space;
};

bool answers(const Json& answer, const std::string& words)
{
    return answer["message"].get<std::string>().find(words) != std::string::npos;
}

} // namespace

TEST_CASE("a dry run says what would be done and stores nothing")
{
    Importing machine;
    machine.write("pages/a.md", "[b](b.md)");
    machine.write("pages/b.md", "B");
    const size_t before = machine.records();
    const Json answer =
        machine.fine({"import", "markdown", machine.folder("pages").string(), "--space", "Lab", "--dry-run"});
    CHECK(answer["dry_run"] == true);
    CHECK(answer["changes"] == 2);
    CHECK(answer["accepted"] == 0);
    CHECK(answer["report"]["counts"]["created"] == 2);
    CHECK(answers(answer, "2 changes would be made in \"Lab\""));
    CHECK(machine.records() == before);

    machine.write("start/space.yaml", "name: Start\n");
    machine.fine({"import", "space", machine.folder("start").string(), "--dry-run"});
    CHECK(machine.records() == before);
}

TEST_CASE("importing twice changes nothing, whether or not the server runs")
{
    Importing machine;
    machine.write("pages/a.md", "[b](b.md)");
    machine.write("pages/b.md", "B");
    machine.writeDump("AcceptedAnswerId=\"2\"", "AboutMe=\"me\"");
    machine.write("start/space.yaml", "name: Start\n");
    machine.write("start/questions.yaml", "- {title: Why, author: ana}\n");
    const auto all = [&] {
        size_t changes = machine.import("markdown", "pages")["accepted"];
        changes += machine.import("stackexchange", "dump")["accepted"].get<size_t>();
        return changes + machine.fine({"import", "space", machine.folder("start").string()})["accepted"].get<size_t>();
    };
    size_t once = 0;
    {
        const Serving serving(machine);
        once = all();
        CHECK(once == 2 + 5 + 1);
        CHECK(all() == 0);
    }
    const size_t records = machine.records();
    CHECK(all() == 0);
    CHECK(machine.records() == records);
    std::string ana;
    const Json listed = machine.fine({"person", "list"});
    for (const Json& person : listed["people"]) {
        if (person["login"] == "ana")
            ana = person["id"];
    }
    CHECK(machine.byKey("question/Why").author() == Id::fromHex(ana)->view());
}

TEST_CASE("a newer copy updates what differs and withdraws what it withdrew")
{
    Importing machine;
    machine.writeDump("AcceptedAnswerId=\"2\" Score=\"3\"", "AboutMe=\"Hello\"");
    machine.import("stackexchange", "dump");
    CHECK(machine.byKey("post/1").post().accepted() == machine.byKey("post/2").id());
    CHECK(machine.byKey("user/7").person().about() == "Hello\n");

    machine.writeDump("Score=\"5\"", "");
    const Json answer = machine.import("stackexchange", "dump");
    CHECK(answer["report"]["counts"]["changed"] == 2);
    CHECK(machine.byKey("post/1").post().accepted().empty());
    CHECK(machine.byKey("post/1").source().score() == 5);
    CHECK(machine.byKey("user/7").person().about().empty());
    CHECK(machine.import("stackexchange", "dump")["accepted"] == 0);
    CHECK(machine.fine({"check"})["problems"].empty());
}

TEST_CASE("an import names its space by name or id, and one that is there")
{
    Importing machine;
    machine.write("pages/a.md", "A");
    const std::string pages = machine.folder("pages").string();
    CHECK(answers(machine.refused({"import", "markdown", pages, "--space", "Labb"}),
                  "There is no space called \"Labb\""));
    CHECK(machine.fine({"import", "markdown", pages, "--space", machine.space})["accepted"] == 1);
    CHECK(answers(machine.refused({"import", "stackexchange", pages, "--space", "Lab"}),
                  "This is no Stack Exchange dump"));
    CHECK(answers(machine.refused({"import", "space", pages}), "space.yaml"));
    CHECK(machine.refused({"import", "markdown", pages + "x", "--space", "Lab"}, 2)["ok"] == false);
}

TEST_CASE("an import that refuses in the middle says what it had done")
{
    Importing machine;
    machine.write("dump/Posts.xml", "<posts>\n</posts>");
    std::string users = "<users>\n";
    for (int i = 1; i <= 600; ++i)
        users += "<row Id=\"" + std::to_string(i) + "\" CreationDate=\"2011-10-11T00:00:00\" DisplayName=\"N\"/>\n";
    machine.write("dump/Users.xml", users + "</users>");
    machine.write("dump/Comments.xml", "<!DOCTYPE c [<!ENTITY a \"ha\">]>\n<comments/>");
    const Json answer = machine.import("stackexchange", "dump");
    CHECK(answer["report"]["counts"]["people"] == 600);
    CHECK(answers(answer, "Comments.xml was not imported"));
}

TEST_CASE("an import goes on where a full disk or the server's end cut it off")
{
    Importing machine;
    machine.writePages(1500);
    const auto command = machine.command("markdown", machine.folder("many"));
    SECTION("a full disk")
    {
        // A limit on the size of files stands for the disk; it can be taken back.
        const Serving serving(machine);
        const rlimit full{512 * 1024, RLIM_INFINITY};
        REQUIRE(::prlimit(serving.process.pid(), RLIMIT_FSIZE, &full, nullptr) == 0);
        const Json refused = machine.refused(command, 3);
        CHECK(answers(refused, "the disk is full or failing"));
        CHECK((answers(refused, "Nothing was imported.") || answers(refused, "the same command goes on from there")));
        const rlimit fuller{0, RLIM_INFINITY};
        REQUIRE(::prlimit(serving.process.pid(), RLIMIT_FSIZE, &fuller, nullptr) == 0);
        CHECK(answers(machine.refused({"person", "add", "ben", "--name", "Ben"}, 3), "the disk is full or failing"));
        CHECK(machine.fine({"person", "list"})["people"].size() == 1); // reading goes on
        const rlimit space{RLIM_INFINITY, RLIM_INFINITY};
        REQUIRE(::prlimit(serving.process.pid(), RLIMIT_FSIZE, &space, nullptr) == 0);
        machine.fine({"person", "add", "ben", "--name", "Ben"});
        machine.fine(command);
    }
    for (const int signal : {SIGTERM, SIGKILL}) {
        SECTION("signal " + std::to_string(signal))
        {
            std::vector<std::string> words = command;
            words.insert(words.begin(), "stoad");
            words.insert(words.end(), {"--data", machine.data()});
            Serving serving(machine);
            Process importing(words);
            importing.waitForLine("changes made");
            serving.process.signal(signal);
            const Finished ended = serving.process.wait();
            CHECK(ended.exitCode == (signal == SIGTERM ? 0 : 128 + SIGKILL));
            const Finished cut = importing.wait();
            if (cut.exitCode != 0) {
                CHECK(cut.exitCode == 3);
                CHECK(cut.err.find("The server ") != std::string::npos);
            }
            machine.fine(command);
        }
    }
    const Json counts = machine.fine(command)["report"]["counts"];
    CHECK(counts["created"] == 0);
    CHECK(counts["unchanged"] == 1500);
    CHECK(machine.fine({"check"})["problems"].empty());
}

TEST_CASE("a server ends while a check runs")
{
    Importing machine;
    machine.writePages(300);
    machine.fine(machine.command("markdown", machine.folder("many")));
    Serving serving(machine);
    Process checking({"stoad", "check", "--data", machine.data()});
    checking.waitForLine("Checking the database file");
    serving.process.signal(SIGTERM);
    CHECK(serving.process.wait().exitCode == 0);
    const Finished cut = checking.wait();
    CHECK((cut.exitCode == 0 || cut.exitCode == 3));
}

TEST_CASE("the real handbook comes in through the program")
{
    const auto source = test::realData("handbook");
    if (!std::filesystem::exists(source))
        test::skipTest("there is no handbook in the test data");
    Importing machine;
    const Serving serving(machine);
    const Json counts = machine.fine(machine.command("markdown", source))["report"]["counts"];
    CHECK(counts["pages"] == 246);
    CHECK(counts["images"] == 37);
    CHECK(counts["downloads"] == 7);
    CHECK(counts["links"] >= 600);
    CHECK(machine.fine(machine.command("markdown", source))["accepted"] == 0);
    const Json check = machine.fine({"check"});
    CHECK(check["dangling"] == 0);
    // The organisation, its admin and the space are there as well.
    CHECK(check["records"] == counts["created"].get<size_t>() + 3);
}

TEST_CASE("the real community comes in through the program")
{
    const auto source = test::realData("community");
    if (!std::filesystem::exists(source))
        test::skipTest("there is no community in the test data");
    Importing machine;
    const Serving serving(machine);
    const Json answer = machine.fine(machine.command("stackexchange", source));
    const Json& counts = answer["report"]["counts"];
    CHECK(counts["questions"] == 556);
    CHECK(counts["answers"] == 1095);
    CHECK(counts["accepted"] == 181);
    CHECK(counts["people"] == 2295);
    CHECK(counts["comments"] == 3454);
    CHECK(counts["tags"] == 65);
    CHECK(counts["tag_wikis"] == 6);
    CHECK(counts["posts_without_author"] == 46);
    CHECK(counts["comments_without_author"] == 142);
    CHECK(answers(answer, "6 tag wiki texts were left out"));
    CHECK(answers(answer, "46 questions and answers are by people who are not in Users.xml"));
    CHECK(answers(answer, "142 comments are by people who are not in Users.xml"));
    CHECK(answers(answer, "Badges were left out"));
    CHECK(machine.fine(machine.command("stackexchange", source))["accepted"] == 0);
    const Json check = machine.fine({"check"});
    CHECK(check["dangling"] == 0);
    CHECK(check["records"] == counts["created"].get<size_t>() + 3);
}

} // namespace stoa
