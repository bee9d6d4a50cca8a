// What became of a body, as far as somebody asked for it.

#include "shared/text/codec.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct Histories : Shelf {
    Histories()
    {
        v1::Record record = question("Page");
        record.mutable_post()->set_body("body");
        post = *Id::from(record.id());
        REQUIRE(receive(space(), {record}) == Replica::Received::AtHead);
    }

    // Number 0 is the body as it was created.
    v1::Revision revision(uint64_t number, size_t bytes = 1)
    {
        v1::Revision made;
        made.mutable_version()->set_revision(number);
        made.mutable_version()->set_seal("seal");
        made.set_after(number == 0 ? 0 : number - 1);
        made.set_author(me.str());
        made.set_text(encode(TextChange::replace(0, 0, std::string(bytes, 'x'))));
        return made;
    }
    // As the server answers who has `before` as the lowest number: the newest first, from `newest` down to `oldest`.
    v1::RevisionPage page(uint64_t before, uint64_t newest, uint64_t oldest, size_t bytes = 1)
    {
        v1::RevisionPage made;
        made.set_post(post.str());
        made.set_before(before);
        for (uint64_t number = newest + 1; number-- > oldest;)
            *made.add_revisions() = revision(number, bytes);
        made.set_first(oldest == 0);
        return made;
    }
    std::optional<uint64_t> take(const v1::RevisionPage& page)
    {
        std::optional<uint64_t> next;
        touched = {};
        replica->begin();
        next = replica->receive(page);
        touched = replica->commit();
        return next;
    }
    std::vector<uint64_t> numbers()
    {
        std::vector<uint64_t> all;
        const Reading reading(QString::fromStdString(path()));
        const auto read = history(reading, post);
        if (!read)
            return {999};
        whole = read->whole;
        for (const v1::Revision& each : read->revisions)
            all.push_back(each.version().revision());
        return all;
    }

    Id post;
    Touched touched;
    bool whole = false;
};

using Numbers = std::vector<uint64_t>;

constexpr size_t oneHistoryBytesMax = 8 << 20; // shared/base/limits.h
constexpr size_t allHistoriesBytesMax = 64 << 20;

} // namespace

TEST_CASE("a history is read from its newest page down to the first, and told of when it is there")
{
    Histories desk;
    CHECK(desk.numbers() == Numbers{999}); // nobody asked for it
    CHECK(desk.take(desk.page(0, 9, 7)) == 7);
    CHECK(desk.touched.histories.isEmpty());
    CHECK(desk.numbers() == Numbers{7, 8, 9});
    CHECK_FALSE(desk.whole);
    CHECK(desk.take(desk.page(7, 6, 3)) == 3);
    CHECK_FALSE(desk.take(desk.page(3, 2, 0)).has_value());
    CHECK(desk.touched.histories == QList<Id>{desk.post});
    CHECK(desk.numbers() == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(desk.whole);

    SECTION("and of what came since only that is read")
    {
        CHECK(desk.take(desk.page(0, 14, 12)) == 12);
        CHECK(desk.numbers() == Numbers{12, 13, 14}); // what lies in between is still on its way
        CHECK_FALSE(desk.whole);
        CHECK_FALSE(desk.take(desk.page(12, 11, 9)).has_value());
        CHECK(desk.numbers().size() == 15);
        CHECK(desk.whole);
        CHECK_FALSE(desk.take(desk.page(0, 14, 12)).has_value());
    }
    SECTION("also where the way down was broken off")
    {
        CHECK(desk.take(desk.page(0, 14, 13)) == 13);
        desk.open();
        CHECK(desk.take(desk.page(0, 15, 14)) == 14);
        CHECK(desk.take(desk.page(14, 13, 12)) == 12);
        CHECK_FALSE(desk.take(desk.page(12, 11, 10)).has_value());
        CHECK(desk.numbers().size() == 16);
        CHECK(desk.whole);
    }
    SECTION("and what the server does not have any more goes")
    {
        CHECK_FALSE(desk.take(desk.page(0, 5, 4)).has_value());
        CHECK(desk.numbers() == Numbers{0, 1, 2, 3, 4, 5});
        CHECK(desk.whole);
    }
    SECTION("and none of it stays where its post goes")
    {
        v1::Record gone = desk.record(desk.post);
        gone.set_deleted(true);
        REQUIRE(desk.receive(desk.space(), {gone}) == Replica::Received::AtHead);
        CHECK(desk.numbers() == Numbers{999});
        CHECK_FALSE(desk.take(desk.page(0, 9, 0)).has_value());
        desk.open();
        Database file(desk.path(), Database::Mode::Read);
        Statement left(file, "SELECT (SELECT count(*) FROM revisions) + (SELECT count(*) FROM histories)");
        REQUIRE(left.step());
        CHECK(left.number(0) == 0);
    }
    SECTION("nor where its space goes")
    {
        desk.within([&] { desk.replica->forget(desk.space()); });
        CHECK(desk.numbers() == Numbers{999});
    }
}

TEST_CASE("of a body that nobody changed the history is empty, and known to be")
{
    Histories desk;
    v1::RevisionPage page;
    page.set_post(desk.post.str());
    page.set_first(true);
    CHECK_FALSE(desk.take(page).has_value());
    CHECK(desk.numbers().empty());
    CHECK(desk.touched.histories == QList<Id>{desk.post});
}

TEST_CASE("a page that cannot be is not taken in")
{
    Histories desk;
    REQUIRE_FALSE(desk.take(desk.page(0, 3, 0)).has_value());
    SECTION("of no post")
    {
        v1::RevisionPage page = desk.page(0, 5, 4);
        page.set_post("x");
        CHECK_FALSE(desk.take(page).has_value());
    }
    SECTION("of one that is not here")
    {
        v1::RevisionPage page = desk.page(0, 5, 4);
        page.set_post(desk.id().str());
        CHECK_FALSE(desk.take(page).has_value());
    }
    SECTION("with numbers that it says it has not")
    {
        CHECK_FALSE(desk.take(desk.page(2, 3, 2)).has_value());
        v1::RevisionPage page = desk.page(0, 3, 3);
        page.mutable_revisions(0)->mutable_version()->set_revision(UINT64_MAX);
        CHECK_FALSE(desk.take(page).has_value());
    }
    CHECK(desk.numbers() == Numbers{0, 1, 2, 3});
}

TEST_CASE("histories take a bounded place on the disk")
{
    Histories desk;
    const size_t bytes = oneHistoryBytesMax / 4;
    CHECK(desk.take(desk.page(0, 100, 98, bytes)) == 98);
    CHECK_FALSE(desk.take(desk.page(98, 97, 96, bytes)).has_value());
    CHECK(desk.numbers() == Numbers{96, 97, 98, 99, 100});
    CHECK_FALSE(desk.whole);

    const Id first = desk.post;
    for (size_t i = 0; i < allHistoriesBytesMax / oneHistoryBytesMax; ++i) {
        v1::Record other = desk.question("Other");
        desk.post = *Id::from(other.id());
        REQUIRE(desk.receive(desk.space(), {other}) == Replica::Received::AtHead);
        desk.nowMs += 1'000;
        CHECK_FALSE(desk.take(desk.page(0, 3, 0, bytes)).has_value());
        CHECK(desk.numbers() == Numbers{0, 1, 2, 3});
    }
    desk.post = first;
    CHECK(desk.numbers() == Numbers{999}); // it was asked for longest ago
}
