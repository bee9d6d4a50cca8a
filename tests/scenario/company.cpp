#include "tests/scenario/company.h"

#include <algorithm>
#include <filesystem>

#include "client/replica/queries.h"
#include "client/replica/reading.h"
#include "server/store/sqlite/sqlite_store.h"
#include "shared/base/limits.h"
#include "shared/domain/may.h"
#include "tests/scenario/figures.h"
#include "tests/support/catch.h"

namespace stoa::test {

// ---- Desk

Desk::Desk(Company& company, std::string called, const Id& whose)
    : person(whose), name(std::move(called)), company_(company)
{
    start();
}

std::string Desk::path() const
{
    return company_.directory_.path() / (name + ".db");
}

void Desk::start()
{
    replica = std::make_unique<Replica>(path(), [this] { return company_.nowMs; });
    syncer = std::make_unique<Syncer>(
        *replica, [this] { return company_.nowMs; }, [this] { return company_.nowMs; });
}

void Desk::kill()
{
    if (session_)
        session_->ended();
    session_.reset();
    snapshot_.reset();
    toServer_.clear();
    toDesk_.clear();
    syncer.reset();
    replica.reset();
}

void Desk::within(const std::function<void()>& work)
{
    replica->begin();
    work();
    (void)replica->commit();
    sendOff();
}

void Desk::sendOff()
{
    SyncActions actions = syncer->take();
    for (v1::Envelope& envelope : actions.send)
        if (session_)
            toServer_.push_back(std::move(envelope));
    reports.insert(reports.end(), actions.reports.begin(), actions.reports.end());
    for (TextPresence& each : actions.present)
        readers[each.post] = std::move(each.readers);
    if (actions.ended) {
        ended_ = actions.ended;
        cut();
    }
}

void Desk::connect()
{
    cut();
    ended_.reset();
    decoder_ = FrameDecoder(limits::frameBytesMax);
    snapshot_ = company_.store_->snapshot();
    SessionDoors doors;
    doors.send = [this](const SharedFrame& frame) {
        decoder_.append(*frame);
        while (auto envelope = *decoder_.next())
            toDesk_.push_back(std::move(*envelope));
    };
    doors.queuedBytes = [] { return size_t{0}; };
    doors.signIn = [this](const v1::Hello&) {
        session_->signInDone(SignedIn{person, company_.mint.id(company_.nowMs), "token"});
    };
    doors.admit = [](const SignedIn&) { return Refusal{}; };
    doors.submit = [this](Submission submission) {
        company_.submissions_.emplace_back(this, std::move(submission));
        return true;
    };
    doors.handBack = [this](const v1::HandBack& versions) {
        const HandedBack done = company_.engine_->handBack(person, versions);
        if (done.forged) {
            session_->goodbye({v1::PROTOCOL});
        } else if (done.newEpoch) {
            for (const auto& desk : company_.desks_)
                if (desk->session_)
                    desk->session_->goodbye({v1::BUSY});
        } else {
            company_.tell(done.committed);
            session_->handedBack(done.answer);
        }
        return true;
    };
    doors.pauseReading = [](bool) {};
    doors.finish = [] {};
    doors.keep = [this](BlackBoxReport report) { company_.reports.push_back(std::move(report)); };
    doors.watch = [](const Id&, bool) {}; // everybody is told, and knows what is open
    doors.presence = [this](const Id& post, const v1::Reader& reader) { company_.readers_.say(post, reader); };
    session_ = std::make_unique<Session>(
        std::move(doors), *snapshot_, [this] { return company_.nowMs; }, ++company_.sessions_);
    v1::Hello hello;
    hello.set_protocol_min(1);
    hello.set_protocol_max(1);
    hello.mutable_password();
    within([&] { syncer->connected(std::move(hello)); });
}

void Desk::cut()
{
    if (!session_)
        return;
    session_->ended();
    session_.reset();
    snapshot_.reset();
    toServer_.clear();
    toDesk_.clear();
    within([&] { syncer->disconnected(); });
}

v1::Code Desk::submit(const v1::Change& change)
{
    v1::Code code = v1::CODE_NONE;
    within([&] {
        if (const auto stored = replica->submit(change, {}); !stored)
            code = stored.error().code;
        syncer->pump();
    });
    return code;
}

void Desk::readHistory(const Id& post)
{
    within([&] { syncer->readHistory(post); });
}

void Desk::openText(const Id& post)
{
    within([&] { syncer->openText(post); });
}

void Desk::closeText(const Id& post)
{
    within([&] { syncer->closeText(post); });
}

void Desk::setPresence(const Id& post, uint64_t from, uint64_t to)
{
    within([&] { syncer->setPresence(post, from, to, false); });
}

void Desk::resend(const v1::Change& change)
{
    within([&] {
        CHECK(replica->sendAgain(*Id::from(change.id())));
        syncer->pump();
    });
}

void Desk::discard(const v1::Change& change)
{
    within([&] { CHECK(replica->discard(*Id::from(change.id()))); });
}

bool Desk::deliverToServer()
{
    if (toServer_.empty() || !session_)
        return false;
    const v1::Envelope envelope = std::move(toServer_.front());
    toServer_.pop_front();
    session_->received(envelope);
    return true;
}

bool Desk::deliverToDesk(Mint* permute)
{
    if (toDesk_.empty())
        return false;
    if (permute) {
        // Batches of different feeds are independent: they may change places.
        if (toDesk_.size() > 1 && toDesk_[0].has_batch() && toDesk_[1].has_batch() &&
            toDesk_[0].batch().feed() != toDesk_[1].batch().feed() && permute->chance(50))
            std::swap(toDesk_[0], toDesk_[1]);
        // A batch may come in two.
        if (toDesk_[0].has_batch() && toDesk_[0].batch().versions_size() > 1 && permute->chance(50)) {
            v1::Batch& whole = *toDesk_[0].mutable_batch();
            const int at = 1 + int(permute->number(uint64_t(whole.versions_size() - 1)));
            v1::Envelope first;
            v1::Batch& part = *first.mutable_batch();
            part.set_feed(whole.feed());
            part.set_after(whole.after());
            part.set_upto(whole.versions(at - 1).number());
            for (int i = 0; i < at; ++i)
                *part.add_versions() = whole.versions(i);
            whole.set_after(part.upto());
            whole.mutable_versions()->DeleteSubrange(0, at);
            toDesk_.push_front(std::move(first));
        }
    }
    const v1::Envelope envelope = std::move(toDesk_.front());
    toDesk_.pop_front();
    within([&] { syncer->received(envelope); });
    return true;
}

std::vector<OutboxRow> Desk::outbox() const
{
    const Reading reading(QString::fromStdString(path()));
    const QList<OutboxRow> rows = stoa::outbox(reading, 100'000);
    return {rows.begin(), rows.end()};
}

bool Desk::isPending(const v1::Change& change) const
{
    for (const OutboxRow& row : outbox())
        if (row.change.view() == change.id())
            return true;
    return false;
}

ChangeState Desk::stateOf(const v1::Change& change) const
{
    for (const OutboxRow& row : outbox())
        if (row.change.view() == change.id())
            return row.state;
    FAIL("not in the outbox");
    return {};
}

std::optional<v1::Record> Desk::record(const Id& id) const
{
    return stoa::record(Reading(QString::fromStdString(path())), id);
}

// ---- Company

Company::Company(uint64_t seed) : mint(seed)
{
    openStore();
    REQUIRE(engine_->createOrganisation("Example", random()));
}

void Company::openStore()
{
    store_ = openSqliteStore(directory_.path() / "server.db");
    engine_ = std::make_unique<Engine>(*store_, std::string(32, 'k'), [this] { return nowMs; });
}

void Company::backUp()
{
    store_->checkpoint();
    std::filesystem::copy_file(directory_.path() / "server.db", directory_.path() / "backup.db",
                               std::filesystem::copy_options::overwrite_existing);
}

void Company::restore(Restore how)
{
    for (const auto& desk : desks_)
        desk->cut();
    engine_.reset();
    store_.reset();
    for (const char* suffix : {"-wal", "-shm"})
        std::filesystem::remove(directory_.path() / ("server.db" + std::string(suffix)));
    std::filesystem::copy_file(directory_.path() / "backup.db", directory_.path() / "server.db",
                               std::filesystem::copy_options::overwrite_existing);
    openStore();
    if (how == Restore::Properly)
        engine_->beginEpoch(engine_->epoch() + 1);
}

std::vector<HandedVersion> Company::notTaken()
{
    const auto snapshot = store_->snapshot();
    snapshot->refresh();
    return snapshot->notTaken();
}

Random Company::random()
{
    return [this](std::span<uint8_t> bytes) {
        for (uint8_t& byte : bytes)
            byte = uint8_t(mint.number(256));
    };
}

void Company::submit(const v1::Change& change)
{
    Submission submission{.actor = {.server = true}, .changes = {}};
    submission.changes.emplace_back().set_change(change.SerializeAsString());
    submissions_.emplace_back(nullptr, std::move(submission));
    while (commitSubmissions()) {}
}

Id Company::addPerson(const std::string& login, bool admin)
{
    const Id id = mint.id(nowMs);
    v1::Change made = mint.change(id, nowMs);
    made.mutable_create_person()->set_login(login);
    made.mutable_create_person()->set_name(login);
    made.mutable_create_person()->set_admin(admin);
    submit(made);
    return id;
}

Id Company::addSpace(const std::string& name, v1::Visibility visibility)
{
    const Id id = mint.id(nowMs);
    v1::Change made = mint.change(id, nowMs);
    made.mutable_create_space()->set_name(name);
    made.mutable_create_space()->set_visibility(visibility);
    submit(made);
    return id;
}

void Company::setMember(const Id& space, const Id& person, v1::Role role)
{
    submit(mint.member(space, person, role, nowMs));
}

void Company::disable(const Id& person)
{
    v1::Change made = mint.change(person, nowMs);
    v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
    edit.set_field(v1::PERSON_DISABLED);
    edit.mutable_value()->set_number(1);
    submit(made);
}

void Company::erase(const Id& person)
{
    tell(engine_->erasePerson(person));
}

Desk& Company::desk(const std::string& name, const Id& person)
{
    return *desks_.emplace_back(std::make_unique<Desk>(*this, name, person));
}

bool Company::commitSubmissions()
{
    if (submissions_.empty())
        return false;
    std::vector<Submission> group;
    std::vector<Desk*> from;
    for (auto& [desk, submission] : submissions_) {
        from.push_back(desk);
        group.push_back(std::move(submission));
    }
    submissions_.clear();
    const Committed committed = engine_->submit(group);
    for (size_t i = 0; i < group.size(); ++i)
        if (from[i] && from[i]->session_)
            from[i]->session_->receipts(committed.receipts[i]);
    tell(committed);
    return true;
}

void Company::tell(const Committed& committed)
{
    for (const auto& desk : desks_) {
        if (desk->session_ && committed.rightsAltered)
            desk->session_->rightsAltered();
        for (const auto& text : committed.texts)
            if (desk->session_)
                desk->session_->text(LiveText(text));
        for (const auto& news : committed.news)
            if (desk->session_)
                desk->session_->news(LiveNews(news));
    }
}

bool Company::tellReaders()
{
    const std::vector<Readers::Told> all = readers_.take();
    for (const Readers::Told& told : all)
        for (const auto& desk : desks_)
            if (desk->session_ && std::ranges::find(told.to, desk->session_->number()) != told.to.end())
                desk->session_->present(*told.live);
    return !all.empty();
}

void Company::settle()
{
    for (bool moved = true; moved;) {
        moved = false;
        for (const auto& desk : desks_) {
            while (desk->deliverToServer())
                moved = true;
        }
        moved = commitSubmissions() || moved;
        moved = tellReaders() || moved;
        for (const auto& desk : desks_) {
            while (desk->deliverToDesk(nullptr))
                moved = true;
        }
    }
}

void Company::publish()
{
    constexpr int rounds = 4; // what waited for one record is written, and has one of its own
    for (int i = 0; i < rounds; ++i) {
        nowMs += 30'000;
        tell(engine_->publishTexts());
        settle();
    }
}

bool Company::step()
{
    const uint64_t choice = mint.number(desks_.size() * 2 + 1);
    if (choice == desks_.size() * 2)
        return commitSubmissions();
    Desk& desk = *desks_[choice / 2];
    if (!desk.replica)
        return false;
    return choice % 2 == 0 ? desk.deliverToServer() : desk.deliverToDesk(&mint);
}

bool Company::stepTo(Desk& desk)
{
    return desk.deliverToServer() || commitSubmissions() || desk.deliverToDesk(nullptr);
}

bool Company::deliverHandBack(Desk& desk, const std::function<void(v1::HandBack&)>& alter)
{
    for (;;) {
        if (!desk.toServer_.empty() && desk.toServer_.front().has_hand_back()) {
            alter(*desk.toServer_.front().mutable_hand_back());
            return desk.deliverToServer();
        }
        if (!stepTo(desk))
            return false;
    }
}

FeedState Company::serverFeed(const Feed& feed)
{
    const auto snapshot = store_->snapshot();
    snapshot->refresh();
    return snapshot->feedState(feed);
}

std::string Company::differences()
{
    const auto snapshot = store_->snapshot();
    snapshot->refresh();
    std::string wrong;
    for (const auto& desk : desks_) {
        for (const Feed& feed : desk->replica->check())
            wrong += desk->name + ": the sum over " + toHex(feed.key()) + " is not what was kept\n";
        for (const FeedState& state : snapshot->feeds()) {
            if (!mayRead(state.feed, {.person = desk->person}, *snapshot, snapshot->organisation()))
                continue;
            const FollowedFeed* held = desk->replica->feed(state.feed);
            if (!held) {
                if (state.head != 0)
                    wrong += desk->name + ": does not follow " + toHex(state.feed.key()) + '\n';
            } else if (held->cursor != state.head || !(held->digest == state.digest) || held->held != state.records) {
                wrong += desk->name + ": differs in " + toHex(state.feed.key()) + ", " + std::to_string(held->held) +
                         " of " + std::to_string(state.records) + '\n';
            }
        }
        const TemporaryDirectory scratch;
        if (const std::string figures = wrongFigures(desk->path(), scratch.path() / "replica.db"); !figures.empty())
            wrong += desk->name + ": " + figures;
    }
    return wrong;
}

} // namespace stoa::test
