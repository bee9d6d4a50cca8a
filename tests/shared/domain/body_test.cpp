// Bodies change by text changes.

#include <algorithm>

#include "shared/domain/body.h"
#include "tests/shared/domain/world.h"
#include "tests/shared/text/dice.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

void setContested(World& w, const Id& post, const std::vector<TextRange>& ranges)
{
    v1::Record record = w.record(post);
    setRanges(*record.mutable_post()->mutable_contested(), ranges);
    w.put({FeedKind::Space, w.space}, record);
}

std::vector<TextRange> contested(const World& w, const Id& post)
{
    return *rangesFrom(w.record(post).post().contested());
}

} // namespace

TEST_CASE("whoever contributes writes in a page, and the record says who did last")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ada, "Onboarding");
    const v1::Change first = w.write(page, "", "Ask Ben for a key.");
    REQUIRE(w.submit(first, World::as(w.ben)) == v1::CODE_NONE);
    w.nowMs += 5'000;
    const v1::Change second = w.write(page, "Ask Ben for a key.", "Ask Cleo for a key.");
    REQUIRE(w.submit(second, World::as(w.cleo)) == v1::CODE_NONE);

    const v1::Record& record = w.record(page);
    CHECK(record.post().body() == "Ask Cleo for a key.");
    CHECK(record.author() == w.ada.view());
    CHECK(record.changed_ms() == w.nowMs);
    REQUIRE(record.writers_size() == 1);
    CHECK(record.writers(0).field() == v1::POST_BODY);
    CHECK(record.writers(0).change() == second.id());
    CHECK(record.writers(0).author() == w.cleo.view());
}

TEST_CASE("nothing changes where a text change changes nothing")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ada);
    const uint64_t revision = w.record(page).revision();
    REQUIRE(w.submit(w.write(page, "", ""), World::as(w.ben)) == v1::CODE_NONE);
    CHECK(w.lastVersions == 0);
    CHECK(w.record(page).revision() == revision);
}

TEST_CASE("a text change that does not fit the body is refused and alters nothing")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ada);
    const Id question = w.addPost(v1::QUESTION, {}, w.ada);
    const Id answer = w.addPost(v1::ANSWER, question, w.ben, "Because.");
    const Id section = w.addPost(v1::SECTION, {}, w.ada);
    const auto code = [&](const v1::Change& change, const Id& who) { return w.submit(change, World::as(who)); };

    CHECK(code(w.write(page, "longer than it is", "x"), w.ben) == v1::INVALID);
    CHECK(code(w.write(answer, "Because.", " "), w.ben) == v1::EMPTY);
    CHECK(code(w.write(section, "", "x"), w.ada) == v1::NOT_ALLOWED);
    CHECK(code(w.write(w.space, "", "x"), w.ada) == v1::NOT_ALLOWED);
    CHECK(code(w.write(page, "", std::string(limits::bodyBytesMax, 'x')), w.ben) == v1::CODE_NONE);
    CHECK(code(w.write(page, "", "one more"), w.ben) == v1::TOO_LONG);
    CHECK(w.record(page).post().body().size() == limits::bodyBytesMax);
    CHECK(w.record(answer).post().body() == "Because.");
}

TEST_CASE("a text change of the wrong shape is refused")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ada);
    v1::Change change = w.write(page, "", "x");
    v1::EditText& edit = *change.mutable_edit_text();
    const auto code = [&] { return w.submit(change, World::as(w.ben)); };
    SECTION("no text change")
    {
        edit.set_text("\xff");
        CHECK(code() == v1::INVALID);
    }
    SECTION("a text that is not clean")
    {
        edit.set_text(std::string("\x05\xff", 2));
        CHECK(code() == v1::BAD_TEXT);
    }
    SECTION("a version without a number")
    {
        edit.mutable_base()->set_seal(std::string(16, 's'));
        CHECK(code() == v1::INVALID);
    }
    SECTION("a version without a seal")
    {
        edit.mutable_base()->set_revision(1);
        CHECK(code() == v1::INVALID);
    }
    SECTION("a summary that is none")
    {
        edit.set_summary(std::string(limits::titleBytesMax + 1, 'x'));
        CHECK(code() == v1::TOO_LONG);
    }
    SECTION("ranges that lie over each other")
    {
        setRanges(*edit.mutable_resolved(), {{3, 9}, {8, 12}});
        CHECK(code() == v1::INVALID);
    }
    SECTION("too many ranges")
    {
        for (uint64_t i = 0; i <= uint64_t(limits::contestedMax); ++i) {
            edit.add_resolved()->set_from(2 * i);
            edit.mutable_resolved(int(i))->set_to(2 * i + 1);
        }
        CHECK(code() == v1::TOO_LARGE);
    }
    CHECK(w.record(page).post().body().empty());
}

TEST_CASE("what is contested moves with the text until somebody says that it is one")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ada);
    REQUIRE(w.accept(w.write(page, "", "Grüße: mine yours. End"), World::as(w.ben)));
    setContested(w, page, {{7, 17}});
    REQUIRE(w.accept(w.write(page, "Grüße: mine yours. End", "Viele Grüße: mine yours. End"), World::as(w.cleo)));
    REQUIRE(contested(w, page) == std::vector<TextRange>{{13, 23}});

    SECTION("by a change that says so")
    {
        v1::Change resolve = w.write(page, "Viele Grüße: mine yours. End", "Viele Grüße: ours. End");
        setRanges(*resolve.mutable_edit_text()->mutable_resolved(), {{13, 23}});
        REQUIRE(w.accept(resolve, World::as(w.cleo)));
        CHECK(contested(w, page).empty());
    }
    SECTION("also where nothing is to be changed for that")
    {
        v1::Change resolve = w.write(page, "", "");
        setRanges(*resolve.mutable_edit_text()->mutable_resolved(), {{20, 21}});
        REQUIRE(w.accept(resolve, World::as(w.cleo)));
        CHECK(contested(w, page).empty());
        CHECK(w.record(page).post().body() == "Viele Grüße: mine yours. End");
    }
    SECTION("also where one of its two versions is named alone")
    {
        setContested(w, page, {{13, 18}, {18, 23}});
        v1::Change resolve = w.write(page, "", "");
        setRanges(*resolve.mutable_edit_text()->mutable_resolved(), {{19, 20}});
        REQUIRE(w.accept(resolve, World::as(w.cleo)));
        CHECK(contested(w, page).empty());
    }
    SECTION("not by one that is about another passage")
    {
        v1::Change other = w.write(page, "", "");
        setRanges(*other.mutable_edit_text()->mutable_resolved(), {{0, 5}});
        REQUIRE(w.accept(other, World::as(w.cleo)));
        CHECK(contested(w, page).size() == 1);
    }
    SECTION("or until it is gone")
    {
        REQUIRE(w.accept(w.write(page, "Viele Grüße: mine yours. End", "End"), World::as(w.cleo)));
        CHECK(contested(w, page).empty());
    }
}

TEST_CASE("contested ranges are in order and apart, and bounded in number")
{
    v1::Post post;
    addContested(post, {{5, 9}});
    addContested(post, {{1, 3}, {8, 12}});
    CHECK(*rangesFrom(post.contested()) == std::vector<TextRange>{{1, 3}, {5, 12}});
    for (size_t i = 0; i < 2 * size_t(limits::contestedMax); ++i)
        addContested(post, {{20 + 2 * i, 21 + 2 * i}});
    const std::vector<TextRange> all = *rangesFrom(post.contested());
    CHECK(all.size() == size_t(limits::contestedMax));
    CHECK(all.back().to == 21 + 2 * (2 * size_t(limits::contestedMax) - 1));
}

TEST_CASE("whatever comes to meet a contested passage is no version of it")
{
    const auto with = [](const std::vector<TextRange>& had, const std::vector<TextRange>& more) {
        v1::Post post;
        addContested(post, had);
        addContested(post, more);
        return *rangesFrom(post.contested());
    };
    using Ranges = std::vector<TextRange>;
    SECTION("where they adjoin")
    {
        CHECK(with({{0, 2}}, {{2, 7}}) == Ranges{{0, 7}});
        CHECK(with({{0, 2}}, {{2, 7}, {7, 12}}) == Ranges{{0, 12}});
        CHECK(with({{2, 7}, {7, 12}}, {{0, 2}}) == Ranges{{0, 12}});
        CHECK(with({{0, 2}, {2, 4}}, {{4, 7}, {7, 9}}) == Ranges{{0, 2}, {2, 4}, {4, 7}, {7, 9}});
        CHECK(with({{0, 2}, {2, 4}}, {{4, 7}}) == Ranges{{0, 2}, {2, 4}, {4, 7}});
    }
    SECTION("where they overlap")
    {
        CHECK(with({{0, 5}, {5, 9}}, {{7, 12}}) == Ranges{{0, 12}});
        CHECK(with({{5, 9}}, {{1, 6}, {6, 8}}) == Ranges{{1, 9}});
        CHECK(with({{0, 5}, {5, 9}}, {{4, 6}}) == Ranges{{0, 9}});
    }
    SECTION("but for what was contested once more within a version")
    {
        CHECK(with({{0, 5}, {5, 9}}, {{6, 7}, {7, 9}}) == Ranges{{0, 5}, {5, 9}});
        CHECK(with({{6, 7}}, {{0, 5}, {5, 9}}) == Ranges{{0, 5}, {5, 9}});
        CHECK(with({{0, 5}, {5, 9}}, {{0, 5}, {5, 9}}) == Ranges{{0, 5}, {5, 9}});
    }
    SECTION("also where there are too many")
    {
        Ranges pairs;
        for (size_t i = 0; pairs.size() < size_t(limits::contestedMax); i += 5)
            pairs.insert(pairs.end(), {{i, i + 2}, {i + 2, i + 4}});
        const Ranges all = with(pairs, {{1'000, 1'001}, {1'001, 1'002}});
        CHECK(all.size() == size_t(limits::contestedMax) - 1);
        CHECK(all.back().to == 1'002);
        CHECK(all[0] == TextRange{0, 2});
    }
}

TEST_CASE("every passage that was contested is one of those there are, or lies in one version of one")
{
    for (uint32_t seed = 1; seed <= 20'000; ++seed) {
        Dice dice(seed);
        const auto some = [&] {
            std::vector<TextRange> ranges;
            for (size_t at = dice.upTo(5), left = dice.upTo(3); left > 0; --left) {
                const size_t end = at + 1 + dice.upTo(3);
                ranges.push_back({at, end});
                at = end + dice.upTo(2);
            }
            return ranges;
        };
        v1::Post post;
        std::vector<TwoVersions> told;
        for (int round = 0; round < 3; ++round) {
            const std::vector<TextRange> more = some();
            for (const TwoVersions& each : versionsIn(more))
                told.push_back(each);
            addContested(post, more);
        }
        const auto now = rangesFrom(post.contested());
        INFO("case " << seed);
        REQUIRE(now);
        for (const TwoVersions& each : told) {
            const auto in = [&](size_t from, size_t to) { return each.whole.from >= from && each.whole.to <= to; };
            const std::vector<TwoVersions> there = versionsIn(*now);
            REQUIRE(std::any_of(there.begin(), there.end(), [&](const TwoVersions& one) {
                const size_t middle = one.second.value_or(one.whole.to);
                return one == each || in(one.whole.from, middle) || in(middle, one.whole.to);
            }));
        }
        const v1::Post before = post;
        addContested(post, {});
        REQUIRE(rangesOf(post.contested()) == rangesOf(before.contested()));
    }
}

TEST_CASE("a box that two people ticked at once is ticked, and nobody is asked")
{
    v1::Post post;
    post.set_body("🛠 Before it:\n\n- [xx] call\n- [Xx");
    addContested(post, {{17, 18}, {18, 19}});
    CHECK(post.contested_size() == 0);
    addContested(post, {{18, 19}}); // no box, a part of one
    CHECK(post.contested_size() == 1);
    post.clear_contested();
    addContested(post, {{29, 30}, {30, 31}}); // never closed
    CHECK(post.contested_size() == 2);
    post.clear_contested();
    addContested(post, {{0, 2}});
    addContested(post, {{500, 502}}); // not of this body
    CHECK(post.contested_size() == 2);
}

TEST_CASE("a body names the changes that it has, each by its id and who sent it")
{
    World w;
    const Id page = w.addPost(v1::PAGE, {}, w.ada);
    const v1::Post created = w.record(page).post();
    const v1::Change first = w.write(page, "", "Ask Ben.");
    REQUIRE(w.submit(first, World::as(w.ben)) == v1::CODE_NONE);
    const v1::Post one = w.record(page).post();
    REQUIRE(w.submit(w.write(page, "Ask Ben.", "Ask Cleo."), World::as(w.cleo)) == v1::CODE_NONE);
    const v1::Post two = w.record(page).post();

    CHECK(hasChange(two, first.id(), w.ben.view()));
    CHECK_FALSE(hasChange(created, first.id(), w.ben.view()));
    CHECK_FALSE(hasChange(two, first.id(), w.cleo.view()));
    CHECK(hasChangesOf(two, one));
    CHECK(hasChangesOf(two, created));
    CHECK(hasChangesOf(created, created));
    CHECK_FALSE(hasChangesOf(one, two));
    CHECK(lacksChangeOf(one, two));
    CHECK(lacksChangeOf(created, one));
    CHECK_FALSE(lacksChangeOf(two, one));
    CHECK_FALSE(lacksChangeOf(two, created));
}

TEST_CASE("of more changes than a record names it is not said that another body has them all")
{
    v1::Post post;
    const auto note = [&](int number) { noteChange(post, std::to_string(number), "ben"); };
    for (int i = 0; i < int(limits::notedChangesMax); ++i)
        note(i);
    CHECK(hasChangesOf(post, post));
    note(int(limits::notedChangesMax));
    const size_t bytes = post.changes().size();
    CHECK_FALSE(hasChangesOf(post, post));
    CHECK_FALSE(hasChange(post, "0", "ben"));
    CHECK(hasChange(post, "2", "ben"));
    note(1'000);
    CHECK(post.changes().size() == bytes);
    CHECK_FALSE(hasChange(post, "2", "ben"));
    CHECK(hasChange(post, "1000", "ben"));
    CHECK_FALSE(hasChangesOf(post, post));

    // Two that parted: as far back as the one names any, it is known to lack the other's.
    v1::Post ours = post, theirs = post;
    noteChange(ours, "ours", "ben");
    noteChange(theirs, "theirs", "ben");
    CHECK(lacksChangeOf(theirs, ours));
    CHECK_FALSE(lacksChangeOf(ours, post));
    for (int i = 2'000; i < 2'000 + int(limits::notedChangesMax); ++i)
        note(i);
    CHECK_FALSE(lacksChangeOf(post, ours));

    v1::Post older; // made before records named any
    older.mutable_body_version()->set_revision(5);
    CHECK_FALSE(hasChangesOf(post, older));
    CHECK_FALSE(lacksChangeOf(older, post));
    noteChange(older, "1000", "ben");
    CHECK(hasChange(older, "1000", "ben"));
    CHECK_FALSE(hasChangesOf(post, older));
}
