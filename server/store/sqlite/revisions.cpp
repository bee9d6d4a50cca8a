#include "server/store/sqlite/revisions.h"

#include <algorithm>

namespace stoa::sqlite {

namespace {

Id idOf(std::string_view raw)
{
    const auto id = Id::from(raw);
    if (!id)
        throw StorageError("The database holds an id that is none. Please run \"stoad check\".");
    return *id;
}

v1::Revision revisionOf(std::string_view bytes)
{
    v1::Revision revision;
    if (!revision.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        throw StorageError("The database holds a revision that cannot be read. Please run \"stoad check\".");
    return revision;
}

// What a peer asks for may be any number; those that are stored fit.
int64_t storable(uint64_t revision)
{
    return static_cast<int64_t>(std::min<uint64_t>(revision, INT64_MAX));
}

// From the columns post, published_ms, lacks, first_ms, last_ms.
Publication publicationOf(const Statement& s)
{
    return {idOf(s.bytes(0)), s.number(1), static_cast<uint64_t>(s.number(2)), s.number(3), s.number(4)};
}

} // namespace

// revision: each accepted text change, for good, and ahead of the first one the body as a whole. publication: of the
// posts that text changes came to of late, when their record was given a number last, and how many revisions it lacks
// since when.
const char* const revisionTables = R"(
CREATE TABLE revision(post BLOB NOT NULL, revision INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(post, revision))
    WITHOUT ROWID;
CREATE TABLE publication(post BLOB PRIMARY KEY, published_ms INTEGER NOT NULL, lacks INTEGER NOT NULL,
    first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL) WITHOUT ROWID;
)";

std::vector<v1::Revision> Revisions::after(const Id& post, uint64_t after, size_t bytesMax) const
{
    Statement& s = db_.prepare("SELECT bytes FROM revision WHERE post = ? AND revision > ? ORDER BY revision");
    const Rows rows{s.bindBlob(1, post.view()).bind(2, storable(after))};
    std::vector<v1::Revision> found;
    for (size_t bytes = 0; bytes < bytesMax && s.step();) {
        found.push_back(revisionOf(s.bytes(0)));
        bytes += s.bytes(0).size() + sizeof(v1::Revision);
    }
    return found;
}

std::vector<v1::Revision> Revisions::upTo(const Id& post, uint64_t upto, size_t countMax, size_t bytesMax) const
{
    Statement& s = db_.prepare("SELECT bytes FROM revision WHERE post = ? AND revision <= ? ORDER BY revision DESC");
    const Rows rows{s.bindBlob(1, post.view()).bind(2, storable(upto))};
    std::vector<v1::Revision> found;
    for (size_t bytes = 0; bytes < bytesMax && found.size() < countMax && s.step();) {
        found.push_back(revisionOf(s.bytes(0)));
        bytes += s.bytes(0).size() + sizeof(v1::Revision);
    }
    return found;
}

std::optional<v1::Revision> Revisions::find(const Id& post, uint64_t revision) const
{
    Statement& s = db_.prepare("SELECT bytes FROM revision WHERE post = ? AND revision = ?");
    const Rows rows{s.bindBlob(1, post.view()).bind(2, storable(revision))};
    return s.step() ? std::optional(revisionOf(s.bytes(0))) : std::nullopt;
}

uint64_t Revisions::newest(const Id& post) const
{
    Statement& s = db_.prepare("SELECT max(revision) FROM revision WHERE post = ?");
    const Rows rows{s.bindBlob(1, post.view())};
    return s.step() ? static_cast<uint64_t>(s.number(0)) : 0;
}

void Revisions::each(const std::function<void(const RawRevision&)>& tell) const
{
    Statement& s = db_.prepare("SELECT post, revision, bytes FROM revision ORDER BY post, revision");
    const Rows rows{s};
    while (s.step())
        tell({s.bytes(0), static_cast<uint64_t>(s.number(1)), s.bytes(2)});
}

std::optional<Publication> Revisions::publication(const Id& post) const
{
    Statement& s = db_.prepare("SELECT post, published_ms, lacks, first_ms, last_ms FROM publication WHERE post = ?");
    const Rows rows{s.bindBlob(1, post.view())};
    return s.step() ? std::optional(publicationOf(s)) : std::nullopt;
}

std::vector<Publication> Revisions::unpublished() const
{
    Statement& s = db_.prepare(
        "SELECT post, published_ms, lacks, first_ms, last_ms FROM publication WHERE lacks > 0 ORDER BY first_ms, post");
    const Rows rows{s};
    std::vector<Publication> found;
    while (s.step())
        found.push_back(publicationOf(s));
    return found;
}

void Revisions::add(const Id& post, const v1::Revision& revision)
{
    db_.prepare("INSERT INTO revision VALUES (?, ?, ?)")
        .bindBlob(1, post.view())
        .bind(2, static_cast<int64_t>(revision.version().revision()))
        .bindBlob(3, revision.SerializeAsString())
        .run();
}

void Revisions::drop(const Id& post)
{
    for (const char* each : {"DELETE FROM revision WHERE post = ?", "DELETE FROM publication WHERE post = ?"})
        db_.prepare(each).bindBlob(1, post.view()).run();
}

void Revisions::setPublication(const Publication& publication)
{
    db_.prepare("INSERT OR REPLACE INTO publication VALUES (?, ?, ?, ?, ?)")
        .bindBlob(1, publication.post.view())
        .bind(2, publication.publishedMs)
        .bind(3, static_cast<int64_t>(publication.lacks))
        .bind(4, publication.firstMs)
        .bind(5, publication.lastMs)
        .run();
}

void Revisions::dropPublished(int64_t sinceMs, int64_t nowMs)
{
    db_.prepare("DELETE FROM publication WHERE lacks = 0 AND (published_ms <= ? OR published_ms > ?)")
        .bind(1, sinceMs)
        .bind(2, nowMs)
        .run();
}

} // namespace stoa::sqlite
