#include "tests/crash/processes/partition.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <thread>

namespace stoa::test {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr Milliseconds startedMax{10'000};
constexpr int troubleMsMax = 2'500; // of one way, before it is well again

} // namespace

const char* nameOf(Trouble trouble)
{
    static const char* const all[troubleKinds] = {"none",    "hold",   "swallow", "delay",     "trickle",
                                                  "unheard", "refuse", "reset",   "half_close"};
    return all[int(trouble)];
}

std::vector<std::string> Partition::names(size_t count)
{
    std::vector<std::string> all;
    for (size_t i = 0; i < count; ++i)
        all.push_back("person" + std::to_string(i));
    return all;
}

Partition::Partition(size_t clients)
    : network_(clients),
      site_(names(clients),
            [this](size_t way, uint16_t serverPort) {
                network_.lead(serverPort);
                return network_.port(way);
            }),
      clients_(clients)
{
    site_.stop();
    for (const std::string& name : names(clients))
        fs::rename(site_.path(name), site_.path(name + ".begin"));
    fs::rename(site_.path("data"), site_.path("data.begin"));
}

void Partition::begin()
{
    std::vector<std::string> folders = names(clients_);
    folders.push_back("data");
    for (const std::string& folder : folders) {
        fs::remove_all(site_.path(folder));
        fs::copy(site_.path(folder + ".begin"), site_.path(folder), fs::copy_options::recursive);
    }
    for (size_t way = 0; way < clients_; ++way)
        network_.set(way, Trouble::None);
    if (!site_.serve())
        throw std::runtime_error("the server does not start");
}

PartitionOutcome Partition::run(const PartitionPlan& plan)
{
    std::mt19937_64 generator(plan.seed);
    const auto below = [&](int most) { return int(generator() % uint64_t(most)); };
    PartitionOutcome outcome;
    outcome.clients = std::min(clients_, plan.clients > 0 ? plan.clients : size_t(5 + below(6)));
    const int changesPerSecond = 10 + below(31);
    const bool serverDies = below(4) == 0;
    try {
        begin();
        std::map<std::string, std::unique_ptr<DeskProcess>> desks;
        std::map<std::string, DeskProcess*> all;
        std::vector<DeskProcess*> byWay;
        for (const std::string& name : names(outcome.clients)) {
            desks[name] = site_.desk(name);
            all[name] = desks[name].get();
            byWay.push_back(all[name]);
        }
        byWay[0]->write("ask T 100");
        site_.waitUntilEqual(all, startedMax);

        struct Ill {
            size_t way;
            bool paused;
            Clock::time_point until;
        };
        std::vector<Ill> ill;
        const auto wrongSince = Clock::now();
        const auto until =
            wrongSince + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(plan.seconds));
        auto nextTrouble = wrongSince;
        auto nextKill = wrongSince + (until - wrongSince) / 2;
        int written = 0;
        while (Clock::now() < until) {
            const auto now = Clock::now();
            std::erase_if(ill, [&](const Ill& one) {
                if (one.until > now)
                    return false;
                if (one.paused)
                    byWay[one.way]->process().signal(SIGCONT);
                else
                    network_.set(one.way, Trouble::None);
                return true;
            });
            if (now >= nextTrouble) {
                nextTrouble = now + Milliseconds(100 + below(400));
                // One way, or as many as half of them at a time.
                const auto trouble = Trouble(1 + below(troubleKinds - 1));
                const bool pause = below(10) == 0;
                const int many = below(3) == 0 ? int(outcome.clients) / 2 : 1;
                for (int i = 0; i < many; ++i) {
                    const size_t way = size_t(below(int(outcome.clients)));
                    const auto over = now + Milliseconds(200 + below(troubleMsMax));
                    if (std::ranges::any_of(ill, [&](const Ill& one) { return one.way == way; }))
                        continue;
                    ill.push_back({way, pause, over});
                    if (pause) {
                        byWay[way]->process().signal(SIGSTOP);
                        ++outcome.pauses;
                    } else {
                        network_.set(way, trouble);
                        ++outcome.troubles[size_t(trouble)];
                    }
                }
            }
            if (serverDies && outcome.serverKills == 0 && now >= nextKill) {
                site_.server().signal(SIGKILL);
                site_.requireKilled(startedMax);
                if (!site_.serve())
                    throw std::runtime_error("the server does not start again");
                ++outcome.serverKills;
            }
            const double due = std::chrono::duration<double>(now - wrongSince).count() * changesPerSecond;
            for (; written < int(due); ++written) {
                static const char* const kinds[] = {"ask T 400", "comment 100", "comment 300", "vote"};
                byWay[size_t(below(int(byWay.size())))]->write(kinds[below(4)]);
            }
            for (DeskProcess* desk : byWay)
                desk->listen();
            std::this_thread::sleep_for(Milliseconds(5));
        }
        for (size_t way = 0; way < outcome.clients; ++way) {
            network_.set(way, plan.oneStaysIll && way == 0 ? Trouble::Refuse : Trouble::None);
            byWay[way]->process().signal(SIGCONT);
        }
        outcome.healed = site_.waitUntilEqual(all, plan.patience);

        std::vector<std::string> stored;
        for (const auto& [name, desk] : all) {
            desk->listen();
            if (!desk->complaints.empty())
                throw std::runtime_error(name + " says: " + desk->complaints[0]);
            stored.insert(stored.end(), desk->stored.begin(), desk->stored.end());
            outcome.changes += desk->marked;
            written -= desk->undone;
        }
        outcome.changes += int(stored.size());
        if (outcome.changes != written + 1) // the first one came before the trouble
            throw std::runtime_error("only " + std::to_string(outcome.changes) + " changes were stored");
        site_.requireAccepted(stored);
        for (const std::string& twice :
             readRows(site_.database(), "SELECT hex(id) FROM record GROUP BY id, feed HAVING count(*) > 1"))
            throw std::runtime_error("is there twice: " + twice);
        desks.clear();
        site_.stop();
        if (const Json checked = site_.admin({"check"}); checked["ok"] != true)
            throw std::runtime_error("the server's data are not sound: " + checked.dump());
    } catch (const std::exception& error) {
        outcome.wrong = error.what();
        if (site_.isServing()) {
            site_.server().signal(SIGKILL);
            (void)site_.server().waitFor(startedMax);
        }
    }
    return outcome;
}

} // namespace stoa::test
