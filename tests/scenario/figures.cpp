#include "tests/scenario/figures.h"

#include <array>
#include <map>

#include "client/replica/replica.h"

namespace stoa::test {

namespace {

// The projections, as text: what counting anew must come to as well.
std::string dump(const std::string& path)
{
    Database database(path, Database::Mode::Read);
    std::string all;
    const auto add = [&](const char* sql) {
        Statement read(database, sql);
        while (read.step()) {
            for (int column = 0; column < 20; ++column)
                all += std::string(read.text(column)) + '|';
            all += '\n';
        }
        all += "--\n";
    };
    add("SELECT feed, hex(id), name, visibility, pages, questions, answers, comments, unanswered, people FROM spaces "
        "WHERE name <> '' OR pages + questions + answers + comments + people > 0 ORDER BY feed");
    add("SELECT hex(id), login, name, disabled, admin FROM people ORDER BY id");
    add("SELECT feed, hex(person), role, hex(titles) FROM members ORDER BY feed, person");
    add("SELECT feed, hex(person), posts FROM authors WHERE posts <> 0 ORDER BY feed, person");
    add("SELECT hex(r.id), p.kind, p.parent, p.root, hex(p.author), p.created_ms, p.changed_ms, p.score, "
        "p.imported_score, p.answers, p.comments, p.children, p.position, hex(p.accepted), p.title, p.head, p.tags, "
        "hex(p.changer) "
        "FROM posts p JOIN records r ON r.row = p.row WHERE p.kind <> 0 ORDER BY r.id, p.feed");
    add("SELECT text, posts FROM tags WHERE posts <> 0 ORDER BY feed, text");
    add("SELECT t.text, hex(r.id) FROM post_tags pt JOIN tags t ON t.tag = pt.tag JOIN records r ON r.row = pt.row "
        "ORDER BY 1, 2");
    add("SELECT hex(target) FROM bookmarks ORDER BY target");
    return all;
}

std::string countedAnew(const std::string& path, const std::string& copy)
{
    {
        Database source(path, Database::Mode::Read);
        source.run(("VACUUM INTO '" + copy + "'").c_str());
    }
    {
        Database database(copy, Database::Mode::Write);
        database.run("UPDATE meta SET value = '0' WHERE key = 'projections'");
    }
    Replica(copy, [] { return int64_t{0}; });
    return dump(copy);
}

// Each post's score, answers and comments by reading every record, against what the projections say. In each feed by
// itself: a changed client can give one id to two posts.
std::string miscounted(const std::string& path)
{
    Database database(path, Database::Mode::Read);
    std::map<std::pair<int64_t, std::string>, std::array<int64_t, 3>> counted; // by feed and post
    Statement records(database, "SELECT bytes, feed FROM records WHERE bytes IS NOT NULL AND deleted = 0");
    while (records.step()) {
        v1::Record record;
        record.ParseFromString(std::string(records.text(0)));
        const int64_t feed = records.number(1);
        if (record.has_mark() && record.mark().kind() == v1::VOTE)
            counted[{feed, record.mark().target()}][0] += record.mark().value();
        if (record.post().kind() == v1::ANSWER)
            ++counted[{feed, record.post().parent()}][1];
        if (record.post().kind() == v1::COMMENT)
            ++counted[{feed, record.post().parent()}][2];
    }
    std::string wrong;
    Statement posts(database,
                    "SELECT r.id, p.score, p.answers, p.comments, r.feed FROM posts p JOIN records r ON r.row = p.row "
                    "WHERE p.kind <> 0");
    while (posts.step()) {
        const std::array<int64_t, 3> kept{posts.number(1), posts.number(2), posts.number(3)};
        if (counted[{posts.number(4), std::string(posts.text(0))}] != kept)
            wrong += "the figures of " + toHex(posts.text(0)) + " are not what its records come to\n";
    }
    return wrong;
}

} // namespace

std::string wrongFigures(const std::string& path, const std::string& scratch)
{
    std::string wrong = miscounted(path);
    if (dump(path) != countedAnew(path, scratch))
        wrong += "figures differ from counting anew\n";
    return wrong;
}

} // namespace stoa::test
