#pragma once

// Passwords: argon2id (RFC 9106) with the cost and the salt in the encoded hash, so that the cost can
// rise later without touching stored ones. Hashing takes tens of milliseconds and tens of megabytes:
// it belongs on the pool for slow work, never on a session's thread or the writer's. Pure functions.

#include <string>
#include <string_view>

#include "shared/base/clock.h"
#include "shared/base/result.h"

namespace stoa {

// About 80 ms on a small server. Tests hand in a cheaper one.
struct PasswordCost {
    uint32_t passes = 3;
    uint32_t memoryKiB = 32 * 1024;
};

// What may be set as a password: 8 to 128 bytes (WEAK_PASSWORD, TOO_LONG) of clean UTF-8 (BAD_TEXT).
Result<void> checkNewPassword(std::string_view password);

// The encoded hash, as "$argon2id$v=19$m=...". Throws std::runtime_error where memory is short.
std::string hashPassword(std::string_view password, const PasswordCost& cost, const Random& random);

// Whether the password is the one that was hashed. False for a password over the limit, without the
// work. An empty hash (nobody, or nobody with a password) costs as much as a real one and is false.
bool verifyPassword(std::string_view encodedHash, std::string_view password, const PasswordCost& cost);

// SHA-256, as tokens and invitation codes are stored.
std::string sha256(std::string_view bytes);

} // namespace stoa
