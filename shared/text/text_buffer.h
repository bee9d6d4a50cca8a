#pragma once

// A text that changes often: the body of an open page, on the server and in the editor. One owner, one thread.
//
// The text lies in pieces of at most 2 KiB that know their length. A change costs its own size, and to find a place is
// to go over the lengths from the last one used: of the largest body those are some thousand numbers.

#include <string>
#include <string_view>
#include <vector>

#include "shared/text/text_change.h"

namespace stoa {

class TextBuffer {
public:
    explicit TextBuffer(std::string_view text = {});

    // INVALID, and nothing is changed, where the change reaches past the end.
    Result<void> apply(const TextChange& change);

    size_t codePoints() const { return codePoints_; }
    size_t bytes() const { return bytes_; }
    std::string toString() const;

private:
    struct Piece {
        std::string text;
        size_t codePoints = 0;

        size_t bytesBefore(size_t codePoint) const;
    };

    static std::vector<Piece> cut(std::string_view text);

    void seek(size_t codePoint);
    void insert(size_t at, std::string_view text, size_t count);
    void erase(size_t at, size_t count);
    bool join(size_t piece);

    std::vector<Piece> pieces_; // at least one; only an only one is empty
    size_t codePoints_ = 0;
    size_t bytes_ = 0;
    size_t atHand_ = 0; // the piece used last
    size_t start_ = 0;  // the code points before it
};

} // namespace stoa
