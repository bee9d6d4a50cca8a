#pragma once

// Reading what comes from files: bounded, clean, in plain values. Used within this folder only.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "shared/import/report.h"

namespace stoa {

// A path as text: what is not UTF-8 in it becomes "%XX", so that two names never read the same.
std::string pathText(const std::filesystem::path& path);

// The file's text: clean UTF-8, without byte order mark, lines end in "\n". Nothing, and a sentence in the report
// under `name`, where it is larger than `bytesMax`, cannot be read or is no text.
std::optional<std::string> readText(const std::filesystem::path& file, const std::string& name, size_t bytesMax,
                                    Report& report);

// "2011-10-11T19:42:20.713" or "2011-10-11", with "Z" or without, UTC, in milliseconds; from 1970 on.
std::optional<int64_t> parseTime(std::string_view text);

// One line of text that is fit for a title or a name: no control characters, at most `bytesMax` bytes.
std::string oneLine(std::string_view text, size_t bytesMax);

// "travel-and-leave" as "Travel and leave".
std::string titleFromName(std::string_view name);

} // namespace stoa
