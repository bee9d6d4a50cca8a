#include "shared/base/protobuf_log.h"

#include <atomic>
#include <cstdio>

#include <google/protobuf/stubs/common.h>
#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <google/protobuf/stubs/logging.h>
#endif

namespace stoa {

namespace {

constexpr int64_t tellEveryMs = 60'000;

struct Mute {
    SteadyClock clock;
    std::function<void(uint64_t)> tell;
    std::atomic<uint64_t> lines{0};
    std::atomic<int64_t> nextMs{0};

    void count()
    {
        ++lines;
        if (!tell)
            return;
        const int64_t nowMs = clock();
        int64_t next = nextMs;
        if (nowMs >= next && nextMs.compare_exchange_strong(next, nowMs + tellEveryMs))
            tell(lines.exchange(0));
    }
};

Mute mute;

} // namespace

void muteProtobuf(SteadyClock clock, std::function<void(uint64_t)> tell)
{
    mute.clock = std::move(clock);
    mute.tell = std::move(tell);
    mute.lines = 0;
    mute.nextMs = 0;
    // From version 22 on it logs by Abseil, and says nothing of texts.
#if GOOGLE_PROTOBUF_VERSION < 4022000
    google::protobuf::SetLogHandler(
        [](google::protobuf::LogLevel level, const char* file, int line, const std::string& text) {
            if (level == google::protobuf::LOGLEVEL_FATAL) // the process ends by it
                std::fprintf(stderr, "%s:%d: %s\n", file, line, text.c_str());
            else
                mute.count();
        });
#endif
}

} // namespace stoa
