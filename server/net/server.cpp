#include "server/net/server.h"

#include <sys/resource.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "server/engine/texts.h"
#include "server/net/presence.h"
#include "server/net/writer.h"
#include "server/session/session.h"

namespace stoa {

namespace {

constexpr std::string_view endingName(Ending why)
{
    switch (why) {
    case Ending::Peer:
        return "peer_left";
    case Ending::Handshake:
        return "no_handshake";
    case Ending::Silent:
        return "silent";
    case Ending::Slow:
        return "too_slow";
    case Ending::Said:
        return "goodbye";
    case Ending::Protocol:
        return "protocol";
    }
    return "unknown";
}

constexpr size_t keepingMax = 8;       // black boxes that wait for the disk: further ones are dropped
constexpr size_t writerNotesMax = 256; // what the writer did last

constexpr NoteKind submissionKind{"submission", {"changes", "by_server", "import", "bytes"}};
constexpr NoteKind committedKind{"committed", {"submissions", "news", "rights_altered"}};
constexpr NoteKind handedBackKind{"handed_back", {"versions", "taken", "not_taken", "new_epoch"}};

// A submission with the way back to whoever waits for it; called on the writer's thread, exactly once.
struct Handed {
    Submission submission;
    std::function<void(const v1::Receipts*, const Refusal& why)> done; // null: not stored, and why
};

// Never more connections than the process has descriptors for.
size_t connectionsPossible(const NetLimits& limits)
{
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
        return limits.connectionsMax;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    ::getrlimit(RLIMIT_NOFILE, &files);
    const size_t possible =
        files.rlim_cur > limits.fileDescriptorsReserved ? files.rlim_cur - limits.fileDescriptorsReserved : 1;
    return std::min(limits.connectionsMax, possible);
}

} // namespace

// One conversation on its connection. Kept by its thread's list; whoever answers later holds it weakly.
struct Talk {
    std::unique_ptr<Session> session;
    std::weak_ptr<Connection> connection;
    bool counted = false; // among its person's connections
    std::vector<Feed> followed;
};

// What belongs to one thread: its view of the store and the sessions on it.
struct Hub {
    std::unique_ptr<Snapshot> snapshot;
    std::unordered_set<std::shared_ptr<Talk>> talks;
    // Whom news of a feed may concern, so that it costs nothing to the others. Whether it does, a session itself
    // knows: who has lost a feed stays among its followers until the conversation ends.
    std::map<Feed, std::unordered_set<Talk*>> followers;
    // By the number of its session, whoever has a post open at this moment.
    std::map<Id, std::map<uint32_t, Talk*>> readers;

    void follow(Talk& talk, const Feed& feed)
    {
        if (followers[feed].insert(&talk).second)
            talk.followed.push_back(feed);
    }
    void open(Talk& talk, const Id& post) { readers[post][talk.session->number()] = &talk; }
    void close(const Talk& talk, const Id& post)
    {
        const auto of = readers.find(post);
        of->second.erase(talk.session->number());
        if (of->second.empty())
            readers.erase(of);
    }
    // Those who have it open now: each may close it while they are told.
    std::vector<Talk*> readersOf(const Id& post) const
    {
        std::vector<Talk*> all;
        if (const auto of = readers.find(post); of != readers.end())
            for (const auto& [number, talk] : of->second)
                all.push_back(talk);
        return all;
    }
    void tell(const Readers::Told& told) const
    {
        const auto of = readers.find(*Id::from(told.live->present().post()));
        if (of == readers.end())
            return;
        for (const uint32_t number : told.to)
            if (const auto to = of->second.find(number); to != of->second.end())
                to->second->session->present(*told.live);
    }
    void leave(const std::shared_ptr<Talk>& talk)
    {
        for (const Feed& feed : talk->followed) {
            const auto of = followers.find(feed);
            of->second.erase(talk.get());
            if (of->second.empty())
                followers.erase(of);
        }
        talks.erase(talk);
    }
};

struct Server::State {
    State(ServerOptions given, Store& store, Engine& engine, const CertificateFiles& files, Log to)
        : options(std::move(given)),
          store_(store),
          engine_(engine),
          log(std::move(to)),
          transport({.address = options.address, .port = options.port, .threads = options.threads}, limited(options),
                    makeTlsContext(files), options.steadyClock, log)
    {
    }

    static const NetLimits& limited(ServerOptions& options)
    {
        options.limits.connectionsMax = connectionsPossible(options.limits);
        return options.limits;
    }

    void start()
    {
        for (size_t i = 0; i < transport.threads().size(); ++i)
            hubs.push_back(Hub{.snapshot = store_.snapshot()});
        presence = std::make_unique<Presence>(*transport.threads().front(), options.limits.presenceMs,
                                              [this](std::vector<Readers::Told> told) { give(std::move(told)); });
        pool = std::make_unique<boost::asio::thread_pool>(options.limits.hashThreads);
        writer = std::make_unique<Writer<Handed>>(
            options.limits, [this](std::vector<Handed> group) { commit(std::move(group)); },
            [this](bool idle) { return tend(idle); });
        transport.start([this](const std::shared_ptr<Connection>& connection, IoThread& thread) {
            return meet(connection, thread);
        });
        running = true;
    }

    // On the connection's thread.
    ConnectionEvents meet(const std::shared_ptr<Connection>& connection, IoThread& thread)
    {
        auto talk = std::make_shared<Talk>();
        talk->connection = connection;
        const std::weak_ptr<Talk> weak = talk;
        Connection* to = connection.get(); // lives as long as its talk is called
        Talk* self = talk.get();
        Hub& hub = hubs[thread.index()];

        SessionDoors doors;
        doors.send = [to](SharedFrame frame) { to->send(std::move(frame)); };
        doors.queuedBytes = [to] { return to->queuedBytes(); };
        doors.pauseReading = [to](bool paused) { to->pauseReading(paused); };
        doors.finish = [to] { to->finish(); };
        doors.signIn = [this, to, weak, &thread](const v1::Hello& hello) {
            signIn(hello, to->peerAddress(), weak, thread);
        };
        doors.admit = [this, to, self](const SignedIn& who) -> Refusal {
            if (ending)
                return {v1::SHUTTING_DOWN};
            if (!countPerson(who.person))
                return {.code = v1::BUSY, .limit = static_cast<int64_t>(options.limits.connectionsPerPersonMax)};
            self->counted = true;
            to->signedIn();
            log->info("event=signed_in person={} device={} address={}", who.person.hex(), who.device.hex(),
                      to->peerAddress());
            return {};
        };
        doors.submit = [this, weak, &thread](Submission submission) {
            size_t bytes = 0;
            for (const v1::PushedChange& change : submission.changes)
                bytes += change.change().size();
            const size_t changes = submission.changes.size();
            return writer->submit({std::move(submission),
                                   [weak, &thread](const v1::Receipts* receipts, const Refusal& why) {
                                       thread.post([weak, why, told = receipts ? *receipts : v1::Receipts(),
                                                    stored = receipts != nullptr] {
                                           const auto alive = weak.lock();
                                           if (alive && stored)
                                               alive->session->receipts(told);
                                           else if (alive)
                                               alive->session->goodbye(why);
                                       });
                                   }},
                                  changes, bytes);
        };
        doors.handBack = [this, weak, self, &thread](v1::HandBack versions) {
            return handBack(self->session->person(), self->session->device(), std::move(versions), weak, thread);
        };
        doors.signOut = [this](const Id& device) { return signOut(device); };
        doors.keep = [this, self](BlackBoxReport report) {
            keep(std::move(report), self->session->person(), self->session->device());
        };
        doors.watch = [self, &hub](const Id& post, bool isOpen) {
            isOpen ? hub.open(*self, post) : hub.close(*self, post);
        };
        doors.presence = [this](const Id& post, const v1::Reader& reader) { presence->say(post, reader); };
        talk->session = std::make_unique<Session>(std::move(doors), *hub.snapshot, options.auth.clock, ++sessions);
        hub.talks.insert(talk);

        return {.ready = [] {},
                .received =
                    [this, self, &hub](const v1::Envelope& envelope) {
                        guarded(*self, [&] { self->session->received(envelope); });
                        if (!envelope.has_subscribe())
                            return;
                        const auto feed = Feed::from(envelope.subscribe().feed());
                        if (feed && self->session->follows(*feed))
                            hub.follow(*self, *feed);
                    },
                .broken = [self](const Refusal& why) { self->session->goodbye(why); },
                .drained = [this, self] { guarded(*self, [&] { self->session->drained(); }); },
                .signedIn = {},
                .closed =
                    [this, to, weak, &hub](Ending why) {
                        const auto alive = weak.lock();
                        if (!alive)
                            return;
                        if (alive->counted)
                            uncountPerson(alive->session->person());
                        log->info("event=closed address={} reason={}", to->peerAddress(), endingName(why));
                        alive->session->ended(); // closes what it has open
                        hub.leave(alive);
                    }};
    }

    // Storage that fails while reading ends the conversation, not the server.
    template <class Work>
    void guarded(Talk& talk, Work work)
    {
        try {
            work();
        } catch (const std::exception& error) {
            log->error("event=storage_failed while=reading reason=\"{}\"", error.what());
            talk.session->goodbye({.code = v1::STORAGE, .retryAfterMs = 10'000});
        }
    }

    void signIn(const v1::Hello& hello, const std::string& address, const std::weak_ptr<Talk>& weak, IoThread& thread)
    {
        const auto tell = [this, weak, &thread, address](Result<SignedIn> done) {
            if (!done)
                log->warn("event=sign_in_refused address={} reason={}", address, v1::Code_Name(done.error().code));
            thread.post([this, weak, done = std::move(done)] {
                if (const auto alive = weak.lock())
                    guarded(*alive, [&] { alive->session->signInDone(done); });
            });
        };
        // Whatever fails on the way, the peer hears of it.
        const auto trying = [this, tell](const std::function<void()>& work) {
            try {
                work();
            } catch (const std::exception& error) {
                log->error("event=storage_failed while=signing_in reason=\"{}\"", error.what());
                tell(Refusal{.code = v1::STORAGE, .retryAfterMs = 10'000});
            }
        };
        const auto finish = [this, tell, trying](SignIn signIn) {
            const bool taken = writer->run([this, tell, trying, signIn = std::move(signIn)] {
                trying([&] {
                    const auto transaction = store_.begin();
                    auto done = finishSignIn(*transaction, *transaction, signIn, options.auth);
                    transaction->commit();
                    tell(std::move(done));
                });
            });
            if (!taken)
                tell(Refusal{.code = v1::BUSY, .retryAfterMs = 1'000});
        };
        const auto work = [this, trying, finish](SignIn signIn) {
            boost::asio::post(*pool, [this, trying, finish, signIn = std::move(signIn)]() mutable {
                --hashesWaiting;
                trying([&] {
                    workSignIn(signIn, options.auth);
                    finish(std::move(signIn));
                });
            });
        };
        if (++hashesWaiting > options.limits.hashQueueMax) {
            --hashesWaiting;
            return tell(Refusal{.code = v1::BUSY, .retryAfterMs = 1'000});
        }
        const bool taken = writer->run([this, tell, trying, work, hello, address] {
            trying([&] {
                const auto transaction = store_.begin();
                auto begun = beginSignIn(*transaction, hello, address, options.auth);
                transaction->commit();
                if (begun)
                    return work(std::move(*begun));
                --hashesWaiting;
                tell(begun.error());
            });
        });
        if (!taken) {
            --hashesWaiting;
            tell(Refusal{.code = v1::BUSY, .retryAfterMs = 1'000});
        }
    }

    // On a thread of the pool: the disk may be slow. One line for each, whether it was kept or not.
    void keep(BlackBoxReport report, const Id& person, const Id& device)
    {
        if (!options.blackBoxes || keeping >= keepingMax)
            return;
        ++keeping;
        boost::asio::post(*pool, [this, report = std::move(report), person, device] {
            BlackBoxFolder::Kept kept;
            {
                const std::lock_guard lock(keepingMutex);
                kept = options.blackBoxes->keep(report, options.auth.clock());
            }
            --keeping;
            log->error("event=copy_differs person={} device={} file=\"{}\" problem=\"{}\"", person.hex(), device.hex(),
                       kept.file, kept.problem);
        });
    }

    // What a device still has of what this server lost.
    bool handBack(const Id& person, const Id& device, v1::HandBack versions, const std::weak_ptr<Talk>& weak,
                  IoThread& thread)
    {
        return writer->run([this, person, device, versions = std::move(versions), weak, &thread] {
            Refusal why;
            v1::HandedBack answer;
            const BoxAtWork atWork(writerBox);
            try {
                HandedBack done = engine_.handBack(person, versions);
                answer = done.answer;
                noteOfWriter(handedBackKind,
                             {size_t(versions.versions_size()), answer.taken(), answer.not_taken(), done.newEpoch},
                             device);
                if (done.forged) {
                    log->warn("event=forged_seal person={} device={}", person.hex(), device.hex());
                    why = {v1::PROTOCOL};
                } else {
                    log->info("event=handed_back person={} device={} taken={} not_taken={} parted={}", person.hex(),
                              device.hex(), answer.taken(), answer.not_taken(), done.parted);
                    publish(done.committed);
                }
                if (done.newEpoch) {
                    log->error("event=went_back epoch={} reason=\"{}\"", engine_.epoch(),
                               done.parted ? "other versions have had the numbers of what came back"
                                           : "a version above the head came back");
                    return goodbyeToAll({.code = v1::BUSY, .retryAfterMs = 1'000});
                }
            } catch (const std::exception& error) {
                log->error("event=storage_failed while=taking_back reason=\"{}\"", error.what());
                why = {.code = v1::STORAGE, .retryAfterMs = 10'000};
            }
            thread.post([weak, answer, why] {
                const auto alive = weak.lock();
                if (alive && why.code == v1::CODE_NONE)
                    alive->session->handedBack(answer);
                else if (alive)
                    alive->session->goodbye(why);
            });
        });
    }

    void goodbyeToAll(const Refusal& why)
    {
        for (const auto& thread : transport.threads()) {
            thread->post([&hub = hubs[thread->index()], why] {
                const std::vector<std::shared_ptr<Talk>> talks(hub.talks.begin(), hub.talks.end());
                for (const auto& talk : talks)
                    talk->session->goodbye(why);
            });
        }
    }

    // The device's token goes, then its conversations end.
    bool signOut(const Id& device)
    {
        return writer->run([this, device] {
            Refusal why{v1::TOKEN_UNKNOWN};
            try {
                engine_.revokeDevice(device);
                log->info("event=signed_out device={}", device.hex());
            } catch (const std::exception& error) {
                log->error("event=storage_failed while=signing_out reason=\"{}\"", error.what());
                why = {.code = v1::STORAGE, .retryAfterMs = 10'000};
            }
            goodbyeTo(device, why);
        });
    }

    void goodbyeTo(const Id& device, const Refusal& why)
    {
        for (const auto& thread : transport.threads()) {
            thread->post([&hub = hubs[thread->index()], device, why] {
                const std::vector<std::shared_ptr<Talk>> talks(hub.talks.begin(), hub.talks.end());
                for (const auto& talk : talks)
                    if (talk->session->device() == device)
                        talk->session->goodbye(why);
            });
        }
    }

    // On the writer's thread: one durable transaction, then everybody concerned hears of it.
    void commit(std::vector<Handed> group)
    {
        const BoxAtWork atWork(writerBox);
        std::vector<Submission> submissions;
        for (Handed& handed : group) {
            const Submission& each = submissions.emplace_back(std::move(handed.submission));
            size_t bytes = 0;
            for (const v1::PushedChange& change : each.changes)
                bytes += change.change().size();
            noteOfWriter(submissionKind, {each.changes.size(), each.actor.server, each.actor.import, bytes},
                         each.actor.person);
        }
        Committed committed;
        try {
            committed = engine_.submit(submissions);
        } catch (const std::exception& error) {
            log->error("event=storage_failed while=writing reason=\"{}\"", error.what());
            for (const Handed& handed : group)
                handed.done(nullptr, {.code = v1::STORAGE, .retryAfterMs = 10'000});
            return;
        }
        noteOfWriter(committedKind, {group.size(), committed.news.size(), committed.rightsAltered}, {});
        // Receipts first: who sent a change then knows its versions when they come.
        for (size_t i = 0; i < group.size(); ++i)
            group[i].done(&committed.receipts[i], {});
        publish(committed);
    }

    // On the writer's thread: gives out the records whose bodies were altered, and rests where nothing comes.
    std::optional<int64_t> tend(bool idle)
    {
        publishTexts();
        std::optional<int64_t> againMs;
        if (idle && !rest())
            againMs = options.limits.restAfterMs;
        // The engine's clock may be set meanwhile: so it is asked again within a pause.
        if (const auto nextMs = engine_.nextPublicationMs()) {
            const int64_t waitMs = std::max(*nextMs - options.auth.clock(), publishAfterMs - options.steadyClock());
            againMs = std::min(againMs.value_or(INT64_MAX), std::clamp(waitMs, int64_t{0}, limits::publishPauseMs));
        }
        return againMs;
    }

    void publishTexts()
    {
        if (options.steadyClock() < publishAfterMs)
            return;
        const BoxAtWork atWork(writerBox);
        try {
            const Committed committed = engine_.publishTexts();
            if (!committed.news.empty())
                noteOfWriter(committedKind, {0, committed.news.size(), committed.rightsAltered}, {});
            publish(committed);
        } catch (const std::exception& error) {
            log->error("event=storage_failed while=publishing reason=\"{}\"", error.what());
            publishAfterMs = options.steadyClock() + options.limits.publishAgainMs;
        }
    }

    // False where it has to be called again.
    bool rest()
    {
        try {
            return store_.rest();
        } catch (const std::exception& error) {
            log->error("event=storage_failed while=resting reason=\"{}\"", error.what());
            return true;
        }
    }

    void noteOfWriter(const NoteKind& kind, std::array<uint64_t, 4> numbers, const Id& about)
    {
        Note note{.atMs = options.auth.clock(), .kind = &kind, .numbers = numbers};
        writerBox.add(about.isNull() ? note : note.ofId(about.view()));
    }

    // Rights first, then bodies, then news; all before whatever is committed next.
    void publish(const Committed& committed)
    {
        std::vector<std::shared_ptr<const LiveNews>> lives;
        for (const auto& news : committed.news)
            lives.push_back(std::make_shared<const LiveNews>(news));
        std::vector<std::shared_ptr<const LiveText>> texts;
        for (const auto& news : committed.texts)
            texts.push_back(std::make_shared<const LiveText>(news));
        if (lives.empty() && texts.empty() && !committed.rightsAltered)
            return;
        for (const auto& thread : transport.threads()) {
            thread->post([this, &hub = hubs[thread->index()], rights = committed.rightsAltered, lives, texts] {
                if (rights) {
                    for (const auto& talk : hub.talks)
                        guarded(*talk, [&] { talk->session->rightsAltered(); });
                }
                for (const auto& text : texts)
                    for (Talk* talk : hub.readersOf(text->news().post))
                        guarded(*talk, [&] { talk->session->text(*text); });
                // Whoever leaves, leaves later: nobody is told twice, and the lists stay as they are meanwhile.
                for (const auto& live : lives) {
                    const auto to = hub.followers.find(live->news().state.feed);
                    if (to == hub.followers.end())
                        continue;
                    for (Talk* talk : to->second)
                        guarded(*talk, [&] { talk->session->news(*live); });
                }
            });
        }
    }

    // On the first thread.
    void give(std::vector<Readers::Told> told)
    {
        const auto all = std::make_shared<const std::vector<Readers::Told>>(std::move(told));
        for (const auto& thread : transport.threads()) {
            thread->post([&hub = hubs[thread->index()], all] {
                for (const Readers::Told& each : *all)
                    hub.tell(each);
            });
        }
    }

    bool countPerson(const Id& person)
    {
        const std::lock_guard lock(personsMutex);
        size_t& count = persons[person];
        if (count >= options.limits.connectionsPerPersonMax)
            return false;
        ++count;
        return true;
    }

    void uncountPerson(const Id& person)
    {
        const std::lock_guard lock(personsMutex);
        if (--persons[person] == 0)
            persons.erase(person);
    }

    void stop()
    {
        if (!running)
            return;
        running = false;
        ending = true;
        transport.stopAccepting();
        writer->stop(); // what was taken is stored and its receipts are on their way
        goodbyeToAll({v1::SHUTTING_DOWN});
        const int64_t untilMs = options.steadyClock() + options.limits.shutdownMs;
        while (transport.counts().total() > 0 && options.steadyClock() < untilMs)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        transport.stop();
        pool->stop();
        pool->join();
        for (Hub& hub : hubs) {
            hub.followers.clear();
            hub.readers.clear();
            hub.talks.clear();
            hub.snapshot.reset();
        }
    }

    ServerOptions options;
    Store& store_;
    Engine& engine_;
    Log log;
    std::vector<Hub> hubs;
    std::mutex personsMutex;
    std::unordered_map<Id, size_t, IdHash> persons;
    std::atomic<size_t> hashesWaiting{0};
    std::atomic<size_t> keeping{0};
    std::mutex keepingMutex;
    BlackBox writerBox{writerNotesMax}; // on its thread
    int64_t publishAfterMs = 0;         // the same: the disk failed
    std::atomic<uint32_t> sessions{0};
    std::atomic<bool> ending{false};
    bool running = false;
    std::unique_ptr<boost::asio::thread_pool> pool;
    std::unique_ptr<Writer<Handed>> writer;
    Transport transport;
    std::unique_ptr<Presence> presence; // uses a thread of it
};

Server::Server(ServerOptions options, Store& store, Engine& engine, const CertificateFiles& files, Log log)
    : state_(std::make_unique<State>(std::move(options), store, engine, files, std::move(log)))
{
}

Server::~Server()
{
    state_->stop();
}

uint16_t Server::port() const
{
    return state_->transport.port();
}

void Server::start()
{
    state_->start();
}

void Server::stop()
{
    state_->stop();
}

namespace {

v1::Receipts refusedAll(const Submission& submission, v1::Code code)
{
    v1::Receipts receipts;
    for (size_t i = 0; i < submission.changes.size(); ++i)
        receipts.add_receipts()->mutable_refusal()->set_code(code);
    return receipts;
}

} // namespace

v1::Receipts Server::submit(Submission submission)
{
    std::promise<v1::Receipts> promise;
    const size_t changes = submission.changes.size();
    const v1::Receipts busy = refusedAll(submission, v1::BUSY);
    const bool taken =
        state_->writer->submit({std::move(submission),
                                [&promise](const v1::Receipts* receipts, const Refusal&) {
                                    if (receipts)
                                        promise.set_value(*receipts);
                                    else
                                        promise.set_exception(std::make_exception_ptr(StorageError(
                                            "The database cannot be written: the disk is full or failing.")));
                                }},
                               changes, 0);
    return taken ? promise.get_future().get() : busy;
}

v1::Receipts Server::submitInBackground(Submission submission)
{
    std::promise<v1::Receipts> promise;
    const v1::Receipts busy = refusedAll(submission, v1::BUSY);
    const bool taken = state_->writer->runInBackground([&] {
        std::vector<Handed> one;
        one.push_back({std::move(submission), [&promise](const v1::Receipts* receipts, const Refusal&) {
                           if (receipts)
                               promise.set_value(*receipts);
                           else
                               promise.set_exception(std::make_exception_ptr(
                                   StorageError("The database cannot be written: the disk is full or failing.")));
                       }});
        state_->commit(std::move(one));
    });
    return taken ? promise.get_future().get() : busy;
}

bool Server::revokeDevice(const Id& device)
{
    return onWriter([&] {
        state_->engine_.revokeDevice(device);
        state_->log->info("event=revoked device={}", device.hex());
        state_->goodbyeTo(device, {v1::TOKEN_UNKNOWN});
    });
}

bool Server::erasePerson(const Id& person)
{
    return onWriter([&] {
        const Committed committed = state_->engine_.erasePerson(person);
        state_->log->info("event=erased person={}", person.hex());
        state_->publish(committed);
    });
}

bool Server::onWriter(const std::function<void()>& task)
{
    std::promise<void> promise;
    const bool taken = state_->writer->run([&] {
        try {
            task();
            promise.set_value();
        } catch (...) {
            promise.set_exception(std::current_exception());
        }
    });
    if (taken)
        promise.get_future().get();
    return taken;
}

} // namespace stoa
