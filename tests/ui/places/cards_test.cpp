// Cards of rows and how often they are read: what a hand is at stays under it while things arrive.

#include <QSignalSpy>

#include "client/ui/widgets/refresher.h"
#include "client/ui/widgets/row_card.h"
#include "tests/support/catch.h"
#include "tests/ui/places/content.h"

using namespace stoa;
using namespace stoa::test;

namespace {

Id id(char name)
{
    return deriveId(1, "row", std::string(1, name));
}

QList<CardRow> rows(const char* names)
{
    QList<CardRow> made;
    for (const char* name = names; *name; ++name)
        made.append({id(*name), QString(QLatin1Char(*name)), QStringLiteral("3 h"), {}});
    return made;
}

struct Shown {
    explicit Shown(const char* names) : card((screen(), QStringLiteral("A card")), QStringLiteral("Nothing."))
    {
        card.setRows(rows(names));
        QObject::connect(&card, &RowCard::chosen, &card, [this](const Id& id, bool) { chosen.append(id); });
        shown(card);
    }
    RowButton& button(int row) { return *card.findChildren<RowButton*>()[row]; }
    QString words()
    {
        QString all;
        for (const RowButton* button : card.findChildren<RowButton*>())
            if (button->isVisible())
                all += button->accessibleName().at(0);
        return all;
    }

    RowCard card;
    QList<Id> chosen;
};

} // namespace

TEST_CASE("a card shows the rows it was given, and a sentence where there are none")
{
    Shown s("abc");
    CHECK(s.words() == QStringLiteral("abc"));
    s.card.setRows(rows("dab"));
    CHECK(s.words() == QStringLiteral("dab"));
    CHECK_FALSE(labelled<QLabel>(s.card, QStringLiteral("Nothing.")));
    s.card.setRows({});
    CHECK(s.words().isEmpty());
    CHECK(labelled<QLabel>(s.card, QStringLiteral("Nothing.")));
    s.card.setRows(rows("a"));
    CHECK(s.words() == QStringLiteral("a"));
}

TEST_CASE("where a row is too narrow for its title and its detail, both are read one below the other")
{
    screen();
    RowButton row;
    const QString title = QStringLiteral("Who has replaced a fan without draining it?");
    row.set(title, QStringLiteral("Field service · 3 h"), {QStringLiteral("New"), Tone::Accent});
    const int text = QFontMetrics(fontOf(Size::Text, Weight::Strong)).lineSpacing();
    CHECK(row.heightForWidth(900) == row.sizeHint().height());
    CHECK(row.heightForWidth(260) >= row.sizeHint().height() + text);
    row.resize(260, 80);
    row.show();
    CHECK(row.toolTip().isEmpty());
    row.resize(120, 80);
    CHECK(row.toolTip() == title);
    // A name is not cut either, however short the title is.
    RowButton named;
    const QString page = QStringLiteral("Before the visit");
    const QString detail = QStringLiteral("Page · Field service · Inês Ferreira · just now");
    named.set(page, detail);
    const int both = QFontMetrics(fontOf(Size::Text, Weight::Strong)).horizontalAdvance(page) + grid(3) +
                     QFontMetrics(fontOf(Size::Small)).horizontalAdvance(detail) + grid(1);
    CHECK(named.heightForWidth(both) == named.sizeHint().height());
    CHECK(named.heightForWidth(both - 1) > named.sizeHint().height());
    Shown s("ab");
    s.card.setRows({{id('a'), title, QStringLiteral("Field service · 3 h"), {}}});
    s.card.resize(260, 800);
    CHECK(eventually([&] { return s.button(0).height() >= row.sizeHint().height() + text; }));
}

TEST_CASE("the keyboard goes along with its row")
{
    Shown s("abc");
    s.button(1).setFocus();
    s.card.setRows(rows("xyabc"));
    CHECK(s.button(3).hasFocus());
    CHECK(s.button(3).accessibleName().startsWith(QLatin1Char('b')));
}

TEST_CASE("the keyboard stays in the card when its row goes")
{
    Shown s("abc");
    s.button(2).setFocus();
    s.card.setRows(rows("a"));
    CHECK(s.button(0).hasFocus());
}

TEST_CASE("a click that has begun opens the row that it began on")
{
    Shown s("abc");
    QTest::mousePress(&s.button(0), Qt::LeftButton);
    s.card.setRows(rows("xabc"));
    QTest::mouseRelease(&s.button(0), Qt::LeftButton);
    CHECK(s.chosen == QList<Id>{id('a')});
    CHECK(eventually([&] { return s.words() == QStringLiteral("xabc"); }));
}

TEST_CASE("Enter opens a row")
{
    Shown s("abc");
    QTest::keyClick(&s.button(1), Qt::Key_Return);
    CHECK(s.chosen == QList<Id>{id('b')});
}

TEST_CASE("however much was touched, all parts are read once")
{
    screen();
    QWidget place;
    QStringList read;
    Refresher refresher(&place, {[&] { read << QStringLiteral("a"); }, [&] { read << QStringLiteral("b"); }});
    shown(place);
    for (int i = 0; i < 100; ++i)
        refresher.soon();
    CHECK(read.isEmpty());
    CHECK(eventually([&] { return read.size() == 2; }));
    CHECK(read == QStringList{QStringLiteral("a"), QStringLiteral("b")});
}

TEST_CASE("what was touched while the parts are read is read after them")
{
    screen();
    QWidget place;
    int runs = 0;
    Refresher* self = nullptr;
    Refresher refresher(&place, {[&] {},
                                 [&] {
                                     if (++runs == 1)
                                         self->soon();
                                 }});
    self = &refresher;
    shown(place);
    refresher.soon();
    CHECK(eventually([&] { return runs == 2; }));
}

TEST_CASE("nothing is read out of sight, and all of it when it comes into sight")
{
    screen();
    QWidget place;
    int runs = 0;
    Refresher refresher(&place, {[&] { ++runs; }});
    refresher.soon();
    QCoreApplication::processEvents();
    CHECK(runs == 0);
    shown(place);
    CHECK(eventually([&] { return runs == 1; }));
}
