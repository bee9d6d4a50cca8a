// What lists show, in which order, and how they are read.

#include <algorithm>
#include <set>

#include <sqlite3.h>

#include "client/replica/reading.h"
#include "tests/client/replica/shelf.h"

using namespace stoa;
using namespace stoa::test;

namespace {

// A shelf with another person in it, and words for its posts.
class Lists : public Shelf {
public:
    Lists() { REQUIRE(receive(directory(), {person(them, "bob", "Bob")}) == Replica::Received::AtHead); }

    v1::Record person(const Id& id, const std::string& login, const std::string& name)
    {
        v1::Record made = record(id);
        made.mutable_person()->set_login(login);
        made.mutable_person()->set_name(name);
        return made;
    }
    v1::Record theirs(v1::Record made, int64_t ms)
    {
        made.set_author(them.str());
        made.set_created_ms(nowMs + ms);
        made.set_changed_ms(nowMs + ms);
        return made;
    }
    v1::Record asked(const std::string& title, int64_t ms, int score = 0, const std::vector<std::string>& tags = {})
    {
        v1::Record made = theirs(question(title), ms);
        made.mutable_source()->set_score(score);
        for (const std::string& tag : tags)
            made.mutable_post()->add_tags(tag);
        return made;
    }
    v1::Record page(const std::string& title, int64_t position = 0, const v1::Record* parent = nullptr)
    {
        v1::Record made = question(title);
        made.mutable_post()->set_kind(v1::PAGE);
        made.mutable_post()->set_position(position);
        if (parent) {
            made.mutable_post()->set_parent(parent->id());
            made.mutable_post()->set_root(parent->post().root());
        }
        return made;
    }
    v1::Record marked(const v1::Record& on, v1::MarkKind kind, int64_t value, const Id& by)
    {
        v1::Record mark = record(markId(idOf(on), by, kind));
        mark.mutable_mark()->set_kind(kind);
        mark.mutable_mark()->set_target(on.id());
        mark.mutable_mark()->set_person(by.str());
        mark.mutable_mark()->set_value(value);
        return mark;
    }
    v1::Record member(const Id& person, v1::Role role, std::vector<v1::Title> titles = {})
    {
        v1::Record made = record(id());
        made.mutable_membership()->set_space(spaceId.str());
        made.mutable_membership()->set_person(person.str());
        made.mutable_membership()->set_role(role);
        for (const v1::Title title : titles)
            made.mutable_membership()->add_titles(title);
        return made;
    }
    void here(const std::vector<v1::Record>& records)
    {
        REQUIRE(receive(space(), records) == Replica::Received::AtHead);
    }
    void bookmark(const v1::Record& post)
    {
        REQUIRE(receive(personal(), {marked(post, v1::BOOKMARK, 1, me)}) == Replica::Received::AtHead);
    }

    QStringList titles(const PostFilter& filter) { return titlesOf(posts(*read(), filter, {}, 100).rows); }
    static QStringList titlesOf(const QList<PostRow>& rows)
    {
        QStringList titles;
        for (const PostRow& row : rows)
            titles.append(row.title);
        return titles;
    }

    const Id them = deriveId(1, "test", "them");
};

QStringList words(const char* text)
{
    return QString::fromUtf8(text).split(QLatin1Char(' '));
}

PostFilter by(Order order)
{
    PostFilter filter;
    filter.order = order;
    return filter;
}

} // namespace

TEST_CASE("Questions come by activity, newest or score")
{
    Lists t;
    const v1::Record first = t.asked("first", 1, 5);
    const v1::Record second = t.asked("second", 2, 9);
    const v1::Record third = t.asked("third", 3, 1);
    t.here({first, second, third, t.theirs(t.below(first, v1::ANSWER, "So."), 4)});
    CHECK(t.titles(by(Order::Activity)) == words("first third second"));
    CHECK(t.titles(by(Order::Newest)) == words("third second first"));
    CHECK(t.titles(by(Order::Score)) == words("second first third"));
    // Votes count like imported scores.
    t.here({t.marked(first, v1::VOTE, 1, t.them)});
    CHECK(post(*t.read(), idOf(first))->score == 6);
}

TEST_CASE("Lists are narrowed by tag, to what has no answer, to one's own and to bookmarks")
{
    Lists t;
    v1::Record mine = t.asked("mine", 1, 0, {"qt"});
    mine.set_author(t.me.str());
    const v1::Record answered = t.asked("answered", 2, 0, {"qt", "c++"});
    const v1::Record open = t.asked("open", 3, 0, {"c++"});
    t.here({mine, answered, open, t.below(answered, v1::ANSWER, "So.")});
    t.bookmark(open);
    for (const Order order : {Order::Activity, Order::Newest, Order::Score}) {
        PostFilter filter = by(order);
        filter.tag = QStringLiteral("qt");
        QStringList found = t.titles(filter);
        found.sort();
        CHECK(found == words("answered mine"));
        filter.unanswered = true;
        CHECK(t.titles(filter) == words("mine"));
        filter.tag.clear();
        CHECK(t.titles(filter) == words("open mine"));
        filter.mine = true;
        CHECK(t.titles(filter) == words("mine"));
        filter.unanswered = false;
        CHECK(t.titles(filter) == words("mine"));
        filter.mine = false;
        filter.bookmarked = true;
        CHECK(t.titles(filter) == words("open"));
        filter.tag = QStringLiteral("qt");
        CHECK(t.titles(filter).isEmpty());
        filter.bookmarked = false;
        filter.tag = QStringLiteral("nobody used it");
        CHECK(t.titles(filter).isEmpty());
    }
}

TEST_CASE("Bookmarks hold pages and questions in one list")
{
    Lists t;
    const v1::Record page = t.page("page");
    const v1::Record question = t.asked("question", 5);
    t.here({page, question, t.page("other"), t.asked("another", 6)});
    t.bookmark(page);
    t.bookmark(question);
    for (const Order order : {Order::Activity, Order::Newest}) {
        PostFilter filter = by(order);
        filter.kind = v1::POST_NONE;
        filter.bookmarked = true;
        CHECK(t.titles(filter) == words("question page"));
        filter.space = t.spaceId;
        CHECK(t.titles(filter) == words("question page"));
        filter.bookmarked = false;
        CHECK(t.titles(filter).size() == 4);
    }
}

TEST_CASE("Answers, comments and sections are listed too, page by page")
{
    Lists t;
    const v1::Record question = t.asked("question", 1);
    std::vector<v1::Record> records{question};
    for (int i = 0; i < 25; ++i) {
        records.push_back(t.theirs(t.below(question, v1::ANSWER, "answer"), i));
        records.push_back(t.theirs(t.below(question, v1::COMMENT, "comment"), i));
        records.push_back(t.page("section", i));
        records.back().mutable_post()->set_kind(v1::SECTION);
    }
    t.here(records);
    for (const v1::PostKind kind : {v1::ANSWER, v1::COMMENT, v1::SECTION})
        for (const Order order : {Order::Activity, Order::Newest, Order::Score}) {
            PostFilter filter = by(order);
            filter.kind = kind;
            std::set<Id> seen;
            std::optional<PageKey> after;
            int count = 0;
            do {
                const PostPage page = posts(*t.read(), filter, after, 4);
                for (const PostRow& row : page.rows) {
                    CHECK(row.kind == kind);
                    seen.insert(row.id);
                    ++count;
                }
                after = page.next;
            } while (after);
            CHECK(seen.size() == 25);
            CHECK(count == 25);
        }
}

TEST_CASE("Page by page every row comes exactly once, also among equals and while others change")
{
    Lists t;
    std::vector<v1::Record> records;
    for (int i = 0; i < 200; ++i)
        records.push_back(t.asked("q" + std::to_string(i), i / 20, i % 3)); // many of one time and one score
    std::vector<v1::Record> all = records;
    for (int i = 0; i < 200; i += 2)
        all.push_back(t.theirs(t.below(records[size_t(i)], v1::ANSWER, "So."), 0));
    t.here(all);
    const auto reading = t.read();
    for (const Order order : {Order::Activity, Order::Newest, Order::Score}) {
        std::vector<Id> seen;
        std::optional<PageKey> after;
        int round = 0;
        do {
            const PostPage page = posts(*reading, by(order), after, 7);
            for (const PostRow& row : page.rows)
                seen.push_back(row.id);
            after = page.next;
            // Meanwhile others ask, and what was seen first gets an answer: both go to the top.
            ++round;
            t.here({t.asked("new", 1'000 + round, 1'000),
                    t.theirs(t.below(records[199], v1::COMMENT, "Hm."), 2'000 + round)});
        } while (after);
        for (const v1::Record& record : records)
            CHECK(std::count(seen.begin(), seen.end(), idOf(record)) == 1);
    }
}

TEST_CASE("A reader sees what was stored after it read before")
{
    Lists t;
    t.here({t.asked("one", 1)});
    const auto reading = t.read();
    CHECK(spaces(*reading).size() == 1);
    t.here({t.asked("two", 2)});
    CHECK(posts(*reading, {}, {}, 10).rows.size() == 2);
}

TEST_CASE("A list of several spaces is one list")
{
    Lists t;
    const Id other = t.id();
    const Feed feed{FeedKind::Space, other};
    v1::FeedHead head;
    head.set_feed(feed.key());
    t.within([&] { t.replica->follow(head); });
    v1::Record home = t.record(other);
    home.mutable_space()->set_name("Other");
    home.mutable_space()->set_visibility(v1::OPEN);
    v1::Record there = t.asked("there", 2);
    there.mutable_post()->set_space(other.str());
    REQUIRE(t.receive(feed, {home, there}) == Replica::Received::AtHead);
    t.here({t.asked("late", 3), t.asked("early", 1)});
    CHECK(t.titles(by(Order::Newest)) == words("late there early"));
    PostFilter here;
    here.space = t.spaceId;
    CHECK(t.titles(here) == words("late early"));
}

TEST_CASE("No list is read by a walk over all posts, nor sorts more than what few posts it gathered")
{
    Lists t;
    v1::Record mine = t.asked("mine", 1, 0, {"qt"});
    mine.set_author(t.me.str());
    t.here({mine, t.asked("theirs", 2)});
    t.bookmark(mine);
    const auto reading = t.read();
    for (const auto kind : {v1::POST_NONE, v1::SECTION, v1::PAGE, v1::QUESTION, v1::ANSWER, v1::COMMENT})
        for (const Order order : {Order::Activity, Order::Newest, Order::Score})
            for (int flags = 0; flags < 16; ++flags) {
                PostFilter filter = by(order);
                filter.kind = kind;
                filter.unanswered = flags & 1;
                filter.mine = flags & 2;
                filter.bookmarked = flags & 4;
                if (flags & 8)
                    filter.tag = QStringLiteral("qt");
                (void)posts(*reading, filter, {}, 5);
                (void)posts(*reading, filter, PageKey{1, 1}, 5);
            }
    (void)fresh(*reading, {}, 5);
    (void)unanswered(*reading, {}, 5);
    (void)pagesBelow(*reading, t.spaceId, {});
    (void)spaces(*reading);

    Database& database = reading->statements().database();
    std::vector<std::string> texts;
    for (sqlite3_stmt* at = sqlite3_next_stmt(database.handle(), nullptr); at;
         at = sqlite3_next_stmt(database.handle(), at))
        texts.emplace_back(sqlite3_sql(at));
    int lists = 0;
    for (const std::string& sql : texts) {
        if (sql.find("posts ") == std::string::npos)
            continue;
        const bool gathers =
            sql.find("FROM bookmarks b") != std::string::npos ||
            sql.find("FROM tags g CROSS JOIN post_tags t ON t.tag = g.tag CROSS JOIN posts p") != std::string::npos ||
            sql.find("FROM posts m") != std::string::npos;
        Statement plan(database, ("EXPLAIN QUERY PLAN " + sql).c_str());
        while (plan.step()) {
            const std::string step(plan.text(3));
            INFO(sql << "\n" << step);
            const bool scans = step.starts_with("SCAN") && step != "SCAN b";
            const bool sorts = step.find("TEMP B-TREE") != std::string::npos;
            CHECK_FALSE(scans);
            CHECK((!sorts || gathers));
            ++lists;
        }
    }
    CHECK(lists > 50);
}

TEST_CASE("A tag or an author with very many posts is filtered along the list, and shows the same")
{
    Lists t;
    // As if there were more than can be gathered.
    std::vector<v1::Record> records;
    for (int i = 0; i < 12; ++i)
        records.push_back(t.asked("q" + std::to_string(i), i, i, {i % 2 ? "odd" : "even"}));
    t.here(records);
    PostFilter odd;
    odd.tag = QStringLiteral("odd");
    const QStringList few = t.titles(odd);
    {
        t.close();
        Database database(t.path(), Database::Mode::Write);
        database.run("UPDATE tags SET posts = 1000000");
    }
    t.open();
    CHECK(t.titles(odd) == few);
    CHECK(few == words("q11 q9 q7 q5 q3 q1"));
    odd.order = Order::Score;
    CHECK(t.titles(odd) == few);
}

TEST_CASE("New is what others changed since one looked, and never what was there when the space came")
{
    Lists t;
    const v1::Record old = t.asked("old", -10);
    v1::Record own = t.asked("own", 10);
    own.set_author(t.me.str());
    const v1::Record early = t.asked("early", 10);
    const v1::Record late = t.asked("late", 20);
    t.here({old, own, early, late, t.theirs(t.below(old, v1::ANSWER, "So."), 15)});
    CHECK(t.titlesOf(fresh(*t.read(), t.spaceId, 10)) == words("late old early"));
    CHECK(space(*t.read(), t.spaceId)->fresh == 3);
    CHECK(t.titlesOf(fresh(*t.read(), {}, 1)) == words("late"));

    v1::Record seen = t.record(markId(t.spaceId, t.me, v1::SEEN));
    seen.mutable_mark()->set_kind(v1::SEEN);
    seen.mutable_mark()->set_target(t.spaceId.str());
    seen.mutable_mark()->set_person(t.me.str());
    seen.mutable_mark()->set_value(t.nowMs + 15);
    REQUIRE(t.receive(t.personal(), {seen}) == Replica::Received::AtHead);
    CHECK(t.titlesOf(fresh(*t.read(), t.spaceId, 10)) == words("late"));
    CHECK(space(*t.read(), t.spaceId)->fresh == 1);
}

TEST_CASE("What one did oneself to another's post is not new, and what others did to one's own is")
{
    Lists t;
    const auto changed = [&](v1::Record post, const Id& by, int64_t atMs) {
        v1::Writer& writer = *post.add_writers();
        writer.set_field(v1::POST_PARENT);
        writer.set_author(by.str());
        writer.set_time_ms(t.nowMs + atMs);
        post.set_changed_ms(t.nowMs + atMs);
        post.set_revision(post.revision() + 1);
        return post;
    };
    const v1::Record theirs = t.asked("theirs", -10);
    v1::Record mine = t.asked("mine", -10);
    mine.set_author(t.me.str());
    t.here({theirs, mine});
    CHECK(space(*t.read(), t.spaceId)->fresh == 0);

    t.here({changed(theirs, t.me, 30)}); // moved, or its text restored
    CHECK(t.titlesOf(fresh(*t.read(), t.spaceId, 10)).isEmpty());
    CHECK(space(*t.read(), t.spaceId)->fresh == 0);
    t.here({changed(mine, t.them, 40)});
    CHECK(t.titlesOf(fresh(*t.read(), t.spaceId, 10)) == words("mine"));
    t.here({changed(changed(theirs, t.me, 30), t.them, 50)});
    CHECK(t.titlesOf(fresh(*t.read(), t.spaceId, 10)) == words("theirs mine"));
    CHECK(space(*t.read(), t.spaceId)->fresh == 2);
}

TEST_CASE("Questions without an answer come newest first")
{
    Lists t;
    const v1::Record answered = t.asked("answered", 3);
    const v1::Record commented = t.asked("commented", 1);
    t.here({answered, commented, t.asked("open", 2), t.below(answered, v1::ANSWER, "So."),
            t.theirs(t.below(commented, v1::COMMENT, "Hm."), 9)});
    CHECK(t.titlesOf(unanswered(*t.read(), t.spaceId, 10)) == words("open commented"));
    CHECK(t.titlesOf(unanswered(*t.read(), {}, 1)) == words("open"));
    CHECK(space(*t.read(), t.spaceId)->unanswered == 2);
}

TEST_CASE("Members come by role and name, authors by how much they wrote")
{
    Lists t;
    const Id cleo = t.id();
    REQUIRE(t.receive(t.directory(), {t.person(cleo, "cleo", "Cleo")}) == Replica::Received::AtHead);
    t.here({t.member(t.me, v1::READER), t.member(t.them, v1::OWNER, {v1::LEADER, v1::EXPERT}),
            t.member(cleo, v1::READER), t.asked("one", 1), t.asked("two", 2)});
    v1::Record mine = t.asked("three", 3);
    mine.set_author(t.me.str());
    t.here({mine});
    const auto rows = members(*t.read(), t.spaceId, 10);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].name == QStringLiteral("Bob"));
    CHECK(rows[0].titles == QList<v1::Title>{v1::LEADER, v1::EXPERT});
    CHECK(rows[0].posts == 2);
    CHECK(rows[1].name == QStringLiteral("Ada"));
    CHECK(rows[2].name == QStringLiteral("Cleo"));
    const auto active = mostActive(*t.read(), t.spaceId, 10);
    REQUIRE(active.size() == 2);
    CHECK(active[0].name == QStringLiteral("Bob"));
    CHECK(active[1].role == v1::READER);
    CHECK(mostActive(*t.read(), t.spaceId, 1).size() == 1);
}

TEST_CASE("People are found by the beginning of a name or login, with or without accents")
{
    Lists t;
    REQUIRE(t.receive(t.directory(), {t.person(t.id(), "jm", "Jörg Müller"), t.person(t.id(), "zs", "Zoë Straße"),
                                      t.person(t.id(), "nguyen", "Nguyễn Văn Ân")}) == Replica::Received::AtHead);
    const auto names = [&](const char* typed) {
        QStringList found;
        for (const PersonRow& row : findPeople(*t.read(), QString::fromUtf8(typed), 10))
            found.append(row.login);
        return found;
    };
    for (const char* typed : {"muller", "Müller", "jorg", "JÖRG M", "jm"})
        CHECK(names(typed) == words("jm"));
    CHECK(names("strasse") == words("zs"));
    CHECK(names("zoe") == words("zs"));
    CHECK(names("nguyen van") == words("nguyen"));
    CHECK(names("uller").isEmpty());
    CHECK(names("%").isEmpty());
    CHECK(names("_").isEmpty());
}

TEST_CASE("Pages come by position and title, however many there are")
{
    Lists t;
    const v1::Record top = t.page("Top", 5);
    std::vector<v1::Record> records{top, t.page("zebra", 1), t.page("Apfel", 1), t.page("Birne", 1)};
    for (int i = 0; i < 6'000; ++i)
        records.push_back(t.page("child", i, &top));
    v1::Record section = t.page("section", -1, &top);
    section.mutable_post()->set_kind(v1::SECTION);
    records.push_back(section);
    records.push_back(t.below(top, v1::COMMENT, "Not in the tree"));
    t.here(records);
    t.bookmark(section);
    CHECK(t.titlesOf(pagesBelow(*t.read(), t.spaceId, {})) == words("Apfel Birne zebra Top"));
    const auto below = pagesBelow(*t.read(), t.spaceId, idOf(top));
    REQUIRE(below.size() == 6'001);
    CHECK(below[0].title == QStringLiteral("section"));
    CHECK(below[0].bookmarked);
    CHECK(below[0].parent == idOf(top));
    CHECK(below[0].root == idOf(top));
    CHECK(below[6'000].position == 5'999);

    v1::Record gone;
    gone.set_id(top.id());
    gone.set_revision(2);
    gone.set_deleted(true);
    t.here({gone});
    CHECK(pagesBelow(*t.read(), t.spaceId, idOf(top)).isEmpty());
}

TEST_CASE("The outbox has the words of a change as one would paste them, and where it belongs")
{
    Lists t;
    v1::Change change = t.ask("Why so?");
    change.mutable_create_post()->set_body("I wonder.");
    change.mutable_create_post()->add_tags("qt");
    change.mutable_create_post()->add_tags("c++");
    REQUIRE(t.submit(change));
    REQUIRE(t.submit(t.ask("Only a title")));
    const auto rows = outbox(*t.read(), 10);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].text == QStringLiteral("Why so?\n\nI wonder.\n\nqt c++"));
    CHECK(rows[0].title == QStringLiteral("Why so?"));
    CHECK(rows[0].spaceName == QStringLiteral("Lab"));
    CHECK(rows[0].post == *Id::from(change.target()));
    CHECK(rows[1].text == QStringLiteral("Only a title"));
}

TEST_CASE("Two posts of one text have different stamps, so that the index tells them apart")
{
    Lists t;
    t.here({t.asked("same", 1), t.asked("same", 1)});
    const auto stamps = indexStamps(*t.read(), 0, 10);
    REQUIRE(stamps.size() == 2);
    CHECK(stamps[0].stamp != stamps[1].stamp);
}

TEST_CASE("while the first read goes on only the newest questions are looked at for those without an answer")
{
    Lists lists;
    std::vector<v1::Record> records;
    for (int i = 0; i < 1'020; ++i) {
        records.push_back(lists.asked("Question " + std::to_string(i), i));
        if (i >= 10 && i < 1'017)
            records.push_back(lists.theirs(lists.below(records.back(), v1::ANSWER, "Because"), i));
    }
    REQUIRE(lists.receive(lists.space(), records) == Replica::Received::AtHead);
    CHECK(unanswered(*lists.read(), lists.spaceId, 100).size() == 13);
    {
        Database database(lists.path(), Database::Mode::Write);
        for (const char* index : {"creation", "score", "change", "author"})
            database.run((std::string("DROP INDEX posts_by_") + index).c_str());
        database.run("DROP INDEX posts_values");
        database.run("DROP INDEX posts_unanswered");
    }
    const QList<PostRow> newest = unanswered(*lists.read(), lists.spaceId, 100);
    REQUIRE(newest.size() == 3);
    CHECK(newest.first().title == QStringLiteral("Question 1019"));
}
