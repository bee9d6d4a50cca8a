#include "shared/domain/apply.h"

#include <algorithm>

#include "shared/base/limits.h"
#include "shared/base/plant.h"
#include "shared/domain/body.h"
#include "shared/domain/fields.h"
#include "shared/domain/kinds.h"
#include "shared/domain/may.h"
#include "shared/domain/merge.h"
#include "shared/domain/review.h"
#include "shared/domain/shape.h"
#include "shared/text/codec.h"

namespace stoa {

namespace {

using Act = v1::Change;

Result<Located> living(const Reader& reader, const std::string& raw)
{
    const auto id = Id::from(raw);
    auto located = id ? reader.find(*id) : std::nullopt;
    if (!located || located->record->deleted())
        return v1::NOT_FOUND;
    return std::move(*located);
}

// Whether the target's id is free. What has it already may be a record that the person may not know of.
Result<void> checkFree(const v1::Change& change, const Context& context, const Reader& reader)
{
    const auto taken = reader.find(*Id::from(change.target()));
    if (!taken)
        return {};
    const bool told = mayRead(taken->feed, context.actor, reader, context.directory);
    return told || STOA_PLANT("a taken id tells of what is hidden") ? v1::EXISTS : v1::NOT_FOUND;
}

Outcome one(const Feed& feed, v1::Record record)
{
    Outcome outcome;
    outcome.versions.push_back({feed, std::move(record)});
    return outcome;
}

// Empty where the server itself acts.
std::string author(const Context& context)
{
    return context.actor.person.isNull() ? std::string() : context.actor.person.str();
}

// Author and times: who sends and when, or what a granted import says.
v1::Record fresh(const v1::Change& change, const Context& context)
{
    v1::Record record;
    record.set_id(change.target());
    record.set_revision(1);
    if (change.has_origin()) {
        const v1::Origin& origin = change.origin();
        record.set_author(origin.author());
        record.set_created_ms(origin.created_ms() > 0 ? origin.created_ms() : context.timeMs);
        record.set_changed_ms(std::max(record.created_ms(), origin.changed_ms()));
        if (origin.has_source())
            *record.mutable_source() = origin.source();
    } else {
        record.set_author(author(context));
        record.set_created_ms(context.timeMs);
        record.set_changed_ms(context.timeMs);
    }
    return record;
}

v1::Record nextVersion(const v1::Record& record)
{
    v1::Record next = record;
    next.set_revision(record.revision() + 1);
    return next;
}

Result<Outcome> createOrganisation(const v1::Change& change, const Context& context, const Reader& reader)
{
    if (!context.directory.isNull() && context.directory.view() != change.target())
        return v1::EXISTS;
    if (auto free = checkFree(change, context, reader); !free)
        return free.error();
    v1::Record record = fresh(change, context);
    record.mutable_organisation()->set_name(change.create_organisation().name());
    return one({FeedKind::Directory, *Id::from(change.target())}, std::move(record));
}

Result<Outcome> createPerson(const v1::Change& change, const Context& context, const Reader& reader)
{
    const v1::CreatePerson& asked = change.create_person();
    if (auto free = checkFree(change, context, reader); !free)
        return free.error();
    if (asked.login().empty() && !context.actor.import)
        return v1::EMPTY;
    if (!asked.login().empty() && reader.loginExists(asked.login()))
        return v1::EXISTS;
    v1::Record record = fresh(change, context);
    v1::Person* person = record.mutable_person();
    person->set_login(asked.login());
    person->set_name(asked.name());
    person->set_admin(asked.admin());
    return one({FeedKind::Directory, context.directory}, std::move(record));
}

Result<Outcome> createSpace(const v1::Change& change, const Context& context, const Reader& reader)
{
    if (auto free = checkFree(change, context, reader); !free)
        return free.error();
    v1::Record record = fresh(change, context);
    v1::Space* space = record.mutable_space();
    space->set_name(change.create_space().name());
    space->set_visibility(change.create_space().visibility());
    *space->mutable_charter() = change.create_space().charter();
    return one({FeedKind::Space, *Id::from(change.target())}, std::move(record));
}

Result<Outcome> setMembership(const v1::Change& change, const Context& context, const Reader& reader)
{
    const v1::SetMembership& asked = change.set_membership();
    // Of a record of another kind nothing is said: it may be one that is hidden.
    const auto space = living(reader, asked.space());
    const auto person = living(reader, asked.person());
    if (!space || !space->record->has_space() || !person || !person->record->has_person())
        return v1::NOT_FOUND;

    const auto before = reader.find(*Id::from(change.target()));
    if (before && !before->record->has_membership())
        return v1::EXISTS;
    if (!before && asked.role() == v1::ROLE_NONE)
        return Outcome{};
    v1::Record record = before ? nextVersion(*before->record) : fresh(change, context);
    record.set_changed_ms(std::max(record.changed_ms(), context.timeMs));
    v1::Membership* membership = record.mutable_membership();
    membership->Clear();
    membership->set_space(asked.space());
    membership->set_person(asked.person());
    membership->set_role(asked.role());
    if (asked.role() != v1::ROLE_NONE)
        *membership->mutable_titles() = asked.titles();
    return one({FeedKind::Space, *Id::from(asked.space())}, std::move(record));
}

// Whether a post of this kind may hang below the parent.
bool fits(v1::PostKind kind, const v1::Record& parent)
{
    switch (kind) {
    case v1::SECTION:
    case v1::PAGE:
        return isPlace(parent.post().kind());
    case v1::ANSWER:
        return parent.post().kind() == v1::QUESTION;
    case v1::COMMENT:
        return parent.post().kind() == v1::PAGE || parent.post().kind() == v1::QUESTION ||
               parent.post().kind() == v1::ANSWER || parent.post().kind() == v1::PROPOSAL;
    case v1::PROPOSAL:
        return parent.post().kind() == v1::PAGE;
    default:
        return false;
    }
}

// The tree of pages stays a tree: `below` must not lie under `moved`, nor deeper than the limit.
Result<void> checkTree(const Reader& reader, const std::string& moved, std::string below)
{
    for (size_t depth = 0; !below.empty(); ++depth) {
        if (below == moved)
            return Refusal{v1::INVALID, v1::POST_PARENT};
        if (depth == limits::pathDepthMax) {
            return Refusal{v1::TOO_LONG, v1::POST_PARENT, static_cast<int64_t>(limits::pathDepthMax)};
        }
        const auto parent = reader.find(*Id::from(below));
        if (!parent)
            break;
        below = parent->record->post().parent();
    }
    return {};
}

Result<Outcome> createPost(const v1::Change& change, const Context& context, const Reader& reader)
{
    const v1::CreatePost& asked = change.create_post();
    const Feed feed{FeedKind::Space, *Id::from(asked.space())};
    if (auto free = checkFree(change, context, reader); !free)
        return free.error();
    const auto space = living(reader, asked.space());
    if (!space || !space->record->has_space())
        return v1::NOT_FOUND;

    v1::Record record = fresh(change, context);
    v1::Post* post = record.mutable_post();
    post->set_root(change.target());
    if (!asked.parent().empty()) {
        const auto parent = living(reader, asked.parent());
        if (!parent || (parent->feed != feed && !STOA_PLANT("a parent in another feed is taken")))
            return v1::NOT_FOUND;
        if (!fits(asked.kind(), *parent->record))
            return Refusal{v1::INVALID, v1::POST_PARENT};
        if (isReply(asked.kind())) {
            post->set_root(parent->record->post().root());
        } else if (auto checked = checkTree(reader, change.target(), asked.parent()); !checked) {
            return checked.error();
        }
    }
    post->set_kind(asked.kind());
    post->set_space(asked.space());
    post->set_parent(asked.parent());
    post->set_title(asked.title());
    post->set_body(asked.body());
    *post->mutable_tags() = asked.tags();
    post->set_position(asked.position());
    if (asked.has_about())
        *post->mutable_about() = asked.about();
    if (asked.kind() == v1::PROPOSAL) {
        v1::Proposal& proposal = *post->mutable_proposal();
        if (asked.has_base())
            *proposal.mutable_base() = asked.base();
        proposal.set_reason(asked.reason());
        proposal.set_effective_ms(asked.effective_ms());
        proposal.set_state(v1::PROPOSAL_OPEN);
    }
    return one(feed, std::move(record));
}

Result<void> checkPeople(const v1::FieldEdit& edit, const Reader& reader)
{
    for (const std::string& ref : edit.value().refs().ref()) {
        const auto person = living(reader, ref);
        if (!person || !person->record->has_person())
            return Refusal{v1::NOT_FOUND, edit.field()};
    }
    return {};
}

// Reason and date are its author's while it is open. Once it is approved only the date may be altered, by those who
// judge it: the reason stands beside their names.
Result<void> checkOpen(const v1::FieldEdit& edit, const v1::Record& record, const Actor& actor, const Reader& reader)
{
    const v1::Proposal& proposal = record.post().proposal();
    if (!isOpen(proposal))
        return Refusal{v1::CLOSED, edit.field()};
    if (proposal.state() == v1::PROPOSAL_OPEN)
        return {};
    const bool may = edit.field() == v1::PROPOSAL_DATE && mayTurn(record, v1::PROPOSAL_DECLINED, actor, reader);
    return may ? Result<void>() : Refusal{v1::NOT_ALLOWED, edit.field()};
}

// What a field's new value must find around it.
Result<void> checkAround(const v1::FieldEdit& edit, const Located& target, const Actor& actor, const Reader& reader)
{
    const v1::Post& post = target.record->post();
    const std::string& ref = edit.value().ref();
    switch (edit.field()) {
    case v1::POST_TITLE:
        return hasTitle(post.kind()) ? Result<void>() : Refusal{v1::INVALID, v1::POST_TITLE};
    case v1::POST_TAGS:
        return hasTags(post.kind()) ? Result<void>() : Refusal{v1::INVALID, v1::POST_TAGS};
    case v1::POST_BODY:
        return checkBody(post.kind(), edit.value().text());
    case v1::POST_ACCEPTED: {
        if (post.kind() != v1::QUESTION)
            return Refusal{v1::INVALID, v1::POST_ACCEPTED};
        if (ref.empty())
            return {};
        const auto answer = living(reader, ref);
        if (!answer || answer->feed != target.feed)
            return v1::NOT_FOUND;
        const bool fitting =
            answer->record->post().kind() == v1::ANSWER && answer->record->post().parent() == target.record->id();
        return fitting ? Result<void>() : Refusal{v1::INVALID, v1::POST_ACCEPTED};
    }
    case v1::POST_PARENT: {
        if (!isPlace(post.kind()))
            return Refusal{v1::INVALID, v1::POST_PARENT};
        if (ref.empty())
            return {};
        const auto parent = living(reader, ref);
        if (!parent || parent->feed != target.feed)
            return v1::NOT_FOUND;
        if (!fits(post.kind(), *parent->record))
            return Refusal{v1::INVALID, v1::POST_PARENT};
        return checkTree(reader, target.record->id(), ref);
    }
    case v1::SPACE_REVIEWERS:
    case v1::POST_REVIEWERS:
        return checkPeople(edit, reader);
    case v1::PROPOSAL_STATE:
        return mayTurn(*target.record, static_cast<v1::ProposalState>(edit.value().number()), actor, reader);
    case v1::PROPOSAL_REASON:
    case v1::PROPOSAL_DATE:
        return checkOpen(edit, *target.record, actor, reader);
    default:
        return {};
    }
}

void setWriter(v1::Record& record, v1::Field field, const v1::Change& change, const Context& context)
{
    v1::Writer* writer = nullptr;
    for (v1::Writer& candidate : *record.mutable_writers()) {
        if (candidate.field() == field)
            writer = &candidate;
    }
    if (!writer)
        writer = record.add_writers();
    writer->set_field(field);
    writer->set_change(change.id());
    writer->set_author(author(context));
    writer->set_time_ms(context.timeMs);
    if (field == v1::POST_BODY)
        noteChange(*record.mutable_post(), writer->change(), writer->author());
}

// docs/architecture.md, rule 7: who knew the present value replaces it; between concurrent writers the later one
// wins, ties by change id, and the value that lost is kept.
bool mergeField(v1::Record& record, const v1::FieldEdit& edit, const v1::Change& change, const Context& context)
{
    const v1::Writer* found = writerOf(record, edit.field());
    const v1::Writer present = found ? *found : v1::Writer();
    const v1::Value before = fieldValue(record, edit.field());
    const bool same = before.SerializeAsString() == edit.value().SerializeAsString();
    const bool concurrent = present.change() != edit.seen();
    const bool wins = !concurrent || std::pair(context.timeMs, std::string_view(change.id())) >
                                         std::pair(present.time_ms(), std::string_view(present.change()));
    if (!wins) {
        if (same || STOA_PLANT("losing value dropped"))
            return false;
        keepLost(record, edit.field(), edit.value(), change.id(), author(context), context.timeMs);
        return true;
    }
    setFieldValue(record, edit.field(), edit.value());
    if (concurrent && !same) {
        keepLost(record, edit.field(), before, present.change(), present.author(), present.time_ms());
    }
    setWriter(record, edit.field(), change, context);
    return true;
}

Result<Outcome> applyEdit(const v1::Change& change, const Context& context, const Reader& reader)
{
    const auto target = living(reader, change.target());
    if (!target)
        return target.error();
    v1::Record record = nextVersion(*target->record);
    bool altered = false;
    for (const v1::FieldEdit& edit : change.edit().fields()) {
        STOA_ASSERT(fieldRule(edit.field())->thing == record.thing_case()); // or nobody may
        if (auto checked = checkAround(edit, *target, context.actor, reader); !checked)
            return checked.error();
        altered |= mergeField(record, edit, change, context);
    }
    int64_t changedMs = context.timeMs;
    if (change.has_origin()) {
        changedMs = change.origin().changed_ms();
        if (change.origin().has_source() &&
            change.origin().source().SerializeAsString() != record.source().SerializeAsString()) {
            *record.mutable_source() = change.origin().source();
            altered = true;
        }
    }
    if (!altered)
        return Outcome{};
    record.set_changed_ms(std::max(record.changed_ms(), changedMs));
    return one(target->feed, std::move(record));
}

// Over the body as it is: whoever has a change of an older one transforms it first.
Result<Outcome> applyEditText(const v1::Change& change, const Context& context, const Reader& reader)
{
    const auto target = living(reader, change.target());
    if (!target)
        return target.error();
    STOA_ASSERT(target->record->has_post()); // or nobody may
    // What is written below something that is gone is seen by nobody: it stays with its author.
    const v1::Post& post = target->record->post();
    const auto parent =
        isReply(post.kind()) || post.kind() == v1::PROPOSAL ? reader.find(*Id::from(post.parent())) : std::nullopt;
    if (parent && parent->record->deleted())
        return v1::NOT_FOUND;
    if (post.proposal().state() == v1::PROPOSAL_EFFECTIVE)
        return Refusal{v1::CLOSED, v1::POST_BODY};
    const TextChange text = *decode(change.edit_text().text());
    const std::vector<TextRange> resolved = *rangesFrom(change.edit_text().resolved());
    // What one says of the text is said also where nothing more is done to it.
    if (text.isEmpty() && resolved.empty() && change.edit_text().summary().empty())
        return Outcome{};
    v1::Record record = nextVersion(*target->record);
    if (auto altered = alterBody(*record.mutable_post(), text, resolved); !altered)
        return altered.error();
    if (auto checked = checkBody(record.post().kind(), record.post().body()); !checked)
        return checked.error();
    setWriter(record, v1::POST_BODY, change, context);
    record.set_changed_ms(std::max(record.changed_ms(), context.timeMs));
    return one(target->feed, std::move(record));
}

Result<void> checkApproval(const v1::Record& proposal, int64_t value, const Reader& reader)
{
    if (proposal.post().kind() != v1::PROPOSAL)
        return v1::INVALID;
    if (value == 0)
        return {};
    if (!isOpen(proposal.post().proposal()))
        return Refusal{v1::CLOSED, v1::PROPOSAL_STATE};
    const auto page = living(reader, proposal.post().parent());
    if (!page)
        return v1::NOT_FOUND;
    // Of a text that is still to come nobody knows what it says.
    if (std::abs(value) > markOfRevision(proposal.post().body_version().revision()))
        return v1::INVALID;
    if (value < 0)
        return {};
    const ReviewStanding now = reviewStanding(proposal, {}, reader);
    if (now.isContested)
        return Refusal{v1::CONTESTED, v1::POST_BODY};
    return now.isCurrent ? Result<void>() : Refusal{v1::UNKNOWN_BASE, v1::POST_BODY};
}

Result<Outcome> setMark(const v1::Change& change, const Context& context, const Reader& reader)
{
    const v1::SetMark& asked = change.set_mark();
    const auto on = living(reader, asked.on());
    if (!on)
        return on.error();
    Feed feed{FeedKind::Person, context.actor.person};
    switch (asked.kind()) {
    case v1::VOTE:
        if (!on->record->has_post() || on->record->post().kind() == v1::SECTION)
            return v1::INVALID;
        if (on->record->author() == context.actor.person.view())
            return v1::NOT_ALLOWED;
        feed = on->feed;
        break;
    case v1::BOOKMARK:
        if (!on->record->has_post())
            return v1::INVALID;
        break;
    case v1::APPROVAL:
        if (auto checked = checkApproval(*on->record, asked.value(), reader); !checked)
            return checked.error();
        feed = on->feed;
        break;
    case v1::CONFIRMED:
        if (on->record->post().kind() != v1::PAGE)
            return v1::INVALID;
        feed = on->feed;
        break;
    default:
        if (!on->record->has_space())
            return v1::INVALID;
    }
    const auto before = reader.find(*Id::from(change.target()));
    const bool largerWins = asked.kind() == v1::SEEN || asked.kind() == v1::CONFIRMED;
    int64_t value = asked.value();
    if (asked.kind() == v1::CONFIRMED) // nobody has read what is still to come
        value = std::min(value, markOfRevision(on->record->post().body_version().revision()));
    if (asked.kind() == v1::SEEN)
        value = std::min(value, context.timeMs); // a clock that is ahead would have seen all that ever comes
    if (before) {
        const v1::Mark& mark = before->record->mark();
        const bool mine = mark.kind() == asked.kind() && mark.target() == asked.on() &&
                          mark.person() == context.actor.person.view() && before->feed == feed;
        if (!mine)
            return v1::EXISTS;
        if (largerWins)
            value = std::max(value, mark.value());
        if (mark.value() == value)
            return Outcome{};
    } else if (value == 0) {
        return Outcome{};
    }
    v1::Record record = before ? nextVersion(*before->record) : fresh(change, context);
    record.set_changed_ms(std::max(record.changed_ms(), context.timeMs));
    v1::Mark* mark = record.mutable_mark();
    mark->set_kind(asked.kind());
    mark->set_target(asked.on());
    mark->set_person(context.actor.person.str());
    mark->set_value(value);
    return one(feed, std::move(record));
}

Result<Outcome> applyDelete(const v1::Change& change, const Context& context, const Reader& reader)
{
    const auto target = living(reader, change.target());
    if (!target)
        return target.error();
    if (!target->record->has_post())
        return v1::INVALID;
    v1::Record tombstone;
    tombstone.set_id(change.target());
    tombstone.set_revision(target->record->revision() + 1);
    tombstone.set_changed_ms(std::max(target->record->changed_ms(), context.timeMs));
    tombstone.set_deleted(true);
    return one(target->feed, std::move(tombstone));
}

// The ids that follow from others must be the ones that follow.
Result<void> checkDerived(const v1::Change& change, const Context& context)
{
    if (change.has_set_membership()) {
        const v1::SetMembership& asked = change.set_membership();
        const Id expected = membershipId(*Id::from(asked.space()), *Id::from(asked.person()));
        return expected.view() == change.target() ? Result<void>() : v1::INVALID;
    }
    if (change.has_set_mark()) {
        if (context.actor.person.isNull())
            return v1::NOT_ALLOWED;
        const v1::SetMark& asked = change.set_mark();
        const Id expected = markId(*Id::from(asked.on()), context.actor.person, asked.kind());
        return expected.view() == change.target() ? Result<void>() : v1::INVALID;
    }
    return {};
}

} // namespace

Result<Outcome> apply(const v1::Change& change, const Context& context, const Reader& reader)
{
    if (auto shape = checkShape(change); !shape)
        return shape.error();
    if (auto allowed = may(change, context, reader); !allowed && !STOA_PLANT("permission check skipped"))
        return allowed.error();
    if (auto derived = checkDerived(change, context); !derived)
        return derived.error();
    switch (change.act_case()) {
    case Act::kCreateOrganisation:
        return createOrganisation(change, context, reader);
    case Act::kCreatePerson:
        return createPerson(change, context, reader);
    case Act::kCreateSpace:
        return createSpace(change, context, reader);
    case Act::kSetMembership:
        return setMembership(change, context, reader);
    case Act::kCreatePost:
        return createPost(change, context, reader);
    case Act::kEdit:
        return applyEdit(change, context, reader);
    case Act::kEditText:
        return applyEditText(change, context, reader);
    case Act::kSetMark:
        return setMark(change, context, reader);
    case Act::kDelete:
        return applyDelete(change, context, reader);
    case Act::ACT_NOT_SET:
        break;
    }
    return v1::INVALID;
}

} // namespace stoa
