// bench_live [SECONDS] [KILOBYTES]: the real server as a process, ten devices as the desktop has them, without windows,
// over TLS on loopback, all in one page: how long from a key that is handed to one device's worker until another one's
// visible row may be read with it. One of them types, then all, each some five keys a second. The floor: a row that is
// durable on both sides of a plain TLS connection, and the answer.

#include <QRandomGenerator>

#include "shared/base/limits.h"
#include "shared/text/codec.h"
#include "shared/text/utf8.h"
#include "tests/bench/company.h"
#include "tests/bench/floor.h"
#include "tests/bench/measure.h"

using namespace stoa;
using namespace stoa::bench;

namespace {

constexpr size_t deviceCount = 10;
constexpr int keyMsMin = 120;
constexpr int keyMsMax = 280;

double nowMs()
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// When each key of each device was handed over. Everybody types at the end of a line of their own.
using Keys = std::array<std::vector<double>, deviceCount>;

// "3>" and what device 3 typed.
std::string marker(size_t device)
{
    return "\n" + std::to_string(device) + ">";
}

class Hand : public QObject {
public:
    Hand(size_t index, const QString& dir, Keys& keys) : index_(index), dir_(dir), keys_(keys), mint_(index + 1)
    {
        worker_ = std::make_unique<Worker>(WorkerSettings{
            dir,
            {[this](const QString&) { return token_; }, [this](const QString&, const QByteArray& one) { token_ = one; },
             [this](const QString&) { token_.clear(); }},
            QStringLiteral("bench")});
        connect(worker_.get(), &Worker::statusChanged, this, [this](const SyncStatus& status) { status_ = status; });
        connect(worker_.get(), &Worker::joinFailed, this, [](const QString& why) { fail(why.toStdString()); });
        connect(worker_.get(), &Worker::present, this,
                [this](const Id&, const QList<TextReader>& readers) { others_ = size_t(readers.size()); });
        connect(worker_.get(), &Worker::touched, this, [this](const Touched& touched) {
            if (touched.posts.contains(page_))
                look();
        });
        connect(worker_.get(), &Worker::submitted, this, [this] { handedOver(); });
        connect(worker_.get(), &Worker::notSubmitted, this, [this](const Id&, const Refusal& why) {
            if (why.code != v1::UNKNOWN_BASE)
                fail("a key is refused");
            ++again_;
            handOver();
        });
    }
    void join(const Join& join)
    {
        worker_->join(join);
        waitUpToDate();
    }
    void waitUpToDate()
    {
        if (!until([this] { return status_.state == SyncStatus::State::UpToDate && status_.waiting == 0; }))
            fail("a device does not come up to date");
    }
    Id space() const { return spaces(Reading(replicaPathOf(dir_))).first().id; }
    Id write(const std::string& body)
    {
        v1::Change page = mint_.post(v1::PAGE, space(), {}, "The page", systemWallClock()());
        page.mutable_create_post()->set_body(body);
        worker_->submit({page});
        return *Id::from(page.target());
    }
    void open(const Id& page)
    {
        page_ = page;
        reading_ = std::make_unique<Reading>(worker_->replicaPath());
        if (!until([this] { return status_.state == SyncStatus::State::UpToDate && !body().empty(); }))
            fail("the page does not come");
        worker_->openText(page);
    }
    bool isAmongAll() const { return others_ == deviceCount - 1; }
    void type()
    {
        waiting_.push_back(nowMs());
        if (!underWay_)
            handOver();
    }
    bool isDone() const { return waiting_.empty(); }
    bool hasSeenAll() const
    {
        for (size_t i = 0; i < deviceCount; ++i)
            if (seen_[i] < keys_[i].size())
                return false;
        return true;
    }
    std::vector<double> takeLatencies() { return std::exchange(latencies_, {}); }
    int takeAgain() { return std::exchange(again_, 0); }
    std::string body() const { return stoa::body(*reading_, page_).toStdString(); }
    void look()
    {
        const std::string text = body();
        const double now = nowMs();
        for (size_t i = 0; i < deviceCount; ++i) {
            const size_t from = text.rfind(marker(i));
            if (from == std::string::npos)
                fail("a line is gone");
            const size_t begin = from + marker(i).size();
            const size_t typed = std::min(text.find('\n', begin), text.size()) - begin;
            for (; seen_[i] < std::min(typed, keys_[i].size()); ++seen_[i])
                if (i != index_)
                    latencies_.push_back(now - keys_[i][seen_[i]]);
        }
    }

private:
    void handOver()
    {
        underWay_ = true;
        const std::string text = body();
        const size_t begin = text.rfind(marker(index_)) + marker(index_).size();
        const size_t end = std::min(text.find('\n', begin), text.size());
        v1::Change change = mint_.change(page_, systemWallClock()());
        change.mutable_edit_text()->set_text(
            encode(TextChange().retain(countCodePoints(std::string_view(text).substr(0, end))).insert("x")));
        change.mutable_edit_text()->set_shown(hash128(text).str());
        if (!isNoted_)
            keys_[index_].push_back(waiting_.front());
        isNoted_ = true;
        worker_->submit({change});
    }
    void handedOver()
    {
        if (!underWay_)
            return;
        isNoted_ = underWay_ = false;
        waiting_.erase(waiting_.begin());
        if (!waiting_.empty())
            handOver();
    }

    size_t index_;
    QString dir_;
    Keys& keys_;
    test::Mint mint_;
    QByteArray token_;
    std::unique_ptr<Worker> worker_;
    std::unique_ptr<Reading> reading_;
    SyncStatus status_;
    Id page_;
    size_t others_ = 0;
    std::array<size_t, deviceCount> seen_{};
    std::vector<double> waiting_; // keys that are typed and not with the worker
    std::vector<double> latencies_;
    int again_ = 0;
    bool underWay_ = false;
    bool isNoted_ = false;
};

void typeFor(std::vector<std::unique_ptr<Hand>>& hands, size_t typing, int seconds, const char* what,
             const Floor& floor)
{
    std::vector<std::unique_ptr<QTimer>> timers;
    for (size_t i = 0; i < typing; ++i) {
        auto& timer = *timers.emplace_back(std::make_unique<QTimer>());
        timer.setSingleShot(true);
        timer.setTimerType(Qt::PreciseTimer);
        QObject::connect(&timer, &QTimer::timeout, [&hands, &timer, i] {
            hands[i]->type();
            timer.start(QRandomGenerator::global()->bounded(keyMsMin, keyMsMax));
        });
        timer.start(QRandomGenerator::global()->bounded(keyMsMin, keyMsMax));
    }
    QDeadlineTimer end(seconds * 1'000);
    while (!end.hasExpired())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 50);
    timers.clear();
    const auto all = [&] {
        return std::ranges::all_of(hands, [](const auto& each) { return each->isDone() && each->hasSeenAll(); });
    };
    if (!until(all))
        fail("not every key was seen by all");
    std::vector<double> latencies;
    int again = 0;
    for (const auto& hand : hands) {
        const std::vector<double> some = hand->takeLatencies();
        latencies.insert(latencies.end(), some.begin(), some.end());
        again += hand->takeAgain();
    }
    const std::string name = std::string("a key in another's visible row, ") + what;
    tell(name + ", p50", percentile(latencies, 50), "ms", 30, Better::Less, floor.changeP50Ms);
    tell(name + ", p99", percentile(latencies, 99), "ms", 120, Better::Less, floor.changeP99Ms);
    tell(name + ", handed over again", 100.0 * again / double(latencies.size() / (deviceCount - 1)), "%", 10,
         Better::Less, 0);
}

void measure(int seconds, size_t kilobytes)
{
    Company company;
    const std::string data = company.dataDir();
    const Floor floor = measureFloor(1'000, 256, data + "/certificate.pem", data + "/key.pem", data);
    tell("floor: a row that is durable on both sides, p50", floor.changeP50Ms, "ms", 2, Better::Less, 0);
    tell("floor: a row that is durable on both sides, p99", floor.changeP99Ms, "ms", 12, Better::Less, 0);
    company.start();

    std::string body;
    while (body.size() < kilobytes * limits::kKiB)
        body += "A line of the page that everybody has open at once.\n";
    for (size_t i = 0; i < deviceCount; ++i)
        body += marker(i);
    Keys keys;
    std::vector<std::unique_ptr<QTemporaryDir>> folders;
    std::vector<std::unique_ptr<Hand>> hands;
    for (size_t i = 0; i < deviceCount; ++i) {
        folders.push_back(std::make_unique<QTemporaryDir>());
        hands.push_back(std::make_unique<Hand>(i, folders.back()->path(), keys));
        hands.back()->join(i == 0 ? company.invitation() : company.signIn());
    }
    const Id page = hands.front()->write(body);
    for (const auto& hand : hands)
        hand->open(page);
    if (!until([&] { return std::ranges::all_of(hands, [](const auto& each) { return each->isAmongAll(); }); }))
        fail("not everybody knows of the others");
    typeFor(hands, 1, seconds, "one types", floor);
    typeFor(hands, deviceCount, seconds, "all type", floor);
    for (const auto& hand : hands)
        hand->waitUpToDate();
    for (const auto& hand : hands)
        if (hand->body() != hands.front()->body())
            fail("the bodies differ");
}

} // namespace

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    try {
        const int seconds = argc > 1 ? std::atoi(argv[1]) : 20;
        const int kilobytes = argc > 2 ? std::atoi(argv[2]) : 10;
        measure(std::max(1, seconds), size_t(std::max(0, kilobytes)));
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "%s\n", failed.what());
        return 1;
    }
}
