#include "shared/domain/fields.h"
#include "shared/domain/merge.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

v1::Record question(const std::string& title, const std::string& writer = {}, int64_t timeMs = 0)
{
    v1::Record record;
    record.set_revision(1);
    record.mutable_post()->set_kind(v1::QUESTION);
    record.mutable_post()->set_title(title);
    if (!writer.empty()) {
        v1::Writer& wrote = *record.add_writers();
        wrote.set_field(v1::POST_TITLE);
        wrote.set_change(writer);
        wrote.set_time_ms(timeMs);
    }
    return record;
}

v1::Record mark(v1::MarkKind kind, int64_t value, int64_t changedMs)
{
    v1::Record record;
    record.set_changed_ms(changedMs);
    record.mutable_mark()->set_kind(kind);
    record.mutable_mark()->set_value(value);
    return record;
}

} // namespace

TEST_CASE("of two values that do not know of each other the later one wins and the other is kept")
{
    v1::Record present = question("Earlier", "a", 10);
    REQUIRE(mergeHandedBack(present, question("Later", "b", 20)));
    CHECK(present.post().title() == "Later");
    CHECK(writerOf(present, v1::POST_TITLE)->change() == "b");
    REQUIRE(present.lost_size() == 1);
    CHECK(present.lost(0).value().text() == "Earlier");
    CHECK(present.revision() == 2);

    present = question("Later", "b", 20);
    REQUIRE(mergeHandedBack(present, question("Earlier", "a", 10)));
    CHECK(present.post().title() == "Later");
    REQUIRE(present.lost_size() == 1);
    CHECK(present.lost(0).change() == "a");
}

TEST_CASE("merging the same version again changes nothing")
{
    v1::Record present = question("Later", "b", 20);
    const v1::Record handed = question("Earlier", "a", 10);
    REQUIRE(mergeHandedBack(present, handed));
    const std::string once = present.SerializeAsString();
    CHECK_FALSE(mergeHandedBack(present, handed));
    CHECK(present.SerializeAsString() == once);
    CHECK_FALSE(mergeHandedBack(present, present));
}

TEST_CASE("what was written after the creation wins over the creation")
{
    v1::Record present = question("As asked");
    REQUIRE(mergeHandedBack(present, question("Edited", "a", 10)));
    CHECK(present.post().title() == "Edited");
}

TEST_CASE("a tombstone wins over what lives, on either side")
{
    v1::Record dead;
    dead.set_deleted(true);
    v1::Record present = question("Alive", "a", 99);
    REQUIRE(mergeHandedBack(present, dead));
    CHECK(present.deleted());
    CHECK_FALSE(present.has_post());
    CHECK_FALSE(mergeHandedBack(present, question("Alive", "a", 99)));
    CHECK(present.deleted());
}

TEST_CASE("of two votes the later counts, of two times seen the larger")
{
    v1::Record vote = mark(v1::VOTE, 1, 10);
    CHECK_FALSE(mergeHandedBack(vote, mark(v1::VOTE, -1, 5)));
    REQUIRE(mergeHandedBack(vote, mark(v1::VOTE, -1, 20)));
    CHECK(vote.mark().value() == -1);
    v1::Record seen = mark(v1::SEEN, 500, 10);
    CHECK_FALSE(mergeHandedBack(seen, mark(v1::SEEN, 400, 20)));
    REQUIRE(mergeHandedBack(seen, mark(v1::SEEN, 600, 5)));
    CHECK(seen.mark().value() == 600);
}
