// The outbox, drafts, totals, and what the search index reads.

#include "client/replica/body_drafts.h"
#include "client/replica/reading.h"
#include "client/replica/texts.h"

namespace stoa {

namespace {

// What the person wrote, as they would paste it elsewhere: title, text and tags.
QString wordsOf(const v1::Change& change)
{
    QStringList words;
    const auto add = [&](const std::string& text) {
        if (!text.empty())
            words.append(QString::fromStdString(text));
    };
    const auto addTags = [&](const google::protobuf::RepeatedPtrField<std::string>& tags) {
        QStringList names;
        for (const std::string& tag : tags)
            names.append(QString::fromStdString(tag));
        if (!names.isEmpty())
            words.append(names.join(QLatin1Char(' ')));
    };
    if (change.has_create_post()) {
        add(change.create_post().title());
        add(change.create_post().body());
        addTags(change.create_post().tags());
    }
    if (const auto text = change.has_edit_text() ? textOf(change.edit_text()) : std::nullopt) {
        std::string_view inserted = text->text.inserted();
        for (const TextStep& step : text->text.steps()) {
            add(std::string(inserted.substr(0, step.bytes)));
            inserted.remove_prefix(step.bytes);
        }
    }
    for (const v1::FieldEdit& field : change.edit().fields()) {
        add(field.value().text());
        addTags(field.value().texts().text());
    }
    return words.join(QStringLiteral("\n\n"));
}

QString nameOfSpace(const Reading& reading, const Id& space)
{
    Statement& read = reading.statements()("SELECT name FROM spaces WHERE id = ?").bindBlob(space.view());
    const QString name = read.step() ? text(read, 0) : QString();
    read.reset();
    return name;
}

Id spaceOfFeed(const Reading& reading, int64_t feed)
{
    Statement& read = reading.statements()("SELECT id FROM spaces WHERE feed = ?").bind(feed);
    const Id space = read.step() ? idAt(read, 0) : Id{};
    read.reset();
    return space;
}

// What shows no more because it is to be deleted.
std::optional<v1::Post> beforeDeletion(const Reading& reading, const Id& post)
{
    Statement& read =
        reading.statements()("SELECT s.bytes FROM shadows s JOIN records r ON r.row = s.row WHERE r.id = ?");
    read.bindBlob(post.view());
    v1::Record record;
    const bool found = read.step() && !read.isNull(0) && record.ParseFromString(std::string(read.text(0)));
    read.reset();
    return found && record.has_post() ? std::optional(record.post()) : std::nullopt;
}

// The post that a change is about, as far as it is here.
void describe(const Reading& reading, const v1::Change& change, OutboxRow& row)
{
    Id about = row.target;
    if (change.has_set_mark()) {
        row.mark = change.set_mark().kind();
        row.value = change.set_mark().value();
        about = Id::from(change.set_mark().on()).value_or(Id{});
    }
    Statement& read = reading.statements()(
        "SELECT p.kind, p.parent, CASE WHEN p.kind IN (4, 5, 6) THEN root.title ELSE p.title END, s.name "
        "FROM records r JOIN posts p ON p.row = r.row LEFT JOIN posts root ON root.row = p.root "
        "LEFT JOIN spaces s ON s.feed = p.feed WHERE r.id = ? AND p.kind <> 0");
    read.bindBlob(about.view());
    const bool found = read.step();
    const int64_t parent = found ? read.number(1) : 0;
    if (found) {
        row.kind = v1::PostKind(read.number(0));
        row.title = text(read, 2);
        row.spaceName = text(read, 3);
    }
    read.reset();
    if (found && isShown(reading, parent))
        row.post = about;
    if (found)
        return;
    Id inSpace = about;
    if (change.has_create_post()) {
        row.kind = change.create_post().kind();
        row.title = QString::fromStdString(change.create_post().title());
        inSpace = Id::from(change.create_post().space()).value_or(Id{});
    } else if (const auto was = change.has_delete_() ? beforeDeletion(reading, about) : std::nullopt) {
        row.kind = was->kind();
        row.title = QString::fromStdString(was->title());
    }
    if (!row.space.isNull() && !change.has_create_space())
        inSpace = row.space;
    row.spaceName = nameOfSpace(reading, inSpace);
}

QList<OutboxRow> draftRows(const Reading& reading, int limit, const QList<OutboxRow>& known)
{
    QList<OutboxRow> rows;
    Statement& read = reading.statements()(
        "SELECT place, title, text, tags, changed_ms FROM drafts WHERE place >= 'edit/' AND place < 'edit0' "
        "ORDER BY changed_ms DESC LIMIT ?");
    read.bind(int64_t{limit});
    while (read.step()) {
        const auto post = Id::fromHex(read.text(0).substr(bodyDrafts.size()));
        const auto old = std::find_if(known.begin(), known.end(), [&](const OutboxRow& each) {
            return each.isDraft && post && each.change == *post && each.madeMs == read.number(4);
        });
        if (old != known.end() && old->refusal == barrierOf(reading, *post)) {
            rows.append(*old);
            continue;
        }
        const QString tags = text(read, 3);
        const auto draft = post ? toBodyDraft({.title = text(read, 1),
                                               .text = text(read, 2),
                                               .tags = tags.isEmpty() ? QStringList() : tags.split(QLatin1Char('\n'))})
                                : std::nullopt;
        if (draft)
            rows.append(outboxRowOf(reading, *post, *draft, read.number(4)));
    }
    return rows;
}

} // namespace

OutboxRow outboxRowOf(const Reading& reading, const Id& post, const BodyDraft& draft, qint64 changedMs)
{
    OutboxRow row;
    row.change = row.target = post;
    row.isDraft = true;
    row.state = ChangeState::Refused;
    row.refusal = barrierOf(reading, post);
    row.why = draft.why;
    row.madeMs = changedMs;
    row.act = v1::Change::kEditText;
    row.text = QString::fromStdString(draft.after);
    row.body = QString::fromStdString(draft.before);
    row.tags = draft.tags;
    const auto found = stoa::record(reading, post);
    const bool isHere = found && found->has_post() && !found->deleted();
    row.space = isHere ? Id::from(found->post().space()).value_or(Id{}) : draft.space;
    if (!space(reading, row.space))
        row.space = {};
    v1::Change change;
    change.set_target(post.str());
    describe(reading, change, row);
    if (row.kind == v1::POST_NONE)
        row.kind = draft.kind;
    if (row.title.isEmpty())
        row.title = draft.title;
    return row;
}

QList<OutboxRow> outbox(const Reading& reading, int limit, const QList<OutboxRow>& known)
{
    QList<OutboxRow> rows = draftRows(reading, limit, known);
    auto old = known.begin(); // by position too
    Statement& read =
        reading.statements()("SELECT o.position, id, target, state, code, field, most, retry_ms, made_ms, bytes, body, "
                             "coalesce(feed, 0), kind, title FROM outbox o JOIN changes USING (position) LEFT JOIN "
                             "moved m ON m.position = o.position "
                             "ORDER BY o.position LIMIT ?");
    read.bind(int64_t(limit - rows.size()));
    while (read.step()) {
        OutboxRow row;
        row.position = read.number(0);
        row.change = idAt(read, 1);
        row.target = idAt(read, 2);
        row.state = ChangeState(read.number(3));
        row.refusal = {.code = v1::Code(read.number(4)),
                       .field = v1::Field(read.number(5)),
                       .limit = read.number(6),
                       .retryAfterMs = read.number(7)};
        row.madeMs = read.number(8);
        while (old != known.end() && old->position < row.position)
            ++old;
        // (A text grows on in the same row.)
        if (old != known.end() && old->change == row.change && old->state == row.state && old->refusal == row.refusal &&
            old->act != v1::Change::kEditText) {
            rows.append(*old);
            continue;
        }
        v1::Change change;
        if (change.ParseFromString(std::string(read.text(9)))) {
            row.act = change.act_case();
            row.text = read.isNull(10) ? wordsOf(change) : text(read, 10);
            if (row.state == ChangeState::Refused || row.state == ChangeState::Blocked) {
                row.body = QString::fromStdString(change.create_post().body());
                row.reason = QString::fromStdString(change.create_post().reason());
                for (const std::string& tag : change.create_post().tags())
                    row.tags.append(QString::fromStdString(tag));
            }
            row.space = spaceOfFeed(reading, read.number(11));
            describe(reading, change, row);
            // As it was called when this was written.
            if (row.kind == v1::POST_NONE)
                row.kind = v1::PostKind_IsValid(int(read.number(12))) ? v1::PostKind(read.number(12)) : v1::POST_NONE;
            if (row.title.isEmpty())
                row.title = text(read, 13);
        }
        rows.append(row);
    }
    return rows;
}

std::optional<v1::Change> changeInOutbox(const Reading& reading, const Id& change)
{
    v1::Change found;
    Statement& read = reading.statements()("SELECT bytes FROM outbox JOIN changes USING (position) WHERE id = ?");
    const bool is = read.bindBlob(change.view()).step() && found.ParseFromString(std::string(read.text(0)));
    read.reset();
    return is ? std::optional(std::move(found)) : std::nullopt;
}

int outboxCount(const Reading& reading)
{
    // (What needs the person is in the list one by one; it is not what others wait behind.)
    Statement& read = reading.statements()(
        "SELECT count(DISTINCT CASE WHEN state < 2 AND mark = 0 THEN target END), "
        "count(DISTINCT CASE WHEN state < 2 AND mark NOT IN (0, ?) THEN target END), count(CASE WHEN state > 2 THEN 1 "
        "END), (SELECT count(*) FROM drafts WHERE place >= 'edit/' AND place < 'edit0') FROM outbox");
    read.bind(int64_t{v1::SEEN});
    const bool found = read.step();
    const int posts = found ? int(read.number(0)) : 0;
    const int marks = found ? int(read.number(1)) : 0;
    const int stuck = found ? int(read.number(2) + read.number(3)) : 0;
    read.reset();
    return (posts > 0 ? posts : marks) + stuck;
}

Totals totals(const Reading& reading)
{
    Totals totals;
    Statement& spaces = reading.statements()("SELECT count(*), sum(pages), sum(questions), sum(answers), sum(comments) "
                                             "FROM spaces WHERE name <> ''");
    if (spaces.step()) {
        totals.spaces = spaces.number(0);
        totals.pages = spaces.number(1);
        totals.questions = spaces.number(2);
        totals.answers = spaces.number(3);
        totals.comments = spaces.number(4);
    }
    spaces.reset();
    Statement& people = reading.statements()("SELECT count(*) FROM people");
    totals.people = people.step() ? people.number(0) : 0;
    people.reset();
    Statement& feeds =
        reading.statements()("SELECT coalesce(sum(held), 0), count(*), coalesce(sum(complete AND cursor >= "
                             "head), 0), coalesce(sum(agreed), 0) FROM feeds WHERE set_aside = 0");
    if (feeds.step()) {
        totals.records = feeds.number(0);
        totals.complete = feeds.number(1) > 0 && feeds.number(2) == feeds.number(1);
        totals.digestsEqual = totals.complete && feeds.number(3) == feeds.number(1);
    }
    feeds.reset();
    return totals;
}

std::optional<Draft> draft(const Reading& reading, const QString& place)
{
    Statement& read = reading.statements()("SELECT title, text, tags, changed_ms FROM drafts WHERE place = ?");
    read.bind(place.toStdString());
    std::optional<Draft> found;
    if (read.step()) {
        const QString tags = text(read, 2);
        found = Draft{.title = text(read, 0),
                      .text = text(read, 1),
                      .tags = tags.isEmpty() ? QStringList() : tags.split(QLatin1Char('\n')),
                      .changedMs = read.number(3)};
    }
    read.reset();
    return found;
}

std::unique_ptr<Reader> reader(const Reading& reading)
{
    return std::make_unique<VisibleReader>(reading.statements());
}

QList<IndexStamp> indexStamps(const Reading& reading, qint64 afterRow, int limit)
{
    QList<IndexStamp> stamps;
    Statement& read =
        reading.statements()("SELECT row, stamp FROM posts WHERE row > ? AND kind <> 0 ORDER BY row LIMIT ?");
    read.bind(int64_t(afterRow)).bind(int64_t{limit});
    while (read.step())
        stamps.append({read.number(0), read.number(1)});
    return stamps;
}

QList<IndexRow> indexRows(const Reading& reading, const QList<qint64>& rows)
{
    QList<IndexRow> found;
    v1::Record record;
    for (const qint64 row : rows) {
        Statement& read =
            reading.statements()("SELECT p.stamp, r.bytes, pe.name FROM posts p JOIN records r ON r.row = p.row "
                                 "LEFT JOIN people pe ON pe.id = p.author WHERE p.row = ? AND p.kind <> 0");
        read.bind(int64_t(row));
        if (read.step() && record.ParseFromArray(read.text(1).data(), int(read.text(1).size()))) {
            const v1::Post& post = record.post();
            IndexRow index;
            index.row = row;
            index.stamp = read.number(0);
            index.post = Id::from(record.id()).value_or(Id{});
            index.space = Id::from(post.space()).value_or(Id{});
            index.author = Id::from(record.author()).value_or(Id{});
            index.kind = post.kind();
            index.title = QString::fromStdString(post.title());
            index.body = QString::fromStdString(post.body());
            for (const std::string& tag : post.tags())
                index.tags.append(QString::fromStdString(tag));
            index.authorName = text(read, 2);
            found.append(std::move(index));
        }
        read.reset();
    }
    return found;
}

QList<qint64> rowsOfPosts(const Reading& reading, const QList<Id>& posts)
{
    QList<qint64> rows;
    for (const Id& id : posts) {
        Statement& read =
            reading.statements()("SELECT p.row FROM records r JOIN posts p ON p.row = r.row WHERE r.id = ? "
                                 "AND p.kind <> 0");
        read.bindBlob(id.view());
        if (read.step())
            rows.append(read.number(0));
        read.reset();
    }
    return rows;
}

QList<Id> postsByPrefix(const Reading& reading, const QString& digits, int limit)
{
    const QString folded = digits.toLower();
    if (folded.isEmpty() || folded.size() > 32)
        return {};
    const auto low = Id::fromHex(folded.leftJustified(32, QLatin1Char('0')).toStdString());
    const auto high = Id::fromHex(folded.leftJustified(32, QLatin1Char('f')).toStdString());
    if (!low || !high)
        return {};
    QList<Id> ids;
    Statement& read =
        reading.statements()("SELECT r.id FROM records r JOIN posts p ON p.row = r.row WHERE r.id >= ? AND "
                             "r.id <= ? AND p.kind <> 0 LIMIT ?");
    read.bindBlob(low->view()).bindBlob(high->view()).bind(int64_t{limit});
    while (read.step())
        ids.append(idAt(read, 0));
    return ids;
}

} // namespace stoa
