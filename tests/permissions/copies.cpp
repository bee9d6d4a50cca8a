#include <filesystem>
#include <fstream>
#include <functional>

#include "client/replica/queries.h"
#include "client/search/finder.h"
#include "client/search/index.h"
#include "client/sync/syncer.h"
#include "shared/base/assert.h"
#include "tests/permissions/matrix.h"
#include "tests/permissions/organisation.h"
#include "tests/support/process.h"

namespace stoa::test {

namespace {

// A person's profile: the copy, its index, and what the command line makes of them.
class Profile {
public:
    Profile(Organisation& organisation, const std::string& name) : o_(organisation), directory_(o_.path() / name)
    {
        std::filesystem::create_directories(directory_);
    }

    // One conversation, until neither side says anything more. Gives how many envelopes held what is forbidden.
    int sync(const std::string& token, const std::vector<std::string>& forbidden)
    {
        const auto clock = [this] { return o_.nowMs; };
        Replica replica((directory_ / "replica.db").string(), clock);
        Syncer syncer(replica, clock, clock);
        Conversation talk(o_, forbidden);
        const auto within = [&](const std::function<void()>& work) {
            replica.begin();
            work();
            (void)replica.commit();
        };
        v1::Hello hello;
        hello.set_protocol_min(1);
        hello.set_protocol_max(1);
        hello.set_token(token);
        within([&] { syncer.connected(std::move(hello)); });
        for (bool more = true; more;) {
            more = false;
            for (const v1::Envelope& envelope : syncer.take().send) {
                talk.say(envelope);
                (void)talk.carryOut();
                more = true;
            }
            for (const v1::Envelope& envelope : talk.heard()) {
                within([&] { syncer.received(envelope); });
                more = true;
            }
        }
        within([&] { syncer.disconnected(); });
        index();
        // Nor do the boxes of either side hold words of any feed, theirs or not.
        for (const std::string& box : {syncer.blackBox().text(), talk.session->blackBox().text()})
            for (const auto& [words, feed] : o_.canaries())
                talk.leaked += box.find(words) != std::string::npos || box.find(toHex(words)) != std::string::npos;
        return talk.leaked;
    }

    std::string path() const { return directory_.string(); }
    QString replica() const { return QString::fromStdString((directory_ / "replica.db").string()); }
    QString searchIndex() const { return QString::fromStdString((directory_ / "search.db").string()); }

    // In any file, as it lies there.
    bool holds(const std::string& bytes) const
    {
        for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string all{std::istreambuf_iterator<char>(file), {}};
            if (all.find(bytes) != std::string::npos)
                return true;
        }
        return false;
    }
    Finished cli(std::vector<std::string> words) const
    {
        words.insert(words.begin(), {"stoa-cli", "--profile", path(), "--json"});
        return run(words);
    }

private:
    void index()
    {
        const Reading reading(replica());
        SearchIndex index(searchIndex(), replicaSource(reading));
        index.lookAtAll();
        while (index.work(1'000)) {}
    }

    Organisation& o_;
    std::filesystem::path directory_;
};

QString textOf(const std::string& text)
{
    return QString::fromStdString(text);
}

// What the copy shows of a space: all of it, or nothing at all.
void checkShown(Organisation& o, const Profile& profile, const Place& place, bool reads, const std::string& who,
                Tally& tally)
{
    const Reading reading(profile.replica());
    Finder finder(profile.searchIndex());
    const auto check = [&](bool shown, const std::string& what) {
        tally.check("copies and search", shown == reads, who + ": " + what + " of the " + place.name + " space");
    };
    const QList<SpaceRow> there = spaces(reading);
    check(std::any_of(there.begin(), there.end(), [&](const SpaceRow& row) { return row.id == place.id; }), "the name");
    check(space(reading, place.id).has_value(), "the figures");
    check(charter(reading, place.id).has_value(), "the charter");
    check(!members(reading, place.id, 100).isEmpty(), "the members");
    check(!mostActive(reading, place.id, 100).isEmpty(), "the authors");
    check(!tags(reading, place.id, 100).isEmpty(), "the tags");
    check(!fresh(reading, place.id, 100).isEmpty() || !unanswered(reading, place.id, 100).isEmpty(), "what is new");
    check(!pagesBelow(reading, place.id, {}).isEmpty(), "the tree of pages");
    const auto find = [&](const QString& words) { return finder.find(reading, words, {}, 200, o.nowMs); };
    check(!find(textOf(place.word)).hits.isEmpty(), "search for the word");
    check(!find(textOf(place.word.substr(0, 6))).hits.isEmpty(), "search for how the word begins");
    check(!find(textOf("space:" + place.name + " text")).hits.isEmpty(), "search by the name");
    check(!find(textOf("tag:" + place.word)).hits.isEmpty(), "search by tag");
    for (const v1::PostKind kind : postKinds()) {
        const std::string column = v1::PostKind_Name(kind);
        PostFilter filter;
        filter.space = place.id;
        filter.kind = kind;
        const Id other = o.others.at({place.id, column});
        check(record(reading, other).has_value(), "a " + column);
        check(post(reading, other).has_value(), "the row of a " + column);
        check(!postsByPrefix(reading, textOf(other.hex()), 5).isEmpty(), "an id of a " + column);
        if (kind != v1::SECTION) {
            check(!posts(reading, filter, {}, 100).rows.isEmpty(), "the list of each " + column);
            check(!body(reading, other).isEmpty(), "the body of a " + column);
            SearchScope scope;
            scope.kind = kind;
            scope.space = place.id;
            check(!finder.find(reading, textOf(place.word), scope, 200, o.nowMs).hits.isEmpty(),
                  "search for each " + column);
        }
    }
    check(thread(reading, o.others.at({place.id, "QUESTION"})).has_value(), "a thread");
}

// What the command line prints: of what is hidden nothing, and the same as of what is not there.
void checkPrinted(Organisation& o, const Profile& profile, const std::vector<std::string>& forbidden,
                  const std::function<bool(const Place&)>& reads, const std::string& who, Tally& tally)
{
    const auto ask = [&](const std::vector<std::string>& words, bool found, const std::string& what) {
        const Finished done = profile.cli(words);
        const std::string all = done.out + done.err;
        const bool silent = std::none_of(forbidden.begin(), forbidden.end(),
                                         [&](const std::string& word) { return all.find(word) != std::string::npos; });
        tally.check("command line",
                    silent && found == (done.exitCode == 0 && done.out.find("text ") != std::string::npos),
                    who + ": " + what + ": " + all.substr(0, 200));
    };
    const Finished listed = profile.cli({"spaces"});
    const Finished missing = profile.cli({"show", o.missing.hex()});
    for (const Place& place : o.places) {
        tally.check("command line", reads(place) == (listed.out.find(place.word) != std::string::npos),
                    who + " lists spaces: " + listed.out);
        // Never by the word itself: what is typed may come back.
        ask({"list", place.id.hex(), "--limit", "500"}, reads(place), "list in the " + place.name + " space");
        ask({"search", "space:" + place.name, "text"}, reads(place), "search in the " + place.name + " space");
        const Id question = o.others.at({place.id, "QUESTION"});
        ask({"show", question.hex()}, reads(place), "show of the " + place.name + " space");
        if (reads(place))
            continue;
        std::string hidden = profile.cli({"show", question.hex()}).out;
        if (const size_t at = hidden.find(question.hex()); at != std::string::npos)
            hidden.replace(at, 32, o.missing.hex());
        tally.check("command line", hidden == missing.out, who + " is told of what is hidden: " + hidden);
    }
}

} // namespace

Tally checkCopies()
{
    Organisation o;
    Tally tally;
    for (const Who& who : o.everybody) {
        if (!who.active)
            continue;
        Profile profile(o, who.name);
        const auto reads = [&](const Place& place) { return o.standing(who, place) != Standing::None; };
        const auto forbidden = o.forbidden(who);
        tally.check("copies and search", profile.sync(who.token, forbidden) == 0, who.name + " was sent too much");
        for (const Place& place : o.places)
            checkShown(o, profile, place, reads(place), who.name, tally);
        for (const std::string& word : forbidden)
            tally.check("copies and search", !profile.holds(word), who.name + " has bytes of what is hidden");
        for (const Place& place : o.places)
            if (reads(place))
                tally.check("copies and search", profile.holds(place.word), "what is read is not found in the files");
        if (who.name == "stranger" || who.name == "admin" || who.name == "moderator")
            checkPrinted(o, profile, forbidden, reads, who.name, tally);
    }

    // One who reads a space until that is taken away, and hears of it when they come next.
    for (const v1::Role role : {v1::READER, v1::CONTRIBUTOR, v1::MODERATOR, v1::OWNER}) {
        const std::string name = "former " + v1::Role_Name(role);
        const Id person = o.addPerson(wordOf(name));
        const std::string token = o.enrol(person);
        const Place& place = o.place("private");
        o.setMember(place.id, person, role);
        Profile profile(o, name);
        (void)profile.sync(token, {});
        checkShown(o, profile, place, true, name + " before", tally);
        o.setMember(place.id, person, v1::ROLE_NONE);
        tally.check("copies and search", profile.sync(token, {place.word, place.staffWord}) == 0,
                    name + " was sent too much");
        checkShown(o, profile, place, false, name + " afterwards", tally);
        const auto reads = [&](const Place& each) {
            return standingIn(each.visibility, Standing::None) != Standing::None;
        };
        if (role == v1::CONTRIBUTOR)
            checkPrinted(o, profile, {place.word, place.staffWord}, reads, name, tally);
    }
    return tally;
}

} // namespace stoa::test
