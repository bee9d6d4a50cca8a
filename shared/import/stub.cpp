// Temporary: delete once markdown_folder.cpp and space_folder.cpp are there.
#include "shared/import/import.h"
namespace stoa {
__attribute__((weak)) Report importMarkdownFolder(const std::filesystem::path&, const ImportTarget&, const FindRecord&,
                                                  const EmitChange&)
{
    return {};
}
__attribute__((weak)) Report importSpaceFolder(const std::filesystem::path&, const ImportTarget&, const FindRecord&,
                                               const EmitChange&)
{
    return {};
}
__attribute__((weak)) SpaceFolder readSpaceFolder(const std::filesystem::path&, const Id&, const Id&, int64_t)
{
    return {};
}
} // namespace stoa
