#include "shared/text/codec.h"

#include "shared/base/limits.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

std::string head(uint64_t kind, uint64_t length)
{
    std::string out;
    uint64_t value = length << 2 | kind;
    for (; value >= 0x80; value >>= 7)
        out += static_cast<char>(value | 0x80);
    return out += static_cast<char>(value);
}

std::string retain(uint64_t count)
{
    return head(0, count);
}

std::string insert(const std::string& text)
{
    return head(1, text.size()) + text;
}

std::string erase(uint64_t count)
{
    return head(2, count);
}

Refusal refusalOf(std::string_view bytes)
{
    const auto got = decode(bytes);
    REQUIRE_FALSE(got.has_value());
    return got.error();
}

} // namespace

TEST_CASE("a change is a few bytes")
{
    CHECK(encode({}).empty());
    CHECK(encode(TextChange::replace(5, 0, "x")) == "\x14\x05x");
    CHECK(encode(TextChange::replace(100, 2, "é")) == retain(100) + insert("é") + erase(2));
    const auto decoded = decode(retain(100) + insert("é") + erase(2));
    REQUIRE(decoded.has_value());
    CHECK(*decoded == TextChange::replace(100, 2, "é"));
    CHECK(decode("").has_value());
}

TEST_CASE("the largest change is taken")
{
    const std::string body(limits::bodyBytesMax, 'a');
    const TextChange change = TextChange().insert(body).erase(limits::bodyBytesMax);
    const auto decoded = decode(encode(change));
    REQUIRE(decoded.has_value());
    CHECK(*decoded == change);
}

TEST_CASE("bytes that are cut off are refused, or are those of a shorter change")
{
    const std::string whole = encode(TextChange().retain(1'000).insert("süß").erase(300).retain(2).insert("x"));
    for (size_t size = 1; size < whole.size(); ++size) {
        const std::string cut = whole.substr(0, size);
        if (const auto got = decode(cut))
            CHECK(encode(*got) == cut);
        else
            CHECK(got.error().code == v1::INVALID);
    }
}

TEST_CASE("a change that is not in its one form is refused")
{
    for (const std::string& bytes :
         {retain(0) + insert("a"), insert(""), erase(0), insert("a") + insert("b"), erase(1) + erase(1),
          retain(1) + retain(1) + erase(1), retain(3), insert("a") + retain(1), head(3, 1), head(3, 0)}) {
        INFO(bytes.size());
        CHECK(refusalOf(bytes).code == v1::INVALID);
    }
    // A length in more bytes than it takes.
    CHECK(refusalOf(std::string("\x86\x00", 2)).code == v1::INVALID);
    CHECK(refusalOf(std::string("\x86\x80\x00", 3)).code == v1::INVALID);
    CHECK(refusalOf("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01").code == v1::INVALID);
}

TEST_CASE("lengths are believed only as far as there are bytes and limits")
{
    CHECK(refusalOf(head(1, 4) + "abc").code == v1::INVALID);
    CHECK(refusalOf(head(1, limits::bodyBytesMax)).code == v1::INVALID);
    CHECK(refusalOf(head(1, limits::bodyBytesMax + 1)).code == v1::TOO_LONG);
    CHECK(refusalOf(head(0, limits::bodyBytesMax + 1) + erase(1)).code == v1::TOO_LONG);
    CHECK(refusalOf(retain(limits::bodyBytesMax) + erase(1)).code == v1::TOO_LONG);
    CHECK(refusalOf(erase(limits::bodyBytesMax) + retain(1) + erase(1)).code == v1::TOO_LONG);
    const std::string half(limits::bodyBytesMax / 2 + 1, 'a');
    const Refusal tooLong = refusalOf(insert(half) + retain(1) + insert(half));
    CHECK(tooLong.code == v1::TOO_LONG);
    CHECK(tooLong.limit == static_cast<int64_t>(limits::bodyBytesMax));
    CHECK(refusalOf(std::string(limits::textChangeBytesMax + 1, 'a')).code == v1::TOO_LARGE);
    std::string steps;
    while (steps.size() <= limits::textStepsMax)
        steps += retain(1) + erase(1);
    const Refusal tooMany = refusalOf(steps);
    CHECK(tooMany.code == v1::TOO_LARGE);
    CHECK(tooMany.limit == static_cast<int64_t>(limits::textStepsMax));
    steps.resize(limits::textStepsMax);
    CHECK(decode(steps).has_value());
}

TEST_CASE("what is inserted is clean text")
{
    for (const std::string& text : {std::string("a\0b", 3), std::string("\xff"), std::string("\xc3"),
                                    std::string("\x80"), std::string("\xed\xa0\x80"), std::string("\xc0\xaf")})
        CHECK(refusalOf(insert(text)).code == v1::BAD_TEXT);
    // Nor in two halves.
    CHECK(refusalOf(insert("\xc3") + retain(1) + insert("\xa9")).code == v1::BAD_TEXT);
}
