#pragma once

// The last things that a conversation said and heard, and what became of it, for whoever has to find out why two sides
// came to differ. A ring of so many notes of 88 bytes each: adding one allocates nothing once the ring has grown, and
// costs less than the message that it is about. A note holds numbers, ids and digests, and names that stand in the
// program's own text; there is no place in it for what people wrote, for names, tokens or passwords.
//
// A value; whoever owns it uses it on one thread.

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/assert.h"
#include "stoa/v1/wire.pb.h"

namespace stoa {

// What a note is of. Both names and labels are literals.
struct NoteKind {
    const char* name;
    std::array<const char*, 4> labels; // of its numbers; those without one are not told
};

struct Note {
    enum class Way : uint8_t { In, Out, Here };

    // A feed's key, or an id; what is none is left out.
    Note& ofFeed(std::string_view key);
    Note& ofId(std::string_view id);
    // 16 bytes; anything else is left out.
    Note& with(std::string_view digest);

    int64_t atMs = 0; // by the wall clock
    const NoteKind* kind = nullptr;
    std::array<uint64_t, 4> numbers{};
    uint32_t bytes = 0; // of the message; 0: not told
    std::array<char, 17> about{};
    std::array<char, 16> digest{};
    uint8_t aboutBytes = 0;
    Way way = Way::Here;
    bool hasDigest = false;
};
static_assert(sizeof(Note) <= 88);

// A message: its kind, and of what it says only numbers, the feed or id that it is about, and a digest. Here each kind
// says what is noted of it, so that a new one is noted by its name alone until somebody looks at it.
Note noteOf(const v1::Envelope& envelope, Note::Way way, int64_t nowMs, size_t bytes);

class BlackBox {
public:
    explicit BlackBox(size_t notesMax) : notesMax_(notesMax) {}

    // Heartbeats, and where people's cursors are, are counted: they would push out everything else.
    void add(const Note& note);
    size_t size() const { return notes_.size(); }

    // One line for each note, the oldest first. At most `lineBytesMax` each.
    std::string text() const;
    // The same, allocating nothing.
    void write(std::FILE* to) const;

    static constexpr size_t lineBytesMax = 320;

private:
    template <class Line>
    void eachLine(Line line) const;

    size_t notesMax_;
    size_t oldest_ = 0;
    uint64_t heartbeats_ = 0;
    uint64_t lost_ = 0; // notes that others took the place of
    std::vector<Note> notes_;
};

// While it lives, an assertion that fails on this thread writes this box out before the program ends.
class BoxAtWork {
public:
    explicit BoxAtWork(const BlackBox& box)
        : told_([](const void* of, std::FILE* to) { static_cast<const BlackBox*>(of)->write(to); }, &box)
    {
    }

private:
    ToldOnFailure told_;
};

// What is written out, and why.
struct BlackBoxReport {
    std::string cause; // a word
    std::string about; // hexadecimal: a feed or an id
    std::string text;
};

// A feed's key as text: its letter, then its owner's id in hexadecimal. "none" for what is no such key.
std::string feedName(std::string_view key);

// "2026-11-28T01:22:33.123Z"
std::string printUtc(int64_t ms);

} // namespace stoa
