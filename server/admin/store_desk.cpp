#include "server/admin/store_desk.h"

#include "server/admin/backup.h"
#include "server/admin/check.h"
#include "server/net/certificate.h"
#include "shared/base/black_box_folder.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

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
    std::optional<Id> personByLogin(const std::string& login) override
    {
        return reading([&] { return snapshot_->personByLogin(login); });
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

    std::vector<Device> devices() override
    {
        return reading([&] { return snapshot_->devices(); });
    }
    void revokeDevice(const Id& device) override { requireTaken(doors_.revokeDevice(device)); }
    void erasePerson(const Id& person) override { requireTaken(doors_.erasePerson(person)); }

    std::vector<HandedVersion> notTaken() override
    {
        return reading([&] { return snapshot_->notTaken(); });
    }
    void dismissNotTaken(const Feed& feed, const Id& id) override
    {
        write([&](Transaction& transaction) { transaction.dismissHanded(feed, id); });
    }

    std::string invite(const Id& person) override
    {
        std::string code;
        write([&](Transaction& transaction) { code = stoa::invite(transaction, person, auth_); });
        return code;
    }

    ServerAddress address() override { return readSettings(folder_); }
    std::string pin() override { return publicKeyPin(certificateFiles(folder_.path).certificate); }

    CheckReport check(const std::function<void(const std::string&)>& progress,
                      const std::function<void()>& goOn) override
    {
        snapshot_->refresh();
        CheckReport report = checkAll(*snapshot_, engine_, progress, goOn);
        try {
            snapshot_->rest();
        } catch (const StorageError&) { // a damaged file, which the report tells of; the view goes with this desk
        }
        const BlackBoxFolder folder(folder_.blackBoxes().string(), limits::serverBlackBoxesMax);
        const int64_t nowMs = auth_.clock();
        if (!report.sums.empty())
            report.kept =
                folder.keep({"check", {}, "side=server cause=check at=" + printUtc(nowMs) + "\n" + report.sums}, nowMs)
                    .file;
        report.blackBoxes = folder.count();
        report.blackBoxFolder = folder.path();
        return report;
    }

    BackupReport backup(const std::string& file, bool replace, const std::function<void(const std::string&)>& progress,
                        const std::function<void()>& goOn) override
    {
        return makeBackup(folder_, engine_, file, replace, auth_.clock(), {progress, goOn});
    }

private:
    std::vector<Record> all(v1::Record::ThingCase kind)
    {
        std::vector<Record> records;
        for (const Located& located : reading([&] { return snapshot_->all(kind); }))
            records.push_back(located.record);
        return records;
    }

    static void requireTaken(bool taken)
    {
        if (!taken)
            throw std::runtime_error("The server has too much to do, or is ending. Please try again.");
    }

    void write(const std::function<void(Transaction&)>& work)
    {
        requireTaken(doors_.run([&] {
            const auto transaction = store_.begin();
            work(*transaction);
            transaction->commit();
        }));
    }

    static Result<void> outcome(const v1::Receipt& receipt)
    {
        return receipt.has_refusal() ? Result<void>(fromProto(receipt.refusal())) : Result<void>();
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
    const auto revoke = [&engine](const Id& device) {
        engine.revokeDevice(device);
        return true;
    };
    const auto erase = [&engine](const Id& person) {
        engine.erasePerson(person);
        return true;
    };
    return {submit, submit, revoke, erase, [](const std::function<void()>& task) {
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
