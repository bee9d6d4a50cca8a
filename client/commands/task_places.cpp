#include "client/commands/task_places.h"

#include <algorithm>
#include <string>
#include <vector>

#include "shared/markup/document.h"
#include "shared/markup/task_box.h"
#include "shared/text/utf8.h"

namespace stoa {

namespace {

constexpr size_t boxTriesMax = 5;

struct BoxPlace {
    size_t at = 0;
    size_t letters = 0; // two where two people ticked it at once
};

// What stands between what may be brackets of a box: behind nothing but signs of quotes and lists in their line.
std::vector<BoxPlace> boxesIn(std::string_view markdown)
{
    constexpr std::string_view before = " \t>-*+.)0123456789";
    std::vector<BoxPlace> places;
    for (size_t at = 0; at < markdown.size();) {
        const size_t end = std::min(markdown.find('\n', at), markdown.size());
        const size_t open = markdown.find_first_not_of(before, at);
        if (open > at && open < end && markdown[open] == '[') {
            const size_t close = markdown.find_first_not_of(boxLetters, open + 1);
            if (close < end && markdown[close] == ']' && isInBox(markdown.substr(open + 1, close - open - 1)))
                places.push_back({open + 1, close - open - 1});
        }
        at = end + 1;
    }
    return places;
}

} // namespace

std::optional<TextChange> tickBox(std::string_view markdown, size_t block)
{
    Document wanted = parseMarkdown(markdown);
    if (block >= wanted.blocks.size() || wanted.blocks[block].task == Task::None)
        return std::nullopt;
    const auto before = size_t(std::count_if(wanted.blocks.begin(), wanted.blocks.begin() + ptrdiff_t(block),
                                             [](const Block& each) { return each.task != Task::None; }));
    // What only looks like a box, in code, makes it a later one. What becomes of the text tells whether it is the one.
    const std::vector<BoxPlace> places = boxesIn(markdown);
    std::vector<bool> seen, found;
    for (const Block& each : wanted.blocks)
        if (each.task != Task::None)
            seen.push_back(each.task == Task::Done);
    for (const BoxPlace& each : places)
        found.push_back(isTicked(markdown.substr(each.at, each.letters)));
    const bool isSure = seen == found;
    Task& task = wanted.blocks[block].task;
    task = task == Task::Done ? Task::Open : Task::Done;
    const std::string sign = task == Task::Done ? "x" : " ";
    size_t tries = 0;
    for (size_t i = before; i < places.size() && tries < boxTriesMax; ++i) {
        const BoxPlace& place = places[i];
        if (isTicked(markdown.substr(place.at, place.letters)) == (task == Task::Done))
            continue;
        ++tries;
        std::string text(markdown);
        text.replace(place.at, place.letters, sign);
        if (isSure || parseMarkdown(text) == wanted)
            return TextChange::replace(countCodePoints(markdown.substr(0, place.at)), place.letters, sign);
    }
    return std::nullopt;
}

} // namespace stoa
