#pragma once

// Markdown as a flat list of blocks, ready to be laid out one by one as they scroll in. Values only;
// any thread. Parsing costs time and memory linear in the size of the text, whatever the text: the parser
// (md4c, CommonMark with tables, strikethrough and task lists) only ever sees pieces of bounded size, and
// a piece that nests or repeats beyond reason becomes plain paragraphs. Raw HTML is text like any other.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stoa {

// Of a document that shows what became of another one (difference.h): all else is kept.
enum class Mark : uint8_t { Kept, Added, Removed };

// A run of text in one look. Line breaks that the author asked for are "\n" in the text.
struct Span {
    std::string text;   // of an image: what stands for it in words
    std::string target; // of a link or an image: not checked; ask classifyLink (references.h) before opening
    bool emphasis = false;
    bool strong = false;
    bool code = false;
    bool strike = false;
    bool image = false;
    Mark mark = Mark::Kept;

    bool isLink() const { return !target.empty() && !image; }
    friend bool operator==(const Span&, const Span&) = default;
};

using Spans = std::vector<Span>;

enum class BlockKind { Paragraph, Heading, ListItem, Code, Table, Rule };
enum class Task { None, Open, Done };
enum class Alignment { Default, Left, Center, Right };

struct Table {
    std::vector<Alignment> columns;
    std::vector<std::vector<Spans>> rows; // the first is the header; a row may be shorter than `columns`

    friend bool operator==(const Table&, const Table&) = default;
};

struct Block {
    BlockKind kind = BlockKind::Paragraph;
    Mark mark = Mark::Kept; // of all of it
    Spans spans;            // of paragraphs, headings and list items; of code in a difference: its parts
    int quoteDepth = 0;     // how many quotes it lies in
    int listDepth = 0;      // how many lists it lies in; a list item's own list counts
    // Heading
    int level = 0;      // 1 to 6
    std::string anchor; // as GitHub makes it, unique in the document
    // ListItem: the first paragraph of an item. Later blocks of the item have its listDepth.
    bool ordered = false;
    int number = 0; // of an ordered item
    Task task = Task::None;
    // Code
    std::string language;
    std::string code; // lines end in "\n"
    // Table
    Table table;

    friend bool operator==(const Block&, const Block&) = default;
};

struct Document {
    std::vector<Block> blocks;

    friend bool operator==(const Document&, const Document&) = default;
};

// Any text at all, also one that is not clean UTF-8 (which is cleaned first).
Document parseMarkdown(std::string_view markdown);

} // namespace stoa
