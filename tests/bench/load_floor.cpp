#include "tests/bench/load_floor.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

namespace stoa::bench {

namespace {

struct Guest {
    int socket;
    SSL* ssl;
    bool open = false;
    std::string in;
};

void write(const Guest& guest, const std::string& bytes)
{
    size_t done = 0;
    while (SSL_write_ex(guest.ssl, bytes.data(), bytes.size(), &done) != 1) {
        if (SSL_get_error(guest.ssl, 0) != SSL_ERROR_WANT_WRITE)
            return;
        pollfd room{guest.socket, POLLOUT, 0};
        ::poll(&room, 1, -1);
    }
}

} // namespace

void serveFloor(const std::string& certificate, const std::string& key)
{
    std::signal(SIGPIPE, SIG_IGN);
    SSL_CTX* tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(tls, 0);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(tls, certificate.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, key.c_str(), SSL_FILETYPE_PEM) != 1)
        throw std::runtime_error("the floor has no certificate");
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 4'096) != 0)
        throw std::runtime_error("the floor cannot listen");
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("port=%d\n", ntohs(address.sin_port));
    std::fflush(stdout);

    const int epoll = ::epoll_create1(0);
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wanted);
    std::vector<std::unique_ptr<Guest>> guests;
    for (;;) {
        epoll_event events[512];
        const int count = ::epoll_wait(epoll, events, 512, -1);
        for (int i = 0; i < count; ++i) {
            if (!events[i].data.ptr) {
                const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
                if (socket < 0)
                    continue;
                const int on = 1;
                ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                guests.push_back(std::make_unique<Guest>(Guest{socket, SSL_new(tls)}));
                SSL_set_fd(guests.back()->ssl, socket);
                wanted.data.ptr = guests.back().get();
                ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &wanted);
                wanted.data.ptr = nullptr;
                continue;
            }
            Guest& guest = *static_cast<Guest*>(events[i].data.ptr);
            ERR_clear_error();
            if (!guest.open) {
                guest.open = SSL_accept(guest.ssl) == 1;
                continue;
            }
            char buffer[4'096];
            size_t got = 0;
            while (SSL_read_ex(guest.ssl, buffer, sizeof buffer, &got) == 1)
                guest.in.append(buffer, got);
            if (SSL_get_error(guest.ssl, 0) != SSL_ERROR_WANT_READ)
                ::epoll_ctl(epoll, EPOLL_CTL_DEL, guest.socket, nullptr);
            while (guest.in.size() >= sizeof(FloorOrder)) {
                FloorOrder order;
                std::memcpy(&order, guest.in.data(), sizeof order);
                guest.in.erase(0, sizeof order);
                std::string message(order.bytes, 'x');
                std::memcpy(message.data(), &order.number, sizeof order.number);
                for (size_t to = 0; to < order.receivers && to < guests.size(); ++to)
                    write(*guests[to], message);
            }
        }
    }
}

} // namespace stoa::bench
