#include "tests/support/catch.h"

#include <csignal>

#include <QTcpServer>

#include "shared/domain/invite_link.h"
#include "tests/client/worker/desk.h"
#include "tests/support/process.h"

using namespace stoa;
using namespace stoa::test;

namespace {

std::string freePort()
{
    application();
    QTcpServer server;
    server.listen(QHostAddress::LocalHost);
    return std::to_string(server.serverPort());
}

// An organisation of its own, served by the real program.
struct Organisation {
    Organisation()
    {
        data = dir.filePath(QStringLiteral("data")).toStdString();
        const Finished made = run({"stoad", "init", "--data", data, "--organisation", "Org", "--admin", "ann", "--host",
                                   "127.0.0.1:" + freePort()});
        REQUIRE(made.exitCode == 0);
        const size_t at = made.out.find("stoa://");
        REQUIRE(at != std::string::npos);
        REQUIRE(parseInviteLink(made.out.substr(at, made.out.find_first_of(" \n", at) - at), link) == LinkError::None);
        start();
    }

    void start()
    {
        server = std::make_unique<Process>(std::vector<std::string>{"stoad", "serve", "--data", data});
        server->waitForLine(std::to_string(link.server.port));
    }

    Join join(const char* password) const
    {
        return {QString::fromStdString(link.server.host), link.server.port,
                QByteArray::fromStdString(link.pin),      QString::fromStdString(link.login),
                QByteArray::fromStdString(link.code),     QString::fromUtf8(password)};
    }

    QTemporaryDir dir;
    std::string data;
    InviteLink link;
    std::unique_ptr<Process> server;
};

} // namespace

TEST_CASE("against the real server: join once, come back with the token, be told what is wrong")
{
    Organisation organisation;
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    desk.core->open();
    desk.core->join(organisation.join("a good long password"));
    REQUIRE(until([&] { return desk.joined == 1 || !desk.joinFailed.isEmpty(); }));
    CHECK(desk.joinFailed.toStdString().empty());
    CHECK(desk.token.size() >= 16);

    // Killed and started again: the device comes back on its own.
    organisation.server->signal(SIGKILL);
    organisation.server->wait();
    REQUIRE(until([&] { return desk.status.state == SyncStatus::State::Offline; }));
    organisation.start();
    desk.core->reconnectNow();
    REQUIRE(until([&] { return desk.status.state == SyncStatus::State::UpToDate; }));
    CHECK(desk.log.hello.has_token());

    QTemporaryDir another;
    Desk second(another.path(), true);
    second.core->open();
    const auto failure = [&](const Join& join) {
        second.joinFailed.clear();
        second.core->join(join);
        REQUIRE(until([&] { return second.joined > 0 || !second.joinFailed.isEmpty(); }));
        return second.joinFailed.toStdString();
    };
    CHECK(failure(organisation.join("another password")).find("used already") != std::string::npos);
    Join byPassword = organisation.join("a wrong password");
    byPassword.code.clear();
    CHECK(failure(byPassword).find("password is wrong") != std::string::npos);
    Join changedKey = byPassword;
    changedKey.pin[0] = char(~changedKey.pin[0]);
    CHECK(failure(changedKey).find("another key") != std::string::npos);
    Join unpinned = byPassword;
    unpinned.pin.clear();
    CHECK(failure(unpinned).find("trusts") != std::string::npos);
    byPassword.password = QStringLiteral("a good long password");
    CHECK(failure(byPassword).empty());
    CHECK(second.joined == 1);
}

TEST_CASE("against the real server: who signs out is forgotten there, and signs in again by login and password")
{
    Organisation organisation;
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    desk.core->open();
    desk.core->join(organisation.join("a good long password"));
    REQUIRE(until([&] { return desk.joined == 1; }));
    const QByteArray token = desk.token;
    desk.core->signOut(false);
    CHECK(desk.token.isEmpty());
    REQUIRE(until([&] { return !desk.core->isLeaving(); }));

    QTemporaryDir stolen;
    Desk thief(stolen.path(), true, token);
    thief.log.server = desk.log.server;
    thief.core->open();
    REQUIRE(until([&] { return thief.status.state == SyncStatus::State::SignInAgain; }));
    CHECK(thief.status.refusal.code == v1::TOKEN_UNKNOWN);

    // As the sign-in page does: no link, so no key; this device knows the server's.
    Join again = organisation.join("a good long password");
    again.code.clear();
    again.pin.clear();
    desk.core->join(again);
    REQUIRE(until([&] { return desk.joined == 2 || !desk.joinFailed.isEmpty(); }));
    CHECK(desk.joinFailed.toStdString().empty());
    CHECK(desk.token.size() >= 16);
    CHECK(desk.token != token);
    CHECK(desk.log.server->pin == QByteArray::fromStdString(organisation.link.pin));
}
