#include "client/worker/local_door.h"

#include <future>

#include <QFileInfo>
#include <QLocalSocket>

#include "tests/client/net/tls_server.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// A program that holds Ada's profile; another one knocks from a thread of its own.
class House {
public:
    House() : dir(QFileInfo(QString::fromStdString(shelf.path())).path()) {}

    void open()
    {
        application();
        shelf.close();
        worker =
            std::make_unique<Worker>(WorkerSettings{dir,
                                                    {[](const QString&) { return QByteArray(); },
                                                     [](const QString&, const QByteArray&) {}, [](const QString&) {}},
                                                    QStringLiteral("test"),
                                                    false});
        bool opened = false;
        QObject::connect(worker.get(), &Worker::opened, [&opened] { opened = true; });
        REQUIRE(until([&] { return opened; }));
    }
    std::optional<Refusal> knock(LocalVerb verb, const std::string& bytes)
    {
        auto answer =
            std::async(std::launch::async, [&] { return askLocalDoor(dir, verb, QByteArray::fromStdString(bytes)); });
        REQUIRE(until([&] { return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
        return answer.get();
    }
    v1::Code ask(LocalVerb verb, const std::string& bytes)
    {
        const auto answer = knock(verb, bytes);
        REQUIRE(answer);
        return answer->code;
    }
    QList<OutboxRow> rows() { return outbox(*shelf.read(), 9); }

    Shelf shelf;
    QString dir;
    std::unique_ptr<Worker> worker;
};

} // namespace

TEST_CASE("a change of another program is stored by the one that holds the profile, or refused with the reason")
{
    House house;
    const v1::Change question = house.shelf.ask("Q");
    v1::Change nowhere = house.shelf.ask("Q");
    nowhere.mutable_create_post()->set_space(house.shelf.id().str());
    CHECK_FALSE(askLocalDoor(house.dir, LocalVerb::Store, {})); // nobody is there
    house.open();
    CHECK(house.ask(LocalVerb::Store, question.SerializeAsString()) == v1::CODE_NONE);
    CHECK(post(*house.shelf.read(), *Id::from(question.target())));
    CHECK(house.ask(LocalVerb::Store, nowhere.SerializeAsString()) == v1::NOT_FOUND);
    CHECK(house.ask(LocalVerb::Store, "nonsense") == v1::INVALID);
    CHECK(house.ask(LocalVerb::Discard, "nonsense") == v1::INVALID);
    CHECK(house.rows().size() == 1);
}

TEST_CASE("what becomes of a change in the outbox is answered as it is")
{
    House house;
    const v1::Change question = house.shelf.ask("Q");
    REQUIRE(house.shelf.submit(question));
    const std::string id = question.id();

    SECTION("waiting: withdrawn")
    {
        house.open();
        CHECK(house.ask(LocalVerb::Discard, id) == v1::CODE_NONE);
        CHECK(house.rows().isEmpty());
        CHECK(house.ask(LocalVerb::Discard, id) == v1::NOT_FOUND);
        CHECK(house.ask(LocalVerb::SendAgain, id) == v1::NOT_FOUND);
    }
    SECTION("sent: not withdrawn, and said so")
    {
        v1::Limits limits;
        limits.set_push_changes_max(9);
        limits.set_push_bytes_max(1 << 20);
        house.shelf.within([&] {
            house.shelf.replica->markSent(house.shelf.replica->waiting(limits, [](const Feed&) { return true; }));
        });
        house.open();
        CHECK(house.ask(LocalVerb::Discard, id) == v1::ALREADY_SENT);
        CHECK(house.rows().size() == 1);
    }
    SECTION("refused: put back for sending")
    {
        v1::Receipt receipt;
        receipt.set_change(id);
        receipt.mutable_refusal()->set_code(v1::NOT_ALLOWED);
        house.shelf.within([&] { house.shelf.replica->settle(receipt); });
        house.open();
        CHECK(house.ask(LocalVerb::SendAgain, id) == v1::CODE_NONE);
        REQUIRE(house.rows().size() == 1);
        CHECK(house.rows().first().state == ChangeState::Waiting);
    }
}
