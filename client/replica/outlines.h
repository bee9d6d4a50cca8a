#pragma once

// Proposals, and the pages that they are of, without their words: what lists ask of them must not read a body of a
// megabyte for each row. Nobody outside client/replica includes it.

#include <string>
#include <unordered_map>

#include "client/replica/visible_reader.h"

namespace stoa {

// The record's bytes without its body, and without what nobody is asked for.
std::string outlineOf(const v1::Record& post);

// Shows visible records, and those that have one by their outline. Keeps what it read: for one question only.
class OutlineReader : public Reader {
public:
    explicit OutlineReader(Connection& connection) : run_(connection), visible_(connection) {}

    std::optional<Located> find(const Id& id) const override;
    bool loginExists(std::string_view) const override { return false; }

private:
    std::optional<Located> read(const Id& id) const;

    Connection& run_;
    VisibleReader visible_;
    mutable std::unordered_map<Id, std::optional<Located>, IdHash> known_;
};

} // namespace stoa
