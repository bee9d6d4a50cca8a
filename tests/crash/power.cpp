#include "tests/crash/power.h"

#include <algorithm>
#include <vector>

#include "tests/crash/program.h"

namespace stoa::test {

namespace {

// The first cuts of the lives with neighbouring seeds fall on neighbouring writes of a program's first start.
constexpr uint64_t firstWrites = 120;

template <class Program, class Script>
class Life {
public:
    explicit Life(const PowerPlan& plan)
        : plan_(plan),
          disk_(plan.seed),
          random_(plan.seed),
          script_(disk_, plan.seed, nowMs_),
          program_(folder_, nowMs_),
          twin_(disk_.root() + "/twin", nowMs_)
    {
        if (plan.syncLess)
            disk_.syncLess(folder_);
        twin_.start();
    }

    PowerOutcome live()
    {
        while (outcome_.cuts < plan_.cuts && outcome_.wrong.empty()) {
            disk_.stopAfter(folder_, outcome_.cuts == 0 ? plan_.seed / 2 % firstWrites : distance());
            workUntilCut();
            cut();
            if (random_.chance(25))
                cutWhileRecovering();
            if (outcome_.wrong.empty())
                compare();
        }
        program_.stop();
        twin_.stop();
        return std::move(outcome_);
    }

private:
    uint64_t distance() { return random_.chance(70) ? random_.number(60) : random_.number(600); }

    void wrong(const std::string& what)
    {
        if (outcome_.wrong.empty())
            outcome_.wrong =
                "cut " + std::to_string(outcome_.cuts) + ", step " + std::to_string(outcome_.steps) + ": " + what;
    }

    void workUntilCut()
    {
        try {
            if (!program_.isRunning())
                program_.start();
            while (!disk_.isStopped(folder_) && outcome_.wrong.empty()) {
                if (!step_)
                    step_ = script_.next(twin_);
                const std::string answer = step_(program_);
                finishStep(&answer);
            }
        } catch (const std::logic_error& failed) {
            wrong(failed.what());
        } catch (const std::exception& failed) {
            if (!disk_.isStopped(folder_))
                wrong(std::string("it failed without a cut: ") + failed.what());
        }
    }

    // The twin does the same.
    void finishStep(const std::string* answer)
    {
        if (plan_.syncLess)
            past_.push_back(contents(twin_.path()));
        const std::string same = step_(twin_);
        step_ = nullptr;
        ++outcome_.steps;
        if (answer != nullptr && *answer != same)
            wrong("it answers otherwise than one that was never cut");
    }

    void cut()
    {
        program_.stop();
        disk_.powerCut(folder_);
        ++outcome_.cuts;
    }

    void cutWhileRecovering()
    {
        disk_.stopAfter(folder_, random_.number(12));
        try {
            program_.start();
        } catch (const std::exception&) {
            // As it must where the power goes; and what else there is to it the next start will say.
        }
        cut();
    }

    void compare()
    {
        try {
            program_.start();
            if (const std::string unsound = unsoundness(program_.path()); !unsound.empty()) {
                ++outcome_.damaged;
                return wrong("the file is damaged: " + unsound);
            }
            const std::string found = contents(program_.path());
            const std::string acknowledged = contents(twin_.path());
            if (found != acknowledged) {
                if (step_)
                    finishStep(nullptr); // it may have been stored before it could be answered
                if (found != contents(twin_.path()))
                    return isOther(found, acknowledged);
            }
            if (const std::string sums = program_.contradictions(); !sums.empty()) {
                ++outcome_.damaged;
                wrong(sums);
            }
        } catch (const std::exception& failed) {
            ++outcome_.damaged;
            wrong(std::string("it does not start: ") + failed.what());
        }
    }

    void isOther(const std::string& found, const std::string& acknowledged)
    {
        for (size_t i = past_.size(); i-- > 0;) {
            if (past_[i] == found) {
                outcome_.lost += int(past_.size() - i);
                return wrong("acknowledged steps are lost");
            }
        }
        ++outcome_.damaged;
        const size_t at = size_t(
            std::mismatch(found.begin(), found.end(), acknowledged.begin(), acknowledged.end()).first - found.begin());
        const size_t line = found.rfind('\n', at) + 1;
        wrong("it holds neither what was acknowledged nor that with the step under way; it has\n  " +
              found.substr(line, at - line + 60) + "\n  instead of\n  " + acknowledged.substr(line, at - line + 60));
    }

    PowerPlan plan_;
    PowerOutcome outcome_;
    SimulatedDisk disk_;
    const std::string folder_ = disk_.root() + "/machine";
    Mint random_;
    int64_t nowMs_ = 1'700'000'000'000;
    Script script_;
    Program program_;
    Program twin_;
    typename Program::Step step_; // not answered yet
    std::vector<std::string> past_;
};

} // namespace

PowerOutcome livePowerCuts(const PowerPlan& plan)
{
    if (plan.side == Side::Server)
        return Life<ServerProgram, ServerScript>(plan).live();
    return Life<DeskProgram, DeskScript>(plan).live();
}

} // namespace stoa::test
