#include "server/net/transport.h"

#include <algorithm>
#include <stdexcept>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <openssl/ssl.h>

namespace stoa {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr unsigned char alpn[] = "\x06stoa/1";
constexpr int listenBacklog = 4'096; // who comes back after a restart: the system's own limit, where that is lower
constexpr int64_t sweepEveryMsMax = 1'000;
constexpr auto acceptAgainAfter = std::chrono::milliseconds(100); // when no descriptor is left
constexpr auto roomAgainAfter = std::chrono::milliseconds(5);     // when as many as may are signing in

int selectProtocol(SSL*, const unsigned char** chosen, unsigned char* chosenSize, const unsigned char* offered,
                   unsigned offeredSize, void*)
{
    unsigned char* out = nullptr;
    if (SSL_select_next_proto(&out, chosenSize, alpn, sizeof alpn - 1, offered, offeredSize) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = out;
    return SSL_TLSEXT_ERR_OK;
}

// An IPv4 peer of an IPv6 socket counts as the same address as elsewhere.
std::string plainAddress(const asio::ip::address& address)
{
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

tcp::acceptor listenOn(asio::io_context& io, const std::string& address, uint16_t port)
{
    boost::system::error_code failed;
    const auto where =
        address.empty() ? asio::ip::address(asio::ip::address_v6::any()) : asio::ip::make_address(address, failed);
    const std::string name = (address.empty() ? "*" : address) + ":" + std::to_string(port);
    if (failed)
        throw std::runtime_error("\"" + address + "\" is not an address to listen on.");
    tcp::acceptor acceptor(io);
    const auto open = [&](const asio::ip::address& on) {
        acceptor.open(tcp::endpoint(on, port).protocol(), failed);
        if (failed)
            return;
        acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
        if (on.is_v6() && address.empty())
            acceptor.set_option(asio::ip::v6_only(false), failed);
        acceptor.bind({on, port}, failed);
        if (!failed)
            acceptor.listen(listenBacklog, failed);
    };
    open(where);
    // A machine without IPv6.
    if (failed && address.empty() && failed != asio::error::address_in_use) {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        open(asio::ip::address_v4::any());
    }
    if (failed)
        throw std::runtime_error("The address " + name + " cannot be used: " + failed.message() + ".");
    return acceptor;
}

} // namespace

asio::ssl::context makeTlsContext(const CertificateFiles& files)
{
    asio::ssl::context tls(asio::ssl::context::tls_server);
    boost::system::error_code failed;
    tls.use_certificate_chain_file(files.certificate.string(), failed);
    if (failed)
        throw std::runtime_error("The certificate " + files.certificate.string() +
                                 " cannot be used: " + failed.message() + ".");
    tls.use_private_key_file(files.key.string(), asio::ssl::context::pem, failed);
    if (failed || SSL_CTX_check_private_key(tls.native_handle()) != 1)
        throw std::runtime_error("The key " + files.key.string() + " cannot be used with the certificate " +
                                 files.certificate.string() + ".");
    SSL_CTX* native = tls.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
    // The client reconnects with its own token; tickets would only cost bytes and keys to look after.
    SSL_CTX_set_num_tickets(native, 0);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    // As a connection writes: record by record, and what is stuck may have moved.
    SSL_CTX_set_mode(native,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(native, 1);
    SSL_CTX_set_alpn_select_cb(native, selectProtocol, nullptr);
    return tls;
}

bool ConnectionCounts::mayEnter(const std::string& address)
{
    const std::lock_guard lock(mutex_);
    if (total_.all >= limits_.connectionsMax || total_.notSignedIn >= limits_.notSignedInMax)
        return false;
    const auto found = byAddress_.find(address);
    if (found != byAddress_.end() && (found->second.all >= limits_.connectionsPerAddressMax ||
                                      found->second.notSignedIn >= limits_.notSignedInPerAddressMax))
        return false;
    Of& of = byAddress_[address];
    for (Of* count : {&total_, &of}) {
        ++count->all;
        ++count->notSignedIn;
    }
    return true;
}

void ConnectionCounts::signedIn(const std::string& address)
{
    const std::lock_guard lock(mutex_);
    --total_.notSignedIn;
    --byAddress_[address].notSignedIn;
}

void ConnectionCounts::left(const std::string& address, bool wasSignedIn)
{
    const std::lock_guard lock(mutex_);
    Of& of = byAddress_[address];
    for (Of* count : {&total_, &of}) {
        --count->all;
        if (!wasSignedIn)
            --count->notSignedIn;
    }
    if (of.all == 0)
        byAddress_.erase(address);
}

bool ConnectionCounts::hasRoomToSignIn() const
{
    const std::lock_guard lock(mutex_);
    return total_.notSignedIn < limits_.notSignedInMax;
}

size_t ConnectionCounts::total() const
{
    const std::lock_guard lock(mutex_);
    return total_.all;
}

IoThread::IoThread(size_t index, const NetLimits& limits, SteadyClock clock)
    : index_(index),
      clock_(std::move(clock)),
      sweepEveryMs_(std::clamp<int64_t>(
          std::min({limits.handshakeMs, limits.helloMs, limits.silenceMs, limits.writeStuckMs, limits.goodbyeMs}) / 4,
          1, sweepEveryMsMax)),
      work_(asio::make_work_guard(io_)),
      sweeper_(io_),
      buffers_(limits)
{
}

void IoThread::post(std::function<void()> task)
{
    asio::post(io_, std::move(task));
}

void IoThread::sweep()
{
    sweeper_.expires_after(std::chrono::milliseconds(sweepEveryMs_));
    sweeper_.async_wait([this](boost::system::error_code stopped) {
        if (stopped)
            return;
        const int64_t nowMs = clock_();
        for (const auto& connection : connections_)
            connection->sweep(nowMs);
        sweep();
    });
}

Transport::Transport(Options options, const NetLimits& limits, asio::ssl::context tls, SteadyClock clock, Log log)
    : limits_(limits),
      tls_(std::move(tls)),
      clock_(std::move(clock)),
      log_(std::move(log)),
      counts_(limits),
      threads_([&] {
          std::vector<std::unique_ptr<IoThread>> made;
          for (size_t i = 0; i < std::max(1u, options.threads); ++i)
              made.push_back(std::make_unique<IoThread>(i, limits, clock_));
          return made;
      }()),
      acceptor_(listenOn(threads_.front()->io(), options.address, options.port)),
      retry_(threads_.front()->io()),
      port_(acceptor_.local_endpoint().port())
{
}

Transport::~Transport()
{
    stop();
}

void Transport::start(Accept accept)
{
    accept_ = std::move(accept);
    for (const auto& thread : threads_) {
        thread->sweep();
        thread->thread_ = std::thread([io = &thread->io_] { io->run(); });
    }
    threads_.front()->post([this] { acceptNext(); });
}

void Transport::stopAccepting()
{
    threads_.front()->post([this] {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        retry_.cancel();
    });
}

void Transport::stop()
{
    for (const auto& thread : threads_)
        thread->io_.stop();
    for (const auto& thread : threads_) {
        if (thread->thread_.joinable())
            thread->thread_.join();
    }
}

void Transport::acceptNext()
{
    if (!acceptor_.is_open())
        return;
    // Whoever comes now waits with the system, which costs less than turning everybody away who comes back at once.
    if (!counts_.hasRoomToSignIn())
        return acceptLater(roomAgainAfter);
    IoThread& thread = *threads_[next_ % threads_.size()];
    acceptor_.async_accept(thread.io(), [this, &thread](boost::system::error_code failed, tcp::socket socket) {
        if (!acceptor_.is_open())
            return;
        if (failed) {
            log_->warn("event=accept_failed reason=\"{}\"", failed.message());
            return acceptLater(acceptAgainAfter);
        }
        const auto peer = socket.remote_endpoint(failed);
        const std::string address = failed ? std::string() : plainAddress(peer.address());
        if (!failed && counts_.mayEnter(address)) {
            ++next_;
            thread.post([this, &thread, address, moved = std::make_shared<tcp::socket>(std::move(socket))] {
                enter(std::move(*moved), address, thread);
            });
        } else if (!failed) {
            log_->info("event=connection_refused address={} reason=limit", address);
        }
        acceptNext();
    });
}

void Transport::acceptLater(std::chrono::milliseconds after)
{
    retry_.expires_after(after);
    retry_.async_wait([this](boost::system::error_code stopped) {
        if (!stopped)
            acceptNext();
    });
}

void Transport::enter(tcp::socket socket, const std::string& address, IoThread& thread)
{
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(TlsSocket(std::move(socket), tls_.native_handle()), address, limits_,
                                                   clock_, thread.buffers_);
    thread.connections_.insert(connection);
    ConnectionEvents events = accept_(connection, thread);
    events.signedIn = [this, address] { counts_.signedIn(address); };
    // The thread's set keeps the connection; a shared_ptr in its own events would keep it for ever.
    events.closed = [this, &thread, of = connection.get(), theirs = std::move(events.closed)](Ending why) {
        theirs(why);
        counts_.left(of->peerAddress(), of->isSignedIn());
        thread.connections_.erase(of->shared_from_this());
    };
    connection->start(std::move(events));
}

} // namespace stoa
