// Posts: lists, trees and threads.

#include <algorithm>

#include "client/replica/reading.h"
#include "shared/base/limits.h"
#include "shared/markup/plain.h"

namespace stoa {

namespace {

constexpr qsizetype excerptCharacters = 200;
constexpr int threadPostsMax = 5'000;
constexpr int tagRowsMax = 2'000; // a rarer tag's posts are gathered, a more frequent one's are filtered

struct Found {
    int64_t value = 0;
    int64_t row = 0;
};

QStringList tagsOf(const QString& joined)
{
    return joined.isEmpty() ? QStringList() : joined.split(QLatin1Char('\n'));
}

Id idOfRow(const Reading& reading, int64_t row)
{
    Statement& read = reading.statements()("SELECT id FROM records WHERE row = ?").bind(row);
    const Id id = read.step() ? idAt(read, 0) : Id{};
    read.reset();
    return id;
}

std::optional<int64_t> postRow(const Reading& reading, const Id& id)
{
    Statement& read =
        reading.statements()("SELECT p.row FROM records r JOIN posts p ON p.row = r.row WHERE r.id = ? AND "
                             "p.kind <> 0");
    read.bindBlob(id.view());
    const auto row = read.step() ? std::optional(read.number(0)) : std::nullopt;
    read.reset();
    return row;
}

// Whether everything above it is there: children of what is missing or deleted are hidden.
bool isShown(const Reading& reading, int64_t parent)
{
    for (size_t depth = 0; parent > 0 && depth <= limits::pathDepthMax + 2; ++depth) {
        Statement& read = reading.statements()("SELECT parent FROM posts WHERE row = ? AND kind <> 0").bind(parent);
        const bool there = read.step();
        parent = there ? read.number(0) : 0;
        read.reset();
        if (!there)
            return false;
    }
    return true;
}

QString excerptOf(const QString& head)
{
    QString plain = QString::fromStdString(plainText(head.toStdString())).simplified();
    if (plain.size() <= excerptCharacters)
        return plain;
    qsizetype cut = excerptCharacters;
    if (plain.at(cut - 1).isHighSurrogate())
        --cut;
    plain.truncate(cut);
    return plain.trimmed() + QChar(0x2026);
}

int valueOfMark(const Reading& reading, const Id& target, const Id& me, v1::MarkKind kind)
{
    const auto mark = VisibleReader(reading.statements()).find(markId(target, me, kind));
    return mark && mark->record->has_mark() ? int(mark->record->mark().value()) : 0;
}

std::optional<PostRow> load(const Reading& reading, int64_t row, const Id& me)
{
    Statement& read = reading.statements()(
        "SELECT r.id, p.kind, p.parent, p.root, p.author, pe.name, p.created_ms, p.changed_ms, p.active_ms, p.score, "
        "p.imported_score, p.answers, p.comments, p.children, p.position, p.accepted, p.title, p.head, p.tags, f.key "
        "FROM posts p JOIN records r ON r.row = p.row JOIN feeds f ON f.feed = p.feed LEFT JOIN people pe ON "
        "pe.id = p.author WHERE p.row = ? AND p.kind <> 0");
    read.bind(row);
    if (!read.step())
        return std::nullopt;
    PostRow post;
    post.id = idAt(read, 0);
    post.kind = v1::PostKind(read.number(1));
    const int64_t parent = read.number(2);
    const int64_t root = read.number(3);
    post.author = idAt(read, 4);
    post.authorName = text(read, 5);
    post.createdMs = read.number(6);
    post.changedMs = read.number(7);
    post.activeMs = read.number(8);
    post.score = int(read.number(9));
    post.importedScore = int(read.number(10));
    post.answers = int(read.number(11));
    post.comments = int(read.number(12));
    post.children = int(read.number(13));
    post.position = read.number(14);
    post.accepted = idAt(read, 15);
    post.title = text(read, 16);
    const QString head = text(read, 17);
    post.tags = tagsOf(text(read, 18));
    if (const auto feed = Feed::from(read.text(19)))
        post.space = feed->owner;
    read.reset();
    if (!isShown(reading, parent))
        return std::nullopt;
    post.excerpt = excerptOf(head);
    post.parent = parent > 0 ? idOfRow(reading, parent) : Id{};
    post.root = root == row ? post.id : idOfRow(reading, root);
    if (root != row && (post.kind == v1::ANSWER || post.kind == v1::COMMENT)) {
        Statement& above = reading.statements()("SELECT title FROM posts WHERE row = ?").bind(root);
        if (above.step())
            post.title = text(above, 0);
        above.reset();
    }
    Statement& pending =
        reading.statements()("SELECT max(state) FROM outbox WHERE target = ?").bindBlob(post.id.view());
    if (pending.step() && !pending.isNull(0)) {
        post.pending = true;
        post.refused = pending.number(0) >= int(ChangeState::Refused);
    }
    pending.reset();
    post.myVote = valueOfMark(reading, post.id, me, v1::VOTE);
    Statement& kept = reading.statements()("SELECT 1 FROM bookmarks WHERE target = ?").bindBlob(post.id.view());
    post.bookmarked = kept.step();
    kept.reset();
    return post;
}

PostText withBody(const Reading& reading, PostRow row)
{
    const Id id = row.id;
    return {std::move(row), body(reading, id)};
}

// Rows directly below, not yet sorted.
QList<PostRow> below(const Reading& reading, int64_t parent, std::initializer_list<v1::PostKind> kinds, int limit)
{
    std::vector<int64_t> rows;
    for (const v1::PostKind kind : kinds) {
        Statement& read = reading.statements()("SELECT row FROM posts WHERE parent = ? AND kind = ? LIMIT ?");
        read.bind(parent).bind(int64_t(kind)).bind(int64_t{limit});
        while (read.step())
            rows.push_back(read.number(0));
    }
    const Id me = signedInPerson(reading);
    QList<PostRow> posts;
    for (const int64_t row : rows)
        if (auto post = load(reading, row, me))
            posts.append(std::move(*post));
    return posts;
}

const char* columnOf(Order order)
{
    switch (order) {
    case Order::Activity:
        return "p.active_ms";
    case Order::Newest:
        return "p.created_ms";
    case Order::Score:
        return "p.score";
    }
    return "p.active_ms";
}

struct ListQuery {
    std::string from;  // FROM and WHERE
    int64_t tag = 0;   // bound first, where there is one
    bool mine = false; // bound last
};

// Nothing where no post can fit, as for a tag that nobody used.
std::optional<ListQuery> listQuery(const Reading& reading, const PostFilter& filter, int64_t feed)
{
    ListQuery query;
    query.mine = filter.mine;
    std::string where = " WHERE p.feed = ?2 AND p.kind IN (2, 3) AND p.kind = ?3";
    query.from = " FROM posts p";
    if (!filter.tag.isEmpty()) {
        Statement& read = reading.statements()("SELECT tag, posts FROM tags WHERE feed = ? AND text = ?");
        read.bind(feed).bind(filter.tag.toStdString());
        const bool known = read.step();
        query.tag = known ? read.number(0) : 0;
        const bool rare = known && read.number(1) < tagRowsMax;
        read.reset();
        if (!known)
            return std::nullopt;
        if (rare) {
            query.from = " FROM post_tags t CROSS JOIN posts p ON p.row = t.row";
            where += " AND t.tag = ?1";
        } else {
            where += " AND EXISTS (SELECT 1 FROM post_tags t WHERE t.tag = ?1 AND t.row = p.row)";
        }
    }
    if (filter.bookmarked) {
        query.from = " FROM bookmarks b CROSS JOIN records r ON r.id = b.target CROSS JOIN posts p ON p.row = r.row";
        if (query.tag != 0)
            where += " AND EXISTS (SELECT 1 FROM post_tags t WHERE t.tag = ?1 AND t.row = p.row)";
    }
    if (filter.unanswered)
        where += " AND p.kind = 3 AND p.answers = 0";
    if (filter.mine)
        where += " AND p.author = ?4";
    query.from += where;
    return query;
}

std::vector<Found> find(const Reading& reading, const PostFilter& filter, int64_t feed,
                        const std::optional<PageKey>& after, int limit)
{
    std::vector<Found> found;
    const auto query = listQuery(reading, filter, feed);
    if (!query)
        return found;
    const std::string column = columnOf(filter.order);
    std::string sql = "SELECT " + column + ", p.row" + query->from;
    if (after)
        sql += " AND (" + column + ", p.row) < (?5, ?6)";
    sql += " ORDER BY " + column + " DESC, p.row DESC LIMIT ?7";
    Statement& read = reading.statements()(reading.statements().keep(std::move(sql)));
    read.bind(query->tag).bind(feed).bind(int64_t(filter.kind));
    read.bindBlob(signedInPerson(reading).view());
    read.bind(int64_t(after ? after->value : 0)).bind(int64_t(after ? after->row : 0)).bind(int64_t{limit});
    while (read.step())
        found.push_back({read.number(0), read.number(1)});
    return found;
}

std::vector<int64_t> feedsOf(const Reading& reading, const std::optional<Id>& space)
{
    if (!space)
        return spaceFeeds(reading);
    const auto feed = feedRow(reading, *space);
    return feed ? std::vector{*feed} : std::vector<int64_t>();
}

} // namespace

PostPage posts(const Reading& reading, const PostFilter& filter, std::optional<PageKey> after, int limit)
{
    std::vector<Found> found;
    for (const int64_t feed : feedsOf(reading, filter.space))
        for (const Found& each : find(reading, filter, feed, after, limit + 1))
            found.push_back(each);
    std::sort(found.begin(), found.end(),
              [](const Found& a, const Found& b) { return std::pair(a.value, a.row) > std::pair(b.value, b.row); });
    PostPage page;
    if (found.size() > size_t(limit)) {
        found.resize(size_t(limit));
        page.next = PageKey{found.back().value, found.back().row};
    }
    const Id me = signedInPerson(reading);
    for (const Found& each : found)
        if (auto post = load(reading, each.row, me))
            page.rows.append(std::move(*post));
    return page;
}

int countPosts(const Reading& reading, const PostFilter& filter, int most)
{
    int count = 0;
    for (const int64_t feed : feedsOf(reading, filter.space)) {
        const auto query = listQuery(reading, filter, feed);
        if (!query)
            continue;
        std::string sql = "SELECT count(*) FROM (SELECT 1" + query->from + " LIMIT ?5)";
        Statement& read = reading.statements()(reading.statements().keep(std::move(sql)));
        read.bind(query->tag).bind(feed).bind(int64_t(filter.kind));
        read.bindBlob(signedInPerson(reading).view()).bind(int64_t{most - count});
        if (read.step())
            count += int(read.number(0));
        read.reset();
        if (count >= most)
            break;
    }
    return count;
}

std::optional<PostRow> post(const Reading& reading, const Id& id)
{
    const auto row = postRow(reading, id);
    return row ? load(reading, *row, signedInPerson(reading)) : std::nullopt;
}

QList<PostRow> postsByIds(const Reading& reading, const QList<Id>& ids)
{
    QList<PostRow> rows;
    for (const Id& id : ids)
        if (auto row = post(reading, id))
            rows.append(std::move(*row));
    return rows;
}

QString body(const Reading& reading, const Id& post)
{
    const auto found = record(reading, post);
    return found && found->has_post() ? QString::fromStdString(found->post().body()) : QString();
}

QList<PostRow> pagesBelow(const Reading& reading, const Id& space, const Id& parent)
{
    const auto above = parent.isNull() ? feedRow(reading, space) : postRow(reading, parent);
    if (!above)
        return {};
    QList<PostRow> rows = below(reading, parent.isNull() ? -*above : *above, {v1::SECTION, v1::PAGE}, threadPostsMax);
    std::sort(rows.begin(), rows.end(), [](const PostRow& a, const PostRow& b) {
        if (a.position != b.position)
            return a.position < b.position;
        const int order = QString::localeAwareCompare(a.title, b.title);
        return order != 0 ? order < 0 : a.id < b.id;
    });
    return rows;
}

QList<PostRow> ancestors(const Reading& reading, const Id& page)
{
    QList<PostRow> rows;
    auto at = post(reading, page);
    while (at && !at->parent.isNull() && rows.size() <= qsizetype(limits::pathDepthMax)) {
        at = post(reading, at->parent);
        if (at)
            rows.prepend(*at);
    }
    return rows;
}

std::optional<Thread> thread(const Reading& reading, const Id& root)
{
    const auto row = postRow(reading, root);
    auto top = row ? load(reading, *row, signedInPerson(reading)) : std::nullopt;
    if (!top)
        return std::nullopt;
    const Id accepted = top->accepted;
    QList<PostRow> comments = below(reading, *row, {v1::COMMENT}, threadPostsMax);
    QList<PostRow> answers = below(reading, *row, {v1::ANSWER}, threadPostsMax);
    for (const PostRow& answer : answers)
        if (const auto answerRow = postRow(reading, answer.id); answerRow && comments.size() < threadPostsMax)
            comments += below(reading, *answerRow, {v1::COMMENT}, threadPostsMax);
    std::sort(answers.begin(), answers.end(), [&](const PostRow& a, const PostRow& b) {
        if ((a.id == accepted) != (b.id == accepted))
            return a.id == accepted;
        if (a.score != b.score)
            return a.score > b.score;
        return std::pair(a.createdMs, a.id) < std::pair(b.createdMs, b.id);
    });
    std::sort(comments.begin(), comments.end(), [](const PostRow& a, const PostRow& b) {
        return std::pair(a.createdMs, a.id) < std::pair(b.createdMs, b.id);
    });
    Thread thread{.post = withBody(reading, std::move(*top)), .answers = {}, .comments = {}};
    for (PostRow& answer : answers)
        thread.answers.append(withBody(reading, std::move(answer)));
    for (PostRow& comment : comments)
        thread.comments.append(withBody(reading, std::move(comment)));
    return thread;
}

QList<TagRow> tags(const Reading& reading, const Id& space, int limit)
{
    QList<TagRow> rows;
    const auto feed = feedRow(reading, space);
    if (!feed)
        return rows;
    Statement& read = reading.statements()(
        "SELECT text, posts FROM tags WHERE feed = ? AND posts > 0 ORDER BY posts DESC, text LIMIT ?");
    read.bind(*feed).bind(int64_t{limit});
    while (read.step())
        rows.append({text(read, 0), int(read.number(1))});
    return rows;
}

QList<PostRow> fresh(const Reading& reading, std::optional<Id> space, int limit)
{
    const Id me = signedInPerson(reading);
    const bool indexed = hasListIndexes(reading);
    std::vector<Found> found;
    for (const int64_t feed : feedsOf(reading, space)) {
        Statement& owner = reading.statements()("SELECT id FROM spaces WHERE feed = ?").bind(feed);
        const Id id = owner.step() ? idAt(owner, 0) : Id{};
        owner.reset();
        // While the first read goes on there is no index over all changes yet: threads are told instead.
        Statement& read = indexed
                            ? reading.statements()("SELECT changed_ms, row FROM posts WHERE feed = ? AND kind <> 0 AND "
                                                   "changed_ms > ? AND author <> ? AND kind <> 1 ORDER BY changed_ms "
                                                   "DESC LIMIT ?")
                            : reading.statements()("SELECT active_ms, row FROM posts WHERE feed = ? AND kind = 3 AND "
                                                   "kind IN (2, 3) AND active_ms > ? AND author <> ? ORDER BY "
                                                   "active_ms DESC LIMIT ?");
        read.bind(feed).bind(int64_t(seenMs(reading, id))).bindBlob(me.view()).bind(int64_t{2} * limit);
        while (read.step())
            found.push_back({read.number(0), read.number(1)});
    }
    std::sort(found.begin(), found.end(),
              [](const Found& a, const Found& b) { return std::pair(a.value, a.row) > std::pair(b.value, b.row); });
    QList<PostRow> rows;
    for (const Found& each : found) {
        if (rows.size() >= limit)
            break;
        if (auto row = load(reading, each.row, me))
            rows.append(std::move(*row));
    }
    return rows;
}

QList<PostRow> unanswered(const Reading& reading, std::optional<Id> space, int limit)
{
    PostFilter filter;
    filter.space = space;
    filter.unanswered = true;
    filter.order = hasListIndexes(reading) ? Order::Newest : Order::Activity;
    return posts(reading, filter, std::nullopt, limit).rows;
}

} // namespace stoa
