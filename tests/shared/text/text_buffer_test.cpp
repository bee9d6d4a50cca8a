#include "shared/text/text_buffer.h"

#include "shared/text/utf8.h"
#include "tests/shared/text/dice.h"
#include "tests/support/catch.h"

using namespace stoa;
using test::Dice;

namespace {

// A text in both, which have to stay the same.
struct Twins {
    explicit Twins(std::string_view text) : plain(text), buffer(text) {}

    void apply(const TextChange& change)
    {
        const auto result = applyTo(plain, change);
        REQUIRE(result.has_value());
        plain = *result;
        REQUIRE(buffer.apply(change).has_value());
        same();
    }
    void same() const
    {
        REQUIRE(buffer.codePoints() == countCodePoints(plain));
        REQUIRE(buffer.bytes() == plain.size());
        REQUIRE(buffer.toString() == plain);
    }

    std::string plain;
    TextBuffer buffer;
};

} // namespace

TEST_CASE("a buffer holds what applying to the plain text gives")
{
    for (uint32_t seed = 1; seed <= 40; ++seed) {
        Dice dice(seed);
        const std::u32string_view of = seed % 2 == 0 ? U"abcdef \n" : U"aé€😀";
        Twins twins(dice.text(dice.upTo(9'000), of));
        for (int round = 0; round < 60; ++round) {
            TextChange change;
            size_t left = twins.buffer.codePoints();
            // Mostly small ones, now and then a large one over many pieces.
            const size_t most = dice.upTo(9) == 0 ? 6'000 : 40;
            for (size_t steps = dice.upTo(6); steps > 0; --steps) {
                const size_t count = std::min(left, dice.upTo(most));
                switch (dice.upTo(2)) {
                case 0:
                    change.insert(dice.text(dice.upTo(most), of));
                    continue;
                case 1:
                    change.retain(std::min(left, dice.upTo(5'000)));
                    break;
                default:
                    change.erase(count);
                }
                left = twins.buffer.codePoints() - std::min(twins.buffer.codePoints(), change.reach() + 5'000);
            }
            if (change.reach() <= twins.buffer.codePoints())
                twins.apply(change);
        }
    }
}

TEST_CASE("a buffer can be emptied and filled again")
{
    Dice dice(2);
    Twins twins("");
    for (const size_t size : {0, 1, 2'047, 2'048, 2'049, 100'000}) {
        twins.apply(TextChange().insert(dice.text(size, U"aé")));
        twins.apply(TextChange().erase(twins.buffer.codePoints()));
        CHECK(twins.buffer.bytes() == 0);
    }
    twins.apply(TextChange().insert("again"));
}

TEST_CASE("letters typed and deleted one by one, anywhere")
{
    Dice dice(3);
    Twins twins(dice.text(20'000, U"ab"));
    for (int i = 0; i < 400; ++i)
        twins.apply(TextChange::replace(dice.upTo(twins.buffer.codePoints()), 0, dice.text(1, U"c€")));
    for (int i = 0; i < 400; ++i)
        twins.apply(TextChange::replace(dice.upTo(twins.buffer.codePoints() - 40), 1 + dice.upTo(39), ""));
    // In one place, until it has to be cut; and back.
    for (int i = 0; i < 400; ++i)
        twins.apply(TextChange::replace(5'000 + 10 * i, 0, "0123456789"));
    for (int i = 0; i < 400; ++i)
        twins.apply(TextChange::replace(5'000, 10, ""));
}

TEST_CASE("a change that reaches past the end of a buffer changes nothing")
{
    Twins twins("añb");
    const auto refused = twins.buffer.apply(TextChange().insert("x").retain(3).erase(1));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == v1::INVALID);
    twins.same();
}
