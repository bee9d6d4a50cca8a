// Home and a space's overview, as somebody looks at them while things arrive; and a charter that is written.

#include <QLineEdit>

#include "client/ui/home/home_place.h"
#include "client/ui/space/space_place.h"
#include "client/ui/widgets/row_card.h"
#include "tests/support/catch.h"
#include "tests/ui/places/content.h"

using namespace stoa;
using namespace stoa::test;

namespace {

QStringList rowsOf(const Place& place, const char* card)
{
    QStringList titles;
    if (const auto* found = named<RowCard>(place, QString::fromLatin1(card)))
        for (const RowButton* button : found->findChildren<RowButton*>())
            if (button->isVisible())
                titles << button->accessibleName().section(QLatin1Char(','), 0, 0);
    return titles;
}

Location editing(const Id& space)
{
    Location location = spaceLocation(space);
    location.write = true;
    return location;
}

struct OwnSpace : Content {
    OwnSpace() { REQUIRE(receive(space(), {membershipRecord(*this, v1::OWNER)}) == Replica::Received::AtHead); }
};

// The charter's form, open.
struct Writing : Tabbed {
    explicit Writing(const Program& program, const Id& space) : Tabbed(program, makeSpacePlace, editing(space)) {}
    QPlainTextEdit& problem() { return *text("The problem"); }
    bool isOpen() { return place->location().write && text("The problem"); }
};

QString charterDraft(const Program& program, const Id& space)
{
    return draft(*program.reading, QStringLiteral("charter/") + QString::fromStdString(space.hex()))
        .value_or(Draft{})
        .text;
}

QString problemOf(const Program& program, const Id& space)
{
    return QString::fromStdString(charter(*program.reading, space)->problem());
}

} // namespace

TEST_CASE("home keeps its rows, its buttons and the keyboard while much arrives")
{
    Content content;
    content.holdQuestions(3);
    Program program(content);
    Tabbed home(program, makeHomePlace, homeLocation());
    REQUIRE(rowsOf(*home.place, "No answer yet").size() == 3);
    const auto before = home.place->findChildren<RowButton*>();
    before[0]->setFocus();
    const QString focused = before[0]->accessibleName();

    arrives(content, [&] { content.holdQuestions(2); });
    home.place->refresh(touchedMuch(content.spaceId));
    REQUIRE(eventually([&] { return rowsOf(*home.place, "No answer yet").size() == 5; }));
    for (RowButton* button : before)
        CHECK(home.place->findChildren<RowButton*>().contains(button));
    const auto* now = qobject_cast<RowButton*>(QApplication::focusWidget());
    REQUIRE(now);
    CHECK(now->accessibleName().section(QLatin1Char(','), 0, 0) == focused.section(QLatin1Char(','), 0, 0));
}

TEST_CASE("a row of home leads to its question")
{
    Content content;
    const QList<Id> questions = content.holdQuestions(1);
    Program program(content);
    Tabbed home(program, makeHomePlace, homeLocation());
    QTest::mouseClick(named<RowCard>(*home.place, QStringLiteral("No answer yet"))->findChild<RowButton*>(),
                      Qt::LeftButton);
    CHECK(home.wanted == QList<Location>{questionsLocation(content.spaceId, questions[0])});
}

TEST_CASE("who looked at a space's overview and leaves has seen what is new there")
{
    Content content;
    content.nowMs += 1000;
    content.holdQuestions(2);
    Program program(content);
    REQUIRE(space(*program.reading, content.spaceId)->fresh == 2);
    Tabbed overview(program, makeSpacePlace, spaceLocation(content.spaceId));
    CHECK(rowsOf(*overview.place, "New since you last looked").size() == 2);
    CHECK(outboxCount(*program.reading) == 0);
    overview.place->hide();
    CHECK(eventually([&] { return space(*program.reading, content.spaceId)->fresh == 0; }));
}

TEST_CASE("a space that is lost leaves the screen")
{
    Content content;
    content.hold(content.question("Our secret"));
    Program program(content);
    Tabbed overview(program, makeSpacePlace, spaceLocation(content.spaceId));
    REQUIRE(rowsOf(*overview.place, "No answer yet") == QStringList{QStringLiteral("Our secret")});
    arrives(content, [&] { content.within([&] { content.replica->forget(content.space()); }); });
    overview.place->refresh(touchedMuch(content.spaceId));
    CHECK(eventually([&] { return overview.says("This space is not on this computer"); }));
    CHECK(rowsOf(*overview.place, "No answer yet").isEmpty());
    CHECK_FALSE(overview.says("Lab"));
}

TEST_CASE("people are listed with their titles and roles in the words of everywhere")
{
    OwnSpace content;
    v1::Record leader = membershipRecord(content, v1::OWNER);
    leader.mutable_membership()->add_titles(v1::LEADER);
    REQUIRE(content.receive(content.space(), {leader}) == Replica::Received::AtHead);
    Program program(content);
    Tabbed overview(program, makeSpacePlace, spaceLocation(content.spaceId));
    CHECK(overview.says("Leader, Owner"));
}

TEST_CASE("Esc keeps what was typed into a charter")
{
    OwnSpace content;
    Program program(content);
    {
        Writing writing(program, content.spaceId);
        writing.problem().setPlainText(QStringLiteral("Repairs take too long"));
        QTest::keyClick(&writing.problem(), Qt::Key_Escape);
        CHECK_FALSE(writing.isOpen());
    }
    CHECK(eventually([&] { return charterDraft(program, content.spaceId).contains(QStringLiteral("too long")); }));
    CHECK(problemOf(program, content.spaceId).isEmpty());
    Writing again(program, content.spaceId);
    CHECK(again.problem().toPlainText() == QStringLiteral("Repairs take too long"));
}

TEST_CASE("another space in between keeps what was typed into a charter")
{
    OwnSpace content;
    Program program(content);
    Writing writing(program, content.spaceId);
    writing.problem().setPlainText(QStringLiteral("Repairs take too long"));
    writing.place->open(spaceLocation(content.id()));
    writing.place->open(editing(content.spaceId));
    CHECK(writing.problem().toPlainText() == QStringLiteral("Repairs take too long"));
}

TEST_CASE("a draft of a charter holds only what the person changed")
{
    OwnSpace content;
    Program program(content);
    {
        Writing writing(program, content.spaceId);
        writing.problem().setPlainText(QStringLiteral("Repairs take too long"));
    }
    REQUIRE(eventually([&] { return !charterDraft(program, content.spaceId).isEmpty(); }));
    arrives(content, [&] {
        v1::Record lab = content.record(content.spaceId);
        lab.mutable_space()->set_name("Lab");
        lab.mutable_space()->set_visibility(v1::OPEN);
        lab.mutable_space()->mutable_charter()->set_audience("Everybody in the field");
        REQUIRE(content.receive(content.space(), {lab}) == Replica::Received::AtHead);
    });
    Writing again(program, content.spaceId);
    CHECK(again.problem().toPlainText() == QStringLiteral("Repairs take too long"));
    CHECK(named<QLineEdit>(*again.place, QStringLiteral("For whom"))->text() ==
          QStringLiteral("Everybody in the field"));
}

TEST_CASE("a charter's form closes when the change is stored, and its draft goes with it")
{
    OwnSpace content;
    Program program(content);
    Writing writing(program, content.spaceId);
    writing.problem().setPlainText(QStringLiteral("Repairs take too long"));
    QTest::keyClick(&writing.problem(), Qt::Key_Return, Qt::ControlModifier);
    CHECK(writing.isOpen());
    CHECK_FALSE(writing.problem().isEnabled());
    CHECK(eventually([&] { return !writing.isOpen(); }));
    CHECK(problemOf(program, content.spaceId) == QStringLiteral("Repairs take too long"));
    CHECK(charterDraft(program, content.spaceId).isEmpty());
    CHECK(eventually([&] { return writing.says("Repairs take too long"); }));
}

TEST_CASE("a refused charter stays in its form, with the reason")
{
    OwnSpace content;
    Program program(content);
    Writing writing(program, content.spaceId);
    writing.problem().setPlainText(QStringLiteral("Repairs take too long"));
    arrives(content, [&] {
        REQUIRE(content.receive(content.space(), {membershipRecord(content, v1::READER)}) == Replica::Received::AtHead);
    });
    writing.place->refresh(touchedMuch(content.spaceId));
    QTest::keyClick(&writing.problem(), Qt::Key_Return, Qt::ControlModifier);
    CHECK(eventually([&] {
        return writing.says("Your role in this space does not allow this. Ask an owner of the space for the "
                            "right to do it.");
    }));
    CHECK(writing.isOpen());
    CHECK(writing.problem().isEnabled());
    CHECK(writing.problem().toPlainText() == QStringLiteral("Repairs take too long"));
}

TEST_CASE("a wrong date in a charter is named at its field, before it is sent")
{
    OwnSpace content;
    Program program(content);
    Writing writing(program, content.spaceId);
    auto* date = named<QLineEdit>(*writing.place, QStringLiteral("By"));
    REQUIRE(date);
    const char* problem = "This is no date: write it as 2027-06-30.";
    for (const char* wrong : {"someday", "2027-02-31", "30.6.2027", "2027-6-30"}) {
        INFO(wrong);
        date->setText(QString::fromLatin1(wrong));
        CHECK_FALSE(writing.says(problem));
        writing.problem().setFocus();
        QTest::keyClick(&writing.problem(), Qt::Key_Return, Qt::ControlModifier);
        CHECK(writing.says(problem));
        CHECK(date->hasFocus());
        CHECK(writing.isOpen());
    }
    date->setText(QStringLiteral("2027-06-30"));
    CHECK_FALSE(writing.says(problem));
    QTest::keyClick(date, Qt::Key_Return, Qt::ControlModifier);
    CHECK(eventually([&] { return !writing.isOpen(); }));
    CHECK(charter(*program.reading, content.spaceId)->target_date() == "2027-06-30");
}

TEST_CASE("what is discarded in a charter's form is gone")
{
    OwnSpace content;
    Program program(content);
    Writing writing(program, content.spaceId);
    writing.problem().setPlainText(QStringLiteral("Nonsense"));
    writing.button("Discard")->click();
    CHECK_FALSE(writing.isOpen());
    writing.place->open(editing(content.spaceId));
    CHECK(writing.problem().toPlainText().isEmpty());
}
