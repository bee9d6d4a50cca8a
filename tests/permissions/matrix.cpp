#include "tests/permissions/matrix.h"

#include "tests/permissions/asking.h"

namespace stoa::test {

std::string in(const Place& place)
{
    return " in the " + place.name + " space";
}

bool isOf(const v1::Envelope& envelope, const Feed& feed)
{
    return envelope.has_batch() && envelope.batch().feed() == feed.key();
}

std::string said(const std::vector<v1::Envelope>& heard)
{
    std::string all;
    for (const v1::Envelope& each : heard)
        all += ' ' + each.ShortDebugString().substr(0, 200);
    return heard.empty() ? " silence" : all;
}

v1::Change changeOf(Organisation& o, const std::string& row, const Id& actor, const Id& target, const std::string& word)
{
    if (row == "delete")
        return o.mint.remove(target, o.nowMs);
    if (row == "edit_text")
        return o.mint.write(target, {}, "text " + word, o.nowMs);
    v1::MarkKind mark = v1::MARK_NONE;
    if (v1::MarkKind_Parse(row, &mark))
        return o.mint.mark(mark, target, actor, 1, o.nowMs);
    v1::Field field = v1::FIELD_NONE;
    v1::Field_Parse(row, &field);
    const FieldRule* rule = fieldRule(field);
    if (!rule)
        throw std::logic_error("no rule for " + row);
    v1::Value value;
    switch (rule->kind) {
    case v1::Value::kText:
        value.set_text(field == v1::CHARTER_TARGET_DATE ? "2027-06-30" : "text " + word);
        break;
    case v1::Value::kNumber: {
        const auto found = field == v1::PROPOSAL_STATE ? o.store->begin()->find(target) : std::nullopt;
        const bool own = found && found->record->author() == actor.view();
        value.set_number(field != v1::PROPOSAL_STATE ? 1 : own ? v1::PROPOSAL_WITHDRAWN : v1::PROPOSAL_DECLINED);
        break;
    }
    case v1::Value::kRefs:
        value.mutable_refs();
        break;
    case v1::Value::kTexts:
        value.mutable_texts()->add_text(word);
        break;
    default: {
        const auto answer = o.answers.find(target);
        value.set_ref(field == v1::POST_ACCEPTED && answer != o.answers.end() ? answer->second.str() : "");
    }
    }
    return o.edited(target, field, value);
}

int64_t Tally::total() const
{
    int64_t sum = 0;
    for (const auto& [way, count] : cells)
        sum += count;
    return sum;
}

std::string Tally::text() const
{
    std::string all;
    for (const auto& [way, told] : wrong)
        for (const std::string& each : told)
            all += way + ": " + each + '\n';
    return all + std::to_string(failures) + " of " + std::to_string(total()) + " cells are wrong\n";
}

void Tally::check(const std::string& way, bool right, const std::string& what)
{
    ++cells[way];
    if (right)
        return;
    ++failures;
    constexpr size_t toldMax = 12; // of each way
    auto& told = wrong[way];
    if (told.size() < toldMax)
        told.push_back(what);
    if (untilFirst)
        throw FoundWrong();
}

Tally checkServer()
{
    Organisation organisation;
    Tally tally;
    checkPushes(organisation, tally);
    checkMessages(organisation, tally);
    checkReading(organisation, tally);
    checkLive(organisation, tally);
    checkLosses(organisation, tally);
    checkTexts(organisation, tally);
    checkHandBacks(organisation, tally);
    return tally;
}

} // namespace stoa::test
