#include "server/admin/store_desk.h"

#include "server/net/certificate.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr size_t checkBytes = 4 * limits::kMiB;
constexpr size_t problemsMax = 100;

class StoreDesk : public Desk {
    template <class Read>
    auto reading(Read read)
    {
        snapshot_->refresh();
        auto found = read();
        snapshot_->rest();
        return found;
    }

public:
    StoreDesk(const DataFolder& folder, Store& store, const Engine& engine, WriterDoors doors, AuthContext auth)
        : folder_(folder),
          store_(store),
          engine_(engine),
          doors_(std::move(doors)),
          auth_(std::move(auth)),
          snapshot_(store.snapshot())
    {
    }

    Id organisation() override { return engine_.organisation(); }
    std::optional<Located> find(const Id& id) override
    {
        return reading([&] { return snapshot_->find(id); });
    }
    std::vector<Record> people() override { return all(v1::Record::kPerson); }
    std::vector<Record> spaces() override { return all(v1::Record::kSpace); }
    std::vector<Record> memberships() override { return all(v1::Record::kMembership); }
    size_t livingRecords(const Feed& feed) override
    {
        return reading([&] { return snapshot_->feedState(feed).records; });
    }

    Result<void> submit(const v1::Change& change) override
    {
        Submission submission{.actor = {.server = true}};
        submission.changes.emplace_back().set_change(change.SerializeAsString());
        const v1::Receipts receipts = doors_.submit(std::move(submission));
        return outcome(receipts.receipts(0));
    }
    std::vector<Result<void>> submitImport(std::span<const v1::Change> changes) override
    {
        Submission submission{.actor = {.server = true, .import = true}};
        for (const v1::Change& change : changes)
            submission.changes.emplace_back().set_change(change.SerializeAsString());
        std::vector<Result<void>> outcomes;
        const v1::Receipts receipts = doors_.submitInBackground(std::move(submission));
        for (const v1::Receipt& receipt : receipts.receipts())
            outcomes.push_back(outcome(receipt));
        return outcomes;
    }

    std::string invite(const Id& person) override
    {
        std::string code;
        const bool taken = doors_.run([&] {
            const auto transaction = store_.begin();
            code = stoa::invite(*transaction, person, auth_);
            transaction->commit();
        });
        if (!taken)
            throw std::runtime_error("The server has too much to do, or is ending. Please try again.");
        return code;
    }

    ServerAddress address() override { return readSettings(folder_); }
    std::string pin() override { return publicKeyPin(certificateFiles(folder_.path).certificate); }

    CheckReport check(const std::function<void(const std::string&)>& progress) override
    {
        CheckReport report;
        snapshot_->refresh();
        progress("Checking the database file");
        for (const std::string& problem : snapshot_->integrityProblems())
            report.problems.push_back("The database file is damaged: " + problem);
        for (const FeedState& feed : snapshot_->feeds()) {
            progress("Checking feed " + toHex(feed.feed.key()));
            checkFeed(feed, report);
            ++report.feeds;
        }
        snapshot_->rest();
        return report;
    }

private:
    std::vector<Record> all(v1::Record::ThingCase kind)
    {
        std::vector<Record> records;
        for (const Located& located : reading([&] { return snapshot_->all(kind); }))
            records.push_back(located.record);
        return records;
    }

    static Result<void> outcome(const v1::Receipt& receipt)
    {
        return receipt.has_refusal() ? Result<void>(fromProto(receipt.refusal())) : Result<void>();
    }

    void checkFeed(const FeedState& feed, CheckReport& report)
    {
        const auto problem = [&](const std::string& sentence) {
            if (report.problems.size() < problemsMax)
                report.problems.push_back("Feed " + toHex(feed.feed.key()) + ": " + sentence);
        };
        Digest digest;
        uint64_t living = 0;
        uint64_t after = 0;
        for (;;) {
            const auto versions = snapshot_->versionsAfter(feed.feed, after, true, checkBytes);
            if (versions.empty())
                break;
            after = versions.back().number;
            for (const StoredVersion& version : versions) {
                if (version.number > feed.head)
                    problem("the record " + version.id.hex() + " has a number above the feed's head.");
                if (version.seal != engine_.seal(feed.feed, version.number, version.id, version.bytes))
                    problem("the record " + version.id.hex() + " does not carry this server's seal.");
                v1::Record record;
                if (!record.ParseFromString(version.bytes) || record.id() != version.id.view() ||
                    record.deleted() != version.deleted) {
                    problem("the record " + version.id.hex() + " cannot be read.");
                    continue;
                }
                if (version.deleted)
                    continue;
                ++living;
                digest.add(versionDigest(version.id, version.number, version.bytes));
                report.dangling += dangling(record);
            }
        }
        if (digest != feed.digest)
            problem("its digest is not that of its records.");
        if (living != feed.records)
            problem("it counts " + std::to_string(feed.records) + " records and holds " + std::to_string(living) + ".");
        report.records += living;
    }

    size_t dangling(const v1::Record& record) const
    {
        size_t count = 0;
        for (const std::string* reference :
             {&record.author(), &record.post().space(), &record.post().parent(), &record.post().root(),
              &record.post().accepted(), &record.mark().target(), &record.mark().person(), &record.membership().space(),
              &record.membership().person()}) {
            if (reference->empty())
                continue;
            const auto id = Id::from(*reference);
            const auto found = id ? snapshot_->find(*id) : std::nullopt;
            count += !found || found->record->deleted();
        }
        return count;
    }

    DataFolder folder_;
    Store& store_;
    const Engine& engine_;
    WriterDoors doors_;
    AuthContext auth_;
    std::unique_ptr<Snapshot> snapshot_;
};

} // namespace

WriterDoors directDoors(Engine& engine)
{
    const auto submit = [&engine](Submission submission) {
        return std::move(engine.submit({&submission, 1}).receipts.front());
    };
    return {submit, submit, [](const std::function<void()>& task) {
                task();
                return true;
            }};
}

std::unique_ptr<Desk> makeStoreDesk(const DataFolder& folder, Store& store, const Engine& engine, WriterDoors doors,
                                    AuthContext auth)
{
    return std::make_unique<StoreDesk>(folder, store, engine, std::move(doors), std::move(auth));
}

} // namespace stoa
