#include "server/session/live.h"

#include "shared/wire/frame.h"

namespace stoa {

SharedFrame frameOf(const v1::Envelope& envelope)
{
    return std::make_shared<const std::string>(encodeFrame(envelope));
}

SharedFrame LiveNews::frame() const
{
    return frame_.get([this] {
        v1::Envelope envelope;
        v1::Batch& batch = *envelope.mutable_batch();
        batch.set_feed(news_->state.feed.key());
        batch.set_after(news_->after);
        batch.set_upto(news_->upto);
        for (const StoredVersion& version : news_->versions) {
            v1::Version* each = batch.add_versions();
            each->set_number(version.number);
            each->set_seal(version.seal);
            each->set_record(version.bytes);
        }
        if (news_->last) {
            batch.set_last(true);
            batch.set_digest(news_->state.digest.str());
        }
        return envelope;
    });
}

SharedFrame LiveText::frame() const
{
    return frame_.get([this] {
        v1::Envelope envelope;
        v1::Revisions& told = *envelope.mutable_revisions();
        told.set_post(news_->post.str());
        told.set_after(news_->after);
        for (const v1::Revision& each : news_->revisions)
            *told.add_revisions() = withoutDevice(each);
        return envelope;
    });
}

SharedFrame LivePresent::frame() const
{
    return frame_.get([this]() -> const v1::Envelope& { return envelope_; });
}

v1::Revision withoutDevice(v1::Revision revision)
{
    revision.clear_device();
    return revision;
}

} // namespace stoa
