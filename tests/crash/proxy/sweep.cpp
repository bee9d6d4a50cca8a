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
    for (int i = 0; i < news; ++i)
        fine("ben", {"ask", "Lab", "--title", "B" + std::to_string(i), "--body", body(unsigned(i))});
    proxy_.begin(port_, {});
    fine("ben", {"sync"});
    proxy_.end();
    for (int i = 0; i < waitingChanges; ++i)
        fine("ada", {"ask", "Lab", "--title", "A" + std::to_string(i), "--body", body(unsigned(100 + i))});
    acceptedBefore_ = readRows(path("data/stoa.db"), "SELECT change FROM accepted").size();
    server_->signal(SIGTERM);
    server_->wait();
    server_.reset();
    for (const char* name : {"data", "ada"})
        fs::rename(path(name), path(name) + ".begin");

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
    if (status["questions"] != waitingChanges + news)
        return "not each question is there once: " + status.dump();
    if (readRows(path("ada/replica.db"), "SELECT title FROM posts WHERE title <> '' ORDER BY title") !=
        std::vector<std::string>{"A0", "A1", "B0"})
        return "other questions than were asked";
    if (!readRows(path("ada/replica.db"), "SELECT id FROM outbox").empty())
        return "something stayed in the outbox";
    if (readRows(path("data/stoa.db"), "SELECT change FROM accepted").size() != acceptedBefore_ + waitingChanges)
        return "the server did not accept each change once";
    if (Json::parse(admin({"check"}))["ok"] != true)
        return "the server's data are not sound";

    const bool measured = upBytes_ != 0; // not the undisturbed one itself
    const uint64_t oneChange = measured ? (upBytes_ - idleUpBytes_) / waitingChanges : 0;
    const uint64_t most = idleUpBytes_ + unsettled * oneChange + oneChange / 2;
    if (measured && passed.up.size() > most)
        return "settled changes were sent again: " + std::to_string(passed.up.size()) + " bytes, for " +
               std::to_string(unsettled) + " changes that were not settled at most " + std::to_string(most);
    return {};
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
