#include "tests/support/catch.h"

#include "client/replica/queries.h"
#include "client/worker/backoff.h"
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

TEST_CASE("a lock that a killed program left before it wrote its name into it does not hold")
{
    QTemporaryDir dir;
    for (const char* name : {"lock", "lock.rmlock"})
        REQUIRE(QFile(dir.filePath(QString::fromLatin1(name))).open(QIODevice::WriteOnly));
    Desk first(dir.path()), second(dir.path());
    first.core->open();
    CHECK(first.failed.isEmpty());
    CHECK(first.opened == 1);
    CHECK_FALSE(QFile::exists(dir.filePath(QStringLiteral("lock.rmlock"))));
    second.core->open();
    CHECK(second.failed.contains(QStringLiteral("already")));
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

TEST_CASE("the wait between two tries doubles from half a second to a minute, and no two programs wait alike")
{
    CHECK(backoffMs(0, 0) == 500);
    for (int failures = 0; failures < 40; ++failures) {
        CHECK(backoffMs(failures, 0) >= 500);
        CHECK(backoffMs(failures, 1) <= 60'000);
        CHECK(backoffMs(failures, 0) < backoffMs(failures, 0.5));
        CHECK(backoffMs(failures, 0.5) < backoffMs(failures, 1));
        CHECK(backoffMs(failures + 1, 0.5) == std::min<qint64>(45'000, 2 * backoffMs(failures, 0.5)));
    }
    CHECK(backoffMs(1'000'000, 1) == 60'000);
}

TEST_CASE("without a server each wait is longer than the one before, until it is reached or asked for")
{
    const Identity identity = makeIdentity(-1, 1);
    QTemporaryDir dir;
    Desk desk(dir.path(), true, "secret");
    {
        Server gone(identity);
        desk.log.server = ServerPlace{QStringLiteral("127.0.0.1"), gone.serverPort(), QByteArray(32, 'p')};
    }
    auto failedAgain = [&, tries = 0]() mutable {
        REQUIRE(until([&] { return desk.chances == tries + 1; }));
        ++tries;
        CHECK(desk.status.state == SyncStatus::State::Offline);
        return desk.status.retryAtMs - QDateTime::currentMSecsSinceEpoch();
    };
    desk.core->open();
    CHECK(failedAgain() <= 500);
    desk.core->networkChanged(true); // asked for: begins anew
    CHECK(failedAgain() <= 500);
    CHECK(failedAgain() > 500);
}

TEST_CASE("the network is gone: offline at once; it is back: connected at once")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    desk.core->open();
    desk.core->join(invitation(server, identity));
    REQUIRE(until([&] { return !server.bytes.empty(); }));
    say(server, welcome());
    REQUIRE(until([&] { return desk.status.state == SyncStatus::State::UpToDate; }));
    desk.core->networkChanged(true); // another one beside: nothing to do
    CHECK(desk.status.state == SyncStatus::State::UpToDate);
    desk.core->networkChanged(false);
    CHECK(desk.status.state == SyncStatus::State::Offline);
    CHECK(desk.log.words.contains(QStringLiteral("disconnected")));
    desk.core->networkChanged(true);
    CHECK(desk.status.state == SyncStatus::State::Connecting);
}

TEST_CASE("the server's key is known to who signs in again, and to nobody who means another server")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    desk.log.server = ServerPlace{QStringLiteral("127.0.0.1"), server.serverPort(), publicKeyPin(identity.certificate)};
    desk.log.login = QStringLiteral("ann");
    desk.core->open();
    Join again{QStringLiteral("127.0.0.1"), server.serverPort(), {}, QStringLiteral("Ann"), {}, QStringLiteral("x")};
    SECTION("the same server")
    {
        desk.core->join(again);
        REQUIRE(until([&] { return !server.bytes.empty(); }));
        CHECK(desk.log.hello.password().login() == "Ann");
        say(server, welcome());
        REQUIRE(until([&] { return desk.joined == 1; }));
        CHECK(desk.log.server->pin == publicKeyPin(identity.certificate));
    }
    SECTION("another one")
    {
        again.host = QStringLiteral("localhost");
        desk.core->join(again);
        REQUIRE(until([&] { return !desk.joinFailed.isEmpty(); }));
        CHECK(desk.joinFailed.contains(QStringLiteral("trusts")));
    }
}

TEST_CASE("a join that fails leaves server and token as they were")
{
    const Identity identity = makeIdentity(-1, 1);
    Server own(identity), other(identity);
    QTemporaryDir dir;
    Desk desk(dir.path(), true, "secret");
    desk.log.server = ServerPlace{QStringLiteral("127.0.0.1"), own.serverPort(), publicKeyPin(identity.certificate)};
    desk.core->open();
    REQUIRE(until([&] { return !own.bytes.empty(); }));
    desk.core->join(invitation(other, identity));
    REQUIRE(until([&] { return !other.bytes.empty(); }));
    own.bytes.clear();
    say(other, goodbye(v1::INVITATION_USED));
    REQUIRE(until([&] { return !desk.joinFailed.isEmpty(); }));
    CHECK(desk.log.server->port == own.serverPort());
    desk.core->reconnectNow();
    REQUIRE(until([&] { return !own.bytes.empty(); }));
    CHECK(desk.log.hello.token() == "secret");
}

TEST_CASE("somebody else's copy is not signed in to, and costs no invitation")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    SECTION("another name")
    {
        desk.log.login = QStringLiteral("bob");
        desk.core->open();
        desk.core->join(invitation(server, identity));
        CHECK(desk.joinFailed.contains(QStringLiteral("another person")));
        CHECK(server.bytes.empty());
    }
    SECTION("the same name in another organisation")
    {
        desk.core->open();
        desk.core->join(invitation(server, identity));
        REQUIRE(until([&] { return !server.bytes.empty(); }));
        say(server, goodbye(v1::EXISTS));
        REQUIRE(until([&] { return !desk.joinFailed.isEmpty(); }));
        CHECK(desk.joinFailed.contains(QStringLiteral("another organisation")));
    }
}

TEST_CASE("signing out is said to the server, forgets the token and hides the copy until the next welcome")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    desk.core->open();
    desk.core->join(invitation(server, identity));
    REQUIRE(until([&] { return !server.bytes.empty(); }));
    say(server, welcome());
    REQUIRE(until([&] { return desk.joined == 1; }));
    server.bytes.clear();

    desk.core->signOut(false);
    CHECK(desk.status.state == SyncStatus::State::SignedOut);
    CHECK(desk.token.isEmpty());
    CHECK(desk.log.signedOut);
    CHECK_FALSE(desk.log.words.contains(QStringLiteral("wipe")));
    REQUIRE(until([&] { return heard(server, v1::Envelope::kSignOut); }));
    // What the server still says does not count any more.
    const int heardBefore = desk.log.envelopes;
    say(server, goodbye(v1::TOKEN_UNKNOWN));
    server.peer->disconnectFromHost();
    REQUIRE(until([&] { return server.peer->state() == QAbstractSocket::UnconnectedState; }));
    CHECK(desk.log.envelopes == heardBefore);
    CHECK(desk.status.state == SyncStatus::State::SignedOut);

    server.bytes.clear();
    desk.core->join(invitation(server, identity));
    REQUIRE(until([&] { return !server.bytes.empty(); }));
    CHECK(desk.log.signedOut);
    say(server, welcome());
    REQUIRE(until([&] { return desk.joined == 2; }));
    CHECK_FALSE(desk.log.signedOut);
}

TEST_CASE("a program that is closed right after signing out has signed out at the server")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    QTemporaryDir dir;
    Desk desk(dir.path(), true);
    desk.core->open();
    desk.core->join(invitation(server, identity));
    REQUIRE(until([&] { return !server.bytes.empty(); }));
    say(server, welcome());
    REQUIRE(until([&] { return desk.joined == 1; }));
    server.bytes.clear();
    desk.core->signOut(true);
    desk.core->close();
    CHECK(until([&] { return heard(server, v1::Envelope::kSignOut); }));
}

TEST_CASE("a token that a locked keyring kept after signing out is of no use, and goes")
{
    QTemporaryDir dir;
    Desk desk(dir.path(), true, "secret");
    desk.log.signedOut = true;
    desk.log.server = ServerPlace{QStringLiteral("127.0.0.1"), 1, {}};
    desk.core->open();
    CHECK(desk.status.state == SyncStatus::State::SignedOut);
    CHECK(desk.token.isEmpty());
}

TEST_CASE("with a token and without a server's name somebody has to sign in")
{
    QTemporaryDir dir;
    Desk desk(dir.path(), true, "secret");
    desk.core->open();
    CHECK(desk.status.state == SyncStatus::State::SignedOut);
}

TEST_CASE("whoever removes everything leaves nothing of the index, nor of one that is being built")
{
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.core->open();
    for (const char* suffix : {"", "-wal", ".new", ".new-wal", ".new-shm"}) {
        QFile file(searchPathOf(dir.path()) + QLatin1String(suffix));
        REQUIRE(file.open(QIODevice::WriteOnly));
        file.write("words");
    }
    desk.core->signOut(true);
    CHECK(QDir(dir.path()).entryList({QStringLiteral("search*")}, QDir::Files).isEmpty());
}

TEST_CASE("the program may be closed while the keyring is asked")
{
    QTemporaryDir dir;
    Desk desk(dir.path(), true, "secret");
    desk.log.server = ServerPlace{QStringLiteral("127.0.0.1"), 1, {}};
    desk.whileLoading = [&] { desk.core->close(); };
    desk.core->open();
    CHECK(desk.failed.isEmpty());
    CHECK(desk.status.state != SyncStatus::State::Connecting);
}

TEST_CASE("damage that a reader found stops the worker with its sentence, once what was asked is stored")
{
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.core->open();
    desk.core->submitSoon({change(1)}, {});
    desk.core->reportDamage();
    CHECK(desk.submitted.size() == 1);
    CHECK(desk.failed == QStringLiteral("The copy is damaged."));
    CHECK(desk.status.state == SyncStatus::State::Failed);
}

TEST_CASE("a reported replica is marked, and put aside when it is opened next")
{
    QTemporaryDir dir;
    const QString path = replicaPathOf(dir.path());
    {
        const auto port = makeSyncPort(path);
        port->open();
        port->begin();
        port->setServer({QStringLiteral("127.0.0.1"), 7'443, QByteArray(32, 'p')}, QStringLiteral("ann"));
        port->setSignedOut(true);
        (void)port->commit();
        CHECK(profile(Reading(path)).signedOut);
        CHECK_THROWS_WITH(port->reportDamage(), Catch::Contains("damaged"));
    }
    CHECK(QFile::exists(path + QStringLiteral(".damaged-mark")));
    const auto port = makeSyncPort(path);
    port->open();
    CHECK_FALSE(QFile::exists(path + QStringLiteral(".damaged-mark")));
    CHECK(port->login() == QStringLiteral("ann"));
}

TEST_CASE("what was put back or discarded is told, and what could not be is told why")
{
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.core->open();
    const Id id = *Id::from(change(1).id());
    desk.core->sendAgain(id);
    desk.core->discard(id);
    CHECK(desk.settled == QList<Id>{id, id});
    desk.log.refuse = Refusal{v1::ALREADY_SENT};
    desk.core->discard(id);
    CHECK(desk.settled.size() == 2);
    REQUIRE(desk.refused.size() == 1);
    CHECK(desk.refused.first().code == v1::ALREADY_SENT);
}

TEST_CASE("trouble with the search index is told for as long as it lasts")
{
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.core->open();
    CHECK(desk.status.indexing == SyncStatus::notCounted); // and not a number
    desk.core->searchProblem(QStringLiteral("The disk is full."));
    CHECK(desk.status.searchProblem == QStringLiteral("The disk is full."));
    CHECK(desk.status.problem.isEmpty());
    desk.core->indexing(3);
    CHECK(desk.status.searchProblem.isEmpty());
    CHECK(desk.status.indexing == 3);
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

TEST_CASE("of a copy that differed a file is kept and told, and a disk that does not take it disturbs nothing else")
{
    QTemporaryDir dir;
    Desk desk(dir.path());
    desk.core->open();
    const auto differ = [&] {
        desk.log.news.reports = {{"digest", "s01", "side=client\n"}, {"protocol", "", "another\n"}};
        const auto before = desk.submitted.size();
        desk.core->submitSoon({change(1)}, {});
        REQUIRE(until([&] { return desk.submitted.size() == before + 1; }));
        CHECK(desk.failed.isEmpty());
        CHECK(desk.status.differedMs > 0);
    };
    const QDir folder(blackBoxesOf(dir.path()));
    SECTION("on a disk that takes it")
    {
        differ();
        CHECK(folder.entryList(QDir::Files).size() == 2);
        const QString first = desk.status.blackBox;
        QFile file(first);
        REQUIRE(file.open(QIODevice::ReadOnly));
        CHECK(file.readAll() == "program=test\nside=client\n");
        differ();
        CHECK(folder.entryList(QDir::Files).size() == 2);
        CHECK(desk.status.blackBox == first);
        desk.core->signOut(true);
        CHECK_FALSE(folder.exists());
        CHECK(desk.status.differedMs == 0);
    }
    SECTION("on one that does not")
    {
        QFile inTheWay(folder.path());
        REQUIRE(inTheWay.open(QIODevice::WriteOnly));
        differ();
        CHECK(desk.status.blackBox.isEmpty());
    }
}
