#include "client/worker/worker.h"

#include <QCoreApplication>
#include <QDir>
#include <QNetworkInformation>
#include <QThread>

#include "client/worker/core.h"
#include "client/worker/local_door.h"
#include "client/worker/search_thread.h"

namespace stoa {

// The two threads and what lives on them. Every call into them is queued; every answer is queued back to
// the Worker's own thread and dropped once that is gone.
class Worker::Threads {
public:
    Threads(Worker& worker, WorkerSettings settings)
        : profileDir(settings.profileDir), sync(new QThread), searching(new QThread)
    {
        sync->setObjectName(QStringLiteral("stoa sync"));
        searching->setObjectName(QStringLiteral("stoa search"));

        // A value goes home: run there, or dropped with the Worker.
        const auto home = [&worker](auto call) {
            QMetaObject::invokeMethod(&worker, std::move(call), Qt::QueuedConnection);
        };

        desk =
            new SearchDesk(replicaPathOf(profileDir), searchPathOf(profileDir),
                           {
                               [this](int unindexed) {
                                   QMetaObject::invokeMethod(core, [this, unindexed] { core->indexing(unindexed); });
                               },
                               [&worker, home](quint64 ticket, const SearchResults& results) {
                                   home([&worker, ticket, results] { Q_EMIT worker.searched(ticket, results); });
                               },
                               [this](const QString& sentence) {
                                   QMetaObject::invokeMethod(core, [this, sentence] { core->searchProblem(sentence); });
                               },
                           });
        core = new WorkerCore(
            std::move(settings), makeSyncPort(replicaPathOf(profileDir)),
            {
                [&worker, home, this] {
                    QMetaObject::invokeMethod(desk, [this] { desk->open(); });
                    home([&worker, this] {
                        if (!door)
                            door = std::make_unique<LocalDoor>(worker, profileDir);
                        Q_EMIT worker.opened();
                    });
                },
                [&worker, home, this](const SyncStatus& status) {
                    const bool upToDate = status.state == SyncStatus::State::UpToDate;
                    QMetaObject::invokeMethod(desk, [this, upToDate] { desk->setUpToDate(upToDate); });
                    home([&worker, status, this] {
                        last = status;
                        Q_EMIT worker.statusChanged(status);
                    });
                },
                [&worker, home, this](const Touched& touched) {
                    QMetaObject::invokeMethod(desk, [this, touched] { desk->touched(touched); });
                    home([&worker, touched] {
                        for (const ShownStep& step : touched.texts)
                            Q_EMIT worker.textShown(step);
                        Q_EMIT worker.touched(touched);
                    });
                },
                [&worker, home](const Id& post, const QList<TextReader>& readers) {
                    home([&worker, post, readers] { Q_EMIT worker.present(post, readers); });
                },
                [&worker, home] { home([&worker] { Q_EMIT worker.joined(); }); },
                [&worker, home](const QString& why) { home([&worker, why] { Q_EMIT worker.joinFailed(why); }); },
                [&worker, home](const Id& change) { home([&worker, change] { Q_EMIT worker.submitted(change); }); },
                [&worker, home](const Id& change) { home([&worker, change] { Q_EMIT worker.settled(change); }); },
                [&worker, home](const Id& change, const Refusal& refusal) {
                    home([&worker, change, refusal] { Q_EMIT worker.notSubmitted(change, refusal); });
                },
                [&worker, home](const QString& why) { home([&worker, why] { Q_EMIT worker.failed(why); }); },
                // The files are about to be removed.
                [this] {
                    QMetaObject::invokeMethod(
                        desk, [this] { desk->close(); }, Qt::BlockingQueuedConnection);
                },
            });
        core->moveToThread(sync.get());
        desk->moveToThread(searching.get());
        QObject::connect(sync.get(), &QThread::finished, core, &QObject::deleteLater);
        QObject::connect(searching.get(), &QThread::finished, desk, &QObject::deleteLater);
        searching->start();
        sync->start();
        watchNetwork(worker);
        QMetaObject::invokeMethod(core, [this] { core->open(); });
    }

    ~Threads()
    {
        // Each calls the other until it is closed: close both, then end both.
        QMetaObject::invokeMethod(
            core, [this] { core->close(); }, Qt::BlockingQueuedConnection);
        QMetaObject::invokeMethod(
            desk, [this] { desk->close(); }, Qt::BlockingQueuedConnection);
        sync->quit();
        searching->quit();
        sync->wait();
        searching->wait();
    }

    // Away and back at once when the system says so.
    void watchNetwork(Worker& worker)
    {
        if (!QNetworkInformation::loadBackendByFeatures(QNetworkInformation::Feature::Reachability))
            return;
        QObject::connect(QNetworkInformation::instance(), &QNetworkInformation::reachabilityChanged, &worker,
                         [this](QNetworkInformation::Reachability reach) {
                             if (reach != QNetworkInformation::Reachability::Unknown)
                                 onCore([reach](WorkerCore& it) {
                                     it.networkChanged(reach >= QNetworkInformation::Reachability::Local);
                                 });
                         });
    }

    template <class F>
    void onCore(F call)
    {
        QMetaObject::invokeMethod(
            core, [this, call = std::move(call)] { call(*core); }, Qt::QueuedConnection);
    }

    QString profileDir;
    std::unique_ptr<QThread> sync;
    std::unique_ptr<QThread> searching;
    WorkerCore* core = nullptr; // on `sync`, which deletes it
    SearchDesk* desk = nullptr; // on `searching`, which deletes it
    SyncStatus last;
    std::unique_ptr<LocalDoor> door; // once this program holds the profile
};

Worker::Worker(WorkerSettings settings, QObject* parent)
    : QObject(parent), threads_(std::make_unique<Threads>(*this, std::move(settings)))
{
}

Worker::~Worker() = default;

QString Worker::replicaPath() const
{
    return replicaPathOf(threads_->profileDir);
}

QString Worker::searchPath() const
{
    return searchPathOf(threads_->profileDir);
}

void Worker::join(const Join& join)
{
    threads_->onCore([join](WorkerCore& core) { core.join(join); });
}

void Worker::signOut(bool wipe)
{
    threads_->onCore([wipe](WorkerCore& core) { core.signOut(wipe); });
}

void Worker::submit(const QList<v1::Change>& changes, const QString& draftPlace)
{
    threads_->core->submitSoon(changes, draftPlace);
}

void Worker::sendAgain(const Id& change)
{
    threads_->onCore([change](WorkerCore& core) { core.sendAgain(change); });
}

void Worker::discard(const Id& change)
{
    threads_->onCore([change](WorkerCore& core) { core.discard(change); });
}

void Worker::saveDraft(const QString& place, const QString& title, const QString& text, const QStringList& tags)
{
    threads_->onCore([=](WorkerCore& core) { core.saveDraft(place, title, text, tags); });
}

void Worker::readHistory(const Id& post)
{
    threads_->onCore([post](WorkerCore& core) { core.readHistory(post); });
}

void Worker::noteRead(const Id& post)
{
    threads_->onCore([post](WorkerCore& core) { core.noteRead(post); });
}

void Worker::openText(const Id& post)
{
    threads_->onCore([post](WorkerCore& core) { core.openText(post); });
}

void Worker::closeText(const Id& post)
{
    threads_->onCore([post](WorkerCore& core) { core.closeText(post); });
}

void Worker::setPresence(const Id& post, quint64 from, quint64 to, bool writing)
{
    threads_->onCore([=](WorkerCore& core) { core.setPresence(post, from, to, writing); });
}

void Worker::reconnectNow()
{
    threads_->onCore([](WorkerCore& core) { core.reconnectNow(); });
}

void Worker::reportDamage()
{
    threads_->onCore([](WorkerCore& core) { core.reportDamage(); });
}

void Worker::search(quint64 ticket, const QString& words, const SearchScope& scope, int limit)
{
    SearchDesk* desk = threads_->desk;
    QMetaObject::invokeMethod(
        desk, [=] { desk->search(ticket, words, scope, limit); }, Qt::QueuedConnection);
}

SyncStatus Worker::status() const
{
    return threads_->last;
}

} // namespace stoa
