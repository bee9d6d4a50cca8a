// Where the window is, how it gets there by keys and links, and what it remembers.

#include <QAbstractScrollArea>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QShortcut>
#include <QTabBar>

#include "client/ui/editor/markdown_editor.h"
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
    CHECK(says(desktop.window, "is not here: it was deleted"));
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

TEST_CASE("Ctrl+N asks from anywhere, and what is typed at once is the title")
{
    Copy copy;
    Desktop desktop(copy);
    const auto from = GENERATE(0, 1, 2);
    if (from > 0)
        desktop.window.open(from == 1 ? spaceLocation(copy.spaceId) : questionsLocation(copy.spaceId));
    desktop.press(Qt::Key_N, Qt::ControlModifier);
    REQUIRE(desktop.here().write);
    auto* title = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    REQUIRE(title);
    QTest::keyClicks(title, QStringLiteral("How do I close it?"));
    CHECK(title->text() == QStringLiteral("How do I close it?"));
    CHECK(nameOf(title) == QStringLiteral("The question in one line"));
    CHECK(desktop.here().write);
}

TEST_CASE("Why a question could not be asked is no longer said once it is asked")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.press(Qt::Key_N, Qt::ControlModifier);
    auto* title = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    REQUIRE(title);
    title->setText(QString(600, QLatin1Char('w')));
    desktop.press(Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(eventually([&] { return says(desktop.window, "too long"); }));
    CHECK(title->hasFocus());
    title->setText(QStringLiteral("How do I close it?"));
    desktop.press(Qt::Key_Return, Qt::ControlModifier);
    REQUIRE(eventually([&] { return !desktop.here().write; }));
    CHECK_FALSE(says(desktop.window, "too long"));
}

TEST_CASE("A title without a space fits into the window everywhere")
{
    Copy copy;
    const std::string endless(400, 'w');
    v1::Record asked = copy.question(endless);
    v1::Record sheet = copy.question(endless);
    sheet.mutable_post()->set_kind(v1::PAGE);
    v1::Record below = copy.question("Below it");
    below.mutable_post()->set_kind(v1::PAGE);
    below.mutable_post()->set_parent(sheet.id());
    REQUIRE(copy.receive(copy.space(), {asked, sheet, below}) == Replica::Received::AtHead);
    copy.refused(endless, "Why?");
    const Id question = idOf(asked);
    const Id page = idOf(sheet);
    const Id lower = idOf(below);
    Desktop desktop(copy);
    const Location places[] = {homeLocation(),
                               spaceLocation(copy.spaceId),
                               questionsLocation(copy.spaceId, question),
                               pagesLocation(copy.spaceId, page),
                               pagesLocation(copy.spaceId, lower),
                               outboxLocation()};
    for (const Location& location : places) {
        INFO(printLocation(location).toStdString());
        desktop.window.open(location);
        QTest::qWait(0);
        for (const QScrollArea* area : desktop.window.findChildren<QScrollArea*>())
            if (isSeen(area))
                CHECK(area->widget()->width() <= area->viewport()->width());
        CHECK(desktop.window.minimumSizeHint().width() <= desktop.window.minimumWidth());
    }
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

TEST_CASE("Enter presses the button that has the keyboard")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.window.open(pagesLocation(copy.spaceId, copy.pageId));
    const auto button = [&](const char* text) {
        for (QPushButton* each : desktop.window.findChildren<QPushButton*>())
            if (each->isVisible() && each->text() == QLatin1String(text))
                return each;
        throw std::logic_error(text);
    };
    button("History")->setFocus();
    desktop.press(Qt::Key_Return);
    CHECK(desktop.here().kind == Location::Kind::History);
    button("Home")->setFocus();
    desktop.press(Qt::Key_Return);
    CHECK(desktop.here().kind == Location::Kind::Home);
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

TEST_CASE("The question mark lists every key that the window, its places and the editor listen for")
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
    QStringList listed;
    for (const QLabel* label : keys->findChildren<QLabel*>())
        listed << label->text().split(QStringLiteral(", "));
    desktop.window.open(historyLocation(copy.spaceId, copy.pageId), true);
    Location editing = pagesLocation(copy.spaceId, copy.pageId);
    editing.write = true;
    desktop.window.open(editing, true);
    QSet<QString> heard;
    for (const QShortcut* each : desktop.window.findChildren<QShortcut*>())
        heard << each->key().toString();
    for (const QAbstractButton* each : desktop.window.findChildren<QAbstractButton*>())
        heard << each->shortcut().toString();
    for (int act = 0; act <= int(MarkdownEditor::Act::Redo); ++act)
        heard << MarkdownEditor::keyOf(MarkdownEditor::Act(act)).toString();
    heard.remove({});
    CHECK(heard.contains(QStringLiteral("H")));
    CHECK(heard.contains(QStringLiteral("N")));
    CHECK(heard.contains(QStringLiteral("Ctrl+Shift+P")));
    for (const QString& key : std::as_const(heard)) {
        INFO(key.toStdString());
        CHECK(listed.contains(key));
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

TEST_CASE("Alt+Home goes home from the list of pages and from a page's text")
{
    Copy copy;
    Desktop desktop(copy);
    for (const char* name : {"Pages", "The page's text"}) {
        INFO(name);
        desktop.window.open(pagesLocation(copy.spaceId, copy.pageId));
        auto* has = seen<QAbstractScrollArea>(desktop.window, name);
        REQUIRE(has);
        has->setFocus();
        desktop.press(Qt::Key_Home, Qt::AltModifier);
        CHECK(desktop.here() == homeLocation());
    }
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
