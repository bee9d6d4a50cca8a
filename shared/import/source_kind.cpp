#include "shared/import/import.h"

namespace stoa {

SourceKind sourceKind(const std::filesystem::path& directory)
{
    std::error_code error;
    if (std::filesystem::is_regular_file(directory / "Posts.xml", error))
        return SourceKind::StackExchange;
    if (std::filesystem::is_regular_file(directory / "space.yaml", error))
        return SourceKind::SpaceFolder;
    return SourceKind::Markdown;
}

} // namespace stoa
