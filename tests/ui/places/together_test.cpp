// A page that several people have open at once: what they see of each other, and when what is typed goes.

#include <QScrollArea>
#include <QScrollBar>
#include <QTextBlock>

#include "client/ui/document/document_view.h"
#include "client/ui/editor/bodies_on_their_way.h"
#include "client/ui/editor/markdown_editor.h"
#include "client/ui/editor/shared_text.h"
#include "client/ui/editor/who_is_here.h"
#include "client/ui/pages/pages_place.h"
#include "tests/support/catch.h"
#include "tests/ui/places/content.h"

using namespace stoa;
using namespace stoa::test;

namespace {

struct Binder : Content {
    Binder(const std::string& body)
    {
        record = pageRecord(*this, "Fans", {}, v1::PAGE, body);
        page = hold(record);
    }
    // As the server has it now, and told as Touched does.
    void become(Place& place, const std::string& body)
    {
        record.mutable_post()->set_body(body);
        record.set_revision(record.revision() + 1);
        arrives(*this, [&] { REQUIRE(receive(space(), {record}) == Replica::Received::AtHead); });
        place.refresh(touchedPosts(spaceId, {page}));
    }
    Location at(bool write) const
    {
        Location location = pagesLocation(spaceId, page);
        location.write = write;
        return location;
    }

    v1::Record record;
    Id page;
};

struct Seat : Tabbed {
    Seat(const Program& program, const Location& location) : Tabbed(program, makePagesPlace, location) {}
    MarkdownEditor& editor() const
    {
        for (MarkdownEditor* each : place->findChildren<MarkdownEditor*>())
            if (each->isVisibleTo(place.get()))
                return *each;
        throw std::logic_error("nothing is being edited");
    }
    // Empty: nobody.
    std::string whoIsHere() const
    {
        for (WhoIsHere* each : place->findChildren<WhoIsHere*>())
            if (each->isVisibleTo(place.get()))
                return each->accessibleName().remove(QChar(0x2068)).remove(QChar(0x2069)).toStdString();
        return {};
    }
};

void connected(Program& program)
{
    SyncStatus status;
    status.state = SyncStatus::State::UpToDate;
    Q_EMIT program.worker->statusChanged(status);
}

// What a text that is open says to the worker.
struct Told {
    explicit Told(const Desk& desk, SharedText::Pauses pauses)
        : text(desk,
               {[this](const Id& post) { opened.append(post); }, [this](const Id& post) { closed.append(post); },
                [this](const Id&, const SharedText::Place& place, bool writing) {
                    places.append({place.to, writing});
                }},
               pauses)
    {
        text.setPlace([this] { return SharedText::Place{at, at}; });
    }

    quint64 at = 0;
    QList<Id> opened;
    QList<Id> closed;
    QList<std::pair<quint64, bool>> places;
    SharedText text;
};

} // namespace

TEST_CASE("with a network what is typed goes at once, without one after a pause")
{
    const bool isLive = GENERATE(false, true);
    CAPTURE(isLive);
    Binder binder("Old.");
    Program program(binder);
    Seat seat(program, binder.at(true));
    if (isLive)
        connected(program);
    bool isOnItsWay = false;
    seat.editor().setFocus();
    QTest::keyClick(&seat.editor(), Qt::Key_A);
    for (int turns = 0; turns < 3; ++turns) {
        QCoreApplication::processEvents();
        isOnItsWay = isOnItsWay || BodiesOnTheirWay::of(program.desk).isBusy(binder.page) ||
                     body(*program.reading, binder.page) == QStringLiteral("aOld.");
    }
    CHECK(isOnItsWay == isLive);
    QTest::keyClicks(&seat.editor(), QStringLiteral("nd more "));
    CHECK(eventually([&] { return body(*program.reading, binder.page) == QStringLiteral("and more Old."); }));
}

TEST_CASE("what the server has is said to be sent, also before its record comes")
{
    Binder binder("Old.");
    Program program(binder);
    Seat seat(program, binder.at(true));
    const auto tell = [&](int waiting, int accepted) {
        SyncStatus status;
        status.state = SyncStatus::State::Offline; // then it is said at once
        status.waiting = waiting;
        status.accepted = accepted;
        Q_EMIT program.worker->statusChanged(status);
    };
    tell(1, 0);
    seat.editor().setFocus();
    QTest::keyClick(&seat.editor(), Qt::Key_A);
    CHECK(eventually([&] { return seat.says("Stored on this computer"); }));
    tell(1, 1);
    CHECK(seat.says("Sent"));
    tell(2, 1);
    CHECK(seat.says("Stored on this computer"));
}

TEST_CASE("what others type comes into the word that one is typing oneself")
{
    Binder binder("hel");
    Program program(binder);
    Seat seat(program, binder.at(true));
    connected(program);
    QTextCursor cursor = seat.editor().textCursor();
    cursor.setPosition(2);
    seat.editor().setTextCursor(cursor);
    binder.become(*seat.place, "hello");
    CHECK(seat.editor().text() == QStringLiteral("hello"));
    CHECK(seat.editor().textCursor().position() == 2);
}

TEST_CASE("of two equal letters it is known which one somebody else wrote, also while one's own is on its way")
{
    Binder binder("Old.");
    Program program(binder);
    Seat seat(program, binder.at(true));
    connected(program);
    const auto told = [&](const std::string& before, const TextChange& change, const std::string& after) {
        Q_EMIT program.worker->textShown({binder.page, hash128(before).str(), change, hash128(after).str()});
    };
    seat.editor().setFocus();
    QTest::keyClick(&seat.editor(), Qt::Key_W);
    SECTION("handed over and not stored yet, where both did the same")
    {
        while (!BodiesOnTheirWay::of(program.desk).isBusy(binder.page))
            QCoreApplication::processEvents();
        told("Old.", TextChange::replace(0, 0, "w"), "wOld.");
        CHECK(seat.editor().text() == QStringLiteral("wwOld."));
        CHECK(seat.editor().textCursor().position() == 1);
    }
    SECTION("before it is stored")
    {
        told("Old.", TextChange::replace(0, 0, "w"), "wOld.");
        CHECK(seat.editor().text() == QStringLiteral("wwOld."));
        CHECK(seat.editor().textCursor().position() == 1); // what is typed later stands first
        told("wOld.", TextChange::replace(0, 0, "0 "), "0 wOld.");
        CHECK(seat.editor().textCursor().position() == 1);
    }
    SECTION("once it is stored")
    {
        REQUIRE(eventually([&] { return body(*program.reading, binder.page) == QStringLiteral("wOld."); }));
        REQUIRE(eventually([&] { return !BodiesOnTheirWay::of(program.desk).isBusy(binder.page); }));
        told("wOld.", TextChange::replace(0, 0, "w"), "wwOld.");
        CHECK(seat.editor().text() == QStringLiteral("wwOld."));
        CHECK(seat.editor().textCursor().position() == 2);
        told("something else", TextChange::replace(0, 0, "x"), "xwwOld.");
        CHECK(seat.editor().text() == QStringLiteral("wwOld."));
    }
}

TEST_CASE("a version of a passage grows with what others type behind it, and not with the next line")
{
    Binder binder("We meet at nine.At ten.\n");
    for (const auto& [from, to] : {std::pair{0, 16}, std::pair{16, 23}}) {
        v1::TextRange& range = *binder.record.mutable_post()->add_contested();
        range.set_from(uint64_t(from));
        range.set_to(uint64_t(to));
    }
    Program program(binder);
    Seat seat(program, binder.at(true));
    binder.become(*seat.place, "We meet at nine.At ten.\n");
    connected(program);
    std::string text = "We meet at nine.At ten.\n";
    const auto typed = [&](size_t at, const std::string& letters) {
        const std::string before = text;
        text.insert(at, letters);
        const TextChange change = TextChange::replace(at, 0, letters);
        Q_EMIT program.worker->textShown({binder.page, hash128(before).str(), change, hash128(text).str()});
    };
    using Ranges = std::vector<TextRange>;
    REQUIRE(seat.editor().contested() == Ranges{{0, 16}, {16, 23}});
    typed(23, " Sharp.");
    CHECK(seat.editor().contested() == Ranges{{0, 16}, {16, 30}});
    typed(30, "\n");
    typed(31, "New");
    CHECK(seat.editor().contested() == Ranges{{0, 16}, {16, 30}});
    typed(16, " Sharp.");
    CHECK(seat.editor().contested() == Ranges{{0, 23}, {23, 37}});
    // Somebody else keeps the second.
    const std::string before = std::exchange(text, text.substr(23));
    REQUIRE(seat.says("Two versions here"));
    Q_EMIT program.worker->textShown(
        {binder.page, hash128(before).str(), TextChange::replace(0, 23, ""), hash128(text).str()});
    CHECK(seat.editor().text().toStdString() == text);
    CHECK(seat.editor().contested().empty());
    CHECK_FALSE(seat.says("Two versions here"));
}

TEST_CASE("what is offered while one types is put where it was typed, also where others write before it")
{
    Binder binder("");
    Program program(binder);
    Seat seat(program, binder.at(true));
    seat.editor().setFocus();
    QTest::keyClicks(&seat.editor(), QStringLiteral("@be"));
    REQUIRE(eventually([&] { return QApplication::activePopupWidget() != nullptr; }));
    CHECK(QApplication::activePopupWidget()->grab().toImage().pixelColor(3, 3) == tokens().pane);
    seat.editor().applyOthers(TextChange::replace(0, 0, "Ask "));
    QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Return);
    CHECK(seat.editor().text() == QStringLiteral("Ask @bea "));
}

TEST_CASE("who else has the page open is said where it is edited and where it is read")
{
    const bool write = GENERATE(false, true);
    CAPTURE(write);
    Binder binder("Old.");
    Program program(binder);
    Seat seat(program, binder.at(write));
    CHECK(seat.whoIsHere().empty());
    TextReader bea{binder.bea, 1, 2, 2, true, true};
    Q_EMIT program.worker->present(binder.page, {bea});
    CHECK(seat.whoIsHere() == "Bea is here; Bea is writing");
    Q_EMIT program.worker->present(deriveId(1, "test", "another"), {});
    bea.writing = false;
    Q_EMIT program.worker->present(binder.page, {bea, {binder.me, 2}});
    CHECK(seat.whoIsHere().starts_with("Bea and "));
    Q_EMIT program.worker->present(binder.page, {});
    CHECK(seat.whoIsHere().empty());
}

TEST_CASE("a text is open as long as it is shown, and one says where one is")
{
    Binder binder("Old.");
    Program program(binder);
    const Id page = binder.page, other = deriveId(1, "test", "another");
    {
        Told told(program.desk, {.betweenMs = 1'000'000, .quietMs = 1'000'000});
        told.text.moved();
        told.text.open(page);
        told.text.open(page);
        CHECK(told.opened == QList<Id>{page});
        told.at = 3;
        told.text.wrote();
        told.text.moved();
        CHECK(eventually([&] { return !told.places.isEmpty(); }));
        told.at = 4;
        told.text.moved(); // too soon after the last one
        QCoreApplication::processEvents();
        CHECK(told.places == QList<std::pair<quint64, bool>>{{3, true}});
        told.text.open(other);
        CHECK(told.closed == QList<Id>{page});
        told.text.open({});
        CHECK(told.closed == QList<Id>{page, other});
    }
    Told told(program.desk, {.betweenMs = 0, .quietMs = 1});
    told.text.open(page);
    told.text.wrote();
    CHECK(eventually([&] { return !told.places.isEmpty() && !told.places.last().second; }));
    CHECK(told.places.first().second);
}

TEST_CASE("who reads sees what others write, and keeps their place")
{
    std::string body;
    for (int i = 0; i < 300; ++i)
        body += "Paragraph " + std::to_string(i) + " has some words.\n\n";
    Binder binder(body);
    Program program(binder);
    Seat seat(program, binder.at(false));
    auto* document = named<DocumentView>(*seat.place, QStringLiteral("The page's text"));
    REQUIRE(document);
    REQUIRE(eventually([&] { return document->isComplete(); }));
    QCoreApplication::processEvents();
    QScrollArea* scroll = nullptr;
    for (QScrollArea* each : seat.place->findChildren<QScrollArea*>())
        if (each->isAncestorOf(document))
            scroll = each;
    REQUIRE(scroll);
    scroll->verticalScrollBar()->setValue(scroll->verticalScrollBar()->maximum() / 2);
    const auto first = [&] { // what stands at the top of what is seen
        const int top = document->mapFrom(scroll->viewport(), QPoint(0, 0)).y();
        return document->cursorForPosition(QPoint(5, top + 5)).block().text();
    };
    const QString before = first();
    binder.become(*seat.place, body + "Below.\n");
    REQUIRE(eventually([&] { return document->toPlainText().contains(QStringLiteral("Below.")); }));
    QCoreApplication::processEvents();
    CHECK(first() == before);
    binder.become(*seat.place, "Above.\n\nAnd one more.\n\n" + body + "Below.\n");
    REQUIRE(eventually([&] { return document->isComplete() && document->toPlainText().startsWith(u"Above."); }));
    QCoreApplication::processEvents();
    CHECK(first() == before);
}
