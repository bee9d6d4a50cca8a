#include "shared/import/report.h"

#include <string_view>

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
    // What is said of many places is said once, so that nothing rare is hidden behind it.
    std::map<std::string_view, int64_t> others;
    std::vector<const ReportEntry*> shown;
    for (const ReportEntry& entry : report.entries) {
        if (const auto [same, first] = others.try_emplace(entry.sentence, 0); !first)
            ++same->second;
        else
            shown.push_back(&entry);
    }
    int64_t hidden = report.entriesLeftOut;
    for (size_t i = 0; i < shown.size(); ++i) {
        const int64_t more = others[shown[i]->sentence];
        if (i >= entriesShownMax)
            hidden += more + 1;
        else
            text += "\n" + place(*shown[i]) + shown[i]->sentence +
                    (more > 0 ? " (And " + std::to_string(more) + " more like this.)" : "");
    }
    if (hidden > 0)
        text += "\n" + std::to_string(hidden) + " further remarks are in the JSON report (--json).";
    return text;
}

} // namespace stoa
