// What becomes of a damaged file.

#include <filesystem>

#include "client/replica/replica.h"

namespace stoa {

namespace {

// As far as it can be read.
void copyRows(Database& database, const char* sql, const std::function<void(Statement&)>& take)
{
    try {
        Statement read(database, sql);
        while (read.step())
            take(read);
    } catch (const Database::Damaged&) {
    }
}

} // namespace

// The damaged file is put aside, a new one begins, and what the person had not sent goes over into it.
// Everything else comes again from the server.
void Replica::rescue()
{
    namespace fs = std::filesystem;
    projections_.reset();
    connection_.reset();
    const std::string aside = path_ + ".damaged";
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::error_code none;
        fs::remove(aside + suffix, none);
        fs::rename(path_ + suffix, aside + suffix, none);
    }
    fs::remove(path_ + ".damaged-mark");
    open();

    std::optional<Database> old;
    try {
        old.emplace(aside, Database::Mode::Read);
        old->run("PRAGMA writable_schema=ON"); // else a file that was cut is not read at all
    } catch (const Database::Failed&) {
        return;
    }
    begin();
    std::map<int64_t, int64_t> feedRows;
    copyRows(*old, "SELECT key, value FROM meta WHERE key IN ('person', 'organisation', 'server', 'login')",
             [&](Statement& row) { setSetting(std::string(row.text(0)).c_str(), row.text(1)); });
    copyRows(*old, "SELECT feed, key FROM feeds", [&](Statement& row) {
        v1::FeedHead head;
        head.set_feed(std::string(row.text(1)));
        follow(head);
        if (const auto found = feeds_.find(head.feed()); found != feeds_.end())
            feedRows[row.number(0)] = found->second.row;
    });
    copyRows(*old, "SELECT place, title, text, tags, changed_ms FROM drafts", [&](Statement& row) {
        (*connection_)("INSERT OR REPLACE INTO drafts VALUES(?, ?, ?, ?, ?)")
            .bind(row.text(0))
            .bind(row.text(1))
            .bind(row.text(2))
            .bind(row.text(3))
            .bind(row.number(4))
            .run();
    });
    copyRows(*old,
             "SELECT id, target, feed, state, code, field, most, retry_ms, made_ms, bytes FROM outbox JOIN changes "
             "USING (position) ORDER BY position",
             [&](Statement& row) {
                 // An accepted one is asked for again: the answer is the same.
                 const auto state = ChangeState(row.number(3));
                 const int64_t kept = int64_t(state == ChangeState::Accepted ? ChangeState::Sent : state);
                 const auto feed = feedRows.find(row.number(2));
                 Statement& put = (*connection_)("INSERT OR IGNORE INTO outbox VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                                                 "NULL)");
                 put.bindBlob(row.text(0)).bindBlob(row.text(1));
                 feed == feedRows.end() ? put.bindNull() : put.bind(feed->second);
                 put.bind(kept).bind(row.number(4)).bind(row.number(5)).bind(row.number(6)).bind(row.number(7));
                 put.bind(row.number(8)).run();
                 if (connection_->database().changedRows() == 1)
                     (*connection_)("INSERT INTO changes VALUES(?, ?)")
                         .bind(connection_->database().lastRow())
                         .bindBlob(row.text(9))
                         .run();
             });
    (void)commit();
    load();
}

} // namespace stoa
