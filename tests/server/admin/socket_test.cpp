#include "server/admin/socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <future>

#include "server/admin/data_folder.h"

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace stoa {

namespace {

// Asks and does no more: it neither reads nor closes before it goes.
class SilentPeer {
public:
    explicit SilentPeer(const std::filesystem::path& data, const std::string& line)
        : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, adminSocketPath(data).c_str());
        REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::send(socket_, line.data(), line.size(), 0) == static_cast<ssize_t>(line.size()));
    }
    ~SilentPeer() { ::close(socket_); }

private:
    int socket_;
};

const std::string request = "{\"verb\": \"try\"}\n";

} // namespace

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

TEST_CASE("the server's end stops what is under way")
{
    const test::TemporaryDirectory data;
    std::promise<void> begun;
    auto server = std::make_unique<AdminSocket>(data.path(), [&](const Json&, const Asker& asker) -> Json {
        begun.set_value();
        for (;;)
            asker.goOn();
    });
    auto answer = std::async(std::launch::async, [&] { return askRunningServer(data.path(), {{"verb", "try"}}, {}); });
    begun.get_future().wait();
    server.reset();
    CHECK((*answer.get())["message"].get<std::string>().find("The server is ending.") == 0);
}

TEST_CASE("long work stops once nobody waits for it")
{
    const test::TemporaryDirectory data;
    std::promise<void> begun;
    std::promise<std::string> stopped;
    const AdminSocket server(data.path(), [&](const Json&, const Asker& asker) -> Json {
        begun.set_value();
        try {
            for (;;)
                asker.goOn();
        } catch (const std::exception& why) {
            stopped.set_value(why.what());
        }
        return {};
    });
    {
        const SilentPeer peer(data.path(), request);
        begun.get_future().wait();
    }
    CHECK(stopped.get_future().get() == "Nobody waits for the answer any more.");
}

TEST_CASE("a peer that says nothing or takes nothing does not keep the server from ending")
{
    const test::TemporaryDirectory data;
    std::promise<void> answering;
    auto server = std::make_unique<AdminSocket>(data.path(), [&](const Json&, const Asker&) -> Json {
        answering.set_value();
        return std::string(4 * adminRequestBytesMax, 'x'); // more than the system holds for a peer
    });
    const SilentPeer silent(data.path(), "{");
    const SilentPeer deaf(data.path(), request);
    answering.get_future().wait();
    server.reset();
    CHECK_FALSE(std::filesystem::exists(adminSocketPath(data.path())));
}

TEST_CASE("a path that is too long for the socket is refused in words")
{
    CHECK_THROWS_AS(requireAdminSocketPath("/" + std::string(100, 'd')), FolderRefused);
    CHECK_NOTHROW(requireAdminSocketPath("/" + std::string(90, 'd')));
}

} // namespace stoa
