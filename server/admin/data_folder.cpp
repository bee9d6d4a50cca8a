#include "server/admin/data_folder.h"

#include <fstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace stoa {

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
    if (std::filesystem::exists(folder.sealKey(), failed) && !std::filesystem::exists(folder.database(), failed))
        throw FolderRefused("The directory " + folder.path.string() +
                            " holds no database. Please put it back from the backup, or, where \"stoad init\" was cut "
                            "off, empty the directory and run it again.");
    if (!std::filesystem::exists(folder.database(), failed))
        throw std::runtime_error(
            failed ? "The directory " + folder.path.string() + " cannot be read: " + failed.message() + "."
                   : "There is no organisation in " + folder.path.string() + ". \"stoad init\" makes one.");
}

void writeSettings(const DataFolder& folder, const ServerAddress& address)
{
    const std::string text = nlohmann::json({{"host", address.host}, {"port", address.port}}).dump(2) + "\n";
    std::ofstream file(folder.settings());
    file << text;
    file.close();
    if (!file)
        throw std::runtime_error("The file " + folder.settings().string() + " cannot be written.");
}

ServerAddress readSettings(const DataFolder& folder)
{
    std::ifstream file(folder.settings());
    const auto read = nlohmann::json::parse(file, nullptr, false);
    ServerAddress address;
    if (!read.is_object() || !read.contains("host") || !read["host"].is_string() || !read.contains("port") ||
        !read["port"].is_number_unsigned() || read["port"].get<unsigned>() > 65535)
        throw std::runtime_error("The file " + folder.settings().string() +
                                 " cannot be read. It holds {\"host\": \"NAME\", \"port\": NUMBER}.");
    address.host = read["host"].get<std::string>();
    address.port = read["port"].get<uint16_t>();
    return address;
}

} // namespace stoa
