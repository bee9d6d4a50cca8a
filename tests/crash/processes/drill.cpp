#include "tests/crash/processes/drill.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "shared/domain/feed.h"
#include "shared/domain/invite_link.h"
#include "stoa/v1/record.pb.h"

namespace stoa::test {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr Milliseconds startedMax{60'000};
constexpr Milliseconds backedUpMax{60'000};
constexpr int underWayMax = 20; // commands that a device has not answered

void require(bool holds, const std::string& otherwise)
{
    if (!holds)
        throw std::runtime_error(otherwise);
}

std::string number(size_t count)
{
    return std::to_string(count);
}

// A version as a replica or the server holds it.
struct Version {
    uint64_t number = 0;
    std::string bytes;
};
// By feed and id, in hexadecimal.
using Versions = std::map<std::pair<std::string, std::string>, Version>;

Versions versions(const std::string& database, const std::string& sql)
{
    Versions all;
    for (const std::string& row : readRows(database, sql)) {
        std::istringstream words(row);
        std::string feed, id, bytes;
        uint64_t number = 0;
        words >> feed >> id >> number >> bytes;
        all[{feed, id}] = {number, bytes};
    }
    return all;
}

Versions held(const std::string& replica)
{
    return versions(replica, "SELECT hex(f.key) || ' ' || hex(r.id) || ' ' || r.number || ' ' || hex(CASE WHEN s.row "
                             "IS NULL THEN r.bytes ELSE s.bytes END) FROM records r JOIN feeds f ON f.feed = r.feed "
                             "LEFT JOIN shadows s ON s.row = r.row WHERE r.number > 0");
}

Versions kept(const std::string& database)
{
    return versions(database, "SELECT hex(f.key) || ' ' || hex(r.id) || ' ' || r.number || ' ' || hex(r.bytes) FROM "
                              "record r JOIN feed f ON f.feed = r.feed");
}

v1::Record recordOf(const Version& version)
{
    v1::Record record;
    require(record.ParseFromString(fromHex(version.bytes).value()), "a record cannot be read");
    return record;
}

std::string youngPosts(const std::string& replica, bool setAside)
{
    return readRows(replica, "SELECT count(*) FROM posts p JOIN spaces s ON s.feed = p.feed JOIN feeds f ON f.feed = "
                             "s.feed WHERE s.name = 'Young' AND p.kind <> 0 AND f.set_aside = " +
                                 std::string(setAside ? "1" : "0"))
        .at(0);
}

// What people wrote in spaces that the backup knows. Accounts, memberships and spaces are an admin's to give.
bool comesBack(const std::string& feed, const Version& version)
{
    if (Feed::from(*fromHex(feed))->kind != FeedKind::Space || version.number == 0)
        return false;
    const v1::Record record = recordOf(version);
    return record.has_post() || record.has_mark() || record.deleted();
}

class Drill {
public:
    explicit Drill(const DrillPlan& plan)
        : plan_(plan),
          generator_(plan.seed),
          site_(names(plan.people)),
          erased_(nameOf(plan.people - 1)),
          revoked_(nameOf(plan.people - 2))
    {
        for (size_t i = 0; i < plan.people; ++i)
            devices_.push_back(nameOf(i));
        // Every fourth of them has another computer at home.
        for (size_t i = 0; i + 2 < plan.people; i += 4) {
            join(nameOf(i), nameOf(i) + ".home");
            devices_.push_back(nameOf(i) + ".home");
        }
    }

    DrillOutcome run()
    {
        for (const std::string& device : devices_)
            start(device);
        for (const auto& [name, desk] : desks_)
            desk->write("ask Q" + number(asked_++) + " 200");
        site_.waitUntilEqual(all(), startedMax);
        backUp();
        afterBackup();
        work();
        loseTheServer();
        setUpAgain();
        heal();
        compare();
        return outcome_;
    }

private:
    static std::string nameOf(size_t i) { return "person" + number(i); }
    static std::vector<std::string> names(size_t count)
    {
        std::vector<std::string> all;
        for (size_t i = 0; i < count; ++i)
            all.push_back(nameOf(i));
        return all;
    }
    size_t below(size_t most) { return size_t(generator_() % most); }

    void join(const std::string& person, const std::string& device)
    {
        InviteLink link;
        const std::string invitation = site_.admin({"person", "invite", person})["link"];
        require(parseInviteLink(invitation, link) == LinkError::None, "the invitation cannot be read");
        link.server = {"127.0.0.1", site_.port()};
        const Finished joined =
            site_.cli(device, {"join", printInviteLink(link), "--password-file", site_.path("password")});
        const Finished synced = site_.cli(device, {"sync"});
        require(joined.exitCode == 0 && synced.exitCode == 0, device + " cannot join: " + joined.err + synced.err);
    }

    void start(const std::string& device) { desks_[device] = site_.desk(device); }
    void kill(const std::string& device)
    {
        const auto found = desks_.find(device);
        if (found == desks_.end())
            return;
        found->second->process().signal(SIGKILL);
        (void)found->second->process().wait();
        desks_.erase(found);
    }
    std::map<std::string, DeskProcess*> all() const
    {
        std::map<std::string, DeskProcess*> pointers;
        for (const auto& [name, desk] : desks_)
            pointers[name] = desk.get();
        return pointers;
    }
    size_t accepted() const { return std::stoul(readRows(site_.database(), "SELECT count(*) FROM accepted").at(0)); }

    void writeOne()
    {
        const auto desk = std::next(desks_.begin(), long(below(desks_.size())));
        DeskProcess& to = *desk->second;
        to.listen();
        require(to.complaints.empty(), desk->first + " says: " + (to.complaints.empty() ? "" : to.complaints[0]));
        const int answered = int(to.stored.size()) + to.marked + to.undone;
        if (written_[desk->first] - answered >= underWayMax)
            return;
        // Two computers of one person do not get in each other's way here.
        const bool second = desk->first.ends_with(".home");
        static const char* const kinds[] = {"comment 200", "comment 60", "comment 400", "vote",  "vote",
                                            "ask",         "ask",        "retitle",     "remove"};
        std::string line = kinds[below(std::size(kinds) - (second ? 2 : 0))];
        if (line == "ask")
            line += " Q" + number(asked_++) + " 300";
        if (line == "retitle")
            line += " Q" + number(asked_++);
        require(to.write(line), desk->first + " has died");
        ++written_[desk->first];
    }
    void writeUntil(size_t target)
    {
        const auto until = Clock::now() + plan_.patience;
        for (int i = 0;; ++i) {
            writeOne();
            if (i % 64 != 0)
                continue;
            if (accepted() >= target)
                return;
            require(Clock::now() < until, "the server accepts too little");
            std::this_thread::sleep_for(Milliseconds(5));
        }
    }

    void backUp()
    {
        const size_t before = accepted();
        if (plan_.byHand) {
            writeUntil(before + 20);
            site_.stop();
            for (const char* file : {"stoa.db", "boot"})
                fs::copy_file(site_.path("data/") + file, site_.path("copied.") + file);
            backup_ = site_.path("copied.stoa.db");
            require(site_.serve(), "the server does not start");
        } else {
            backup_ = site_.path("stoa.backup");
            Process backing({"stoad", "backup", backup_, "--data", site_.path("data")});
            std::optional<Finished> done;
            for (const auto until = Clock::now() + backedUpMax; !done && Clock::now() < until;) {
                for (int i = 0; i < 20; ++i)
                    writeOne();
                done = backing.waitFor(Milliseconds(1));
            }
            require(done && done->exitCode == 0, "the backup failed: " + (done ? done->out + done->err : ""));
        }
        acceptedThen_ = std::stoul(readRows(backup_, "SELECT count(*) FROM accepted").at(0));
    }

    // What the backup does not know.
    void afterBackup()
    {
        site_.admin({"space", "add", "Young", "--visibility", "open"});
        site_.admin({"person", "add", "late", "--name", "late"});
        join("late", "late");
        const Finished asked = site_.cli("late", {"ask", "Young", "--title", "Of the late", "--body", "x"});
        const Finished synced = site_.cli("late", {"sync"});
        require(asked.exitCode == 0 && synced.exitCode == 0, "late cannot ask: " + asked.err + synced.err);
        site_.waitUntilEqual(all(), startedMax);
        kill(erased_);
        kill(revoked_);
        site_.admin({"person", "erase", erased_, "--yes"});
        const Json listed = site_.admin({"device", "list", "--login", revoked_});
        for (const Json& device : listed["devices"])
            site_.admin({"device", "revoke", device["id"].get<std::string>()});
    }

    void work()
    {
        // Some were accepted while the backup was made.
        const size_t begun = accepted();
        std::vector<std::string> away;
        for (int part = 1; part <= 3; ++part) {
            writeUntil(begun + size_t(plan_.changes) * size_t(part) / 3);
            // In the middle of what they do; they come again only after the restore.
            if (part < 3) {
                away.push_back(std::next(desks_.begin(), long(below(desks_.size())))->first);
                kill(away.back());
            }
        }
        left_ = devices_;
        std::erase(left_, erased_);
        std::erase(left_, revoked_);
        earlyGone_ = away.front();
        for (size_t lost = 0; lost < plan_.people / 4;) {
            const std::string device = left_[below(left_.size())];
            if (device == nameOf(0) || std::ranges::find(away, device) != away.end())
                continue;
            std::erase(left_, device);
            kill(device);
            fs::remove_all(site_.path(device));
            ++lost;
            ++outcome_.lostLaptops;
        }
        outcome_.devices = devices_.size();
    }

    void loseTheServer()
    {
        for (const std::string& device : devices_)
            kill(device);
        site_.server().signal(SIGKILL);
        site_.requireKilled(startedMax);
        outcome_.changes = int(accepted() - acceptedThen_);

        std::set<std::string> feeds, changing;
        for (const std::string& device : left_)
            young_[device] = youngPosts(site_.replica(device), false);
        for (const std::string& feed : readRows(backup_, "SELECT hex(key) FROM feed"))
            feeds.insert(feed);
        for (const std::string& device : left_) {
            for (const auto& [key, version] : held(site_.replica(device))) {
                Version& newest = expected_[key];
                if (feeds.contains(key.first) && version.number > newest.number)
                    newest = version;
            }
            // Also what was accepted and is still awaited: it is sent again, and gets the time of that.
            for (const std::string& target : readRows(site_.replica(device), "SELECT hex(target) FROM outbox"))
                changing.insert(target);
            outcome_.waitingThen += readRows(site_.replica(device), "SELECT id FROM outbox WHERE state < 2").size();
        }
        const Versions backedUp = kept(backup_);
        const Versions lost = kept(site_.database());
        std::erase_if(expected_, [&](const auto& one) {
            return !comesBack(one.first.first, one.second) || changing.contains(one.first.second);
        });
        outcome_.records = expected_.size();
        for (const auto& [key, version] : expected_) {
            const auto there = backedUp.find(key);
            outcome_.cameBack += there == backedUp.end() || there->second.number < version.number;
        }
        for (const auto& [key, version] : lost) {
            const auto newest = expected_.find(key);
            require(newest == expected_.end() || newest->second.number != version.number ||
                        newest->second.bytes == version.bytes,
                    "the record " + key.second + " is other on a replica, " +
                        (newest == expected_.end() ? "" : recordOf(newest->second).ShortDebugString()) +
                        ", than on the server, " + recordOf(version).ShortDebugString());
            outcome_.lostForGood += feeds.contains(key.first) && comesBack(key.first, version) &&
                                    (newest == expected_.end() || newest->second.number < version.number);
        }
    }

    void setUpAgain()
    {
        if (plan_.byHand) {
            for (const char* file : {"stoa.db-wal", "stoa.db-shm"})
                fs::remove(site_.path("data/") + file);
            for (const char* file : {"stoa.db", "boot"})
                fs::rename(site_.path("copied.") + file, site_.path("data/") + file);
        } else {
            const Finished rehearsed = stoa::test::run({"stoad", "restore", "--rehearse", backup_, "--json"});
            require(rehearsed.exitCode == 0, "the rehearsal failed: " + rehearsed.out + rehearsed.err);
            outcome_.rehearsalSeconds = Json::parse(rehearsed.out)["seconds"];
            fs::rename(site_.path("data"), site_.path("before"));
            fs::create_directory(site_.path("data"));
            fs::copy_file(site_.path("before/journal"), site_.path("data/journal"));
            require(site_.admin({"restore", backup_})["epoch"] == 2, "the restore began no new epoch");
        }
        if (plan_.forgetful) {
            for (const std::string& device : left_)
                if (device != earlyGone_)
                    fs::remove_all(site_.path(device));
            left_ = {earlyGone_};
        }
        require(site_.serve(), "the server does not start after the restore");
    }

    void heal()
    {
        for (const std::string& device : left_)
            start(device);
        outcome_.healed = site_.waitUntilEqual(all(), plan_.patience, [&] { resolveDeletions(); });
        for (const auto& [name, desk] : desks_)
            require(desk->complaints.empty(), name + " says: " + (desk->complaints.empty() ? "" : desk->complaints[0]));
        for (const std::string& device : left_)
            kill(device);
    }

    // What somebody sends again may have come back from others already, and been deleted: then there is nothing to
    // delete any more, or to make, says the server, and the person says: fine.
    void resolveDeletions()
    {
        for (const auto& [name, desk] : desks_) {
            desk->listen();
            for (const std::string& row :
                 readRows(site_.replica(name), "SELECT lower(hex(o.id)) || ' ' || hex(o.target) FROM outbox o WHERE "
                                               "o.state = 3")) {
                const std::string change = row.substr(0, row.find(' ')), target = row.substr(row.find(' ') + 1);
                const bool lives =
                    !readRows(site_.database(), "SELECT 1 FROM record WHERE deleted = 0 AND hex(id) = '" + target + "'")
                         .empty();
                const auto told = std::erase_if(desk->complaints, [&](const std::string& complaint) {
                    return !lives && (complaint == "refused " + change + " NOT_FOUND" ||
                                      complaint == "refused " + change + " EXISTS");
                });
                if (told > 0)
                    desk->write("discard " + change);
            }
        }
    }

    void compare()
    {
        const Versions now = kept(site_.database());
        for (const auto& [key, version] : expected_) {
            const auto there = now.find(key);
            if (there == now.end() && recordOf(version).deleted())
                continue; // made and deleted after the backup
            require(there != now.end(), "the record " + key.second + " is not there again");
            require(there->second.bytes == version.bytes,
                    "the record " + key.second + " came back otherwise: " + recordOf(version).ShortDebugString() +
                        " is now " + recordOf(there->second).ShortDebugString());
        }
        std::set<std::string> bodies;
        for (const auto& [key, version] : now) {
            const v1::Record record = recordOf(version);
            require(record.post().body().empty() || bodies.insert(record.post().body()).second,
                    "is there twice: " + record.ShortDebugString());
            require(fromHex(version.bytes)->find(erased_) == std::string::npos, "who was erased is there again");
        }

        // What came after the backup is set aside, and nothing of it was removed.
        for (const std::string& device : left_) {
            require(youngPosts(site_.replica(device), true) == young_[device],
                    device + " lost what it had of a space that came after the backup");
            require(readRows(site_.replica(device), "SELECT name FROM people WHERE name = '" + erased_ + "'").empty(),
                    device + " shows who was erased");
        }
        require(std::ranges::any_of(left_, [&](const std::string& device) { return young_[device] == "1"; }),
                "nobody had the space that came after the backup");
        const Json waiting = site_.admin({"restored", "list"})["waiting"];
        require(std::ranges::any_of(waiting, [](const Json& one) { return one["name"] == "late (late)"; }),
                "the admin is not told of the account: " + waiting.dump());
        for (const std::string& name : {erased_, revoked_, std::string("late")}) {
            const size_t before = readRows(site_.replica(name), "SELECT row FROM records").size();
            require(site_.cli(name, {"sync"}).exitCode == 1, name + " was let in");
            require(readRows(site_.replica(name), "SELECT row FROM records").size() == before,
                    name + " lost what is on their computer");
        }
        const Json listed = site_.admin({"person", "list"});
        for (const Json& person : listed["people"])
            require(person["name"] != erased_ && person["name"] != "late", "an account came back");
        site_.stop();
        const Json checked = site_.admin({"check"});
        require(checked["ok"] == true, "the server's data are not sound: " + checked.dump());
    }

    DrillPlan plan_;
    std::mt19937_64 generator_;
    CrashSite site_;
    std::string erased_, revoked_;
    std::vector<std::string> devices_;
    std::vector<std::string> left_; // that come to the restored server
    std::string earlyGone_;         // the first that left, long before the server was lost
    std::map<std::string, std::unique_ptr<DeskProcess>> desks_;
    std::map<std::string, int> written_;
    std::map<std::string, std::string> young_; // how much a device had of the space that came after the backup
    std::string backup_;
    size_t acceptedThen_ = 0;
    size_t asked_ = 0;
    Versions expected_;
    DrillOutcome outcome_;
};

} // namespace

DrillOutcome drill(const DrillPlan& plan)
{
    try {
        return Drill(plan).run();
    } catch (const std::exception& error) {
        DrillOutcome failed;
        failed.wrong = error.what();
        return failed;
    }
}

} // namespace stoa::test
