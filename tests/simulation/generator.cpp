#include "tests/simulation/generator.h"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>

#include "shared/domain/fields.h"
#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "shared/text/utf8.h"

namespace stoa::test {

namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Proposals and required reading are not played here: tests/scenario and tests/server/engine do.
bool isPlayed(const std::string& name)
{
    static const std::set<std::string> others{
        "PROPOSAL",       "APPROVAL",      "CONFIRMED",      "SPACE_REVIEW",    "SPACE_REVIEWERS", "POST_REVIEW",
        "POST_REVIEWERS", "POST_REQUIRED", "PROPOSAL_STATE", "PROPOSAL_REASON", "PROPOSAL_DATE",
    };
    return !others.contains(name);
}

// The values of an enum but the one for nothing.
std::vector<int> valuesOf(const EnumDescriptor& type)
{
    std::vector<int> values;
    for (int i = 0; i < type.value_count(); ++i)
        if (type.value(i)->number() != 0 && isPlayed(type.value(i)->name()))
            values.push_back(type.value(i)->number());
    return values;
}

template <class T>
const T& oneOf(Mint& mint, const std::vector<T>& all)
{
    return all[mint.number(all.size())];
}

struct Bench {
    Mint& mint;
    const Maker& maker;
    Things& things;

    // Mostly one that the maker sees, and often one of the newest: that is where people meet.
    Id one(const std::vector<Id>& all) const
    {
        if (all.empty())
            return {};
        Id id = mint.chance(30) ? all[all.size() - 1 - mint.number(std::min<size_t>(all.size(), 3))] : oneOf(mint, all);
        if (mint.chance(5))
            return id;
        for (int i = 0; i < 8; ++i) {
            const auto located = maker.visible.find(id);
            if (located && !located->record->deleted())
                return id;
            id = oneOf(mint, all);
        }
        return id;
    }
    std::optional<v1::Record> seen(const Id& id) const
    {
        const auto located = maker.visible.find(id);
        if (!located || located->record->deleted())
            return std::nullopt;
        return *located->record;
    }
    Id space() const { return one(things.spaces); }
    Id person() const { return one(things.people); }
    Id post() const { return one(things.posts); }
    std::string text() const
    {
        static const char* const words[] = {"why", "Grüße", "\"so\"", "漢字", "a\nb", "`code`", "100 %", "x_y"};
        std::string text = words[mint.number(std::size(words))];
        return text + ' ' + std::to_string(100'000 + mint.number(900'000));
    }
    // Of a person: nothing else is called so.
    std::string name() const { return "Somebody " + mint.id(maker.nowMs).hex(); }
    std::string body() const
    {
        if (maker.longTexts && mint.chance(10))
            return text() + std::string(40'000 + mint.number(200'000), char('a' + mint.number(26)));
        return mint.chance(10) ? std::string() : text();
    }
    v1::Change change(const Id& target) const { return mint.change(target, maker.nowMs); }
    v1::Change fresh() const { return change(mint.id(maker.nowMs)); }
};

std::optional<v1::Change> createOrganisation(const Bench& bench)
{
    v1::Change made = bench.fresh();
    made.mutable_create_organisation()->set_name(bench.text());
    return made;
}

std::optional<v1::Change> createPerson(const Bench& bench)
{
    v1::Change made = bench.fresh();
    v1::CreatePerson& person = *made.mutable_create_person();
    person.set_login(bench.mint.chance(90) ? "login" + bench.mint.id(bench.maker.nowMs).hex()
                                           : "login" + std::to_string(bench.mint.number(3)));
    person.set_name(bench.name());
    person.set_admin(bench.mint.chance(20));
    return made;
}

std::optional<v1::Change> createSpace(const Bench& bench)
{
    v1::Change made = bench.fresh();
    v1::CreateSpace& space = *made.mutable_create_space();
    space.set_name(bench.text());
    space.set_visibility(v1::Visibility(oneOf(bench.mint, valuesOf(*v1::Visibility_descriptor()))));
    if (bench.mint.chance(50))
        space.mutable_charter()->set_problem(bench.text());
    return made;
}

std::optional<v1::Change> setMembership(const Bench& bench)
{
    const Id space = bench.space(), person = bench.person();
    if (space.isNull() || person.isNull())
        return std::nullopt;
    const int role = int(bench.mint.number(uint64_t(v1::Role_ARRAYSIZE)));
    v1::Change made = bench.mint.member(space, person, v1::Role(role), bench.maker.nowMs);
    for (const int title : valuesOf(*v1::Title_descriptor()))
        if (bench.mint.chance(20))
            made.mutable_set_membership()->add_titles(v1::Title(title));
    return made;
}

std::optional<v1::Change> createPost(const Bench& bench)
{
    const auto kind = v1::PostKind(oneOf(bench.mint, valuesOf(*v1::PostKind_descriptor())));
    Id space = bench.space(), parent;
    if (space.isNull())
        return std::nullopt;
    const bool reply = kind == v1::ANSWER || kind == v1::COMMENT;
    if (reply || ((kind == v1::PAGE || kind == v1::SECTION) && bench.mint.chance(60))) {
        for (int i = 0; i < 8 && parent.isNull(); ++i) {
            const Id above = bench.post();
            const auto record = bench.seen(above);
            if (!record || !record->has_post())
                continue;
            const v1::PostKind there = record->post().kind();
            const bool fits = kind == v1::ANSWER  ? there == v1::QUESTION
                            : kind == v1::COMMENT ? there != v1::SECTION && there != v1::COMMENT
                                                  : there == v1::PAGE || there == v1::SECTION;
            if (!fits)
                continue;
            parent = above;
            space = *Id::from(record->post().space());
        }
        if (reply && parent.isNull())
            return std::nullopt;
    }
    v1::Change made = bench.mint.post(kind, space, parent, bench.text(), bench.maker.nowMs);
    v1::CreatePost& post = *made.mutable_create_post();
    if (kind == v1::PAGE || kind == v1::QUESTION) {
        post.set_body(bench.body());
        for (const char* tag : {"alpha", "beta", "gamma"})
            if (bench.mint.chance(30))
                post.add_tags(tag);
    }
    if (kind == v1::PAGE || kind == v1::SECTION)
        post.set_position(int64_t(bench.mint.number(100)));
    return made;
}

v1::Value valueOf(const Bench& bench, const FieldRule& rule, const Id& target)
{
    v1::Value value;
    switch (rule.kind) {
    case v1::Value::kText:
        value.set_text(rule.field == v1::CHARTER_TARGET_DATE ? "2027-06-" + std::to_string(10 + bench.mint.number(20))
                       : rule.thing == v1::Record::kPerson   ? bench.name()
                                                             : bench.text());
        return value;
    case v1::Value::kNumber:
        switch (rule.field) {
        case v1::SPACE_VISIBILITY:
            value.set_number(oneOf(bench.mint, valuesOf(*v1::Visibility_descriptor())));
            return value;
        case v1::PERSON_DISABLED:
            value.set_number(bench.mint.chance(40));
            return value;
        case v1::PERSON_ADMIN:
            value.set_number(bench.mint.chance(50));
            return value;
        default:
            value.set_number(int64_t(bench.mint.number(100)));
            return value;
        }
    case v1::Value::kTexts:
        value.mutable_texts();
        for (const char* tag : {"alpha", "beta", "delta"})
            if (bench.mint.chance(40))
                value.mutable_texts()->add_text(tag);
        return value;
    case v1::Value::kRef:
        value.set_ref("");
        if (bench.mint.chance(20))
            return value;
        for (int i = 0; i < 12; ++i) {
            const Id other = bench.post();
            const auto record = bench.seen(other);
            if (!record || other == target)
                continue;
            const bool fits = rule.field == v1::POST_ACCEPTED
                                ? record->post().parent() == target.view() && record->post().kind() == v1::ANSWER
                                : record->post().kind() == v1::PAGE || record->post().kind() == v1::SECTION;
            if (fits) {
                value.set_ref(other.str());
                break;
            }
        }
        return value;
    case v1::Value::kRefs:
    case v1::Value::KIND_NOT_SET:
        break;
    }
    throw std::logic_error("No generator for values of the field " + v1::Field_Name(rule.field) + ".");
}

std::optional<v1::Change> edit(const Bench& bench)
{
    const auto field = v1::Field(oneOf(bench.mint, valuesOf(*v1::Field_descriptor())));
    const FieldRule* rule = fieldRule(field);
    if (!rule)
        throw std::logic_error("No rule for the field " + v1::Field_Name(field) + ".");
    Id target;
    switch (rule->thing) {
    case v1::Record::kOrganisation:
        target = bench.things.organisation;
        break;
    case v1::Record::kPerson:
        target = bench.mint.chance(50) && !bench.maker.person.isNull() ? bench.maker.person : bench.person();
        break;
    case v1::Record::kSpace:
        target = bench.space();
        break;
    case v1::Record::kPost:
        target = bench.post();
        // Of few posts it is the question or the page that has the field.
        for (int i = 0; i < 6; ++i) {
            const auto record = bench.seen(target);
            const v1::PostKind kind = record ? record->post().kind() : v1::POST_NONE;
            if (field == v1::POST_ACCEPTED ? kind == v1::QUESTION : kind == v1::PAGE || kind == v1::SECTION)
                break;
            target = bench.post();
        }
        break;
    default:
        throw std::logic_error("No generator for edits of the field " + v1::Field_Name(field) + ".");
    }
    if (target.isNull())
        return std::nullopt;
    v1::Change made = bench.change(target);
    const auto record = bench.seen(target);
    const auto add = [&](const FieldRule& of) {
        v1::FieldEdit& each = *made.mutable_edit()->add_fields();
        each.set_field(of.field);
        *each.mutable_value() = valueOf(bench, of, target);
        const v1::Writer* writer = record ? writerOf(*record, of.field) : nullptr;
        if (writer && bench.mint.chance(85))
            each.set_seen(writer->change());
    };
    add(*rule);
    if (bench.mint.chance(20)) {
        const FieldRule* other = fieldRule(v1::Field(oneOf(bench.mint, valuesOf(*v1::Field_descriptor()))));
        if (other->thing == rule->thing && other->field != rule->field)
            add(*other);
    }
    return made;
}

// Without the time that is in an id: marks are to be told apart by how they begin and end.
std::string markOf(Mint& mint)
{
    const std::string mark = mint.id(0).hex().substr(12) + mint.id(0).hex().substr(20);
    return 't' + mark;
}

// Keeps some of the body, inserts and deletes: what it meets of others' marks, it may undo.
TextChange rewritten(const Bench& bench, const std::string& body)
{
    Mint& mint = bench.mint;
    TextChange change;
    size_t left = countCodePoints(body);
    for (uint64_t steps = 1 + mint.number(3); steps > 0; --steps) {
        const size_t kept = mint.chance(20) ? left : mint.number(left + 1);
        change.retain(kept);
        left -= kept;
        if (mint.chance(60)) {
            const size_t erased = mint.number(std::min<size_t>(left, mint.chance(10) ? left : 12) + 1);
            change.erase(erased);
            left -= erased;
        }
        if (!mint.chance(70))
            continue;
        change.insert(' ' + markOf(mint) + (mint.chance(30) ? "\n" : " "));
    }
    return change;
}

// Whether it takes a letter of the mark, or writes into it; also where the mark looks the same afterwards.
bool meets(const TextChange& change, const std::string& body, const std::string& mark)
{
    const size_t begin = countCodePoints(std::string_view(body).substr(0, body.find(mark)));
    const size_t end = begin + mark.size();
    size_t at = 0;
    for (const TextStep& step : change.steps()) {
        const size_t to = step.kind == TextStep::Kind::Insert ? at : at + step.count;
        if (step.kind == TextStep::Kind::Insert ? begin < at && at < end
                                                : step.kind == TextStep::Kind::Delete && at < end && begin < to)
            return true;
        at = to;
    }
    return false;
}

// Over the body that the maker sees, which `change` alters.
v1::Change changeOf(const Bench& bench, const v1::Record& record,
                    const std::function<TextChange(const std::string& body)>& change)
{
    const v1::Post& post = record.post();
    v1::Change made = bench.change(*Id::from(record.id()));
    const TextChange text = change(post.body());
    v1::EditText& edit = *made.mutable_edit_text();
    edit.set_text(encode(text));
    if (post.has_body_version())
        *edit.mutable_base() = post.body_version();
    if (bench.mint.chance(10))
        edit.set_summary(bench.text());
    if (post.contested_size() > 0 && bench.mint.chance(40))
        *edit.add_resolved() = post.contested(int(bench.mint.number(uint64_t(post.contested_size()))));
    for (const std::string& mark : marksIn(post.body()))
        if (meets(text, post.body(), mark))
            bench.things.struck.insert(mark);
    return made;
}

std::optional<v1::Change> editText(const Bench& bench)
{
    std::optional<v1::Record> record;
    // Mostly where others write as well.
    for (int i = 0; i < 6 && (!record || record->post().kind() != v1::PAGE); ++i)
        record = bench.seen(bench.post());
    if (!record || !record->has_post())
        return std::nullopt;
    return changeOf(bench, *record, [&](const std::string& body) { return rewritten(bench, body); });
}

std::optional<v1::Change> setMark(const Bench& bench)
{
    const auto kind = v1::MarkKind(oneOf(bench.mint, valuesOf(*v1::MarkKind_descriptor())));
    const Id on = kind == v1::SEEN ? bench.space() : bench.post();
    if (on.isNull() || bench.maker.person.isNull())
        return std::nullopt;
    const int64_t value = kind == v1::SEEN ? bench.maker.nowMs - int64_t(bench.mint.number(10'000))
                        : kind == v1::VOTE ? int64_t(bench.mint.number(3)) - 1
                                           : int64_t(bench.mint.number(2));
    return bench.mint.mark(kind, on, bench.maker.person, std::max<int64_t>(0, value), bench.maker.nowMs);
}

std::optional<v1::Change> remove(const Bench& bench)
{
    const Id post = bench.post();
    return post.isNull() ? std::nullopt : std::optional(bench.mint.remove(post, bench.maker.nowMs));
}

struct Kind {
    int weight;
    std::optional<v1::Change> (*make)(const Bench&);
};

const std::map<int, Kind>& kinds()
{
    static const std::map<int, Kind> all = [] {
        std::map<int, Kind> known{
            {v1::Change::kCreateOrganisationFieldNumber, {1, createOrganisation}},
            {v1::Change::kCreatePersonFieldNumber, {3, createPerson}},
            {v1::Change::kCreateSpaceFieldNumber, {3, createSpace}},
            {v1::Change::kSetMembershipFieldNumber, {16, setMembership}},
            {v1::Change::kCreatePostFieldNumber, {40, createPost}},
            {v1::Change::kEditFieldNumber, {40, edit}},
            {v1::Change::kSetMarkFieldNumber, {20, setMark}},
            {v1::Change::kDeleteFieldNumber, {6, remove}},
            {v1::Change::kEditTextFieldNumber, {30, editText}},
        };
        const auto& acts = *v1::Change::descriptor()->FindOneofByName("act");
        for (int i = 0; i < acts.field_count(); ++i)
            if (!known.contains(acts.field(i)->number()))
                throw std::logic_error("No generator for changes of the kind " + acts.field(i)->name() + ".");
        return known;
    }();
    return all;
}

} // namespace

void Things::notePost(const v1::Change& created)
{
    posts.push_back(*Id::from(created.target()));
    if (created.create_post().kind() == v1::PAGE)
        pages.push_back(posts.back());
}

std::optional<v1::Change> makeChange(Mint& mint, const Maker& maker, Things& things)
{
    const auto weightOf = [&](int number, const Kind& kind) {
        return number == v1::Change::kEditTextFieldNumber && !maker.texts ? 0 : kind.weight;
    };
    int sum = 0;
    for (const auto& [number, kind] : kinds())
        sum += weightOf(number, kind);
    int drawn = int(mint.number(uint64_t(sum)));
    const Kind* chosen = nullptr;
    for (const auto& [number, kind] : kinds()) {
        chosen = &kind;
        if ((drawn -= weightOf(number, kind)) < 0)
            break;
    }
    std::optional<v1::Change> made = chosen->make({mint, maker, things});
    if (made && std::any_of(made->edit().fields().begin(), made->edit().fields().end(),
                            [](const v1::FieldEdit& each) { return each.field() == v1::POST_BODY; }))
        things.replaced.insert(*Id::from(made->target()));
    if (made && maker.import && (made->has_create_post() || made->has_edit())) {
        v1::Origin& origin = *made->mutable_origin();
        if (!things.people.empty())
            origin.set_author(oneOf(mint, things.people).str());
        origin.set_created_ms(maker.nowMs - int64_t(mint.number(1'000'000'000)));
        origin.set_changed_ms(origin.created_ms() + int64_t(mint.number(1'000)));
        origin.mutable_source()->set_key("item " + std::to_string(mint.number(1'000)));
    }
    return made;
}

std::optional<v1::Change> makeWriting(Mint& mint, const Maker& maker, Things& things)
{
    const Bench bench{mint, maker, things};
    std::optional<v1::Record> record;
    constexpr size_t busyPages = 3;
    if (!things.pages.empty() && mint.chance(33))
        record = bench.seen(things.pages[mint.number(std::min(things.pages.size(), busyPages))]);
    if (!record)
        return editText(bench);
    return changeOf(bench, *record, [&](const std::string& body) { return rewritten(bench, body); });
}

std::optional<v1::Change> makeRestoring(Mint& mint, const Maker& maker, Things& things, const Id& post,
                                        std::string earlier)
{
    const Bench bench{mint, maker, things};
    const auto record = bench.seen(post);
    if (!record || !record->has_post())
        return std::nullopt;
    const std::string& body = record->post().body();
    for (const std::string& mark : marksIn(earlier))
        if (body.find(mark) == std::string::npos)
            earlier.replace(earlier.find(mark), mark.size(), markOf(mint));
    return changeOf(bench, *record, [&](const std::string& now) { return diff(now, earlier); });
}

std::string kindOf(const v1::Change& change)
{
    const FieldDescriptor* act =
        change.GetReflection()->GetOneofFieldDescriptor(change, v1::Change::descriptor()->FindOneofByName("act"));
    std::string name = act ? act->name() : "nothing";
    switch (change.act_case()) {
    case v1::Change::kSetMembership:
        return name + ':' + v1::Role_Name(change.set_membership().role());
    case v1::Change::kCreatePost:
        return name + ':' + v1::PostKind_Name(change.create_post().kind());
    case v1::Change::kCreateSpace:
        return name + ':' + v1::Visibility_Name(change.create_space().visibility());
    case v1::Change::kEdit:
        return name + ':' + v1::Field_Name(change.edit().fields(0).field());
    case v1::Change::kSetMark:
        return name + ':' + v1::MarkKind_Name(change.set_mark().kind());
    default:
        return name;
    }
}

std::set<std::string> allKinds(bool texts)
{
    std::set<std::string> names;
    const auto& acts = *v1::Change::descriptor()->FindOneofByName("act");
    const auto add = [&](const std::string& act, const EnumDescriptor& type, bool withNone) {
        for (int i = 0; i < type.value_count(); ++i)
            if (isPlayed(type.value(i)->name()) && (withNone || type.value(i)->number() != 0))
                names.insert(act + ':' + type.value(i)->name());
    };
    for (int i = 0; i < acts.field_count(); ++i) {
        const std::string& act = acts.field(i)->name();
        switch (acts.field(i)->number()) {
        case v1::Change::kEditTextFieldNumber:
            if (texts)
                names.insert(act);
            break;
        case v1::Change::kSetMembershipFieldNumber:
            add(act, *v1::Role_descriptor(), true);
            break;
        case v1::Change::kCreatePostFieldNumber:
            add(act, *v1::PostKind_descriptor(), false);
            break;
        case v1::Change::kCreateSpaceFieldNumber:
            add(act, *v1::Visibility_descriptor(), false);
            break;
        case v1::Change::kEditFieldNumber:
            add(act, *v1::Field_descriptor(), false);
            break;
        case v1::Change::kSetMarkFieldNumber:
            add(act, *v1::MarkKind_descriptor(), false);
            break;
        default:
            names.insert(act);
        }
    }
    return names;
}

std::vector<std::string> marksIn(const std::string& text)
{
    constexpr size_t digits = 32;
    std::vector<std::string> marks;
    for (size_t at = text.find('t'); at != std::string::npos; at = text.find('t', at + 1)) {
        const std::string mark = text.substr(at, digits + 1);
        if (mark.size() == digits + 1 && mark.find_first_not_of("0123456789abcdef", 1) == std::string::npos)
            marks.push_back(mark);
    }
    return marks;
}

std::vector<std::string> marksIn(const v1::EditText& edit)
{
    std::vector<std::string> marks;
    const auto text = decode(edit.text());
    std::string_view inserted = text ? text->inserted() : std::string_view();
    for (const TextStep& step : text ? text->steps() : std::span<const TextStep>()) {
        for (std::string& mark : marksIn(std::string(inserted.substr(0, step.bytes))))
            marks.push_back(std::move(mark));
        inserted.remove_prefix(step.bytes);
    }
    return marks;
}

bool shows(const v1::Change& change, const v1::Record& record)
{
    switch (change.act_case()) {
    case v1::Change::kCreateOrganisation:
        return record.has_organisation();
    case v1::Change::kCreatePerson:
        return record.person().login() == change.create_person().login();
    case v1::Change::kCreateSpace:
        return record.has_space();
    case v1::Change::kCreatePost:
        return record.post().kind() == change.create_post().kind() &&
               record.post().space() == change.create_post().space();
    case v1::Change::kSetMembership:
        return record.membership().role() == change.set_membership().role() &&
               record.membership().person() == change.set_membership().person();
    case v1::Change::kSetMark:
        return record.mark().kind() == change.set_mark().kind() &&
               (change.set_mark().kind() == v1::SEEN || record.mark().value() == change.set_mark().value());
    case v1::Change::kDelete:
        return record.deleted();
    case v1::Change::kEditText:
        for (const std::string& mark : marksIn(change.edit_text()))
            if (record.post().body().find(mark) == std::string::npos)
                return false;
        return true;
    case v1::Change::kEdit:
        for (const v1::FieldEdit& edit : change.edit().fields()) {
            const v1::Writer* writer = writerOf(record, edit.field());
            bool there = writer && writer->change() == change.id();
            for (const v1::LostValue& lost : record.lost())
                there = there || lost.change() == change.id();
            if (!there && fieldValue(record, edit.field()).SerializeAsString() != edit.value().SerializeAsString())
                return false;
        }
        return true;
    case v1::Change::ACT_NOT_SET:
        break;
    }
    return false;
}

} // namespace stoa::test
