#include "shared/wire/frame.h"

#include <zstd.h>

#include "shared/base/limits.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

constexpr size_t bytesMax = 64 * limits::kKiB;

v1::Envelope envelopeOf(size_t bytes, char fill = 'a')
{
    v1::Envelope envelope;
    // A field that no version knows: an envelope of any size, whatever its messages are.
    envelope.GetReflection()->MutableUnknownFields(&envelope)->AddLengthDelimited(5000, std::string(bytes, fill));
    return envelope;
}

std::string frameOf(uint32_t length, uint8_t flags, std::string_view payload)
{
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(length >> shift));
    out.push_back(static_cast<char>(flags));
    return out.append(payload);
}

std::string framed(uint8_t flags, std::string_view payload)
{
    return frameOf(static_cast<uint32_t>(payload.size() + 1), flags, payload);
}

std::string packed(std::string_view plain)
{
    std::string out(ZSTD_compressBound(plain.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 1));
    return out;
}

v1::Code refusalOf(std::string_view bytes)
{
    FrameDecoder decoder(bytesMax);
    decoder.append(bytes);
    const auto got = decoder.next();
    REQUIRE_FALSE(got.has_value());
    // Nothing after it is understood, whatever comes.
    decoder.append(encodeFrame(envelopeOf(1)));
    const auto again = decoder.next();
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error() == got.error());
    return got.error().code;
}

// The sizes of the envelopes that came out.
std::vector<size_t> drain(FrameDecoder& decoder)
{
    std::vector<size_t> out;
    while (true) {
        const auto got = decoder.next();
        REQUIRE(got.has_value());
        if (!*got)
            return out;
        out.push_back((*got)->ByteSizeLong());
    }
}

} // namespace

TEST_CASE("An envelope comes out of its frame as it went in")
{
    const size_t bytes = GENERATE(size_t{0}, size_t{1}, size_t{1000}, size_t{1023}, size_t{1024}, size_t{40'000});
    const v1::Envelope envelope = envelopeOf(bytes);
    FrameDecoder decoder(bytesMax);
    decoder.append(encodeFrame(envelope));
    const auto got = decoder.next();
    REQUIRE(got.has_value());
    REQUIRE(got->has_value());
    CHECK((*got)->SerializeAsString() == envelope.SerializeAsString());
    CHECK(decoder.bufferedBytes() == 0);
}

TEST_CASE("Lengths that no frame has are refused by the length alone")
{
    CHECK(refusalOf(std::string(4, '\0')) == v1::PROTOCOL);
    CHECK(refusalOf("\x7f\xff\xff\xff") == v1::TOO_LARGE);
    CHECK(refusalOf("\xff\xff\xff\xff") == v1::TOO_LARGE);
    CHECK(refusalOf(frameOf(bytesMax + 2, 0, {})) == v1::TOO_LARGE);
}

TEST_CASE("The largest frame is taken, and a larger one after sign-in")
{
    FrameDecoder decoder(100);
    decoder.append(frameOf(101, 0, {}));
    CHECK(drain(decoder).empty());
    FrameDecoder grown(100);
    grown.setFrameBytesMax(bytesMax);
    grown.append(encodeFrame(envelopeOf(900)));
    CHECK(drain(grown).size() == 1);
}

TEST_CASE("A frame cut at any byte waits for the rest")
{
    for (const std::string& frame : {encodeFrame(envelopeOf(200)), encodeFrame(envelopeOf(5'000))}) {
        for (size_t cut = 0; cut < frame.size(); ++cut) {
            FrameDecoder decoder(bytesMax);
            decoder.append(std::string_view(frame).substr(0, cut));
            CHECK(drain(decoder).empty());
            CHECK(decoder.bufferedBytes() == cut);
            decoder.append(std::string_view(frame).substr(cut));
            CHECK(drain(decoder).size() == 1);
        }
    }
}

TEST_CASE("Pieces of any size give the same envelopes in order")
{
    std::string stream;
    std::vector<size_t> sizes;
    for (size_t i = 0; i < 60; ++i) {
        const v1::Envelope envelope = envelopeOf(i * i);
        sizes.push_back(envelope.ByteSizeLong());
        stream += encodeFrame(envelope);
    }
    for (uint32_t seed = 1; seed <= 50; ++seed) {
        FrameDecoder decoder(bytesMax);
        std::vector<size_t> got;
        uint32_t state = seed;
        for (size_t at = 0; at < stream.size();) {
            state = state * 1664525 + 1013904223;
            const size_t piece = (state >> 16) % (seed < 10 ? 4 : 700) + 1;
            decoder.append(std::string_view(stream).substr(at, piece));
            at += piece;
            for (const size_t size : drain(decoder))
                got.push_back(size);
        }
        CHECK(got == sizes);
    }
}

TEST_CASE("What decompresses past the limit is refused before it does")
{
    CHECK(refusalOf(framed(1, packed(std::string(bytesMax + 1, 'a')))) == v1::TOO_LARGE);
    CHECK(refusalOf(framed(1, packed(std::string(100 * limits::kMiB, 'a')))) == v1::TOO_LARGE);
    // The plain size is a lie: the first bytes say 200, the content is longer.
    std::string lie = packed(std::string(201, 'a'));
    lie[5] = static_cast<char>(200);
    CHECK(refusalOf(framed(1, lie)) == v1::PROTOCOL);
}

TEST_CASE("What is no frame of ours is refused")
{
    CHECK(refusalOf(framed(2, "")) == v1::PROTOCOL);
    CHECK(refusalOf(framed(0x81, packed("a"))) == v1::PROTOCOL);
    CHECK(refusalOf(framed(0, "\xff\xff\xff")) == v1::PROTOCOL);
    CHECK(refusalOf(framed(1, "")) == v1::PROTOCOL);
    CHECK(refusalOf(framed(1, "no zstd at all")) == v1::PROTOCOL);
    const std::string whole = packed(envelopeOf(3'000).SerializeAsString());
    for (size_t cut = 0; cut < whole.size(); ++cut)
        CHECK(refusalOf(framed(1, whole.substr(0, cut))) == v1::PROTOCOL);
}
