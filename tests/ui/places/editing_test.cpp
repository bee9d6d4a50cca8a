// Pages written and edited, and what others do to them meanwhile.

#include <QScrollBar>
#include <QTreeView>

#include "client/ui/document/document_view.h"
#include "client/ui/editor/bodies_on_their_way.h"
#include "client/ui/editor/body_editor.h"
#include "client/ui/questions/questions_place.h"
#include "shared/base/limits.h"
#include "shared/text/codec.h"
#include "tests/support/catch.h"
#include "tests/ui/places/book.h"

using namespace stoa;
using namespace stoa::test;

TEST_CASE("what is typed on a page is stored by itself, and all of it on leaving")
{
    Shelves book;
    const Id page = stoa::test::idOf(book.page("Fans", "Old."));
    Program program(book);
    Opened reader(program, pagesLocation(book.spaceId, page));
    reader.place->takeFocus();
    QTest::keyClick(reader.place->findChild<QTreeView*>(), Qt::Key_E);
    REQUIRE(reader.place->location().write);
    reader.typeAtEnd(" New.");
    REQUIRE(eventually([&] { return bodyOf(program, page) == "Old. New."; }));
    CHECK(eventually([&] { return reader.says("Stored on this computer"); }));
    reader.type(" More.");
    reader.leave();
    CHECK_FALSE(reader.place->location().write);
    REQUIRE(eventually([&] { return bodyOf(program, page) == "Old. New. More."; }));
    CHECK(eventually([&] {
        return named<DocumentView>(*reader.place, QStringLiteral("The page's text"))->toPlainText() ==
               QStringLiteral("Old. New. More.");
    }));
}

TEST_CASE("what was just typed is stored also where another page is opened or the window goes")
{
    Shelves book;
    const Id page = stoa::test::idOf(book.page("Fans", "Fans."));
    const Id other = stoa::test::idOf(book.page("Pumps", "Pumps."));
    Program program(book);
    {
        Opened reader(program, editing(pagesLocation(book.spaceId, page)));
        reader.typeAtEnd(" One.");
        reader.place->open(editing(pagesLocation(book.spaceId, other)));
        reader.typeAtEnd(" Two.");
    }
    CHECK(eventually([&] { return bodyOf(program, page) == "Fans. One." && bodyOf(program, other) == "Pumps. Two."; }));
}

TEST_CASE("title and tags of a page are edited, and others' tags come in meanwhile")
{
    Shelves book;
    v1::Record record = book.page("Fans", "Text");
    const Id page = stoa::test::idOf(record);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    reader.field("Title").setFocus();
    reader.field("Title").selectAll();
    QTest::keyClicks(&reader.field("Title"), QStringLiteral("Pumps"));
    REQUIRE(eventually([&] { return post(*program.reading, page)->title == QStringLiteral("Pumps"); }));
    reader.field("Tags").setText(QStringLiteral("hall "));
    QTest::keyClicks(&reader.field("Tags"), QStringLiteral("roof"));
    reader.leave();
    CHECK(eventually([&] {
        return post(*program.reading, page)->tags == QStringList{QStringLiteral("hall"), QStringLiteral("roof")};
    }));
}

TEST_CASE("what others change comes into the open text, and what was typed here stays and is stored over it")
{
    Shelves book;
    v1::Record record = book.page("Fans", "One.\n\nTwo.\n");
    const Id page = stoa::test::idOf(record);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    reader.type("My ");
    book.become(record, "One.\n\nTwo and a half.\n\nThree.\n");
    reader.place->refresh(touchedPosts(book.spaceId, {page}));
    CHECK(reader.editor().text().toStdString() == "My One.\n\nTwo and a half.\n\nThree.\n");
    CHECK(reader.editor().textCursor().position() == 3);
    CHECK(eventually([&] { return bodyOf(program, page) == "My One.\n\nTwo and a half.\n\nThree.\n"; }));
    reader.editor().run(MarkdownEditor::Act::Undo);
    CHECK(reader.editor().text().toStdString() == "One.\n\nTwo and a half.\n\nThree.\n");
}

TEST_CASE("what is stored over a text that the place has not heard of yet is made of that one")
{
    Shelves book;
    v1::Record record = book.page("Fans", "One.\n");
    const Id page = stoa::test::idOf(record);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    reader.typeAtEnd("Mine.");
    book.become(record, "Theirs.\n\nOne.\n");
    reader.leave();
    CHECK(eventually([&] { return bodyOf(program, page) == "Theirs.\n\nOne.\nMine."; }));
}

TEST_CASE("what is typed over a sentence goes out as that, whatever words both have")
{
    const bool inTwoParts = GENERATE(false, true);
    const char* anew = GENERATE("Read what Ben wrote for you first!", "Ask Ben for all.", "Ask Ben.");
    CAPTURE(inTwoParts, anew);
    const std::string old = "Ask Ben for a key.";
    Shelves book;
    v1::Record record = book.page("Keys", "Hello.\n\n" + old + "\n");
    const Id page = stoa::test::idOf(record);
    {
        Program program(book);
        Opened reader(program, editing(pagesLocation(book.spaceId, page)));
        QTextCursor cursor = reader.editor().textCursor();
        cursor.setPosition(8);
        cursor.setPosition(8 + int(old.size()), QTextCursor::KeepAnchor);
        reader.editor().setTextCursor(cursor);
        const QString words = QString::fromUtf8(anew);
        reader.type(words.left(6).toUtf8().constData());
        if (inTwoParts)
            REQUIRE(eventually([&] { return reader.says("Stored on this computer"); }));
        reader.type(words.mid(6).toUtf8().constData());
        reader.leave();
        REQUIRE(eventually([&] { return bodyOf(program, page) == "Hello.\n\n" + std::string(anew) + "\n"; }));
    }
    const std::vector<v1::Change> waiting = book.waitingTexts();
    REQUIRE(waiting.size() == 1);
    CHECK(decode(waiting[0].edit_text().text()).value() == TextChange::replace(8, old.size(), anew));
}

TEST_CASE("what is typed while another one is shown by now, and what is refused, stays what was done")
{
    Shelves book;
    v1::Record record = book.page("Keys", "Now: Ask Ben for a key.\n");
    const Id page = stoa::test::idOf(record);
    {
        Program program(book);
        Opened reader(program, editing(pagesLocation(book.spaceId, page)));
        QTextCursor cursor = reader.editor().textCursor();
        cursor.setPosition(5);
        cursor.setPosition(23, QTextCursor::KeepAnchor);
        reader.editor().setTextCursor(cursor);
        reader.type("Read what Ben wrote!");
        book.become(record, "In short:\n\nNow: Ask Ben for a key.\n"); // and nobody tells the place
        reader.leave();
        REQUIRE(eventually([&] { return bodyOf(program, page) == "In short:\n\nNow: Read what Ben wrote!\n"; }));
    }
    const std::vector<v1::Change> waiting = book.waitingTexts();
    REQUIRE(waiting.size() == 1);
    CHECK(decode(waiting[0].edit_text().text()).value() == TextChange::replace(16, 18, "Read what Ben wrote!"));
}

TEST_CASE("lines that end as other systems end them take what is typed where it was typed")
{
    Shelves book;
    v1::Record record = book.page("Keys", "One.\r\nTwo.\r\nThree.\n");
    const Id page = stoa::test::idOf(record);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    CHECK(reader.editor().text() == QStringLiteral("One.\nTwo.\nThree.\n"));
    reader.typeAtEnd("Four.");
    book.become(record, "One.\r\nTwo.\r\nAnd\r\na half.\r\nThree.\n");
    reader.place->refresh(touchedPosts(book.spaceId, {page}));
    CHECK(reader.editor().text() == QStringLiteral("One.\nTwo.\nAnd\na half.\nThree.\nFour."));
    reader.typeAtEnd(" Five.");
    CHECK(eventually([&] {
        return QString::fromStdString(bodyOf(program, page)).remove(QLatin1Char('\r')) ==
               QStringLiteral("One.\nTwo.\nAnd\na half.\nThree.\nFour. Five.");
    }));
}

TEST_CASE("what one says that one changed goes along with the text, also where that is stored already")
{
    const bool isStored = GENERATE(false, true);
    CAPTURE(isStored);
    Shelves book;
    const Id page = stoa::test::idOf(book.page("Fans", "Old."));
    {
        Program program(book);
        Opened reader(program, editing(pagesLocation(book.spaceId, page)));
        CHECK_FALSE(named<QLineEdit>(*reader.place, QStringLiteral("What did you change?")));
        reader.typeAtEnd(" New.");
        if (isStored)
            REQUIRE(eventually([&] { return reader.says("Stored on this computer"); }));
        QLineEdit& summary = reader.field("What did you change?");
        summary.setFocus();
        QTest::keyClicks(&summary, QStringLiteral("A  figure"));
        bool isAllStored = false;
        QObject::connect(&BodiesOnTheirWay::of(program.desk), &BodiesOnTheirWay::stored, reader.place.get(),
                         [&] { isAllStored = true; });
        QTest::keyClick(&summary, Qt::Key_Return);
        CHECK_FALSE(reader.place->location().write);
        reader.place->open(editing(pagesLocation(book.spaceId, page)));
        CHECK_FALSE(named<QLineEdit>(*reader.place, QStringLiteral("What did you change?")));
        REQUIRE(eventually([&] { return isAllStored && bodyOf(program, page) == "Old. New."; }));
    }
    const std::vector<v1::Change> waiting = book.waitingTexts();
    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].edit_text().summary() == "A figure");
}

TEST_CASE("what is said of one page is not said of the next")
{
    Shelves book;
    const Id page = stoa::test::idOf(book.page("Fans", "Fans."));
    const Id other = stoa::test::idOf(book.page("Pumps", "Pumps."));
    {
        Program program(book);
        Opened reader(program, editing(pagesLocation(book.spaceId, page)));
        reader.typeAtEnd(" One.");
        QTest::keyClicks(&reader.field("What did you change?"), QStringLiteral("First"));
        reader.place->open(editing(pagesLocation(book.spaceId, other)));
        reader.typeAtEnd(" Two.");
        reader.leave();
        REQUIRE(eventually([&] { return bodyOf(program, other) == "Pumps. Two."; }));
    }
    const std::vector<v1::Change> waiting = book.waitingTexts();
    REQUIRE(waiting.size() == 2);
    for (const v1::Change& change : waiting)
        CHECK(change.edit_text().summary() == (change.target() == page.str() ? "First" : ""));
}

TEST_CASE("a text that is refused stays a draft, and is there when it is edited again")
{
    Shelves lab;
    const auto [question, answer] = lab.ownAnswer("It depends.");
    Program program(lab);
    const QString line = QString(99, QLatin1Char('x')) + QLatin1Char('\n');
    const QString large = line.repeated(qsizetype(limits::bodyBytesMax) / line.size() + 1);
    {
        Opened reader(program, questionsLocation(lab.spaceId, question), makeQuestionsPlace);
        reader.button("Edit")->click();
        reader.editor().replaceText(0, 0, large);
        reader.leave();
    }
    REQUIRE(eventually([&] {
        const auto kept = bodyDraft(program.desk, answer);
        return kept && kept->after.size() > limits::bodyBytesMax && kept->before == "It depends.";
    }));
    Opened reader(program, questionsLocation(lab.spaceId, question), makeQuestionsPlace);
    reader.button("Edit")->click();
    CHECK(reader.editor().text() == large + QStringLiteral("It depends."));
    reader.editor().replaceText(0, large.size(), QStringLiteral("Well. "));
    reader.button("Continue editing")->click();
    reader.leave();
    CHECK(
        eventually([&] { return bodyOf(program, answer) == "Well. It depends." && !bodyDraft(program.desk, answer); }));
}

TEST_CASE("a page that is removed while it is edited leaves the text on the screen and in a draft")
{
    Shelves book;
    v1::Record record = book.page("Fans", "Text");
    const Id page = stoa::test::idOf(record);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    reader.typeAtEnd(" of mine");
    record.set_deleted(true);
    book.become(record, "Text");
    reader.place->refresh(touchedPosts(book.spaceId, {page}));
    CHECK(labelled<QLabel>(*reader.place, QStringLiteral("“Fans”, which you wrote in, was deleted meanwhile. "
                                                         "What you wrote is kept in the outbox.")));
    CHECK(reader.editor().text() == QStringLiteral("Text of mine"));
    REQUIRE(bodyDraft(program.desk, page));
    CHECK(bodyDraft(program.desk, page)->after == "Text of mine");
}

TEST_CASE("a new page is written below the section one stands in, and is a draft until it is made")
{
    Shelves book;
    const Id section = stoa::test::idOf(book.page("Travel", {}, {}, v1::SECTION));
    Program program(book);
    Opened reader(program, pagesLocation(book.spaceId, section));
    reader.button("New page")->click();
    REQUIRE(reader.place->location().write);
    QTest::keyClicks(&reader.field("Title"), QStringLiteral("Expenses"));
    reader.type("By train.");
    reader.leave();
    CHECK_FALSE(reader.place->location().write);
    reader.button("New page")->click();
    CHECK(reader.field("Title").text() == QStringLiteral("Expenses"));
    CHECK(reader.editor().text() == QStringLiteral("By train."));
    QTest::keyClick(&reader.editor(), Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(eventually([&] { return !reader.place->location().write; }));
    const QList<PostRow> below = pagesBelow(*program.reading, book.spaceId, section);
    REQUIRE(below.size() == 1);
    CHECK(below.first().title == QStringLiteral("Expenses"));
    CHECK(reader.place->location().post == below.first().id);
    CHECK(bodyOf(program, below.first().id) == "By train.");
}

TEST_CASE("a page without a title is not made, and nothing of it is lost")
{
    Shelves book;
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId)));
    reader.type("Text");
    QTest::keyClick(&reader.editor(), Qt::Key_Return, Qt::ControlModifier);
    CHECK(reader.says("A page needs a title: others find it by that."));
    CHECK(reader.editor().text() == QStringLiteral("Text"));
    CHECK(reader.place->location().write);
}

TEST_CASE("of two versions of a passage one is kept by a click, where it is read and where it is edited")
{
    const char* keep = GENERATE("Keep the first", "Keep the second", "Keep both");
    const bool inEditor = GENERATE(false, true);
    CAPTURE(keep, inEditor);
    Shelves book;
    v1::Record record = pageRecord(book, "Meeting", {}, v1::PAGE, "We meet every day at nine🛠Tuesday.");
    const auto contest = [&](size_t from, size_t to) {
        record.mutable_post()->add_contested()->set_from(from);
        record.mutable_post()->mutable_contested(record.post().contested_size() - 1)->set_to(to);
    };
    contest(8, 26);
    contest(26, 33);
    const Id page = book.hold(record);
    Program program(book);
    const Location at = pagesLocation(book.spaceId, page);
    Opened reader(program, inEditor ? editing(at) : at);
    CHECK(reader.says("Two versions here"));
    reader.button(keep)->click();
    const std::string expected = keep == std::string("Keep the first")  ? "We meet every day at nine🛠."
                               : keep == std::string("Keep the second") ? "We meet Tuesday."
                                                                        : "We meet every day at nine🛠Tuesday.";
    CHECK(eventually([&] {
        return bodyOf(program, page) == expected && stoa::record(*program.reading, page)->post().contested_size() == 0;
    }));
    CHECK(eventually([&] { return !reader.says("Two versions here"); }));
}

TEST_CASE("who may not edit a page is not asked to")
{
    Shelves book;
    const Id page = stoa::test::idOf(book.page("Fans", "Text"));
    v1::Record reads = membershipRecord(book, v1::READER);
    REQUIRE(book.receive(book.space(), {reads}) == Replica::Received::AtHead);
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    CHECK_FALSE(reader.place->location().write);
    CHECK_FALSE(reader.button("Edit"));
    CHECK_FALSE(reader.button("New page"));
}

TEST_CASE("the preview goes along where the cursor takes the source")
{
    Shelves book;
    std::string body;
    for (int i = 0; i < 100; ++i)
        body += "## Part " + std::to_string(i) + "\n\nSome words.\n\n";
    const Id page = stoa::test::idOf(book.page("Fans", body));
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    reader.place->resize(1'280, 800);
    reader.button("Preview")->click();
    auto* preview = named<DocumentView>(*reader.place, QStringLiteral("Preview"));
    REQUIRE(preview);
    REQUIRE(eventually([&] { return preview->isComplete() && preview->verticalScrollBar()->maximum() > 0; }));
    const auto isAtPart = [&](int part) {
        const QString first = preview->cursorForPosition(QPoint(40, 40)).block().text();
        const QString above = preview->cursorForPosition(QPoint(40, 40)).block().previous().text();
        const QString title = QStringLiteral("Part %1").arg(part);
        return first == title || above == title;
    };
    reader.editor().moveCursor(QTextCursor::End);
    CHECK(eventually([&] { return preview->verticalScrollBar()->value() == preview->verticalScrollBar()->maximum(); }));
    reader.editor().moveCursor(QTextCursor::Start);
    CHECK(eventually([&] { return preview->verticalScrollBar()->value() == 0 && isAtPart(0); }));
}

TEST_CASE("no line of the source is cut off beside the preview, whatever the window becomes")
{
    Shelves book;
    std::string body;
    for (int i = 0; i < 200; ++i)
        body +=
            "Some words that stand in a line of their own and go on for rather long, with a [link](#somewhere).\n\n";
    const Id page = stoa::test::idOf(book.page("Fans", body));
    Program program(book);
    Opened reader(program, editing(pagesLocation(book.spaceId, page)));
    auto& application = *qobject_cast<QApplication*>(QCoreApplication::instance());
    reader.button("Preview")->click();
    for (const int width : {1'280, 1'920, 1'280, 960, 1'052}) {
        for (const Scheme scheme : {Scheme::Light, Scheme::Dark}) {
            CAPTURE(width, int(scheme));
            applyTheme(application, scheme);
            reader.place->resize(width, 800);
            QApplication::processEvents();
            reader.place->grab();
            CHECK(reader.editor().horizontalScrollBar()->maximum() == 0);
        }
    }
    applyTheme(application, Scheme::Light);
}
