// What a body went through, for people to read.

#include "shared/domain/history.h"
#include "shared/text/codec.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

constexpr int64_t minuteMs = 60'000;

// A body and the revisions that made it what it is.
struct Past {
    explicit Past(const std::string& created) { whole(created, 0); }

    void whole(const std::string& all, uint64_t number)
    {
        v1::Revision& revision = revisions.emplace_back();
        revision.mutable_version()->set_revision(number);
        revision.set_after(number);
        revision.set_author("ada");
        revision.set_text(encode(TextChange::replace(0, 0, all)));
        body = all;
    }
    void write(const std::string& author, int64_t timeMs, const TextChange& text, const std::string& summary = {})
    {
        const uint64_t after = revisions.back().version().revision();
        v1::Revision& revision = revisions.emplace_back();
        revision.mutable_version()->set_revision(after + 1);
        revision.set_after(after);
        revision.set_author(author);
        revision.set_time_ms(timeMs);
        revision.set_text(encode(text));
        revision.set_summary(summary);
        body = *applyTo(body, text);
    }
    std::span<const v1::Revision> first(size_t count) const { return std::span(revisions).first(count); }

    std::string body;
    std::vector<v1::Revision> revisions;
};

TextChange replace(size_t at, size_t deleted, std::string_view inserted)
{
    return TextChange::replace(at, deleted, inserted);
}

} // namespace

TEST_CASE("what one person writes in one go is one stretch")
{
    Past past("");
    past.write("ada", 0, replace(0, 0, "a"), "begun");
    past.write("ada", 10 * minuteMs, replace(1, 0, "b"), "begun");
    past.write("ada", 39 * minuteMs, replace(2, 0, "c"), "more");
    past.write("ben", 40 * minuteMs, replace(0, 1, "A"));
    past.write("ada", 41 * minuteMs, replace(0, 1, "a"));
    past.write("ada", 72 * minuteMs, replace(0, 1, "A"));
    const std::vector<Stretch> all = stretches(past.revisions);
    REQUIRE(all.size() == 4);
    CHECK(all[0].author == "ada");
    CHECK(all[0].count == 4); // with what it was created with
    CHECK(all[0].fromMs == 0);
    CHECK(all[0].toMs == 39 * minuteMs);
    CHECK(all[0].summary == "begun\nmore");
    CHECK(all[1].author == "ben");
    CHECK(all[2].first == 5);
    CHECK(all[2].count == 1); // the next one came after a pause
    CHECK(all[3].first == 6);
    CHECK(stretches({}).empty());

    const auto stretch = changeOf(past.first(4));
    REQUIRE(stretch.has_value());
    CHECK(*applyTo("", *stretch) == "abc");
}

TEST_CASE("each body that there was is what the revisions up to it make")
{
    Past past("naïve 😀");
    std::vector<std::string> bodies{past.body};
    for (const TextChange& text :
         {replace(2, 1, "ï"), replace(6, 1, "☕☕"), replace(0, 8, ""), replace(0, 0, "Anew"), replace(1, 2, "n 😀 n")}) {
        past.write("ada", 0, text);
        bodies.push_back(past.body);
    }
    for (size_t i = 0; i < bodies.size(); ++i)
        CHECK(*bodyAfter(past.first(i + 1)) == bodies[i]);
    CHECK(bodyAfter(std::span(past.revisions).subspan(1)).error().code == v1::NOT_FOUND);
    CHECK(whoWrote(std::span(past.revisions).subspan(1)).error().code == v1::NOT_FOUND);

    SECTION("also where it came back and what made it did not")
    {
        past.whole("Came back", 1'000);
        past.write("ben", 0, replace(0, 4, "Went"));
        CHECK(*bodyAfter(past.revisions) == "Went back");
        CHECK(stretches(past.revisions).size() == 3);
        CHECK(*whoWrote(past.revisions) == std::vector<Written>{{4, 7}, {5, 6}});
    }
    SECTION("and nothing where one is missing")
    {
        past.revisions.erase(past.revisions.begin() + 3);
        CHECK(bodyAfter(past.revisions).error().code == v1::INVALID);
        CHECK(whoWrote(past.revisions).error().code == v1::INVALID);
    }
    SECTION("nor where one is no change, or of another body")
    {
        past.revisions[2].set_text(GENERATE(std::string("\xff"), encode(replace(1'000, 1, ""))));
        CHECK(bodyAfter(past.revisions).error().code == v1::INVALID);
        CHECK(whoWrote(past.revisions).error().code == v1::INVALID);
    }
}

TEST_CASE("each part of a body knows who wrote it")
{
    Past past("one\ntwo\nthree");
    past.write("ada", 0, replace(4, 3, "zweï"));      // one\nzweï\nthree
    past.write("ben", 1, replace(6, 1, "EE\nnew\n")); // one\nzwEE\nnew\nï\nthree
    past.write("cleo", 2, replace(0, 4, ""));         // zwEE\nnew\nï\nthree
    const auto written = whoWrote(past.revisions);
    REQUIRE(written.has_value());
    CHECK(past.body == "zwEE\nnew\nï\nthree");
    CHECK(*written == std::vector<Written>{{2, 1}, {7, 2}, {1, 1}, {6, 0}});
    CHECK(writersOfLines(past.body, *written) == std::vector<size_t>{2, 2, 1, 0});

    CHECK(writersOfLines("a\nb\n", std::vector<Written>{{4, 1}}) == std::vector<size_t>{1, 1});
    // Somebody goes on behind the last line.
    CHECK(writersOfLines("a\n\nb", std::vector<Written>{{1, 0}, {3, 1}}) == std::vector<size_t>{0, 1, 1});
    CHECK(writersOfLines("", {}).empty());
}
