#pragma once

// The one thread that alters the database. What is handed to it waits in three bounded queues: people's
// changes, tasks (signing in, what an admin does), and background work (imports), which gets its turn only when
// the other two are empty. All changes that wait, up to a limit, share one commit: while one commit runs
// the next ones gather.
//
// `submit`, `run` and `runInBackground` may be called from any thread; what they are given is called on the writer's.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "server/net/limits.h"

namespace stoa {

template <class Submission>
class Writer {
public:
    // Carries out what is given in one durable transaction and tells those who wait. Must not throw.
    using Commit = std::function<void(std::vector<Submission>)>;

    // Does what the clock asks for, and says after how many milliseconds to be called again where nothing comes until
    // then; none: not before something has come. `idle`: nothing has come for a moment, so it may take some time.
    // Otherwise it is called between two groups. Must not throw.
    using Tend = std::function<std::optional<int64_t>(bool idle)>;

    Writer(
        const NetLimits& limits, Commit commit, Tend tend = [](bool) { return std::nullopt; })
        : limits_(limits), commit_(std::move(commit)), tend_(std::move(tend)), thread_([this] { work(); })
    {
    }
    ~Writer() { stop(); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // False where too much waits already: the peer hears BUSY.
    [[nodiscard]] bool submit(Submission submission, size_t changes, size_t bytes)
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || submissions_.size() >= limits_.writerQueueMax ||
            waitingBytes_ + bytes > limits_.writerQueueBytesMax)
            return false;
        waitingBytes_ += bytes;
        submissions_.push_back({std::move(submission), changes, bytes});
        wake_.notify_one();
        return true;
    }

    [[nodiscard]] bool run(std::function<void()> task) { return put(tasks_, std::move(task)); }
    [[nodiscard]] bool runInBackground(std::function<void()> task) { return put(background_, std::move(task)); }

    // Takes nothing further, ends what waits, ends the thread.
    void stop()
    {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
            wake_.notify_one();
        }
        if (thread_.joinable())
            thread_.join();
    }

private:
    struct Waiting {
        Submission submission;
        size_t changes;
        size_t bytes;
    };

    bool put(std::deque<std::function<void()>>& queue, std::function<void()> task)
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || queue.size() >= limits_.writerQueueMax)
            return false;
        queue.push_back(std::move(task));
        wake_.notify_one();
        return true;
    }

    void work()
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            const auto busy = [this] {
                return stopping_ || !submissions_.empty() || !tasks_.empty() || !background_.empty();
            };
            std::optional<int64_t> againMs = limits_.restAfterMs;
            while (againMs && !wake_.wait_for(lock, std::chrono::milliseconds(*againMs), busy))
                againMs = tend(lock, true);
            if (!againMs)
                wake_.wait(lock, busy);
            if (submissions_.empty() && tasks_.empty() && background_.empty())
                return;
            if (!submissions_.empty()) {
                std::vector<Submission> group;
                size_t changes = 0;
                while (!submissions_.empty() &&
                       (group.empty() || changes + submissions_.front().changes <= limits_.commitChangesMax)) {
                    Waiting& first = submissions_.front();
                    changes += first.changes;
                    waitingBytes_ -= first.bytes;
                    group.push_back(std::move(first.submission));
                    submissions_.pop_front();
                }
                lock.unlock();
                commit_(std::move(group));
                lock.lock();
                tend(lock, false);
            }
            // One task between two groups, so that neither kind makes the other wait for long.
            auto& queue = !tasks_.empty() ? tasks_ : background_;
            if (queue.empty() || (&queue == &background_ && !submissions_.empty()))
                continue;
            const std::function<void()> task = std::move(queue.front());
            queue.pop_front();
            lock.unlock();
            task();
            lock.lock();
            tend(lock, false);
        }
    }

    std::optional<int64_t> tend(std::unique_lock<std::mutex>& lock, bool idle)
    {
        lock.unlock();
        const auto againMs = tend_(idle);
        lock.lock();
        return againMs;
    }

    const NetLimits& limits_;
    Commit commit_;
    Tend tend_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    size_t waitingBytes_ = 0;
    std::deque<Waiting> submissions_;
    std::deque<std::function<void()>> tasks_;
    std::deque<std::function<void()>> background_;
    std::thread thread_; // last: it uses all of the above
};

} // namespace stoa
