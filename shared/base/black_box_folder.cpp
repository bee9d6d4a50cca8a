#include "shared/base/black_box_folder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

namespace stoa {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view ending = ".txt";
constexpr std::string_view unfinishedName = "unfinished";
constexpr size_t nameTimeBytes = 20; // "2026-11-28T01-22-33Z"
constexpr size_t wordBytesMax = 40;
constexpr size_t entriesMax = 10'000; // that are looked at, should somebody else fill the folder

struct File {
    int64_t madeMs = 0;
    std::string name;
    std::string of; // cause and thing
};

// Names are made of what comes from reports, and are nothing but letters and digits.
std::string word(const std::string& text)
{
    std::string clean;
    for (const char c : text.substr(0, wordBytesMax))
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            clean += c;
    return clean;
}

// With colons in it, no name is allowed everywhere.
std::string timeName(int64_t ms)
{
    std::string time = printUtc(ms).substr(0, nameTimeBytes - 1) + "Z";
    std::replace(time.begin(), time.end(), ':', '-');
    return time;
}

std::optional<int64_t> number(std::string_view digits)
{
    int64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::optional<int64_t> timeOf(std::string_view name)
{
    using namespace std::chrono;
    if (name.size() < nameTimeBytes || name[nameTimeBytes - 1] != 'Z')
        return std::nullopt;
    int64_t parts[6];
    constexpr size_t starts[6] = {0, 5, 8, 11, 14, 17};
    constexpr size_t lengths[6] = {4, 2, 2, 2, 2, 2};
    for (size_t i = 0; i < 6; ++i) {
        const auto part = number(name.substr(starts[i], lengths[i]));
        if (!part)
            return std::nullopt;
        parts[i] = *part;
    }
    const year_month_day date{year(int(parts[0])), month(unsigned(parts[1])), day(unsigned(parts[2]))};
    if (!date.ok())
        return std::nullopt;
    return duration_cast<milliseconds>(sys_days(date).time_since_epoch()).count() +
           ((parts[3] * 60 + parts[4]) * 60 + parts[5]) * 1'000;
}

// The black boxes that lie there, the oldest first; other files are none of ours.
std::vector<File> filesIn(const fs::path& folder)
{
    std::vector<File> files;
    std::error_code error;
    size_t seen = 0;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end && seen < entriesMax;
         entry.increment(error), ++seen) {
        const std::string name = entry->path().filename().string();
        const auto madeMs = timeOf(name);
        if (!madeMs || !name.ends_with(ending) || name.size() <= nameTimeBytes + ending.size())
            continue;
        files.push_back(
            {*madeMs, name, name.substr(nameTimeBytes + 1, name.size() - nameTimeBytes - 1 - ending.size())});
    }
    std::sort(files.begin(), files.end(),
              [](const File& a, const File& b) { return std::tie(a.madeMs, a.name) < std::tie(b.madeMs, b.name); });
    return files;
}

// Also of one whose time lies ahead, unless a clock was set back by more than that.
bool isYoung(const File& file, int64_t nowMs)
{
    return std::abs(nowMs - file.madeMs) < BlackBoxFolder::againMs;
}

} // namespace

BlackBoxFolder::Kept BlackBoxFolder::keep(const BlackBoxReport& report, int64_t nowMs) const
try {
    const fs::path folder(path_);
    const std::string of = word(report.cause) + "-" + word(report.about);
    std::vector<File> files = filesIn(folder);
    if (std::any_of(files.begin(), files.end(),
                    [&](const File& file) { return file.of == of && isYoung(file, nowMs); }))
        return {};
    while (!files.empty() && files.size() >= filesMax_) {
        const auto old =
            std::find_if(files.begin(), files.end(), [&](const File& file) { return !isYoung(file, nowMs); });
        if (old == files.end())
            return {};
        fs::remove(folder / old->name);
        files.erase(old);
    }
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    // Under its name it is whole.
    const fs::path unfinished = folder / unfinishedName;
    const fs::path file = folder / (timeName(nowMs) + "-" + of + std::string(ending));
    {
        std::ofstream to(unfinished, std::ios::binary | std::ios::trunc);
        to << std::string_view(report.text).substr(0, fileBytesMax);
        to.close();
        if (!to) {
            std::error_code ignored;
            fs::remove(unfinished, ignored);
            return {{}, "The black box " + file.string() + " cannot be written: the disk is full or failing."};
        }
    }
    fs::permissions(unfinished, fs::perms::owner_read | fs::perms::owner_write);
    fs::rename(unfinished, file);
    return {file.string(), {}};
} catch (const std::exception& error) {
    return {{}, std::string("A black box cannot be written: ") + error.what() + "."};
}

size_t BlackBoxFolder::count() const
{
    return filesIn(path_).size();
}

} // namespace stoa
