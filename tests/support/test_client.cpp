#include "tests/support/test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "shared/base/limits.h"

namespace stoa::test {

namespace {

using Clock = std::chrono::steady_clock;

int connectTo(uint16_t port, int receiveBufferBytes)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receiveBufferBytes > 0)
        ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, sizeof receiveBufferBytes);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const std::string why = std::strerror(errno);
        ::close(socket);
        throw TestClient::Gone("cannot connect: " + why);
    }
    return socket;
}

bool waitFor(int socket, short events, Clock::time_point until)
{
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd wanted{socket, events, 0};
    return left > 0 && ::poll(&wanted, 1, static_cast<int>(left)) > 0;
}

v1::Envelope hello()
{
    v1::Envelope envelope;
    v1::Hello& message = *envelope.mutable_hello();
    message.set_protocol_min(limits::protocolMin);
    message.set_protocol_max(limits::protocolMax);
    message.set_program("test client");
    message.set_device_name("a test");
    return envelope;
}

} // namespace

struct TestClient::State {
    Options options;
    SSL_CTX* context = nullptr;
    SSL* ssl = nullptr;
    int socket = -1;
    FrameDecoder decoder{limits::frameBytesMax};

    ~State()
    {
        SSL_free(ssl);
        SSL_CTX_free(context);
        if (socket >= 0)
            ::close(socket);
    }

    // Repeats a TLS call until it is done; false when the peer has closed.
    template <class Call>
    bool finish(const char* what, Call call)
    {
        const auto until = Clock::now() + options.patience;
        for (;;) {
            ERR_clear_error();
            const int got = call();
            if (got > 0)
                return true;
            const int error = SSL_get_error(ssl, got);
            if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
                if (!waitFor(socket, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until))
                    throw Gone(std::string("no answer while ") + what);
            } else {
                return false;
            }
        }
    }
};

TestClient::TestClient(uint16_t port, Options options) : state_(std::make_unique<State>())
{
    std::signal(SIGPIPE, SIG_IGN);
    State& s = *state_;
    s.options = std::move(options);
    s.context = SSL_CTX_new(TLS_client_method());
    if (s.options.tlsVersionMax != 0)
        SSL_CTX_set_max_proto_version(s.context, s.options.tlsVersionMax);
    s.ssl = SSL_new(s.context);
    if (!s.options.alpn.empty()) {
        const std::string wire = static_cast<char>(s.options.alpn.size()) + s.options.alpn;
        SSL_set_alpn_protos(s.ssl, reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
    }
    s.socket = connectTo(port, s.options.receiveBufferBytes);
    const int flags = 1;
    ::ioctl(s.socket, FIONBIO, &flags);
    SSL_set_fd(s.ssl, s.socket);
    if (!s.finish("shaking hands", [&] { return SSL_connect(s.ssl); }))
        throw Gone("the handshake failed");
    if (!s.options.pin.empty() && publicKeyPin() != s.options.pin)
        throw Gone("the server shows another key than the one that was pinned");
}

TestClient::~TestClient() = default;
TestClient::TestClient(TestClient&&) noexcept = default;
TestClient& TestClient::operator=(TestClient&&) noexcept = default;

void TestClient::send(const v1::Envelope& envelope)
{
    sendBytes(encodeFrame(envelope));
}

void TestClient::sendBytes(std::string_view bytes)
{
    State& s = *state_;
    while (!bytes.empty()) {
        size_t written = 0;
        if (!s.finish("sending", [&] { return SSL_write_ex(s.ssl, bytes.data(), bytes.size(), &written); }))
            throw Gone("the connection was closed while sending");
        bytes.remove_prefix(written);
    }
}

v1::Envelope TestClient::receive()
{
    State& s = *state_;
    for (;;) {
        auto next = s.decoder.next();
        if (!next)
            throw Gone("the server sent something that is not a frame");
        if (*next)
            return std::move(**next);
        char buffer[16 * 1024];
        size_t got = 0;
        if (!s.finish("waiting for an envelope", [&] { return SSL_read_ex(s.ssl, buffer, sizeof buffer, &got); }))
            throw Gone("the server closed the connection");
        s.decoder.append({buffer, got});
    }
}

v1::Envelope TestClient::expect(v1::Envelope::MessageCase kind)
{
    v1::Envelope envelope = receive();
    if (envelope.message_case() != kind)
        throw Gone("another message than the expected one came: " + envelope.ShortDebugString());
    return envelope;
}

v1::Envelope TestClient::receiveUntil(const std::function<bool(const v1::Envelope&)>& wanted)
{
    for (;;) {
        v1::Envelope envelope = receive();
        if (wanted(envelope))
            return envelope;
    }
}

v1::Refusal TestClient::receiveGoodbye()
{
    v1::Refusal why;
    try {
        for (;;) {
            const v1::Envelope envelope = receive();
            if (envelope.has_goodbye())
                why = envelope.goodbye().why();
        }
    } catch (const Gone& gone) {
        if (std::string_view(gone.what()).starts_with("no answer"))
            throw;
    }
    return why;
}

std::string TestClient::alpn() const
{
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(state_->ssl, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string TestClient::publicKeyPin() const
{
    X509* certificate = SSL_get1_peer_certificate(state_->ssl);
    unsigned char* encoded = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded);
    std::string pin(32, '\0');
    EVP_Digest(encoded, static_cast<size_t>(size), reinterpret_cast<unsigned char*>(pin.data()), nullptr, EVP_sha256(),
               nullptr);
    OPENSSL_free(encoded);
    X509_free(certificate);
    return pin;
}

void TestClient::close()
{
    if (state_->socket >= 0)
        ::close(state_->socket);
    state_->socket = -1;
}

v1::Envelope helloWithToken(std::string_view token)
{
    v1::Envelope envelope = hello();
    envelope.mutable_hello()->set_token(std::string(token));
    return envelope;
}

v1::Envelope helloWithPassword(std::string_view login, std::string_view password)
{
    v1::Envelope envelope = hello();
    envelope.mutable_hello()->mutable_password()->set_login(std::string(login));
    envelope.mutable_hello()->mutable_password()->set_password(std::string(password));
    return envelope;
}

v1::Envelope helloWithInvitation(std::string_view code, std::string_view password)
{
    v1::Envelope envelope = hello();
    envelope.mutable_hello()->mutable_invitation()->set_code(std::string(code));
    envelope.mutable_hello()->mutable_invitation()->set_password(std::string(password));
    return envelope;
}

std::string tcpExchange(uint16_t port, std::string_view bytes, std::chrono::milliseconds patience)
{
    const int socket = connectTo(port, 0);
    const auto until = Clock::now() + patience;
    static_cast<void>(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    std::string answer;
    char buffer[4096];
    while (waitFor(socket, POLLIN, until)) {
        const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
        if (got <= 0) {
            ::close(socket);
            return answer;
        }
        answer.append(buffer, static_cast<size_t>(got));
    }
    ::close(socket);
    throw TestClient::Gone("the server did not close the connection");
}

} // namespace stoa::test
