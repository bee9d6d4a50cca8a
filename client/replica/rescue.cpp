#include "client/replica/rescue.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "client/replica/replica.h"

namespace stoa {

namespace {

namespace fs = std::filesystem;

constexpr const char* sidecars[] = {"-wal", "-shm", "-journal"};

// What is left of a file that nobody can read row by row any more.
class Wreck {
public:
    explicit Wreck(const std::string& path)
    {
        try {
            if (!fs::exists(path))
                return;
            database_ = std::make_unique<Database>(path, Database::Mode::Read);
            database_->run("PRAGMA writable_schema=ON"); // else a file that was cut is not read at all
        } catch (const std::runtime_error&) {
            database_.reset();
            whole_ = false;
        }
    }

    // Each row that can be read: from the first one on, and where something damaged is in the way from the
    // last one back.
    void read(const std::string& columnsAndTable, const std::string& key, const std::function<void(Statement&)>& take)
    {
        if (!database_ || readAll(columnsAndTable + " ORDER BY " + key, take))
            return;
        whole_ = false;
        (void)readAll(columnsAndTable + " ORDER BY " + key + " DESC", take);
    }

    std::optional<std::string> bytesOf(int64_t position)
    {
        std::optional<std::string> bytes;
        const std::string sql = "SELECT bytes FROM changes WHERE position = " + std::to_string(position);
        if (!readAll(sql, [&](Statement& row) { bytes = std::string(row.text(0)); }) || !bytes)
            whole_ = false;
        return bytes;
    }

    // What belongs to a change of a text: its row in `moved`, else the body that was shown.
    struct Text {
        std::optional<std::string> form, body;
        int64_t held = 0, behind = 0;
        std::string submitted;
    };
    Text textOf(int64_t position, const Id& target, bool shows)
    {
        Text text;
        const auto string = [](const Statement& row, int column) {
            return row.isNull(column) ? std::nullopt : std::optional(std::string(row.text(column)));
        };
        const std::string sql =
            "SELECT form, body, held, behind, submitted FROM moved WHERE position = " + std::to_string(position);
        if (!readAll(sql, [&](Statement& row) {
                text = {string(row, 0), string(row, 1), row.number(2), row.number(3), std::string(row.text(4))};
            }))
            whole_ = false;
        if (text.body || !shows)
            return text;
        (void)readAll("SELECT bytes FROM records WHERE deleted = 0 AND id = x'" + target.hex() + "'",
                      [&](Statement& row) {
                          v1::Record record;
                          if (record.ParseFromString(std::string(row.text(0))) && record.has_post())
                              text.body = record.post().body();
                      });
        return text;
    }

    // What a change is about, as that was called when it was made; an older file does not know.
    std::pair<int64_t, std::string> toldOf(int64_t position)
    {
        std::pair<int64_t, std::string> told;
        (void)readAll("SELECT kind, title FROM outbox WHERE position = " + std::to_string(position),
                      [&](Statement& row) {
                          told = {row.number(0), std::string(row.text(1))};
                      });
        return told;
    }

    bool whole() const { return whole_; }

private:
    bool readAll(const std::string& sql, const std::function<void(Statement&)>& take)
    {
        std::unique_ptr<Statement> row;
        while (true) {
            // (What `take` throws is about the new file.)
            try {
                if (!row)
                    row = std::make_unique<Statement>(*database_, sql.c_str());
                if (!row->step())
                    return true;
            } catch (const std::runtime_error&) {
                return false;
            }
            take(*row);
        }
    }

    std::unique_ptr<Database> database_;
    bool whole_ = true;
};

uint32_t bigEndian(const char* bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
        value = value << 8 | uint8_t(bytes[i]);
    return value;
}

uint64_t sizeOf(const std::string& path)
{
    std::error_code none;
    const auto size = fs::file_size(path, none);
    return none ? 0 : size;
}

constexpr size_t headerBytes = 100;

bool hasHeader(const std::string& path)
{
    char magic[15];
    std::ifstream file(path, std::ios::binary);
    return file.read(magic, sizeof magic) && std::string_view(magic, sizeof magic) == "SQLite format 3";
}

// A copy whose pages can be found, of a file whose first bytes are gone: they are the same in every replica but for
// counts, which SQLite does without.
void copyWithHeader(const std::string& from, const std::string& intact, const std::string& to)
{
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
    if (fs::exists(from + "-wal"))
        fs::copy_file(from + "-wal", to + "-wal", fs::copy_options::overwrite_existing);
    char header[headerBytes];
    if (!std::ifstream(intact, std::ios::binary).read(header, sizeof header))
        return;
    constexpr size_t freePages = 32, freePagesEnd = 40, countValidFor = 92, countValidForEnd = 96;
    std::fill(header + freePages, header + freePagesEnd, '\0');
    std::fill(header + countValidFor, header + countValidForEnd, '\xff');
    std::fstream(to, std::ios::in | std::ios::out | std::ios::binary).write(header, sizeof header);
}

// Whether the file is shorter than its header says. Pages that it lacks may lie in the log beside it.
bool isCut(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    char header[headerBytes];
    if (!hasHeader(path) || !file.read(header, sizeof header))
        return false; // empty, or none of ours: SQLite says so
    const uint32_t shortSize = uint32_t(uint8_t(header[16])) << 8 | uint8_t(header[17]);
    const uint64_t pageSize = shortSize == 1 ? 65'536 : shortSize;
    if (pageSize == 0 || bigEndian(header + 24) != bigEndian(header + 92))
        return false; // the header does not know the number of pages
    constexpr uint64_t logHeader = 32, frameHeader = 24;
    const uint64_t logged = sizeOf(path + "-wal");
    const uint64_t inLog = logged > logHeader ? (logged - logHeader) / (pageSize + frameHeader) : 0;
    return sizeOf(path) / pageSize + inLog < bigEndian(header + 28);
}

template <class Work>
void guarded(const Work& work)
{
    try {
        work();
    } catch (const fs::filesystem_error& failed) {
        throw Database::Failed(failed.what());
    }
}

void removeFile(const std::string& path)
{
    guarded([&] {
        fs::remove(path);
        for (const char* sidecar : sidecars)
            fs::remove(path + sidecar);
    });
}

} // namespace

bool finishRescue(const std::string& path)
{
    try {
        const bool whole = fs::exists(path + ".rescued");
        const std::string made = path + (whole ? ".rescued" : ".rescued-in-part");
        if (!fs::exists(made))
            return false;
        std::string aside = path + ".damaged";
        for (int n = 1; !whole && (n == 1 || fs::exists(aside)); ++n)
            aside = path + ".damaged-" + std::to_string(n);
        // The file itself goes last: while it is there, whoever goes on chooses the same name.
        if (fs::exists(path)) {
            fs::remove(path + "-shm");
            if (fs::exists(path + "-wal"))
                fs::rename(path + "-wal", aside + "-wal");
            else if (whole)
                fs::remove(aside + "-wal"); // of the file before
            fs::rename(path, aside);
        }
        fs::remove(path + ".damaged-mark");
        fs::rename(made, path);
        return true;
    } catch (const fs::filesystem_error& failed) {
        throw Database::Failed(failed.what());
    }
}

void prepareFile(const std::string& path)
{
    (void)finishRescue(path);
    if (isCut(path))
        throw Database::Damaged("cut");
}

void removeReplica(const std::string& path)
{
    const fs::path file = fs::absolute(path);
    const std::string name = file.filename().string();
    std::vector<fs::path> found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(file.parent_path(), none)) {
        const std::string one = entry.path().filename().string();
        if (one == name || one.starts_with(name + ".") || one.starts_with(name + "-"))
            found.push_back(entry.path());
    }
    for (const fs::path& one : found)
        fs::remove(one);
}

// A new file takes the damaged one's place, and what the person had not sent goes over into it. Everything
// else comes again from the server.
void Replica::rescue()
{
    projections_.reset();
    connection_.reset();
    if (finishRescue(path_)) {
        open();
        return;
    }
    const std::string building = path_ + ".building", repaired = path_ + ".repaired";
    removeFile(building);
    removeFile(repaired);

    bool whole = false;
    {
        Replica fresh(building, clock_);
        Connection& run = *fresh.connection_;
        const bool headless = !hasHeader(path_);
        if (headless) {
            run.database().run("PRAGMA wal_checkpoint(TRUNCATE)");
            guarded([&] { copyWithHeader(path_, building, repaired); });
        }
        Wreck old(headless ? repaired : path_);
        fresh.begin();
        // Who and where; what is about rows of the old file is not of this one.
        old.read("SELECT key, value FROM meta", "key", [&](Statement& row) {
            if (row.text(0) != "projections" && !row.text(0).starts_with("epoch of "))
                fresh.setSetting(std::string(row.text(0)).c_str(), row.text(1));
        });
        std::map<int64_t, int64_t> feedRows;
        std::set<std::pair<int64_t, Id>> texts; // feed, as the damaged file had it, and post
        old.read("SELECT feed, key FROM feeds", "feed", [&](Statement& row) {
            v1::FeedHead head;
            head.set_feed(std::string(row.text(1)));
            fresh.follow(head);
            if (const auto found = fresh.feeds_.find(head.feed()); found != fresh.feeds_.end())
                feedRows[row.number(0)] = found->second.row;
        });
        old.read("SELECT place, title, text, tags, changed_ms FROM drafts", "place", [&](Statement& row) {
            run("INSERT OR REPLACE INTO drafts(place, title, text, tags, changed_ms) VALUES(?, ?, ?, ?, ?)")
                .bind(row.text(0))
                .bind(row.text(1))
                .bind(row.text(2))
                .bind(row.text(3))
                .bind(row.number(4))
                .run();
        });
        old.read(
            "SELECT position, id, target, feed, state, code, field, most, retry_ms, made_ms FROM outbox", "position",
            [&](Statement& row) {
                const std::optional<std::string> bytes = old.bytesOf(row.number(0));
                if (!bytes)
                    return;
                // An accepted one is asked for again: the answer is the same.
                const auto state = ChangeState(row.number(4));
                const int64_t kept = int64_t(state == ChangeState::Accepted ? ChangeState::Sent : state);
                const auto feed = feedRows.find(row.number(3));
                Statement& put = run("INSERT OR IGNORE INTO outbox(position, id, target, feed, state, code, "
                                     "field, most, retry_ms, made_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
                put.bind(row.number(0)).bindBlob(row.text(1)).bindBlob(row.text(2));
                feed == feedRows.end() ? put.bindNull() : put.bind(feed->second);
                put.bind(kept).bind(row.number(5)).bind(row.number(6)).bind(row.number(7)).bind(row.number(8));
                put.bind(row.number(9)).run();
                if (run.database().changedRows() != 1)
                    return;
                run("INSERT INTO changes(position, bytes) VALUES(?, ?)").bind(row.number(0)).bindBlob(*bytes).run();
                v1::Change change;
                if (!change.ParseFromString(*bytes))
                    return;
                const auto [kind, title] = old.toldOf(row.number(0));
                run("UPDATE outbox SET mark = ?, kind = ?, title = ? WHERE position = ?")
                    .bind(int64_t(change.has_set_mark() ? change.set_mark().kind() : v1::MARK_NONE))
                    .bind(kind)
                    .bind(title)
                    .bind(row.number(0))
                    .run();
                if (!change.has_edit_text())
                    return;
                const Wreck::Text text =
                    old.textOf(row.number(0), Id::from(row.text(2)).value_or(Id{}), state != ChangeState::Refused);
                Statement& beside =
                    run("INSERT INTO moved(position, form, body, held, behind, submitted) VALUES(?, ?, ?, ?, ?, ?)");
                beside.bind(row.number(0));
                text.form ? beside.bindBlob(*text.form) : beside.bindNull();
                text.body ? beside.bind(*text.body) : beside.bindNull();
                beside.bind(text.held).bind(text.behind).bindBlob(text.submitted).run();
                texts.emplace(row.number(3), Id::from(row.text(2)).value_or(Id{}));
            });
        for (const auto& [feed, post] : texts)
            if (const FollowedFeed* known = feedRows.contains(feed) ? fresh.feedOfRow(feedRows[feed]) : nullptr)
                fresh.refuseStranded(*known, post);
        (void)fresh.commit();
        // Into the one file that is renamed.
        run.database().run("PRAGMA wal_checkpoint(TRUNCATE)");
        whole = old.whole() && !headless;
    }
    removeFile(repaired);
    guarded([&] { fs::rename(building, path_ + (whole ? ".rescued" : ".rescued-in-part")); });
    finishRescue(path_);
    open();
}

} // namespace stoa
