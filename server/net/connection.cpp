#include "server/net/connection.h"

#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/ssl.h>

namespace stoa {

namespace asio = boost::asio;

namespace {

constexpr std::string_view protocolName = "stoa/1";
constexpr size_t frameCostBytes = 96; // in the queue, beside the frame's own bytes

bool speaksStoa(SSL* ssl)
{
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &name, &size);
    return std::string_view(reinterpret_cast<const char*>(name), size) == protocolName;
}

} // namespace

Connection::Connection(TlsStream stream, std::string peerAddress, const NetLimits& limits, SteadyClock clock)
    : stream_(std::move(stream)),
      limits_(limits),
      clock_(std::move(clock)),
      decoder_(limits::frameBytesMaxBeforeSignIn),
      peerAddress_(std::move(peerAddress)),
      phaseStartedMs_(clock_()),
      heardMs_(phaseStartedMs_),
      resume_(stream_.get_executor())
{
    resume_.expires_at(asio::steady_timer::time_point::max());
}

void Connection::start(ConnectionEvents events)
{
    events_ = std::move(events);
    asio::co_spawn(
        stream_.get_executor(), [self = shared_from_this()] { return self->run(); }, asio::detached);
}

asio::awaitable<void> Connection::run()
{
    const auto self = shared_from_this();
    boost::system::error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);

    co_await stream_.async_handshake(TlsStream::server, token);
    if (failed || !speaksStoa(stream_.native_handle())) {
        abort(Ending::Handshake);
        co_return;
    }
    if (phase_ == Phase::Closed)
        co_return;
    phase_ = Phase::Hello;
    phaseStartedMs_ = heardMs_ = clock_();
    events_.ready();

    std::vector<char> buffer(limits_.readBytes);
    while (phase_ != Phase::Closed) {
        const size_t got = co_await stream_.async_read_some(asio::buffer(buffer), token);
        if (failed) {
            abort(Ending::Peer);
            co_return;
        }
        heardMs_ = clock_();
        if (deaf_ || finishingSinceMs_)
            continue; // what still comes is drained, so that the Goodbye is not lost with a reset
        decoder_.append({buffer.data(), got});
        deliver();
        while (heldBack() && phase_ != Phase::Closed && !finishingSinceMs_) {
            waitsToRead_ = true;
            boost::system::error_code woken;
            co_await resume_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            waitsToRead_ = false;
            heardMs_ = clock_();
            deliver();
        }
    }
}

void Connection::deliver()
{
    while (!heldBack() && !deaf_ && !finishingSinceMs_ && phase_ != Phase::Closed) {
        auto next = decoder_.next();
        if (!next) {
            deaf_ = true;
            events_.broken(next.error());
            return;
        }
        if (!*next)
            return;
        events_.received(std::move(**next));
    }
}

void Connection::send(SharedFrame frame)
{
    if (phase_ == Phase::Closed || finishingSinceMs_)
        return;
    queuedBytes_ += frame->size() + frameCostBytes;
    queue_.push_back(std::move(frame));
    if (queuedBytes() >= limits::bulkBelowBytes)
        mustReport_ = true;
    flushSoon();
}

void Connection::signedIn()
{
    if (phase_ == Phase::Closed || isSignedIn_)
        return;
    isSignedIn_ = true;
    phase_ = Phase::SignedIn;
    decoder_.setFrameBytesMax(limits::frameBytesMax);
    events_.signedIn();
}

void Connection::pauseReading(bool paused)
{
    paused_ = paused;
    hearAgain();
}

void Connection::hearAgain()
{
    if (waitsToRead_ && !heldBack())
        resume_.cancel();
}

void Connection::finish()
{
    if (phase_ == Phase::Closed || finishingSinceMs_)
        return;
    finishingSinceMs_ = clock_();
    resume_.cancel();
    flushSoon();
}

void Connection::abort(Ending why)
{
    if (phase_ == Phase::Closed)
        return;
    phase_ = Phase::Closed;
    resume_.cancel();
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
    // Not from within the caller's own turn: it may stand in the middle of using this.
    asio::post(stream_.get_executor(), [self = shared_from_this(), why] {
        const ConnectionEvents events = std::exchange(self->events_, {});
        events.closed(why);
    });
}

void Connection::sweep(int64_t nowMs)
{
    const auto longer = [nowMs](int64_t sinceMs, int64_t thanMs) { return nowMs - sinceMs >= thanMs; };
    const bool stuck = !writing_.empty() && longer(progressMs_, limits_.writeStuckMs);
    if (phase_ == Phase::Closed)
        return;
    if (finishingSinceMs_ && longer(*finishingSinceMs_, limits_.goodbyeMs))
        abort(Ending::Said);
    else if (phase_ == Phase::Handshake && longer(phaseStartedMs_, limits_.handshakeMs))
        abort(Ending::Silent);
    else if (phase_ == Phase::Hello && longer(phaseStartedMs_, limits_.helloMs))
        abort(Ending::Silent);
    else if (stuck || queuedBytes() > limits_.sendQueueBytesMax)
        abort(Ending::Slow);
    else if (phase_ == Phase::SignedIn && !heldBack() && longer(heardMs_, limits_.silenceMs))
        abort(Ending::Silent);
}

void Connection::flushSoon()
{
    if (flushPosted_)
        return;
    flushPosted_ = true;
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
        self->flushPosted_ = false;
        self->flush();
    });
}

void Connection::flush()
{
    if (!writing_.empty() || phase_ == Phase::Closed || phase_ == Phase::Handshake)
        return;
    if (queue_.empty()) {
        if (!finishingSinceMs_)
            return;
        // The end of the stream tells the peer that nothing was cut off; what it still sends is drained
        // until it closes, or `sweep` does.
        boost::system::error_code ignored;
        SSL_set_quiet_shutdown(stream_.native_handle(), 1);
        stream_.next_layer().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        return;
    }
    while (!queue_.empty() && (writing_.empty() || writing_.size() + queue_.front()->size() <= limits_.writeBytes)) {
        writing_ += *queue_.front();
        queuedBytes_ -= queue_.front()->size() + frameCostBytes;
        queue_.pop_front();
    }
    written_ = 0;
    progressMs_ = clock_();
    writeMore();
}

void Connection::writeMore()
{
    stream_.async_write_some(asio::buffer(writing_.data() + written_, writing_.size() - written_),
                             [self = shared_from_this()](boost::system::error_code failed, size_t bytes) {
                                 if (failed || self->phase_ == Phase::Closed)
                                     return self->abort(Ending::Peer);
                                 self->written_ += bytes;
                                 self->progressMs_ = self->clock_();
                                 if (self->written_ < self->writing_.size())
                                     return self->writeMore();
                                 self->writing_.clear();
                                 self->written_ = 0;
                                 if (self->mustReport_ && self->queuedBytes_ < limits::bulkBelowBytes &&
                                     !self->finishingSinceMs_) {
                                     self->mustReport_ = false;
                                     self->events_.drained();
                                 }
                                 self->hearAgain();
                                 self->flush();
                             });
}

} // namespace stoa
