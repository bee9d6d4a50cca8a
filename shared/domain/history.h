#pragma once

// What a body went through, worked out from its revisions: for a history that people read. Pure functions, any thread;
// lengths are code points. Wherever revisions are given, they are of one body, in a row and ascending.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/text/text_change.h"
#include "stoa/v1/record.pb.h"

namespace stoa {

namespace limits {

// Work goes on where somebody writes again within so long.
constexpr uint64_t stretchPauseMs = 30 * 60'000;
// Summaries of one stretch that are told.
constexpr size_t stretchSummariesMax = 16;

} // namespace limits

// What was done in one go, by one person or by several who wrote at the same time: revisions [first, first + count), as
// one change of the body before the first. By itself stands what was done at once: a whole body, an import, a proposal
// that took effect, and a change with words of its own about it, as a restored text has.
struct Stretch {
    size_t first = 0;
    size_t count = 0;
    std::vector<std::string> authors; // who wrote most first; an empty one: an import, or the server itself
    int64_t fromMs = 0;
    int64_t toMs = 0;
    std::string summary; // of each that has another one, in their order, apart by lines
};
// Two wrote at the same time where one wrote between two changes of the other's that are no more than the pause apart.
// So what begins a stretch is decided by what was written within two pauses of it: where only the newest revisions are
// given, the others that come later put together what was written within two pauses of the oldest, and nothing else.
// Costs their texts once.
std::vector<Stretch> stretches(std::span<const v1::Revision> revisions);

// As one change of the body before them. INVALID where one of them is none.
Result<TextChange> changeOf(std::span<const v1::Revision> revisions);
// The body after the last of them. There must be one among them that inserts the whole body, as the first of all does
// (RevisionPage); NOT_FOUND where there is none, INVALID where they do not follow each other.
Result<std::string> bodyAfter(std::span<const v1::Revision> revisions);

// A part of a body and which of the revisions wrote it.
struct Written {
    size_t count = 0;
    size_t by = 0;

    friend bool operator==(const Written&, const Written&) = default;
};
// Of the body after them, with the same errors as bodyAfter.
Result<std::vector<Written>> whoWrote(std::span<const v1::Revision> revisions);
// Of each line of the text the newest that wrote in it; who wrote its line feed only where it is empty. Behind the last
// line feed begins none where nothing follows.
std::vector<size_t> writersOfLines(std::string_view text, std::span<const Written> written);

} // namespace stoa
