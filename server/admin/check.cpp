#include "server/admin/check.h"

#include <map>

#include "server/engine/texts.h"
#include "shared/base/black_box.h"
#include "shared/domain/review.h"
#include "shared/text/codec.h"

namespace stoa {

namespace {

constexpr size_t problemsMax = 100;
constexpr size_t recordsPerProgress = 100'000;
constexpr size_t sumsBytesMax = 64 * 1024;

// Holds all that the database contains against itself. Nothing in it is believed: what cannot be read is a problem
// of that one row, and the next one is looked at.
class Check {
public:
    Check(const Snapshot& snapshot, const Engine& engine, const std::function<void(const std::string&)>& progress,
          const std::function<void()>& goOn)
        : snapshot_(snapshot), engine_(engine), progress_(progress), goOn_(goOn)
    {
    }

    CheckReport run()
    {
        progress_("Checking the database file");
        part([&] {
            for (const std::string& problem : snapshot_.integrityProblems(goOn_))
                add("The database file is damaged: " + problem + ".");
        });
        part([&] { organisation(); });
        part([&] { feeds(); });
        progress_("Checking every record");
        part([&] {
            for (const OpenProposal& each : snapshot_.openProposals())
                open_[each.proposal.str()] = each.page.str();
        });
        part([&] { snapshot_.rawRecords([&](const RawRecord& row) { record(row); }); });
        for (const auto& [proposal, page] : open_)
            add("The record " + toHex(proposal) + " is kept among the open proposals and is none.");
        sums();
        progress_("Checking every revision");
        part([&] {
            for (const Publication& each : snapshot_.unpublished())
                waiting_[each.post.str()] = each.lacks;
            snapshot_.rawRevisions([&](const RawRevision& row) { revision(row); });
            bodyRead();
            for (const auto& [post, lacks] : waiting_)
                add("The record " + toHex(post) + " waits for revisions that it does not lack.");
        });
        part([&] { logins(); });
        if (problemsLeftOut_ > 0)
            report_.problems.push_back("And " + std::to_string(problemsLeftOut_) + " further problems.");
        return std::move(report_);
    }

private:
    struct FeedSum {
        RawFeed said;
        std::optional<Feed> feed;
        Digest digest;
        uint64_t living = 0;
        uint64_t highest = 0;
    };

    // Of the post whose revisions are read.
    struct Body {
        std::string post;
        v1::Record record; // with the revisions that it lacks, as far as they are read
        v1::TextVersion ofRecord;
        uint64_t lacks = 0;
        PastBody past; // what the revisions make, from a whole one on
        bool isKnown = false;
    };

    void add(std::string sentence)
    {
        if (report_.problems.size() < problemsMax)
            report_.problems.push_back(std::move(sentence));
        else
            ++problemsLeftOut_;
    }
    void ofFeed(const std::string& feed, const std::string& sentence) { add("Feed " + feed + ": " + sentence); }

    // Where the file itself cannot be read further, the other parts still are.
    template <class Part>
    void part(Part part)
    {
        try {
            part();
        } catch (const StorageError& error) {
            add(std::string("The database is damaged, and one part of it could not be checked. ") + error.what());
        }
    }

    void organisation()
    {
        const Id organisation = snapshot_.organisation();
        if (organisation.isNull())
            return add("The database does not say which organisation it holds.");
        const auto found = snapshot_.find(organisation);
        if (!found || !found->record->has_organisation())
            add("The record of the organisation " + organisation.hex() + " is missing.");
    }

    void feeds()
    {
        for (RawFeed& said : snapshot_.rawFeeds()) {
            FeedSum& sum = feeds_[said.row];
            sum.feed = Feed::from(said.key);
            if (!sum.feed)
                ofFeed(toHex(said.key), "it has no name that can be read.");
            sum.said = std::move(said);
            ++report_.feeds;
        }
    }

    void record(const RawRecord& row)
    {
        goOn_();
        if (++seen_ % recordsPerProgress == 0)
            progress_(std::to_string(seen_) + " records checked");
        const std::string name = toHex(row.id);
        const auto found = feeds_.find(row.feed);
        if (found == feeds_.end())
            return add("Record " + name + ": its feed is missing.");
        FeedSum& sum = found->second;
        const auto problem = [&](const std::string& sentence) {
            ofFeed(toHex(sum.said.key), "the record " + name + " " + sentence);
        };
        sum.highest = std::max(sum.highest, row.number);
        const auto id = Id::from(row.id);
        v1::Record record;
        if (!id || !record.ParseFromArray(row.bytes.data(), static_cast<int>(row.bytes.size())) ||
            record.id() != row.id || record.deleted() != row.deleted)
            return problem("cannot be read.");
        if (row.thing != record.thing_case())
            problem("is filed as something that it is not.");
        if (sum.feed && !engine_.isSeal(row.seal, *sum.feed, row.number, *id, row.bytes))
            problem("does not carry this server's seal.");
        if (row.deleted)
            return;
        ++sum.living;
        ++report_.records;
        sum.digest.add(versionDigest(*id, row.number, row.bytes));
        report_.dangling += dangling(record);
        if (record.post().kind() == v1::PROPOSAL && isOpen(record.post().proposal())) {
            const auto open = open_.find(record.id());
            if (open == open_.end() || open->second != record.post().parent())
                problem("is an open proposal and is not kept among those of its page.");
            if (open != open_.end())
                open_.erase(open);
        }
        const std::string& login = record.person().login();
        if (!login.empty() && personByLogin(login) != *id)
            problem("is a person who cannot sign in: the login \"" + login + "\" does not lead to them.");
    }

    // Revisions come by post and number: those of one body in a row.
    void revision(const RawRevision& row)
    {
        goOn_();
        if (row.post != body_.post) {
            bodyRead();
            body_ = {.post = std::string(row.post)};
            const auto found = find(row.post);
            if (!found || !found->record->has_post())
                return add("The record " + toHex(row.post) + " has revisions of a body, and is no living post.");
            body_.record = *found->record;
            body_.ofRecord = body_.record.post().body_version();
        } else if (!body_.record.has_post()) {
            return; // told already
        }
        const auto problem = [&](const std::string& sentence) {
            add("The record " + toHex(row.post) + ": the revision " + std::to_string(row.revision) + " of its body " +
                sentence);
        };
        v1::Revision revision;
        if (!revision.ParseFromArray(row.bytes.data(), static_cast<int>(row.bytes.size())) ||
            revision.version().revision() != row.revision || !decode(revision.text()))
            return problem("cannot be read.");
        if (row.revision == body_.ofRecord.revision() && revision.version().seal() != body_.ofRecord.seal())
            problem("is not the one that the record was made with.");
        if (row.revision <= body_.ofRecord.revision())
            return history(revision, problem);
        ++body_.lacks;
        if (revision.after() != body_.record.post().body_version().revision()) {
            problem("does not follow the one before it.");
        } else {
            try {
                addRevision(body_.record, revision);
            } catch (const StorageError&) {
                problem("is no change of that body.");
            }
        }
        *body_.record.mutable_post()->mutable_body_version() = revision.version();
    }

    // The revisions that the record has. Those before the first whole one tell who and when, and of no body.
    template <class Problem>
    void history(const v1::Revision& revision, const Problem& problem)
    {
        const bool wasKnown = body_.isKnown;
        try {
            body_.isKnown = body_.past.add(revision);
            if (wasKnown && !body_.isKnown)
                problem("does not follow the one before it.");
        } catch (const StorageError&) {
            problem("is no change of that body.");
            body_.past = {};
            body_.isKnown = false;
        }
        const bool isRecords = revision.version().revision() == body_.ofRecord.revision();
        if (body_.isKnown && isRecords && body_.past.text() != body_.record.post().body())
            add("The record " + toHex(body_.post) + ": its body is not what its revisions make.");
    }

    void bodyRead()
    {
        const auto waiting = waiting_.find(body_.post);
        const uint64_t waits = waiting == waiting_.end() ? 0 : waiting->second;
        if (body_.lacks != waits)
            add("The record " + toHex(body_.post) + " lacks " + std::to_string(body_.lacks) +
                " revisions of its body and waits for " + std::to_string(waits) + ".");
        if (waiting != waiting_.end())
            waiting_.erase(waiting);
    }

    void sums()
    {
        for (const auto& [row, sum] : feeds_) {
            const std::string name = toHex(sum.said.key);
            if (sum.said.digest != sum.digest.str()) {
                ofFeed(name, "its digest is not that of its records.");
                if (report_.sums.size() < sumsBytesMax)
                    report_.sums += figures(sum);
            }
            if (sum.said.records != sum.living)
                ofFeed(name, "it counts " + std::to_string(sum.said.records) + " records and holds " +
                                 std::to_string(sum.living) + ".");
            // Tombstones that were let go may have had the highest number.
            const bool whole = sum.said.oldestTombstone == 0;
            if (whole ? sum.said.head != sum.highest : sum.said.head < sum.highest)
                ofFeed(name, "its head is " + std::to_string(sum.said.head) + ", and its newest record has " +
                                 std::to_string(sum.highest) + ".");
        }
    }

    static std::string figures(const FeedSum& sum)
    {
        return "feed=" + feedName(sum.said.key) + " head=" + std::to_string(sum.said.head) +
               " highest=" + std::to_string(sum.highest) + " records=" + std::to_string(sum.said.records) +
               " living=" + std::to_string(sum.living) +
               " oldest_tombstone=" + std::to_string(sum.said.oldestTombstone) + " digest=" + toHex(sum.said.digest) +
               " computed=" + toHex(sum.digest.str()) + "\n";
    }

    void logins()
    {
        snapshot_.rawLogins([&](std::string_view login, std::string_view person) {
            goOn_();
            const auto found = find(person);
            if (!found || found->record->person().login() != login)
                add("The login \"" + std::string(login) + "\" leads to the record " + toHex(person) +
                    ", which has no such login.");
        });
    }

    // References that lead to nothing. What cannot be read has been told as such.
    size_t dangling(const v1::Record& record) const
    {
        size_t count = 0;
        for (const std::string* reference :
             {&record.author(), &record.post().space(), &record.post().parent(), &record.post().root(),
              &record.post().accepted(), &record.mark().target(), &record.mark().person(), &record.membership().space(),
              &record.membership().person()}) {
            const auto found = reference->empty() ? std::nullopt : find(*reference);
            count += !reference->empty() && (!found || found->record->deleted());
        }
        return count;
    }

    std::optional<Located> find(std::string_view raw) const
    {
        const auto id = Id::from(raw);
        try {
            return id ? snapshot_.find(*id) : std::nullopt;
        } catch (const StorageError&) {
            return std::nullopt;
        }
    }
    std::optional<Id> personByLogin(const std::string& login) const
    {
        try {
            return snapshot_.personByLogin(login);
        } catch (const StorageError&) {
            return std::nullopt;
        }
    }

    const Snapshot& snapshot_;
    const Engine& engine_;
    const std::function<void(const std::string&)>& progress_;
    const std::function<void()>& goOn_;
    CheckReport report_;
    size_t problemsLeftOut_ = 0;
    size_t seen_ = 0;
    std::map<int64_t, FeedSum> feeds_;        // by their row
    std::map<std::string, std::string> open_; // proposals that should be, and their pages
    Body body_;
    std::map<std::string, uint64_t> waiting_; // posts, for so many revisions
};

} // namespace

CheckReport checkAll(const Snapshot& snapshot, const Engine& engine,
                     const std::function<void(const std::string&)>& progress, const std::function<void()>& goOn)
{
    return Check(snapshot, engine, progress, goOn).run();
}

} // namespace stoa
