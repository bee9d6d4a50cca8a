#pragma once

// What an admin's verbs need of the organisation, so that they are the same whether the server runs
// (its writer does the work) or not (the command opens the data itself). Any thread, one verb at a time
// per call; calls block until what they do is durable. A failing environment throws.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "server/store/store.h"
#include "shared/domain/apply.h"
#include "shared/domain/invite_link.h"

namespace stoa {

struct CheckReport {
    std::vector<std::string> problems; // sentences; empty: sound
    size_t feeds = 0;
    size_t records = 0;         // living
    size_t dangling = 0;        // references to what is not there; not unsound by themselves
    std::string sums;           // a line of figures for each feed whose digest is not that of its records
    std::string kept;           // the file in which they are
    size_t blackBoxes = 0;      // that the data directory holds
    std::string blackBoxFolder; // where
};

struct BackupReport {
    int64_t madeMs = 0;
    size_t records = 0; // living
    size_t feeds = 0;
    uint64_t bytes = 0;
};

class Desk {
public:
    using Record = std::shared_ptr<const v1::Record>;

    virtual ~Desk() = default;

    virtual Id organisation() = 0;
    virtual std::optional<Located> find(const Id& id) = 0;
    virtual std::optional<Id> personByLogin(const std::string& login) = 0;
    // All living records of one kind, by id.
    virtual std::vector<Record> people() = 0;
    virtual std::vector<Record> spaces() = 0;
    virtual std::vector<Record> memberships() = 0;
    virtual size_t livingRecords(const Feed& feed) = 0;

    // One change by the server itself, durable when this returns.
    virtual Result<void> submit(const v1::Change& change) = 0;
    // A bounded batch of an import: one commit, in the background, an outcome for each.
    virtual std::vector<Result<void>> submitImport(std::span<const v1::Change> changes) = 0;

    virtual std::vector<Device> devices() = 0;
    // Its token goes, and what it has open ends.
    virtual void revokeDevice(const Id& device) = 0;

    // As Engine::erasePerson says; their devices hear that they are unknown.
    virtual void erasePerson(const Id& person) = 0;

    // What came back after a restore and waits for the admin.
    virtual std::vector<HandedVersion> notTaken() = 0;
    virtual void dismissNotTaken(const Feed& feed, const Id& id) = 0;

    // A new invitation's code.
    virtual std::string invite(const Id& person) = 0;

    // Where the server is reached, and its public key's pin.
    virtual ServerAddress address() = 0;
    virtual std::string pin() = 0;

    // `goOn` is called often, and may throw to stop it.
    virtual CheckReport check(const std::function<void(const std::string&)>& progress,
                              const std::function<void()>& goOn) = 0;
    // As backup.h says.
    virtual BackupReport backup(const std::string& file, bool replace,
                                const std::function<void(const std::string&)>& progress,
                                const std::function<void()>& goOn) = 0;
};

} // namespace stoa
