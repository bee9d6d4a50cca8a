#pragma once

// A source in, changes out. An importer reads a folder, compares it with what was imported from it before,
// and hands out the changes that are missing, parents before children. It never writes anything itself.
// Whoever calls submits the changes as an import that the server granted, in their order; for a dry run
// they are dropped. Ids of records and changes follow from the source alone, so repeating an import, also
// one that was cut off in the middle, from another machine or a fresh checkout, changes nothing twice.
//
// Called on one thread, which is that of `find` and `emit`. Errors of the source are told in the report;
// a failing disk throws std::system_error.

#include <filesystem>
#include <functional>
#include <optional>

#include "shared/base/ids.h"
#include "shared/import/report.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

struct ImportTarget {
    Id space;
    int64_t nowMs = 0; // becomes Change.made_ms
    // Where people are who have a login already.
    std::function<std::optional<Id>(const std::string& login)> findLogin = [](const std::string&) {
        return std::nullopt;
    };
    // Called for every file and every row; may throw to stop the import.
    std::function<void()> goOn = [] {};
};

// The newest version of a record, tombstones included; nothing where there never was one.
using FindRecord = std::function<std::optional<v1::Record>(const Id&)>;
// May throw to stop the import.
using EmitChange = std::function<void(v1::Change)>;

// A folder of Markdown pages with YAML front matter. A folder's index.md, _index.md or README.md is the
// folder's own page; a folder without one becomes a section.
Report importMarkdownFolder(const std::filesystem::path& directory, const ImportTarget& target, const FindRecord& find,
                            const EmitChange& emit);

// A dump in the format of Stack Exchange: Posts.xml, Users.xml, Comments.xml.
Report importStackExchange(const std::filesystem::path& directory, const ImportTarget& target, const FindRecord& find,
                           const EmitChange& emit);

// A space as this program keeps it in readable files (resources/starter): see docs/data.md.
//   space.yaml      name, visibility, charter, members
//   pages/          as in importMarkdownFolder
//   questions.yaml  questions with answers, comments, tags
//   ../people.yaml  who is named as author
// The space itself must be there already; readSpaceFolder gives the change that makes it.
Report importSpaceFolder(const std::filesystem::path& directory, const ImportTarget& target, const FindRecord& find,
                         const EmitChange& emit);

// What space.yaml says, for a space with the given id.
struct SpaceFolder {
    std::string refusal; // why it cannot be read
    std::string name;
    v1::Change create; // CreateSpace
};
SpaceFolder readSpaceFolder(const std::filesystem::path& directory, const Id& space, int64_t nowMs);

} // namespace stoa
