#pragma once

// TLS on a socket that never blocks. It has no buffers of its own: OpenSSL reads and writes the socket itself and
// lets its buffers go whenever nothing is under way, so that a silent peer costs next to nothing. Nothing here waits;
// who is told to asks `whenReadable` or `whenWritable` and tries again. One thread uses it.

#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include <openssl/ssl.h>

namespace stoa {

class TlsSocket {
public:
    using Socket = boost::asio::ip::tcp::socket;

    enum class Outcome { Done, WantsRead, WantsWrite, Ended };
    struct Moved {
        Outcome outcome;
        size_t bytes = 0; // where it is done; at least one
    };

    // The server's side of a connection that was accepted.
    TlsSocket(Socket socket, SSL_CTX* context);

    Outcome shakeHands();
    Moved read(std::span<char> into);
    // At most one TLS record. What a write could not end is in OpenSSL's hands already: the next one must be of the
    // same bytes again, wherever they lie by then.
    Moved write(std::string_view bytes);

    template <class Handler>
    void whenReadable(Handler handler)
    {
        socket_.async_wait(Socket::wait_read, std::move(handler));
    }
    template <class Handler>
    void whenWritable(Handler handler)
    {
        socket_.async_wait(Socket::wait_write, std::move(handler));
    }

    // Tells the peer that nothing was cut off; it may still send.
    void shutdownSend();
    // Ends every wait.
    void close();

    std::string_view protocol() const; // that ALPN chose
    Socket::executor_type executor() { return socket_.get_executor(); }

private:
    struct Free {
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };

    Outcome outcomeOf(int result) const;

    Socket socket_;
    std::unique_ptr<SSL, Free> ssl_;
};

} // namespace stoa
