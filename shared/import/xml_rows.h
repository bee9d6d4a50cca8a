#pragma once

// The <row .../> elements of an XML file, one after the other, whatever the file's size. A row that is broken is
// told and passed over. Files that declare entities of their own are not read: expanding them could fill the
// memory. A DOCTYPE's outer file is never opened. Used within this folder only.

#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace stoa {

struct XmlRow {
    int64_t line = 0;
    std::map<std::string, std::string> attributes; // UTF-8

    // Empty where it is missing.
    const std::string& operator[](const std::string& name) const;
};

using OnRow = std::function<void(const XmlRow&)>;
using OnBrokenRow = std::function<void(int64_t line, const std::string& sentence)>;

// Why the file cannot be read at all; empty: it was.
std::string readXmlRows(const std::filesystem::path& file, const OnRow& onRow, const OnBrokenRow& onBroken);

} // namespace stoa
