// The n-th call of each kind fails, once or until the disk is healed, for every n that there is: nothing is answered
// that is not stored, nothing is half stored, and the same program goes on once the disk does.

#include "server/store/sqlite/backup_file.h"
#include "tests/crash/program.h"
#include "tests/support/catch.h"

using namespace stoa::test;

namespace {

struct Fault {
    DiskOperation kind = DiskOperation::Write;
    bool forever = false;
    bool full = false;
};

constexpr uint64_t seed = 11;
constexpr int stepsMax = 12;
constexpr int stepsAfter = 2; // what failed is over: with it, or after it
constexpr int triesWhileFailing = 3;

// A program whose disk fails once at the n-th call, beside a twin whose disk does not.
template <class Program, class Script>
class Trial {
public:
    Trial(const Fault& fault, uint64_t n) : fault_(fault)
    {
        twin_.start();
        disk_.failAfter(folder_, fault.kind, n, fault.forever, fault.full);
    }

    // Whether anything failed.
    bool run()
    {
        int left = stepsMax;
        for (int done = 0; done < left;) {
            if (!step_)
                step_ = script_.next(twin_);
            try {
                if (!program_.isRunning())
                    program_.start();
                const std::string answer = step_(program_);
                REQUIRE(step_(twin_) == answer);
            } catch (const std::logic_error&) {
                throw;
            } catch (const std::exception&) {
                REQUIRE(disk_.hasFailed(folder_));
                if (fault_.forever && ++tries_ < triesWhileFailing) {
                    tryToRecover();
                    continue;
                }
                goOnHealed();
                left = std::min(left, done + stepsAfter);
                if (!wasStored())
                    continue; // again, with the same object
            }
            step_ = nullptr;
            ++done;
        }
        const bool failed = failed_ || disk_.hasFailed(folder_);
        disk_.heal(folder_);
        // All that was answered is there without any later sync.
        disk_.stopAfter(folder_, 0);
        program_.stop();
        disk_.powerCut(folder_);
        program_.start();
        REQUIRE(contents(program_.path()) == contents(twin_.path()));
        REQUIRE(unsoundness(program_.path()).empty());
        REQUIRE(program_.contradictions().empty());
        // A failing disk is not a damaged file.
        REQUIRE(disk_.calls(program_.path() + ".building", DiskOperation::Open) == 0);
        return failed;
    }

private:
    void tryToRecover()
    {
        try {
            if (program_.isRunning())
                program_.recover();
        } catch (const std::exception&) {
            program_.stop();
        }
    }

    void goOnHealed()
    {
        failed_ = true;
        disk_.heal(folder_);
        if (program_.isRunning())
            program_.recover();
        else
            program_.start();
    }

    // What failed was done all the same, or not at all.
    bool wasStored()
    {
        const std::string found = contents(program_.path());
        if (found == contents(twin_.path()))
            return false;
        (void)step_(twin_);
        REQUIRE(found == contents(twin_.path()));
        return true;
    }

    Fault fault_;
    SimulatedDisk disk_{seed};
    const std::string folder_ = disk_.root() + "/machine";
    int64_t nowMs_ = 1'700'000'000'000;
    Script script_{disk_, seed, nowMs_};
    Program program_{folder_, nowMs_};
    Program twin_{disk_.root() + "/twin", nowMs_};
    typename Program::Step step_;
    int tries_ = 0;
    bool failed_ = false;
};

// How many calls there were to fail.
template <class Program, class Script>
uint64_t failEach(const Fault& fault)
{
    for (uint64_t n = 0;; ++n) {
        CAPTURE(int(fault.kind), fault.forever, fault.full, n);
        if (!Trial<Program, Script>(fault, n).run())
            return n;
    }
}

template <class Program, class Script>
void failAll()
{
    for (const bool forever : {false, true}) {
        CHECK(failEach<Program, Script>({DiskOperation::Open, forever}) > 2);
        CHECK(failEach<Program, Script>({DiskOperation::Read, forever}) > 5);
        if (!forever) // a disk on which no write works for long is like a full one
            CHECK(failEach<Program, Script>({DiskOperation::Write}) > 50);
        CHECK(failEach<Program, Script>({DiskOperation::Write, forever, true}) > 50);
        CHECK(failEach<Program, Script>({DiskOperation::Sync, forever}) > 8);
        CHECK(failEach<Program, Script>({DiskOperation::Truncate, forever}) + 1 > 0);
        CHECK(failEach<Program, Script>({DiskOperation::Delete, forever}) > 0);
    }
}

} // namespace

TEST_CASE("A server whose disk fails or is full at any call answers nothing that is not stored, and goes on")
{
    failAll<ServerProgram, ServerScript>();
}

TEST_CASE("A replica whose disk fails or is full at any call says nothing that is not stored, and goes on")
{
    failAll<DeskProgram, DeskScript>();
}

TEST_CASE("A copy for a backup that meets a failing disk at any call says so, and one that was made is whole")
{
    int64_t nowMs = 1'700'000'000'000;
    SimulatedDisk disk(seed);
    ServerScript script(disk, seed, nowMs);
    ServerProgram server(disk.root() + "/machine", nowMs);
    server.start();
    for (int i = 0; i < stepsMax; ++i)
        (void)script.next(server)(server);
    const std::string held = contents(server.path());
    const std::string folder = disk.root() + "/backup", file = folder + "/backup.db";
    const stoa::SmallFiles keys{{"seal.key", std::string(32, 'k')}, {"stoad.conf", "port = 1"}};

    // Of the disk that is written, and of the one that is read.
    const auto failEachCall = [&](const std::string& prefix, DiskOperation kind, bool forever) {
        for (uint64_t n = 0;; ++n) {
            CAPTURE(prefix, int(kind), forever, n);
            disk.remove(folder);
            disk.failAfter(prefix, kind, n, forever, kind == DiskOperation::Write);
            bool made = true;
            try {
                stoa::copyDatabase(server.path(), file, [] {});
                stoa::addSmallFiles(file, keys);
            } catch (const stoa::StorageError&) {
                made = false;
            }
            const bool failed = disk.hasFailed(prefix);
            disk.heal(prefix);
            REQUIRE((made || failed));
            if (made) {
                REQUIRE(unsoundness(file).empty());
                REQUIRE(stoa::smallFilesOf(file) == keys);
                stoa::removeSmallFiles(file);
                REQUIRE(contents(file) == held);
            }
            REQUIRE(contents(server.path()) == held);
            if (!failed)
                return n;
        }
    };
    for (const bool forever : {false, true}) {
        CHECK(failEachCall(folder, DiskOperation::Open, forever) > 1);
        CHECK(failEachCall(folder, DiskOperation::Write, forever) > 10);
        CHECK(failEachCall(folder, DiskOperation::Sync, forever) > 1);
        CHECK(failEachCall(disk.root() + "/machine", DiskOperation::Read, forever) > 0);
    }
    (void)script.next(server)(server);
}
