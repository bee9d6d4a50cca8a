#pragma once

// A small company to measure in: the real server as a process with one open space, devices as the desktop
// has them, and someone who writes records of 1 kB.

#include <csignal>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QEventLoop>
#include <QFile>
#include <QTemporaryDir>
#include <QTimer>

#include "client/replica/queries.h"
#include "client/worker/core.h"
#include "client/worker/worker.h"
#include "shared/domain/invite_link.h"
#include "tests/scenario/changes.h"
#include "tests/support/process.h"

namespace stoa::bench {

[[noreturn]] inline void fail(const std::string& sentence)
{
    throw std::runtime_error(sentence);
}

inline bool until(const std::function<bool()>& done)
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

// The server's data in a folder of its own, and from start() on the server.
class Company {
public:
    Company()
    {
        stoad({"init", "--organisation", "Bench", "--admin", "ada", "--host", "127.0.0.1:7443"}, &invitation_);
        stoad({"space", "add", "Lab", "--visibility", "open"});
        const size_t at = invitation_.find("stoa://");
        if (parseInviteLink(invitation_.substr(at, invitation_.find_first_of(" \n", at) - at), link_) !=
            LinkError::None)
            fail("no link");
    }
    ~Company()
    {
        if (!server_)
            return;
        server_->signal(SIGTERM);
        server_->wait();
    }

    std::string dataDir() const { return dir_.filePath(QStringLiteral("data")).toStdString(); }
    void start()
    {
        server_ = std::make_unique<test::Process>(
            std::vector<std::string>{"stoad", "serve", "--data", dataDir(), "--listen", "127.0.0.1:0"});
        const std::string line = server_->waitForLine("event=listening");
        place_ = {QStringLiteral("127.0.0.1"), quint16(std::stoi(line.substr(line.rfind('=') + 1))),
                  QByteArray::fromStdString(link_.pin)};
    }
    const ServerPlace& place() const { return place_; }
    // The first device of the one account sets its password, the others use it.
    Join invitation() const
    {
        Join join = signIn();
        join.code = QByteArray::fromStdString(link_.code);
        return join;
    }
    Join signIn() const
    {
        return {place_.host, place_.port, place_.pin, QStringLiteral("ada"), {}, QStringLiteral("correct horse 9")};
    }

private:
    void stoad(std::vector<std::string> words, std::string* out = nullptr) const
    {
        words.insert(words.begin(), "stoad");
        words.insert(words.end(), {"--data", dataDir()});
        const test::Finished done = test::run(words);
        if (done.exitCode != 0)
            fail(done.err);
        if (out)
            *out = done.out;
    }

    QTemporaryDir dir_;
    std::string invitation_;
    InviteLink link_;
    std::unique_ptr<test::Process> server_;
    ServerPlace place_;
};

// Writes so many records on a device that is open but not connected.
inline void write(Device& device, Writer& writer, int records)
{
    for (int done = 0; done < records;) {
        QList<v1::Change> some;
        for (int i = 0; i < 1'000 && done < records; ++i, ++done)
            some.append(writer.next());
        device.submit(some);
    }
}

} // namespace stoa::bench
