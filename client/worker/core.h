#pragma once

// What runs on the worker thread: replica, syncer and channel, their transactions, and the times at which
// to try again. Owned by Worker::Threads; lives on that thread; calls back there.

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include <QElapsedTimer>
#include <QLockFile>
#include <QObject>
#include <QTimer>

#include "client/net/channel.h"
#include "client/worker/port.h"
#include "stoa/v1/wire.pb.h"

namespace stoa {

QString replicaPathOf(const QString& profileDir);
QString searchPathOf(const QString& profileDir);
QString blackBoxesOf(const QString& profileDir);
QString assertionFileOf(const QString& profileDir);

class WorkerCore : public QObject {
public:
    struct Events {
        std::function<void()> opened;
        std::function<void(const SyncStatus&)> status;
        std::function<void(const Touched&)> touched;
        std::function<void(const Id& post, const QList<TextReader>&)> present;
        std::function<void()> joined;
        std::function<void(const QString& sentence)> joinFailed;
        std::function<void(const Id& change)> submitted;
        std::function<void(const Id& change)> settled; // put back for sending, or discarded
        std::function<void(const Id& change, const Refusal&)> notSubmitted;
        std::function<void(const QString& sentence)> failed;
        std::function<void()> closeSearch; // before the files go; returns once nothing holds them
    };

    WorkerCore(WorkerSettings settings, std::unique_ptr<SyncPort> port, Events events);
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
    void readHistory(const Id& post);
    void noteRead(const Id& post);
    void openText(const Id& post);
    void closeText(const Id& post);
    void setPresence(const Id& post, quint64 from, quint64 to, bool writing);
    void reconnectNow();
    // What the system says about the network.
    void networkChanged(bool there);
    void reportDamage();
    // Signed out, and the server has not confirmed it yet.
    bool isLeaving() const { return leaving_ != nullptr; }
    void indexing(int unindexed);
    void searchProblem(const QString& sentence);

private:
    struct Submission {
        QList<v1::Change> changes;
        QString draftPlace;
    };

    // What the person asked for, then what the server said; both within the one transaction.
    void begin();
    void takeSubmissions();
    void takeInbox();
    int commitInMs() const;
    void commit();
    void afterCommit();
    void flushTouched();
    void tellPresence();

    void keep(const std::vector<BlackBoxReport>& reports);
    void settle(const Id& change, Result<void> (SyncPort::*how)(const Id&));
    void connectNow();
    void retryLater(qint64 atLeastMs);
    void hangUp();
    void sayGoodbye();
    void ended(const ChannelEnd& end);
    void opened();

    // The border at which a failing environment becomes a sentence.
    void run(const std::function<void()>& work);
    void fail(const QString& sentence);
    void tellStatus();

    WorkerSettings settings_;
    std::unique_ptr<SyncPort> port_;
    Events events_;
    std::unique_ptr<QLockFile> lock_;
    std::unique_ptr<Channel> channel_;
    std::unique_ptr<Channel> leaving_; // on which the server is asked to forget the token
    bool channelOpen_ = false;
    int conversation_ = 0; // which channel's calls count
    bool signedIn_ = false;

    std::mutex submissionsMutex_;
    std::deque<Submission> submissions_; // guarded by submissionsMutex_
    std::atomic<int> submissionsWaiting_ = 0;
    std::deque<v1::Envelope> inbox_;
    bool inboxQueued_ = false;
    std::vector<std::function<void()>> onCommit_; // what the person is told once it is stored

    std::optional<Join> joining_;
    QByteArray token_;
    SyncStatus status_;
    SyncStatus told_;
    struct Selection {
        quint64 from = 0;
        quint64 to = 0;
        bool writing = false;
    };
    std::map<Id, Selection> presence_; // the person's own, not yet told
    Touched touched_;                  // committed, not yet told
    QElapsedTimer lastTold_;
    QElapsedTimer lastLive_; // since what others write in an open body was stored last
    QElapsedTimer transactionAge_;
    qint64 transactionBytes_ = 0;
    bool inTransaction_ = false;
    bool isLive_ = false; // the transaction holds what others write in an open body
    bool isBulk_ = false; // it holds batches
    bool isOpen_ = false;
    bool failed_ = false;
    int failures_ = 0; // to reach the server, since it was reached last
    QTimer commitTimer_;
    QTimer touchedTimer_;
    QTimer presenceTimer_;
    QTimer retryTimer_;
    QTimer pulseTimer_;
    QTimer leavingTimer_;
    QTimer restTimer_;
};

} // namespace stoa
