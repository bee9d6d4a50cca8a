#include "tests/support/catch.h"

#include <thread>

#include <QDir>
#include <QTemporaryDir>

#include "client/worker/core.h"
#include "tests/client/net/tls_server.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// What a replica and a syncer would do, as a log of words.
struct Log {
    QStringList words;
    int commits = 0;
    int envelopes = 0;
    QString failOpen, failCommit;
    std::optional<Refusal> refuse;
    SyncNews news;
    Touched touched;
    SyncStatus standing;
    v1::Hello hello;
    std::optional<ServerPlace> server;
};

class FakePort : public SyncPort {
public:
    explicit FakePort(Log& log) : log_(log) {}

    void open() override
    {
        if (!log_.failOpen.isEmpty())
            throw std::runtime_error(log_.failOpen.toStdString());
    }
    std::optional<ServerPlace> server() override { return log_.server; }
    void setServer(const ServerPlace& place, const QString&) override { log_.server = place; }
    void wipe() override { log_.words << QStringLiteral("wipe"); }
    void begin() override { log_.words << QStringLiteral("begin"); }
    Touched commit() override
    {
        if (!log_.failCommit.isEmpty())
            throw std::runtime_error(log_.failCommit.toStdString());
        ++log_.commits;
        log_.words << QStringLiteral("commit");
        return std::exchange(log_.touched, {});
    }
    void rollback() override { log_.words << QStringLiteral("rollback"); }
    Result<void> submit(const v1::Change&, const QString&) override
    {
        log_.words << QStringLiteral("submit");
        if (log_.refuse)
            return *log_.refuse;
        log_.touched.outbox = true;
        return {};
    }
    Result<void> sendAgain(const Id&) override { return {}; }
    Result<void> discard(const Id&) override { return {}; }
    void saveDraft(const QString&, const QString&, const QString&, const QStringList&) override {}
    void connected(v1::Hello hello) override
    {
        log_.hello = std::move(hello);
        v1::Envelope envelope;
        *envelope.mutable_hello() = log_.hello;
        log_.news.send.push_back(envelope);
    }
    void received(const v1::Envelope& envelope) override
    {
        ++log_.envelopes;
        if (envelope.has_welcome()) {
            log_.news.signedIn = true;
            log_.news.token = QByteArray::fromStdString(envelope.welcome().token());
        }
        if (envelope.has_goodbye())
            log_.news.ended = fromProto(envelope.goodbye().why());
        if (envelope.has_batch())
            log_.touched.bulk = true;
    }
    void disconnected() override { log_.words << QStringLiteral("disconnected"); }
    void pump() override {}
    SyncNews takeNews() override { return std::exchange(log_.news, {}); }
    SyncStatus standing() override { return log_.standing; }

private:
    Log& log_;
};

// A core on this thread, and what it told.
struct Desk {
    explicit Desk(const QString& dir, bool connect = false, QByteArray stored = {}) : token(std::move(stored))
    {
        application();
        log.standing.state = SyncStatus::State::UpToDate;
        core = std::make_unique<WorkerCore>(
            WorkerSettings{dir,
                           {[this](const QString&) { return token; },
                            [this](const QString&, const QByteArray& one) { token = one; },
                            [this](const QString&) { token.clear(); }},
                           QStringLiteral("test"),
                           connect},
            std::make_unique<FakePort>(log),
            WorkerCore::Events{[this] { ++opened; }, [this](const SyncStatus& one) { status = one; },
                               [this](const Touched& one) { touched.append(one); }, [this] { ++joined; },
                               [this](const QString& why) { joinFailed = why; },
                               [this](const Id& id) { submitted.append(id); },
                               [this](const Id&, const Refusal& why) { refused.append(why); },
                               [this](const QString& why) { failed = why; }, [] {}});
    }

    Log log;
    QByteArray token;
    int opened = 0, joined = 0;
    SyncStatus status;
    QList<Touched> touched;
    QString joinFailed, failed;
    QList<Id> submitted;
    QList<Refusal> refused;
    std::unique_ptr<WorkerCore> core;
};

v1::Change change(uint8_t n)
{
    Id id;
    id.bytes[15] = n;
    v1::Change made;
    made.set_id(id.str());
    return made;
}

void say(Server& server, const v1::Envelope& envelope)
{
    const std::string frame = encodeFrame(envelope);
    server.peer->write(frame.data(), qint64(frame.size()));
}

v1::Envelope welcome()
{
    v1::Envelope envelope;
    envelope.mutable_welcome()->set_token("secret");
    return envelope;
}

v1::Envelope goodbye(v1::Code code)
{
    v1::Envelope envelope;
    envelope.mutable_goodbye()->mutable_why()->set_code(code);
    return envelope;
}

Join invitation(const Server& server, const Identity& identity)
{
    return {QStringLiteral("127.0.0.1"), server.serverPort(), publicKeyPin(identity.certificate),
            QStringLiteral("ann"),       QByteArray(16, 'c'), QStringLiteral("correct horse")};
}

} // namespace

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
