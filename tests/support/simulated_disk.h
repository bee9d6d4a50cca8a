#pragma once

// A disk in memory, for SQLite alone: a VFS that becomes the default one and takes every path below root();
// all other paths go to the system. What was written and not synced is kept apart, so that a power cut can
// take any part of it; of a sector that is written in part the rest stays, as SQLite expects of every disk.
// Everything it decides comes from the seed it was made with. It may be used by one thread at a time, and one may
// exist at a time.

#include <cstdint>
#include <memory>
#include <string>

namespace stoa::test {

enum class DiskOperation { Open, Read, Write, Truncate, Sync, Delete };

class SimulatedDisk {
public:
    explicit SimulatedDisk(uint64_t seed);
    ~SimulatedDisk(); // no file may be open any more
    SimulatedDisk(const SimulatedDisk&) = delete;

    // An absolute folder. It lies on the real disk too, for files that are not SQLite's, such as locks. Machines
    // are told apart by folders below it.
    const std::string& root() const;

    // Calls on files below `prefix` that change or sync something, since the beginning.
    uint64_t writes(const std::string& prefix) const;
    // Calls of one kind.
    uint64_t calls(const std::string& prefix, DiskOperation kind) const;

    // The machine below `prefix` stops before its n-th write, truncate, sync or delete from now (0: the next):
    // that call and every later one on those files fails. The caller destroys what had them open, then
    // says powerCut().
    void stopAfter(const std::string& prefix, uint64_t operations);
    bool isStopped(const std::string& prefix) const;
    // Of every write since the last sync of its file a random subset of its 512-byte sectors survives.
    // The machine runs again.
    void powerCut(const std::string& prefix);
    // The program alone dies: what it wrote is there.
    void processKilled(const std::string& prefix);

    // Faults that leave the machine running: the n-th call from now of this kind fails (as unreadable, or with
    // SQLITE_FULL for a write), once or for ever. Of a write that fails the beginning may be there; what a failing
    // sync was to make durable may never be, whatever later ones say.
    void failAfter(const std::string& prefix, DiskOperation kind, uint64_t operations, bool forever, bool full);
    // Whether a call failed since failAfter.
    bool hasFailed(const std::string& prefix) const;
    // Calls succeed again, and no machine stops that has not stopped yet.
    void heal(const std::string& prefix);

    // For tests that must fail with it: "PRAGMA synchronous=FULL" is read as NORMAL there from now on.
    void syncLess(const std::string& prefix);

    // Copies one machine's folder to another place as the bytes stand now (a copied profile, a backup by hand).
    void copy(const std::string& from, const std::string& to);
    void remove(const std::string& prefix);
    // Whether any file has these bytes in it, used or not.
    bool holds(const std::string& prefix, const std::string& bytes) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace stoa::test
