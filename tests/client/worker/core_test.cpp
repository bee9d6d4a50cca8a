#include "tests/support/catch.h"

#include "tests/client/worker/desk.h"

using namespace stoa;
using namespace stoa::test;

TEST_CASE("a change is told as stored once its transaction is")
{
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.core->open();
    CHECK(desk.opened == 1);
    desk.core->submitSoon({change(1)}, {});
    CHECK(desk.submitted.isEmpty());
    REQUIRE(until([&] { return desk.submitted.size() == 1; }));
    CHECK(desk.log.words == QStringList({QStringLiteral("begin"), QStringLiteral("submit"), QStringLiteral("commit")}));
    REQUIRE(desk.touched.size() == 1);
    CHECK(desk.touched.first().outbox);

    desk.log.refuse = Refusal{v1::NOT_ALLOWED};
    desk.core->submitSoon({change(2)}, {});
    REQUIRE(until([&] { return desk.refused.size() == 1; }));
    CHECK(desk.refused.first().code == v1::NOT_ALLOWED);
    CHECK(desk.submitted.size() == 1);
}

TEST_CASE("two programs on one profile: the second says so and harms nothing")
{
    QTemporaryDir dir;
    Desk first(dir.path()), second(dir.path());
    first.core->open();
    second.core->open();
    CHECK(first.failed.isEmpty());
    CHECK(second.failed.contains(QStringLiteral("already")));
    CHECK(second.status.state == SyncStatus::State::Failed);
    CHECK(second.opened == 0);
    first.core->close();
    Desk third(dir.path());
    third.core->open();
    CHECK(third.failed.isEmpty());
}

TEST_CASE("a damaged replica and a full disk end in their sentence")
{
    QTemporaryDir dir;
    SECTION("damaged")
    {
        Desk desk(dir.path());
        desk.log.failOpen = QStringLiteral("The file is damaged.");
        desk.core->open();
        CHECK(desk.failed == QStringLiteral("The file is damaged."));
        CHECK(desk.opened == 0);
    }
    SECTION("full")
    {
        Desk desk(dir.path());
        desk.core->open();
        desk.log.failCommit = QStringLiteral("The disk is full.");
        desk.core->submitSoon({change(1)}, {});
        REQUIRE(until([&] { return !desk.failed.isEmpty(); }));
        CHECK(desk.submitted.isEmpty());
        CHECK(desk.log.words.last() == QStringLiteral("rollback"));
        CHECK(desk.status.problem == QStringLiteral("The disk is full."));
    }
    SECTION("no folder")
    {
        QFile file(dir.filePath(QStringLiteral("file")));
        REQUIRE(file.open(QIODevice::WriteOnly));
        Desk desk(dir.filePath(QStringLiteral("file/inside")));
        desk.core->open();
        CHECK(desk.failed.contains(QStringLiteral("cannot be made")));
    }
}

TEST_CASE("joining sends the invitation, keeps the token and says so")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    desk.core->open();
    CHECK(desk.status.state == SyncStatus::State::SignedOut);
    desk.core->join(invitation(server, identity));
    REQUIRE(until([&] { return !server.bytes.empty(); }));
    CHECK(desk.log.hello.invitation().code() == std::string(16, 'c'));
    CHECK(desk.log.hello.invitation().password() == "correct horse");
    say(server, welcome());
    REQUIRE(until([&] { return desk.joined == 1; }));
    CHECK(desk.token == "secret");
    CHECK(desk.status.state == SyncStatus::State::UpToDate);

    SECTION("a lost connection is tried again on its own")
    {
        server.peer->abort();
        REQUIRE(until([&] { return desk.status.state == SyncStatus::State::Offline; }));
        CHECK(desk.status.retryAtMs > 0);
        CHECK(desk.log.words.contains(QStringLiteral("disconnected")));
        server.bytes.clear();
        REQUIRE(until([&] { return !server.bytes.empty(); }));
        CHECK(desk.log.hello.token() == "secret");
    }
    SECTION("at once when asked")
    {
        server.peer->abort();
        REQUIRE(until([&] { return desk.status.state == SyncStatus::State::Offline; }));
        desk.core->reconnectNow();
        CHECK(desk.status.state == SyncStatus::State::Connecting);
    }
    SECTION("an unknown token asks for signing in and keeps everything")
    {
        say(server, goodbye(v1::TOKEN_UNKNOWN));
        REQUIRE(until([&] { return desk.status.state == SyncStatus::State::SignInAgain; }));
        CHECK(desk.token == "secret");
        CHECK_FALSE(desk.log.words.contains(QStringLiteral("wipe")));
    }
    SECTION("a long read is stored in few transactions, and told seldom")
    {
        desk.log.commits = 0;
        desk.touched.clear();
        v1::Envelope batch;
        batch.mutable_batch()->add_versions()->set_record(std::string(1'000, 'x'));
        const int before = desk.log.envelopes;
        for (int i = 0; i < 200; ++i)
            say(server, batch);
        REQUIRE(until([&] { return desk.log.envelopes == before + 200; }));
        REQUIRE(until([&] { return !desk.touched.isEmpty(); }));
        CHECK(desk.log.commits < 60);
        CHECK(desk.touched.size() <= desk.log.commits);
    }
}

TEST_CASE("a join that cannot be says why")
{
    const Identity identity = makeIdentity(-1, 1), other = makeIdentity(-1, 1);
    Server server(identity);
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    desk.core->open();
    SECTION("another key")
    {
        desk.core->join(invitation(server, other));
        REQUIRE(until([&] { return !desk.joinFailed.isEmpty(); }));
        CHECK(desk.joinFailed.contains(QStringLiteral("another key")));
        CHECK(server.bytes.empty());
    }
    SECTION("a used invitation")
    {
        desk.core->join(invitation(server, identity));
        REQUIRE(until([&] { return !server.bytes.empty(); }));
        say(server, goodbye(v1::INVITATION_USED));
        REQUIRE(until([&] { return !desk.joinFailed.isEmpty(); }));
        CHECK(desk.joinFailed.contains(QStringLiteral("invitation")));
    }
    CHECK(desk.token.isEmpty());
    CHECK(desk.joined == 0);
}

TEST_CASE("without a keyring the token lies in a file that only its owner reads")
{
    QTemporaryDir dir;
    qputenv("STOA_TOKEN_FILE", "1");
    const TokenStore store = systemTokenStore();
    CHECK(store.load(dir.path()).isEmpty());
    store.save(dir.path(), QByteArray("\x00\x01\xff", 3));
    CHECK(store.load(dir.path()) == QByteArray("\x00\x01\xff", 3));
    const auto rights = QFile::permissions(dir.filePath(QStringLiteral("token")));
    CHECK_FALSE(rights.testAnyFlags(QFileDevice::ReadGroup | QFileDevice::ReadOther | QFileDevice::WriteGroup |
                                    QFileDevice::WriteOther));
    store.forget(dir.path());
    CHECK(store.load(dir.path()).isEmpty());
}
