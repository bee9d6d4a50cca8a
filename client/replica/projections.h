#pragma once

// What lists and figures are read from: made of the records' visible versions, row by row, and kept by
// differences. Everything here can be thrown away and built anew (schema.h). Counts are keyed by the
// parent's row and do not need the parent. They are gathered in memory and written by flush(), so that a
// question with many answers is touched once a transaction. Owned by the replica, on its thread.

#include <functional>
#include <string>
#include <unordered_map>

#include "client/replica/database.h"
#include "client/replica/touched.h"
#include "stoa/v1/record.pb.h"

namespace stoa {

// Finds or makes the row that stands for an id in a feed.
using RowOf = std::function<int64_t(int64_t feed, const Id& id)>;

class Projections {
public:
    Projections(Connection& connection, RowOf rowOf) : run_(connection), rowOf_(std::move(rowOf)) {}

    // `before` is what the row showed, null for nothing (also for a tombstone); `after` likewise.
    void put(int64_t row, int64_t feed, const Id& feedOwner, const v1::Record* before, const v1::Record* after);
    void flush();
    // After a rollback.
    void forget();
    // The rows of this feed are gone.
    void forgetFeed(int64_t feed, const Id& owner);

    // What was touched since the last call.
    Touched takeTouched();

private:
    struct Tally {
        int64_t feed = 0;
        int answers = 0, comments = 0, children = 0, votes = 0;
        int64_t activeMs = 0;
    };
    struct SpaceTally {
        int pages = 0, questions = 0, answers = 0, comments = 0, unanswered = 0, people = 0;
        int64_t activeMs = 0;
    };
    struct AuthorHash {
        size_t operator()(const std::pair<int64_t, Id>& key) const { return IdHash()(key.second) ^ size_t(key.first); }
    };

    void putPost(int64_t row, int64_t feed, const Id& space, const v1::Record* before, const v1::Record* after);
    void putReview(int64_t row, int64_t feed, const v1::Record* before, const v1::Record* after);
    void putProposed(int64_t feed, const Id& page);
    void putSignature(int64_t feed, const v1::Record& record, int64_t value);
    void putTimes(int64_t row, int64_t feed, const v1::Record& record);
    void putSpace(int64_t feed, const Id& id, const v1::Record* after);
    void putPerson(const v1::Record* before, const v1::Record* after);
    void putMembership(int64_t feed, const v1::Record* before, const v1::Record* after);
    void putMark(int64_t feed, const v1::Record* before, const v1::Record* after);
    void putTags(int64_t row, int64_t feed, const v1::Post* before, const v1::Post* after);
    void tallyPost(int64_t feed, const v1::Record& record, int by);
    int64_t tagRow(int64_t feed, const std::string& tag, int by);
    int64_t answersOf(int64_t row);
    void touchPost(const Id& space, const v1::Record& record);

    Connection& run_;
    RowOf rowOf_;
    std::unordered_map<int64_t, Tally> tallies_;
    std::unordered_map<int64_t, SpaceTally> spaceTallies_;
    std::unordered_map<std::pair<int64_t, Id>, int, AuthorHash> authorTallies_;
    std::unordered_map<std::string, int64_t> tagRows_; // feed and tag
    std::unordered_map<int64_t, int> tagTallies_;
    Touched touched_;
};

// Small parts that the queries need as well.
std::string joinTags(const google::protobuf::RepeatedPtrField<std::string>& tags);
// For comparing: case, accents and other marks do not count.
std::string foldName(const std::string& name);

} // namespace stoa
