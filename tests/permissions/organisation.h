#pragma once

// An organisation in which everybody stands in some relation to everything: the real engine over the real store,
// people of every standing, spaces of every visibility, and in each of them a record of every kind, by others and
// by each of them. Every feed holds words that occur nowhere else, its canaries.

#include <memory>
#include <set>

#include "server/engine/engine.h"
#include "server/session/session.h"
#include "shared/base/limits.h"
#include "shared/wire/frame.h"
#include "tests/permissions/rehearsal.h"
#include "tests/permissions/rights.h"
#include "tests/scenario/changes.h"
#include "tests/support/temporary_directory.h"

namespace stoa::test {

struct Who {
    std::string name;
    Id person;
    std::string token;                // of their device
    Standing member = Standing::None; // in each space that has members
    bool admin = false;
    bool active = true;
    bool wasThere = true; // a member once of what is hidden from them now
};

struct Place {
    std::string name;
    Id id;
    v1::Visibility visibility = v1::PRIVATE;
    bool hasMembers = true; // else only olga is one
    std::string word;       // in every text of it
    std::string staffWord;
    Id staffRecord;
};

class Conversation;

class Organisation {
public:
    Organisation();
    ~Organisation();

    // ---- what is there
    std::vector<Who> everybody; // who asks
    std::vector<Place> places;
    Id organisation;
    Id olga; // somebody else: an owner everywhere
    Id cleo; // somebody of whom things are asked
    Id missing;

    const Who& who(const std::string& name) const;
    const Place& place(const std::string& name) const;
    // The record of that column: by somebody else, or by whoever owns it; where there is one.
    std::optional<Id> record(const Place& in, const std::string& column, const Who* owner) const;
    std::map<std::pair<Id, std::string>, Id> others, own, deleted, below;
    std::map<Id, Id> answers; // of questions that may accept one

    // ---- what the tables say
    Standing standing(const Who& who, const Place& in) const;
    bool reads(const Who& who, const Feed& feed) const;
    std::vector<Feed> feeds() const; // all that there are
    // Bytes that nobody may see who may not read the feed.
    std::vector<std::pair<std::string, Feed>> canaries() const;
    std::vector<std::string> forbidden(const Who& who) const;

    // ---- what happens
    Committed commit(const v1::Change& change, const Actor& actor);
    void order(const v1::Change& change) { (void)commit(change, {.server = true}); }
    Id addPerson(const std::string& login, bool admin = false);
    Id addSpace(const std::string& name, v1::Visibility visibility);
    void setMember(const Id& space, const Id& person, v1::Role role);
    v1::Change edited(const Id& target, v1::Field field, const v1::Value& value);
    v1::Change disabled(const Id& person);
    std::string enrol(const Id& person); // gives the device's token
    Id deviceOf(const std::string& token);
    std::vector<StoredVersion> versions(const Feed& feed);
    FeedState state(const Feed& feed);
    std::filesystem::path path() const { return directory_.path(); }

    int64_t nowMs = 1'700'000'000'000;
    Mint mint{1};
    TemporaryDirectory directory_;
    std::unique_ptr<RehearsalStore> store;
    std::unique_ptr<Engine> engine;
    // Of those who are disabled, begun before that: word has not reached them yet.
    std::map<std::string, std::unique_ptr<Conversation>> unaware;

private:
    void addEverybody();
    void fill(const Place& in);
    Id by(const Id& author, v1::Change change, const std::string& word);
    std::pair<Id, Id> addThread(const Place& in, const Id& author, v1::PostKind kind);
};

std::vector<v1::PostKind> postKinds();
// Sixteen letters that follow from the name and occur nowhere else.
std::string wordOf(const std::string& name);

// A device's conversation, with what the server would do for it done by hand. Every byte that comes is looked
// through for what this person may not read.
class Conversation {
public:
    Conversation(Organisation& organisation, std::vector<std::string> forbidden);

    void hello(const std::string& token);
    // Signs in; gives the Welcome.
    v1::Envelope enter(const std::string& token);
    void say(const v1::Envelope& envelope);
    void subscribe(const std::string& feed, uint64_t cursor);
    // And says to have read, under this number, what nobody wrote, and to wait for a change that nobody made.
    void subscribeFalsely(const std::string& feed, uint64_t cursor, uint64_t number);
    // What the engine makes of what was pushed and handed back until now; the receipts are on their way.
    std::vector<Committed> carryOut();
    void tell(const Committed& committed);

    std::vector<v1::Envelope> heard(); // since it was last asked

    std::unique_ptr<Session> session;
    size_t queuedBytes = 0;
    bool finished = false;
    int signedOut = 0;
    int leaked = 0; // envelopes that held what is forbidden
    std::vector<std::string> forbidden;
    std::string lastBytes;                          // what heard() gave last, as it came
    std::set<Id> open;                              // posts
    std::vector<std::pair<Id, v1::Reader>> present; // what the others are to hear of this person

private:
    Organisation& organisation_;
    std::unique_ptr<Snapshot> snapshot_;
    std::string bytes_;
    std::vector<Submission> submissions_;
    std::vector<v1::HandBack> handBacks_;
};

v1::Envelope pushOf(const v1::Change& change);

} // namespace stoa::test
