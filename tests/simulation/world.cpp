#include "tests/simulation/world.h"

#include <algorithm>
#include <filesystem>

#include "server/auth/password.h"
#include "server/store/sqlite/sqlite_store.h"

namespace stoa::test {

namespace {

constexpr int64_t unrestMsMax = 10 * 60'000;
constexpr int64_t healedWithinMs = 10 * 60'000;

} // namespace

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

World::World(uint64_t seed, const Scope& scope, bool print)
    : mint_(seed),
      writing_(~seed),
      disk_(seed),
      trace_(print),
      plan_(drawPlan(mint_, scope)),
      serverFolder_(disk_.root() + "/server"),
      backupFolder_(disk_.root() + "/backup")
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
        made.mutable_create_person()->set_name("Person " + mint_.id(agenda_.nowMs()).hex());
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

void World::openServer(const std::optional<Restored>& restored)
{
    store_ = openSqliteStore(serverFolder_ + "/server.db");
    engine_ = std::make_unique<Engine>(
        *store_, std::string(32, 'k'), [this] { return agenda_.nowMs() + serverOffsetMs_; }, &journal_);
    before_ = store_->snapshot();
    after_ = store_->snapshot();
    after_->refresh();
    if (restored)
        ledger_.restored(*restored, *after_);
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
        things_.notePost(change);
    Submission submission{.actor = {.server = true, .import = import}, .changes = {}};
    submission.changes.emplace_back().set_change(change.SerializeAsString());
    takeSubmission(nullptr, std::move(submission));
    if (agenda_.nowMs() == Agenda().nowMs())
        commit(); // the world is being made
}

void World::adminWrites()
{
    after_->refresh();
    const bool import = mint_.chance(40);
    const Maker admin{.person = {},
                      .import = import,
                      .visible = *after_,
                      .nowMs = agenda_.nowMs(),
                      .texts = plan_.texts == Texts::Many};
    const auto change = makeChange(mint_, admin, things_);
    after_->rest();
    if (change)
        console(*change, import);
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
    if (ledger_.isErasing(device.person))
        return;
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
    if (link && !healing_ && !things_.spaces.empty() && mint_.chance(3)) // a right goes just before it would be used
        console(mint_.member(things_.spaces[mint_.number(things_.spaces.size())], link->person,
                             v1::Role(mint_.number(2)), agenda_.nowMs()));
    submissions_.emplace_back(link, std::move(submission));
    if (std::exchange(commitAsked_, true))
        return;
    later(1 + draw(mint_.chance(20) ? 500 : 5), [this] { commit(); });
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
        journal_.begin();
        committed = engine_->submit(group);
        journal_.done();
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
    tell(committed);
}

// As the server does it in between.
void World::publish()
{
    later(1'000, [this] { publish(); });
    before_->refresh();
    Committed committed;
    try {
        committed = engine_->publishTexts();
    } catch (const StorageError&) {
        if (disk_.isStopped(serverFolder_))
            throw;
        before_->rest();
        return say("the server cannot store");
    }
    if (!committed.news.empty())
        say("texts in the news: " + std::to_string(committed.news.size()));
    ledger_.published(committed, *before_);
    before_->rest();
    tell(committed);
}

void World::tell(const Committed& committed)
{
    checkBodies(committed);
    std::vector<std::shared_ptr<const LiveNews>> lives;
    for (const auto& news : committed.news)
        lives.push_back(std::make_shared<const LiveNews>(news));
    std::vector<std::shared_ptr<const LiveText>> texts;
    for (const auto& text : committed.texts)
        texts.push_back(std::make_shared<const LiveText>(text));
    if (lives.empty() && texts.empty() && !committed.rightsAltered)
        return;
    for (const auto& link : links_) {
        post(
            link,
            [rights = committed.rightsAltered, lives, texts](Session& session) {
                if (rights)
                    session.rightsAltered();
                for (const auto& text : texts)
                    session.text(*text);
                for (const auto& live : lives)
                    session.news(*live);
            },
            rights_);
    }
}

// ---- time

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

void World::run()
{
    watchSilence();
    publish();
    if (plan_.troubleEveryMs > 0)
        later(draw(2 * plan_.troubleEveryMs), [this] { trouble(); });
    const int64_t beganMs = agenda_.nowMs();
    while (made_ < plan_.changes && agenda_.nowMs() - beganMs < unrestMsMax) {
        agenda_.runUntil(agenda_.nowMs() + 1 + draw(4 * plan_.thinkMs));
        guarded([this] { adminWrites(); });
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
