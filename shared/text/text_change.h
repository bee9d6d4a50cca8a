#pragma once

// A change to a text: what to retain, insert and delete, from its start on. A value; any thread.
//
// Lengths are Unicode code points everywhere: editor, wire and storage. Texts are clean UTF-8 (shared/base/text.h).
// The functions on changes are linear in the size of the changes, but for those that are given a text:
//   applyTo, invert      here
//   compose              compose.h: two changes in a row as one
//   transform            transform.h: two changes side by side, each for after the other
//   encode, decode       codec.h
//   diff                 diff.h: the change between two texts
//
// One form for one change, so that equal changes are equal values and equal bytes: no step is empty, no two of a kind
// follow each other, and the end of the text is retained without a word (a change does not know how long the text is,
// only how far it reaches). Inserts and deletes at one place keep the order they were put in: an insert between what
// is deleted is another change than one before it, because what others write at the same time lands before or behind
// it (docs/decisions/0007). Where there is a choice the insert goes first (compose.h says why).
//
// The model is operational transformation over a central server: D. Nichols, P. Curtis, M. Dixon, J. Lamping,
// "High-Latency, Low-Bandwidth Windowing in the Jupiter Collaboration System" (1995), in the form that Google Wave gave
// it: whole changes as a list of steps, as also ot.js, ShareDB and Quill have it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"

namespace stoa {

struct TextStep {
    enum class Kind : uint8_t { Retain, Insert, Delete };

    size_t count;   // code points
    uint32_t bytes; // of an insert: of its text; otherwise 0
    Kind kind;

    friend bool operator==(const TextStep&, const TextStep&) = default;
};

class TextChange {
public:
    TextChange() = default; // changes nothing

    static TextChange replace(size_t at, size_t deleted, std::string_view inserted);

    // Each adds at the end. A retain counts once something follows it.
    TextChange& retain(size_t count)
    {
        retained_ += count;
        return *this;
    }
    TextChange& insert(std::string_view text);
    TextChange& insert(std::string_view text, size_t count) // where it is known how many code points there are
    {
        if (count > 0) {
            add(TextStep::Kind::Insert, count, static_cast<uint32_t>(text.size()));
            inserted_.append(text);
        }
        return *this;
    }
    TextChange& erase(size_t count)
    {
        if (count > 0)
            add(TextStep::Kind::Delete, count, 0);
        return *this;
    }
    // Room for so many steps and bytes of inserted text.
    void reserve(size_t steps, size_t insertedBytes);

    bool isEmpty() const { return steps_.empty(); }
    std::span<const TextStep> steps() const { return steps_; }
    // The texts of all inserts, one after another.
    std::string_view inserted() const { return inserted_; }
    // How many code points a text needs for this to be a change of it.
    size_t reach() const;

    friend bool operator==(const TextChange& a, const TextChange& b)
    {
        return a.steps_ == b.steps_ && a.inserted_ == b.inserted_;
    }

private:
    void add(TextStep::Kind kind, size_t count, uint32_t bytes)
    {
        if (retained_ > 0)
            steps_.push_back({std::exchange(retained_, 0), 0, TextStep::Kind::Retain});
        if (!steps_.empty() && steps_.back().kind == kind) {
            steps_.back().count += count;
            steps_.back().bytes += bytes;
        } else {
            steps_.push_back({count, bytes, kind});
        }
    }

    std::vector<TextStep> steps_;
    std::string inserted_;
    size_t retained_ = 0; // since the last step
};

// INVALID where the change reaches past the end of the text.
Result<std::string> applyTo(std::string_view text, const TextChange& change);

// What takes the change back: applyTo(applyTo(before, change), invert(change, before)) is `before`. INVALID as above.
Result<TextChange> invert(const TextChange& change, std::string_view before);

} // namespace stoa
