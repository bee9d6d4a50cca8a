// The devices, and what the people at them do.

#include "tests/simulation/world.h"

#include "client/replica/visible_reader.h"

namespace stoa::test {

namespace {

constexpr int64_t pulseMs = 10'000;

} // namespace

Device& World::addDevice(const Id& person)
{
    Device& device = *devices_.emplace_back(std::make_unique<Device>());
    device.index = devices_.size() - 1;
    device.person = person;
    device.folder = disk_.root() + "/device" + std::to_string(device.index);
    enrol(device);
    start(device);
    later(draw(2 * plan_.thinkMs), [this, &device] { think(device); });
    writeLater(device);
    return device;
}

void World::start(Device& device)
{
    say(nameOf(device) + " starts");
    const std::string path = device.folder + "/replica.db";
    try {
        device.replica = std::make_unique<Replica>(path, [this, &device] { return wallMs(device); });
        device.syncer = std::make_unique<Syncer>(
            *device.replica, [this, &device] { return wallMs(device); }, [this] { return agenda_.nowMs(); });
        device.look = std::make_unique<Connection>(path, Database::Mode::Read);
    } catch (const std::exception&) {
        failing_ = &device;
        throw;
    }
    device.failures = 0;
    device.openTexts.clear();
    checkReached(device);
    checkOutbox(device);
    connectLater(device);
    pulse(device, device.starts);
}

void World::startLater(Device& device)
{
    later(healing_ ? 1 : draw(60'000), [this, &device, starts = device.starts] {
        if (!device.replica && starts == device.starts)
            start(device);
    });
}

void World::kill(Device& device, bool powerCut)
{
    say(nameOf(device) + (powerCut ? "'s power is cut" : " is killed"));
    ++device.starts;
    device.connectAsked = false;
    if (const auto link = std::exchange(device.link, nullptr)) {
        link->device = nullptr;
        link->down.bytes.clear();
        if (mint_.chance(50))
            closeServerEnd(link);
    }
    disk_.stopAfter(device.folder, 0);
    device.syncer.reset();
    device.look.reset();
    device.replica.reset();
    powerCut ? disk_.powerCut(device.folder) : disk_.processKilled(device.folder);
}

void World::within(Device& device, const std::function<void()>& work)
{
    Touched touched;
    try {
        device.replica->begin();
        work();
        touched = device.replica->commit();
    } catch (const Broken&) {
        throw;
    } catch (const std::exception&) {
        failing_ = &device;
        throw;
    }
    if (device.rights.empty() || touched.directory || touched.feeds || touched.bulk || !touched.spaces.isEmpty())
        noteRights(device);
    sendOff(device);
    if (device.replica)
        checkReached(device);
}

void World::sendOff(Device& device)
{
    SyncActions actions;
    try {
        actions = device.syncer->take();
    } catch (const std::exception&) {
        failing_ = &device;
        throw;
    }
    for (const v1::Envelope& envelope : actions.send) {
        if (!device.link)
            continue;
        if (envelope.has_push()) {
            say(nameOf(device) + " pushes " + std::to_string(envelope.push().changes_size()));
            noteSent(device, envelope.push());
            oldPushes_.emplace_back(device.person, envelope);
            if (oldPushes_.size() > 50)
                oldPushes_.erase(oldPushes_.begin() + int64_t(mint_.number(50)));
        }
        if (envelope.has_hand_back()) {
            say(nameOf(device) + " hands back " + std::to_string(envelope.hand_back().versions_size()) + " of " +
                toHex(envelope.hand_back().feed()));
            oldPushes_.emplace_back(device.person, envelope);
        }
        put(device.link, true, encodeFrame(envelope));
    }
    for (const BlackBoxReport& report : actions.reports) {
        say(nameOf(device) + " keeps a black box\n" + report.text);
        // Nobody can know before the sums differ that the server went back without a word, where nothing that this copy
        // has bears its cursor's number (it was a deletion, of what was never read), or it was in the middle of reading
        // and has left out what was superseded further on.
        if (std::erase_if(device.leftOut, [&](const Feed& feed) { return feedName(feed.key()) == report.about; }) > 0)
            continue;
        if (report.cause == "digest" && differed_.empty())
            differed_ = nameOf(device) + " differed in " + report.about;
    }
    if (actions.signedIn) {
        device.failures = 0;
        device.disabled = false;
    }
    if (!actions.ended)
        return;
    say(nameOf(device) + " ends by " + v1::Code_Name(actions.ended->code));
    switch (actions.ended->code) {
    case v1::TOKEN_UNKNOWN:
        // Its person signs in again some time.
        device.signedOut = true;
        later(draw(120'000), [this, &device] { signInAgain(device); });
        break;
    case v1::PERSON_DISABLED_NOW:
        device.disabled = true;
        break;
    case v1::TOO_SLOW:
    case v1::BUSY:
    case v1::STORAGE:
        break;
    default:
        throw Broken("nobody breaks the protocol",
                     nameOf(device) + " hears or says " + v1::Code_Name(actions.ended->code));
    }
    hangUp(device, mint_.chance(50));
}

void World::noteSent(Device& device, const v1::Push& push)
{
    uint64_t above = 0;
    for (const v1::PushedChange& pushed : push.changes()) {
        v1::Change change;
        change.ParseFromString(pushed.change());
        const auto mine = device.mine.find(*Id::from(change.id()));
        if (mine == device.mine.end())
            continue;
        mine->second.sent = true;
        // One that was not sent yet takes in what is written next, and one goes anew over a body that the server has.
        // While one is under way, the next waits.
        mine->second.change = change;
        if (change.has_edit_text())
            continue;
        if (mine->second.order < above)
            throw Broken("what one does goes in its order",
                         nameOf(device) + " sends " + kindOf(change) + " after what was made later");
        above = mine->second.order;
    }
}

void World::connectLater(Device& device)
{
    if (device.signedOut || device.link || std::exchange(device.connectAsked, true))
        return;
    const int64_t waitMs =
        device.disabled ? 60'000 : draw(std::min<int64_t>(60'000, 500 << std::min(device.failures, 7)));
    ++device.failures;
    later(waitMs, [this, &device, starts = device.starts] {
        if (starts != device.starts)
            return;
        device.connectAsked = false;
        if (!device.signedOut && !device.link)
            connect(device);
    });
}

void World::connect(Device& device)
{
    say(nameOf(device) + " connects");
    device.link = openLink(device.person);
    device.link->device = &device;
    within(device, [&] { device.syncer->connected(helloBy(device.token).hello()); });
}

// Politely: the server learns of it.
void World::hangUp(Device& device, bool politely)
{
    const auto link = std::exchange(device.link, nullptr);
    if (!link)
        return;
    say(nameOf(device) + " hangs up");
    link->device = nullptr;
    link->down.bytes.clear();
    if (politely)
        closeServerEnd(link);
    within(device, [&] { device.syncer->disconnected(); });
    connectLater(device);
}

void World::received(Device& device, const v1::Envelope& envelope)
{
    std::vector<std::pair<const Mine*, uint64_t>> shown; // and what the server made of it
    std::map<std::string, int> answers;                  // by target: of several one may show what another did
    for (const v1::Receipt& receipt : envelope.receipts().receipts()) {
        const auto id = Id::from(receipt.change());
        const auto mine = id ? device.mine.find(*id) : device.mine.end();
        if (mine == device.mine.end())
            continue;
        ledger_.acknowledged(receipt, mine->second.change.SerializeAsString());
        ++answers[mine->second.change.target()];
        if (receipt.has_refusal())
            mine->second.sent = false;
        if (receipt.effects_size() > 0 && isShown(device, mine->second.change))
            shown.emplace_back(&mine->second, receipt.effects(0).number());
    }
    for (const std::string& key : envelope.feeds().lost())
        if (const auto feed = Feed::from(key)) {
            device.lost.insert(*feed);
            device.ordered.insert(*feed);
            device.named.erase(*feed); // it may go before it was handed back
            // A server that does not know that it went back may say so all the same.
            if (ledger_.hasGoneUnnoticed())
                std::erase_if(device.held, [&](const auto& each) { return each.first.first == *feed; });
        }
    say(nameOf(device) + " hears " + std::to_string(envelope.message_case()) + ' ' +
        std::to_string(envelope.ByteSizeLong()));
    noteOwed(device, envelope);
    // Who is answered has handed back, and the server knows of nothing more that it lost.
    if (const auto feed = Feed::from(envelope.batch().feed()); envelope.has_batch() && feed) {
        const FollowedFeed* asked = device.replica ? device.replica->feed(*feed) : nullptr;
        if (asked && !asked->setAside && device.named.contains(*feed)) {
            device.compared.insert(*feed);
            device.owed.erase(*feed);
        }
    }
    if (const v1::Batch& batch = envelope.batch(); batch.upto() > batch.after()) {
        const int count = batch.versions_size();
        const bool isSealed = batch.last() && count > 0 && batch.versions(count - 1).number() == batch.upto();
        const Feed feed = *Feed::from(batch.feed());
        isSealed ? void(device.unsealed.erase(feed)) : void(device.unsealed.insert(feed));
    }
    if (envelope.has_welcome())
        noteHeld(device, envelope.welcome());
    const int turn = device.turn;
    within(device, [&] { device.syncer->received(envelope); });
    if (envelope.has_welcome() && envelope.welcome().epoch() == engine_->epoch())
        device.life = life_; // it is stored that it knows
    if (!device.replica || !envelope.has_receipts())
        return;
    checkShown(device);
    if (device.turn != turn)
        return; // its person may less than they thought: what rested on that does not show
    for (const auto& [mine, number] : shown) {
        const FollowedFeed* feed = device.replica->feed(mine->feed);
        if (feed && !feed->setAside && feed->cursor < number && answers[mine->change.target()] == 1 &&
            !isShown(device, mine->change))
            throw Broken("what is pending shows", nameOf(device) + " showed " + mine->change.ShortDebugString() +
                                                      " until it was accepted, and what the server made is not there");
    }
}

void World::pulse(Device& device, int starts)
{
    later(pulseMs, [this, &device, starts] {
        if (starts != device.starts || !device.replica)
            return;
        within(device, [&] { device.syncer->pump(); });
        if (starts == device.starts)
            pulse(device, starts);
    });
}

void World::think(Device& device)
{
    if (healing_)
        return;
    if (device.replica) {
        if (mint_.chance(85))
            submit(device);
        else
            resolve(device);
        if (mint_.chance(4)) {
            if (!ledger_.isErasing(device.person))
                checkHeld(device);
            if (mint_.chance(25))
                index(device);
            checkOutbox(device);
            checkShown(device);
        }
    }
    later(draw(2 * plan_.thinkMs), [this, &device] { think(device); });
}

Maker World::makerAt(const Device& device, const Reader& visible) const
{
    return {.person = device.person,
            .visible = visible,
            .nowMs = std::max<int64_t>(0, wallMs(device)),
            .longTexts = plan_.longTexts,
            .texts = plan_.texts == Texts::Many};
}

void World::submit(Device& device)
{
    const VisibleReader visible(*device.look);
    if (const auto change = makeChange(mint_, makerAt(device, visible), things_); change && want(device, *change))
        ++made_;
}

// Whether it is taken.
bool World::want(Device& device, const v1::Change& change)
{
    v1::Code code = v1::CODE_NONE;
    within(device, [&] {
        if (const auto stored = device.replica->submit(change, {}); !stored)
            code = stored.error().code;
        device.syncer->pump();
    });
    say(nameOf(device) + " wants " + kindOf(change) + ": " + v1::Code_Name(code));
    if (code != v1::CODE_NONE || !device.replica)
        return false;
    Statement& read = (*device.look)("SELECT f.key FROM outbox o JOIN feeds f USING (feed) WHERE o.id = ?");
    read.bindBlob(change.id());
    if (read.step())
        device.mine[*Id::from(change.id())] = {change, *Feed::from(read.text(0)), device.turn, ++order_};
    read.reset();
    const Id target = *Id::from(change.target());
    if (change.has_edit_text())
        noteTakenBack(device, target);
    if (change.has_create_post())
        things_.notePost(change);
    if (change.has_create_space())
        things_.spaces.push_back(target);
    if (change.has_create_person())
        things_.people.push_back(target);
    return true;
}

// Of two changes of one text that undo each other nothing is left to send.
void World::noteTakenBack(Device& device, const Id& target)
{
    for (auto& [id, mine] : device.mine) {
        if (!mine.change.has_edit_text() || mine.sent || mine.change.target() != target.view())
            continue;
        Statement& read = (*device.look)("SELECT 1 FROM outbox WHERE id = ?").bindBlob(id.view());
        mine.discarded = mine.discarded || !read.step();
        read.reset();
    }
}

// A person looks after what was refused, or thinks better of what waits.
void World::resolve(Device& device)
{
    std::vector<std::pair<Id, int64_t>> rows;
    Statement& read = (*device.look)("SELECT id, state FROM outbox WHERE state IN (0, 3, 4) ORDER BY position");
    while (read.step())
        rows.emplace_back(*Id::from(read.text(0)), read.number(1));
    read.reset();
    if (rows.empty())
        return;
    const auto& [id, state] = rows[mint_.number(rows.size())];
    if (state == 0 && mint_.chance(60))
        return;
    bool discarded = false;
    const auto mine = device.mine.find(id);
    // As it is by now: it may have taken others in.
    Statement& stored = (*device.look)("SELECT bytes FROM outbox JOIN changes USING (position) WHERE id = ?");
    stored.bindBlob(id.view());
    if (stored.step() && mine != device.mine.end())
        mine->second.change.ParseFromString(std::string(stored.text(0)));
    stored.reset();
    within(device, [&] {
        if (state == 0 || mint_.chance(50))
            discarded = bool(device.replica->discard(id));
        else
            (void)device.replica->sendAgain(id);
        // Also where its machine stops before it can say so.
        if (discarded && mine != device.mine.end())
            mine->second.discarded = true;
        device.syncer->pump();
    });
    say(nameOf(device) + (discarded ? " discards " : " sends again ") + id.hex());
    ++device.turn;
    if (discarded && mine != device.mine.end() && state == 0 && mine->second.sent)
        throw Broken("what was sent is not withdrawn", nameOf(device) + " withdraws " + kindOf(mine->second.change));
}

} // namespace stoa::test
