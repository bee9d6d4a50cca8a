// A space's pages: read, kept and talked about.

#include <QScrollArea>
#include <QScrollBar>
#include <QTreeView>

#include "client/ui/document/document_view.h"
#include "client/ui/pages/pages_place.h"
#include "client/ui/questions/post_block.h"
#include "tests/support/catch.h"
#include "tests/ui/places/content.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct Book : Content {
    Id page(const char* title, const Id& above = {}, v1::PostKind kind = v1::PAGE, const std::string& body = "Text")
    {
        return hold(pageRecord(*this, title, above, kind, body));
    }
    Id comment(const Id& page, const char* text)
    {
        v1::Record on = record(page);
        on.mutable_post()->set_root(page.str());
        return hold(below(on, v1::COMMENT, text));
    }
};

std::string longText()
{
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += "A paragraph of the page.\n\n";
    return text + "## The end\n";
}

struct OpenBook : Tabbed {
    OpenBook(const Program& program, const Location& location) : Tabbed(program, makePagesPlace, location) {}
    QTreeView& tree() { return *place->findChild<QTreeView*>(); }
    DocumentView& document() { return *named<DocumentView>(*place, QStringLiteral("The page's text")); }
    QScrollArea& column()
    {
        for (QWidget* up = document().parentWidget(); up; up = up->parentWidget())
            if (auto* area = qobject_cast<QScrollArea*>(up))
                return *area;
        throw std::logic_error("the page does not scroll");
    }
    QStringList comments()
    {
        QStringList texts;
        for (const CommentBlock* block : place->findChildren<CommentBlock*>())
            if (block->isVisible())
                texts << block->findChild<DocumentView*>()->toPlainText();
        return texts;
    }
    bool sees(QWidget* widget)
    {
        return widget && !widget->visibleRegion().isEmpty() &&
               column().viewport()->rect().contains(widget->mapTo(column().viewport(), QPoint(0, 0)));
    }
    CommentBlock* commentBy(int nth) { return place->findChildren<CommentBlock*>().value(nth); }
    // The field may have been made in this very moment.
    QPlainTextEdit* ownComment()
    {
        REQUIRE(eventually([&] { return text("Your comment") != nullptr; }));
        return text("Your comment");
    }
};

} // namespace

TEST_CASE("the first page is open where none is asked for, and the tree shows where it stands")
{
    Book book;
    const Id section = book.page("Travel", {}, v1::SECTION);
    const Id page = book.page("Expenses", section);
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId));
    CHECK(reader.place->location().post == page);
    CHECK(reader.tree().currentIndex().data().toString() == QStringLiteral("Expenses"));
    CHECK(reader.document().toPlainText() == QStringLiteral("Text"));
}

TEST_CASE("a section lists what lies below it")
{
    Book book;
    const Id section = book.page("Travel", {}, v1::SECTION);
    book.page("Expenses [new]", section);
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId, section));
    CHECK(reader.document().toPlainText().contains(QStringLiteral("Expenses [new]")));
}

TEST_CASE("a page is bookmarked and let go again")
{
    Book book;
    const Id page = book.page("Expenses");
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId, page));
    reader.button("Bookmark")->click();
    REQUIRE(eventually([&] { return reader.button("Remove bookmark") != nullptr; }));
    CHECK(post(*program.reading, page)->bookmarked);
    reader.button("Remove bookmark")->click();
    CHECK(eventually([&] { return reader.button("Bookmark") && !post(*program.reading, page)->bookmarked; }));
}

TEST_CASE("the comments on a page are read below it, and one's own is added")
{
    Book book;
    const Id page = book.page("Expenses");
    book.comment(page, "Also for trains?");
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId, page));
    CHECK(reader.comments() == QStringList{QStringLiteral("Also for trains?")});
    CHECK(reader.says("1 comment"));
    reader.ownComment()->setPlainText(QStringLiteral("Yes, since May."));
    QTest::keyClick(reader.ownComment(), Qt::Key_Return, Qt::ControlModifier);
    CHECK(eventually([&] {
        return reader.comments() == QStringList{QStringLiteral("Also for trains?"), QStringLiteral("Yes, since May.")};
    }));
    CHECK(eventually([&] { return reader.ownComment()->toPlainText().isEmpty(); })); // told after it shows
}

TEST_CASE("a half-written comment stays while much arrives, and goes along with its page")
{
    Book book;
    const Id page = book.page("Expenses"), other = book.page("Holidays");
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId, page));
    QPlainTextEdit* field = reader.ownComment();
    field->setFocus();
    QTest::keyClicks(field, QStringLiteral("Half"));
    arrives(book, [&] { book.comment(page, "Another one"); });
    reader.place->refresh(touchedMuch(book.spaceId));
    REQUIRE(eventually([&] { return reader.comments().size() == 1; }));
    CHECK(reader.ownComment() == field);
    CHECK(field->hasFocus());
    CHECK(field->toPlainText() == QStringLiteral("Half"));

    reader.place->open(pagesLocation(book.spaceId, other));
    CHECK(reader.comments().isEmpty());
    CHECK(reader.ownComment()->toPlainText().isEmpty());
    reader.place->open(pagesLocation(book.spaceId, page));
    CHECK(reader.ownComment()->toPlainText() == QStringLiteral("Half"));
}

TEST_CASE("what leads to a comment on a page opens the page at the comment")
{
    Book book;
    const Id page = book.page("Expenses", {}, v1::PAGE, longText());
    for (int i = 0; i < 20; ++i)
        book.comment(page, "Before it");
    const Id comment = book.comment(page, "The one that was found");
    Program program(book);
    const auto location = locationOf(*program.reading, comment);
    REQUIRE(location);
    CHECK(location->kind == Location::Kind::Pages);
    CHECK(location->post == page);
    OpenBook reader(program, *location);
    CHECK(eventually([&] { return reader.sees(reader.commentBy(20)); }));
    CHECK(reader.comments().last() == QStringLiteral("The one that was found"));
}

TEST_CASE("a link to a heading opens the page there")
{
    Book book;
    const Id page = book.page("Expenses", {}, v1::PAGE, longText());
    Program program(book);
    Location location = pagesLocation(book.spaceId, page);
    location.anchor = QStringLiteral("the-end");
    OpenBook reader(program, location);
    CHECK(eventually([&] {
        const QScrollBar* bar = reader.column().verticalScrollBar();
        return bar->value() > 0 && bar->value() > bar->maximum() / 2;
    }));
}

TEST_CASE("another page begins at its top")
{
    Book book;
    const Id page = book.page("Expenses", {}, v1::PAGE, longText());
    const Id other = book.page("Holidays", {}, v1::PAGE, longText());
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId, page));
    QScrollBar* bar = reader.column().verticalScrollBar();
    REQUIRE(eventually([&] { return bar->maximum() > 100; }));
    bar->setValue(100);
    reader.place->open(pagesLocation(book.spaceId, other));
    CHECK(bar->value() == 0);
}

TEST_CASE("Page Down scrolls a page wherever the keyboard is in it, but not while one writes")
{
    Book book;
    const Id page = book.page("Expenses", {}, v1::PAGE, longText());
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId, page));
    QScrollBar* bar = reader.column().verticalScrollBar();
    REQUIRE(eventually([&] { return bar->maximum() > 100; }));
    reader.document().setFocus();
    QTest::keyClick(&reader.document(), Qt::Key_PageDown);
    CHECK(bar->value() > 0);
    QTest::keyClick(&reader.document(), Qt::Key_Home, Qt::ControlModifier);
    CHECK(bar->value() == 0);
    reader.ownComment()->setFocus();
    const int at = bar->value();
    QTest::keyClick(reader.ownComment(), Qt::Key_PageDown);
    CHECK(bar->value() == at);
}

TEST_CASE("who reads pages has seen what is new in the space")
{
    Book book;
    book.nowMs += 1000;
    const Id page = book.page("Expenses");
    Program program(book);
    REQUIRE(space(*program.reading, book.spaceId)->fresh == 1);
    OpenBook reader(program, pagesLocation(book.spaceId, page));
    CHECK(eventually([&] { return space(*program.reading, book.spaceId)->fresh == 0; }));
}

TEST_CASE("the pages of a space that is lost leave the screen")
{
    Book book;
    const Id page = book.page("Our secret");
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId, page));
    arrives(book, [&] { book.within([&] { book.replica->forget(book.space()); }); });
    reader.place->refresh(touchedMuch(book.spaceId));
    CHECK(eventually([&] { return reader.says("This space is not on this computer"); }));
    CHECK_FALSE(reader.says("Our secret"));
}

TEST_CASE("a page that was removed is not shown any more, and one that arrives is")
{
    Book book;
    const Id page = book.page("Expenses");
    Program program(book);
    OpenBook reader(program, pagesLocation(book.spaceId, page));
    const Id later = [&] {
        Id made;
        arrives(book, [&] {
            v1::Record gone = book.record(page);
            gone.set_deleted(true);
            REQUIRE(book.receive(book.space(), {gone}) == Replica::Received::AtHead);
            made = book.page("Holidays");
        });
        return made;
    }();
    reader.place->refresh(touchedPosts(book.spaceId, {page, later}));
    CHECK(eventually([&] { return reader.says("This page is not here"); }));
    CHECK(reader.tree().model()->rowCount() == 1);
    reader.place->open(pagesLocation(book.spaceId, later));
    CHECK(reader.says("Holidays"));
}
