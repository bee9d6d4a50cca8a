#include "shared/markup/html.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gumbo.h>

#include "shared/base/text.h"
#include "shared/markup/document.h"
#include "shared/markup/plain.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

std::string withoutSpace(std::string_view text)
{
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 2) == "\xc2\xa0")
            ++i;
        else if (std::string_view(" \t\r\n\f").find(text[i]) == std::string_view::npos)
            out.push_back(text[i]);
    }
    return out;
}

void gather(const GumboNode& node, std::string& out)
{
    if (node.type == GUMBO_NODE_ELEMENT) {
        const GumboTag tag = node.v.element.tag;
        if (tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE)
            return;
        const GumboAttribute* alt = gumbo_get_attribute(&node.v.element.attributes, "alt");
        if (tag == GUMBO_TAG_IMG && alt)
            out += alt->value;
        for (unsigned i = 0; i < node.v.element.children.length; ++i)
            gather(*static_cast<const GumboNode*>(node.v.element.children.data[i]), out);
    } else if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_CDATA) {
        out += node.v.text.text;
    }
}

// What a browser shows, without white space.
std::string textOfHtml(const std::string& html)
{
    GumboOutput* output = gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size());
    std::string out;
    gather(*output->root, out);
    gumbo_destroy_output(&kGumboDefaultOptions, output);
    return withoutSpace(out);
}

std::string textAfter(const std::string& html)
{
    return withoutSpace(plainText(htmlToMarkdown(html)));
}

void replaceAll(std::string& text, std::string_view from, std::string_view to)
{
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::vector<std::string> bodiesOf(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) {
        const size_t start = line.find(" Body=\"");
        if (start == std::string::npos)
            continue;
        const std::string_view rest = std::string_view(line).substr(start + 7);
        std::string body(rest.substr(0, rest.find('"')));
        replaceAll(body, "&#xA;", "\n");
        replaceAll(body, "&#xD;", "\r");
        replaceAll(body, "&#x9;", "\t");
        replaceAll(body, "&lt;", "<");
        replaceAll(body, "&gt;", ">");
        replaceAll(body, "&quot;", "\"");
        replaceAll(body, "&apos;", "'");
        replaceAll(body, "&amp;", "&");
        out.push_back(std::move(body));
    }
    return out;
}

std::filesystem::path testData()
{
    const char* given = std::getenv("STOA_TEST_DATA");
    return given ? std::filesystem::path(given) : std::filesystem::path(STOA_SOURCE_DIR) / "../shared/data";
}

} // namespace

TEST_CASE("HTML becomes the Markdown one would write")
{
    const auto [html, markdown] = GENERATE(table<std::string, std::string>({
        {"<p>One &amp; two</p>\n\n<p>three<br>four</p>", "One & two\n\nthree\\\nfour\n"},
        {"<p>a<br><br>b</p>", "a\n\nb\n"},
        {"<p><b>bold</b>, <em>slanted</em>, <s>gone</s></p>", "**bold**, *slanted*, ~~gone~~\n"},
        {"<p><b> spaced </b>out</p>", "**spaced** out\n"},
        {"<h2>Title</h2><p>Text</p><hr><p>more</p>", "## Title\n\nText\n\n___\n\nmore\n"},
        {"<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>", "- a\n- b\n  - c\n- d\n"},
        {"<ol start=\"3\"><li>a<li>b</ol>", "3. a\n4. b\n"},
        {"<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>", "- a\n\n- b\n\n  c\n"},
        {"<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b\n"},
        {"<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>", "- a\n  - b\n- c\n"},
        {"<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc\n"},
        {"<blockquote>a</blockquote><blockquote>b</blockquote>", "> a\n\n> b\n"},
        {"<pre class=\"lang-cpp prettyprint-override\"><code>int a;\n\n  b &lt; c;\n</code></pre>",
         "```cpp\nint a;\n\n  b < c;\n```\n"},
        {"<pre><code>```\n</code></pre>", "````\n```\n````\n"},
        {"<ol><li>a<pre><code>x\ny</code></pre></li></ol>", "1. a\n\n   ```\n   x\n   y\n   ```\n"},
        {"<p>use <code>a`b</code> and <code>c</code></p>", "use ``a`b`` and `c`\n"},
        {"<p><a href=\"https://x.org/a_b\">see</a></p>", "[see](https://x.org/a_b)\n"},
        {"<p><a href=\"https://x.org/a (b)\">see</a></p>", "[see](<https://x.org/a (b)>)\n"},
        {"<p><a href=\"https://x.org/\">https://x.org/</a></p>", "<https://x.org/>\n"},
        {"<p><img src=\"https://x.org/i.png\" alt=\"a ]picture\"></p>", "![a \\]picture](https://x.org/i.png)\n"},
        {"<p>H<sub>2</sub>O, press <kbd>Ctrl</kbd></p>", "H2O, press Ctrl\n"},
        {"<script>alert('x')</script><style>p{}</style><p>only this</p>", "only this\n"},
        {"<table><tr><th>a</th><th>b|c</th></tr><tr><td>1</td></tr></table>",
         "| a | b\\|c |\n| --- | --- |\n| 1 |  |\n"},
        {"<p>snake_case 2 * 3 [1] a &lt; b C# 5%</p>", "snake_case 2 * 3 [1] a < b C# 5%\n"},
        {"<p># one</p><p>1. two</p><p>- three</p><p>&gt; four</p>", "\\# one\n\n1\\. two\n\n\\- three\n\n\\> four\n"},
        {"<p>*a* &amp;lt; `b` [c](d)</p>", "\\*a\\* \\&lt; \\`b\\` [c\\](d)\n"},
        {"", ""},
        {"plain", "plain\n"},
    }));
    CAPTURE(html);
    CHECK(htmlToMarkdown(html) == markdown);
    CHECK(textAfter(html) == textOfHtml(html));
}

TEST_CASE("Looks survive where Markdown needs help to say them")
{
    const auto html = GENERATE(as<std::string>(), "<p>a<b>\"b\"</b>c</p>", "<p><i>a</i><b>b</b></p>",
                               "<p><b>a<i>b</i></b><i>c</i></p>", "<p>语<b>「言」</b>学</p>", "<p>x<b>*</b>y</p>",
                               "<p>wow!<a href=\"https://x.org\">x</a></p>");
    CAPTURE(html);
    CAPTURE(htmlToMarkdown(html));
    const Document document = parseMarkdown(htmlToMarkdown(html));
    REQUIRE(document.blocks.size() == 1);
    CHECK(document.blocks[0].spans.size() > 1);
    CHECK(textAfter(html) == textOfHtml(html));
}

TEST_CASE("Broken HTML keeps its text")
{
    const auto html =
        GENERATE(as<std::string>(), "<p>a<p>b<li>c", "a < b > c", "<b><i>x</b>y</i>z", "<foo>a</bar>b",
                 "&am<x>p; &lt;b&gt;", "<p>a<!-- b -->c", "</p></p>a", "<table><td>a<td>b<table><td>c",
                 "<ul>a<li>b</ul></li>c", "<a href=x>a<a href=y>b", "<pre>a<b>b</b>\n\n c</pre>", "<textarea><b>a</b>",
                 "<p title='a>b'>c", "a<br/>b<hr/>c", "<h1><p>a</p><p>b</p></h1>", "<ul><li></li><li>a</li></ul>",
                 "<p>a<br>-<br>---<br>1. b<br># c</p>", "<p>\\</p><p>a\\b</p>");
    CAPTURE(html);
    CAPTURE(htmlToMarkdown(html));
    CHECK(textAfter(html).size() == (html.find("textarea") == std::string::npos ? textOfHtml(html).size() : 1));
}

TEST_CASE("HTML that is not clean UTF-8 or holds NUL becomes clean")
{
    CHECK(htmlToMarkdown(std::string("<p>a\0b\xff</p>", 12)) == "ab\xef\xbf\xbd\n");
    CHECK(isCleanUtf8(htmlToMarkdown("<td>&#xd80aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0;</td>")));
}

TEST_CASE("Text that is escaped reads as itself")
{
    const auto text = GENERATE(as<std::string>(), "*a*", "_a_", "# a", "1. a", "[a](b)", "<http://a.b>", "&amp;",
                               "a\\*b", "`a`", "~~a~~", "- a", "![a](b)", "[ ] a", "---", "C# & C++", "x_y_z", "\\");
    CAPTURE(text);
    CHECK(withoutSpace(plainText(escapeMarkdown(text))) == withoutSpace(text));
    CHECK(links("[" + escapeMarkdown(text) + "](https://x.org)") == std::vector<std::string>{"https://x.org"});
}

TEST_CASE("The posts of a real community read the same as Markdown")
{
    const auto file = testData() / "community/Posts.xml";
    if (!std::filesystem::exists(file)) {
        WARN("Skipped: there is no dump at " << file.string());
        return;
    }
    const std::vector<std::string> bodies = bodiesOf(file);
    size_t different = 0;
    for (const std::string& body : bodies) {
        if (textAfter(body) == textOfHtml(body))
            continue;
        if (++different <= 3)
            UNSCOPED_INFO("differs: " << body << "\n---\n" << htmlToMarkdown(body));
    }
    INFO(different << " of " << bodies.size() << " differ");
    CHECK(bodies.size() > 1'000);
    CHECK(different * 1'000 <= bodies.size());
}
