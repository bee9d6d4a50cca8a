#include "tests/support/catch.h"

#include <QElapsedTimer>

#include "tests/client/net/tls_server.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct Client {
    explicit Client(const ChannelAddress& address)
    {
        channel = std::make_unique<Channel>(
            address, Channel::Events{
                         [this] { opened = true; },
                         [this](v1::Envelope&& envelope) { received.push_back(std::move(envelope)); },
                         [this] { ++drained; },
                         [this](const ChannelEnd& why) { end = why; },
                     });
    }

    bool opened = false;
    int drained = 0;
    std::vector<v1::Envelope> received;
    std::optional<ChannelEnd> end;
    std::unique_ptr<Channel> channel;

    bool settled() const { return opened || end; }
};

ChannelAddress pinned(const Server& server, const Identity& identity)
{
    return {QStringLiteral("127.0.0.1"), server.serverPort(), publicKeyPin(identity.certificate), {}};
}

ChannelAddress trusting(const Server& server, const Identity& authority)
{
    return {QStringLiteral("localhost"), server.serverPort(), {}, {authority.certificate}};
}

v1::Envelope pushOf(size_t bytes)
{
    v1::Envelope envelope;
    envelope.mutable_push()->add_changes()->set_change(std::string(bytes, 'x'));
    return envelope;
}

} // namespace

TEST_CASE("with a pin the server's key decides, whoever signed it")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    Client client(pinned(server, identity));
    REQUIRE(until([&] { return client.settled(); }));
    CHECK(client.opened);
    CHECK(server.peer->sessionProtocol() == QSsl::TlsV1_3);
}

TEST_CASE("the pin is the SHA-256 of the SubjectPublicKeyInfo")
{
    const Identity identity = makeIdentity(-1, 1);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(identity.rawKey.get(), &der);
    const QByteArray info(reinterpret_cast<char*>(der), size);
    OPENSSL_free(der);
    CHECK(publicKeyPin(identity.certificate) == QCryptographicHash::hash(info, QCryptographicHash::Sha256));
}

TEST_CASE("a changed key is refused before anything is sent")
{
    const Identity identity = makeIdentity(-1, 1), other = makeIdentity(-1, 1);
    Server server(other);
    Client client(pinned(server, identity));
    REQUIRE(until([&] { return client.settled(); }));
    REQUIRE(client.end);
    CHECK(client.end->why == ChannelEnd::Why::Certificate);
    CHECK(client.end->sentence.contains(QStringLiteral("another key")));
    CHECK(server.bytes.empty());
}

TEST_CASE("without a pin the authorities decide")
{
    const Identity authority = makeIdentity(-10, 10), foreign = makeIdentity(-10, 10);
    const auto endWith = [&](const Identity& identity) {
        Server server(identity);
        Client client(trusting(server, authority));
        REQUIRE(until([&] { return client.settled(); }));
        if (client.opened)
            return QString();
        CHECK(client.end->why == ChannelEnd::Why::Certificate);
        CHECK(server.bytes.empty());
        return client.end->sentence;
    };
    CHECK(endWith(makeIdentity(-1, 1, &authority)).isEmpty());
    CHECK(endWith(makeIdentity(-5, -1, &authority)).contains(QStringLiteral("expired")));
    CHECK(endWith(makeIdentity(2, 5, &authority)).contains(QStringLiteral("not valid before")));
    CHECK(endWith(makeIdentity(-1, 1, &foreign)).contains(QStringLiteral("nobody that this computer trusts")));
    CHECK(endWith(makeIdentity(-1, 1)).contains(QStringLiteral("nobody that this computer trusts")));
    CHECK(endWith(makeIdentity(-1, 1, &authority, "elsewhere.example")).contains(QStringLiteral("not made for")));
}

TEST_CASE("what is no Stoa server ends in a sentence")
{
    const Identity identity = makeIdentity(-1, 1);
    SECTION("another protocol")
    {
        Server server(identity, {});
        Client client(pinned(server, identity));
        REQUIRE(until([&] { return client.end.has_value(); }));
        CHECK(client.end->sentence.contains(QStringLiteral("no Stoa server")));
        CHECK_FALSE(client.opened);
    }
    SECTION("an older TLS")
    {
        Server server(identity, "stoa/1", QSsl::TlsV1_2);
        Client client(pinned(server, identity));
        REQUIRE(until([&] { return client.end.has_value(); }));
        CHECK_FALSE(client.opened);
        CHECK_FALSE(client.end->sentence.isEmpty());
    }
    SECTION("nobody there")
    {
        quint16 port = 0;
        {
            Server server(identity);
            port = server.serverPort();
        }
        Client client({QStringLiteral("127.0.0.1"), port, publicKeyPin(identity.certificate), {}});
        REQUIRE(until([&] { return client.end.has_value(); }));
        CHECK(client.end->why == ChannelEnd::Why::Network);
        CHECK(client.end->sentence.contains(QStringLiteral("No server answers")));
    }
}

TEST_CASE("envelopes arrive whole and in order, both ways")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    Client client(pinned(server, identity));
    REQUIRE(until([&] { return client.opened; }));
    std::string expected;
    for (const size_t bytes : {size_t(1), size_t(100'000), size_t(3'000'000)}) {
        CHECK(client.channel->send(pushOf(bytes)));
        expected += encodeFrame(pushOf(bytes));
        const std::string frame = encodeFrame(pushOf(bytes + 1));
        server.peer->write(frame.data(), qint64(frame.size()));
    }
    REQUIRE(until([&] { return client.received.size() == 3 && server.bytes.size() == expected.size(); }));
    CHECK(server.bytes == expected);
    CHECK(client.received[2].push().changes(0).change().size() == 3'000'001);
    REQUIRE(until([&] { return client.drained > 0; }));
    client.channel->close();
    REQUIRE(until([&] { return client.end.has_value(); }));
}

TEST_CASE("frames that cannot be end the channel")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    Client client(pinned(server, identity));
    REQUIRE(until([&] { return client.opened; }));
    const std::string frame = GENERATE(std::string("\x00\x00\x00\x00", 4), std::string("\x7f\xff\xff\xff", 4),
                                       std::string("\xff\xff\xff\xff", 4), std::string("\x00\x00\x00\x02\xf0x", 6));
    server.peer->write(frame.data(), qint64(frame.size()));
    REQUIRE(until([&] { return client.end.has_value(); }));
    CHECK(client.end->why == ChannelEnd::Why::Protocol);
    CHECK(client.received.empty());
}

TEST_CASE("what was said before the end is heard")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    Client client(pinned(server, identity));
    REQUIRE(until([&] { return client.opened && server.peer->isEncrypted(); }));
    v1::Envelope goodbye;
    goodbye.mutable_goodbye()->mutable_why()->set_code(v1::SHUTTING_DOWN);
    const std::string frame = encodeFrame(goodbye);
    server.peer->write(frame.data(), qint64(frame.size()));
    server.peer->disconnectFromHost();
    REQUIRE(until([&] { return client.end.has_value(); }));
    REQUIRE(client.received.size() == 1);
    CHECK(client.received[0].has_goodbye());
}

TEST_CASE("a channel may be destroyed from within its own call")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    std::unique_ptr<Channel> channel;
    bool gone = false;
    application();
    channel = std::make_unique<Channel>(pinned(server, identity), Channel::Events{
                                                                      [&] {
                                                                          channel.reset();
                                                                          gone = true;
                                                                      },
                                                                      [](v1::Envelope&&) {},
                                                                      {},
                                                                      [](const ChannelEnd&) {},
                                                                  });
    REQUIRE(until([&] { return gone; }));
}

// Measures; not a fact. Run with the tag. Both ends share one thread here, so the truth is better.
TEST_CASE("channel speed", "[.bench]")
{
    const Identity identity = makeIdentity(-1, 1);
    Server server(identity);
    Client client(pinned(server, identity));
    REQUIRE(until([&] { return client.opened; }));
    constexpr size_t frames = 400, records = 256;
    v1::Envelope envelope;
    uint32_t seed = 1;
    for (size_t i = 0; i < records; ++i) {
        std::string record(1'000, ' ');
        for (char& c : record)
            c = char((seed = seed * 1664525 + 1013904223) >> 24);
        envelope.mutable_batch()->add_versions()->set_record(record);
    }
    const std::string frame = encodeFrame(envelope);
    QElapsedTimer timer;
    timer.start();
    for (size_t i = 0; i < frames; ++i) {
        server.peer->write(frame.data(), qint64(frame.size()));
        until([&] { return server.peer->bytesToWrite() < (1 << 20); });
    }
    REQUIRE(until([&] { return client.received.size() == frames; }, 60'000));
    std::printf("{\"name\":\"channel.receive\",\"value\":%.0f,\"unit\":\"records/s\",\"mb_s\":%.0f}\n",
                double(frames * records) * 1000 / double(timer.elapsed()),
                double(frames * frame.size()) / 1000 / double(timer.elapsed()));
}
