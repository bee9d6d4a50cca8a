#include "tests/permissions/matrix.h"

#include "tests/permissions/asking.h"

namespace stoa::test {

namespace {

enum class Loss { Removed, Closed, Disabled, Erased };

// One who may read a space, until that is taken away.
void loseIt(Organisation& o, Tally& tally, v1::Role role, Loss loss)
{
    const std::string name = v1::Role_Name(role) + (loss == Loss::Removed    ? " removed"
                                                    : loss == Loss::Closed   ? " shut out by the space's visibility"
                                                    : loss == Loss::Disabled ? " disabled"
                                                                             : " erased");
    const bool ends = loss == Loss::Disabled || loss == Loss::Erased;
    const auto check = [&](bool right, const std::string& what, const std::vector<v1::Envelope>& heard) {
        tally.check("losses", right, name + ": " + what + said(heard));
    };
    const std::string before = wordOf("before " + name), after = wordOf("after " + name);
    const std::string login = wordOf(o.mint.id(o.nowMs).str());
    const Id person = o.addPerson(login);
    const std::string token = o.enrol(person);
    const v1::Visibility visibility = loss != Loss::Closed ? v1::PRIVATE
                                    : role == v1::READER   ? v1::RESTRICTED
                                                           : v1::OPEN;
    const Id space = o.addSpace("Space", visibility);
    if (loss != Loss::Closed)
        o.setMember(space, person, role);
    const Feed feed{FeedKind::Space, space}, staff{FeedKind::Staff, space};
    const bool isStaff = loss != Loss::Closed && role >= v1::MODERATOR;
    const auto post = [&](const std::string& word, const Id& author) {
        v1::Change made = o.mint.post(v1::QUESTION, space, {}, word, o.nowMs);
        made.mutable_origin()->set_author(author.str());
        return made;
    };
    const v1::Change others = post(before, o.olga), own = post(before, person);
    (void)o.commit(others, {.server = true, .import = true});
    (void)o.commit(own, {.server = true, .import = true});

    Conversation talk(o, {after}), slow(o, {after}), quiet(o, {after});
    for (Conversation* each : {&talk, &slow, &quiet}) {
        const v1::Envelope welcome = each->enter(token);
        const auto& told = welcome.welcome().feeds();
        const auto isTold = [&](const Feed& of) {
            return std::any_of(told.begin(), told.end(), [&](const auto& head) { return head.feed() == of.key(); });
        };
        check(isTold(feed) && isTold(staff) == isStaff, "is told what may be read", {welcome});
    }
    slow.queuedBytes = limits::bulkBelowBytes; // takes nothing of the bulk for now
    for (Conversation* each : {&talk, &slow, &quiet}) {
        each->subscribe(feed.key(), 0);
        each->subscribe(staff.key(), 0);
    }
    (void)quiet.heard(); // and says nothing more
    const auto read = talk.heard();
    check(!read.empty() && isOf(read[0], feed) && read[0].batch().versions_size() >= 3, "reads", read);
    check(slow.heard().empty(), "a slow one waits", {});
    const std::vector<StoredVersion> had = o.versions(feed);

    const Feed directory{FeedKind::Directory, o.organisation};
    Conversation earlier(o, {login});
    (void)earlier.enter(o.who("stranger").token);
    earlier.subscribe(directory.key(), 0);
    check(earlier.heard().size() == 1 && earlier.leaked == 1, "is named in the list of people", {});

    v1::Value closed;
    closed.set_number(v1::PRIVATE);
    const Committed lost = loss == Loss::Erased
                             ? o.engine->erasePerson(person)
                             : o.commit(loss == Loss::Removed  ? o.mint.member(space, person, v1::ROLE_NONE, o.nowMs)
                                        : loss == Loss::Closed ? o.edited(space, v1::SPACE_VISIBILITY, closed)
                                                               : o.disabled(person),
                                        {.server = true});
    const Committed later = o.commit(post(after, o.olga), {.server = true, .import = true});

    // Word of it is still under way: nothing of it may be read already.
    talk.subscribe(feed.key(), 0);
    check(talk.heard().empty(), "reads again before hearing of it", {});
    talk.subscribeFalsely(feed.key(), had.back().number, had.back().number);
    check(talk.heard().empty(), "says to have read before hearing of it", {});
    slow.queuedBytes = 0;
    slow.session->drained();
    check(slow.heard().empty(), "a slow one goes on before hearing of it", {});

    // What waited on the device is refused one by one, as if nothing were there.
    const Id otherPost = *Id::from(others.target()), ownPost = *Id::from(own.target());
    std::vector<v1::Change> queue{o.mint.post(v1::QUESTION, space, {}, "mine", o.nowMs),
                                  o.mint.post(v1::ANSWER, space, otherPost, "mine", o.nowMs),
                                  o.mint.mark(v1::VOTE, otherPost, person, 1, o.nowMs),
                                  o.mint.mark(v1::BOOKMARK, otherPost, person, 1, o.nowMs),
                                  o.mint.mark(v1::SEEN, space, person, o.nowMs, o.nowMs),
                                  o.mint.edit(ownPost, v1::POST_TITLE, "mine", {}, o.nowMs),
                                  o.mint.remove(ownPost, o.nowMs),
                                  o.mint.member(space, person, v1::OWNER, o.nowMs)};
    for (const v1::Change& change : queue) {
        talk.say(pushOf(change));
        (void)talk.carryOut();
        const auto heard = talk.heard();
        const bool refused = heard.size() == 1 && heard[0].receipts().receipts_size() == 1 &&
                             heard[0].receipts().receipts(0).refusal().code() == v1::NOT_FOUND &&
                             heard[0].receipts().receipts(0).effects_size() == 0;
        check(refused, "pushes what waited", heard);
    }

    // What was had goes nowhere, however well it is sealed.
    v1::Envelope handBack;
    handBack.mutable_hand_back()->set_feed(feed.key());
    for (const StoredVersion& version : had) {
        v1::Version& each = *handBack.mutable_hand_back()->add_versions();
        each.set_number(version.number);
        each.set_seal(version.seal);
        each.set_record(version.bytes);
    }
    talk.say(handBack);
    (void)talk.carryOut();
    const auto handed = talk.heard();
    check(handed.size() == 1 && handed[0].handed_back().taken() == 0 &&
              handed[0].handed_back().not_taken() == had.size(),
          "hands back", handed);

    for (Conversation* each : {&talk, &slow, &quiet}) {
        each->tell(lost);
        const auto heard = each->heard();
        if (ends) {
            check(heard.size() == 1 && heard[0].goodbye().why().code() == v1::PERSON_DISABLED_NOW && each->finished,
                  "hears the end", heard);
        } else {
            std::set<std::string> named, wanted{feed.key()};
            if (isStaff)
                wanted.insert(staff.key());
            for (const v1::Envelope& one : heard)
                named.insert(one.feeds().lost().begin(), one.feeds().lost().end());
            check(heard.size() == 1 && named == wanted && heard[0].feeds().feeds_size() == 0, "hears what is lost",
                  heard);
        }
        each->tell(later);
        check(each->heard().empty(), "hears nothing later", {});
        each->subscribe(feed.key(), 0);
        each->subscribe(staff.key(), 0);
        each->session->drained();
        check(each->heard().empty(), "reads nothing later", {});
        check(each->leaked == 0, "was sent nothing of what came later", {});
    }

    Conversation again(o, {after});
    again.hello(token);
    const auto heard = again.heard();
    if (ends) {
        const v1::Code why = loss == Loss::Erased ? v1::TOKEN_UNKNOWN : v1::PERSON_DISABLED_NOW;
        check(heard.size() == 1 && heard[0].goodbye().why().code() == why, "comes again", heard);
    }
    if (loss == Loss::Erased) {
        // Whoever reads the list of people, from the start or as news, finds no name.
        Conversation newcomer(o, {login}), listener(o, {login});
        (void)newcomer.enter(o.who("stranger").token);
        newcomer.subscribe(directory.key(), 0);
        check(newcomer.heard().size() == 1 && newcomer.leaked == 0, "is named to who reads the list of people", {});
        (void)listener.enter(o.who("admin").token);
        listener.subscribe(directory.key(), o.state(directory).head - 1);
        const auto told = listener.heard();
        check(told.size() == 1 && isOf(told[0], directory) && told[0].batch().versions_size() >= 1 &&
                  listener.leaked == 0,
              "is named in the news", told);
    }
    if (ends)
        return;
    const auto& told = heard[0].welcome().feeds();
    check(heard.size() == 1 &&
              std::none_of(told.begin(), told.end(),
                           [&](const auto& head) { return head.feed() == feed.key() || head.feed() == staff.key(); }),
          "comes again", heard);
    again.subscribe(feed.key(), had.back().number);
    const auto answer = again.heard();
    check(answer.size() == 1 && answer[0].feeds().lost_size() == 1 && answer[0].feeds().lost(0) == feed.key(),
          "asks where it stood", answer);
    check(again.leaked == 0, "was sent nothing of what came later", answer);

    // Let in again, all of it is there once.
    const Committed back = o.commit(o.mint.member(space, person, v1::READER, o.nowMs), {.server = true});
    again.forbidden.clear();
    again.tell(back);
    const auto given = again.heard();
    check(given.size() == 1 && given[0].feeds().feeds_size() == 1 && given[0].feeds().feeds(0).feed() == feed.key(),
          "is let in again", given);
    again.subscribe(feed.key(), 0);
    const auto all = again.heard();
    check(all.size() == 1 && isOf(all[0], feed) && all[0].batch().last() &&
              uint64_t(all[0].batch().versions_size()) == o.state(feed).records,
          "reads it again", all);
}

// A lower role takes the feed for the staff and leaves the space's.
void lowerIt(Organisation& o, Tally& tally, v1::Role from, v1::Role to)
{
    const std::string name = v1::Role_Name(from) + " made " + v1::Role_Name(to);
    const Id person = o.addPerson(wordOf(o.mint.id(o.nowMs).str()));
    const Id space = o.addSpace("Space", v1::PRIVATE);
    o.setMember(space, person, from);
    const Feed feed{FeedKind::Space, space}, staff{FeedKind::Staff, space};
    Conversation talk(o, {});
    (void)talk.enter(o.enrol(person));
    talk.subscribe(feed.key(), 0);
    talk.subscribe(staff.key(), 0);
    (void)talk.heard();
    talk.tell(o.commit(o.mint.member(space, person, to, o.nowMs), {.server = true}));
    const auto heard = talk.heard();
    const bool isTaken = from >= v1::MODERATOR && to < v1::MODERATOR;
    const bool isGiven = from < v1::MODERATOR && to >= v1::MODERATOR;
    int lost = 0, given = 0, batches = 0;
    for (const v1::Envelope& each : heard) {
        lost += each.feeds().lost_size() == 1 && each.feeds().lost(0) == staff.key();
        given += each.feeds().feeds_size() == 1 && each.feeds().feeds(0).feed() == staff.key();
        batches += isOf(each, feed);
    }
    tally.check("losses", lost == isTaken && given == isGiven && batches == 1, name + ":" + said(heard));
    talk.subscribe(staff.key(), 0);
    const auto read = talk.heard();
    tally.check("losses", to >= v1::MODERATOR ? read.size() == 1 && isOf(read[0], staff) : read.empty(),
                name + " reads the feed for the staff:" + said(read));
}

} // namespace

void checkLosses(Organisation& o, Tally& tally)
{
    const v1::Role roles[] = {v1::READER, v1::CONTRIBUTOR, v1::MODERATOR, v1::OWNER};
    for (const v1::Role role : roles) {
        loseIt(o, tally, role, Loss::Removed);
        loseIt(o, tally, role, Loss::Disabled);
        loseIt(o, tally, role, Loss::Erased);
        if (role <= v1::CONTRIBUTOR)
            loseIt(o, tally, role, Loss::Closed);
        for (const v1::Role to : roles)
            if (to != role)
                lowerIt(o, tally, role, to);
    }
    // Who is disabled and was in the middle of a conversation is let go when word comes.
    for (const auto& [name, talk] : o.unaware) {
        talk->session->rightsAltered();
        const auto heard = talk->heard();
        tally.check("losses",
                    heard.size() == 1 && heard[0].goodbye().why().code() == v1::PERSON_DISABLED_NOW && talk->finished,
                    name + " hears the end:" + said(heard));
    }
}

} // namespace stoa::test
