#pragma once

// A small organisation in memory, spoken to in the words of the domain. Every change made here goes
// through apply, as on the server, and is kept when it is accepted.

#include <map>
#include <string>

#include "shared/base/limits.h"
#include "shared/domain/apply.h"
#include "shared/domain/may.h"
#include "shared/text/codec.h"
#include "shared/text/diff.h"

namespace stoa::test {

class World : public Reader {
public:
    World()
    {
        v1::Change init = change(organisation);
        init.mutable_create_organisation()->set_name("Northwind");
        directory = Id{};
        STOA_ASSERT(accept(init, server()));
        directory = organisation;
        ada = addPerson("ada", true);
        ben = addPerson("ben");
        cleo = addPerson("cleo");
        space = addSpace(v1::OPEN);
    }

    std::optional<Located> find(const Id& id) const override
    {
        const auto found = records_.find(id);
        return found == records_.end() ? std::nullopt : std::optional(found->second);
    }
    bool loginExists(std::string_view login) const override
    {
        for (const auto& [id, located] : records_) {
            if (located.record->has_person() && located.record->person().login() == login)
                return true;
        }
        return false;
    }

    static Actor server() { return {.server = true}; }
    static Actor import() { return {.server = true, .import = true}; }
    static Actor as(const Id& person) { return {.person = person}; }

    Id id() { return deriveId(nowMs, "test", std::to_string(++minted_)); }

    v1::Change change(const Id& target)
    {
        v1::Change made;
        made.set_id(id().str());
        made.set_target(target.str());
        return made;
    }
    v1::Change post(v1::PostKind kind, const Id& in, const Id& parent, const std::string& text)
    {
        v1::Change made = change(id());
        v1::CreatePost* post = made.mutable_create_post();
        post->set_kind(kind);
        post->set_space(in.str());
        if (!parent.isNull())
            post->set_parent(parent.str());
        const bool isTitled = kind != v1::ANSWER && kind != v1::COMMENT && kind != v1::PROPOSAL;
        (isTitled ? post->mutable_title() : post->mutable_body())->assign(text);
        if (kind == v1::PROPOSAL)
            post->set_reason("for a reason");
        return made;
    }
    v1::Change editText(const Id& target, v1::Field field, const std::string& text, const std::string& seen = {})
    {
        v1::Change made = change(target);
        v1::FieldEdit* edit = made.mutable_edit()->add_fields();
        edit->set_field(field);
        edit->set_seen(seen);
        edit->mutable_value()->set_text(text);
        return made;
    }
    // Of the body, from the one text to the other.
    v1::Change write(const Id& target, const std::string& before, const std::string& after)
    {
        v1::Change made = change(target);
        made.mutable_edit_text()->set_text(encode(diff(before, after)));
        return made;
    }
    v1::Change editRef(const Id& target, v1::Field field, const Id& ref)
    {
        v1::Change made = change(target);
        v1::FieldEdit* edit = made.mutable_edit()->add_fields();
        edit->set_field(field);
        edit->mutable_value()->set_ref(ref.isNull() ? std::string() : ref.str());
        return made;
    }
    v1::Change editNumber(const Id& target, v1::Field field, int64_t number, const std::string& seen = {})
    {
        v1::Change made = change(target);
        v1::FieldEdit* edit = made.mutable_edit()->add_fields();
        edit->set_field(field);
        edit->set_seen(seen);
        edit->mutable_value()->set_number(number);
        return made;
    }
    v1::Change editRefs(const Id& target, v1::Field field, const std::vector<Id>& refs)
    {
        v1::Change made = change(target);
        v1::FieldEdit* edit = made.mutable_edit()->add_fields();
        edit->set_field(field);
        edit->mutable_value()->mutable_refs();
        for (const Id& ref : refs)
            edit->mutable_value()->mutable_refs()->add_ref(ref.str());
        return made;
    }
    v1::Change mark(v1::MarkKind kind, const Id& on, const Id& person, int64_t value)
    {
        v1::Change made = change(markId(on, person, kind));
        made.mutable_set_mark()->set_kind(kind);
        made.mutable_set_mark()->set_on(on.str());
        made.mutable_set_mark()->set_value(value);
        return made;
    }
    v1::Change member(const Id& in, const Id& person, v1::Role role)
    {
        v1::Change made = change(membershipId(in, person));
        made.mutable_set_membership()->set_space(in.str());
        made.mutable_set_membership()->set_person(person.str());
        made.mutable_set_membership()->set_role(role);
        return made;
    }
    v1::Change remove(const Id& target)
    {
        v1::Change made = change(target);
        made.mutable_delete_();
        return made;
    }

    // Applies at `nowMs`; the refusal's code, or CODE_NONE.
    v1::Code submit(const v1::Change& made, const Actor& actor) { return submitAt(made, actor, nowMs); }
    v1::Code submitAt(const v1::Change& made, const Actor& actor, int64_t timeMs)
    {
        const auto outcome = apply(made, {actor, timeMs, directory}, *this);
        if (!outcome)
            return outcome.error().code;
        lastVersions = outcome->versions.size();
        for (const Applied& version : outcome->versions) {
            records_[*Id::from(version.record.id())] = {version.feed, std::make_shared<v1::Record>(version.record)};
        }
        return v1::CODE_NONE;
    }
    bool accept(const v1::Change& made, const Actor& actor) { return submit(made, actor) == v1::CODE_NONE; }

    Id addPerson(const std::string& login, bool admin = false)
    {
        v1::Change made = change(id());
        made.mutable_create_person()->set_login(login);
        made.mutable_create_person()->set_name(login);
        made.mutable_create_person()->set_admin(admin);
        STOA_ASSERT(accept(made, server()));
        return *Id::from(made.target());
    }
    Id addSpace(v1::Visibility visibility)
    {
        v1::Change made = change(id());
        made.mutable_create_space()->set_name("Space");
        made.mutable_create_space()->set_visibility(visibility);
        STOA_ASSERT(accept(made, server()));
        return *Id::from(made.target());
    }
    Id addPost(v1::PostKind kind, const Id& parent, const Id& author, const std::string& text = "Why?")
    {
        const v1::Change made = post(kind, space, parent, text);
        STOA_ASSERT(accept(made, as(author)));
        return *Id::from(made.target());
    }
    const v1::Record& record(const Id& id) const { return *records_.at(id).record; }
    // As if an accepted change had made it.
    void put(const Feed& feed, const v1::Record& record)
    {
        records_[*Id::from(record.id())] = {feed, std::make_shared<v1::Record>(record)};
    }

    int64_t nowMs = 1'800'000'000'000;
    Id organisation = deriveId(1, "test", "organisation");
    Id directory;
    Id ada, ben, cleo, space; // ada is an admin; the space is open
    size_t lastVersions = 0;  // that the last accepted change made

private:
    std::map<Id, Located> records_;
    int minted_ = 0;
};

} // namespace stoa::test
