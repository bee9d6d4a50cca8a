#pragma once

#include "server/engine/engine.h"
#include "server/store/sqlite/sqlite_store.h"
#include "shared/base/limits.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace stoa {

inline constexpr uint64_t epochStart = uint64_t{1} << limits::epochShift;

// An organisation with Ada and an open space, over the real storage.
class World {
public:
    World()
    {
        open();
        REQUIRE(engine->createOrganisation("Example", random));
        ada = newId(1, random);
        v1::Change person = change(ada);
        person.mutable_create_person()->set_login("ada");
        person.mutable_create_person()->set_name("Ada");
        REQUIRE(submit(person, {.server = true}).effects_size() == 1);
        space = newId(1, random);
        v1::Change made = change(space);
        made.mutable_create_space()->set_name("Lab");
        made.mutable_create_space()->set_visibility(v1::OPEN);
        REQUIRE(submit(made, {.server = true}).effects_size() == 1);
    }

    void open()
    {
        engine.reset();
        store.reset();
        store = openSqliteStore(directory.path() / "stoa.db");
        engine = std::make_unique<Engine>(*store, std::string(32, 'k'), [this] { return nowMs; });
    }

    v1::Change change(const Id& target)
    {
        v1::Change made;
        made.set_id(newId(1, random).str());
        made.set_target(target.str());
        return made;
    }
    v1::Change question(const std::string& title)
    {
        v1::Change made = change(newId(1, random));
        made.mutable_create_post()->set_kind(v1::QUESTION);
        made.mutable_create_post()->set_space(space.str());
        made.mutable_create_post()->set_title(title);
        return made;
    }
    v1::Change rename(const v1::Change& question, const std::string& title, const std::string& seen)
    {
        v1::Change made = change(*Id::from(question.target()));
        v1::FieldEdit* edit = made.mutable_edit()->add_fields();
        edit->set_field(v1::POST_TITLE);
        edit->set_seen(seen);
        edit->mutable_value()->set_text(title);
        return made;
    }
    Committed submitAll(const std::vector<v1::Change>& changes, const Actor& actor)
    {
        Submission submission{.actor = actor};
        for (const v1::Change& made : changes)
            submission.changes.emplace_back().set_change(made.SerializeAsString());
        return engine->submit({&submission, 1});
    }
    v1::Receipt submit(const v1::Change& made, const Actor& actor)
    {
        return submitAll({made}, actor).receipts[0].receipts(0);
    }
    v1::Receipt submit(const v1::Change& made) { return submit(made, {.person = ada}); }

    Feed feed() const { return {FeedKind::Space, space}; }
    FeedState state()
    {
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        return snapshot->feedState(feed());
    }
    std::vector<StoredVersion> versions(uint64_t after = 0, bool tombstones = true)
    {
        const auto snapshot = store->snapshot();
        snapshot->refresh();
        return snapshot->versionsAfter(feed(), after, tombstones ? 0 : INT64_MAX, SIZE_MAX);
    }
    std::string seal(const Feed& feed, uint64_t number, const Id& id, std::string_view bytes) const
    {
        return engine->seal(feed, number, id, bytes, nowMs);
    }
    // The feed's state is what its stored bytes come to.
    void requireSound()
    {
        Digest digest;
        uint64_t living = 0;
        for (const StoredVersion& version : versions()) {
            CHECK(engine->isSeal(version.seal, feed(), version.number, version.id, version.bytes));
            if (version.deleted)
                continue;
            digest.add(versionDigest(version.id, version.number, version.bytes));
            ++living;
        }
        CHECK(state().digest == digest);
        CHECK(state().records == living);
        CHECK(state().head == versions().back().number);
    }

    test::TemporaryDirectory directory;
    Random random = systemRandom();
    int64_t nowMs = 1'800'000'000'000;
    std::unique_ptr<Store> store;
    std::unique_ptr<Engine> engine;
    Id ada, space;
};

} // namespace stoa
