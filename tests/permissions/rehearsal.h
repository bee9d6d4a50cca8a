#pragma once

// A store in which a commit can be rehearsed: everything happens as it would, and then nothing has happened. So
// thousands of changes meet the same organisation.

#include "server/store/store.h"

namespace stoa::test {

class RehearsalStore : public Store {
public:
    explicit RehearsalStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}

    bool rehearsing = false;

    std::unique_ptr<Transaction> begin() override
    {
        return rehearsing ? std::make_unique<Rehearsal>(store_->begin()) : store_->begin();
    }
    std::unique_ptr<Snapshot> snapshot() override { return store_->snapshot(); }
    bool rest() override { return store_->rest(); }
    void checkpoint() override { store_->checkpoint(); }

private:
    // Passes everything on but the commit: what it holds is undone with it.
    class Rehearsal : public Transaction {
    public:
        explicit Rehearsal(std::unique_ptr<Transaction> real) : real_(std::move(real)) {}

        void commit() override {}

        std::optional<Located> find(const Id& id) const override { return real_->find(id); }
        bool loginExists(std::string_view login) const override { return real_->loginExists(login); }
        FeedState feedState(const Feed& feed) const override { return real_->feedState(feed); }
        std::optional<AcceptedChange> acceptedChange(const Id& change) const override
        {
            return real_->acceptedChange(change);
        }
        std::optional<StoredVersion> version(const Feed& feed, const Id& id) const override
        {
            return real_->version(feed, id);
        }
        std::string sealAt(const Feed& feed, uint64_t number) const override { return real_->sealAt(feed, number); }
        void setOrganisation(const Id& organisation, uint32_t epoch) override
        {
            real_->setOrganisation(organisation, epoch);
        }
        void setBoot(std::string_view boot) override { real_->setBoot(boot); }
        void beginEpoch(uint32_t epoch) override { real_->beginEpoch(epoch); }
        uint64_t inheritedAfter(const Feed& feed, uint32_t epoch) const override
        {
            return real_->inheritedAfter(feed, epoch);
        }
        void lowerInherited(const Feed& feed, uint64_t upto) override { real_->lowerInherited(feed, upto); }
        std::optional<HandedVersion> handed(const Feed& feed, const Id& id) const override
        {
            return real_->handed(feed, id);
        }
        void putHanded(const HandedVersion& version) override { real_->putHanded(version); }
        void dismissHanded(const Feed& feed, const Id& id) override { real_->dismissHanded(feed, id); }
        void put(const Applied& version, const StoredVersion& stored) override { real_->put(version, stored); }
        void addAcceptedChange(const Id& change, const AcceptedChange& accepted) override
        {
            real_->addAcceptedChange(change, accepted);
        }

        std::vector<v1::Revision> revisionsAfter(const Id& post, uint64_t after, size_t bytesMax) const override
        {
            return real_->revisionsAfter(post, after, bytesMax);
        }
        std::optional<v1::Revision> revision(const Id& post, uint64_t revision) const override
        {
            return real_->revision(post, revision);
        }
        uint64_t newestRevision(const Id& post) const override { return real_->newestRevision(post); }
        void addRevision(const Id& post, const v1::Revision& revision) override { real_->addRevision(post, revision); }
        void dropRevisions(const Id& post) override { real_->dropRevisions(post); }
        std::optional<Publication> publication(const Id& post) const override { return real_->publication(post); }
        std::vector<Publication> unpublished() const override { return real_->unpublished(); }
        void setPublication(const Publication& publication) override { real_->setPublication(publication); }
        void dropPublished(int64_t sinceMs, int64_t nowMs) override { real_->dropPublished(sinceMs, nowMs); }

        std::vector<OpenProposal> openProposals(const Id& page) const override { return real_->openProposals(page); }
        std::vector<OpenProposal> dueProposals(int64_t nowMs, size_t countMax) const override
        {
            return real_->dueProposals(nowMs, countMax);
        }
        std::optional<int64_t> nextProposalMs() const override { return real_->nextProposalMs(); }
        void setOpenProposal(const OpenProposal& proposal) override { real_->setOpenProposal(proposal); }
        void dropOpenProposal(const Id& proposal) override { real_->dropOpenProposal(proposal); }
        std::vector<Id> judges(const Id& proposal) const override { return real_->judges(proposal); }
        void addJudge(const Id& proposal, const Id& person) override { real_->addJudge(proposal, person); }
        void dropJudge(const Id& proposal, const Id& person) override { real_->dropJudge(proposal, person); }
        void dropJudges(const Id& proposal) override { real_->dropJudges(proposal); }

        void erase(const Id& person) override { real_->erase(person); }

        std::optional<Id> personByLogin(std::string_view login) const override { return real_->personByLogin(login); }
        std::string passwordHash(const Id& person) const override { return real_->passwordHash(person); }
        std::optional<Device> deviceByToken(std::string_view hash) const override { return real_->deviceByToken(hash); }
        std::optional<StoredInvitation> invitation(std::string_view hash) const override
        {
            return real_->invitation(hash);
        }
        Tries tries(std::string_view key, int64_t sinceMs) const override { return real_->tries(key, sinceMs); }
        void setPasswordHash(const Id& person, std::string_view hash) override { real_->setPasswordHash(person, hash); }
        void addDevice(const Device& device, std::string_view hash) override { real_->addDevice(device, hash); }
        void removeDevice(const Id& device) override { real_->removeDevice(device); }
        void addInvitation(std::string_view hash, const StoredInvitation& invitation) override
        {
            real_->addInvitation(hash, invitation);
        }
        void removeInvitations(const Id& person) override { real_->removeInvitations(person); }
        void addTry(std::string_view key, int64_t timeMs) override { real_->addTry(key, timeMs); }
        void removeTry(std::string_view key, int64_t timeMs) override { real_->removeTry(key, timeMs); }
        void removeTries(std::string_view key) override { real_->removeTries(key); }
        void removeTriesBefore(int64_t timeMs) override { real_->removeTriesBefore(timeMs); }

    private:
        std::unique_ptr<Transaction> real_;
    };

    std::unique_ptr<Store> store_;
};

} // namespace stoa::test
