#include "tests/simulation/world.h"

namespace stoa::test {

const std::vector<std::pair<Fault, const char*>>& faultNames()
{
    static const std::vector<std::pair<Fault, const char*>> names{
        {Fault::Cut, "cut"},
        {Fault::HalfOpen, "half open"},
        {Fault::BlackHole, "black hole"},
        {Fault::Delay, "delay"},
        {Fault::SlowReader, "slow reader"},
        {Fault::SplitBatch, "split batch"},
        {Fault::Replay, "replayed push"},
        {Fault::Stranger, "changed client"},
        {Fault::KillDevice, "killed device"},
        {Fault::KillServer, "killed server"},
        {Fault::PowerDevice, "power cut of a device"},
        {Fault::PowerServer, "power cut of the server"},
        {Fault::FullDevice, "full disk of a device"},
        {Fault::FullServer, "full disk of the server"},
        {Fault::WrongClock, "wrong clock"},
        {Fault::ServerClock, "server's clock set"},
        {Fault::CopyProfile, "copied profile"},
        {Fault::RevokeDevice, "revoked device"},
        {Fault::LoseDevice, "lost device"},
        {Fault::ErasePerson, "erased person"},
        {Fault::Restore, "restored backup"},
        {Fault::GoBack, "server gone back"},
    };
    return names;
}

Plan drawPlan(Mint& mint, const Scope& scope)
{
    const bool large = scope.large;
    Plan plan;
    plan.texts = scope.texts;
    plan.people = 1 + mint.number(large && mint.chance(30) ? 10 : 5);
    plan.devices = 2 + mint.number(large && mint.chance(30) ? 14 : 4);
    plan.devicesMax = large ? 20 : 8;
    plan.changes = 30 + mint.number(mint.chance(10) ? 300 : 90);
    plan.thinkMs = 200 + int64_t(mint.number(mint.chance(50) ? 2'000 : 20'000));
    plan.latencyMs = 1 + int64_t(mint.number(mint.chance(50) ? 20 : 800));
    plan.longTexts = mint.chance(10);
    if (mint.chance(4))
        return plan; // nothing ever fails: then whatever goes wrong is simple
    // Few faults go deep, many meet each other.
    const int each = mint.chance(50) ? 25 : 70;
    for (const auto& [fault, name] : faultNames())
        if (mint.chance(each))
            plan.faults.push_back(fault);
    plan.troubleEveryMs = 500 + int64_t(mint.number(30'000));
    return plan;
}

} // namespace stoa::test
