// The revisions of bodies that somebody wanted to see. The server has them for good; what is here may be thrown away.

#include <algorithm>

#include "client/replica/replica.h"
#include "shared/base/limits.h"

namespace stoa {

namespace {

int64_t numberIn(Statement& read)
{
    const int64_t number = read.step() ? read.number(0) : 0;
    read.reset();
    return number;
}

} // namespace

std::optional<uint64_t> Replica::receive(const v1::RevisionPage& page)
{
    const auto post = Id::from(page.post());
    if (!post || !isShown(*post))
        return std::nullopt;
    Statement& known = (*connection_)("SELECT complete FROM histories WHERE post = ?").bindBlob(post->view());
    int64_t complete = known.step() ? known.number(0) : -1;
    known.reset();

    // What lies within the numbers that a page covers is what it says.
    const int64_t below = page.before() == 0 ? INT64_MAX : int64_t(std::min<uint64_t>(page.before(), INT64_MAX));
    int64_t lowest = page.first() ? 0 : below;
    for (const v1::Revision& each : page.revisions()) {
        if (each.version().revision() >= uint64_t(below))
            return std::nullopt;
        lowest = std::min(lowest, int64_t(each.version().revision()));
    }
    (*connection_)("DELETE FROM revisions WHERE post = ? AND revision >= ? AND revision < ?")
        .bindBlob(post->view())
        .bind(lowest)
        .bind(below)
        .run();
    for (const v1::Revision& each : page.revisions())
        (*connection_)("INSERT OR REPLACE INTO revisions VALUES(?, ?, ?)")
            .bindBlob(post->view())
            .bind(int64_t(each.version().revision()))
            .bindBlob(each.SerializeAsString())
            .run();

    bool whole = page.first();
    if (!whole && page.revisions_size() > 0) {
        // Does it go on with what was read to its end before?
        const uint64_t next = page.revisions(page.revisions_size() - 1).after();
        Statement& has = (*connection_)("SELECT 1 FROM revisions WHERE post = ? AND revision = ?");
        has.bindBlob(post->view()).bind(int64_t(std::min<uint64_t>(next, INT64_MAX)));
        whole = numberIn(has) != 0 && next <= uint64_t(std::max<int64_t>(complete, 0)) && complete >= 0;
    }
    if (whole)
        complete =
            numberIn((*connection_)("SELECT max(revision) FROM revisions WHERE post = ?").bindBlob(post->view()));
    const int64_t bytes =
        numberIn((*connection_)("SELECT sum(length(bytes)) FROM revisions WHERE post = ?").bindBlob(post->view()));
    (*connection_)("INSERT OR REPLACE INTO histories VALUES(?, ?, ?, ?)")
        .bindBlob(post->view())
        .bind(bytes)
        .bind(complete)
        .bind(clock_())
        .run();
    makeRoomForHistories(*post);
    if (!whole && page.revisions_size() > 0 && lowest > 0 && size_t(bytes) < limits::historyBytesMax)
        return uint64_t(lowest);
    historiesTouched_.push_back(*post);
    return std::nullopt;
}

void Replica::noteReading(const Id& post)
{
    Statement& read = (*connection_)("SELECT bytes FROM records WHERE id = ? AND deleted = 0 AND bytes IS NOT NULL");
    v1::Record record;
    const bool found = read.bindBlob(post.view()).step() && record.ParseFromString(std::string(read.text(0)));
    read.reset();
    if (found && record.has_post())
        (*connection_)("INSERT OR REPLACE INTO readings VALUES(?, ?)")
            .bindBlob(post.view())
            .bind(int64_t(std::min<uint64_t>(record.post().body_version().revision(), INT64_MAX)))
            .run();
}

bool Replica::isShown(const Id& post)
{
    Statement& read = (*connection_)("SELECT 1 FROM records WHERE id = ? AND deleted = 0 AND bytes IS NOT NULL");
    return numberIn(read.bindBlob(post.view())) != 0;
}

void Replica::makeRoomForHistories(const Id& kept)
{
    while (size_t(numberIn((*connection_)("SELECT sum(bytes) FROM histories"))) > limits::historiesBytesMax) {
        Statement& oldest = (*connection_)("SELECT post FROM histories WHERE post <> ? ORDER BY asked_ms LIMIT 1");
        const auto post = oldest.bindBlob(kept.view()).step() ? Id::from(oldest.text(0)) : std::nullopt;
        oldest.reset();
        if (!post)
            return;
        dropHistory(*post);
    }
}

void Replica::dropHistory(const Id& post)
{
    (*connection_)("DELETE FROM revisions WHERE post = ?").bindBlob(post.view()).run();
    (*connection_)("DELETE FROM histories WHERE post = ?").bindBlob(post.view()).run();
}

// Of what is not here any more, or of all.
void Replica::dropHistories(bool all)
{
    std::vector<Id> gone;
    Statement& read = (*connection_)("SELECT post FROM histories");
    while (read.step())
        if (const auto post = Id::from(read.text(0)))
            gone.push_back(*post);
    read.reset();
    for (const Id& post : gone)
        if (all || !isShown(post))
            dropHistory(post);
}

} // namespace stoa
