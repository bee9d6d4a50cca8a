#pragma once

// Links: which there are, which open, and how those between posts are written: "stoa:post/<32 hex>",
// with "#anchor" for a heading. Any thread.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/ids.h"

namespace stoa {

struct PostReference {
    Id post;
    std::string anchor; // of a heading in it; empty: its beginning

    friend bool operator==(const PostReference&, const PostReference&) = default;
};

std::optional<PostReference> parsePostReference(std::string_view target);
std::string printPostReference(const PostReference& reference);

// The one list of what a link may do in the whole program. Refused links are shown and not opened.
enum class LinkKind {
    Post,    // stoa:post/...
    Anchor,  // #heading of the same text
    Web,     // http, https, mailto: handed to the system
    Refused, // everything else
};
LinkKind classifyLink(std::string_view target);

// Is asked for each destination, with escapes resolved; nothing: leave it as it is.
using LinkRewriter = std::function<std::optional<std::string>(std::string_view target)>;

// Edits the destinations of inline links, images and reference definitions, and nothing else: autolinks
// and everything in code stay byte by byte. Linear time.
std::string rewriteLinks(std::string_view markdown, const LinkRewriter& rewrite);

} // namespace stoa
