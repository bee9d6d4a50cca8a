// How people propose what a page should say, and find their way among proposals.

#include <QCalendarWidget>
#include <QLineEdit>
#include <QListView>
#include <QTextBlock>

#include "client/replica/queries_review.h"
#include "client/ui/document/document_view.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/pages/pages_place.h"
#include "client/ui/review/review_place.h"
#include "client/ui/widgets/date_field.h"
#include "tests/ui/places/reviewed.h"

using namespace stoa;
using namespace stoa::test;

TEST_CASE("a page that asks for review is changed by a proposal, which is made when one says so")
{
    Reviewed content;
    const Id page = content.page("Ask Ben for a key.");
    Program program(content);
    Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, page));
    CHECK(pages.says("Asks for review"));
    CHECK(pages.button("Edit") == nullptr);
    REQUIRE(pages.button("Propose a change") != nullptr);
    pages.button("Propose a change")->click();
    REQUIRE(pages.wanted.size() == 1);
    CHECK(pages.wanted[0] == newProposalLocation(content.spaceId, page));
    const auto proposed = [&] { return proposalsOf(*program.reading, page, 10); };

    {
        Tabbed writing(program, makeReviewPlace, pages.wanted[0]);
        MarkdownEditor* editor = named<MarkdownEditor>(*writing.place, QStringLiteral("The draft's source"));
        REQUIRE(editor != nullptr);
        CHECK(editor->text() == QStringLiteral("Ask Ben for a key."));
        QTest::keyClick(editor, Qt::Key_End);
        QTest::keyClicks(editor, QStringLiteral(" Soon."));
        // Without a reason nothing is made, and the draft stays when one leaves.
        writing.button("Propose")->click();
        CHECK(hasLabel(*writing.place, QStringLiteral("Say in a few words why")));
        CHECK(proposed().isEmpty());
        QLineEdit* reason = named<QLineEdit>(*writing.place, QStringLiteral("Reason"));
        QTest::keyClicks(reason, QStringLiteral("x"));
        CHECK_FALSE(hasLabel(*writing.place, QStringLiteral("Say in a few words why")));
        QTest::keyClick(reason, Qt::Key_Backspace);
        writing.button("Later")->click();
    }
    REQUIRE(eventually([&] {
        return draft(*program.reading, QStringLiteral("propose/") + QString::fromStdString(page.hex())).has_value();
    }));
    Tabbed writing(program, makeReviewPlace, pages.wanted[0]);
    MarkdownEditor* editor = named<MarkdownEditor>(*writing.place, QStringLiteral("The draft's source"));
    CHECK(editor->text() == QStringLiteral("Ask Ben for a key. Soon."));
    QLineEdit* reason = named<QLineEdit>(*writing.place, QStringLiteral("Reason"));
    QTest::keyClicks(reason, QStringLiteral("It was unclear when"));
    QTest::keyClick(editor, Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(eventually([&] { return proposed().size() == 1; }));
    CHECK(proposed()[0].reason == QStringLiteral("It was unclear when"));
    CHECK(body(*program.reading, proposed()[0].row.id) == QStringLiteral("Ask Ben for a key. Soon."));
    CHECK(body(*program.reading, page) == QStringLiteral("Ask Ben for a key."));
    // Then it is shown, and the page says that it is open.
    REQUIRE(eventually([&] { return hasLabel(*writing.place, QStringLiteral("It was unclear when")); }));
    REQUIRE(eventually([&] { return pages.says("1 proposal is open"); }));
    // One's own is gone on with.
    pages.button("Propose a change")->click();
    CHECK(pages.wanted.back().post == proposed()[0].row.id);
    CHECK(pages.wanted.back().write);
}

TEST_CASE("a draft is moved onto what the page became before it was proposed")
{
    Reviewed content;
    const Id page = content.page("One.\n\nTwo.\n\nThree.\n");
    Program program(content);
    {
        Tabbed writing(program, makeReviewPlace, newProposalLocation(content.spaceId, page));
        MarkdownEditor* editor = named<MarkdownEditor>(*writing.place, QStringLiteral("The draft's source"));
        QTest::keyClick(editor, Qt::Key_End, Qt::ControlModifier);
        QTest::keyClicks(editor, QStringLiteral("Four."));
        writing.button("Later")->click();
    }
    arrives(content, [&] {
        content.pageMade.set_revision(2);
        content.pageMade.mutable_post()->set_body("Zero.\n\nOne.\n\nTwo.\n\nThree.\n");
        REQUIRE(content.receive(content.space(), {content.pageMade}) == Replica::Received::AtHead);
    });
    Tabbed writing(program, makeReviewPlace, newProposalLocation(content.spaceId, page));
    MarkdownEditor* editor = named<MarkdownEditor>(*writing.place, QStringLiteral("The draft's source"));
    CHECK(editor->text() == QStringLiteral("Zero.\n\nOne.\n\nTwo.\n\nThree.\nFour."));
}

TEST_CASE("a time that was set elsewhere stays when something else of the proposal is altered")
{
    Reviewed content;
    content.page("One.");
    const int64_t dateMs = QDateTime(QDate(2031, 3, 4), QTime(10, 35)).toMSecsSinceEpoch();
    const Id proposal = content.proposal(content.me, "Two.", "Better", v1::PROPOSAL_OPEN, dateMs);
    Program program(content);
    Location location = reviewLocation(content.spaceId, proposal);
    location.write = true;
    Tabbed writing(program, makeReviewPlace, location);
    QLineEdit* reason = named<QLineEdit>(*writing.place, QStringLiteral("Reason"));
    REQUIRE(reason != nullptr);
    QTest::keyClicks(reason, QStringLiteral(" by far"));
    writing.button("Done")->click();
    const auto now = [&] { return *stoa::proposal(*program.reading, proposal); };
    REQUIRE(eventually([&] { return now().reason == QStringLiteral("Better by far"); }));
    CHECK(now().effectiveMs == dateMs);
}

TEST_CASE("a draft of a text that lies too far back says what is to be done, and is not opened again")
{
    Reviewed content(v1::MODERATOR);
    content.page("One.");
    const Id proposal = content.proposal(content.bea, "Two.", "Better", v1::PROPOSAL_DECLINED);
    Program program(content);
    Tabbed review(program, makeReviewPlace, reviewLocation(content.spaceId, proposal));
    CHECK(review.button("Open it again") != nullptr);
    arrives(content, [&] {
        content.proposalMade.set_revision(2);
        content.proposalMade.add_writers()->set_field(v1::PROPOSAL_STATE);
        REQUIRE(content.receive(content.space(), {content.proposalMade}) == Replica::Received::AtHead);
    });
    review.place->refresh(touchedPosts(content.spaceId, {proposal}));
    REQUIRE(eventually([&] { return hasLabel(*review.place, QStringLiteral("copy what is to be kept")); }));
    CHECK(review.button("Open it again") == nullptr);
}

TEST_CASE("the keys of a proposal work once it is shown, and are letters where somebody writes")
{
    Reviewed content;
    std::string before, after;
    for (int i = 0; i < 12; ++i) {
        before += "Step " + std::to_string(i) + ".\n\n";
        after += (i % 6 == 0 ? "Stride " : "Step ") + std::to_string(i) + ".\n\n";
    }
    content.page(before);
    const Id proposal = content.proposal(content.me, after, "Longer legs");
    Program program(content);
    Tabbed review(program, makeReviewPlace, reviewLocation(content.spaceId, proposal));
    review.place->takeFocus();
    QWidget* list = review.place->findChild<QListView*>();
    const auto textWithKeys = [&] {
        auto* text = qobject_cast<DocumentView*>(review.place->focusWidget());
        return text ? text->textCursor().block().text().toStdString() : std::string();
    };
    SECTION("N and P")
    {
        REQUIRE(review.place->focusWidget() == list);
        QTest::keyClick(list, Qt::Key_N);
        CHECK(textWithKeys().find("0.") != std::string::npos);
        list->setFocus();
        QTest::keyClick(list, Qt::Key_P);
        CHECK(textWithKeys().find("6.") != std::string::npos);
    }
    SECTION("E")
    {
        QTest::keyClick(list, Qt::Key_E);
        REQUIRE(review.wanted.size() == 1);
        CHECK(review.wanted[0].write);
    }
    SECTION("C, of the first line that differs; what is typed then is a comment")
    {
        QTest::keyClick(list, Qt::Key_C);
        QPlainTextEdit* field = review.text("Your comment on this line");
        REQUIRE(field != nullptr);
        QTest::keyClicks(field, QStringLiteral("once"));
        CHECK(field->toPlainText() == QStringLiteral("once"));
        CHECK(review.wanted.isEmpty());
        CHECK(review.place->focusWidget() == field);
    }
}

TEST_CASE("a page says how many of its proposals are open, and which change only waits for its date")
{
    Reviewed content;
    const Id page = content.page("One.");
    const QDate date = QDateTime::fromMSecsSinceEpoch(1'800'000'000'000).date().addDays(400); // a year after today
    const QString day = QLocale().toString(date, QStringLiteral("d MMMM yyyy"));
    content.proposal(content.bea, "Two.", "Later", v1::PROPOSAL_WAITING, date.startOfDay().toMSecsSinceEpoch());
    const auto isSaid = [&](const QString& sentence) {
        Program program(content);
        const Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, page));
        return labelled<QLabel>(*pages.place, sentence) != nullptr;
    };
    CHECK(isSaid(QStringLiteral("1 approved change takes effect on ") + day));
    content.open();
    content.proposal(content.bea, "Three.", "Now");
    CHECK(isSaid(QStringLiteral("1 proposal is open · 1 approved change takes effect on ") + day));
    content.open();
    content.proposal(content.bea, "Four.", "Much later", v1::PROPOSAL_WAITING,
                     date.addDays(1).startOfDay().toMSecsSinceEpoch());
    CHECK(isSaid(QStringLiteral("1 proposal is open · 2 approved changes take effect, the first on ") + day));
}

TEST_CASE("a day that does not lie ahead is not proposed, and it is said why another one stands there")
{
    Reviewed content;
    const Id page = content.page("One.");
    Program program(content);
    Tabbed writing(program, makeReviewPlace, newProposalLocation(content.spaceId, page));
    MarkdownEditor* editor = named<MarkdownEditor>(*writing.place, QStringLiteral("The draft's source"));
    QTest::keyClicks(editor, QStringLiteral("Not "));
    QTest::keyClicks(named<QLineEdit>(*writing.place, QStringLiteral("Reason")), QStringLiteral("It was two"));
    writing.button("On a date")->click();
    DateField* field = named<DateField>(*writing.place, QStringLiteral("Takes effect on"));
    REQUIRE(field != nullptr);
    const QDate today = QDateTime::fromMSecsSinceEpoch(program.desk.pen.now()).date();
    const auto typeDay = [&](const QDate& date) {
        field->setFocus();
        QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(field, date.toString(Qt::ISODate));
        QTest::keyClick(field, Qt::Key_Return, Qt::ControlModifier);
    };
    typeDay(today);
    CHECK(hasLabel(*writing.place, QStringLiteral("does not lie ahead, so tomorrow stands there now")));
    CHECK(field->date() == today.addDays(1));
    field->setDate(today.addDays(-3)); // as by the calendar
    CHECK(field->date() == today.addDays(1));
    CHECK(proposalsOf(*program.reading, page, 10).isEmpty());
    field->setDate(today.addDays(3));
    CHECK_FALSE(hasLabel(*writing.place, QStringLiteral("does not lie ahead")));
    typeDay(today.addDays(2));
    REQUIRE(eventually([&] { return proposalsOf(*program.reading, page, 10).size() == 1; }));
    CHECK(proposalsOf(*program.reading, page, 10)[0].effectiveMs == today.addDays(2).startOfDay().toMSecsSinceEpoch());
}

TEST_CASE("a day is typed whole, in either form, or chosen from the calendar")
{
    const QLocale english(QLocale::English, QLocale::UnitedStates), german(QLocale::German, QLocale::Germany);
    const QDate day(2027, 3, 1);
    for (const char* typed : {"2027-03-01", "2027-3-1", "3/1/2027", "03/01/2027", " 3/1/2027 "})
        CHECK(dayFrom(QString::fromLatin1(typed), english) == day);
    for (const char* typed : {"2027-03-01", "01.03.2027", "1.3.2027"})
        CHECK(dayFrom(QString::fromLatin1(typed), german) == day);
    for (const char* typed : {"", "soon", "2027-13-01", "2027-02-30", "3/1/27", "2027"})
        CHECK_FALSE(dayFrom(QString::fromLatin1(typed), english).isValid());

    Reviewed content;
    const Id page = content.page("Ask Ben.");
    Program program(content);
    Tabbed writing(program, makeReviewPlace, newProposalLocation(content.spaceId, page));
    writing.button("On a date")->click();
    DateField* field = named<DateField>(*writing.place, QStringLiteral("Takes effect on"));
    REQUIRE(field != nullptr);
    CHECK(field->hasFocus());
    const QDate before = field->date();
    const QDate today = QDateTime::fromMSecsSinceEpoch(program.desk.pen.now()).date();
    QTest::keyClicks(field, QStringLiteral("next week"));
    QTest::keyClick(field, Qt::Key_Return);
    CHECK(hasLabel(*writing.place, QStringLiteral("“next week” is no date")));
    CHECK(field->date() == before);
    CHECK(field->hasFocus());
    writing.button("At once")->click(); // of a day nothing is to be said then
    CHECK_FALSE(hasLabel(*writing.place, QStringLiteral("is no date")));
    writing.button("On a date")->click();
    QTest::keyClicks(field, today.addDays(40).toString(Qt::ISODate));
    QTest::keyClick(field, Qt::Key_Return);
    CHECK(field->date() == today.addDays(40));
    CHECK_FALSE(hasLabel(*writing.place, QStringLiteral("is no date")));
    CHECK(named<MarkdownEditor>(*writing.place, QStringLiteral("The draft's source"))->hasFocus());

    field->setFocus();
    QTest::keyClick(field, Qt::Key_Down, Qt::AltModifier);
    auto* calendar = field->findChild<QCalendarWidget*>();
    REQUIRE(calendar != nullptr);
    CHECK(calendar->selectedDate() == today.addDays(40));
    Q_EMIT calendar->activated(today.addDays(41));
    CHECK(eventually([&] { return field->date() == today.addDays(41); }));
    CHECK(field->window()->focusWidget() == field);
}

TEST_CASE("in a narrow window the list of proposals comes first, and Esc leads back to it")
{
    Reviewed content;
    content.page("One.");
    content.proposal(content.bea, "Two.", "First wish");
    const Id second = content.proposal(content.bea, "Three.", "Second wish");
    Program program(content);
    const Id page = post(*program.reading, second)->parent;
    Tabbed review(program, makeReviewPlace, proposalsLocation(content.spaceId, page));
    review.place->open(proposalsLocation(content.spaceId, page));
    CHECK_FALSE(review.place->location().post.isNull()); // where both have room the first one is shown
    review.place->resize(700, 600);
    review.place->open(proposalsLocation(content.spaceId, page));
    auto* list = named<QListView>(*review.place, QStringLiteral("Proposals"));
    REQUIRE(list != nullptr);
    CHECK(eventually([&] { return list->width() == review.place->width(); }));
    CHECK(review.place->location().post.isNull());
    review.place->takeFocus();
    REQUIRE(list->hasFocus());
    const int row =
        list->model()->index(0, 0).data(Qt::DisplayRole).toString().contains(QStringLiteral("Second")) ? 0 : 1;
    list->setCurrentIndex(list->model()->index(row, 0));
    CHECK(review.place->location().post.isNull()); // it is only looked at
    QTest::keyClick(list, Qt::Key_Return);
    REQUIRE(review.wanted.size() == 1);
    CHECK(review.wanted[0].post == second);
    review.place->open(review.wanted[0]);
    CHECK(named<QListView>(*review.place, QStringLiteral("Proposals")) == nullptr);
    review.place->takeFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    REQUIRE(review.wanted.size() == 2);
    CHECK(review.wanted[1] == proposalsLocation(content.spaceId, page));
    review.place->open(review.wanted[1]);
    CHECK(named<QListView>(*review.place, QStringLiteral("Proposals")) != nullptr);
    review.place->takeFocus();
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
    REQUIRE(review.wanted.size() == 3);
    CHECK(review.wanted[2] == pagesLocation(content.spaceId, page));
}

TEST_CASE("proposals that are not there yet say so, and who may proposes")
{
    Reviewed content;
    const Id page = content.page("One.");
    Program program(content);
    Tabbed none(program, makeReviewPlace, proposalsLocation(content.spaceId, page));
    CHECK(none.says("No proposals yet"));
    none.button("Propose a change")->click();
    REQUIRE(none.wanted.size() == 1);
    CHECK(none.wanted[0] == newProposalLocation(content.spaceId, page));
    Tabbed mine(program, makeReviewPlace, myProposalsLocation());
    CHECK(mine.says("Nothing waits for you"));
    Tabbed gone(program, makeReviewPlace, reviewLocation(content.spaceId, content.id()));
    CHECK(gone.says("This proposal is not here"));
}
