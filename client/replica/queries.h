#pragma once

// What the interface, the command line and the search read of a replica. Each function is one or a few
// indexed queries over a read-only connection, bounded, without state, and ends in the call that began
// it. A Reading belongs to one thread. Every row is a plain value; deleted posts are never returned;
// children of a missing or deleted parent are not shown.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QList>
#include <QString>
#include <QStringList>

#include "client/replica/outbox.h"
#include "shared/base/ids.h"
#include "shared/domain/apply.h"
#include "stoa/v1/record.pb.h"

namespace stoa {

// A read-only connection to a replica file (and the thread's own prepared statements).
class Reading {
public:
    explicit Reading(const QString& replicaPath);
    ~Reading();
    Reading(const Reading&) = delete;

    // Another number as soon as anything was stored since it was last asked for.
    qint64 version() const;

    class Statements;
    Statements& statements() const { return *statements_; }

private:
    std::unique_ptr<Statements> statements_;
};

// Who is signed in, and to what. Everything null or empty before the first join.
struct Profile {
    Id person;
    Id organisation;
    QString organisationName;
    QString login;
    QString name;
    QString server; // HOST:PORT
    bool admin = false;
    bool signedOut = false; // by the person: the copy is not shown until they sign in again
};
Profile profile(const Reading&);

struct SpaceRow {
    Id id;
    QString name;
    v1::Visibility visibility = v1::VISIBILITY_NONE;
    v1::Role role = v1::ROLE_NONE; // the one that counts, from membership or visibility
    int pages = 0;
    int questions = 0;
    int answers = 0;
    int comments = 0;
    int unanswered = 0; // questions without any answer
    int people = 0;     // with a membership
    int fresh = 0;      // posts that others made, or were the last to change, since this person looked; at most 1000
    qint64 seenMs = 0;  // when that was; 0: never
    qint64 activeMs = 0;
    quint64 held = 0;      // records that are here
    quint64 total = 0;     // records that the server says there are
    bool complete = false; // the first read is done
    bool setAside = false; // the server no longer knows or serves it: read-only
};
QList<SpaceRow> spaces(const Reading&); // by name
std::optional<SpaceRow> space(const Reading&, const Id& space);
std::optional<v1::Charter> charter(const Reading&, const Id& space);
// The bytes of any record as it is visible here (pending changes applied).
std::optional<v1::Record> record(const Reading&, const Id& id);

struct PersonRow {
    Id id;
    QString login;
    QString name;
    QString about;
    bool disabled = false;
    bool admin = false;
    v1::Role role = v1::ROLE_NONE; // where asked for a space
    QList<v1::Title> titles;
    int posts = 0; // in the space, where asked for one: questions, answers, pages
};
std::optional<PersonRow> person(const Reading&, const Id& person);
QList<PersonRow> members(const Reading&, const Id& space, int limit);    // by role, then name
QList<PersonRow> mostActive(const Reading&, const Id& space, int limit); // authors by number of posts
QList<PersonRow> findPeople(const Reading&, const QString& prefix, int limit);

struct PostRow {
    Id id;
    Id space;
    Id parent;
    Id root;
    v1::PostKind kind = v1::POST_NONE;
    QString title;   // answers, comments and proposals: the thread's
    QString excerpt; // about 200 characters of plain text
    QStringList tags;
    Id author;          // null: nobody, it was imported
    QString authorName; // empty: no longer known
    qint64 createdMs = 0;
    qint64 changedMs = 0;
    qint64 activeMs = 0; // of the thread, for roots
    int score = 0;       // real votes plus imported
    int importedScore = 0;
    int answers = 0;  // below a question
    int comments = 0; // directly below the post
    int children = 0; // pages and sections directly below
    Id accepted;      // a question's
    qint64 position = 0;
    bool pending = false; // a change on it is not settled
    bool refused = false;
    int myVote = 0;
    bool bookmarked = false;
};

enum class Order { Activity, Newest, Score };

struct PostFilter {
    std::optional<Id> space;
    v1::PostKind kind = v1::QUESTION; // POST_NONE: pages and questions together
    QString tag;
    bool unanswered = false;
    bool bookmarked = false; // by this person
    bool mine = false;
    Order order = Order::Activity;
};

// Where a page of a list ended; hand it back for the next one.
struct PageKey {
    qint64 value = 0;
    qint64 row = 0;
};
struct PostPage {
    QList<PostRow> rows;
    std::optional<PageKey> next; // nothing at the end
};
PostPage posts(const Reading&, const PostFilter&, std::optional<PageKey> after, int limit);

std::optional<PostRow> post(const Reading&, const Id& id);
QList<PostRow> postsByIds(const Reading&, const QList<Id>& ids); // in their order, missing ones left out
QString body(const Reading&, const Id& post);                    // Markdown

// The revisions of a body as far as they were fetched (Worker::readHistory), each a change of the one before, the
// newest last. Nothing where none were.
struct BodyHistory {
    std::vector<v1::Revision> revisions;
    bool whole = false; // the first one inserts the whole body
};
// With `downTo` none before the one with that number is read.
std::optional<BodyHistory> history(const Reading&, const Id& post, quint64 downTo = 0);
// How much of it is here, before it is read; 0: nothing.
qint64 historyBytes(const Reading&, const Id& post);
// A stretch of work in it (shared/domain/history.h).
struct HistoryRow {
    Id id;                   // of this row, made of its first revision's number
    QList<Id> authors;       // who wrote most first; null: an import, or the server that moved a draft with its page
    QStringList authorNames; // of each; empty: no longer known
    qint64 fromMs = 0;
    qint64 toMs = 0;
    QString summary;                       // of more than one: what all of them said
    QList<QPair<qsizetype, QString>> said; // of more than one: which of them said what of it, in that order
    size_t end = 0;                        // the body after it: after so many of the revisions
    size_t begin = 0;                      // and before it; 0: there was none
    bool created = false;                  // the body as it was created, or as it came back
    bool sinceRead = false;                // all that was done since the person read it last, in one
};
// The newest first; what was done after revision `since` also in one row above the others.
QList<HistoryRow> historyRows(const Reading&, const std::vector<v1::Revision>& revisions,
                              std::optional<quint64> since = std::nullopt);
// The revision of the body that the person read here last (Worker::noteRead).
std::optional<quint64> readRevision(const Reading&, const Id& post);

// All pages and sections directly below `parent` (null: the top of the space), by position, then title. The
// rows come without excerpt and own vote, which a tree does not show.
QList<PostRow> pagesBelow(const Reading&, const Id& space, const Id& parent);
QList<PostRow> ancestors(const Reading&, const Id& page); // from the top down, without the page itself

struct PostText {
    PostRow row;
    QString body;
};
struct Thread {
    PostText post;            // the question or page
    QList<PostText> answers;  // accepted first, then by score, then oldest first
    QList<PostText> comments; // of the post and of its answers, by time; `row.parent` says whose
};
std::optional<Thread> thread(const Reading&, const Id& root);

struct TagRow {
    QString tag;
    int posts = 0;
};
QList<TagRow> tags(const Reading&, const Id& space, int limit); // most used first

// Home: what others made, or were the last to change, since this person looked, newest first, without what was there
// when the space came; and what has no answer.
QList<PostRow> fresh(const Reading&, std::optional<Id> space, int limit);
QList<PostRow> unanswered(const Reading&, std::optional<Id> space, int limit); // newest first

// Kept texts (body_drafts.h), newest first, then changes, oldest first. Rows `known` in the same state are not reread.
QList<OutboxRow> outbox(const Reading&, int limit, const QList<OutboxRow>& known = {});
std::optional<v1::Change> changeInOutbox(const Reading&, const Id& change);
// What waits, was sent, or needs the person, as people count it: what waits of one post is one, what was voted, set or
// signed counts where nothing else waits, and what was seen never; what needs the person is added one by one.
int outboxCount(const Reading&);

struct Totals {
    qint64 spaces = 0, people = 0, pages = 0, questions = 0, answers = 0, comments = 0, records = 0;
    bool complete = false;     // every followed feed has reached the head it was told
    bool digestsEqual = false; // and every digest agreed there
};
Totals totals(const Reading&);

// Drafts: text not yet sent, by place (for example "ask/<space>" or "answer/<question>").
struct Draft {
    QString title;
    QString text;
    QStringList tags;
    qint64 changedMs = 0;
};
std::optional<Draft> draft(const Reading&, const QString& place);

// For `may` (shared/domain/may.h): over the visible rows.
std::unique_ptr<Reader> reader(const Reading&);

// For the search index (client/search/index.h): living posts by the integer row they have in the replica,
// with a number that differs from post to post and whenever title, body or tags do.
struct IndexStamp {
    qint64 row = 0;
    qint64 stamp = 0;
};
QList<IndexStamp> indexStamps(const Reading&, qint64 afterRow, int limit); // by row
struct IndexRow {
    qint64 row = 0;
    qint64 stamp = 0;
    Id post;
    Id space;
    Id author;
    v1::PostKind kind = v1::POST_NONE;
    QString title; // a post's own: empty for answers and comments
    QString body;  // Markdown
    QStringList tags;
    QString authorName;
};
QList<IndexRow> indexRows(const Reading&, const QList<qint64>& rows); // those that are there
QList<qint64> rowsOfPosts(const Reading&, const QList<Id>& posts);

// Posts whose id begins with these hexadecimal digits.
QList<Id> postsByPrefix(const Reading&, const QString& digits, int limit);

} // namespace stoa
