#pragma once

// How text becomes words: for the index, for queries and for the marks in snippets, so that the three
// always agree. Pure, for any thread.
//
// A word is a run of letters and digits, folded: case and accents gone, ligatures and full-width forms
// spread out ("Straße" -> "strasse", "Ｑｔ" -> "qt"). Scripts that write without spaces (Chinese, Japanese,
// Thai ...) and Korean give one word for each character; neighbours are then searched for as a phrase.

#include <string>

#include <QStringView>

namespace stoa {

struct Word {
    qsizetype start = 0; // in the text, in UTF-16 units
    qsizetype length = 0;
    std::string folded; // UTF-8, at most `foldedBytesMax`
};

constexpr size_t foldedBytesMax = 64;

class Words {
public:
    explicit Words(QStringView text) : text_(text) {}

    // Fills `word` (its memory is used again) and says whether there was one.
    bool next(Word& word);

private:
    QStringView text_;
    qsizetype at_ = 0;
};

// The folded words with a space between them.
std::string foldText(QStringView text);

} // namespace stoa
