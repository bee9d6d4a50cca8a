#pragma once

// What runs on the worker thread: replica, syncer and channel, their transactions, and the times at which
// to try again. Owned by Worker::Threads; lives on that thread; calls back there.

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include <QElapsedTimer>
#include <QLockFile>
#include <QObject>
#include <QTimer>

#include "client/net/channel.h"
#include "client/worker/worker.h"
#include "stoa/v1/wire.pb.h"

namespace stoa {

class Replica;
class Syncer;

QString replicaPathOf(const QString& profileDir);
QString searchPathOf(const QString& profileDir);

class WorkerCore : public QObject {
public:
    struct Events {
        std::function<void()> opened;
        std::function<void(const SyncStatus&)> status;
        std::function<void(const Touched&)> touched;
        std::function<void()> joined;
        std::function<void(const QString& sentence)> joinFailed;
        std::function<void(const Id& change)> submitted;
        std::function<void(const Id& change, const Refusal&)> notSubmitted;
        std::function<void(const QString& sentence)> failed;
        std::function<void()> closeSearch; // before the files go; returns once nothing holds them
    };

    WorkerCore(WorkerSettings settings, QString replicaPath, Events events);
    ~WorkerCore() override;

    void open();
    void close();
    void join(const Join& join);
    void signOut(bool wipe);
    // From any thread: such changes go before whatever else waits for the worker.
    void submitSoon(const QList<v1::Change>& changes, const QString& draftPlace);
    void sendAgain(const Id& change);
    void discard(const Id& change);
    void saveDraft(const QString& place, const QString& title, const QString& text, const QStringList& tags);
    void reconnectNow();
    void indexing(int unindexed);
    void searchProblem(const QString& sentence);

private:
    struct Submission {
        QList<v1::Change> changes;
        QString draftPlace;
    };

    // What the person asked for.
    void takeSubmissions();
    // What the server said: read into the open transaction until it is full, old, or somebody waits.
    void takeInbox();
    void commit();
    void flushTouched();

    // The connection.
    void connectSoon(qint64 delayMs);
    void connectNow();
    void disconnected(const ChannelEnd& end);
    void watchNetwork();

    void run(const std::function<void()>& work);
    void fail(const QString& sentence);
    void updateStatus();

    WorkerSettings settings_;
    QString replicaPath_;
    Events events_;
    std::unique_ptr<QLockFile> lock_;
    std::unique_ptr<Replica> replica_;
    std::unique_ptr<Syncer> syncer_;
    std::unique_ptr<Channel> channel_;
    std::mutex submissionsMutex_;
    std::deque<Submission> submissions_; // guarded by submissionsMutex_
    std::atomic<int> submissionsWaiting_ = 0;
    std::deque<v1::Envelope> inbox_;
    std::optional<Join> joining_;
    QByteArray token_;
    SyncStatus status_;
    Touched pending_; // told already committed, not yet to anyone
    QElapsedTimer lastTold_;
    QElapsedTimer transactionAge_;
    qint64 transactionBytes_ = 0;
    bool inTransaction_ = false;
    bool failed_ = false;
    QTimer commitTimer_;
    QTimer touchedTimer_;
    QTimer retryTimer_;
    QTimer tickTimer_;
    int attempts_ = 0;
};

} // namespace stoa
