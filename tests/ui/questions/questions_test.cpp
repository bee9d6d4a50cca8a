// The list of questions and the thread beside it, as somebody works in them while things arrive.

#include <QComboBox>
#include <QListView>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

#include "client/ui/document/document_view.h"
#include "client/ui/questions/composer.h"
#include "client/ui/questions/questions_view.h"
#include "client/ui/questions/thread_view.h"
#include "client/ui/widgets/widgets.h"
#include "tests/support/catch.h"
#include "tests/ui/questions/workplace.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// The place in a window of one tab: what is wanted is opened, what is touched is read again.
struct Window {
    Window(const Program& program, const Location& location) : place(program.desk, nullptr)
    {
        QObject::connect(program.worker.get(), &Worker::touched, &place, [this](const Touched& touched) {
            place.refresh(touched);
            ++refreshed;
        });
        QObject::connect(&place, &Place::wanted, &place, [this](const Location& to, bool) { place.open(to); });
        place.open(location);
        shown(place);
    }

    QAbstractItemModel& rows() { return *list().model(); }
    // The place's own, not that of a drop-down.
    QListView& list()
    {
        for (QListView* each : place.findChildren<QListView*>())
            if (!each->accessibleName().isEmpty())
                return *each;
        throw std::logic_error("there is no list");
    }
    ThreadView& thread() { return *place.findChild<ThreadView*>(); }
    QPlainTextEdit* answer() { return named<QPlainTextEdit>(thread(), QStringLiteral("Your answer")); }
    QPlainTextEdit* comment() { return named<QPlainTextEdit>(thread(), QStringLiteral("Your comment")); }
    QToolButton* vote() { return named<QToolButton>(thread(), QStringLiteral("This is useful")); }
    QPushButton* act(const char* name) { return labelled<QPushButton>(thread(), QString::fromLatin1(name)); }

    QuestionsPlace place;
    int refreshed = 0;
};

Touched bulkIn(const Id& space)
{
    Touched touched;
    touched.bulk = true;
    touched.spaces = {space};
    return touched;
}

} // namespace

TEST_CASE("choosing a row far down keeps the list where it is")
{
    Content content;
    const QList<Id> questions = content.holdQuestions(300);
    Program program(content);
    Window window(program, questionsLocation(content.spaceId));
    QListView& list = window.list();
    while (list.model()->rowCount() <= 200)
        list.model()->fetchMore({});
    list.scrollTo(list.model()->index(200, 0), QAbstractItemView::PositionAtCenter);
    const int rows = list.model()->rowCount();
    const int at = list.verticalScrollBar()->value();
    REQUIRE(at > 0);

    list.setCurrentIndex(list.model()->index(200, 0));
    REQUIRE(window.place.location().post == questions[99]);
    CHECK(window.thread().root() == questions[99]);
    CHECK(list.model()->rowCount() == rows);
    CHECK(list.currentIndex().row() == 200);
    CHECK(list.verticalScrollBar()->value() == at);
}

TEST_CASE("a vote in the thread disturbs nobody who is writing")
{
    Content content;
    const Id question = content.hold(content.question("Why?"));
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, question));
    QPointer<QPlainTextEdit> editor = window.answer();
    REQUIRE(editor);
    editor->setFocus();
    QTest::keyClicks(editor, QStringLiteral("Half an answer"));
    editor->moveCursor(QTextCursor::StartOfLine);
    editor->moveCursor(QTextCursor::NextWord);
    const int cursor = editor->textCursor().position();

    REQUIRE(window.vote()->isEnabled());
    window.vote()->click();
    REQUIRE(eventually([&] { return named<QLabel>(window.thread(), QStringLiteral("Score 1")) != nullptr; }));
    REQUIRE(editor);
    CHECK(editor == window.answer());
    CHECK(editor->hasFocus());
    CHECK(editor->textCursor().position() == cursor);
    CHECK(editor->toPlainText() == QStringLiteral("Half an answer"));
    CHECK(window.vote()->isChecked());
}

TEST_CASE("a comment that is being written stays open while much arrives")
{
    Content content;
    const Id question = content.hold(content.question("Why?"));
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, question));
    window.act("Comment")->click();
    QPointer<QPlainTextEdit> editor;
    REQUIRE(eventually([&] { return (editor = window.comment()) && editor->hasFocus(); }));
    QTest::keyClicks(editor, QStringLiteral("Do you mean"));

    window.place.refresh(bulkIn(content.spaceId));
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    REQUIRE(editor);
    CHECK(editor->hasFocus());
    CHECK(editor->toPlainText() == QStringLiteral("Do you mean"));
}

TEST_CASE("a comment that was left with Esc is gone on with")
{
    Content content;
    const Id question = content.hold(content.question("Why?"));
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, question));
    window.act("Comment")->click();
    QPointer<QPlainTextEdit> editor;
    REQUIRE(eventually([&] { return (editor = window.comment()) && editor->hasFocus(); }));
    QTest::keyClicks(editor, QStringLiteral("Do you mean"));
    QTest::keyClick(editor, Qt::Key_Escape);
    REQUIRE_FALSE(window.comment());
    REQUIRE(window.act("Go on with your comment"));
    window.act("Go on with your comment")->click();
    REQUIRE(eventually([&] { return window.comment() != nullptr; }));
    CHECK(window.comment()->toPlainText() == QStringLiteral("Do you mean"));
}

TEST_CASE("a comment that was sent is seen, also below many others")
{
    Content content;
    const v1::Record asked = content.question("Why?");
    const Id question = content.hold(asked);
    for (int i = 0; i < 12; ++i)
        content.hold(content.below(asked, v1::COMMENT, "Comment " + std::to_string(i)));
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, question));
    CHECK(window.act("Show 4 more comments"));
    window.act("Comment")->click();
    QPointer<QPlainTextEdit> editor;
    REQUIRE(eventually([&] { return (editor = window.comment()) && editor->hasFocus(); }));
    QTest::keyClicks(editor, QStringLiteral("Mine"));
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    CHECK(eventually([&] { return named<QWidget>(window.thread(), QStringLiteral("Comment by Ada")) != nullptr; }));
    CHECK(eventually([&] { return !editor; }));
}

TEST_CASE("one's own answer shows below the question as soon as it is sent")
{
    Content content;
    const Id question = content.hold(content.question("Why?"));
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, question));
    QPlainTextEdit* editor = window.answer();
    QTest::keyClicks(editor, QStringLiteral("Because"));
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    CHECK(eventually([&] { return named<QWidget>(window.thread(), QStringLiteral("Answer by Ada")) != nullptr; }));
    CHECK(eventually([&] { return editor->toPlainText().isEmpty(); }));
    CHECK(editor == window.answer());
}

TEST_CASE("a link to a comment opens it wherever it hides")
{
    Content content;
    const v1::Record asked = content.question("Why?");
    const Id question = content.hold(asked);
    v1::Record answer;
    for (int i = 0; i < 20; ++i) {
        answer = content.below(asked, v1::ANSWER, "Answer " + std::to_string(i));
        content.hold(answer);
    }
    Id last;
    for (int i = 0; i < 10; ++i)
        last = content.hold(content.below(answer, v1::COMMENT, "Comment " + std::to_string(i)));
    Program program(content);
    Location location = questionsLocation(content.spaceId, question);
    location.within = last;
    Window window(program, location);
    int comments = 0;
    for (const QWidget* each : window.thread().findChildren<QWidget*>())
        comments += each->accessibleName() == QStringLiteral("Comment by Bea");
    CHECK(comments == 10);
}

TEST_CASE("a long answer is read with the keyboard alone")
{
    Content content;
    const v1::Record asked = content.question("Why?");
    const Id question = content.hold(asked);
    std::string paragraphs;
    for (int i = 0; i < 100; ++i)
        paragraphs += "One more reason.\n\n";
    content.hold(content.below(asked, v1::ANSWER, paragraphs));
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, question));
    auto* text = named<DocumentView>(window.thread(), QStringLiteral("Answer by Bea"));
    REQUIRE(text);
    QScrollBar* bar = window.thread().findChild<QScrollArea*>()->verticalScrollBar();
    REQUIRE(eventually([&] { return text->isComplete() && bar->maximum() > 2 * bar->pageStep(); }));
    text->setFocus();
    const int before = bar->value();
    QTest::keyClick(text, Qt::Key_PageDown);
    CHECK(bar->value() > before);
    QTest::keyClick(text, Qt::Key_PageUp);
    CHECK(bar->value() == before);
}

TEST_CASE("nobody votes on their own post, and it says so; others' posts do not")
{
    Content content;
    v1::Record own = content.question("Mine");
    REQUIRE(content.receive(content.space(), {own}) == Replica::Received::AtHead);
    const Id question = content.hold(content.question("Why?"));
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, stoa::test::idOf(own)));
    CHECK_FALSE(window.vote()->isEnabled());
    CHECK(window.vote()->toolTip() == QStringLiteral("Your own posts are for others to vote on"));
    window.place.open(questionsLocation(content.spaceId, question));
    REQUIRE(eventually([&] { return window.vote() != nullptr; }));
    CHECK(window.vote()->isEnabled());
    CHECK(window.vote()->toolTip() == QStringLiteral("This is useful"));
}

TEST_CASE("a space that is set aside offers nothing to write")
{
    Content content;
    const Id question = content.hold(content.question("Why?"));
    content.setAside();
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, question));
    CHECK(window.answer() == nullptr);
    CHECK(window.act("Comment") == nullptr);
    CHECK(labelled<QPushButton>(window.place, QStringLiteral("Ask")) == nullptr);
    CHECK_FALSE(window.vote()->isEnabled());
    CHECK(window.vote()->toolTip() == QStringLiteral("This space can only be read now"));
}

TEST_CASE("every tag of a large community can be chosen")
{
    Content content;
    for (int i = 0; i < 100; ++i) {
        v1::Record question = content.question("Question");
        question.mutable_post()->add_tags("tag" + std::to_string(i));
        content.hold(question);
    }
    Program program(content);
    Window window(program, questionsLocation(content.spaceId));
    CHECK(named<QComboBox>(window.place, QStringLiteral("Tag"))->count() == 101);
}

TEST_CASE("bookmarks are pages and questions")
{
    Content content;
    const Id question = content.hold(content.question("Why?"));
    v1::Record page = content.question("How we work");
    page.mutable_post()->set_kind(v1::PAGE);
    page.mutable_post()->set_body("As a team.");
    const Id pageId = content.hold(page);
    Program program(content);
    Location bookmarks = questionsLocation({});
    bookmarks.bookmarked = true;
    Window window(program, bookmarks);
    CHECK(window.rows().rowCount() == 0);
    program.worker->submit({bookmark(program.desk.pen, question, true), bookmark(program.desk.pen, pageId, true)});
    REQUIRE(eventually([&] { return window.rows().rowCount() == 2; }));

    window.place.open([&] {
        Location to = bookmarks;
        to.post = pageId;
        return to;
    }());
    CHECK(window.thread().title() == QStringLiteral("How we work"));
    CHECK(window.answer() == nullptr);
    CHECK(window.act("Open among the pages"));
    CHECK(window.act("Remove bookmark"));
}

TEST_CASE("one's own question and comment are deleted where they stand, but no question that others have answered")
{
    Content content;
    const auto mine = [&](const v1::Record& made) {
        REQUIRE(content.receive(content.space(), {made}) == Replica::Received::AtHead);
        return idOf(made);
    };
    const v1::Record asked = content.question("Mine?"), answered = content.question("Answered?");
    const Id question = mine(asked), other = mine(answered);
    const Id comment = mine(content.below(answered, v1::COMMENT, "Nobody?"));
    content.hold(content.below(answered, v1::ANSWER, "Yes."));
    Program program(content);
    Window window(program, questionsLocation(content.spaceId, other));
    const auto asks = [&](const char* words) {
        for (const QLabel* each : window.thread().findChildren<QLabel*>())
            if (each->isVisible() && each->text().contains(QString::fromUtf8(words)))
                return true;
        return false;
    };
    // The nth that is there, once it is.
    const auto press = [&](const char* name, int nth = 0) {
        INFO(name);
        QPushButton* found = nullptr;
        REQUIRE(eventually([&] {
            int before = nth;
            for (QPushButton* each : window.thread().findChildren<QPushButton*>())
                if (each->isVisible() && each->text() == QString::fromUtf8(name) && before-- == 0)
                    found = each;
            return found != nullptr;
        }));
        found->click();
    };
    press("Delete");
    CHECK(asks("Others have answered it"));
    press("Close");
    press("Delete", 1);
    CHECK(asks("Delete this comment?"));
    press("Delete", 2); // the bar's
    CHECK(eventually([&] { return !post(*program.reading, comment); }));
    CHECK(post(*program.reading, other));

    window.place.open(questionsLocation(content.spaceId, question));
    press("Delete");
    CHECK(asks("Delete “Mine?”?"));
    press("Keep");
    CHECK(post(*program.reading, question));
    press("Delete");
    press("Delete", 1);
    CHECK(eventually([&] { return !post(*program.reading, question); }));
}
