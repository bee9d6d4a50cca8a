#include "server/admin/verbs.h"

#include <map>

#include "tests/support/catch.h"

namespace stoa {

namespace {

// An organisation in memory, altered through the real rules.
class MemoryDesk : public Desk, public Reader {
public:
    MemoryDesk()
    {
        v1::Change init;
        init.set_id(newId(1, systemRandom()).str());
        init.set_target(organisation_.str());
        init.mutable_create_organisation()->set_name("Example & Co");
        directory_ = Id{};
        REQUIRE(submit(init));
        directory_ = organisation_;
    }

    Id organisation() override { return organisation_; }
    std::optional<Located> find(const Id& id) override { return std::as_const(*this).find(id); }
    std::optional<Located> find(const Id& id) const override
    {
        const auto found = records_.find(id);
        return found == records_.end() ? std::nullopt : std::optional(found->second);
    }
    bool loginExists(std::string_view login) const override
    {
        return std::any_of(records_.begin(), records_.end(), [&](const auto& record) {
            return record.second.record->has_person() && record.second.record->person().login() == login;
        });
    }
    std::optional<Id> personByLogin(const std::string& login) override
    {
        for (const Record& person : people()) {
            if (person->person().login() == login)
                return Id::from(person->id());
        }
        return std::nullopt;
    }
    std::vector<Record> people() override { return all(v1::Record::kPerson); }
    std::vector<Record> spaces() override { return all(v1::Record::kSpace); }
    std::vector<Record> memberships() override { return all(v1::Record::kMembership); }
    size_t livingRecords(const Feed& feed) override
    {
        return static_cast<size_t>(std::count_if(records_.begin(), records_.end(),
                                                 [&](const auto& record) { return record.second.feed == feed; }));
    }

    Result<void> submit(const v1::Change& change) override { return submitAs({.server = true}, change); }
    std::vector<Result<void>> submitImport(std::span<const v1::Change> changes) override
    {
        std::vector<Result<void>> outcomes;
        for (const v1::Change& change : changes)
            outcomes.push_back(submitAs({.server = true, .import = true}, change));
        return outcomes;
    }
    std::vector<Device> devices() override { return devicesThere; }
    void revokeDevice(const Id& device) override
    {
        std::erase_if(devicesThere, [&](const Device& there) { return there.id == device; });
    }
    void erasePerson(const Id&) override {}
    std::vector<HandedVersion> notTaken() override { return waiting; }
    void dismissNotTaken(const Feed& feed, const Id& id) override
    {
        std::erase_if(waiting, [&](const HandedVersion& one) { return one.feed == feed && one.id == id; });
    }
    std::string invite(const Id&) override { return std::string(inviteCodeBytes, static_cast<char>(++invitations_)); }
    ServerAddress address() override { return {"learn.example.org", 7443}; }
    std::string pin() override { return std::string(pinBytes, 'p'); }
    CheckReport check(const std::function<void(const std::string&)>&, const std::function<void()>&) override
    {
        return report;
    }

    BackupReport backup(const std::string&, bool, const std::function<void(const std::string&)>&,
                        const std::function<void()>&) override
    {
        return {};
    }

    CheckReport report;
    std::vector<Device> devicesThere;
    std::vector<HandedVersion> waiting;

private:
    Result<void> submitAs(const Actor& actor, const v1::Change& change)
    {
        const auto outcome = apply(change, {actor, 1'800'000'000'000, directory_}, *this);
        if (!outcome)
            return outcome.error();
        for (const Applied& version : outcome->versions)
            records_[*Id::from(version.record.id())] = {version.feed, std::make_shared<v1::Record>(version.record)};
        return {};
    }

    std::vector<Record> all(v1::Record::ThingCase kind) const
    {
        std::vector<Record> found;
        for (const auto& [id, located] : records_) {
            if (located.record->thing_case() == kind && !located.record->deleted())
                found.push_back(located.record);
        }
        return found;
    }

    Id organisation_ = newId(1, systemRandom());
    Id directory_;
    std::map<Id, Located> records_;
    int invitations_ = 0;
};

struct Admin {
    Json run(const std::string& verb, const Json& arguments = Json::object())
    {
        return runVerb(verb, arguments, {desk, systemWallClock(), systemRandom(), [](const std::string&) {}});
    }
    Json fine(const std::string& verb, const Json& arguments = Json::object())
    {
        const Json answer = run(verb, arguments);
        INFO(answer.dump());
        REQUIRE(answer["ok"] == true);
        REQUIRE(answer["exit"] == ExitFine);
        return answer;
    }
    std::string refusal(const std::string& verb, const Json& arguments = Json::object())
    {
        const Json answer = run(verb, arguments);
        INFO(answer.dump());
        REQUIRE(answer["ok"] == false);
        REQUIRE(answer["exit"] == ExitRefused);
        return answer["message"].get<std::string>();
    }

    MemoryDesk desk;
};

} // namespace

TEST_CASE("adding a person gives an invite link for them")
{
    Admin admin;
    const Json added = admin.fine("person add", {{"login", "ben"}, {"name", "Ben Example"}});
    InviteLink link;
    REQUIRE(parseInviteLink(added["link"].get<std::string>(), link) == LinkError::None);
    CHECK(link.login == "ben");
    CHECK(link.organisation == "Example & Co");
    CHECK(link.server == admin.desk.address());
    CHECK(link.pin == admin.desk.pin());
    const Json listed = admin.fine("person list");
    REQUIRE(listed["people"].size() == 1);
    CHECK(listed["people"][0]["login"] == "ben");
    CHECK(listed["people"][0]["admin"] == false);
}

TEST_CASE("a person without a login gets a link that can be opened, however long the name")
{
    Admin admin;
    v1::Change change;
    const Id id = newId(1, systemRandom());
    change.set_id(newId(1, systemRandom()).str());
    change.set_target(id.str());
    for (int i = 0; i < 80; ++i)
        change.mutable_create_person()->mutable_name()->append("\u00e9!");
    REQUIRE(admin.desk.submitImport({&change, 1}).front());
    InviteLink link;
    REQUIRE(parseInviteLink(admin.fine("person invite", {{"login", id.hex()}})["link"].get<std::string>(), link) ==
            LinkError::None);
    CHECK(change.create_person().name().find(link.login) == 0);
    CHECK(link.login.size() == 99);
}

TEST_CASE("a login is taken once, and is one word")
{
    Admin admin;
    admin.fine("person add", {{"login", "ben"}, {"name", "Ben"}});
    CHECK(admin.refusal("person add", {{"login", "ben"}, {"name", "Other"}}) == "The login \"ben\" is taken already.");
    CHECK_FALSE(admin.refusal("person add", {{"login", "b en"}, {"name", "Ben"}}).empty());
    CHECK_FALSE(admin.refusal("person add", {{"login", "eve"}, {"name", " "}}).empty());
    CHECK_FALSE(admin.refusal("person add", {{"login", "eve\xff"}, {"name", "Eve"}}).empty());
}

TEST_CASE("a name that several people have must be told apart")
{
    Admin admin;
    const Json first = admin.fine("person add", {{"login", "sam1"}, {"name", "Sam"}});
    admin.fine("person add", {{"login", "sam2"}, {"name", "Sam"}});
    CHECK(admin.refusal("person invite", {{"login", "Sam"}}).find("Several people") == 0);
    CHECK(admin.refusal("person invite", {{"login", "nobody"}}).find("Nobody has the login") == 0);
    CHECK(admin.fine("person invite", {{"login", first["person"]}})["person"] == first["person"]);
}

TEST_CASE("a disabled person is shown as such, cannot be invited, and the last admin stays")
{
    Admin admin;
    admin.fine("person add", {{"login", "ana"}, {"name", "Ana"}, {"admin", true}});
    admin.fine("person add", {{"login", "ben"}, {"name", "Ben"}});
    admin.fine("person disable", {{"login", "ben"}});
    admin.fine("person disable", {{"login", "ben"}});
    CHECK(admin.refusal("person invite", {{"login", "ben"}}).find("disabled") != std::string::npos);
    CHECK(admin.refusal("person disable", {{"login", "ana"}}).find("only admin") != std::string::npos);
    admin.fine("person enable", {{"login", "ben"}});
    admin.fine("person invite", {{"login", "ben"}});
}

TEST_CASE("spaces have names of their own and members with roles")
{
    Admin admin;
    admin.fine("person add", {{"login", "ben"}, {"name", "Ben"}});
    const Json space = admin.fine("space add", {{"name", "Lab"}, {"visibility", "private"}});
    CHECK(admin.refusal("space add", {{"name", "Lab"}}) == "There is a space called \"Lab\" already.");
    CHECK(admin.refusal("space add", {{"name", "lAB"}}) == "There is a space called \"Lab\" already.");
    CHECK(admin.refusal("person add", {{"login", "BEN"}, {"name", "B"}}) == "The login \"ben\" is taken already.");
    CHECK(admin.refusal("member add", {{"space", "Labb"}, {"login", "ben"}}).find("There is no space") == 0);
    CHECK(admin.refusal("member remove", {{"space", "Lab"}, {"login", "ben"}}).find("is not a member") !=
          std::string::npos);

    admin.fine("member add", {{"space", "Lab"}, {"login", "ben"}, {"role", "owner"}, {"titles", {"expert"}}});
    const auto titles = [&] {
        std::vector<int> found;
        for (const auto& membership : admin.desk.memberships()) {
            for (const int title : membership->membership().titles())
                found.push_back(title);
        }
        return found;
    };
    CHECK(titles() == std::vector<int>{v1::EXPERT});
    admin.fine("member add", {{"space", "Lab"}, {"login", "ben"}, {"titles", {"sponsor", "leader"}}});
    CHECK(titles() == std::vector<int>{v1::SPONSOR, v1::LEADER});
    CHECK_FALSE(admin.refusal("member add", {{"space", "Lab"}, {"login", "ben"}, {"titles", {"king"}}}).empty());
    Json listed = admin.fine("space list");
    CHECK(listed["spaces"][0]["members"] == 1);
    CHECK(listed["spaces"][0]["visibility"] == "private");
    admin.fine("member remove", {{"space", space["space"]}, {"login", "ben"}});
    listed = admin.fine("space list");
    CHECK(listed["spaces"][0]["members"] == 0);
}

TEST_CASE("a check that finds something is not fine")
{
    Admin admin;
    CHECK(admin.fine("check")["problems"].empty());
    admin.desk.report.problems = {"Feed x does not have the digest of its records."};
    CHECK(admin.refusal("check").find("Feed x") == 0);
}

TEST_CASE("a refusal says which limit, and of what")
{
    CHECK(refusalSentence({v1::TOO_LONG, v1::SPACE_NAME, 500}).find("at most 500 bytes") != std::string::npos);
    CHECK(refusalSentence({v1::TOO_LONG, v1::POST_TAGS, 16}).find("at most 16 are") != std::string::npos);
    CHECK(refusalSentence({v1::TOO_LONG, v1::POST_PARENT, 32}).find("at most 32 levels") != std::string::npos);
}

TEST_CASE("a verb of a newer command is refused, not guessed")
{
    Admin admin;
    CHECK(admin.run("person promote")["exit"] == ExitUsage);
    CHECK(admin.run("member add", {{"titles", 7}})["ok"] == false);
}

TEST_CASE("devices are listed with their person, and one is revoked")
{
    Admin admin;
    const Id ben =
        *Id::fromHex(admin.fine("person add", {{"login", "ben"}, {"name", "Ben"}})["person"].get<std::string>());
    const Id cleo =
        *Id::fromHex(admin.fine("person add", {{"login", "cleo"}, {"name", "Cleo"}})["person"].get<std::string>());
    const Id laptop = newId(1, systemRandom());
    admin.desk.devicesThere = {{laptop, ben, "laptop", 5}, {newId(2, systemRandom()), cleo, "desk", 6}};
    CHECK(admin.fine("device list")["devices"].size() == 2);
    const Json bens = admin.fine("device list", {{"login", "ben"}});
    REQUIRE(bens["devices"].size() == 1);
    CHECK(bens["devices"][0]["id"] == laptop.hex());
    CHECK(bens["message"].get<std::string>().find("Ben (ben)  laptop  1970-01-01 00:00 UTC") != std::string::npos);
    CHECK(admin.refusal("device list", {{"login", "eve"}}).find("eve") != std::string::npos);

    CHECK(admin.refusal("device revoke", {{"id", ben.hex()}}).find("no device") != std::string::npos);
    CHECK(admin.fine("device revoke", {{"id", laptop.hex()}})["person"] == ben.hex());
    CHECK(admin.fine("device list", {{"login", "ben"}})["devices"].empty());
}

TEST_CASE("what came back and was not taken is told as what an admin knows")
{
    Admin admin;
    const Id ben =
        *Id::fromHex(admin.fine("person add", {{"login", "ben"}, {"name", "Ben"}})["person"].get<std::string>());
    const Id lab = *Id::fromHex(admin.fine("space add", {{"name", "Lab"}})["space"].get<std::string>());
    v1::Record eve;
    eve.set_id(newId(1, systemRandom()).str());
    eve.mutable_person()->set_login("eve");
    eve.mutable_person()->set_name("Eve");
    eve.mutable_person()->set_admin(true);
    v1::Record owner;
    owner.set_id(membershipId(lab, ben).str());
    owner.mutable_membership()->set_space(lab.str());
    owner.mutable_membership()->set_person(ben.str());
    owner.mutable_membership()->set_role(v1::OWNER);
    const auto add = [&](const v1::Record& record, const Feed& feed) {
        admin.desk.waiting.push_back({.feed = feed,
                                      .id = *Id::from(record.id()),
                                      .number = 9,
                                      .person = ben,
                                      .timeMs = 7,
                                      .bytes = record.SerializeAsString()});
    };
    add(eve, {FeedKind::Directory, admin.desk.organisation()});
    add(owner, {FeedKind::Space, lab});

    const Json listed = admin.fine("restored list");
    REQUIRE(listed["waiting"].size() == 2);
    CHECK(listed["waiting"][0]["kind"] == "person");
    CHECK(listed["waiting"][0]["name"] == "Eve (eve)");
    CHECK(listed["waiting"][0]["change"] == "is not here, admin");
    CHECK(listed["waiting"][0]["person"] == ben.hex());
    CHECK(listed["waiting"][1]["name"] == "Ben (ben) in \"Lab\"");
    CHECK(listed["waiting"][1]["change"] == "owner, is now no member");

    admin.refusal("restored dismiss");
    admin.refusal("restored dismiss", {{"id", lab.hex()}});
    CHECK(admin.fine("restored dismiss", {{"id", toHex(owner.id())}})["dismissed"] == 1);
    CHECK(admin.fine("restored list")["waiting"].size() == 1);
    CHECK(admin.fine("restored dismiss", {{"all", true}})["dismissed"] == 1);
    CHECK(admin.fine("restored list")["waiting"].empty());
}

} // namespace stoa
