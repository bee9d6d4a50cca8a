#include "server/admin/command_line.h"

#include <iostream>
#include <sstream>

#include "tests/support/catch.h"

namespace stoa {

namespace {

struct Parsed {
    std::optional<CommandLine> command;
    int exitCode = -1;
    std::string said;
};

Parsed parse(std::vector<const char*> words)
{
    words.insert(words.begin(), "stoad");
    std::ostringstream out;
    std::streambuf* const beforeOut = std::cout.rdbuf(out.rdbuf());
    std::streambuf* const beforeErr = std::cerr.rdbuf(out.rdbuf());
    Parsed parsed;
    parsed.command = parseCommandLine(static_cast<int>(words.size()), words.data(), parsed.exitCode);
    std::cout.rdbuf(beforeOut);
    std::cerr.rdbuf(beforeErr);
    parsed.said = out.str();
    return parsed;
}

} // namespace

TEST_CASE("a command becomes a request with the arguments that were given")
{
    const auto add = parse({"member", "add", "ben", "--data", "/d/x/../y", "--space", "Lab", "--title", "expert",
                            "--title", "leader", "--json"});
    REQUIRE(add.command);
    CHECK(add.command->verb == "member add");
    CHECK(add.command->data == "/d/y");
    CHECK(add.command->json);
    CHECK(add.command->arguments == Json({{"login", "ben"}, {"space", "Lab"}, {"titles", {"expert", "leader"}}}));

    const auto invite = parse({"person", "invite", "--data", "/d", "ana"});
    REQUIRE(invite.command);
    CHECK(invite.command->verb == "person invite");
    CHECK(invite.command->arguments == Json({{"login", "ana"}}));
    CHECK_FALSE(invite.command->json);

    CHECK(parse({"version"}).command->verb == "version");
    CHECK(parse({"backup", "/x/../b", "--data", "/d", "--force"}).command->arguments ==
          Json({{"file", "/b"}, {"force", true}}));
    CHECK(parse({"restore", "--rehearse", "/b"}).command->data.empty());
    CHECK(parse({"restore", "/b", "--data", "/d"}).command->data == "/d");
    CHECK(parse({"serve", "--data", "/d", "--threads", "3"}).command->arguments["threads"] == 3);
}

TEST_CASE("what is typed wrongly is said, and ends as such")
{
    for (const auto& words : std::vector<std::vector<const char*>>{
             {},
             {"fly"},
             {"person"},
             {"person", "add", "--data", "/d"},
             {"restore", "/b"},
             {"restore", "--rehearse"},
             {"restore", "--rehearse", "/b", "--data", "/d"},
             {"backup", "--data", "/d"},
             {"person", "add", "ben", "--name", "Ben"},
             {"space", "add", "Lab", "--data", "/d", "--visibility", "loud"},
             {"member", "add", "ben", "--data", "/d", "--space", "Lab", "--role", "king"},
             {"import", "markdown", "/no/such/folder", "--data", "/d", "--space", "Lab"},
             {"serve", "--data", "/d", "--threads", "0"}}) {
        const Parsed parsed = parse(words);
        CHECK_FALSE(parsed.command);
        CHECK(parsed.exitCode == ExitUsage);
        CHECK_FALSE(parsed.said.empty());
    }
}

TEST_CASE("what is typed wrongly by a script is said in JSON")
{
    for (const auto& words : std::vector<std::vector<const char*>>{
             {"fly", "--json"}, {"person", "add", "ben", "--data", "/d", "--json"}, {"--json"}}) {
        const Parsed parsed = parse(words);
        CHECK(parsed.exitCode == ExitUsage);
        const Json said = Json::parse(parsed.said);
        CHECK(said["ok"] == false);
        CHECK_FALSE(said["message"].get<std::string>().empty());
    }
}

TEST_CASE("help is not a mistake")
{
    const Parsed help = parse({"person", "add", "--help"});
    CHECK_FALSE(help.command);
    CHECK(help.exitCode == ExitFine);
    CHECK(help.said.find("--name") != std::string::npos);
}

} // namespace stoa
