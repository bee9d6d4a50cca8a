#include "tests/simulation/world.h"

#include <algorithm>
#include <filesystem>

#include "client/replica/visible_reader.h"
#include "server/auth/password.h"
#include "server/store/sqlite/sqlite_store.h"

namespace stoa::test {

namespace {

constexpr int64_t pulseMs = 10'000;
constexpr int64_t yearMs = int64_t{365} * 24 * 3'600 * 1'000;
constexpr int64_t unrestMsMax = 10 * 60'000;
constexpr int64_t healedWithinMs = 10 * 60'000;
constexpr int slowQueueWeight = 3'000; // bytes that wait for a slow reader count so much

v1::Envelope helloBy(const std::string& token)
{
    v1::Envelope envelope;
    v1::Hello& hello = *envelope.mutable_hello();
    hello.set_protocol_min(1);
    hello.set_protocol_max(1);
    if (token.empty())
        hello.mutable_password();
    else
        hello.set_token(token);
    return envelope;
}

} // namespace

World::World(uint64_t seed, bool large, bool print)
    : mint_(seed), disk_(seed), trace_(print), plan_(drawPlan(mint_, large)), serverFolder_(disk_.root() + "/server")
{
    std::filesystem::create_directories(serverFolder_); // for the lock
    openServer();
    if (!engine_->createOrganisation("Example", random()))
        throw std::runtime_error("There is no organisation.");
    ++counts_.changes["create_organisation"];
    things_.organisation = engine_->organisation();
    after_->refresh();
    ledger_.holdAgainst(*after_);
    after_->rest();

    for (size_t i = 0; i < plan_.people; ++i) {
        v1::Change made = mint_.change(mint_.id(agenda_.nowMs()), agenda_.nowMs());
        made.mutable_create_person()->set_login("p" + std::to_string(i));
        made.mutable_create_person()->set_name("Person " + std::to_string(i));
        made.mutable_create_person()->set_admin(i == 0);
        console(made);
    }
    for (const v1::Visibility visibility : {v1::OPEN, v1::RESTRICTED, v1::PRIVATE}) {
        v1::Change made = mint_.change(mint_.id(agenda_.nowMs()), agenda_.nowMs());
        made.mutable_create_space()->set_name("Space");
        made.mutable_create_space()->set_visibility(visibility);
        console(made);
        for (const Id& person : std::vector(things_.people))
            if (mint_.chance(60))
                console(mint_.member(*Id::from(made.target()), person, v1::Role(1 + mint_.number(4)), agenda_.nowMs()));
    }
    for (size_t i = 0; i < plan_.devices; ++i)
        addDevice(things_.people[i < plan_.people ? i : mint_.number(plan_.people)]);
}

World::~World()
{
    for (const auto& device : devices_) {
        device->syncer.reset();
        device->look.reset();
        device->replica.reset();
    }
    submissions_.clear();
    links_.clear();
}

Random World::random()
{
    return [this](std::span<uint8_t> bytes) {
        for (uint8_t& byte : bytes)
            byte = uint8_t(mint_.number(256));
    };
}

bool World::has(Fault fault) const
{
    return std::find(plan_.faults.begin(), plan_.faults.end(), fault) != plan_.faults.end();
}

void World::count(Fault fault)
{
    for (const auto& [each, name] : faultNames())
        if (each == fault)
            ++counts_.faults[name];
}

// ---- the server

void World::openServer()
{
    store_ = openSqliteStore(serverFolder_ + "/server.db");
    engine_ =
        std::make_unique<Engine>(*store_, std::string(32, 'k'), [this] { return agenda_.nowMs() + serverOffsetMs_; });
    before_ = store_->snapshot();
    after_ = store_->snapshot();
    after_->refresh();
    ledger_.holdAgainst(*after_);
    rights_ = std::make_shared<const Rights>(rightsIn(*after_));
    after_->rest();
}

void World::closeServer()
{
    submissions_.clear();
    for (const auto& link : std::vector(links_)) {
        link->down.bytes.clear();
        closeServerEnd(link);
    }
    before_.reset();
    after_.reset();
    engine_.reset();
    store_.reset();
}

void World::killServer(bool powerCut)
{
    say(powerCut ? "the server's power is cut" : "the server is killed");
    disk_.stopAfter(serverFolder_, 0);
    closeServer();
    powerCut ? disk_.powerCut(serverFolder_) : disk_.processKilled(serverFolder_);
    openServer();
}

void World::console(const v1::Change& change, bool import)
{
    if (change.has_create_person())
        things_.people.push_back(*Id::from(change.target()));
    if (change.has_create_space())
        things_.spaces.push_back(*Id::from(change.target()));
    if (change.has_create_post())
        things_.posts.push_back(*Id::from(change.target()));
    Submission submission{.actor = {.server = true, .import = import}, .changes = {}};
    submission.changes.emplace_back().set_change(change.SerializeAsString());
    takeSubmission(nullptr, std::move(submission));
    if (agenda_.nowMs() == Agenda().nowMs())
        commit(); // the world is being made
}

void World::enrol(Device& device)
{
    device.token.clear();
    for (int i = 0; i < 16; ++i)
        device.token += char('a' + mint_.number(26));
    const auto transaction = store_->begin();
    transaction->addDevice({mint_.id(agenda_.nowMs()), device.person, nameOf(device), agenda_.nowMs()},
                           sha256(device.token));
    transaction->commit();
    device.signedOut = false;
}

void World::signInAgain(Device& device)
{
    try {
        enrol(device);
    } catch (const StorageError&) {
        later(10'000, [this, &device] { signInAgain(device); });
        throw;
    }
    if (device.replica)
        connectLater(device);
}

void World::takeSubmission(const std::shared_ptr<Link>& link, Submission submission)
{
    submissions_.emplace_back(link, std::move(submission));
    if (std::exchange(commitAsked_, true))
        return;
    later(1 + draw(mint_.chance(10) ? 500 : 5), [this] { commit(); });
}

void World::commit()
{
    commitAsked_ = false;
    if (submissions_.empty())
        return;
    std::vector<std::shared_ptr<Link>> from;
    std::vector<Submission> group;
    for (auto& [link, submission] : submissions_) {
        from.push_back(link);
        group.push_back(std::move(submission));
    }
    submissions_.clear();
    before_->refresh();
    Committed committed;
    try {
        committed = engine_->submit(group);
    } catch (const StorageError&) {
        if (disk_.isStopped(serverFolder_))
            throw;
        before_->rest();
        say("the server cannot store");
        for (const auto& link : from)
            if (link && link->serverOpen)
                link->session->goodbye({.code = v1::STORAGE, .retryAfterMs = 10'000});
        return;
    }
    after_->refresh();
    say("commit of " + std::to_string(group.size()) + ", news " + std::to_string(committed.news.size()));
    ledger_.committed(group, committed, *before_, *after_, counts_);
    rights_ = std::make_shared<const Rights>(rightsIn(*after_));
    before_->rest();
    after_->rest();

    // Receipts first: who sent a change then knows its versions when they come.
    for (size_t i = 0; i < group.size(); ++i) {
        if (from[i])
            post(
                from[i], [receipts = committed.receipts[i]](Session& session) { session.receipts(receipts); }, rights_);
    }
    std::vector<std::shared_ptr<const LiveNews>> lives;
    for (const auto& news : committed.news)
        lives.push_back(std::make_shared<const LiveNews>(news));
    if (lives.empty() && !committed.rightsAltered)
        return;
    for (const auto& link : links_) {
        post(
            link,
            [rights = committed.rightsAltered, lives](Session& session) {
                if (rights)
                    session.rightsAltered();
                for (const auto& live : lives)
                    session.news(*live);
            },
            rights_);
    }
}

void World::post(const std::shared_ptr<Link>& link, std::function<void(Session&)> work,
                 std::shared_ptr<const Rights> rights)
{
    if (!link->serverOpen)
        return;
    link->posts.push_back([link = link.get(), work = std::move(work), rights = std::move(rights)] {
        link->postedRights = rights;
        work(*link->session);
        link->postedRights.reset();
    });
    later(draw(!healing_ && mint_.chance(15) ? 1'500 : 4), [this, link] { runPost(link); });
}

void World::runPost(const std::shared_ptr<Link>& link)
{
    if (!link->serverOpen || link->posts.empty())
        return;
    const auto work = std::move(link->posts.front());
    link->posts.pop_front();
    work();
}

std::shared_ptr<Link> World::openLink(const Id& person)
{
    const auto link = std::make_shared<Link>();
    const std::weak_ptr<Link> weak = link;
    link->serverOpen = true;
    link->person = person;
    link->snapshot = store_->snapshot();
    link->serverHeardMs = agenda_.nowMs();
    SessionDoors doors;
    doors.send = [this, weak](const SharedFrame& frame) { serverSends(weak.lock(), frame); };
    doors.queuedBytes = [raw = link.get()] {
        const bool slow = raw->device && raw->device->slow;
        return raw->down.bytes.size() * size_t(slow ? slowQueueWeight : 1);
    };
    doors.signIn = [this, raw = link.get()](const v1::Hello&) {
        raw->session->signInDone(SignedIn{raw->person, mint_.id(agenda_.nowMs()), {}});
    };
    doors.admit = [](const SignedIn&) { return Refusal{}; };
    doors.submit = [this, weak](Submission submission) {
        takeSubmission(weak.lock(), std::move(submission));
        return true;
    };
    doors.handBack = [](const v1::HandBack&) { return false; };
    doors.signOut = [](const Id&) { return false; };
    doors.pauseReading = [this, weak](bool paused) {
        const auto self = weak.lock();
        self->paused = paused;
        if (!paused)
            put(self, true, {});
    };
    doors.finish = [this, weak] { later(1, [this, self = weak.lock()] { closeServerEnd(self); }); };
    link->session = std::make_unique<Session>(std::move(doors), *link->snapshot,
                                              [this] { return agenda_.nowMs() + serverOffsetMs_; });
    links_.push_back(link);
    return link;
}

void World::serverSends(const std::shared_ptr<Link>& link, const SharedFrame& frame)
{
    FrameDecoder decoder(limits::frameBytesMax);
    decoder.append(*frame);
    v1::Envelope envelope = **decoder.next();
    checkSent(*link, envelope);
    const bool divisible = envelope.has_batch() && envelope.batch().versions_size() > 1;
    if (!healing_ && divisible && has(Fault::SplitBatch) && mint_.chance(50)) {
        count(Fault::SplitBatch);
        v1::Batch& whole = *envelope.mutable_batch();
        const int at = 1 + int(mint_.number(uint64_t(whole.versions_size() - 1)));
        v1::Envelope first;
        v1::Batch& part = *first.mutable_batch();
        part.set_feed(whole.feed());
        part.set_after(whole.after());
        part.set_upto(whole.versions(at - 1).number());
        for (int i = 0; i < at; ++i)
            *part.add_versions() = whole.versions(i);
        whole.set_after(part.upto());
        whole.mutable_versions()->DeleteSubrange(0, at);
        put(link, false, encodeFrame(first));
        put(link, false, encodeFrame(envelope));
        return;
    }
    put(link, false, *frame);
}

// Nobody is sent what they may not read, as of now or as of the commit that is being told.
void World::checkSent(const Link& link, const v1::Envelope& envelope) const
{
    const Id person = link.session->person();
    const auto check = [&](const std::string& key) {
        const auto feed = Feed::from(key);
        for (const auto& rights : {rights_, link.postedRights}) {
            if (!rights)
                continue;
            const auto found = rights->find(person);
            if (feed && found != rights->end() && found->second.contains(*feed))
                return;
        }
        throw Broken("nobody is sent what they may not read", person.hex() + " is sent something of " + toHex(key));
    };
    if (envelope.has_batch())
        check(envelope.batch().feed());
    for (const v1::FeedHead& head : envelope.feeds().feeds())
        check(head.feed());
    for (const v1::FeedHead& head : envelope.welcome().feeds())
        check(head.feed());
}

void World::closeServerEnd(const std::shared_ptr<Link>& link)
{
    if (!link->serverOpen)
        return;
    link->serverOpen = false;
    link->session.reset();
    link->snapshot.reset();
    link->posts.clear();
    link->up.bytes.clear();
    std::erase(links_, link);
    put(link, false, {}); // the end of the stream, after what is under way
}

void World::watchSilence()
{
    for (const auto& link : std::vector(links_))
        if (agenda_.nowMs() - link->serverHeardMs > limits::silenceMs)
            closeServerEnd(link);
    later(15'000, [this] { watchSilence(); });
}

// ---- the wires

void World::put(const std::shared_ptr<Link>& link, bool up, std::string_view bytes)
{
    Pipe& pipe = up ? link->up : link->down;
    pipe.bytes += bytes;
    if (std::exchange(pipe.moving, true))
        return;
    int64_t delayMs = draw(plan_.latencyMs);
    if (!healing_ && has(Fault::Delay) && mint_.chance(5)) {
        count(Fault::Delay);
        delayMs += 1'000 + draw(8'000);
    }
    if (!healing_ && !up && link->device && link->device->slow)
        delayMs += 500;
    later(std::max(delayMs, pipe.heldUntilMs - agenda_.nowMs()), [this, link, up] { arrive(link, up); });
}

void World::arrive(const std::shared_ptr<Link>& link, bool up)
{
    Pipe& pipe = up ? link->up : link->down;
    pipe.moving = false;
    if (!healing_ && pipe.heldUntilMs > agenda_.nowMs())
        return put(link, up, {});
    if (up && (!link->serverOpen || link->paused))
        return;
    Device* device = link->device;
    if (!up && !device)
        return pipe.bytes.clear();
    if (!up && pipe.bytes.empty()) {
        if (!link->serverOpen)
            hangUp(*device, true);
        return;
    }
    size_t size = pipe.bytes.size();
    if (!healing_ && !up && device->slow)
        size = std::min<size_t>(size, 1 + mint_.number(400));
    else if (mint_.chance(30))
        size = 1 + mint_.number(size);
    pipe.decoder.append(std::string_view(pipe.bytes).substr(0, size));
    pipe.bytes.erase(0, size);
    if (up)
        link->serverHeardMs = agenda_.nowMs();
    while (up ? link->serverOpen : link->device == device) {
        auto next = pipe.decoder.next();
        if (!next)
            throw Broken("nobody breaks the protocol", "a frame that is none");
        if (!*next)
            break;
        if (up)
            link->session->received(**next);
        else
            received(*device, **next);
    }
    if (!up && link->serverOpen)
        link->session->drained();
    if (!pipe.bytes.empty() || (!up && !link->serverOpen && link->device))
        put(link, up, {});
}

// ---- the devices

Device& World::addDevice(const Id& person)
{
    Device& device = *devices_.emplace_back(std::make_unique<Device>());
    device.index = devices_.size() - 1;
    device.person = person;
    device.folder = disk_.root() + "/device" + std::to_string(device.index);
    enrol(device);
    start(device);
    later(draw(2 * plan_.thinkMs), [this, &device] { think(device); });
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
    try {
        device.replica->begin();
        work();
        (void)device.replica->commit();
    } catch (const Broken&) {
        throw;
    } catch (const std::exception&) {
        failing_ = &device;
        throw;
    }
    noteRights(device);
    sendOff(device);
    if (device.replica)
        checkReached(device);
}

void World::sendOff(Device& device)
{
    SyncActions actions = device.syncer->take();
    for (const v1::Envelope& envelope : actions.send) {
        if (!device.link)
            continue;
        if (envelope.has_push()) {
            say(nameOf(device) + " pushes " + std::to_string(envelope.push().changes_size()));
            oldPushes_.emplace_back(device.person, envelope);
            if (oldPushes_.size() > 50)
                oldPushes_.erase(oldPushes_.begin() + int64_t(mint_.number(50)));
        }
        put(device.link, true, encodeFrame(envelope));
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
    for (const v1::Receipt& receipt : envelope.receipts().receipts()) {
        const auto id = Id::from(receipt.change());
        const auto mine = id ? device.mine.find(*id) : device.mine.end();
        if (mine == device.mine.end())
            continue;
        ledger_.acknowledged(receipt, mine->second.change.SerializeAsString());
        if (receipt.effects_size() > 0 && isShown(device, mine->second.change))
            shown.emplace_back(&mine->second, receipt.effects(0).number());
    }
    for (const std::string& key : envelope.feeds().lost())
        if (const auto feed = Feed::from(key))
            device.lost.insert(*feed);
    say(nameOf(device) + " hears " + std::to_string(envelope.message_case()) + ' ' +
        std::to_string(envelope.ByteSizeLong()));
    within(device, [&] { device.syncer->received(envelope); });
    if (!device.replica || !envelope.has_receipts())
        return;
    checkShown(device);
    for (const auto& [mine, number] : shown) {
        const FollowedFeed* feed = device.replica->feed(mine->feed);
        if (feed && feed->cursor < number && !isShown(device, mine->change))
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
            checkHeld(device);
            checkOutbox(device);
            checkShown(device);
        }
    }
    later(draw(2 * plan_.thinkMs), [this, &device] { think(device); });
}

void World::submit(Device& device)
{
    const VisibleReader visible(*device.look);
    const Maker maker{.person = device.person,
                      .visible = visible,
                      .nowMs = std::max<int64_t>(0, wallMs(device)),
                      .longTexts = plan_.longTexts};
    const auto change = makeChange(mint_, maker, things_);
    if (!change)
        return;
    v1::Code code = v1::CODE_NONE;
    within(device, [&] {
        if (const auto stored = device.replica->submit(*change, {}); !stored)
            code = stored.error().code;
        device.syncer->pump();
    });
    say(nameOf(device) + " wants " + kindOf(*change) + ": " + v1::Code_Name(code));
    if (code != v1::CODE_NONE || !device.replica)
        return;
    ++made_;
    Statement& read = (*device.look)("SELECT f.key FROM outbox o JOIN feeds f USING (feed) WHERE o.id = ?");
    read.bindBlob(change->id());
    if (read.step())
        device.mine[*Id::from(change->id())] = {*change, *Feed::from(read.text(0)), device.turn};
    read.reset();
    const Id target = *Id::from(change->target());
    if (change->has_create_post())
        things_.posts.push_back(target);
    if (change->has_create_space())
        things_.spaces.push_back(target);
    if (change->has_create_person())
        things_.people.push_back(target);
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
    within(device, [&] {
        if (state == 0 || mint_.chance(50))
            discarded = bool(device.replica->discard(id));
        else
            (void)device.replica->sendAgain(id);
        device.syncer->pump();
    });
    say(nameOf(device) + (discarded ? " discards " : " sends again ") + id.hex());
    ++device.turn;
    if (const auto mine = device.mine.find(id); discarded && mine != device.mine.end())
        mine->second.discarded = true;
}

// ---- what fails

void World::later(int64_t ms, std::function<void()> work)
{
    agenda_.after(ms, [this, work = std::move(work)] { guarded(work); });
}

// A program whose disk fails ends; a machine without power does too.
void World::guarded(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Broken&) {
        throw;
    } catch (const std::exception& failed) {
        Device* device = std::exchange(failing_, nullptr);
        bool known = false;
        if (disk_.isStopped(serverFolder_)) {
            killServer(true);
            known = true;
        }
        for (const auto& each : devices_) {
            const bool stopped = disk_.isStopped(each->folder);
            if (!stopped && (each.get() != device || !disk_.hasFailed(each->folder)))
                continue;
            kill(*each, stopped);
            startLater(*each);
            known = true;
        }
        if (!known && !disk_.hasFailed(serverFolder_))
            throw Broken("nothing fails by itself", failed.what());
    }
}

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
        const Maker maker{
            .person = device.person, .import = mint_.chance(10), .visible = *after_, .nowMs = agenda_.nowMs()};
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
        after_->rest();
        if (envelope.has_push())
            put(ghost, true, encodeFrame(envelope));
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
        copy.rights = device.rights;
        copy.turn = device.turn;
        copy.clockOffsetMs = device.clockOffsetMs;
        copy.folder = disk_.root() + "/device" + std::to_string(copy.index);
        disk_.copy(device.folder, copy.folder);
        start(device);
        start(copy);
        later(draw(2 * plan_.thinkMs), [this, &copy] { think(copy); });
        break;
    }
    case Fault::RevokeDevice: {
        after_->refresh();
        const auto known = after_->deviceByToken(sha256(device.token));
        after_->rest();
        if (!known)
            return;
        const auto transaction = store_->begin();
        transaction->removeDevice(known->id);
        transaction->commit();
        for (const auto& each : std::vector(links_))
            if (each->session->device() == known->id)
                each->session->goodbye({v1::TOKEN_UNKNOWN});
        break;
    }
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
    disk_.heal(serverFolder_);
    killServer(false); // also where a power cut was still to come
    for (const auto& device : devices_) {
        disk_.heal(device->folder);
        if (device->replica)
            kill(*device, false);
        device->slow = false;
        start(*device);
    }
}

void World::run()
{
    watchSilence();
    if (plan_.troubleEveryMs > 0)
        later(draw(2 * plan_.troubleEveryMs), [this] { trouble(); });
    const int64_t beganMs = agenda_.nowMs();
    while (made_ < plan_.changes && agenda_.nowMs() - beganMs < unrestMsMax) {
        agenda_.runUntil(agenda_.nowMs() + 1 + draw(4 * plan_.thinkMs));
        guarded([this] { // the admin, at the server
            after_->refresh();
            const bool import = mint_.chance(40);
            const auto change = makeChange(
                mint_, {.person = {}, .import = import, .visible = *after_, .nowMs = agenda_.nowMs()}, things_);
            after_->rest();
            if (change)
                console(*change, import);
        });
    }
    heal();
    std::string missing = "nothing was looked at";
    for (int64_t healedMs = agenda_.nowMs(); !missing.empty() && agenda_.nowMs() - healedMs < healedWithinMs;) {
        agenda_.runUntil(agenda_.nowMs() + 5'000);
        missing.clear();
        after_->refresh();
        for (const auto& device : devices_)
            missing += notYet(*device);
        after_->rest();
    }
    if (!missing.empty())
        throw Broken("all agree in the end", missing);
    checkEnd();
    say("all agree");
}

} // namespace stoa::test
