#pragma once

// Changes in the words of the domain, as a device would mint them.

#include <random>

#include "shared/domain/feed.h"
#include "shared/text/codec.h"
#include "shared/text/diff.h"
#include "stoa/v1/change.pb.h"

namespace stoa::test {

class Mint {
public:
    explicit Mint(uint64_t seed) : generator_(seed) {}

    Id id(int64_t nowMs)
    {
        return newId(nowMs, [this](std::span<uint8_t> bytes) {
            for (uint8_t& byte : bytes)
                byte = uint8_t(generator_());
        });
    }
    uint64_t number(uint64_t below) { return below == 0 ? 0 : generator_() % below; }
    bool chance(int percent) { return number(100) < uint64_t(percent); }

    v1::Change change(const Id& target, int64_t nowMs)
    {
        v1::Change made;
        made.set_id(id(nowMs).str());
        made.set_target(target.str());
        made.set_made_ms(nowMs);
        return made;
    }
    v1::Change post(v1::PostKind kind, const Id& space, const Id& parent, const std::string& text, int64_t nowMs)
    {
        v1::Change made = change(id(nowMs), nowMs);
        v1::CreatePost& post = *made.mutable_create_post();
        post.set_kind(kind);
        post.set_space(space.str());
        if (!parent.isNull())
            post.set_parent(parent.str());
        const bool isTitled = kind != v1::ANSWER && kind != v1::COMMENT && kind != v1::PROPOSAL;
        (isTitled ? post.mutable_title() : post.mutable_body())->assign(text);
        if (kind == v1::PROPOSAL)
            post.set_reason("for a reason");
        return made;
    }
    v1::Change mark(v1::MarkKind kind, const Id& on, const Id& person, int64_t value, int64_t nowMs)
    {
        v1::Change made = change(markId(on, person, kind), nowMs);
        made.mutable_set_mark()->set_kind(kind);
        made.mutable_set_mark()->set_on(on.str());
        made.mutable_set_mark()->set_value(value);
        return made;
    }
    v1::Change member(const Id& space, const Id& person, v1::Role role, int64_t nowMs)
    {
        v1::Change made = change(membershipId(space, person), nowMs);
        made.mutable_set_membership()->set_space(space.str());
        made.mutable_set_membership()->set_person(person.str());
        made.mutable_set_membership()->set_role(role);
        return made;
    }
    v1::Change edit(const Id& target, v1::Field field, const std::string& text, const std::string& seen, int64_t nowMs)
    {
        v1::Change made = change(target, nowMs);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(field);
        edit.set_seen(seen);
        edit.mutable_value()->set_text(text);
        return made;
    }
    // Of a body, from the one text to the other, over the body as it was created.
    v1::Change write(const Id& target, const std::string& before, const std::string& after, int64_t nowMs)
    {
        v1::Change made = change(target, nowMs);
        made.mutable_edit_text()->set_text(encode(diff(before, after)));
        return made;
    }
    v1::Change accept(const Id& question, const Id& answer, const std::string& seen, int64_t nowMs)
    {
        v1::Change made = change(question, nowMs);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(v1::POST_ACCEPTED);
        edit.set_seen(seen);
        edit.mutable_value()->set_ref(answer.str());
        return made;
    }
    v1::Change remove(const Id& target, int64_t nowMs)
    {
        v1::Change made = change(target, nowMs);
        made.mutable_delete_();
        return made;
    }

private:
    std::mt19937_64 generator_;
};

} // namespace stoa::test
