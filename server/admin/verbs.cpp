#include "server/admin/verbs.h"

#include <algorithm>
#include <map>

#include "server/admin/backup.h"
#include "server/admin/import_verbs.h"
#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/domain/names.h"

namespace stoa {

namespace {

bool flag(const Json& arguments, const char* key)
{
    const auto found = arguments.find(key);
    return found != arguments.end() && found->is_boolean() && found->get<bool>();
}

Json fine(const std::string& message)
{
    return {{"ok", true}, {"message", message}, {"exit", ExitFine}};
}

std::string hexOf(const std::string& raw)
{
    return toHex(raw);
}

// A table for the terminal: columns as wide as their widest cell, two spaces between.
std::string table(const std::vector<std::vector<std::string>>& rows)
{
    std::vector<size_t> widths;
    const auto width = [](const std::string& cell) {
        return static_cast<size_t>(std::count_if(
            cell.begin(), cell.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    };
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); ++i)
            line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        out += (out.empty() ? "" : "\n") + line;
    }
    return out;
}

v1::Change newChange(const Id& target, const VerbContext& context)
{
    const int64_t nowMs = context.clock();
    v1::Change change;
    change.set_id(newId(nowMs, context.random).str());
    change.set_target(target.str());
    change.set_made_ms(nowMs);
    return change;
}

void submit(const v1::Change& change, const VerbContext& context)
{
    if (const auto done = context.desk.submit(change); !done)
        throw VerbRefused{refusalSentence(done.error())};
}

// Whoever the words name: by login, else by id, else by a name that only one person has.
Desk::Record findPerson(const std::string& words, const VerbContext& context)
{
    std::vector<Desk::Record> named;
    for (const Desk::Record& person : context.desk.people()) {
        if ((!person->person().login().empty() && person->person().login() == words) || hexOf(person->id()) == words)
            return person;
        if (person->person().name() == words)
            named.push_back(person);
    }
    if (named.empty())
        throw VerbRefused{"Nobody has the login \"" + words + "\". \"stoad person list\" shows everybody."};
    if (named.size() > 1) {
        std::string ids;
        for (const Desk::Record& person : named)
            ids += "\n  " + hexOf(person->id()) + "  " +
                   (person->person().login().empty() ? "(no login)" : person->person().login());
        throw VerbRefused{"Several people are called \"" + words + "\". Please name one by login or id:" + ids};
    }
    return named.front();
}

std::string callOf(const v1::Record& person)
{
    return person.person().login().empty() ? person.person().name()
                                           : person.person().name() + " (" + person.person().login() + ")";
}

// Names differ by more than the size of their letters: people do not see, and search does not tell, those apart.
bool sameName(std::string_view a, std::string_view b)
{
    return std::ranges::equal(a, b,
                              [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

Json personAdd(const Json& arguments, const VerbContext& context)
{
    const std::string login = textOf(arguments, "login");
    for (const Desk::Record& person : context.desk.people())
        if (sameName(person->person().login(), login) && !login.empty())
            throw VerbRefused{"The login \"" + person->person().login() + "\" is taken already."};
    const Id id = newId(context.clock(), context.random);
    v1::Change change = newChange(id, context);
    change.mutable_create_person()->set_login(login);
    change.mutable_create_person()->set_name(textOf(arguments, "name"));
    change.mutable_create_person()->set_admin(flag(arguments, "admin"));
    if (const auto done = context.desk.submit(change); !done) {
        if (done.error().code == v1::EXISTS)
            throw VerbRefused{"The login \"" + login + "\" is taken already."};
        if (done.error().code == v1::INVALID || done.error().code == v1::EMPTY)
            throw VerbRefused{"A login is one word without spaces, and a name must not be empty."};
        throw VerbRefused{refusalSentence(done.error())};
    }
    Json answer = inviteAnswer(id, context);
    answer["message"] = textOf(arguments, "name") +
                        " can now join with this link, which works once and for 14 days:\n" +
                        answer["link"].get<std::string>();
    return answer;
}

Json personList(const Json&, const VerbContext& context)
{
    Json people = Json::array();
    std::vector<std::vector<std::string>> rows = {{"LOGIN", "NAME", "STATE", "ID"}};
    for (const Desk::Record& record : context.desk.people()) {
        const v1::Person& person = record->person();
        people.push_back({{"id", hexOf(record->id())},
                          {"login", person.login()},
                          {"name", person.name()},
                          {"admin", person.admin()},
                          {"disabled", person.disabled()},
                          {"imported", record->has_source()}});
        std::string state = person.disabled() ? "disabled" : person.admin() ? "admin" : "";
        if (record->has_source())
            state += state.empty() ? "imported" : ", imported";
        rows.push_back({person.login().empty() ? "-" : person.login(), person.name(), state.empty() ? "-" : state,
                        hexOf(record->id())});
    }
    Json answer = fine(table(rows));
    answer["people"] = std::move(people);
    return answer;
}

Json personInvite(const Json& arguments, const VerbContext& context)
{
    const Desk::Record person = findPerson(textOf(arguments, "login"), context);
    if (person->person().disabled())
        throw VerbRefused{callOf(*person) +
                          " is disabled and cannot be invited. \"stoad person enable\" lets them in again."};
    Json answer = inviteAnswer(*Id::from(person->id()), context);
    answer["message"] = callOf(*person) +
                        " can set a new password with this link, which works once and for 14 days. Earlier links no "
                        "longer work:\n" +
                        answer["link"].get<std::string>();
    return answer;
}

void requireAnotherAdmin(const v1::Record& person, const VerbContext& context)
{
    const auto people = context.desk.people();
    const bool lastAdmin =
        person.person().admin() && std::none_of(people.begin(), people.end(), [&](const Desk::Record& other) {
            return other->id() != person.id() && other->person().admin() && !other->person().disabled();
        });
    if (lastAdmin)
        throw VerbRefused{callOf(person) + " is the only admin. Please add another one first."};
}

Json personDisable(const Json& arguments, const VerbContext& context)
{
    const Desk::Record person = findPerson(textOf(arguments, "login"), context);
    requireAnotherAdmin(*person, context);
    v1::Value yes;
    yes.set_number(1);
    setField(*person, v1::PERSON_DISABLED, yes, context);
    Json answer = fine(callOf(*person) + " is disabled: every access has ended. What they wrote stays.");
    answer["person"] = hexOf(person->id());
    return answer;
}

Json personEnable(const Json& arguments, const VerbContext& context)
{
    const Desk::Record person = findPerson(textOf(arguments, "login"), context);
    v1::Value no;
    no.set_number(0);
    setField(*person, v1::PERSON_DISABLED, no, context);
    Json answer = fine(callOf(*person) + " may sign in again. Their devices need the password anew; \"stoad person "
                                         "invite\" makes a link where it is forgotten.");
    answer["person"] = hexOf(person->id());
    return answer;
}

Json personErase(const Json& arguments, const VerbContext& context)
{
    const Desk::Record person = findPerson(textOf(arguments, "login"), context);
    const Id id = *Id::from(person->id());
    requireAnotherAdmin(*person, context);
    std::vector<Id> spaces;
    for (const Desk::Record& membership : context.desk.memberships()) {
        if (membership->membership().person() == person->id() && membership->membership().role() != v1::ROLE_NONE)
            spaces.push_back(*Id::from(membership->membership().space()));
    }
    const std::string what = "the name, login, password, devices and own notes of " + callOf(*person) + ", and " +
                             std::to_string(spaces.size()) + (spaces.size() == 1 ? " membership" : " memberships");
    if (!arguments.value("yes", false))
        throw VerbRefused{"This would erase " + what +
                          ". What they wrote stays, by \"somebody who left\"; a name within a text "
                          "stays in it. It cannot be undone. Please say it again with --yes."};
    for (const Id& space : spaces)
        setMembership(space, id, v1::ROLE_NONE, {}, context);
    context.desk.erasePerson(id);
    Json answer = fine("Erased: " + what +
                       ". Replicas follow when they next sync. Backups made before this still hold it; a "
                       "restore erases it again, as the journal tells.");
    answer["person"] = id.hex();
    return answer;
}

template <class T, size_t N>
T valueOf(const std::array<Named<T>, N>& names, const std::string& name, const char* what)
{
    if (const auto value = valueNamed(names, name))
        return *value;
    throw VerbRefused{"\"" + name + "\" is not a " + what + "."};
}

Json spaceAdd(const Json& arguments, const VerbContext& context)
{
    const std::string name = textOf(arguments, "name");
    for (const Desk::Record& space : context.desk.spaces()) {
        if (sameName(space->space().name(), name))
            throw VerbRefused{"There is a space called \"" + space->space().name() + "\" already."};
    }
    const std::string visibility = textOf(arguments, "visibility").empty() ? "open" : textOf(arguments, "visibility");
    const Id id = newId(context.clock(), context.random);
    v1::Change change = newChange(id, context);
    change.mutable_create_space()->set_name(name);
    change.mutable_create_space()->set_visibility(valueOf(visibilityNames, visibility, "visibility"));
    submit(change, context);
    Json answer = fine("The space \"" + name + "\" is there (" + visibility +
                       "). Give it an owner with \"stoad member add\": they write its charter.");
    answer["space"] = id.hex();
    return answer;
}

Json spaceList(const Json&, const VerbContext& context)
{
    std::map<std::string, size_t> members;
    for (const Desk::Record& membership : context.desk.memberships()) {
        if (membership->membership().role() != v1::ROLE_NONE)
            ++members[membership->membership().space()];
    }
    Json spaces = Json::array();
    std::vector<std::vector<std::string>> rows = {{"NAME", "VISIBILITY", "MEMBERS", "RECORDS", "ID"}};
    for (const Desk::Record& record : context.desk.spaces()) {
        const size_t records = context.desk.livingRecords({FeedKind::Space, *Id::from(record->id())});
        const std::string visibility = nameOf(visibilityNames, record->space().visibility());
        spaces.push_back({{"id", hexOf(record->id())},
                          {"name", record->space().name()},
                          {"visibility", visibility},
                          {"members", members[record->id()]},
                          {"records", records}});
        rows.push_back({record->space().name(), visibility, std::to_string(members[record->id()]),
                        std::to_string(records), hexOf(record->id())});
    }
    Json answer = fine(spaces.empty() ? "There is no space yet. \"stoad space add\" makes one." : table(rows));
    answer["spaces"] = std::move(spaces);
    return answer;
}

Json memberAdd(const Json& arguments, const VerbContext& context)
{
    const Desk::Record space = findSpace(textOf(arguments, "space"), context);
    const Desk::Record person = findPerson(textOf(arguments, "login"), context);
    const std::string role = textOf(arguments, "role").empty() ? "contributor" : textOf(arguments, "role");
    std::vector<v1::Title> titles;
    std::string named;
    for (const Json& title : arguments.value("titles", Json::array())) {
        titles.push_back(valueOf(titleNames, title.is_string() ? title.get<std::string>() : "", "title"));
        named += ", " + title.get<std::string>();
    }
    setMembership(*Id::from(space->id()), *Id::from(person->id()), valueOf(roleNames, role, "role"), titles, context);
    Json answer = fine(callOf(*person) + " is now " + role + named + " in \"" + space->space().name() + "\".");
    answer["space"] = hexOf(space->id());
    answer["person"] = hexOf(person->id());
    return answer;
}

Json memberRemove(const Json& arguments, const VerbContext& context)
{
    const Desk::Record space = findSpace(textOf(arguments, "space"), context);
    const Desk::Record person = findPerson(textOf(arguments, "login"), context);
    const auto membership = context.desk.find(membershipId(*Id::from(space->id()), *Id::from(person->id())));
    if (!membership || membership->record->membership().role() == v1::ROLE_NONE)
        throw VerbRefused{callOf(*person) + " is not a member of \"" + space->space().name() + "\"."};
    setMembership(*Id::from(space->id()), *Id::from(person->id()), v1::ROLE_NONE, {}, context);
    Json answer = fine(callOf(*person) + " is no longer a member of \"" + space->space().name() + "\"" +
                       (space->space().visibility() == v1::PRIVATE ? "." : ", which everyone may still read."));
    answer["space"] = hexOf(space->id());
    answer["person"] = hexOf(person->id());
    return answer;
}

Json check(const Json&, const VerbContext& context)
{
    const CheckReport report = context.desk.check(context.progress, context.goOn);
    std::string message;
    for (const std::string& problem : report.problems)
        message += problem + "\n";
    message +=
        std::to_string(report.records) + " records in " + std::to_string(report.feeds) +
        " feeds: " + (report.problems.empty() ? "all sound." : "not sound.") +
        (report.dangling > 0 ? " " + std::to_string(report.dangling) + " references lead to what is not there." : "");
    if (!report.kept.empty())
        message += "\nWhat was computed is in " + report.kept + ".";
    else if (report.blackBoxes > 0)
        message += "\n" + std::to_string(report.blackBoxes) +
                   (report.blackBoxes == 1 ? " black box lies in " : " black boxes lie in ") + report.blackBoxFolder +
                   ": a copy or a digest did not agree.";
    Json answer = fine(message);
    answer["ok"] = report.problems.empty();
    answer["exit"] = report.problems.empty() ? ExitFine : ExitRefused;
    answer["problems"] = report.problems;
    answer["feeds"] = report.feeds;
    answer["records"] = report.records;
    answer["dangling"] = report.dangling;
    answer["black_boxes"] = report.blackBoxes;
    return answer;
}

Json backup(const Json& arguments, const VerbContext& context)
{
    const std::string file = textOf(arguments, "file");
    BackupReport made;
    try {
        made = context.desk.backup(file, flag(arguments, "force"), context.progress, context.goOn);
    } catch (const BackupRefused& why) {
        throw VerbRefused{why.what()};
    } catch (const FolderRefused& why) {
        throw VerbRefused{why.what()};
    }
    Json answer = fine("The backup " + file + " holds " + std::to_string(made.records) + " records in " +
                       std::to_string(made.feeds) + " feeds, as of " + printMinute(made.madeMs) +
                       ". Keep it as secret as the server: it holds the server's key.");
    answer["file"] = file;
    answer["records"] = made.records;
    answer["feeds"] = made.feeds;
    answer["bytes"] = made.bytes;
    answer["made_ms"] = made.madeMs;
    return answer;
}

// How a person is called whose record may not be there.
std::string callOf(const Id& person, const VerbContext& context)
{
    const auto found = context.desk.find(person);
    return found && found->record->has_person() ? callOf(*found->record) : "the unknown person " + person.hex();
}

Json deviceList(const Json& arguments, const VerbContext& context)
{
    const std::string login = textOf(arguments, "login");
    const std::string only = login.empty() ? "" : findPerson(login, context)->id();
    Json devices = Json::array();
    std::vector<std::vector<std::string>> rows = {{"PERSON", "DEVICE", "SINCE", "ID"}};
    for (const Device& device : context.desk.devices()) {
        if (!only.empty() && device.person.view() != only)
            continue;
        devices.push_back({{"id", device.id.hex()},
                           {"person", device.person.hex()},
                           {"name", device.name},
                           {"made_ms", device.madeMs}});
        rows.push_back({callOf(device.person, context), device.name.empty() ? "-" : device.name,
                        printMinute(device.madeMs), device.id.hex()});
    }
    Json answer = fine(devices.empty() ? "No device has signed in yet." : table(rows));
    answer["devices"] = std::move(devices);
    return answer;
}

Json deviceRevoke(const Json& arguments, const VerbContext& context)
{
    const std::string id = textOf(arguments, "id");
    const auto devices = context.desk.devices();
    const auto found = std::ranges::find(devices, id, [](const Device& device) { return device.id.hex(); });
    if (found == devices.end())
        throw VerbRefused{"There is no device " + id + ". \"stoad device list\" shows them all."};
    context.desk.revokeDevice(found->id);
    Json answer = fine("The device \"" + found->name + "\" of " + callOf(found->person, context) +
                       " is revoked: its access has ended. With the password it can sign in anew; \"stoad person "
                       "invite\" sets another one. What it holds stays on it.");
    answer["device"] = id;
    answer["person"] = found->person.hex();
    return answer;
}

// What came back, as a thing that an admin knows, and what taking it would alter.
struct CameBack {
    std::string kind;
    std::string name;
    std::string change;
};

CameBack cameBack(const HandedVersion& version, const VerbContext& context)
{
    v1::Record theirs;
    const bool readable = theirs.ParseFromString(version.bytes);
    const auto present = context.desk.find(version.id);
    const v1::Record mine = present ? *present->record : v1::Record();
    const v1::Record& thing = theirs.thing_case() != v1::Record::THING_NOT_SET ? theirs : mine;
    CameBack told{.kind = "record", .name = version.id.hex(), .change = present ? "altered" : "is not here"};
    const auto alters = [&](const std::string& what) {
        told.change = (present && told.change == "altered" ? "" : told.change + ", ") + what;
    };
    if (!readable) {
        told.change = "cannot be read";
    } else if (thing.has_person()) {
        told.kind = "person";
        told.name = callOf(thing);
        const v1::Person& was = mine.person();
        const v1::Person& is = theirs.person();
        if (present && is.name() != was.name())
            alters("is called " + is.name());
        if (present && is.disabled() != was.disabled())
            alters(is.disabled() ? "disabled" : "not disabled");
        if (is.admin() != was.admin())
            alters(is.admin() ? "admin" : "no admin");
    } else if (thing.has_membership()) {
        const v1::Membership& membership = thing.membership();
        const auto space = Id::from(membership.space());
        const auto found = space ? context.desk.find(*space) : std::nullopt;
        told.kind = "membership";
        told.name = callOf(Id::from(membership.person()).value_or(Id{}), context) + " in \"" +
                    (found ? found->record->space().name() : toHex(membership.space())) + "\"";
        const auto named = [](v1::Role role) { return role == v1::ROLE_NONE ? "no member" : nameOf(roleNames, role); };
        told.change = named(theirs.membership().role()) + ", is now " + named(mine.membership().role());
    } else if (thing.has_space()) {
        told.kind = "space";
        told.name = thing.space().name();
    } else if (thing.has_organisation()) {
        told.kind = "organisation";
        told.name = thing.organisation().name();
    } else if (thing.has_post()) {
        told.kind = "post";
        const v1::Post& post = thing.post();
        told.name = clipUtf8(post.title().empty() ? post.body() : post.title(), 80);
        std::replace(told.name.begin(), told.name.end(), '\n', ' ');
        told.change = "its id is another post's now";
    }
    if (theirs.deleted())
        told.change = "deleted";
    return told;
}

Json restoredList(const Json&, const VerbContext& context)
{
    Json waiting = Json::array();
    std::vector<std::vector<std::string>> rows = {{"KIND", "NAME", "WHAT IT SAYS", "HANDED BACK BY", "ID"}};
    for (const HandedVersion& version : context.desk.notTaken()) {
        const CameBack told = cameBack(version, context);
        waiting.push_back({{"id", version.id.hex()},
                           {"kind", told.kind},
                           {"name", told.name},
                           {"change", told.change},
                           {"person", version.person.hex()},
                           {"time_ms", version.timeMs}});
        rows.push_back({told.kind, told.name, told.change, callOf(version.person, context), version.id.hex()});
    }
    Json answer = fine(waiting.empty() ? "Nothing that desktops handed back waits for you."
                                       : table(rows) + "\nNone of it was taken: rights and accounts are yours to give. "
                                                       "Do by hand what is to hold (\"stoad person add\", \"stoad "
                                                       "member add\"), then \"stoad restored dismiss\".");
    answer["waiting"] = std::move(waiting);
    return answer;
}

Json restoredDismiss(const Json& arguments, const VerbContext& context)
{
    const std::string id = textOf(arguments, "id");
    if (id.empty() != flag(arguments, "all"))
        throw VerbRefused{"Please name one by its id, or --all of them."};
    size_t dismissed = 0;
    for (const HandedVersion& version : context.desk.notTaken()) {
        if (!id.empty() && version.id.hex() != id)
            continue;
        context.desk.dismissNotTaken(version.feed, version.id);
        ++dismissed;
    }
    if (!id.empty() && dismissed == 0)
        throw VerbRefused{"Nothing that waits has the id " + id + ". \"stoad restored list\" shows it."};
    Json answer = fine(std::to_string(dismissed) + " dismissed.");
    answer["dismissed"] = dismissed;
    return answer;
}

std::string tooLongSentence(const Refusal& refusal)
{
    const std::string limit = std::to_string(refusal.limit);
    if (refusal.field == v1::POST_PARENT)
        return "This lies too deep: at most " + limit + " levels are possible.";
    if (refusal.field == v1::POST_TAGS && refusal.limit == static_cast<int64_t>(limits::tagsMax))
        return "These are too many tags: at most " + limit + " are possible.";
    return "A text is too long: at most " + limit + " bytes are possible.";
}

using Verb = Json (*)(const Json&, const VerbContext&);

constexpr std::pair<std::string_view, Verb> verbs[] = {
    {"person add", personAdd},
    {"person list", personList},
    {"person invite", personInvite},
    {"person disable", personDisable},
    {"person enable", personEnable},
    {"person erase", personErase},
    {"space add", spaceAdd},
    {"space list", spaceList},
    {"member add", memberAdd},
    {"member remove", memberRemove},
    {"import markdown", importMarkdown},
    {"import stackexchange", importStackExchange},
    {"import space", importSpace},
    {"check", check},
    {"backup", backup},
    {"device list", deviceList},
    {"device revoke", deviceRevoke},
    {"restored list", restoredList},
    {"restored dismiss", restoredDismiss},
};

} // namespace

Json runVerb(const std::string& verb, const Json& arguments, const VerbContext& context)
{
    for (const auto& [name, run] : verbs) {
        if (name != verb)
            continue;
        try {
            return run(arguments, context);
        } catch (const VerbRefused& why) {
            return refused(why.message);
        }
    }
    return refused("This server does not know the command \"" + verb + "\".", ExitUsage);
}

void setField(const v1::Record& record, v1::Field field, const v1::Value& value, const VerbContext& context)
{
    v1::Change change = newChange(*Id::from(record.id()), context);
    v1::FieldEdit* edit = change.mutable_edit()->add_fields();
    edit->set_field(field);
    *edit->mutable_value() = value;
    for (const v1::Writer& writer : record.writers()) {
        if (writer.field() == field)
            edit->set_seen(writer.change());
    }
    submit(change, context);
}

void setMembership(const Id& space, const Id& person, v1::Role role, const std::vector<v1::Title>& titles,
                   const VerbContext& context)
{
    v1::Change change = newChange(membershipId(space, person), context);
    v1::SetMembership* asked = change.mutable_set_membership();
    asked->set_space(space.str());
    asked->set_person(person.str());
    asked->set_role(role);
    for (const v1::Title title : titles)
        asked->add_titles(title);
    submit(change, context);
}

Desk::Record findSpace(const std::string& name, const VerbContext& context)
{
    std::vector<Desk::Record> named;
    for (const Desk::Record& space : context.desk.spaces()) {
        if (hexOf(space->id()) == name)
            return space;
        if (space->space().name() == name)
            named.push_back(space);
    }
    if (named.empty())
        throw VerbRefused{"There is no space called \"" + name + "\". \"stoad space list\" shows them all."};
    if (named.size() > 1) {
        std::string ids;
        for (const Desk::Record& space : named)
            ids += "\n  " + hexOf(space->id());
        throw VerbRefused{"Several spaces are called \"" + name + "\". Please name one by its id:" + ids};
    }
    return named.front();
}

Json inviteAnswer(const Id& person, const VerbContext& context)
{
    const auto record = context.desk.find(person);
    const auto organisation = context.desk.find(context.desk.organisation());
    if (!record || !organisation)
        throw VerbRefused{"The database lacks the organisation or this person. Please run \"stoad check\"."};
    InviteLink link;
    link.server = context.desk.address();
    link.organisation = organisation->record->organisation().name();
    const v1::Person& invited = record->record->person();
    link.login = clipUtf8(invited.login().empty() ? invited.name() : invited.login(), limits::loginBytesMax);
    link.code = context.desk.invite(person);
    link.pin = context.desk.pin();
    Json answer = fine("");
    answer["person"] = person.hex();
    answer["link"] = printInviteLink(link);
    return answer;
}

Json refused(const std::string& message, int exitCode)
{
    return {{"ok", false}, {"message", message}, {"exit", exitCode}};
}

std::string refusalSentence(const Refusal& refusal)
{
    switch (refusal.code) {
    case v1::NOT_FOUND:
        return "What this is about does not exist.";
    case v1::NOT_ALLOWED:
        return "This is not allowed.";
    case v1::TOO_LONG:
        return tooLongSentence(refusal);
    case v1::EMPTY:
        return "A text that is needed is missing.";
    case v1::INVALID:
        return "This is not possible as it was asked for.";
    case v1::EXISTS:
        return "This exists already.";
    case v1::BAD_TEXT:
        return "A text is not proper UTF-8.";
    case v1::STORAGE:
        return "The database cannot be written: the disk is full or failing. Nothing was changed.";
    case v1::BUSY:
        return "The server has too much to do. Please try again.";
    case v1::SHUTTING_DOWN:
        return "The server is ending. Please try again.";
    default:
        return "The server refused this (" + v1::Code_Name(refusal.code) + ").";
    }
}

} // namespace stoa
