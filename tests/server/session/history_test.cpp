// The history of a body, page by page.

#include <random>

#include "tests/server/session/room.h"

namespace stoa {

namespace {

// All of it, the oldest first.
std::vector<v1::Revision> wholeHistory(Room::Talk& talk, const Id& post, uint32_t count = 0)
{
    std::vector<v1::Revision> all;
    for (uint64_t before = 0;;) {
        const v1::RevisionPage page = talk.history(post, before, count);
        CHECK(page.post() == post.view());
        CHECK(page.before() == before);
        CHECK(size_t(page.revisions_size()) <= (count ? count : limits::revisionPageMax));
        CHECK(page.ByteSizeLong() < 2 * limits::batchBytes);
        for (const v1::Revision& each : page.revisions()) {
            CHECK((before == 0 || each.version().revision() < before));
            CHECK(each.device().empty());
            before = each.version().revision();
            all.push_back(each);
        }
        REQUIRE((page.first() || page.revisions_size() > 0));
        if (page.first())
            break;
    }
    std::ranges::reverse(all);
    return all;
}

// What they make of nothing, one after another.
std::string bodyOf(std::span<const v1::Revision> revisions)
{
    std::string body;
    for (const v1::Revision& each : revisions) {
        if (each.after() == each.version().revision())
            body.clear(); // it inserts all
        body = *applyTo(body, *decode(each.text()));
    }
    return body;
}

} // namespace

TEST_CASE("a history of a thousand revisions is read page by page, and tells every body that there was")
{
    std::mt19937 dice(7);
    Room w;
    Room::Talk& talk = w.enter(w.ben);
    talk.open(w.record());
    talk.bodies.push_back(w.body());
    while (talk.bodies.size() <= 1'000) {
        const v1::Record base = w.present();
        const size_t length = base.post().body().size();
        std::vector<v1::Change> changes;
        for (int i = 0; i < 50; ++i) {
            const size_t at = dice() % (length + 1);
            changes.push_back(w.textOver(base, replace(at, std::min<size_t>(length - at, dice() % 4),
                                                       std::string(1 + dice() % 4, static_cast<char>('a' + i % 26)))));
        }
        w.makeAll(changes, {.person = dice() % 2 == 0 ? w.ada : w.ben});
        talk.follow();
    }
    const std::vector<std::string>& bodies = talk.bodies;
    const auto history = wholeHistory(talk, w.page);
    REQUIRE(history.size() == bodies.size());
    for (size_t i = 0; i < bodies.size(); i += 37)
        REQUIRE(bodyOf(std::span(history).first(i + 1)) == bodies[i]);
    CHECK(bodyOf(history) == bodies.back());
    CHECK(history.front().version().revision() == 0);
    CHECK(history.front().author() == w.ada.view());
    CHECK(history.front().time_ms() == w.record().created_ms());
    CHECK(wholeHistory(talk, w.page, 300).size() == history.size());
    CHECK(talk.history(w.page, 0, 1).revisions_size() == 1);
    CHECK_FALSE(talk.history(w.page, 0, 1).first());
    CHECK(talk.history(w.page, UINT64_MAX, 3).revisions_size() == 3);
    CHECK(talk.history(w.page, 1).first());
}

TEST_CASE("a page holds little of what is long, and at least one")
{
    Room w;
    for (int i = 0; i < 8; ++i)
        w.write(0, 0, std::string(100'000, static_cast<char>('a' + i)), w.ada);
    w.write(0, 800'000, std::string(700'000, 'x'), w.ada);
    Room::Talk& talk = w.enter(w.ben);
    CHECK(talk.history(w.page).revisions_size() == 1);
    std::vector<v1::Revision> all;
    for (uint64_t next = 0;;) {
        const v1::RevisionPage page = talk.history(w.page, next);
        REQUIRE(page.revisions_size() > 0);
        CHECK(page.revisions_size() <= 3);
        for (const v1::Revision& each : page.revisions())
            all.insert(all.begin(), each);
        next = all.front().version().revision();
        if (page.first())
            break;
    }
    CHECK(all.size() == 10);
    CHECK(bodyOf(all) == w.presentBody());
}

TEST_CASE("a page that nobody changed has no history, and looks like one that is not there")
{
    Room w;
    Room::Talk& talk = w.enter(w.ben);
    v1::RevisionPage none = talk.history(w.page);
    CHECK(none.revisions().empty());
    CHECK(none.first());
    w.write(0, 0, "a", w.ada);
    CHECK(talk.history(w.page).revisions_size() == 2);
    const Id missing = newId(1, w.random);
    none.set_post(missing.str());
    CHECK(talk.history(missing).SerializeAsString() == none.SerializeAsString());
    w.setVisibility(v1::PRIVATE);
    while (talk.take()) {}
    none.set_post(w.page.str());
    CHECK(talk.history(w.page).SerializeAsString() == none.SerializeAsString());
}

TEST_CASE("an imported body is in the history, and so is one that came back after a restore")
{
    Room w;
    w.make(w.importedBody("1 two three"), {.server = true, .import = true});
    const v1::Record before = w.record();
    v1::Revision revision;
    revision.set_after(before.post().body_version().revision());
    revision.mutable_version()->set_revision(revision.after() + 2);
    revision.mutable_version()->set_seal(std::string(16, 's'));
    revision.set_change(newId(1, w.random).str());
    revision.set_author(w.ben.str());
    revision.set_text(encode(replace(2, 3, "2")));
    const v1::Record lost = withRevisions(before, {&revision, 1});
    const uint64_t head = w.state().head;
    w.engine->beginEpoch(2);
    CHECK(w.handBack(lost, head + 5, w.ben).answer.taken() == 1);
    w.write(0, 1, "one", w.ben);
    Room::Talk& talk = w.enter(w.ada);
    const auto history = wholeHistory(talk, w.page);
    REQUIRE(history.size() == 4);
    CHECK(bodyOf(std::span(history).first(1)) == "one two three");
    CHECK(bodyOf(std::span(history).first(2)) == "1 two three");
    // What led to it was lost: it stands as a whole, by who wrote it last.
    CHECK(history[2].version().revision() == lost.post().body_version().revision());
    CHECK(history[2].after() == history[2].version().revision());
    CHECK(history[2].author() == w.ben.view());
    CHECK(bodyOf(std::span(history).first(3)) == "1 2 three");
    CHECK(history[3].after() == history[2].version().revision());
    CHECK(bodyOf(history) == "one 2 three");
    w.requireWhole();
}

TEST_CASE("whatever is told while many write comes to the record, and so does the history")
{
    std::mt19937 dice(11);
    const auto below = [&](size_t limit) { return limit == 0 ? 0 : dice() % limit; };
    Room w;
    std::vector<v1::Record> seen{w.record()};
    Room::Talk& first = w.enter(w.ben);
    first.open(w.record());
    std::vector<Room::Talk*> all{&first};
    for (int i = 0; i < 150; ++i) {
        const v1::Record& base = seen[seen.size() - 1 - below(std::min<size_t>(seen.size(), 6))];
        const size_t length = base.post().body().size();
        const size_t at = below(length + 1);
        w.make(w.textOver(base, replace(at, below(std::min<size_t>(length - at + 1, 4)),
                                        std::string(below(4), static_cast<char>('a' + i % 26)))),
               {.person = below(2) == 0 ? w.ada : w.ben});
        w.nowMs += static_cast<int64_t>(below(2'500));
        w.tell(w.engine->publishTexts());
        if (below(3) == 0)
            seen.push_back(w.record());
        if (i % 30 == 29) {
            all.push_back(&w.enter(w.ada));
            all.back()->open(seen[below(seen.size())]);
        }
        Room::Talk& one = *all[below(all.size())];
        one.queuedBytes = below(3) == 0 ? limits::bulkBelowBytes : 0;
        if (one.queuedBytes == 0)
            one.takesAll();
        for (Room::Talk* each : all)
            each->follow();
    }
    for (Room::Talk* each : all) {
        each->takesAll();
        each->follow();
        CHECK(each->body.SerializeAsString() == w.present().SerializeAsString());
    }
    CHECK(bodyOf(wholeHistory(first, w.page)) == w.presentBody());
}

} // namespace stoa
