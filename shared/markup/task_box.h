#pragma once

// The box of a task in Markdown, "[ ]" or "[x]". Pure.

#include <cstddef>
#include <string_view>

namespace stoa {

// What may stand in it: more than one letter where two people ticked it at once, which is ticked.
constexpr std::string_view boxLetters = " xX";
constexpr size_t boxLettersMax = 4;

constexpr bool isInBox(std::string_view letters)
{
    return !letters.empty() && letters.size() <= boxLettersMax &&
           letters.find_first_not_of(boxLetters) == std::string_view::npos;
}
// With its brackets.
constexpr bool isBox(std::string_view text)
{
    return text.size() > 2 && text.front() == '[' && text.back() == ']' && isInBox(text.substr(1, text.size() - 2));
}
constexpr bool isTicked(std::string_view letters)
{
    return letters.find_first_of("xX") != std::string_view::npos;
}

} // namespace stoa
