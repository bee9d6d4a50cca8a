// What a body went through, for people to read.

#include <algorithm>
#include <random>
#include <set>

#include "shared/domain/history.h"
#include "shared/text/codec.h"
#include "shared/text/utf8.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

constexpr int64_t minuteMs = 60'000;

using Told = std::vector<std::string>;

TextChange replace(size_t at, size_t deleted, std::string_view inserted)
{
    return TextChange::replace(at, deleted, inserted);
}

// "ada and ben 3", and what they said of it.
std::string toldOf(const Stretch& stretch)
{
    std::string told;
    for (const std::string& author : stretch.authors)
        told += (told.empty() ? "" : " and ") + author;
    told += " " + std::to_string(stretch.count);
    return stretch.summary.empty() ? told : told + ": " + stretch.summary;
}

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
        revision.set_change("change");
        revision.set_author(author);
        revision.set_time_ms(timeMs);
        revision.set_text(encode(text));
        revision.set_summary(summary);
        body = *applyTo(body, text);
    }
    // Behind all that is there.
    void adds(const std::string& author, int64_t minute, const std::string& words, const std::string& summary = {})
    {
        write(author, minute * minuteMs, words.empty() ? TextChange() : replace(countCodePoints(body), 0, words),
              summary);
    }
    // Without a change of somebody's.
    void imports(int64_t minute, const std::string& words)
    {
        adds("ada", minute, words);
        revisions.back().clear_change();
    }
    // The stretches behind the first text.
    Told told() const
    {
        Told all;
        for (const Stretch& each : stretches(revisions))
            all.push_back(toldOf(each));
        REQUIRE(all.front() == "ada 1");
        all.erase(all.begin());
        return all;
    }
    std::span<const v1::Revision> first(size_t count) const { return std::span(revisions).first(count); }

    std::string body;
    std::vector<v1::Revision> revisions;
};

} // namespace

TEST_CASE("what one person writes in one go is one stretch, and begins anew after a pause")
{
    Past past("");
    past.adds("ada", 0, "a");
    past.adds("ada", 10, "b");
    past.adds("ada", 39, "c");
    past.adds("ada", 70, "d");
    CHECK(past.told() == Told{"ada 3", "ada 1"});
    const std::vector<Stretch> all = stretches(past.revisions);
    CHECK(all[1].first == 1);
    CHECK(all[1].fromMs == 0);
    CHECK(all[1].toMs == 39 * minuteMs);
    CHECK(stretches({}).empty());

    const auto stretch = changeOf(past.first(4));
    REQUIRE(stretch.has_value());
    CHECK(*applyTo("", *stretch) == "abc");
}

TEST_CASE("what several write at the same time is one stretch of all of them, who wrote most first")
{
    Past past("");
    for (int64_t second = 0; second < 100; ++second)
        past.write(second % 3 == 0 ? "ada" : "ben", second * 1'000, replace(0, 0, "x"));
    past.adds("cleo", 2,
              "and many more words than a hundred keys: of those who write at once each has a place, and "
              "one who pastes a page has the first of them");
    past.adds("ada", 3, "!");
    CHECK(past.told() == Told{"cleo and ben and ada 102"});

    SECTION("also where they take long turns")
    {
        past.adds("dora", 20, "d");
        past.adds("ada", 30, "a");
        past.adds("dora", 45, "d");
        CHECK(past.told() == Told{"cleo and ben and ada and dora 105"});
    }
    SECTION("and who begins when the others are done has one of their own")
    {
        past.adds("dora", 13, "d");
        past.adds("dora", 14, "d");
        CHECK(past.told() == Told{"cleo and ben and ada 102", "dora 2"});
    }
    SECTION("and who deletes only has a part in it")
    {
        past.write("dora", 4 * minuteMs, replace(0, 5, ""));
        past.adds("ada", 5, "!");
        CHECK(past.told() == Told{"cleo and ben and ada and dora 104"});
    }
}

TEST_CASE("one who writes for an hour and one who begins ten minutes later have written one after the other")
{
    Past past("");
    for (int64_t minute = 0; minute <= 60; ++minute)
        past.adds("ada", minute, "a");
    for (int64_t minute = 70; minute <= 90; ++minute)
        past.adds("ben", minute, "b");
    past.adds("ada", 91, "a"); // more than half an hour after her last
    CHECK(past.told() == Told{"ada 61", "ben 21", "ada 1"});
}

TEST_CASE("what was done at once stands by itself among those who write")
{
    Past past("");
    past.adds("ada", 0, "a");
    past.adds("ben", 1, "b");
    past.adds("ada", 2, "a");
    SECTION("an import, and a proposal that took effect")
    {
        past.imports(3, "import");
        past.adds("ada", 4, "a");
        past.adds("ben", 5, "b");
        past.imports(6, "import");
        past.imports(6, "import");
        CHECK(past.told() == Told{"ada and ben 3", "ada 1", "ada 1", "ben 1", "ada 1", "ada 1"});
    }
    SECTION("a restored text")
    {
        past.write("ben", 3 * minuteMs, replace(0, 3, "older"), "Restored the text of 10:32");
        past.adds("ada", 4, "a");
        past.adds("ben", 5, "b");
        past.adds("ada", 6, "a");
        CHECK(past.told() == Told{"ada and ben 3", "ben 1: Restored the text of 10:32", "ada and ben 3"});
    }
    SECTION("a text that came back")
    {
        past.whole("Came back", 1'000);
        past.adds("ada", 3, "a");
        CHECK(past.told() == Told{"ada and ben 3", "ada 1", "ada 1"});
    }
}

TEST_CASE("what a person says of their work is of all that they wrote, and what comes next is something else")
{
    Past past("");
    SECTION("said when it was done")
    {
        past.adds("ada", 0, "a");
        past.adds("ada", 1, "a");
        past.adds("ada", 2, "", "Keys");
        past.adds("ada", 3, "a");
        CHECK(past.told() == Told{"ada 3: Keys", "ada 1"});
    }
    SECTION("said while it was done, with each key from then on")
    {
        past.adds("ada", 0, "a");
        past.adds("ada", 1, "a", "Keys");
        past.adds("ben", 1, "b");
        past.adds("ada", 2, "a", "Keys");
        past.adds("ben", 2, "b", "Cups");
        past.adds("ada", 3, "a", "Keys");
        past.adds("ben", 3, "b", "Cups");
        CHECK(past.told() == Told{"ada and ben 7: Keys\nCups"});
    }
    SECTION("said of each of two changes")
    {
        past.adds("ada", 0, "a", "Keys");
        past.adds("ada", 1, "a", "Cups");
        CHECK(past.told() == Told{"ada 1: Keys", "ada 1: Cups"});
    }
    SECTION("and of many words some are told")
    {
        for (int i = 0; i < 40; ++i) {
            past.adds("ada", 0, "a");
            past.adds("ben", 0, "b", i < 20 ? "Cups" : std::to_string(i));
            past.adds("ben", 0, "b", i < 20 ? "Cups" : std::to_string(i));
            past.adds("ada", 0, "a");
        }
        const std::vector<Stretch> all = stretches(past.revisions);
        REQUIRE(all.size() == 2);
        CHECK(std::ranges::count(all[1].summary, '\n') == limits::stretchSummariesMax - 1);
    }
}

TEST_CASE("what comes late from a device that was away is work of its own")
{
    Past past("");
    past.adds("ada", 1'000, "a");
    past.adds("ben", 10, "b");
    past.adds("ben", 11, "b");
    past.adds("ada", 1'001, "a");
    CHECK(past.told() == Told{"ada 1", "ben 2", "ada 1"});

    past.revisions.back().set_time_ms(INT64_MIN);
    past.adds("ada", 1'001, "a");
    CHECK(past.told() == Told{"ada 1", "ben 2", "ada 1", "ada 1"});
}

TEST_CASE("a history that is read from its newest page on comes to the same stretches, but for its oldest hour")
{
    std::mt19937 random(7); // any, and always the same
    for (int round = 0; round < 60; ++round) {
        Past past("");
        int64_t minute = 0;
        for (int i = 0; i < 60; ++i) {
            minute += random() % 12 == 0 ? 40 : random() % 8;
            past.adds(std::string(1, char('a' + random() % 3)), minute, "x", random() % 9 == 0 ? "Said" : "");
            if (random() % 15 == 0)
                past.revisions.back().clear_change();
        }
        const std::vector<Stretch> all = stretches(past.revisions);
        for (size_t from = 1; from < past.revisions.size(); ++from) {
            const auto newest = past.first(past.revisions.size()).subspan(from);
            const int64_t knownMs = newest.front().time_ms() + 2 * int64_t(limits::stretchPauseMs);
            std::set<size_t> begins, known;
            for (const Stretch& each : all)
                begins.insert(each.first);
            std::set<size_t> seen;
            for (const Stretch& each : stretches(newest)) {
                seen.insert(each.first + from);
                const int64_t atMs = past.revisions[each.first + from].time_ms();
                if (atMs > knownMs)
                    known.insert(each.first + from);
            }
            std::erase_if(begins, [&](size_t at) { return at < from; });
            REQUIRE(std::ranges::includes(seen, begins)); // what comes later parts nothing
            std::erase_if(begins, [&](size_t at) { return past.revisions[at].time_ms() <= knownMs; });
            REQUIRE(known == begins);
        }
    }
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
        CHECK(stretches(past.revisions).size() == 4);
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
