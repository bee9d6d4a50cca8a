#include "tests/bench/load_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace stoa::bench {

namespace {

constexpr size_t readBytes = 64 * 1024;
constexpr int eventsMax = 512;

} // namespace

Links::Links(const std::string& alpn, LinkEvents events)
    : events_(std::move(events)),
      alpn_(alpn.empty() ? "" : static_cast<char>(alpn.size()) + alpn),
      tls_(SSL_CTX_new(TLS_client_method())),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(readBytes)
{
    SSL_CTX_set_min_proto_version(tls_, TLS1_3_VERSION);
    SSL_CTX_set_mode(tls_,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(tls_, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(tls_, 1);
}

Links::~Links()
{
    for (const auto& link : links_) {
        if (link)
            close(*link);
    }
    ::close(epoll_);
    SSL_CTX_free(tls_);
}

void Links::watch(Link& link, int operation)
{
    epoll_event event{};
    event.data.ptr = &link;
    event.events = link.deaf ? 0 : EPOLLIN;
    if (!link.out.empty() || (!link.open && (!link.ssl || SSL_want_write(link.ssl))))
        event.events |= EPOLLOUT;
    ::epoll_ctl(epoll_, operation, link.socket, &event);
}

void Links::connect(size_t index, uint16_t port, size_t perAddress, int receiveBytes)
{
    if (links_.size() <= index)
        links_.resize(index + 1);
    if (!links_[index])
        links_[index] = std::make_unique<Link>();
    Link& link = *links_[index];
    close(link);
    link.index = index;
    link.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link.socket < 0)
        throw std::runtime_error("no descriptor is left for a client");
    const int on = 1;
    ::setsockopt(link.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receiveBytes > 0)
        ::setsockopt(link.socket, SOL_SOCKET, SO_RCVBUF, &receiveBytes, sizeof receiveBytes);
    // The port is chosen when both ends are known, so that each address has all of them.
    ::setsockopt(link.socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in from{}, to{};
    from.sin_family = to.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + static_cast<uint32_t>(index / perAddress));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(port);
    if (::bind(link.socket, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0)
        throw std::runtime_error("no loopback address is left for a client");
    const bool refused =
        ::connect(link.socket, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS;
    watch(link, EPOLL_CTL_ADD);
    if (refused)
        end(link);
}

void Links::close(Link& link)
{
    if (link.ssl)
        SSL_free(link.ssl);
    if (link.socket >= 0)
        ::close(link.socket);
    link.ssl = nullptr;
    link.socket = -1;
    link.open = link.deaf = false;
    link.in.clear();
    link.out.clear();
}

void Links::end(Link& link)
{
    close(link);
    events_.gone(link);
}

void Links::send(Link& link, std::string_view bytes)
{
    const bool waits = !link.out.empty();
    link.out += bytes;
    if (!waits)
        write(link);
}

void Links::setDeaf(Link& link, bool deaf)
{
    link.deaf = deaf;
    watch(link, EPOLL_CTL_MOD);
}

void Links::turn(int waitMs)
{
    events_.turned();
    epoll_event events[eventsMax];
    const int count = ::epoll_wait(epoll_, events, eventsMax, waitMs);
    for (int i = 0; i < count; ++i) {
        Link& link = *static_cast<Link*>(events[i].data.ptr);
        if (link.socket < 0)
            continue;
        if (!link.open) {
            advance(link);
            continue;
        }
        if ((events[i].events & EPOLLOUT) != 0)
            write(link);
        if (link.socket >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
            read(link);
    }
}

void Links::until(const std::function<bool()>& done, std::chrono::seconds patience, const char* what)
{
    const auto end = Clock::now() + patience;
    while (!done()) {
        if (Clock::now() > end)
            throw std::runtime_error(std::string("waited in vain for ") + what);
        turn(10);
    }
}

void Links::advance(Link& link)
{
    if (!link.ssl) {
        int failed = 0;
        socklen_t size = sizeof failed;
        ::getsockopt(link.socket, SOL_SOCKET, SO_ERROR, &failed, &size);
        if (failed != 0)
            return end(link);
        link.ssl = SSL_new(tls_);
        SSL_set_fd(link.ssl, link.socket);
        if (!alpn_.empty())
            SSL_set_alpn_protos(link.ssl, reinterpret_cast<const unsigned char*>(alpn_.data()),
                                static_cast<unsigned>(alpn_.size()));
    }
    ERR_clear_error();
    const int done = SSL_connect(link.ssl);
    if (done == 1) {
        link.open = true;
        watch(link, EPOLL_CTL_MOD);
        events_.open(link);
        return;
    }
    const int why = SSL_get_error(link.ssl, done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        return end(link);
    watch(link, EPOLL_CTL_MOD);
}

void Links::read(Link& link)
{
    size_t got = 0;
    ERR_clear_error();
    do {
        if (SSL_read_ex(link.ssl, buffer_.data(), buffer_.size(), &got) != 1) {
            if (SSL_get_error(link.ssl, 0) != SSL_ERROR_WANT_READ)
                end(link);
            return;
        }
        link.in.append(buffer_.data(), got);
        events_.readable(link);
    } while (link.socket >= 0 && SSL_has_pending(link.ssl) == 1);
    if (link.in.empty() && link.in.capacity() > 1'024)
        std::string().swap(link.in);
}

void Links::write(Link& link)
{
    size_t done = 0;
    ERR_clear_error();
    while (!link.out.empty()) {
        if (SSL_write_ex(link.ssl, link.out.data(), link.out.size(), &done) != 1) {
            if (SSL_get_error(link.ssl, 0) != SSL_ERROR_WANT_WRITE)
                return end(link);
            break;
        }
        link.out.erase(0, done);
        if (!link.out.empty())
            continue;
        std::string().swap(link.out);
    }
    watch(link, EPOLL_CTL_MOD);
}

} // namespace stoa::bench
