#pragma once

// Compares what a source says with what was imported from it before, and hands out the changes that are missing.
// Used within this folder only.
//
// Ids of records and changes follow from space, key and content alone. A record keeps a hash of what was read
// (Source.hash); an equal one means that nothing is to be done. What can only be set once other records are there
// (a question's accepted answer) comes as a second change, and only that one carries the final hash: an import
// that was cut off between the two goes on where it stood.

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "shared/domain/fields.h"
#include "shared/import/import.h"

namespace stoa {

// What a source says about one person or post.
struct ImportDraft {
    Id id;
    std::string key; // in the source
    std::string file;
    int64_t line = 0; // where it stands, for the report
    Id author;        // null: nobody who is known
    int64_t createdMs = 0;
    int64_t changedMs = 0;
    int32_t score = 0;
    v1::Record record; // only its thing counts: a Person or a Post
};

// A person's text about themselves, a question's accepted answer: to be set once the rest is there.
struct Waiting {
    v1::Change change;
    std::string file;
    int64_t line = 0;
};

struct PutOutcome {
    bool there = false; // false: it cannot be kept, stands twice in the source, or was deleted here
    std::optional<Waiting> waiting;
};

class ChangeWriter {
public:
    // All of them outlive the writer.
    ChangeWriter(const ImportTarget& target, const FindRecord& find, const EmitChange& emit, Report& report);

    Id idOf(int64_t timeMs, std::string_view key) const;
    // What is here already.
    std::optional<v1::Record> find(const Id& id) const { return find_(id); }

    // Makes or alters the record, without what has to wait.
    PutOutcome put(const ImportDraft& draft);
    // Hands out what had to wait.
    void finish(const Waiting& waiting);

    // A membership, where there has never been one: from then on its space's owners decide.
    void putMember(const Id& person, v1::Role role, const std::vector<v1::Title>& titles, const std::string& file);

private:
    v1::Change begin(const ImportDraft& draft, const std::string& hash, std::string_view step) const;
    bool send(v1::Change change, const std::string& file, int64_t line);
    std::optional<Waiting> waitingOf(const ImportDraft& draft, const std::optional<v1::Record>& present) const;

    const ImportTarget& target_;
    const FindRecord& find_;
    const EmitChange& emit_;
    Report& report_;
    std::unordered_set<Id, IdHash> seen_;
};

// Why a change is not accepted, of one thing in a source.
std::string leftOutSentence(const Refusal& refusal);

} // namespace stoa
