// The list of questions over a real replica: after whatever arrives it shows what a list that was opened just
// now would show, and Qt's own tester watches every step of the way there.

#include <QAbstractItemModelTester>
#include <QCoreApplication>
#include <QElapsedTimer>
#include <QPersistentModelIndex>

#include <random>

#include "client/models/post_list_model.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// Before the first timer starts.
void haveApplication()
{
    static int argc = 1;
    static char name[] = "test";
    static char* argv[] = {name, nullptr};
    static QCoreApplication application(argc, argv);
}

struct List {
    List()
    {
        haveApplication();
        tester.setUseFetchMore(false); // or every list would be read to its end
        filter.space = shelf.spaceId;
        model.setFilter(filter);
    }

    // As the interface learns of it.
    void arrive(const std::vector<v1::Record>& records)
    {
        shelf.replica->begin();
        REQUIRE(shelf.replica->receive(shelf.batch(shelf.space(), records)) == Replica::Received::AtHead);
        const Touched touched = shelf.replica->commit();
        model.refresh(touched);
        bulk = touched.bulk;
    }
    std::vector<v1::Record> ask(int count)
    {
        std::vector<v1::Record> asked;
        for (int i = 0; i < count; ++i) {
            shelf.nowMs += 1000;
            asked.push_back(shelf.question("Question " + std::to_string(i)));
        }
        return asked;
    }
    std::vector<v1::Record> taken(std::vector<v1::Record> records)
    {
        for (v1::Record& record : records) {
            record.mutable_post()->clear_title();
            record.set_deleted(true);
            record.set_changed_ms(shelf.nowMs);
        }
        return records;
    }
    v1::Record answerTo(const v1::Record& question)
    {
        shelf.nowMs += 1000;
        return shelf.below(question, v1::ANSWER, "Because");
    }
    void scrollToEnd()
    {
        while (model.canFetchMore({}))
            model.fetchMore({});
    }

    QList<Id> shown() const { return idsOf(model.rows()); }
    // The same stretch of a list that is opened now.
    QList<Id> read() const
    {
        return idsOf(
            posts(*reading, filter, {}, std::max<int>(PostListModel::pageRows, int(model.rows().size()))).rows);
    }
    bool becomesWhatIsRead()
    {
        QElapsedTimer clock;
        clock.start();
        while (shown() != read() && clock.elapsed() < 10'000)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
        return shown() == read();
    }
    static QList<Id> idsOf(const QList<PostRow>& rows)
    {
        QList<Id> ids;
        for (const PostRow& row : rows)
            ids.append(row.id);
        return ids;
    }

    Shelf shelf;
    std::unique_ptr<Reading> reading = shelf.read();
    PostFilter filter;
    PostListModel model{*reading};
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::Fatal};
    bool bulk = false;
};

} // namespace

TEST_CASE("a list that is open shows what a list opened now would show")
{
    List list;
    std::mt19937 random(11);
    std::vector<v1::Record> living;
    for (int step = 0; step < 60; ++step) {
        const size_t pick = living.empty() ? 0 : random() % living.size();
        switch (living.empty() ? 0 : random() % 4) {
        case 0: {
            const auto asked = list.ask(1 + int(random() % 5));
            living.insert(living.end(), asked.begin(), asked.end());
            list.arrive(asked);
            break;
        }
        case 1: // moves to the top by activity
            list.arrive({list.answerTo(living[pick])});
            break;
        case 2:
            list.arrive(list.taken({living[pick]}));
            living.erase(living.begin() + ptrdiff_t(pick));
            break;
        default:
            living[pick].mutable_post()->set_title("Another title " + std::to_string(step));
            living[pick].set_revision(living[pick].revision() + 1);
            list.arrive({living[pick]});
        }
        REQUIRE(list.shown() == list.read());
    }
}

TEST_CASE("a list is read on as it is scrolled, and ends")
{
    List list;
    list.arrive(list.ask(PostListModel::pageRows * 3 + 1));
    CHECK(list.model.rowCount() == PostListModel::pageRows);
    list.scrollToEnd();
    CHECK(list.model.rowCount() == PostListModel::pageRows * 3 + 1);
    CHECK(list.shown() == list.read());
}

TEST_CASE("a row that moves down between two readings is shown once")
{
    List list;
    const auto asked = list.ask(PostListModel::pageRows * 2);
    list.arrive(asked);
    list.arrive({list.answerTo(asked.front())}); // from the end to the top
    list.scrollToEnd();
    CHECK(list.model.rowCount() == PostListModel::pageRows * 2);
    CHECK(list.becomesWhatIsRead());
}

TEST_CASE("a view may ask for more in the middle of a change")
{
    List list;
    const auto asked = list.ask(PostListModel::pageRows * 4);
    list.arrive(asked);
    const auto more = [&] { list.model.fetchMore({}); };
    QObject::connect(&list.model, &QAbstractItemModel::rowsRemoved, more);
    QObject::connect(&list.model, &QAbstractItemModel::rowsInserted, more);
    QObject::connect(&list.model, &QAbstractItemModel::rowsMoved, more);
    list.arrive(list.taken({asked.end() - 20, asked.end() - 10}));
    list.arrive({list.answerTo(asked[asked.size() - 5])});
    CHECK(list.shown() == list.read());
}

TEST_CASE("what is far down changes where it is")
{
    List list;
    list.filter.order = Order::Newest;
    const auto asked = list.ask(300);
    list.arrive(asked);
    list.model.setFilter(list.filter);
    list.scrollToEnd();
    const int row = 280;
    const v1::Record& question = asked[asked.size() - 1 - row];
    REQUIRE(list.model.at(row).id == stoa::test::idOf(question));
    list.arrive({list.answerTo(question)});
    CHECK(list.model.at(row).answers == 1);
    list.arrive(list.taken({question}));
    CHECK(list.model.find(stoa::test::idOf(question)) == -1);
    CHECK(list.shown() == list.read());
}

TEST_CASE("a bulk that takes everything leaves nothing")
{
    List list;
    const auto asked = list.ask(400);
    list.arrive(asked);
    list.scrollToEnd();
    REQUIRE(list.model.rowCount() == 400);
    list.arrive(list.taken(asked));
    REQUIRE(list.bulk);
    CHECK(list.model.isEmpty());
}

TEST_CASE("a bulk reaches what is far down, and keeps what is chosen there")
{
    List list;
    const auto asked = list.ask(1200);
    list.arrive(asked);
    while (list.model.rowCount() < 900)
        list.model.fetchMore({});
    const QPersistentModelIndex chosen = list.model.index(800);
    const Id post = list.model.at(800).id;
    std::vector<v1::Record> every;
    for (size_t i = 0; i < asked.size(); ++i)
        if (i % 3 == 0 && stoa::test::idOf(asked[i]) != post)
            every.push_back(asked[i]);
    list.arrive(list.taken(every));
    REQUIRE(list.bulk);
    CHECK(list.becomesWhatIsRead());
    REQUIRE(chosen.isValid());
    CHECK(list.model.at(chosen.row()).id == post);
    list.scrollToEnd();
    CHECK(list.model.rowCount() == 1200 - int(every.size()));
    CHECK(list.becomesWhatIsRead());
}

TEST_CASE("a vote on a post that is listed reaches the list")
{
    List list;
    v1::Record question = list.ask(1).front();
    const Id other = deriveId(1, "test", "other");
    question.set_author(other.str());
    list.arrive({question});
    v1::Change change;
    change.set_id(list.shelf.id().str());
    change.set_target(markId(stoa::test::idOf(question), list.shelf.me, v1::VOTE).str());
    change.set_made_ms(list.shelf.nowMs);
    change.mutable_set_mark()->set_on(question.id());
    change.mutable_set_mark()->set_kind(v1::VOTE);
    change.mutable_set_mark()->set_value(1);
    list.shelf.replica->begin();
    REQUIRE(list.shelf.replica->submit(change, {}));
    list.model.refresh(list.shelf.replica->commit());
    CHECK(list.model.at(0).myVote == 1);
    CHECK(list.model.at(0).score == 1);
}
