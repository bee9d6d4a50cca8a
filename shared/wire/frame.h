#pragma once

// Frames: bytes in, envelopes out, no sockets. Used by the server's connections and the client's
// channel, each decoder owned by one connection and called on its thread.
//
//   frame    := length flags payload
//   length   := 4 bytes, big-endian: the bytes that follow it, at least 1
//   flags    := 1 byte; bit 0: the payload is zstd with its plain size declared; others must be 0
//   payload  := one protobuf Envelope
//
// Limits are checked on the length alone before anything is allocated, and on the declared plain size
// before decompressing.

#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace stoa {

// A whole frame, ready to be written. Payloads of 1 KiB and more are compressed where that saves bytes.
std::string encodeFrame(const v1::Envelope& envelope);

class FrameDecoder {
public:
    explicit FrameDecoder(size_t frameBytesMax) : frameBytesMax_(frameBytesMax) {}

    // After sign-in a larger limit holds.
    void setFrameBytesMax(size_t bytes) { frameBytesMax_ = bytes; }

    // Takes bytes as they come, in pieces of any size.
    void append(std::string_view bytes) { buffer_.append(bytes); }

    // The next envelope; nothing while its frame is incomplete. TOO_LARGE or PROTOCOL end the
    // conversation: what follows them cannot be understood, and every further call says the same.
    Result<std::optional<v1::Envelope>> next();

    // Bytes that wait for the rest of their frame.
    size_t bufferedBytes() const { return buffer_.size() - start_; }

private:
    size_t frameBytesMax_;
    std::string buffer_;
    size_t start_ = 0;
    std::optional<Refusal> failed_;
};

} // namespace stoa
