#include "shared/domain/merge.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "shared/domain/fields.h"

namespace stoa {

namespace {

bool holds(const v1::Record& record, const v1::LostValue& lost)
{
    return std::any_of(record.lost().begin(), record.lost().end(), [&](const v1::LostValue& known) {
        return known.field() == lost.field() && known.change() == lost.change();
    });
}

auto age(const v1::Writer* writer)
{
    return writer ? std::pair(writer->time_ms(), std::string_view(writer->change()))
                  : std::pair(int64_t{0}, std::string_view());
}

void setWriter(v1::Record& record, const v1::Writer& writer)
{
    for (v1::Writer& known : *record.mutable_writers()) {
        if (known.field() == writer.field()) {
            known = writer;
            return;
        }
    }
    *record.add_writers() = writer;
}

bool mergeMark(v1::Record& present, const v1::Record& handed)
{
    const bool largerWins = handed.mark().kind() == v1::SEEN || handed.mark().kind() == v1::CONFIRMED;
    const bool wins =
        largerWins ? handed.mark().value() > present.mark().value() : handed.changed_ms() > present.changed_ms();
    if (!wins || handed.mark().value() == present.mark().value())
        return false;
    *present.mutable_mark() = handed.mark();
    return true;
}

// What is said of a body goes with it.
void takeWithBody(v1::Record& present, const v1::Record& handed)
{
    v1::Post& post = *present.mutable_post();
    *post.mutable_contested() = handed.post().contested();
    post.set_changes(handed.post().changes());
    if (handed.post().has_body_version())
        *post.mutable_body_version() = handed.post().body_version();
    else
        post.clear_body_version();
    // A draft is one of the page's body that it was made of or moved onto.
    if (post.kind() != v1::PROPOSAL)
        return;
    if (handed.post().proposal().has_base())
        *post.mutable_proposal()->mutable_base() = handed.post().proposal().base();
    else
        post.mutable_proposal()->clear_base();
}

// What is said of a proposal's state goes with it.
void takeWithState(v1::Record& present, const v1::Record& handed)
{
    v1::Proposal& proposal = *present.mutable_post()->mutable_proposal();
    *proposal.mutable_approvers() = handed.post().proposal().approvers();
    if (handed.post().proposal().has_became())
        *proposal.mutable_became() = handed.post().proposal().became();
    else
        proposal.clear_became();
}

bool mergeFields(v1::Record& present, const v1::Record& handed)
{
    bool altered = false;
    for (const v1::Writer& theirs : handed.writers()) {
        const v1::Writer* ours = writerOf(present, theirs.field());
        if (ours && ours->change() == theirs.change())
            continue;
        const v1::Value had = fieldValue(present, theirs.field());
        const v1::Value value = fieldValue(handed, theirs.field());
        const bool same = had.SerializeAsString() == value.SerializeAsString();
        if (age(&theirs) > age(ours)) {
            const v1::Writer before = ours ? *ours : v1::Writer();
            setFieldValue(present, theirs.field(), value);
            if (theirs.field() == v1::POST_BODY)
                takeWithBody(present, handed);
            if (theirs.field() == v1::PROPOSAL_STATE)
                takeWithState(present, handed);
            setWriter(present, theirs);
            if (ours && !same)
                keepLost(present, theirs.field(), had, before.change(), before.author(), before.time_ms());
            altered = true;
        } else if (!same) {
            v1::LostValue lost;
            lost.set_field(theirs.field());
            lost.set_change(theirs.change());
            if (holds(present, lost))
                continue;
            keepLost(present, theirs.field(), value, theirs.change(), theirs.author(), theirs.time_ms());
            altered = true;
        }
    }
    for (const v1::LostValue& lost : handed.lost()) {
        if (holds(present, lost))
            continue;
        keepLost(present, lost.field(), lost.value(), lost.change(), lost.author(), lost.time_ms());
        altered = true;
    }
    return altered;
}

bool liesBelowItself(const v1::Record& record, const Reader& reader)
{
    std::string above = record.post().parent();
    // Whatever is there already is no circle, and not much deeper than it may be.
    for (size_t depth = 0; !above.empty() && depth <= 2 * limits::pathDepthMax; ++depth) {
        if (above == record.id())
            return true;
        const auto id = Id::from(above);
        const auto located = id ? reader.find(*id) : std::nullopt;
        if (!located)
            return false;
        above = located->record->post().parent();
    }
    return false;
}

} // namespace

void keepLost(v1::Record& record, v1::Field field, const v1::Value& value, const std::string& change,
              const std::string& author, int64_t timeMs)
{
    v1::LostValue* lost = record.add_lost();
    lost->set_field(field);
    lost->set_change(change);
    lost->set_author(author);
    lost->set_time_ms(timeMs);
    *lost->mutable_value() = value;
    const auto dropOldest = [&] { record.mutable_lost()->DeleteSubrange(0, 1); };
    while (record.lost_size() > static_cast<int>(limits::lostValuesMax))
        dropOldest();
    // Room for what the record itself may still grow to; the newest lost value always fits.
    while (record.lost_size() > 1 && record.ByteSizeLong() > limits::recordBytesMax)
        dropOldest();
    if (record.ByteSizeLong() > limits::recordBytesMax)
        record.clear_lost();
}

bool mergeHandedBack(v1::Record& present, const v1::Record& handed)
{
    if (present.deleted())
        return false;
    const uint64_t revision = std::max(present.revision(), handed.revision()) + 1;
    if (handed.deleted()) {
        present = handed;
    } else if (present.has_mark() && handed.has_mark()) {
        if (!mergeMark(present, handed))
            return false;
    } else if (!mergeFields(present, handed)) {
        return false;
    }
    present.set_revision(revision);
    present.set_changed_ms(std::max(present.changed_ms(), handed.changed_ms()));
    return true;
}

void keepOutOfCircle(v1::Record& merged, const v1::Record* present, const Reader& reader)
{
    if (!merged.has_post() || !liesBelowItself(merged, reader))
        return;
    const v1::Value lost = fieldValue(merged, v1::POST_PARENT);
    const v1::Writer* moved = writerOf(merged, v1::POST_PARENT);
    const v1::Writer mover = moved ? *moved : v1::Writer();
    merged.mutable_post()->set_parent(present ? present->post().parent() : std::string());
    const v1::Writer* before = present ? writerOf(*present, v1::POST_PARENT) : nullptr;
    for (int i = 0; i < merged.writers_size(); ++i) {
        if (merged.writers(i).field() == v1::POST_PARENT)
            merged.mutable_writers()->DeleteSubrange(i--, 1);
    }
    if (before)
        *merged.add_writers() = *before;
    if (!mover.change().empty())
        keepLost(merged, v1::POST_PARENT, lost, mover.change(), mover.author(), mover.time_ms());
}

} // namespace stoa
