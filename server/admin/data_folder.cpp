#include "server/admin/data_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace stoa {

namespace {

[[noreturn]] void failedToWrite(const std::filesystem::path& file)
{
    throw std::runtime_error("The file " + file.string() + " cannot be written: " + std::strerror(errno) + ".");
}

} // namespace

FolderLock::FolderLock(const std::filesystem::path& folder, const std::string& taken)
    : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
{
    if (folder_ < 0)
        throw std::runtime_error("The directory " + folder.string() + " cannot be opened: " + std::strerror(errno) +
                                 ".");
    if (::flock(folder_, LOCK_EX | LOCK_NB) != 0) {
        ::close(folder_);
        throw FolderRefused(taken);
    }
}

FolderLock::~FolderLock()
{
    ::close(folder_);
}

void makeDataFolder(const DataFolder& folder)
{
    std::error_code failed;
    if (std::filesystem::exists(folder.path, failed)) {
        if (!std::filesystem::is_directory(folder.path, failed))
            throw FolderRefused(folder.path.string() + " is not a directory.");
        if (std::filesystem::exists(folder.database()) || std::filesystem::exists(folder.settings()))
            throw FolderRefused("The directory " + folder.path.string() +
                                " holds an organisation already. Please choose another one, or empty this one if its "
                                "making was cut off.");
        if (!std::filesystem::is_empty(folder.path, failed))
            throw FolderRefused("The directory " + folder.path.string() + " is not empty. Please choose another one.");
        return;
    }
    std::filesystem::create_directories(folder.path, failed);
    if (!failed)
        std::filesystem::permissions(folder.path, std::filesystem::perms::owner_all, failed);
    if (failed)
        throw std::runtime_error("The directory " + folder.path.string() + " cannot be made: " + failed.message() +
                                 ".");
}

std::string unfinishedSentence(const DataFolder& folder)
{
    return "The organisation in " + folder.path.string() +
           " was never finished: its making was cut off, and nothing is in it. Please empty the directory and run "
           "\"stoad init\" again.";
}

void requireDataFolder(const DataFolder& folder)
{
    std::error_code failed;
    if (std::filesystem::exists(folder.unfinished(), failed) && !std::filesystem::exists(folder.database(), failed))
        throw FolderRefused("The restoring of a backup into " + folder.path.string() +
                            " was cut off. Please run \"stoad restore\" again: it starts over.");
    if (std::filesystem::exists(folder.sealKey(), failed) && !std::filesystem::exists(folder.database(), failed))
        throw FolderRefused(
            "The directory " + folder.path.string() +
            " holds no database. Please restore it from a backup (\"stoad restore\"), or, where \"stoad init\" was cut "
            "off, empty the directory and run it again.");
    if (!std::filesystem::exists(folder.database(), failed))
        throw std::runtime_error(
            failed ? "The directory " + folder.path.string() + " cannot be read: " + failed.message() + "."
                   : "There is no organisation in " + folder.path.string() + ". \"stoad init\" makes one.");
}

void writeDurably(const std::filesystem::path& file, std::string_view bytes)
{
    const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (opened < 0)
        failedToWrite(file);
    const std::shared_ptr<void> closer(nullptr, [opened](void*) { ::close(opened); });
    while (!bytes.empty()) {
        const ssize_t written = ::write(opened, bytes.data(), bytes.size());
        if (written < 0)
            failedToWrite(file);
        bytes.remove_prefix(static_cast<size_t>(written));
    }
    if (::fsync(opened) != 0)
        failedToWrite(file);
}

void syncToDisk(const std::filesystem::path& fileOrFolder)
{
    const int opened = ::open(fileOrFolder.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = opened >= 0 && ::fsync(opened) == 0;
    const int why = errno;
    if (opened >= 0)
        ::close(opened);
    errno = why;
    if (!synced)
        failedToWrite(fileOrFolder);
}

std::string readWhole(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(stream), {});
    if (!stream)
        throw std::runtime_error("The file " + file.string() + " cannot be read.");
    return bytes;
}

void writeSettings(const DataFolder& folder, const ServerAddress& address, const std::string& journalFolder)
{
    nlohmann::json settings{{"host", address.host}, {"port", address.port}};
    if (!journalFolder.empty())
        settings["journal"] = journalFolder;
    writeDurably(folder.settings(), settings.dump(2) + "\n");
}

std::filesystem::path journalFile(const DataFolder& folder, const std::string& settings)
{
    const auto read = nlohmann::json::parse(settings, nullptr, false);
    if (!read.is_object() || !read.contains("journal"))
        return folder.path / "journal";
    const auto& elsewhere = read["journal"];
    if (!elsewhere.is_string() || !std::filesystem::path(elsewhere.get<std::string>()).is_absolute())
        throw std::runtime_error("The journal's directory in " + folder.settings().string() +
                                 " must be a whole path, for example \"/other-disk/stoa\".");
    return std::filesystem::path(elsewhere.get<std::string>()) / "journal";
}

ServerAddress readSettings(const DataFolder& folder)
{
    std::ifstream file(folder.settings());
    const auto read = nlohmann::json::parse(file, nullptr, false);
    ServerAddress address;
    if (!read.is_object() || !read.contains("host") || !read["host"].is_string() || !read.contains("port") ||
        !read["port"].is_number_unsigned() || read["port"].get<uint64_t>() > 65535)
        throw std::runtime_error("The file " + folder.settings().string() +
                                 " cannot be read. It holds {\"host\": \"NAME\", \"port\": NUMBER}.");
    address.host = read["host"].get<std::string>();
    address.port = read["port"].get<uint16_t>();
    return address;
}

} // namespace stoa
