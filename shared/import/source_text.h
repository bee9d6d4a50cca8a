#pragma once

// Reading what comes from files: bounded, clean, in plain values. Used within this folder only.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/import/report.h"

namespace stoa {

// A path as text: what is not UTF-8 in it becomes "%XX", so that two names never read the same.
std::string pathText(const std::filesystem::path& path);

// The file's text: clean UTF-8, without byte order mark, lines end in "\n". Nothing, and a sentence in the report
// under `name`, where it is larger than `bytesMax`, cannot be read or is no text.
std::optional<std::string> readText(const std::filesystem::path& file, const std::string& name, size_t bytesMax,
                                    Report& report);

// "2011-10-11T19:42:20.713" or "2011-10-11", in milliseconds; from 1970 on. UTC, unless it ends in an offset:
// "+02:00", "+0200" or "+02".
std::optional<int64_t> parseTime(std::string_view text);

// One line of text that is fit for a title or a name: no control characters, at most `bytesMax` bytes.
std::string oneLine(std::string_view text, size_t bytesMax);

// Where a text stands, for what the report says of it.
struct Place {
    std::string file;
    int64_t line = 0;
};

// The same, and the report says what could not be taken as it stands. 0: no date that is known.
int64_t readTime(std::string_view text, const Place& place, Report& report);
// `what` for the report: "title".
std::string readLine(std::string_view text, size_t bytesMax, const char* what, const Place& place, Report& report);
// For tags of a post: clean, once each, as many and as long as the rules allow.
std::vector<std::string> readTags(const std::vector<std::string>& tags, const Place& place, Report& report);
// Tags of HTML that stand in Markdown outside of code: they are shown as they stand there.
void tellHtml(const std::string& markdown, const Place& place, Report& report);

// "travel-and-leave" as "Travel and leave".
std::string titleFromName(std::string_view name);

} // namespace stoa
