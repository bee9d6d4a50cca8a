// bench_sync [RECORDS]: the real server as a process, devices as the desktop has them, over TLS on loopback,
// and in the same run the floor.

#include <csignal>

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QEventLoop>
#include <QFile>
#include <QTemporaryDir>
#include <QThread>
#include <QTimer>

#include "client/replica/queries.h"
#include "client/worker/core.h"
#include "client/worker/worker.h"
#include "shared/domain/invite_link.h"
#include "tests/bench/floor.h"
#include "tests/bench/measure.h"
#include "tests/scenario/changes.h"
#include "tests/support/process.h"

using namespace stoa;
using namespace stoa::bench;

namespace {

[[noreturn]] void fail(const std::string& sentence)
{
    throw std::runtime_error(sentence);
}

bool until(const std::function<bool()>& done)
{
    QDeadlineTimer patience(120'000);
    QTimer wake;
    wake.start(1'000);
    while (!done()) {
        if (patience.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    return true;
}

// A device as the desktop has it.
class Device {
public:
    explicit Device(const QString& dir) : dir_(dir) {}

    void open(bool connect = true)
    {
        worker_ = std::make_unique<Worker>(WorkerSettings{
            dir_,
            {[this](const QString&) { return token_; }, [this](const QString&, const QByteArray& one) { token_ = one; },
             [this](const QString&) { token_.clear(); }},
            QStringLiteral("bench"),
            connect});
        status_ = {};
        opened_ = false;
        QObject::connect(worker_.get(), &Worker::opened, [this] { opened_ = true; });
        QObject::connect(worker_.get(), &Worker::statusChanged, [this](const SyncStatus& status) { status_ = status; });
        QObject::connect(worker_.get(), &Worker::touched, [this](const Touched& touched) {
            for (const Id& id : touched.posts)
                if (id == awaited_)
                    seen_ = true;
        });
        QObject::connect(worker_.get(), &Worker::joinFailed, [](const QString& why) { fail(why.toStdString()); });
        if (!until([this] { return opened_; }))
            fail("the device does not open");
    }
    void close() { worker_.reset(); }
    void join(const Join& join)
    {
        worker_->join(join);
        waitUpToDate();
    }
    void waitUpToDate()
    {
        if (!until([this] { return status_.state == SyncStatus::State::UpToDate && status_.waiting == 0; }))
            fail("the device does not come up to date");
    }
    void waitSearchable()
    {
        if (!until([this] { return status_.state == SyncStatus::State::UpToDate && status_.indexing == 0; }))
            fail("the device does not index");
    }
    void reconnect() { worker_->reconnectNow(); }
    void submit(const QList<v1::Change>& changes) { worker_->submit(changes); }
    void submitAndSettle(const QList<v1::Change>& changes)
    {
        int stored = 0;
        const auto counting = QObject::connect(worker_.get(), &Worker::submitted, [&stored](const Id&) { ++stored; });
        submit(changes);
        if (!until([&] { return stored == changes.size() && status_.waiting > 0; }))
            fail("the changes are not stored");
        QObject::disconnect(counting);
        waitUpToDate();
    }
    void await(const Id& id) { awaited_ = id, seen_ = false; }
    bool seen() const { return seen_; }
    QByteArray token() const { return token_; }
    Totals totals() const { return stoa::totals(Reading(replicaPathOf(dir_))); }
    Profile profile() const { return stoa::profile(Reading(replicaPathOf(dir_))); }
    Id space() const { return spaces(Reading(replicaPathOf(dir_))).first().id; }

    // Everything but who one is and where the server stands.
    void forgetAll()
    {
        close();
        for (const QString& name : {replicaPathOf(dir_), searchPathOf(dir_)})
            for (const char* suffix : {"", "-wal", "-shm"})
                QFile::remove(name + QLatin1String(suffix));
    }
    void knowServer(const ServerPlace& place)
    {
        const auto port = makeSyncPort(replicaPathOf(dir_));
        port->open();
        port->begin();
        port->setServer(place, QStringLiteral("ada"));
        (void)port->commit();
    }

private:
    QString dir_;
    QByteArray token_;
    std::unique_ptr<Worker> worker_;
    SyncStatus status_;
    bool opened_ = false;
    Id awaited_;
    bool seen_ = false;
};

// Questions, answers and comments whose records come to about 1 kB.
class Writer {
public:
    explicit Writer(const Id& space) : mint_(1), space_(space) {}

    v1::Change next()
    {
        const int n = written_++;
        std::string text;
        while (text.size() < 780)
            text += "word" + std::to_string(mint_.number(5'000)) + ' ';
        if (n % 4 == 0) {
            v1::Change question = mint_.post(v1::QUESTION, space_, {}, "Question " + std::to_string(n), nowMs_++);
            question.mutable_create_post()->set_body(text);
            question.mutable_create_post()->add_tags("tag" + std::to_string(n % 50));
            question_ = *Id::from(question.target());
            return question;
        }
        return mint_.post(n % 4 == 1 ? v1::ANSWER : v1::COMMENT, space_, question_, text, nowMs_++);
    }

private:
    test::Mint mint_;
    Id space_;
    Id question_;
    int written_ = 0;
    int64_t nowMs_ = systemWallClock()();
};

// A fresh connection over a replica that is open already, as after a nap: hello, welcome, every feed at its head.
void reconnectOnce(SyncPort& port, const ServerPlace& place, const QByteArray& token)
{
    bool done = false;
    std::unique_ptr<Channel> channel;
    const auto sendOff = [&] {
        const SyncNews news = port.takeNews();
        for (const v1::Envelope& envelope : news.send)
            channel->send(envelope);
        if (news.ended)
            fail("the server ended the conversation");
    };
    Channel::Events events;
    events.opened = [&] {
        v1::Hello hello;
        hello.set_protocol_min(1);
        hello.set_protocol_max(1);
        hello.set_token(token.toStdString());
        port.begin();
        port.connected(std::move(hello));
        (void)port.commit();
        sendOff();
    };
    events.received = [&](v1::Envelope&& envelope) {
        port.begin();
        port.received(envelope);
        (void)port.commit();
        sendOff();
        done = port.standing().state == SyncStatus::State::UpToDate;
    };
    events.drained = [] {};
    events.ended = [](const ChannelEnd& end) { fail(end.sentence.toStdString()); };
    channel = std::make_unique<Channel>(ChannelAddress{place.host, place.port, place.pin, {}}, events);
    if (!until([&] { return done; }))
        fail("no answer");
    channel.reset();
    port.begin();
    port.disconnected();
    (void)port.commit();
}

QString label(const char* what, int records)
{
    return QStringLiteral("%1 of %2").arg(QLatin1String(what)).arg(records);
}

void measure(int records)
{
    QTemporaryDir dir;
    const std::string data = dir.filePath(QStringLiteral("data")).toStdString();
    const auto stoad = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "stoad");
        words.insert(words.end(), {"--data", data});
        const test::Finished done = test::run(words);
        if (done.exitCode != 0)
            fail(done.err);
        return done.out;
    };
    const std::string made = stoad({"init", "--organisation", "Bench", "--admin", "ada", "--host", "127.0.0.1:7443"});
    stoad({"space", "add", "Lab", "--visibility", "open"});
    const size_t at = made.find("stoa://");
    InviteLink link;
    if (parseInviteLink(made.substr(at, made.find_first_of(" \n", at) - at), link) != LinkError::None)
        fail("no link");

    const Floor floor = measureFloor(records, 1'024, data + "/certificate.pem", data + "/key.pem", data);

    test::Process server({"stoad", "serve", "--data", data, "--listen", "127.0.0.1:0"});
    const std::string line = server.waitForLine("event=listening");
    const auto port = quint16(std::stoi(line.substr(line.rfind('=') + 1)));
    const ServerPlace place{QStringLiteral("127.0.0.1"), port, QByteArray::fromStdString(link.pin)};

    QTemporaryDir first, second;
    Device writing(first.path()), reading(second.path());
    writing.open();
    const QString password = QStringLiteral("correct horse 9");
    writing.join({place.host, port, place.pin, QStringLiteral("ada"), QByteArray::fromStdString(link.code), password});
    reading.open();
    reading.join({place.host, port, place.pin, QStringLiteral("ada"), {}, password});
    reading.forgetAll();

    // Written offline, then pushed.
    Writer writer(writing.space());
    writing.close();
    writing.open(false);
    for (int done = 0; done < records;) {
        QList<v1::Change> some;
        for (int i = 0; i < 1'000 && done < records; ++i, ++done)
            some.append(writer.next());
        writing.submit(some);
    }
    writing.close();
    const double pushing = seconds([&] {
        writing.open();
        writing.waitUpToDate();
    });
    if (writing.totals().questions != (records + 3) / 4)
        fail("not everything was pushed");
    tell(label("pushed offline changes, each durable", records).toStdString(), records / pushing, "changes/s", 20'000,
         Better::More, floor.transferPerSecond);

    reading.knowServer(place);
    double searchable = 0;
    const double pulling = seconds([&] {
        reading.open();
        reading.waitUpToDate();
    });
    searchable = seconds([&] { reading.waitSearchable(); });
    if (!reading.totals().digestsEqual || reading.totals().records < records)
        fail("not everything was fetched");
    tell(label("first sync, rows readable", records).toStdString(), records / pulling, "records/s",
         records >= 100'000 ? 20'000 : 35'000, Better::More, floor.transferPerSecond);
    tell(label("searchable after the first sync", records).toStdString(), searchable, "s", 8, Better::Less, 0);

    std::vector<double> rounds, starts;
    for (int i = 0; i < 15; ++i) {
        reading.close();
        starts.push_back(1'000 * seconds([&] {
                             reading.open();
                             reading.waitUpToDate();
                         }));
    }
    reading.close();
    {
        const auto port = makeSyncPort(replicaPathOf(second.path()));
        port->open();
        for (int i = 0; i < 30; ++i)
            rounds.push_back(1'000 * seconds([&] { reconnectOnce(*port, place, reading.token()); }));
    }
    tell("nothing new, on a fresh connection", percentile(rounds, 50), "ms", 3, Better::Less, floor.roundMs);
    tell("nothing new, with starting threads and opening files", percentile(starts, 50), "ms", 50, Better::Less,
         floor.roundMs);
    std::vector<double> onePercent;
    {
        const auto port = makeSyncPort(replicaPathOf(second.path()));
        port->open();
        for (int round = 0; round < 7; ++round) {
            QList<v1::Change> some;
            for (int i = 0; i < std::max(1, records / 100); ++i)
                some.append(writer.next());
            writing.submitAndSettle(some);
            onePercent.push_back(1'000 * seconds([&] { reconnectOnce(*port, place, reading.token()); }));
        }
    }
    tell(label("1 % changed", records).toStdString(), percentile(onePercent, 50), "ms", records / 1'000.0, Better::Less,
         floor.onePercentMs);
    reading.open();
    reading.waitUpToDate();

    std::vector<double> live;
    for (int i = 0; i < 300; ++i) {
        const v1::Change change = writer.next();
        reading.await(*Id::from(change.target()));
        live.push_back(1'000 * seconds([&] {
                           writing.submit({change});
                           if (!until([&] { return reading.seen(); }))
                               fail("a change was not seen");
                       }));
    }
    tell("a change stored by a second client, p50", percentile(live, 50), "ms", 2, Better::Less, floor.changeP50Ms);
    tell("a change stored by a second client, p99", percentile(live, 99), "ms", 12, Better::Less, floor.changeP99Ms);
    writing.close();
    reading.close();
    server.signal(SIGTERM);
    server.wait();
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    try {
        const int asked = argc > 1 ? std::atoi(argv[1]) : 0;
        for (const int records : asked > 0 ? std::vector{asked} : std::vector{10'000, 100'000})
            measure(records);
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
