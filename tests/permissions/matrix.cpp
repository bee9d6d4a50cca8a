#include "tests/permissions/matrix.h"

#include <functional>

#include "shared/base/assert.h"
#include "shared/domain/fields.h"
#include "tests/permissions/organisation.h"

namespace stoa::test {

namespace {

enum class Answer { Accepted, Refused, NotFound };

// Fits a readable name into messages.
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

// The change of a row of `rights` to a record that is there, or not. Texts hold the word.
v1::Change changeOf(Organisation& o, const std::string& row, const Id& actor, const Id& target, const std::string& word)
{
    if (row == "delete")
        return o.mint.remove(target, o.nowMs);
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
    case v1::Value::kNumber:
        value.set_number(1);
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

// ---- what is pushed

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
        ask(find(o.below, column), may(false), reads, column + " below what is deleted");
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
        const Id under = kind == v1::ANSWER  ? o.others.at({place.id, "QUESTION"})
                       : kind == v1::COMMENT ? o.others.at({place.id, "ANSWER"})
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

// ---- what is heard

struct Listener {
    const Who* who; // null: olga
    std::unique_ptr<Conversation> talk;
};

bool reads(const Organisation& o, const Listener& listener, const Feed& feed)
{
    if (listener.who)
        return o.reads(*listener.who, feed);
    return feed.kind != FeedKind::Person || feed.owner == o.olga; // an owner everywhere
}

std::string nameOf(const Listener& listener)
{
    return listener.who ? listener.who->name : "olga";
}

std::vector<Listener> listeners(Organisation& o)
{
    std::vector<Listener> all;
    const std::string olgas = o.enrol(o.olga);
    const auto add = [&](const Who* who, const std::string& token) {
        auto talk = std::make_unique<Conversation>(o, who ? o.forbidden(*who) : std::vector<std::string>());
        const v1::Envelope welcome = talk->enter(token);
        for (const v1::FeedHead& head : welcome.welcome().feeds())
            talk->subscribe(head.feed(), head.head());
        (void)talk->heard();
        all.push_back({who, std::move(talk)});
    };
    for (const Who& who : o.everybody)
        if (who.active)
            add(&who, who.token);
    add(nullptr, olgas);
    return all;
}

// Who may read it hears of it, once; nobody else hears anything.
void expectNews(Organisation& o, std::vector<Listener>& all, const Committed& committed, const Feed& feed, Tally& tally,
                const std::string& what)
{
    for (Listener& listener : all) {
        listener.talk->tell(committed);
        const auto heard = listener.talk->heard();
        const bool right = reads(o, listener, feed) ? heard.size() == 1 && isOf(heard[0], feed) : heard.empty();
        tally.check("live", right && listener.talk->leaked == 0,
                    nameOf(listener) + " hears of " + what + ":" + said(heard));
    }
}

} // namespace

// ---- Tally

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

// ---- the ways

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

void checkMessages(Organisation& o, Tally& tally)
{
    const Table table(messages);
    const auto* kinds = v1::Envelope::descriptor()->FindOneofByName("message");
    std::vector<std::pair<std::string, v1::Envelope>> all{{"nothing", {}}};
    for (int i = 0; i < kinds->field_count(); ++i) {
        v1::Envelope envelope;
        envelope.GetReflection()->MutableMessage(&envelope, kinds->field(i));
        all.emplace_back(kinds->field(i)->name(), std::move(envelope));
    }
    tally.check("messages", all.size() == table.rows.size(), "the table has a message that the protocol has not");

    const auto ask = [&](Conversation& talk, const std::string& kind, const v1::Envelope& message,
                         const std::string& phase, const std::string& who) {
        talk.say(message);
        const bool nothing = talk.carryOut().empty();
        const auto heard = talk.heard();
        const std::string& expected = table.cell(kind, phase);
        v1::Code code = v1::CODE_NONE;
        const bool right = expected == "silence"    ? heard.empty()
                         : expected == "pong"       ? heard.size() == 1 && heard[0].has_pong()
                         : expected == "signed_out" ? heard.empty() && talk.signedOut == 1
                         : v1::Code_Parse(expected, &code)
                             ? heard.size() == 1 && heard[0].goodbye().why().code() == code && talk.finished
                             : false;
        tally.check("messages", right && nothing && talk.leaked == 0,
                    who + " says " + kind + ' ' + phase + said(heard));
    };
    v1::Envelope byPassword;
    byPassword.mutable_hello()->set_protocol_min(1);
    byPassword.mutable_hello()->set_protocol_max(1);
    byPassword.mutable_hello()->mutable_password()->set_login("olga");
    for (const auto& [kind, message] : all) {
        Conversation before(o, {});
        ask(before, kind, message, "BEFORE", "nobody");
        Conversation signingIn(o, {});
        signingIn.say(byPassword);
        ask(signingIn, kind, message, "SIGNING_IN", "nobody");
        Conversation ended(o, {});
        ended.session->goodbye({v1::BUSY});
        (void)ended.heard();
        ask(ended, kind, message, "ENDED", "nobody");
        for (const Who& who : o.everybody) {
            if (!who.active)
                continue;
            Conversation talk(o, o.forbidden(who));
            (void)talk.enter(who.token);
            ask(talk, kind, message, "SIGNED_IN", who.name);
        }
    }

    const auto refused = [&](const std::string& token, v1::Code code, const std::string& who) {
        Conversation talk(o, {});
        talk.hello(token);
        const auto heard = talk.heard();
        tally.check("messages", heard.size() == 1 && heard[0].goodbye().why().code() == code && talk.finished,
                    who + " signs in:" + said(heard));
    };
    refused("", v1::TOKEN_UNKNOWN, "nobody");
    refused(std::string(32, 'x'), v1::TOKEN_UNKNOWN, "a guess");
    for (const Who& who : o.everybody) {
        if (!who.active) {
            refused(who.token, v1::PERSON_DISABLED_NOW, who.name);
            continue;
        }
        const std::string token = o.enrol(who.person);
        o.engine->revokeDevice(o.deviceOf(token));
        refused(token, v1::TOKEN_UNKNOWN, who.name + " with a revoked device");
        std::string other = who.token;
        other.back() = static_cast<char>(other.back() ^ 1);
        refused(other, v1::TOKEN_UNKNOWN, who.name + " with one bit wrong");
    }
}

void checkReading(Organisation& o, Tally& tally)
{
    std::vector<Feed> feeds = o.feeds();
    std::map<Feed, std::set<std::string>> there;
    for (const Feed& feed : feeds)
        for (const StoredVersion& version : o.versions(feed))
            if (!version.deleted)
                there[feed].insert(version.id.str());
    for (const FeedKind kind : {FeedKind::Directory, FeedKind::Space, FeedKind::Staff, FeedKind::Person})
        feeds.push_back({kind, o.missing});
    for (const Who& who : o.everybody) {
        if (!who.active)
            continue;
        Conversation talk(o, o.forbidden(who));
        const v1::Envelope welcome = talk.enter(who.token);
        std::set<std::string> told, wanted;
        for (const v1::FeedHead& head : welcome.welcome().feeds())
            told.insert(head.feed());
        for (const Feed& feed : feeds)
            if (o.reads(who, feed))
                wanted.insert(feed.key());
        for (const Feed& feed : feeds)
            tally.check("catching up", told.contains(feed.key()) == wanted.contains(feed.key()),
                        who.name + " is told of " + toHex(feed.key()));
        tally.check("catching up", told == wanted, who.name + " is told of other feeds");
        for (const Feed& feed : feeds) {
            for (const uint64_t cursor : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 60}) {
                talk.subscribe(feed.key(), cursor);
                const auto heard = talk.heard();
                const std::string what =
                    who.name + " reads " + toHex(feed.key()) + " from " + std::to_string(cursor) + ":" + said(heard);
                bool right = talk.leaked == 0;
                if (o.reads(who, feed)) {
                    std::set<std::string> got;
                    for (const v1::Envelope& each : heard) {
                        right = right && isOf(each, feed);
                        for (const v1::Version& version : each.batch().versions()) {
                            v1::Record record;
                            right = right && record.ParseFromString(version.record());
                            if (!record.deleted())
                                got.insert(record.id());
                        }
                    }
                    right = right && got == there[feed] && !heard.empty() && heard.back().batch().last();
                } else if (const bool isSpaces = feed.kind == FeedKind::Space || feed.kind == FeedKind::Staff;
                           isSpaces && cursor != 0 && feed.owner != o.missing) {
                    // Whoever read some of it once is to hear that it is lost; nobody guesses a space's id.
                    right = right && heard.size() == 1 && heard[0].feeds().feeds_size() == 0 &&
                            heard[0].feeds().lost_size() == 1 && heard[0].feeds().lost(0) == feed.key();
                } else {
                    right = right && heard.empty();
                }
                tally.check("catching up", right, what);
            }
        }
    }
}

void checkLive(Organisation& o, Tally& tally)
{
    const Table table(rights);
    std::vector<Listener> all = listeners(o);
    const Feed directory{FeedKind::Directory, o.organisation};
    const Actor server{.server = true}, import{.server = true, .import = true}, olga{.person = o.olga};
    const Who& stranger = o.everybody.front();

    for (const Place& place : o.places) {
        const Feed feed{FeedKind::Space, place.id};
        const auto post = [&](v1::PostKind kind) {
            const Id under = kind == v1::ANSWER  ? o.others.at({place.id, "QUESTION"})
                           : kind == v1::COMMENT ? o.others.at({place.id, "PAGE"})
                                                 : Id{};
            v1::Change made = o.mint.post(kind, place.id, under, "text " + place.word, o.nowMs);
            made.mutable_origin()->set_author(stranger.person.str());
            return made;
        };
        for (const std::string& column : table.columns) {
            if ((column == "ORGANISATION" || column == "PERSON") && &place != &o.places.front())
                continue;
            v1::PostKind kind = v1::POST_NONE;
            const bool isPost = v1::PostKind_Parse(column, &kind);
            for (const auto& [row, cells] : table.rows) {
                const std::string cell = table.cell(row, column, false) + table.cell(row, column, true);
                if (cell.find_first_not_of("-.") == std::string::npos)
                    continue;
                const std::string what = row + " of " + column + in(place);
                ++o.nowMs; // what is set later wins
                if (row == "create" && !isPost) {
                    v1::Change made = o.mint.change(o.mint.id(o.nowMs), o.nowMs);
                    if (column == "PERSON") {
                        made.mutable_create_person()->set_login(wordOf(made.id()));
                        made.mutable_create_person()->set_name("New");
                        expectNews(o, all, o.commit(made, server), directory, tally, what);
                    } else if (column == "MEMBERSHIP") {
                        made = o.mint.member(place.id, o.cleo, v1::READER, o.nowMs);
                        expectNews(o, all, o.commit(made, server), feed, tally, what);
                    }
                    continue; // of a new space below
                }
                Id target;
                Feed expected = column == "ORGANISATION" || column == "PERSON" ? directory : feed;
                if (isPost) {
                    const v1::Change made = post(kind);
                    expectNews(o, all, o.commit(made, import), feed, tally, "create of " + column + in(place));
                    if (row == "create")
                        continue;
                    target = *Id::from(made.target());
                } else {
                    target = column == "PERSON" ? o.cleo : *o.record(place, column, nullptr);
                }
                v1::MarkKind mark = v1::MARK_NONE;
                const bool isMark = v1::MarkKind_Parse(row, &mark);
                if (isMark && mark != v1::VOTE)
                    expected = {FeedKind::Person, o.olga};
                v1::Change change = changeOf(o, row, o.olga, target, place.word);
                if (row == "PERSON_NAME" || row == "PERSON_ABOUT" || row == "ORGANISATION_NAME")
                    change.mutable_edit()->mutable_fields(0)->mutable_value()->set_text("Everybody may know");
                // As it is already: of those who lose or gain a right there is another part.
                if (row == "SPACE_VISIBILITY")
                    change.mutable_edit()->mutable_fields(0)->mutable_value()->set_number(place.visibility);
                if (row == "PERSON_DISABLED")
                    change.mutable_edit()->mutable_fields(0)->mutable_value()->set_number(0);
                if (row == "POST_ACCEPTED") {
                    const v1::Change answer = o.mint.post(v1::ANSWER, place.id, target, place.word, o.nowMs);
                    expectNews(o, all, o.commit(answer, server), feed, tally, "create of ANSWER" + in(place));
                    change.mutable_edit()->mutable_fields(0)->mutable_value()->set_ref(answer.target());
                }
                expectNews(o, all, o.commit(change, isMark ? olga : import), expected, tally, what);
            }
        }
    }

    // A new space is told to who may read it, and nothing of it to anybody else.
    for (const v1::Visibility visibility : {v1::OPEN, v1::RESTRICTED, v1::PRIVATE}) {
        v1::Change made = o.mint.change(o.mint.id(o.nowMs), o.nowMs);
        made.mutable_create_space()->set_name("New");
        made.mutable_create_space()->set_visibility(visibility);
        const Committed committed = o.commit(made, server);
        const std::string key = Feed{FeedKind::Space, *Id::from(made.target())}.key();
        for (Listener& listener : all) {
            listener.talk->tell(committed);
            const auto heard = listener.talk->heard();
            const bool told = heard.size() == 1 && heard[0].feeds().feeds_size() == 1 &&
                              heard[0].feeds().feeds(0).feed() == key && heard[0].feeds().lost_size() == 0;
            tally.check("live", visibility == v1::PRIVATE ? heard.empty() : told,
                        nameOf(listener) + " hears of a new " + v1::Visibility_Name(visibility) +
                            " space:" + said(heard));
        }
    }
}

namespace {

enum class Loss { Removed, Closed, Disabled };

// One who may read a space, until that is taken away.
void loseIt(Organisation& o, Tally& tally, v1::Role role, Loss loss)
{
    const std::string name = v1::Role_Name(role) + (loss == Loss::Removed  ? " removed"
                                                    : loss == Loss::Closed ? " shut out by the space's visibility"
                                                                           : " disabled");
    const auto check = [&](bool right, const std::string& what, const std::vector<v1::Envelope>& heard) {
        tally.check("losses", right, name + ": " + what + said(heard));
    };
    const std::string before = wordOf("before " + name), after = wordOf("after " + name);
    const Id person = o.addPerson(wordOf(o.mint.id(o.nowMs).str()));
    const std::string token = o.enrol(person);
    const v1::Visibility visibility = loss != Loss::Closed ? v1::PRIVATE
                                    : role == v1::READER   ? v1::RESTRICTED
                                                           : v1::OPEN;
    const Id space = o.addSpace("Space", visibility);
    if (loss != Loss::Closed)
        o.setMember(space, person, role);
    const Feed feed{FeedKind::Space, space}, staff{FeedKind::Staff, space};
    const bool isStaff = loss != Loss::Closed && role >= v1::MODERATOR;
    const auto post = [&](const std::string& word, const Id& author) {
        v1::Change made = o.mint.post(v1::QUESTION, space, {}, word, o.nowMs);
        made.mutable_origin()->set_author(author.str());
        return made;
    };
    const v1::Change others = post(before, o.olga), own = post(before, person);
    (void)o.commit(others, {.server = true, .import = true});
    (void)o.commit(own, {.server = true, .import = true});

    Conversation talk(o, {after}), slow(o, {after}), quiet(o, {after});
    for (Conversation* each : {&talk, &slow, &quiet}) {
        const v1::Envelope welcome = each->enter(token);
        const auto& told = welcome.welcome().feeds();
        const auto isTold = [&](const Feed& of) {
            return std::any_of(told.begin(), told.end(), [&](const auto& head) { return head.feed() == of.key(); });
        };
        check(isTold(feed) && isTold(staff) == isStaff, "is told what may be read", {welcome});
    }
    slow.queuedBytes = limits::bulkBelowBytes; // takes nothing of the bulk for now
    for (Conversation* each : {&talk, &slow, &quiet}) {
        each->subscribe(feed.key(), 0);
        each->subscribe(staff.key(), 0);
    }
    (void)quiet.heard(); // and says nothing more
    const auto read = talk.heard();
    check(!read.empty() && isOf(read[0], feed) && read[0].batch().versions_size() >= 3, "reads", read);
    check(slow.heard().empty(), "a slow one waits", {});
    const std::vector<StoredVersion> had = o.versions(feed);

    v1::Value closed;
    closed.set_number(v1::PRIVATE);
    const Committed lost = o.commit(loss == Loss::Removed  ? o.mint.member(space, person, v1::ROLE_NONE, o.nowMs)
                                    : loss == Loss::Closed ? o.edited(space, v1::SPACE_VISIBILITY, closed)
                                                           : o.disabled(person),
                                    {.server = true});
    const Committed later = o.commit(post(after, o.olga), {.server = true, .import = true});

    // Word of it is still under way: nothing of it may be read already.
    talk.subscribe(feed.key(), 0);
    check(talk.heard().empty(), "reads again before hearing of it", {});
    slow.queuedBytes = 0;
    slow.session->drained();
    check(slow.heard().empty(), "a slow one goes on before hearing of it", {});

    // What waited on the device is refused one by one, as if nothing were there.
    const Id otherPost = *Id::from(others.target()), ownPost = *Id::from(own.target());
    std::vector<v1::Change> queue{o.mint.post(v1::QUESTION, space, {}, "mine", o.nowMs),
                                  o.mint.post(v1::ANSWER, space, otherPost, "mine", o.nowMs),
                                  o.mint.mark(v1::VOTE, otherPost, person, 1, o.nowMs),
                                  o.mint.mark(v1::BOOKMARK, otherPost, person, 1, o.nowMs),
                                  o.mint.mark(v1::SEEN, space, person, o.nowMs, o.nowMs),
                                  o.mint.edit(ownPost, v1::POST_TITLE, "mine", {}, o.nowMs),
                                  o.mint.remove(ownPost, o.nowMs),
                                  o.mint.member(space, person, v1::OWNER, o.nowMs)};
    for (const v1::Change& change : queue) {
        talk.say(pushOf(change));
        (void)talk.carryOut();
        const auto heard = talk.heard();
        const bool refused = heard.size() == 1 && heard[0].receipts().receipts_size() == 1 &&
                             heard[0].receipts().receipts(0).refusal().code() == v1::NOT_FOUND &&
                             heard[0].receipts().receipts(0).effects_size() == 0;
        check(refused, "pushes what waited", heard);
    }

    // What was had goes nowhere, however well it is sealed.
    v1::Envelope handBack;
    handBack.mutable_hand_back()->set_feed(feed.key());
    for (const StoredVersion& version : had) {
        v1::Version& each = *handBack.mutable_hand_back()->add_versions();
        each.set_number(version.number);
        each.set_seal(version.seal);
        each.set_record(version.bytes);
    }
    talk.say(handBack);
    (void)talk.carryOut();
    const auto handed = talk.heard();
    check(handed.size() == 1 && handed[0].handed_back().taken() == 0 &&
              handed[0].handed_back().not_taken() == had.size(),
          "hands back", handed);

    for (Conversation* each : {&talk, &slow, &quiet}) {
        each->tell(lost);
        const auto heard = each->heard();
        if (loss == Loss::Disabled) {
            check(heard.size() == 1 && heard[0].goodbye().why().code() == v1::PERSON_DISABLED_NOW && each->finished,
                  "hears the end", heard);
        } else {
            std::set<std::string> named, wanted{feed.key()};
            if (isStaff)
                wanted.insert(staff.key());
            for (const v1::Envelope& one : heard)
                named.insert(one.feeds().lost().begin(), one.feeds().lost().end());
            check(heard.size() == 1 && named == wanted && heard[0].feeds().feeds_size() == 0, "hears what is lost",
                  heard);
        }
        each->tell(later);
        check(each->heard().empty(), "hears nothing later", {});
        each->subscribe(feed.key(), 0);
        each->subscribe(staff.key(), 0);
        each->session->drained();
        check(each->heard().empty(), "reads nothing later", {});
        check(each->leaked == 0, "was sent nothing of what came later", {});
    }

    Conversation again(o, {after});
    again.hello(token);
    const auto heard = again.heard();
    if (loss == Loss::Disabled) {
        check(heard.size() == 1 && heard[0].goodbye().why().code() == v1::PERSON_DISABLED_NOW, "comes again", heard);
        return;
    }
    const auto& told = heard[0].welcome().feeds();
    check(heard.size() == 1 &&
              std::none_of(told.begin(), told.end(),
                           [&](const auto& head) { return head.feed() == feed.key() || head.feed() == staff.key(); }),
          "comes again", heard);
    again.subscribe(feed.key(), had.back().number);
    const auto answer = again.heard();
    check(answer.size() == 1 && answer[0].feeds().lost_size() == 1 && answer[0].feeds().lost(0) == feed.key(),
          "asks where it stood", answer);
    check(again.leaked == 0, "was sent nothing of what came later", answer);

    // Let in again, all of it is there once.
    const Committed back = o.commit(o.mint.member(space, person, v1::READER, o.nowMs), {.server = true});
    again.forbidden.clear();
    again.tell(back);
    const auto given = again.heard();
    check(given.size() == 1 && given[0].feeds().feeds_size() == 1 && given[0].feeds().feeds(0).feed() == feed.key(),
          "is let in again", given);
    again.subscribe(feed.key(), 0);
    const auto all = again.heard();
    check(all.size() == 1 && isOf(all[0], feed) && all[0].batch().last() &&
              uint64_t(all[0].batch().versions_size()) == o.state(feed).records,
          "reads it again", all);
}

// A lower role takes the feed for the staff and leaves the space's.
void lowerIt(Organisation& o, Tally& tally, v1::Role from, v1::Role to)
{
    const std::string name = v1::Role_Name(from) + " made " + v1::Role_Name(to);
    const Id person = o.addPerson(wordOf(o.mint.id(o.nowMs).str()));
    const Id space = o.addSpace("Space", v1::PRIVATE);
    o.setMember(space, person, from);
    const Feed feed{FeedKind::Space, space}, staff{FeedKind::Staff, space};
    Conversation talk(o, {});
    (void)talk.enter(o.enrol(person));
    talk.subscribe(feed.key(), 0);
    talk.subscribe(staff.key(), 0);
    (void)talk.heard();
    talk.tell(o.commit(o.mint.member(space, person, to, o.nowMs), {.server = true}));
    const auto heard = talk.heard();
    const bool isTaken = from >= v1::MODERATOR && to < v1::MODERATOR;
    const bool isGiven = from < v1::MODERATOR && to >= v1::MODERATOR;
    int lost = 0, given = 0, batches = 0;
    for (const v1::Envelope& each : heard) {
        lost += each.feeds().lost_size() == 1 && each.feeds().lost(0) == staff.key();
        given += each.feeds().feeds_size() == 1 && each.feeds().feeds(0).feed() == staff.key();
        batches += isOf(each, feed);
    }
    tally.check("losses", lost == isTaken && given == isGiven && batches == 1, name + ":" + said(heard));
    talk.subscribe(staff.key(), 0);
    const auto read = talk.heard();
    tally.check("losses", to >= v1::MODERATOR ? read.size() == 1 && isOf(read[0], staff) : read.empty(),
                name + " reads the feed for the staff:" + said(read));
}

} // namespace

void checkLosses(Organisation& o, Tally& tally)
{
    const v1::Role roles[] = {v1::READER, v1::CONTRIBUTOR, v1::MODERATOR, v1::OWNER};
    for (const v1::Role role : roles) {
        loseIt(o, tally, role, Loss::Removed);
        loseIt(o, tally, role, Loss::Disabled);
        if (role <= v1::CONTRIBUTOR)
            loseIt(o, tally, role, Loss::Closed);
        for (const v1::Role to : roles)
            if (to != role)
                lowerIt(o, tally, role, to);
    }
    // Who is disabled and was in the middle of a conversation is let go when word comes.
    for (const auto& [name, talk] : o.unaware) {
        talk->session->rightsAltered();
        const auto heard = talk->heard();
        tally.check("losses",
                    heard.size() == 1 && heard[0].goodbye().why().code() == v1::PERSON_DISABLED_NOW && talk->finished,
                    name + " hears the end:" + said(heard));
    }
}

void checkHandBacks(Organisation& o, Tally& tally)
{
    // Versions that bear true seals and numbers that the new epoch lost: the worst that a device can have.
    struct Old {
        std::string what;
        Feed feed;
        v1::Version version;
        bool isTaken; // from who may read the feed
    };
    std::vector<Old> all;
    const auto add = [&](const std::string& what, const Feed& feed, const v1::Record& record, bool isTaken) {
        Old old{.what = what, .feed = feed, .version = {}, .isTaken = isTaken};
        const uint64_t head = std::max(o.state(feed).head, uint64_t{1} << limits::epochShift);
        old.version.set_number(head + 1 + all.size());
        old.version.set_record(record.SerializeAsString());
        old.version.set_seal(o.engine->seal(feed, old.version.number(), *Id::from(record.id()), old.version.record()));
        all.push_back(std::move(old));
    };
    const auto version = [&](const Id& id, const Id& author) {
        v1::Record record;
        record.set_id(id.str());
        record.set_revision(9);
        record.set_author(author.str());
        record.set_created_ms(o.nowMs);
        record.set_changed_ms(o.nowMs);
        return record;
    };
    const auto find = [&](const Id& id) { return *o.store->begin()->find(id)->record; };
    const Who& removed = o.who("removed-member");
    std::map<Id, std::pair<Id, Id>> comeBack; // by space: a post by who was removed, and one that was deleted
    for (const Place& place : o.places) {
        const Feed feed{FeedKind::Space, place.id};
        v1::Record post = version(o.mint.id(o.nowMs), removed.person);
        post.mutable_post()->set_kind(v1::QUESTION);
        post.mutable_post()->set_space(place.id.str());
        post.mutable_post()->set_root(post.id());
        post.mutable_post()->set_title("text " + place.word);
        add("a post" + in(place), feed, post, true);
        v1::Record gone = version(o.others.at({place.id, "SECTION"}), {});
        gone.clear_author();
        gone.set_deleted(true);
        add("a tombstone" + in(place), feed, gone, true);
        comeBack[place.id] = {*Id::from(post.id()), *Id::from(gone.id())};
        v1::Record vote = version(markId(o.others.at({place.id, "PAGE"}), o.cleo, v1::VOTE), o.cleo);
        vote.mutable_mark()->set_kind(v1::VOTE);
        vote.mutable_mark()->set_target(o.others.at({place.id, "PAGE"}).str());
        vote.mutable_mark()->set_person(o.cleo.str());
        vote.mutable_mark()->set_value(1);
        add("a vote" + in(place), feed, vote, true);
        v1::Record member = version(membershipId(place.id, removed.person), removed.person);
        member.mutable_membership()->set_space(place.id.str());
        member.mutable_membership()->set_person(removed.person.str());
        member.mutable_membership()->set_role(v1::OWNER);
        add("a membership" + in(place), feed, member, false);
        v1::Record space = find(place.id);
        space.mutable_space()->set_visibility(v1::OPEN);
        add("the space, open," + in(place), feed, space, true);
        v1::Record page = version(o.mint.id(o.nowMs), o.olga);
        page.mutable_post()->set_kind(v1::PAGE);
        page.mutable_post()->set_title(place.staffWord);
        add("the staff's page" + in(place), {FeedKind::Staff, place.id}, page, true);
    }
    v1::Record admin = find(removed.person);
    admin.mutable_person()->set_admin(true);
    add("an admin", {FeedKind::Directory, o.organisation}, admin, false);
    add("the organisation", {FeedKind::Directory, o.organisation}, find(o.organisation), false);
    for (const Feed& feed : o.feeds()) {
        if (feed.kind != FeedKind::Person)
            continue;
        const Id on = o.others.at({o.places[0].id, "ANSWER"});
        v1::Record mark = version(markId(on, feed.owner, v1::BOOKMARK), feed.owner);
        mark.mutable_mark()->set_kind(v1::BOOKMARK);
        mark.mutable_mark()->set_target(on.str());
        mark.mutable_mark()->set_person(feed.owner.str());
        mark.mutable_mark()->set_value(1);
        add("a bookmark", feed, mark, true);
    }
    o.engine->beginEpoch(o.engine->epoch() + 1);

    const auto handBack = [](const Old& old) {
        v1::Envelope envelope;
        envelope.mutable_hand_back()->set_feed(old.feed.key());
        *envelope.mutable_hand_back()->add_versions() = old.version;
        return envelope;
    };
    o.store->rehearsing = true;
    for (const Who& who : o.everybody) {
        if (!who.active)
            continue;
        Conversation talk(o, o.forbidden(who));
        (void)talk.enter(who.token);
        for (const Old& old : all) {
            talk.say(handBack(old));
            const auto committed = talk.carryOut();
            const auto heard = talk.heard();
            const bool taken = o.reads(who, old.feed) && old.isTaken;
            bool right = heard.size() == 1 && heard[0].handed_back().taken() == (taken ? 1 : 0) &&
                         heard[0].handed_back().not_taken() == (taken ? 0 : 1) && talk.leaked == 0 &&
                         committed.size() == 1 && committed[0].news.size() == (taken ? 1 : 0) &&
                         !committed[0].rightsAltered;
            tally.check("handing back", right, who.name + " hands back " + old.what + ":" + said(heard));
        }
        // A seal that is not this server's, or another version's: the same answer whatever it is of.
        std::string answer;
        std::vector<Old> forged = all;
        forged.push_back(all.front());
        forged.back().feed = {FeedKind::Space, o.missing};
        for (size_t i = 0; i < forged.size(); ++i) {
            Old old = forged[i];
            if (i % 2 == 0)
                old.version.mutable_seal()->back() ^= 1;
            else
                old.version.set_number(old.version.number() + 1);
            Conversation liar(o, o.forbidden(who));
            (void)liar.enter(who.token);
            liar.say(handBack(old));
            const auto committed = liar.carryOut();
            const auto heard = liar.heard();
            if (answer.empty())
                answer = liar.lastBytes;
            tally.check("handing back",
                        heard.size() == 1 && heard[0].goodbye().why().code() == v1::PROTOCOL &&
                            liar.lastBytes == answer && committed.size() == 1 && committed[0].news.empty(),
                        who.name + " forges " + old.what + ":" + said(heard));
        }
    }
    o.store->rehearsing = false;

    // What somebody else handed back first must not answer those who may not read it.
    for (const Old& old : all) {
        v1::HandBack message = handBack(old).hand_back();
        if (old.feed.kind == FeedKind::Space)
            (void)o.engine->handBack(o.olga, message);
    }
    o.store->rehearsing = true;
    for (const Who& who : o.everybody) {
        if (!who.active)
            continue;
        Conversation talk(o, o.forbidden(who));
        (void)talk.enter(who.token);
        for (const Place& place : o.places) {
            const auto ask = [&](v1::Change change, v1::Change ofNothing, const std::string& what) {
                ofNothing.set_id(change.id());
                const auto push = [&](const v1::Change& each) {
                    talk.say(pushOf(each));
                    (void)talk.carryOut();
                    (void)talk.heard();
                    return talk.lastBytes;
                };
                if (o.standing(who, place) == Standing::None)
                    tally.check("handing back", push(change) == push(ofNothing) && talk.leaked == 0,
                                who.name + ": " + what + in(place) + " is answered unlike what is missing");
            };
            const auto& [post, gone] = comeBack.at(place.id);
            ask(o.mint.remove(gone, o.nowMs), o.mint.remove(o.missing, o.nowMs), "deletes again what came back");
            v1::Change written = o.mint.post(v1::QUESTION, place.id, {}, "text", o.nowMs);
            written.set_target(post.str());
            ask(written, o.mint.post(v1::QUESTION, o.missing, {}, "text", o.nowMs), "writes again what came back");
        }
    }
    o.store->rehearsing = false;
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
    checkHandBacks(organisation, tally);
    return tally;
}

} // namespace stoa::test
