#pragma once

// Records as they are visible on this device, for the rules in shared/domain. Over the replica's own
// connection or a reader's; used on that connection's thread.

#include "client/replica/database.h"
#include "shared/domain/apply.h"

namespace stoa {

// The record of a row: its feed's key, then its bytes. Nothing where they are none.
std::optional<Located> locatedOf(const Statement& row);

class VisibleReader : public Reader {
public:
    explicit VisibleReader(Connection& connection) : run_(connection) {}

    std::optional<Located> find(const Id& id) const override;
    bool loginExists(std::string_view) const override { return false; }

private:
    Connection& run_;
};

} // namespace stoa
