#pragma once

// The server's journal, on a disk that never fails: what must hold also after a restore.

#include <algorithm>
#include <vector>

#include "server/engine/engine.h"

namespace stoa::test {

class KeptJournal : public Journal {
public:
    struct Entry {
        v1::Record right;  // of a person or a membership, as it was from then on
        Id device;         // that was revoked
        Id erased;         // a person
        bool done = false; // else its transaction failed: it was only asked for
    };

    // Around a transaction that succeeds.
    void begin() { begun_ = entries_.size(); }
    void done()
    {
        for (size_t i = begun_; i < entries_.size(); ++i)
            entries_[i].done = true;
    }

    void rightsTaken(const v1::Record& personOrMembership) override
    {
        entries_.push_back({.right = personOrMembership});
    }
    void deviceRevoked(const Id& device) override { entries_.push_back({.device = device}); }
    void personErased(const Id& person) override { entries_.push_back({.erased = person}); }
    void epochBegun(uint32_t epoch) override { lastEpoch_ = std::max(lastEpoch_, epoch); }

    const std::vector<Entry>& entries() const { return entries_; }
    uint32_t lastEpoch() const override { return lastEpoch_; }

private:
    std::vector<Entry> entries_;
    size_t begun_ = 0;
    uint32_t lastEpoch_ = 0;
};

} // namespace stoa::test
