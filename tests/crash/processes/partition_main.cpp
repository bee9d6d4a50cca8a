// crash_partition [--runs N] [--seconds S] [--clients C] [--seed S] [--minutes M]: devices that write while their
// network fails, then heals. One JSON line; exit status 1 where a run did not end equal, or a trouble never happened.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tests/crash/processes/partition.h"

using namespace stoa::test;

int main(int argc, char** argv)
{
    uint64_t runs = 10, seed = 1;
    double minutes = 1e6;
    PartitionPlan plan;
    for (int i = 1; i < argc; i += 2) {
        const auto is = [&](const char* name) { return i + 1 < argc && std::strcmp(argv[i], name) == 0; };
        if (is("--runs")) {
            runs = std::strtoull(argv[i + 1], nullptr, 10);
        } else if (is("--seconds")) {
            plan.seconds = std::atof(argv[i + 1]);
        } else if (is("--clients")) {
            plan.clients = std::strtoull(argv[i + 1], nullptr, 10);
        } else if (is("--seed")) {
            seed = std::strtoull(argv[i + 1], nullptr, 10);
        } else if (is("--minutes")) {
            minutes = std::atof(argv[i + 1]);
        } else {
            std::fprintf(stderr, "usage: crash_partition [--runs N] [--seconds S] [--clients C] [--seed S] "
                                 "[--minutes M]\n");
            return 2;
        }
    }
    const auto began = std::chrono::steady_clock::now();
    const auto spent = [&] {
        return std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - began).count();
    };
    int trials = 0, failures = 0, changes = 0, pauses = 0, kills = 0;
    int64_t slowestMs = 0;
    std::array<int, troubleKinds> met{};
    std::unique_ptr<Partition> partition;
    for (plan.seed = seed; plan.seed < seed + runs && spent() < minutes; ++plan.seed, ++trials) {
        std::string wrong;
        try {
            if (!partition)
                partition = std::make_unique<Partition>(std::max(Partition::clientsMax, plan.clients));
            const PartitionOutcome outcome = partition->run(plan);
            for (size_t i = 0; i < met.size(); ++i)
                met[i] += outcome.troubles[i];
            changes += outcome.changes;
            pauses += outcome.pauses;
            kills += outcome.serverKills;
            slowestMs = std::max<int64_t>(slowestMs, outcome.healed.count());
            wrong = outcome.wrong;
        } catch (const std::exception& error) {
            wrong = error.what();
        }
        if (wrong.empty())
            continue;
        ++failures;
        partition.reset();
        std::fprintf(stderr, "%s\n  again: ./dev crash partition --runs 1 --seed %llu --seconds %g --clients %zu\n",
                     wrong.c_str(), static_cast<unsigned long long>(plan.seed), plan.seconds, plan.clients);
    }
    Json faults{{"pause", pauses}, {"server_kill", kills}};
    for (size_t i = 1; i < met.size(); ++i) {
        faults[nameOf(Trouble(i))] = met[i];
        if (met[i] == 0 && trials >= 10) {
            ++failures;
            std::fprintf(stderr, "%s never happened\n", nameOf(Trouble(i)));
        }
    }
    const Json line{{"name", "partition"}, {"trials", trials}, {"failures", failures},           {"minutes", spent()},
                    {"changes", changes},  {"faults", faults}, {"slowest_healing_ms", slowestMs}};
    std::printf("%s\n", line.dump().c_str());
    return failures == 0 ? 0 : 1;
}
