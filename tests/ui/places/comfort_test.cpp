// What makes writing and reading pages easy: what is offered, what is told, and where the keyboard is.

#include <QAbstractItemView>
#include <QLineEdit>
#include <QListView>
#include <QScrollArea>
#include <QScrollBar>
#include <QTextBlock>

#include "client/commands/task_places.h"
#include "client/ui/document/document_view.h"
#include "client/ui/search/search_place.h"
#include "shared/text/text_change.h"
#include "tests/support/catch.h"
#include "tests/ui/places/book.h"

using namespace stoa;
using namespace stoa::test;

namespace {

QStringList offered()
{
    QStringList shown;
    if (const auto* list = qobject_cast<QAbstractItemView*>(QApplication::activePopupWidget()))
        for (int i = 0; i < list->model()->rowCount(); ++i)
            shown << list->model()->index(i, 0).data().toString().section(QStringLiteral("  ·  "), 0, 0);
    return shown;
}

DocumentView& textOf(const Opened& reader)
{
    return *named<DocumentView>(*reader.place, QStringLiteral("The page's text"));
}

QPoint boxAt(const DocumentView& view, const char* item)
{
    const QTextCursor found = view.document()->find(QString::fromUtf8(item));
    REQUIRE_FALSE(found.isNull());
    QTextCursor begin(found.block());
    return view.cursorRect(begin).center() + QPoint(grid(1) + 1, 0);
}

int lineOnScreen(const Opened& reader, MarkdownEditor& editor)
{
    return editor.viewport()->mapTo(reader.place.get(), editor.cursorRect().topLeft()).y();
}

// Asked again until it is indexed, each time once it was answered: what is asked anew takes no older answer.
bool finds(Program& program, Place& place, const QListView& list, const QString& words, int rows)
{
    int answers = 1;
    const auto answered = QObject::connect(program.worker.get(), &Worker::searched, &place, [&] { ++answers; });
    const bool found = eventually([&] {
        if (list.model()->rowCount() != rows && std::exchange(answers, 0) > 0)
            place.open(searchLocation(words));
        return list.model()->rowCount() == rows;
    });
    QObject::disconnect(answered);
    return found;
}

} // namespace

TEST_CASE("behind [[ pages are found by the beginning of their title, a letter at a time")
{
    Shelves book;
    for (const char* title : {"Yourself at work", "What your first week is", "Your first day", "Your old phone",
                              "Unser für dich", "Über uns"})
        book.page(title, "Words.");
    Program program(book);
    qsizetype known = 0;
    QObject::connect(program.worker.get(), &Worker::searched, program.worker.get(),
                     [&](quint64, const SearchResults& found) { known = std::max(known, found.hits.size()); });
    REQUIRE(eventually([&] {
        program.worker->search(program.desk.newTicket(), QStringLiteral("words"), {}, 20);
        return known == 6;
    }));
    Opened reader(program, editing(pagesLocation(book.spaceId)));
    reader.type("[[Your f");
    CHECK(eventually([] {
        return offered().mid(0, 2) ==
               QStringList{QStringLiteral("Your first day"), QStringLiteral("What your first week is")};
    }));
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Return);
    CHECK(reader.editor().text().startsWith(QStringLiteral("[Your first day](stoa:post/")));
    reader.type(" [[uber");
    CHECK(eventually([] { return offered() == QStringList{QStringLiteral("Über uns")}; }));
}

TEST_CASE("the field for tags offers those that the space has, and takes new ones")
{
    Shelves book;
    v1::Record first = pageRecord(book, "Fans", {}, v1::PAGE, "Text");
    for (const char* tag : {"pumps", "air-pump", "Pümpel", "roof"})
        first.mutable_post()->add_tags(tag);
    book.hold(first);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId)));
    QLineEdit& tags = reader.field("Tags");
    tags.setFocus();
    QTest::keyClicks(&tags, QStringLiteral("new PUM"));
    CHECK(offered() == QStringList{QStringLiteral("Pümpel"), QStringLiteral("pumps"), QStringLiteral("air-pump")});
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Down);
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Return);
    CHECK(tags.text() == QStringLiteral("new pumps "));
    CHECK(reader.place->location().write);
    QTest::keyClicks(&tags, QStringLiteral("roo"));
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Escape);
    CHECK(QApplication::activePopupWidget() == nullptr);
    CHECK(reader.place->location().write);
    CHECK(tags.text() == QStringLiteral("new pumps roo"));
}

TEST_CASE("the line that one is at stays where it is when the bar of two versions comes and goes")
{
    Shelves book;
    std::string body;
    for (int i = 0; i < 200; ++i)
        body += "Line " + std::to_string(i) + "\n";
    v1::Record record = book.page("Meeting", body);
    const Id page = stoa::test::idOf(record);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    MarkdownEditor& editor = reader.editor();
    editor.verticalScrollBar()->setValue(100);
    // The last line that is seen as a whole.
    editor.setTextCursor(
        editor.cursorForPosition(QPoint(40, editor.viewport()->height() - editor.cursorRect().height())));
    const int before = lineOnScreen(reader, editor), line = editor.fontMetrics().lineSpacing();
    v1::TextRange& range = *record.mutable_post()->add_contested();
    range.set_to(4);
    book.become(record, body);
    reader.place->refresh(touchedPosts(book.spaceId, {page}));
    REQUIRE(reader.says("Two versions here"));
    CHECK(editor.viewport()->rect().contains(editor.cursorRect()));
    CHECK(std::abs(lineOnScreen(reader, editor) - before) < line);
    record.mutable_post()->clear_contested();
    book.become(record, body);
    reader.place->refresh(touchedPosts(book.spaceId, {page}));
    REQUIRE_FALSE(reader.says("Two versions here"));
    CHECK(std::abs(lineOnScreen(reader, editor) - before) <= line);
}

TEST_CASE("the box of a task is found in the text, whatever looks like one")
{
    const auto ticked = [](const std::string& text, size_t block) {
        const auto change = tickBox(text, block);
        return change ? applyTo(text, *change).value() : std::string("nothing");
    };
    CHECK(ticked("- [ ] one\n- [x] two\n", 1) == "- [ ] one\n- [ ] two\n");
    CHECK(ticked("Ä🛠\n\n> 1. [ ] one\n", 1) == "Ä🛠\n\n> 1. [x] one\n");
    CHECK(ticked("```\n- [ ] code\n```\n\n- [ ] task\n", 1) == "```\n- [ ] code\n```\n\n- [x] task\n");
    CHECK(ticked("* [X] a\n  * [ ] b\r\n", 0) == "* [ ] a\n  * [ ] b\r\n");
    CHECK(ticked("* [X] a\n  * [ ] b\r\n", 1) == "* [X] a\n  * [x] b\r\n");
    CHECK(ticked("- [xx] one\n- [ ] two\n", 0) == "- [ ] one\n- [ ] two\n");
    CHECK(ticked("- [ x] one\n- [  ] two\n", 1) == "- [ x] one\n- [x] two\n");
    // What is meant as it stands is no box.
    CHECK(ticked("- \\[x] literally\n- [ ] one\n", 0) == "nothing");
    CHECK(ticked("- \\[x] literally\n- [ ] one\n", 1) == "- \\[x] literally\n- [x] one\n");
    CHECK(ticked("- &#91; ] a\n- [ ] one\n", 1) == "- &#91; ] a\n- [x] one\n");
    CHECK(ticked("```\n- [x] code\n```\n\n- [ ] one\n1) [x] two\n", 1) ==
          "```\n- [x] code\n```\n\n- [x] one\n1) [x] two\n");
    CHECK(ticked("- [ ] one\n", 1) == "nothing");
    CHECK(ticked("- one\n", 0) == "nothing");
}

TEST_CASE("a task is ticked where it is read, by a click and by Space, also without a network")
{
    Shelves book;
    const Id page =
        stoa::test::idOf(book.page("Visit", "Before it:\n\n- [ ] call them\n- [ ] take the key\n- [x] eat\n"));
    Program program(book);
    Opened reader(program, pagesLocation(book.spaceId, page));
    DocumentView& text = textOf(reader);
    QTest::mouseClick(text.viewport(), Qt::LeftButton, {}, boxAt(text, "take the key"));
    REQUIRE(eventually([&] {
        return bodyOf(program, page) == "Before it:\n\n- [ ] call them\n- [x] take the key\n- [x] eat\n" &&
               text.toPlainText().contains(QStringLiteral("☑ take"));
    }));
    QTest::keyClick(&text, Qt::Key_Backtab);
    QTest::keyClick(&text, Qt::Key_Space);
    REQUIRE(eventually([&] { return text.toPlainText().contains(QStringLiteral("☑ call")); }));
    // The keyboard stays at the box, and goes on from there.
    CHECK(text.textCursor().selectedText().startsWith(QStringLiteral("☑")));
    CHECK(text.textCursor().block().text().contains(QStringLiteral("call")));
    QTest::keyClick(&text, Qt::Key_Tab);
    QTest::keyClick(&text, Qt::Key_Space);
    CHECK(eventually(
        [&] { return bodyOf(program, page) == "Before it:\n\n- [x] call them\n- [ ] take the key\n- [x] eat\n"; }));
}

TEST_CASE("a box far below comes into view when the keyboard comes to it")
{
    Shelves book;
    std::string body;
    for (int i = 0; i < 100; ++i)
        body += "Words.\n\n";
    const Id page = stoa::test::idOf(book.page("Visit", body + "- [ ] call them\n\n" + body));
    Program program(book);
    Opened reader(program, pagesLocation(book.spaceId, page));
    DocumentView& text = textOf(reader);
    const auto* column = reader.place->findChild<QScrollArea*>();
    REQUIRE(eventually([&] { return text.isComplete(); }));
    QApplication::processEvents(); // the column is as high as that now
    text.setFocus();
    QTest::keyClick(&text, Qt::Key_Tab);
    REQUIRE(text.textCursor().selectedText().startsWith(QStringLiteral("☐")));
    const QPoint box = text.viewport()->mapTo(column->viewport(), text.cursorRect().center());
    CHECK(column->viewport()->rect().contains(box));
}

TEST_CASE("who may not edit a page cannot tick its tasks")
{
    Shelves book;
    const Id page = stoa::test::idOf(book.page("Visit", "- [ ] call them\n"));
    v1::Record reads = membershipRecord(book, v1::READER);
    REQUIRE(book.receive(book.space(), {reads}) == Replica::Received::AtHead);
    Program program(book);
    Opened reader(program, pagesLocation(book.spaceId, page));
    DocumentView& text = textOf(reader);
    CHECK(text.toPlainText() == QStringLiteral("call them"));
    Q_EMIT text.boxTicked(0);
    CHECK(bodyOf(program, page) == "- [ ] call them\n");
    CHECK(outboxCount(*program.reading) == 0);
}

TEST_CASE("in a narrow window who opens a page to write has the keyboard in its text, whatever was looked at before")
{
    Shelves book;
    const Id page = stoa::test::idOf(book.page("Fans", "Fans."));
    const Id other = stoa::test::idOf(book.page("Pumps", "Pumps."));
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    reader.place->resize(700, 600);
    MarkdownEditor& editor = reader.editor();
    REQUIRE(editor.hasFocus());
    QTest::keyClick(&editor, Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
    DocumentView* preview = nullptr;
    REQUIRE(eventually(
        [&] { return (preview = named<DocumentView>(*reader.place, QStringLiteral("Preview"))) != nullptr; }));
    CHECK_FALSE(editor.isVisible());
    CHECK(preview->hasFocus());
    reader.place->open(editing(pagesLocation(book.spaceId, other)));
    CHECK(editor.isVisible());
    CHECK(editor.hasFocus());
    // Nor is it lost where the window becomes narrow.
    reader.place->resize(1'280, 600);
    reader.button("Preview")->click();
    REQUIRE(editor.hasFocus());
    reader.place->resize(700, 600);
    CHECK(preview->hasFocus());
    // What is looked for is looked for in the text.
    editor.findWanted(false);
    CHECK(editor.isVisible());
    // Esc goes one step back: from what is looked for to the text, and only then from that.
    const auto* words = named<QLineEdit>(*reader.place, QStringLiteral("Find"));
    REQUIRE(words);
    REQUIRE(words->isVisible());
    editor.setFocus();
    QTest::keyClick(&editor, Qt::Key_Escape);
    CHECK_FALSE(words->isVisible());
    CHECK(editor.isVisible());
    QTest::keyClick(&editor, Qt::Key_Escape);
    CHECK_FALSE(editor.isVisible());
}

TEST_CASE("what was searched for is in view when its page is opened, with something around it")
{
    Shelves book;
    std::string body;
    for (int i = 0; i < 100; ++i)
        body += "Words about nothing, in part " + std::to_string(i) + ".\n\n";
    const Id page = stoa::test::idOf(book.page("Fans", body + "The *small* needle is in the hay.\n\n" + body));
    Program program(book);
    Opened search(program, searchLocation(QStringLiteral("needle")), makeSearchPlace);
    auto* list = named<QListView>(*search.place, QStringLiteral("What was found"));
    REQUIRE(finds(program, *search.place, *list, QStringLiteral("needle"), 1));
    QTest::keyClick(list, Qt::Key_Return);
    REQUIRE(search.wanted.size() == 1);
    CHECK(search.wanted[0].post == page);
    Opened reader(program, search.wanted[0]);
    DocumentView& text = textOf(reader);
    const auto* column = reader.place->findChild<QScrollArea*>();
    REQUIRE(eventually([&] { return text.textCursor().selectedText() == QStringLiteral("needle"); }));
    const int y = text.viewport()->mapTo(column->viewport(), text.cursorRect().center()).y();
    CHECK(y > column->viewport()->height() / 4);
    CHECK(y < column->viewport()->height() * 3 / 4);
}

TEST_CASE("Enter in the search opens what is found first, once it is known, and says where that has gone")
{
    Shelves book;
    v1::Record record = book.page("Fans", "The needle is in the hay.");
    const Id page = stoa::test::idOf(record);
    Program program(book);
    Opened search(program, searchLocation(QStringLiteral("needle")), makeSearchPlace);
    auto* list = named<QListView>(*search.place, QStringLiteral("What was found"));
    REQUIRE(finds(program, *search.place, *list, QStringLiteral("needle"), 1));
    search.place->open(searchLocation(QStringLiteral("needl")));
    search.place->openFirst(); // the answer is on its way
    CHECK(search.wanted.isEmpty());
    REQUIRE(eventually([&] { return search.wanted.size() == 1; }));
    CHECK(search.wanted[0].post == page);
    search.place->openFirst();
    CHECK(search.wanted.size() == 2);

    QStringList said;
    QObject::connect(search.place.get(), &Place::said, search.place.get(), [&](const QString& each) { said << each; });
    record.set_deleted(true);
    record.clear_post();
    record.set_revision(record.revision() + 1);
    arrives(book, [&] { REQUIRE(book.receive(book.space(), {record}) == Replica::Received::AtHead); });
    search.place->openFirst();
    CHECK(search.wanted.size() == 2);
    REQUIRE(said.size() == 1);
    CHECK(said[0].contains(QStringLiteral("“Fans” is not here any more: it was deleted")));
}

TEST_CASE("Enter in the search opens the first of what was asked for last, and nothing once one is elsewhere")
{
    Shelves book;
    const Id first = stoa::test::idOf(book.page("Alpha", "It speaks of beta."));
    const Id second = stoa::test::idOf(book.page("Beta", "It speaks of alpha."));
    Program program(book);
    Opened search(program, searchLocation(QStringLiteral("alpha")), makeSearchPlace);
    auto* list = named<QListView>(*search.place, QStringLiteral("What was found"));
    REQUIRE(finds(program, *search.place, *list, QStringLiteral("alpha"), 2));
    search.place->openFirst();
    REQUIRE(eventually([&] { return search.wanted.size() == 1; }));
    CHECK(search.wanted[0].post == first);
    search.place->open(searchLocation(QStringLiteral("beta")));
    search.place->openFirst();
    REQUIRE(eventually([&] { return search.wanted.size() == 2; }));
    CHECK(search.wanted[1].post == second);

    search.place->open(searchLocation(QStringLiteral("alpha")));
    search.place->openFirst();
    search.place->hide();
    int answers = 0;
    QObject::connect(program.worker.get(), &Worker::searched, search.place.get(), [&] { ++answers; });
    REQUIRE(eventually([&] { return answers > 0; }));
    CHECK(search.wanted.size() == 2);
}

TEST_CASE("all of a table that is put in can be seen")
{
    Shelves book;
    std::string body;
    for (int i = 0; i < 200; ++i)
        body += "Line " + std::to_string(i) + "\n\n";
    const Id page = stoa::test::idOf(book.page("Floors", body));
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    MarkdownEditor& editor = reader.editor();
    REQUIRE(eventually([&] { return editor.verticalScrollBar()->maximum() > 0; }));
    const int height = editor.viewport()->height();
    editor.setTextCursor(editor.cursorForPosition(QPoint(grid(20), height - grid(6))));
    const int first = editor.verticalScrollBar()->value();
    editor.run(MarkdownEditor::Act::Table);
    QTextBlock last = editor.textCursor().block();
    while (last.next().text().startsWith(QLatin1Char('|')))
        last = last.next();
    REQUIRE((last != editor.textCursor().block()));
    CHECK(editor.cursorRect(QTextCursor(last)).bottom() <= height);
    CHECK(editor.cursorRect().top() >= 0);
    CHECK(editor.verticalScrollBar()->value() > first);
}

TEST_CASE("that a paste was cut is said")
{
    Shelves book;
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId)));
    QStringList said;
    QObject::connect(reader.place.get(), &Place::said, reader.place.get(),
                     [&said](const QString& sentence) { said << sentence; });
    Q_EMIT reader.editor().pasteCut();
    CHECK(said == QStringList{QStringLiteral("What you pasted is too long for one text: its end was left out.")});
}
