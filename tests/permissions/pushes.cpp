#include "tests/permissions/matrix.h"

#include <functional>

#include "shared/base/assert.h"
#include "tests/permissions/asking.h"

namespace stoa::test {

namespace {

enum class Answer { Accepted, Refused, NotFound };

// Somebody who asks by pushing changes, each of which meets the organisation as it is.
class Asker {
public:
    Asker(Organisation& organisation, const Who& asking, Tally& counts)
        : o(organisation),
          who(asking),
          tally(counts),
          own_(organisation, organisation.forbidden(asking)),
          talk_(asking.active ? own_ : *organisation.unaware.at(asking.name))
    {
        if (who.active)
            (void)own_.enter(who.token);
    }

    // Where it must read as if nothing were there, it is asked of nothing as well: no byte may differ.
    void ask(const v1::Change& change, v1::Change ofNothing, Answer answer, const std::string& what)
    {
        const v1::Receipt receipt = push(change);
        bool right = receipt.change() == change.id() && talk_.leaked == 0;
        std::string found = "gave " + receipt.refusal().ShortDebugString();
        switch (answer) {
        case Answer::Accepted:
            right = right && !receipt.has_refusal();
            break;
        case Answer::Refused:
            right = right && receipt.has_refusal() && receipt.refusal().code() != v1::NOT_FOUND;
            break;
        case Answer::NotFound: {
            const std::string bytes = talk_.lastBytes;
            ofNothing.set_id(change.id());
            (void)push(ofNothing);
            right = right && receipt.refusal().code() == v1::NOT_FOUND && receipt.effects_size() == 0 &&
                    bytes == talk_.lastBytes;
            if (bytes != talk_.lastBytes)
                found += ", unlike what is missing";
            break;
        }
        }
        tally.check("push", right, who.name + ": " + what + " " + found);
    }
    void ask(const std::function<v1::Change(const Id&)>& make, const Id& target, Answer answer, const std::string& what)
    {
        ask(make(target), make(o.missing), answer, what);
    }

    Organisation& o;
    const Who& who;
    Tally& tally;
    const Table table{rights};

private:
    v1::Receipt push(const v1::Change& change)
    {
        talk_.say(pushOf(change));
        (void)talk_.carryOut();
        const auto heard = talk_.heard();
        STOA_ASSERT(heard.size() == 1 && heard[0].receipts().receipts_size() == 1);
        return heard[0].receipts().receipts(0);
    }

    Conversation own_;
    Conversation& talk_;
};

// What is done to a record that exists.
void askOfRecords(Asker& asker, const Place& place, const std::string& row)
{
    Organisation& o = asker.o;
    const Who& who = asker.who;
    const Standing standing = o.standing(who, place);
    const bool isFirst = &place == &o.places.front();
    const auto ask = [&](const std::optional<Id>& target, bool may, bool reads, const std::string& what) {
        if (!target)
            return;
        const auto make = [&](const Id& of) { return changeOf(o, row, who.person, of, "word"); };
        asker.ask(make, *target,
                  who.active && may     ? Answer::Accepted
                  : who.active && reads ? Answer::Refused
                                        : Answer::NotFound,
                  row + " of " + what + in(place));
    };
    const auto find = [&](const std::map<std::pair<Id, std::string>, Id>& where, const std::string& key) {
        const auto found = where.find({place.id, key});
        return found == where.end() ? std::nullopt : std::optional(found->second);
    };
    for (const std::string& column : asker.table.columns) {
        const bool everybodyReads = column == "ORGANISATION" || column == "PERSON";
        if (everybodyReads && !isFirst)
            continue; // of no space
        const auto may = [&](bool own) { return names(asker.table.cell(row, column, own), standing, who.admin); };
        const bool reads = everybodyReads || standing != Standing::None;
        ask(o.record(place, column, nullptr), may(false), reads, column);
        ask(o.record(place, column, &who), may(true), reads, "own " + column);
        ask(find(o.deleted, column), false, false, "deleted " + column);
        // Text of what only lies below something, and is gone with it.
        const bool isGone =
            row == "edit_text" && (column == "ANSWER" || column == "COMMENT" || column == "PROPOSAL") && may(false);
        ask(find(o.below, column), may(false) && !isGone, reads && !isGone, column + " below what is deleted");
    }
    ask(o.others.at({place.id, "BOOKMARK"}), false, false, "another's bookmark");
    ask(find(o.own, "BOOKMARK" + who.name), false, true, "own bookmark");
    ask(place.staffRecord, false, standing >= Standing::Moderator, "the staff's record");
}

void askToCreate(Asker& asker, const Place& place)
{
    Organisation& o = asker.o;
    const Who& who = asker.who;
    const Standing standing = o.standing(who, place);
    const bool reads = standing != Standing::None;
    const Place& foreign = o.place("foreign");
    const Id foreignPost = o.others.at({foreign.id, "QUESTION"});
    const auto may = [&](const std::string& column) {
        return who.active && names(asker.table.cell("create", column, false), standing, who.admin);
    };
    const auto refusal = [&](bool readable) { return who.active && readable ? Answer::Refused : Answer::NotFound; };
    // Of what is not a post nothing is missing: the organisation is there for everybody.
    const auto ask = [&](const std::string& column, const v1::Change& change, const v1::Change& ofNothing,
                         bool readable) {
        const auto allowed = [&](Answer answer) { return may(column) ? answer : refusal(readable); };
        const std::string what = "create " + column;
        asker.ask(change, ofNothing, allowed(Answer::Accepted), what + in(place));
        v1::Change taken = change;
        taken.set_target(o.olga.str());
        asker.ask(taken, ofNothing, allowed(Answer::Refused), what + in(place) + " in place of a person");
        taken.set_target(foreignPost.str());
        asker.ask(taken, ofNothing, allowed(Answer::NotFound), what + in(place) + " in place of a hidden post");
        v1::Change forged = change, forgedOfNothing = ofNothing;
        for (v1::Change* each : {&forged, &forgedOfNothing})
            each->mutable_origin()->set_author(o.olga.str());
        asker.ask(forged, forgedOfNothing, Answer::Refused, what + in(place) + " as somebody else");
    };
    const auto refusedOfNothing = [&](const Id& target) { return o.mint.remove(target, o.nowMs); };

    if (&place == &o.places.front()) {
        v1::Change organisation = o.mint.change(o.mint.id(o.nowMs), o.nowMs);
        organisation.mutable_create_organisation()->set_name("Second");
        ask("ORGANISATION", organisation, refusedOfNothing(o.missing), true);
        v1::Change person = o.mint.change(o.mint.id(o.nowMs), o.nowMs);
        person.mutable_create_person()->set_login("new");
        person.mutable_create_person()->set_name("New");
        ask("PERSON", person, refusedOfNothing(o.missing), true);
        v1::Change space = o.mint.change(o.mint.id(o.nowMs), o.nowMs);
        space.mutable_create_space()->set_name("New");
        space.mutable_create_space()->set_visibility(v1::OPEN);
        ask("SPACE", space, refusedOfNothing(o.missing), true);
    }
    for (const v1::PostKind kind : postKinds()) {
        const std::string column = v1::PostKind_Name(kind);
        const Id under = kind == v1::ANSWER   ? o.others.at({place.id, "QUESTION"})
                       : kind == v1::COMMENT  ? o.others.at({place.id, "ANSWER"})
                       : kind == v1::PROPOSAL ? o.others.at({place.id, "PAGE"})
                                              : Id{};
        const auto post = [&](const Id& space, const Id& parent) {
            return o.mint.post(kind, space, parent, "text", o.nowMs);
        };
        ask(column, post(place.id, under), post(o.missing, under.isNull() ? under : o.missing), reads);
        if (kind == v1::QUESTION)
            continue;
        const auto refusedUnder = [&](const Id& parent, const std::string& what) {
            asker.ask(post(place.id, parent), post(may(column) ? place.id : o.missing, o.missing),
                      may(column) ? Answer::NotFound : refusal(reads),
                      "create " + column + in(place) + " under " + what);
        };
        refusedUnder(o.missing, "what is missing");
        refusedUnder(o.deleted.at({place.id, "PAGE"}), "what is deleted");
        refusedUnder(place.staffRecord, "what is the staff's");
        if (&place != &foreign)
            refusedUnder(foreignPost, "what is hidden");
        if (kind == v1::COMMENT)
            asker.ask(post(place.id, o.below.at({place.id, "ANSWER"})), post(o.missing, o.missing),
                      may(column) ? Answer::Accepted : refusal(reads),
                      "create COMMENT" + in(place) + " below what is hidden by a deletion");
    }
}

void askForMembers(Asker& asker, const Place& place)
{
    Organisation& o = asker.o;
    const Who& who = asker.who;
    const Standing standing = o.standing(who, place);
    const bool may = who.active && names(asker.table.cell("create", "MEMBERSHIP", false), standing, who.admin);
    const Id foreignPost = o.others.at({o.place("foreign").id, "QUESTION"});
    const auto ask = [&](const Id& space, const Id& person, v1::Role role, Answer answer, const std::string& what) {
        // Where the person is not there, another person that is not; else a space that is not.
        const bool isOfSpace = answer != Answer::NotFound || !may || space != place.id;
        asker.ask(o.mint.member(space, person, role, o.nowMs),
                  o.mint.member(isOfSpace ? o.missing : space, isOfSpace ? person : o.missing, role, o.nowMs), answer,
                  what + " a member " + v1::Role_Name(role) + in(place));
    };
    for (int i = 0; i < v1::Role_descriptor()->value_count(); ++i) {
        const auto role = static_cast<v1::Role>(v1::Role_descriptor()->value(i)->number());
        const Answer refused = standing != Standing::None ? Answer::Refused : Answer::NotFound;
        const Answer fine = may ? Answer::Accepted : refused;
        const Answer gone = may ? Answer::NotFound : refused;
        ask(place.id, o.olga, role, fine, "make an owner");
        ask(place.id, o.cleo, role, fine, "make somebody");
        ask(place.id, who.person, role, fine, "make oneself");
        ask(place.id, o.missing, role, gone, "make who is missing");
        ask(place.id, foreignPost, role, gone, "make a hidden post");
        ask(place.id, o.others.at({place.id, "MARK"}), role, gone, "make a vote");
        ask(foreignPost, o.cleo, role, Answer::NotFound, "make somebody, of a hidden post,");
        // A membership's id is that of its space and person, whoever may make it.
        v1::Change elsewhere = o.mint.member(place.id, o.cleo, role, o.nowMs);
        elsewhere.set_target(membershipId(place.id, who.person).str());
        v1::Change elsewhereOfNothing = o.mint.member(o.missing, o.cleo, role, o.nowMs);
        asker.ask(elsewhere, elsewhereOfNothing, may ? Answer::Refused : refused,
                  "make a member under another's id" + in(place));
    }
}

} // namespace

void checkPushes(Organisation& o, Tally& tally)
{
    const Table table(rights);
    o.store->rehearsing = true;
    for (const Who& who : o.everybody) {
        Asker asker(o, who, tally);
        for (const Place& place : o.places) {
            for (const auto& [row, cells] : table.rows)
                if (row != "create")
                    askOfRecords(asker, place, row);
            askToCreate(asker, place);
            askForMembers(asker, place);
        }
    }
    // Nobody: nothing reaches the engine.
    for (const auto& [row, cells] : table.rows) {
        Conversation talk(o, {});
        const Place& open = o.places.front();
        talk.say(pushOf(row == "create" ? o.mint.post(v1::QUESTION, open.id, {}, "text", o.nowMs)
                                        : changeOf(o, row, o.olga, open.id, "word")));
        const bool nothing = talk.carryOut().empty();
        const auto heard = talk.heard();
        tally.check("push",
                    nothing && heard.size() == 1 && heard[0].goodbye().why().code() == v1::PROTOCOL && talk.finished,
                    "nobody: " + row + said(heard));
    }
    o.store->rehearsing = false;
}

} // namespace stoa::test
