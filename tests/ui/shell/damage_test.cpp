// A replica that turns out to be damaged while the window reads it.

#include <QPushButton>
#include <QSignalSpy>
#include <fstream>

#include <sqlite3.h>

#include "client/replica/database.h"
#include "tests/ui/shell/desktop.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// The page from which every list of posts is read becomes nonsense; what a start needs stays whole.
void damagePosts(const Copy& copy)
{
    int64_t page = 0, size = 0;
    {
        Database database(copy.path(), Database::Mode::Write);
        database.run("PRAGMA wal_checkpoint(TRUNCATE)");
        Statement root(database, "SELECT rootpage FROM sqlite_master WHERE name = 'posts'");
        REQUIRE(root.step());
        page = root.number(0);
        Statement bytes(database, "PRAGMA page_size");
        REQUIRE(bytes.step());
        size = bytes.number(0);
    }
    std::fstream file(copy.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page - 1) * size);
    file << std::string(size_t(size), '\x5a');
}

} // namespace

TEST_CASE("A read that fails while an event is handled is told afterwards, and the program goes on")
{
    QSignalSpy told(&screen(), &Application::readFailed);
    struct Reader : QObject {
        bool event(QEvent*) override { throw Database::Damaged("database disk image is malformed"); }
    } reader;
    QEvent event(QEvent::User);
    QCoreApplication::sendEvent(&reader, &event);
    CHECK(told.isEmpty());
    REQUIRE(eventually([&] { return !told.isEmpty(); }));
    CHECK(told[0][0].toBool());
    CHECK(told[0][1].toString().contains(QStringLiteral("malformed")));
}

TEST_CASE("A damaged copy shows a sentence; the next start carries over what was not sent and the drafts")
{
    Copy copy;
    const v1::Change mine = copy.refused("Which pump?", "The small one hums.");
    copy.within([&] { copy.replica->saveDraft("ask/here", "Half", "a thought", ""); });
    copy.close();
    damagePosts(copy);
    {
        Desktop desktop(copy.profileDir());
        REQUIRE(eventually([&] { return says(desktop.window, "Stoa cannot go on"); }));
        CHECK(says(desktop.window, "damaged"));
        CHECK(says(desktop.window, "carried over"));
        CHECK_FALSE(desktop.window.currentTab());
        CHECK(seen<QAbstractButton>(desktop.window, "Quit"));
        for (const char* command : {"palette", "home", "outbox", "sign-out", "back"})
            desktop.window.run(QString::fromLatin1(command));
        REQUIRE(eventually([&] { return QFile::exists(QString::fromStdString(copy.path() + ".damaged-mark")); }));
        click(desktop.window, "Quit");
    }
    Desktop again(copy.profileDir());
    REQUIRE(eventually([&] { return again.window.currentTab() != nullptr; }));
    again.window.open(outboxLocation());
    CHECK(says(again.place(), "Which pump?"));
    const auto kept = draft(Reading(again.worker.replicaPath()), QStringLiteral("ask/here"));
    REQUIRE(kept);
    CHECK(kept->title == QStringLiteral("Half"));
    CHECK(kept->text == QStringLiteral("a thought"));
    CHECK_FALSE(QFile::exists(QString::fromStdString(copy.path() + ".damaged-mark")));
}

TEST_CASE("A copy that cannot be read for another reason shows the reason and is not put aside")
{
    Copy copy;
    Desktop desktop(copy);
    desktop.window.readFailed(false, QStringLiteral("disk I/O error"));
    CHECK(says(desktop.window, "disk I/O error"));
    CHECK_FALSE(desktop.window.currentTab());
    // Whatever fails after that changes nothing.
    desktop.window.readFailed(true, QStringLiteral("more"));
    CHECK(says(desktop.window, "disk I/O error"));
    CHECK_FALSE(QFile::exists(QString::fromStdString(copy.path() + ".damaged-mark")));
}
