// What `stoad check` finds in a database that was damaged behind the program's back.

#include "server/admin/data_folder.h"
#include "server/engine/engine.h"
#include "server/store/sqlite/sqlite_store.h"
#include "shared/domain/feed.h"
#include "shared/text/codec.h"
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

TEST_CASE("a check names the body whose revisions do not hold together")
{
    Checked machine;
    const std::string upper = machine.idOf("Upper");
    const Id page = *Id::fromHex(upper);
    const DataFolder folder{machine.data()};
    const auto revisionsIn = [&](Store& store) {
        const auto snapshot = store.snapshot();
        snapshot->refresh();
        return snapshot->revisionsAfter(page, 0, SIZE_MAX);
    };
    std::vector<v1::Revision> all;
    v1::Revision whole; // the body as it was created
    {
        const auto store = openSqliteStore(folder.database());
        int64_t nowMs = 1'900'000'000'000;
        Engine engine(*store, readWhole(folder.sealKey()), [&] { return nowMs++; });
        // The record has the first one; the others wait.
        for (int i = 0; i < 4; ++i) {
            v1::Change change;
            change.set_id(newId(nowMs, systemRandom()).str());
            change.set_target(page.str());
            change.mutable_edit_text()->set_text(encode(TextChange::replace(0, 0, "x")));
            if (!all.empty())
                *change.mutable_edit_text()->mutable_base() = all.back().version();
            Submission submission{.actor = {.server = true}};
            submission.changes.emplace_back().set_change(change.SerializeAsString());
            REQUIRE(engine.submit({&submission, 1}).receipts[0].receipts(0).revision() > 0);
            all = revisionsIn(*store);
        }
        whole = store->begin()->revision(page, 0).value();
    }
    REQUIRE(machine.fine({"check"})["problems"].empty());
    const uint64_t first = all[0].version().revision();
    const auto where = [&](uint64_t nth) { return " WHERE revision = " + std::to_string(first + nth); };
    const auto named = [&](uint64_t nth) {
        return upper + ": the revision " + std::to_string(first + nth) + " of its body ";
    };
    const auto keepInstead = [&](const std::vector<v1::Revision>& revisions) {
        const auto store = openSqliteStore(folder.database());
        const auto transaction = store->begin();
        const Publication waiting = *transaction->publication(page);
        transaction->dropRevisions(page);
        for (const v1::Revision& each : revisions)
            transaction->addRevision(page, each);
        transaction->setPublication(waiting);
        transaction->commit();
    };
    const auto problemsWith = [&](const std::vector<v1::Revision>& revisions) {
        keepInstead(revisions);
        return machine.problemsAfter("SELECT 1");
    };
    const auto withWhole = [&](std::vector<v1::Revision> revisions) {
        revisions.insert(revisions.begin(), whole);
        return revisions;
    };
    SECTION("one is missing")
    {
        all.erase(all.begin() + 2);
        const std::string problems = problemsWith(all);
        CHECK(says(problems, named(3) + "does not follow the one before it."));
        CHECK(says(problems, upper + " lacks 2 revisions of its body and waits for 3."));
    }
    SECTION("one does not fit")
    {
        all[2].set_text(encode(TextChange::replace(1'000, 0, "x")));
        CHECK(says(problemsWith(all), named(2) + "is no change of that body."));
    }
    SECTION("one is not what the record says")
    {
        all[0].mutable_version()->mutable_seal()->back() ^= 1;
        CHECK(says(problemsWith(all), named(0) + "is not the one that the record was made with."));
    }
    SECTION("those that the record has make another body")
    {
        all[0].set_text(encode(TextChange::replace(0, 0, "y")));
        CHECK(says(problemsWith(withWhole(all)), upper + ": its body is not what its revisions make."));
    }
    SECTION("one that the record has does not fit")
    {
        all[0].set_text(encode(TextChange::replace(1'000, 0, "x")));
        CHECK(says(problemsWith(withWhole(all)), named(0) + "is no change of that body."));
    }
    SECTION("one that the record has is missing")
    {
        all[0].set_after(7);
        CHECK(says(problemsWith(withWhole(all)), named(0) + "does not follow the one before it."));
    }
    SECTION("nothing is known of the body before the first one")
    {
        keepInstead(all);
        CHECK(machine.fine({"check"})["problems"].empty());
    }
    SECTION("one that the record has cannot be read")
    {
        CHECK(says(machine.problemsAfter("UPDATE revision SET bytes = x'ffff'" + where(0)),
                   named(0) + "cannot be read."));
    }
    SECTION("one is filed under another's number")
    {
        CHECK(says(machine.problemsAfter("UPDATE revision SET revision = revision + 7" + where(3)),
                   named(10) + "cannot be read."));
    }
    SECTION("nobody knows that some wait")
    {
        CHECK(says(machine.problemsAfter("DELETE FROM publication"),
                   upper + " lacks 3 revisions of its body and waits for 0."));
    }
    SECTION("it waits for what is not there")
    {
        CHECK(
            says(machine.problemsAfter("DELETE FROM revision"), upper + " waits for revisions that it does not lack."));
    }
    SECTION("they are of a post that is gone")
    {
        CHECK(says(machine.problemsAfter("UPDATE revision SET post = randomblob(16)"),
                   " has revisions of a body, and is no living post."));
    }
}

TEST_CASE("a check holds the open proposals against those that are kept as open")
{
    Checked machine;
    const std::string upper = machine.idOf("Upper");
    {
        const DataFolder folder{machine.data()};
        const auto store = openSqliteStore(folder.database());
        Engine engine(*store, readWhole(folder.sealKey()), [] { return int64_t{1'900'000'000'000}; });
        v1::Change change;
        change.set_id(newId(1, systemRandom()).str());
        change.set_target(newId(1, systemRandom()).str());
        v1::CreatePost& post = *change.mutable_create_post();
        post.set_kind(v1::PROPOSAL);
        post.set_space(Id::fromHex(machine.space)->str());
        post.set_parent(Id::fromHex(upper)->str());
        post.set_body("Proposed");
        post.set_reason("clearer");
        Submission submission{.actor = {.server = true}};
        submission.changes.emplace_back().set_change(change.SerializeAsString());
        REQUIRE_FALSE(engine.submit({&submission, 1}).receipts[0].receipts(0).has_refusal());
    }
    REQUIRE(machine.fine({"check"})["problems"].empty());
    SECTION("one is not kept")
    {
        CHECK(says(machine.problemsAfter("DELETE FROM open_proposal"),
                   machine.idOf("Proposed") + " is an open proposal and is not kept among those of its page."));
    }
    SECTION("one is kept below another page")
    {
        CHECK(says(machine.problemsAfter("UPDATE open_proposal SET page = proposal"),
                   machine.idOf("Proposed") + " is an open proposal and is not kept among those of its page."));
    }
    SECTION("one that is kept is none")
    {
        CHECK(says(
            machine.problemsAfter(
                "INSERT INTO open_proposal(proposal, page, due_ms) SELECT id, id, 9 FROM record WHERE instr(bytes, "
                "'Upper')"),
            upper + " is kept among the open proposals and is none."));
    }
}

} // namespace stoa
