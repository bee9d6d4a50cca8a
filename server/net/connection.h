#pragma once

// One TLS connection: frames in, frames out, nothing about what they say. Lives on one single-threaded
// io_context; every call is made on its thread. The one who accepted it holds a shared_ptr until
// `closed` was called, exactly once, whatever ended it; the end of a connection is normal life.
//
// There are no timers here: `sweep` is called about once a second for all connections of a thread and
// compares times. Sends that are made in one turn of the event loop leave together; one that waits costs its frame,
// which all who are sent the same share, and a place in the queue.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/net/limits.h"
#include "server/net/tls_socket.h"
#include "shared/base/clock.h"
#include "shared/wire/frame.h"

namespace stoa {

using SharedFrame = std::shared_ptr<const std::string>;

// Why a connection ended, for the log.
enum class Ending { Peer, Handshake, Silent, Slow, Said, Protocol };

struct ConnectionEvents {
    std::function<void()> ready; // the handshake is done
    std::function<void(v1::Envelope)> received;
    std::function<void(Refusal)> broken; // what came is not a frame; nothing further is read
    std::function<void()> drained;       // less than `limits::bulkBelowBytes` waits, after more did
    std::function<void()> signedIn;      // set by the transport, which counts
    std::function<void(Ending)> closed;
};

// What the connections of one thread use one after the other.
struct IoBuffers {
    explicit IoBuffers(const NetLimits& limits) : in(limits.readBytes) { out.reserve(limits.writeBytes); }

    std::vector<char> in;
    std::string out;
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    // The buffers are of its thread and outlive it.
    Connection(TlsSocket socket, std::string peerAddress, const NetLimits& limits, SteadyClock clock,
               IoBuffers& buffers);

    // Shakes hands, then reads. Set the events once, before.
    void start(ConnectionEvents events);

    void send(SharedFrame frame);
    // Small frames count as what they cost.
    size_t queuedBytes() const { return queuedBytes_ - frontWritten_; }

    // After sign-in larger frames and longer silences are allowed.
    void signedIn();
    bool isSignedIn() const { return isSignedIn_; }

    // While paused nothing further is read, so the peer feels it.
    void pauseReading(bool paused);

    // Sends what is queued, then closes; after `goodbyeMs` at the latest.
    void finish();
    // Closes now.
    void abort(Ending why);

    // Closes a peer that takes too long: to shake hands, to say hello, to say anything, to take what is
    // sent to it, or to leave.
    void sweep(int64_t nowMs);

    const std::string& peerAddress() const { return peerAddress_; }

private:
    void shakeHands();
    void readOn();
    void readSoon();
    void deliver();
    bool heldBack() const { return paused_ || queuedBytes() >= limits_.hearBelowBytes; }
    void hearAgain();
    void flushSoon();
    void flush();
    void tryToWrite();
    std::string_view nextPiece();
    void written(size_t bytes);
    // Goes on with this once the socket is as wanted; false where it has ended.
    bool waitFor(TlsSocket::Outcome outcome, void (Connection::*next)());

    TlsSocket socket_;
    const NetLimits& limits_;
    SteadyClock clock_;
    IoBuffers& buffers_;
    ConnectionEvents events_;
    FrameDecoder decoder_;
    std::string peerAddress_;

    std::deque<SharedFrame> queue_;
    size_t queuedBytes_ = 0;
    size_t frontWritten_ = 0; // of the first in the queue
    size_t stuckBytes_ = 0;   // of a piece that the system does not take yet; 0: none
    int64_t progressMs_ = 0;  // when something last went out, or began to wait
    bool flushPosted_ = false;
    bool mustReport_ = false; // `drained` is owed

    enum class Phase { Handshake, Hello, SignedIn, Closed } phase_ = Phase::Handshake;
    int64_t phaseStartedMs_;
    int64_t heardMs_;
    bool isSignedIn_ = false; // or was, when it closed
    bool paused_ = false;
    bool waitsToRead_ = false; // held back: whoever ends that reads on
    bool deaf_ = false;        // nothing further is understood
    std::optional<int64_t> finishingSinceMs_;
};

} // namespace stoa
