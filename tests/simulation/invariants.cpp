#include <algorithm>

#include "client/replica/visible_reader.h"
#include "server/admin/check.h"
#include "shared/domain/revision.h"
#include "shared/text/codec.h"
#include "tests/scenario/figures.h"
#include "tests/simulation/world.h"

namespace stoa::test {

namespace {

bool holdsWords(const v1::Change& change)
{
    return change.has_create_post() || change.has_edit() || change.has_edit_text();
}

bool isCreation(const v1::Change& change)
{
    return change.has_create_post() || change.has_create_space() || change.has_create_person();
}

} // namespace

void World::noteRights(Device& device)
{
    std::string rights;
    const auto add = [&](Statement& read) {
        while (read.step())
            rights += std::to_string(read.number(0)) + ' ' + std::to_string(read.number(1)) + ';';
        read.reset();
    };
    add((*device.look)("SELECT disabled, admin FROM people WHERE id = ?").bindBlob(device.person.view()));
    add((*device.look)("SELECT feed, role FROM members WHERE person = ?").bindBlob(device.person.view()));
    add((*device.look)("SELECT feed, visibility FROM spaces"));
    if (std::exchange(device.rights, rights) != rights)
        ++device.turn;
}

// A cursor never goes back, and nothing is read twice.
void World::checkReached(Device& device)
{
    std::map<Feed, std::pair<uint64_t, int64_t>> reached;
    for (const FollowedFeed* feed : device.replica->feeds()) {
        reached[feed->feed] = {feed->cursor, feed->pass};
        if (feed->setAside)
            device.aside.insert(feed->feed);
        const auto before = device.reached.find(feed->feed);
        if (before == device.reached.end())
            continue;
        // Once for each time that the server went back, and once more where it did not notice. And where the feed was
        // taken away and given back while it was asked for, both answers come.
        const bool anew = feed->pass != before->second.second;
        if (anew && !device.lost.contains(feed->feed) && !device.aside.contains(feed->feed) &&
            feed->pass > 1 + 3 * int64_t(life_))
            throw Broken("nothing is read twice", nameOf(device) + " reads " + toHex(feed->feed.key()) + " anew");
        if (!anew && feed->cursor < before->second.first)
            throw Broken("a cursor never goes back", nameOf(device) + " in " + toHex(feed->feed.key()) + " from " +
                                                         std::to_string(before->second.first) + " to " +
                                                         std::to_string(feed->cursor));
    }
    for (const auto& [feed, before] : device.reached)
        if (!reached.contains(feed) && device.ordered.erase(feed) == 0)
            throw Broken("nothing is forgotten without an order", nameOf(device) + " forgets " + toHex(feed.key()));
    device.reached = std::move(reached);
}

// Up to its cursors a replica holds what was committed, byte by byte, and nothing else. Where the server went back,
// what it lost is there as well until the two have been compared, and for good where the server serves it no more.
void World::checkHeld(Device& device, bool atEnd)
{
    constexpr const char* name = "a replica holds what the server committed";
    struct There {
        uint64_t number = 0;
        bool deleted = false;
        bool lost = false;
    };
    std::map<Feed, std::map<std::string, There>> held;
    Statement rows(device.look->database(),
                   "SELECT f.key, r.id, r.number, s.row IS NOT NULL, CASE WHEN s.row IS NULL THEN r.deleted ELSE "
                   "s.deleted END, CASE WHEN s.row IS NULL THEN r.bytes ELSE s.bytes END FROM records r "
                   "JOIN feeds f USING (feed) LEFT JOIN shadows s ON s.row = r.row WHERE r.number > 0");
    while (rows.step()) {
        const Feed feed = *Feed::from(rows.text(0));
        const uint64_t number = uint64_t(rows.number(2));
        const auto bytes = ledger_.bytesAt(feed, number);
        const Digest here = hash128(rows.text(5));
        const bool lost = ledger_.wasLost(feed, number, here) && !(bytes && *bytes == here);
        if (bytes && !(*bytes == here) && !lost)
            throw Broken(name, nameOf(device) + " holds other bytes under " + toHex(feed.key()) + " number " +
                                   std::to_string(number));
        held[feed][std::string(rows.text(1))] = {number, rows.number(4) != 0, lost};
    }
    after_->refresh();
    for (const FollowedFeed* feed : device.replica->feeds()) {
        std::map<std::string, There>& here = held[feed->feed];
        const bool apart = feed->setAside || device.life != life_ || (life_ > 0 && !feed->agreed);
        for (const StoredVersion& version : after_->versionsAfter(feed->feed, 0, 0, SIZE_MAX)) {
            const auto found = here.find(version.id.str());
            const bool there = found != here.end();
            const bool reached = version.number <= feed->cursor && !apart;
            if (reached && !version.deleted && (!there || found->second.number != version.number))
                throw Broken(name, nameOf(device) + " stands at " + std::to_string(feed->cursor) + " of " +
                                       toHex(feed->feed.key()) + " without number " + std::to_string(version.number));
            if (reached && version.deleted && there && !found->second.deleted)
                throw Broken(name, nameOf(device) + " still has what number " + std::to_string(version.number) +
                                       " of " + toHex(feed->feed.key()) + " took away");
            if (there)
                here.erase(found);
        }
        if (apart || !atEnd)
            std::erase_if(here, [](const auto& each) { return each.second.lost; });
        if (!here.empty())
            throw Broken(name, nameOf(device) + " has in " + toHex(feed->feed.key()) + " " +
                                   toHex(here.begin()->first) + " number " +
                                   std::to_string(here.begin()->second.number) + ", which was never committed");
    }
    after_->rest();
}

// Of several changes of one text that wait, or were refused, one may be made; and what others struck out as well need
// not be struck out any more. What a change wrote is then in one that waits, was accepted or withdrawn.
bool World::isInAnother(Device& device, const v1::Change& change)
{
    std::string all;
    const auto add = [&](const v1::Change& other) {
        const auto text = decode(other.edit_text().text());
        if (other.target() == change.target() && text)
            all += ' ' + std::string(text->inserted());
    };
    Statement& read = (*device.look)("SELECT bytes FROM outbox JOIN changes USING (position) WHERE target = ?");
    read.bindBlob(change.target());
    v1::Change other;
    while (read.step())
        if (other.ParseFromString(std::string(read.text(0))))
            add(other);
    read.reset();
    for (const auto& [id, accepted] : ledger_.accepted())
        add(accepted.change);
    for (const auto& [id, mine] : device.mine)
        if (mine.discarded)
            add(mine.change);
    const std::vector<std::string> marks = marksIn(change.edit_text());
    return std::all_of(marks.begin(), marks.end(), [&](const std::string& each) {
        return things_.struck.contains(each) || all.find(each) != std::string::npos;
    });
}

// What a person wanted is accepted, or lies in the outbox until they resolve it themselves.
void World::checkOutbox(Device& device)
{
    std::set<Id> there;
    Statement& read = (*device.look)("SELECT id FROM outbox");
    while (read.step())
        there.insert(*Id::from(read.text(0)));
    read.reset();
    Statement& count = (*device.look)("SELECT count(*) FILTER (WHERE state < 3), count(*) FILTER (WHERE state = 2), "
                                      "count(*) FILTER (WHERE state = 3) FROM outbox");
    const bool isCounted = count.step() && count.number(0) == device.replica->waitingCount() &&
                           count.number(1) == device.replica->acceptedCount() &&
                           count.number(2) == device.replica->refusedCount();
    count.reset();
    if (!isCounted)
        throw Broken("figures are what counting comes to", nameOf(device) + " counts its outbox wrongly");
    for (const auto& [id, mine] : device.mine) {
        if (there.contains(id) || mine.discarded || ledger_.isAccepted(id))
            continue;
        // Once accepted it was the server's, which may lose it by going back.
        if (ledger_.wasLost(id) && (mine.unansweredIn == 0 || mine.unansweredIn != life_))
            continue;
        // Of a feed that was taken away only words stay.
        if (!holdsWords(mine.change) && device.lost.contains(mine.feed))
            continue;
        if (mine.change.has_edit_text() && isInAnother(device, mine.change))
            continue;
        throw Broken("a refused change stays until it is resolved",
                     nameOf(device) + " has lost " + kindOf(mine.change) + ' ' + id.hex());
    }
}

// What is pending shows, unless something that it rests on went away.
void World::checkShown(Device& device)
{
    struct Pending {
        v1::Change change;
        int64_t madeMs = 0;
    };
    std::map<std::string, std::vector<Pending>> pending;
    Statement& read = (*device.look)("SELECT target, bytes, made_ms FROM outbox JOIN changes USING (position) "
                                     "WHERE state < 3 ORDER BY position");
    while (read.step()) {
        Pending each{.madeMs = read.number(2)};
        each.change.ParseFromString(std::string(read.text(1)));
        pending[std::string(read.text(0))].push_back(std::move(each));
    }
    read.reset();
    const VisibleReader visible(*device.look);
    checkRefused(device);
    for (const auto& [target, changes] : pending) {
        const Pending& last = changes.back();
        const auto mine = device.mine.find(*Id::from(last.change.id()));
        if (mine == device.mine.end() || mine->second.turn != device.turn)
            continue;
        const auto located = visible.find(*Id::from(target));
        // A changed client took the id of what was made here, in another space, before it was sent (which nobody could
        // know but in this world): which of the two is meant is not said.
        const auto isTaken = [&](const auto& each) {
            const Mine& made = each.second;
            return isCreation(made.change) && made.change.target() == target && made.feed != located->feed;
        };
        if (located && located->feed != mine->second.feed &&
            std::any_of(device.mine.begin(), device.mine.end(), isTaken))
            continue;
        const bool shown =
            isCreation(last.change) ? located && !located->record->deleted() : isShown(device, last.change);
        if (shown)
            continue;
        const Context context{{.person = device.person}, last.madeMs, things_.organisation};
        const auto outcome = apply(last.change, context, visible);
        if (outcome && !outcome->versions.empty())
            throw Broken("what is pending shows", nameOf(device) + " does not show " + last.change.ShortDebugString() +
                                                      " but " + (located ? located->record->ShortDebugString() : ""));
    }
}

// What shows is the server's version with the revisions that came ahead of its record, and nothing else.
bool World::isRevised(Device& device, int64_t row, const std::string& shown, const std::string& sealed)
{
    v1::Record record;
    if (sealed.empty() || !record.ParseFromString(sealed))
        return false;
    v1::Revision revision;
    Statement read(device.look->database(), "SELECT bytes FROM live WHERE row = ? ORDER BY revision");
    read.bind(row);
    while (read.step())
        if (!revision.ParseFromString(std::string(read.text(0))) || !alterByRevision(record, revision))
            throw Broken("a replica holds what the server committed",
                         nameOf(device) + " has a revision that does not fit its record " + toHex(record.id()));
    return record.SerializeAsString() == shown;
}

// Of what was refused only a creation shows, to who made it.
void World::checkRefused(Device& device)
{
    Statement& read = (*device.look)("SELECT r.id, r.row, r.bytes, s.bytes FROM records r JOIN shadows s USING (row) "
                                     "WHERE r.bytes IS NOT s.bytes");
    std::vector<std::string> altered;
    while (read.step())
        if (!isRevised(device, read.number(1), std::string(read.text(2)), std::string(read.text(3))))
            altered.emplace_back(read.text(0));
    read.reset();
    for (const std::string& target : altered) {
        Statement& wanted = (*device.look)("SELECT state, bytes FROM outbox JOIN changes USING (position) "
                                           "WHERE target = ?");
        wanted.bindBlob(target);
        bool mayShow = false;
        v1::Change change;
        while (wanted.step())
            mayShow = mayShow || wanted.number(0) < 3 ||
                      (change.ParseFromString(std::string(wanted.text(1))) && isCreation(change));
        wanted.reset();
        if (!mayShow)
            throw Broken("what was refused does not show", nameOf(device) + " shows it in " + toHex(target));
    }
}

bool World::isShown(Device& device, const v1::Change& change)
{
    const auto located = VisibleReader(*device.look).find(*Id::from(change.target()));
    if (!located || !change.has_edit_text())
        return located && shows(change, *located->record);
    // Of a text all that nobody struck out, or wrote into, since.
    const std::vector<std::string> marks = marksIn(change.edit_text());
    return std::all_of(marks.begin(), marks.end(), [&](const std::string& each) {
        return things_.struck.contains(each) || located->record->post().body().find(each) != std::string::npos;
    });
}

void World::checkFigures(Device& device)
{
    const std::string wrong = wrongFigures(device.folder + "/replica.db", disk_.root() + "/scratch/replica.db");
    disk_.remove(disk_.root() + "/scratch");
    if (!wrong.empty())
        throw Broken("figures are what counting comes to", nameOf(device) + ": " + wrong);
}

// What still keeps this device from agreeing with the server; `after_` is of now.
std::string World::notYet(Device& device)
{
    const auto rights = rights_->find(device.person);
    if (rights == rights_->end() || rights->second.empty())
        return {}; // disabled: the server has nothing to say to it
    std::string missing;
    const auto add = [&](const std::string& what) { missing += nameOf(device) + ' ' + what + "; "; };
    if (!device.link || !device.syncer->isWelcome()) {
        add(device.signedOut ? "is signed out" : "is not connected");
        return missing;
    }
    // Such as that it may read less.
    if (!device.link->down.bytes.empty() || !device.link->posts.empty())
        add("has not heard all that was sent to it");
    if (device.replica->waitingCount() > 0) {
        std::string states;
        Statement& waiting = (*device.look)("SELECT state, id, hex(effects) FROM outbox WHERE state < 3");
        while (waiting.step())
            states += ' ' + std::to_string(waiting.number(0)) + " (" + toHex(waiting.text(1)) + ": " +
                      std::string(waiting.text(2)) + ')';
        waiting.reset();
        add("waits for answers to changes in the states" + states);
    }
    for (const Feed& feed : rights->second) {
        const FeedState state = after_->feedState(feed);
        if (state.head == 0)
            continue;
        const FollowedFeed* held = device.replica->feed(feed);
        if (!held)
            add("does not follow " + toHex(feed.key()));
        else if (held->cursor != state.head || !held->agreed || !(held->digest == state.digest))
            add("stands at " + std::to_string(held->cursor) + " of " + std::to_string(state.head) + " in " +
                toHex(feed.key()) + (held->agreed ? "" : " and does not agree"));
    }
    return missing;
}

// As whoever runs the server would.
void World::checkStore()
{
    for (const std::string& problem : checkAll(
                                          *after_, *engine_, [](const std::string&) {}, [] {})
                                          .problems)
        throw Broken("a check of the server's database finds nothing", problem);
}

void World::checkEnd()
{
    after_->refresh();
    ledger_.holdAgainst(*after_);
    checkStore();
    after_->rest();
    checkTrees();
    checkTexts();
    checkErased(true);
    const size_t counted = mint_.number(devices_.size());
    for (const auto& device : devices_) {
        checkWhole(*device);
        if (device->index == counted)
            checkSearch(*device);
        if (ledger_.isErasing(device->person))
            continue; // nobody hears of them any more
        checkHeld(*device, true);
        checkHistory(*device);
        checkOpen(*device);
        checkOutbox(*device);
        checkShown(*device);
        checkCameBack(*device, true);
        if (device->index == counted)
            checkFigures(*device);
        const auto rights = rights_->find(device->person);
        if (rights == rights_->end() || rights->second.empty())
            continue;
        Statement& unanswered = (*device->look)("SELECT count(*) FROM outbox WHERE state < 3");
        const bool all = unanswered.step() && unanswered.number(0) == 0;
        unanswered.reset();
        if (!all)
            throw Broken("every change is answered in the end", nameOf(*device) + " waits for an answer for ever");
        if (!device->replica->check().empty())
            throw Broken("a feed's sum is that of its records", nameOf(*device) + " keeps a wrong sum");
        Statement& left = (*device->look)("SELECT DISTINCT f.key FROM records r JOIN feeds f USING (feed) "
                                          "WHERE r.number > 0");
        while (left.step()) {
            const Feed feed = *Feed::from(left.text(0));
            // What a server that went back never compared with this copy is kept, set aside.
            const FollowedFeed* followed = device->replica->feed(feed);
            const bool kept = life_ > 0 && followed && followed->setAside &&
                              (!device->compared.contains(feed) || device->owed.contains(feed));
            if (!rights->second.contains(feed) && !kept)
                throw Broken("nothing is left of what may not be read",
                             nameOf(*device) + " still has rows of " + toHex(feed.key()));
        }
        left.reset();
    }
    // What reading anew puts right was wrong all the same. Last: most of what leads to it breaks another one as well.
    if (!differed_.empty())
        throw Broken("no copy ever differs", differed_);
}

void World::tellBoxes()
{
    for (const auto& device : devices_) {
        if (device->syncer)
            say(nameOf(*device) + " knows\n" + device->syncer->blackBox().text());
        if (device->link && device->link->session)
            say("the server knows of " + nameOf(*device) + '\n' + device->link->session->blackBox().text());
    }
}

Outcome simulate(uint64_t seed, const Scope& scope, bool print)
{
    Outcome outcome{.seed = seed};
    try {
        World world(seed, scope, print);
        try {
            world.run();
        } catch (const Broken& broken) {
            outcome.invariant = broken.name;
            outcome.sentence = broken.what();
            world.tellBoxes();
        }
        outcome.hash = world.hash();
        outcome.counts = world.counts();
    } catch (const Broken& broken) { // before anything could happen
        outcome.invariant = broken.name;
        outcome.sentence = broken.what();
    }
    return outcome;
}

} // namespace stoa::test
