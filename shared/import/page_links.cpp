#include "shared/import/page_links.h"

#include <algorithm>
#include <filesystem>

#include "shared/base/text.h"
#include "shared/import/source_text.h"
#include "shared/markup/references.h"

namespace stoa {

namespace {

std::string percentDecoded(std::string_view text)
{
    std::string decoded;
    for (size_t i = 0; i < text.size(); ++i) {
        const auto raw = text[i] == '%' && i + 2 < text.size() ? fromHex(text.substr(i + 1, 2)) : std::nullopt;
        decoded += raw ? (*raw)[0] : text[i];
        i += raw ? 2 : 0;
    }
    return decoded;
}

bool isElsewhere(std::string_view target)
{
    if (target.empty() || target.front() == '#' || target.starts_with("//"))
        return true;
    const size_t colon = target.find(':');
    return colon != std::string_view::npos && target.substr(0, colon).find_first_of("/?#") == std::string_view::npos;
}

// Relative to the tree; nothing where it leads out of it. Ends without "/".
std::optional<std::string> resolve(std::string_view from, const std::string& to)
{
    namespace fs = std::filesystem;
    const bool absolute = to.starts_with('/');
    const fs::path joined = absolute ? fs::path(to.substr(1)) : fs::path(from).parent_path() / to;
    std::string path = joined.lexically_normal().generic_string();

    if (path == ".." || path.starts_with("../") || path.starts_with('/'))
        return std::nullopt;
    while (path.ends_with('/'))
        path.pop_back();
    return path == "." ? std::string() : path;
}

} // namespace

std::string linkPages(const std::string& text, const std::string& path, const PageTree& tree, const std::string& name,
                      int64_t firstLine, Report& report)
{
    // Links come in their order, so that their lines are found in one pass.
    size_t searched = 0;
    int64_t line = firstLine;
    bool lost = false;
    const auto lineOf = [&](std::string_view target) -> int64_t {
        const size_t at = lost ? std::string::npos : text.find(target, searched);
        lost = at == std::string::npos;
        if (lost)
            return 0;
        line += std::count(text.begin() + static_cast<std::ptrdiff_t>(searched),
                           text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        searched = at;
        return line;
    };
    return rewriteLinks(text, [&](std::string_view target) -> std::optional<std::string> {
        if (isElsewhere(target))
            return std::nullopt;
        const size_t hash = target.find('#');
        const std::string_view anchor = hash == std::string_view::npos ? "" : target.substr(hash + 1);
        const std::string_view bare = target.substr(0, std::min(hash, target.find('?')));
        const auto there = resolve(path, percentDecoded(bare));
        if (!there) {
            report.count("links_out");
            report.add(name, lineOf(target), "The link \"" + oneLine(target, 200) + "\" leads out of the folder.");
            return std::nullopt;
        }
        // Many sites publish "a/b.md" as "a/b/", and their links are written as seen from there.
        const std::string asFolder = path.substr(0, path.rfind('.')) + "/x";
        const std::string published = resolve(asFolder, percentDecoded(bare)).value_or(*there);
        for (const std::string& page : {*there, *there + ".md", published, published + ".md"}) {
            const auto found = tree.pages.find(page);
            if (found != tree.pages.end()) {
                report.count("links");
                return printPostReference({found->second, std::string(anchor)});
            }
        }
        if (tree.files.contains(*there)) {
            report.count("links_to_files");
            report.add(name, lineOf(target),
                       "\"" + oneLine(target, 200) + "\" is a file that is not carried over yet.");
        } else {
            report.count("links_nowhere");
            report.add(name, lineOf(target),
                       "The link \"" + oneLine(target, 200) + "\" leads to nothing that is there.");
        }
        return std::nullopt;
    });
}

} // namespace stoa
