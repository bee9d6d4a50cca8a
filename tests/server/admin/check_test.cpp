// What `stoad check` finds in a database that was damaged behind the program's back.

#include "shared/domain/feed.h"
#include "tests/server/admin/machine.h"

namespace stoa {

namespace {

using test::Json;
using test::Machine;
using test::says;

// An organisation with two people, a space and two pages of which one lies under the other.
class Checked : public Machine {
public:
    Checked()
    {
        fine({"person", "add", "ben", "--name", "Ben"});
        space = fine({"space", "add", "Lab"})["space"];
        fine({"member", "add", "ben", "--space", "Lab"});
        write("pages/upper/index.md", "Upper");
        write("pages/upper/lower.md", "Lower");
        fine({"import", "markdown", folder("pages").string(), "--space", "Lab"});
    }

    // As the check names it.
    std::string idOf(const std::string& body) const
    {
        return sql("SELECT lower(hex(id)) FROM record WHERE instr(bytes, '" + body + "')");
    }
    std::string feed() const { return toHex(Feed{FeedKind::Space, *Id::fromHex(space)}.key()); }

    // All problems that the check tells after the damage.
    std::string problemsAfter(const std::string& damage)
    {
        sql(damage);
        const Json answer = refused({"check"});
        std::string all;
        for (const Json& problem : answer["problems"])
            all += problem.get<std::string>() + "\n";
        CHECK(answer["message"].get<std::string>().find("not sound") != std::string::npos);
        return all;
    }

    std::string space;
};

} // namespace

TEST_CASE("a sound database is called so, with what it holds")
{
    Checked machine;
    const Json answer = machine.fine({"check"});
    CHECK(answer["problems"].empty());
    CHECK(answer["records"] == std::stoi(machine.sql("SELECT count(*) FROM record")));
    CHECK(answer["dangling"] == 0);
}

TEST_CASE("a check names the record that is damaged")
{
    Checked machine;
    const std::string upper = machine.idOf("Upper");
    const std::string row = " WHERE instr(bytes, 'Upper')";
    SECTION("its bytes are altered")
    {
        const std::string problems =
            machine.problemsAfter("UPDATE record SET bytes = replace(bytes, 'Upper', 'Other')" + row);
        CHECK(says(problems, upper + " does not carry this server's seal"));
        CHECK(says(problems, "Feed " + machine.feed() + ": its digest is not that of its records."));
    }
    SECTION("its seal is another's")
    {
        CHECK(says(machine.problemsAfter("UPDATE record SET seal = zeroblob(16)" + row),
                   upper + " does not carry this server's seal"));
    }
    SECTION("it cannot be read, and neither can another one")
    {
        const std::string lower = machine.idOf("Lower");
        const std::string problems = machine.problemsAfter(
            "UPDATE record SET bytes = x'ffff' WHERE instr(bytes, 'Upper') OR instr(bytes, 'Lower')");
        CHECK(says(problems, upper + " cannot be read."));
        CHECK(says(problems, lower + " cannot be read."));
    }
    SECTION("its id is none")
    {
        CHECK(says(machine.problemsAfter("UPDATE record SET id = x'0102'" + row), "0102 cannot be read."));
    }
    SECTION("it is filed as another kind of thing")
    {
        CHECK(says(machine.problemsAfter("UPDATE record SET thing = 99" + row),
                   "Feed " + machine.feed() + ": the record " + upper + " is filed as something that it is not."));
    }
    SECTION("it is called deleted")
    {
        CHECK(says(machine.problemsAfter("UPDATE record SET deleted = 1" + row), upper + " cannot be read."));
    }
}

TEST_CASE("a check names the feed that does not agree with its records")
{
    Checked machine;
    const std::string feed = "Feed " + machine.feed() + ": ";
    const std::string row = " WHERE lower(hex(key)) = '" + machine.feed() + "'";
    SECTION("its digest")
    {
        const std::string right = machine.sql("SELECT lower(hex(digest)) FROM feed" + row);
        CHECK(says(machine.problemsAfter("UPDATE feed SET digest = zeroblob(16)" + row),
                   feed + "its digest is not that of its records."));
        // Both digests lie in a file, and a check soon after names where.
        const std::filesystem::path folder = machine.data() + "/blackbox";
        CHECK(says(machine.refused({"check"})["message"], "1 black box lies in " + folder.string()));
        std::ifstream file(std::filesystem::directory_iterator(folder)->path());
        const std::string kept(std::istreambuf_iterator<char>(file), {});
        CHECK(says(kept, " digest=" + std::string(32, '0') + " computed=" + right + "\n"));
    }
    SECTION("its count")
    {
        CHECK(says(machine.problemsAfter("UPDATE feed SET records = records + 1" + row), feed + "it counts "));
    }
    SECTION("its head is above every number")
    {
        CHECK(says(machine.problemsAfter("UPDATE feed SET head = head + 5" + row), feed + "its head is "));
    }
    SECTION("its head is below a number")
    {
        CHECK(says(machine.problemsAfter("UPDATE feed SET head = head - 1" + row), feed + "its head is "));
    }
    SECTION("its name")
    {
        CHECK(says(machine.problemsAfter("UPDATE feed SET key = x'0102'" + row),
                   "Feed 0102: it has no name that can be read."));
    }
    SECTION("a record is gone, and what pointed at it is counted")
    {
        machine.sql("DELETE FROM record WHERE instr(bytes, 'Upper')");
        const Json answer = machine.refused({"check"});
        CHECK(says(answer["problems"].dump(), feed + "its digest is not that of its records."));
        CHECK(answer["dangling"] == 1);
    }
    SECTION("the feed is gone")
    {
        const std::string upper = machine.idOf("Upper");
        CHECK(says(machine.problemsAfter("DELETE FROM feed" + row), "Record " + upper + ": its feed is missing."));
    }
}

TEST_CASE("a check names what signing in and the organisation lack")
{
    Checked machine;
    SECTION("a login")
    {
        CHECK(says(machine.problemsAfter("DELETE FROM login WHERE login = 'ben'"),
                   "the login \"ben\" does not lead to them"));
    }
    SECTION("a login that leads to nobody")
    {
        CHECK(says(machine.problemsAfter("INSERT INTO login VALUES ('eve', zeroblob(16))"),
                   "The login \"eve\" leads to the record 00000000"));
    }
    SECTION("a login that leads to somebody else")
    {
        const std::string problems = machine.problemsAfter(
            "UPDATE login SET person = (SELECT person FROM login WHERE login = 'ana') WHERE login = 'ben'");
        CHECK(says(problems, "The login \"ben\" leads to the record "));
        CHECK(says(problems, "the login \"ben\" does not lead to them"));
    }
    SECTION("the organisation")
    {
        CHECK(says(machine.problemsAfter("DELETE FROM organisation"), "which organisation it holds"));
        // Nobody is told to make the data anew.
        for (const std::vector<std::string>& words :
             {std::vector<std::string>{"serve"}, {"person", "add", "eve", "--name", "Eve"}, {"person", "list"}})
            CHECK(says(machine.refused(words)["message"], "is damaged"));
    }
    SECTION("the organisation's record")
    {
        CHECK(says(machine.problemsAfter("DELETE FROM record WHERE thing = 16"), "The record of the organisation "));
        CHECK(says(machine.refused({"person", "invite", "ana"})["message"], "stoad check"));
    }
}

TEST_CASE("a check tells of a damaged file and goes on")
{
    Checked machine;
    const std::string upper = machine.idOf("Upper");
    const int page = std::stoi(machine.sql("SELECT rootpage FROM sqlite_master WHERE name = 'record_by_number'"));
    const int pageBytes = std::stoi(machine.sql("PRAGMA page_size"));
    {
        std::fstream file(machine.data() + "/stoa.db", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(std::streamoff(page - 1) * pageBytes);
        file << std::string(static_cast<size_t>(pageBytes), '\xff');
    }
    const std::string problems =
        machine.problemsAfter("UPDATE record SET seal = zeroblob(16) WHERE instr(bytes, 'Upper')");
    CHECK(says(problems, "is damaged"));
    CHECK(says(problems, upper + " does not carry this server's seal"));
}

} // namespace stoa
