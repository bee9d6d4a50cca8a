#pragma once

// How the time of a function grows with the size of a text, for texts that were made to make it grow.

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace stoa::test {

// In time ~ size^e, e is 1 for linear time and 2 for a square. What no longer fits the processor's cache adds up to
// 0.5 to a linear one.
constexpr double exponentMax = 1.7;
// What 1 MiB may cost without anybody looking how it grew: so short times say more about caches than about growth.
constexpr double unnoticedSeconds = 0.2;

inline std::string repeated(std::string_view part, size_t bytes)
{
    std::string out;
    out.reserve(bytes);
    while (out.size() + part.size() <= bytes)
        out += part;
    return out;
}

// The processor's time of this program, which other programs do not lengthen much.
template <class Work>
double seconds(const Work& work)
{
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::max<std::clock_t>(std::clock() - start, 1)) / CLOCKS_PER_SEC;
}

// The slope of the line through the logarithms, by least squares.
inline double slope(const double* times, size_t count)
{
    double meanX = 0, meanY = 0;
    for (size_t i = 0; i < count; ++i) {
        meanX += static_cast<double>(i) / static_cast<double>(count);
        meanY += std::log2(times[i]) / static_cast<double>(count);
    }
    double above = 0, below = 0;
    for (size_t i = 0; i < count; ++i) {
        const double x = static_cast<double>(i) - meanX;
        above += x * (std::log2(times[i]) - meanY);
        below += x * x;
    }
    return above / below;
}

// The exponent, at 8 sizes that double up to 1 MiB. `make` gives a text of a size, `work` is what takes time. The
// readers of Markdown cut it into pieces of at most 32 KiB, and a piece may cost its square: the four sizes above
// count. Whatever else the machine does only adds time, so the least of several rounds counts, and there are more of
// them while it looks bad.
template <class Make, class Work>
double growth(const Make& make, const Work& work)
{
    constexpr size_t sizes = 8, counted = 4, largest = 1024 * 1024, roundsMax = 8;
    std::array<double, sizes> least;
    least.fill(std::numeric_limits<double>::max());
    std::array<std::string, sizes> texts;
    for (size_t i = 0; i < sizes; ++i)
        texts[i] = make(largest >> (sizes - 1 - i));
    double found = exponentMax + 1;
    for (size_t round = 0; round < roundsMax && found > exponentMax; ++round) {
        for (size_t i = 0; i < sizes; ++i)
            least[i] = std::min(least[i], seconds([&] { work(texts[i]); }));
        found = least.back() < unnoticedSeconds ? 1 : slope(least.data() + sizes - counted, counted);
    }
    return found;
}

// Repeated, each of these asks a reader of Markdown or HTML to look back, ahead or down without end.
inline const std::vector<std::string>& hostileParts()
{
    static const std::vector<std::string> parts{
        // quotes, lists and what nests
        "> ", "> a\n", "- ", "* ", "1. ", "- a\n", "  - a\n", "# a\n", "\t",
        // links, images, definitions and footnotes
        "[", "![", "](", "[]", "[]( \n", "![[]()", "[a](", "[a](b) ", "[a](b(", "[a](<", "[a]", "[a]:", "[a]: b\n",
        "[](", "[^1]", "[^1]: a\n", "[^1]: a\n\n[^1] ",
        // looks
        "*a ", "_a*", "**a*", "*_", "*a_", "~~a", "a**b_c",
        // code, escapes, references
        "`", "``a`", "\\``", "```\n", "\\", "a\\\n", "&amp", "&#",
        // tables
        "|a", "|-|\n", "|a|b|\n", "|a|\n|-|\n", "a|b\n-|-\nc|d\n\n",
        // HTML
        "<div>", "<a:", "a <![CDATA[", "<!--", "<?", "<!A ", "<b>", "<b id=1><p>", "<a href=x>", "<ul><li>",
        "<blockquote>", "<table><td>", "<h1>", "</p>", "<script>", "<p ", "<x a='", "<table>a<b>", "<i>a</i><b>b</b>",
        "<br>", "<ol><li>a", "<tr><td>a|", "<pre>", "<textarea>", "<select><option>",
        // scripts, marks and what is no text
        "\xd7\xa9\xd7\x9c", "\xe2\x80\xae", "\xe2\x80\x8d", "\xf0\x9f\x91\xa9\xe2\x80\x8d", "\xcc\x81",
        std::string(1, '\0'), "\xc0\xaf", "\xff", "\xed\xa0\x80"};
    return parts;
}

} // namespace stoa::test
