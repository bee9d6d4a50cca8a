#include "server/store/sqlite/proposals.h"

#include "shared/base/limits.h"

namespace stoa::sqlite {

namespace {

// From the columns proposal, page, due_ms, author.
OpenProposal openProposalOf(const Statement& s)
{
    const auto proposal = Id::from(s.bytes(0)), page = Id::from(s.bytes(1));
    if (!proposal || !page)
        throw StorageError("The database holds an open proposal without an id. Please run \"stoad check\".");
    return {*page, *proposal, s.number(2), Id::from(s.bytes(3)).value_or(Id{})};
}

std::vector<OpenProposal> openProposalsIn(Statement& s)
{
    const Rows rows{s};
    std::vector<OpenProposal> found;
    while (s.step())
        found.push_back(openProposalOf(s));
    return found;
}

} // namespace

const char* const proposalTables = R"(
CREATE TABLE open_proposal(proposal BLOB PRIMARY KEY, page BLOB NOT NULL, due_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX open_proposal_by_page ON open_proposal(page);
CREATE INDEX open_proposal_by_due ON open_proposal(due_ms);
)";

const char* const judgeTables = R"(
ALTER TABLE open_proposal ADD COLUMN author BLOB NOT NULL DEFAULT x'';
CREATE TABLE judge(proposal BLOB NOT NULL, person BLOB NOT NULL, PRIMARY KEY(proposal, person)) WITHOUT ROWID;
)";

std::vector<OpenProposal> Proposals::all() const
{
    return openProposalsIn(db_.prepare("SELECT proposal, page, due_ms, author FROM open_proposal ORDER BY proposal"));
}

std::vector<OpenProposal> Proposals::of(const Id& page) const
{
    Statement& s =
        db_.prepare("SELECT proposal, page, due_ms, author FROM open_proposal WHERE page = ? ORDER BY proposal");
    return openProposalsIn(s.bindBlob(1, page.view()));
}

std::vector<OpenProposal> Proposals::due(int64_t nowMs, size_t countMax) const
{
    Statement& s = db_.prepare(
        "SELECT proposal, page, due_ms, author FROM open_proposal WHERE due_ms <= ? ORDER BY due_ms, proposal LIMIT ?");
    return openProposalsIn(s.bind(1, nowMs).bind(2, static_cast<int64_t>(countMax)));
}

std::optional<int64_t> Proposals::nextMs() const
{
    Statement& s = db_.prepare("SELECT due_ms FROM open_proposal ORDER BY due_ms LIMIT 1");
    const Rows rows{s};
    return s.step() && s.number(0) != INT64_MAX ? std::optional(s.number(0)) : std::nullopt;
}

void Proposals::set(const OpenProposal& proposal)
{
    db_.prepare("INSERT OR REPLACE INTO open_proposal(proposal, page, due_ms, author) VALUES (?, ?, ?, ?)")
        .bindBlob(1, proposal.proposal.view())
        .bindBlob(2, proposal.page.view())
        .bind(3, proposal.dueMs)
        .bindBlob(4, proposal.author.view())
        .run();
}

void Proposals::drop(const Id& proposal)
{
    db_.prepare("DELETE FROM open_proposal WHERE proposal = ?").bindBlob(1, proposal.view()).run();
}

std::vector<Id> Proposals::judges(const Id& proposal) const
{
    Statement& s = db_.prepare("SELECT person FROM judge WHERE proposal = ? ORDER BY person LIMIT ?");
    const Rows rows{s.bindBlob(1, proposal.view()).bind(2, static_cast<int64_t>(limits::judgesMax))};
    std::vector<Id> found;
    while (s.step())
        if (const auto person = Id::from(s.bytes(0)))
            found.push_back(*person);
    return found;
}

void Proposals::addJudge(const Id& proposal, const Id& person)
{
    db_.prepare("INSERT OR IGNORE INTO judge VALUES (?, ?)")
        .bindBlob(1, proposal.view())
        .bindBlob(2, person.view())
        .run();
}

void Proposals::dropJudge(const Id& proposal, const Id& person)
{
    db_.prepare("DELETE FROM judge WHERE proposal = ? AND person = ?")
        .bindBlob(1, proposal.view())
        .bindBlob(2, person.view())
        .run();
}

void Proposals::dropJudges(const Id& proposal)
{
    db_.prepare("DELETE FROM judge WHERE proposal = ?").bindBlob(1, proposal.view()).run();
}

} // namespace stoa::sqlite
