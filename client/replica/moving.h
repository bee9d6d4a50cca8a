#pragma once

// What a person changed of a body and the server does not have yet: a row of changes, each over the body that those
// before it leave, the first one over the server's. Pure, for any thread. Where a change does not fit its body the
// answer is INVALID.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/text/transform.h"

namespace stoa {

struct PendingText {
    TextChange text;
    std::vector<TextRange> resolved; // of the body before it
    // Of what it inserts, where it was moved over what others did (shared/text/transform.h).
    std::vector<TextRange> behindDeleted = {};

    bool isEmpty() const { return text.isEmpty() && resolved.empty(); }
    friend bool operator==(const PendingText&, const PendingText&) = default;
};

using PendingRow = std::span<const PendingText>;

// The body with all of them.
Result<std::string> withTexts(std::string_view body, PendingRow row);

// The row over a newer body of the server's, which has the first `arrived` of them: what is left of the row. What
// others inserted at one place with these stands behind it, as the server will have it.
Result<std::vector<PendingText>> movedOver(std::string_view before, std::string_view after, PendingRow row,
                                           size_t arrived);

// What follows the first of them, as if that one had not been.
Result<std::vector<PendingText>> withoutFirst(std::string_view body, PendingRow row);

// The row over what else was changed of the body, and that as it is behind the row.
struct MovedRow {
    std::vector<PendingText> row;
    TextChange change;
};
MovedRow movedBy(TextChange change, PendingRow row);

// All of a row as one.
Result<PendingText> asOne(std::string_view body, PendingRow row);

// What was made over the same body as the row, to follow it.
PendingText behind(PendingRow row, PendingText text);

} // namespace stoa
