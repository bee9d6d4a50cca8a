#pragma once

// What goes to many sessions at once: encoded by the first who needs it, for all. Values that never change; any thread.

#include <memory>
#include <mutex>
#include <string>

#include "server/engine/engine.h"

namespace stoa {

using SharedFrame = std::shared_ptr<const std::string>;

SharedFrame frameOf(const v1::Envelope& envelope);

class FrameOnce {
public:
    template <class Make>
    const SharedFrame& get(Make envelope) const
    {
        std::call_once(encoded_, [&] { frame_ = frameOf(envelope()); });
        return frame_;
    }

private:
    mutable std::once_flag encoded_;
    mutable SharedFrame frame_;
};

// News of a feed on their way to its subscribers.
class LiveNews {
public:
    explicit LiveNews(std::shared_ptr<const News> news) : news_(std::move(news)) {}

    const News& news() const { return *news_; }
    SharedFrame frame() const;

private:
    std::shared_ptr<const News> news_;
    FrameOnce frame_;
};

// Revisions of a body on their way to those who have it open.
class LiveText {
public:
    explicit LiveText(std::shared_ptr<const TextNews> news) : news_(std::move(news)) {}

    const TextNews& news() const { return *news_; }
    uint64_t upto() const { return news_->revisions.empty() ? 0 : news_->revisions.back().version().revision(); }
    SharedFrame frame() const;

private:
    std::shared_ptr<const TextNews> news_;
    FrameOnce frame_;
};

// Who else reads, on its way to the same.
class LivePresent {
public:
    explicit LivePresent(v1::Present present) { *envelope_.mutable_present() = std::move(present); }

    const v1::Present& present() const { return envelope_.present(); }
    SharedFrame frame() const;

private:
    v1::Envelope envelope_;
    FrameOnce frame_;
};

// As a stored revision is sent: which device it came from is nobody's business.
v1::Revision withoutDevice(v1::Revision revision);

} // namespace stoa
