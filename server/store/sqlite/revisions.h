#pragma once

// The revisions of bodies in SQLite, and which records lack some: what snapshots and the transaction share.

#include "server/store/sqlite/database.h"

namespace stoa::sqlite {

// Of the schema's fourth version.
extern const char* const revisionTables;

class Revisions {
public:
    explicit Revisions(Database& database) : db_(database) {}

    std::vector<v1::Revision> after(const Id& post, uint64_t after, size_t bytesMax) const;
    std::vector<v1::Revision> upTo(const Id& post, uint64_t upto, size_t countMax, size_t bytesMax) const;
    std::optional<v1::Revision> find(const Id& post, uint64_t revision) const;
    uint64_t newest(const Id& post) const;
    void each(const std::function<void(const RawRevision&)>& tell) const;
    std::optional<Publication> publication(const Id& post) const;
    std::vector<Publication> unpublished() const;

    void add(const Id& post, const v1::Revision& revision);
    void drop(const Id& post);
    void setPublication(const Publication& publication);
    void dropPublished(int64_t sinceMs, int64_t nowMs);

private:
    Database& db_;
};

} // namespace stoa::sqlite
