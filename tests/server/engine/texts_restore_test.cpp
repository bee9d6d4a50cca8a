// Bodies after a server went back: what devices hand back, and what they have that nobody knows.

#include "shared/domain/body.h"
#include "tests/server/engine/pages.h"

namespace stoa {

namespace {

// The page had its first revision when the backup was made.
class Restored : public Pages {
public:
    Restored()
    {
        accepted(text(replace(0, 3, "1")), ada);
        before = record();
        head = state().head;
        pause();
        // What was lost after it.
        lost = later(before, replace(2, 3, "2"), ben, nowMs);
        engine->beginEpoch(2);
        nowMs += 60'000;
    }

    std::vector<std::string> lostBodies()
    {
        const v1::Record now = present();
        std::vector<std::string> bodies;
        for (const v1::LostValue& each : now.lost()) {
            if (each.field() == v1::POST_BODY)
                bodies.push_back(each.value().text());
        }
        return bodies;
    }

    v1::Record before, lost;
    uint64_t head = 0;
};

// By a change that nobody here knows, in place of the newest one.
void write(v1::Record& record, const std::string& body, const Id& change, int64_t timeMs)
{
    v1::Writer& writer = record.mutable_writers()->at(0);
    writer.set_change(change.str());
    writer.set_time_ms(timeMs);
    record.mutable_post()->set_body(body);
    record.mutable_post()->clear_changes();
    noteChange(*record.mutable_post(), writer.change(), writer.author());
}

} // namespace

TEST_CASE("a change over a body that was lost is refused until somebody hands it back")
{
    Restored w;
    const v1::Change change = w.textOver(w.lost, replace(0, 0, ">"));
    CHECK(w.refused(change, w.ben) == v1::UNKNOWN_BASE);
    CHECK(w.handBack(w.lost, w.head + 5, w.ben).answer.taken() == 1);
    CHECK(w.body() == "1 2 three");
    CHECK(w.lostBodies().empty());
    w.requireWhole();
    CHECK(w.accepted(change, w.ben) == 2 * epochStart + 1);
    CHECK(w.presentBody() == ">1 2 three");
    // What was done to it before is not known any more.
    CHECK(w.refused(w.textOver(w.before, replace(0, 0, "x")), w.ada) == v1::UNKNOWN_BASE);
    w.requireWhole();
}

TEST_CASE("what was written before anybody noticed that the server went back is kept beside what comes back")
{
    Pages w;
    w.accepted(w.text(replace(0, 3, "1")), w.ada);
    w.pause();
    const v1::Record backup = w.record();
    const int64_t lostMs = GENERATE(int64_t{-1}, int64_t{100'000}); // before or after what is written
    const v1::Record lost = w.later(w.later(backup, replace(2, 3, "2"), w.ben, w.nowMs + lostMs), replace(0, 0, ">"),
                                    w.ben, w.nowMs + lostMs);
    w.accepted(w.text(replace(6, 5, "3")), w.ada);
    REQUIRE(w.body() == "1 two 3");
    const HandedBack back = w.handBack(lost, w.state().head + 1, w.ben);
    CHECK(back.newEpoch);
    CHECK(w.body() == (lostMs > 0 ? ">1 2 three" : "1 two 3"));
    const v1::Record now = w.record();
    REQUIRE(now.lost_size() == 1);
    CHECK(now.lost(0).value().text() == (lostMs > 0 ? "1 two 3" : ">1 2 three"));
    w.requireWhole();
}

TEST_CASE("a change that came back within a body is not made a second time")
{
    Restored w;
    v1::Change change = w.textOver(w.before, replace(2, 3, "2"));
    change.set_id(writerOf(w.lost, v1::POST_BODY)->change());
    SECTION("as it was")
    {
        w.handBack(w.lost, w.head + 5, w.ada);
        CHECK(w.accepted(change, w.ben) == w.lost.post().body_version().revision());
        CHECK(w.body() == "1 2 three");
    }
    SECTION("beside others")
    {
        w.accepted(w.textOver(w.before, replace(0, 1, "one")), w.ada);
        v1::Record lost = w.later(w.before, replace(2, 3, "2"), w.ben, w.nowMs + 1);
        change.set_id(writerOf(lost, v1::POST_BODY)->change());
        w.handBack(lost, w.head + 5, w.ada);
        w.accepted(w.text(replace(0, 0, ">")), w.ada);
        CHECK(w.accepted(change, w.ben) == w.revisions()[2].version().revision());
        CHECK(w.presentBody() == ">1 2 three");
    }
    w.requireWhole();
}

TEST_CASE("a change that came back in a body in which somebody else wrote since is not made a second time")
{
    Restored w;
    v1::Change change = w.textOver(w.before, replace(2, 3, "2"));
    change.set_id(writerOf(w.lost, v1::POST_BODY)->change());
    w.lost = w.later(w.lost, replace(4, 5, "3"), w.ada, w.nowMs);
    w.handBack(w.lost, w.head + 5, w.ada);
    SECTION("as it was") {}
    SECTION("and was changed here")
    {
        w.accepted(w.text(replace(0, 0, ">")), w.ada);
    }
    const std::string body = w.presentBody();
    CHECK(w.accepted(change, w.ben) == w.present().post().body_version().revision());
    CHECK(w.presentBody() == body);
    // Its name alone says nothing: it is of whoever sent it.
    change.set_id(newId(1, w.random).str());
    CHECK(w.refused(change, w.ben) == v1::UNKNOWN_BASE);
    w.requireWhole();
}

TEST_CASE("a page that was lost as a whole comes back with its body's version")
{
    Restored w;
    v1::Record lost = w.lost;
    lost.set_id(newId(1, w.random).str());
    w.handBack(lost, w.head + 6, w.ben);
    v1::Change change = w.textOver(lost, replace(0, 1, "one"));
    CHECK(w.accepted(change, w.ada) == 2 * epochStart + 1);
    change = w.textOver(lost, replace(0, 0, "x"));
    change.mutable_edit_text()->clear_base();
    CHECK(w.refused(change, w.ada) == v1::UNKNOWN_BASE);
    CHECK(w.record(*Id::from(lost.id())).post().body() == "one 2 three");
    w.requireWhole();
}

TEST_CASE("where both lines altered a body the later one stands, and the other one is kept")
{
    Restored w;
    const bool given = GENERATE(false, true);
    CAPTURE(given);
    const uint64_t mine = w.accepted(w.textOver(w.before, replace(2, 3, "zwei")), w.ada);
    w.accepted(w.textOver(w.present(), replace(0, 1, "eins")), w.ada);
    const v1::Record seen = w.present();
    REQUIRE(w.unpublished().size() == 1);
    if (given)
        w.pause();
    SECTION("ours is the later")
    {
        CHECK(w.handBack(w.lost, w.head + 5, w.ben).answer.taken() == 1);
        CHECK(w.body() == "eins zwei three");
        CHECK(w.lostBodies() == std::vector<std::string>{"1 2 three"});
        CHECK(w.record().post().body_version().SerializeAsString() == seen.post().body_version().SerializeAsString());
    }
    SECTION("theirs is the later")
    {
        v1::Record lost = w.later(w.before, replace(2, 3, "2"), w.ben, w.nowMs + 1'000);
        lost.mutable_post()->add_contested()->set_to(1);
        CHECK(w.handBack(lost, w.head + 5, w.ben).answer.taken() == 1);
        CHECK(w.body() == "1 2 three");
        CHECK(w.contested() == std::vector<TextRange>{{0, 1}});
        CHECK(w.lostBodies() == std::vector<std::string>{"eins zwei three"});
        CHECK(w.record().post().body_version().revision() == mine + 2);
        // Whoever goes on writing over ours goes on in theirs.
        w.accepted(w.textOver(seen, replace(15, 0, "!")), w.ada);
        CHECK(w.presentBody() == "1 2 three!");
        CHECK(w.refused(w.textOver(lost, replace(0, 0, "x")), w.ben) == v1::UNKNOWN_BASE);
    }
    w.requireWhole();
    w.pause();
    w.requireWhole();
}

TEST_CASE("a version of which only other fields were lost leaves the body as it is")
{
    Restored w;
    v1::Record lost = w.before;
    lost.set_revision(lost.revision() + 1);
    lost.mutable_post()->set_title("Renamed");
    v1::Writer& writer = *lost.add_writers();
    writer.set_field(v1::POST_TITLE);
    writer.set_change(newId(1, w.random).str());
    writer.set_author(w.ben.str());
    writer.set_time_ms(w.nowMs);
    SECTION("and nothing was done here") {}
    SECTION("and it was changed here, also by somebody whose change is older")
    {
        Submission submission{.actor = {.person = w.ada}};
        submission.changes.emplace_back().set_change(w.textOver(w.before, replace(2, 3, "zwei")).SerializeAsString());
        submission.changes.back().set_age_ms(1'000'000'000);
        w.engine->submit({&submission, 1});
        w.accepted(w.textOver(w.present(), replace(0, 1, "eins")), w.ada);
    }
    SECTION("and it was changed here, and is not given out yet")
    {
        w.accepted(w.textOver(w.before, replace(2, 3, "zwei")), w.ada);
        w.accepted(w.textOver(w.present(), replace(0, 1, "eins")), w.ada);
    }
    const std::string body = w.presentBody();
    CHECK(w.handBack(lost, w.head + 5, w.ben).answer.taken() == 1);
    CHECK(w.record().post().title() == "Renamed");
    CHECK(w.presentBody() == body);
    CHECK(w.lostBodies().empty());
    w.requireWhole();
    w.pause();
    CHECK(w.body() == body);
    w.requireWhole();
}

TEST_CASE("what waited when the backup was made waits again, and a later body takes its place")
{
    Pages w;
    w.accepted(w.text(replace(0, 3, "1")), w.ada);
    w.accepted(w.text(replace(2, 3, "2")), w.ben);
    const v1::Record first = w.record();
    const v1::Record second = w.present();
    const uint64_t head = w.state().head;
    w.engine->beginEpoch(2);
    SECTION("the same that it was given out as then")
    {
        CHECK(w.handBack(second, head + 1, w.ben).answer.taken() == 1);
        CHECK(w.unpublished().empty());
        CHECK(w.body() == "1 2 three");
    }
    SECTION("one that nobody here knows: what waits is kept beside it")
    {
        v1::Record third = first;
        third.mutable_post()->mutable_body_version()->set_revision(second.post().body_version().revision() + 1);
        write(third, "1 2 3", newId(1, w.random), w.nowMs + 1'000);
        CHECK(w.handBack(third, head + 1, w.ben).answer.taken() == 1);
        CHECK(w.body() == "1 2 3");
        REQUIRE(w.record().lost_size() == 1);
        CHECK(w.record().lost(0).value().text() == "1 2 three");
        w.accepted(w.textOver(second, replace(9, 0, "!")), w.ada);
        CHECK(w.presentBody() == "1 2 3!");
        return;
    }
    SECTION("one that was made of what waits: nothing of that is lost")
    {
        const v1::Record third = w.later(second, replace(4, 5, "3"), w.ada, w.nowMs);
        CHECK(w.handBack(third, head + 1, w.ben).answer.taken() == 1);
        CHECK(w.record().SerializeAsString() == third.SerializeAsString());
        CHECK(w.unpublished().empty());
        return;
    }
    SECTION("an older one")
    {
        v1::Record older = first;
        older.set_revision(older.revision() + 1);
        older.mutable_post()->add_tags("numbers");
        CHECK(w.handBack(older, head + 1, w.ben).answer.taken() == 1);
        CHECK(w.body() == "1 two three");
        CHECK(w.record().post().tags_size() == 1);
        CHECK(w.unpublished().size() == 1);
    }
    w.requireWhole();
    w.pause();
    CHECK(w.body() == "1 2 three");
    w.requireWhole();
}

TEST_CASE("a body of another line with the same number replaces nothing that is not given out")
{
    Pages w;
    w.accepted(w.text(replace(0, 3, "1")), w.ada);
    const v1::Record common = w.record();
    const uint64_t head = w.state().head;
    w.accepted(w.text(replace(2, 3, "zwei")), w.ada);
    REQUIRE(w.unpublished().size() == 1);
    // The same number, as this server gave it before it went back without a word.
    v1::Record other = w.present();
    other.mutable_post()->mutable_body_version()->set_seal(std::string(16, 's'));
    write(other, "1 2 three", newId(1, w.random), w.nowMs - 1'000);
    const HandedBack done = w.handBack(other, head + 1, w.ben);
    CHECK(done.newEpoch);
    CHECK(done.answer.taken() == 1);
    CHECK(w.body() == "1 zwei three");
    REQUIRE(w.record().lost_size() == 1);
    CHECK(w.record().lost(0).value().text() == "1 2 three");
    w.requireWhole();
}

TEST_CASE("a body of another line never takes a number that was given here")
{
    Restored w;
    v1::Record other = w.before;
    other.mutable_post()->mutable_body_version()->set_seal(std::string(16, 's'));
    write(other, "1 zwei three", newId(1, w.random), w.nowMs);
    CHECK(w.handBack(other, w.head + 5, w.ben).answer.taken() == 1);
    CHECK(w.body() == "1 zwei three");
    CHECK(w.record().post().body_version().revision() == 2 * epochStart + 1);
    CHECK(w.lostBodies() == std::vector<std::string>{"1 two three"});
    w.accepted(w.textOver(w.before, replace(0, 0, ">")), w.ada);
    CHECK(w.presentBody() == ">1 zwei three");
    w.requireWhole();
}

TEST_CASE("a page that was deleted in what was lost is gone with what was written since")
{
    Restored w;
    w.accepted(w.textOver(w.before, replace(2, 3, "zwei")), w.ada);
    w.accepted(w.textOver(w.present(), replace(0, 1, "eins")), w.ada);
    v1::Record gone;
    gone.set_id(w.page.str());
    gone.set_revision(9);
    gone.set_changed_ms(w.nowMs);
    gone.set_deleted(true);
    CHECK(w.handBack(gone, w.head + 5, w.ben).answer.taken() == 1);
    CHECK(w.record().deleted());
    CHECK(w.revisions().empty());
    w.pause();
    w.requireWhole();
}

} // namespace stoa
