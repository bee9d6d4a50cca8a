#pragma once

// What an import did, and what it could not carry over, in sentences that name the place. Values.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stoa {

struct ReportEntry {
    std::string file; // relative to the source
    int64_t line = 0; // from 1; 0: the whole file
    std::string sentence;

    friend bool operator==(const ReportEntry&, const ReportEntry&) = default;
};

struct Report {
    static constexpr size_t entriesMax = 10'000;

    std::string refusal; // why nothing was imported; empty: it was
    // "people", "sections", "pages", "questions", "answers", "comments", "accepted", "tags", "links": what the
    // source holds; "created", "changed", "unchanged": records; others: what was left out.
    std::map<std::string, int64_t> counts;
    std::vector<ReportEntry> entries;
    int64_t entriesLeftOut = 0; // above entriesMax

    bool ok() const { return refusal.empty(); }
    void add(std::string file, int64_t line, std::string sentence);
    void count(const std::string& what, int64_t by = 1) { counts[what] += by; }
};

// {"refusal": "", "counts": {...}, "entries": [{"file", "line", "sentence"}], "entries_left_out": 0}
std::string reportJson(const Report& report);
// The same for a person at a terminal.
std::string reportText(const Report& report);

} // namespace stoa
