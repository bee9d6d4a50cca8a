// Passages of which there are two versions, where the page is read and where it is edited.

#include <QLabel>
#include <QPushButton>

#include "client/ui/editor/bodies_on_their_way.h"
#include "shared/base/ids.h"
#include "tests/support/catch.h"
#include "tests/ui/places/book.h"

using namespace stoa;
using namespace stoa::test;

namespace {

using Parts = std::vector<std::pair<uint64_t, uint64_t>>;

void contest(v1::Record& page, const Parts& parts)
{
    page.mutable_post()->clear_contested();
    for (const auto& [from, to] : parts) {
        v1::TextRange& range = *page.mutable_post()->add_contested();
        range.set_from(from);
        range.set_to(to);
    }
}

bool shows(const Opened& reader, const char* versions)
{
    return named<QLabel>(*reader.place, QString::fromUtf8(versions)) != nullptr;
}

} // namespace

TEST_CASE("taking back that one of two versions was kept asks again, and the other one can be kept then")
{
    Shelves book;
    v1::Record record = pageRecord(book, "Meeting", {}, v1::PAGE, "We meet every day at nine🛠Tuesday.");
    for (const auto& [from, to] : {std::pair{8, 26}, std::pair{26, 33}}) {
        v1::TextRange& range = *record.mutable_post()->add_contested();
        range.set_from(uint64_t(from));
        range.set_to(uint64_t(to));
    }
    const Id page = book.hold(record);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    reader.button("Keep the first")->click();
    REQUIRE(eventually([&] {
        return bodyOf(program, page) == "We meet every day at nine🛠." && !reader.says("Two versions here");
    }));
    QTest::keyClick(&reader.editor(), Qt::Key_Z, Qt::ControlModifier);
    CHECK(reader.says("Two versions here"));
    REQUIRE(eventually([&] { return bodyOf(program, page) == "We meet every day at nine🛠Tuesday."; }));
    REQUIRE(reader.says("Two versions here"));
    reader.button("Keep the second")->click();
    CHECK(eventually([&] { return bodyOf(program, page) == "We meet Tuesday."; }));
    CHECK(reader.editor().text().toStdString() == "We meet Tuesday.");
    CHECK_FALSE(reader.says("Two versions here"));
    QTest::keyClick(&reader.editor(), Qt::Key_Z, Qt::ControlModifier);
    REQUIRE(reader.says("Two versions here"));
    reader.button("Keep both")->click();
    CHECK(eventually([&] { return !reader.says("Two versions here"); }));
    CHECK(reader.editor().text().toStdString() == "We meet every day at nine🛠Tuesday.");
    // Of that no text tells, and it is taken back all the same.
    QTest::keyClick(&reader.editor(), Qt::Key_Z, Qt::ControlModifier);
    CHECK(reader.says("Two versions here"));
    CHECK(reader.editor().text().toStdString() == "We meet every day at nine🛠Tuesday.");
    QTest::keyClick(&reader.editor(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    CHECK_FALSE(reader.says("Two versions here"));
    QTest::keyClick(&reader.editor(), Qt::Key_Z, Qt::ControlModifier);
    REQUIRE(reader.says("Two versions here"));
    reader.button("Keep the first")->click();
    CHECK(eventually([&] { return bodyOf(program, page) == "We meet every day at nine🛠."; }));
    CHECK_FALSE(reader.says("Two versions here"));
}

TEST_CASE("who keeps a version of what is not there any more settles nothing, and sees what is there now")
{
    Shelves book;
    v1::Record record = pageRecord(book, "Meeting", {}, v1::PAGE, "🛠 We meet at nineten. Ask BenAda.");
    contest(record, {{13, 17}, {17, 20}, {26, 29}, {29, 32}});
    const Id page = book.hold(record);
    record.set_author(book.bea.str());
    Program program(book);
    Opened reader(program, pagesLocation(book.spaceId, page));
    REQUIRE(reader.says("Two versions here, 1 of 2"));
    REQUIRE(shows(reader, "“nine” and “ten”"));
    // The place has not heard of it yet.
    const auto become = [&](const std::string& body, const Parts& parts) {
        contest(record, parts);
        book.become(record, body);
        REQUIRE(shows(reader, "“nine” and “ten”"));
    };
    const auto settlesNothing = [&](const std::string& body) {
        reader.button("Keep the first")->click();
        CHECK_FALSE(BodiesOnTheirWay::of(program.desk).isBusy(page));
        CHECK(outboxCount(*program.reading) == 0);
        CHECK(bodyOf(program, page) == body);
    };
    SECTION("another passage stands in its place")
    {
        become("🛠 We meet at ten. Ask BenAda.", {{22, 25}, {25, 28}});
        settlesNothing("🛠 We meet at ten. Ask BenAda.");
        CHECK(reader.says("Two versions here"));
        CHECK(shows(reader, "“Ben” and “Ada”"));
        reader.button("Keep the second")->click();
        CHECK(eventually([&] { return bodyOf(program, page) == "🛠 We meet at ten. Ask Ada."; }));
    }
    SECTION("somebody typed on in a version")
    {
        become("🛠 We meet at nine sharpten. Ask BenAda.", {{13, 23}, {23, 26}, {32, 35}, {35, 38}});
        settlesNothing("🛠 We meet at nine sharpten. Ask BenAda.");
        CHECK(reader.says("Two versions here, 1 of 2"));
        CHECK(shows(reader, "“nine sharp” and “ten”"));
        reader.button("Keep the first")->click();
        CHECK(eventually([&] { return bodyOf(program, page) == "🛠 We meet at nine sharp. Ask BenAda."; }));
    }
    SECTION("all is settled")
    {
        become("🛠 We meet at ten. Ask Ada.", {});
        settlesNothing("🛠 We meet at ten. Ask Ada.");
        CHECK(reader.button("Keep the first") == nullptr);
    }
    SECTION("it stands elsewhere by now, which is the same passage")
    {
        become("Yes! 🛠 We meet at nineten. Ask BenAda.", {{18, 22}, {22, 25}, {31, 34}, {34, 37}});
        reader.button("Keep the first")->click();
        CHECK(eventually([&] { return bodyOf(program, page) == "Yes! 🛠 We meet at nine. Ask BenAda."; }));
    }
}

TEST_CASE("nobody keeps a version in the editor that somebody else went on with meanwhile")
{
    Shelves book;
    v1::Record record = pageRecord(book, "Meeting", {}, v1::PAGE, "We meet at nine.At ten.");
    contest(record, {{8, 16}, {16, 23}});
    const Id page = book.hold(record);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    reader.button("Keep the first")->click();
    REQUIRE(eventually([&] { return bodyOf(program, page) == "We meet at nine."; }));
    QTest::keyClick(&reader.editor(), Qt::Key_Z, Qt::ControlModifier);
    REQUIRE(eventually([&] { return bodyOf(program, page) == "We meet at nine.At ten."; }));
    REQUIRE(eventually([&] { return !BodiesOnTheirWay::of(program.desk).isBusy(page); }));
    REQUIRE(reader.says("Two versions here"));
    // It stands there again for this person alone, and others type in it.
    const std::string before = "We meet at nine.At ten.", after = "We meet at nine.At half past ten.";
    Q_EMIT program.worker->textShown(
        {page, hash128(before).str(), TextChange::replace(19, 0, "half past "), hash128(after).str()});
    REQUIRE(reader.editor().text().toStdString() == after);
    if (QPushButton* keep = reader.button("Keep the first"))
        keep->click();
    CHECK(reader.editor().text().toStdString() == after);
    CHECK_FALSE(reader.says("Two versions here"));
}
