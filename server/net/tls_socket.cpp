#include "server/net/tls_socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <new>

#include <openssl/bio.h>
#include <openssl/err.h>

namespace stoa {

namespace {

int descriptorOf(BIO* bio)
{
    return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
}

bool mayGoOn()
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int readSocket(BIO* bio, char* into, int size)
{
    BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(descriptorOf(bio), into, static_cast<size_t>(size), 0);
    if (got < 0 && mayGoOn())
        BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

int writeSocket(BIO* bio, const char* from, int size)
{
    BIO_clear_retry_flags(bio);
    const ssize_t sent = ::send(descriptorOf(bio), from, static_cast<size_t>(size), MSG_NOSIGNAL);
    if (sent < 0 && mayGoOn())
        BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

long control(BIO*, int command, long, void*)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

// OpenSSL's own socket BIO raises SIGPIPE where the peer has left.
const BIO_METHOD* socketMethod()
{
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
        if (!made)
            throw std::bad_alloc();
        BIO_meth_set_read(made, readSocket);
        BIO_meth_set_write(made, writeSocket);
        BIO_meth_set_ctrl(made, control);
        return made;
    }();
    return method;
}

} // namespace

TlsSocket::TlsSocket(Socket socket, SSL_CTX* context) : socket_(std::move(socket)), ssl_(SSL_new(context))
{
    BIO* bio = BIO_new(socketMethod());
    if (!ssl_ || !bio) {
        BIO_free(bio);
        throw std::bad_alloc();
    }
    boost::system::error_code ignored; // a socket that has failed says so at the first read
    socket_.native_non_blocking(true, ignored);
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket_.native_handle())));
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

TlsSocket::Outcome TlsSocket::outcomeOf(int result) const
{
    if (result == 1)
        return Outcome::Done;
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
        return Outcome::WantsRead;
    case SSL_ERROR_WANT_WRITE:
        return Outcome::WantsWrite;
    default:
        return Outcome::Ended;
    }
}

TlsSocket::Outcome TlsSocket::shakeHands()
{
    ERR_clear_error();
    return outcomeOf(SSL_do_handshake(ssl_.get()));
}

TlsSocket::Moved TlsSocket::read(std::span<char> into)
{
    size_t bytes = 0;
    ERR_clear_error();
    const Outcome outcome = outcomeOf(SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes));
    return {outcome, bytes};
}

TlsSocket::Moved TlsSocket::write(std::string_view bytes)
{
    size_t written = 0;
    ERR_clear_error();
    const Outcome outcome = outcomeOf(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written));
    return {outcome, written};
}

void TlsSocket::shutdownSend()
{
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void TlsSocket::close()
{
    boost::system::error_code ignored;
    socket_.close(ignored);
    BIO_set_data(SSL_get_rbio(ssl_.get()), reinterpret_cast<void*>(intptr_t{-1})); // the number may soon be another's
}

std::string_view TlsSocket::protocol() const
{
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

} // namespace stoa
