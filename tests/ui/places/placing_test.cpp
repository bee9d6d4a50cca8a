// A page deleted, and a page moved, by whoever reads it.

#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QToolButton>
#include <QTreeView>

#include "client/replica/queries_review.h"
#include "client/ui/editor/bodies_on_their_way.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/pages/pages_place.h"
#include "client/ui/widgets/chooser.h"
#include "client/ui/widgets/notice_bar.h"
#include "shared/base/limits.h"
#include "shared/domain/body.h"
#include "tests/support/catch.h"
#include "tests/ui/places/content.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct Shelved : Content {
    Id page(const char* title, const Id& above = {}, v1::PostKind kind = v1::PAGE)
    {
        return hold(pageRecord(*this, title, above, kind, "Text"));
    }
    void amModerator()
    {
        REQUIRE(receive(space(), {membershipRecord(*this, v1::MODERATOR)}) == Replica::Received::AtHead);
    }
};

struct Placed : Tabbed {
    Placed(const Program& program, const Location& location) : Tabbed(program, makePagesPlace, location) {}
    QMenu& menu() { return *named<QToolButton>(*place, QStringLiteral("More to do with this page"))->menu(); }
    QStringList acts()
    {
        QStringList names;
        for (const QAction* each : menu().actions())
            if (!each->isSeparator())
                names << each->text();
        return names;
    }
    void act(const char* name)
    {
        for (QAction* each : menu().actions())
            if (each->text() == QString::fromUtf8(name))
                return each->trigger();
        FAIL(name);
    }
    QString asked()
    {
        auto* bar = named<RemovalBar>(*place, QStringLiteral("Whether to delete this"));
        return bar ? bar->findChild<QLabel*>()->text() : QString();
    }
    Chooser* chooser()
    {
        for (Chooser* each : place->window()->findChildren<Chooser*>())
            if (each->isVisible())
                return each;
        return nullptr;
    }
    void types(const char* letters)
    {
        REQUIRE(chooser());
        QTest::keyClicks(chooser()->findChild<QLineEdit*>(), QString::fromLatin1(letters));
    }
    void presses(Qt::Key key) { QTest::keyClick(chooser()->findChild<QLineEdit*>(), key); }
};

Id parentOf(const Program& program, const Id& page)
{
    return post(*program.reading, page)->parent;
}

} // namespace

TEST_CASE("who deletes a page is told what goes with it, and keeps it or not")
{
    Shelved shelf;
    shelf.amModerator();
    const Id above = shelf.page("Travel");
    const Id page = shelf.page("Expenses", above);
    const Id below = shelf.page("Trains", page);
    Program program(shelf);
    Placed reader(program, pagesLocation(shelf.spaceId, page));
    CHECK(reader.asked().isEmpty());
    reader.act("Delete…");
    CHECK(reader.asked().contains(QStringLiteral("Delete “Expenses”? With it goes: 1 page below it.")));
    // The keyboard is at what does no harm.
    CHECK(reader.button("Keep")->hasFocus());
    QTest::keyClick(reader.button("Keep"), Qt::Key_Escape);
    CHECK(reader.asked().isEmpty());
    CHECK(post(*program.reading, page));

    reader.act("Delete…");
    reader.button("Delete")->click();
    CHECK(eventually([&] { return !post(*program.reading, page) && !record(*program.reading, below); }));
    REQUIRE(reader.wanted.size() == 1);
    CHECK(reader.wanted[0] == pagesLocation(shelf.spaceId, above));
    // Both are deleted by themselves: what others wrote in them comes back to them.
    int deletions = 0;
    for (const OutboxRow& row : outbox(*program.reading, 10))
        deletions += row.act == v1::Change::kDelete;
    CHECK(deletions == 2);
}

TEST_CASE("a question that came after what it speaks of is asked anew")
{
    Shelved shelf;
    shelf.amModerator();
    const Id page = shelf.page("Expenses");
    Program program(shelf);
    Placed reader(program, pagesLocation(shelf.spaceId, page));
    reader.act("Delete…");
    arrives(shelf, [&] { shelf.page("Trains", page); });
    reader.button("Delete")->click();
    CHECK(reader.asked().contains(QStringLiteral("1 page below it")));
    CHECK(post(*program.reading, page));
    CHECK(reader.wanted.isEmpty());
}

TEST_CASE("another's page is moved and not deleted, and one's own not together with another's below it")
{
    Shelved shelf;
    const Id theirs = shelf.page("Theirs");
    v1::Record made = pageRecord(shelf, "Mine", {}, v1::PAGE, "Text");
    REQUIRE(shelf.receive(shelf.space(), {made}) == Replica::Received::AtHead);
    const Id mine = idOf(made);
    shelf.page("Below mine", mine);
    Program program(shelf);
    Placed reader(program, pagesLocation(shelf.spaceId, theirs));
    CHECK(reader.acts().contains(QStringLiteral("Move…")));
    CHECK_FALSE(reader.acts().contains(QStringLiteral("Delete…")));
    reader.place->open(pagesLocation(shelf.spaceId, mine));
    reader.act("Delete…");
    CHECK(reader.asked().contains(QStringLiteral("not yours to delete")));
    CHECK_FALSE(reader.button("Delete"));
}

TEST_CASE("a page is moved by the letters of where it is to lie")
{
    Shelved shelf;
    const Id travel = shelf.page("Travel", {}, v1::SECTION);
    const Id trains = shelf.page("Trains", travel);
    const Id page = shelf.page("Expenses");
    Program program(shelf);
    Placed reader(program, pagesLocation(shelf.spaceId, page));
    reader.act("Move…");
    reader.types("trains");
    QTest::keyClick(reader.chooser()->findChild<QLineEdit*>(), Qt::Key_Escape);
    CHECK(eventually([&] { return !reader.chooser(); }));
    CHECK(parentOf(program, page).isNull());

    reader.act("Move…");
    reader.types("tra");
    reader.presses(Qt::Key_Down);
    reader.presses(Qt::Key_Return);
    CHECK(eventually([&] { return parentOf(program, page) == trains; }));
    CHECK(eventually([&] { return !reader.chooser(); }));

    // The tree goes with it.
    auto* tree = named<QTreeView>(*reader.place, QStringLiteral("Pages"));
    CHECK(eventually([&] { return tree->currentIndex().parent().data() == QVariant(QStringLiteral("Trains")); }));
    CHECK(tree->currentIndex().data() == QVariant(QStringLiteral("Expenses")));
    CHECK(tree->isExpanded(tree->currentIndex().parent()));
    CHECK(reader.wanted.isEmpty());

    reader.act("Move…");
    reader.types("the top");
    reader.presses(Qt::Key_Return);
    CHECK(eventually([&] { return parentOf(program, page).isNull(); }));
}

TEST_CASE("a page that goes while it is being edited can be made anew from what is seen")
{
    Shelved shelf;
    const Id page = shelf.page("Expenses");
    Program program(shelf);
    Location location = pagesLocation(shelf.spaceId, page);
    location.write = true;
    Placed writer(program, location);
    auto* editor = named<MarkdownEditor>(*writer.place, QStringLiteral("The page's source"));
    REQUIRE(editor);
    QTest::keyClicks(editor, QStringLiteral("More. "));
    const QString seen = editor->text();
    CHECK(seen.contains(QStringLiteral("More. ")));
    CHECK_FALSE(writer.button("Save as a new page"));
    REQUIRE(eventually([&] { return body(*program.reading, page) == seen; }));
    arrives(shelf, [&] {
        v1::Record gone = shelf.record(page);
        gone.set_deleted(true);
        REQUIRE(shelf.receive(shelf.space(), {gone}) == Replica::Received::AtHead);
    });
    writer.place->refresh(touchedPosts(shelf.spaceId, {page}));
    REQUIRE(eventually([&] { return writer.button("Save as a new page") != nullptr; }));
    writer.button("Save as a new page")->click();
    const auto made = [&] { return pagesBelow(*program.reading, shelf.spaceId, {}); };
    REQUIRE(eventually([&] { return made().size() == 1; }));
    CHECK(made()[0].title == QStringLiteral("Expenses"));
    CHECK(body(*program.reading, made()[0].id) == seen);
    // What was to go into the page went with it, and nothing is kept beside.
    CHECK(eventually([&] { return outboxCount(*program.reading) == 1; }));
    REQUIRE(eventually([&] { return !writer.wanted.isEmpty(); }));
    CHECK(writer.wanted.last() == pagesLocation(shelf.spaceId, made()[0].id));
}

namespace {

// A page of somebody's, opened to be edited; whoever is signed in may write in it for as long as the test says so.
struct Barred {
    Barred()
    {
        page = shelf.page("Expenses");
        REQUIRE(shelf.receive(shelf.space(), {membershipRecord(shelf, v1::CONTRIBUTOR)}) == Replica::Received::AtHead);
        v1::Record lab = shelf.record(shelf.spaceId);
        lab.set_revision(2);
        lab.mutable_space()->set_name("Lab");
        lab.mutable_space()->set_visibility(v1::RESTRICTED);
        REQUIRE(shelf.receive(shelf.space(), {lab}) == Replica::Received::AtHead);
    }
    // Gives the right to write in the space, or takes it.
    void may(Placed& writer, v1::Role role)
    {
        arrives(shelf, [&] {
            v1::Record membership = membershipRecord(shelf, role);
            membership.set_revision(++revision);
            REQUIRE(shelf.receive(shelf.space(), {membership}) == Replica::Received::AtHead);
        });
        writer.place->refresh(touchedPosts(shelf.spaceId, {}));
    }
    Location editing() const
    {
        Location location = pagesLocation(shelf.spaceId, page);
        location.write = true;
        return location;
    }
    static MarkdownEditor& editor(Placed& writer)
    {
        auto* found = named<MarkdownEditor>(*writer.place, QStringLiteral("The page's source"));
        REQUIRE(found);
        return *found;
    }
    static QList<OutboxRow> kept(const Program& program)
    {
        QList<OutboxRow> rows = outbox(*program.reading, 10);
        rows.removeIf([](const OutboxRow& row) { return !row.isDraft; });
        return rows;
    }

    Shelved shelf;
    Id page;
    int revision = 1;
};

} // namespace

TEST_CASE("who may not write any more hears it at once, has what they type in the outbox, and goes on when they may")
{
    Barred book;
    Program program(book.shelf);
    {
        Placed writer(program, book.editing());
        CHECK_FALSE(writer.button("Copy"));
        book.may(writer, v1::READER);
        CHECK(writer.says("You may not write here any more."));
        QTest::keyClicks(&book.editor(writer), QStringLiteral("More. "));
        CHECK(eventually([&] { return book.kept(program).size() == 1; }));
        QTest::keyClicks(&book.editor(writer), QStringLiteral("And "));
        QTest::keyClick(&book.editor(writer), Qt::Key_Escape);
    }
    REQUIRE(eventually([&] {
        const QList<OutboxRow> rows = book.kept(program);
        return rows.size() == 1 && rows[0].text == QStringLiteral("More. And Text");
    }));
    CHECK(book.kept(program)[0].title == QStringLiteral("Expenses"));
    CHECK(outboxCount(*program.reading) == 1);

    Placed writer(program, pagesLocation(book.shelf.spaceId, book.page));
    book.may(writer, v1::CONTRIBUTOR);
    writer.place->open(book.editing());
    CHECK(writer.says("You may write here again. What you wrote is not stored there yet."));
    CHECK(book.editor(writer).text() == QStringLiteral("More. And Text"));
    // Nothing goes by itself, typed or not.
    QTest::keyClicks(&book.editor(writer), QStringLiteral("!"));
    CHECK(eventually([&] { return book.kept(program)[0].text == QStringLiteral("!More. And Text"); }));
    CHECK(body(*program.reading, book.page) == QStringLiteral("Text"));
    SECTION("continued")
    {
        writer.button("Continue editing")->click();
        CHECK(book.editor(writer).hasFocus());
        CHECK(eventually([&] { return body(*program.reading, book.page) == QStringLiteral("!More. And Text"); }));
        CHECK(eventually([&] { return book.kept(program).isEmpty(); }));
        CHECK_FALSE(writer.button("Continue editing"));
    }
    SECTION("discarded")
    {
        labelled<QPushButton>(*writer.place, QStringLiteral("Discard…"))->click();
        auto* ask = writer.place->findChild<QMessageBox*>();
        REQUIRE(ask);
        labelled<QPushButton>(*ask, QStringLiteral("Discard"))->click();
        CHECK(eventually([&] { return book.kept(program).isEmpty(); }));
        CHECK(book.editor(writer).text() == QStringLiteral("Text"));
        QTest::keyClick(&book.editor(writer), Qt::Key_Escape);
        CHECK(body(*program.reading, book.page) == QStringLiteral("Text"));
        CHECK_FALSE(bodyDraft(program.desk, book.page));
    }
}

TEST_CASE("what was kept while one might not write is proposed from above the text")
{
    Barred book;
    Program program(book.shelf);
    Placed writer(program, book.editing());
    book.may(writer, v1::READER);
    QTest::keyClicks(&book.editor(writer), QStringLiteral("More. "));
    REQUIRE(eventually([&] { return writer.button("Propose it") != nullptr; }));
    CHECK(labelled<QLabel>(*writer.place, QStringLiteral("You may still read “Expenses”, but not write in it any more. "
                                                         "What you wrote is kept in the outbox.")));
    CHECK_FALSE(writer.button("Save as a new page"));
    QTest::keyClicks(&book.editor(writer), QStringLiteral("Now. ")); // what stands there counts
    writer.button("Propose it")->click();
    REQUIRE(eventually([&] { return !writer.wanted.isEmpty(); }));
    CHECK(body(*program.reading, writer.wanted.last().post) == QStringLiteral("More. Now. Text"));
    CHECK(eventually([&] { return book.kept(program).isEmpty(); }));
}

TEST_CASE("what is typed after the words were taken elsewhere stays kept, and so does what one is at by then")
{
    Barred book;
    const Id another = book.shelf.hold(pageRecord(book.shelf, "Travel", {}, v1::PAGE, "By train."));
    Program program(book.shelf);
    Placed writer(program, book.editing());
    book.may(writer, v1::READER);
    QTest::keyClicks(&book.editor(writer), QStringLiteral("More. "));
    REQUIRE(eventually([&] { return writer.button("Propose it") != nullptr; }));
    REQUIRE(eventually([&] { return book.kept(program).size() == 1; }));
    SECTION("typed on")
    {
        writer.button("Propose it")->setFocus();
        writer.button("Propose it")->click(); // the worker has yet to answer
        REQUIRE(book.editor(writer).hasFocus());
        QTest::keyClicks(&book.editor(writer), QStringLiteral("And."));
        REQUIRE(eventually([&] {
            const auto all = proposalsOf(*program.reading, book.page, 9);
            return all.size() == 1 && body(*program.reading, all[0].row.id) == QStringLiteral("More. Text");
        }));
        CHECK(eventually([&] {
            const QList<OutboxRow> rows = book.kept(program);
            return rows.size() == 1 && rows[0].text == QStringLiteral("More. And.Text");
        }));
        CHECK(writer.wanted.isEmpty()); // they are not led away from what they write
    }
    SECTION("another text is open by then")
    {
        BodiesOnTheirWay& onTheirWay = BodiesOnTheirWay::of(program.desk);
        onTheirWay.keepDraft(another, {.before = "By train.", .after = "By train or bus."}, nullptr);
        REQUIRE(eventually([&] { return book.kept(program).size() == 2; }));
        writer.button("Propose it")->click();
        Location there = pagesLocation(book.shelf.spaceId, another);
        there.write = true;
        writer.place->open(there);
        CHECK(eventually([&] {
            const QList<OutboxRow> rows = book.kept(program);
            return rows.size() == 1 && rows[0].text == QStringLiteral("By train or bus.");
        }));
        CHECK(writer.wanted.isEmpty());
    }
}

TEST_CASE("what is said above a text, and what can be done, is whole in a narrow window too")
{
    Barred book;
    Program program(book.shelf);
    Placed writer(program, book.editing());
    book.may(writer, v1::READER);
    QTest::keyClicks(&book.editor(writer), QStringLiteral("More. "));
    REQUIRE(eventually([&] { return book.kept(program).size() == 1; }));
    book.may(writer, v1::CONTRIBUTOR);
    REQUIRE(eventually([&] { return writer.button("Continue editing") != nullptr; }));
    for (const int width : {1'280, 760, 560, 1'000}) {
        CAPTURE(width);
        writer.place->resize(width, 700);
        QApplication::processEvents();
        QApplication::processEvents();
        writer.place->grab();
        const QWidget* bar = writer.button("Continue editing")->parentWidget()->parentWidget();
        int rows = 0, last = -1;
        for (const QPushButton* each : bar->findChildren<QPushButton*>()) {
            if (!each->isVisibleTo(bar))
                continue;
            CHECK(each->width() >= each->sizeHint().width());
            CHECK(bar->rect().contains(QRect(each->mapTo(bar, QPoint()), each->size())));
            rows += each->mapTo(bar, QPoint()).y() != std::exchange(last, each->mapTo(bar, QPoint()).y());
        }
        CHECK(rows >= 1);
        CHECK(bar->height() <= bar->heightForWidth(bar->width()));
        for (const QLabel* each : bar->findChildren<QLabel*>()) {
            CHECK(each->width() >= 340);
            CHECK(each->height() >= each->heightForWidth(each->width()));
        }
    }
}

TEST_CASE("what is kept of a text stays where something else is stored in it, and beside what is refused since")
{
    Shelved shelf;
    const Id page = shelf.hold(pageRecord(shelf, "Expenses", {}, v1::PAGE, "Text"));
    Program program(shelf);
    BodiesOnTheirWay& onTheirWay = BodiesOnTheirWay::of(program.desk);
    onTheirWay.keepDraft(page, {.before = "Text", .after = "More. Text", .why = {v1::NOT_ALLOWED}}, nullptr);
    REQUIRE(eventually([&] { return Barred::kept(program).size() == 1; }));
    SECTION("a tick, or one of two versions")
    {
        onTheirWay.submit(page, "Text", TextChange::replace(4, 0, "!"));
        REQUIRE(eventually([&] { return body(*program.reading, page) == QStringLiteral("Text!"); }));
        REQUIRE(eventually([&] { return !onTheirWay.isBusy(page); }));
        REQUIRE(bodyDraft(program.desk, page));
        CHECK(bodyDraft(program.desk, page)->after == "More. Text");
        CHECK(Barred::kept(program).size() == 1);
    }
    SECTION("not where what waited for another change to be stored has its words")
    {
        onTheirWay.submit(page, "Text", TextChange::replace(4, 0, "!"));
        onTheirWay.submit(page, "Text!", TextChange::replace(5, 0, "!"));
        onTheirWay.submit(page, "Text!!", TextChange::replace(0, 0, "More. "), {}, {}, true);
        REQUIRE(eventually([&] { return body(*program.reading, page) == QStringLiteral("More. Text!!"); }));
        REQUIRE(eventually([&] { return !onTheirWay.isBusy(page); }));
        CHECK_FALSE(bodyDraft(program.desk, page));
        CHECK(Barred::kept(program).isEmpty());
    }
    SECTION("what another editor kept while the draft was on its way")
    {
        onTheirWay.submit(page, "Text", TextChange::replace(0, 0, "More. "), {}, {}, true);
        onTheirWay.keepDraft(page, {.before = "Text", .after = "More. Text, and mine"}, nullptr);
        REQUIRE(eventually([&] { return !onTheirWay.isBusy(page); }));
        REQUIRE(bodyDraft(program.desk, page));
        CHECK(bodyDraft(program.desk, page)->after == "More. Text, and mine");
        CHECK(eventually([&] { return Barred::kept(program).size() == 1; }));
    }
    SECTION("what is refused")
    {
        onTheirWay.submit(page, "Text", TextChange::replace(4, 0, std::string(limits::bodyBytesMax, 'x')));
        REQUIRE(eventually([&] { return bodyDraft(program.desk, page)->after.size() > limits::bodyBytesMax; }));
        CHECK(bodyDraft(program.desk, page)->after.starts_with("More. Textxx"));
    }
}

TEST_CASE("what was to be settled as soon as one's words are stored is not where one may not write by then")
{
    Barred book;
    v1::Record record = pageRecord(book.shelf, "Meeting", {}, v1::PAGE, "At nine.At ten.");
    setRanges(*record.mutable_post()->mutable_contested(), {{0, 8}, {8, 15}});
    book.page = book.shelf.hold(record);
    Program program(book.shelf);
    Placed writer(program, book.editing());
    BodiesOnTheirWay& onTheirWay = BodiesOnTheirWay::of(program.desk);
    MarkdownEditor& editor = book.editor(writer);
    editor.moveCursor(QTextCursor::End);
    QTest::keyClick(&editor, Qt::Key_Return);
    while (!onTheirWay.isBusy(book.page))
        QCoreApplication::processEvents();
    writer.button("Keep the first")->click();
    book.may(writer, v1::READER);
    REQUIRE(eventually([&] { return !onTheirWay.isBusy(book.page); }));
    CHECK(eventually([&] { return writer.button("Keep both") == nullptr; }));
    CHECK(editor.text().startsWith(QStringLiteral("At nine.At ten.")));
    CHECK(body(*program.reading, book.page).startsWith(QStringLiteral("At nine.At ten.")));
}

TEST_CASE("what is settled while a change before it is on its way is settled with what waits")
{
    Shelved shelf;
    v1::Record record = pageRecord(shelf, "Meeting", {}, v1::PAGE, "At nine.At ten. Ask Ben.Ask Ada.");
    setRanges(*record.mutable_post()->mutable_contested(), {{0, 8}, {8, 15}, {16, 24}, {24, 32}});
    const Id page = shelf.hold(record);
    Program program(shelf);
    BodiesOnTheirWay& onTheirWay = BodiesOnTheirWay::of(program.desk);
    const std::string first = "At nine.At ten. Ask Ben.Ask Ada.", second = "! " + first, third = "! Or? " + first;
    onTheirWay.submit(page, first, TextChange::replace(0, 0, "! "));
    onTheirWay.submit(page, second, TextChange::replace(2, 0, "Or? "), {{2, 17}});
    onTheirWay.submit(page, third, TextChange(), {{22, 38}});
    REQUIRE(eventually([&] { return !onTheirWay.isBusy(page); }));
    CHECK(body(*program.reading, page).toStdString() == third);
    CHECK(stoa::record(*program.reading, page)->post().contested_size() == 0);
}

TEST_CASE("of two editors of a text none drops what is kept of the other, and both go on where one does")
{
    Barred book;
    Program program(book.shelf);
    {
        Placed writer(program, book.editing()), other(program, book.editing());
        // Something that is long stored is no word that waits.
        QTest::keyClicks(&book.editor(other), QStringLiteral("Old. "));
        REQUIRE(eventually([&] { return body(*program.reading, book.page) == QStringLiteral("Old. Text"); }));
        REQUIRE(eventually([&] { return book.editor(writer).text() == QStringLiteral("Old. Text"); }));
        REQUIRE(eventually([&] { return !BodiesOnTheirWay::of(program.desk).isBusy(book.page); }));
        book.may(writer, v1::READER);
        book.editor(writer).moveCursor(QTextCursor::Start);
        QTest::keyClicks(&book.editor(writer), QStringLiteral("More. "));
        REQUIRE(eventually([&] { return book.kept(program).size() == 1; }));
        other.place->refresh(touchedPosts(book.shelf.spaceId, {}));
        CHECK(other.says("You may not write here any more."));
        QTest::keyClick(&book.editor(other), Qt::Key_Escape);
        REQUIRE(bodyDraft(program.desk, book.page));
        CHECK(bodyDraft(program.desk, book.page)->after == "More. Old. Text");
        book.may(writer, v1::CONTRIBUTOR);
    }
    Placed writer(program, book.editing()), other(program, book.editing());
    REQUIRE(book.editor(other).text() == QStringLiteral("More. Old. Text"));
    writer.button("Continue editing")->click();
    REQUIRE(eventually([&] { return body(*program.reading, book.page) == QStringLiteral("More. Old. Text"); }));
    CHECK(eventually([&] { return !other.button("Continue editing"); }));
    CHECK(book.editor(other).text() == QStringLiteral("More. Old. Text"));
    CHECK(eventually([&] { return book.kept(program).isEmpty(); }));
}

TEST_CASE("what is kept of a text is not stored with one of two versions, and none is asked for until one goes on")
{
    Shelved shelf;
    v1::Record record = pageRecord(shelf, "Meeting", {}, v1::PAGE, "At nine.At ten.");
    v1::TextRange& passage = *record.mutable_post()->add_contested();
    passage.set_from(0);
    passage.set_to(8);
    v1::TextRange& second = *record.mutable_post()->add_contested();
    second.set_from(8);
    second.set_to(15);
    const Id page = shelf.hold(record);
    Program program(shelf);
    BodiesOnTheirWay::of(program.desk)
        .keepDraft(page, {.before = "At nine.At ten.", .after = "At nine.At ten. Or so."}, nullptr);
    Location location = pagesLocation(shelf.spaceId, page);
    location.write = true;
    Placed writer(program, location);
    REQUIRE(writer.button("Continue editing"));
    CHECK_FALSE(writer.button("Keep both"));
    SECTION("gone on with")
    {
        writer.button("Continue editing")->click();
        CHECK(eventually([&] { return writer.button("Keep both") != nullptr; }));
    }
    SECTION("taken back by hand")
    {
        MarkdownEditor& editor = Barred::editor(writer);
        editor.moveCursor(QTextCursor::End);
        for (int i = 0; i < 7; ++i)
            QTest::keyClick(&editor, Qt::Key_Backspace);
        CHECK(eventually([&] { return !writer.button("Continue editing") && writer.button("Keep both"); }));
        CHECK_FALSE(bodyDraft(program.desk, page));
    }
}
