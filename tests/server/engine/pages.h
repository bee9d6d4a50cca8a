#pragma once

// Pages whose bodies people change at the same time.

#include "server/engine/texts.h"
#include "shared/domain/fields.h"
#include "shared/text/codec.h"
#include "tests/server/engine/world.h"

namespace stoa {

class Pages : public World {
public:
    Pages()
    {
        ben = person("ben");
        page = post(v1::PAGE, "one two three", ada);
    }

    Id person(const std::string& login)
    {
        const Id id = newId(1, random);
        v1::Change made = change(id);
        made.mutable_create_person()->set_login(login);
        made.mutable_create_person()->set_name(login);
        REQUIRE(submit(made, {.server = true}).effects_size() == 1);
        return id;
    }
    void role(const Id& who, v1::Role role)
    {
        v1::Change made = change(membershipId(space, who));
        made.mutable_set_membership()->set_space(space.str());
        made.mutable_set_membership()->set_person(who.str());
        made.mutable_set_membership()->set_role(role);
        REQUIRE_FALSE(submit(made, {.server = true}).has_refusal());
    }
    Id post(v1::PostKind kind, const std::string& body, const Id& by, const Id& parent = {})
    {
        const Id id = newId(1, random);
        v1::Change made = change(id);
        v1::CreatePost& asked = *made.mutable_create_post();
        asked.set_kind(kind);
        asked.set_space(space.str());
        asked.set_body(body);
        if (!parent.isNull())
            asked.set_parent(parent.str());
        if (kind == v1::PAGE || kind == v1::QUESTION)
            asked.set_title("Title");
        REQUIRE_FALSE(submit(made, {.person = by}).has_refusal());
        return id;
    }

    // Over the version that the record shows now.
    v1::Change text(const TextChange& text) { return text_(page, text, record(page).post()); }
    v1::Change text(const Id& post, const TextChange& text) { return text_(post, text, record(post).post()); }
    v1::Change textOver(const v1::Record& base, const TextChange& text)
    {
        return text_(*Id::from(base.id()), text, base.post());
    }
    v1::Change importedBody(const std::string& body)
    {
        v1::Change made = change(page);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(v1::POST_BODY);
        edit.mutable_value()->set_text(body);
        const v1::Record seen = record();
        const v1::Writer* writer = writerOf(seen, v1::POST_BODY);
        edit.set_seen(writer ? writer->change() : std::string());
        return made;
    }
    uint64_t accepted(const v1::Change& made, const Id& by)
    {
        const v1::Receipt receipt = submit(made, {.person = by});
        CHECK(receipt.refusal().code() == v1::CODE_NONE);
        CHECK(receipt.effects_size() == 0);
        return receipt.revision();
    }
    v1::Code refused(const v1::Change& made, const Id& by) { return submit(made, {.person = by}).refusal().code(); }

    // As it has its number.
    v1::Record record(const Id& id)
    {
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        return *snapshot->find(id)->record;
    }
    v1::Record record() { return record(page); }
    std::string body() { return record().post().body(); }
    // With what it lacks.
    v1::Record present(const Id& id)
    {
        return withRevisions(record(id), revisions(id, record(id).post().body_version().revision()));
    }
    v1::Record present() { return present(page); }
    std::string presentBody() { return present().post().body(); }
    std::vector<v1::Revision> revisions(const Id& id, uint64_t after = 0)
    {
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        return snapshot->revisionsAfter(id, after, SIZE_MAX);
    }
    std::vector<v1::Revision> revisions() { return revisions(page); }
    std::vector<TextRange> contested()
    {
        std::vector<TextRange> ranges;
        const v1::Record now = present();
        for (const v1::TextRange& each : now.post().contested())
            ranges.push_back({each.from(), each.to()});
        return ranges;
    }
    std::vector<Publication> unpublished()
    {
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        return snapshot->unpublished();
    }
    // Long enough that the next change is given out at once.
    void pause()
    {
        nowMs += limits::publishPauseMs;
        engine->publishTexts();
    }

    // What the records lack is a row of changes of their bodies, and exactly these wait.
    void requireWhole()
    {
        requireSound();
        std::vector<Id> lacking;
        for (const StoredVersion& version : versions()) {
            if (version.deleted) {
                CHECK(revisions(version.id).empty());
                continue;
            }
            const uint64_t ofRecord = record(version.id).post().body_version().revision();
            const auto lacks = revisions(version.id, ofRecord);
            CHECK(isWhole(lacks, ofRecord, lacks.empty() ? ofRecord : lacks.back().version().revision()));
            if (!lacks.empty())
                lacking.push_back(version.id);
        }
        std::vector<Id> waiting;
        for (const Publication& each : unpublished())
            waiting.push_back(each.post);
        std::ranges::sort(lacking);
        std::ranges::sort(waiting);
        CHECK(lacking == waiting);
        CHECK(engine->nextPublicationMs().has_value() >= !waiting.empty());
    }

    // As a server made it before it went back.
    v1::Record later(const v1::Record& base, const TextChange& text, const Id& by, int64_t timeMs)
    {
        v1::Revision revision;
        revision.set_after(base.post().body_version().revision());
        revision.mutable_version()->set_revision(std::max(revision.after(), epochStart) + 1);
        revision.mutable_version()->set_seal(std::string(16, 's'));
        revision.set_change(newId(1, random).str());
        revision.set_author(by.str());
        revision.set_time_ms(timeMs);
        revision.set_text(encode(text));
        return withRevisions(base, {&revision, 1});
    }
    // A version as a device hands it back that has read it under this number.
    HandedBack handBack(const v1::Record& record, uint64_t number, const Id& by)
    {
        v1::HandBack back;
        back.set_feed(feed().key());
        v1::Version& version = *back.add_versions();
        version.set_number(number);
        version.set_record(record.SerializeAsString());
        version.set_seal(seal(feed(), number, *Id::from(record.id()), version.record()));
        return engine->handBack(by, back);
    }

    Id ben, page;

private:
    v1::Change text_(const Id& post, const TextChange& text, const v1::Post& base)
    {
        v1::Change made = change(post);
        if (base.has_body_version())
            *made.mutable_edit_text()->mutable_base() = base.body_version();
        made.mutable_edit_text()->set_text(encode(text));
        return made;
    }
};

inline TextChange replace(size_t at, size_t count, std::string_view with)
{
    return TextChange::replace(at, count, with);
}

} // namespace stoa
