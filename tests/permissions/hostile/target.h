#pragma once

// What the hostile client attacks: a real server with a space for all, one that is hidden from the attacker, and an
// honest person who goes on working. Words of the hidden space occur nowhere else.

#include <csignal>
#include <fstream>

#include "shared/domain/feed.h"
#include "stoa/v1/change.pb.h"
#include "tests/scenario/changes.h"
#include "tests/server/admin/machine.h"

namespace stoa::test {

constexpr const char* hiddenWord = "qvxzkwjhgfpb";
constexpr int64_t dayMs = 24 * 3'600'000;

class Target {
public:
    Target()
    {
        lab = add("Lab", "open");
        vault = add(std::string("Vault ") + hiddenWord, "private");
        link["ana"] = machine.link;
        for (const char* name : {"ben", "cleo"})
            link[name] = Machine::linkOf(machine.fine({"person", "add", name, "--name", name}));
        member("cleo", "owner");
        serving.emplace(machine);
        honest_.emplace(enter("cleo"));
        submit(*honest_, {mint.post(v1::QUESTION, vault, {}, hiddenWord, nowMs)});
        subscribe(*honest_, lab);
        (void)readToHead(*honest_);
    }

    Id add(const std::string& name, const std::string& visibility)
    {
        const Json made = machine.fine({"space", "add", name, "--visibility", visibility});
        return *Id::fromHex(made["space"].get<std::string>());
    }
    void member(const std::string& login, const std::string& role)
    {
        machine.fine({"member", "add", login, "--space", std::string("Vault ") + hiddenWord, "--role", role});
    }
    // They hear of it before they ask for what they may read now.
    void member(TestClient& client, const std::string& login, const std::string& role)
    {
        member(login, role);
        const std::string key = Feed{FeedKind::Space, vault}.key();
        (void)client.receiveUntil([&](const v1::Envelope& each) {
            const auto& heads = each.feeds().feeds();
            return std::any_of(heads.begin(), heads.end(),
                               [&](const v1::FeedHead& head) { return head.feed() == key; });
        });
    }
    void removeMember(const std::string& login)
    {
        machine.fine({"member", "remove", login, "--space", std::string("Vault ") + hiddenWord});
    }

    uint16_t port() const { return serving->port; }
    // Signed in: by the invitation at first, then by the token.
    TestClient enter(const std::string& name)
    {
        if (tokens.contains(name))
            return serving->enter(tokens[name]);
        TestClient client(port(), {.pin = link[name].pin});
        client.send(helloWithInvitation(link[name].code, "correct horse"));
        const v1::Envelope welcome = client.expect(v1::Envelope::kWelcome);
        people[name] = *Id::from(welcome.welcome().person());
        tokens[name] = welcome.welcome().token();
        devices[name] = *Id::from(welcome.welcome().device());
        return client;
    }
    v1::Code refusalOf(const v1::Envelope& hello)
    {
        TestClient client(port());
        client.send(hello);
        return client.receiveGoodbye().code();
    }

    v1::Receipts submit(TestClient& client, const std::vector<v1::Change>& changes, int64_t ageMs = 0)
    {
        client.send(push(changes, ageMs));
        return client.receiveUntil([](const v1::Envelope& each) { return each.has_receipts(); }).receipts();
    }
    static v1::Envelope push(const std::vector<v1::Change>& changes, int64_t ageMs = 0)
    {
        v1::Envelope envelope;
        for (const v1::Change& change : changes) {
            v1::PushedChange& pushed = *envelope.mutable_push()->add_changes();
            pushed.set_change(change.SerializeAsString());
            pushed.set_age_ms(ageMs);
        }
        return envelope;
    }
    static void subscribe(TestClient& client, const Id& space, uint64_t cursor = 0)
    {
        v1::Envelope envelope;
        envelope.mutable_subscribe()->set_feed(Feed{FeedKind::Space, space}.key());
        envelope.mutable_subscribe()->set_cursor(cursor);
        client.send(envelope);
    }
    static std::vector<v1::Version> readToHead(TestClient& client)
    {
        std::vector<v1::Version> versions;
        for (;;) {
            const v1::Batch batch =
                client.receiveUntil([](const v1::Envelope& each) { return each.has_batch(); }).batch();
            versions.insert(versions.end(), batch.versions().begin(), batch.versions().end());
            if (batch.last())
                return versions;
        }
    }
    // Everything that came until the answer to a ping.
    static std::vector<v1::Envelope> heard(TestClient& client)
    {
        v1::Envelope ping;
        ping.mutable_ping();
        client.send(ping);
        std::vector<v1::Envelope> all;
        for (v1::Envelope next = client.receive(); !next.has_pong(); next = client.receive())
            all.push_back(std::move(next));
        return all;
    }

    // An honest person works on: asks, and hears live of what they asked.
    void checkHonest()
    {
        const v1::Change asked = mint.post(v1::QUESTION, lab, {}, "How is it done?", nowMs);
        const v1::Receipts receipts = submit(*honest_, {asked});
        REQUIRE(receipts.receipts_size() == 1);
        REQUIRE_FALSE(receipts.receipts(0).has_refusal());
        const uint64_t number = receipts.receipts(0).effects(0).number();
        (void)honest_->receiveUntil(
            [&](const v1::Envelope& each) { return each.has_batch() && each.batch().upto() >= number; });
    }
    // The server ends as it should; its log, which holds nothing that is hidden or secret.
    std::string end()
    {
        checkHonest();
        honest_.reset();
        serving->process.signal(SIGTERM);
        const Finished done = serving->process.wait();
        CHECK(done.exitCode == 0);
        for (const std::string secret : {hiddenWord, "correct horse", "wrong horse", "libprotobuf"})
            CHECK((done.out + done.err).find(secret) == std::string::npos);
        return done.err;
    }
    // The most memory that the server ever held.
    size_t peakBytes() const
    {
        std::ifstream status("/proc/" + std::to_string(serving->process.pid()) + "/status");
        for (std::string word; status >> word;) {
            size_t kiB = 0;
            if (word == "VmHWM:" && status >> kiB)
                return kiB * 1024;
        }
        return 0;
    }

    Machine machine;
    std::map<std::string, InviteLink> link;
    std::map<std::string, std::string> tokens;
    std::map<std::string, Id> people, devices;
    Id lab, vault;
    int64_t nowMs = systemWallClock()();
    Mint mint{7};
    std::optional<Serving> serving;

private:
    std::optional<TestClient> honest_;
};

inline bool holds(const std::vector<v1::Envelope>& envelopes, const std::string& word)
{
    return std::any_of(envelopes.begin(), envelopes.end(), [&](const v1::Envelope& each) {
        return each.SerializeAsString().find(word) != std::string::npos;
    });
}

} // namespace stoa::test
