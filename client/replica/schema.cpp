#include "client/replica/schema.h"

#include <vector>

#include <QCoreApplication>

#include "stoa/v1/change.pb.h"

namespace stoa {

namespace {

constexpr int applicationId = 0x53746f61; // "Stoa"

struct ReplicaTexts {
    Q_DECLARE_TR_FUNCTIONS(Replica)
};

// changes: the outbox's frozen bytes, apart so that a change of state does not write them again.
// records: `number`, `seal` and `pass` are the server's; `bytes` and `deleted` are what is visible. Where
// changes are pending, or revisions were read ahead of their record (`live`), the server's bytes lie in `shadows`
// (NULL: the server never had it). A row without bytes and shadow is an id that something refers to and that has not
// come yet.
constexpr const char* first = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE feeds(
    feed INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, cursor INTEGER NOT NULL, head INTEGER NOT NULL,
    digest BLOB NOT NULL, held INTEGER NOT NULL, total INTEGER NOT NULL, complete INTEGER NOT NULL,
    agreed INTEGER NOT NULL, set_aside INTEGER NOT NULL, pass INTEGER NOT NULL, anew INTEGER NOT NULL,
    first_read_ms INTEGER NOT NULL);
CREATE TABLE records(
    row INTEGER PRIMARY KEY, feed INTEGER NOT NULL, number INTEGER NOT NULL, pass INTEGER NOT NULL,
    deleted INTEGER NOT NULL, id BLOB NOT NULL, seal BLOB, bytes BLOB);
CREATE UNIQUE INDEX records_by_id ON records(id, feed);
CREATE TABLE shadows(row INTEGER PRIMARY KEY, deleted INTEGER NOT NULL, bytes BLOB);
CREATE TABLE outbox(
    position INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, target BLOB NOT NULL, feed INTEGER,
    state INTEGER NOT NULL, code INTEGER NOT NULL, field INTEGER NOT NULL, most INTEGER NOT NULL,
    retry_ms INTEGER NOT NULL, made_ms INTEGER NOT NULL, effects BLOB);
CREATE TABLE changes(position INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE INDEX outbox_by_target ON outbox(target);
CREATE INDEX outbox_waiting ON outbox(position) WHERE state = 0;
CREATE TABLE drafts(
    place TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, tags TEXT NOT NULL,
    changed_ms INTEGER NOT NULL) WITHOUT ROWID;
)";

constexpr const char* trails = "ALTER TABLE feeds ADD COLUMN trail BLOB NOT NULL DEFAULT x''";

// moved: a row for each change of a text in the outbox. `form` is what it is of the body that is here, where it was
// made over another one (an EditText; NULL: its own bytes). `body` is the whole text as the person had it, where it is
// shown no more. `held`: not sent before another version of the body is here, or the next conversation. `behind`: made
// over the body with the change before it, and nothing without that one. `submitted` are the changes taken into it,
// each with a hash of its bytes.
constexpr const char* moved = R"(
CREATE TABLE moved(
    position INTEGER PRIMARY KEY, form BLOB, body TEXT, held INTEGER NOT NULL, behind INTEGER NOT NULL,
    submitted BLOB NOT NULL);
)";

// histories: of which bodies revisions are here, how many bytes they are, up to which number all of them are here (-1:
// none), and when they were asked for last. Fetched when somebody looks at them; a copy that may be thrown away.
// readings: which revision of a body the person read here last.
constexpr const char* histories = R"(
CREATE TABLE histories(
    post BLOB PRIMARY KEY, bytes INTEGER NOT NULL, complete INTEGER NOT NULL, asked_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE revisions(
    post BLOB NOT NULL, revision INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(post, revision));
CREATE TABLE readings(post BLOB PRIMARY KEY, revision INTEGER NOT NULL) WITHOUT ROWID;
)";

// live: of records whose bodies are, or were, open: the revisions that the record at hand lacks, as they came. Such a
// row has a shadow.
constexpr const char* live = R"(
CREATE TABLE live(row INTEGER NOT NULL, revision INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(row, revision));
)";

// Of a change in the outbox: the kind of mark that it sets (0: none), and what it is about, as that was called when the
// change was made: it may be gone when somebody reads of it.
constexpr const char* called = R"(
ALTER TABLE outbox ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN title TEXT NOT NULL DEFAULT '';
)";

// proposals, required: the rows of posts that are a proposal, or a page that is to be confirmed. proposed: the pages
// that proposals are of. `outline`: the record without its words (outlines.h); NULL where the page has not come yet.
// signatures: approvals of proposals, confirmations of pages.
// posts: a row of kind 0 holds the counts of a post that has not come yet. `parent` is -feed for pages at
// the top, NULL for questions; `head` is the beginning of the body; `changer` did the last thing to it.
constexpr const char* projections = R"(
CREATE TABLE spaces(
    feed INTEGER PRIMARY KEY, id BLOB NOT NULL, name TEXT NOT NULL, visibility INTEGER NOT NULL,
    pages INTEGER NOT NULL, questions INTEGER NOT NULL, answers INTEGER NOT NULL, comments INTEGER NOT NULL,
    unanswered INTEGER NOT NULL, people INTEGER NOT NULL, active_ms INTEGER NOT NULL);
CREATE TABLE people(
    id BLOB PRIMARY KEY, login TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, about TEXT NOT NULL,
    disabled INTEGER NOT NULL, admin INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX people_by_name ON people(folded);
CREATE TABLE members(
    feed INTEGER NOT NULL, person BLOB NOT NULL, role INTEGER NOT NULL, titles BLOB NOT NULL,
    PRIMARY KEY(feed, person)) WITHOUT ROWID;
CREATE TABLE authors(
    feed INTEGER NOT NULL, person BLOB NOT NULL, posts INTEGER NOT NULL,
    PRIMARY KEY(feed, person)) WITHOUT ROWID;
CREATE TABLE posts(
    row INTEGER PRIMARY KEY, feed INTEGER NOT NULL, kind INTEGER NOT NULL, parent INTEGER, root INTEGER NOT NULL,
    author BLOB NOT NULL, created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, active_ms INTEGER NOT NULL,
    score INTEGER NOT NULL, imported_score INTEGER NOT NULL, answers INTEGER NOT NULL, comments INTEGER NOT NULL,
    children INTEGER NOT NULL, position INTEGER NOT NULL, accepted BLOB NOT NULL, stamp INTEGER NOT NULL,
    title TEXT NOT NULL, head TEXT NOT NULL, tags TEXT NOT NULL, changer BLOB NOT NULL);
CREATE INDEX posts_by_parent ON posts(parent, kind) WHERE parent IS NOT NULL;
CREATE INDEX posts_by_activity ON posts(feed, kind, active_ms) WHERE kind IN (2, 3);
CREATE TABLE tags(
    tag INTEGER PRIMARY KEY, feed INTEGER NOT NULL, text TEXT NOT NULL, posts INTEGER NOT NULL,
    UNIQUE(feed, text));
CREATE TABLE post_tags(tag INTEGER NOT NULL, row INTEGER NOT NULL, PRIMARY KEY(tag, row)) WITHOUT ROWID;
CREATE TABLE bookmarks(target BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE proposals(
    row INTEGER PRIMARY KEY, feed INTEGER NOT NULL, state INTEGER NOT NULL, author BLOB NOT NULL,
    outline BLOB NOT NULL);
CREATE INDEX proposals_by_state ON proposals(state);
CREATE INDEX proposals_by_author ON proposals(author, state);
CREATE TABLE proposed(row INTEGER PRIMARY KEY, feed INTEGER NOT NULL, outline BLOB);
CREATE TABLE required(
    row INTEGER PRIMARY KEY, feed INTEGER NOT NULL, id BLOB NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE signatures(
    target BLOB NOT NULL, kind INTEGER NOT NULL, person BLOB NOT NULL, feed INTEGER NOT NULL, value INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL, PRIMARY KEY(target, kind, person)) WITHOUT ROWID;
)";

// `answers = 0` parts each list in two that are in order each: what has no answer, and what has.
// posts_values holds what few posts are sorted by, so that their wide rows need not be read.
constexpr const char* listIndexes = R"(
CREATE INDEX posts_by_creation ON posts(feed, kind, answers = 0, created_ms) WHERE kind <> 0;
CREATE INDEX posts_by_score ON posts(feed, kind, answers = 0, score) WHERE kind <> 0;
CREATE INDEX posts_by_change ON posts(feed, kind, changed_ms, row, changer) WHERE kind <> 0;
CREATE INDEX posts_by_author ON posts(author, feed, kind) WHERE kind <> 0;
CREATE INDEX posts_values ON posts(row, kind, answers, active_ms, created_ms, score) WHERE kind IN (2, 3);
CREATE INDEX posts_unanswered ON posts(feed, active_ms) WHERE kind = 3 AND answers = 0;
)";

int64_t pragma(Connection& connection, const char* sql)
{
    Statement statement(connection.database(), sql);
    statement.step();
    return statement.number(0);
}

// In an outbox that is there already.
void noteMarks(Connection& connection)
{
    std::vector<std::pair<int64_t, v1::MarkKind>> marks;
    Statement changes(connection.database(), "SELECT position, bytes FROM changes");
    v1::Change change;
    while (changes.step())
        if (change.ParseFromString(std::string(changes.text(1))) && change.has_set_mark())
            marks.emplace_back(changes.number(0), change.set_mark().kind());
    for (const auto& [position, kind] : marks)
        connection("UPDATE outbox SET mark = ? WHERE position = ?").bind(int64_t(kind)).bind(position).run();
}

} // namespace

void migrate(Connection& connection)
{
    Database& database = connection.database();
    const int64_t application = pragma(connection, "PRAGMA application_id");
    const int64_t version = pragma(connection, "PRAGMA user_version");
    if (application != 0 && application != applicationId)
        throw Database::Damaged("not a replica");
    // Before anything is written.
    if (version > replicaSchemaVersion)
        throw std::runtime_error(ReplicaTexts::tr("The copy on this computer was written by a newer version of Stoa. "
                                                  "Install that version; nothing was changed.")
                                     .toStdString());
    if (version == replicaSchemaVersion)
        return;
    database.run("PRAGMA page_size=8192");
    database.run("PRAGMA journal_mode=WAL");
    database.run("BEGIN IMMEDIATE");
    if (version < 1) {
        database.run(first);
        database.run(projections);
        connection("INSERT INTO meta VALUES('projections', ?)").bind(int64_t{projectionVersion}).run();
    }
    if (version < 2)
        database.run(trails);
    if (version < 3)
        database.run(moved);
    if (version < 4)
        database.run(histories);
    if (version < 5)
        database.run(live);
    if (version < 6) {
        database.run(called);
        noteMarks(connection);
    }
    database.run(("PRAGMA application_id=" + std::to_string(applicationId)).c_str());
    database.run(("PRAGMA user_version=" + std::to_string(replicaSchemaVersion)).c_str());
    database.run("COMMIT");
}

bool hasListIndexes(Connection& connection)
{
    Statement& read = connection("SELECT 1 FROM sqlite_master WHERE name = 'posts_unanswered'");
    const bool there = read.step();
    read.reset(); // else the connection would stay in the state that it read
    return there;
}

void makeListIndexes(Connection& connection)
{
    if (!hasListIndexes(connection))
        connection.database().run(listIndexes);
}

void resetProjections(Connection& connection)
{
    connection.forgetStatements();
    for (const char* table : {"spaces", "people", "members", "authors", "posts", "tags", "post_tags", "bookmarks",
                              "proposals", "proposed", "required", "signatures"})
        connection.database().run(("DROP TABLE IF EXISTS " + std::string(table)).c_str());
    connection.database().run(projections);
}

} // namespace stoa
