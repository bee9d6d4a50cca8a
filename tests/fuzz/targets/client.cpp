// A server that says whatever it likes: replica and syncer are the real ones. What Ada wrote and the server did not
// accept stays in her outbox, and the replica's sums stay what its bytes come to.

#include <optional>

#include <QString>

#include "client/replica/queries.h"
#include "client/sync/syncer.h"
#include "shared/base/assert.h"
#include "shared/base/protobuf_log.h"
#include "tests/fuzz/ids.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/rewind.h"
#include "tests/support/temporary_directory.h"

using namespace stoa;
using namespace stoa::test;

namespace {

int64_t now()
{
    return fuzzNowMs;
}

v1::Record record(const std::string& name)
{
    v1::Record made;
    made.set_id(fuzzId(name).str());
    made.set_revision(1);
    made.set_author(fuzzId("ben").str());
    made.set_created_ms(fuzzNowMs);
    made.set_changed_ms(fuzzNowMs);
    return made;
}

v1::Batch batch(const Feed& feed, const std::vector<v1::Record>& records)
{
    v1::Batch made;
    made.set_feed(feed.key());
    Digest sum;
    uint64_t number = 0;
    for (const v1::Record& each : records) {
        v1::Version& version = *made.add_versions();
        version.set_number(++number);
        version.set_seal(std::string(16, 's'));
        version.set_record(each.SerializeAsString());
        sum.add(versionDigest(*Id::from(each.id()), number, version.record()));
    }
    made.set_upto(number);
    made.set_last(true);
    made.set_digest(sum.str());
    return made;
}

v1::Change question(const std::string& name)
{
    v1::Change made;
    made.set_id(fuzzId("change " + name).str());
    made.set_target(fuzzId(name).str());
    made.set_made_ms(fuzzNowMs);
    made.mutable_create_post()->set_kind(v1::QUESTION);
    made.mutable_create_post()->set_space(fuzzId("lab").str());
    made.mutable_create_post()->set_title(name);
    return made;
}

const char* const mine[] = {"sent question", "waiting question"};

// The replica as it is before each input, opened once: a person, a space with a question, two changes in the outbox,
// of which one was sent.
class Beginning {
public:
    Beginning() : replica_(path(), &now), reading_(QString::fromStdString(path()))
    {
        Replica& replica = replica_;
        replica.begin();
        v1::Welcome welcome;
        welcome.set_person(fuzzId("ada").str());
        welcome.set_organisation(fuzzId("organisation").str());
        welcome.set_epoch(1);
        const Feed directory{FeedKind::Directory, fuzzId("organisation")};
        const Feed personal{FeedKind::Person, fuzzId("ada")};
        const Feed lab{FeedKind::Space, fuzzId("lab")};
        for (const Feed& feed : {directory, personal, lab})
            welcome.add_feeds()->set_feed(feed.key());
        STOA_ASSERT(replica.welcome(welcome));
        std::vector<v1::Record> people;
        for (const char* login : {"ada", "ben"}) {
            people.push_back(record(login));
            people.back().mutable_person()->set_login(login);
            people.back().mutable_person()->set_name(login);
        }
        v1::Record space = record("lab");
        space.mutable_space()->set_name("Lab");
        space.mutable_space()->set_visibility(v1::OPEN);
        v1::Record post = record("lab question");
        post.mutable_post()->set_kind(v1::QUESTION);
        post.mutable_post()->set_space(space.id());
        post.mutable_post()->set_root(post.id());
        post.mutable_post()->set_title("Why?");
        STOA_ASSERT(replica.receive(batch(directory, people)) == Replica::Received::AtHead);
        STOA_ASSERT(replica.receive(batch(personal, {})) == Replica::Received::AtHead);
        STOA_ASSERT(replica.receive(batch(lab, {space, post})) == Replica::Received::AtHead);
        v1::Limits limits;
        limits.set_push_changes_max(1);
        limits.set_push_bytes_max(1 << 20);
        for (const char* name : mine)
            STOA_ASSERT(replica.submit(question(name), {}));
        const auto first = replica.waiting(limits, [](const Feed&) { return true; });
        STOA_ASSERT(first.size() == 1);
        replica.markSent(first);
        (void)replica.commit();
        (void)outbox(reading_, 1);
        rewind_.emplace(path());
    }

    // After an input: the file is as before it, and so is what the replica remembers of it.
    void again()
    {
        (*rewind_)();
        replica_.rollback();
    }

    Replica& replica() { return replica_; }
    const Reading& reading() const { return reading_; }

private:
    std::string path() const { return directory_.path() / "replica.db"; }

    TemporaryDirectory directory_;
    Replica replica_;
    Reading reading_;
    std::optional<Rewind> rewind_;
};

class Talk {
public:
    explicit Talk(Beginning& with) : replica_(with.replica()), reading_(with.reading()), syncer_(replica_, &now, &now)
    {
        within([this] { syncer_.connected({}); });
    }

    // False: the client has hung up.
    bool receive(const std::string& bytes)
    {
        v1::Envelope envelope;
        if (!envelope.ParseFromString(bytes))
            return false;
        for (const v1::Receipt& receipt : envelope.receipts().receipts())
            if (!receipt.has_refusal())
                accepted_.push_back(receipt.change());
        return within([&] { syncer_.received(envelope); });
    }

    void check()
    {
        within([this] { syncer_.disconnected(); });
        STOA_ASSERT(replica_.check().empty());
        const QList<OutboxRow> rows = outbox(reading_, 100);
        for (const char* name : mine) {
            const std::string change = question(name).id();
            const bool kept = std::any_of(rows.begin(), rows.end(),
                                          [&](const OutboxRow& row) { return row.change.view() == change; });
            STOA_ASSERT(kept || std::find(accepted_.begin(), accepted_.end(), change) != accepted_.end());
        }
    }

private:
    bool within(const std::function<void()>& work)
    {
        replica_.begin();
        work();
        (void)replica_.commit();
        return !syncer_.take().ended;
    }

    Replica& replica_;
    const Reading& reading_;
    Syncer syncer_;
    std::vector<std::string> accepted_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const bool quiet = (muteProtobuf(), true);
    static Beginning beginning;
    if (!quiet)
        return 0;
    {
        Talk talk(beginning);
        for (const std::string& message : splitMessages(inputText(data, size)))
            if (!talk.receive(message))
                break;
        talk.check();
    }
    beginning.again();
    return 0;
}
