// What the journal tells of, done again after a restore.

#include <algorithm>
#include <unordered_map>

#include "server/admin/journal.h"

namespace stoa {

using What = JournalEntry::What;

namespace {

void replayPerson(const JournalEntry& entry, const VerbContext& context, ReplayReport& report)
{
    const auto found = context.desk.find(entry.person);
    if (!found || (!found->record->has_person() && !found->record->deleted())) {
        ++report.unknown;
        return;
    }
    if (found->record->deleted())
        return;
    const auto set = [&](v1::Field field, bool to) {
        v1::Value value;
        value.set_number(to ? 1 : 0);
        setField(*found->record, field, value, context);
        ++report.people;
    };
    if (found->record->person().disabled() != entry.disabled)
        set(v1::PERSON_DISABLED, entry.disabled);
    if (found->record->person().admin() && !entry.admin)
        set(v1::PERSON_ADMIN, false);
}

void replayRole(const JournalEntry& entry, const VerbContext& context, ReplayReport& report)
{
    const auto found = context.desk.find(membershipId(entry.space, entry.person));
    const auto space = context.desk.find(entry.space);
    if (!space || !context.desk.find(entry.person)) {
        ++report.unknown;
        return;
    }
    const v1::Membership membership = found ? found->record->membership() : v1::Membership();
    // Without a membership the space's visibility says what they may, and a role of none is none.
    const bool byMembership = membership.role() != v1::ROLE_NONE;
    const v1::Role role = byMembership                                          ? membership.role()
                        : space->record->space().visibility() == v1::OPEN       ? v1::CONTRIBUTOR
                        : space->record->space().visibility() == v1::RESTRICTED ? v1::READER
                                                                                : v1::ROLE_NONE;
    if (role <= entry.role || (!byMembership && entry.role == v1::ROLE_NONE))
        return;
    std::vector<v1::Title> titles;
    for (const int title : membership.titles())
        titles.push_back(static_cast<v1::Title>(title));
    setMembership(entry.space, entry.person, entry.role, titles, context);
    ++report.roles;
}

} // namespace

ReplayReport replayJournal(const std::vector<JournalEntry>& entries, const VerbContext& context)
{
    ReplayReport report;
    // Of a person the last word counts.
    std::unordered_map<Id, const JournalEntry*, IdHash> people;
    for (const JournalEntry& entry : entries) {
        if (entry.what == What::Person)
            people[entry.person] = &entry;
    }
    try {
        for (const JournalEntry& entry : entries) {
            if (entry.what == What::Person && people[entry.person] == &entry) {
                replayPerson(entry, context, report);
            } else if (entry.what == What::Role) {
                replayRole(entry, context, report);
            } else if (entry.what == What::Device) {
                const auto devices = context.desk.devices();
                if (std::ranges::find(devices, entry.device, &Device::id) == devices.end())
                    continue;
                context.desk.revokeDevice(entry.device);
                ++report.devices;
            } else if (entry.what == What::Erased) {
                context.desk.erasePerson(entry.person);
                ++report.erased;
            }
        }
    } catch (const VerbRefused& why) {
        throw std::runtime_error("What the journal tells of cannot be done again: " + why.message);
    }
    return report;
}

std::string replaySentence(const ReplayReport& report)
{
    if (report.people + report.roles + report.devices + report.erased + report.unknown == 0)
        return "The journal tells of nothing that was to be done again.";
    std::string sentence = "Done again, as the journal tells: " + std::to_string(report.people) +
                           " people disabled or enabled, " + std::to_string(report.roles) +
                           " roles lowered or taken, " + std::to_string(report.devices) + " devices revoked, " +
                           std::to_string(report.erased) + " people erased.";
    if (report.unknown > 0)
        sentence += " " + std::to_string(report.unknown) + " entries are about what is not in the backup.";
    return sentence;
}

} // namespace stoa
