#include "server/admin/socket.h"

#include <sys/stat.h>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace stoa {

TEST_CASE("a command reaches the running server and comes back with its progress")
{
    const test::TemporaryDirectory data;
    const AdminSocket server(data.path(), [](const Json& request, const Asker& asker) -> Json {
        asker.progress("half way");
        return {{"ok", true}, {"echo", request["arguments"]}};
    });
    std::string told;
    const auto answer = askRunningServer(data.path(), {{"verb", "try"}, {"arguments", {{"a", 1}}}},
                                         [&](const std::string& sentence) { told = sentence; });
    REQUIRE(answer);
    CHECK((*answer)["echo"]["a"] == 1);
    CHECK(told == "half way");
}

TEST_CASE("only the server's own account may open the admin socket")
{
    const test::TemporaryDirectory data;
    const AdminSocket server(data.path(), [](const Json&, const Asker&) -> Json { return {}; });
    struct stat status {};
    REQUIRE(::stat(adminSocketPath(data.path()).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("where no server runs a command learns so")
{
    const test::TemporaryDirectory data;
    CHECK_FALSE(askRunningServer(data.path(), {{"verb", "try"}}, {}));
    {
        const AdminSocket gone(data.path(), [](const Json&, const Asker&) -> Json { return {}; });
    }
    CHECK_FALSE(askRunningServer(data.path(), {{"verb", "try"}}, {}));
}

TEST_CASE("a command that fails or is not understood gets a sentence")
{
    const test::TemporaryDirectory data;
    const AdminSocket server(data.path(),
                             [](const Json&, const Asker&) -> Json { throw std::runtime_error("The disk is full."); });
    CHECK((*askRunningServer(data.path(), {{"verb", "try"}}, {}))["message"] == "The disk is full.");
    CHECK((*askRunningServer(data.path(), {{"no verb", 1}}, {}))["ok"] == false);
    CHECK((*askRunningServer(data.path(), "text", {}))["ok"] == false);
}

} // namespace stoa
