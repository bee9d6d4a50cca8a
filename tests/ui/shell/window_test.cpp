// Where the window is, how it gets there by keys and links, and what it remembers.

#include <QLineEdit>
#include <QTabBar>

#include "client/ui/shell/shortcuts_dialog.h"
#include "client/ui/shell/window_state.h"
#include "shared/domain/invite_link.h"
#include "tests/ui/shell/desktop.h"

using namespace stoa;
using namespace stoa::test;

namespace {

QString linkTo(const Id& post)
{
    return QString::fromStdString(printPostLink({{"127.0.0.1", 7443}, post}));
}

} // namespace

TEST_CASE("A link opens its post; an answer's link opens the question and brings the answer into view")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.window.openLink(linkTo(copy.pageId));
    CHECK(desktop.here().kind == Location::Kind::Pages);
    CHECK(desktop.here().post == copy.pageId);
    desktop.window.openLink(linkTo(copy.answerId));
    CHECK(desktop.here().kind == Location::Kind::Questions);
    CHECK(desktop.here().post == copy.questionId);
}

TEST_CASE("A link that comes before the copy is open waits for it")
{
    Copy copy;
    copy.close();
    Desktop desktop(copy.profileDir());
    desktop.window.openLink(linkTo(copy.questionId));
    CHECK(eventually([&] { return desktop.here().post == copy.questionId; }));
}

TEST_CASE("A link that leads nowhere ends in a sentence, and the window stays where it was")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.window.openLink(linkTo(copy.id()));
    CHECK(says(desktop.window, "not on this device"));
    desktop.window.openLink(QStringLiteral("stoa://nonsense"));
    CHECK(says(desktop.window, "should look like"));
    CHECK(desktop.here() == homeLocation());
}

TEST_CASE("The window comes back with its tabs, its size and its colours")
{
    Copy copy;
    {
        Desktop desktop(copy);
        desktop.window.resize(1111, 777);
        desktop.window.open(questionsLocation(copy.spaceId, copy.questionId));
        desktop.window.open(pagesLocation(copy.spaceId, copy.pageId), true);
        desktop.window.setStyleChoice(StyleChoice::Dark);
        desktop.window.close();
    }
    Desktop again(copy);
    CHECK(again.window.size() == QSize(1111, 777));
    CHECK(again.here().post == copy.pageId);
    CHECK(loadWindowState(copy.profileDir()).style == StyleChoice::Dark);
    again.press(Qt::Key_Tab, Qt::ControlModifier);
    CHECK(again.here().post == copy.questionId);
    again.window.setStyleChoice(StyleChoice::Light);
}

TEST_CASE("Ctrl+P opens the palette, and Esc closes it")
{
    Copy copy;
    Desktop desktop(copy);
    auto* palette = desktop.window.findChild<Palette*>();
    REQUIRE(palette);
    CHECK_FALSE(palette->isVisible());
    desktop.press(Qt::Key_P, Qt::ControlModifier);
    REQUIRE(palette->isVisible());
    CHECK(palette->isAncestorOf(QApplication::focusWidget()));
    desktop.press(Qt::Key_Escape);
    CHECK_FALSE(palette->isVisible());
}

TEST_CASE("The slash goes to search, and into a text where one is being written")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.press(Qt::Key_Slash);
    auto* field = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    REQUIRE(field);
    CHECK(nameOf(field) == QStringLiteral("Search everything"));
    CHECK(field->text().isEmpty());
    QTest::keyClicks(field, QStringLiteral("valve/key"));
    CHECK(field->text() == QStringLiteral("valve/key"));
    CHECK(desktop.here().kind == Location::Kind::Search);
    CHECK(desktop.here().words == QStringLiteral("valve/key"));
}

TEST_CASE("The question mark lists the keys")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.press(Qt::Key_Question);
    auto* keys = desktop.window.findChild<ShortcutsDialog*>();
    REQUIRE(keys);
    CHECK(keys->isVisible());
    for (const char* words : {"Go to anything", "Ctrl+P", "Search", "/", "Back", "Alt+Left", "Ctrl+Enter", "Esc"}) {
        INFO(words);
        CHECK(says(*keys, words));
    }
}

TEST_CASE("Alt+Left and Alt+Right go back and forward")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.window.open(pagesLocation(copy.spaceId, copy.pageId));
    desktop.window.open(outboxLocation());
    desktop.press(Qt::Key_Left, Qt::AltModifier);
    CHECK(desktop.here().post == copy.pageId);
    desktop.press(Qt::Key_Left, Qt::AltModifier);
    CHECK(desktop.here() == homeLocation());
    desktop.press(Qt::Key_Left, Qt::AltModifier);
    CHECK(desktop.here() == homeLocation());
    desktop.press(Qt::Key_Right, Qt::AltModifier);
    CHECK(desktop.here().post == copy.pageId);
}

TEST_CASE("Nothing is said about search while nothing is known to be missing")
{
    Copy copy;
    Desktop desktop(copy);
    REQUIRE(eventually([&] { return seen<QAbstractButton>(desktop.window, "Offline"); }));
    CHECK_FALSE(says(desktop.window, "searchable"));
    for (const QAbstractButton* button : desktop.window.findChildren<QAbstractButton*>())
        CHECK_FALSE(button->toolTip().contains(QStringLiteral("searchable")));
}
