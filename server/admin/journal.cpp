#include "server/admin/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "server/admin/data_folder.h"

namespace stoa {

namespace {

using What = JournalEntry::What;

std::string print(const JournalEntry& entry)
{
    Json line{{"time_ms", entry.timeMs}};
    switch (entry.what) {
    case What::Person:
        line.update(
            {{"what", "person"}, {"person", entry.person.hex()}, {"disabled", entry.disabled}, {"admin", entry.admin}});
        break;
    case What::Role:
        line.update({{"what", "role"},
                     {"space", entry.space.hex()},
                     {"person", entry.person.hex()},
                     {"role", static_cast<int>(entry.role)}});
        break;
    case What::Device:
        line.update({{"what", "device"}, {"device", entry.device.hex()}});
        break;
    case What::Erased:
        line.update({{"what", "erased"}, {"person", entry.person.hex()}});
        break;
    case What::Epoch:
        line.update({{"what", "epoch"}, {"epoch", entry.epoch}});
        break;
    case What::Start:
        line.update({{"what", "start"}, {"boot", toHex(entry.boot)}});
        break;
    }
    return line.dump() + "\n";
}

// These throw what is not a std::runtime_error where a value is missing or of another kind.
Id idIn(const Json& line, const char* key)
{
    return Id::fromHex(line.at(key).get<std::string>()).value();
}

template <typename Number>
Number numberIn(const Json& line, const char* key)
{
    const Json& value = line.at(key);
    // Of a fraction, or of what is too wide, a part would be taken.
    const bool fits = value.is_number_unsigned()
                        ? std::in_range<Number>(value.get<uint64_t>())
                        : value.is_number_integer() && std::in_range<Number>(value.get<int64_t>());
    return fits ? value.get<Number>() : throw std::bad_optional_access();
}

std::optional<JournalEntry> parse(std::string_view text)
{
    const Json line = Json::parse(text, nullptr, false);
    if (!line.is_object())
        return std::nullopt;
    JournalEntry entry;
    try {
        entry.timeMs = numberIn<int64_t>(line, "time_ms");
        const auto what = line.at("what").get<std::string>();
        if (what == "person") {
            entry.what = What::Person;
            entry.person = idIn(line, "person");
            entry.disabled = line.at("disabled").get<bool>();
            entry.admin = line.at("admin").get<bool>();
        } else if (what == "role") {
            entry.what = What::Role;
            entry.space = idIn(line, "space");
            entry.person = idIn(line, "person");
            const int role = numberIn<int>(line, "role");
            if (!v1::Role_IsValid(role))
                return std::nullopt;
            entry.role = static_cast<v1::Role>(role);
        } else if (what == "device") {
            entry.what = What::Device;
            entry.device = idIn(line, "device");
        } else if (what == "erased") {
            entry.what = What::Erased;
            entry.person = idIn(line, "person");
        } else if (what == "epoch") {
            entry.what = What::Epoch;
            entry.epoch = numberIn<uint32_t>(line, "epoch");
        } else if (what == "start") {
            entry.what = What::Start;
            const auto boot = fromHex(line.at("boot").get<std::string>());
            entry.boot = boot.value();
        } else {
            return std::nullopt;
        }
    } catch (const Json::exception&) {
        return std::nullopt;
    } catch (const std::bad_optional_access&) {
        return std::nullopt;
    }
    return entry;
}

} // namespace

JournalText readJournal(const std::filesystem::path& file)
{
    JournalText text;
    std::error_code failed;
    if (!std::filesystem::exists(file, failed))
        return text;
    text.bytes = readWhole(file);
    const size_t whole = text.bytes.rfind('\n');
    text.bytes.resize(whole == std::string::npos ? 0 : whole + 1);
    size_t number = 0;
    for (size_t from = 0; from < text.bytes.size();) {
        ++number;
        const size_t end = text.bytes.find('\n', from);
        const auto entry = parse(std::string_view(text.bytes).substr(from, end - from));
        if (!entry && end + 1 < text.bytes.size())
            throw JournalDamaged("Line " + std::to_string(number) + " of the journal " + file.string() +
                                 " is damaged, or from a newer version of this program. It tells what must hold after "
                                 "a restore: please mend the line, or take it out, and do by hand what it told of.");
        if (!entry) {
            text.bytes.resize(from);
            break;
        }
        text.entries.push_back(*entry);
        from = end + 1;
    }
    return text;
}

uint32_t JournalText::lastEpoch() const
{
    uint32_t last = 0;
    for (const JournalEntry& entry : entries)
        last = std::max(last, entry.epoch);
    return last;
}

std::vector<JournalEntry> JournalText::after(size_t known, const Digest& hash) const
{
    if (known > bytes.size() || hash128(std::string_view(bytes).substr(0, known)) != hash)
        return entries;
    const auto lines = std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(known), '\n');
    return {entries.begin() + lines, entries.end()};
}

std::string JournalText::lastStart() const
{
    const auto found = std::find_if(entries.rbegin(), entries.rend(),
                                    [](const JournalEntry& entry) { return entry.what == What::Start; });
    return found == entries.rend() ? std::string() : found->boot;
}

std::vector<JournalEntry> JournalText::afterStart(const std::string& boot) const
{
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const JournalEntry& entry) {
        return entry.what == What::Start && entry.boot == boot;
    });
    return {found == entries.end() ? entries.begin() : found, entries.end()};
}

FileJournal::FileJournal(std::filesystem::path file, WallClock clock) : path_(std::move(file)), clock_(std::move(clock))
{
    const bool existed = std::filesystem::exists(path_);
    const JournalText text = readJournal(path_);
    size_ = text.bytes.size();
    lastEpoch_ = text.lastEpoch();
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0)
        throw std::runtime_error("The journal " + path_.string() + " cannot be opened: " + std::strerror(errno) + ".");
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0 || ::fsync(file_) != 0) {
        ::close(file_);
        throw std::runtime_error("The journal " + path_.string() + " cannot be written.");
    }
    if (!existed)
        syncToDisk(path_.parent_path());
}

FileJournal::~FileJournal()
{
    ::close(file_);
}

void FileJournal::append(JournalEntry entry)
{
    entry.timeMs = clock_();
    const std::string line = print(entry);
    const auto at = static_cast<off_t>(size_);
    if (::pwrite(file_, line.data(), line.size(), at) != static_cast<ssize_t>(line.size()) || ::fsync(file_) != 0) {
        static_cast<void>(!::ftruncate(file_, at)); // else the next line is written over it
        throw StorageError("The journal " + path_.string() + " cannot be written: " + std::strerror(errno) +
                           ". Nothing was changed.");
    }
    size_ += line.size();
}

void FileJournal::rightsTaken(const v1::Record& record)
{
    if (record.has_person())
        append({.what = What::Person,
                .person = *Id::from(record.id()),
                .disabled = record.person().disabled(),
                .admin = record.person().admin()});
    else
        append({.what = What::Role,
                .person = *Id::from(record.membership().person()),
                .space = *Id::from(record.membership().space()),
                .role = record.membership().role()});
}

void FileJournal::deviceRevoked(const Id& device)
{
    append({.what = What::Device, .device = device});
}

void FileJournal::personErased(const Id& person)
{
    append({.what = What::Erased, .person = person});
}

void FileJournal::epochBegun(uint32_t epoch)
{
    append({.what = What::Epoch, .epoch = epoch});
    lastEpoch_ = std::max(lastEpoch_, epoch);
}

void FileJournal::started(const std::string& boot)
{
    append({.what = What::Start, .boot = boot});
}

} // namespace stoa
