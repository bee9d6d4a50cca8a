#include "server/auth/auth.h"

#include <algorithm>
#include <map>

#include "tests/shared/domain/world.h"
#include "tests/support/catch.h"

namespace stoa {

namespace {

constexpr int64_t minuteMs = 60'000;
constexpr int64_t dayMs = 24 * 60 * minuteMs;

// What a database would keep, in memory; copied, it is the same database after a restart.
class MemoryAccounts : public AccountWriter {
public:
    explicit MemoryAccounts(std::map<std::string, Id> logins) : logins_(std::move(logins)) {}

    std::optional<Id> personByLogin(std::string_view login) const override { return at(logins_, std::string(login)); }
    std::string passwordHash(const Id& person) const override { return at(passwords_, person).value_or(""); }
    std::optional<Device> deviceByToken(std::string_view hash) const override
    {
        return at(devices_, std::string(hash));
    }
    std::optional<StoredInvitation> invitation(std::string_view hash) const override
    {
        return at(invitations_, std::string(hash));
    }
    Tries tries(std::string_view key, int64_t sinceMs) const override
    {
        Tries found;
        for (const auto& [of, timeMs] : tries_) {
            if (of != key || timeMs <= sinceMs)
                continue;
            found.oldestMs = found.count++ == 0 ? timeMs : std::min(found.oldestMs, timeMs);
        }
        return found;
    }
    void setPasswordHash(const Id& person, std::string_view hash) override { passwords_[person] = hash; }
    void addDevice(const Device& device, std::string_view hash) override { devices_[std::string(hash)] = device; }
    void removeDevice(const Id& device) override
    {
        std::erase_if(devices_, [&](const auto& entry) { return entry.second.id == device; });
    }
    void addInvitation(std::string_view hash, const StoredInvitation& invitation) override
    {
        invitations_[std::string(hash)] = invitation;
    }
    void removeInvitations(const Id& person) override
    {
        std::erase_if(invitations_, [&](const auto& entry) { return entry.second.person == person; });
    }
    void addTry(std::string_view key, int64_t timeMs) override { tries_.emplace_back(key, timeMs); }
    void removeTry(std::string_view key, int64_t timeMs) override
    {
        const auto found = std::find(tries_.begin(), tries_.end(), std::pair(std::string(key), timeMs));
        if (found != tries_.end())
            tries_.erase(found);
    }
    void removeTries(std::string_view key) override
    {
        std::erase_if(tries_, [&](const auto& entry) { return entry.first == key; });
    }
    void removeTriesBefore(int64_t timeMs) override
    {
        std::erase_if(tries_, [&](const auto& entry) { return entry.second < timeMs; });
    }

private:
    template <class Map>
    static std::optional<typename Map::mapped_type> at(const Map& map, const typename Map::key_type& key)
    {
        const auto found = map.find(key);
        return found == map.end() ? std::nullopt : std::optional(found->second);
    }

    std::map<std::string, Id> logins_;
    std::map<Id, std::string> passwords_;
    std::map<std::string, Device> devices_;
    std::map<std::string, StoredInvitation> invitations_;
    std::vector<std::pair<std::string, int64_t>> tries_;
};

// Ada and Ben are in the organisation; nobody has a password yet.
struct Door {
    v1::Code tryInvitation(const std::string& code, const std::string& password, const std::string& from = "10.0.0.1")
    {
        v1::Hello hello;
        hello.mutable_invitation()->set_code(code);
        hello.mutable_invitation()->set_password(password);
        return enter(hello, from);
    }
    v1::Code tryPassword(const std::string& login, const std::string& password, const std::string& from = "10.0.0.1")
    {
        v1::Hello hello;
        hello.mutable_password()->set_login(login);
        hello.mutable_password()->set_password(password);
        return enter(hello, from);
    }
    v1::Code tryToken(const std::string& token)
    {
        const auto done = signInByToken(accounts, world, token);
        return done ? v1::CODE_NONE : done.error().code;
    }
    v1::Code enter(const v1::Hello& hello, const std::string& from)
    {
        auto begun = beginSignIn(accounts, hello, from, context);
        if (!begun) {
            retryAfterMs = begun.error().retryAfterMs;
            return begun.error().code;
        }
        workSignIn(*begun, context);
        const auto done = finishSignIn(accounts, world, *begun, context);
        if (!done)
            return done.error().code;
        last = *done;
        return v1::CODE_NONE;
    }
    void disable(const Id& person)
    {
        v1::Change change = world.change(person);
        v1::FieldEdit* edit = change.mutable_edit()->add_fields();
        edit->set_field(v1::PERSON_DISABLED);
        edit->mutable_value()->set_number(1);
        REQUIRE(world.accept(change, test::World::server()));
    }
    void give(const Id& person, const std::string& password)
    {
        REQUIRE(tryInvitation(invite(accounts, person, context), password) == v1::CODE_NONE);
    }

    test::World world;
    int64_t nowMs = 1'800'000'000'000;
    MemoryAccounts accounts{{{"ada", world.ada}, {"ben", world.ben}}};
    AuthContext context{
        .cost = {.passes = 1, .memoryKiB = 64}, .clock = [this] { return nowMs; }, .random = systemRandom()};
    SignedIn last;
    int64_t retryAfterMs = 0;
};

} // namespace

TEST_CASE("an invitation sets the password and enrols the device, once")
{
    Door door;
    const std::string code = invite(door.accounts, door.world.ada, door.context);
    REQUIRE(door.tryInvitation(code, "correct horse") == v1::CODE_NONE);
    CHECK(door.last.person == door.world.ada);
    CHECK(door.last.token.size() == 32);
    CHECK(door.tryToken(door.last.token) == v1::CODE_NONE);
    CHECK(door.tryPassword("ada", "correct horse") == v1::CODE_NONE);
    CHECK(door.tryInvitation(code, "another one") == v1::INVITATION_USED);
    CHECK(door.tryPassword("ada", "another one") == v1::WRONG_CREDENTIALS);
}

TEST_CASE("an invitation ends after 14 days, and when another is made")
{
    Door door;
    const std::string first = invite(door.accounts, door.world.ada, door.context);
    const std::string second = invite(door.accounts, door.world.ada, door.context);
    CHECK(door.tryInvitation(first, "correct horse") == v1::INVITATION_USED);
    door.nowMs += 14 * dayMs;
    CHECK(door.tryInvitation(second, "correct horse") == v1::INVITATION_USED);
    CHECK(door.tryInvitation("no such code", "correct horse") == v1::INVITATION_USED);
    CHECK(door.tryInvitation("", "correct horse") == v1::INVITATION_USED);
}

TEST_CASE("a password that is refused leaves the invitation as it was")
{
    Door door;
    const std::string code = invite(door.accounts, door.world.ada, door.context);
    CHECK(door.tryInvitation(code, "short") == v1::WEAK_PASSWORD);
    CHECK(door.tryInvitation(code, std::string(129, 'x')) == v1::TOO_LONG);
    CHECK(door.tryInvitation(code, "correct horse") == v1::CODE_NONE);
}

TEST_CASE("two devices that open one invitation at once: the first to finish has it")
{
    Door door;
    v1::Hello hello;
    hello.mutable_invitation()->set_code(invite(door.accounts, door.world.ada, door.context));
    hello.mutable_invitation()->set_password("correct horse");
    auto first = beginSignIn(door.accounts, hello, "a", door.context);
    auto second = beginSignIn(door.accounts, hello, "b", door.context);
    REQUIRE(first);
    REQUIRE(second);
    workSignIn(*first, door.context);
    workSignIn(*second, door.context);
    CHECK(finishSignIn(door.accounts, door.world, *first, door.context));
    CHECK(finishSignIn(door.accounts, door.world, *second, door.context).error().code == v1::INVITATION_USED);
}

TEST_CASE("the eleventh try within ten minutes is refused, right or wrong, also after a restart")
{
    Door door;
    door.give(door.world.ada, "correct horse");
    for (int i = 0; i < 10; ++i) {
        CHECK(door.tryPassword("ada", "wrong horse") == v1::WRONG_CREDENTIALS);
        door.nowMs += 1'000;
    }
    CHECK(door.tryPassword("ada", "correct horse") == v1::TOO_MANY_ATTEMPTS);
    CHECK(door.retryAfterMs == 10 * minuteMs - 10'000);
    CHECK(door.tryPassword("ada", "correct horse", "10.9.9.9") == v1::TOO_MANY_ATTEMPTS);

    const MemoryAccounts restarted = door.accounts;
    door.accounts = restarted;
    CHECK(door.tryPassword("ada", "correct horse") == v1::TOO_MANY_ATTEMPTS);
    CHECK(door.tryPassword("ben", "wrong horse") == v1::WRONG_CREDENTIALS);

    door.nowMs += door.retryAfterMs;
    CHECK(door.tryPassword("ada", "correct horse") == v1::CODE_NONE);
}

TEST_CASE("tries that are under way at once are counted before any of them is checked")
{
    Door door;
    v1::Hello hello;
    hello.mutable_password()->set_login("ada");
    hello.mutable_password()->set_password("wrong horse");
    for (int i = 0; i < 10; ++i)
        CHECK(beginSignIn(door.accounts, hello, "a", door.context));
    CHECK(beginSignIn(door.accounts, hello, "a", door.context).error().code == v1::TOO_MANY_ATTEMPTS);
}

TEST_CASE("who signs in starts with no tries counted, and so does who was invited again")
{
    Door door;
    door.give(door.world.ada, "correct horse");
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 9; ++i)
            CHECK(door.tryPassword("ada", "wrong horse") == v1::WRONG_CREDENTIALS);
        CHECK(door.tryPassword("ada", "correct horse") == v1::CODE_NONE);
    }
    for (int i = 0; i < 10; ++i)
        CHECK(door.tryPassword("ada", "wrong horse") == v1::WRONG_CREDENTIALS);
    door.give(door.world.ada, "better horse");
    CHECK(door.tryPassword("ada", "better horse") == v1::CODE_NONE);
}

TEST_CASE("guessing many logins from one address is held too; an office that signs in is not")
{
    Door door;
    door.give(door.world.ada, "correct horse");
    for (int i = 0; i < 150; ++i)
        CHECK(door.tryPassword("ada", "correct horse") == v1::CODE_NONE);
    for (int i = 0; i < 100; ++i)
        CHECK(door.tryPassword("guess" + std::to_string(i), "wrong horse") == v1::WRONG_CREDENTIALS);
    CHECK(door.tryPassword("guess", "wrong horse") == v1::TOO_MANY_ATTEMPTS);
    CHECK(door.tryPassword("ada", "correct horse", "10.0.0.2") == v1::CODE_NONE);
}

TEST_CASE("an unknown login is answered like a wrong password and does the same work")
{
    Door door;
    CHECK(door.tryPassword("nobody", "correct horse") == v1::WRONG_CREDENTIALS);
    CHECK(door.tryPassword("ada", "correct horse") == v1::WRONG_CREDENTIALS);
    CHECK(door.tryPassword("ada", "") == v1::WRONG_CREDENTIALS);
    CHECK(door.tryPassword("ada\xff", "correct horse") == v1::WRONG_CREDENTIALS);
    CHECK(door.tryPassword(std::string(10'000, 'x'), "correct horse") == v1::WRONG_CREDENTIALS);
}

TEST_CASE("who is disabled comes in by no way")
{
    Door door;
    door.give(door.world.ben, "correct horse");
    const std::string token = door.last.token;
    const std::string code = invite(door.accounts, door.world.ben, door.context);
    door.disable(door.world.ben);
    CHECK(door.tryToken(token) == v1::PERSON_DISABLED_NOW);
    CHECK(door.tryPassword("ben", "correct horse") == v1::PERSON_DISABLED_NOW);
    CHECK(door.tryPassword("ben", "wrong horse") == v1::WRONG_CREDENTIALS);
    CHECK(door.tryInvitation(code, "correct horse") == v1::PERSON_DISABLED_NOW);
}

TEST_CASE("a token that is not known is no sign-in")
{
    Door door;
    CHECK(door.tryToken("") == v1::TOKEN_UNKNOWN);
    CHECK(door.tryToken(std::string(32, 'x')) == v1::TOKEN_UNKNOWN);
}

} // namespace stoa
