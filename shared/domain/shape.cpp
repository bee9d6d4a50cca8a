#include "shared/domain/shape.h"

#include <google/protobuf/unknown_field_set.h>

#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/domain/body.h"
#include "shared/domain/fields.h"
#include "shared/domain/kinds.h"
#include "shared/text/codec.h"

namespace stoa {

namespace {

using Act = v1::Change;

constexpr size_t textSealBytes = 16;

// Fields and enum values that this program does not know, at any depth, and texts that are not clean.
Result<void> checkKnown(const google::protobuf::Message& message)
{
    using google::protobuf::FieldDescriptor;
    const auto* reflection = message.GetReflection();
    if (!reflection->GetUnknownFields(message).empty())
        return v1::NEWER_THAN_SERVER;
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
        const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
        for (int i = 0; i < count; ++i) {
            if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
                const auto& child = field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                                         : reflection->GetMessage(message, field);
                if (auto known = checkKnown(child); !known)
                    return known;
            } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
                const int value = field->is_repeated() ? reflection->GetRepeatedEnumValue(message, field, i)
                                                       : reflection->GetEnumValue(message, field);
                if (!field->enum_type()->FindValueByNumber(value))
                    return v1::NEWER_THAN_SERVER;
            } else if (field->type() == FieldDescriptor::TYPE_STRING) {
                std::string scratch;
                const std::string& text = field->is_repeated()
                                            ? reflection->GetRepeatedStringReference(message, field, i, &scratch)
                                            : reflection->GetStringReference(message, field, &scratch);
                if (!isCleanUtf8(text))
                    return v1::BAD_TEXT;
            }
        }
    }
    return {};
}

// Memberships and marks have reserved ids and nothing else has: whoever may create something cannot take theirs.
bool fitsAct(const Id& target, Act::ActCase act)
{
    switch (act) {
    case Act::kSetMembership:
    case Act::kSetMark:
        return target.isReserved();
    case Act::kEdit:
    case Act::kEditText:
    case Act::kDelete:
        return true;
    default:
        return !target.isReserved();
    }
}

Result<void> checkField(v1::Field field, const v1::Value& value)
{
    return checkValue(*fieldRule(field), value);
}

Result<void> checkField(v1::Field field, const std::string& text)
{
    const FieldRule& rule = *fieldRule(field);
    if (text.size() > rule.bytesMax)
        return Refusal{v1::TOO_LONG, field, static_cast<int64_t>(rule.bytesMax)};
    if (rule.needed && trim(text).empty())
        return Refusal{v1::EMPTY, field};
    return {};
}

bool isVersion(const v1::TextVersion& version)
{
    return version.revision() > 0 && version.revision() <= INT64_MAX && version.seal().size() == textSealBytes;
}

// What only a proposal has, and only a comment.
Result<void> checkProposed(const v1::CreatePost& post)
{
    if (post.kind() != v1::PROPOSAL && (post.has_base() || !post.reason().empty() || post.effective_ms() != 0))
        return Refusal{v1::INVALID, v1::PROPOSAL_REASON};
    if (post.has_about() && (post.kind() != v1::COMMENT || post.about().quote().size() > limits::titleBytesMax ||
                             post.about().line() == 0 || post.about().line() > limits::bodyBytesMax))
        return v1::INVALID;
    if (post.kind() != v1::PROPOSAL)
        return {};
    if (post.has_base() && !isVersion(post.base()))
        return Refusal{v1::INVALID, v1::POST_BODY};
    v1::Value date;
    date.set_number(post.effective_ms());
    if (auto checked = checkField(v1::PROPOSAL_DATE, date); !checked)
        return checked;
    return checkField(v1::PROPOSAL_REASON, post.reason());
}

Result<void> checkPost(const v1::CreatePost& post)
{
    if (post.kind() == v1::POST_NONE || !Id::from(post.space()))
        return v1::INVALID;
    if (!post.parent().empty() && !Id::from(post.parent()))
        return Refusal{v1::INVALID, v1::POST_PARENT};
    if (isReply(post.kind()) && post.parent().empty())
        return Refusal{v1::INVALID, v1::POST_PARENT};
    if (post.kind() == v1::QUESTION && !post.parent().empty())
        return Refusal{v1::INVALID, v1::POST_PARENT};

    if (auto checked = checkBody(post.kind(), post.body()); !checked)
        return checked;
    if (auto checked = checkProposed(post); !checked)
        return checked;
    if (hasTitle(post.kind())) {
        if (auto checked = checkField(v1::POST_TITLE, post.title()); !checked)
            return checked;
    } else if (!post.title().empty()) {
        return Refusal{v1::INVALID, v1::POST_TITLE};
    }
    if (!hasTags(post.kind()) && post.tags_size() > 0)
        return Refusal{v1::INVALID, v1::POST_TAGS};
    v1::Value tags;
    *tags.mutable_texts()->mutable_text() = post.tags();
    return checkField(v1::POST_TAGS, tags);
}

Result<void> checkEdit(const v1::Edit& edit)
{
    if (edit.fields_size() == 0 || edit.fields_size() > v1::Field_ARRAYSIZE)
        return v1::INVALID;
    for (int i = 0; i < edit.fields_size(); ++i) {
        const v1::FieldEdit& field = edit.fields(i);
        const FieldRule* rule = fieldRule(field.field());
        if (!rule || (!field.seen().empty() && !Id::from(field.seen())))
            return v1::INVALID;
        if (auto checked = checkValue(*rule, field.value()); !checked)
            return checked;
        for (int before = 0; before < i; ++before) {
            if (edit.fields(before).field() == field.field())
                return Refusal{v1::INVALID, field.field()};
        }
    }
    return {};
}

Result<void> checkEditText(const v1::EditText& edit)
{
    if (edit.has_base() && !isVersion(edit.base()))
        return Refusal{v1::INVALID, v1::POST_BODY};
    if (edit.summary().size() > limits::titleBytesMax)
        return Refusal{v1::TOO_LONG, v1::FIELD_NONE, static_cast<int64_t>(limits::titleBytesMax)};
    if (const auto resolved = rangesFrom(edit.resolved()); !resolved)
        return resolved.error();
    if (edit.behind_deleted_size() > 0) // a replica's own
        return Refusal{v1::INVALID, v1::POST_BODY};
    const auto text = decode(edit.text());
    return text ? Result<void>() : Refusal{text.error().code, v1::POST_BODY, text.error().limit};
}

Result<void> checkCharter(const v1::Charter& charter)
{
    v1::Record record;
    *record.mutable_space()->mutable_charter() = charter;
    for (int field = v1::CHARTER_PROBLEM; field <= v1::CHARTER_EXCLUDED; ++field) {
        const auto named = static_cast<v1::Field>(field);
        if (auto checked = checkField(named, fieldValue(record, named)); !checked)
            return checked;
    }
    return {};
}

Result<void> checkPerson(const v1::CreatePerson& person)
{
    if (person.login().size() > limits::loginBytesMax) {
        return Refusal{v1::TOO_LONG, v1::FIELD_NONE, static_cast<int64_t>(limits::loginBytesMax)};
    }
    const auto isBad = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
    if (std::any_of(person.login().begin(), person.login().end(), isBad))
        return v1::INVALID;
    return checkField(v1::PERSON_NAME, person.name());
}

} // namespace

Result<void> checkShape(const v1::Change& change)
{
    if (change.act_case() == Act::ACT_NOT_SET) {
        const bool newer = !change.GetReflection()->GetUnknownFields(change).empty();
        return newer ? v1::NEWER_THAN_SERVER : v1::INVALID;
    }
    if (auto known = checkKnown(change); !known)
        return known;
    const auto target = Id::from(change.target());
    if (!Id::from(change.id()) || !target || target->isNull())
        return v1::INVALID;
    if (!fitsAct(*target, change.act_case()))
        return v1::INVALID;
    if (change.has_origin()) {
        const v1::Origin& origin = change.origin();
        if (!origin.author().empty() && !Id::from(origin.author()))
            return v1::INVALID;
        if (origin.source().key().size() > limits::textBytesMax || origin.source().hash().size() > 16)
            return v1::TOO_LONG;
        if (origin.created_ms() < 0 || origin.changed_ms() < 0)
            return v1::INVALID;
    }
    switch (change.act_case()) {
    case Act::kCreateOrganisation:
        return checkField(v1::ORGANISATION_NAME, change.create_organisation().name());
    case Act::kCreatePerson:
        return checkPerson(change.create_person());
    case Act::kCreateSpace:
        if (change.create_space().visibility() == v1::VISIBILITY_NONE)
            return Refusal{v1::INVALID, v1::SPACE_VISIBILITY};
        if (auto checked = checkField(v1::SPACE_NAME, change.create_space().name()); !checked)
            return checked;
        return checkCharter(change.create_space().charter());
    case Act::kSetMembership: {
        const v1::SetMembership& asked = change.set_membership();
        const bool whole = Id::from(asked.space()) && Id::from(asked.person());
        return whole && asked.titles_size() <= v1::Title_ARRAYSIZE ? Result<void>() : v1::INVALID;
    }
    case Act::kCreatePost:
        return checkPost(change.create_post());
    case Act::kEdit:
        return checkEdit(change.edit());
    case Act::kEditText:
        return checkEditText(change.edit_text());
    case Act::kSetMark: {
        const v1::SetMark& asked = change.set_mark();
        if (!Id::from(asked.on()))
            return v1::INVALID;
        switch (asked.kind()) {
        case v1::VOTE:
            return asked.value() >= -1 && asked.value() <= 1 ? Result<void>() : v1::INVALID;
        case v1::BOOKMARK:
            return asked.value() == 0 || asked.value() == 1 ? Result<void>() : v1::INVALID;
        case v1::SEEN:
        case v1::CONFIRMED:
            return asked.value() >= 0 ? Result<void>() : v1::INVALID;
        case v1::APPROVAL:
            return asked.value() > INT64_MIN ? Result<void>() : v1::INVALID;
        default:
            return v1::INVALID;
        }
    }
    case Act::kDelete:
        return {};
    case Act::ACT_NOT_SET:
        break;
    }
    return v1::INVALID;
}

namespace {

// Whether any text in the bytes of a message is not clean. The parser refuses such a message without saying why.
bool holdsBadText(const std::string& bytes, const google::protobuf::Descriptor& type)
{
    using google::protobuf::FieldDescriptor;
    google::protobuf::UnknownFieldSet parts;
    if (!parts.ParseFromString(bytes))
        return false;
    for (int i = 0; i < parts.field_count(); ++i) {
        const google::protobuf::UnknownField& part = parts.field(i);
        const FieldDescriptor* field = type.FindFieldByNumber(part.number());
        if (!field || part.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
            continue;
        if (field->type() == FieldDescriptor::TYPE_STRING && !isCleanUtf8(part.length_delimited()))
            return true;
        if (field->type() == FieldDescriptor::TYPE_MESSAGE &&
            holdsBadText(part.length_delimited(), *field->message_type()))
            return true;
    }
    return false;
}

} // namespace

Result<v1::Change> parseChange(const std::string& bytes)
{
    if (bytes.size() > limits::recordBytesMax)
        return Refusal{v1::TOO_LONG, v1::FIELD_NONE, static_cast<int64_t>(limits::recordBytesMax)};
    v1::Change change;
    if (change.ParseFromString(bytes))
        return change;
    return holdsBadText(bytes, *v1::Change::descriptor()) ? v1::BAD_TEXT : v1::INVALID;
}

std::string changeId(const std::string& bytes)
{
    google::protobuf::UnknownFieldSet parts;
    if (!parts.ParseFromString(bytes))
        return {};
    std::string id;
    for (int i = 0; i < parts.field_count(); ++i) {
        const google::protobuf::UnknownField& part = parts.field(i);
        if (part.number() == v1::Change::kIdFieldNumber &&
            part.type() == google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
            id = part.length_delimited();
    }
    return Id::from(id) ? id : std::string();
}

std::vector<Id> dependencies(const v1::Change& change)
{
    std::vector<Id> ids;
    const auto add = [&](const std::string& raw) {
        if (const auto id = Id::from(raw))
            ids.push_back(*id);
    };
    switch (change.act_case()) {
    case Act::kSetMembership:
        add(change.set_membership().space());
        add(change.set_membership().person());
        break;
    case Act::kCreatePost:
        add(change.create_post().space());
        add(change.create_post().parent());
        break;
    case Act::kEdit:
        for (const v1::FieldEdit& edit : change.edit().fields()) {
            add(edit.value().ref());
            for (const std::string& ref : edit.value().refs().ref())
                add(ref);
        }
        break;
    case Act::kSetMark:
        add(change.set_mark().on());
        break;
    default:
        break;
    }
    return ids;
}

} // namespace stoa
