// A body that is open: the server's revisions ahead of their record.

#include "shared/base/limits.h"
#include "shared/text/codec.h"
#include "shared/text/compose.h"
#include "tests/client/replica/text_desk.h"

using namespace stoa;
using namespace stoa::test;

namespace {

using Received = Replica::Received;

int64_t rowsIn(const Desk& desk, const char* table)
{
    Database file(desk.path(), Database::Mode::Read);
    Statement count(file, ("SELECT count(*) FROM " + std::string(table)).c_str());
    REQUIRE(count.step());
    return count.number(0);
}

uint64_t here(Desk& desk)
{
    return desk.replica->bodyVersion(desk.post)->revision();
}

// Nothing is left of what was ahead, and what the server sealed is whole.
void requireSettled(Desk& desk)
{
    CHECK(rowsIn(desk, "live") == 0);
    CHECK(rowsIn(desk, "shadows") == 0);
    CHECK(rowsIn(desk, "moved") == 0);
    CHECK(desk.rows().isEmpty());
    CHECK(desk.replica->check().empty());
}

} // namespace

TEST_CASE("What others write in an open body shows at once, and its record alters nothing more")
{
    Desk desk("one two", 5);
    REQUIRE(desk.tell({revision(5, 6, "one two", "one two three"),
                       revision(6, 7, "one two three", "0 one two three")}) == Received::Stored);
    CHECK(desk.shown() == "0 one two three");
    CHECK(here(desk) == 7);
    CHECK(desk.replica->check().empty()); // what is sealed stays as it came
    SECTION("also where they come again")
    {
        REQUIRE(desk.tell({revision(5, 6, "one two", "one two three")}) == Received::Stored);
        CHECK(desk.shown() == "0 one two three");
    }
    SECTION("also after the program was ended in between")
    {
        desk.open();
        CHECK(desk.shown() == "0 one two three");
        CHECK(here(desk) == 7);
        REQUIRE(desk.tell({revision(7, 8, "0 one two three", "0 one two three!")}) == Received::Stored);
        CHECK(desk.shown() == "0 one two three!");
    }
    SECTION("also where a record comes that has some of them only")
    {
        REQUIRE(desk.serve("one two three", 6) == Received::AtHead);
        CHECK(desk.shown() == "0 one two three");
        CHECK(here(desk) == 7);
        CHECK(rowsIn(desk, "live") == 1);
    }
    const std::string last = desk.shown();
    REQUIRE(desk.serve(last, here(desk)) == Received::AtHead);
    CHECK(desk.shown() == last);
    requireSettled(desk);
    // What comes behind its record is passed over.
    REQUIRE(desk.tell({revision(6, 7, "one two three", "0 one two three")}) == Received::Stored);
    CHECK(desk.shown() == last);
    requireSettled(desk);
}

TEST_CASE("A record that overtakes the revisions is the truth")
{
    Desk desk("a", 5);
    REQUIRE(desk.tell({revision(5, 6, "a", "ab")}) == Received::Stored);
    REQUIRE(desk.serve("abc", 7) == Received::AtHead);
    CHECK(desk.shown() == "abc");
    requireSettled(desk);
    REQUIRE(desk.tell({revision(6, 7, "ab", "abc"), revision(7, 8, "abc", "abcd")}) == Received::Stored);
    CHECK(desk.shown() == "abcd");
    // Of a server that went back: other bodies under the same numbers.
    v1::Record other = desk.with("another", 8);
    other.mutable_post()->mutable_body_version()->set_seal(std::string(16, 'x'));
    REQUIRE(desk.receive(desk.space(), {other}) == Received::AtHead);
    CHECK(desk.shown() == "another");
    requireSettled(desk);
}

TEST_CASE("What is on its way stays behind what stands now where what it was put behind was deleted")
{
    Desk desk("A. Old.", 5);
    const v1::Change mine = desk.write("A. Old. Mine.");
    REQUIRE(desk.send().size() == 1);
    REQUIRE(desk.tell({revision(5, 6, TextChange().retain(3).erase(4))}) == Received::Stored);
    SECTION("at once") {}
    SECTION("also after the program was ended in between")
    {
        desk.open();
    }
    REQUIRE(desk.tell({revision(6, 7, TextChange().retain(3).insert("New."))}) == Received::Stored);
    CHECK(desk.shown() == "A. New. Mine.");
    // As the server makes it, which composes both.
    const TextChange both = compose(TextChange().retain(3).erase(4), TextChange().retain(3).insert("New."));
    const TextChange sent = transform(both, TextChange().retain(7).insert(" Mine.")).later;
    desk.accept(mine, 8);
    REQUIRE(desk.tell({revision(7, 8, sent, mine.id())}) == Received::Stored);
    CHECK(desk.shown() == "A. New. Mine.");
    REQUIRE(desk.serve("A. New. Mine.", 8, mine) == Received::AtHead);
    requireSettled(desk);
}

TEST_CASE("What stands behind very many deleted places is remembered of the first ones, and ends as the server has it")
{
    const auto times = [](size_t count, const std::string& text) {
        std::string all;
        for (size_t i = 0; i < count; ++i)
            all += text;
        return all;
    };
    constexpr size_t most = size_t(limits::contestedMax), count = most + 40;
    TextChange own, deletes, writes;
    for (size_t i = 0; i < count; ++i) {
        own.retain(1).insert("j").retain(1).insert("i");
        deletes.retain(1).erase(1);
        writes.retain(1).insert("N");
    }
    Desk desk(times(count, "aX"), 5);
    v1::Change mine = desk.edit(desk.shown(), times(count, "ajXi"));
    mine.mutable_edit_text()->set_text(encode(own)); // a difference would tell it otherwise
    REQUIRE(desk.submit(mine));
    REQUIRE(desk.send().size() == 1);
    REQUIRE(desk.tell({revision(5, 6, deletes)}) == Received::Stored);
    CHECK(desk.shown() == times(count, "aji"));
    REQUIRE(desk.tell({revision(6, 7, writes)}) == Received::Stored);
    CHECK(desk.shown() == times(most, "ajNi") + times(count - most, "ajiN"));
    const TextChange sent = transform(compose(deletes, writes), own).later;
    desk.accept(mine, 8);
    REQUIRE(desk.tell({revision(7, 8, sent, mine.id())}) == Received::Stored);
    CHECK(desk.shown() == times(count, "ajNi"));
    REQUIRE(desk.serve(desk.shown(), 8, mine) == Received::AtHead);
    requireSettled(desk);
}

TEST_CASE("What is pending moves with each revision, to the letter")
{
    Desk desk("aa aa", 5);
    const v1::Change mine = desk.write("aa Xaa");
    REQUIRE(desk.send().size() == 1);
    const v1::Change next = desk.write("aa XYaa");
    // A difference of the texts could not tell which of the letters were deleted.
    REQUIRE(desk.tell({revision(5, 6, TextChange().retain(1).erase(1))}) == Received::Stored);
    CHECK(desk.shown() == "a XYaa");
    REQUIRE(desk.tell({revision(6, 7, TextChange().retain(2).erase(1))}) == Received::Stored);
    CHECK(desk.shown() == "a XYa");
    desk.open();
    CHECK(desk.shown() == "a XYa");
    SECTION("and is pending no more once its own revision is here, though the record is not")
    {
        desk.accept(mine, 8);
        CHECK(desk.send().empty());
        REQUIRE(desk.tell({revision(7, 8, TextChange().retain(2).insert("X"), mine.id())}) == Received::Stored);
        CHECK(desk.shown() == "a XYa");
        CHECK(desk.rows().size() == 2); // a restore may lose what no record has
        // The next one need not wait for the record.
        const auto sent = desk.send();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0].id() == next.id());
        CHECK(sent[0].edit_text().base().revision() == 8);
        CHECK(desk.made(sent[0], "a Xa") == "a XYa");
        desk.accept(next, 9);
        REQUIRE(desk.tell({revision(8, 9, TextChange().retain(3).insert("Y"), next.id())}) == Received::Stored);
        CHECK(desk.shown() == "a XYa");
        desk.open();
        REQUIRE(desk.serve("a Xa", 8, mine) == Received::AtHead);
        CHECK(desk.shown() == "a XYa");
        CHECK(desk.rows().size() == 1);
        REQUIRE(desk.serve("a XYa", 9, next) == Received::AtHead);
        CHECK(desk.shown() == "a XYa");
        requireSettled(desk);
    }
    SECTION("also where the receipt comes behind its revision")
    {
        REQUIRE(desk.tell({revision(7, 8, TextChange().retain(2).insert("X"), mine.id())}) == Received::Stored);
        CHECK(desk.shown() == "a XYa");
        CHECK(desk.send().empty());
        desk.accept(mine, 8);
        REQUIRE(desk.send().size() == 1);
    }
    SECTION("also where the record comes first")
    {
        REQUIRE(desk.serve("a Xa", 8, mine) == Received::AtHead);
        CHECK(desk.shown() == "a XYa");
        desk.accept(mine, 8);
        REQUIRE(desk.tell({revision(7, 8, TextChange().retain(2).insert("X"), mine.id()),
                           revision(8, 9, TextChange().insert("!"))}) == Received::Stored);
        CHECK(desk.shown() == "!a XYa");
        const auto sent = desk.send();
        REQUIRE(sent.size() == 1);
        CHECK(sent[0].edit_text().base().revision() == 8); // who wrote there too is found by the server
        CHECK(desk.made(sent[0], "a Xa") == "a XYa");
    }
    SECTION("and goes where it was refused, with the text kept")
    {
        desk.refuse(mine, v1::NOT_ALLOWED);
        CHECK(desk.shown() == "a a");
        REQUIRE(desk.rows().size() == 1);
        CHECK(desk.rows()[0].text == QStringLiteral("a XYa"));
        REQUIRE(desk.tell({revision(7, 8, TextChange().insert("> "))}) == Received::Stored);
        desk.within([&] { REQUIRE(desk.replica->sendAgain(desk.rows()[0].change)); });
        CHECK(desk.shown() == "> a XYa");
    }
    CHECK(desk.replica->check().empty());
}

TEST_CASE("What was written elsewhere before the post was opened is found by the difference, and then to the letter")
{
    Desk desk("one two", 5);
    const v1::Change mine = desk.write("one 2");
    REQUIRE(desk.send().size() == 1);
    desk.write("one 2 three");
    REQUIRE(desk.serve("zero one two", 6) == Received::AtHead);
    CHECK(desk.shown() == "zero one 2 three");
    desk.accept(mine, 7);
    REQUIRE(desk.tell({revision(6, 7, "zero one two", "zero one 2", mine.id()),
                       revision(7, 8, "zero one 2", "zero ONE 2")}) == Received::Stored);
    CHECK(desk.shown() == "zero ONE 2 three");
}

TEST_CASE("A server that was restored may have lost what no record has: one's own is pending again, and nobody's else")
{
    Desk desk("one\ntwo\n", 5);
    const v1::Change first = desk.write("one\n2\n");
    REQUIRE(desk.send().size() == 1);
    desk.accept(first, 6);
    REQUIRE(desk.tell({revision(5, 6, "one\ntwo\n", "one\n2\n", first.id()),
                       revision(6, 7, "one\n2\n", "zero\none\n2\n")}) == Received::Stored);
    const v1::Change second = desk.write("zero\none\n2\nthree\n");
    REQUIRE(desk.send().size() == 1);
    desk.accept(second, 8);
    REQUIRE(desk.tell({revision(7, 8, "zero\none\n2\n", "zero\none\n2\nthree\n", second.id())}) == Received::Stored);
    const v1::Change third = desk.write("zero\none\n2\nthree\nfour\n");
    CHECK(desk.send().size() == 1);
    desk.restored(2);
    CHECK(desk.shown() == "one\n2\nthree\nfour\n");
    CHECK(here(desk) == 5);
    CHECK(rowsIn(desk, "live") == 0);
    CHECK(desk.replica->check().empty());
    // All three are sent as they were; of two the server does not know the bodies.
    REQUIRE(desk.sendUnanswered().size() == 3);
    const uint64_t now = (uint64_t{2} << 40) + 1;
    desk.accept(first, now);
    desk.refuse(second, v1::UNKNOWN_BASE);
    desk.refuse(third, v1::UNKNOWN_BASE);
    CHECK(desk.shown() == "one\n2\nthree\nfour\n");
    for (const OutboxRow& row : desk.rows())
        CHECK(row.state != ChangeState::Refused);
    CHECK(desk.send().empty());
    REQUIRE(desk.tell({revision(5, now, "one\ntwo\n", "one\n2\n", first.id())}) == Received::Stored);
    const auto again = desk.send();
    REQUIRE(again.size() == 1);
    CHECK(again[0].id() == second.id());
    CHECK(desk.made(again[0], "one\n2\n") == "one\n2\nthree\n");
    desk.accept(second, now + 1);
    REQUIRE(desk.serve("one\n2\nthree\n", now + 1, second) == Received::AtHead);
    const auto last = desk.send();
    REQUIRE(last.size() == 1);
    CHECK(last[0].id() == third.id());
    CHECK(desk.shown() == "one\n2\nthree\nfour\n");
}

TEST_CASE("What a server makes up about an open body is not taken in")
{
    Desk desk("one two", 5);
    const v1::Change mine = desk.write("one two three");
    REQUIRE(desk.tell({revision(5, 6, "one two", "One two")}) == Received::Stored);
    v1::Revision bad = revision(6, 7, "One two", "One TWO");
    SECTION("beyond the end")
    {
        bad.set_text(encode(TextChange().retain(8).erase(1)));
        CHECK(desk.tell({bad}) == Received::Broken);
    }
    SECTION("no change at all")
    {
        bad.set_text("\x07garbage");
        CHECK(desk.tell({bad}) == Received::Broken);
    }
    SECTION("a gap")
    {
        bad = revision(7, 8, "One two", "One TWO");
        CHECK(desk.tell({bad}) == Received::Elsewhere);
    }
    SECTION("a gap within")
    {
        CHECK(desk.tell({revision(6, 7, "One two", "One two"), revision(8, 9, "One two", "One TWO")}) ==
              Received::Broken);
    }
    SECTION("a number that goes back")
    {
        bad.mutable_version()->set_revision(6);
        CHECK(desk.tell({bad}) == Received::Broken);
    }
    SECTION("a number that no file can hold")
    {
        bad.mutable_version()->set_revision(UINT64_MAX);
        CHECK(desk.tell({bad}) == Received::Broken);
    }
    SECTION("another seal for the body that is here")
    {
        bad = revision(5, 6, "one two", "One two");
        bad.mutable_version()->set_seal(std::string(16, 'x'));
        CHECK(desk.tell({bad}) == Received::Broken);
    }
    SECTION("a seal that is none")
    {
        bad.mutable_version()->set_seal("short");
        CHECK(desk.tell({bad}) == Received::Broken);
    }
    SECTION("more than a body may hold")
    {
        const TextChange half = TextChange().insert(std::string(limits::bodyBytesMax - 1, 'x'));
        CHECK(desk.tell({revision(6, 7, half)}) == Received::Broken);
    }
    SECTION("ranges that are none")
    {
        bad.add_contested()->set_from(9);
        CHECK(desk.tell({bad}) == Received::Broken);
    }
    SECTION("of a post that is not here")
    {
        desk.post = desk.id();
        CHECK(desk.tell({bad}) == Received::Unknown);
        return;
    }
    CHECK(desk.shown() == "One two three");
    CHECK(here(desk) <= 7);
    desk.open();
    CHECK(desk.shown() == "One two three");
    CHECK(desk.rows().size() == 1);
    CHECK(desk.replica->check().empty());
    REQUIRE(desk.serve("One 2", 9) == Received::AtHead);
    CHECK(desk.shown() == "One 2 three");
}

TEST_CASE("Revisions without end come to an end here, and with the next record they go on")
{
    Desk desk("", 5);
    uint64_t number = 5;
    const std::string large(limits::kMiB / 2, 'x');
    Received received = Received::Stored;
    for (int i = 0; i < 40 && received == Received::Stored; ++i) {
        const TextChange text = i % 2 == 0 ? TextChange().insert(large) : TextChange().erase(large.size());
        received = desk.tell({revision(number, number + 1, text)});
        number += received == Received::Stored;
    }
    CHECK(received == Received::Full);
    CHECK(here(desk) == number);
    REQUIRE(desk.serve("all of it", number + 3) == Received::AtHead);
    REQUIRE(desk.tell({revision(number + 3, number + 4, "all of it", "all of that")}) == Received::Stored);
    CHECK(desk.shown() == "all of that");
}

TEST_CASE("What goes, goes with what was ahead of its record")
{
    Desk desk("one", 5);
    const v1::Change mine = desk.write("one two");
    REQUIRE(desk.send().size() == 1);
    desk.accept(mine, 6);
    REQUIRE(desk.tell({revision(5, 6, "one", "one two", mine.id()), revision(6, 7, "one two", "one two.")}) ==
            Received::Stored);
    SECTION("the post")
    {
        v1::Record gone = desk.with("", 7);
        gone.set_deleted(true);
        gone.clear_post();
        REQUIRE(desk.receive(desk.space(), {gone}) == Received::AtHead);
        CHECK(desk.rows().isEmpty());
    }
    SECTION("the space")
    {
        desk.within([&] { desk.replica->forget(desk.space()); });
    }
    CHECK(rowsIn(desk, "live") == 0);
    CHECK(rowsIn(desk, "shadows") == 0);
    CHECK_FALSE(desk.replica->bodyVersion(desk.post));
    CHECK(desk.replica->check().empty());
    desk.open();
    CHECK_FALSE(desk.replica->bodyVersion(desk.post));
}

TEST_CASE("Other changes of an open post show over the text as it is written")
{
    Desk desk("one", 5);
    REQUIRE(desk.tell({revision(5, 6, "one", "one two")}) == Received::Stored);
    v1::Change rename;
    rename.set_id(desk.id().str());
    rename.set_target(desk.post.str());
    rename.set_made_ms(desk.nowMs);
    v1::FieldEdit& field = *rename.mutable_edit()->add_fields();
    field.set_field(v1::POST_TITLE);
    field.mutable_value()->set_text("Another title");
    REQUIRE(desk.submit(rename));
    CHECK(desk.shown() == "one two");
    REQUIRE(desk.tell({revision(6, 7, "one two", "one two three")}) == Received::Stored);
    CHECK(desk.shown() == "one two three");
    CHECK(stoa::record(*desk.read(), desk.post)->post().title() == "Another title");
    desk.within([&] { REQUIRE(desk.replica->discard(*Id::from(rename.id()))); });
    CHECK(desk.shown() == "one two three");
    CHECK(stoa::record(*desk.read(), desk.post)->post().title() == "Title");
}

TEST_CASE("Places are those of the text that shows, and of the server's body, as one likes")
{
    Desk desk("one two", 5);
    REQUIRE(desk.tell({revision(5, 6, "one two", "zero one two")}) == Received::Stored);
    desk.write("zero and one two");
    CHECK(desk.replica->shownPlaces(desk.post, {0, 5, 8, 99}) == std::vector<uint64_t>{0, 5, 12, 16});
    CHECK(desk.replica->serverPlaces(desk.post, {0, 7, 12, 99}) == std::vector<uint64_t>{0, 5, 8, 12});
}

TEST_CASE("What was typed over the text of a moment ago is made of the text that shows by now")
{
    Desk desk("one two", 5);
    REQUIRE(desk.tell({revision(5, 6, "one two", "0 one two"), revision(6, 7, "0 one two", "0 one two!")}) ==
            Received::Stored);
    REQUIRE(desk.submit(desk.edit("one two", "one 2 two")));
    CHECK(desk.shown() == "0 one 2 two!");
    // Over what showed between those, over one's own, and over others' again.
    REQUIRE(desk.tell({revision(7, 8, "0 one two!", "00 one two!")}) == Received::Stored);
    REQUIRE(desk.submit(desk.edit("0 one 2 two!", "0 one 2 two! three")));
    CHECK(desk.shown() == "00 one 2 two! three");
    REQUIRE(desk.submit(desk.edit("one two", "onE two")));
    CHECK(desk.shown() == "00 onE 2 two! three");
    // What others deleted meanwhile is done.
    REQUIRE(desk.tell({revision(8, 9, "00 one two!", "one two!")}) == Received::Stored);
    REQUIRE(desk.submit(desk.edit("00 onE 2 two! three", "onE 2 two! three")));
    CHECK(desk.shown() == "onE 2 two! three");
    // A text that never showed, or of which is not known what became of it.
    CHECK(desk.submit(desk.edit("one three", "one 3")).error().code == v1::UNKNOWN_BASE);
    REQUIRE(desk.serve("one four", 10) == Received::AtHead);
    CHECK(desk.submit(desk.edit("one two", "one 3")).error().code == v1::UNKNOWN_BASE);
}

TEST_CASE("What came back after a restore with one's own last change has those before it as well")
{
    Desk desk("one\n", 5);
    const v1::Change first = desk.write("one\ntwo\n");
    REQUIRE(desk.send().size() == 1);
    desk.accept(first, 6);
    REQUIRE(desk.tell({revision(5, 6, "one\n", "one\ntwo\n", first.id())}) == Received::Stored);
    const v1::Change second = desk.write("one\ntwo\nthree\n");
    REQUIRE(desk.send().size() == 1);
    desk.accept(second, 7);
    REQUIRE(desk.tell({revision(6, 7, "one\ntwo\n", "one\ntwo\nthree\n", second.id())}) == Received::Stored);
    desk.write("one\ntwo\nthree\nfour\n");
    desk.restored(2);
    // Somebody handed back the record with both; it tells of the last one only.
    desk.refuse(first, v1::UNKNOWN_BASE);
    desk.accept(second, 7);
    CHECK(desk.shown() == "one\ntwo\nthree\nfour\n");
    CHECK(desk.send().empty());
    SECTION("by its record")
    {
        REQUIRE(desk.serve("one\ntwo\nthree\n", 7, second) == Received::AtHead);
        CHECK(desk.rows().size() == 1);
    }
    SECTION("by a revision that does both")
    {
        REQUIRE(desk.tell({revision(5, 7, "one\n", "one\ntwo\nthree\n", second.id())}) == Received::Stored);
        CHECK(desk.rows().size() == 3);
        REQUIRE(desk.serve("one\ntwo\nthree\n", 7, second) == Received::AtHead);
    }
    CHECK(desk.shown() == "one\ntwo\nthree\nfour\n");
    const auto last = desk.send();
    REQUIRE(last.size() == 1);
    CHECK(desk.made(last[0], "one\ntwo\nthree\n") == desk.shown());
    CHECK(desk.replica->check().empty());
}
