#include <QCheckBox>
#include <QFile>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStyleOptionButton>
#include <QTemporaryDir>
#include <QTest>
#include <QTextLayout>

#include "client/ui/shell/history.h"
#include "client/ui/shell/instance.h"
#include "client/ui/shell/tab.h"
#include "client/ui/shell/window_state.h"
#include "client/ui/signin/sign_in.h"
#include "client/ui/widgets/widgets.h"
#include "tests/support/catch.h"
#include "tests/ui/parts/screen.h"

namespace stoa {

namespace {

Id id(uint8_t n)
{
    Id made;
    made.bytes[15] = n;
    return made;
}

// Keeps what it was told.
struct FakePlace : Place {
    using Place::Place;
    void open(const Location& location) override { at = location; }
    Location location() const override { return at; }
    QString title() const override { return QStringLiteral("a title"); }
    void refresh(const Touched& touched) override { seen.append(touched); }
    void choose(const Location& location)
    {
        at = location;
        Q_EMIT moved();
    }

    Location at;
    QList<Touched> seen;
};

Place* makeFake(const Desk& desk, QWidget* parent)
{
    return new FakePlace(desk, parent);
}

struct Tabbed {
    Tabbed() : tab((screen(), Desk{}), {makeFake, makeFake, makeFake, makeFake, makeFake, makeFake, nullptr})
    {
        tab.open(homeLocation(), false);
    }
    FakePlace& place() { return static_cast<FakePlace&>(*tab.place()); }
    Tab tab;
};

QLineEdit* field(SignIn& form, const char* name)
{
    for (QLineEdit* each : form.findChildren<QLineEdit*>())
        if (each->accessibleName() == QLatin1String(name))
            return each;
    return nullptr;
}

double luminance(const QColor& colour)
{
    const auto part = [](double v) { return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * part(colour.redF()) + 0.7152 * part(colour.greenF()) + 0.0722 * part(colour.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

} // namespace

TEST_CASE("History goes back and forward, and forgets what lay ahead")
{
    History history;
    history.go(spaceLocation(id(1)));
    history.go(pagesLocation(id(1), id(2)));
    CHECK(history.back() == spaceLocation(id(1)));
    CHECK(history.back() == homeLocation());
    CHECK(history.back() == homeLocation());
    CHECK(history.forward() == spaceLocation(id(1)));
    history.go(outboxLocation());
    CHECK_FALSE(history.canGoForward());
    CHECK(history.back() == spaceLocation(id(1)));
}

TEST_CASE("History is bounded")
{
    History history;
    for (int i = 0; i < 1'000; ++i)
        history.go(searchLocation(QString::number(i)));
    int steps = 0;
    for (; history.canGoBack(); ++steps)
        history.back();
    CHECK(steps == int(History::entriesMax) - 1);
}

TEST_CASE("A tab comes back to what was chosen inside a place")
{
    Tabbed t;
    t.tab.open(questionsLocation(id(1)));
    t.place().choose(questionsLocation(id(1), id(7)));
    t.tab.open(outboxLocation());
    t.tab.goBack();
    CHECK(t.place().location() == questionsLocation(id(1), id(7)));
    t.tab.goForward();
    CHECK(t.tab.location() == outboxLocation());
}

TEST_CASE("A place out of sight hears of changes when it comes into sight")
{
    Tabbed t;
    FakePlace& home = t.place();
    t.tab.open(outboxLocation());
    Touched first, second;
    first.spaces = {id(1)};
    second.spaces = {id(1), id(2)};
    second.outbox = true;
    t.tab.refresh(first, true);
    t.tab.refresh(second, true);
    CHECK(home.seen.isEmpty());
    CHECK(t.place().seen.size() == 2);
    t.tab.goBack();
    REQUIRE(home.seen.size() == 1);
    CHECK(home.seen[0].spaces == QList<Id>{id(1), id(2)});
    CHECK(home.seen[0].outbox);
}

TEST_CASE("Too much to name becomes bulk")
{
    Touched a, b;
    for (int i = 0; i < 400; ++i) {
        a.posts.append(newId(i, systemRandom()));
        b.posts.append(newId(i, systemRandom()));
    }
    const Touched both = merged(a, b);
    CHECK(both.bulk);
    CHECK(both.posts.isEmpty());
}

TEST_CASE("Locations survive the file; nonsense does not become one")
{
    const Location location = GENERATE(homeLocation(), spaceLocation(id(3)), pagesLocation(id(3), id(4)),
                                       questionsLocation(id(3)), outboxLocation());
    CHECK(parseLocation(printLocation(location)) == location);
    for (const char* text : {"", "home", "home/", "nowhere//", "space/xyz/", "pages/00/11", "home///"})
        CHECK_FALSE(parseLocation(QString::fromLatin1(text)));
}

TEST_CASE("The window's state survives a restart, and a damaged file is like none")
{
    QTemporaryDir dir;
    WindowState state;
    state.geometry = "somewhere";
    state.tabs = {homeLocation(), pagesLocation(id(1), id(2))};
    state.current = 1;
    state.style = StyleChoice::Dark;
    saveWindowState(dir.path(), state);
    const WindowState loaded = loadWindowState(dir.path());
    CHECK(loaded.geometry == state.geometry);
    CHECK(loaded.tabs == state.tabs);
    CHECK(loaded.current == 1);
    CHECK(loaded.style == StyleChoice::Dark);

    QFile file(dir.filePath(QStringLiteral("window.ini")));
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(10'000, '\xff'));
    file.close();
    CHECK(loadWindowState(dir.path()).tabs.isEmpty());
}

TEST_CASE("A second start hands its link over")
{
    screen();
    QTemporaryDir dir;
    Instance alone(dir.path());
    CHECK_FALSE(alone.handOver(QStringLiteral("stoa://x")));
    alone.listen();
    QSignalSpy called(&alone, &Instance::called);
    bool handed = false;
    std::unique_ptr<QThread> second(QThread::create([&] {
        Instance later(dir.path());
        handed = later.handOver(QStringLiteral("stoa://h:1/post/aa\nbb"));
    }));
    second->start();
    CHECK(eventually([&] { return second->isFinished(); }));
    CHECK(handed);
    REQUIRE(called.size() == 1);
    CHECK(called[0][0].toString() == QStringLiteral("stoa://h:1/post/aa bb"));
}

TEST_CASE("An invitation asks for a new password, twice")
{
    screen();
    SignIn form;
    form.show();
    QSignalSpy joins(&form, &SignIn::join);
    Join wanted;
    QObject::connect(&form, &SignIn::join, [&](const Join& join) { wanted = join; });
    form.setLink(QStringLiteral("stoa://127.0.0.1:7443/join?organisation=Acme&login=ana&code=%1&pin=%2")
                     .arg(QString(32, QLatin1Char('a')), QString(64, QLatin1Char('b'))));
    CHECK_FALSE(field(form, "Login")->isVisible());
    // What is typed at once goes where it is wanted.
    CHECK(form.focusWidget() == field(form, "Password"));
    QLineEdit* password = field(form, "Password");
    QLineEdit* repeat = field(form, "The same password again");
    REQUIRE(repeat->isVisible());
    password->setText(QStringLiteral("short"));
    QTest::keyClick(password, Qt::Key_Return);
    CHECK(joins.isEmpty());
    password->setText(QStringLiteral("long enough"));
    repeat->setText(QStringLiteral("another one"));
    QTest::keyClick(repeat, Qt::Key_Return);
    CHECK(joins.isEmpty());
    repeat->setText(QStringLiteral("long enough"));
    QTest::keyClick(repeat, Qt::Key_Return);
    REQUIRE(joins.size() == 1);
    CHECK(wanted.login == QStringLiteral("ana"));
    CHECK(wanted.port == 7443);
    CHECK(wanted.code.size() == 16);
    CHECK(wanted.pin.size() == 32);
    // Once only, until there is an answer.
    QTest::keyClick(repeat, Qt::Key_Return);
    CHECK(joins.size() == 1);
    form.showFailure(QStringLiteral("No."));
    QTest::keyClick(repeat, Qt::Key_Return);
    CHECK(joins.size() == 2);
}

TEST_CASE("A server's address needs a login and a password")
{
    screen();
    SignIn form;
    form.show();
    QSignalSpy joins(&form, &SignIn::join);
    QLineEdit* address = field(form, "Invitation or server");
    for (const char* text : {"", "nonsense", "stoa://x", "host:99999", "http://x:1"}) {
        address->setText(QString::fromLatin1(text));
        QTest::keyClick(address, Qt::Key_Return);
    }
    address->setText(QStringLiteral("stoa.example.org:7443"));
    QTest::keyClick(address, Qt::Key_Return);
    CHECK(joins.isEmpty());
    field(form, "Login")->setText(QStringLiteral("ana"));
    field(form, "Password")->setText(QStringLiteral("secret"));
    QTest::keyClick(address, Qt::Key_Return);
    CHECK(joins.size() == 1);
}

TEST_CASE("Every text colour can be read on every ground")
{
    const Tokens& t = tokensOf(GENERATE(Scheme::Light, Scheme::Dark));
    for (const QColor& on : {t.bg, t.pane, t.side, t.hover, t.sel, t.code})
        for (const QColor& text : {t.text, t.mute})
            CHECK(contrast(text, on) >= 4.5);
    for (const auto& [text, on] : {std::pair(t.acc, t.accbg), std::pair(t.ok, t.okbg), std::pair(t.warn, t.warnbg),
                                   std::pair(t.bad, t.badbg), std::pair(t.acctext, t.acc), std::pair(t.faint, t.bg),
                                   std::pair(t.faint, t.pane), std::pair(t.faint, t.side)})
        CHECK(contrast(text, on) >= 4.5);
    for (const char* name : {"Mara Holt", "Quality", "日本", "x", "Ines", "Handbook", "abc", "Z"})
        CHECK(contrast(nameColour(QString::fromUtf8(name)), Qt::white) >= 4.5);
}

TEST_CASE("A check box shows its box, ticked or not, in light and dark")
{
    const Scheme scheme = GENERATE(Scheme::Light, Scheme::Dark);
    applyTheme(screen(), scheme);
    QCheckBox box(QStringLiteral("Remove everything"));
    box.show();
    QStyleOptionButton option;
    option.initFrom(&box);
    const QRect place = box.style()->subElementRect(QStyle::SE_CheckBoxIndicator, &option, &box);
    const QColor ground = box.palette().color(QPalette::Window);
    const auto strongest = [&](const QImage& image) {
        double most = 1;
        for (int x = place.left(); x <= place.right(); ++x)
            most = std::max(most, contrast(image.pixelColor(x, place.center().y()), ground));
        return most;
    };
    const QImage open = box.grab().toImage();
    box.setChecked(true);
    const QImage ticked = box.grab().toImage();
    CHECK(strongest(open) >= 3);
    CHECK(strongest(ticked) >= 3);
    CHECK(open.copy(place) != ticked.copy(place));
    applyTheme(screen(), Scheme::Light);
}

TEST_CASE("A name that is written from right to left leaves the rest of its line alone")
{
    screen();
    const QString name = QString::fromUtf8("Dora دورا");
    const QString line = isolated(name) + QStringLiteral(" · 2 min");
    QTextLayout layout(line, fontOf(Size::Small));
    layout.beginLayout();
    QTextLine laid = layout.createLine();
    laid.setLineWidth(1000);
    layout.endLayout();
    CHECK_FALSE(line.isRightToLeft());
    CHECK(laid.cursorToX(int(line.indexOf(QStringLiteral("2 min")))) >
          laid.cursorToX(int(line.indexOf(QChar(0x2069)))) - 1);
    CHECK(laid.cursorToX(int(line.indexOf(QStringLiteral("2")))) <
          laid.cursorToX(int(line.indexOf(QStringLiteral("min")))));
    for (int i = 1; i < name.size(); ++i)
        CHECK(laid.cursorToX(i) < laid.cursorToX(int(line.indexOf(QStringLiteral("2 min")))));
}

TEST_CASE("Initials of names of all kinds")
{
    CHECK(initials(QStringLiteral("Mara Holt")) == QStringLiteral("MH"));
    CHECK(initials(QStringLiteral("Dr. Ines Faro")) == QStringLiteral("IF"));
    CHECK(initials(QStringLiteral("li")) == QStringLiteral("L"));
    CHECK(initials(QStringLiteral("  ")) == QStringLiteral("?"));
    CHECK(initials(QStringLiteral("...")) == QStringLiteral("."));
    CHECK(initials(QString::fromUtf8("山田 太郎")) == QString::fromUtf8("山太"));
    CHECK(initials(QString::fromUtf8("😀 x")).toUtf8().isValidUtf8());
}

} // namespace stoa
