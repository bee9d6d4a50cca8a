#include "tests/permissions/matrix.h"

#include "tests/permissions/asking.h"

namespace stoa::test {

void checkHandBacks(Organisation& o, Tally& tally)
{
    // Versions that bear true seals and numbers that the new epoch lost: the worst that a device can have.
    struct Old {
        std::string what;
        Feed feed;
        v1::Version version;
        bool isTaken; // from who may read the feed
    };
    std::vector<Old> all;
    const auto add = [&](const std::string& what, const Feed& feed, const v1::Record& record, bool isTaken) {
        Old old{.what = what, .feed = feed, .version = {}, .isTaken = isTaken};
        const uint64_t head = std::max(o.state(feed).head, uint64_t{1} << limits::epochShift);
        old.version.set_number(head + 1 + all.size());
        old.version.set_record(record.SerializeAsString());
        old.version.set_seal(
            o.engine->seal(feed, old.version.number(), *Id::from(record.id()), old.version.record(), o.nowMs));
        all.push_back(std::move(old));
    };
    const auto version = [&](const Id& id, const Id& author) {
        v1::Record record;
        record.set_id(id.str());
        record.set_revision(9);
        record.set_author(author.str());
        record.set_created_ms(o.nowMs);
        record.set_changed_ms(o.nowMs);
        return record;
    };
    const auto find = [&](const Id& id) { return *o.store->begin()->find(id)->record; };
    const Who& removed = o.who("removed-member");
    std::map<Id, std::pair<Id, Id>> comeBack; // by space: a post by who was removed, and one that was deleted
    for (const Place& place : o.places) {
        const Feed feed{FeedKind::Space, place.id};
        v1::Record post = version(o.mint.id(o.nowMs), removed.person);
        post.mutable_post()->set_kind(v1::QUESTION);
        post.mutable_post()->set_space(place.id.str());
        post.mutable_post()->set_root(post.id());
        post.mutable_post()->set_title("text " + place.word);
        add("a post" + in(place), feed, post, true);
        v1::Record gone = version(o.others.at({place.id, "SECTION"}), {});
        gone.clear_author();
        gone.set_deleted(true);
        add("a tombstone" + in(place), feed, gone, true);
        comeBack[place.id] = {*Id::from(post.id()), *Id::from(gone.id())};
        v1::Record vote = version(markId(o.others.at({place.id, "PAGE"}), o.cleo, v1::VOTE), o.cleo);
        vote.mutable_mark()->set_kind(v1::VOTE);
        vote.mutable_mark()->set_target(o.others.at({place.id, "PAGE"}).str());
        vote.mutable_mark()->set_person(o.cleo.str());
        vote.mutable_mark()->set_value(1);
        add("a vote" + in(place), feed, vote, true);
        v1::Record member = version(membershipId(place.id, removed.person), removed.person);
        member.mutable_membership()->set_space(place.id.str());
        member.mutable_membership()->set_person(removed.person.str());
        member.mutable_membership()->set_role(v1::OWNER);
        add("a membership" + in(place), feed, member, false);
        v1::Record space = find(place.id);
        space.mutable_space()->set_visibility(v1::OPEN);
        add("the space, open," + in(place), feed, space, true);
        v1::Record page = version(o.mint.id(o.nowMs), o.olga);
        page.mutable_post()->set_kind(v1::PAGE);
        page.mutable_post()->set_title(place.staffWord);
        add("the staff's page" + in(place), {FeedKind::Staff, place.id}, page, true);
    }
    v1::Record admin = find(removed.person);
    admin.mutable_person()->set_admin(true);
    add("an admin", {FeedKind::Directory, o.organisation}, admin, false);
    add("the organisation", {FeedKind::Directory, o.organisation}, find(o.organisation), false);
    for (const Feed& feed : o.feeds()) {
        if (feed.kind != FeedKind::Person)
            continue;
        const Id on = o.others.at({o.places[0].id, "ANSWER"});
        v1::Record mark = version(markId(on, feed.owner, v1::BOOKMARK), feed.owner);
        mark.mutable_mark()->set_kind(v1::BOOKMARK);
        mark.mutable_mark()->set_target(on.str());
        mark.mutable_mark()->set_person(feed.owner.str());
        mark.mutable_mark()->set_value(1);
        add("a bookmark", feed, mark, true);
    }
    o.engine->beginEpoch(o.engine->epoch() + 1);

    const auto handBack = [](const Old& old) {
        v1::Envelope envelope;
        envelope.mutable_hand_back()->set_feed(old.feed.key());
        *envelope.mutable_hand_back()->add_versions() = old.version;
        return envelope;
    };
    o.store->rehearsing = true;
    for (const Who& who : o.everybody) {
        if (!who.active)
            continue;
        Conversation talk(o, o.forbidden(who));
        (void)talk.enter(who.token);
        for (const Old& old : all) {
            talk.say(handBack(old));
            const auto committed = talk.carryOut();
            const auto heard = talk.heard();
            const bool taken = o.reads(who, old.feed) && old.isTaken;
            bool right = heard.size() == 1 && heard[0].handed_back().taken() == (taken ? 1 : 0) &&
                         heard[0].handed_back().not_taken() == (taken ? 0 : 1) && talk.leaked == 0 &&
                         committed.size() == 1 && committed[0].news.size() == (taken ? 1 : 0) &&
                         !committed[0].rightsAltered;
            tally.check("handing back", right, who.name + " hands back " + old.what + ":" + said(heard));
        }
        // A seal that is not this server's, or another version's: the same answer whatever it is of.
        std::string answer;
        std::vector<Old> forged = all;
        forged.push_back(all.front());
        forged.back().feed = {FeedKind::Space, o.missing};
        for (size_t i = 0; i < forged.size(); ++i) {
            Old old = forged[i];
            if (i % 2 == 0)
                old.version.mutable_seal()->back() ^= 1;
            else
                old.version.set_number(old.version.number() + 1);
            Conversation liar(o, o.forbidden(who));
            (void)liar.enter(who.token);
            liar.say(handBack(old));
            const auto committed = liar.carryOut();
            const auto heard = liar.heard();
            if (answer.empty())
                answer = liar.lastBytes;
            tally.check("handing back",
                        heard.size() == 1 && heard[0].goodbye().why().code() == v1::PROTOCOL &&
                            liar.lastBytes == answer && committed.size() == 1 && committed[0].news.empty(),
                        who.name + " forges " + old.what + ":" + said(heard));
        }
    }
    o.store->rehearsing = false;

    // What somebody else handed back first must not answer those who may not read it.
    for (const Old& old : all) {
        v1::HandBack message = handBack(old).hand_back();
        if (old.feed.kind == FeedKind::Space)
            (void)o.engine->handBack(o.olga, message);
    }
    o.store->rehearsing = true;
    for (const Who& who : o.everybody) {
        if (!who.active)
            continue;
        Conversation talk(o, o.forbidden(who));
        (void)talk.enter(who.token);
        for (const Place& place : o.places) {
            const auto ask = [&](v1::Change change, v1::Change ofNothing, const std::string& what) {
                ofNothing.set_id(change.id());
                const auto push = [&](const v1::Change& each) {
                    talk.say(pushOf(each));
                    (void)talk.carryOut();
                    (void)talk.heard();
                    return talk.lastBytes;
                };
                if (o.standing(who, place) == Standing::None)
                    tally.check("handing back", push(change) == push(ofNothing) && talk.leaked == 0,
                                who.name + ": " + what + in(place) + " is answered unlike what is missing");
            };
            const auto& [post, gone] = comeBack.at(place.id);
            ask(o.mint.remove(gone, o.nowMs), o.mint.remove(o.missing, o.nowMs), "deletes again what came back");
            v1::Change written = o.mint.post(v1::QUESTION, place.id, {}, "text " + place.word, o.nowMs);
            written.set_target(post.str());
            ask(written, o.mint.post(v1::QUESTION, o.missing, {}, "text", o.nowMs), "writes again what came back");
        }
    }
    o.store->rehearsing = false;
}

} // namespace stoa::test
