#include "server/net/presence.h"

namespace stoa {

Presence::Presence(IoThread& thread, int64_t everyMs, Give give)
    : thread_(thread), everyMs_(everyMs), give_(std::move(give)), timer_(thread.io())
{
}

void Presence::say(const Id& post, const v1::Reader& reader)
{
    const std::lock_guard lock(mutex_);
    readers_.say(post, reader);
    if (isDue_ || !readers_.hasNews())
        return;
    isDue_ = true;
    thread_.post([this] { giveLater(); });
}

void Presence::giveLater()
{
    timer_.expires_after(std::chrono::milliseconds(everyMs_));
    timer_.async_wait([this](boost::system::error_code failed) {
        if (failed)
            return;
        std::vector<Readers::Told> told;
        {
            const std::lock_guard lock(mutex_);
            isDue_ = false;
            told = readers_.take();
        }
        give_(std::move(told));
    });
}

} // namespace stoa
