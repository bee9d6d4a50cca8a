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
    // Something was done that is no change of the text, and is a step all the same: what takes it back is empty.
    void didBeside();
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
    struct Step {
        TextChange change; // of the text after taking back those behind it
        bool isBeside = false;
    };
    using Steps = std::deque<Step>; // the newest last

    static void push(Steps& steps, TextChange change);
    static std::optional<TextChange> take(Steps& steps);
    static void moveOver(Steps& steps, TextChange change);

    Steps done_;
    Steps undone_;
};

} // namespace stoa
