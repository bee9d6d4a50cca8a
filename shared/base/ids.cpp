#include "shared/base/ids.h"

#include <cstring>

#include <xxhash.h>

namespace stoa {

namespace {

void putTime(Id& id, int64_t timeMs)
{
    const auto t = static_cast<uint64_t>(timeMs < 0 ? 0 : timeMs);
    for (int i = 0; i < 6; ++i)
        id.bytes[i] = static_cast<uint8_t>(t >> (8 * (5 - i)));
}

int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

std::optional<Id> Id::from(std::string_view raw)
{
    Id id;
    if (raw.size() != id.bytes.size())
        return {};
    std::memcpy(id.bytes.data(), raw.data(), raw.size());
    return id;
}

std::optional<Id> Id::fromHex(std::string_view hex)
{
    const auto raw = stoa::fromHex(hex);
    return raw ? from(*raw) : std::nullopt;
}

std::string Id::hex() const
{
    return toHex(view());
}

int64_t Id::timeMs() const
{
    uint64_t t = 0;
    for (int i = 0; i < 6; ++i)
        t = t << 8 | bytes[i];
    return static_cast<int64_t>(t);
}

Id newId(int64_t timeMs, const Random& random)
{
    Id id;
    putTime(id, timeMs);
    random(std::span(id.bytes).subspan(6));
    id.bytes[6] &= 0x7f;
    return id;
}

Id deriveId(int64_t timeMs, std::string_view purpose, std::string_view first, std::string_view second)
{
    // Lengths go in, so that no two lists of parts make the same input.
    std::string input;
    for (const std::string_view part : {purpose, first, second}) {
        const auto size = static_cast<uint32_t>(part.size());
        for (int i = 3; i >= 0; --i)
            input.push_back(static_cast<char>(size >> (8 * i)));
        input.append(part);
    }
    Id id;
    putTime(id, timeMs);
    const std::string hash = hash128(input).str();
    std::memcpy(id.bytes.data() + 6, hash.data(), 10);
    id.bytes[6] &= 0x7f;
    return id;
}

Id reservedId(int64_t timeMs, std::string_view purpose, std::string_view first, std::string_view second)
{
    Id id = deriveId(timeMs, purpose, first, second);
    id.bytes[6] |= 0x80;
    return id;
}

void Digest::add(const Digest& other)
{
    low += other.low;
    high += other.high + (low < other.low ? 1 : 0);
}

void Digest::subtract(const Digest& other)
{
    high -= other.high + (low < other.low ? 1 : 0);
    low -= other.low;
}

std::string Digest::str() const
{
    std::string out(16, '\0');
    for (int i = 0; i < 8; ++i) {
        out[i] = static_cast<char>(high >> (8 * (7 - i)));
        out[8 + i] = static_cast<char>(low >> (8 * (7 - i)));
    }
    return out;
}

std::optional<Digest> Digest::from(std::string_view raw)
{
    if (raw.size() != 16)
        return {};
    Digest digest;
    for (int i = 0; i < 8; ++i) {
        digest.high = digest.high << 8 | static_cast<uint8_t>(raw[i]);
        digest.low = digest.low << 8 | static_cast<uint8_t>(raw[8 + i]);
    }
    return digest;
}

Digest hash128(std::string_view bytes)
{
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.low64, hash.high64};
}

Digest versionDigest(const Id& id, uint64_t number, std::string_view bytes)
{
    // The key is hashed on its own and seeds the hash of the bytes, so that nothing is copied.
    std::array<uint8_t, 24> key;
    std::memcpy(key.data(), id.bytes.data(), 16);
    for (int i = 0; i < 8; ++i)
        key[16 + i] = static_cast<uint8_t>(number >> (8 * (7 - i)));
    const XXH128_hash_t seed = XXH3_128bits(key.data(), key.size());
    const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed.low64);
    return {hash.low64 ^ seed.high64, hash.high64};
}

size_t IdHash::operator()(const Id& id) const
{
    return XXH3_64bits(id.bytes.data(), id.bytes.size());
}

std::string toHex(std::string_view bytes)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        out.push_back(digits[static_cast<uint8_t>(c) >> 4]);
        out.push_back(digits[static_cast<uint8_t>(c) & 15]);
    }
    return out;
}

std::optional<std::string> fromHex(std::string_view hex)
{
    if (hex.size() % 2 != 0)
        return {};
    std::string out;
    out.reserve(hex.size() / 2);
    for (size_t i = 0; i < hex.size(); i += 2) {
        const int high = digit(hex[i]);
        const int low = digit(hex[i + 1]);
        if (high < 0 || low < 0)
            return {};
        out.push_back(static_cast<char>(high << 4 | low));
    }
    return out;
}

} // namespace stoa
