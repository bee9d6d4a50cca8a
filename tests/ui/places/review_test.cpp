// Proposals, reviews and what is to be confirmed, as people meet them.

#include <QDialog>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QTextBlock>

#include "client/replica/queries_review.h"
#include "client/ui/document/document_view.h"
#include "client/ui/home/home_place.h"
#include "client/ui/pages/pages_place.h"
#include "client/ui/review/line_places.h"
#include "client/ui/review/review_place.h"
#include "client/ui/review/review_settings.h"
#include "client/ui/review/review_view.h"
#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "tests/ui/places/reviewed.h"

using namespace stoa;
using namespace stoa::test;

TEST_CASE("a line is found by its letters, whatever marks it has")
{
    const QString text = QStringLiteral(
        "# Keys\n\n1. Ask *Ben* for [a key](x).\n\n| who | when |\n|---|---|\n| Ada | 3 |\n\nAt last\nthis.\n");
    CHECK(lineShownAs(text, QStringLiteral("Keys")) == 1);
    CHECK(lineShownAs(text, QStringLiteral("Ask Ben for a key.")) == 3);
    CHECK(lineShownAs(text, QStringLiteral("Ada 3 ")) == 7);
    CHECK(lineShownAs(text, QStringLiteral("At last this.")) == 9);
    CHECK(lineShownAs(text, QStringLiteral("Nowhere")) == 0);
    CHECK(lineAt(text, 3) == QStringLiteral("1. Ask *Ben* for [a key](x)."));
    CHECK(lineAt(text, 0).isEmpty());
    const ShownLines shown(parseMarkdown(text.toStdString()).blocks);
    CHECK(shown.blockWith(QStringLiteral("1. Ask *Ben* for [a key](x).")) == size_t{1});
    CHECK(shown.blockWith(QStringLiteral("| Ada | 3 |")) == size_t{2});
    CHECK(shown.blockWith(QStringLiteral("Ask Ben")) == size_t{1});  // the beginning of one
    CHECK(shown.blockWith(QStringLiteral("this.")) == std::nullopt); // too little to be sure of
    CHECK_FALSE(shown.blockWith(QStringLiteral("---")));
}

TEST_CASE("a proposal says whom it waits for, shows what it changes, and what was said of its lines")
{
    Reviewed content;
    const Id page = content.page("Ask Ben for a key.\n\nThen wait.\n", {content.me, content.cleo});
    const Id proposal = content.proposal(content.bea, "Ask Dee for a key.\n\nThen wait.\n", "Ben has left");
    content.mark(proposal, content.cleo, v1::APPROVAL, markOfRevision(7));
    content.comment(proposal, "Ask Dee for a key.", 1, "Is she back by then?");
    content.comment(proposal, "A line that went", 3, "Why this?");
    content.comment(proposal, {}, 0, "Good that somebody did it.");
    Program program(content);
    Tabbed review(program, makeReviewPlace, proposalsLocation(content.spaceId, page));
    CHECK(review.says("Ben has left"));
    CHECK(hasLabel(*review.place, QStringLiteral("Waits for Ada; Cleo approved.")));
    CHECK(review.says("Takes effect as soon as it is approved"));
    CHECK(shownText(*review.place).contains(QStringLiteral("Ask BenDee for a key.")));
    CHECK(shownText(*review.place).contains(QStringLiteral("Is she back by then?")));
    CHECK(shownText(*review.place).contains(QStringLiteral("On a line that has changed since:")));
    CHECK(hasLabel(*review.place,
                   QStringLiteral("2 comments · 1 comment beside a line"))); // those that are not beside a line
    CHECK(review.button("Withdraw") == nullptr);
    CHECK(review.button("Edit the draft") == nullptr);

    REQUIRE(review.button("Approve") != nullptr);
    review.button("Approve")->setFocus();
    review.button("Approve")->click();
    REQUIRE(eventually([&] { return stoa::proposal(*program.reading, proposal)->myApproval == 1; }));
    REQUIRE(eventually([&] { return review.button("Approve") == nullptr; }));
    REQUIRE(review.button("Take back what I said") != nullptr);
    // A key more takes nothing with it that cannot be taken back.
    CHECK(review.button("Take back what I said")->hasFocus());
    review.button("Ask for changes")->click();
    // What has to be different is said at once.
    REQUIRE(QApplication::focusWidget());
    CHECK(QApplication::focusWidget()->accessibleName() == QStringLiteral("Your comment"));
    REQUIRE(
        eventually([&] { return hasLabel(*review.place, QStringLiteral("Ada asked for changes; Cleo approved.")); }));

    review.button("The draft")->click();
    CHECK(shownText(*review.place).contains(QStringLiteral("Ask Dee for a key.")));
    CHECK_FALSE(shownText(*review.place).contains(QStringLiteral("BenDee")));
}

TEST_CASE("what was approved before an edit is shown as an earlier version")
{
    Reviewed content;
    content.page("One.", {content.cleo});
    const Id proposal = content.proposal(content.me, "Two.", "Better");
    content.mark(proposal, content.cleo, v1::APPROVAL, markOfRevision(3));
    Program program(content);
    Tabbed review(program, makeReviewPlace, reviewLocation(content.spaceId, proposal));
    CHECK(review.says("Approved an earlier version"));
    CHECK(hasLabel(*review.place, QStringLiteral("Waits for Cleo; Cleo approved an earlier version.")));
    CHECK(review.button("Approve") == nullptr);
    REQUIRE(review.button("Edit the draft") != nullptr);
    review.button("Edit the draft")->click();
    REQUIRE(review.wanted.size() == 1);
    CHECK(review.wanted[0].write);
    review.button("Withdraw")->click();
    REQUIRE(eventually([&] { return review.button("Open it again") != nullptr; }));
    CHECK(hasLabel(*review.place, QStringLiteral("It was withdrawn by its author")));
}

TEST_CASE("nothing is said of a long text before it is shown")
{
    Reviewed content;
    std::string text;
    for (int i = 0; i < 2'000; ++i)
        text += "Ask Ben for key " + std::to_string(i) + ".\n\n";
    content.page(text, {content.me});
    const Id proposal = content.proposal(content.bea, text + "Then wait.\n", "More to do");
    Program program(content);
    const std::unique_ptr<Place> place(makeReviewPlace(program.desk, nullptr));
    place->open(reviewLocation(content.spaceId, proposal));
    const auto button = [&](const char* name) {
        for (QPushButton* each : place->findChildren<QPushButton*>())
            if (each->text() == QLatin1String(name))
                return each;
        return static_cast<QPushButton*>(nullptr);
    };
    for (const char* name : {"Approve", "Ask for changes"}) {
        REQUIRE(button(name) != nullptr);
        CHECK_FALSE(button(name)->isHidden());
        CHECK_FALSE(button(name)->isEnabled());
    }
    CHECK(button("Decline")->isEnabled());
    shown(*place);
    REQUIRE(eventually([&] { return button("Approve")->isEnabled(); }));
    CHECK(button("Ask for changes")->isEnabled());
    button("Approve")->click();
    REQUIRE(eventually([&] { return stoa::proposal(*program.reading, proposal)->myApproval == 1; }));
}

TEST_CASE("a text that came in this moment is not approved by a click that was meant for the one before")
{
    Reviewed content;
    content.page("One.", {content.me});
    const Id proposal = content.proposal(content.bea, "Two.", "Better");
    Program program(content);
    Tabbed review(program, makeReviewPlace, reviewLocation(content.spaceId, proposal));
    REQUIRE(review.button("Approve") != nullptr);
    arrives(content, [&] {
        content.proposalMade.set_revision(2);
        content.proposalMade.mutable_post()->set_body("Three.");
        content.proposalMade.mutable_post()->mutable_body_version()->set_revision(8);
        REQUIRE(content.receive(content.space(), {content.proposalMade}) == Replica::Received::AtHead);
    });
    review.button("Approve")->click();
    // What is done afterwards is stored afterwards.
    program.worker->submit({stoa::bookmark(program.desk.pen, proposal, true)});
    REQUIRE(eventually([&] { return post(*program.reading, proposal)->bookmarked; }));
    CHECK(stoa::proposal(*program.reading, proposal)->approvals.isEmpty());
    review.place->refresh(touchedPosts(content.spaceId, {proposal}));
    REQUIRE(eventually([&] { return shownText(*review.place).contains(QStringLiteral("Three.")); }));
    review.button("Approve")->click();
    REQUIRE(eventually([&] { return stoa::proposal(*program.reading, proposal)->myApproval == 1; }));
}

TEST_CASE("what was approved and waits for its date can be taken back")
{
    Reviewed content;
    content.page("One.", {content.me});
    const Id proposal =
        content.proposal(content.bea, "Two.", "Later", v1::PROPOSAL_WAITING, content.nowMs + 86'400'000);
    content.mark(proposal, content.me, v1::APPROVAL, markOfRevision(7));
    Program program(content);
    Tabbed review(program, makeReviewPlace, reviewLocation(content.spaceId, proposal));
    CHECK(review.button("Approve") == nullptr);
    CHECK(review.button("Ask for changes") == nullptr);
    REQUIRE(review.button("Take back what I said") != nullptr);
    review.button("Take back what I said")->click();
    REQUIRE(eventually([&] { return stoa::proposal(*program.reading, proposal)->approvals.isEmpty(); }));
    REQUIRE(eventually([&] { return review.button("Take back what I said") == nullptr; }));
}

TEST_CASE("a line is commented on by the keyboard, and the comment stands below it")
{
    Reviewed content;
    content.page("Ask Ben for a key.\n\nThen wait.\n");
    const Id proposal = content.proposal(content.bea, "Ask Dee for a key.\n\nThen wait.\n", "Ben has left");
    Program program(content);
    Tabbed review(program, makeReviewPlace, reviewLocation(content.spaceId, proposal));
    DocumentView* changed = named<DocumentView>(*review.place, QStringLiteral("Changed text"));
    REQUIRE(changed != nullptr);
    changed->setFocus();
    QTest::keyClick(changed, Qt::Key_C);
    QPlainTextEdit* field = review.text("Your comment on this line");
    REQUIRE(field != nullptr);
    QTest::keyClicks(field, QStringLiteral("Is she back?"));
    QTest::keyClick(field, Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(eventually([&] { return shownText(*review.place).contains(QStringLiteral("Is she back?")); }));
    const auto said = thread(*program.reading, proposal);
    REQUIRE(said->comments.size() == 1);
    const LineAnchor at = anchors(*program.reading, proposal).at(said->comments[0].row.id);
    CHECK(at.line == 1);
    CHECK(at.quote == QStringLiteral("Ask Dee for a key."));
    // It stands beside its line, not below.
    CHECK(review.says("1 comment beside a line"));
    CHECK_FALSE(review.says("No comment yet"));
}

TEST_CASE("who has commented on a line goes on from there")
{
    Reviewed content;
    std::string before, after;
    for (int i = 0; i < 30; ++i) {
        before += "Step " + std::to_string(i) + ".\n\n";
        after += (i % 3 == 0 ? "Stride " : "Step ") + std::to_string(i) + ".\n\n";
    }
    content.page(before);
    const Id proposal = content.proposal(content.bea, after, "Longer legs");
    Program program(content);
    Tabbed review(program, makeReviewPlace, reviewLocation(content.spaceId, proposal));
    const auto line = [&] {
        auto* text = qobject_cast<DocumentView*>(QApplication::focusWidget());
        return text ? text->textCursor().block().text() : QString();
    };
    review.place->takeFocus();
    for (int i = 0; i < 15 && !line().contains(QStringLiteral("21.")); ++i)
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_N);
    const QString at = line();
    REQUIRE(at.contains(QStringLiteral("21.")));
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_C);
    QPlainTextEdit* field = review.text("Your comment on this line");
    REQUIRE(field != nullptr);
    const auto* column = review.place->findChild<ProposalView*>()->findChild<QScrollArea*>();
    QTest::keyClicks(field, QStringLiteral("How long?"));
    const int place = column->verticalScrollBar()->value();
    SECTION("sent")
    {
        QTest::keyClick(field, Qt::Key_Return, Qt::ControlModifier);
        REQUIRE(eventually([&] { return shownText(*review.place).contains(QStringLiteral("How long?")); }));
    }
    SECTION("left for later")
    {
        QTest::keyClick(field, Qt::Key_Escape);
        REQUIRE(eventually([&] { return review.text("Your comment on this line") == nullptr; }));
    }
    CHECK(line() == at);
    CHECK(std::abs(column->verticalScrollBar()->value() - place) < column->viewport()->height() / 4);
}

TEST_CASE("home says what waits for somebody's review, their own proposals and what they are to confirm")
{
    Reviewed content;
    content.page("One.", {content.me});
    content.proposal(content.bea, "Two.", "For Ada to decide");
    content.proposal(content.me, "Three.", "Ada's own");
    v1::Record rules = pageRecord(content, "House rules", {}, v1::PAGE, "Be kind.");
    rules.mutable_post()->set_required(true);
    content.hold(rules);
    Program program(content);
    Tabbed home(program, makeHomePlace, homeLocation());
    const auto row = [&](const char* name) {
        for (QPushButton* each : home.place->findChildren<QPushButton*>())
            if (each->isVisibleTo(home.place.get()) && each->accessibleName().contains(QLatin1String(name)))
                return each;
        return static_cast<QPushButton*>(nullptr);
    };
    REQUIRE(row("For Ada to decide") != nullptr);
    CHECK(row("Ada's own") != nullptr);
    REQUIRE(row("House rules") != nullptr);
    row("For Ada to decide")->click();
    REQUIRE(home.wanted.size() == 1);
    CHECK(home.wanted[0].kind == Location::Kind::Review);
}

TEST_CASE("a page that is to be confirmed asks for it, and again only for what changed since")
{
    Reviewed content;
    const Id page = content.page("Be kind.\n\nBe early.\n", {}, true);
    content.pageMade.mutable_post()->mutable_body_version()->set_revision(1);
    content.pageMade.set_revision(2);
    REQUIRE(content.receive(content.space(), {content.pageMade}) == Replica::Received::AtHead);
    SECTION("the first time")
    {
        Program program(content);
        Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, page));
        CHECK(pages.says("Please read this page and confirm that you did."));
        CHECK(pages.button("Show what changed") == nullptr);
        pages.button("Confirm")->click();
        REQUIRE(eventually([&] { return pages.button("Confirm") == nullptr; }));
        CHECK(confirmedRevision(*program.reading, page) == quint64{1});
    }
    SECTION("and once it changed")
    {
        content.mark(page, content.me, v1::CONFIRMED, markOfRevision(1));
        v1::RevisionPage history;
        history.set_post(page.str());
        history.set_first(true);
        const std::string bodies[] = {"", "Be kind.\n\nBe early.\n", "Be kind.\n\nBe late.\n"};
        for (int i = 3; i-- > 0;) {
            v1::Revision& revision = *history.add_revisions();
            revision.mutable_version()->set_revision(uint64_t(i));
            revision.set_after(i == 0 ? 0 : uint64_t(i) - 1);
            revision.set_text(encode(diff(i == 0 ? std::string() : bodies[i - 1], bodies[i])));
        }
        content.pageMade.set_revision(3);
        content.pageMade.mutable_post()->set_body(bodies[2]);
        content.pageMade.mutable_post()->mutable_body_version()->set_revision(2);
        REQUIRE(content.receive(content.space(), {content.pageMade}) == Replica::Received::AtHead);
        content.within([&] { REQUIRE_FALSE(content.replica->receive(history).has_value()); });
        Program program(content);
        Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, page));
        CHECK(hasLabel(*pages.place, QStringLiteral("Changed since you confirmed it (")));
        pages.button("Show what changed")->click();
        REQUIRE(eventually([&] { return shownText(*pages.place).contains(QStringLiteral("Be earlylate.")); }));
        CHECK_FALSE(named<DocumentView>(*pages.place, QStringLiteral("The page's text")));
        pages.button("Show the page")->click();
        CHECK(named<DocumentView>(*pages.place, QStringLiteral("The page's text")));
        pages.button("Confirm")->click();
        REQUIRE(eventually([&] { return pages.button("Confirm") == nullptr; }));
        CHECK(confirmedRevision(*program.reading, page) == quint64{2});
    }
}

TEST_CASE("what came in this moment is not confirmed before it is shown")
{
    Reviewed content;
    const Id page = content.page("Be kind.", {}, true);
    Program program(content);
    Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, page));
    QStringList said;
    QObject::connect(pages.place.get(), &Place::said, pages.place.get(),
                     [&](const QString& sentence) { said << sentence; });
    REQUIRE(pages.button("Confirm") != nullptr);
    arrives(content, [&] {
        content.pageMade.set_revision(2);
        content.pageMade.mutable_post()->set_body("Be quick.");
        content.pageMade.mutable_post()->mutable_body_version()->set_revision(1);
        REQUIRE(content.receive(content.space(), {content.pageMade}) == Replica::Received::AtHead);
    });
    pages.button("Confirm")->click();
    REQUIRE(said.size() == 1);
    CHECK(said[0].startsWith(QStringLiteral("The page has changed this moment.")));
    CHECK_FALSE(confirmedRevision(*program.reading, page));
    pages.place->refresh(touchedPosts(content.spaceId, {page}));
    REQUIRE(eventually([&] { return shownText(*pages.place).contains(QStringLiteral("Be quick.")); }));
    pages.button("Confirm")->click();
    REQUIRE(eventually([&] { return confirmedRevision(*program.reading, page) == quint64{1}; }));
}

TEST_CASE("moderators say who reviews a page and see who confirmed it")
{
    Reviewed content(v1::MODERATOR);
    const Id page = content.page("Be kind.", {}, true);
    content.mark(page, content.bea, v1::CONFIRMED, markOfRevision(0));
    Program program(content);
    Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, page));
    SECTION("the reviewers")
    {
        openReviewSettings(program.desk, page, pages.place.get());
        QDialog* dialog = pages.place->window()->findChild<QDialog*>();
        REQUIRE(dialog != nullptr);
        labelled<QPushButton>(*dialog, QStringLiteral("Asks for review"))->click();
        QLineEdit* field = named<QLineEdit>(*dialog, QStringLiteral("Add a reviewer"));
        REQUIRE(field != nullptr);
        QTest::keyClicks(field, QStringLiteral("Cle"));
        QTest::keyClick(field, Qt::Key_Return);
        REQUIRE(eventually([&] { return labelled<QLabel>(*dialog, QStringLiteral("Cleo")) != nullptr; }));
        labelled<QPushButton>(*dialog, QStringLiteral("Done"))->click();
        REQUIRE(eventually([&] { return review(*program.reading, page)->asks; }));
        REQUIRE(eventually([&] { return review(*program.reading, page)->reviewers.size() == 1; }));
        CHECK(review(*program.reading, page)->reviewers[0].id == content.cleo);
        REQUIRE(eventually([&] { return pages.says("Asks for review"); }));
    }
    SECTION("who confirmed")
    {
        openConfirmations(program.desk, page, pages.place.get());
        QDialog* dialog = pages.place->window()->findChild<QDialog*>();
        REQUIRE(dialog != nullptr);
        CHECK(labelled<QLabel>(*dialog, QStringLiteral("1 of 3 members confirmed the page as it is now.")));
        CHECK(labelled<QLabel>(*dialog, QStringLiteral("Not yet")));
        CHECK(hasLabel(*dialog, QStringLiteral("Confirmed ")));
    }
}
