// Bodies that are open, as transcripts.

#include "client/sync/syncer.h"
#include "shared/base/limits.h"
#include "tests/client/replica/text_desk.h"

using namespace stoa;
using namespace stoa::test;
using Message = v1::Envelope;

namespace {

// A replica with one question whose body is open, and a conversation at its head.
class OpenTalk {
public:
    explicit OpenTalk(uint32_t most = 2)
        : desk("one two", 5),
          syncer(
              *desk.replica, [this] { return desk.nowMs; }, [this] { return steadyMs; }),
          most_(most)
    {
        v1::Limits& limits = *welcome_.mutable_welcome()->mutable_limits();
        limits.set_push_changes_max(500);
        limits.set_push_bytes_max(1 << 20);
        limits.set_open_texts_max(most_);
    }

    SyncActions within(const std::function<void()>& work)
    {
        desk.within(work);
        return syncer.take();
    }
    SyncActions hear(const v1::Envelope& envelope)
    {
        return within([&] { syncer.received(envelope); });
    }
    SyncActions follow()
    {
        (void)within([&] { syncer.connected({}); });
        v1::Welcome& welcome = *welcome_.mutable_welcome();
        welcome.set_person(desk.me.str());
        welcome.set_organisation(desk.organisation.str());
        welcome.set_epoch(1);
        welcome.clear_feeds();
        for (const Feed& feed : {desk.directory(), desk.personal(), desk.space()}) {
            const FollowedFeed& held = *desk.replica->feed(feed);
            v1::FeedHead& head = *welcome.add_feeds();
            head.set_feed(feed.key());
            head.set_head(held.cursor);
            head.set_records(held.held);
            head.set_digest(held.digest.str());
        }
        return hear(welcome_);
    }
    SyncActions open(const Id& post)
    {
        return within([&] { syncer.openText(post); });
    }
    SyncActions close(const Id& post)
    {
        return within([&] { syncer.closeText(post); });
    }
    SyncActions revise(const std::vector<v1::Revision>& revisions)
    {
        v1::Envelope envelope;
        v1::Revisions& told = *envelope.mutable_revisions();
        told.set_post(desk.post.str());
        told.set_after(revisions.empty() ? 5 : revisions.front().after());
        for (const v1::Revision& each : revisions)
            *told.add_revisions() = each;
        return hear(envelope);
    }
    SyncActions sayUnknown()
    {
        v1::Envelope envelope;
        envelope.mutable_revisions()->set_post(desk.post.str());
        envelope.mutable_revisions()->set_unknown(true);
        return hear(envelope);
    }
    SyncActions serve(const std::string& body, uint64_t revision)
    {
        v1::Envelope envelope;
        *envelope.mutable_batch() = desk.batch(desk.space(), {desk.with(body, revision)});
        return hear(envelope);
    }
    SyncActions present(const std::vector<v1::Reader>& readers, bool isAll)
    {
        v1::Envelope envelope;
        v1::Present& told = *envelope.mutable_present();
        told.set_post(desk.post.str());
        told.set_all(isAll);
        for (const v1::Reader& each : readers)
            *told.add_readers() = each;
        return hear(envelope);
    }
    v1::Reader reader(uint32_t session, uint64_t revision, uint64_t place)
    {
        v1::Reader made;
        made.set_person(deriveId(1, "test", std::to_string(session)).str());
        made.set_session(session);
        made.set_revision(revision);
        made.set_from(place);
        made.set_to(place);
        return made;
    }
    static std::vector<v1::OpenText> opened(const SyncActions& actions)
    {
        std::vector<v1::OpenText> all;
        for (const v1::Envelope& envelope : actions.send)
            if (envelope.has_open_text())
                all.push_back(envelope.open_text());
        return all;
    }
    static bool says(const SyncActions& actions, Message::MessageCase kind)
    {
        return std::any_of(actions.send.begin(), actions.send.end(),
                           [&](const v1::Envelope& each) { return each.message_case() == kind; });
    }

    int64_t steadyMs = 0;
    Desk desk;
    Syncer syncer;

private:
    uint32_t most_;
    v1::Envelope welcome_;
};

} // namespace

TEST_CASE("a body is opened from the version that is here, in each conversation, until it is closed as often")
{
    OpenTalk talk;
    CHECK(talk.open(talk.desk.post).send.empty()); // nobody to ask
    auto asked = OpenTalk::opened(talk.follow());
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].post() == talk.desk.post.str());
    CHECK(asked[0].version().SerializeAsString() == version(5).SerializeAsString());
    CHECK(talk.open(talk.desk.post).send.empty()); // a second view
    CHECK(talk.revise({revision(5, 6, "one two", "one two three")}).send.empty());
    CHECK(talk.desk.shown() == "one two three");
    // Again after the network was gone, from where it stands by now.
    asked = OpenTalk::opened(talk.follow());
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].version().revision() == 6);
    CHECK(talk.close(talk.desk.post).send.empty());
    const SyncActions closed = talk.close(talk.desk.post);
    REQUIRE(closed.send.size() == 1);
    CHECK(closed.send[0].close_text().post() == talk.desk.post.str());
    // What was on its way is passed over.
    CHECK_FALSE(talk.revise({revision(6, 7, "one two three", "!one two three")}).ended);
    CHECK(talk.desk.shown() == "one two three");
    CHECK(OpenTalk::opened(talk.follow()).empty());
}

TEST_CASE("no more bodies are open than the server takes, and the next one when there is room")
{
    OpenTalk talk(1);
    v1::Record other = talk.desk.question("Other");
    REQUIRE(talk.desk.receive(talk.desk.space(), {other}) == Replica::Received::AtHead);
    (void)talk.follow();
    REQUIRE(OpenTalk::opened(talk.open(talk.desk.post)).size() == 1);
    CHECK(talk.open(idOf(other)).send.empty());
    const auto next = OpenTalk::opened(talk.close(talk.desk.post));
    REQUIRE(next.size() == 1);
    CHECK(next[0].post() == other.id());
    CHECK_FALSE(next[0].has_version()); // as it was created
}

TEST_CASE("a server that takes no open bodies is asked for none")
{
    OpenTalk talk(0);
    (void)talk.follow();
    CHECK(talk.open(talk.desk.post).send.empty());
}

TEST_CASE("a body that is not here yet is opened when it is")
{
    OpenTalk talk;
    (void)talk.follow();
    const v1::Record other = talk.desk.question("Other");
    CHECK(talk.open(idOf(other)).send.empty());
    v1::Envelope envelope;
    *envelope.mutable_batch() = talk.desk.batch(talk.desk.space(), {other});
    CHECK(OpenTalk::opened(talk.hear(envelope)).size() == 1);
}

TEST_CASE("a body that the server does not know is opened again from another version")
{
    OpenTalk talk;
    (void)talk.follow();
    (void)talk.open(talk.desk.post);
    SECTION("of which nothing is here beyond the record: when a record comes")
    {
        CHECK(talk.sayUnknown().send.empty());
        CHECK(talk.serve("one two", 5).send.empty());
        const auto asked = OpenTalk::opened(talk.serve("one 2", 6));
        REQUIRE(asked.size() == 1);
        CHECK(asked[0].version().revision() == 6);
    }
    SECTION("of which revisions are here that it does not know: from the record")
    {
        (void)talk.revise({revision(5, 6, "one two", "one two three")});
        const auto asked = OpenTalk::opened(talk.sayUnknown());
        REQUIRE(asked.size() == 1);
        CHECK(asked[0].version().revision() == 5);
        CHECK(talk.desk.shown() == "one two");
        CHECK(talk.sayUnknown().send.empty()); // not for ever
    }
}

TEST_CASE("one's own next change goes when the revision of the one before is here")
{
    OpenTalk talk;
    (void)talk.follow();
    (void)talk.open(talk.desk.post);
    const v1::Change first = talk.desk.edit("one two", "one two three");
    const SyncActions pushed = talk.within([&] {
        REQUIRE(talk.desk.replica->submit(first, {}));
        talk.syncer.pump();
    });
    REQUIRE(OpenTalk::says(pushed, Message::kPush));
    const SyncActions waits = talk.within([&] {
        REQUIRE(talk.desk.replica->submit(talk.desk.edit("one two three", "one two three four"), {}));
        talk.syncer.pump();
    });
    CHECK(waits.send.empty());
    v1::Envelope receipts;
    v1::Receipt& receipt = *receipts.mutable_receipts()->add_receipts();
    receipt.set_change(first.id());
    receipt.set_revision(6);
    CHECK(talk.hear(receipts).send.empty());
    const SyncActions next = talk.revise({revision(5, 6, "one two", "one two three", first.id())});
    REQUIRE(OpenTalk::says(next, Message::kPush));
    CHECK(talk.desk.shown() == "one two three four");
}

TEST_CASE("a server that makes things up about an open body is left")
{
    OpenTalk talk;
    (void)talk.follow();
    (void)talk.open(talk.desk.post);
    SECTION("what is no change")
    {
        v1::Revision bad = revision(5, 6, "one two", "one");
        bad.set_text("\x07garbage");
        const SyncActions actions = talk.revise({bad});
        REQUIRE(actions.ended);
        CHECK(actions.ended->code == v1::PROTOCOL);
    }
    SECTION("gaps: it is asked anew, and not for ever")
    {
        SyncActions actions = talk.revise({revision(7, 8, "one two", "one")});
        CHECK_FALSE(actions.ended);
        CHECK(OpenTalk::opened(actions).size() == 1);
        for (int i = 0; i < 20 && !actions.ended; ++i)
            actions = talk.revise({revision(7, 8, "one two", "one")});
        REQUIRE(actions.ended);
        CHECK(actions.ended->code == v1::PROTOCOL);
    }
    SECTION("revisions without end: the rest comes with the record")
    {
        const std::string large(limits::kMiB / 2, 'x');
        SyncActions actions;
        for (uint64_t number = 5; number < 40 && actions.send.empty(); ++number)
            actions = talk.revise({number % 2 == 1 ? revision(number, number + 1, TextChange().insert(large))
                                                   : revision(number, number + 1, TextChange().erase(large.size()))});
        CHECK_FALSE(actions.ended);
        CHECK(OpenTalk::says(actions, Message::kCloseText));
        CHECK(OpenTalk::opened(talk.serve("one two three", 60)).size() == 1);
    }
    SECTION("more readers than it may tell, nobodies, and places beyond any text")
    {
        std::vector<v1::Reader> many;
        for (uint32_t i = 1; i <= 100; ++i)
            many.push_back(talk.reader(i, 5, i == 1 ? UINT64_MAX : 2));
        many[1].set_person("nobody");
        const SyncActions actions = talk.present(many, true);
        REQUIRE(actions.present.size() == 1);
        CHECK(actions.present[0].readers.size() == limits::presentMax);
        CHECK(actions.present[0].readers[0].session == 3);
    }
    talk.desk.open();
    CHECK(talk.desk.replica->check().empty());
}

TEST_CASE("where others are is told of the text that shows, and only where that can be known")
{
    OpenTalk talk;
    (void)talk.follow();
    (void)talk.open(talk.desk.post);
    const auto placeOf = [](const SyncActions& actions) {
        REQUIRE(actions.present.size() == 1);
        REQUIRE(actions.present[0].readers.size() == 1);
        const TextReader& reader = actions.present[0].readers[0];
        return reader.placed ? int64_t(reader.to) : -1;
    };
    CHECK(placeOf(talk.present({talk.reader(3, 0, 0)}, true)) == -1);
    CHECK(placeOf(talk.present({talk.reader(3, 5, 4)}, false)) == 4);
    CHECK(talk.present({talk.reader(3, 5, 4)}, false).present.empty()); // nothing new
    // It moves with the text.
    CHECK(placeOf(talk.revise({revision(5, 6, "one two", "0 one two")})) == 6);
    // What was said of an older body, and of one that is not here yet.
    CHECK(placeOf(talk.present({talk.reader(3, 5, 0)}, false)) == 0);
    CHECK(placeOf(talk.present({talk.reader(3, 7, 1)}, false)) == -1);
    CHECK(placeOf(talk.revise({revision(6, 7, "0 one two", "0 one two!")})) == 1);
    // One's own text, which they do not have.
    const SyncActions mine = talk.within([&] {
        REQUIRE(talk.desk.replica->submit(talk.desk.edit("0 one two!", "and 0 one two!"), {}));
        talk.syncer.pump();
    });
    CHECK(placeOf(mine) == 5);
    // A record that says nothing of the revisions in between.
    CHECK(placeOf(talk.serve("something else", 9)) == -1);
    v1::Reader left = talk.reader(3, 0, 0);
    left.set_left(true);
    CHECK(talk.present({left}, false).present[0].readers.empty());
}

TEST_CASE("where the person is, is said of the server's body, and again in the next conversation")
{
    OpenTalk talk;
    (void)talk.follow();
    (void)talk.open(talk.desk.post);
    (void)talk.within([&] { REQUIRE(talk.desk.replica->submit(talk.desk.edit("one two", "and one two"), {})); });
    const auto said = [](const SyncActions& actions) -> std::optional<v1::Presence> {
        for (const v1::Envelope& each : actions.send)
            if (each.has_presence())
                return each.presence();
        return std::nullopt;
    };
    const auto now = said(talk.within([&] { talk.syncer.setPresence(talk.desk.post, 2, 8, true); }));
    REQUIRE(now);
    CHECK(now->revision() == 5);
    CHECK(now->from() == 0);
    CHECK(now->to() == 4);
    CHECK(now->writing());
    const auto again = said(talk.follow());
    REQUIRE(again);
    CHECK(again->to() == 4);
}

TEST_CASE("in a body that is closed nobody is any more, until it is opened again and who is there is told anew")
{
    OpenTalk talk;
    (void)talk.follow();
    (void)talk.open(talk.desk.post);
    REQUIRE(talk.present({talk.reader(3, 5, 4)}, true).present.size() == 1);
    const auto tellsOfNobody = [&](const SyncActions& actions) {
        return actions.present.size() == 1 && actions.present[0].post == talk.desk.post &&
               actions.present[0].readers.empty();
    };
    SECTION("it had more revisions than are kept without a record")
    {
        const std::string large(limits::kMiB / 2, 'x');
        SyncActions actions;
        for (uint64_t number = 5; number < 40 && !OpenTalk::says(actions, Message::kCloseText); ++number)
            actions = talk.revise({number % 2 == 1 ? revision(number, number + 1, TextChange().insert(large))
                                                   : revision(number, number + 1, TextChange().erase(large.size()))});
        REQUIRE(OpenTalk::says(actions, Message::kCloseText));
        CHECK(tellsOfNobody(actions));
    }
    SECTION("it went while a revision was on its way")
    {
        v1::Record gone = talk.desk.with("one two", 5);
        gone.set_deleted(true);
        v1::Envelope envelope;
        *envelope.mutable_batch() = talk.desk.batch(talk.desk.space(), {gone});
        (void)talk.hear(envelope);
        CHECK(tellsOfNobody(talk.revise({revision(5, 6, "one two", "one two three")})));
    }
    SECTION("the server does not know it")
    {
        CHECK(tellsOfNobody(talk.sayUnknown()));
    }
    CHECK(talk.present({talk.reader(4, 5, 4)}, false).present.empty()); // what was still on its way
}
