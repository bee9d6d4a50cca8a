#include "client/search/index.h"

#include <algorithm>

#include <QElapsedTimer>
#include <QFile>

#include <sqlite3.h>
#include <xxhash.h>

#include "client/search/words.h"

namespace stoa {

namespace {

constexpr int formatVersion = 1;
constexpr int scanRows = 4'096;
constexpr int textRows = 64;
// A commit writes one segment of the index. Large ones keep segments few; small ones make text
// searchable earlier: about one a second.
constexpr int commitDocs = 12'000;
constexpr qint64 commitBytes = 24 << 20;
constexpr int mergePages = 200;

constexpr qint64 deadMin = 2'000;
constexpr QLatin1String besideSuffix(".new");

constexpr const char* keyPrefix = "\uE000";

const char* const schema = R"(
    CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE docs(doc INTEGER PRIMARY KEY, row INTEGER NOT NULL, stamp INTEGER NOT NULL, post BLOB NOT NULL);
    CREATE INDEX docs_row ON docs(row, stamp);
    CREATE TABLE terms(term TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5(title, body, tags, author, keys, content='', tokenize='ascii');
    INSERT INTO words(words, rank) VALUES('automerge', 0);
    INSERT INTO words(words, rank) VALUES('crisismerge', 64);
    INSERT INTO words(words, rank) VALUES('hashsize', 16777216);
    INSERT INTO words(words, rank) VALUES('pgsz', 8100);
    INSERT INTO meta VALUES('version', 0), ('next', 1);
)";

void removeFiles(const QString& path)
{
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
        QFile::remove(path + QLatin1String(suffix));
}

std::string key(char kind, const std::string& value)
{
    return std::string(keyPrefix) + kind + value;
}

} // namespace

std::string spaceKey(const Id& space)
{
    return key('s', space.hex());
}

std::string authorKey(const Id& author)
{
    return key('a', author.hex());
}

std::string kindKey(v1::PostKind kind)
{
    return key('k', std::to_string(int(kind)));
}

std::string tagKey(const QString& tag)
{
    return key('t', toHex(hash128(foldText(tag)).str()).substr(0, 16));
}

void WordCounts::clear()
{
    slots_.assign(1 << 14, {});
    words_.clear();
    used_ = 0;
}

void WordCounts::add(std::string_view word)
{
    // Two words of one hash would be counted as one: harmless, and rarer than a failing disk.
    const uint64_t hash = XXH3_64bits(word.data(), word.size()) | 1;
    const size_t mask = slots_.size() - 1;
    size_t at = size_t(hash >> 1) & mask;
    while (slots_[at].hash != 0 && slots_[at].hash != hash)
        at = (at + 1) & mask;
    Slot& slot = slots_[at];
    if (slot.hash == 0) {
        slot = {hash, 0, uint32_t(words_.size())};
        words_ += word;
        words_ += '\0';
        ++used_;
    }
    ++slot.count;
    if (used_ * 2 > slots_.size())
        grow();
}

void WordCounts::grow()
{
    std::vector<Slot> old(slots_.size() * 4);
    old.swap(slots_);
    const size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
        if (slot.hash == 0)
            continue;
        size_t at = size_t(slot.hash >> 1) & mask;
        while (slots_[at].hash != 0)
            at = (at + 1) & mask;
        slots_[at] = slot;
    }
}

std::vector<std::pair<std::string_view, int64_t>> WordCounts::sorted() const
{
    std::vector<std::pair<std::string_view, int64_t>> all;
    all.reserve(used_);
    for (const Slot& slot : slots_)
        if (slot.hash != 0)
            all.emplace_back(std::string_view(words_.c_str() + slot.word), slot.count);
    std::sort(all.begin(), all.end());
    return all;
}

void removeSearchIndex(const QString& path)
{
    removeFiles(path);
    removeFiles(path + besideSuffix);
}

struct SearchIndex::Statements {
    explicit Statements(const Database& database)
        : docsFrom(database, "SELECT row, stamp, doc FROM docs WHERE row > ?1 AND row <= ?2 ORDER BY row"),
          docOfRow(database, "SELECT doc, stamp FROM docs WHERE row = ?1"),
          addDoc(database, "INSERT INTO docs(doc, row, stamp, post) VALUES(?1, ?2, ?3, ?4)"),
          removeDoc(database, "DELETE FROM docs WHERE doc = ?1"),
          addWords(database,
                   "INSERT INTO words(rowid, title, body, tags, author, keys) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
          count(database, "INSERT INTO terms(term, count) VALUES(?1, ?2) "
                          "ON CONFLICT(term) DO UPDATE SET count = count + excluded.count"),
          setMeta(database, "UPDATE meta SET value = ?2 WHERE name = ?1"),
          merge(database, "INSERT INTO words(words, rank) VALUES('merge', ?1)")
    {
    }

    Statement docsFrom, docOfRow, addDoc, removeDoc, addWords, count, setMeta, merge;
};

SearchIndex::SearchIndex(const QString& path, IndexSource source) : path_(path), source_(std::move(source))
{
    removeFiles(path_ + besideSuffix); // of a program that was killed
    try {
        open();
    } catch (const Database::Damaged&) {
        rebuild();
    }
}

SearchIndex::~SearchIndex()
{
    try {
        commit();
    } catch (const std::exception&) {
        // Derived data: the next start finds the same work again.
    }
}

void SearchIndex::open()
{
    statements_.reset();
    database_ = std::make_unique<Database>(path_.toStdString(), Database::Mode::Write);
    database_->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384;"
                   "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                   "PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;");
    const auto number = [&](const char* sql) {
        Statement statement(*database_, sql);
        return statement.step() ? statement.number(0) : int64_t{0};
    };
    if (number("SELECT count(*) FROM sqlite_master") == 0) {
        database_->run("BEGIN IMMEDIATE");
        database_->run(schema);
        Statement version(*database_, "UPDATE meta SET value = ?1 WHERE name = 'version'");
        version.bind(int64_t{formatVersion}).run();
        database_->run("COMMIT");
    } else {
        if (number("SELECT value FROM meta WHERE name = 'version'") != formatVersion)
            throw Database::Damaged("another version");
        // A file that was cut: SQLite itself would notice only when it comes to the missing pages.
        const int64_t bytes = number("PRAGMA page_count") * number("PRAGMA page_size");
        const qint64 walBytes = QFile(path_ + QStringLiteral("-wal")).size();
        if (walBytes == 0 && QFile(path_).size() < bytes)
            throw Database::Damaged("cut");
    }
    nextDoc_ = std::max(number("SELECT value FROM meta WHERE name = 'next'"), number("SELECT max(doc) FROM docs") + 1);
    live_ = number("SELECT count(*) FROM docs");
    highestRow_ = number("SELECT max(row) FROM docs");
    statements_ = std::make_unique<Statements>(*database_);
    counts_.clear();
    pending_.clear();
    pendingAt_ = 0;
    inTransaction_ = false;
    inBatch_ = 0;
    bytesInBatch_ = 0;
    mergeable_ = true;
    scanAfter_ = 0;
    scanAgain_ = scanAllAgain_ = false;
}

void SearchIndex::rebuild()
{
    statements_.reset();
    database_.reset();
    beside_.reset();
    removeFiles(path_ + besideSuffix);
    removeFiles(path_);
    ++generation_;
    try {
        open();
    } catch (const Database::Damaged& damaged) {
        // A new file that is damaged at once is the disk's fault, not the file's.
        throw Database::Failed(damaged.what());
    }
}

// What was built beside is whole: from here on it is this one.
void SearchIndex::replace()
{
    beside_.reset();
    statements_.reset();
    database_.reset();
    removeFiles(path_);
    QFile::rename(path_ + besideSuffix, path_);
    ++generation_;
    open();
}

void SearchIndex::lookForNew()
{
    if (beside_)
        beside_->lookForNew();
    if (scanAfter_ < 0)
        scanAfter_ = highestRow_;
    else
        scanAgain_ = true;
}

void SearchIndex::lookAt(const QList<Id>& posts)
{
    if (beside_)
        beside_->lookAt(posts);
    // Most of what is named is only marked, or has something new below it: its text is as it was.
    for (const qint64 row : source_.rowsOf(posts))
        if (!isIndexed(row))
            pending_.push_back(row);
}

bool SearchIndex::isIndexed(qint64 row)
{
    if (!statements_)
        return false;
    Statement& docOfRow = statements_->docOfRow;
    docOfRow.bind(int64_t{row});
    const bool known = docOfRow.step();
    const qint64 indexed = known ? docOfRow.number(1) : 0;
    docOfRow.reset();
    const QList<IndexStamp> there = known ? source_.stamps(row - 1, 1) : QList<IndexStamp>();
    return !there.isEmpty() && there.first().row == row && there.first().stamp == indexed;
}

void SearchIndex::lookAtAll()
{
    if (beside_)
        beside_->lookAtAll();
    if (scanAfter_ < 0)
        scanAfter_ = 0;
    else
        scanAllAgain_ = true;
}

int SearchIndex::waiting() const
{
    return int(pending_.size() - pendingAt_);
}

bool SearchIndex::work(int budgetMs)
{
    QElapsedTimer timer;
    timer.start();
    try {
        do {
            if (!database_)
                rebuild();
            // Not more than one comparison at a time, and what it found goes first: rows that wait are not
            // found twice.
            if (pendingAt_ < pending_.size()) {
                indexSome();
            } else if (scanAfter_ >= 0) {
                scanPage();
            } else if (scanAllAgain_ || scanAgain_) {
                scanAfter_ = scanAllAgain_ ? 0 : highestRow_;
                scanAgain_ = scanAllAgain_ = false;
            } else if (inTransaction_) {
                commit();
            } else if (beside_) {
                if (!beside_->work(0))
                    replace();
            } else if (nextDoc_ - 1 - live_ > std::max(deadMin, live_ / 2)) {
                beside_ = std::make_unique<SearchIndex>(path_ + besideSuffix, source_);
            } else if (!mergeSome()) {
                return false;
            }
        } while (timer.elapsed() < budgetMs);
    } catch (const Database::Damaged&) {
        rebuild();
    } catch (const Database::Failed&) {
        // What was begun is gone with its transaction; begin anew from the file.
        statements_.reset();
        database_.reset();
        open();
        throw;
    }
    return true;
}

void SearchIndex::scanPage()
{
    const QList<IndexStamp> there = source_.stamps(scanAfter_, scanRows);
    const qint64 upto = there.size() < scanRows ? std::numeric_limits<qint64>::max() : there.last().row;
    auto stamp = there.begin();
    std::vector<int64_t> gone;
    Statement& docs = statements_->docsFrom;
    docs.bind(int64_t{scanAfter_}).bind(int64_t{upto});
    while (docs.step()) {
        const qint64 row = docs.number(0);
        while (stamp != there.end() && stamp->row < row)
            pending_.push_back((stamp++)->row);
        const bool still = stamp != there.end() && stamp->row == row;
        if (!still || stamp->stamp != docs.number(1))
            gone.push_back(docs.number(2));
        if (still && stamp->stamp != docs.number(1))
            pending_.push_back(row);
        if (still)
            ++stamp;
    }
    while (stamp != there.end())
        pending_.push_back((stamp++)->row);
    for (const int64_t doc : gone)
        removeDoc(doc);
    scanAfter_ = there.size() < scanRows ? -1 : upto;
}

void SearchIndex::removeDoc(int64_t doc)
{
    if (!inTransaction_) {
        database_->run("BEGIN IMMEDIATE");
        inTransaction_ = true;
    }
    statements_->removeDoc.bind(doc).run();
    --live_;
}

void SearchIndex::indexSome()
{
    QList<qint64> rows;
    while (pendingAt_ < pending_.size() && rows.size() < textRows)
        rows.append(pending_[pendingAt_++]);
    if (pendingAt_ >= pending_.size()) {
        pending_.clear();
        pendingAt_ = 0;
    }
    const QList<IndexText> texts = source_.texts(rows);
    if (!inTransaction_) {
        database_->run("BEGIN IMMEDIATE");
        inTransaction_ = true;
    }
    std::string title, body, tags, author, keys;
    Word word;
    const auto fold = [&](QStringView text, std::string& folded) {
        folded.clear();
        for (Words words(text); words.next(word);) {
            if (!folded.empty())
                folded += ' ';
            folded += word.folded;
            counts_.add(word.folded);
        }
    };
    for (const IndexText& text : texts) {
        // The row may have been indexed since it was found; the newest text counts.
        Statement& docOfRow = statements_->docOfRow;
        docOfRow.bind(int64_t{text.row});
        if (docOfRow.step()) {
            const int64_t doc = docOfRow.number(0);
            const bool same = docOfRow.number(1) == text.stamp;
            docOfRow.reset();
            if (same)
                continue;
            removeDoc(doc);
        }
        fold(text.title, title);
        fold(text.body, body);
        fold(text.tags.join(QLatin1Char(' ')), tags);
        fold(text.authorName, author);
        keys = spaceKey(text.space) + ' ' + authorKey(text.author) + ' ' + kindKey(text.kind);
        for (const QString& tag : text.tags)
            keys += ' ' + tagKey(tag);
        const int64_t doc = nextDoc_++;
        statements_->addWords.bind(doc).bind(title).bind(body).bind(tags).bind(author).bind(keys).run();
        statements_->addDoc.bind(doc)
            .bind(int64_t{text.row})
            .bind(int64_t{text.stamp})
            .bindBlob(text.post.view())
            .run();
        ++live_;
        ++inBatch_;
        bytesInBatch_ += qint64(title.size() + body.size());
        highestRow_ = std::max(highestRow_, text.row);
    }
    if (inBatch_ >= commitDocs || bytesInBatch_ >= commitBytes)
        commit();
}

void SearchIndex::commit()
{
    if (!inTransaction_)
        return;
    for (const auto& [word, count] : counts_.sorted())
        statements_->count.bind(word).bind(count).run();
    counts_.clear();
    statements_->setMeta.bind(std::string_view("next")).bind(int64_t{nextDoc_}).run();
    database_->run("COMMIT");
    inTransaction_ = false;
    inBatch_ = 0;
    bytesInBatch_ = 0;
    mergeable_ = true;
}

// Joins small segments while there is nothing else to do, so that queries look into few of them.
bool SearchIndex::mergeSome()
{
    if (!mergeable_)
        return false;
    const int before = sqlite3_total_changes(database_->handle());
    statements_->merge.bind(int64_t{mergePages}).run();
    mergeable_ = sqlite3_total_changes(database_->handle()) - before >= 2;
    return mergeable_;
}

} // namespace stoa
