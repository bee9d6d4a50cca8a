#include "shared/markup/references.h"

#include "tests/support/catch.h"

using namespace stoa;

namespace {

const std::string hex = "0123456789abcdef0123456789abcdef";

// With every target that is asked for between angle marks.
std::string marked(std::string_view markdown)
{
    return rewriteLinks(markdown, [](std::string_view target) { return "to:" + std::string(target); });
}

} // namespace

TEST_CASE("A post's reference is read as it was printed")
{
    const PostReference plain{*Id::fromHex(hex), {}};
    CHECK(printPostReference(plain) == "stoa:post/" + hex);
    CHECK(parsePostReference(printPostReference(plain)) == plain);
    const PostReference anchored{*Id::fromHex(hex), "über-uns"};
    CHECK(parsePostReference(printPostReference(anchored)) == anchored);
    for (const std::string& bad : {std::string(), std::string("stoa:post/"), "stoa:post/" + hex.substr(1),
                                   "stoa:post/" + hex + "0", "stoa:page/" + hex, "stoa:post/" + hex + "/x"}) {
        CAPTURE(bad);
        CHECK_FALSE(parsePostReference(bad).has_value());
    }
}

TEST_CASE("Only listed schemes open")
{
    CHECK(classifyLink("stoa:post/" + hex) == LinkKind::Post);
    CHECK(classifyLink("#heading") == LinkKind::Anchor);
    for (const char* web : {"https://x.org", "HTTP://x.org", "mailto:a@x.org"})
        CHECK(classifyLink(web) == LinkKind::Web);
    for (const char* refused :
         {"", "#", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "https://", "//x.org", "page.md",
          " https://x.org", "https://x.org/\n", "java\tscript:x", "smb://host", "stoa:post/1"}) {
        CAPTURE(refused);
        CHECK(classifyLink(refused) == LinkKind::Refused);
    }
}

TEST_CASE("Destinations are rewritten, all else stays byte by byte")
{
    CHECK(marked("[a](b) ![c](d \"t\") [e](<f g>)") == "[a](to:b) ![c](to:d \"t\") [e](<to:f g>)");
    CHECK(marked("[a]: b\n\n[a]\n") == "[a]: to:b\n\n[a]\n");
    CHECK(marked("[a](b\\_c)") == "[a](to:b_c)");
    CHECK(marked("[a](b&amp;c)") == "[a](to:b&c)");
    CHECK(marked("[![a](b)](c)") == "[![a](to:b)](to:c)");
    for (const char* kept : {"`[a](b)`", "```\n[a](b)\n```\n", "    [a](b)\n", "\\[a](b)", "<https://x.org>", "a](b)",
                             "[a] (b)", "~~~\n[a]: b\n~~~\n", "``x ` [a](b)``"}) {
        CAPTURE(kept);
        CHECK(marked(kept) == kept);
    }
    CHECK(rewriteLinks("[a](b)\r\n", [](std::string_view) { return std::nullopt; }) == "[a](b)\r\n");
}
