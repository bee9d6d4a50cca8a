#pragma once

// Cuts Markdown into pieces that mean the same one after the other, and that are small enough for a parser
// whose time may grow with the square of its input. Used within this folder only.

#include <string>
#include <string_view>
#include <vector>

namespace stoa {

struct Piece {
    std::string_view text;      // of the whole
    std::string_view tableHead; // two lines, where the piece goes on with a table that was cut
    bool fence = false;         // nothing but one fenced block of code
    bool plain = false;         // beyond reason: not to be parsed
    bool tables = true;         // whether what looks like a table may become one
};

// `markdown` has "\n" as its only line ends and outlives the pieces.
std::vector<Piece> cutPieces(std::string_view markdown);

// The definitions ("[label]: target") outside of code, for pieces other than the one they stand in.
class Definitions {
public:
    explicit Definitions(std::string_view markdown);
    // Those that the piece mentions, as Markdown to put before it; bounded.
    std::string usedIn(std::string_view piece) const;

private:
    struct Entry {
        std::string label;
        std::string_view line;
    };
    std::vector<Entry> entries_; // by label
};

} // namespace stoa
