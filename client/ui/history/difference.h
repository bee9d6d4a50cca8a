#pragma once

// Two texts as one that shows what became of the first: a row of pieces, with what nobody touched left out but for some
// lines around. Pure; any thread.

#include <string_view>

#include <QList>
#include <QString>

#include "shared/text/text_change.h"

namespace stoa {

struct DifferencePiece {
    enum class Kind { Kept, Added, Removed, LeftOut };

    Kind kind = Kind::Kept;
    QString text;  // of what is left out: none
    int lines = 0; // that are left out

    friend bool operator==(const DifferencePiece&, const DifferencePiece&) = default;
};

// `change` is one of `before`. Of what is kept at most `around` lines are shown beside what is not.
QList<DifferencePiece> piecesOf(std::string_view before, const TextChange& change, int around = 3);

} // namespace stoa
