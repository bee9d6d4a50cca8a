// What goes wrong, and that it is mended in the end.

#include "client/search/index.h"
#include "server/auth/password.h"
#include "tests/simulation/world.h"

namespace stoa::test {

namespace {

constexpr int64_t yearMs = int64_t{365} * 24 * 3'600 * 1'000;

// Of one version, perhaps altered on the way.
v1::Envelope handBackOf(const Feed& feed, const StoredVersion& stored, Mint& mint)
{
    v1::Envelope envelope;
    envelope.mutable_hand_back()->set_feed(feed.key());
    v1::Version& version = *envelope.mutable_hand_back()->add_versions();
    version.set_number(stored.number);
    version.set_seal(stored.seal);
    version.set_record(stored.bytes);
    if (mint.chance(30))
        version.set_number(stored.number + 1 + mint.number(3));
    if (v1::Record record; mint.chance(30) && record.ParseFromString(stored.bytes)) {
        record.set_changed_ms(record.changed_ms() + 1);
        version.set_record(record.SerializeAsString());
    }
    return envelope;
}

} // namespace

void World::trouble()
{
    if (healing_ || plan_.faults.empty())
        return;
    Device& device = *devices_[mint_.number(devices_.size())];
    happen(plan_.faults[mint_.number(plan_.faults.size())], device);
    later(draw(2 * plan_.troubleEveryMs), [this] { trouble(); });
}

void World::happen(Fault fault, Device& device)
{
    const auto link = device.link;
    switch (fault) {
    case Fault::Cut:
    case Fault::HalfOpen:
        if (!link)
            return;
        if (fault == Fault::HalfOpen)
            link->up.heldUntilMs = agenda_.nowMs() + draw(50'000);
        hangUp(device, fault == Fault::Cut);
        break;
    case Fault::BlackHole:
        if (!link)
            return;
        for (Pipe* pipe : {&link->up, &link->down})
            if (mint_.chance(70))
                pipe->heldUntilMs = agenda_.nowMs() + 20'000 + draw(180'000);
        break;
    case Fault::SlowReader:
        device.slow = !device.slow;
        break;
    case Fault::Replay: {
        if (oldPushes_.empty())
            return;
        const auto& [person, push] = oldPushes_[mint_.number(oldPushes_.size())];
        const auto ghost = openLink(person);
        put(ghost, true, encodeFrame(helloBy({})));
        put(ghost, true, encodeFrame(push));
        break;
    }
    case Fault::Stranger: {
        const auto ghost = openLink(device.person);
        put(ghost, true, encodeFrame(helloBy({})));
        for (const Id& space : things_.spaces) {
            v1::Envelope envelope;
            envelope.mutable_subscribe()->set_feed(
                Feed{mint_.chance(80) ? FeedKind::Space : FeedKind::Staff, space}.key());
            envelope.mutable_subscribe()->set_cursor(mint_.number(3));
            put(ghost, true, encodeFrame(envelope));
        }
        v1::Envelope envelope;
        after_->refresh();
        const Maker maker{.person = device.person,
                          .import = mint_.chance(10),
                          .visible = *after_,
                          .nowMs = agenda_.nowMs(),
                          .texts = plan_.texts == Texts::Many};
        for (int i = 0; i < 5; ++i) {
            auto change = makeChange(mint_, maker, things_);
            if (!change)
                continue;
            if (!ledger_.accepted().empty() && mint_.chance(10)) {
                auto other = ledger_.accepted().begin();
                std::advance(other, int64_t(mint_.number(ledger_.accepted().size())));
                change->set_id(other->first.str());
            }
            if (change->has_create_post() && mint_.chance(20) && !things_.posts.empty())
                change->set_target(things_.posts[mint_.number(things_.posts.size())].str());
            v1::PushedChange& pushed = *envelope.mutable_push()->add_changes();
            pushed.set_change(change->SerializeAsString());
            pushed.set_age_ms(draw(1'000'000));
        }
        if (plan_.texts == Texts::Some)
            addStrangeText(envelope, maker);
        if (envelope.has_push())
            put(ghost, true, encodeFrame(envelope));
        const auto rights = rights_->find(device.person);
        if (rights != rights_->end() && !rights->second.empty()) {
            auto feed = rights->second.begin();
            std::advance(feed, int64_t(mint_.number(rights->second.size())));
            auto held = after_->versionsAfter(*feed, 0, 0, SIZE_MAX);
            if (!held.empty())
                put(ghost, true, encodeFrame(handBackOf(*feed, held[mint_.number(held.size())], mint_)));
        }
        after_->rest();
        break;
    }
    case Fault::KillDevice:
        if (!device.replica)
            return;
        kill(device, false);
        startLater(device);
        break;
    case Fault::KillServer:
        killServer(false);
        break;
    case Fault::PowerDevice:
        if (!device.replica)
            return;
        disk_.stopAfter(device.folder, mint_.number(20));
        break;
    case Fault::PowerServer:
        disk_.stopAfter(serverFolder_, mint_.number(30));
        break;
    case Fault::FullDevice:
    case Fault::FullServer: {
        const std::string& folder = fault == Fault::FullDevice ? device.folder : serverFolder_;
        disk_.failAfter(folder, DiskOperation::Write, mint_.number(10), true, true);
        later(draw(30'000), [this, folder] { disk_.heal(folder); });
        break;
    }
    case Fault::WrongClock:
        device.clockOffsetMs = mint_.chance(20) ? -agenda_.nowMs() + draw(1'000)
                             : mint_.chance(50) ? draw(20 * yearMs) - 10 * yearMs
                                                : device.clockOffsetMs + draw(7'200'000) - 3'600'000;
        break;
    case Fault::ServerClock:
        serverOffsetMs_ += draw(7'200'000) - 3'600'000;
        break;
    case Fault::CopyProfile: {
        if (devices_.size() >= plan_.devicesMax || !device.replica || device.signedOut)
            return;
        kill(device, false);
        Device& copy = *devices_.emplace_back(std::make_unique<Device>());
        copy.index = devices_.size() - 1;
        copy.person = device.person;
        copy.token = device.token;
        copy.signedOut = device.signedOut;
        copy.mine = device.mine;
        copy.lost = device.lost;
        copy.ordered = device.ordered;
        copy.aside = device.aside;
        copy.rights = device.rights;
        copy.turn = device.turn;
        copy.life = device.life;
        copy.held = device.held;
        copy.named = device.named;
        copy.compared = device.compared;
        copy.unsealed = device.unsealed;
        copy.leftOut = device.leftOut;
        copy.owed = device.owed;
        copy.clockOffsetMs = device.clockOffsetMs;
        copy.folder = disk_.root() + "/device" + std::to_string(copy.index);
        disk_.copy(device.folder, copy.folder);
        start(device);
        start(copy);
        later(draw(2 * plan_.thinkMs), [this, &copy] { think(copy); });
        writeLater(copy);
        break;
    }
    case Fault::RevokeDevice: {
        after_->refresh();
        const auto known = after_->deviceByToken(sha256(device.token));
        after_->rest();
        if (!known)
            return;
        revoke(known->id);
        for (const auto& each : std::vector(links_))
            if (each->session->device() == known->id)
                each->session->goodbye({v1::TOKEN_UNKNOWN});
        break;
    }
    case Fault::LoseDevice:
        if (device.signedOut || ledger_.isErasing(device.person))
            return;
        if (device.replica)
            kill(device, false);
        disk_.remove(device.folder);
        removeSearchIndex(indexOf(device));
        device.mine.clear();
        device.lost.clear();
        device.ordered.clear();
        device.reached.clear();
        device.held.clear();
        device.unsealed.clear();
        device.leftOut.clear();
        device.owed.clear();
        enrol(device);
        startLater(device);
        break;
    case Fault::ErasePerson: {
        // Somebody is to be left to look on.
        const Id person = mint_.chance(60) ? device.person : things_.people[mint_.number(things_.people.size())];
        if (ledger_.isErasing(person) || erased_.size() * 3 >= plan_.people)
            return;
        erase(person);
        break;
    }
    case Fault::Restore:
    case Fault::GoBack:
        if (!backup_ || mint_.chance(40))
            return backUp();
        if (fault == Fault::GoBack && wentBack_)
            return; // what is left of several lives that nobody told apart, nobody can say
        restore(fault == Fault::Restore);
        break;
    case Fault::Delay:
    case Fault::SplitBatch:
        return; // on the wires, all the time
    }
    count(fault);
    for (const auto& [each, name] : faultNames())
        if (each == fault)
            say(nameOf(device) + " meets: " + name);
}

void World::heal()
{
    say("all is healed");
    healing_ = true;
    // Either all start anew, or whoever runs goes on: it must not need a new start to see what it missed.
    const bool anew = mint_.chance(50);
    disk_.heal(serverFolder_);
    if (anew || disk_.isStopped(serverFolder_))
        killServer(disk_.isStopped(serverFolder_));
    for (const auto& device : devices_) {
        disk_.heal(device->folder);
        device->slow = false;
        const bool stopped = disk_.isStopped(device->folder);
        if (device->replica && !anew && !stopped)
            continue;
        if (device->replica)
            kill(*device, stopped);
        start(*device);
    }
}

} // namespace stoa::test
