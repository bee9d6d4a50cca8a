// bench_load [--connections N] [--seconds S] [--rounds R] [--server PROGRAM]: the real server as a process, N devices
// on TLS connections in this one, and in the same run the floor (load_floor.h) and mosquitto, driven by the same loop.
// Both sides share the machine.
//
// A device here holds nothing: it says hello with its token, subscribes every feed of its welcome at the head, and is
// in sync when each has been answered with its last batch.

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <thread>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "client/worker/backoff.h"
#include "server/auth/password.h"
#include "server/engine/engine.h"
#include "server/store/sqlite/sqlite_store.h"
#include "shared/base/limits.h"
#include "shared/wire/frame.h"
#include "tests/bench/load_client.h"
#include "tests/bench/load_floor.h"
#include "tests/bench/measure.h"
#include "tests/scenario/changes.h"
#include "tests/support/process.h"
#include "tests/support/temporary_directory.h"

using namespace stoa;
using namespace stoa::bench;

namespace {

using std::chrono::seconds;

constexpr size_t perAddress = 400;         // devices behind one address
constexpr size_t unsignedPerAddress = 150; // below the server's 200
constexpr size_t unsignedInTotal = 800;    // below its 1,000
constexpr std::array groups{size_t{10}, size_t{100}, size_t{1'000}};

double msSince(Clock::time_point then)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - then).count();
}

double median(const std::vector<double>& values)
{
    return percentile(values, 50);
}

size_t residentBytes(pid_t process)
{
    std::ifstream file("/proc/" + std::to_string(process) + "/statm");
    size_t all = 0, resident = 0;
    file >> all >> resident;
    return resident * size_t(::sysconf(_SC_PAGESIZE));
}

// Messages to many: when each was sent, by how many received, and after what time.
class Tally {
public:
    void begin(size_t readers)
    {
        readers_ = readers;
        sent_.clear();
        counts_.clear();
        latenciesMs.clear();
    }
    uint64_t sending()
    {
        sent_.push_back(Clock::now());
        counts_.push_back(0);
        return sent_.size() - 1;
    }
    void received(uint64_t number)
    {
        if (number >= sent_.size())
            return;
        ++counts_[number];
        latenciesMs.push_back(msSince(sent_[number]));
    }
    bool complete() const { return latenciesMs.size() >= sent_.size() * readers_; }

    std::vector<double> latenciesMs;

private:
    size_t readers_ = 0;
    std::vector<Clock::time_point> sent_;
    std::vector<size_t> counts_;
};

// What the three have in common for the measures: a message to the first so many, or to all.
struct Speaker {
    Links& links;
    Tally& tally;
    std::function<void(size_t readers, uint64_t number)> send;
};

// Message after message, each when the last has come to everybody: the time to the last of them.
std::vector<double> fanOut(Speaker& speaker, size_t readers, int rounds)
{
    std::vector<double> ms;
    for (int i = 0; i < rounds; ++i) {
        speaker.tally.begin(readers);
        const auto start = Clock::now();
        speaker.send(readers, speaker.tally.sending());
        speaker.links.until([&] { return speaker.tally.complete(); }, seconds(60), "one message to everybody");
        ms.push_back(msSince(start));
    }
    return ms;
}

struct Spread {
    double p50Ms = 0, p99Ms = 0;
};

// So many a second, whatever has come back; from sending to each reader's receipt.
Spread atRate(Speaker& speaker, size_t readers, size_t hearing, int perSecond, double forSeconds)
{
    speaker.tally.begin(hearing);
    const auto start = Clock::now();
    const int messages = int(perSecond * forSeconds);
    for (int sent = 0; sent < messages;) {
        const double dueMs = 1'000.0 * sent / perSecond;
        if (msSince(start) >= dueMs) {
            speaker.send(readers, speaker.tally.sending());
            ++sent;
            continue;
        }
        speaker.links.turn(1);
    }
    speaker.links.until([&] { return speaker.tally.complete(); }, seconds(120), "messages at a steady rate");
    return {median(speaker.tally.latenciesMs), percentile(speaker.tally.latenciesMs, 99)};
}

// Connects all at the pace that the server's limits leave; `begun` counts what is under way.
struct Ramp {
    size_t next = 0;
    size_t underWay = 0;
    std::map<size_t, size_t> underWayAt; // by address

    void settled(size_t index)
    {
        --underWay;
        --underWayAt[index / perAddress];
    }
    void go(Links& links, size_t count, uint16_t port)
    {
        while (next < count && underWay < unsignedInTotal && underWayAt[next / perAddress] < unsignedPerAddress) {
            ++underWay;
            ++underWayAt[next / perAddress];
            links.connect(next++, port, perAddress);
        }
    }
};

// ---- the server

struct Seeded {
    std::vector<std::string> tokens;
    Id everybody;                // an open space
    std::map<size_t, Id> spaces; // private, by the number of members
    Id heavy;                    // with some MiB to read
};

std::string keyOf(const std::string& data)
{
    std::ifstream file(data + "/seal.key", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// People, devices, spaces and members by the server's own engine, before it starts: joining costs a password hash each.
Seeded seed(const std::string& data, size_t people)
{
    const test::Finished made = test::run(
        {"stoad", "init", "--organisation", "Load", "--admin", "ada", "--host", "127.0.0.1:7443", "--data", data});
    if (made.exitCode != 0)
        throw std::runtime_error(made.err);
    const auto store = openSqliteStore(data + "/stoa.db");
    Engine engine(*store, keyOf(data), systemWallClock());
    test::Mint mint(1);
    int64_t nowMs = systemWallClock()();
    std::vector<v1::Change> waiting;
    const auto flush = [&] {
        Submission submission{.actor = {.server = true}};
        for (const v1::Change& change : waiting)
            submission.changes.emplace_back().set_change(change.SerializeAsString());
        waiting.clear();
        const Committed committed = engine.submit({&submission, 1});
        for (const v1::Receipt& receipt : committed.receipts[0].receipts()) {
            if (receipt.has_refusal())
                throw std::runtime_error("seeding was refused: " + receipt.refusal().ShortDebugString());
        }
    };
    const auto order = [&](v1::Change change) {
        waiting.push_back(std::move(change));
        if (waiting.size() == 500)
            flush();
    };
    const auto space = [&](const std::string& name, v1::Visibility visibility) {
        ++nowMs;
        v1::Change change = mint.change(mint.id(nowMs), nowMs);
        change.mutable_create_space()->set_name(name);
        change.mutable_create_space()->set_visibility(visibility);
        const Id id = *Id::from(change.target());
        order(std::move(change));
        return id;
    };

    Seeded seeded;
    seeded.everybody = space("Everybody", v1::OPEN);
    seeded.heavy = space("Heavy", v1::OPEN);
    std::vector<Id> ids;
    for (size_t i = 0; i < people; ++i) {
        ++nowMs;
        v1::Change change = mint.change(mint.id(nowMs), nowMs);
        change.mutable_create_person()->set_login("p" + std::to_string(i));
        change.mutable_create_person()->set_name("Person " + std::to_string(i));
        ids.push_back(*Id::from(change.target()));
        order(std::move(change));
    }
    for (const size_t size : groups) {
        if (size > people)
            continue;
        const Id id = space("Space of " + std::to_string(size), v1::PRIVATE);
        seeded.spaces[size] = id;
        for (size_t i = 0; i < size; ++i)
            order(mint.member(id, ids[i], v1::CONTRIBUTOR, ++nowMs));
    }
    flush();

    Submission bulk{.actor = {.person = ids[0]}};
    for (int i = 0; i < 32; ++i) {
        v1::Change change = mint.post(v1::QUESTION, seeded.heavy, {}, "Heavy", ++nowMs);
        std::string body(256 * 1'024, '\0'); // does not compress well
        for (char& c : body)
            c = static_cast<char>(' ' + mint.number(64));
        change.mutable_create_post()->set_body(body);
        bulk.changes.emplace_back().set_change(change.SerializeAsString());
    }
    engine.submit({&bulk, 1});

    const auto transaction = store->begin();
    for (size_t i = 0; i < people; ++i) {
        seeded.tokens.push_back(sha256("token " + std::to_string(i)));
        transaction->addDevice({mint.id(nowMs), ids[i], "bench", nowMs}, sha256(seeded.tokens.back()));
    }
    transaction->commit();
    store->checkpoint();
    return seeded;
}

// The server's process; its log goes to a file, so that nobody has to read it meanwhile.
class Stoad {
public:
    Stoad(std::string program, std::string data) : program_(std::move(program)), data_(std::move(data)) {}

    void start()
    {
        const std::string log = data_ + "/bench.log";
        ::unlink(log.c_str());
        process_.emplace(std::vector<std::string>{"/bin/sh", "-c", "exec \"$0\" \"$@\" 2>\"" + log + "\"", program_,
                                                  "serve", "--data", data_, "--listen",
                                                  "127.0.0.1:" + std::to_string(port)});
        const auto end = Clock::now() + seconds(60);
        for (std::string line; Clock::now() < end; std::this_thread::sleep_for(std::chrono::milliseconds(2))) {
            std::ifstream file(log);
            while (std::getline(file, line)) {
                const size_t at = line.find("event=listening port=");
                if (at == std::string::npos || file.eof())
                    continue;
                port = uint16_t(std::stoi(line.substr(line.rfind('=') + 1)));
                return;
            }
        }
        throw std::runtime_error("the server does not start");
    }
    void stop()
    {
        process_->signal(SIGTERM);
        process_->wait();
        process_.reset();
    }
    size_t bytes() const { return residentBytes(process_->pid()); }

    uint16_t port = 0;

private:
    std::string program_;
    std::string data_;
    std::optional<test::Process> process_;
};

// What a device of the bench knows.
struct Device {
    FrameDecoder decoder{limits::frameBytesMax};
    std::map<std::string, uint64_t> cursors; // of its feeds
    std::map<std::string, uint64_t> heads;   // that it still has to reach
    bool welcome = false;
    bool synced = false;
    int failures = 0;
};

class Devices {
public:
    Devices(const Seeded& seeded, size_t count)
        : seeded_(seeded),
          devices_(count),
          links_("stoa/1", {[this](Link& link) { open(link); }, [this](Link& link) { readable(link); },
                            [this](Link& link) { gone(link); }, [this] { pulse(); }})
    {
    }

    Links& links() { return links_; }
    Tally& tally() { return tally_; }
    size_t synced() const { return synced_; }
    void serverMayEnd() { mayEnd_ = true; }

    // In sync, within the server's limits.
    double connectAll(uint16_t port)
    {
        port_ = port;
        const auto start = Clock::now();
        ramp_ = Ramp();
        ramp_->go(links_, devices_.size(), port_);
        links_.until([&] { return synced_ == devices_.size(); }, seconds(120), "everybody's first sync");
        ramp_.reset();
        return msSince(start) / 1'000;
    }

    // Everybody at once; who is turned away comes back as the desktop does. Seconds until all are in sync.
    double comeBack(uint16_t port)
    {
        port_ = port;
        comingBack_ = true;
        retries_ = 0;
        const auto start = Clock::now();
        for (size_t i = 0; i < devices_.size(); ++i)
            links_.connect(i, port_, perAddress);
        links_.until(
            [&] {
                while (!later_.empty() && later_.begin()->first <= Clock::now()) {
                    links_.connect(later_.begin()->second, port_, perAddress);
                    later_.erase(later_.begin());
                }
                return synced_ == devices_.size();
            },
            seconds(300), "everybody's coming back");
        comingBack_ = false;
        return msSince(start) / 1'000;
    }
    size_t retries() const { return retries_; }

    // The first device's changes to a space, and who hears of them.
    Speaker speaker(size_t bodyBytes)
    {
        return {links_, tally_, [this, bodyBytes](size_t readers, uint64_t number) {
                    if (number == 0) {
                        const auto found = seeded_.spaces.find(readers);
                        space_ = readers == devices_.size() || found == seeded_.spaces.end() ? seeded_.everybody
                                                                                             : found->second;
                        feed_ = Feed{FeedKind::Space, space_}.key();
                        base_ = devices_[0].cursors[feed_];
                    }
                    v1::Change change =
                        mint_.post(v1::QUESTION, space_, {}, "A question of the bench", systemWallClock()());
                    change.mutable_create_post()->set_body(std::string(bodyBytes, 'x'));
                    v1::Envelope envelope;
                    envelope.mutable_push()->add_changes()->set_change(change.SerializeAsString());
                    links_.send(links_.at(0), encodeFrame(envelope));
                }};
    }
    size_t lastBatchBytes() const { return lastBatchBytes_; }

    // From the start of the space that has some MiB, and then not a word is read.
    void stopReading(size_t index)
    {
        links_.send(links_.at(index), subscribe(Feed{FeedKind::Space, seeded_.heavy}.key(), 0));
        links_.setDeaf(links_.at(index), true);
    }
    void hear(size_t index) { links_.setDeaf(links_.at(index), false); }

private:
    // Each says something every 20 s, as a device must, spread evenly.
    void pulse()
    {
        const auto due = size_t(msSince(since_) * double(devices_.size()) / double(limits::heartbeatMs));
        v1::Envelope envelope;
        envelope.mutable_ping();
        const std::string ping = encodeFrame(envelope);
        for (; pings_ < due; ++pings_) {
            const size_t index = pings_ % devices_.size();
            if (devices_[index].welcome && links_.at(index).open)
                links_.send(links_.at(index), ping);
        }
    }

    static std::string subscribe(const std::string& feed, uint64_t cursor)
    {
        v1::Envelope envelope;
        envelope.mutable_subscribe()->set_feed(feed);
        envelope.mutable_subscribe()->set_cursor(cursor);
        return encodeFrame(envelope);
    }

    void open(Link& link)
    {
        v1::Envelope envelope;
        v1::Hello& hello = *envelope.mutable_hello();
        hello.set_protocol_min(limits::protocolMin);
        hello.set_protocol_max(limits::protocolMax);
        hello.set_program("bench");
        hello.set_token(seeded_.tokens[link.index]);
        links_.send(link, encodeFrame(envelope));
    }

    void readable(Link& link)
    {
        Device& device = devices_[link.index];
        const size_t bytes = link.in.size();
        device.decoder.append(link.in);
        link.in.clear();
        for (;;) {
            const auto next = device.decoder.next();
            if (!next)
                throw std::runtime_error("the server sent what is not a frame");
            if (!*next)
                return;
            const v1::Envelope& envelope = **next;
            if (envelope.has_batch()) {
                batch(device, envelope.batch());
                if (envelope.batch().versions_size() == 1)
                    lastBatchBytes_ = bytes;
            } else if (envelope.has_welcome()) {
                welcome(link, device, envelope.welcome());
            } else if (envelope.has_receipts()) {
                for (const v1::Receipt& receipt : envelope.receipts().receipts()) {
                    if (receipt.has_refusal())
                        throw std::runtime_error("a change was refused: " + receipt.refusal().ShortDebugString());
                }
            } else if (envelope.has_ping()) {
                v1::Envelope pong;
                pong.mutable_pong();
                links_.send(link, encodeFrame(pong));
            } else if (envelope.has_goodbye() && envelope.goodbye().why().code() != v1::SHUTTING_DOWN) {
                throw std::runtime_error("the server said goodbye: " + envelope.goodbye().why().ShortDebugString());
            }
        }
    }

    void welcome(Link& link, Device& device, const v1::Welcome& welcome)
    {
        device.welcome = true;
        std::string out;
        for (const v1::FeedHead& feed : welcome.feeds()) {
            const uint64_t cursor = device.cursors.emplace(feed.feed(), feed.head()).first->second;
            device.heads[feed.feed()] = feed.head();
            out += subscribe(feed.feed(), cursor);
        }
        links_.send(link, out);
        if (ramp_) {
            ramp_->settled(link.index);
            ramp_->go(links_, devices_.size(), port_);
        }
    }

    void batch(Device& device, const v1::Batch& batch)
    {
        uint64_t& cursor = device.cursors[batch.feed()];
        if (batch.feed() == feed_ && batch.upto() > base_) {
            for (uint64_t number = std::max(cursor, base_) + 1; number <= batch.upto(); ++number)
                tally_.received(number - base_ - 1);
        }
        cursor = std::max(cursor, batch.upto());
        const auto head = device.heads.find(batch.feed());
        if (head == device.heads.end() || !batch.last() || batch.upto() < head->second)
            return;
        device.heads.erase(head);
        if (device.heads.empty() && !device.synced) {
            device.synced = true;
            device.failures = 0;
            ++synced_;
        }
    }

    void gone(Link& link)
    {
        Device& device = devices_[link.index];
        synced_ -= device.synced;
        if (!mayEnd_)
            throw std::runtime_error("the server let a device go");
        device.decoder = FrameDecoder(limits::frameBytesMax);
        device.heads.clear();
        device.welcome = device.synced = false;
        if (comingBack_) {
            ++retries_;
            const double chance = double(mint_.number(1'000'000)) / 1e6;
            later_.emplace(Clock::now() + std::chrono::milliseconds(backoffMs(device.failures++, chance)), link.index);
        }
    }

    const Seeded& seeded_;
    std::vector<Device> devices_;
    Tally tally_;
    test::Mint mint_{2};
    uint16_t port_ = 0;
    Id space_;
    std::string feed_;
    uint64_t base_ = 0;
    size_t lastBatchBytes_ = 0;
    size_t synced_ = 0, retries_ = 0;
    Clock::time_point since_ = Clock::now();
    size_t pings_ = 0;
    bool mayEnd_ = false;
    std::optional<Ramp> ramp_;
    bool comingBack_ = false;
    std::multimap<Clock::time_point, size_t> later_;
    Links links_; // last: its events use the others
};

// ---- floor and mosquitto

struct Measured {
    std::map<size_t, double> fanOutMs; // by readers
    std::map<size_t, Spread> rates;
};

constexpr int ratePerSecond = 200;

Measured measure(Speaker speaker, size_t count, int rounds, double forSeconds)
{
    Measured measured;
    std::vector<size_t> sizes(groups.begin(), groups.end());
    sizes.push_back(count);
    for (const size_t readers : sizes) {
        if (readers <= count && readers >= 1'000)
            measured.fanOutMs[readers] = median(fanOut(speaker, readers, rounds));
    }
    if (!measured.fanOutMs.contains(count))
        measured.fanOutMs[count] = median(fanOut(speaker, count, rounds));
    for (const size_t readers : groups) {
        if (readers <= count)
            measured.rates[readers] = atRate(speaker, readers, readers, ratePerSecond, forSeconds);
    }
    return measured;
}

Measured measureFloor(size_t count, size_t bytes, const std::string& data, int rounds, double forSeconds)
{
    test::Process server({"bench_load", "--floor-server", data});
    const std::string line = server.waitForLine("port=");
    const auto port = uint16_t(std::stoi(line.substr(line.find('=') + 1)));
    Tally tally;
    size_t open = 0;
    Ramp ramp;
    std::unique_ptr<Links> links;
    links = std::make_unique<Links>(
        "", LinkEvents{[&](Link& link) {
                           ++open;
                           ramp.settled(link.index);
                           ramp.go(*links, count, port);
                       },
                       [&](Link& link) {
                           size_t at = 0;
                           for (; link.in.size() - at >= bytes; at += bytes) {
                               uint64_t number = 0;
                               std::memcpy(&number, link.in.data() + at, sizeof number);
                               tally.received(number);
                           }
                           link.in.erase(0, at);
                       },
                       [](Link&) { throw std::runtime_error("the floor ended a connection"); }});
    ramp.go(*links, count, port);
    links->until([&] { return open == count; }, seconds(120), "connections to the floor");
    return measure({*links, tally,
                    [&](size_t readers, uint64_t number) {
                        const FloorOrder order{uint32_t(readers), uint32_t(bytes), number};
                        links->send(links->at(0), {reinterpret_cast<const char*>(&order), sizeof order});
                    }},
                   count, rounds, forSeconds);
}

// MQTT 3.1.1, as much of it as this needs.
std::string mqtt(uint8_t kind, const std::string& body)
{
    std::string packet(1, static_cast<char>(kind));
    size_t left = body.size();
    do {
        packet += static_cast<char>((left & 127) | (left > 127 ? 128 : 0));
        left >>= 7;
    } while (left > 0);
    return packet + body;
}

std::string mqttText(const std::string& text)
{
    return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size())} + text;
}

// Takes one whole packet from the front: its kind and body.
bool takeMqtt(std::string& in, uint8_t& kind, std::string& body)
{
    size_t length = 0, at = 1;
    for (int shift = 0;; shift += 7, ++at) {
        if (at >= in.size())
            return false;
        length |= size_t(in[at] & 127) << shift;
        if ((in[at] & 128) == 0)
            break;
    }
    ++at;
    if (in.size() < at + length)
        return false;
    kind = uint8_t(in[0]);
    body = in.substr(at, length);
    in.erase(0, at + length);
    return true;
}

std::optional<Measured> measureMosquitto(size_t count, size_t bytes, const std::string& data, int rounds,
                                         double forSeconds)
{
    const std::string program = "/usr/sbin/mosquitto";
    if (::access(program.c_str(), X_OK) != 0)
        return std::nullopt;
    constexpr uint16_t port = 18'883;
    std::ofstream(data + "/mosquitto.conf")
        << "listener " << port << " 127.0.0.1\nallow_anonymous true\nuser root\n"
        << "certfile " << data << "/certificate.pem\nkeyfile " << data << "/key.pem\n"
        << "set_tcp_nodelay true\npersistence false\nmax_queued_messages 0\nlog_type error\n";
    test::Process server({program, "-c", data + "/mosquitto.conf"});
    std::this_thread::sleep_for(seconds(1)); // it says nothing when it listens
    Tally tally;
    size_t ready = 0;
    Ramp ramp;
    std::unique_ptr<Links> links;
    links = std::make_unique<Links>(
        "", LinkEvents{[&](Link& link) {
                           links->send(link, mqtt(0x10, mqttText("MQTT") + std::string("\x04\x02\x00\x00", 4) +
                                                            mqttText("bench" + std::to_string(link.index))));
                       },
                       [&](Link& link) {
                           uint8_t kind = 0;
                           for (std::string body; link.in.size() > 1 && takeMqtt(link.in, kind, body);) {
                               if (kind == 0x20) {
                                   std::string topics = std::string("\x00\x01", 2) + mqttText("all") + '\0';
                                   for (const size_t size : groups) {
                                       if (link.index < size)
                                           topics += mqttText("of" + std::to_string(size)) + '\0';
                                   }
                                   links->send(link, mqtt(0x82, topics));
                               } else if (kind == 0x90) {
                                   ++ready;
                                   ramp.settled(link.index);
                                   ramp.go(*links, count, port);
                               } else if ((kind & 0xf0) == 0x30) {
                                   uint64_t number = 0;
                                   std::memcpy(&number, body.data() + 2 + size_t(body[1]), sizeof number);
                                   tally.received(number);
                               }
                           }
                       },
                       [](Link&) { throw std::runtime_error("mosquitto ended a connection"); }});
    ramp.go(*links, count, port);
    links->until([&] { return ready == count; }, seconds(180), "connections to mosquitto");
    return measure({*links, tally,
                    [&](size_t readers, uint64_t number) {
                        std::string payload(bytes, 'x');
                        std::memcpy(payload.data(), &number, sizeof number);
                        const std::string topic = readers == count ? "all" : "of" + std::to_string(readers);
                        links->send(links->at(0), mqtt(0x30, mqttText(topic) + payload));
                    }},
                   count, rounds, forSeconds);
}

// ---- all of it

struct Options {
    size_t connections = 1'000;
    double seconds = 5;
    int rounds = 21;
    std::string server = STOA_BIN_DIR "/stoad"; // another build's, to compare
};

void say(const std::string& what)
{
    std::fprintf(stderr, "%s\n", what.c_str());
}

void run(const Options& options)
{
    using Json = nlohmann::json;
    const size_t count = options.connections;
    const test::TemporaryDirectory directory;
    const std::string data = (directory.path() / "data").string();
    const Seeded seeded = seed(data, count);

    say("connecting");
    Stoad server(options.server, data);
    server.start();
    const size_t bytesBefore = server.bytes();
    auto devices = std::make_unique<Devices>(seeded, count);
    const double connecting = devices->connectAll(server.port);
    std::this_thread::sleep_for(seconds(1));
    const double kibPerConnection = double(server.bytes() - bytesBefore) / 1'024 / double(count);

    say("changes");
    const Measured own = measure(devices->speaker(120), count, options.rounds, options.seconds);
    const size_t frameBytes = devices->lastBatchBytes();

    // One in a hundred does not read. Without, with: by turns, so that the machine's moods meet both.
    const size_t readers = std::min(count, size_t{1'000}) >= 1'000 ? 1'000 : 100;
    const size_t slow = std::max<size_t>(1, readers / 100);
    say("slow readers");
    double slowKib = 0;
    std::vector<double> without, with;
    if (readers <= count) {
        Speaker speaker = devices->speaker(120);
        constexpr int perSecond = 50;
        for (int turn = 0; turn < 3; ++turn) {
            without.push_back(atRate(speaker, readers, readers, perSecond, 3).p99Ms);
            const size_t quiet = server.bytes();
            for (size_t i = 0; i < slow; ++i)
                devices->stopReading(readers - 1 - i);
            const auto since = Clock::now();
            while (msSince(since) < 1'500)
                devices->links().turn(10);
            with.push_back(atRate(speaker, readers, readers - slow, perSecond, 3).p99Ms);
            slowKib = std::max(slowKib, double(int64_t(server.bytes()) - int64_t(quiet)) / 1'024 / double(slow));
            for (size_t i = 0; i < slow; ++i)
                devices->hear(readers - 1 - i);
            const auto heard = Clock::now();
            while (msSince(heard) < 2'000)
                devices->links().turn(10);
        }
    }

    say("coming back");
    const auto stopping = Clock::now();
    devices->serverMayEnd();
    server.stop();
    devices->links().until([&] { return devices->synced() == 0; }, seconds(30), "everybody's noticing the end");
    const double stopped = msSince(stopping) / 1'000;
    server.start();
    const double back = devices->comeBack(server.port);
    const size_t turnedAway = devices->retries();
    devices.reset();
    server.stop();

    say("the floor");
    const Measured floor = measureFloor(count, frameBytes, data, options.rounds, options.seconds);
    say("mosquitto");
    std::optional<Measured> mosquitto;
    try {
        mosquitto = measureMosquitto(count, frameBytes, data, options.rounds, options.seconds);
        if (!mosquitto)
            say("mosquitto is missing: apt-get install mosquitto");
    } catch (const std::exception& error) {
        say(error.what());
    }

    Json sum = {{"name", "load"}, {"connections", count}, {"frame_bytes", frameBytes}};
    const auto ms = [](double value) { return std::round(value * 100) / 100; };
    for (const auto& [to, value] : own.fanOutMs) {
        const std::string name = "one change to " + std::to_string(to);
        const double target = to <= 1'000 ? 25 : 0.04 * double(to);
        tell(name, value, "ms", target, Better::Less, floor.fanOutMs.at(to));
        tell(name + ", floor", floor.fanOutMs.at(to), "ms", target, Better::Less, 0);
        sum["fan_out_ms"][std::to_string(to)] = {{"stoa", ms(value)}, {"floor", ms(floor.fanOutMs.at(to))}};
        if (mosquitto) {
            tell(name + ", mosquitto", mosquitto->fanOutMs.at(to), "ms", target, Better::Less, floor.fanOutMs.at(to));
            sum["fan_out_ms"][std::to_string(to)]["mosquitto"] = ms(mosquitto->fanOutMs.at(to));
        }
    }
    for (const auto& [to, value] : own.rates) {
        const std::string name = "200 changes/s to " + std::to_string(to);
        const Spread& plain = floor.rates.at(to);
        tell(name + ", p50", value.p50Ms, "ms", 50, Better::Less, plain.p50Ms);
        tell(name + ", p99", value.p99Ms, "ms", 100, Better::Less, plain.p99Ms);
        Json& row = sum["rate_ms"][std::to_string(to)];
        row["stoa"] = {ms(value.p50Ms), ms(value.p99Ms)};
        row["floor"] = {ms(plain.p50Ms), ms(plain.p99Ms)};
        if (mosquitto)
            row["mosquitto"] = {ms(mosquitto->rates.at(to).p50Ms), ms(mosquitto->rates.at(to).p99Ms)};
    }
    tell("server's memory a connection", kibPerConnection, "KiB", 64, Better::Less, 0);
    tell("first connection of everybody", connecting, "s", 30, Better::Less, 0);
    tell("everybody back after a restart", back, "s", 30, Better::Less, 0);
    sum["kib_a_connection"] = ms(kibPerConnection);
    sum["back_s"] = ms(back);
    sum["turned_away"] = turnedAway;
    sum["stopped_s"] = ms(stopped);
    if (!with.empty()) {
        const double ratio = median(with) / median(without);
        tell("p99 with 1 % slow readers, against without", ratio, "times", 1.1, Better::Less, 0);
        tell("server's memory a slow reader", slowKib, "KiB", 8 * 1'024, Better::Less, 0);
        sum["slow"] = {
            {"p99_ms_without", ms(median(without))}, {"p99_ms_with", ms(median(with))}, {"kib", ms(slowKib)}};
    }
    std::printf("%s\n", sum.dump().c_str());
}

} // namespace

int main(int argc, char** argv)
{
    std::signal(SIGPIPE, SIG_IGN);
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    try {
        Options options;
        for (int i = 1; i + 1 < argc; i += 2) {
            const std::string name = argv[i];
            if (name == "--floor-server")
                serveFloor(std::string(argv[i + 1]) + "/certificate.pem", std::string(argv[i + 1]) + "/key.pem");
            else if (name == "--connections")
                options.connections = std::stoul(argv[i + 1]);
            else if (name == "--seconds")
                options.seconds = std::stod(argv[i + 1]);
            else if (name == "--rounds")
                options.rounds = std::stoi(argv[i + 1]);
            else if (name == "--server")
                options.server = argv[i + 1];
            else
                throw std::runtime_error("--connections N, --seconds S, --rounds R, --server PROGRAM");
        }
        run(options);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
