#include "client/worker/gathering.h"
#include "shared/text/text_change.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

Touched step(int number, size_t bytes = 1)
{
    Touched touched;
    touched.texts.append({.post = {},
                          .before = std::to_string(number),
                          .change = TextChange::replace(0, 0, std::string(bytes, 'x')),
                          .after = std::to_string(number + 1)});
    return touched;
}

} // namespace

TEST_CASE("of texts that show the newest steps are told, however many there were and however large")
{
    Touched all;
    const size_t bytes = GENERATE(size_t(1), limits::touchedStepBytesMax / 4);
    const int count = 3 * int(limits::touchedStepsMax);
    for (int number = 0; number < count; ++number)
        unite(all, step(number, bytes));
    const qsizetype expected = bytes == 1 ? limits::touchedStepsMax : 4;
    REQUIRE(all.texts.size() == expected);
    CHECK(all.texts.last().after == std::to_string(count));
    CHECK(all.texts.first().before == std::to_string(count - int(expected)));
    unite(all, step(count, limits::touchedStepBytesMax + 1));
    CHECK(all.texts.isEmpty());
}

TEST_CASE("of posts that many transactions touched each is named once, and too many are much")
{
    Touched all;
    std::vector<Id> posts;
    for (qsizetype i = 0; i <= limits::touchedNamedMax; ++i) {
        std::string bytes(16, '\0');
        bytes[0] = char(i);
        bytes[1] = char(i >> 8);
        posts.push_back(*Id::from(bytes));
    }
    const auto touch = [&](const Id& post) {
        Touched touched;
        touched.posts.append(post);
        unite(all, touched);
    };
    for (qsizetype i = 0; i < limits::touchedNamedMax; ++i)
        touch(posts[size_t(i)]);
    CHECK(all.posts.size() == limits::touchedNamedMax);
    CHECK_FALSE(all.bulk);
    touch(posts.back());
    CHECK(all.bulk);
    CHECK(all.posts.isEmpty());
    touch(posts.front());
    CHECK(all.bulk);
    CHECK(all.posts.isEmpty());
}
