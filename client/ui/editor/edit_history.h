#pragma once

// What one person did to a text that others change too: taking it back, over what the others did since, and bringing
// it again. Keeps changes, not texts. One owner, any thread.

#include <deque>
#include <optional>

#include "shared/text/text_change.h"

namespace stoa {

class EditHistory {
public:
    // `inverse` takes back what was just done. With `joins` both go in one step.
    void did(TextChange inverse, bool joins);
    // What takes the last step back, of the text as it is now. The caller applies it and says by undone() what takes
    // that back in turn. Nothing where there is nothing left.
    std::optional<TextChange> undo();
    void undone(TextChange inverse);
    // The same the other way round.
    std::optional<TextChange> redo();
    void redone(TextChange inverse);
    // Somebody else changed the text.
    void othersDid(const TextChange& change);

    bool canUndo() const { return !done_.empty(); }
    bool canRedo() const { return !undone_.empty(); }
    void clear();

private:
    using Steps = std::deque<TextChange>; // the newest last, each of the text after taking back those behind it

    static void push(Steps& steps, TextChange change);
    static std::optional<TextChange> take(Steps& steps);
    static void moveOver(Steps& steps, TextChange change);

    Steps done_;
    Steps undone_;
};

} // namespace stoa
