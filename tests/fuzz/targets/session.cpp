// A signed-in person who sends whatever they like: session, engine and storage are the real ones. Ada is no admin,
// may write in the lab, and must learn nothing of the hidden space and alter nothing in it.

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "server/session/session.h"
#include "server/store/sqlite/sqlite_store.h"
#include "shared/base/assert.h"
#include "shared/base/limits.h"
#include "shared/base/protobuf_log.h"
#include "shared/text/codec.h"
#include "tests/fuzz/ids.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/rewind.h"
#include "tests/support/temporary_directory.h"

using namespace stoa;
using namespace stoa::test;

namespace {

constexpr std::string_view canary = "canary in the hidden space";

int64_t now()
{
    return fuzzNowMs;
}

// The server as it is before each input, opened once.
class Beginning {
public:
    Beginning() : store_(openSqliteStore(directory_.path() / "stoa.db"))
    {
        openEngine();
        Engine& engine = *engine_;
        const auto organisation = engine.createOrganisation(
            "Example", [](std::span<uint8_t> bytes) { std::fill(bytes.begin(), bytes.end(), uint8_t{1}); });
        STOA_ASSERT(organisation);
        for (const char* login : {"ada", "ben"}) {
            v1::Change person = change(fuzzId(login));
            person.mutable_create_person()->set_login(login);
            person.mutable_create_person()->set_name(login);
            submit(engine, person);
        }
        for (const char* name : {"lab", "hidden"}) {
            v1::Change space = change(fuzzId(name));
            space.mutable_create_space()->set_name(name);
            space.mutable_create_space()->set_visibility(name == std::string_view("lab") ? v1::OPEN : v1::PRIVATE);
            submit(engine, space);
            v1::Change post = change(fuzzId(std::string(name) + " question"));
            post.mutable_create_post()->set_kind(v1::QUESTION);
            post.mutable_create_post()->set_space(fuzzId(name).str());
            post.mutable_create_post()->set_title(std::string(name == std::string_view("lab") ? "Why?" : canary));
            submit(engine, post);
        }
        // After all else, so that numbers in kept inputs stay what they were.
        for (const char* name : {"lab", "hidden"}) {
            v1::Change text = change(fuzzId(std::string(name) + " question"));
            text.mutable_edit_text()->set_text(
                encode(TextChange::replace(0, 0, name == std::string_view("lab") ? "text" : canary)));
            submit(engine, text);
        }
        store_->checkpoint();
        snapshot_ = store_->snapshot();
        snapshot_->refresh();
        for (const FeedState& state : snapshot_->feeds())
            feeds_[state.feed] = state;
        snapshot_->rest();
        rewind_.emplace(directory_.path() / "stoa.db");
    }

    // After an input: the file is as before it, and so is what the engine remembers of it.
    void again()
    {
        const uint32_t epoch = engine_->epoch();
        (*rewind_)();
        if (epoch != 1)
            openEngine();
    }

    Engine& engine() { return *engine_; }
    Snapshot& snapshot() { return *snapshot_; }
    // As they were before any input.
    const std::map<Feed, FeedState>& feeds() const { return feeds_; }

private:
    void openEngine() { engine_ = std::make_unique<Engine>(*store_, std::string(32, 'k'), &now); }
    v1::Change change(const Id& target)
    {
        v1::Change made;
        made.set_id(fuzzId("change " + std::to_string(++changes_)).str());
        made.set_target(target.str());
        return made;
    }
    static void submit(Engine& engine, const v1::Change& change)
    {
        Submission submission{.actor = {.server = true}, .changes = {}};
        submission.changes.emplace_back().set_change(change.SerializeAsString());
        STOA_ASSERT(!engine.submit({&submission, 1}).receipts[0].receipts(0).has_refusal());
    }

    TemporaryDirectory directory_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Snapshot> snapshot_;
    std::optional<Rewind> rewind_;
    std::map<Feed, FeedState> feeds_;
    int changes_ = 0;
};

class Conversation {
public:
    explicit Conversation(Beginning& with) : engine_(with.engine()), snapshot_(with.snapshot()), before_(with.feeds())
    {
        SessionDoors doors;
        doors.send = [this](const SharedFrame& frame) { sent_.append(*frame); };
        doors.queuedBytes = [] { return size_t{0}; };
        doors.signIn = [](const v1::Hello&) {};
        doors.admit = [](const SignedIn&) { return Refusal{}; };
        doors.submit = [this](Submission submission) {
            submissions_.push_back(std::move(submission));
            return true;
        };
        doors.handBack = [this](v1::HandBack versions) {
            handedBack_.push_back(std::move(versions));
            return true;
        };
        doors.signOut = [](const Id&) { return true; };
        doors.pauseReading = [](bool) {};
        doors.finish = [] {};
        doors.keep = [](const BlackBoxReport& report) { STOA_ASSERT(report.text.size() < 64 * limits::kKiB); };
        doors.watch = [this](const Id& post, bool isOpen) {
            STOA_ASSERT(isOpen != open_.contains(post) && post != fuzzId("hidden question"));
            isOpen ? (void)open_.insert(post) : (void)open_.erase(post);
            STOA_ASSERT(open_.size() <= limits::openTextsMax);
        };
        doors.presence = [this](const Id& post, const v1::Reader& reader) {
            STOA_ASSERT(open_.contains(post) && reader.person() == fuzzId("ada").view());
        };
        session_ = std::make_unique<Session>(std::move(doors), snapshot_, &now);

        v1::Envelope hello;
        hello.mutable_hello()->set_protocol_min(1);
        hello.mutable_hello()->set_protocol_max(1);
        hello.mutable_hello()->mutable_password();
        session_->received(hello);
        session_->signInDone(SignedIn{fuzzId("ada"), fuzzId("device"), "token"});
        STOA_ASSERT(session_->isSignedIn());
    }

    void receive(const std::string& bytes)
    {
        v1::Envelope envelope;
        if (!envelope.ParseFromString(bytes))
            return; // the frame decoder ends such a conversation
        session_->received(envelope);
        for (; !submissions_.empty(); submissions_.pop_front()) {
            const Submission& submission = submissions_.front();
            const Committed committed = engine_.submit({&submission, 1});
            STOA_ASSERT(size_t(committed.receipts[0].receipts_size()) == submission.changes.size());
            session_->receipts(committed.receipts[0]);
            tell(committed);
        }
        for (; !handedBack_.empty(); handedBack_.pop_front()) {
            const HandedBack done = engine_.handBack(session_->person(), handedBack_.front());
            tell(done.committed);
            if (done.forged)
                session_->goodbye({v1::PROTOCOL});
            else
                session_->handedBack(done.answer);
        }
        checkSent();
    }

    void check()
    {
        snapshot_.refresh();
        const FeedState hidden = snapshot_.feedState(hiddenFeed());
        STOA_ASSERT(hidden.head == before(hiddenFeed()).head && hidden.digest == before(hiddenFeed()).digest);
        STOA_ASSERT(!snapshot_.find(fuzzId("ada"))->record->person().admin());
        for (const FeedState& state : snapshot_.feeds()) {
            Digest sum;
            for (uint64_t after = 0; after < state.head;) {
                const auto versions = snapshot_.versionsAfter(state.feed, after, 0, limits::kMiB);
                if (versions.empty())
                    break;
                for (const StoredVersion& version : versions) {
                    STOA_ASSERT(version.number > after && version.number <= state.head);
                    STOA_ASSERT(version.number <= before(state.feed).head ||
                                engine_.isSeal(version.seal, state.feed, version.number, version.id, version.bytes));
                    if (!version.deleted)
                        sum.add(versionDigest(version.id, version.number, version.bytes));
                    after = version.number;
                }
            }
            STOA_ASSERT(sum == state.digest);
        }
        snapshot_.rest();
    }

private:
    static Feed hiddenFeed() { return {FeedKind::Space, fuzzId("hidden")}; }
    FeedState before(const Feed& feed) const
    {
        const auto known = before_.find(feed);
        return known == before_.end() ? FeedState{} : known->second;
    }
    void tell(const Committed& committed)
    {
        if (committed.rightsAltered)
            session_->rightsAltered();
        for (const auto& news : committed.texts)
            session_->text(LiveText(news));
        for (const auto& news : committed.news)
            session_->news(LiveNews(news));
    }
    void checkSent()
    {
        for (;;) {
            const auto envelope = sent_.next();
            STOA_ASSERT(envelope);
            if (!*envelope)
                return;
            STOA_ASSERT((*envelope)->SerializeAsString().find(canary) == std::string::npos);
        }
    }

    Engine& engine_;
    Snapshot& snapshot_;
    FrameDecoder sent_{limits::frameBytesMax};
    std::deque<Submission> submissions_;
    std::deque<v1::HandBack> handedBack_;
    const std::map<Feed, FeedState>& before_;
    std::set<Id> open_;
    std::unique_ptr<Session> session_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const bool quiet = (muteProtobuf(), true);
    static Beginning beginning;
    if (!quiet)
        return 0;
    {
        Conversation conversation(beginning);
        for (const std::string& message : splitMessages(inputText(data, size)))
            conversation.receive(message);
        conversation.check();
    }
    beginning.again();
    return 0;
}
