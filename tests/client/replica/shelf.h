#pragma once

// A replica with a space in it, fed by hand with what a server would send.

#include <filesystem>
#include <fstream>

#include "client/replica/queries.h"
#include "client/replica/replica.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace stoa::test {

// What a server takes at once.
inline v1::Limits pushLimits()
{
    v1::Limits told;
    told.set_push_changes_max(500);
    told.set_push_bytes_max(512 << 10);
    return told;
}

class Shelf {
public:
    Shelf()
    {
        open();
        within([&] {
            v1::Welcome welcome;
            welcome.set_person(me.str());
            welcome.set_organisation(organisation.str());
            welcome.set_epoch(1);
            for (const Feed& feed : {directory(), personal(), space()}) {
                v1::FeedHead& head = *welcome.add_feeds();
                head.set_feed(feed.key());
                head.set_head(1000);
            }
            REQUIRE(replica->welcome(welcome));
        });
        v1::Record self = record(me);
        self.mutable_person()->set_login("ada");
        self.mutable_person()->set_name("Ada");
        REQUIRE(receive(directory(), {self}) == Replica::Received::AtHead);
        REQUIRE(receive(personal(), {}) == Replica::Received::AtHead);
        v1::Record lab = record(spaceId);
        lab.mutable_space()->set_name("Lab");
        lab.mutable_space()->set_visibility(v1::OPEN);
        REQUIRE(receive(space(), {lab}) == Replica::Received::AtHead);
    }

    std::string path() const { return directory_.path() / "replica.db"; }
    void close() { replica.reset(); }
    void open()
    {
        replica.reset();
        replica = std::make_unique<Replica>(path(), [this] { return nowMs; });
    }
    void within(const std::function<void()>& work)
    {
        replica->begin();
        work();
        (void)replica->commit();
    }

    Feed directory() const { return {FeedKind::Directory, organisation}; }
    Feed personal() const { return {FeedKind::Person, me}; }
    Feed space() const { return {FeedKind::Space, spaceId}; }

    Id id() { return deriveId(nowMs, "test", std::to_string(++minted_)); }
    v1::Record record(const Id& id)
    {
        v1::Record made;
        made.set_id(id.str());
        made.set_revision(1);
        made.set_author(me.str());
        made.set_created_ms(nowMs);
        made.set_changed_ms(nowMs);
        return made;
    }
    v1::Record question(const std::string& title)
    {
        const Id made = id();
        v1::Record post = record(made);
        post.mutable_post()->set_kind(v1::QUESTION);
        post.mutable_post()->set_space(spaceId.str());
        post.mutable_post()->set_root(made.str());
        post.mutable_post()->set_title(title);
        return post;
    }
    v1::Record below(const v1::Record& parent, v1::PostKind kind, const std::string& body)
    {
        v1::Record post = record(id());
        post.mutable_post()->set_kind(kind);
        post.mutable_post()->set_space(spaceId.str());
        post.mutable_post()->set_parent(parent.id());
        post.mutable_post()->set_root(parent.post().root());
        post.mutable_post()->set_body(body);
        return post;
    }
    v1::Change ask(const std::string& title)
    {
        v1::Change change;
        change.set_id(id().str());
        change.set_target(id().str());
        change.set_made_ms(nowMs);
        change.mutable_create_post()->set_kind(v1::QUESTION);
        change.mutable_create_post()->set_space(spaceId.str());
        change.mutable_create_post()->set_title(title);
        return change;
    }
    v1::Change vote(const v1::Record& on)
    {
        v1::Change change;
        change.set_id(id().str());
        change.set_target(markId(*Id::from(on.id()), me, v1::VOTE).str());
        change.mutable_set_mark()->set_kind(v1::VOTE);
        change.mutable_set_mark()->set_on(on.id());
        change.mutable_set_mark()->set_value(1);
        return change;
    }
    Result<void> submit(const v1::Change& change)
    {
        Result<void> done;
        within([&] { done = replica->submit(change, {}); });
        return done;
    }

    // As the server would: the next numbers, and the digest of what it then holds.
    v1::Batch batch(const Feed& feed, const std::vector<v1::Record>& records)
    {
        auto& [head, versions] = server_[feed.key()];
        v1::Batch made;
        made.set_feed(feed.key());
        made.set_after(head);
        for (const v1::Record& each : records) {
            v1::Version& version = *made.add_versions();
            version.set_number(++head);
            version.set_seal("seal");
            version.set_record(each.SerializeAsString());
            versions[each.id()] = version;
        }
        made.set_upto(head);
        made.set_last(true);
        made.set_digest(digest(feed).str());
        return made;
    }
    Digest digest(const Feed& feed)
    {
        Digest sum;
        for (const auto& [id, version] : server_[feed.key()].second) {
            v1::Record parsed;
            if (parsed.ParseFromString(version.record()) && parsed.deleted())
                continue;
            sum.add(versionDigest(*Id::from(id), version.number(), version.record()));
        }
        return sum;
    }
    // Everything from the start, without tombstones.
    v1::Batch wholeFeed(const Feed& feed)
    {
        v1::Batch made;
        made.set_feed(feed.key());
        std::map<uint64_t, v1::Version> byNumber;
        for (const auto& [id, version] : server_[feed.key()].second) {
            v1::Record parsed;
            if (!parsed.ParseFromString(version.record()) || !parsed.deleted())
                byNumber[version.number()] = version;
        }
        for (const auto& [number, version] : byNumber)
            *made.add_versions() = version;
        made.set_upto(server_[feed.key()].first);
        made.set_last(true);
        made.set_digest(digest(feed).str());
        return made;
    }
    Replica::Received receive(const v1::Batch& batch)
    {
        Replica::Received received{};
        within([&] { received = replica->receive(batch); });
        return received;
    }
    Replica::Received receive(const Feed& feed, const std::vector<v1::Record>& records)
    {
        return receive(batch(feed, records));
    }
    // The server loses a record without a word.
    void vanish(const Feed& feed, const v1::Record& record) { server_[feed.key()].second.erase(record.id()); }

    std::unique_ptr<Reading> read() const { return std::make_unique<Reading>(QString::fromStdString(path())); }

    int64_t nowMs = 1'700'000'000'000;
    const Id me = deriveId(1, "test", "me");
    const Id organisation = deriveId(1, "test", "organisation");
    const Id spaceId = deriveId(1, "test", "space");
    std::unique_ptr<Replica> replica;

private:
    TemporaryDirectory directory_;
    std::map<std::string, std::pair<uint64_t, std::map<std::string, v1::Version>>> server_;
    int minted_ = 0;
};

inline Id idOf(const v1::Record& record)
{
    return *Id::from(record.id());
}

} // namespace stoa::test
