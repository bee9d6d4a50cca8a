// Three people write in one page, each in a window of their own over a real server: at once, and after a time without
// a network.

#include <optional>

#include "client/replica/queries.h"
#include "client/ui/editor/markdown_editor.h"
#include "tests/ui/shell/desktop.h"
#include "tests/ui/shell/organisation.h"

using namespace stoa;
using namespace stoa::test;

namespace {

const std::string start = "Ask Ben for a key.\n\n"
                          "Lunch is at twelve, in the canteen.\n\n"
                          "The tools are on the second floor.\n";

// Somebody with a computer.
class Colleague {
public:
    explicit Colleague(const InviteLink& invitation) : join_(joinBy(invitation)) {}

    void startProgram(bool connect)
    {
        desktop_.emplace(dir_.path(), connect, keyring_);
        if (keyring_.isEmpty())
            desktop_->worker.join(join_);
        REQUIRE(eventually([&] { return desktop_->window.currentTab() != nullptr; }));
        if (connect)
            REQUIRE(eventually([&] { return isInStep(); }));
    }
    void endProgram() { desktop_.reset(); }
    Desktop& desktop() { return *desktop_; }

    bool isInStep() const
    {
        const SyncStatus status = desktop_->worker.status();
        return status.state == SyncStatus::State::UpToDate && status.waiting == 0;
    }
    // The page that there is, in the editor.
    void openPage()
    {
        const Reading reading(desktop_->worker.replicaPath());
        const QList<SpaceRow> all = spaces(reading);
        REQUIRE(all.size() == 1);
        const QList<PostRow> pages = pagesBelow(reading, all.first().id, {});
        REQUIRE(pages.size() == 1);
        Location location = pagesLocation(all.first().id, pages.first().id);
        location.write = true;
        desktop_->window.open(location);
        page = pages.first().id;
        REQUIRE(eventually([&] { return hasEditor() && text().contains(QStringLiteral("Lunch")); }));
    }
    bool hasEditor() const { return findEditor() != nullptr; }
    MarkdownEditor& editor() const
    {
        MarkdownEditor* found = findEditor();
        REQUIRE(found);
        return *found;
    }
    QString text() const { return editor().text(); }
    std::string stored() const { return body(Reading(desktop_->worker.replicaPath()), page).toStdString(); }

    // With the keys of the keyboard, after these words.
    void type(const char* after, const char* words)
    {
        const qsizetype at = text().indexOf(QString::fromUtf8(after));
        INFO(after << " in " << text().toStdString());
        REQUIRE(at >= 0);
        QTextCursor cursor(editor().document());
        cursor.setPosition(int(at + QString::fromUtf8(after).size()));
        editor().setTextCursor(cursor);
        QTest::keyClicks(&editor(), QString::fromUtf8(words));
    }
    void rewrite(const char* old, const char* words)
    {
        const qsizetype at = text().indexOf(QString::fromUtf8(old));
        INFO(old << " in " << text().toStdString());
        REQUIRE(at >= 0);
        QTextCursor cursor(editor().document());
        cursor.setPosition(int(at));
        cursor.setPosition(int(at + QString::fromUtf8(old).size()), QTextCursor::KeepAnchor);
        editor().setTextCursor(cursor);
        QTest::keyClicks(&editor(), QString::fromUtf8(words));
    }

    Id page;

private:
    static Join joinBy(const InviteLink& link)
    {
        Join join;
        join.host = QString::fromStdString(link.server.host);
        join.port = link.server.port;
        join.pin = QByteArray::fromStdString(link.pin);
        join.login = QString::fromStdString(link.login);
        join.code = QByteArray::fromStdString(link.code);
        join.password = QStringLiteral("correct horse 9");
        return join;
    }
    MarkdownEditor* findEditor() const
    {
        for (MarkdownEditor* each : desktop_->window.findChildren<MarkdownEditor*>())
            if (each->isVisible())
                return each;
        return nullptr;
    }

    Join join_;
    QTemporaryDir dir_;
    Keyring keyring_;
    std::optional<Desktop> desktop_;
};

struct Team {
    Team()
        : ann((organisation.page("Onboarding", start), organisation.link)),
          ben(organisation.person("ben")),
          cleo(organisation.person("cleo"))
    {
        for (Colleague* each : everybody()) {
            each->startProgram(true);
            each->openPage();
        }
    }
    std::array<Colleague*, 3> everybody() { return {&ann, &ben, &cleo}; }
    bool allSee(const char* words)
    {
        const auto sees = [&](Colleague* each) { return each->text().contains(QString::fromUtf8(words)); };
        const auto all = everybody();
        return std::all_of(all.begin(), all.end(), sees);
    }
    bool allAreEqual()
    {
        return ann.text() == ben.text() && ben.text() == cleo.text() && ann.isInStep() && ben.isInStep() &&
               cleo.isInStep() && ann.stored() == ben.stored() && ben.stored() == cleo.stored() &&
               ann.text().toStdString() == ann.stored();
    }

    Organisation organisation;
    Colleague ann, ben, cleo;
};

int countOf(const QString& text, const char* part)
{
    return int(text.count(QString::fromUtf8(part)));
}

} // namespace

TEST_CASE("Three people in one page see each other write, and take back only their own")
{
    Team team;
    team.ann.type("Ask Ben", " or Ann");
    team.ben.type("at twelve", " sharp");
    team.cleo.type("second floor", ", behind the lift");
    REQUIRE(eventually([&] {
        return team.allSee("Ask Ben or Ann for") && team.allSee("at twelve sharp") &&
               team.allSee("second floor, behind the lift");
    }));

    QTest::keyClick(&team.ben.editor(), Qt::Key_Z, Qt::ControlModifier);
    REQUIRE(eventually([&] {
        const QString text = team.cleo.text();
        return !text.contains(QStringLiteral("sharp")) && text.contains(QStringLiteral("or Ann")) &&
               text.contains(QStringLiteral("behind the lift"));
    }));
    CHECK(eventually([&] { return team.allAreEqual(); }));
}

TEST_CASE("Two write without a network while a third writes on, the server is killed, and all end with all of it")
{
    Team team;
    for (Colleague* each : {&team.ann, &team.ben}) {
        each->endProgram();
        each->startProgram(false);
        each->openPage();
    }
    team.ann.rewrite("Ask Ben for a key.", "Ask nobody: doors open by card for a year!"); // some words as they were
    team.ann.type("second floor", " now");
    team.ben.rewrite("Ask Ben for a key.", "Nobody locks up any more?");
    team.ben.type("in the canteen", " or the garden");
    team.cleo.type("The tools", " for wood");
    REQUIRE(
        eventually([&] { return team.cleo.isInStep() && team.cleo.stored().find("for wood") != std::string::npos; }));

    team.organisation.kill();
    team.cleo.type("Lunch", " for everybody");
    team.ann.endProgram();
    team.ben.endProgram();
    team.organisation.serve();
    team.cleo.desktop().worker.reconnectNow();
    for (Colleague* each : {&team.ann, &team.ben}) {
        each->startProgram(true);
        each->openPage();
    }
    REQUIRE(
        eventually([&] { return team.allAreEqual() && team.allSee("for everybody") && team.allSee("for a year"); }));
    const QString text = team.cleo.text();
    INFO(text.toStdString());
    CHECK(countOf(text, "Ask nobody: doors open by card for a year!") == 1);
    CHECK(countOf(text, "Nobody locks up any more?") == 1);
    CHECK(countOf(text, "Lunch for everybody is at twelve, in the canteen or the garden.") == 1);
    CHECK(countOf(text, "The tools for wood are on the second floor now.") == 1);
}
