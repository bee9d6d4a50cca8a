#pragma once

// What runs on the search thread: the index's writer, in slices so that a question waits for one slice at
// most, and the answers. Lives on that thread; only values come and go, by queued calls.

#include <functional>
#include <memory>
#include <optional>

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include "client/replica/touched.h"
#include "client/search/finder.h"
#include "client/search/index.h"
#include "client/worker/worker.h"

namespace stoa {

class SearchDesk : public QObject {
public:
    // Called on the search thread.
    struct Events {
        std::function<void(int unindexed)> progress; // or SyncStatus::notCounted
        std::function<void(quint64 ticket, const SearchResults&)> searched;
        std::function<void(const QString& sentence)> problem; // the index cannot be written; asked again later
    };

    SearchDesk(QString replicaPath, QString searchPath, Events events);

    void open();
    void touched(const Touched& touched);
    // Whether more is to be expected soon.
    void setUpToDate(bool upToDate);
    // The newest question is answered; older ones that wait are dropped.
    void search(quint64 ticket, const QString& words, const SearchScope& scope, int limit);
    void close();

private:
    struct Question {
        quint64 ticket = 0;
        QString words;
        SearchScope scope;
        int limit = 0;
    };

    void slice();
    void answer();
    void tell(bool done);

    QString replicaPath_;
    QString searchPath_;
    Events events_;
    std::unique_ptr<Reading> reading_;
    std::unique_ptr<SearchIndex> index_;
    std::unique_ptr<Finder> finder_;
    std::optional<Question> question_;
    QTimer timer_;
    QElapsedTimer lastTouched_;
    qint64 sliceMs_ = 0; // that the last one took
    QTimer calm_;        // after bulk: compare everything once it is over
    bool upToDate_ = false;
    int finderGeneration_ = -1;
    std::optional<int> told_;
};

} // namespace stoa
