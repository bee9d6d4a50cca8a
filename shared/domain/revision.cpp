#include "shared/domain/revision.h"

#include <algorithm>

#include "shared/domain/body.h"
#include "shared/text/codec.h"

namespace stoa {

bool isSameVersion(const v1::TextVersion& a, const v1::TextVersion& b)
{
    return a.revision() == b.revision() && a.seal() == b.seal();
}

Result<void> alterByRevision(v1::Record& record, const v1::Revision& revision)
{
    v1::Post& post = *record.mutable_post();
    const Result<TextChange> text = decode(revision.text());
    const Result<std::vector<TextRange>> resolved = rangesFrom(revision.resolved());
    const Result<std::vector<TextRange>> contested = rangesFrom(revision.contested());
    const bool fits = text && resolved && contested && revision.after() == post.body_version().revision();
    if (!fits || !alterBody(post, *text, *resolved))
        return v1::INVALID;
    addContested(post, *contested);
    noteChange(post, revision.change().empty() ? revision.version().seal() : revision.change(), revision.author());
    *post.mutable_body_version() = revision.version();

    v1::Writer* writer = nullptr;
    for (v1::Writer& each : *record.mutable_writers()) {
        if (each.field() == v1::POST_BODY)
            writer = &each;
    }
    if (!writer)
        writer = record.add_writers();
    writer->set_field(v1::POST_BODY);
    writer->set_change(revision.change());
    writer->set_author(revision.author());
    writer->set_time_ms(revision.time_ms());
    record.set_revision(record.revision() + 1);
    record.set_changed_ms(std::max(record.changed_ms(), revision.time_ms()));
    return {};
}

} // namespace stoa
