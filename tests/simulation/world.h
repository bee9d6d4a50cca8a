#pragma once

// One server and the devices of some people in one thread and virtual time: the real engine, sessions,
// replicas and syncers over real storage, and between them wires that lose, delay and cut. Everything is
// decided by the seed. First anything may fail; then everything is healed, and all must come to agree
// without anyone typing.
//
// The invariants, by the names that a broken one is reported under:
//
//   what was acknowledged is there, or was superseded      a change counts once
//   a number is never used for other bytes                 a feed's sum is that of its records
//   nobody does what they may not                          nobody is sent what they may not read
//   nothing is left of what may not be read                a replica holds what the server committed
//   a cursor never goes back                               nothing is read twice
//   a refused change stays until it is resolved            what is pending shows
//   every change is answered in the end                    all agree in the end
//   figures are what counting comes to                     nobody breaks the protocol
//   what a restore lost comes back                         whom a restore would let in stays out
//   who was erased is found nowhere                        a limit holds
//   nothing is forgotten without an order                  what was sent is not withdrawn
//   what was refused does not show                         what one does goes in its order
//   nothing lies below itself                              what belongs together is there together
//   searching finds what reading finds                     nothing fails by itself
//   no copy ever differs                                   what somebody wrote is there once
//   a body is what was written, where it was written

#include <deque>
#include <memory>
#include <optional>

#include "client/sync/syncer.h"
#include "server/session/readers.h"
#include "server/session/session.h"
#include "shared/base/limits.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/generator.h"
#include "tests/simulation/journal.h"
#include "tests/simulation/ledger.h"
#include "tests/support/simulated_disk.h"
#include "tests/support/temporary_directory.h"

namespace stoa::test {

enum class Fault {
    Cut,         // both ends learn of it at once; what was under way is lost, at any byte
    HalfOpen,    // only the device learns of it; what it has sent may arrive late
    BlackHole,   // nothing arrives for long
    Delay,       // a second or more each way
    SlowReader,  // some bytes a second
    SplitBatch,  // a batch comes in two
    Replay,      // an old push comes again, on another connection
    Stranger,    // a changed client pushes what its person may not want
    KillDevice,  // and it starts again later
    KillServer,  // what it had not committed is gone
    PowerDevice, // its power goes between two storage operations, and with it what was not synced
    PowerServer,
    FullDevice, // its disk is full for a while
    FullServer,
    WrongClock,   // a device's clock is off by years, or jumps
    ServerClock,  // the server's clock is set
    CopyProfile,  // a device's files go on living on a second one
    RevokeDevice, // its token is not known any more
    LoseDevice,   // with all that it had; its person gets an empty one
    ErasePerson,  // for good
    Restore,      // of an older backup, with a new epoch
    GoBack,       // of all that the server has, its journal too, to an older state, without a word
};
const std::vector<std::pair<Fault, const char*>>& faultNames();

// How people write in bodies.
enum class Texts {
    None,
    Some, // beside all else that they do, and drawn apart from it
    Many, // as often as they do anything else
};

// What a seed draws before anything happens.
struct Plan {
    size_t people = 1;
    size_t devices = 2;
    size_t devicesMax = 8;
    uint64_t changes = 60;
    int64_t thinkMs = 4'000;
    int64_t troubleEveryMs = 0; // 0: nothing ever fails
    int64_t latencyMs = 10;
    bool longTexts = false;
    Texts texts = Texts::None;
    std::vector<Fault> faults;
};

// What kind of world a seed makes.
struct Scope {
    bool large = false; // up to 20 devices and 10 people
    Texts texts = Texts::Some;
};
Plan drawPlan(Mint& mint, const Scope& scope);

struct Outcome {
    uint64_t seed = 0;
    std::string hash;
    Counts counts;
    std::string invariant; // empty: all held
    std::string sentence;
};

// Plays the seed through.
Outcome simulate(uint64_t seed, const Scope& scope, bool print);

class World;
struct Device;

// Without a token the person whose link it is comes in by password.
v1::Envelope helloBy(const std::string& token);

// Bytes under way in one direction.
struct Pipe {
    std::string bytes;
    bool moving = false; // the next arrival is on the agenda
    int64_t heldUntilMs = 0;
    FrameDecoder decoder{limits::frameBytesMax};
};

// One connection. Either end may have gone without the other's knowing.
struct Link {
    Device* device = nullptr; // null: the device's end has gone, or there never was one
    bool serverOpen = false;
    Id person;
    std::unique_ptr<Snapshot> snapshot;
    std::unique_ptr<Session> session;
    Pipe up, down;
    std::deque<std::function<void()>> posts;    // from the writer's thread to the session's
    std::shared_ptr<const Rights> postedRights; // of the commit that is being told
    int64_t serverHeardMs = 0;
    bool paused = false; // the server reads nothing
};

// Of the server: how far the ledger was, and the journal.
struct Backup {
    uint64_t mark = 0;
    KeptJournal journal;
};

struct Held {
    uint64_t number = 0;
    Digest bytes;
    bool deleted = false;
};

struct Mine {
    v1::Change change;
    Feed feed;
    int turn = 0;       // of the device's
    uint64_t order = 0; // in which its person made it
    bool sent = false;  // and not refused since
    bool discarded = false;
    int unansweredIn = 0; // the life of the server at whose beginning it was here without an answer
};

struct Device {
    size_t index = 0;
    Id person;
    std::string token;
    std::string folder;
    std::unique_ptr<Replica> replica; // null: not running
    std::unique_ptr<Syncer> syncer;
    std::unique_ptr<Connection> look; // as the interface reads
    std::shared_ptr<Link> link;
    int64_t clockOffsetMs = 0;
    bool slow = false;
    int failures = 0;
    int starts = 0; // what was asked of an earlier life is void
    bool connectAsked = false;
    bool signedOut = false;
    bool disabled = false;
    std::map<Id, Mine> mine;
    std::vector<Id> openTexts; // by its program as it runs now
    std::set<Feed> lost;
    std::set<Feed> ordered; // to forget, and it did not yet
    std::set<Feed> aside;   // that were set aside once
    // What its person may do as far as it knows. What is pending shows at least until that has another turn: a
    // change that may not be made at the moment is not shown.
    std::string rights;
    int turn = 0;
    std::map<Feed, std::pair<uint64_t, int64_t>> reached; // cursor and pass
    int life = 0;                                         // the server's, as it heard last
    std::map<RecordKey, Held> held;                       // lost by the server, here when it came to this life
    std::set<Feed> named, compared;                       // in this life: by the server; handed back before
    std::set<Feed> owed;                                  // to be handed back again
    std::set<Feed> unsealed; // of which the last version that was read is not the one at the cursor, or not the last
    std::set<Feed> leftOut;  // the same, when the server went back without a word
    std::set<Feed> equal;    // in this life, when the server named it
};

class World {
public:
    World(uint64_t seed, const Scope& scope, bool print);
    ~World();

    // Throws Broken.
    void run();
    // What both ends of each conversation know, into the trace: for whoever looks for what broke.
    void tellBoxes();

    std::string hash() const { return trace_.hash(); }
    const Counts& counts() const { return counts_; }

private:
    // the server
    void openServer(const std::optional<Restored>& restored = {});
    void closeServer();
    void killServer(bool powerCut);
    void backUp();
    void restore(bool noticed);
    void replayJournal(size_t from);
    void console(const v1::Change& change, bool import = false);
    void adminWrites();
    void enrol(Device& device);
    void signInAgain(Device& device);
    void takeSubmission(const std::shared_ptr<Link>& link, Submission submission);
    void commit();
    void publish();
    Committed submitAtOnce(Submission submission);
    void revoke(const Id& device);
    void erase(const Id& person);
    void eraseAtOnce(const Id& person);
    void checkFiles(const Id& person);
    void checkErased(bool atEnd);
    void takeBack(const std::shared_ptr<Link>& link, const v1::HandBack& versions);
    void tell(const Committed& committed);
    void post(const std::shared_ptr<Link>& link, std::function<void(Session&)> work,
              std::shared_ptr<const Rights> rights);
    void runPost(const std::shared_ptr<Link>& link);
    void tellReaders();
    std::shared_ptr<Link> openLink(const Id& person);
    void serverSends(const std::shared_ptr<Link>& link, const SharedFrame& frame);
    std::string feedOf(const std::string& post) const;
    void checkSent(const Link& link, const v1::Envelope& envelope) const;
    void closeServerEnd(const std::shared_ptr<Link>& link);
    void watchSilence();

    // the wires
    void put(const std::shared_ptr<Link>& link, bool up, std::string_view bytes);
    void arrive(const std::shared_ptr<Link>& link, bool up);

    // the devices
    Device& addDevice(const Id& person);
    void start(Device& device);
    void startLater(Device& device);
    void kill(Device& device, bool powerCut);
    void within(Device& device, const std::function<void()>& work);
    void sendOff(Device& device);
    void noteSent(Device& device, const v1::Push& push);
    void connectLater(Device& device);
    void connect(Device& device);
    void hangUp(Device& device, bool politely);
    void received(Device& device, const v1::Envelope& envelope);
    void pulse(Device& device, int starts);
    void think(Device& device);
    void submit(Device& device);
    bool want(Device& device, const v1::Change& change);
    void writeLater(Device& device);
    void write(Device& device);
    void restoreText(Device& device);
    void lookBack(Device& device);
    void openOrCloseText(Device& device);
    void addStrangeText(v1::Envelope& push, const Maker& maker);
    void noteTakenBack(Device& device, const Id& target);
    void resolve(Device& device);

    // what fails
    void later(int64_t ms, std::function<void()> work);
    void guarded(const std::function<void()>& work);
    void trouble();
    void happen(Fault fault, Device& device);
    void heal();

    // the invariants
    void noteRights(Device& device);
    void checkReached(Device& device);
    void noteHeld(Device& device, const v1::Welcome& welcome);
    void noteOwed(Device& device, const v1::Envelope& envelope);
    void checkHeld(Device& device, bool atEnd = false);
    void checkCameBack(Device& device, bool atEnd);
    bool isInAnother(Device& device, const v1::Change& change);
    void checkOutbox(Device& device);
    void checkShown(Device& device);
    void checkRefused(Device& device);
    bool isRevised(Device& device, int64_t row, const std::string& shown, const std::string& sealed);
    bool isShown(Device& device, const v1::Change& change);
    void checkFigures(Device& device);
    QString indexOf(const Device& device) const;
    void index(Device& device);
    void checkSearch(Device& device);
    void checkWhole(Device& device);
    void checkStore();
    void checkTrees();
    void checkTexts();
    void checkBodies(const Committed& committed);
    void checkHistory(Device& device);
    void checkOpen(Device& device);
    Maker makerAt(const Device& device, const Reader& visible) const;
    std::string notYet(Device& device);
    void checkEnd();

    bool has(Fault fault) const;
    void count(Fault fault);
    void say(const std::string& what) { trace_.say(agenda_.nowMs(), what); }
    std::string nameOf(const Device& device) const { return "device " + std::to_string(device.index); }
    int64_t wallMs(const Device& device) const { return agenda_.nowMs() + device.clockOffsetMs; }
    int64_t draw(int64_t mostMs) { return int64_t(mint_.number(uint64_t(mostMs) + 1)); }
    Random random();

    Mint mint_;
    Mint writing_; // for what people write in bodies, where that is drawn apart
    SimulatedDisk disk_;
    TemporaryDirectory indexes_; // for searching: they look at their files themselves
    Trace trace_;
    Counts counts_;
    Agenda agenda_;
    Plan plan_;
    std::string serverFolder_, backupFolder_;
    KeptJournal journal_;
    std::optional<Backup> backup_;
    std::set<Id> erased_;
    std::string differed_;      // which copy did first, and in what
    bool wentBack_ = false;     // without a word, once
    int life_ = 0;              // of the server: one more whenever it went back, and when it noticed that
    Device* failing_ = nullptr; // whose program meets a failing disk
    Things things_;
    Ledger ledger_;
    std::shared_ptr<const Rights> rights_;
    int64_t serverOffsetMs_ = 0;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Snapshot> before_, after_;
    std::vector<std::pair<std::shared_ptr<Link>, Submission>> submissions_;
    std::vector<std::shared_ptr<Link>> links_;
    Readers readers_;
    bool readersAsked_ = false;
    uint32_t sessions_ = 0;
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<std::pair<Id, v1::Envelope>> oldPushes_; // and what was handed back
    bool commitAsked_ = false;
    bool healing_ = false;
    uint64_t made_ = 0;
    uint64_t order_ = 0;
};

} // namespace stoa::test
