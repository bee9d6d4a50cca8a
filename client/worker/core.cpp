#include "client/worker/core.h"

#include <algorithm>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QThread>

#include "client/search/index.h"
#include "client/worker/gathering.h"
#include "client/worker/refusals.h"
#include "shared/base/black_box_folder.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr int transactionMsMax = 50;
constexpr qint64 transactionBytesMax = 4 << 20;
constexpr int liveMs = 30;     // what others write is shown that often
constexpr int touchedMs = 100; // between two tellings during bulk
constexpr int leavingMsAtEnd = 500;
constexpr int presenceMs = 100;  // between two tellings of where the person is
constexpr int restAfterMs = 300; // without a commit: time to write the log back

struct WorkerTexts {
    Q_DECLARE_TR_FUNCTIONS(Worker)
};

// A program that was killed, or a power cut, may leave a lock that names nobody, or only half removed: it would hold
// for ever, or for as long as it looks young. The system knows whether a program holds it; a moment later, so that one
// that is just starting has told the system.
bool takeLock(QLockFile& lock)
{
    constexpr unsigned long graceMs = 50;
    if (lock.tryLock(0))
        return true;
    if (lock.error() != QLockFile::LockFailedError)
        return false;
    QThread::msleep(graceMs);
    return lock.tryLock(0) || (lock.removeStaleLockFile() && lock.tryLock(0));
}

bool same(const SyncStatus& a, const SyncStatus& b)
{
    return a.state == b.state && a.feedName == b.feedName && a.held == b.held && a.total == b.total &&
           a.waiting == b.waiting && a.accepted == b.accepted && a.unsent == b.unsent && a.refused == b.refused &&
           a.kept == b.kept && a.upToDateMs == b.upToDateMs && a.retryAtMs == b.retryAtMs && a.indexing == b.indexing &&
           a.refusal == b.refusal && a.problem == b.problem && a.searchProblem == b.searchProblem &&
           a.differedMs == b.differedMs && a.blackBox == b.blackBox;
}

// These need a person: trying again with the same token comes to the same.
bool needsSignIn(v1::Code code)
{
    return code == v1::TOKEN_UNKNOWN || code == v1::WRONG_CREDENTIALS || code == v1::PERSON_DISABLED_NOW;
}

// Whether the server says more at once: the rest of a long read, or the news that a change was accepted with.
bool moreFollows(const v1::Envelope& envelope)
{
    const auto& receipts = envelope.receipts().receipts();
    return (envelope.has_batch() && !envelope.batch().last()) ||
           std::any_of(receipts.begin(), receipts.end(),
                       [](const v1::Receipt& each) { return each.effects_size() > 0; });
}

} // namespace

QString replicaPathOf(const QString& profileDir)
{
    return QDir(profileDir).filePath(QStringLiteral("replica.db"));
}

QString searchPathOf(const QString& profileDir)
{
    return QDir(profileDir).filePath(QStringLiteral("search.db"));
}

QString blackBoxesOf(const QString& profileDir)
{
    return QDir(profileDir).filePath(QStringLiteral("blackbox"));
}

QString assertionFileOf(const QString& profileDir)
{
    return QDir(profileDir).filePath(QStringLiteral("assertion.txt"));
}

WorkerCore::WorkerCore(WorkerSettings settings, std::unique_ptr<SyncPort> port, Events events)
    : settings_(std::move(settings)),
      port_(std::move(port)),
      events_(std::move(events)),
      commitTimer_(this),
      touchedTimer_(this),
      presenceTimer_(this),
      retryTimer_(this),
      pulseTimer_(this),
      leavingTimer_(this),
      restTimer_(this)
{
    for (QTimer* timer : {&commitTimer_, &touchedTimer_, &presenceTimer_, &retryTimer_, &leavingTimer_, &restTimer_})
        timer->setSingleShot(true);
    connect(&commitTimer_, &QTimer::timeout, this, [this] { run([this] { commit(); }); });
    connect(&touchedTimer_, &QTimer::timeout, this, [this] { flushTouched(); });
    connect(&presenceTimer_, &QTimer::timeout, this, [this] { tellPresence(); });
    connect(&retryTimer_, &QTimer::timeout, this, [this] { connectNow(); });
    connect(&leavingTimer_, &QTimer::timeout, this, [this] { leaving_.reset(); });
    connect(&restTimer_, &QTimer::timeout, this, [this] {
        if (!inTransaction_)
            run([this] { port_->rest(); });
    });
    connect(&pulseTimer_, &QTimer::timeout, this, [this] {
        run([this] {
            begin();
            port_->pump();
            commit();
        });
    });
}

WorkerCore::~WorkerCore() = default;

void WorkerCore::run(const std::function<void()>& work)
{
    if (failed_ || !isOpen_)
        return;
    try {
        work();
    } catch (const std::exception& failed) {
        // What was not committed comes again: from the server, or from the person, who is told.
        try {
            if (inTransaction_)
                port_->rollback();
        } catch (const std::exception&) {
            // The first failure says it all.
        }
        inTransaction_ = false;
        onCommit_.clear();
        fail(QString::fromUtf8(failed.what()));
    }
}

void WorkerCore::fail(const QString& sentence)
{
    failed_ = true;
    channel_.reset();
    for (QTimer* timer : {&commitTimer_, &retryTimer_, &pulseTimer_})
        timer->stop();
    status_.state = SyncStatus::State::Failed;
    status_.problem = sentence;
    events_.status(status_);
    events_.failed(sentence);
}

void WorkerCore::open()
{
    if (!QDir().mkpath(settings_.profileDir)) {
        fail(WorkerTexts::tr("The folder %1 cannot be made. Choose another one, or ask who manages this computer.")
                 .arg(settings_.profileDir));
        return;
    }
    QFile::setPermissions(settings_.profileDir,
                          QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    const QString lockPath = QDir(settings_.profileDir).filePath(QStringLiteral("lock"));
    lock_ = std::make_unique<QLockFile>(lockPath);
    lock_->setStaleLockTime(0); // held for as long as its program lives
    if (!takeLock(*lock_)) {
        const bool held = lock_->error() == QLockFile::LockFailedError;
        lock_.reset();
        fail(held ? WorkerTexts::tr("Another program is using the profile %1 already. Close it first.")
                        .arg(settings_.profileDir)
                  : WorkerTexts::tr("The folder %1 cannot be written. Check its rights and the space on the disk.")
                        .arg(settings_.profileDir));
        return;
    }
    QFile::remove(lockPath + QStringLiteral(".rmlock")); // of one that was killed while it removed a lock
    isOpen_ = true;
    run([this] {
        port_->open();
        status_.indexing = SyncStatus::notCounted;
        events_.opened();
        takeSubmissions();
        if (settings_.connect) {
            if (port_->isSignedOut()) {
                // A keyring that was locked may have kept what signing out wanted gone.
                settings_.tokens.forget(settings_.profileDir);
                return tellStatus();
            }
            const QByteArray token = settings_.tokens.load(settings_.profileDir);
            if (!isOpen_)
                return; // closed while the keyring was asked
            if (token_.isEmpty())
                token_ = token;
            if (!token_.isEmpty() && !joining_ && !channel_)
                connectNow();
        }
        tellStatus();
    });
}

void WorkerCore::close()
{
    run([this] {
        takeSubmissions();
        commit();
        // A program that lives for one sync only never comes to rest: its log would grow for ever.
        if (isOpen_)
            port_->rest();
    });
    channel_.reset();
    channelOpen_ = false;
    ++conversation_;
    flushTouched();
    isOpen_ = false;
    // Who closes the program right after signing out has signed out at the server too.
    QElapsedTimer spent;
    spent.start();
    while (leaving_ && spent.elapsed() < leavingMsAtEnd)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, leavingMsAtEnd);
    leaving_.reset();
    port_.reset();
    lock_.reset();
}

void WorkerCore::begin()
{
    if (inTransaction_)
        return;
    port_->begin();
    inTransaction_ = true;
    transactionBytes_ = 0;
    isLive_ = isBulk_ = false;
    transactionAge_.start();
}

void WorkerCore::commit()
{
    commitTimer_.stop();
    if (!inTransaction_)
        return;
    const Touched touched = port_->commit();
    inTransaction_ = false;
    if (isLive_)
        lastLive_.start();
    restTimer_.start(restAfterMs);
    // The person first: their own change is what they wait for.
    for (const auto& tell : std::exchange(onCommit_, {}))
        tell();
    if (touched.bulk || !touched.posts.isEmpty())
        status_.indexing = status_.indexing == 0 ? SyncStatus::notCounted : status_.indexing;
    // Much is told now and then, little at once.
    if (touched_.bulk && !touched.bulk && !isEmpty(touched))
        events_.touched(touched);
    else
        unite(touched_, touched);
    if (!isEmpty(touched_)) {
        const bool wait = touched_.bulk && lastTold_.isValid() && lastTold_.elapsed() < touchedMs;
        if (!wait)
            flushTouched();
        else if (!touchedTimer_.isActive())
            touchedTimer_.start(int(touchedMs - lastTold_.elapsed()));
    }
    afterCommit();
}

void WorkerCore::flushTouched()
{
    touchedTimer_.stop();
    if (isEmpty(touched_))
        return;
    events_.touched(std::exchange(touched_, {}));
    lastTold_.start();
}

// Sends what may leave now that its cause is stored.
void WorkerCore::afterCommit()
{
    SyncNews news = port_->takeNews();
    if (!news.token.isEmpty()) {
        // Told once only: where it cannot be kept, the person has to know.
        token_ = news.token;
        settings_.tokens.save(settings_.profileDir, news.token);
        if (!isOpen_)
            return; // closed while the keyring was asked
    }
    for (const v1::Envelope& envelope : news.send)
        if (channel_ && channelOpen_)
            channel_->send(envelope);
    keep(news.reports);
    for (const TextPresence& each : news.present)
        events_.present(each.post, {each.readers.begin(), each.readers.end()});
    if (news.signedIn) {
        signedIn_ = true;
        failures_ = 0;
        status_.refusal = {};
        status_.problem.clear();
        if (std::exchange(joining_, std::nullopt))
            events_.joined();
    }
    if (news.ended) {
        status_.refusal = *news.ended;
        const bool wasJoining = joining_.has_value();
        hangUp();
        if (wasJoining) {
            joining_.reset();
            events_.joinFailed(news.ended->code == v1::EXISTS ? otherCopySentence() : refusalSentence(*news.ended));
        } else if (needsSignIn(news.ended->code)) {
            // An unknown token is no order to forget anything.
            status_.state = SyncStatus::State::SignInAgain;
            retryTimer_.stop();
            tellStatus();
            return;
        }
        if (!token_.isEmpty())
            retryLater(news.ended->retryAfterMs);
    }
    tellStatus();
}

// Where the disk does not take it the report is lost, and nothing else.
void WorkerCore::keep(const std::vector<BlackBoxReport>& reports)
{
    for (BlackBoxReport report : reports) {
        const BlackBoxFolder folder(blackBoxesOf(settings_.profileDir).toStdString(), limits::blackBoxFilesMax);
        report.text.insert(0, "program=" + settings_.program.toStdString() + '\n');
        const qint64 nowMs = QDateTime::currentMSecsSinceEpoch();
        const BlackBoxFolder::Kept kept = folder.keep(report, nowMs);
        if (report.cause != "digest")
            continue;
        status_.differedMs = nowMs;
        if (!kept.file.empty() || !kept.problem.empty())
            status_.blackBox = QString::fromStdString(kept.file);
    }
}

void WorkerCore::submitSoon(const QList<v1::Change>& changes, const QString& draftPlace)
{
    {
        const std::lock_guard guard(submissionsMutex_);
        submissions_.push_back({changes, draftPlace});
    }
    ++submissionsWaiting_;
    QMetaObject::invokeMethod(
        this, [this] { run([this] { takeSubmissions(); }); }, Qt::QueuedConnection);
}

void WorkerCore::takeSubmissions()
{
    std::deque<Submission> taken;
    {
        const std::lock_guard guard(submissionsMutex_);
        taken.swap(submissions_);
    }
    submissionsWaiting_ -= int(taken.size());
    if (taken.empty())
        return;
    // What the server said so far is not kept waiting by the person's change, nor the other way round.
    commit();
    begin();
    for (const Submission& submission : taken) {
        for (const v1::Change& change : submission.changes) {
            const Id id = Id::from(change.id()).value_or(Id{});
            const Result<void> stored = port_->submit(change, submission.draftPlace);
            if (stored)
                onCommit_.push_back([this, id] { events_.submitted(id); });
            else
                onCommit_.push_back([this, id, why = stored.error()] { events_.notSubmitted(id, why); });
        }
    }
    port_->pump();
    commit();
}

void WorkerCore::sendAgain(const Id& change)
{
    settle(change, &SyncPort::sendAgain);
}

void WorkerCore::discard(const Id& change)
{
    settle(change, &SyncPort::discard);
}

void WorkerCore::settle(const Id& change, Result<void> (SyncPort::*how)(const Id&))
{
    run([&] {
        commit();
        begin();
        if (const Result<void> done = (port_.get()->*how)(change); done)
            onCommit_.push_back([this, change] { events_.settled(change); });
        else
            onCommit_.push_back([this, change, why = done.error()] { events_.notSubmitted(change, why); });
        port_->pump();
        commit();
    });
}

void WorkerCore::saveDraft(const QString& place, const QString& title, const QString& text, const QStringList& tags)
{
    run([&] {
        begin();
        port_->saveDraft(place, title, text, tags);
        commit();
    });
}

void WorkerCore::readHistory(const Id& post)
{
    run([&] {
        begin();
        port_->readHistory(post);
        commit();
    });
}

void WorkerCore::noteRead(const Id& post)
{
    run([&] {
        begin();
        port_->noteRead(post);
        commit();
    });
}

void WorkerCore::openText(const Id& post)
{
    run([&] {
        begin();
        port_->openText(post);
        commit();
    });
}

void WorkerCore::closeText(const Id& post)
{
    run([&] {
        begin();
        port_->closeText(post);
        commit();
    });
}

// The first one at once; of what follows soon the last one counts.
void WorkerCore::setPresence(const Id& post, quint64 from, quint64 to, bool writing)
{
    presence_[post] = {from, to, writing};
    if (!presenceTimer_.isActive())
        tellPresence();
}

void WorkerCore::tellPresence()
{
    run([this] {
        if (presence_.empty())
            return;
        begin();
        for (const auto& [post, at] : std::exchange(presence_, {}))
            port_->setPresence(post, at.from, at.to, at.writing);
        commit();
        presenceTimer_.start(presenceMs);
    });
}

void WorkerCore::takeInbox()
{
    inboxQueued_ = false;
    takeSubmissions();
    while (!inbox_.empty()) {
        const v1::Envelope envelope = std::move(inbox_.front());
        inbox_.pop_front();
        // What others write is not told as a part of much.
        if (inTransaction_ && (envelope.has_revisions() ? isBulk_ : envelope.has_batch() && isLive_))
            commit();
        begin();
        isLive_ = isLive_ || envelope.has_revisions();
        isBulk_ = isBulk_ || envelope.has_batch();
        transactionBytes_ += qint64(envelope.ByteSizeLong());
        port_->received(envelope);
        // Which server it is from now on is stored with its welcome: one that refuses changes nothing.
        if (joining_ && envelope.has_welcome() && port_->isWelcome()) {
            port_->setServer({joining_->host, joining_->port, joining_->pin}, joining_->login);
            port_->setSignedOut(false);
        }
        if (!moreFollows(envelope) && inbox_.empty() && commitInMs() == 0) {
            commit();
        } else if (transactionBytes_ >= transactionBytesMax || transactionAge_.elapsed() >= transactionMsMax ||
                   submissionsWaiting_ > 0) {
            commit();
            takeSubmissions();
        }
        if (!channel_)
            return; // hung up by what was said
    }
    // What is on its way joins this transaction, up to the age limit.
    if (inTransaction_)
        commitTimer_.start(isLive_ ? commitInMs() : std::max(0, transactionMsMax - int(transactionAge_.elapsed())));
}

// What others write is stored at once where nothing of the kind was for a moment, else when that is over.
int WorkerCore::commitInMs() const
{
    return isLive_ && lastLive_.isValid() ? std::max(0, liveMs - int(lastLive_.elapsed())) : 0;
}

void WorkerCore::reportDamage()
{
    run([this] {
        takeSubmissions();
        commit();
        port_->reportDamage();
    });
}

void WorkerCore::indexing(int unindexed)
{
    if (failed_)
        return;
    status_.indexing = unindexed;
    status_.searchProblem.clear();
    run([this] { tellStatus(); });
}

void WorkerCore::searchProblem(const QString& sentence)
{
    if (failed_)
        return;
    status_.searchProblem = sentence;
    status_.indexing = 0;
    run([this] { tellStatus(); });
}

void WorkerCore::tellStatus()
{
    if (!isOpen_)
        return;
    using State = SyncStatus::State;
    const SyncStatus standing = port_->standing();
    status_.waiting = standing.waiting;
    status_.accepted = standing.accepted;
    status_.unsent = standing.unsent;
    status_.refused = standing.refused;
    status_.kept = standing.kept;
    status_.feedName = standing.feedName;
    status_.held = standing.held;
    status_.total = standing.total;
    if (signedIn_) {
        status_.state = standing.state;
        // To the half minute: nobody reads it closer, and everything that is shown costs.
        const qint64 now = QDateTime::currentMSecsSinceEpoch();
        if (standing.state == State::UpToDate && now - status_.upToDateMs > 30'000)
            status_.upToDateMs = now;
    } else if (status_.state == State::SignInAgain && !channel_) {
        // Stays until somebody signs in.
    } else if (channel_) {
        status_.state = State::Connecting;
    } else if (token_.isEmpty() && settings_.connect) {
        status_.state = State::SignedOut;
    } else {
        status_.state = State::Offline;
        status_.upToDateMs = std::max(status_.upToDateMs, standing.upToDateMs);
    }
    if (same(status_, told_))
        return;
    told_ = status_;
    events_.status(status_);
}

} // namespace stoa
