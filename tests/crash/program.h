#pragma once

// The two programs that store what people trust them with, on a simulated disk, and what happens to them: steps
// that come to the same on every copy of a program. So a second copy on a disk that never fails says exactly
// what the first one must hold.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "client/replica/replica.h"
#include "server/engine/engine.h"
#include "tests/scenario/changes.h"
#include "tests/support/simulated_disk.h"

namespace stoa::test {

// All that a database holds, as text; the rows as they are stored.
std::string contents(const std::string& path);
// What SQLite finds wrong in its file; empty where it is sound.
std::string unsoundness(const std::string& path);

// Engine and store.
class ServerProgram {
public:
    using Step = std::function<std::string(ServerProgram&)>; // gives what it answers, once that is durable

    ServerProgram(std::string folder, const int64_t& nowMs);

    void start();
    void stop();
    bool isRunning() const { return engine != nullptr; }
    // After a step that failed.
    void recover() {}
    std::string path() const { return folder_ + "/server.db"; }
    // Digests, counts and seals computed anew from the stored bytes.
    std::string contradictions();

    std::unique_ptr<Store> store;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Snapshot> view; // that a session keeps open

private:
    std::string folder_;
    const int64_t& nowMs_;
};

// A device's replica.
class DeskProgram {
public:
    using Step = std::function<std::string(DeskProgram&)>;

    DeskProgram(std::string folder, const int64_t& nowMs);

    void start();
    void stop();
    bool isRunning() const { return replica != nullptr; }
    void recover();
    std::string path() const { return folder_ + "/replica.db"; }
    std::string contradictions();

    void within(const std::function<void(Replica&)>& work);

    std::unique_ptr<Replica> replica;

private:
    std::string folder_;
    const int64_t& nowMs_;
};

// What comes to a server: changes of three people in two spaces, in groups, some again; imports of long texts.
class ServerScript {
public:
    ServerScript(SimulatedDisk& disk, uint64_t seed, int64_t& nowMs);

    ServerProgram::Step next(ServerProgram& twin);
    // Everything has to be equal once more.
    void end(ServerProgram&) {}

    Submission group();

    Mint mint;

private:
    v1::Change change(const Id& person);

    int64_t& nowMs_;
    int made_ = 0;
    std::vector<Id> people_;
    std::vector<Id> spaces_;
    std::vector<Id> posts_;
    std::vector<Submission> before_;
};

// A person's device, its server and the others who use it: changes, drafts, receipts and batches in any order.
class DeskScript {
public:
    DeskScript(SimulatedDisk& disk, uint64_t seed, int64_t& nowMs);

    DeskProgram::Step next(DeskProgram& twin);

private:
    DeskProgram::Step greet();
    DeskProgram::Step write(DeskProgram& twin);
    DeskProgram::Step hear(DeskProgram& twin);
    v1::Change change();
    std::vector<v1::Batch> batches(const DeskProgram& twin);

    int64_t& nowMs_;
    Mint mint_;
    ServerProgram server_;
    ServerScript others_;
    Id me_;
    Id space_;
    std::vector<Id> posts_;
    std::vector<std::string> places_;
    std::vector<Replica::Outgoing> sent_; // on its way to the server
    std::deque<v1::Receipt> receipts_;    // on their way back
    bool greeted_ = false;
};

} // namespace stoa::test
