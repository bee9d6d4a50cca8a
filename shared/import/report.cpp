#include "shared/import/report.h"

#include <nlohmann/json.hpp>

namespace stoa {

namespace {

constexpr size_t entriesShownMax = 40;

std::string place(const ReportEntry& entry)
{
    if (entry.file.empty())
        return {};
    return entry.line > 0 ? entry.file + ", line " + std::to_string(entry.line) + ": " : entry.file + ": ";
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
    for (size_t i = 0; i < report.entries.size() && i < entriesShownMax; ++i)
        text += "\n" + place(report.entries[i]) + report.entries[i].sentence;
    const auto hidden = static_cast<int64_t>(report.entries.size()) - static_cast<int64_t>(entriesShownMax);
    if (hidden > 0)
        text += "\n" + std::to_string(hidden + report.entriesLeftOut) + " further remarks are in the JSON report.";
    return text;
}

} // namespace stoa
