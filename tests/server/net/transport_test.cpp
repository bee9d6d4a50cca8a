#include "server/net/transport.h"

#include <atomic>
#include <random>
#include <thread>

#include <openssl/ssl.h>
#include <spdlog/sinks/null_sink.h>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_client.h"

namespace stoa {

namespace {

using test::TestClient;

SharedFrame frameOf(const v1::Envelope& envelope)
{
    return std::make_shared<const std::string>(encodeFrame(envelope));
}

v1::Envelope goodbye(v1::Code code)
{
    v1::Envelope envelope;
    envelope.mutable_goodbye()->mutable_why()->set_code(code);
    return envelope;
}

v1::Envelope ping()
{
    v1::Envelope envelope;
    envelope.mutable_ping();
    return envelope;
}

constexpr int numberedFrames = 2'000;

// Frames of every size up to several TLS records, that do not compress.
SharedFrame numbered(int number)
{
    std::minstd_rand random(unsigned(number) + 1);
    std::string bytes(random() % (number % 100 == 0 ? 100'000 : number % 10 == 0 ? 20'000 : 400), '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(random());
    v1::Envelope envelope;
    envelope.mutable_handed_back()->set_taken(unsigned(number));
    envelope.mutable_handed_back()->set_feed(bytes);
    return frameOf(envelope);
}

// A transport over which a Ping is answered with a Pong, a Hello signs in, a HandBack sends the numbered
// frames, a Subscribe what it may of 64 MiB, and a broken frame ends with a Goodbye that says why.
class EchoServer {
public:
    explicit EchoServer(NetLimits limits = {}, unsigned threads = 2) : limits_(limits)
    {
        const CertificateFiles files = certificateFiles(directory_.path());
        makeCertificate(files, "localhost", systemWallClock()());
        pin_ = publicKeyPin(files.certificate);
        transport_ = std::make_unique<Transport>(
            Transport::Options{.address = "127.0.0.1", .threads = threads}, limits_, makeTlsContext(files),
            systemSteadyClock(),
            std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>()));
        transport_->start([](const std::shared_ptr<Connection>& connection, IoThread&) {
            Connection* to = connection.get();
            return ConnectionEvents{.ready = [] {},
                                    .received =
                                        [to](const v1::Envelope& envelope) {
                                            v1::Envelope pong;
                                            pong.mutable_pong();
                                            if (envelope.has_hello())
                                                to->signedIn();
                                            if (envelope.has_hand_back()) {
                                                for (int i = 0; i < numberedFrames; ++i)
                                                    to->send(numbered(i));
                                            } else if (envelope.has_subscribe()) {
                                                const auto block =
                                                    std::make_shared<const std::string>(limits::kMiB, 'x');
                                                for (int i = 0; i < 64; ++i)
                                                    to->send(block);
                                            } else {
                                                to->send(frameOf(pong));
                                            }
                                        },
                                    .broken =
                                        [to](const Refusal& why) {
                                            to->send(frameOf(goodbye(why.code)));
                                            to->finish();
                                        },
                                    .drained = [] {},
                                    .closed = [](Ending) {}};
        });
    }

    uint16_t port() const { return transport_->port(); }
    const std::string& pin() const { return pin_; }
    Transport& transport() { return *transport_; }

    // Until this many connections are open; the test's time limit ends a wait in vain.
    void waitForConnections(size_t count)
    {
        while (transport_->counts().total() != count)
            std::this_thread::yield();
    }

private:
    test::TemporaryDirectory directory_;
    NetLimits limits_;
    std::string pin_;
    std::unique_ptr<Transport> transport_;
};

std::string lengthOf(uint32_t length)
{
    std::string head(4, '\0');
    for (int i = 0; i < 4; ++i)
        head[i] = static_cast<char>(length >> (8 * (3 - i)));
    return head + '\0';
}

} // namespace

TEST_CASE("frames travel both ways over TLS with the pinned key")
{
    EchoServer server;
    TestClient client(server.port(), {.pin = server.pin()});
    CHECK(client.alpn() == "stoa/1");
    for (int i = 0; i < 100; ++i)
        client.send(ping());
    for (int i = 0; i < 100; ++i)
        client.expect(v1::Envelope::kPong);
}

TEST_CASE("frames of all sizes come whole and in order to one who hardly takes them")
{
    EchoServer server;
    TestClient client(server.port(), {.receiveBufferBytes = 4096});
    client.send(test::helloWithToken("token"));
    client.expect(v1::Envelope::kPong);
    v1::Envelope ask;
    ask.mutable_hand_back();
    client.send(ask);
    client.send(ping());
    for (int i = 0; i < numberedFrames; ++i)
        REQUIRE((encodeFrame(client.expect(v1::Envelope::kHandedBack)) == *numbered(i)));
    client.expect(v1::Envelope::kPong);
}

TEST_CASE("a frame cut at every byte is put together again")
{
    EchoServer server;
    TestClient client(server.port());
    const std::string frame = encodeFrame(test::helloWithPassword("ana", "correct horse"));
    for (const char byte : frame)
        client.sendBytes({&byte, 1});
    client.expect(v1::Envelope::kPong);
}

TEST_CASE("only TLS 1.3 with this protocol is spoken")
{
    EchoServer server;
    CHECK_THROWS_AS(TestClient(server.port(), {.tlsVersionMax = TLS1_2_VERSION}), TestClient::Gone);
    CHECK_THROWS_AS(TestClient(server.port(), {.alpn = "h2"}), TestClient::Gone);
    CHECK_THROWS_AS(
        [&] {
            TestClient client(server.port(), {.alpn = ""});
            client.send(ping());
            client.receive();
        }(),
        TestClient::Gone);
    CHECK_THROWS_AS(TestClient(server.port(), {.pin = std::string(32, 'x')}), TestClient::Gone);
}

TEST_CASE("bytes that are not TLS end the connection and nothing else")
{
    EchoServer server;
    test::tcpExchange(server.port(), "GET / HTTP/1.1\r\nHost: stoa\r\n\r\n", std::chrono::seconds(5));
    test::tcpExchange(server.port(), std::string(100'000, '\xff'), std::chrono::seconds(5));
    TestClient client(server.port());
    client.send(ping());
    client.expect(v1::Envelope::kPong);
}

TEST_CASE("a frame with a length that cannot be is answered with why")
{
    EchoServer server;
    const std::pair<uint32_t, v1::Code> cases[] = {{0, v1::PROTOCOL},
                                                   {0x7fffffff, v1::TOO_LARGE},
                                                   {0xffffffff, v1::TOO_LARGE},
                                                   {limits::frameBytesMaxBeforeSignIn + 2, v1::TOO_LARGE}};
    for (const auto& [length, code] : cases) {
        TestClient client(server.port());
        client.sendBytes(lengthOf(length));
        CHECK(client.receiveGoodbye().code() == code);
    }
}

TEST_CASE("larger frames are for those who have signed in")
{
    EchoServer server;
    TestClient client(server.port());
    client.send(test::helloWithToken("token"));
    client.expect(v1::Envelope::kPong);
    v1::Envelope large;
    large.mutable_push()->add_changes()->set_change(std::string(limits::kMiB, 'x'));
    std::string frame = encodeFrame(large);
    client.sendBytes(frame);
    client.expect(v1::Envelope::kPong);
    client.sendBytes(lengthOf(limits::frameBytesMax + 2));
    CHECK(client.receiveGoodbye().code() == v1::TOO_LARGE);
}

TEST_CASE("a peer that does not shake hands, says nothing or falls silent is let go")
{
    EchoServer server({.handshakeMs = 100, .helloMs = 100, .silenceMs = 100});
    CHECK(test::tcpExchange(server.port(), "", std::chrono::seconds(5)).empty());

    TestClient wordless(server.port());
    CHECK_THROWS_WITH(wordless.receive(), "the server closed the connection");

    TestClient silent(server.port());
    silent.send(test::helloWithToken("token"));
    silent.expect(v1::Envelope::kPong);
    CHECK_THROWS_WITH(silent.receive(), "the server closed the connection");
    server.waitForConnections(0);
}

TEST_CASE("a peer that takes nothing of what is sent is let go, and others notice nothing")
{
    EchoServer server({.silenceMs = 60'000, .writeStuckMs = 200, .sendQueueBytesMax = 100 * limits::kMiB}, 1);
    TestClient slow(server.port(), {.receiveBufferBytes = 4096});
    slow.send(test::helloWithToken("token"));
    slow.expect(v1::Envelope::kPong);
    v1::Envelope subscribe;
    subscribe.mutable_subscribe();
    slow.send(subscribe);

    TestClient other(server.port());
    other.send(ping());
    other.expect(v1::Envelope::kPong);
    other.close();
    server.waitForConnections(0);
}

TEST_CASE("more waits for a peer than may: it is let go at once")
{
    EchoServer server({.handshakeMs = 400, .sendQueueBytesMax = limits::kMiB});
    TestClient slow(server.port(), {.receiveBufferBytes = 4096});
    v1::Envelope subscribe;
    subscribe.mutable_subscribe();
    slow.send(test::helloWithToken("token"));
    slow.send(subscribe);
    server.waitForConnections(0);
}

TEST_CASE("a flood of connections from one address is held at its limit")
{
    EchoServer server({.notSignedInPerAddressMax = 5});
    std::vector<TestClient> clients;
    for (int i = 0; i < 5; ++i)
        clients.emplace_back(server.port());
    for (int i = 0; i < 20; ++i)
        CHECK_THROWS_AS(TestClient(server.port()), TestClient::Gone);
    SECTION("those who came first are served")
    {
        clients.front().send(ping());
        clients.front().expect(v1::Envelope::kPong);
    }
    SECTION("who signs in makes room for another")
    {
        clients.front().send(test::helloWithToken("token"));
        clients.front().expect(v1::Envelope::kPong);
        TestClient another(server.port());
        another.send(ping());
        another.expect(v1::Envelope::kPong);
    }
    SECTION("who leaves makes room for another")
    {
        clients.pop_back();
        server.waitForConnections(4);
        TestClient another(server.port());
        another.send(ping());
        another.expect(v1::Envelope::kPong);
    }
}

TEST_CASE("more than may sign in at once wait for their turn")
{
    EchoServer server({.notSignedInMax = 3});
    std::vector<TestClient> first;
    for (int i = 0; i < 3; ++i)
        first.emplace_back(server.port());
    std::vector<std::thread> later;
    std::atomic<int> served = 0;
    for (int i = 0; i < 10; ++i) {
        later.emplace_back([&] {
            TestClient client(server.port());
            client.send(test::helloWithToken("token"));
            client.expect(v1::Envelope::kPong);
            ++served;
        });
    }
    CHECK(server.transport().counts().total() == 3);
    CHECK(served == 0);
    SECTION("when one has signed in")
    {
        first.front().send(test::helloWithToken("token"));
        first.front().expect(v1::Envelope::kPong);
    }
    SECTION("when one has left")
    {
        first.pop_back();
    }
    for (std::thread& thread : later)
        thread.join();
    CHECK(served == 10);
}

TEST_CASE("what is sent before the end arrives before the end")
{
    EchoServer server;
    TestClient client(server.port());
    client.send(ping());
    client.sendBytes(lengthOf(0));
    client.expect(v1::Envelope::kPong);
    CHECK(client.receiveGoodbye().code() == v1::PROTOCOL);
}

TEST_CASE("a port in use is refused in words")
{
    EchoServer server;
    NetLimits limits;
    test::TemporaryDirectory directory;
    const CertificateFiles files = certificateFiles(directory.path());
    makeCertificate(files, "::1", systemWallClock()());
    CHECK_THROWS_WITH(Transport({.address = "127.0.0.1", .port = server.port()}, limits, makeTlsContext(files),
                                systemSteadyClock(), nullptr),
                      Catch::Contains("cannot be used: Address already in use."));
    CHECK_THROWS_WITH(Transport({.address = "nowhere"}, limits, makeTlsContext(files), systemSteadyClock(), nullptr),
                      Catch::Contains("is not an address"));
}

TEST_CASE("a certificate without its key is refused in words, and existing files stay")
{
    test::TemporaryDirectory directory;
    const CertificateFiles files = certificateFiles(directory.path());
    makeCertificate(files, "learn.example.org", systemWallClock()());
    CHECK_THROWS_WITH(makeCertificate(files, "learn.example.org", 0), Catch::Contains("cannot be made: File exists."));
    test::TemporaryDirectory other;
    const CertificateFiles foreign = certificateFiles(other.path());
    makeCertificate(foreign, "learn.example.org", systemWallClock()());
    CHECK_THROWS_WITH(makeTlsContext({files.certificate, foreign.key}), Catch::Contains("cannot be used"));
    CHECK_THROWS_WITH(makeTlsContext({files.key, files.key}), Catch::Contains("cannot be used"));
    CHECK(publicKeyPin(files.certificate) != publicKeyPin(foreign.certificate));
}

} // namespace stoa
