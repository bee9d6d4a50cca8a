#include "tests/crash/proxy/sweep.h"

#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>
#include <thread>

#include "shared/domain/invite_link.h"
#include "tests/crash/processes/site.h"

namespace stoa::test {

namespace {

namespace fs = std::filesystem;

constexpr int waitingChanges = 2;
constexpr int news = 1;

// Letters that hardly compress, so that what is sent can be told by its size.
std::string body(unsigned seed)
{
    std::mt19937 generator(seed);
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += char('!' + generator() % 90);
    return text;
}

} // namespace

Sweep::Sweep()
{
    std::ofstream(path("password")) << "correct horse 9\n";
    const std::string ada =
        Json::parse(admin({"init", "--organisation", "Example", "--admin", "ada", "--host", "127.0.0.1:7443"}))["link"];
    const std::string ben = Json::parse(admin({"person", "add", "ben", "--name", "ben"}))["link"];
    admin({"space", "add", "Lab", "--visibility", "open"});
    serve();
    for (const auto& [name, invitation] : {std::pair{"ada", ada}, std::pair{"ben", ben}}) {
        InviteLink link;
        if (parseInviteLink(invitation, link) != LinkError::None)
            throw std::runtime_error("the invitation cannot be read");
        link.server = {"127.0.0.1", proxy_.port()};
        fine(name, {"join", printInviteLink(link), "--password-file", path("password")});
        fine(name, {"sync"});
    }
    proxy_.end();
    proxy_.begin(port_, {});
    fine("ada", {"sync"});
    idleUpBytes_ = proxy_.end().up.size();

    // A server that was restored does not have what Ada has, and has news for her.
    admin({"backup", path("backup")});
    proxy_.begin(port_, {});
    fine("ada", {"ask", "Lab", "--title", "L0", "--body", body(50)});
    fine("ada", {"sync"});
    proxy_.end();
    finish();
    fs::rename(path("data"), path("before"));
    fs::create_directory(path("data"));
    fs::copy_file(path("before/journal"), path("data/journal"));
    admin({"restore", path("backup")});
    serve();
    for (int i = 0; i < news; ++i)
        fine("ben", {"ask", "Lab", "--title", "B" + std::to_string(i), "--body", body(unsigned(i))});
    fine("ben", {"sync"});
    proxy_.end();
    acceptedBefore_ = readRows(path("data/stoa.db"), "SELECT change FROM accepted").size();
    finish();
    keep();
    serve();
    fine("ada", {"sync"});
    handBackBytes_ = proxy_.end().up.size() - idleUpBytes_;
    if (handBackBytes_ < body(0).size())
        throw std::runtime_error("nothing was handed back");
    finish();

    restore();
    for (int i = 0; i < waitingChanges; ++i)
        fine("ada", {"ask", "Lab", "--title", "A" + std::to_string(i), "--body", body(unsigned(100 + i))});
    keep();

    restore();
    serve();
    proxy_.begin(port_, {});
    fine("ada", {"sync"});
    const Proxy::Passed passed = proxy_.end();
    upBytes_ = passed.up.size();
    downBytes_ = passed.down.size();
    recorded_ = passed.up;
    if (const std::string wrong = wrongAfterwards(); !wrong.empty())
        throw std::runtime_error("undisturbed: " + wrong);
    stop();
}

std::string Sweep::disturb(const Script& script)
{
    restore();
    serve();
    proxy_.begin(port_, script);
    // What stays open and silent is ended as a person would, by closing the program.
    const bool silent = script.fault == Fault::Drop || script.fault == Fault::StopReading ||
                        script.fault == Fault::HalfClose || script.fault == Fault::Trickle;
    if (silent) {
        Process syncing({"stoa-cli", "--profile", path("ada"), "--json", "sync"});
        std::this_thread::sleep_for(std::chrono::milliseconds(script.delayMs));
        syncing.signal(SIGKILL);
        syncing.wait();
    } else {
        (void)cli("ada", {"sync"});
    }
    proxy_.end();
    const std::string wrong = wrongAfterwards();
    stop();
    return wrong.empty() ? wrong : describe(script) + ": " + wrong;
}

std::string Sweep::replayRecorded()
{
    restore();
    serve();
    (void)replay(port_, recorded_);
    const std::string wrong = wrongAfterwards();
    stop();
    return wrong;
}

std::string Sweep::wrongAfterwards()
{
    // And read again: until then it may be lost once more, and nothing else would tell.
    const bool handedBack = readRows(path("ada/replica.db"),
                                     "SELECT f.feed FROM feeds f JOIN spaces s ON s.feed = f.feed JOIN meta m ON "
                                     "m.key = 'epoch of ' || f.feed WHERE CAST(m.value AS TEXT) = '2' AND f.anew = 0")
                                .size() == 1;
    // 0 waits, 1 is sent, 2 is accepted; the others are refused or wait for one that is.
    uint64_t unsettled = 0;
    for (const std::string& state : readRows(path("ada/replica.db"), "SELECT state FROM outbox")) {
        if (state > "2")
            return "a change was refused";
        unsettled += state < "2";
    }

    proxy_.begin(port_, {});
    const Finished synced = cli("ada", {"sync"});
    const Proxy::Passed passed = proxy_.end();
    if (synced.exitCode != 0)
        return "the next sync failed: " + synced.out + synced.err;

    const Json status = Json::parse(synced.out);
    if (status["digests_equal"] != true || status["complete"] != true || status["refused"] != 0)
        return "not in sync: " + status.dump();
    if (status["questions"] != waitingChanges + news + 1)
        return "not each question is there once: " + status.dump();
    if (readRows(path("ada/replica.db"), "SELECT title FROM posts WHERE title <> '' ORDER BY title") !=
        std::vector<std::string>{"A0", "A1", "B0", "L0"})
        return "other questions than were asked";
    if (!readRows(path("ada/replica.db"), "SELECT id FROM outbox").empty())
        return "something stayed in the outbox";
    if (readRows(path("data/stoa.db"), "SELECT change FROM accepted").size() != acceptedBefore_ + waitingChanges)
        return "the server did not accept each change once";
    if (Json::parse(admin({"check"}))["ok"] != true)
        return "the server's data are not sound";

    const bool measured = upBytes_ != 0; // not the undisturbed one itself
    const uint64_t oneChange = measured ? (upBytes_ - idleUpBytes_ - handBackBytes_) / waitingChanges : 0;
    const uint64_t most = idleUpBytes_ + (handedBack ? 0 : handBackBytes_) + unsettled * oneChange + oneChange / 2;
    if (measured && passed.up.size() > most)
        return "what was settled was sent again: " + std::to_string(passed.up.size()) + " bytes, at most " +
               std::to_string(most) + " for " + std::to_string(unsettled) + " changes" +
               (handedBack ? "" : " and what is handed back");
    return {};
}

void Sweep::keep()
{
    for (const char* name : {"data", "ada"}) {
        fs::remove_all(path(name) + ".begin");
        fs::copy(path(name), path(name) + ".begin", fs::copy_options::recursive);
    }
}

void Sweep::restore()
{
    for (const char* name : {"data", "ada"}) {
        fs::remove_all(path(name));
        fs::copy(path(name) + ".begin", path(name), fs::copy_options::recursive);
    }
}

void Sweep::serve()
{
    server_ = std::make_unique<Process>(
        std::vector<std::string>{"stoad", "serve", "--data", path("data"), "--listen", "127.0.0.1:0"});
    const std::string line = server_->waitForLine("event=listening");
    port_ = uint16_t(std::stoi(line.substr(line.rfind('=') + 1)));
    proxy_.begin(port_, {});
}

void Sweep::finish()
{
    server_->signal(SIGTERM);
    server_->wait();
    server_.reset();
}

void Sweep::stop()
{
    server_->signal(SIGKILL);
    server_->wait();
    server_.reset();
}

Finished Sweep::cli(const std::string& name, const std::vector<std::string>& words) const
{
    std::vector<std::string> command{"stoa-cli", "--profile", path(name), "--json"};
    command.insert(command.end(), words.begin(), words.end());
    return run(command);
}

Finished Sweep::fine(const std::string& name, const std::vector<std::string>& words) const
{
    Finished done = cli(name, words);
    if (done.exitCode != 0)
        throw std::runtime_error(name + " " + words[0] + " failed: " + done.out + done.err);
    return done;
}

std::string Sweep::admin(std::vector<std::string> words) const
{
    words.insert(words.begin(), "stoad");
    words.insert(words.end(), {"--data", path("data"), "--json"});
    const Finished done = run(words);
    if (done.exitCode != 0)
        throw std::runtime_error("stoad " + words[1] + " failed: " + done.out + done.err);
    return done.out;
}

} // namespace stoa::test
