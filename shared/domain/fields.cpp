#include "shared/domain/fields.h"

#include <algorithm>
#include <array>

#include "shared/base/calendar.h"
#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/base/text.h"

namespace stoa {

namespace {

using Thing = v1::Record;
using Kind = v1::Value;

constexpr std::array rules{
    FieldRule{v1::ORGANISATION_NAME, Thing::kOrganisation, Kind::kText, limits::titleBytesMax, true},
    FieldRule{v1::PERSON_NAME, Thing::kPerson, Kind::kText, limits::titleBytesMax, true},
    FieldRule{v1::PERSON_ABOUT, Thing::kPerson, Kind::kText, limits::textBytesMax},
    FieldRule{v1::PERSON_DISABLED, Thing::kPerson, Kind::kNumber},
    FieldRule{v1::PERSON_ADMIN, Thing::kPerson, Kind::kNumber},
    FieldRule{v1::SPACE_NAME, Thing::kSpace, Kind::kText, limits::titleBytesMax, true},
    FieldRule{v1::SPACE_VISIBILITY, Thing::kSpace, Kind::kNumber},
    FieldRule{v1::CHARTER_PROBLEM, Thing::kSpace, Kind::kText, limits::textBytesMax},
    FieldRule{v1::CHARTER_AUDIENCE, Thing::kSpace, Kind::kText, limits::textBytesMax},
    FieldRule{v1::CHARTER_SPONSOR, Thing::kSpace, Kind::kText, limits::titleBytesMax},
    FieldRule{v1::CHARTER_TARGET, Thing::kSpace, Kind::kText, limits::textBytesMax},
    FieldRule{v1::CHARTER_TARGET_FIGURE, Thing::kSpace, Kind::kText, limits::titleBytesMax},
    FieldRule{v1::CHARTER_TARGET_DATE, Thing::kSpace, Kind::kText, limits::titleBytesMax},
    FieldRule{v1::CHARTER_BELONGS, Thing::kSpace, Kind::kText, limits::textBytesMax},
    FieldRule{v1::CHARTER_EXCLUDED, Thing::kSpace, Kind::kText, limits::textBytesMax},
    FieldRule{v1::SPACE_REVIEW, Thing::kSpace, Kind::kNumber},
    FieldRule{v1::SPACE_REVIEWERS, Thing::kSpace, Kind::kRefs},
    FieldRule{v1::POST_TITLE, Thing::kPost, Kind::kText, limits::titleBytesMax, true},
    FieldRule{v1::POST_BODY, Thing::kPost, Kind::kText, limits::bodyBytesMax},
    FieldRule{v1::POST_TAGS, Thing::kPost, Kind::kTexts, limits::tagBytesMax},
    FieldRule{v1::POST_ACCEPTED, Thing::kPost, Kind::kRef},
    FieldRule{v1::POST_PARENT, Thing::kPost, Kind::kRef},
    FieldRule{v1::POST_POSITION, Thing::kPost, Kind::kNumber},
    FieldRule{v1::POST_REVIEW, Thing::kPost, Kind::kNumber},
    FieldRule{v1::POST_REVIEWERS, Thing::kPost, Kind::kRefs},
    FieldRule{v1::POST_REQUIRED, Thing::kPost, Kind::kNumber},
    FieldRule{v1::PROPOSAL_STATE, Thing::kPost, Kind::kNumber},
    FieldRule{v1::PROPOSAL_REASON, Thing::kPost, Kind::kText, limits::titleBytesMax, true},
    FieldRule{v1::PROPOSAL_DATE, Thing::kPost, Kind::kNumber},
};

Result<void> checkText(const FieldRule& rule, std::string_view text)
{
    if (text.size() > rule.bytesMax) {
        return Refusal{v1::TOO_LONG, rule.field, static_cast<int64_t>(rule.bytesMax)};
    }
    if (!isCleanUtf8(text))
        return Refusal{v1::BAD_TEXT, rule.field};
    if (rule.needed && trim(text).empty())
        return Refusal{v1::EMPTY, rule.field};
    return {};
}

Result<void> checkTags(const FieldRule& rule, const v1::Texts& tags)
{
    if (tags.text_size() > static_cast<int>(limits::tagsMax)) {
        return Refusal{v1::TOO_LONG, rule.field, static_cast<int64_t>(limits::tagsMax)};
    }
    for (int i = 0; i < tags.text_size(); ++i) {
        const std::string& tag = tags.text(i);
        if (auto checked = checkText(rule, tag); !checked)
            return checked;
        const auto before = tags.text().begin() + i;
        if (tag.empty() || trim(tag) != tag || std::find(tags.text().begin(), before, tag) != before) {
            return Refusal{v1::INVALID, rule.field};
        }
    }
    return {};
}

Result<void> checkRefs(const FieldRule& rule, const v1::Refs& refs)
{
    if (refs.ref_size() > limits::reviewersMax)
        return Refusal{v1::TOO_LONG, rule.field, limits::reviewersMax};
    for (int i = 0; i < refs.ref_size(); ++i) {
        const auto before = refs.ref().begin() + i;
        if (!Id::from(refs.ref(i)) || std::find(refs.ref().begin(), before, refs.ref(i)) != before)
            return Refusal{v1::INVALID, rule.field};
    }
    return {};
}

// Of numbers that are not any number: the least and the greatest.
std::pair<int64_t, int64_t> boundsOf(v1::Field field)
{
    switch (field) {
    case v1::SPACE_VISIBILITY:
        return {v1::OPEN, v1::PRIVATE};
    case v1::SPACE_REVIEW:
    case v1::POST_REQUIRED:
        return {0, 1};
    case v1::POST_REVIEW:
        return {v1::REVIEW_AS_SPACE, v1::REVIEW_NOT_ASKED};
    case v1::PROPOSAL_STATE:
        return {v1::PROPOSAL_OPEN, v1::PROPOSAL_WITHDRAWN};
    case v1::PROPOSAL_DATE:
        return {0, limits::dateMsMax};
    default:
        return {INT64_MIN, INT64_MAX};
    }
}

v1::Value refsValue(const google::protobuf::RepeatedPtrField<std::string>& refs)
{
    v1::Value value;
    *value.mutable_refs()->mutable_ref() = refs;
    return value;
}

v1::Value textValue(const std::string& text)
{
    v1::Value value;
    value.set_text(text);
    return value;
}

v1::Value numberValue(int64_t number)
{
    v1::Value value;
    value.set_number(number);
    return value;
}

v1::Value refValue(const std::string& ref)
{
    v1::Value value;
    value.set_ref(ref);
    return value;
}

} // namespace

const FieldRule* fieldRule(v1::Field field)
{
    const auto found =
        std::find_if(rules.begin(), rules.end(), [&](const FieldRule& rule) { return rule.field == field; });
    return found == rules.end() ? nullptr : &*found;
}

v1::Value fieldValue(const v1::Record& record, v1::Field field)
{
    const v1::Charter& charter = record.space().charter();
    switch (field) {
    case v1::ORGANISATION_NAME:
        return textValue(record.organisation().name());
    case v1::PERSON_NAME:
        return textValue(record.person().name());
    case v1::PERSON_ABOUT:
        return textValue(record.person().about());
    case v1::PERSON_DISABLED:
        return numberValue(record.person().disabled());
    case v1::PERSON_ADMIN:
        return numberValue(record.person().admin());
    case v1::SPACE_NAME:
        return textValue(record.space().name());
    case v1::SPACE_VISIBILITY:
        return numberValue(record.space().visibility());
    case v1::CHARTER_PROBLEM:
        return textValue(charter.problem());
    case v1::CHARTER_AUDIENCE:
        return textValue(charter.audience());
    case v1::CHARTER_SPONSOR:
        return textValue(charter.sponsor());
    case v1::CHARTER_TARGET:
        return textValue(charter.target());
    case v1::CHARTER_TARGET_FIGURE:
        return textValue(charter.target_figure());
    case v1::CHARTER_TARGET_DATE:
        return textValue(charter.target_date());
    case v1::CHARTER_BELONGS:
        return textValue(charter.belongs());
    case v1::CHARTER_EXCLUDED:
        return textValue(charter.excluded());
    case v1::POST_TITLE:
        return textValue(record.post().title());
    case v1::POST_BODY:
        return textValue(record.post().body());
    case v1::POST_TAGS: {
        v1::Value value;
        *value.mutable_texts()->mutable_text() = record.post().tags();
        return value;
    }
    case v1::POST_ACCEPTED:
        return refValue(record.post().accepted());
    case v1::POST_PARENT:
        return refValue(record.post().parent());
    case v1::POST_POSITION:
        return numberValue(record.post().position());
    case v1::SPACE_REVIEW:
        return numberValue(record.space().review());
    case v1::SPACE_REVIEWERS:
        return refsValue(record.space().reviewers());
    case v1::POST_REVIEW:
        return numberValue(record.post().review());
    case v1::POST_REVIEWERS:
        return refsValue(record.post().reviewers());
    case v1::POST_REQUIRED:
        return numberValue(record.post().required());
    case v1::PROPOSAL_STATE:
        return numberValue(record.post().proposal().state());
    case v1::PROPOSAL_REASON:
        return textValue(record.post().proposal().reason());
    case v1::PROPOSAL_DATE:
        return numberValue(record.post().proposal().effective_ms());
    default:
        return {};
    }
}

void setFieldValue(v1::Record& record, v1::Field field, const v1::Value& value)
{
    const auto charter = [&] { return record.mutable_space()->mutable_charter(); };
    switch (field) {
    case v1::ORGANISATION_NAME:
        record.mutable_organisation()->set_name(value.text());
        break;
    case v1::PERSON_NAME:
        record.mutable_person()->set_name(value.text());
        break;
    case v1::PERSON_ABOUT:
        record.mutable_person()->set_about(value.text());
        break;
    case v1::PERSON_DISABLED:
        record.mutable_person()->set_disabled(value.number() != 0);
        break;
    case v1::PERSON_ADMIN:
        record.mutable_person()->set_admin(value.number() != 0);
        break;
    case v1::SPACE_NAME:
        record.mutable_space()->set_name(value.text());
        break;
    case v1::SPACE_VISIBILITY:
        record.mutable_space()->set_visibility(static_cast<v1::Visibility>(value.number()));
        break;
    case v1::CHARTER_PROBLEM:
        charter()->set_problem(value.text());
        break;
    case v1::CHARTER_AUDIENCE:
        charter()->set_audience(value.text());
        break;
    case v1::CHARTER_SPONSOR:
        charter()->set_sponsor(value.text());
        break;
    case v1::CHARTER_TARGET:
        charter()->set_target(value.text());
        break;
    case v1::CHARTER_TARGET_FIGURE:
        charter()->set_target_figure(value.text());
        break;
    case v1::CHARTER_TARGET_DATE:
        charter()->set_target_date(value.text());
        break;
    case v1::CHARTER_BELONGS:
        charter()->set_belongs(value.text());
        break;
    case v1::CHARTER_EXCLUDED:
        charter()->set_excluded(value.text());
        break;
    case v1::POST_TITLE:
        record.mutable_post()->set_title(value.text());
        break;
    case v1::POST_BODY:
        record.mutable_post()->set_body(value.text());
        break;
    case v1::POST_TAGS:
        *record.mutable_post()->mutable_tags() = value.texts().text();
        break;
    case v1::POST_ACCEPTED:
        record.mutable_post()->set_accepted(value.ref());
        break;
    case v1::POST_PARENT:
        record.mutable_post()->set_parent(value.ref());
        break;
    case v1::POST_POSITION:
        record.mutable_post()->set_position(value.number());
        break;
    case v1::SPACE_REVIEW:
        record.mutable_space()->set_review(value.number() != 0);
        break;
    case v1::SPACE_REVIEWERS:
        *record.mutable_space()->mutable_reviewers() = value.refs().ref();
        break;
    case v1::POST_REVIEW:
        record.mutable_post()->set_review(static_cast<v1::Review>(value.number()));
        break;
    case v1::POST_REVIEWERS:
        *record.mutable_post()->mutable_reviewers() = value.refs().ref();
        break;
    case v1::POST_REQUIRED:
        record.mutable_post()->set_required(value.number() != 0);
        break;
    case v1::PROPOSAL_STATE:
        record.mutable_post()->mutable_proposal()->set_state(static_cast<v1::ProposalState>(value.number()));
        break;
    case v1::PROPOSAL_REASON:
        record.mutable_post()->mutable_proposal()->set_reason(value.text());
        break;
    case v1::PROPOSAL_DATE:
        record.mutable_post()->mutable_proposal()->set_effective_ms(value.number());
        break;
    default:
        STOA_ASSERT(false && "a field without a rule");
    }
}

const v1::Writer* writerOf(const v1::Record& record, v1::Field field)
{
    for (const v1::Writer& writer : record.writers()) {
        if (writer.field() == field)
            return &writer;
    }
    return nullptr;
}

Result<void> checkValue(const FieldRule& rule, const v1::Value& value)
{
    if (value.kind_case() != rule.kind)
        return Refusal{v1::INVALID, rule.field};
    switch (rule.kind) {
    case v1::Value::kText:
        if (auto checked = checkText(rule, value.text()); !checked)
            return checked;
        if (rule.field == v1::CHARTER_TARGET_DATE && !value.text().empty() && !isIsoDate(value.text())) {
            return Refusal{v1::INVALID, rule.field};
        }
        return {};
    case v1::Value::kTexts:
        return checkTags(rule, value.texts());
    case v1::Value::kRef:
        if (value.ref().empty() || Id::from(value.ref()))
            return {};
        return Refusal{v1::INVALID, rule.field};
    case v1::Value::kRefs:
        return checkRefs(rule, value.refs());
    case v1::Value::kNumber: {
        const auto [least, greatest] = boundsOf(rule.field);
        return value.number() >= least && value.number() <= greatest ? Result<void>()
                                                                     : Refusal{v1::INVALID, rule.field};
    }
    case v1::Value::KIND_NOT_SET:
        break;
    }
    return Refusal{v1::INVALID, rule.field};
}

} // namespace stoa
