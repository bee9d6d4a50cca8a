// Bodies that are sent as they are written.

#include "tests/server/session/room.h"

namespace stoa {

TEST_CASE("who has a page open is sent each revision once and in order, and comes to the record that follows")
{
    Room w;
    const v1::Record created = w.record();
    Room::Talk& ada = w.enter(w.ada);
    Room::Talk& ben = w.enter(w.ben);
    ada.open(created);
    CHECK(ada.follow() == 0);
    w.write(0, 0, "a", w.ada); // the record takes its number at once
    w.write(1, 0, "b", w.ben); // and lacks these
    w.write(2, 0, "c", w.ada);
    ben.open(created); // as it was created
    CHECK(ben.follow() == 3);
    w.write(3, 0, "d", w.ben);
    Room::Talk& late = w.enter(w.ada);
    late.open(w.record()); // as its record has it
    CHECK(late.follow() == 3);
    // Over a body that is not the newest: what is sent follows on all the same.
    w.make(w.textOver(created, replace(13, 0, "!")), {.person = w.ben});
    w.write(0, 1, "", w.ada);

    CHECK(ada.follow() == 6);
    CHECK(ada.authors ==
          std::vector{w.ada.str(), w.ben.str(), w.ada.str(), w.ben.str(), w.ben.str(), w.ada.str()}); // also one's own
    CHECK(ben.follow() == 3);
    CHECK(late.follow() == 2);
    w.nowMs += limits::publishLatestMs;
    w.tell(w.engine->publishTexts());
    CHECK(w.record().post().body() == "bcdone two three!");
    for (const Room::Talk* each : {&ada, &ben, &late})
        CHECK(each->body.SerializeAsString() == w.record().SerializeAsString());
    for (const auto& talk : w.talks)
        CHECK(talk->silent());
}

TEST_CASE("the same bytes go to all who have a page open, and none to who has closed it")
{
    Room w;
    Room::Talk& ada = w.enter(w.ada);
    Room::Talk& ben = w.enter(w.ben);
    Room::Talk& gone = w.enter(w.ben);
    for (Room::Talk* each : {&ada, &ben, &gone}) {
        each->open(w.record());
        each->follow();
    }
    gone.close(w.page);
    gone.close(w.page);
    w.write(0, 0, "a", w.ada);
    CHECK(ada.framesSent.back() == ben.framesSent.back());
    CHECK(ada.follow() == 1);
    CHECK(gone.silent());
    CHECK(gone.watched.empty());
    CHECK(ben.watched == std::set{w.page});
}

TEST_CASE("many revisions of one commit come in one message, much of them in several, each following on")
{
    Room w;
    Room::Talk& talk = w.enter(w.ben);
    talk.open(w.record());
    CHECK(talk.follow() == 0);
    const v1::Record base = w.record();
    std::vector<v1::Change> changes;
    for (int i = 0; i < 20; ++i)
        changes.push_back(w.textOver(base, replace(0, 0, std::string(1, static_cast<char>('a' + i)))));
    const Committed small = w.makeAll(changes, {.person = w.ada});
    CHECK(small.texts.size() == 1);
    CHECK(talk.follow() == 20);
    changes.clear();
    for (int i = 0; i < 6; ++i)
        changes.push_back(w.textOver(base, replace(0, 0, std::string(100'000, 'x'))));
    const Committed large = w.makeAll(changes, {.person = w.ada});
    CHECK(large.texts.size() == 3);
    CHECK(talk.follow() == 6);
    CHECK(talk.body.SerializeAsString() == w.present().SerializeAsString());
}

TEST_CASE("of a version that is unknown, a post that is not there, and one that may not be read the same is said")
{
    Room w;
    const Id hidden = w.post(v1::PAGE, "hidden", w.ada);
    w.write(0, 0, "a", w.ada);
    w.write(0, 0, "b", w.ada);
    Room::Talk& talk = w.enter(w.ben);
    v1::TextVersion version = w.revisions()[0].version();
    Id post = w.page;
    SECTION("a number that was never given")
    {
        version.set_revision(version.revision() + 7);
    }
    SECTION("a number beyond all")
    {
        version.set_revision(UINT64_MAX);
    }
    SECTION("another line")
    {
        version.mutable_seal()->back() ^= 1;
    }
    SECTION("another line at the newest")
    {
        version = w.present().post().body_version();
        version.mutable_seal()->back() ^= 1;
    }
    SECTION("nothing")
    {
        post = newId(1, w.random);
    }
    SECTION("no post")
    {
        post = w.ada;
    }
    SECTION("deleted")
    {
        v1::Change deletion = w.change(w.page);
        deletion.mutable_delete_();
        w.make(deletion, {.person = w.ada});
    }
    SECTION("in a space of others")
    {
        w.setVisibility(v1::PRIVATE);
        CHECK(talk.take()->feeds().lost_size() > 0);
        post = hidden;
        version.Clear();
    }
    talk.open(post.str(), version);
    CHECK(talk.isEnded(post));
    CHECK(talk.silent());
    CHECK(talk.watched.empty());
    w.tell(w.engine->publishTexts());
    CHECK(talk.silent());
}

TEST_CASE("an open page that is opened anew begins from the version that is named")
{
    Room w;
    const v1::Record created = w.record();
    Room::Talk& talk = w.enter(w.ben);
    talk.open(created);
    w.write(0, 0, "a", w.ada);
    w.write(0, 0, "b", w.ada);
    CHECK(talk.follow() == 2);
    talk.open(created);
    CHECK(talk.follow() == 2);
    w.write(0, 0, "c", w.ada);
    CHECK(talk.follow() == 1);
    CHECK(talk.body.post().body() == "cbaone two three");
    // From a version that is unknown it is open no more.
    v1::TextVersion version = w.record().post().body_version();
    version.mutable_seal()->back() ^= 1;
    talk.open(w.page.str(), version);
    CHECK(talk.isEnded(w.page));
    CHECK(talk.watched.empty());
}

TEST_CASE("a conversation has so many posts open; one more is as if it were not there, until another is closed")
{
    Room w;
    Room::Talk& talk = w.enter(w.ben);
    std::vector<Id> posts;
    for (size_t i = 0; i <= limits::openTextsMax; ++i)
        posts.push_back(w.post(v1::PAGE, "page", w.ada));
    for (const Id& post : posts) {
        talk.open(post.str(), {});
        CHECK(talk.revisions().unknown() == (post == posts.back()));
    }
    talk.open(posts.front().str(), {}); // anew
    CHECK_FALSE(talk.revisions().unknown());
    talk.close(posts.front());
    talk.open(posts.back().str(), {});
    CHECK_FALSE(talk.revisions().unknown());
    CHECK(talk.watched.size() == limits::openTextsMax);
}

TEST_CASE("who takes nothing is sent nothing, and all that was missed when they take again")
{
    Room w;
    Room::Talk& slow = w.enter(w.ben);
    slow.open(w.record());
    CHECK(slow.follow() == 0);
    slow.queuedBytes = limits::bulkBelowBytes;
    for (int i = 0; i < 5; ++i)
        w.write(0, 0, "a", w.ada);
    CHECK(slow.silent());
    slow.takesAll();
    CHECK(slow.follow() == 5);
    w.write(0, 0, "b", w.ada);
    CHECK(slow.follow() == 1);

    // Also where it is much: no more waits than may.
    slow.queuedBytes = limits::bulkBelowBytes;
    for (int i = 0; i < 20; ++i) {
        w.write(i % 2 == 0 ? 0 : 10, i % 2 == 0 ? 0 : 100'000, i % 2 == 0 ? std::string(100'000, 'x') : "", w.ada);
        w.write(0, 0, std::string(60'000, 'y'), w.ada);
        w.write(0, 60'000, "", w.ada);
    }
    CHECK(slow.silent());
    size_t followed = 0;
    for (int round = 0; round < 50 && followed < 60; ++round) {
        slow.queuedBytes = 0;
        slow.framesSent.clear();
        slow.session->drained();
        followed += slow.follow();
    }
    CHECK(followed == 60);
    CHECK(slow.body.SerializeAsString() == w.present().SerializeAsString());
    w.write(0, 0, "c", w.ada);
    CHECK(slow.follow() == 1);
}

TEST_CASE("a right that goes closes what is open, ahead of what the same commit made, and before word of it comes")
{
    Room w;
    Room::Talk& ada = w.enter(w.ada);
    Room::Talk& ben = w.enter(w.ben);
    w.role(w.ada, v1::OWNER);
    w.role(w.ben, v1::READER);
    w.setVisibility(v1::PRIVATE);
    for (Room::Talk* each : {&ada, &ben}) {
        while (each->take()) {}
        each->open(w.record());
        each->follow();
    }
    const auto remove = [&] {
        v1::Change made = w.change(membershipId(w.space, w.ben));
        made.mutable_set_membership()->set_space(w.space.str());
        made.mutable_set_membership()->set_person(w.ben.str());
        return made;
    };
    SECTION("with word of it")
    {
        const v1::Change text = w.textOver(w.present(), replace(0, 0, "secret"));
        Submission both[2] = {{.actor = {.person = w.ada}, .changes = {}}, {.actor = {.server = true}, .changes = {}}};
        both[0].changes.emplace_back().set_change(text.SerializeAsString());
        both[1].changes.emplace_back().set_change(remove().SerializeAsString());
        w.tell(w.engine->submit(both));
        CHECK(ben.take()->feeds().lost_size() == 1);
        CHECK(ben.isEnded(w.page));
        CHECK(ada.follow() == 1);
    }
    SECTION("while word of it is under way")
    {
        ben.queuedBytes = limits::bulkBelowBytes;
        w.write(0, 0, "seen", w.ada); // read from the store later
        const v1::Change made = remove();
        Submission submission{.actor = {.server = true}, .changes = {}};
        submission.changes.emplace_back().set_change(made.SerializeAsString());
        const Committed lost = w.engine->submit({&submission, 1});
        ben.takesAll();
        CHECK(ben.silent());
        Room::Talk& other = w.enter(w.ben);
        other.open(w.page.str(), {});
        CHECK(other.isEnded(w.page));
        CHECK(ben.history(w.page).revisions().empty());
        w.tell(lost);
        CHECK(ben.take()->feeds().lost_size() == 1);
        CHECK(ben.isEnded(w.page));
    }
    CHECK(ben.watched.empty());
    w.write(0, 0, "later", w.ada);
    ben.takesAll();
    CHECK(ben.silent());
}

TEST_CASE("what is deleted ends, and so does everything of who is shut out")
{
    Room w;
    Room::Talk& ben = w.enter(w.ben);
    ben.open(w.record());
    w.write(0, 0, "a", w.ada);
    CHECK(ben.follow() == 1);
    SECTION("the page")
    {
        v1::Change deletion = w.change(w.page);
        deletion.mutable_delete_();
        // Written and deleted in one commit.
        w.makeAll({w.textOver(w.present(), replace(0, 0, "b")), deletion}, {.person = w.ada});
        CHECK(ben.isEnded(w.page));
    }
    SECTION("the person")
    {
        v1::Change made = w.change(w.ben);
        v1::FieldEdit& edit = *made.mutable_edit()->add_fields();
        edit.set_field(v1::PERSON_DISABLED);
        edit.mutable_value()->set_number(1);
        w.make(made, {.server = true});
        CHECK(ben.take()->goodbye().why().code() == v1::PERSON_DISABLED_NOW);
    }
    SECTION("the conversation")
    {
        ben.session->ended();
    }
    CHECK(ben.silent());
    CHECK(ben.watched.empty());
}

TEST_CASE("where a body came back after a restore, those who had another open hear that it is unknown")
{
    Room w;
    w.write(0, 3, "1", w.ada);
    const v1::Record before = w.record();
    // What was lost after it, as somebody else still has it.
    v1::Revision revision;
    revision.set_after(before.post().body_version().revision());
    revision.mutable_version()->set_revision(revision.after() + 1);
    revision.mutable_version()->set_seal(std::string(16, 's'));
    revision.set_change(newId(1, w.random).str());
    revision.set_author(w.ben.str());
    revision.set_text(encode(replace(2, 3, "2")));
    const v1::Record lost = withRevisions(before, {&revision, 1});
    const uint64_t head = w.state().head;
    w.engine->beginEpoch(2);
    Room::Talk& ada = w.enter(w.ada);
    Room::Talk& ben = w.enter(w.ben);
    ada.open(before);
    CHECK(ada.follow() == 0);
    ben.open(w.page.str(), lost.post().body_version());
    CHECK(ben.isEnded(w.page));
    w.tell(w.handBack(lost, head + 5, w.ben).committed);
    Room::Talk& late = w.enter(w.ada);
    late.open(before.id(), before.post().body_version()); // nothing is newer, but the record is
    CHECK(late.isEnded(w.page));
    ben.open(lost);
    CHECK(ben.follow() == 0);
    CHECK(ada.silent());
    w.write(0, 1, "one", w.ben);
    CHECK(ben.follow() == 1);
    CHECK(ada.isEnded(w.page)); // nobody knows what lies between
    ada.open(w.record());
    CHECK(ada.follow() == w.revisions(w.page, w.record().post().body_version().revision()).size());
    // From before it nobody comes over.
    ada.open(before.id(), before.post().body_version());
    CHECK(ada.isEnded(w.page));
}

} // namespace stoa
