#pragma once

// A server on the network with an organisation, people and a space, over real storage.

#include <atomic>

#include <spdlog/sinks/null_sink.h>

#include "server/engine/texts.h"
#include "server/net/server.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_client.h"

namespace stoa {

using test::TestClient;

// A server with an organisation, a space that everybody may read, Ada (an admin) and Ben; each has a password.
class Office {
public:
    explicit Office(NetLimits limits = {}) : limits_(limits)
    {
        makeCertificate(certificateFiles(directory_.path()), "localhost", systemWallClock()());
        openStore();
        organisation = *engine_->createOrganisation("Example", random_);
        ada = addPerson("ada");
        ben = addPerson("ben");
        space = addSpace(v1::OPEN);
        start();
    }

    void start()
    {
        server_ = std::make_unique<Server>(
            ServerOptions{.address = "127.0.0.1",
                          .threads = 2,
                          .limits = limits_,
                          .auth = auth_,
                          .steadyClock = systemSteadyClock(),
                          .blackBoxes = blackBoxes()},
            *store_, *engine_, certificateFiles(directory_.path()),
            std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>()));
        server_->start();
    }
    void stop() { server_->stop(); }
    void restart()
    {
        server_.reset();
        engine_.reset();
        store_.reset();
        openStore();
        start();
    }

    BlackBoxFolder blackBoxes() const { return {(directory_.path() / "blackbox").string(), 2}; }
    uint16_t port() const { return server_->port(); }
    TestClient connect() { return TestClient(port()); }

    // Signed in by an invitation; the token is kept for later.
    TestClient enter(const Id& person, std::string* token = nullptr)
    {
        TestClient client = connect();
        client.send(test::helloWithInvitation(invitation(person), "correct horse"));
        const v1::Envelope welcome = client.expect(v1::Envelope::kWelcome);
        REQUIRE(welcome.welcome().person() == person.str());
        if (token)
            *token = welcome.welcome().token();
        return client;
    }
    v1::Code refusalOf(const v1::Envelope& hello)
    {
        TestClient client = connect();
        client.send(hello);
        return client.receiveGoodbye().code();
    }

    std::string invitation(const Id& person)
    {
        std::string code;
        const auto make = [&] {
            const auto transaction = store_->begin();
            code = invite(*transaction, person, auth_);
            transaction->commit();
        };
        REQUIRE(server_->onWriter(make));
        return code;
    }

    v1::Change change(const Id& target)
    {
        v1::Change made;
        made.set_id(newId(1, random_).str());
        made.set_target(target.str());
        return made;
    }
    v1::Change question(const std::string& title)
    {
        v1::Change made = change(newId(1, random_));
        made.mutable_create_post()->set_kind(v1::QUESTION);
        made.mutable_create_post()->set_space(space.str());
        made.mutable_create_post()->set_title(title);
        return made;
    }
    v1::Change membership(const Id& in, const Id& person, v1::Role role)
    {
        v1::Change made = change(membershipId(in, person));
        made.mutable_set_membership()->set_space(in.str());
        made.mutable_set_membership()->set_person(person.str());
        made.mutable_set_membership()->set_role(role);
        return made;
    }
    // By the server itself, as an admin's command.
    void order(const v1::Change& made)
    {
        Submission submission{.actor = {.server = true}};
        submission.changes.emplace_back().set_change(made.SerializeAsString());
        const v1::Receipts receipts =
            server_ ? server_->submit(submission) : engine_->submit({&submission, 1}).receipts[0];
        REQUIRE_FALSE(receipts.receipts(0).has_refusal());
    }
    Id addSpace(v1::Visibility visibility)
    {
        v1::Change made = change(newId(1, random_));
        made.mutable_create_space()->set_name("Space");
        made.mutable_create_space()->set_visibility(visibility);
        order(made);
        return *Id::from(made.target());
    }
    Id addPerson(const std::string& login)
    {
        v1::Change made = change(newId(1, random_));
        made.mutable_create_person()->set_login(login);
        made.mutable_create_person()->set_name(login);
        order(made);
        return *Id::from(made.target());
    }
    void disable(const Id& person)
    {
        v1::Change made = change(person);
        v1::FieldEdit* edit = made.mutable_edit()->add_fields();
        edit->set_field(v1::PERSON_DISABLED);
        edit->mutable_value()->set_number(1);
        order(made);
    }

    std::vector<v1::Revision> revisions(const Id& post)
    {
        const auto snapshot = store_->snapshot();
        snapshot->refresh();
        return snapshot->revisionsAfter(post, 0, SIZE_MAX);
    }

    Id organisation, ada, ben, space;
    std::atomic<int64_t> aheadMs{0}; // of the clock

private:
    void openStore()
    {
        store_ = openSqliteStore(directory_.path() / "stoa.db");
        engine_ = std::make_unique<Engine>(*store_, std::string(32, 'k'), auth_.clock);
    }

    test::TemporaryDirectory directory_;
    NetLimits limits_;
    Random random_ = systemRandom();
    AuthContext auth_{.cost = {.passes = 1, .memoryKiB = 64},
                      .clock = [this] { return systemWallClock()() + aheadMs; },
                      .random = systemRandom()};
    std::unique_ptr<Store> store_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Server> server_;
};

inline v1::Envelope push(const std::vector<v1::Change>& changes)
{
    v1::Envelope envelope;
    for (const v1::Change& change : changes)
        envelope.mutable_push()->add_changes()->set_change(change.SerializeAsString());
    return envelope;
}

inline v1::Envelope subscribe(const Id& space, uint64_t cursor = 0)
{
    v1::Envelope envelope;
    envelope.mutable_subscribe()->set_feed(Feed{FeedKind::Space, space}.key());
    envelope.mutable_subscribe()->set_cursor(cursor);
    return envelope;
}

// Reads batches until the head; their versions, checked against the digest.
inline std::vector<v1::Version> readToHead(TestClient& client)
{
    std::vector<v1::Version> versions;
    Digest digest;
    uint64_t cursor = 0;
    for (bool first = true;; first = false) {
        const v1::Envelope envelope = client.expect(v1::Envelope::kBatch);
        const v1::Batch& batch = envelope.batch();
        if (!first)
            REQUIRE(batch.after() == cursor);
        cursor = batch.upto();
        for (const v1::Version& version : batch.versions()) {
            v1::Record record;
            REQUIRE(record.ParseFromString(version.record()));
            digest.add(versionDigest(*Id::from(record.id()), version.number(), version.record()));
            versions.push_back(version);
        }
        if (batch.last()) {
            REQUIRE(batch.digest() == digest.str());
            return versions;
        }
    }
}

} // namespace stoa
