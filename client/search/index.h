#pragma once

// The index's file (search.db), its writer and its reader; both belong to the search thread.
//
//   words  FTS5, contentless: title, body, tags, author, keys. The text is folded beforehand
//          (client/search/words.h); `keys` holds one made-up word each for space, kind, author and tags, so
//          that filters cost nothing beyond the match. A word of `keys` begins with U+E000, which no text can.
//   docs   doc number -> the replica's row, its stamp and the post. A post that changed gets a new number; the
//          old entry stays in `words` without a row in `docs` and is skipped, until so many are dead that
//          everything is built anew: in a file beside, which takes this one's place once it is whole.
//   terms  word -> how often it occurs: for ranking, and to complete the last word without reading every
//          list of occurrences that begins with it.
//
// What is to be indexed is found by comparing stamps with the replica, so nothing is missed whatever
// happened between the two files. Commits are consistent but may be rolled back by a power cut: then the
// comparison finds the same work again. A damaged file, or one of another version, is thrown away.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <QList>
#include <QString>
#include <QStringList>

#include "client/replica/database.h"
#include "client/replica/queries.h"
#include "shared/base/ids.h"
#include "stoa/v1/record.pb.h"

namespace stoa {

// A post as it is indexed.
struct IndexText {
    qint64 row = 0;
    qint64 stamp = 0;
    Id post;
    Id space;
    Id author;
    v1::PostKind kind = v1::POST_NONE;
    QString title;
    QString body; // plain text
    QStringList tags;
    QString authorName;
};

// How the index reads the replica.
struct IndexSource {
    // Living posts with a row above `afterRow`, by row, at most `limit`.
    std::function<QList<IndexStamp>(qint64 afterRow, int limit)> stamps;
    // Those of the rows that still are there.
    std::function<QList<IndexText>(const QList<qint64>& rows)> texts;
    // Of those posts that are there.
    std::function<QList<qint64>(const QList<Id>& posts)> rowsOf;
};

// Counts words; flat in memory, because every word of every text passes through it.
class WordCounts {
public:
    WordCounts() { clear(); }
    void add(std::string_view word);
    void clear();
    std::vector<std::pair<std::string_view, int64_t>> sorted() const;

private:
    struct Slot {
        uint64_t hash = 0; // 0: free
        uint32_t count = 0;
        uint32_t word = 0; // where it begins in `words_`, ended by NUL
    };
    void grow();

    std::vector<Slot> slots_;
    std::string words_;
    size_t used_ = 0;
};

// With whatever lies beside it. Nobody has it open.
void removeSearchIndex(const QString& path);

class SearchIndex {
public:
    // Opens the file or makes it anew. Throws Database::Failed where neither works.
    SearchIndex(const QString& path, IndexSource source);
    ~SearchIndex();

    // Something was added at the end; these posts changed; anything may have. Cheap: the work is in work().
    void lookForNew();
    void lookAt(const QList<Id>& posts);
    void lookAtAll();

    // Works for about `budgetMs`; false once there is nothing left to do. Throws Database::Failed (disk
    // full) and goes on from there when called again.
    bool work(int budgetMs);

    // Rows that are known to wait.
    int waiting() const;
    qint64 indexed() const { return live_; }
    // Grows whenever the file was made anew: readers open it again.
    int generation() const { return generation_; }
    // A reader found the file damaged.
    void rebuild();

private:
    struct Statements;

    void open();
    void replace();
    bool isIndexed(qint64 row);
    void scanPage();
    void indexSome();
    void commit();
    bool mergeSome();
    void removeDoc(int64_t doc);

    QString path_;
    IndexSource source_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Statements> statements_;
    std::unique_ptr<SearchIndex> beside_; // being built, without what is dead
    WordCounts counts_;                   // in this transaction
    std::vector<qint64> pending_;         // rows, in the order of work, from `pendingAt_`
    size_t pendingAt_ = 0;
    qint64 scanAfter_ = -1; // -1: no comparison under way
    bool scanAgain_ = false;
    bool scanAllAgain_ = false;
    bool inTransaction_ = false;
    bool mergeable_ = false;
    int inBatch_ = 0;
    qint64 bytesInBatch_ = 0;
    qint64 nextDoc_ = 1;
    qint64 live_ = 0;
    qint64 highestRow_ = 0;
    int generation_ = 0;
};

// Over a replica; the Reading must outlive it.
IndexSource replicaSource(const Reading& reading);

// The made-up words of `keys`.
std::string spaceKey(const Id& space);
std::string authorKey(const Id& author);
std::string kindKey(v1::PostKind kind);
std::string tagKey(const QString& tag);

} // namespace stoa
