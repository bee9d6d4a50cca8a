#pragma once

// A company in one thread: the real engine and sessions over real storage, desks with real replicas and
// syncers, and wires between them that deliver when the test says so. Time stands still unless it is moved.

#include <deque>
#include <memory>

#include "client/sync/syncer.h"
#include "server/engine/engine.h"
#include "server/session/readers.h"
#include "server/session/session.h"
#include "shared/base/limits.h"
#include "shared/wire/frame.h"
#include "tests/scenario/changes.h"
#include "tests/support/temporary_directory.h"

namespace stoa::test {

class Company;

// A person's device. What it is told is within transactions, as on the worker's thread.
class Desk {
public:
    Desk(Company& company, std::string name, const Id& person);

    // The program starts, or starts again after it was killed.
    void start();
    void kill();
    void connect();
    void cut(); // the network is gone; what was under way is lost

    // What the rules say about it at once; CODE_NONE: stored.
    v1::Code submit(const v1::Change& change);

    void resend(const v1::Change& change);
    void discard(const v1::Change& change);
    void readHistory(const Id& post);
    void openText(const Id& post);
    void closeText(const Id& post);
    void setPresence(const Id& post, uint64_t from, uint64_t to);

    bool connected() const { return session_ != nullptr; }
    bool ended() const { return ended_.has_value(); }
    std::optional<Refusal> whyEnded() const { return ended_; }
    ChangeState stateOf(const v1::Change& change) const;
    bool isPending(const v1::Change& change) const;
    std::vector<OutboxRow> outbox() const;
    std::optional<v1::Record> record(const Id& id) const;
    std::string path() const;

    const Id person;
    const std::string name;
    std::unique_ptr<Replica> replica;
    std::unique_ptr<Syncer> syncer;
    std::vector<BlackBoxReport> reports;           // that it would have kept
    std::map<Id, std::vector<TextReader>> readers; // others who have a post open, as it was told

private:
    friend class Company;

    void within(const std::function<void()>& work);
    void sendOff();
    bool deliverToServer();
    bool deliverToDesk(Mint* permute);

    Company& company_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<Snapshot> snapshot_;
    FrameDecoder decoder_{limits::frameBytesMax};
    std::deque<v1::Envelope> toServer_;
    std::deque<v1::Envelope> toDesk_;
    std::optional<Refusal> ended_;
};

class Company {
public:
    explicit Company(uint64_t seed = 1);

    Id addPerson(const std::string& login, bool admin = false);
    Id addSpace(const std::string& name, v1::Visibility visibility);
    void setMember(const Id& space, const Id& person, v1::Role role);
    void disable(const Id& person);
    void erase(const Id& person);
    Desk& desk(const std::string& name, const Id& person);
    Desk* deskAt(size_t i) { return desks_[i].get(); }
    // The admin at the server's console.
    void submit(const v1::Change& change);

    // Delivers until nobody has anything more to say.
    void settle();
    // Half a minute later, when the records of what was written are due, and so on until all has come of it.
    void publish();
    // One thing happens, chosen by chance: something arrives, a batch is cut in two, neighbours change places.
    bool step();
    // One message arrives at the server or at this desk; false where none is under way.
    bool stepTo(Desk& desk);
    // Up to and with what the desk hands back, which `alter` may alter on the way; false where it hands back nothing.
    bool deliverHandBack(Desk& desk, const std::function<void(v1::HandBack&)>& alter);
    uint32_t epoch() const { return engine_->epoch(); }

    // What the server holds is put aside, and later put back in its place: by `stoad restore`, with a new epoch,
    // or by hand, without a word. All connections end.
    void backUp();
    enum class Restore { Properly, ByHand };
    void restore(Restore how);
    std::vector<HandedVersion> notTaken();

    // Every desk stands at every head that it may read, with the server's digests, and its figures are what
    // is got by counting anew. Empty, or what is wrong.
    std::string differences();
    FeedState serverFeed(const Feed& feed);

    int64_t nowMs = 1'700'000'000'000;
    Mint mint;
    std::vector<BlackBoxReport> reports; // that the server would have kept

private:
    friend class Desk;

    bool commitSubmissions();
    bool tellReaders();
    void openStore();
    void tell(const Committed& committed);
    Random random();

    TemporaryDirectory directory_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Engine> engine_;
    std::deque<std::pair<Desk*, Submission>> submissions_;
    std::vector<std::unique_ptr<Desk>> desks_;
    Readers readers_;
    uint32_t sessions_ = 0;
};

} // namespace stoa::test
