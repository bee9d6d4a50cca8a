#pragma once

// Sources made file by file, and imports of them into a small organisation: every change goes through apply.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "shared/import/import.h"
#include "tests/shared/domain/world.h"

namespace stoa::test {

using Importer = Report (*)(const std::filesystem::path&, const ImportTarget&, const FindRecord&, const EmitChange&);

class Sources {
public:
    Sources()
    {
        std::string name = (std::filesystem::temp_directory_path() / "stoa-import-XXXXXX").string();
        STOA_ASSERT(mkdtemp(name.data()));
        folder = name;
    }
    ~Sources() { std::filesystem::remove_all(folder); }

    void write(const std::string& path, const std::string& text) const
    {
        std::filesystem::create_directories((folder / path).parent_path());
        std::ofstream(folder / path, std::ios::binary) << text;
    }

    // Runs the importer; refused changes are kept.
    Report import(Importer importer) { return importFrom(folder, importer); }
    Report importFrom(const std::filesystem::path& directory, Importer importer)
    {
        refused.clear();
        emitted = 0;
        const auto findLogin = [&](const std::string& login) -> std::optional<Id> {
            for (const Id& person : {world.ada, world.ben, world.cleo}) {
                if (world.record(person).person().login() == login)
                    return person;
            }
            return std::nullopt;
        };
        const ImportTarget target{.space = world.space, .nowMs = world.nowMs, .findLogin = findLogin};
        const auto find = [&](const Id& id) -> std::optional<v1::Record> {
            const auto located = world.find(id);
            return located ? std::optional<v1::Record>(*located->record) : std::nullopt;
        };
        return importer(directory, target, find, [&](const v1::Change& change) {
            if (emitted++ == stopAfter)
                throw std::runtime_error("stopped");
            if (const v1::Code code = world.submit(change, World::import()); code != v1::CODE_NONE)
                refused.push_back(code);
            touched.push_back(*Id::from(change.target()));
        });
    }

    // The newest record with this key in its source, from all that imports here touched.
    const v1::Record& byKey(const std::string& key) const
    {
        for (const Id& id : touched) {
            if (world.record(id).source().key() == key)
                return world.record(id);
        }
        throw std::runtime_error("nothing was imported as " + key);
    }
    bool has(const std::string& key) const
    {
        return std::any_of(touched.begin(), touched.end(),
                           [&](const Id& id) { return world.record(id).source().key() == key; });
    }

    World world;
    std::filesystem::path folder;
    std::vector<v1::Code> refused;
    std::vector<Id> touched;
    int emitted = 0;
    int stopAfter = -1;
};

inline bool says(const Report& report, const std::string& file, const std::string& words)
{
    return std::any_of(report.entries.begin(), report.entries.end(), [&](const ReportEntry& entry) {
        return entry.file == file && entry.sentence.find(words) != std::string::npos;
    });
}

inline int64_t countOf(const Report& report, const std::string& what)
{
    const auto found = report.counts.find(what);
    return found == report.counts.end() ? 0 : found->second;
}

// Real input, where there is some.
inline std::filesystem::path realData(const std::string& name)
{
    const char* set = std::getenv("STOA_TEST_DATA");
    return (set ? std::filesystem::path(set) : std::filesystem::path(STOA_SOURCE_DIR) / ".." / "shared" / "data") /
           name;
}

// Ends this test as skipped, with its reason; each test runs in a process of its own.
[[noreturn]] inline void skipTest(const std::string& reason)
{
    std::fprintf(stderr, "skipped: %s\n", reason.c_str());
    std::_Exit(254); // Catch ends with the number of what failed
}

} // namespace stoa::test
