#pragma once

// The pages of a folder, for both kinds of source that have them. Used within this folder only.

#include "shared/import/change_writer.h"
#include "shared/import/page_links.h"

namespace stoa {

// Who a front matter's "author" names; null: nobody who is known.
using FindAuthor = std::function<Id(const std::string& login)>;

// `prefix` comes before the paths in keys and in the report, for example "pages/". Says what is there, for links.
PageTree importPages(const std::filesystem::path& directory, const std::string& prefix, const ImportTarget& target,
                     ChangeWriter& writer, const FindAuthor& findAuthor, Report& report);

} // namespace stoa
