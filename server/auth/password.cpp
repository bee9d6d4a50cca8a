#include "server/auth/password.h"

#include <array>
#include <stdexcept>

#include <argon2.h>
#include <openssl/evp.h>

#include "shared/base/limits.h"
#include "shared/base/text.h"

namespace stoa {

namespace {

constexpr size_t saltBytes = 16;
constexpr size_t hashBytes = 32;
constexpr uint32_t lanes = 1;

} // namespace

Result<void> checkNewPassword(std::string_view password)
{
    if (password.size() < limits::passwordBytesMin)
        return Refusal{.code = v1::WEAK_PASSWORD, .limit = int64_t{limits::passwordBytesMin}};
    if (password.size() > limits::passwordBytesMax)
        return Refusal{.code = v1::TOO_LONG, .limit = int64_t{limits::passwordBytesMax}};
    if (!isCleanUtf8(password))
        return v1::BAD_TEXT;
    return {};
}

std::string hashPassword(std::string_view password, const PasswordCost& cost, const Random& random)
{
    std::array<uint8_t, saltBytes> salt{};
    random(salt);
    std::string encoded(argon2_encodedlen(cost.passes, cost.memoryKiB, lanes, saltBytes, hashBytes, Argon2_id), '\0');
    const int failed = argon2id_hash_encoded(cost.passes, cost.memoryKiB, lanes, password.data(), password.size(),
                                             salt.data(), salt.size(), hashBytes, encoded.data(), encoded.size());
    if (failed != ARGON2_OK)
        throw std::runtime_error(std::string("hashing a password failed: ") + argon2_error_message(failed));
    encoded.resize(encoded.find('\0'));
    return encoded;
}

bool verifyPassword(std::string_view encodedHash, std::string_view password, const PasswordCost& cost)
{
    if (password.size() > limits::passwordBytesMax)
        return false;
    if (encodedHash.empty()) {
        const Random fixed = [](std::span<uint8_t> bytes) { std::fill(bytes.begin(), bytes.end(), uint8_t{0}); };
        static_cast<void>(hashPassword(password, cost, fixed));
        return false;
    }
    const int failed = argon2id_verify(std::string(encodedHash).c_str(), password.data(), password.size());
    if (failed == ARGON2_MEMORY_ALLOCATION_ERROR)
        throw std::runtime_error("checking a password failed: there is not enough memory");
    return failed == ARGON2_OK;
}

std::string sha256(std::string_view bytes)
{
    std::string hash(32, '\0');
    unsigned size = 0;
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(hash.data()), &size, EVP_sha256(), nullptr);
    return hash;
}

} // namespace stoa
