#include <set>

#include "shared/base/calendar.h"
#include "shared/base/clock.h"
#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "shared/base/text.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

Random constant(uint8_t value)
{
    return [value](std::span<uint8_t> bytes) { std::fill(bytes.begin(), bytes.end(), value); };
}

} // namespace

TEST_CASE("An id is its time and what is random")
{
    const Id id = newId(0x010203040506, constant(0xab));
    CHECK(id.hex() == "0102030405062bababababababababab");
    CHECK(id.timeMs() == 0x010203040506);
    CHECK(newId(1, constant(0xff)) < newId(2, constant(0)));
    CHECK(newId(-5, constant(0)).isNull());
    CHECK(newId(1, systemRandom()) != newId(1, systemRandom()));
}

TEST_CASE("Ids are read from 16 bytes or 32 digits and nothing else")
{
    const Id id = newId(7, constant(0x5c));
    CHECK(Id::from(id.view()) == id);
    CHECK(Id::fromHex(id.hex()) == id);
    CHECK_FALSE(Id::from(id.str() + "x").has_value());
    CHECK_FALSE(Id::from("").has_value());
    CHECK_FALSE(Id::fromHex(id.hex().substr(1)).has_value());
    CHECK_FALSE(Id::fromHex(std::string(31, '0') + "g").has_value());
    CHECK(fromHex("00fFAa") == std::string("\0\xff\xaa", 3));
}

TEST_CASE("Derived ids depend on every part and on where it ends")
{
    const std::set<Id> ids = {deriveId(1, "a", "b", "c"), deriveId(2, "a", "b", "c"), deriveId(1, "ab", "", "c"),
                              deriveId(1, "a", "bc", ""), deriveId(1, "a", "b"),      deriveId(1, "", "ab", "c")};
    CHECK(ids.size() == 6);
    CHECK(deriveId(1, "a", "b", "c") == deriveId(1, "a", "b", "c"));
    CHECK(deriveId(1, "a", "b").timeMs() == 1);
}

TEST_CASE("Reserved ids and all others never meet")
{
    CHECK_FALSE(newId(-1, constant(0xff)).isReserved());
    CHECK_FALSE(newId(int64_t{1} << 48, constant(0xff)).isReserved());
    for (int i = 0; i < 100; ++i) {
        const std::string part = std::to_string(i);
        CHECK_FALSE(newId(i, systemRandom()).isReserved());
        CHECK_FALSE(deriveId(i, "a", part).isReserved());
        CHECK(reservedId(i, "a", part).isReserved());
        CHECK(reservedId(i, "a", part).timeMs() == i);
        CHECK(reservedId(i, "a", part) == reservedId(i, "a", part));
        CHECK(reservedId(i, "a", part) != reservedId(i, "b", part));
    }
}

TEST_CASE("Months have the days of the calendar")
{
    int64_t days = 0;
    for (int month = 1; month <= 12; ++month)
        days += daysInMonth(2027, month);
    CHECK(days == 365);
    for (const int leap : {2000, 2024, 2028})
        CHECK(daysInMonth(leap, 2) == 29);
    for (const int common : {1900, 2100, 2027})
        CHECK(daysInMonth(common, 2) == 28);
    CHECK(daysInMonth(2027, 0) == 0);
    CHECK(daysInMonth(2027, 13) == 0);
}

TEST_CASE("Digests add up in any order and carry")
{
    const Digest a = versionDigest(newId(1, constant(1)), 1, "one");
    const Digest b = versionDigest(newId(1, constant(1)), 2, "one");
    CHECK_FALSE(a == b);
    Digest sum, reverse;
    sum.add(a), sum.add(b);
    reverse.add(b), reverse.add(a);
    CHECK(sum == reverse);
    sum.subtract(b);
    CHECK(sum == a);
    CHECK(Digest::from(a.str()) == a);
    CHECK_FALSE(Digest::from("short").has_value());
    Digest full{.low = ~0ULL, .high = 0};
    full.add({.low = 1, .high = 0});
    CHECK(full == Digest{.low = 0, .high = 1});
    full.subtract({.low = 1, .high = 0});
    CHECK(full == Digest{.low = ~0ULL, .high = 0});
}

TEST_CASE("A result is a value or a refusal")
{
    const Result<int> value = 3;
    REQUIRE(value);
    CHECK(*value == 3);
    const Result<int> refused = v1::TOO_LARGE;
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == v1::TOO_LARGE);
    CHECK(Result<void>().has_value());
    const Refusal refusal{.code = v1::TOO_LARGE, .limit = 5, .retryAfterMs = 7};
    CHECK(fromProto(toProto(refusal)) == refusal);
}

TEST_CASE("Clean text is UTF-8 without NUL")
{
    for (const char* clean : {"", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(isCleanUtf8(clean));
    for (const std::string& broken : {std::string("\0", 1), std::string("\x80"), std::string("\xc0\x80"),
                                      std::string("\xc3"), std::string("\xed\xa0\x80"), std::string("\xe0\x9f\xbf"),
                                      std::string("\xf4\x90\x80\x80"), std::string("\xf8\x88\x80\x80\x80")}) {
        CHECK_FALSE(isCleanUtf8(broken));
        CHECK(isCleanUtf8(toCleanUtf8(broken)));
    }
    CHECK(toCleanUtf8(std::string_view("a\0b\xff", 4)) == "ab\xef\xbf\xbd");
}

TEST_CASE("Clipping keeps whole characters, trimming takes white space")
{
    CHECK(clipUtf8("a\xc3\xa9", 2) == "a");
    CHECK(clipUtf8("a\xc3\xa9", 3) == "a\xc3\xa9");
    CHECK(clipUtf8("\xf0\x9f\x98\x80", 3).empty());
    CHECK(clipUtf8("abc", 0).empty());
    CHECK(trim(" \t a b\r\n") == "a b");
    CHECK(trim(" \n").empty());
}

TEST_CASE("The steady clock never goes back")
{
    const SteadyClock clock = systemSteadyClock();
    const int64_t first = clock();
    CHECK(clock() >= first);
    CHECK(systemWallClock()() > 1'600'000'000'000);
}
