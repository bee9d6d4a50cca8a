#pragma once

// The journal: what must hold also after an older backup was restored. One JSON object a line, only ever appended to,
// on the disk before the change that it tells of. It lies in the data directory, or on another disk.
//
//   {"time_ms": 1, "what": "person", "person": HEX, "disabled": BOOL, "admin": BOOL}   as they are from then on
//   {"time_ms": 1, "what": "role", "space": HEX, "person": HEX, "role": NUMBER}        the highest that they may have
//   {"time_ms": 1, "what": "device", "device": HEX}                                    its token went
//   {"time_ms": 1, "what": "erased", "person": HEX}                                    for good
//   {"time_ms": 1, "what": "epoch", "epoch": NUMBER}                                   it began
//   {"time_ms": 1, "what": "start", "boot": HEX}                                       the server did, on its database
//
// Everything here throws std::runtime_error with a sentence for the admin.

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/admin/verbs.h"
#include "server/engine/engine.h"

namespace stoa {

struct JournalDamaged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct JournalEntry {
    enum class What { Person, Role, Device, Erased, Epoch, Start };

    int64_t timeMs = 0;
    What what = What::Epoch;
    Id person;
    Id space;
    Id device;
    v1::Role role = v1::ROLE_NONE;
    bool disabled = false;
    bool admin = false;
    uint32_t epoch = 0;
    std::string boot;
};

struct JournalText {
    std::string bytes; // whole lines
    std::vector<JournalEntry> entries;

    uint32_t lastEpoch() const;
    // What came after so many bytes, if these are the ones with the hash; else everything.
    std::vector<JournalEntry> after(size_t bytes, const Digest& hash) const;
    // With what the server began last; empty where that is not known.
    std::string lastStart() const;
    // What came after the server began with this; else everything.
    std::vector<JournalEntry> afterStart(const std::string& boot) const;
};

// Nothing where there is none. A last line that a power cut left damaged is left out; another one throws
// JournalDamaged.
JournalText readJournal(const std::filesystem::path& file);

class FileJournal : public Journal {
public:
    // Makes the file where it is missing, and cuts off a damaged last line.
    FileJournal(std::filesystem::path file, WallClock clock);
    ~FileJournal() override;
    FileJournal(const FileJournal&) = delete;
    FileJournal& operator=(const FileJournal&) = delete;

    void rightsTaken(const v1::Record& personOrMembership) override;
    void deviceRevoked(const Id& device) override;
    void personErased(const Id& person) override;
    void epochBegun(uint32_t epoch) override;
    uint32_t lastEpoch() const override { return lastEpoch_; }
    void started(const std::string& boot);

private:
    void append(JournalEntry entry);

    std::filesystem::path path_;
    WallClock clock_;
    int file_ = -1;
    uint32_t lastEpoch_ = 0;
    size_t size_ = 0;
};

struct ReplayReport {
    size_t people = 0;  // disabled, enabled, or no longer admins
    size_t roles = 0;   // lowered or taken
    size_t devices = 0; // revoked
    size_t erased = 0;
    size_t unknown = 0; // entries about whom or what is not there
};

// Makes it so again. What holds already stays as it is; no entry makes anybody more than a member or admin as they are.
ReplayReport replayJournal(const std::vector<JournalEntry>& entries, const VerbContext& context);
// For the admin: what was done.
std::string replaySentence(const ReplayReport& report);

} // namespace stoa
