// What became of a page, as people see it.

#include <QListView>
#include <QTextBlock>
#include <QTextBrowser>
#include <QToolButton>

#include "client/ui/document/document_view.h"
#include "client/ui/history/difference.h"
#include "client/ui/history/history_place.h"
#include "client/ui/pages/pages_place.h"
#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "tests/support/catch.h"
#include "tests/ui/places/content.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct PagesWithPast : Content {
    // A page that was created with the first of these bodies and then became each of the others; an hour lies between
    // two, if nothing else is said. The even ones are Bea's.
    Id page(const std::vector<std::string>& bodies, int64_t pauseMs = 3'600'000)
    {
        v1::Record made = pageRecord(*this, "Onboarding", {}, v1::PAGE, bodies.back());
        const Id post = hold(made);
        v1::RevisionPage history;
        history.set_post(post.str());
        history.set_first(true);
        for (size_t i = bodies.size(); i-- > 0;) {
            v1::Revision& revision = *history.add_revisions();
            revision.mutable_version()->set_revision(i);
            revision.set_after(i == 0 ? 0 : i - 1);
            revision.set_author((i % 2 == 0 ? bea : me).str());
            revision.set_time_ms(nowMs + int64_t(i) * pauseMs);
            if (i > 0)
                revision.set_change("change");
            revision.set_text(encode(diff(i == 0 ? std::string() : bodies[i - 1], bodies[i])));
            if (i == 1)
                revision.set_summary("Who has the keys");
        }
        within([&] { REQUIRE_FALSE(replica->receive(history).has_value()); });
        return post;
    }
    // With a page that nobody asked for the history of.
    Id unasked() { return hold(pageRecord(*this, "Quiet", {}, v1::PAGE, "As it was.")); }
};

struct OpenedHistory : Tabbed {
    OpenedHistory(const Program& program, const Location& location) : Tabbed(program, makeHistoryPlace, location) {}

    QListView& list() const { return *place->findChild<QListView*>(); }
    // As the page looks.
    QString changes() const
    {
        QString all;
        for (DocumentView* text : place->findChildren<DocumentView*>())
            if (text->isVisibleTo(place.get()) && text->accessibleName() != QStringLiteral("The text then"))
                all += text->toPlainText() + QLatin1Char('\n');
        return all;
    }
    QString source() const
    {
        QTextBrowser* text = named<QTextBrowser>(*place, QStringLiteral("What changed in the source"));
        return text ? text->toPlainText() : QString();
    }
    // What of the text on the right is looked at for, with a line through it or under it.
    QString marked(bool removed) const
    {
        QString all;
        for (DocumentView* text : place->findChildren<DocumentView*>())
            if (text->isVisibleTo(place.get()) && text->accessibleName() != QStringLiteral("The text then"))
                all += markedIn(*text, removed);
        return all;
    }
    static QString markedIn(const QTextBrowser& browser, bool removed)
    {
        QString all;
        const QTextBrowser* text = &browser;
        for (QTextBlock block = text->document()->begin(); block.isValid(); block = block.next())
            for (auto it = block.begin(); !it.atEnd(); ++it) {
                const QTextCharFormat format = it.fragment().charFormat();
                if (removed ? format.fontStrikeOut() : format.fontUnderline())
                    all += it.fragment().text();
            }
        return all;
    }
};

using PieceKind = DifferencePiece::Kind;

} // namespace

TEST_CASE("a difference shows what changed, and of the rest some lines around")
{
    std::string before;
    for (int i = 0; i < 20; ++i)
        before += "line " + std::to_string(i) + "\n";
    std::string after = before;
    after.replace(after.find("line 9"), 6, "row 9");
    const QList<DifferencePiece> pieces = piecesOf(before, diff(before, after), 2);
    REQUIRE(pieces.size() == 6);
    CHECK(pieces[0] == DifferencePiece{PieceKind::LeftOut, {}, 7});
    CHECK(pieces[1] == DifferencePiece{PieceKind::Kept, QStringLiteral("line 7\nline 8\n"), 0});
    CHECK(pieces[4] == DifferencePiece{PieceKind::Kept, QStringLiteral(" 9\nline 10\nline 11\n"), 0});
    CHECK(pieces[5] == DifferencePiece{PieceKind::LeftOut, {}, 8});

    CHECK(piecesOf("one\ntwo", diff("one\ntwo", "one\ntwo three"), 2) ==
          QList<DifferencePiece>{{PieceKind::Kept, QStringLiteral("one\ntwo"), 0},
                                 {PieceKind::Added, QStringLiteral(" three"), 0}});
    CHECK(piecesOf("", diff("", "new"), 2) == QList<DifferencePiece>{{PieceKind::Added, QStringLiteral("new"), 0}});
    CHECK(piecesOf("", {}, 2).isEmpty());
}

TEST_CASE("a history tells who changed what, the page at any time and who wrote each line")
{
    PagesWithPast content;
    const Id post = content.page({"Ask Ben for a key.\nThen wait.\n", "Ask Cleo for a key.\nThen wait.\n",
                                  "Ask Cleo for a key.\nThen wait.\nRead the plan.\n"});
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    REQUIRE(history.list().model()->rowCount() == 3);
    CHECK(history.says("3 stretches of work by 2 people"));
    // Who read it as it was created, too.
    Location sinceCreated = historyLocation(content.spaceId, post);
    sinceCreated.since = 0;
    CHECK(OpenedHistory(program, sinceCreated).list().model()->rowCount() == 4);
    REQUIRE(eventually([&] { return history.changes().contains(QStringLiteral("Read the plan.")); }));
    CHECK(history.marked(false).trimmed() == QStringLiteral("Read the plan."));
    CHECK(history.says("Bea"));
    CHECK(history.button("Restore this text") == nullptr); // it is the page's text

    history.list().setCurrentIndex(history.list().model()->index(1, 0));
    CHECK(history.says("Who has the keys"));
    REQUIRE(eventually([&] { return history.changes().contains(QStringLiteral("Ben")); }));
    CHECK(history.marked(true) == QStringLiteral("Ben"));
    CHECK(history.marked(false) == QStringLiteral("Cleo"));
    CHECK(history.button("Restore this text") != nullptr);

    history.button("The text then")->click();
    DocumentView* text = named<DocumentView>(*history.place, QStringLiteral("The text then"));
    REQUIRE(text != nullptr);
    REQUIRE(eventually([&] { return text->toPlainText().contains(QStringLiteral("Then wait.")); }));
    CHECK_FALSE(text->toPlainText().contains(QStringLiteral("plan")));

    history.button("Who wrote what")->click();
    QTextBrowser* writers = named<QTextBrowser>(*history.place, QStringLiteral("Who wrote what"));
    REQUIRE(writers != nullptr);
    const QStringList lines = writers->toPlainText().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].contains(QStringLiteral("Ada")));
    CHECK(lines[1] == QStringLiteral("Ask Cleo for a key."));
    CHECK(lines[2].contains(QStringLiteral("Bea")));
    CHECK(lines[3] == QStringLiteral("Then wait."));
}

TEST_CASE("what two wrote at the same time is one row with both their names, and each line has its own writer")
{
    PagesWithPast content;
    const Id post =
        content.page({"Notes\n", "Notes\n\nFrom me", "Notes\n\nFrom me\n\nFrom Bea",
                      "Notes\n\nFrom me and more\n\nFrom Bea", "Notes\n\nFrom me and more\n\nFrom Bea, too"},
                     60'000);
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    REQUIRE(history.list().model()->rowCount() ==
            3); // the first text and what has words of its own stand by themselves
    CHECK(history.says("3 stretches of work by 2 people"));
    const QString name = history.list().model()->index(0, 0).data(Qt::AccessibleTextRole).toString();
    CHECK(name.startsWith(QStringLiteral("Bea and Ada changed the text")));
    CHECK(labelled<QLabel>(*history.place, QStringLiteral("\u2068Bea\u2069 and \u2068Ada\u2069")) != nullptr);
    REQUIRE(eventually([&] { return history.marked(false).contains(QStringLiteral("From Bea, too")); }));
    CHECK(history.marked(false).contains(QStringLiteral("and more")));
    CHECK(history.marked(true).isEmpty());

    history.button("Who wrote what")->click();
    QTextBrowser* writers = named<QTextBrowser>(*history.place, QStringLiteral("Who wrote what"));
    REQUIRE(writers != nullptr);
    const QStringList lines = writers->toPlainText().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    REQUIRE(lines.size() == 6);
    CHECK(lines[0].contains(QStringLiteral("Bea")));
    CHECK(lines[2].contains(QStringLiteral("Ada")));
    CHECK(lines[3] == QStringLiteral("From me and more"));
    CHECK(lines[4].contains(QStringLiteral("Bea")));
}

TEST_CASE("what was said of work of two says who said it, and what came with an import is called so")
{
    PagesWithPast content;
    const Id post = content.hold(pageRecord(content, "Onboarding", {}, v1::PAGE, "Notes.\n\nFrom Ada\n\nFrom Bea\n"));
    v1::RevisionPage past;
    past.set_post(post.str());
    past.set_first(true);
    const std::vector<std::string> bodies{"Notes.\n", "Notes.\n\nFrom", "Notes.\n\nFrom\n\nFrom",
                                          "Notes.\n\nFrom Ada\n\nFrom", "Notes.\n\nFrom Ada\n\nFrom Bea\n"};
    for (size_t i = bodies.size(); i-- > 0;) {
        v1::Revision& revision = *past.add_revisions();
        revision.mutable_version()->set_revision(i);
        revision.set_after(i == 0 ? 0 : i - 1);
        revision.set_time_ms(content.nowMs + int64_t(i) * 60'000);
        if (i > 0) {
            revision.set_author((i % 2 == 0 ? content.bea : content.me).str());
            revision.set_change("change");
            revision.set_summary(i % 2 == 0 ? "The keys" : "The door");
        }
        revision.set_text(encode(diff(i == 0 ? std::string() : bodies[i - 1], bodies[i])));
    }
    content.within([&] { REQUIRE_FALSE(content.replica->receive(past).has_value()); });
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    REQUIRE(history.list().model()->rowCount() == 2);
    CHECK(history.says("2 stretches of work by 2 people"));
    CHECK(labelled<QLabel>(*history.place, QStringLiteral("\u2068Ada\u2069: The door\n\u2068Bea\u2069: The keys")) !=
          nullptr);
    CHECK(history.list().model()->index(1, 0).data().toString() == QStringLiteral("Imported"));
    history.list().setCurrentIndex(history.list().model()->index(1, 0));
    CHECK(history.says("Imported"));
    history.button("Who wrote what")->click();
    const auto writers = [&] { return named<QTextBrowser>(*history.place, QStringLiteral("Who wrote what")); };
    CHECK(eventually([&] { return writers()->toPlainText().startsWith(QStringLiteral("\u2068Imported\u2069, ")); }));
}

TEST_CASE("Esc goes from a difference to the list, and from there to the page")
{
    PagesWithPast content;
    const Id post = content.page({"First.", "Second."});
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    REQUIRE(eventually([&] { return history.changes().contains(QStringLiteral("Second.")); }));
    const auto escape = [&] { QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape); };
    for (const char* view : {"What changed", "The text then", "Who wrote what"}) {
        INFO(view);
        history.button(view)->click();
        auto* text = named<QTextBrowser>(*history.place, QString::fromLatin1(view));
        (text ? static_cast<QWidget*>(text) : history.button(view))->setFocus();
        REQUIRE_FALSE(history.list().hasFocus());
        escape();
        CHECK(history.list().hasFocus());
        CHECK(history.wanted.isEmpty());
    }
    escape();
    REQUIRE(history.wanted.size() == 1);
    CHECK(history.wanted[0] == pagesLocation(content.spaceId, post));
}

TEST_CASE("a history shows the newest that is fetched, unless another row was chosen")
{
    PagesWithPast content;
    const std::vector<std::string> bodies{"One.", "One. Two.", "One. Two. Three."};
    v1::RevisionPage past;
    past.set_first(true);
    for (size_t i = bodies.size(); i-- > 0;) {
        v1::Revision& revision = *past.add_revisions();
        revision.mutable_version()->set_revision(i);
        revision.set_after(i == 0 ? 0 : i - 1);
        revision.set_author(content.bea.str());
        revision.set_change("change");
        revision.set_time_ms(content.nowMs + int64_t(i) * 3'600'000);
        revision.set_text(encode(diff(i == 0 ? std::string() : bodies[i - 1], bodies[i])));
    }
    const Id post = content.hold(pageRecord(content, "Onboarding", {}, v1::PAGE, bodies.back()));
    past.set_post(post.str());
    const v1::RevisionPage whole = past;
    past.mutable_revisions()->DeleteSubrange(0, 1);
    content.within([&] { REQUIRE_FALSE(content.replica->receive(past).has_value()); });
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    REQUIRE(history.list().model()->rowCount() == 2);
    const bool chooses = GENERATE(false, true);
    if (chooses)
        history.list().setCurrentIndex(history.list().model()->index(1, 0));
    arrives(content, [&] { content.within([&] { REQUIRE_FALSE(content.replica->receive(whole).has_value()); }); });
    Touched fetched;
    fetched.histories = {post};
    history.place->refresh(fetched);
    REQUIRE(eventually([&] { return history.list().model()->rowCount() == 3; }));
    CHECK(history.list().currentIndex().row() == (chooses ? 2 : 0));
}

TEST_CASE("lines that one person wrote one after the other have one heading")
{
    PagesWithPast content;
    const Id post = content.page({"One\n", "One\n", "One\nTwo\n", "One\nTwo\n", "One\nTwo\nThree\n"}, 60'000);
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    REQUIRE(eventually([&] { return history.marked(false).contains(QStringLiteral("Three")); }));
    history.button("Who wrote what")->click();
    QTextBrowser* writers = named<QTextBrowser>(*history.place, QStringLiteral("Who wrote what"));
    const QStringList lines = writers->toPlainText().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    // The first text by itself, then all that she wrote since.
    REQUIRE(lines.size() == 5);
    CHECK(lines[1] == QStringLiteral("One"));
    CHECK(lines[3] == QStringLiteral("Two"));
    CHECK(lines[4] == QStringLiteral("Three"));
}

TEST_CASE("a history shows what changed as the page looks, or of its source, and remembers which")
{
    PagesWithPast content;
    std::string before = "# Keys\n\nAsk **Ben** for a key.\n\n";
    for (int i = 0; i < 8; ++i)
        before += "Step " + std::to_string(i) + ".\n\n";
    std::string after = before;
    after.replace(after.find("**Ben**"), 7, "**Cleo**");
    const Id post = content.page({before, after});
    Program program(content);
    {
        OpenedHistory history(program, historyLocation(content.spaceId, post));
        REQUIRE(eventually([&] { return history.changes().contains(QStringLiteral("Cleo")); }));
        CHECK(history.changes().contains(QStringLiteral("Ask BenCleo for a key.")));
        CHECK_FALSE(history.changes().contains(QLatin1Char('#')));
        CHECK_FALSE(history.changes().contains(QStringLiteral("Step 5.")));
        // Told also to who does not see it.
        DocumentView* changed = named<DocumentView>(*history.place, QStringLiteral("Changed text"));
        REQUIRE(changed != nullptr);
        CHECK(changed->accessibleDescription() == QStringLiteral("Added: Cleo\nRemoved: Ben"));

        QPushButton* unfold = history.button("Show 7 unchanged blocks");
        REQUIRE(unfold != nullptr);
        unfold->setFocus();
        QTest::keyClick(unfold, Qt::Key_Space);
        CHECK(history.changes().contains(QStringLiteral("Step 5.")));
        CHECK(history.button("Show 7 unchanged blocks") == nullptr);
        CHECK(history.place->focusWidget()->accessibleName() == QStringLiteral("Unchanged text"));

        // Its keys are heard wherever the keyboard is.
        history.place->takeFocus();
        QTest::keyClick(&history.list(), Qt::Key_N);
        CHECK(history.place->focusWidget() == changed);

        history.button("Source")->click();
        CHECK(history.source().contains(QStringLiteral("**")));
    }
    OpenedHistory again(program, historyLocation(content.spaceId, post));
    REQUIRE(eventually([&] { return again.source().contains(QStringLiteral("**")); }));
    again.button("Page")->click();
    CHECK(again.source().isEmpty());
    CHECK(again.changes().contains(QStringLiteral("Cleo")));
}

TEST_CASE("what can be chosen in a history is read in a narrow window, too")
{
    PagesWithPast content;
    const Id post = content.page({"First.", "Second."});
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    REQUIRE(eventually([&] { return history.marked(false).contains(QStringLiteral("Second")); }));
    history.place->setMinimumSize(1, 1); // as within the window
    for (const int width : {730, 1'050}) {
        history.place->resize(width, 560);
        REQUIRE(eventually([&] { return history.place->width() == width; }));
        QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
        for (const char* name : {"What changed", "The text then", "Who wrote what", "Page", "Source"}) {
            const QPushButton* choice = history.button(name);
            REQUIRE(choice != nullptr);
            INFO(name << " at " << width);
            CHECK(choice->width() >= choice->sizeHint().width());
        }
    }
}

TEST_CASE("a history of megabytes is read away from the window")
{
    PagesWithPast content;
    std::string before;
    for (int i = 0; i < 12'000; ++i)
        before += "Line number " + std::to_string(i) + " of a page that is long.\n\n";
    std::string after = before;
    after.replace(after.find("number 6000"), 11, "number 6001");
    const Id post = content.page({before, after});
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    REQUIRE(eventually([&] { return history.list().model()->rowCount() == 2; }));
    REQUIRE(eventually([&] { return history.marked(false) == QStringLiteral("6001"); }));
    CHECK(history.marked(true) == QStringLiteral("6000"));
    CHECK(history.button("Show 5,999 unchanged blocks") != nullptr);
}

TEST_CASE("an older text is restored as a change, and what was there stays in the history")
{
    PagesWithPast content;
    const Id post = content.page({"First.", "First, and second.", "All gone."});
    Program program(content);
    OpenedHistory history(program, historyLocation(content.spaceId, post));
    history.list().setCurrentIndex(history.list().model()->index(1, 0));
    REQUIRE(eventually([&] { return history.button("Restore this text") != nullptr; }));
    history.button("Restore this text")->click();
    REQUIRE(eventually([&] { return body(*program.reading, post) == QStringLiteral("First, and second."); }));
    REQUIRE(eventually([&] { return !history.wanted.isEmpty(); }));
    CHECK(history.wanted.back() == pagesLocation(content.spaceId, post));
    CHECK(history.list().model()->rowCount() == 3);
}

TEST_CASE("a history that is not here says why, and one without changes that there are none")
{
    PagesWithPast content;
    const Id quiet = content.unasked();
    Program program(content);
    SECTION("without a network")
    {
        OpenedHistory history(program, historyLocation(content.spaceId, quiet));
        CHECK((history.says("There is no network now") || history.says("Fetching the history")));
    }
    SECTION("of a page that is gone")
    {
        OpenedHistory history(program, historyLocation(content.spaceId, content.id()));
        CHECK(history.says("This page is not here"));
    }
    SECTION("without changes")
    {
        arrives(content, [&] {
            v1::RevisionPage page;
            page.set_post(quiet.str());
            page.set_first(true);
            content.within([&] { REQUIRE_FALSE(content.replica->receive(page).has_value()); });
        });
        OpenedHistory history(program, historyLocation(content.spaceId, quiet));
        CHECK(history.says("Nobody has changed this text yet"));
    }
}

TEST_CASE("a page leads to its history, by button and by key")
{
    PagesWithPast content;
    const Id post = content.page({"First.", "Second."});
    Program program(content);
    Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, post));
    REQUIRE(pages.button("History") != nullptr);
    pages.button("History")->click();
    REQUIRE(pages.wanted.size() == 1);
    CHECK(pages.wanted.back() == historyLocation(content.spaceId, post));
    QTest::keyClick(pages.place->focusWidget() ? pages.place->focusWidget() : pages.place.get(), Qt::Key_H);
    CHECK(pages.wanted.size() == 2);
}

TEST_CASE("who comes back to a page hears what others did to it meanwhile")
{
    PagesWithPast content;
    v1::Record page = pageRecord(content, "Onboarding", {}, v1::PAGE, "First.");
    page.mutable_post()->mutable_body_version()->set_revision(1);
    const Id post = content.hold(page);
    content.within([&] { content.replica->noteReading(post); });
    page.set_author(content.bea.str());
    page.set_revision(2);
    page.mutable_post()->set_body("First. Second. Third.");
    page.mutable_post()->mutable_body_version()->set_revision(3);
    v1::Writer& writer = *page.add_writers();
    writer.set_field(v1::POST_BODY);
    writer.set_author(content.bea.str());
    REQUIRE(content.receive(content.space(), {page}) == Replica::Received::AtHead);
    const auto fetch = [&](const std::vector<Id>& authors, int64_t pauseMs = 3'600'000, size_t letters = 0) {
        v1::RevisionPage history;
        history.set_post(post.str());
        history.set_first(true);
        for (size_t i = authors.size(); i-- > 0;) {
            v1::Revision& revision = *history.add_revisions();
            revision.mutable_version()->set_revision(i);
            revision.set_after(i == 0 ? 0 : i - 1);
            revision.set_author(authors[i].str());
            revision.set_time_ms(int64_t(i) * pauseMs);
            revision.set_change("change");
            revision.set_text(encode(TextChange::replace(0, 0, std::to_string(i) + std::string(letters, '.'))));
        }
        content.within([&] { REQUIRE_FALSE(content.replica->receive(history).has_value()); });
    };
    SECTION("how much it is, where the history is here")
    {
        fetch({content.bea, content.me, content.bea, content.me});
        Program program(content);
        Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, post));
        CHECK(pages.says("1 change by 1 person since you read it last"));
        pages.button("Show changes")->click();
        REQUIRE(pages.wanted.size() == 1);
        CHECK(pages.wanted[0].kind == Location::Kind::History);
        CHECK(pages.wanted[0].since == quint64{1});
        CHECK_FALSE(pages.says("1 change by 1 person since you read it last"));

        OpenedHistory history(program, pages.wanted[0]);
        CHECK(history.list().model()->rowCount() == 5);
        REQUIRE(eventually([&] { return history.marked(false) == QStringLiteral("3210"); }));
    }
    SECTION("away from the window, where it is long")
    {
        fetch({content.bea, content.me, content.bea, content.me}, 3'600'000, 200'000);
        Program program(content);
        const std::unique_ptr<Place> place(makePagesPlace(program.desk, nullptr));
        place->open(pagesLocation(content.spaceId, post));
        const auto isTold = [&] {
            return labelled<QLabel>(*place, QStringLiteral("1 change by 1 person since you read it last")) != nullptr;
        };
        CHECK_FALSE(isTold());
        CHECK(eventually(isTold));
    }
    SECTION("once, where they wrote at the same time as oneself")
    {
        fetch({content.bea, content.bea, content.bea, content.me}, 60'000);
        Program program(content);
        Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, post));
        CHECK(pages.says("1 change by 1 person since you read it last"));
    }
    SECTION("that it was so, where it is not")
    {
        Program program(content);
        Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, post));
        CHECK(pages.says("Others changed this page since you read it last."));
        named<QToolButton>(*pages.place, QStringLiteral("Dismiss"))->click();
        CHECK_FALSE(pages.says("Others changed this page since you read it last."));
    }
    SECTION("and nothing of their own changes")
    {
        fetch({content.bea, content.me, content.me, content.me});
        Program program(content);
        Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, post));
        CHECK(pages.button("Show changes") == nullptr);
    }
    SECTION("once it was read for a moment")
    {
        Program program(content);
        {
            Tabbed pages(program, makePagesPlace, pagesLocation(content.spaceId, post));
            REQUIRE(eventually([&] { return readRevision(*program.reading, post) == quint64{3}; }));
            // Who has read it has also read what changes in it before they go.
            page.set_revision(3);
            page.mutable_post()->mutable_body_version()->set_revision(4);
            arrives(content, [&] { REQUIRE(content.receive(content.space(), {page}) == Replica::Received::AtHead); });
            pages.place->refresh(touchedPosts(content.spaceId, {post}));
            pages.place->hide();
            REQUIRE(eventually([&] { return readRevision(*program.reading, post) == quint64{4}; }));
        }
        Tabbed again(program, makePagesPlace, pagesLocation(content.spaceId, post));
        CHECK(again.button("Show changes") == nullptr);
    }
}
