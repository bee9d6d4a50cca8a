#include "client/worker/search_thread.h"

#include <QDir>

#include "tests/client/net/tls_server.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// A desk on the test's own thread, and what it told.
class Search {
public:
    Search() : path_(QString::fromStdString(shelf.path()))
    {
        application();
        desk =
            std::make_unique<SearchDesk>(path_, path_ + QStringLiteral(".search"),
                                         SearchDesk::Events{[this](int unindexed) { told.append(unindexed); },
                                                            [this](quint64 ticket, const SearchResults& results) {
                                                                tickets.append(ticket);
                                                                found = int(results.hits.size());
                                                            },
                                                            [this](const QString& sentence) { problem = sentence; }});
    }
    ~Search() { desk->close(); }

    bool isSettled() const { return !told.isEmpty() && told.last() == 0; }
    int find(const char* words)
    {
        const quint64 ticket = ++last_;
        desk->search(ticket, QString::fromUtf8(words), {}, 20);
        REQUIRE(until([&] { return tickets.contains(ticket); }));
        return found;
    }

    Shelf shelf;
    std::unique_ptr<SearchDesk> desk;
    QList<int> told;
    QList<quint64> tickets;
    int found = -1;
    QString problem;

private:
    QString path_;
    quint64 last_ = 0;
};

} // namespace

TEST_CASE("what is there is searchable, and what comes is soon after")
{
    Search search;
    const v1::Record early = search.shelf.question("Early bird");
    search.shelf.receive(search.shelf.space(), {early});
    search.desk->open();
    REQUIRE(until([&] { return search.isSettled(); }));
    CHECK(search.find("bird") == 1);

    const v1::Record late = search.shelf.question("Late bird");
    search.shelf.receive(search.shelf.space(), {late});
    search.told.clear();
    Touched touched;
    SECTION("named")
    {
        touched.posts = {idOf(late)};
    }
    SECTION("in bulk")
    {
        touched.bulk = true;
    }
    search.desk->touched(touched);
    REQUIRE(until([&] { return search.isSettled(); }));
    CHECK(search.find("bird") == 2);
    for (const int unindexed : search.told)
        CHECK((unindexed == 0 || unindexed == SyncStatus::notCounted || unindexed == 1));
}

TEST_CASE("of several questions the newest is answered")
{
    Search search;
    search.desk->open();
    for (quint64 ticket : {101, 102, 103})
        search.desk->search(ticket, QStringLiteral("bird"), {}, 20);
    REQUIRE(until([&] { return !search.tickets.isEmpty(); }));
    CHECK(search.tickets == QList<quint64>{103});
}

TEST_CASE("trouble with the index ends once it works again")
{
    Search search;
    // The file's place is taken.
    const QString path = QString::fromStdString(search.shelf.path()) + QStringLiteral(".search");
    REQUIRE(QDir().mkpath(path + QStringLiteral("/in the way")));
    search.desk->open();
    CHECK_FALSE(search.problem.isEmpty());
    CHECK(search.find("bird") == 0); // answered, with a note
    REQUIRE(QDir(path).removeRecursively());
    search.desk->open();
    CHECK(until([&] { return search.isSettled(); }));
}
