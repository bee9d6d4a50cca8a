#include "shared/import/change_writer.h"

#include <algorithm>

#include "shared/domain/feed.h"
#include "shared/domain/shape.h"

namespace stoa {

namespace {

std::string hashOf(const ImportDraft& draft, const v1::Record& said)
{
    v1::Record all = said;
    all.set_author(draft.author.str());
    all.set_created_ms(draft.createdMs);
    all.set_changed_ms(draft.changedMs);
    all.mutable_source()->set_score(draft.score);
    return hash128(all.SerializeAsString()).str();
}

// What the creation cannot say.
v1::Field lateField(const v1::Record& said)
{
    if (said.has_person())
        return v1::PERSON_ABOUT;
    return said.post().kind() == v1::QUESTION ? v1::POST_ACCEPTED : v1::FIELD_NONE;
}

bool says(const v1::Record& record, v1::Field field)
{
    const v1::Value value = fieldValue(record, field);
    return !value.text().empty() || !value.ref().empty();
}

// An earlier import set it and the source no longer says it. What a person set here stays.
bool isWithdrawn(const v1::Record& said, const v1::Record& present)
{
    const v1::Field field = lateField(said);
    if (field == v1::FIELD_NONE || says(said, field) || !says(present, field))
        return false;
    const v1::Writer* writer = writerOf(present, field);
    return writer && writer->author().empty();
}

std::string earlyHash(const ImportDraft& draft)
{
    v1::Record early = draft.record;
    if (early.has_person())
        early.mutable_person()->clear_about();
    else
        early.mutable_post()->clear_accepted();
    return hashOf(draft, early);
}

// Those that the creation sets. The first is one that every such record has.
std::vector<v1::Field> comparedFields(const v1::Record& said)
{
    if (said.has_person())
        return {v1::PERSON_NAME};
    switch (said.post().kind()) {
    case v1::SECTION:
        return {v1::POST_TITLE, v1::POST_PARENT, v1::POST_POSITION};
    case v1::PAGE:
        return {v1::POST_TITLE, v1::POST_BODY, v1::POST_TAGS, v1::POST_PARENT, v1::POST_POSITION};
    case v1::QUESTION:
        return {v1::POST_TITLE, v1::POST_BODY, v1::POST_TAGS};
    default:
        return {v1::POST_BODY};
    }
}

void fillCreation(v1::Change& change, const v1::Record& said)
{
    if (said.has_person()) {
        change.mutable_create_person()->set_login(said.person().login());
        change.mutable_create_person()->set_name(said.person().name());
        return;
    }
    const v1::Post& post = said.post();
    v1::CreatePost& create = *change.mutable_create_post();
    create.set_kind(post.kind());
    create.set_space(post.space());
    create.set_parent(post.parent());
    create.set_title(post.title());
    create.set_body(post.body());
    *create.mutable_tags() = post.tags();
    create.set_position(post.position());
}

void addField(v1::Edit& edit, v1::Field field, const v1::Record& said, const std::optional<v1::Record>& present)
{
    v1::FieldEdit* added = edit.add_fields();
    added->set_field(field);
    *added->mutable_value() = fieldValue(said, field);
    const v1::Writer* writer = present ? writerOf(*present, field) : nullptr;
    if (writer)
        added->set_seen(writer->change());
}

// Two edits from one state to another differ in what they saw, so that going back and forth is no repetition.
std::string seenBy(const v1::Edit& edit)
{
    std::string seen;
    for (const v1::FieldEdit& field : edit.fields())
        seen += std::to_string(field.field()) + field.seen();
    return seen;
}

std::string fieldWords(v1::Field field)
{
    switch (field) {
    case v1::POST_TITLE:
        return "its title";
    case v1::POST_BODY:
        return "its text";
    case v1::POST_TAGS:
        return "its tags";
    case v1::PERSON_NAME:
        return "the name";
    case v1::PERSON_ABOUT:
        return "the text about the person";
    default:
        return "a part of it";
    }
}

} // namespace

std::string leftOutSentence(const Refusal& refusal)
{
    const std::string part = fieldWords(refusal.field);
    switch (refusal.code) {
    case v1::TOO_LONG:
        return "Left out: " + part + " is longer than " + std::to_string(refusal.limit) + " bytes.";
    case v1::EMPTY:
        return "Left out: " + part + " is empty.";
    case v1::BAD_TEXT:
        return "Left out: " + part + " is not clean text.";
    default:
        return "Left out: " + part + " is not what the rules here allow.";
    }
}

ChangeWriter::ChangeWriter(const ImportTarget& target, const FindRecord& find, const EmitChange& emit, Report& report)
    : target_(target), find_(find), emit_(emit), report_(report)
{
    report_.counts["created"];
    report_.counts["changed"];
    report_.counts["unchanged"];
}

Id ChangeWriter::idOf(int64_t timeMs, std::string_view key) const
{
    return deriveId(timeMs, "import", target_.space.view(), key);
}

v1::Change ChangeWriter::begin(const ImportDraft& draft, const std::string& hash, std::string_view step) const
{
    v1::Change change;
    const std::string what = hash + std::string(step);
    change.set_id(deriveId(draft.id.timeMs(), "import change", draft.id.view(), what).str());
    change.set_target(draft.id.str());
    change.set_made_ms(target_.nowMs);
    v1::Origin& origin = *change.mutable_origin();
    if (!draft.author.isNull())
        origin.set_author(draft.author.str());
    origin.set_created_ms(draft.createdMs);
    origin.set_changed_ms(draft.changedMs);
    v1::Source& source = *origin.mutable_source();
    source.set_key(draft.key);
    source.set_hash(hash);
    source.set_score(draft.score);
    return change;
}

bool ChangeWriter::send(v1::Change change, const std::string& file, int64_t line)
{
    if (const auto fine = checkShape(change); !fine) {
        report_.add(file, line, leftOutSentence(fine.error()));
        report_.count("left_out");
        return false;
    }
    emit_(std::move(change));
    return true;
}

std::optional<Waiting> ChangeWriter::waitingOf(const ImportDraft& draft, const std::optional<v1::Record>& present) const
{
    const v1::Field field = lateField(draft.record);
    if (field == v1::FIELD_NONE || !says(draft.record, field))
        return std::nullopt;
    v1::Edit edit;
    addField(edit, field, draft.record, present);
    Waiting waiting{begin(draft, hashOf(draft, draft.record), "finish" + seenBy(edit)), draft.file, draft.line};
    *waiting.change.mutable_edit() = std::move(edit);
    return waiting;
}

PutOutcome ChangeWriter::put(const ImportDraft& draft)
{
    // By its key: of two with one key the ids differ where their times do.
    if (!seen_.insert(idOf(0, draft.key)).second) {
        report_.add(draft.file, draft.line,
                    "Left out: \"" + draft.key + "\" stands twice in the source; the first one counts.");
        report_.count("left_out");
        return {};
    }
    const std::optional<v1::Record> present = find_(draft.id);
    const std::string early = earlyHash(draft);
    if (!present) {
        v1::Change change = begin(draft, early, "create");
        fillCreation(change, draft.record);
        if (!send(std::move(change), draft.file, draft.line))
            return {};
        report_.count("created");
        return {true, waitingOf(draft, present)};
    }
    if (present->deleted()) {
        report_.add(draft.file, draft.line, "This was deleted here after an earlier import, and stays deleted.");
        report_.count("deleted_here");
        return {};
    }
    const std::string& hash = present->source().hash();
    const bool withdrawn = isWithdrawn(draft.record, *present);
    if (hash == hashOf(draft, draft.record) && !withdrawn) {
        report_.count("unchanged");
        return {true, {}};
    }
    if (hash != early || withdrawn) {
        v1::Edit edit;
        if (withdrawn)
            addField(edit, lateField(draft.record), draft.record, present);
        for (const v1::Field field : comparedFields(draft.record)) {
            const bool same =
                fieldValue(*present, field).SerializeAsString() == fieldValue(draft.record, field).SerializeAsString();
            if (!same)
                addField(edit, field, draft.record, present);
        }
        // Only the score or the times are others: an edit names at least one field.
        if (edit.fields_size() == 0)
            addField(edit, comparedFields(draft.record).front(), draft.record, present);
        v1::Change change = begin(draft, early, "edit" + seenBy(edit));
        change.mutable_origin()->set_changed_ms(draft.changedMs > 0 ? draft.changedMs : target_.nowMs);
        *change.mutable_edit() = std::move(edit);
        if (!send(std::move(change), draft.file, draft.line))
            return {true, {}};
    }
    report_.count("changed");
    return {true, waitingOf(draft, present)};
}

void ChangeWriter::finish(const Waiting& waiting)
{
    send(waiting.change, waiting.file, waiting.line);
}

void ChangeWriter::putMember(const Id& person, v1::Role role, const std::vector<v1::Title>& titles,
                             const std::string& file)
{
    ImportDraft draft;
    draft.id = membershipId(target_.space, person);
    draft.key = "member";
    draft.file = file;
    if (!seen_.insert(draft.id).second) {
        report_.add(file, 0, "A member is named twice; the first one counts.");
        return;
    }
    if (find_(draft.id)) {
        report_.count("unchanged");
        return;
    }
    v1::Change change = begin(draft, {}, "member" + person.str());
    v1::SetMembership& membership = *change.mutable_set_membership();
    membership.set_space(target_.space.str());
    membership.set_person(person.str());
    membership.set_role(role);
    for (const v1::Title title : titles)
        membership.add_titles(title);
    report_.count("created", send(std::move(change), draft.file, draft.line) ? 1 : 0);
}

} // namespace stoa
