// Signing out and coming back: what stays, what is shown, and the ways out of the sign-in page.

#include <QCheckBox>
#include <QLineEdit>
#include <QMessageBox>

#include "client/ui/shell/window_state.h"
#include "client/ui/signin/sign_in.h"
#include "tests/ui/shell/desktop.h"
#include "tests/ui/shell/organisation.h"

using namespace stoa;
using namespace stoa::test;

namespace {

SignIn* signInPage(Desktop& desktop)
{
    auto* page = desktop.window.findChild<SignIn*>();
    return page && page->isVisible() ? page : nullptr;
}

void type(Desktop& desktop, const char* field, const QString& text)
{
    INFO(field);
    auto* found = seen<QLineEdit>(desktop.window, field);
    REQUIRE(found);
    found->setText(text);
}

void signOut(Desktop& desktop, bool wipe)
{
    desktop.window.run(QStringLiteral("sign-out"));
    auto* ask = desktop.window.findChild<QMessageBox*>();
    REQUIRE(ask);
    if (wipe)
        ask->checkBox()->setChecked(true);
    click(*ask, "Sign out");
    REQUIRE(eventually([&] { return signInPage(desktop) != nullptr; }));
}

const QString password = QStringLiteral("correct horse 9");

} // namespace

TEST_CASE("Signed out with the copy kept, a restart shows the sign-in page and nothing of the copy")
{
    Copy copy;
    const v1::Change mine = copy.refused("Which pump?", "The small one hums.");
    {
        Desktop desktop(copy);
        signOut(desktop, false);
        CHECK_FALSE(desktop.window.currentTab());
        CHECK_FALSE(seen<QAbstractButton>(desktop.window, "Back to reading"));
        desktop.press(Qt::Key_P, Qt::ControlModifier);
        desktop.press(Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
        CHECK(signInPage(desktop));
    }
    Desktop again(copy.profileDir());
    REQUIRE(eventually([&] { return signInPage(again) != nullptr; }));
    CHECK_FALSE(again.window.currentTab());
    CHECK(seen<QLineEdit>(again.window, "Login")->text() == QStringLiteral("ada"));
    CHECK(seen<QLineEdit>(again.window, "Invitation or server")->text() == QStringLiteral("127.0.0.1:7443"));
    const Reading reading(again.worker.replicaPath());
    CHECK(outboxCount(reading) == 1);
    CHECK(post(reading, copy.questionId));
}

TEST_CASE("Signed out with everything removed, nothing is left, not even after a restart")
{
    Copy copy;
    {
        Desktop desktop(copy);
        signOut(desktop, true);
        CHECK_FALSE(post(Reading(desktop.worker.replicaPath()), copy.questionId));
    }
    Desktop again(copy.profileDir());
    REQUIRE(eventually([&] { return signInPage(again) != nullptr; }));
    CHECK(seen<QLineEdit>(again.window, "Login")->text().isEmpty());
    CHECK(profile(Reading(again.worker.replicaPath())).person.isNull());
}

TEST_CASE("The question about signing out says what becomes of the copy, as the box is ticked")
{
    Copy copy;
    copy.refused("Which pump?", "The small one hums.");
    Desktop desktop(copy);
    desktop.window.run(QStringLiteral("sign-out"));
    auto* ask = desktop.window.findChild<QMessageBox*>();
    REQUIRE(ask);
    CHECK(ask->text().contains(QStringLiteral("stays")));
    CHECK(ask->informativeText().contains(QStringLiteral("stays here")));
    ask->checkBox()->setChecked(true);
    CHECK_FALSE(ask->text().contains(QStringLiteral("stays")));
    CHECK(ask->text().contains(QStringLiteral("removed")));
    CHECK(ask->informativeText().contains(QStringLiteral("lost")));
    ask->checkBox()->setChecked(false);
    CHECK(ask->text().contains(QStringLiteral("stays")));
}

TEST_CASE("Signed out, the window names nothing of what was read")
{
    Copy copy;
    const bool wipe = GENERATE(false, true);
    Desktop desktop(copy);
    desktop.window.open(questionsLocation(copy.spaceId, copy.questionId));
    REQUIRE(desktop.window.windowTitle().contains(QStringLiteral("valve")));
    signOut(desktop, wipe);
    CHECK(desktop.window.windowTitle() == QStringLiteral("Stoa"));
    if (wipe)
        CHECK(loadWindowState(copy.profileDir()).tabs.isEmpty());
}

TEST_CASE("Who is asked to sign in again may go back to reading")
{
    Copy copy;
    copy.close();
    // Without a token on this device, though nobody signed out.
    Desktop desktop(copy.profileDir(), true);
    REQUIRE(eventually([&] { return desktop.window.currentTab() != nullptr; }));
    desktop.window.open(questionsLocation(copy.spaceId, copy.questionId));
    click(desktop.window, "Not signed in");
    REQUIRE(signInPage(desktop));
    click(desktop.window, "Back to reading");
    REQUIRE(eventually([&] { return !signInPage(desktop); }));
    CHECK(desktop.here().post == copy.questionId);
    CHECK(desktop.place().isVisible());
}

TEST_CASE("A link that is opened on the sign-in page is shown after it")
{
    Copy copy;
    copy.close();
    Desktop desktop(copy.profileDir(), true);
    click(desktop.window, "Not signed in");
    REQUIRE(signInPage(desktop));
    desktop.window.openLink(QStringLiteral("stoa://nonsense"));
    CHECK(says(desktop.window, "should look like"));
    desktop.window.openLink(QString::fromStdString(printPostLink({{"127.0.0.1", 7443}, copy.questionId})));
    CHECK(signInPage(desktop));
    click(desktop.window, "Back to reading");
    CHECK(eventually([&] { return desktop.here().post == copy.questionId; }));
}

TEST_CASE("Join by invitation, sign out, come back with login and password: the server's key is still known")
{
    Organisation organisation;
    QTemporaryDir dir;
    Keyring keyring;
    {
        Desktop desktop(dir.path(), true, keyring);
        REQUIRE(eventually([&] { return signInPage(desktop) != nullptr; }));
        desktop.window.openLink(organisation.invitation());
        type(desktop, "Password", password);
        type(desktop, "The same password again", password);
        click(desktop.window, "Join");
        REQUIRE(eventually([&] { return desktop.window.currentTab() != nullptr; }));
        CHECK_FALSE(keyring.isEmpty());
        signOut(desktop, false);
        CHECK(eventually([&] { return keyring.isEmpty(); }));
    }
    Desktop again(dir.path(), true, keyring);
    REQUIRE(eventually([&] { return signInPage(again) != nullptr; }));
    CHECK(seen<QLineEdit>(again.window, "Invitation or server")->text() == organisation.address());
    SECTION("a wrong password is said, and nothing is shown")
    {
        type(again, "Password", QStringLiteral("something else"));
        click(again.window, "Sign in");
        CHECK(eventually([&] { return says(again.window, "password"); }));
        CHECK_FALSE(again.window.currentTab());
    }
    SECTION("with the address that is filled in")
    {
        type(again, "Password", password);
        click(again.window, "Sign in");
        CHECK(eventually([&] { return again.window.currentTab() != nullptr; }));
    }
    SECTION("with the old invitation and the password that was chosen then")
    {
        type(again, "Invitation or server", organisation.invitation());
        click(again.window, "I have a password already");
        type(again, "Password", password);
        click(again.window, "Sign in");
        CHECK(eventually([&] { return again.window.currentTab() != nullptr; }));
    }
}
