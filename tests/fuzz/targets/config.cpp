// The files that `serve` reads of a data folder, the settings and the journal: what is accepted is what stands in them.

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "server/admin/data_folder.h"
#include "server/admin/journal.h"
#include "shared/base/assert.h"
#include "tests/fuzz/ids.h"
#include "tests/fuzz/input.h"
#include "tests/support/temporary_directory.h"

using namespace stoa;

namespace {

void checkSettings(const DataFolder& folder, const std::string& text)
{
    std::ofstream(folder.settings(), std::ios::binary) << text;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    try {
        const ServerAddress address = readSettings(folder);
        STOA_ASSERT(json["port"].get<uint64_t>() == address.port && json["host"] == address.host);
    } catch (const std::runtime_error&) { // with a sentence for the admin
    }
    try {
        STOA_ASSERT(journalFile(folder, text).is_absolute());
    } catch (const std::runtime_error&) {
    }
}

// As a number of any width; 0 where there is none.
bool saysNumber(const nlohmann::json& line, const char* key, int64_t number)
{
    return !line.contains(key) ? number == 0 : line[key].dump() == std::to_string(number);
}

void checkJournal(const std::filesystem::path& file, const std::string& text)
{
    std::ofstream(file, std::ios::binary) << text;
    JournalText read;
    try {
        read = readJournal(file);
    } catch (const JournalDamaged&) {
        return;
    }
    STOA_ASSERT(text.starts_with(read.bytes));
    STOA_ASSERT(size_t(std::count(read.bytes.begin(), read.bytes.end(), '\n')) == read.entries.size());
    size_t from = 0;
    for (const JournalEntry& entry : read.entries) {
        const size_t end = read.bytes.find('\n', from);
        const auto line = nlohmann::json::parse(read.bytes.substr(from, end - from));
        from = end + 1;
        STOA_ASSERT(saysNumber(line, "time_ms", entry.timeMs));
        STOA_ASSERT(entry.what != JournalEntry::What::Role || saysNumber(line, "role", entry.role));
        STOA_ASSERT(entry.what != JournalEntry::What::Epoch || saysNumber(line, "epoch", entry.epoch));
    }
    {
        FileJournal journal(file, [] { return test::fuzzNowMs; });
        STOA_ASSERT(journal.lastEpoch() == read.lastEpoch());
        journal.epochBegun(7);
    }
    const JournalText again = readJournal(file);
    STOA_ASSERT(again.bytes.starts_with(read.bytes) && again.entries.size() == read.entries.size() + 1);
    const auto added = again.after(read.bytes.size(), hash128(read.bytes));
    STOA_ASSERT(added.size() == 1 && added[0].epoch == 7 && added[0].timeMs == test::fuzzNowMs);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const test::TemporaryDirectory directory;
    const DataFolder folder{directory.path()};
    std::vector<std::string> files = test::splitFiles(test::inputText(data, size));
    files.resize(2);
    checkSettings(folder, files[0]);
    checkJournal(folder.path / "journal", files[1]);
    return 0;
}
