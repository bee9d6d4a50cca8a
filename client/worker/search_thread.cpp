#include "client/worker/search_thread.h"

#include <algorithm>

#include <QCoreApplication>
#include <QDateTime>
#include <QElapsedTimer>

namespace stoa {

namespace {

constexpr int sliceMs = 20;
constexpr int calmMs = 1'000;
constexpr int calmUpToDateMs = 50;
constexpr int gatherMs = 200;
// A long page that is being written is indexed anew as a whole: that takes a tenth of a processor, and is soon enough.
constexpr int gatherTimes = 10;
constexpr int gatherMsMax = 2'000;
// While changes come and go, their way needs the processor: the index gets half of one at most.
constexpr int busyMs = 400;
constexpr int busyPauses = 1; // each as long as the slice before it
constexpr int closeMsMax = 300;
constexpr int retryMs = 10'000; // after a failure, such as a full disk

} // namespace

SearchDesk::SearchDesk(QString replicaPath, QString searchPath, Events events)
    : replicaPath_(std::move(replicaPath)),
      searchPath_(std::move(searchPath)),
      events_(std::move(events)),
      timer_(this),
      calm_(this)
{
    timer_.setSingleShot(true);
    calm_.setSingleShot(true);
    connect(&timer_, &QTimer::timeout, this, [this] { slice(); });
    connect(&calm_, &QTimer::timeout, this, [this] {
        if (index_)
            index_->lookAtAll();
        timer_.start(0);
    });
}

void SearchDesk::open()
{
    try {
        reading_ = std::make_unique<Reading>(replicaPath_);
        index_ = std::make_unique<SearchIndex>(searchPath_, replicaSource(*reading_));
        timer_.start(0);
    } catch (const std::exception& failed) {
        index_.reset();
        events_.problem(QCoreApplication::translate("Search", "The search index cannot be opened: %1.")
                            .arg(QString::fromUtf8(failed.what())));
        QTimer::singleShot(retryMs, this, [this] { open(); });
    }
}

void SearchDesk::close()
{
    timer_.stop();
    calm_.stop();
    // What was written last is found by the next program too, without its having to look.
    try {
        QElapsedTimer spent;
        spent.start();
        while (index_ && spent.elapsed() < closeMsMax && index_->work(sliceMs)) {}
    } catch (const std::exception&) {
        // Derived data: the next start finds the same work again.
    }
    finder_.reset();
    index_.reset();
    reading_.reset();
}

void SearchDesk::setUpToDate(bool upToDate)
{
    upToDate_ = upToDate;
    if (upToDate && calm_.isActive())
        calm_.start(calmUpToDateMs);
}

void SearchDesk::touched(const Touched& touched)
{
    const int calm = upToDate_ ? calmUpToDateMs : calmMs;
    if (!index_)
        return;
    told_.reset(); // whoever told this waits for an answer
    lastTouched_.start();
    if (touched.bulk) {
        index_->lookForNew();
        calm_.start(calm);
    } else if (touched.feeds) {
        // A space may have gone.
        calm_.start(calm);
    }
    try {
        if (!touched.posts.isEmpty())
            index_->lookAt(touched.posts);
    } catch (const std::exception&) {
        calm_.start(calm); // whatever is wrong with the files, the next slice says it
    }
    // Changes that come one by one are indexed some at a time: the sync path needs the processor more.
    if (!timer_.isActive())
        timer_.start(std::clamp(int(sliceMs_) * gatherTimes, gatherMs, gatherMsMax));
}

void SearchDesk::search(quint64 ticket, const QString& words, const SearchScope& scope, int limit)
{
    question_ = Question{ticket, words, scope, limit};
    // Behind the calls that wait: a newer question may be among them.
    QMetaObject::invokeMethod(
        this, [this] { answer(); }, Qt::QueuedConnection);
}

void SearchDesk::answer()
{
    if (!question_)
        return;
    const Question question = *question_;
    question_.reset();
    SearchResults results;
    results.words = question.words;
    try {
        if (!reading_ || !index_)
            throw Database::Failed("not open");
        if (!finder_ || finderGeneration_ != index_->generation()) {
            finder_.reset();
            finder_ = std::make_unique<Finder>(searchPath_);
            finderGeneration_ = index_->generation();
        }
        results = finder_->find(*reading_, question.words, question.scope, question.limit,
                                QDateTime::currentMSecsSinceEpoch());
        results.unindexed = index_->waiting();
    } catch (const Database::Damaged&) {
        finder_.reset();
        results.note = QCoreApplication::translate("Search", "The search index was damaged and is being made anew.");
        try {
            if (index_)
                index_->rebuild();
        } catch (const std::exception&) {
            index_.reset();
            QTimer::singleShot(retryMs, this, [this] { open(); });
        }
        timer_.start(0);
    } catch (const std::exception&) {
        results.note = QCoreApplication::translate("Search", "Search is not possible at the moment.");
    }
    events_.searched(question.ticket, results);
}

void SearchDesk::slice()
{
    if (!index_)
        return;
    try {
        QElapsedTimer spent;
        spent.start();
        const bool more = index_->work(sliceMs);
        sliceMs_ = spent.elapsed();
        tell(!more);
        const bool busy = lastTouched_.isValid() && lastTouched_.elapsed() < busyMs;
        if (more)
            timer_.start(busy ? int(spent.elapsed() + 1) * busyPauses : 0);
    } catch (const std::exception& failed) {
        told_.reset();
        events_.problem(QCoreApplication::translate("Search", "The search index cannot be written: %1.")
                            .arg(QString::fromUtf8(failed.what())));
        timer_.start(retryMs);
    }
}

void SearchDesk::tell(bool done)
{
    const int counted = index_->waiting() > 0 ? index_->waiting() : SyncStatus::notCounted;
    const int waiting = done && !calm_.isActive() ? 0 : counted;
    if (waiting == told_)
        return;
    told_ = waiting;
    events_.progress(waiting);
}

} // namespace stoa
