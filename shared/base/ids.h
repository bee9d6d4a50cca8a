#pragma once

// Ids of records, changes, people and devices: 16 bytes, the first 6 a time in milliseconds
// (big-endian), so that ids made one after the other lie side by side in an index; then 10 bytes
// that are random (layout of RFC 9562's version 7, without its version bits) or derived from others.
// Their first bit is set in reserved ids and in no others. A reserved id names what there can be one of
// (a person's membership in a space, a person's vote on a post), so that nobody takes its place with a
// record of another kind.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/clock.h"

namespace stoa {

struct Id {
    std::array<uint8_t, 16> bytes{};

    // From 16 raw bytes; nothing for any other size.
    static std::optional<Id> from(std::string_view raw);
    // From 32 hexadecimal digits.
    static std::optional<Id> fromHex(std::string_view hex);

    std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    std::string str() const { return std::string(view()); }
    std::string hex() const;
    int64_t timeMs() const;
    bool isNull() const { return *this == Id{}; }
    bool isReserved() const { return (bytes[6] & 0x80) != 0; }

    friend auto operator<=>(const Id&, const Id&) = default;
};

Id newId(int64_t timeMs, const Random& random);

// Derived: the same parts give the same id everywhere. `timeMs` is kept to 48 bits.
Id deriveId(int64_t timeMs, std::string_view purpose, std::string_view first, std::string_view second = {});
Id reservedId(int64_t timeMs, std::string_view purpose, std::string_view first, std::string_view second = {});

// 128 bits of XXH3, and their sum: two parties that hold the same versions have the same digest
// (docs/architecture.md, rule 10). Not a defence against forgery; that is what the seal is for.
struct Digest {
    uint64_t low = 0;
    uint64_t high = 0;

    void add(const Digest& other);
    void subtract(const Digest& other);
    std::string str() const; // 16 bytes, big-endian
    static std::optional<Digest> from(std::string_view raw);

    friend bool operator==(const Digest&, const Digest&) = default;
};

Digest hash128(std::string_view bytes);
// Of one living version of a record, as it counts in its feed's digest.
Digest versionDigest(const Id& id, uint64_t number, std::string_view bytes);

struct IdHash {
    size_t operator()(const Id& id) const;
};

std::string toHex(std::string_view bytes);
std::optional<std::string> fromHex(std::string_view hex);

} // namespace stoa
