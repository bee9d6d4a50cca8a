// Every input that was ever kept goes through its target again, in the ordinary build. What a target finds stops
// the program; the name of the input is said before.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "tests/support/catch.h"

extern "C" {
int fuzz_apply(const uint8_t*, size_t);
int fuzz_client(const uint8_t*, size_t);
int fuzz_config(const uint8_t*, size_t);
int fuzz_dump(const uint8_t*, size_t);
int fuzz_folder(const uint8_t*, size_t);
int fuzz_frame(const uint8_t*, size_t);
int fuzz_html(const uint8_t*, size_t);
int fuzz_link(const uint8_t*, size_t);
int fuzz_markdown(const uint8_t*, size_t);
int fuzz_query(const uint8_t*, size_t);
int fuzz_session(const uint8_t*, size_t);
int fuzz_text(const uint8_t*, size_t);
}

namespace {

namespace fs = std::filesystem;
using Target = int (*)(const uint8_t*, size_t);

const fs::path root = fs::path(STOA_SOURCE_DIR) / "tests" / "fuzz";

// The replayed inputs.
int replay(Target target, const fs::path& folder)
{
    int replayed = 0;
    if (!fs::exists(folder))
        return 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        INFO(entry.path().string());
        CHECK(target(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()) == 0);
        ++replayed;
    }
    return replayed;
}

void replayAll(const std::string& name, Target target)
{
    replay(target, root / "crashes" / name);
    CHECK(replay(target, root / "corpus" / name) > 0);
}

} // namespace

TEST_CASE("fuzz apply")
{
    replayAll("apply", fuzz_apply);
}
TEST_CASE("fuzz client")
{
    replayAll("client", fuzz_client);
}
TEST_CASE("fuzz config")
{
    replayAll("config", fuzz_config);
}
TEST_CASE("fuzz dump")
{
    replayAll("dump", fuzz_dump);
}
TEST_CASE("fuzz folder")
{
    replayAll("folder", fuzz_folder);
}
TEST_CASE("fuzz frame")
{
    replayAll("frame", fuzz_frame);
}
TEST_CASE("fuzz html")
{
    replayAll("html", fuzz_html);
}
TEST_CASE("fuzz link")
{
    replayAll("link", fuzz_link);
}
TEST_CASE("fuzz markdown")
{
    replayAll("markdown", fuzz_markdown);
}
TEST_CASE("fuzz query")
{
    replayAll("query", fuzz_query);
}
TEST_CASE("fuzz session")
{
    replayAll("session", fuzz_session);
}
TEST_CASE("fuzz text")
{
    replayAll("text", fuzz_text);
}

TEST_CASE("every input that is kept belongs to a target that is replayed")
{
    const std::set<std::string> replayed{"apply", "client", "config",   "dump",  "folder",  "frame",
                                         "html",  "link",   "markdown", "query", "session", "text"};
    std::set<std::string> targets;
    for (const auto& entry : fs::directory_iterator(root / "targets"))
        targets.insert(entry.path().stem());
    CHECK(targets == replayed);
    for (const char* kept : {"corpus", "crashes"})
        if (fs::exists(root / kept))
            for (const auto& entry : fs::directory_iterator(root / kept)) {
                INFO(entry.path().string());
                CHECK(replayed.contains(entry.path().filename()));
            }
}
