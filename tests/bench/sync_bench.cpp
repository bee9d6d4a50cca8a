// bench_sync [RECORDS]: the real server as a process, devices as the desktop has them, over TLS on loopback,
// and in the same run the floor.

#include <QElapsedTimer>

#include "shared/base/black_box.h"
#include "shared/base/limits.h"
#include "tests/bench/company.h"
#include "tests/bench/floor.h"
#include "tests/bench/measure.h"

using namespace stoa;
using namespace stoa::bench;

namespace {

// A fresh connection over a replica that is open already, as after a nap: hello, welcome, every feed at its head.
// Gives how long it took, in ms; hanging up comes after.
double reconnectOnce(SyncPort& port, const ServerPlace& place, const QByteArray& token)
{
    QElapsedTimer took;
    took.start();
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
    const double ms = double(took.nsecsElapsed()) / 1e6;
    channel.reset();
    port.begin();
    port.disconnected();
    (void)port.commit();
    return ms;
}

// What it costs to note a batch of so many records in the black box, in seconds.
double noting(int versions)
{
    constexpr int rounds = 10'000;
    v1::Envelope envelope;
    v1::Batch& batch = *envelope.mutable_batch();
    batch.set_feed("s" + std::string(16, 'f'));
    batch.set_digest(std::string(16, 'd'));
    for (int i = 0; i < versions; ++i) {
        batch.add_versions()->set_number(uint64_t(i) + 1);
        batch.mutable_versions(i)->set_record(std::string(1'024, 'x'));
    }
    BlackBox box(limits::blackBoxNotesMax);
    const WallClock clock = systemWallClock();
    return seconds([&] {
               for (int i = 0; i < rounds; ++i)
                   box.add(noteOf(envelope, Note::Way::In, clock(), envelope.ByteSizeLong()));
           }) /
           rounds;
}

QString label(const char* what, int records)
{
    return QStringLiteral("%1 of %2").arg(QLatin1String(what)).arg(records);
}

void measure(int records)
{
    Company company;
    const std::string data = company.dataDir();
    const Floor floor = measureFloor(records, 1'024, data + "/certificate.pem", data + "/key.pem", data);
    company.start();
    const ServerPlace& place = company.place();

    QTemporaryDir first, second;
    Device writing(first.path()), reading(second.path());
    writing.open();
    writing.join(company.invitation());
    reading.open();
    reading.join(company.signIn());
    reading.forgetAll();

    // Written offline, then pushed.
    Writer writer(writing.space());
    writing.close();
    writing.open(false);
    write(writing, writer, records);
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
    constexpr int batchRecords = limits::batchBytes / 1'024;
    tell("notes in the black box, of a first sync", 100 * noting(batchRecords) * (records / batchRecords) / pulling,
         "%", 1, Better::Less, 0);
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
            rounds.push_back(reconnectOnce(*port, place, reading.token()));
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
            onePercent.push_back(reconnectOnce(*port, place, reading.token()));
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
