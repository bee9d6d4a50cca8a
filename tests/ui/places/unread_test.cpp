// What others did to a page since one read it last, and that it is said of that page only.

#include <QLabel>
#include <QThreadPool>

#include "client/ui/pages/unread_bar.h"
#include "shared/text/codec.h"
#include "tests/support/catch.h"
#include "tests/ui/places/book.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// With pages that one has read, and that Bea has changed since, once an hour; their past is here.
struct ReadShelves : Shelves {
    Id changed(const char* title, size_t changes, size_t lettersEach = 1)
    {
        v1::Record record = pageRecord(*this, title, {}, v1::PAGE, "Now.");
        record.mutable_post()->mutable_body_version()->set_revision(0);
        const Id page = hold(record);
        within([&] { replica->noteReading(page); });
        record.set_author(bea.str());
        record.mutable_post()->mutable_body_version()->set_revision(changes);
        record.mutable_post()->set_body("Now, " + std::to_string(changes) + ".");
        record.set_revision(record.revision() + 1);
        REQUIRE(receive(space(), {record}) == Replica::Received::AtHead);
        v1::RevisionPage past;
        past.set_post(page.str());
        past.set_first(true);
        for (size_t i = changes + 1; i-- > 0;) {
            v1::Revision& revision = *past.add_revisions();
            revision.mutable_version()->set_revision(i);
            revision.set_after(i == 0 ? 0 : i - 1);
            revision.set_author(bea.str());
            revision.set_time_ms(int64_t(i) * 3'600'000);
            revision.set_change("change");
            revision.set_text(encode(TextChange::replace(0, 0, std::string(lettersEach, '.'))));
        }
        within([&] { REQUIRE_FALSE(replica->receive(past).has_value()); });
        return page;
    }
    Id changedMuch(const char* title, size_t changes) { return changed(title, changes, 200'000); }
};

// How many changes are told of; 0: of none.
int toldChanges(const Opened& reader)
{
    for (const QLabel* each : reader.place->findChildren<QLabel*>())
        if (each->isVisibleTo(reader.place.get()) &&
            each->accessibleName().endsWith(QStringLiteral("since you read it last")))
            return each->accessibleName().section(QLatin1Char(' '), 0, 0).toInt();
    return 0;
}

void awaitCounting()
{
    QThreadPool::globalInstance()->waitForDone();
    QApplication::processEvents();
}

} // namespace

TEST_CASE("of a body only what came while nobody looked is unread")
{
    Unseen page;
    page.open(std::nullopt, 4);
    CHECK(page.isEmpty());
    page.become(5, true);
    CHECK(page.isEmpty());
    page.become(6, false);
    page.become(7, false);
    CHECK(page.after() == 5);
    CHECK(page.upTo() == 7);
    page.become(8, true);
    CHECK(page.upTo() == 7);
    page.dismiss();
    CHECK(page.isEmpty());
    page.become(8, false);
    CHECK(page.isEmpty());
    page.become(3, false); // a server that begins anew
    CHECK(page.isEmpty());
    page.open(2, 4);
    CHECK(page.after() == 2);
    CHECK(page.upTo() == 4);
}

TEST_CASE(
    "what others change before one's eyes is not told of, what they change out of sight is, until one has seen it")
{
    Shelves book;
    v1::Record record = pageRecord(book, "Fans", {}, v1::PAGE, "One.");
    record.mutable_post()->mutable_body_version()->set_revision(1);
    v1::Writer& writer = *record.add_writers();
    writer.set_field(v1::POST_BODY);
    writer.set_author(book.bea.str());
    const Id page = book.hold(record);
    record.set_author(book.bea.str());
    book.within([&] { book.replica->noteReading(page); });
    Program program(book);
    Opened reader(program, pagesLocation(book.spaceId, page));
    const auto change = [&](quint64 revision) {
        record.mutable_post()->mutable_body_version()->set_revision(revision);
        book.become(record, "One, " + std::to_string(revision) + ".");
        reader.place->refresh(touchedPosts(book.spaceId, {page}));
    };
    const auto isTold = [&] { return reader.says("Others changed this page since you read it last."); };
    change(2);
    CHECK_FALSE(isTold());
    reader.place->hide();
    change(3);
    reader.place->show();
    CHECK(isTold());
    // Who edits it has it before their eyes.
    reader.place->open(editing(pagesLocation(book.spaceId, page)));
    change(4);
    reader.leave();
    CHECK_FALSE(isTold());
    // Also where the place hears of it only when it comes back.
    reader.place->hide();
    record.mutable_post()->mutable_body_version()->set_revision(5);
    book.become(record, "Five.");
    reader.place->show();
    reader.place->refresh(touchedPosts(book.spaceId, {page}));
    CHECK(isTold());
}

TEST_CASE("what is unread of one page is not said over the next one, nor what is counted meanwhile")
{
    ReadShelves book;
    const Id fans = book.changed("Fans", 1);
    const Id pumps = book.changed("Pumps", 2);
    const Id roof = book.changedMuch("Roof", 3);
    const Id cellar = book.changedMuch("Cellar", 4);
    const Id read = stoa::test::idOf(book.page("Garden", "Nothing is new."));
    Program program(book);
    Opened reader(program, pagesLocation(book.spaceId, fans));
    const auto go = [&](const Id& page) { reader.place->open(pagesLocation(book.spaceId, page)); };
    REQUIRE(toldChanges(reader) == 1);
    SECTION("it is told of in its place")
    {
        go(pumps);
        CHECK(toldChanges(reader) == 2);
        go(read);
        CHECK(reader.button("Show changes") == nullptr);
    }
    SECTION("nothing, until the next one's long past is counted")
    {
        go(roof);
        CHECK(reader.button("Show changes") == nullptr);
        CHECK(eventually([&] { return toldChanges(reader) == 3; }));
        go(cellar);
        CHECK(reader.button("Show changes") == nullptr);
        CHECK(eventually([&] { return toldChanges(reader) == 4; }));
    }
    SECTION("not where the count comes when one has gone on")
    {
        go(roof);
        go(read);
        awaitCounting();
        CHECK(reader.button("Show changes") == nullptr);
    }
    SECTION("the next one's, where both are long and are counted at once")
    {
        go(roof);
        go(cellar);
        REQUIRE(eventually([&] { return toldChanges(reader) != 0; }));
        CHECK(toldChanges(reader) == 4);
    }
}
