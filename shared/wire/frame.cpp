#include "shared/wire/frame.h"

#include <memory>

#include <zstd.h>

#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr size_t headBytes = 5;
constexpr uint8_t flagZstd = 1;
constexpr size_t keptBytes = limits::kKiB; // while a decoder waits for the next frame
constexpr size_t compressFrom = limits::kKiB;
constexpr int compressionLevel = 1;

struct FreeCompressor {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
};
struct FreeDecompressor {
    void operator()(ZSTD_DCtx* d) const { ZSTD_freeDCtx(d); }
};

// One context a thread: making one costs more than most frames.
ZSTD_CCtx* compressor()
{
    thread_local std::unique_ptr<ZSTD_CCtx, FreeCompressor> context{ZSTD_createCCtx()};
    return context.get();
}

ZSTD_DCtx* decompressor()
{
    thread_local std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context{ZSTD_createDCtx()};
    return context.get();
}

void putHead(std::string& frame, uint8_t flags)
{
    const auto length = static_cast<uint32_t>(frame.size() - 4);
    for (int i = 0; i < 4; ++i)
        frame[i] = static_cast<char>(length >> (8 * (3 - i)));
    frame[4] = static_cast<char>(flags);
}

uint32_t readLength(std::string_view head)
{
    uint32_t length = 0;
    for (int i = 0; i < 4; ++i)
        length = length << 8 | static_cast<uint8_t>(head[i]);
    return length;
}

Result<v1::Envelope> parse(std::string_view payload)
{
    v1::Envelope envelope;
    if (!envelope.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
        return v1::PROTOCOL;
    return envelope;
}

Result<v1::Envelope> decode(uint8_t flags, std::string_view payload, size_t bytesMax)
{
    if ((flags & ~flagZstd) != 0)
        return v1::PROTOCOL;
    if (flags == 0)
        return parse(payload);
    const unsigned long long plainBytes = ZSTD_getFrameContentSize(payload.data(), payload.size());
    if (plainBytes == ZSTD_CONTENTSIZE_ERROR || plainBytes == ZSTD_CONTENTSIZE_UNKNOWN)
        return v1::PROTOCOL;
    if (plainBytes > bytesMax)
        return Refusal{.code = v1::TOO_LARGE, .limit = static_cast<int64_t>(bytesMax)};
    std::string plain(plainBytes, '\0');
    const size_t got = ZSTD_decompressDCtx(decompressor(), plain.data(), plain.size(), payload.data(), payload.size());
    if (ZSTD_isError(got) || got != plain.size())
        return v1::PROTOCOL;
    return parse(plain);
}

} // namespace

std::string encodeFrame(const v1::Envelope& envelope)
{
    const size_t plainBytes = envelope.ByteSizeLong();
    std::string frame(headBytes + plainBytes, '\0');
    envelope.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(frame.data()) + headBytes);
    if (plainBytes >= compressFrom) {
        std::string packed(headBytes + ZSTD_compressBound(plainBytes), '\0');
        const size_t got = ZSTD_compressCCtx(compressor(), packed.data() + headBytes, packed.size() - headBytes,
                                             frame.data() + headBytes, plainBytes, compressionLevel);
        if (!ZSTD_isError(got) && got < plainBytes) {
            packed.resize(headBytes + got);
            putHead(packed, flagZstd);
            return packed;
        }
    }
    putHead(frame, 0);
    return frame;
}

Result<std::optional<v1::Envelope>> FrameDecoder::next()
{
    if (failed_)
        return *failed_;
    const auto fail = [this](Refusal why) {
        failed_ = why;
        buffer_ = {};
        start_ = 0;
        return why;
    };
    const std::string_view rest = std::string_view(buffer_).substr(start_);
    if (rest.size() < 4)
        return std::optional<v1::Envelope>{};
    const uint32_t length = readLength(rest);
    if (length == 0)
        return fail({v1::PROTOCOL});
    if (length - 1 > frameBytesMax_)
        return fail({.code = v1::TOO_LARGE, .limit = static_cast<int64_t>(frameBytesMax_)});
    if (rest.size() - 4 < length)
        return std::optional<v1::Envelope>{};
    auto envelope = decode(static_cast<uint8_t>(rest[4]), rest.substr(headBytes, length - 1), frameBytesMax_);
    if (!envelope)
        return fail(envelope.error());
    start_ += 4 + length;
    if (start_ == buffer_.size()) {
        if (buffer_.capacity() > keptBytes)
            buffer_ = {};
        buffer_.clear();
        start_ = 0;
    } else if (start_ > limits::frameBytesMax) {
        buffer_.erase(0, start_);
        start_ = 0;
    }
    return std::optional<v1::Envelope>(std::move(*envelope));
}

} // namespace stoa
