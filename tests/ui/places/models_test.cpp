// The models of these places over a real replica, held against what Qt asks of a model.

#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include <random>

#include "client/models/page_tree_model.h"
#include "client/models/palette_model.h"
#include "client/models/search_model.h"
#include "client/models/space_list_model.h"
#include "tests/support/catch.h"
#include "tests/ui/places/content.h"

using namespace stoa;
using namespace stoa::test;

namespace {

constexpr auto fatal = QAbstractItemModelTester::FailureReportingMode::Fatal;

// A space's pages on the server, and the model of somebody who has all of them open.
struct Tree : Content {
    Tree() : reading(QString::fromStdString(path())), model((screen(), reading)), tester(&model, fatal)
    {
        tester.setUseFetchMore(false); // within a change, as no view does
    }

    v1::Record& page(const char* title, const Id& above = {}, int64_t position = 0)
    {
        pages.push_back(pageRecord(*this, title, above));
        pages.back().mutable_post()->set_position(position);
        send(pages.back());
        return pages.back();
    }
    Id id(size_t nth) const { return stoa::test::idOf(pages[nth]); }
    void send(const v1::Record& record) { REQUIRE(receive(space(), {record}) == Replica::Received::AtHead); }
    void show()
    {
        model.setSpace(spaceId);
        openAll();
    }
    void openAll(const QModelIndex& at = {})
    {
        if (model.canFetchMore(at))
            model.fetchMore(at);
        for (int row = 0; row < model.rowCount(at); ++row)
            openAll(model.index(row, 0, at));
    }
    void refresh(const Touched& touched)
    {
        model.refresh(touched);
        while (model.readStale(1'000)) {}
    }
    // As in "a(b c) d".
    QString words(const QModelIndex& at = {}) const
    {
        QStringList all;
        for (int row = 0; row < model.rowCount(at); ++row) {
            const QModelIndex index = model.index(row, 0, at);
            const QString below = words(index);
            all << index.data().toString() +
                       (below.isEmpty() ? QString() : QLatin1Char('(') + below + QLatin1Char(')'));
        }
        return all.join(QLatin1Char(' '));
    }
    QString truth(const Id& parent = {}) const
    {
        QStringList all;
        for (const PostRow& row : pagesBelow(reading, spaceId, parent)) {
            const QString below = truth(row.id);
            all << row.title + (below.isEmpty() ? QString() : QLatin1Char('(') + below + QLatin1Char(')'));
        }
        return all.join(QLatin1Char(' '));
    }

    std::vector<v1::Record> pages;
    Reading reading;
    PageTreeModel model;
    QAbstractItemModelTester tester;
};

} // namespace

TEST_CASE("a tree of pages is read as it is opened")
{
    Tree tree;
    const Id a = idOf(tree.page("a"));
    tree.page("b", a);
    tree.page("c");
    tree.show();
    CHECK(tree.words() == QStringLiteral("a(b) c"));
    CHECK(tree.model.reveal(tree.id(1)).data().toString() == QStringLiteral("b"));
    CHECK_FALSE(tree.model.reveal(tree.spaceId).isValid());
}

TEST_CASE("the first page is found behind sections that have none")
{
    Tree tree;
    const auto section = [&](const char* title, const Id& above) {
        v1::Record record = pageRecord(tree, title, above);
        record.mutable_post()->set_kind(v1::SECTION);
        tree.send(record);
        return idOf(record);
    };
    section("a", section("a", {}));
    const Id within = section("b", {});
    CHECK((tree.show(), tree.model.firstPage()).isNull());
    tree.page("d");
    const Id c = idOf(tree.page("c", within));
    tree.model.setSpace(tree.spaceId);
    CHECK(tree.model.firstPage() == c);
}

TEST_CASE("a page that gets its first page below can be opened")
{
    Tree tree;
    const Id a = idOf(tree.page("a"));
    tree.show();
    REQUIRE_FALSE(tree.model.hasChildren(tree.model.index(0, 0)));
    const Id b = idOf(tree.page("b", a));
    tree.refresh(touchedPosts(tree.spaceId, {b}));
    CHECK(tree.model.hasChildren(tree.model.index(0, 0)));
    CHECK(tree.words() == QStringLiteral("a(b)"));
}

TEST_CASE("a page that was renamed, moved or removed is so in the tree, and what is held stays held")
{
    Tree tree;
    const Id a = idOf(tree.page("a"));
    tree.page("b", a);
    tree.page("c", a);
    tree.page("d");
    tree.show();
    const QPersistentModelIndex d = tree.model.reveal(tree.id(3));

    tree.pages[2].mutable_post()->set_title("cc");
    tree.send(tree.pages[2]);
    tree.refresh(touchedPosts(tree.spaceId, {tree.id(2)}));
    CHECK(tree.words() == QStringLiteral("a(b cc) d"));

    tree.pages[1].mutable_post()->clear_parent();
    tree.send(tree.pages[1]);
    tree.refresh(touchedPosts(tree.spaceId, {tree.id(1)}));
    CHECK(tree.words() == QStringLiteral("a(cc) b d"));

    tree.pages[3].mutable_post()->set_position(-1);
    tree.send(tree.pages[3]);
    tree.refresh(touchedPosts(tree.spaceId, {tree.id(3)}));
    CHECK(tree.words() == QStringLiteral("d a(cc) b"));
    CHECK(d.data().toString() == QStringLiteral("d"));

    v1::Record gone = tree.record(a);
    gone.set_deleted(true);
    tree.send(gone);
    tree.refresh(touchedPosts(tree.spaceId, {a}));
    CHECK(tree.words() == QStringLiteral("d b"));
}

TEST_CASE("whatever is done to a space's pages, its tree comes to the same")
{
    std::mt19937 random(11);
    Tree tree;
    for (int i = 0; i < 8; ++i)
        tree.page(("p" + std::to_string(i)).c_str());
    tree.show();
    for (int round = 0; round < 60; ++round) {
        QList<Id> touched;
        for (int change = 0; change < 3; ++change) {
            if (random() % 4 == 0) {
                const Id above = random() % 2 ? tree.id(random() % tree.pages.size()) : Id{};
                touched.append(
                    idOf(tree.page(("n" + std::to_string(tree.pages.size())).c_str(), above, int64_t(random() % 5))));
                continue;
            }
            const size_t nth = random() % tree.pages.size();
            v1::Record& page = tree.pages[nth];
            page.mutable_post()->set_position(int64_t(random() % 5));
            // Only below older ones: no circles.
            page.mutable_post()->clear_parent();
            if (nth > 0 && random() % 2)
                page.mutable_post()->set_parent(tree.pages[random() % nth].id());
            tree.send(page);
            touched.append(tree.id(nth));
        }
        tree.refresh(round % 2 ? touchedMuch(tree.spaceId) : touchedPosts(tree.spaceId, touched));
        tree.openAll();
        REQUIRE(tree.words() == tree.truth());
    }
}

TEST_CASE("five thousand pages below one are all there, and the same pages again touch no row")
{
    constexpr int many = 5'000;
    Content content;
    const v1::Record section = pageRecord(content, "All", {}, v1::SECTION);
    std::vector<v1::Record> records{section};
    for (int i = 0; i < many; ++i)
        records.push_back(pageRecord(content, "Page " + std::to_string(i), idOf(section)));
    REQUIRE(content.receive(content.space(), records) == Replica::Received::AtHead);
    const Reading reading(QString::fromStdString(content.path()));
    PageTreeModel model((screen(), reading));
    model.setSpace(content.spaceId);
    const QModelIndex last = model.reveal(idOf(records.back()));
    REQUIRE(last.isValid());
    CHECK(model.rowCount(last.parent()) == many);

    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy ordered(&model, &QAbstractItemModel::layoutChanged);
    model.refresh(touchedMuch(content.spaceId));
    while (model.readStale(1'000)) {}
    CHECK(inserted.size() + removed.size() + changed.size() + ordered.size() == 0);

    // Turned around, in one step.
    for (int i = 1; i <= many; ++i)
        records[size_t(i)].mutable_post()->set_position(many - i);
    REQUIRE(content.receive(content.space(), records) == Replica::Received::AtHead);
    const QPersistentModelIndex held = last;
    model.refresh(touchedMuch(content.spaceId));
    while (model.readStale(1'000)) {}
    CHECK(held.row() == 0);
    CHECK(ordered.size() == 1);
    CHECK(inserted.size() + removed.size() == 0);
}

TEST_CASE("the palette offers spaces, commands, people and what the search finds")
{
    Content content;
    const Id question = content.hold(content.question("Lab coats"));
    const Reading reading(QString::fromStdString(content.path()));
    PaletteModel model((screen(), reading));
    const QAbstractItemModelTester tester(&model, fatal);
    model.setCommands({{QStringLiteral("light"), QStringLiteral("Light colours"), {}}});
    model.open();
    const auto titles = [&] {
        QStringList all;
        for (const PaletteItem& item : model.rows())
            all << item.title;
        return all;
    };
    CHECK(titles().contains(QStringLiteral("Lab")));
    CHECK(titles().contains(QStringLiteral("Light colours")));

    model.setQuery(QStringLiteral("lab"));
    SearchHit hit;
    hit.post = *post(reading, question);
    hit.spaceName = QStringLiteral("Lab");
    model.addHits({hit});
    CHECK(titles() == QStringList{QStringLiteral("Lab"), QStringLiteral("Lab coats")});
    model.setQuery(QStringLiteral("bea"));
    CHECK(titles() == QStringList{QStringLiteral("Bea")});
    model.setQuery(QStringLiteral("zzz"));
    CHECK(model.isEmpty());
}

TEST_CASE("hits that stay keep their rows as one types")
{
    Content content;
    const QList<Id> questions = content.holdQuestions(3);
    const Reading reading(QString::fromStdString(content.path()));
    QList<SearchHit> hits;
    for (const PostRow& row : postsByIds(reading, questions)) {
        hits.append(SearchHit{});
        hits.back().post = row;
    }
    screen();
    SearchModel model;
    const QAbstractItemModelTester tester(&model, fatal);
    model.show(hits);
    const QPersistentModelIndex held = model.index(2);
    model.show({hits[2], hits[0]});
    CHECK(held.row() == 0);
    CHECK(model.rowCount() == 2);
    model.show({});
    CHECK_FALSE(held.isValid());
}

TEST_CASE("the list of spaces follows the replica")
{
    Content content;
    const Reading reading(QString::fromStdString(content.path()));
    SpaceListModel model((screen(), reading));
    const QAbstractItemModelTester tester(&model, fatal);
    model.load();
    REQUIRE(model.rowCount() == 1);
    CHECK(model.at(0).name == QStringLiteral("Lab"));
    content.nowMs += 1000;
    content.holdQuestions(2);
    model.refresh(touchedMuch(content.spaceId));
    CHECK(model.at(0).fresh == 2);
    content.within([&] { content.replica->forget(content.space()); });
    model.refresh(touchedMuch(content.spaceId));
    CHECK(model.isEmpty());
}
