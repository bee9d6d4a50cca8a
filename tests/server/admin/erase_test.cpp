// `stoad person erase`: who a person was is gone for good, what they wrote stays.

#include <csignal>

#include "tests/server/admin/machine.h"

namespace stoa {

namespace {

using test::Json;
using test::Machine;
using test::says;
using test::Serving;
using test::TestClient;

namespace fs = std::filesystem;

// ben, who signed in on a computer of his, has a role and an open invitation.
class WithBen : public Machine {
public:
    WithBen()
    {
        const InviteLink invited = linkOf(fine({"person", "add", "benlogin", "--name", "Benedictus Quill"}));
        fine({"space", "add", "Lab"});
        fine({"member", "add", "benlogin", "--space", "Lab", "--role", "moderator"});
        {
            Serving server(*this);
            server.enter(invited, token);
            stop(server);
        }
        fine({"person", "invite", "benlogin"});
        ben = sql("SELECT lower(hex(person)) FROM login WHERE login = 'benlogin'");
    }
    static void stop(Serving& server)
    {
        server.process.signal(SIGTERM);
        REQUIRE(server.process.wait().exitCode == 0);
    }
    std::string backup() const { return folder("backup").string(); }
    // Wherever it lies in the data.
    std::string filesWith(const std::string& words) const
    {
        std::string found;
        for (const auto& file : fs::recursive_directory_iterator(data())) {
            std::ifstream in(file.path(), std::ios::binary);
            const std::string bytes(std::istreambuf_iterator<char>(in), {});
            if (bytes.find(words) != std::string::npos)
                found += file.path().filename().string() + " ";
        }
        return found;
    }
    void requireErased() const
    {
        for (const char* words : {"benlogin", "Benedictus", "Quill"}) {
            INFO(words);
            CHECK(filesWith(words) == "");
        }
        for (const char* table : {"password", "device", "invitation"})
            CHECK(sql(std::string("SELECT count(*) FROM ") + table + " WHERE person = x'" + ben + "'") == "0");
        CHECK(sql("SELECT deleted FROM record WHERE id = x'" + ben + "'") == "1");
    }

    std::string token, ben;
};

} // namespace

TEST_CASE("who was erased is in no file of the server any more")
{
    WithBen machine;
    REQUIRE(machine.filesWith("Benedictus") != "");
    machine.fine({"person", "erase", "benlogin", "--yes"});
    machine.requireErased();
    CHECK(machine.fine({"person", "list"})["people"].size() == 1);
    CHECK(machine.fine({"space", "list"})["spaces"][0]["members"] == 0);
    CHECK(machine.fine({"device", "list"})["devices"].empty());
    machine.fine({"check"});
    // The login is free again, for somebody else.
    machine.fine({"person", "add", "benlogin", "--name", "Another Ben"});
    CHECK(machine.fine({"person", "list"})["people"].size() == 2);
}

TEST_CASE("nobody is erased by accident, and the only admin not at all")
{
    WithBen machine;
    CHECK(says(machine.refused({"person", "erase", "benlogin"})["message"], "--yes"));
    CHECK(says(machine.refused({"person", "erase", "nobody", "--yes"})["message"], "Nobody has the login"));
    CHECK(says(machine.refused({"person", "erase", "ana", "--yes"})["message"], "is the only admin"));
    CHECK(machine.fine({"person", "list"})["people"].size() == 2);
    CHECK(machine.fine({"space", "list"})["spaces"][0]["members"] == 1);
}

TEST_CASE("whoever is erased while signed in hears it, and does not come in again")
{
    WithBen machine;
    Serving server(machine);
    TestClient client = server.enter(machine.token);
    machine.fine({"person", "erase", "benlogin", "--yes"});
    CHECK(client.receiveGoodbye().code() == v1::PERSON_DISABLED_NOW);
    TestClient again(server.port);
    again.send(test::helloWithToken(machine.token));
    CHECK(again.receiveGoodbye().code() == v1::TOKEN_UNKNOWN);
    machine.stop(server);
    machine.requireErased();
}

TEST_CASE("a backup from before an erasure does not bring the person back")
{
    WithBen machine;
    machine.fine({"backup", machine.backup()});
    machine.fine({"person", "erase", "benlogin", "--yes"});
    fs::rename(machine.data(), machine.folder("before"));
    fs::create_directory(machine.data());
    fs::copy_file(machine.folder("before") / "journal", machine.data() + "/journal");
    const Json restored = machine.fine({"restore", machine.backup()});
    CHECK(restored["replayed"]["erased"] == 1);
    machine.requireErased();
    machine.fine({"check"});
}

} // namespace stoa
