#pragma once

// A small blocking client over real TLS, for tests of the server as it is on the network: it speaks
// frames and envelopes and nothing above them. Every wait ends after `patience` at the latest, with an
// exception (TestClient::Gone) that says what was waited for. One thread uses one client.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "shared/wire/frame.h"

namespace stoa::test {

struct TestClientOptions {
    std::string pin;             // SHA-256 of the server's public key; empty: whatever it shows
    std::string alpn = "stoa/1"; // empty: none offered
    int tlsVersionMax = 0;       // an OpenSSL constant; 0: the newest
    int receiveBufferBytes = 0;  // of the socket; 0: the system's choice
    std::chrono::milliseconds patience{60'000};
};

class TestClient {
public:
    using Options = TestClientOptions;

    // The connection ended, could not be made, or said nothing for too long.
    struct Gone : std::runtime_error {
        using std::runtime_error::runtime_error;
    };

    // Connects and shakes hands.
    explicit TestClient(uint16_t port, Options options = {});
    ~TestClient();
    TestClient(TestClient&&) noexcept;
    TestClient& operator=(TestClient&&) noexcept;

    void send(const v1::Envelope& envelope);
    void sendBytes(std::string_view bytes);

    // The next envelope, in order. `expect` fails when it is not of that kind.
    v1::Envelope receive();
    v1::Envelope expect(v1::Envelope::MessageCase kind);
    // The next envelope for which `wanted` holds; others before it are dropped.
    v1::Envelope receiveUntil(const std::function<bool(const v1::Envelope&)>& wanted);
    // Reads until the server closes; the last Goodbye's reason, or CODE_NONE where there was none.
    v1::Refusal receiveGoodbye();

    std::string alpn() const;
    std::string publicKeyPin() const; // of the certificate the server showed
    void close();                     // without a word

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Hellos as the three ways of signing in.
v1::Envelope helloWithToken(std::string_view token);
v1::Envelope helloWithPassword(std::string_view login, std::string_view password);
v1::Envelope helloWithInvitation(std::string_view code, std::string_view password);

// A plain TCP connection, for what is not TLS: sends the bytes, returns what came until the peer closed.
std::string tcpExchange(uint16_t port, std::string_view bytes, std::chrono::milliseconds patience);

} // namespace stoa::test
