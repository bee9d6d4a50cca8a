#pragma once

// Where a link in a file leads: to another page of the source, to a file that is no page, or elsewhere.
// Used within this folder only.

#include <map>
#include <set>
#include <string>

#include "shared/base/ids.h"
#include "shared/import/report.h"

namespace stoa {

struct PageTree {
    std::map<std::string, Id> pages; // "a/b.md"; a folder's own page also as "a", the top one as ""
    std::set<std::string> files;     // others that are there
    std::set<std::string> tags;      // of all pages
};

// The text with its links between pages turned into links inside Stoa. `path` is the file's own, in the tree.
// What leads nowhere is told under `name`, with its line counted from `firstLine`.
std::string linkPages(const std::string& text, const std::string& path, const PageTree& tree, const std::string& name,
                      int64_t firstLine, Report& report);

} // namespace stoa
