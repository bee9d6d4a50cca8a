#include "tests/simulation/ledger.h"

#include "tests/simulation/generator.h"

namespace stoa::test {

namespace {

constexpr const char* once = "a change counts once";
constexpr const char* numbers = "a number is never used for other bytes";
constexpr const char* kept = "what was acknowledged is there, or was superseded";
constexpr const char* allowed = "nobody does what they may not";
constexpr const char* sums = "a feed's sum is that of its records";

std::string where(const Feed& feed, uint64_t number)
{
    return toHex(feed.key()) + " number " + std::to_string(number);
}

// The state before, and what only the commit itself has made.
struct Around : Reader {
    Around(const Reader& was, const Reader& is) : before(was), after(is) {}
    std::optional<Located> find(const Id& id) const override
    {
        auto located = before.find(id);
        return located ? located : after.find(id);
    }
    bool loginExists(std::string_view login) const override { return before.loginExists(login); }
    const Reader& before;
    const Reader& after;
};

const v1::Person* activePerson(const std::optional<Located>& located)
{
    const bool active = located && !located->record->deleted() && located->record->has_person() &&
                        !located->record->person().disabled();
    return active ? &located->record->person() : nullptr;
}

v1::Role roleOf(const Id& space, const Id& person, const Reader& reader)
{
    const auto membership = reader.find(membershipId(space, person));
    if (membership && membership->record->membership().role() != v1::ROLE_NONE)
        return membership->record->membership().role();
    const auto located = reader.find(space);
    if (!located || located->record->deleted())
        return v1::ROLE_NONE;
    const v1::Visibility visibility = located->record->space().visibility();
    return visibility == v1::OPEN ? v1::CONTRIBUTOR : visibility == v1::RESTRICTED ? v1::READER : v1::ROLE_NONE;
}

bool mayEdit(v1::Field field, const v1::Record& record, const Id& person, bool admin, v1::Role role)
{
    const bool author = record.author() == person.view();
    switch (field / 10) {
    case 1:
        return admin;
    case 2:
        return admin || ((field == v1::PERSON_NAME || field == v1::PERSON_ABOUT) && record.id() == person.view());
    case 3:
        return role >= v1::OWNER;
    default:
        if (field == v1::POST_BODY)
            return false;
        if (field == v1::POST_ACCEPTED)
            return author && role >= v1::READER;
        if (record.post().kind() == v1::QUESTION)
            return (author && role >= v1::CONTRIBUTOR) || role >= v1::MODERATOR;
        return role >= v1::CONTRIBUTOR;
    }
}

bool mayDo(const v1::Change& change, const Id& who, const Reader& reader)
{
    const auto located = reader.find(who);
    const v1::Person* person = activePerson(located);
    if (!person || change.has_origin())
        return false;
    const auto target = reader.find(*Id::from(change.target()));
    const auto roleIn = [&](const Feed& feed) {
        return feed.kind == FeedKind::Space ? roleOf(feed.owner, who, reader) : v1::ROLE_NONE;
    };
    switch (change.act_case()) {
    case v1::Change::kSetMembership:
        return person->admin() || roleOf(*Id::from(change.set_membership().space()), who, reader) >= v1::OWNER;
    case v1::Change::kCreatePost:
        return roleOf(*Id::from(change.create_post().space()), who, reader) >= v1::CONTRIBUTOR;
    case v1::Change::kSetMark: {
        const auto on = reader.find(*Id::from(change.set_mark().on()));
        return on && roleIn(on->feed) >= v1::READER;
    }
    case v1::Change::kEdit:
        if (!target)
            return false;
        for (const v1::FieldEdit& edit : change.edit().fields())
            if (!mayEdit(edit.field(), *target->record, who, person->admin(), roleIn(target->feed)))
                return false;
        return true;
    case v1::Change::kDelete:
        return target && (roleIn(target->feed) >= v1::MODERATOR ||
                          (roleIn(target->feed) >= v1::READER && target->record->author() == who.view()));
    default:
        return person->admin();
    }
}

} // namespace

Rights rightsIn(const Snapshot& snapshot)
{
    Rights rights;
    const std::vector<Located> spaces = snapshot.all(v1::Record::kSpace);
    for (const Located& located : snapshot.all(v1::Record::kPerson)) {
        const Id id = *Id::from(located.record->id());
        std::set<Feed>& feeds = rights[id];
        if (located.record->person().disabled())
            continue;
        feeds.insert({FeedKind::Directory, snapshot.organisation()});
        feeds.insert({FeedKind::Person, id});
        for (const Located& space : spaces) {
            const v1::Role role = roleOf(space.feed.owner, id, snapshot);
            if (role >= v1::READER)
                feeds.insert({FeedKind::Space, space.feed.owner});
            if (role >= v1::MODERATOR)
                feeds.insert({FeedKind::Staff, space.feed.owner});
        }
    }
    return rights;
}

void Ledger::note(const v1::Receipt& receipt, const v1::Change& change)
{
    const Id id = *Id::from(receipt.change());
    std::vector<std::pair<Feed, uint64_t>> effects;
    for (const v1::Effect& effect : receipt.effects())
        effects.emplace_back(*Feed::from(effect.feed()), effect.number());
    const auto [found, isNew] = accepted_.try_emplace(id, Accepted{change, effects, false});
    if (!isNew) {
        if (found->second.change.SerializeAsString() != change.SerializeAsString())
            throw Broken(once, "the change " + id.hex() + " was taken again with other bytes");
        if (found->second.effects != effects)
            throw Broken(once, "the change " + id.hex() + " was accepted again with other effects");
        return;
    }
    for (const auto& effect : effects) {
        const auto [maker, free] = madeBy_.emplace(effect, id);
        if (!free)
            throw Broken(numbers, where(effect.first, effect.second) + " was given to two changes");
    }
}

void Ledger::noteBytes(const Feed& feed, uint64_t number, std::string_view bytes)
{
    const Digest hash = hash128(bytes);
    const auto [found, isNew] = bytes_.emplace(std::pair(feed, number), hash);
    if (!isNew && !(found->second == hash))
        throw Broken(numbers, where(feed, number) + " holds other bytes than before");
}

std::optional<Digest> Ledger::bytesAt(const Feed& feed, uint64_t number) const
{
    const auto found = bytes_.find({feed, number});
    return found == bytes_.end() ? std::nullopt : std::optional(found->second);
}

void Ledger::committed(std::span<const Submission> submissions, const Committed& committed, const Snapshot& before,
                       const Snapshot& after, Counts& counts)
{
    size_t changes = 0;
    for (const Submission& submission : submissions)
        changes += submission.changes.size();
    bool alters = committed.rightsAltered;
    for (const Submission& submission : submissions) {
        for (const v1::PushedChange& pushed : submission.changes) {
            v1::Change change;
            change.ParseFromString(pushed.change());
            for (const v1::FieldEdit& edit : change.edit().fields())
                alters = alters || edit.field() == v1::PERSON_ADMIN;
        }
    }
    // Else the state in between is not known; neither is whose it was that came and went within.
    const auto isJudged = [&](const v1::Change& change) {
        return changes == 1 || (!alters && (!change.has_delete_() || before.find(*Id::from(change.target()))));
    };
    const Around around(before, after);
    for (size_t i = 0; i < submissions.size(); ++i) {
        const v1::Receipts& receipts = committed.receipts[i];
        for (int j = 0; j < receipts.receipts_size(); ++j) {
            const v1::Receipt& receipt = receipts.receipts(j);
            v1::Change change;
            if (receipt.has_refusal() || !change.ParseFromString(submissions[i].changes[size_t(j)].change()))
                continue;
            if (!isAccepted(*Id::from(change.id()))) {
                ++counts.changes[kindOf(change)];
                const Actor& actor = submissions[i].actor;
                // What stood already before a power cut is only told again.
                if (!before.acceptedChange(*Id::from(change.id())) && isJudged(change) && !actor.server &&
                    !mayDo(change, actor.person, changes == 1 ? static_cast<const Reader&>(before) : around))
                    throw Broken(allowed, "the server took " + change.ShortDebugString() + " from " +
                                              actor.person.hex() + ", who may not do that");
            }
            note(receipt, change);
        }
    }
    for (const auto& news : committed.news) {
        uint64_t above = std::max(heads_[news->state.feed], news->after);
        for (const StoredVersion& version : news->versions) {
            if (version.number <= above)
                throw Broken(numbers, where(news->state.feed, version.number) + " is not above those before it");
            above = version.number;
            noteBytes(news->state.feed, version.number, version.bytes);
            v1::Record record;
            record.ParseFromString(version.bytes);
            const auto maker = madeBy_.find({news->state.feed, version.number});
            if (maker == madeBy_.end())
                throw Broken(once, where(news->state.feed, version.number) + " is no receipt's");
            const v1::Change& change = accepted_.at(maker->second).change;
            if (record.id() != change.target() || !shows(change, record))
                throw Broken(kept, where(news->state.feed, version.number) + " does not show " +
                                       change.ShortDebugString() + " but " + record.ShortDebugString());
        }
        heads_[news->state.feed] = news->upto;
    }
}

void Ledger::acknowledged(const v1::Receipt& receipt, const std::string& bytes)
{
    v1::Change change;
    if (receipt.has_refusal() || !change.ParseFromString(bytes))
        return;
    note(receipt, change);
    accepted_.at(*Id::from(change.id())).acknowledged = true;
}

void Ledger::holdAgainst(const Snapshot& snapshot)
{
    std::map<std::pair<Feed, std::string>, uint64_t> there;
    for (const FeedState& state : snapshot.feeds()) {
        if (state.head < heads_[state.feed])
            throw Broken(kept, "the head of " + toHex(state.feed.key()) + " went back");
        heads_[state.feed] = state.head;
        Digest sum;
        uint64_t living = 0;
        for (const StoredVersion& version : snapshot.versionsAfter(state.feed, 0, 0, SIZE_MAX)) {
            noteBytes(state.feed, version.number, version.bytes);
            there[{state.feed, version.id.str()}] = version.number;
            if (version.deleted)
                continue;
            sum.add(versionDigest(version.id, version.number, version.bytes));
            ++living;
        }
        if (!(sum == state.digest) || living != state.records)
            throw Broken(sums, "the sum of " + toHex(state.feed.key()) + " is not that of its records");
    }
    for (const auto& [id, accepted] : accepted_) {
        if (!accepted.acknowledged)
            continue;
        const auto stored = snapshot.acceptedChange(id);
        if (!stored)
            throw Broken(kept, "the acknowledged change " + id.hex() + " is not known any more");
        for (const auto& [feed, number] : accepted.effects) {
            const auto found = there.find({feed, accepted.change.target()});
            if (found == there.end() || found->second < number)
                throw Broken(kept, "what " + where(feed, number) + " made is gone");
        }
    }
}

} // namespace stoa::test
