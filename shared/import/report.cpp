#include "shared/import/report.h"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

namespace stoa {

namespace {

constexpr size_t sentencesShownMax = 200;
constexpr size_t placesShownMax = 100; // of one sentence

std::string place(const ReportEntry& entry)
{
    return entry.line > 0 ? entry.file + ", line " + std::to_string(entry.line) : entry.file;
}

} // namespace

void Report::add(std::string file, int64_t line, std::string sentence)
{
    if (entries.size() < entriesMax)
        entries.push_back({std::move(file), line, std::move(sentence)});
    else
        ++entriesLeftOut;
}

std::string reportJson(const Report& report)
{
    nlohmann::json entries = nlohmann::json::array();
    for (const ReportEntry& entry : report.entries)
        entries.push_back({{"file", entry.file}, {"line", entry.line}, {"sentence", entry.sentence}});
    const nlohmann::json json = {{"refusal", report.refusal},
                                 {"counts", report.counts},
                                 {"entries", std::move(entries)},
                                 {"entries_left_out", report.entriesLeftOut}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string reportText(const Report& report)
{
    if (!report.ok())
        return report.refusal;
    std::string text;
    for (const auto& [what, count] : report.counts) {
        std::string words = what;
        for (char& c : words)
            c = c == '_' ? ' ' : c;
        text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + words;
    }
    text = text.empty() ? "The source is empty." : "Read: " + text + ".";
    // What is said of many places is said once, with all of them, so that nothing rare is hidden behind it.
    std::map<std::string_view, std::vector<const ReportEntry*>> places;
    std::vector<std::string_view> sentences; // in the order of their first places
    for (const ReportEntry& entry : report.entries) {
        auto& same = places[entry.sentence];
        if (same.empty())
            sentences.push_back(entry.sentence);
        same.push_back(&entry);
    }
    int64_t hidden = report.entriesLeftOut;
    for (size_t i = 0; i < sentences.size(); ++i) {
        const auto& at = places[sentences[i]];
        if (i >= sentencesShownMax) {
            hidden += static_cast<int64_t>(at.size());
            continue;
        }
        text += "\n" + (at.front()->file.empty() ? std::string() : place(*at.front()) + ": ");
        text += sentences[i];
        std::string others;
        for (size_t other = 1; other < std::min(at.size(), placesShownMax); ++other)
            others += (others.empty() ? "" : "; ") + place(*at[other]);
        if (at.size() > placesShownMax)
            others += "; and " + std::to_string(at.size() - placesShownMax) + " more";
        if (!others.empty())
            text += " (Also: " + others + ".)";
    }
    if (hidden > 0)
        text += "\n" + std::to_string(hidden) + " further remarks are in the JSON report (--json).";
    return text;
}

} // namespace stoa
