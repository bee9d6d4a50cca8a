#pragma once

// Which proposals are open, in SQLite: what snapshots and the transaction share.

#include "server/store/sqlite/database.h"

namespace stoa::sqlite {

// Of the schema's fifth version, and of its sixth.
extern const char* const proposalTables;
extern const char* const judgeTables;

class Proposals {
public:
    explicit Proposals(Database& database) : db_(database) {}

    std::vector<OpenProposal> all() const;
    std::vector<OpenProposal> of(const Id& page) const;
    std::vector<OpenProposal> due(int64_t nowMs, size_t countMax) const;
    std::optional<int64_t> nextMs() const;

    void set(const OpenProposal& proposal);
    void drop(const Id& proposal);

    std::vector<Id> judges(const Id& proposal) const;
    void addJudge(const Id& proposal, const Id& person);
    void dropJudge(const Id& proposal, const Id& person);
    void dropJudges(const Id& proposal);

private:
    Database& db_;
};

} // namespace stoa::sqlite
