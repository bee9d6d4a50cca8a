#include "shared/import/import.h"
namespace stoa {
Report importMarkdownFolder(const std::filesystem::path&, const ImportTarget&, const FindRecord&, const EmitChange&)
{
    return {};
}
Report importStackExchange(const std::filesystem::path&, const ImportTarget&, const FindRecord&, const EmitChange&)
{
    return {};
}
Report importSpaceFolder(const std::filesystem::path&, const ImportTarget&, const FindRecord&, const EmitChange&)
{
    return {};
}
SpaceFolder readSpaceFolder(const std::filesystem::path&, const Id&, const Id&, int64_t)
{
    return {};
}
std::string reportJson(const Report&)
{
    return "{}";
}
std::string reportText(const Report&)
{
    return "";
}
} // namespace stoa
