// crash_drill [--changes N] [--people N] [--by-hand] [--seed S] [--runs N] [--minutes M]: a server lost and set up
// again from an old backup, N changes later. Every second run copies an old database back by hand instead. One JSON
// line; exit status 1 where something was lost.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/crash/processes/drill.h"

using namespace stoa::test;

int main(int argc, char** argv)
{
    uint64_t runs = 2;
    double minutes = 1e6;
    DrillPlan first;
    for (int i = 1; i < argc; ++i) {
        const auto is = [&](const char* name) { return i + 1 < argc && std::strcmp(argv[i], name) == 0; };
        if (std::strcmp(argv[i], "--by-hand") == 0)
            first.byHand = true;
        else if (is("--changes"))
            first.changes = std::atoi(argv[++i]);
        else if (is("--people"))
            first.people = std::strtoull(argv[++i], nullptr, 10);
        else if (is("--seed"))
            first.seed = std::strtoull(argv[++i], nullptr, 10);
        else if (is("--runs"))
            runs = std::strtoull(argv[++i], nullptr, 10);
        else if (is("--minutes"))
            minutes = std::atof(argv[++i]);
        else
            first.people = 0;
    }
    if (first.people < 5 || first.changes < 1) {
        std::fprintf(stderr, "usage: crash_drill [--changes N] [--people N] [--by-hand] [--seed S] [--runs N] "
                             "[--minutes M]\n"
                             "with five people at least\n");
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    const auto spent = [&] {
        return std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - began).count();
    };
    int failures = 0;
    uint64_t trials = 0, byHand = 0, lostLaptops = 0;
    int64_t changes = 0, slowestMs = 0;
    size_t records = 0, cameBack = 0, lostForGood = 0, waiting = 0;
    double rehearsalSeconds = 0;
    for (; trials < runs && spent() < minutes; ++trials) {
        DrillPlan plan = first;
        plan.seed += trials;
        plan.byHand = first.byHand != (trials % 2 == 1);
        const DrillOutcome outcome = drill(plan);
        byHand += plan.byHand;
        lostLaptops += outcome.lostLaptops;
        changes += outcome.changes;
        records += outcome.records;
        cameBack += outcome.cameBack;
        lostForGood += outcome.lostForGood;
        waiting += outcome.waitingThen;
        slowestMs = std::max<int64_t>(slowestMs, outcome.healed.count());
        rehearsalSeconds = std::max(rehearsalSeconds, outcome.rehearsalSeconds);
        if (outcome.wrong.empty())
            continue;
        ++failures;
        std::fprintf(stderr, "%s\n  again: ./dev crash drill --runs 1 --seed %llu --people %zu --changes %d%s\n",
                     outcome.wrong.c_str(), static_cast<unsigned long long>(plan.seed), plan.people, plan.changes,
                     plan.byHand ? " --by-hand" : "");
    }
    const Json line{{"name", "drill"},
                    {"trials", trials},
                    {"failures", failures},
                    {"minutes", spent()},
                    {"by_hand", byHand},
                    {"changes", changes},
                    {"lost_laptops", lostLaptops},
                    {"records", records},
                    {"came_back", cameBack},
                    {"lost_for_good", lostForGood},
                    {"waiting", waiting},
                    {"slowest_healing_ms", slowestMs},
                    {"rehearsal_seconds", rehearsalSeconds}};
    std::printf("%s\n", line.dump().c_str());
    return failures == 0 ? 0 : 1;
}
