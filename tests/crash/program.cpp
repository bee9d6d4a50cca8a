#include "tests/crash/program.h"

#include <filesystem>

#include "client/replica/database.h"
#include "server/store/sqlite/sqlite_store.h"
#include "shared/base/limits.h"
#include "shared/domain/may.h"

namespace stoa::test {

namespace {

void require(bool holds, const char* what)
{
    if (!holds)
        throw std::logic_error(std::string("The script of the test is wrong: ") + what + '.');
}

std::string folderAt(const std::string& path)
{
    std::filesystem::create_directories(path);
    return path;
}

v1::Limits pushLimits()
{
    v1::Limits told;
    told.set_push_changes_max(5);
    told.set_push_bytes_max(limits::pushBytesMax);
    return told;
}

std::string text(Mint& mint, size_t bytesMax)
{
    std::string made;
    const size_t bytes = 1 + mint.number(bytesMax);
    while (made.size() < bytes)
        made += char(mint.chance(15) ? ' ' : 'a' + mint.number(26));
    return made;
}

} // namespace

std::string contents(const std::string& path)
{
    Database database(path, Database::Mode::Read);
    std::string all;
    std::vector<std::string> tables;
    {
        Statement read(database, "SELECT type, name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name");
        while (read.step()) {
            all += std::string(read.text(0)) + ' ' + std::string(read.text(1)) + ' ' + std::string(read.text(2)) + '\n';
            if (read.text(0) == "table")
                tables.emplace_back(read.text(1));
        }
    }
    for (const std::string& table : tables) {
        all += "-- " + table + '\n';
        int columns = 0;
        {
            const std::string count = "SELECT count(*) FROM pragma_table_info('" + table + "')";
            Statement read(database, count.c_str());
            read.step();
            columns = int(read.number(0));
        }
        const std::string sql = "SELECT * FROM \"" + table + "\" NOT INDEXED";
        Statement read(database, sql.c_str());
        while (read.step()) {
            for (int column = 0; column < columns; ++column)
                all += toHex(read.text(column)) + (read.isNull(column) ? "null|" : "|");
            all += '\n';
        }
    }
    return all;
}

std::string unsoundness(const std::string& path)
{
    Database database(path, Database::Mode::Read);
    Statement read(database, "PRAGMA integrity_check");
    std::string wrong;
    while (read.step())
        if (read.text(0) != "ok")
            wrong += std::string(read.text(0)) + '\n';
    return wrong;
}

// ---- ServerProgram

ServerProgram::ServerProgram(std::string folder, const int64_t& nowMs)
    : folder_(folderAt(std::move(folder))), nowMs_(nowMs)
{
}

void ServerProgram::start()
{
    stop(); // what an earlier start that failed has left
    store = openSqliteStore(path());
    engine = std::make_unique<Engine>(*store, std::string(32, 'k'), [this] { return nowMs_; });
}

void ServerProgram::stop()
{
    view.reset();
    engine.reset();
    store.reset();
}

std::string ServerProgram::contradictions()
{
    const auto snapshot = store->snapshot();
    snapshot->refresh();
    std::string wrong;
    struct Sum {
        Feed feed;
        Digest digest;
        uint64_t records = 0;
        uint64_t highest = 0;
    };
    std::map<int64_t, Sum> sums;
    const std::vector<RawFeed> feeds = snapshot->rawFeeds();
    for (const RawFeed& feed : feeds)
        sums[feed.row].feed = *Feed::from(feed.key);
    snapshot->rawRecords([&](const RawRecord& record) {
        Sum& sum = sums[record.feed];
        const Id id = *Id::from(record.id);
        sum.highest = std::max(sum.highest, record.number);
        if (!record.deleted) {
            sum.digest.add(versionDigest(id, record.number, record.bytes));
            ++sum.records;
        }
        if (!engine->isSeal(record.seal, sum.feed, record.number, id, record.bytes))
            wrong += "the seal of " + id.hex() + " is not of its bytes\n";
    });
    for (const RawFeed& feed : feeds) {
        const Sum& sum = sums[feed.row];
        if (feed.digest != sum.digest.str() || feed.records != sum.records || feed.head < sum.highest)
            wrong += "feed " + toHex(feed.key) + " is not what its records come to\n";
    }
    return wrong;
}

// ---- DeskProgram

DeskProgram::DeskProgram(std::string folder, const int64_t& nowMs) : folder_(folderAt(std::move(folder))), nowMs_(nowMs)
{
}

void DeskProgram::start()
{
    replica = std::make_unique<Replica>(path(), [this] { return nowMs_; });
}

void DeskProgram::stop()
{
    replica.reset();
}

void DeskProgram::recover()
{
    replica->rollback();
}

std::string DeskProgram::contradictions()
{
    std::string wrong;
    for (const Feed& feed : replica->check())
        wrong += "feed " + toHex(feed.key()) + " is not what its records come to\n";
    return wrong;
}

void DeskProgram::within(const std::function<void(Replica&)>& work)
{
    replica->begin();
    work(*replica);
    (void)replica->commit();
}

// ---- ServerScript

ServerScript::ServerScript(SimulatedDisk&, uint64_t seed, int64_t& nowMs) : mint(seed), nowMs_(nowMs) {}

v1::Change ServerScript::change(const Id& person)
{
    const auto post = [&] { return posts_.empty() ? spaces_[0] : posts_[mint.number(posts_.size())]; };
    v1::Change made;
    switch (posts_.size() < 3 ? 0 : mint.number(10)) {
    case 0:
    case 1:
        made = mint.post(v1::QUESTION, spaces_[mint.number(2)], {}, text(mint, 60), nowMs_);
        made.mutable_create_post()->set_body(text(mint, mint.chance(10) ? 20'000 : 900));
        posts_.push_back(*Id::from(made.target()));
        break;
    case 2:
    case 3:
        made = mint.post(mint.chance(50) ? v1::ANSWER : v1::COMMENT, spaces_[mint.number(2)], post(), text(mint, 400),
                         nowMs_);
        break;
    case 4:
        made = mint.edit(post(), v1::POST_TITLE, text(mint, 60), {}, nowMs_);
        break;
    case 5:
        made = mint.edit(post(), v1::POST_TITLE, text(mint, 700), {}, nowMs_); // may be too long
        break;
    case 6:
    case 7:
        made = mint.mark(v1::VOTE, post(), person, mint.chance(50) ? 1 : 0, nowMs_);
        break;
    case 8:
        made = mint.mark(v1::BOOKMARK, post(), person, 1, nowMs_);
        break;
    case 9:
        made = mint.chance(30) ? mint.remove(post(), nowMs_)
                               : mint.member(spaces_[1], people_[mint.number(people_.size())], v1::CONTRIBUTOR, nowMs_);
        break;
    }
    return made;
}

Submission ServerScript::group()
{
    Submission submission;
    if (people_.empty()) {
        submission.actor.server = true;
        for (const char* login : {"ada", "ben", "cyd"}) {
            v1::Change made = mint.change(people_.emplace_back(mint.id(nowMs_)), nowMs_);
            made.mutable_create_person()->set_login(login);
            made.mutable_create_person()->set_name(login);
            made.mutable_create_person()->set_admin(people_.size() == 1);
            submission.changes.emplace_back().set_change(made.SerializeAsString());
        }
        for (const char* name : {"Lab", "Kitchen"}) {
            v1::Change made = mint.change(spaces_.emplace_back(mint.id(nowMs_)), nowMs_);
            made.mutable_create_space()->set_name(name);
            made.mutable_create_space()->set_visibility(v1::OPEN);
            submission.changes.emplace_back().set_change(made.SerializeAsString());
        }
        return submission;
    }
    submission.actor.person = people_[mint.number(people_.size())];
    for (uint64_t i = 0; i <= mint.number(4); ++i) {
        v1::PushedChange& pushed = submission.changes.emplace_back();
        pushed.set_change(change(submission.actor.person).SerializeAsString());
        pushed.set_age_ms(int64_t(mint.number(5'000)));
    }
    return submission;
}

ServerProgram::Step ServerScript::next(ServerProgram&)
{
    nowMs_ += 1 + int64_t(mint.number(2'000));
    if (made_++ == 0) {
        const uint64_t seed = mint.number(1'000'000);
        return [seed](ServerProgram& server) {
            Mint drawn(seed);
            const auto made = server.engine->createOrganisation("Example", [&](std::span<uint8_t> bytes) {
                for (uint8_t& byte : bytes)
                    byte = uint8_t(drawn.number(256));
            });
            require(made.has_value(), "the organisation was made before");
            return made->str();
        };
    }
    const uint64_t kind = made_ < 4 ? 99 : mint.number(100);
    if (kind < 3)
        return [](ServerProgram& server) { return server.store->checkpoint(), std::string(); };
    if (kind < 6)
        return [](ServerProgram& server) { return server.store->rest(), std::string(); };
    if (kind < 10)
        return [](ServerProgram& server) {
            server.view = server.store->snapshot();
            server.view->refresh();
            std::string seen;
            for (const FeedState& feed : server.view->feeds())
                for (const StoredVersion& version : server.view->versionsAfter(feed.feed, 0, 0, 10'000))
                    seen += std::to_string(version.number) + version.bytes;
            return seen;
        };
    if (kind < 13)
        return [](ServerProgram& server) { return server.view.reset(), std::string(); };
    if (kind < 15)
        return [](ServerProgram& server) { return server.stop(), server.start(), std::string(); };
    std::vector<Submission> groups;
    for (uint64_t i = 0; i <= mint.number(3); ++i) {
        groups.push_back(!before_.empty() && mint.chance(15) ? before_[mint.number(before_.size())] : group());
        before_.push_back(groups.back());
    }
    return [groups](ServerProgram& server) {
        std::string answers;
        for (const v1::Receipts& receipts : server.engine->submit(groups).receipts)
            answers += receipts.SerializeAsString();
        return answers;
    };
}

// ---- DeskScript

DeskScript::DeskScript(SimulatedDisk& disk, uint64_t seed, int64_t& nowMs)
    : nowMs_(nowMs), mint_(seed), server_(disk.root() + "/server", nowMs), others_(disk, seed + 1, nowMs)
{
    server_.start();
    (void)others_.next(server_)(server_);
    const Submission first = others_.group();
    const Committed made = server_.engine->submit({&first, 1});
    for (int i = 0; i < made.receipts[0].receipts_size(); ++i)
        require(!made.receipts[0].receipts(i).has_refusal(), "the first people and spaces were refused");
    v1::Change change;
    change.ParseFromString(first.changes[1].change());
    me_ = *Id::from(change.target());
    change.ParseFromString(first.changes[3].change());
    space_ = *Id::from(change.target());
}

DeskProgram::Step DeskScript::greet()
{
    const auto snapshot = server_.store->snapshot();
    snapshot->refresh();
    v1::Welcome welcome;
    welcome.set_person(me_.str());
    welcome.set_organisation(server_.engine->organisation().str());
    welcome.set_epoch(server_.engine->epoch());
    for (const FeedState& state : snapshot->feeds()) {
        if (!mayRead(state.feed, {.person = me_}, *snapshot, server_.engine->organisation()))
            continue;
        v1::FeedHead& head = *welcome.add_feeds();
        head.set_feed(state.feed.key());
        head.set_head(state.head);
        head.set_digest(state.digest.str());
        head.set_records(state.records);
    }
    greeted_ = true;
    return [welcome](DeskProgram& desk) {
        desk.within([&](Replica& replica) { require(replica.welcome(welcome), "the welcome was not taken"); });
        return std::string("welcome");
    };
}

v1::Change DeskScript::change()
{
    const auto post = [&] { return posts_[mint_.number(posts_.size())]; };
    v1::Change made;
    switch (posts_.size() < 2 ? 0 : mint_.number(7)) {
    case 0:
    case 1:
    case 2:
        made = mint_.post(v1::QUESTION, space_, {}, text(mint_, 60), nowMs_);
        made.mutable_create_post()->set_body(text(mint_, mint_.chance(10) ? 20'000 : 900));
        posts_.push_back(*Id::from(made.target()));
        break;
    case 3:
        made = mint_.post(v1::COMMENT, space_, post(), text(mint_, 300), nowMs_);
        break;
    case 4:
        made = mint_.edit(post(), v1::POST_TITLE, text(mint_, 60), {}, nowMs_);
        break;
    case 5:
        made = mint_.mark(v1::BOOKMARK, post(), me_, 1, nowMs_);
        break;
    case 6:
        made = mint_.remove(post(), nowMs_);
        break;
    }
    return made;
}

// What the person does.
DeskProgram::Step DeskScript::write(DeskProgram& twin)
{
    const uint64_t kind = mint_.number(100);
    if (kind < 25) {
        const std::string place = "place " + std::to_string(mint_.number(4));
        const std::string words = text(mint_, 2'000);
        return [=](DeskProgram& desk) {
            desk.within([&](Replica& replica) { replica.saveDraft(place, "Title", words, "tag"); });
            return std::string("draft");
        };
    }
    if (kind < 35) {
        // Something of the outbox that can be taken back, or sent again.
        std::vector<Id> own;
        {
            Database database(twin.path(), Database::Mode::Read);
            Statement read(database, "SELECT id FROM outbox ORDER BY position");
            while (read.step())
                own.push_back(*Id::from(read.text(0)));
        }
        if (!own.empty()) {
            const Id chosen = own[mint_.number(own.size())];
            const bool discard = mint_.chance(60);
            return [=](DeskProgram& desk) {
                Result<void> done;
                desk.within(
                    [&](Replica& replica) { done = discard ? replica.discard(chosen) : replica.sendAgain(chosen); });
                return std::string(done ? "done" : "refused");
            };
        }
    }
    std::vector<v1::Change> changes;
    for (uint64_t i = 0; i <= mint_.number(3); ++i)
        changes.push_back(change());
    const std::string place = mint_.chance(40) ? "place " + std::to_string(mint_.number(4)) : "";
    return [=](DeskProgram& desk) {
        std::string answers;
        desk.within([&](Replica& replica) {
            for (const v1::Change& made : changes) {
                const auto stored = replica.submit(made, place);
                answers += std::to_string(stored ? 0 : int(stored.error().code)) + ' ';
            }
        });
        return answers;
    };
}

std::vector<v1::Batch> DeskScript::batches(const DeskProgram& twin)
{
    const auto snapshot = server_.store->snapshot();
    snapshot->refresh();
    std::vector<v1::Batch> made;
    for (const FollowedFeed* feed : twin.replica->feeds()) {
        const FeedState state = snapshot->feedState(feed->feed);
        if (feed->cursor >= state.head || mint_.chance(40))
            continue;
        v1::Batch& batch = made.emplace_back();
        batch.set_feed(feed->feed.key());
        batch.set_after(feed->cursor);
        batch.set_upto(feed->cursor);
        for (StoredVersion& version :
             snapshot->versionsAfter(feed->feed, feed->cursor, feed->cursor == 0 ? state.head : 0, 4'000)) {
            v1::Version& one = *batch.add_versions();
            one.set_number(version.number);
            one.set_seal(version.seal);
            one.set_record(version.bytes);
            batch.set_upto(version.number);
        }
        if (batch.upto() == state.head || batch.versions_size() == 0) {
            batch.set_upto(state.head);
            batch.set_last(true);
            batch.set_digest(state.digest.str());
        }
    }
    return made;
}

// What the server says: answers and news, in one transaction as they come.
DeskProgram::Step DeskScript::hear(DeskProgram& twin)
{
    std::vector<v1::Receipt> receipts;
    for (uint64_t i = mint_.number(6); i > 0 && !receipts_.empty(); --i) {
        receipts.push_back(receipts_.front());
        receipts_.pop_front();
    }
    const std::vector<v1::Batch> news = batches(twin);
    return [=](DeskProgram& desk) {
        std::string answers;
        desk.within([&](Replica& replica) {
            for (const v1::Receipt& receipt : receipts)
                replica.settle(receipt);
            for (const v1::Batch& batch : news) {
                const Replica::Received received = replica.receive(batch);
                require(received == Replica::Received::Stored || received == Replica::Received::AtHead,
                        "a batch does not fit");
                answers += std::to_string(int(received)) + ' ';
            }
        });
        return answers;
    };
}

DeskProgram::Step DeskScript::next(DeskProgram& twin)
{
    nowMs_ += 1 + int64_t(mint_.number(2'000));
    if (!greeted_ || mint_.chance(3))
        return greet();
    // What left the device reaches the server, and others work there too.
    if (!sent_.empty()) {
        Submission push{.actor = {.person = me_}};
        for (const Replica::Outgoing& each : std::exchange(sent_, {})) {
            v1::PushedChange& pushed = push.changes.emplace_back();
            pushed.set_change(each.bytes);
            pushed.set_age_ms(nowMs_ - each.madeMs);
        }
        Committed committed = server_.engine->submit({&push, 1});
        for (v1::Receipt& receipt : *committed.receipts[0].mutable_receipts())
            if (mint_.chance(90)) // else the connection was lost
                receipts_.push_back(std::move(receipt));
    }
    if (mint_.chance(20)) {
        const Submission theirs = others_.group();
        (void)server_.engine->submit({&theirs, 1});
    }

    const uint64_t kind = mint_.number(100);
    if (kind < 45)
        return write(twin);
    if (kind < 75)
        return hear(twin);
    if (kind < 90) {
        const auto isReady = [](const Feed&) { return true; };
        sent_ = twin.replica->waiting(pushLimits(), isReady);
        return [isReady](DeskProgram& desk) {
            std::string bytes;
            desk.within([&](Replica& replica) {
                const std::vector<Replica::Outgoing> leaving = replica.waiting(pushLimits(), isReady);
                replica.markSent(leaving);
                for (const Replica::Outgoing& each : leaving)
                    bytes += each.bytes;
            });
            return bytes;
        };
    }
    if (kind < 94) {
        sent_ = twin.replica->unreceipted(0, pushLimits());
        return [](DeskProgram& desk) {
            std::string bytes;
            for (const Replica::Outgoing& each : desk.replica->unreceipted(0, pushLimits()))
                bytes += each.bytes;
            return bytes;
        };
    }
    if (kind < 96)
        return [](DeskProgram& desk) { return desk.replica->rest(), std::string(); };
    if (kind < 98)
        return [](DeskProgram& desk) { return desk.stop(), desk.start(), std::string(); };
    const auto feeds = twin.replica->feeds();
    const Feed feed = feeds[mint_.number(feeds.size())]->feed;
    return [feed](DeskProgram& desk) {
        desk.within([&](Replica& replica) { replica.readAnew(feed); });
        return std::string("anew");
    };
}

} // namespace stoa::test
