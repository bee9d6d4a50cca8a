#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace {

namespace fs = std::filesystem;

// Lowest first. Server and client are two ladders on one floor.
const std::vector<std::string> sharedLadder{"proto",       "shared/base",   "shared/text",  "shared/markup",
                                            "shared/wire", "shared/domain", "shared/import"};
const std::vector<std::string> serverLadder{"server/store",   "server/auth", "server/engine",
                                            "server/session", "server/net",  "server/admin"};
const std::vector<std::string> clientLadder{"client/replica", "client/search", "client/sync",
                                            "client/net",     "client/worker", "client/commands",
                                            "client/models",  "client/ui",     "client/cli"};

// -1: not of this ladder.
int rung(const std::vector<std::string>& ladder, const std::string& path)
{
    for (size_t i = 0; i < ladder.size(); ++i)
        if (path.rfind(ladder[i] + "/", 0) == 0)
            return int(i);
    return -1;
}

bool begins(const std::string& text, const char* with)
{
    return text.rfind(with, 0) == 0;
}

// Why this file may not include that one; empty where it may.
std::string climbs(const std::string& file, const std::string& included)
{
    if (begins(included, "tests/"))
        return "includes a test";
    if (begins(file, "shared/") && (begins(included, "server/") || begins(included, "client/")))
        return "shared knows neither side";
    if (begins(file, "server/") && begins(included, "client/"))
        return "the server knows no client";
    if (begins(file, "client/") && begins(included, "server/"))
        return "the client knows no server";
    for (const auto* ladder : {&sharedLadder, &serverLadder, &clientLadder}) {
        const int from = rung(*ladder, file);
        const int to = rung(*ladder, included);
        if (from >= 0 && to > from)
            return "climbs the ladder";
    }
    return {};
}

std::string textOf(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> filesBelow(const std::vector<std::string>& folders, const std::vector<std::string>& endings)
{
    std::vector<std::string> files;
    for (const std::string& folder : folders)
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(STOA_SOURCE_DIR) / folder))
            if (entry.is_regular_file() &&
                std::find(endings.begin(), endings.end(), entry.path().extension()) != endings.end())
                files.push_back(fs::relative(entry.path(), STOA_SOURCE_DIR).generic_string());
    return files;
}

} // namespace

TEST_CASE("no include climbs the ladder")
{
    const std::regex include("^#include \"([^\"]+)\"");
    const auto files = filesBelow({"shared", "server", "client"}, {".h", ".cpp"});
    REQUIRE(files.size() > 100);
    for (const std::string& file : files) {
        const std::string text = textOf(fs::path(STOA_SOURCE_DIR) / file);
        size_t at = 0;
        while (at < text.size()) {
            const size_t end = std::min(text.find('\n', at), text.size());
            std::smatch match;
            const std::string line = text.substr(at, end - at);
            if (std::regex_search(line, match, include)) {
                INFO(file << " includes " << match[1]);
                CHECK(climbs(file, match[1]).empty());
            }
            at = end + 1;
        }
    }
}

TEST_CASE("the ladder is told apart")
{
    CHECK_FALSE(climbs("shared/base/ids.h", "client/ui/place.h").empty());
    CHECK_FALSE(climbs("client/replica/replica.h", "client/sync/syncer.h").empty());
    CHECK_FALSE(climbs("client/net/channel.h", "server/net/limits.h").empty());
    CHECK(climbs("client/sync/syncer.h", "client/replica/replica.h").empty());
}

TEST_CASE("shared code knows neither Qt nor Asio nor SQL nor the system")
{
    const std::regex forbidden("#include <(Q[A-Z]|boost/asio|sqlite3|unistd|sys/|arpa/|netinet/)");
    for (const std::string& file : filesBelow({"shared"}, {".h", ".cpp"})) {
        INFO(file);
        CHECK_FALSE(std::regex_search(textOf(fs::path(STOA_SOURCE_DIR) / file), forbidden));
    }
}

TEST_CASE("no text names a folder of somebody's machine")
{
    const std::regex machine("(^|[\\s\"(=`])/(home|work|root|Users)/[a-z]");
    for (const std::string& file : filesBelow({"shared", "server", "client", "docs", "tests", "resources"},
                                              {".h", ".cpp", ".md", ".txt", ".yaml", ".proto"})) {
        if (file == "tests/ladder/ladder_test.cpp")
            continue;
        INFO(file);
        const std::string text = textOf(fs::path(STOA_SOURCE_DIR) / file);
        CHECK_FALSE(std::regex_search(text, machine));
    }
}
