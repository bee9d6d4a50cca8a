#pragma once

// The search index: derived data in a file of its own beside the replica (search.db, FTS5), written by
// the search thread off the sync path, thrown away and rebuilt where it is damaged or older. Results are
// joined to the replica, so a stale index shows nothing that was forgotten.

#include <optional>

#include <QList>
#include <QMetaType>
#include <QString>

#include "client/replica/queries.h"

namespace stoa {

// Where to look, beside what the words themselves say (space: tag: kind: author:).
struct SearchScope {
    std::optional<Id> space;
    v1::PostKind kind = v1::POST_NONE; // POST_NONE: any
};

struct SearchHit {
    PostRow post;
    QString spaceName;
    QString snippet;                   // plain text
    QList<QPair<int, int>> marks;      // (start, length) in the snippet
    QList<QPair<int, int>> titleMarks; // in post.title
};

struct SearchResults {
    QString words;
    QList<SearchHit> hits;
    bool more = false;
    int unindexed = 0; // posts that are not yet searchable
    QString note;      // for example: "No space is called “x”."; empty mostly
};

} // namespace stoa

Q_DECLARE_METATYPE(stoa::SearchResults)
