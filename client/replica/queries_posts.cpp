// Posts: lists, trees and threads.

#include <algorithm>

#include <QCollator>

#include "client/replica/reading.h"
#include "shared/base/limits.h"
#include "shared/markup/plain.h"

namespace stoa {

namespace {

constexpr qsizetype excerptCharacters = 200;
constexpr int threadPostsMax = 5'000;
// Posts of a tag or of an author are gathered and sorted; more than this are filtered along the list instead:
// they are then so many of it that a page of them is found soon.
constexpr int gatheredMax = 4'000;
constexpr int lookedAtUnindexed = 1'000; // rows, while a list has no index yet
constexpr int freshScanned = 2'000;      // the newest changes of one kind that are looked at

struct Found {
    int64_t value = 0;
    int64_t row = 0;
};

bool newestFirst(const Found& a, const Found& b)
{
    return std::pair(a.value, a.row) > std::pair(b.value, b.row);
}

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

} // namespace

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

namespace {

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
    if (root != row && (post.kind == v1::ANSWER || post.kind == v1::COMMENT || post.kind == v1::PROPOSAL)) {
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

// ---- lists

// A part of a list: rows of one kind, in the list's order by `value` and row.
struct Part {
    std::string from; // FROM and WHERE; bound are ?1 tag, ?2 feed, ?3 person
    std::string value;
    bool sorted = false; // few rows that no index has in this order
};

bool isTop(v1::PostKind kind)
{
    return kind == v1::PAGE || kind == v1::QUESTION;
}

// Nothing hangs on the others: their activity is their own last change.
const char* valueOf(Order order, v1::PostKind kind)
{
    switch (order) {
    case Order::Newest:
        return "p.created_ms";
    case Order::Score:
        return "p.score";
    case Order::Activity:
        break;
    }
    return isTop(kind) ? "p.active_ms" : "p.changed_ms";
}

bool isFew(const Reading& reading, const char* count, int64_t feed, std::string_view key, bool blob)
{
    Statement& read = reading.statements()(count);
    read.bind(feed);
    blob ? read.bindBlob(key) : read.bind(key);
    const bool few = !read.step() || read.number(0) < gatheredMax;
    read.reset();
    return few;
}

// What together makes up the list of one kind in one feed, each part read from its index.
std::vector<Part> partsOf(const Reading& reading, const PostFilter& filter, v1::PostKind kind, int64_t feed)
{
    if (filter.unanswered && kind != v1::QUESTION)
        return {};
    if (!filter.tag.isEmpty() && !isTop(kind))
        return {}; // they have no tags
    const bool indexed = hasListIndexes(reading);
    const std::string value = valueOf(filter.order, kind);
    const std::string ofKind =
        "p.kind = " + std::to_string(int(kind)) + (isTop(kind) ? " AND p.kind IN (2, 3)" : " AND p.kind <> 0");
    const std::string withTag = filter.tag.isEmpty()
                                  ? ""
                                  : " AND EXISTS (SELECT 1 FROM tags g CROSS JOIN post_tags t ON t.tag = g.tag "
                                    "WHERE g.feed = p.feed AND g.text = ?1 AND t.row = p.row)";
    const std::string byMe = filter.mine ? " AND p.author = ?3" : "";
    const std::string withoutAnswers = filter.unanswered ? " AND p.answers = 0" : "";
    const std::string values = indexed && isTop(kind) ? " INDEXED BY posts_values" : "";

    if (filter.bookmarked) // of all spaces at once, where none is named
        return {{" FROM bookmarks b CROSS JOIN records r ON r.id = b.target CROSS JOIN posts p ON p.row = r.row WHERE "
                 "(?2 = 0 OR p.feed = ?2) AND " +
                     ofKind + withoutAnswers + withTag + byMe,
                 value, true}};
    if (filter.mine && indexed &&
        (!isTop(kind) || isFew(reading, "SELECT posts FROM authors WHERE feed = ? AND person = ?", feed,
                               signedInPerson(reading).view(), true)))
        return {{" FROM posts m INDEXED BY posts_by_author CROSS JOIN posts p" + values +
                     " ON p.row = m.row WHERE m.author = ?3 AND m.feed = ?2 AND m.kind = " + std::to_string(int(kind)) +
                     " AND m.kind <> 0 AND " + ofKind + withoutAnswers + withTag,
                 value, true}};
    if (!filter.tag.isEmpty() &&
        isFew(reading, "SELECT posts FROM tags WHERE feed = ? AND text = ?", feed, filter.tag.toStdString(), false))
        return {{" FROM tags g CROSS JOIN post_tags t ON t.tag = g.tag CROSS JOIN posts p" + values +
                     " ON p.row = t.row WHERE g.feed = ?2 AND g.text = ?1 AND " + ofKind + withoutAnswers + byMe,
                 value, true}};

    const std::string also = " AND " + ofKind + withTag + byMe;
    const auto walk = [&](const char* index, const std::string& where = {}) -> Part {
        return {std::string(" FROM posts p") + (index ? std::string(" INDEXED BY ") + index : std::string()) +
                    " WHERE p.feed = ?2" + also + where,
                value, false};
    };
    // While the first read goes on lists are sorted without an index, but for the ones that are shown at first:
    // of what has no answer, home and overview show the newest, and what is further down is not looked for yet.
    if (!indexed && filter.unanswered && filter.order == Order::Activity)
        return {{" FROM (SELECT row FROM posts INDEXED BY posts_by_activity WHERE feed = ?2 AND kind = 3 AND kind IN "
                 "(2, 3) ORDER BY active_ms DESC LIMIT " +
                     std::to_string(lookedAtUnindexed) + ") m CROSS JOIN posts p ON p.row = m.row WHERE " + ofKind +
                     withoutAnswers + withTag + byMe,
                 value, true}};
    if (!indexed)
        return {walk(filter.order == Order::Activity && isTop(kind) ? "posts_by_activity" : nullptr, withoutAnswers)};
    if (filter.order == Order::Activity) {
        if (filter.unanswered)
            return {walk("posts_unanswered", withoutAnswers)};
        return {walk(isTop(kind) ? "posts_by_activity" : "posts_by_change")};
    }
    const char* index = filter.order == Order::Newest ? "posts_by_creation" : "posts_by_score";
    std::vector<Part> parts{walk(index, " AND p.kind <> 0 AND (p.answers = 0) = 1")};
    if (!filter.unanswered)
        parts.push_back(walk(index, " AND p.kind <> 0 AND (p.answers = 0) = 0"));
    return parts;
}

void find(const Reading& reading, const PostFilter& filter, int64_t feed, const Part& part,
          const std::optional<PageKey>& after, int limit, std::vector<Found>& found)
{
    const size_t before = found.size();
    const auto read = [&](const std::string& where) {
        const int open = limit - int(found.size() - before);
        if (open <= 0)
            return;
        Statement& rows =
            reading.statements()(reading.statements().keep("SELECT " + part.value + ", p.row" + part.from + where +
                                                           " ORDER BY " + part.value + " DESC, p.row DESC LIMIT ?6"));
        rows.bind(filter.tag.toStdString()).bind(feed).bindBlob(signedInPerson(reading).view());
        rows.bind(int64_t(after ? after->value : 0)).bind(int64_t(after ? after->row : 0)).bind(int64_t{open});
        while (rows.step())
            found.push_back({rows.number(0), rows.number(1)});
    };
    if (!after) {
        read("");
    } else if (part.sorted) {
        read(" AND (" + part.value + ", p.row) < (?4, ?5)");
    } else {
        // Apart, so that many rows of one value are not walked over.
        read(" AND " + part.value + " = ?4 AND p.row < ?5");
        read(" AND " + part.value + " < ?4");
    }
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
    std::vector<v1::PostKind> kinds{filter.kind};
    if (filter.kind == v1::POST_NONE)
        kinds = {v1::PAGE, v1::QUESTION};
    std::vector<Found> found;
    const bool allAtOnce = filter.bookmarked && !filter.space;
    for (const int64_t feed : allAtOnce ? std::vector<int64_t>{0} : feedsOf(reading, filter.space))
        for (const v1::PostKind kind : kinds)
            for (const Part& part : partsOf(reading, filter, kind, feed))
                find(reading, filter, feed, part, after, limit + 1, found);
    std::sort(found.begin(), found.end(), newestFirst);
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
    if (!above || !isShown(reading, parent.isNull() ? 0 : *above))
        return {};
    struct Child {
        PostRow row;
        QCollatorSortKey title;
    };
    const QCollator collator;
    std::vector<Child> children;
    Statement& read = reading.statements()(
        "SELECT r.id, p.kind, root.id, p.author, pe.name, p.created_ms, p.changed_ms, p.active_ms, p.score, "
        "p.imported_score, p.answers, p.comments, p.children, p.position, p.title, p.tags, "
        "(SELECT max(state) FROM outbox WHERE target = r.id), "
        "EXISTS (SELECT 1 FROM bookmarks WHERE target = r.id) "
        "FROM posts p INDEXED BY posts_by_parent CROSS JOIN records r ON r.row = p.row "
        "LEFT JOIN records root ON root.row = p.root LEFT JOIN people pe ON pe.id = p.author "
        "WHERE p.parent = ? AND p.kind IN (1, 2)");
    read.bind(parent.isNull() ? -*above : *above);
    while (read.step()) {
        PostRow row;
        row.id = idAt(read, 0);
        row.space = space;
        row.parent = parent;
        row.kind = v1::PostKind(read.number(1));
        row.root = idAt(read, 2);
        row.author = idAt(read, 3);
        row.authorName = text(read, 4);
        row.createdMs = read.number(5);
        row.changedMs = read.number(6);
        row.activeMs = read.number(7);
        row.score = int(read.number(8));
        row.importedScore = int(read.number(9));
        row.answers = int(read.number(10));
        row.comments = int(read.number(11));
        row.children = int(read.number(12));
        row.position = read.number(13);
        row.title = text(read, 14);
        row.tags = tagsOf(text(read, 15));
        row.pending = !read.isNull(16);
        row.refused = row.pending && read.number(16) >= int(ChangeState::Refused);
        row.bookmarked = read.number(17) != 0;
        QCollatorSortKey title = collator.sortKey(row.title);
        children.push_back({std::move(row), std::move(title)});
    }
    std::sort(children.begin(), children.end(), [](const Child& a, const Child& b) {
        if (a.row.position != b.row.position)
            return a.row.position < b.row.position;
        const int order = a.title.compare(b.title);
        return order != 0 ? order < 0 : a.row.id < b.row.id;
    });
    QList<PostRow> rows;
    rows.reserve(qsizetype(children.size()));
    for (Child& child : children)
        rows.append(std::move(child.row));
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

std::vector<std::pair<int64_t, int64_t>> freshRows(const Reading& reading, int64_t feed, qint64 sinceMs, int limit)
{
    std::vector<std::pair<int64_t, int64_t>> found;
    const Id me = signedInPerson(reading);
    for (const v1::PostKind kind : {v1::PAGE, v1::QUESTION, v1::ANSWER, v1::COMMENT}) {
        Statement& read = reading.statements()(
            "SELECT changed_ms, row, changer FROM posts INDEXED BY posts_by_change WHERE feed = ? AND kind = ? AND "
            "kind <> 0 AND changed_ms > ? ORDER BY changed_ms DESC LIMIT ?");
        read.bind(feed).bind(int64_t(kind)).bind(int64_t(sinceMs)).bind(int64_t{freshScanned});
        for (int count = 0; count < limit && read.step();) {
            if (read.text(2) == me.view())
                continue;
            found.emplace_back(read.number(0), read.number(1));
            ++count;
        }
        read.reset();
    }
    return found;
}

QList<PostRow> fresh(const Reading& reading, std::optional<Id> space, int limit)
{
    QList<PostRow> rows;
    if (!hasListIndexes(reading))
        return rows;
    std::vector<Found> found;
    for (const int64_t feed : feedsOf(reading, space)) {
        Statement& read = reading.statements()(
            "SELECT s.id, f.first_read_ms FROM spaces s JOIN feeds f ON f.feed = s.feed WHERE s.feed = ? AND "
            "f.complete <> 0");
        read.bind(feed);
        const bool complete = read.step();
        const Id id = complete ? idAt(read, 0) : Id{};
        const qint64 firstReadMs = complete ? read.number(1) : 0;
        read.reset();
        if (!complete)
            continue;
        // Some of them may be hidden below what was deleted.
        for (const auto& [changedMs, row] :
             freshRows(reading, feed, std::max(seenMs(reading, id), firstReadMs), 2 * limit))
            found.push_back({changedMs, row});
    }
    std::sort(found.begin(), found.end(), newestFirst);
    const Id me = signedInPerson(reading);
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
