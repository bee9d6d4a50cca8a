#include "server/auth/password.h"

#include "tests/support/catch.h"

namespace stoa {

namespace {

const PasswordCost cheap{.passes = 1, .memoryKiB = 64};

} // namespace

TEST_CASE("a password is right only as it was set")
{
    const std::string hash = hashPassword("correct horse", cheap, systemRandom());
    CHECK(hash.starts_with("$argon2id$"));
    CHECK(verifyPassword(hash, "correct horse", cheap));
    CHECK_FALSE(verifyPassword(hash, "correct horsf", cheap));
    CHECK_FALSE(verifyPassword(hash, "", cheap));
    CHECK_FALSE(verifyPassword(hash, std::string("correct horse\0x", 15), cheap));
    CHECK_FALSE(verifyPassword("", "", cheap));
    CHECK_FALSE(verifyPassword("not a hash", "not a hash", cheap));
}

TEST_CASE("the same password hashes differently each time")
{
    CHECK(hashPassword("correct horse", cheap, systemRandom()) != hashPassword("correct horse", cheap, systemRandom()));
}

TEST_CASE("a new password has 8 to 128 bytes of clean text")
{
    CHECK(checkNewPassword(std::string(7, 'x')).error().code == v1::WEAK_PASSWORD);
    CHECK(checkNewPassword(std::string(8, 'x')));
    CHECK(checkNewPassword(std::string(128, 'x')));
    CHECK(checkNewPassword(std::string(129, 'x')).error().code == v1::TOO_LONG);
    CHECK(checkNewPassword("12345678\xff").error().code == v1::BAD_TEXT);
}

} // namespace stoa
