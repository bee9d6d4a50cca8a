#include "shared/import/source_text.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <system_error>

#include "shared/base/calendar.h"
#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/markup/document.h"

namespace stoa {

namespace {

std::string withUnixLines(std::string_view text)
{
    std::string lines;
    lines.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r')
            lines += text[i];
        else if (i + 1 >= text.size() || text[i + 1] != '\n')
            lines += '\n';
    }
    return lines;
}

// Days since 1970 of a date in the Gregorian calendar; after Howard Hinnant, "chrono-compatible low-level date
// algorithms", days_from_civil.
int64_t daysFromDate(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    const int64_t era = year / 400;
    const int64_t yearOfEra = year - era * 400;
    const int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146097 + dayOfEra - 719468;
}

bool takeNumber(std::string_view& text, size_t digits, int64_t& number)
{
    if (text.size() < digits)
        return false;
    number = 0;
    for (size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return true;
}

bool take(std::string_view& text, std::string_view any)
{
    if (text.empty() || any.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

// "+02:00", "+0200", "+02": how far local time is ahead of UTC, in minutes.
bool takeOffset(std::string_view& text, int64_t& minutes)
{
    const bool west = text.starts_with('-');
    int64_t hour = 0, minute = 0;
    if (!take(text, "+-") || !takeNumber(text, 2, hour))
        return false;
    if ((take(text, ":") || !text.empty()) && !takeNumber(text, 2, minute))
        return false;
    if (hour > 14 || minute > 59)
        return false;
    minutes = (hour * 60 + minute) * (west ? -1 : 1);
    return true;
}

std::string quoted(std::string_view text)
{
    return "\"" + oneLine(text, 60) + "\"";
}

// The names of tags in a text, as "<br>".
void findTags(std::string_view text, std::set<std::string>& found)
{
    constexpr std::array<std::string_view, 44> known{
        "a",     "abbr",   "article", "b",    "blockquote", "br",    "button", "center", "code",  "details", "div",
        "em",    "figure", "font",    "form", "h1",         "h2",    "h3",     "h4",     "hr",    "i",       "iframe",
        "img",   "input",  "kbd",     "li",   "ol",         "p",     "pre",    "script", "small", "span",    "strong",
        "style", "sub",    "summary", "sup",  "svg",        "table", "td",     "th",     "tr",    "ul",      "video"};
    for (size_t at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
        if (at > 0 && text[at - 1] == '\\')
            continue; // the author means it as text
        std::string_view rest = text.substr(at + 1);
        if (rest.starts_with("!--"))
            found.insert("<!-- -->");
        if (rest.starts_with('/'))
            rest.remove_prefix(1);
        std::string name;
        for (const char c : rest.substr(0, 12)) {
            const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            if ((lower < 'a' || lower > 'z') && (lower < '1' || lower > '6'))
                break;
            name += lower;
        }
        const char after = name.size() < rest.size() ? rest[name.size()] : '\0';
        const bool ends = after == '>' || after == '/' || after == ' ' || after == '\n' || after == '\t';
        if (ends && std::find(known.begin(), known.end(), name) != known.end())
            found.insert("<" + name + ">");
    }
}

} // namespace

std::string pathText(const std::filesystem::path& path)
{
    const std::string raw = path.generic_string();
    if (isCleanUtf8(raw))
        return raw;
    std::string text;
    for (const char c : raw)
        text += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "%" + toHex({&c, 1});
    return text;
}

std::optional<std::string> readText(const std::filesystem::path& file, const std::string& name, size_t bytesMax,
                                    Report& report)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    std::ifstream in(file, std::ios::binary);
    if (error || !in) {
        report.add(name, 0, "This file cannot be read; check that it is there and that its permissions allow it.");
        return std::nullopt;
    }
    if (size > bytesMax) {
        report.add(name, 0,
                   "This file was left out: it has " + std::to_string(size) + " bytes, and " +
                       std::to_string(bytesMax) + " is the most.");
        return std::nullopt;
    }
    std::string raw(size, '\0');
    in.read(raw.data(), static_cast<std::streamsize>(raw.size()));
    raw.resize(static_cast<size_t>(in.gcount()));
    if (raw.starts_with("\xFF\xFE") || raw.starts_with("\xFE\xFF")) {
        report.add(name, 0, "This file was left out: it is UTF-16; save it as UTF-8.");
        return std::nullopt;
    }
    std::string_view text = raw;
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    if (isCleanUtf8(text))
        return withUnixLines(text);
    report.add(name, 0, "Bytes that are not UTF-8 text were replaced or left out.");
    return withUnixLines(toCleanUtf8(text));
}

std::optional<int64_t> parseTime(std::string_view text)
{
    text = trim(text);
    int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0, offset = 0;
    if (!takeNumber(text, 4, year) || !take(text, "-") || !takeNumber(text, 2, month) || !take(text, "-") ||
        !takeNumber(text, 2, day))
        return std::nullopt;
    if (take(text, "T ")) {
        if (!takeNumber(text, 2, hour) || !take(text, ":") || !takeNumber(text, 2, minute))
            return std::nullopt;
        if (take(text, ":") && !takeNumber(text, 2, second))
            return std::nullopt;
        if (take(text, ".")) {
            for (int64_t unit = 100; !text.empty() && text.front() >= '0' && text.front() <= '9'; unit /= 10) {
                millisecond += (text.front() - '0') * unit;
                text.remove_prefix(1);
            }
        }
        if (!take(text, "Z") && !text.empty()) {
            text = trim(text);
            if (!takeOffset(text, offset))
                return std::nullopt;
        }
    }
    if (!text.empty() || year < 1970 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59 ||
        second > 60)
        return std::nullopt;
    const int64_t minutes = (daysFromDate(year, month, day) * 24 + hour) * 60 + minute - offset;
    const int64_t timeMs = minutes * 60'000 + second * 1000 + millisecond;
    return timeMs >= 0 ? std::optional(timeMs) : std::nullopt;
}

int64_t readTime(std::string_view text, const Place& place, Report& report)
{
    const auto time = parseTime(text);
    if (!time && !trim(text).empty())
        report.add(place.file, place.line,
                   "The date " + quoted(text) + " was left out: it is not one as 2027-06-30 or 2027-06-30T10:00:00Z.");
    return time.value_or(0);
}

std::string oneLine(std::string_view text, size_t bytesMax)
{
    std::string line = toCleanUtf8(text);
    for (char& c : line)
        c = static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return std::string(trim(clipUtf8(trim(line), bytesMax)));
}

std::string readLine(std::string_view text, size_t bytesMax, const char* what, const Place& place, Report& report)
{
    std::string line = oneLine(text, bytesMax);
    if (text.size() > bytesMax / 3 && oneLine(text, std::string::npos) != line)
        report.add(place.file, place.line,
                   "The " + std::string(what) + " " + quoted(text) + " was cut: it is longer than " +
                       std::to_string(bytesMax) + " bytes.");
    return line;
}

std::vector<std::string> readTags(const std::vector<std::string>& tags, const Place& place, Report& report)
{
    std::vector<std::string> fit;
    std::string tooMany;
    for (const std::string& tag : tags) {
        std::string clean = readLine(tag, limits::tagBytesMax, "tag", place, report);
        if (clean.empty() || std::find(fit.begin(), fit.end(), clean) != fit.end())
            continue;
        if (fit.size() < limits::tagsMax)
            fit.push_back(std::move(clean));
        else
            tooMany += (tooMany.empty() ? "" : ", ") + clean;
    }
    if (!tooMany.empty())
        report.add(place.file, place.line,
                   "Tags were left out, as " + std::to_string(limits::tagsMax) + " are the most: " + tooMany + ".");
    return fit;
}

void tellHtml(const std::string& markdown, const Place& place, Report& report)
{
    if (markdown.find('<') == std::string::npos)
        return;
    std::set<std::string> written; // also in code
    std::set<std::string> shown;   // also where the author escaped it
    findTags(markdown, written);
    const auto look = [&](const Spans& spans) {
        for (const Span& span : spans) {
            if (!span.code)
                findTags(span.text, shown);
        }
    };
    for (const Block& block : parseMarkdown(markdown).blocks) {
        look(block.spans);
        for (const auto& row : block.table.rows)
            std::for_each(row.begin(), row.end(), look);
    }
    std::string tags;
    for (const std::string& tag : shown) {
        if (written.contains(tag))
            tags += (tags.empty() ? "" : ", ") + tag;
    }
    if (!tags.empty())
        report.add(place.file, place.line,
                   "HTML in this text is not carried over, and is shown as text: " + tags + ".");
}

std::string titleFromName(std::string_view name)
{
    std::string title(name);
    for (char& c : title)
        c = c == '-' || c == '_' ? ' ' : c;
    title = std::string(trim(title));
    if (!title.empty() && title.front() >= 'a' && title.front() <= 'z')
        title.front() = static_cast<char>(title.front() - 'a' + 'A');
    return title.empty() ? "Untitled" : title;
}

} // namespace stoa
