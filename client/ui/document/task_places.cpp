#include "client/ui/document/task_places.h"

#include <algorithm>
#include <string>
#include <vector>

#include "shared/markup/document.h"
#include "shared/text/utf8.h"

namespace stoa {

namespace {

constexpr size_t boxTriesMax = 5;

// The letters between what may be brackets of a box: behind nothing but signs of quotes and lists in their line.
std::vector<size_t> boxesIn(std::string_view markdown)
{
    constexpr std::string_view before = " \t>-*+.)0123456789";
    std::vector<size_t> places;
    for (size_t at = 0; at < markdown.size();) {
        const size_t end = std::min(markdown.find('\n', at), markdown.size());
        const size_t open = markdown.find_first_not_of(before, at);
        if (open > at && open + 2 < end && markdown[open] == '[' && markdown[open + 2] == ']' &&
            (markdown[open + 1] == ' ' || markdown[open + 1] == 'x' || markdown[open + 1] == 'X'))
            places.push_back(open + 1);
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
    Task& task = wanted.blocks[block].task;
    task = task == Task::Done ? Task::Open : Task::Done;
    const char sign = task == Task::Done ? 'x' : ' ';
    // What only looks like a box, in code, makes it a later one. What becomes of the text tells whether it is the one.
    const std::vector<size_t> places = boxesIn(markdown);
    std::string text(markdown);
    size_t tries = 0;
    for (size_t i = before; i < places.size() && tries < boxTriesMax; ++i) {
        const char was = text[places[i]];
        if ((was == ' ') == (sign == ' '))
            continue;
        ++tries;
        text[places[i]] = sign;
        if (parseMarkdown(text) == wanted)
            return TextChange::replace(countCodePoints(markdown.substr(0, places[i])), 1, std::string(1, sign));
        text[places[i]] = was;
    }
    return std::nullopt;
}

} // namespace stoa
