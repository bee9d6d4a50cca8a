#include "server/engine/texts.h"

#include <algorithm>

#include "shared/base/assert.h"
#include "shared/base/plant.h"
#include "shared/domain/body.h"
#include "shared/domain/fields.h"
#include "shared/domain/revision.h"
#include "shared/text/codec.h"
#include "shared/text/compose.h"
#include "shared/text/diff.h"

namespace stoa {

namespace {

[[noreturn]] void damaged()
{
    throw StorageError("The database holds a revision that does not fit its body. Please run \"stoad check\".");
}

TextChange textOf(const v1::Revision& revision)
{
    auto text = decode(revision.text());
    if (!text)
        damaged();
    return std::move(*text);
}

std::vector<TextRange> storedRanges(const ProtoRanges& ranges)
{
    auto read = rangesFrom(ranges);
    if (!read)
        damaged();
    return std::move(*read);
}

} // namespace

v1::Revision wholeBodyOf(const v1::Record& record)
{
    v1::Revision whole;
    if (record.post().has_body_version())
        *whole.mutable_version() = record.post().body_version();
    whole.set_after(whole.version().revision());
    whole.set_text(encode(TextChange::replace(0, 0, record.post().body())));
    *whole.mutable_contested() = record.post().contested();
    whole.set_author(record.author());
    whole.set_time_ms(record.created_ms());
    if (const v1::Writer* writer = writerOf(record, v1::POST_BODY)) {
        whole.set_change(writer->change());
        whole.set_author(writer->author());
        whole.set_time_ms(writer->time_ms());
    }
    return whole;
}

Revisions above(Revisions revisions, uint64_t revision)
{
    const auto first = std::ranges::upper_bound(revisions, revision, {},
                                                [](const v1::Revision& each) { return each.version().revision(); });
    return revisions.subspan(static_cast<size_t>(first - revisions.begin()));
}

bool isWhole(Revisions revisions, uint64_t after, uint64_t newest)
{
    for (const v1::Revision& each : revisions) {
        if (each.after() != after)
            return false;
        after = each.version().revision();
    }
    return after == newest;
}

bool PastBody::add(const v1::Revision& revision)
{
    const uint64_t number = revision.version().revision();
    if (revision.after() == number)
        text_.emplace(); // a whole one
    else if (revision.after() != number_)
        text_.reset();
    if (text_ && (!text_->apply(textOf(revision)) || text_->bytes() > limits::bodyBytesMax))
        damaged();
    number_ = number;
    return text_.has_value();
}

v1::Revision movedDraft(std::string_view base, std::string_view page, Revisions between, std::string_view draft)
{
    std::vector<TextChange> row;
    for (const v1::Revision& each : between)
        row.push_back(textOf(each));
    const TextChange done = row.empty() ? diffByWords(base, page) : compose(row);
    const Transformed both = transform(done, diffByWords(base, draft));
    v1::Revision revision;
    revision.set_text(encode(both.first));
    v1::Post bounded;
    addContested(bounded, both.contested);
    *revision.mutable_contested() = bounded.contested();
    return revision;
}

void addRevision(v1::Record& record, const v1::Revision& revision)
{
    if (!alterByRevision(record, revision))
        damaged();
}

v1::Record withRevisions(v1::Record record, Revisions revisions)
{
    for (const v1::Revision& each : revisions)
        addRevision(record, each);
    return record;
}

void makeRoom(v1::Record& record)
{
    while (record.lost_size() > 0 && record.ByteSizeLong() > limits::recordBytesMax)
        record.mutable_lost()->DeleteSubrange(0, 1);
}

MovedEdit moveOver(Revisions since, const v1::Change& change)
{
    MovedEdit moved{.change = change, .contested = {}};
    if (since.empty() || STOA_PLANT("a text change is not transformed"))
        return moved;
    std::vector<TextChange> row;
    row.reserve(since.size());
    for (const v1::Revision& each : since)
        row.push_back(textOf(each));
    const TextChange accepted = compose(row);
    Transformed both = transform(accepted, *decode(change.edit_text().text()));
    v1::EditText& edit = *moved.change.mutable_edit_text();
    edit.set_text(encode(both.later));
    setRanges(*edit.mutable_resolved(), moveRanges(storedRanges(change.edit_text().resolved()), accepted));
    // No more of them than a body may have, here and wherever the revision is read.
    v1::Post bounded;
    addContested(bounded, both.contested);
    moved.contested = rangesOf(bounded.contested());
    return moved;
}

v1::Revision differenceOf(const v1::Record& before, v1::Record& after, bool byImport)
{
    const TextChange text = diffByWords(before.post().body(), after.post().body());
    const std::vector<TextRange> had = storedRanges(before.post().contested());
    const std::vector<TextRange> moved = moveRanges(had, text);
    if (byImport)
        setRanges(*after.mutable_post()->mutable_contested(), moved);
    v1::Revision revision;
    revision.set_after(before.post().body_version().revision());
    revision.set_text(encode(text));
    if (const std::vector<TextRange> has = storedRanges(after.post().contested()); has != moved) {
        setRanges(*revision.mutable_resolved(), had);
        setRanges(*revision.mutable_contested(), has);
    }
    if (const v1::Writer* writer = writerOf(after, v1::POST_BODY)) {
        if (!byImport)
            revision.set_change(writer->change());
        revision.set_author(writer->author());
        revision.set_time_ms(writer->time_ms());
    }
    return revision;
}

int64_t dueMs(const Publication& publication, int64_t nowMs)
{
    if (nowMs < publication.lastMs)
        return nowMs;
    return std::max(
        nowMs, std::min(publication.lastMs + limits::publishPauseMs, publication.firstMs + limits::publishLatestMs));
}

bool isDueAtOnce(const std::optional<Publication>& publication, int64_t nowMs)
{
    if (!publication)
        return true;
    if (publication->lacks > 0)
        return publication->lacks + 1 >= limits::unpublishedMax || dueMs(*publication, nowMs) <= nowMs;
    return nowMs < publication->publishedMs || nowMs >= publication->publishedMs + limits::publishPauseMs;
}

} // namespace stoa
