#include "shared/markup/html.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <vector>

#include <gumbo.h>

#include "shared/base/text.h"
#include "shared/markup/document.h"
#include "shared/markup/html_scan.h"
#include "shared/markup/inline_writer.h"

namespace stoa {

namespace {

constexpr size_t framesMax = 16;  // quotes and lists in each other; deeper ones lie flat
constexpr size_t columnsMax = 64; // tables with more become paragraphs
constexpr size_t languageBytesMax = 32;
constexpr size_t linkBytesMax = 2048;

bool isHtmlSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::string_view attribute(const GumboNode& node, const char* name)
{
    const GumboAttribute* found = gumbo_get_attribute(&node.v.element.attributes, name);
    return found ? std::string_view(found->value) : std::string_view();
}

bool isElement(const GumboNode& node)
{
    return node.type == GUMBO_NODE_ELEMENT;
}

template <class Visit>
void forChildren(const GumboNode& node, const Visit& visit)
{
    const GumboVector& children = node.v.element.children;
    for (unsigned i = 0; i < children.length; ++i)
        visit(*static_cast<const GumboNode*>(children.data[i]));
}

bool isBlockTag(GumboTag tag)
{
    switch (tag) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
    case GUMBO_TAG_LI:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_HR:
    case GUMBO_TAG_TABLE:
        return true;
    default:
        return false;
    }
}

bool isTablePart(GumboTag tag)
{
    return tag == GUMBO_TAG_THEAD || tag == GUMBO_TAG_TBODY || tag == GUMBO_TAG_TFOOT || tag == GUMBO_TAG_TR ||
           tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH || tag == GUMBO_TAG_CAPTION;
}

bool holdsBlocks(const GumboNode& node)
{
    if (!isElement(node))
        return false;
    bool found = false;
    forChildren(node, [&](const GumboNode& child) {
        found = found || (isElement(child) && isBlockTag(child.v.element.tag)) || holdsBlocks(child);
    });
    return found;
}

std::string cleanTarget(std::string_view target)
{
    std::string out(trim(target));
    std::erase_if(out, [](char c) { return static_cast<uint8_t>(c) < ' '; });
    if (out.size() > linkBytesMax)
        out.clear();
    return out;
}

std::string oneLine(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (!isHtmlSpace(c))
            out.push_back(c);
        else if (!out.empty() && out.back() != ' ')
            out.push_back(' ');
    }
    return std::string(trim(out));
}

std::string languageIn(std::string_view classes)
{
    while (!classes.empty()) {
        const size_t end = std::min(classes.find_first_of(" \t\n"), classes.size());
        std::string_view name = classes.substr(0, end);
        classes.remove_prefix(std::min(end + 1, classes.size()));
        for (const std::string_view start : {"lang-", "language-"}) {
            if (!name.starts_with(start))
                continue;
            name.remove_prefix(start.size());
            const bool good = std::all_of(name.begin(), name.end(), [](char c) {
                return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '+' || c == '#' ||
                       c == '.' || c == '_' || c == '-';
            });
            if (good && !name.empty() && name.size() <= languageBytesMax && name != "none" && name != "default")
                return std::string(name);
        }
    }
    return {};
}

// The text of code as it stands.
void rawText(const GumboNode& node, std::string& out)
{
    if (isElement(node)) {
        if (node.v.element.tag == GUMBO_TAG_BR)
            out.push_back('\n');
        else if (node.v.element.tag == GUMBO_TAG_IMG)
            out.append(attribute(node, "alt"));
        else
            forChildren(node, [&](const GumboNode& child) { rawText(child, out); });
    } else if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE || node.type == GUMBO_NODE_CDATA) {
        out.append(node.v.text.text);
    }
}

class Converter {
public:
    std::string run(const GumboNode& root)
    {
        forChildren(root, [&](const GumboNode& child) { walk(child, {}); });
        flush();
        return std::move(out_);
    }

private:
    // A quote, or an item of a list.
    struct Frame {
        std::string first; // before its first line
        std::string rest;  // before every other
        bool begun = false;
    };

    // What the elements around say about text. Its own `text` stays empty.
    using Look = Span;

    // ---- lines

    void putLine(std::string_view line)
    {
        if (blankWaits_ && !out_.empty()) {
            std::string before;
            for (const Frame& frame : frames_) {
                if (!frame.begun)
                    break;
                before += frame.rest;
            }
            while (before.ends_with(' '))
                before.pop_back();
            out_ += before + "\n";
        }
        blankWaits_ = false;
        std::string before;
        for (Frame& frame : frames_) {
            before += frame.begun ? frame.rest : frame.first;
            frame.begun = true;
        }
        if (line.empty()) {
            while (before.ends_with(' '))
                before.pop_back();
        }
        out_.append(before).append(line).append("\n");
    }

    void putBlock(std::string_view lines)
    {
        while (true) {
            const size_t end = lines.find('\n');
            putLine(lines.substr(0, end));
            if (end == std::string_view::npos)
                break;
            lines.remove_prefix(end + 1);
        }
        blankWaits_ = true;
        paragraphLast_ = false;
        lastList_ = GUMBO_TAG_UNKNOWN;
    }

    // ---- text in lines

    void addText(std::string_view text, const Look& look)
    {
        for (const char c : text) {
            const bool blank = isHtmlSpace(c);
            if (blank && (spans_.empty() || spaceLast_))
                continue;
            spaceLast_ = blank;
            if (spans_.empty() || !sameLook(spans_.back(), look)) {
                spans_.push_back(look);
                spans_.back().text.clear();
            }
            spans_.back().text.push_back(blank ? ' ' : c);
        }
    }

    static bool sameLook(const Span& a, const Span& b)
    {
        return !a.image && !b.image && a.target == b.target && a.emphasis == b.emphasis && a.strong == b.strong &&
               a.code == b.code && a.strike == b.strike;
    }

    void addBreak(const Look& look)
    {
        if (spans_.empty())
            return;
        if (inCell_ || headingLevel_ > 0 || look.code) {
            addText(" ", look);
            return;
        }
        while (!spans_.empty() && spans_.back().text.ends_with(' '))
            spans_.back().text.pop_back();
        if (spans_.back().text.ends_with('\n')) {
            // Two breaks: a new paragraph.
            flush();
            return;
        }
        Span line;
        line.text = "\n";
        spans_.push_back(line);
        spaceLast_ = true;
    }

    void addImage(const GumboNode& node, const Look& look)
    {
        Span image = look;
        image.text = oneLine(attribute(node, "alt"));
        const std::string source = cleanTarget(attribute(node, "src"));
        if (source.empty() || source.starts_with("data:")) {
            addText(image.text, look);
            return;
        }
        image.target = source;
        image.image = true;
        image.code = false;
        spans_.push_back(std::move(image));
        spaceLast_ = false;
    }

    // What was gathered becomes a paragraph or a heading.
    void flush()
    {
        const InlinePlace place = headingLevel_ > 0 ? InlinePlace::Heading : InlinePlace::Paragraph;
        const Spans spans = std::move(spans_);
        spans_ = {};
        spaceLast_ = false;
        const auto says = [](const Span& span) {
            return span.image || span.text.find_first_not_of(" \n") != std::string::npos;
        };
        if (std::none_of(spans.begin(), spans.end(), says))
            return;
        const std::string text = writeInline(spans, place);
        if (text.empty())
            return;
        putBlock(headingLevel_ > 0 ? std::string(static_cast<size_t>(headingLevel_), '#') + " " + text : text);
        paragraphLast_ = headingLevel_ == 0;
    }

    // ---- elements

    void walk(const GumboNode& node, const Look& look)
    {
        if (!isElement(node)) {
            if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE || node.type == GUMBO_NODE_CDATA)
                addText(node.v.text.text, look);
            return;
        }
        const GumboTag tag = node.v.element.tag;
        if (inCell_ && (isBlockTag(tag) || isTablePart(tag)))
            addText(" ", look);
        Look inner = look;
        switch (tag) {
        case GUMBO_TAG_B:
        case GUMBO_TAG_STRONG:
            inner.strong = true;
            break;
        case GUMBO_TAG_I:
        case GUMBO_TAG_EM:
            inner.emphasis = true;
            break;
        case GUMBO_TAG_S:
        case GUMBO_TAG_STRIKE:
        case GUMBO_TAG_DEL:
            inner.strike = true;
            break;
        case GUMBO_TAG_CODE:
        case GUMBO_TAG_TT:
            inner.code = true;
            break;
        case GUMBO_TAG_A:
            inner.target = cleanTarget(attribute(node, "href"));
            break;
        case GUMBO_TAG_BR:
            addBreak(look);
            return;
        case GUMBO_TAG_IMG:
            addImage(node, look);
            return;
        default:
            if (!inCell_ && (isBlockTag(tag) || isTablePart(tag))) {
                block(node, tag, look);
                return;
            }
        }
        walkChildren(node, inner);
        if (inCell_ && isBlockTag(tag))
            addText(" ", look);
    }

    void walkChildren(const GumboNode& node, const Look& look)
    {
        forChildren(node, [&](const GumboNode& child) { walk(child, look); });
    }

    void block(const GumboNode& node, GumboTag tag, const Look& look)
    {
        flush();
        switch (tag) {
        case GUMBO_TAG_H1:
        case GUMBO_TAG_H2:
        case GUMBO_TAG_H3:
        case GUMBO_TAG_H4:
        case GUMBO_TAG_H5:
        case GUMBO_TAG_H6: {
            const int outer = headingLevel_;
            // What holds blocks is a heading in name only.
            headingLevel_ = holdsBlocks(node) ? 0 : static_cast<int>(tag) - static_cast<int>(GUMBO_TAG_H1) + 1;
            walkChildren(node, look);
            flush();
            headingLevel_ = outer;
            break;
        }
        case GUMBO_TAG_HR:
            putBlock("___");
            break;
        case GUMBO_TAG_PRE:
            code(node);
            break;
        case GUMBO_TAG_BLOCKQUOTE:
            framed({"> ", "> "}, [&] { walkChildren(node, look); });
            break;
        case GUMBO_TAG_UL:
        case GUMBO_TAG_OL:
            list(node, tag, look);
            break;
        case GUMBO_TAG_TABLE:
            table(node, look);
            break;
        default:
            walkChildren(node, look);
            flush();
        }
    }

    template <class Inside>
    void framed(Frame frame, const Inside& inside)
    {
        const bool deep = frames_.size() >= framesMax;
        if (!deep)
            frames_.push_back(std::move(frame));
        lastList_ = GUMBO_TAG_UNKNOWN;
        paragraphLast_ = false;
        inside();
        flush();
        if (!deep)
            frames_.pop_back();
        lastList_ = GUMBO_TAG_UNKNOWN;
        paragraphLast_ = false;
    }

    void list(const GumboNode& node, GumboTag tag, const Look& look)
    {
        // Two lists of one kind would read as one: the second has the other marks.
        const bool other = lastList_ == tag && !otherMarks_;
        int64_t number = 1;
        if (tag == GUMBO_TAG_OL) {
            const std::string_view start = attribute(node, "start");
            std::from_chars(start.data(), start.data() + start.size(), number);
            number = std::clamp<int64_t>(number, 0, 100'000'000);
        }
        const bool inItem = !frames_.empty() && frames_.back().begun && !frames_.back().first.starts_with('>');
        if (inItem && number == 1 && paragraphLast_)
            blankWaits_ = false;
        bool loose = false;
        forChildren(node, [&](const GumboNode& child) { loose = loose || holdsMoreThanText(child); });
        size_t width = 0; // of the marks of the item before
        forChildren(node, [&](const GumboNode& child) {
            const bool element = isElement(child);
            const size_t sizeBefore = out_.size();
            if (element && child.v.element.tag == GUMBO_TAG_LI) {
                flush();
                Frame frame;
                if (tag == GUMBO_TAG_OL)
                    frame.first = std::to_string(number) + (other ? ") " : ". ");
                else
                    frame.first = other ? "* " : "- ";
                frame.rest = std::string(frame.first.size(), ' ');
                if (width > 0 && !loose)
                    blankWaits_ = false;
                const size_t own = frame.rest.size();
                framed(std::move(frame), [&] { walkChildren(child, look); });
                if (out_.size() > sizeBefore) {
                    width = own;
                    ++number;
                }
            } else if (element && width > 0 &&
                       (child.v.element.tag == GUMBO_TAG_UL || child.v.element.tag == GUMBO_TAG_OL)) {
                // A list right in a list: part of the item before it.
                const std::string indent(width, ' ');
                framed({indent, indent, true}, [&] {
                    paragraphLast_ = !loose;
                    walk(child, look);
                });
            } else {
                walk(child, look);
            }
        });
        flush();
        blankWaits_ = true;
        paragraphLast_ = false;
        lastList_ = tag;
        otherMarks_ = other;
    }

    // Other blocks than its text and lists in it.
    static bool holdsMoreThanText(const GumboNode& item)
    {
        bool found = false;
        if (isElement(item) && item.v.element.tag == GUMBO_TAG_LI) {
            forChildren(item, [&](const GumboNode& child) {
                const bool list =
                    isElement(child) && (child.v.element.tag == GUMBO_TAG_UL || child.v.element.tag == GUMBO_TAG_OL);
                found = found || (isElement(child) && !list && isBlockTag(child.v.element.tag));
            });
        }
        return found;
    }

    void code(const GumboNode& node)
    {
        std::string language = languageIn(attribute(node, "class"));
        forChildren(node, [&](const GumboNode& child) {
            if (language.empty() && isElement(child))
                language = languageIn(attribute(child, "class"));
        });
        std::string text;
        rawText(node, text);
        std::erase(text, '\r');
        while (text.ends_with('\n'))
            text.pop_back();
        if (trim(text).empty())
            return;
        size_t longest = 0, run = 0;
        for (const char c : text) {
            run = c == '`' ? run + 1 : 0;
            longest = std::max(longest, run);
        }
        const std::string fence(std::max<size_t>(3, longest + 1), '`');
        putBlock(fence + language + "\n" + text + "\n" + fence);
    }

    // ---- tables

    struct Row {
        std::vector<const GumboNode*> cells;
    };

    void table(const GumboNode& node, const Look& look)
    {
        std::vector<Row> rows;
        collectRows(node, rows, look);
        size_t columns = 0;
        bool plain = true;
        for (const Row& row : rows) {
            columns = std::max(columns, row.cells.size());
            for (const GumboNode* cell : row.cells)
                plain = plain && !holdsStructure(*cell);
        }
        // Short rows must not make a great many cells of few bytes.
        size_t cells = 0;
        for (const Row& row : rows)
            cells += row.cells.size();
        if (!plain || columns > columnsMax || columns * rows.size() > 4 * cells + columnsMax) {
            for (const Row& row : rows) {
                for (const GumboNode* cell : row.cells) {
                    walkChildren(*cell, look);
                    flush();
                }
            }
            return;
        }
        std::string lines;
        for (size_t r = 0; r < rows.size(); ++r) {
            std::string line = "|";
            for (size_t c = 0; c < columns; ++c)
                line += " " + (c < rows[r].cells.size() ? cellText(*rows[r].cells[c], look) : "") + " |";
            lines += line + "\n";
            if (r == 0) {
                lines += "|";
                for (size_t c = 0; c < columns; ++c)
                    lines += " --- |";
                lines += "\n";
            }
        }
        if (lines.empty())
            return;
        lines.pop_back();
        putBlock(lines);
    }

    void collectRows(const GumboNode& node, std::vector<Row>& rows, const Look& look)
    {
        forChildren(node, [&](const GumboNode& child) {
            if (!isElement(child))
                return;
            switch (child.v.element.tag) {
            case GUMBO_TAG_CAPTION:
                walkChildren(child, look);
                flush();
                break;
            case GUMBO_TAG_TR: {
                Row row;
                forChildren(child, [&](const GumboNode& cell) {
                    if (isElement(cell))
                        row.cells.push_back(&cell);
                });
                if (!row.cells.empty())
                    rows.push_back(std::move(row));
                break;
            }
            default:
                collectRows(child, rows, look);
            }
        });
    }

    static bool holdsStructure(const GumboNode& node)
    {
        bool found = false;
        if (isElement(node)) {
            forChildren(node, [&](const GumboNode& child) {
                const GumboTag tag = isElement(child) ? child.v.element.tag : GUMBO_TAG_UNKNOWN;
                const bool line = tag == GUMBO_TAG_P || tag == GUMBO_TAG_DIV;
                found = found || (isBlockTag(tag) && !line) || holdsStructure(child);
            });
        }
        return found;
    }

    std::string cellText(const GumboNode& cell, const Look& look)
    {
        inCell_ = true;
        walkChildren(cell, look);
        inCell_ = false;
        const Spans spans = std::move(spans_);
        spans_ = {};
        spaceLast_ = false;
        return spans.empty() ? std::string() : writeInline(spans, InlinePlace::Cell);
    }

    std::string out_;
    std::vector<Frame> frames_;
    bool blankWaits_ = false;    // an empty line before the next one
    bool paragraphLast_ = false; // in this frame
    GumboTag lastList_ = GUMBO_TAG_UNKNOWN;
    bool otherMarks_ = false; // of the last list
    Spans spans_;             // of the open paragraph
    bool spaceLast_ = false;
    int headingLevel_ = 0; // of the heading we are in, or 0
    bool inCell_ = false;
};

} // namespace

std::string htmlToMarkdown(std::string_view html)
{
    const std::string tame = tameHtml(isCleanUtf8(html) ? std::string(html) : toCleanUtf8(html));
    GumboOptions options = kGumboDefaultOptions;
    options.max_errors = 0; // each would be kept with all that is open around it
    const auto destroy = [&](GumboOutput* output) { gumbo_destroy_output(&options, output); };
    const std::unique_ptr<GumboOutput, decltype(destroy)> output(
        gumbo_parse_with_options(&options, tame.data(), tame.size()), destroy);
    std::string markdown = Converter().run(*output->root);
    // The parser counts past the end of its numbers in "&#...;" and makes bytes of the rest that are no character.
    return isCleanUtf8(markdown) ? markdown : toCleanUtf8(markdown);
}

} // namespace stoa
