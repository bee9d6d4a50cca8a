// Who may change what, cell by cell: every act, field, kind of post and kind of mark that the protocol has, asked for
// by everybody who can stand in some relation to a space, in spaces of every visibility. What is expected stands in
// tests/permissions/rights.h and nowhere else.

#include <chrono>
#include <cstdio>
#include <set>

#include "shared/domain/fields.h"
#include "shared/domain/may.h"
#include "tests/permissions/rights.h"
#include "tests/shared/domain/world.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// One who asks.
struct Who {
    std::string name;
    Actor actor;
    Standing member = Standing::None; // by a membership in each of the spaces
    bool admin = false;
    bool active = true;

    bool isServer() const { return actor.server; }
    Standing in(v1::Visibility visibility) const
    {
        if (!active)
            return Standing::None;
        return isServer() ? Standing::Owner : standingIn(visibility, member);
    }
    bool may(const std::string& cell, Standing standing) const
    {
        if (!active)
            return false;
        if (isServer())
            return cell.find_first_of(actor.import ? "RCMOA*I" : "RCMOA*") != std::string::npos;
        return names(cell, standing, admin);
    }
};

// What must come back.
enum class Answer { Accepted, Refused, NotFound, Exists, RefusedSomehow };

struct Tally {
    int cells = 0;
    std::string wrong;

    void check(const World& world, const Who& who, const v1::Change& change, Answer expected, const std::string& what)
    {
        ++cells;
        const auto outcome = apply(change, {who.actor, world.nowMs, world.directory}, world);
        const v1::Code code = outcome ? v1::CODE_NONE : outcome.error().code;
        const bool right = expected == Answer::Accepted ? code == v1::CODE_NONE
                         : expected == Answer::NotFound ? code == v1::NOT_FOUND
                         : expected == Answer::Exists   ? code == v1::EXISTS
                         : expected == Answer::Refused  ? code != v1::CODE_NONE && code != v1::NOT_FOUND
                                                        : code != v1::CODE_NONE;
        if (!right && wrong.size() < 4'000)
            wrong += who.name + ": " + what + " gave " + v1::Code_Name(code) + "\n";
    }
};

std::vector<std::string> namesOf(const google::protobuf::EnumDescriptor& type)
{
    std::vector<std::string> names;
    for (int i = 1; i < type.value_count(); ++i) // the first is none
        names.push_back(type.value(i)->name());
    return names;
}

std::vector<v1::PostKind> postKinds()
{
    std::vector<v1::PostKind> kinds;
    for (const std::string& name : namesOf(*v1::PostKind_descriptor()))
        kinds.push_back(static_cast<v1::PostKind>(v1::PostKind_descriptor()->FindValueByName(name)->number()));
    return kinds;
}

// The columns that the protocol has: the things, with a post as each of its kinds.
std::set<std::string> columnsOfProtocol()
{
    std::set<std::string> columns;
    const auto* thing = v1::Record::descriptor()->FindOneofByName("thing");
    for (int i = 0; i < thing->field_count(); ++i) {
        std::string name = thing->field(i)->name();
        for (char& c : name)
            c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (name != "POST")
            columns.insert(name);
    }
    for (const std::string& kind : namesOf(*v1::PostKind_descriptor()))
        columns.insert(kind);
    columns.insert("REVIEWED"); // a page that asks for review
    return columns;
}

// Spaces of each visibility, one more that is hidden from everybody who asks, and in each of them a record for every
// column: by somebody else, and for everybody who asks one of their own.
class Company : public World {
public:
    std::vector<Who> everybody;
    std::map<v1::Visibility, Id> spaces;
    Id hidden; // private, and nobody who asks is a member
    Id olga;   // somebody else: an owner everywhere
    Id missing = id();
    Id hiddenPost;

    Company()
    {
        olga = addPerson("olga");
        for (const v1::Visibility visibility : {v1::OPEN, v1::RESTRICTED, v1::PRIVATE})
            spaces[visibility] = addSpace(visibility);
        hidden = addSpace(v1::PRIVATE);
        addEverybody();
        for (const auto& [visibility, in] : spaces)
            fill(in);
        fill(hidden);
        hiddenPost = others.at({hidden, "QUESTION"});
    }

    // The record of that column, where there is one.
    std::optional<Id> record(const Id& in, const std::string& column, const Who* owner) const
    {
        if (column == "ORGANISATION")
            return owner ? std::nullopt : std::optional(organisation);
        if (column == "PERSON")
            return !owner ? olga : owner->actor.server ? std::nullopt : std::optional(owner->actor.person);
        if (column == "SPACE")
            return owner ? std::nullopt : std::optional(in);
        const auto found = owner ? own.find({in, column + owner->name}) : others.find({in, column});
        return found == (owner ? own.end() : others.end()) ? std::nullopt : std::optional(found->second);
    }
    std::map<std::pair<Id, std::string>, Id> others, own, deleted, answers;

private:
    void addEverybody()
    {
        const auto add = [&](const std::string& name, Standing member, bool admin = false) {
            const Id person = addPerson(name, admin);
            everybody.push_back({name, as(person), member, admin});
            return person;
        };
        add("stranger", Standing::None);
        add("reader", Standing::Reader);
        add("contributor", Standing::Contributor);
        add("moderator", Standing::Moderator);
        add("owner", Standing::Owner);
        const Id removed = add("removed-member", Standing::None);
        add("admin", Standing::None, true);
        add("admin-and-reader", Standing::Reader, true);
        const Id disabledOwner = add("disabled-owner", Standing::Owner);
        const Id disabledAdmin = add("disabled-admin", Standing::None, true);
        everybody.push_back({"nobody-known", as(id()), Standing::None, false, false});
        everybody.push_back({"server", server()});
        everybody.push_back({"import", import()});
        for (const auto& [visibility, in] : spaces) {
            STOA_ASSERT(accept(member(in, removed, v1::OWNER), server()));
            STOA_ASSERT(accept(member(in, removed, v1::ROLE_NONE), server()));
            STOA_ASSERT(accept(member(in, olga, v1::OWNER), server()));
            for (const Who& who : everybody) {
                if (who.member != Standing::None) {
                    STOA_ASSERT(accept(member(in, who.actor.person, static_cast<v1::Role>(who.member)), server()));
                }
            }
        }
        STOA_ASSERT(accept(member(hidden, olga, v1::OWNER), server()));
        for (const Id& person : {disabledOwner, disabledAdmin}) {
            v1::Change disable = change(person);
            v1::FieldEdit* edit = disable.mutable_edit()->add_fields();
            edit->set_field(v1::PERSON_DISABLED);
            edit->mutable_value()->set_number(1);
            STOA_ASSERT(accept(disable, server()));
        }
        for (Who& who : everybody)
            who.active = who.active && who.name.rfind("disabled", 0) != 0;
    }

    Id by(const Id& author, v1::Change made)
    {
        made.mutable_origin()->set_author(author.str());
        STOA_ASSERT(accept(made, import()));
        return *Id::from(made.target());
    }

    // As the rules know posts: where a kind stands in the thread.
    std::pair<Id, Id> addThread(const Id& in, const Id& author, v1::PostKind kind)
    {
        const Id question = kind == v1::ANSWER ? by(olga, post(v1::QUESTION, in, {}, "x")) : Id{};
        const Id page = kind == v1::COMMENT || kind == v1::PROPOSAL ? by(olga, post(v1::PAGE, in, {}, "x")) : Id{};
        const Id made = by(author, post(kind, in, kind == v1::ANSWER ? question : page, "x"));
        return {made, kind == v1::QUESTION ? by(olga, post(v1::ANSWER, in, made, "x")) : Id{}};
    }

    Id addReviewed(const Id& in, const Id& author)
    {
        const Id page = by(author, post(v1::PAGE, in, {}, "x"));
        STOA_ASSERT(accept(editNumber(page, v1::POST_REVIEW, v1::REVIEW_ASKED), server()));
        return page;
    }

    Id addMark(const Id& on, const Id& person, v1::MarkKind kind, const Feed& feed)
    {
        v1::Record record;
        record.set_id(markId(on, person, kind).str());
        record.set_revision(1);
        record.set_author(person.str());
        record.mutable_mark()->set_kind(kind);
        record.mutable_mark()->set_target(on.str());
        record.mutable_mark()->set_person(person.str());
        record.mutable_mark()->set_value(1);
        put(feed, record);
        return *Id::from(record.id());
    }

    void fill(const Id& in)
    {
        const Feed feed{FeedKind::Space, in};
        for (const v1::PostKind kind : postKinds()) {
            const std::string name = v1::PostKind_Name(kind);
            const auto keep = [&](const std::pair<Id, Id>& made, auto& where, const std::string& key) {
                where[{in, key}] = made.first;
                if (!made.second.isNull())
                    answers[{in, made.first.str()}] = made.second;
            };
            keep(addThread(in, olga, kind), others, name);
            const Id gone = addThread(in, olga, kind).first;
            STOA_ASSERT(accept(remove(gone), server()));
            deleted[{in, name}] = gone;
            for (const Who& who : everybody)
                if (!who.isServer())
                    keep(addThread(in, who.actor.person, kind), own, name + who.name);
        }
        others[{in, "REVIEWED"}] = addReviewed(in, olga);
        for (const Who& who : everybody)
            if (!who.isServer())
                own[{in, "REVIEWED" + who.name}] = addReviewed(in, who.actor.person);
        const Id page = others.at({in, "PAGE"});
        others[{in, "MARK"}] = addMark(page, olga, v1::VOTE, feed);
        others[{in, "MEMBERSHIP"}] = membershipId(in, olga);
        for (const Who& who : everybody) {
            if (who.isServer())
                continue;
            own[{in, "MARK" + who.name}] = addMark(page, who.actor.person, v1::VOTE, feed);
            if (find(membershipId(in, who.actor.person)))
                own[{in, "MEMBERSHIP" + who.name}] = membershipId(in, who.actor.person);
        }
    }
};

bool isOwn(const Company& w, const Who& who, const Id& record)
{
    const auto found = w.find(record);
    return found && !who.isServer() && found->record->author() == who.actor.person.view();
}

// The change of a row to a record that is there, or not.
v1::Change changeOf(Company& w, const std::string& row, const Who& who, const Id& in, const Id& target)
{
    if (row == "delete")
        return w.remove(target);
    if (row == "edit_text")
        return w.write(target, {}, "x");
    v1::MarkKind mark = v1::MARK_NONE;
    if (v1::MarkKind_Parse(row, &mark))
        return w.mark(mark, target, who.actor.person, 1);
    v1::Field field = v1::FIELD_NONE;
    REQUIRE(v1::Field_Parse(row, &field));
    const FieldRule* rule = fieldRule(field);
    INFO(row);
    REQUIRE(rule != nullptr);
    v1::Change change = w.change(target);
    v1::FieldEdit* edit = change.mutable_edit()->add_fields();
    edit->set_field(field);
    switch (rule->kind) {
    case v1::Value::kText:
        edit->mutable_value()->set_text("2027-06-30");
        break;
    case v1::Value::kNumber:
        edit->mutable_value()->set_number(field != v1::PROPOSAL_STATE ? 1
                                          : isOwn(w, who, target)     ? v1::PROPOSAL_WITHDRAWN
                                                                      : v1::PROPOSAL_DECLINED);
        break;
    case v1::Value::kRefs:
        edit->mutable_value()->mutable_refs();
        break;
    case v1::Value::kTexts:
        edit->mutable_value()->mutable_texts()->add_text("x");
        break;
    default: {
        const auto answer = w.answers.find({in, target.str()});
        const bool toAnswer = field == v1::POST_ACCEPTED && answer != w.answers.end();
        edit->mutable_value()->set_ref(toAnswer ? answer->second.str() : std::string());
    }
    }
    return change;
}

bool isMark(const std::string& row)
{
    v1::MarkKind mark = v1::MARK_NONE;
    return v1::MarkKind_Parse(row, &mark);
}

Answer refusal(bool reads)
{
    return reads ? Answer::Refused : Answer::NotFound;
}

// What is done to a record that exists: others' and one's own, in this space and in a hidden one, deleted, missing.
void checkRow(Company& w, Tally& tally, const Table& expected, const Who& who, v1::Visibility visibility,
              const std::string& row)
{
    const Id in = w.spaces.at(visibility);
    const bool noMarks = who.isServer() && isMark(row);
    const auto ask = [&](const Id& target, const Id& space, Answer answer, const std::string& what) {
        tally.check(w, who, changeOf(w, row, who, space, target), noMarks ? Answer::RefusedSomehow : answer,
                    row + " of " + what);
    };
    for (const std::string& column : expected.columns) {
        const bool everybodyReads = column == "ORGANISATION" || column == "PERSON";
        const auto answer = [&](Standing standing, bool own) {
            const bool may = who.may(expected.cell(row, column, own), standing) ||
                             (who.isServer() && who.may(expected.cell(row, column, !own), standing));
            return may ? Answer::Accepted : refusal(who.active && (everybodyReads || standing != Standing::None));
        };
        const std::string where = column + " in " + v1::Visibility_Name(visibility) + " space";
        if (const auto target = w.record(in, column, nullptr))
            ask(*target, in, answer(who.in(visibility), false), where);
        if (const auto target = w.record(in, column, &who))
            ask(*target, in, answer(who.in(visibility), true), "own " + where);
        const Standing inHidden = who.isServer() ? Standing::Owner : Standing::None;
        if (const auto target = w.record(w.hidden, column, nullptr))
            ask(*target, w.hidden, answer(inHidden, false), "hidden " + column);
        // What somebody wrote before they lost sight of it is as hidden as all else.
        if (const auto target = w.record(w.hidden, column, &who))
            ask(*target, w.hidden, answer(inHidden, true), "own hidden " + column);
        if (const auto gone = w.deleted.find({in, column}); gone != w.deleted.end())
            ask(gone->second, in, Answer::NotFound, "deleted " + where);
    }
    ask(w.missing, in, Answer::NotFound, "what is missing");
}

void checkCreations(Company& w, Tally& tally, const Table& expected, const Who& who, v1::Visibility visibility)
{
    const Id in = w.spaces.at(visibility);
    const Standing standing = who.in(visibility);
    const bool reads = standing != Standing::None;
    const auto withTarget = [](v1::Change change, const Id& target) {
        change.set_target(target.str());
        return change;
    };
    // Under an id that is free, that something visible has, and that something hidden has.
    const auto ask = [&](const v1::Change& change, const std::string& column, bool readable) {
        const bool may = who.may(expected.cell("create", column, false), standing);
        const auto answer = [&](Answer allowed) { return may ? allowed : refusal(readable); };
        const std::string what = "create " + column;
        tally.check(w, who, change, answer(Answer::Accepted), what);
        tally.check(w, who, withTarget(change, w.olga), answer(Answer::Exists), what + " in place of a person");
        tally.check(w, who, withTarget(change, w.hiddenPost),
                    answer(who.isServer() ? Answer::Exists : Answer::NotFound), what + " in place of a hidden post");
        v1::Change forged = change;
        forged.mutable_origin()->set_author(w.olga.str());
        tally.check(w, who, forged, who.actor.import ? answer(Answer::Accepted) : Answer::RefusedSomehow,
                    what + " as somebody else");
    };
    v1::Change organisation = w.change(w.id());
    organisation.mutable_create_organisation()->set_name("Second");
    ask(organisation, "ORGANISATION", who.active);
    v1::Change person = w.change(w.id());
    person.mutable_create_person()->set_login("new");
    person.mutable_create_person()->set_name("New");
    ask(person, "PERSON", who.active);
    v1::Change space = w.change(w.id());
    space.mutable_create_space()->set_name("New");
    space.mutable_create_space()->set_visibility(v1::OPEN);
    ask(space, "SPACE", who.active);

    for (const v1::PostKind kind : postKinds()) {
        const std::string column = v1::PostKind_Name(kind);
        const bool may = who.may(expected.cell("create", column, false), standing);
        const Id under = kind == v1::ANSWER   ? w.others.at({in, "QUESTION"})
                       : kind == v1::COMMENT  ? w.others.at({in, "ANSWER"})
                       : kind == v1::PROPOSAL ? w.others.at({in, "PAGE"})
                                              : Id{};
        ask(w.post(kind, in, under, "x"), column, reads);
        const auto refusedUnder = [&](const Id& parent, const std::string& what) {
            tally.check(w, who, w.post(kind, in, parent, "x"), may ? Answer::NotFound : refusal(reads),
                        "create " + column + " under " + what);
        };
        if (kind != v1::QUESTION) {
            refusedUnder(w.missing, "what is missing");
            refusedUnder(w.deleted.at({in, "PAGE"}), "what is deleted");
            refusedUnder(w.hiddenPost, "what is hidden");
        }
        const Id hiddenParent = under.isNull()       ? under
                              : kind == v1::PROPOSAL ? w.others.at({w.hidden, "PAGE"})
                                                     : w.hiddenPost;
        tally.check(w, who, w.post(kind, w.missing, under, "x"), Answer::NotFound, "create " + column + " nowhere");
        tally.check(w, who, w.post(kind, w.hidden, hiddenParent, "x"),
                    who.isServer() ? Answer::Accepted : Answer::NotFound, "create " + column + " in a hidden space");
    }
}

void checkMemberships(Company& w, Tally& tally, const Table& expected, const Who& who, v1::Visibility visibility)
{
    const Id in = w.spaces.at(visibility);
    const std::string cell = expected.cell("create", "MEMBERSHIP", false);
    const auto ask = [&](const Id& space, const Id& person, int role, Standing standing, bool there) {
        const bool may = who.may(cell, standing);
        const Answer answer = !may ? refusal(standing != Standing::None) : there ? Answer::Accepted : Answer::NotFound;
        tally.check(w, who, w.member(space, person, static_cast<v1::Role>(role)), answer,
                    "make a member " + v1::Role_Name(static_cast<v1::Role>(role)));
    };
    for (int i = 0; i < v1::Role_descriptor()->value_count(); ++i) {
        const int role = v1::Role_descriptor()->value(i)->number();
        ask(in, w.olga, role, who.in(visibility), true);
        ask(in, w.cleo, role, who.in(visibility), true);
        ask(in, w.missing, role, who.in(visibility), false);
        ask(in, w.hiddenPost, role, who.in(visibility), false);
        ask(w.hiddenPost, w.cleo, role, who.isServer() ? Standing::Owner : Standing::None, false);
        ask(in, w.others.at({in, "MARK"}), role, who.in(visibility), false);
        ask(w.hidden, w.cleo, role, who.isServer() ? Standing::Owner : Standing::None, true);
        ask(w.missing, w.cleo, role, who.isServer() ? Standing::Owner : Standing::None, false);
        if (!who.isServer() && w.find(who.actor.person))
            ask(in, who.actor.person, role, who.in(visibility), true);
    }
}

} // namespace

TEST_CASE("rights name every act, field, kind of post and kind of mark, and nothing else")
{
    const Table expected(rights);
    std::set<std::string> rows;
    const auto* acts = v1::Change::descriptor()->FindOneofByName("act");
    for (int i = 0; i < acts->field_count(); ++i) {
        const auto of = rowsOfAct(acts->field(i)->name());
        INFO("no row of rights is for the act " << acts->field(i)->name());
        CHECK_FALSE(of.empty());
        rows.insert(of.begin(), of.end());
    }
    std::set<std::string> named;
    for (const auto& [row, cells] : expected.rows)
        named.insert(row);
    CHECK(named == rows);
    CHECK(std::set(expected.columns.begin(), expected.columns.end()) == columnsOfProtocol());
}

TEST_CASE("everybody may what rights say and nothing else, and does not learn of what they may not read")
{
    const auto start = std::chrono::steady_clock::now();
    Company w;
    const Table expected(rights);
    Tally tally;
    for (const Who& who : w.everybody) {
        for (const auto& [visibility, in] : w.spaces) {
            for (const auto& [row, cells] : expected.rows)
                if (row != "create")
                    checkRow(w, tally, expected, who, visibility, row);
            checkCreations(w, tally, expected, who, visibility);
            checkMemberships(w, tally, expected, who, visibility);
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("rights: %d cells in %.2f s\n", tally.cells, took.count());
    INFO(tally.wrong);
    CHECK(tally.wrong.empty());
    CHECK(tally.cells >= 3'000);
}

TEST_CASE("feeds are read by those whom they are for")
{
    Company w;
    for (const Who& who : w.everybody) {
        const auto reads = [&](FeedKind kind, const Id& owner) {
            return mayRead({kind, owner}, who.actor, w, w.directory);
        };
        INFO(who.name);
        for (const auto& [visibility, in] : w.spaces) {
            INFO(v1::Visibility_Name(visibility));
            CHECK(reads(FeedKind::Space, in) == (who.in(visibility) != Standing::None));
            CHECK(reads(FeedKind::Staff, in) == (who.in(visibility) >= Standing::Moderator));
        }
        CHECK(reads(FeedKind::Space, w.hidden) == who.isServer());
        CHECK(reads(FeedKind::Staff, w.hidden) == who.isServer());
        CHECK(reads(FeedKind::Directory, w.directory) == who.active);
        CHECK(reads(FeedKind::Person, w.olga) == who.isServer());
        CHECK(reads(FeedKind::Person, who.actor.person) == who.active);
    }
}

TEST_CASE("nobody touches a bookmark that is not theirs, nor learns of it")
{
    Company w;
    const Id page = w.others.at({w.spaces.at(v1::OPEN), "PAGE"});
    REQUIRE(w.accept(w.mark(v1::BOOKMARK, page, w.olga, 1), World::as(w.olga)));
    const Id bookmark = markId(page, w.olga, v1::BOOKMARK);
    for (const Who& who : w.everybody) {
        INFO(who.name);
        const v1::Code wanted = who.isServer() ? v1::NOT_ALLOWED : v1::NOT_FOUND;
        CHECK(w.submit(w.editText(bookmark, v1::POST_TITLE, "x"), who.actor) == wanted);
        if (!who.isServer()) {
            CHECK(w.submit(w.remove(bookmark), who.actor) == wanted);
            CHECK(w.submit(w.mark(v1::VOTE, bookmark, who.actor.person, 1), who.actor) == wanted);
        }
    }
}

TEST_CASE("of an edit's fields one that may not be set refuses all")
{
    World w;
    v1::Change edit = w.editText(w.ben, v1::PERSON_NAME, "Ben");
    v1::FieldEdit* admin = edit.mutable_edit()->add_fields();
    admin->set_field(v1::PERSON_ADMIN);
    admin->mutable_value()->set_number(1);
    CHECK(w.submit(edit, World::as(w.ben)) == v1::NOT_ALLOWED);
    CHECK(w.record(w.ben).person().name() == "ben");
    CHECK_FALSE(w.record(w.ben).person().admin());
}
