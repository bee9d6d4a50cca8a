#include "server/net/connection.h"

#include <boost/asio/post.hpp>

namespace stoa {

namespace asio = boost::asio;

namespace {

constexpr std::string_view protocolName = "stoa/1";
constexpr size_t frameCostBytes = 96; // in the queue, beside the frame's own bytes

constexpr int recordsInTurn = 4; // that one peer's words may take, before others have theirs

} // namespace

Connection::Connection(TlsSocket socket, std::string peerAddress, const NetLimits& limits, SteadyClock clock,
                       IoBuffers& buffers)
    : socket_(std::move(socket)),
      limits_(limits),
      clock_(std::move(clock)),
      buffers_(buffers),
      decoder_(limits::frameBytesMaxBeforeSignIn),
      peerAddress_(std::move(peerAddress)),
      phaseStartedMs_(clock_()),
      heardMs_(phaseStartedMs_)
{
}

void Connection::start(ConnectionEvents events)
{
    events_ = std::move(events);
    shakeHands();
}

bool Connection::waitFor(TlsSocket::Outcome outcome, void (Connection::*next)())
{
    const auto goOn = [self = shared_from_this(), next](boost::system::error_code) {
        if (self->phase_ != Phase::Closed)
            ((*self).*next)();
    };
    if (outcome == TlsSocket::Outcome::WantsRead)
        socket_.whenReadable(goOn);
    else if (outcome == TlsSocket::Outcome::WantsWrite)
        socket_.whenWritable(goOn);
    else
        return false;
    return true;
}

void Connection::shakeHands()
{
    const TlsSocket::Outcome outcome = socket_.shakeHands();
    if (outcome != TlsSocket::Outcome::Done) {
        if (!waitFor(outcome, &Connection::shakeHands))
            abort(Ending::Handshake);
        return;
    }
    if (socket_.protocol() != protocolName)
        return abort(Ending::Handshake);
    phase_ = Phase::Hello;
    phaseStartedMs_ = heardMs_ = clock_();
    events_.ready();
    if (finishingSinceMs_ || !queue_.empty())
        flushSoon();
    readOn();
}

void Connection::readOn()
{
    for (int records = 0;; ++records) {
        deliver();
        if (phase_ == Phase::Closed)
            return;
        if (heldBack() && !finishingSinceMs_) {
            waitsToRead_ = true;
            return;
        }
        // What comes is read whole, also by OpenSSL: that there is more need not show at the socket.
        if (records == recordsInTurn)
            return readSoon();
        const auto [outcome, bytes] = socket_.read(buffers_.in);
        if (outcome != TlsSocket::Outcome::Done) {
            if (!waitFor(outcome, &Connection::readOn))
                abort(Ending::Peer);
            return;
        }
        heardMs_ = clock_();
        // What still comes to one that has ended is drained, so that the Goodbye is not lost with a reset.
        if (!deaf_ && !finishingSinceMs_)
            decoder_.append({buffers_.in.data(), bytes});
    }
}

void Connection::readSoon()
{
    asio::post(socket_.executor(), [self = shared_from_this()] {
        if (self->phase_ != Phase::Closed)
            self->readOn();
    });
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
    if (!waitsToRead_ || (heldBack() && !finishingSinceMs_))
        return;
    waitsToRead_ = false;
    heardMs_ = clock_();
    readSoon();
}

void Connection::finish()
{
    if (phase_ == Phase::Closed || finishingSinceMs_)
        return;
    finishingSinceMs_ = clock_();
    hearAgain();
    flushSoon();
}

void Connection::abort(Ending why)
{
    if (phase_ == Phase::Closed)
        return;
    phase_ = Phase::Closed;
    socket_.close();
    // Not from within the caller's own turn: it may stand in the middle of using this.
    asio::post(socket_.executor(), [self = shared_from_this(), why] {
        const ConnectionEvents events = std::exchange(self->events_, {});
        events.closed(why);
    });
}

void Connection::sweep(int64_t nowMs)
{
    const auto longer = [nowMs](int64_t sinceMs, int64_t thanMs) { return nowMs - sinceMs >= thanMs; };
    const bool stuck = stuckBytes_ > 0 && longer(progressMs_, limits_.writeStuckMs);
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
    asio::post(socket_.executor(), [self = shared_from_this()] {
        self->flushPosted_ = false;
        self->flush();
    });
}

void Connection::flush()
{
    if (phase_ == Phase::Closed || phase_ == Phase::Handshake || stuckBytes_ > 0)
        return;
    tryToWrite();
}

void Connection::tryToWrite()
{
    while (!queue_.empty()) {
        const std::string_view piece = nextPiece();
        const auto [outcome, bytes] = socket_.write(piece);
        if (outcome == TlsSocket::Outcome::Done) {
            written(bytes);
            continue;
        }
        if (stuckBytes_ == 0)
            progressMs_ = clock_();
        stuckBytes_ = piece.size();
        if (!waitFor(outcome, &Connection::tryToWrite))
            return abort(Ending::Peer);
        break;
    }
    if (mustReport_ && queuedBytes() < limits::bulkBelowBytes && !finishingSinceMs_) {
        mustReport_ = false;
        events_.drained();
    }
    hearAgain();
    // The end of the stream tells the peer that nothing was cut off; what it still sends is drained until it closes,
    // or `sweep` does.
    if (queue_.empty() && finishingSinceMs_)
        socket_.shutdownSend();
}

// As much as a TLS record holds: of one frame where it lies, of small ones joined. What is stuck comes again as it was.
std::string_view Connection::nextPiece()
{
    const size_t most = stuckBytes_ > 0 ? stuckBytes_ : limits_.writeBytes;
    const std::string_view front = std::string_view(*queue_.front()).substr(frontWritten_);
    if (queue_.size() == 1 || front.size() >= most)
        return front.substr(0, most);
    buffers_.out.assign(front);
    for (auto next = queue_.begin() + 1; next != queue_.end() && buffers_.out.size() < most; ++next)
        buffers_.out.append(**next, 0, most - buffers_.out.size());
    return buffers_.out;
}

void Connection::written(size_t bytes)
{
    stuckBytes_ = 0;
    progressMs_ = clock_();
    frontWritten_ += bytes;
    while (!queue_.empty() && frontWritten_ >= queue_.front()->size()) {
        frontWritten_ -= queue_.front()->size();
        queuedBytes_ -= queue_.front()->size() + frameCostBytes;
        queue_.pop_front();
    }
}

} // namespace stoa
