#include "shared/markup/inline_writer.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "shared/markup/characters.h"
#include "shared/markup/html.h"

namespace stoa {

namespace {

constexpr std::string_view noBreakSpace = "\xc2\xa0";

bool isAlnum(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

bool isBlank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\0';
}

// "&name;" or "&#1;" begins here.
bool isEntity(std::string_view text)
{
    constexpr size_t nameBytesMax = 34;
    size_t i = 1;
    while (i < text.size() && i < nameBytesMax && (isAlnum(text[i]) || text[i] == '#'))
        ++i;
    return i > 1 && i < text.size() && text[i] == ';';
}

// The first byte of a line that must be escaped for the line to be a paragraph's; npos: none.
size_t lineMark(std::string_view line)
{
    if (line.empty())
        return std::string_view::npos;
    const auto ends = [&](size_t i) { return i >= line.size() || isBlank(line[i]); };
    switch (line[0]) {
    case '#': {
        const size_t run = std::min(line.find_first_not_of('#'), line.size());
        return ends(run) ? 0 : std::string_view::npos;
    }
    case '>':
    case '[':
    case '=':
        return 0;
    case '-':
    case '+':
        return ends(1) || line.find_first_not_of("-|: \t") == std::string_view::npos ? 0 : std::string_view::npos;
    case '|':
    case ':':
        return line.find_first_not_of("-|: \t") == std::string_view::npos ? 0 : std::string_view::npos;
    default:
        break;
    }
    size_t digits = 0;
    while (digits < line.size() && line[digits] >= '0' && line[digits] <= '9')
        ++digits;
    const bool number =
        digits > 0 && digits < 10 && digits < line.size() && (line[digits] == '.' || line[digits] == ')');
    return number && ends(digits + 1) ? digits : std::string_view::npos;
}

// Everything that could be a mark as a reference to its character.
std::string escapeAll(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "\\\n";
        else if (isPunctuation(c))
            out += "&#" + std::to_string(static_cast<int>(c)) + ";";
        else
            out.push_back(c);
    }
    return out;
}

std::string codeSpan(std::string_view text)
{
    size_t longest = 0, run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    const bool inner = text.find_first_not_of(' ') != std::string_view::npos;
    const bool pad = text.front() == '`' || text.back() == '`' || (inner && text.front() == ' ' && text.back() == ' ');
    const std::string space = pad ? " " : "";
    return fence + space + std::string(text) + space + fence;
}

std::string destination(std::string_view target)
{
    std::string out;
    bool plain = !target.empty();
    int depth = 0;
    for (const char c : target) {
        const auto byte = static_cast<uint8_t>(c);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (byte <= ' ' || c == '<' || c == '>' || depth < 0)
            plain = false;
    }
    plain = plain && depth == 0;
    if (!plain)
        out.push_back('<');
    for (size_t i = 0; i < target.size(); ++i) {
        const char c = target[i];
        if (c == '\n' || c == '\r' || c == '\t') {
            continue;
        }
        const bool escapes = c == '<' || c == '>' || c == '\\' || (c == '&' && isEntity(target.substr(i)));
        if (escapes)
            out.push_back('\\');
        out.push_back(c);
    }
    if (!plain)
        out.push_back('>');
    return out;
}

// May stand between angle brackets.
bool isAutolink(const Span& span)
{
    return span.text == span.target && (span.target.starts_with("http://") || span.target.starts_with("https://")) &&
           span.target.find_first_of(" \t\n<>") == std::string::npos;
}

// How sure we want to be against how readable it is.
enum class Care {
    Readable,
    Careful, // letters next to marks of emphasis become references, so that the marks count
    NoLooks, // links and code only
};

class Writer {
public:
    Writer(InlinePlace place, Care care) : place_(place), care_(care) {}

    std::string run(const Spans& spans)
    {
        for (size_t i = 0; i < spans.size(); ++i)
            write(spans[i], i + 1 < spans.size() ? &spans[i + 1] : nullptr);
        closeDownTo(0);
        return std::move(out_);
    }

private:
    struct Mark {
        std::string_view open; // of a link "["
        std::string target;
        friend bool operator==(const Mark&, const Mark&) = default;
    };

    std::vector<Mark> marksOf(const Span& span) const
    {
        std::vector<Mark> marks;
        if (span.isLink() && !isAutolink(span))
            marks.push_back({"[", span.target});
        if (care_ == Care::NoLooks)
            return marks;
        if (span.strong)
            marks.push_back({"**", {}});
        if (span.emphasis)
            marks.push_back({care_ == Care::Readable ? "*" : "_", {}});
        if (span.strike)
            marks.push_back({"~~", {}});
        return marks;
    }

    void write(const Span& span, const Span* next)
    {
        std::string_view text = span.text;
        std::string_view tail;
        if (!span.code && !span.image) {
            size_t from = 0;
            while (from < text.size() && spaceAt(text, from) > 0)
                from += spaceAt(text, from);
            pending_.append(text.substr(0, from));
            text.remove_prefix(from);
            size_t to = text.size();
            while (to > 0 && (isBlank(text[to - 1]) || (to > 1 && text.substr(to - 2, 2) == noBreakSpace)))
                to -= isBlank(text[to - 1]) ? 1 : 2;
            tail = text.substr(to);
            text = text.substr(0, to);
        }
        if (text.empty() && !span.image) {
            pending_.append(tail);
            return;
        }
        const std::vector<Mark> marks = marksOf(span);
        size_t same = 0;
        while (same < open_.size() && same < marks.size() && open_[same] == marks[same])
            ++same;
        closeDownTo(same);
        putPending();
        for (size_t i = same; i < marks.size(); ++i)
            open(marks[i]);
        if (span.image) {
            out_ += "![" + escapeInline(span.text, '[', ']', true) + "](" + destination(span.target) + ")";
        } else if (span.code) {
            out_ += codeSpan(text);
        } else if (span.isLink() && isAutolink(span)) {
            out_ += "<" + span.target + ">";
        } else {
            putText(text, tail.empty() ? (next ? '*' : '\0') : ' ', span.isLink());
        }
        closed_ = false;
        pending_.append(tail);
    }

    static size_t spaceAt(std::string_view text, size_t at)
    {
        return isBlank(text[at]) ? 1 : text.substr(at, 2) == noBreakSpace ? 2 : 0;
    }

    void putText(std::string_view text, char after, bool brackets)
    {
        if (closed_ && care_ == Care::Careful && !isPunctuation(text[0])) {
            const size_t size = characterBytes(text, 0);
            out_ += reference(text.substr(0, size));
            text.remove_prefix(size);
        }
        // Line by line: a line's beginning has marks of its own.
        while (!text.empty()) {
            const size_t end = std::min(text.find('\n'), text.size());
            const std::string_view line = text.substr(0, end);
            const bool lineStarts = out_.empty() || out_.back() == '\n';
            const size_t mark =
                lineStarts && place_ == InlinePlace::Paragraph ? lineMark(line) : std::string_view::npos;
            const char before = out_.empty() ? '\0' : out_.back();
            const char follows = end < text.size() ? '\n' : after;
            if (mark == std::string_view::npos) {
                out_ += escapeInline(line, before, follows, brackets);
            } else {
                out_ += line.substr(0, mark);
                out_ += "\\";
                out_ += line[mark];
                out_ += escapeInline(line.substr(mark + 1), line[mark], follows, brackets);
            }
            text.remove_prefix(end);
            if (!text.empty()) {
                out_ += "\\\n";
                text.remove_prefix(1);
            }
        }
    }

    void putPending()
    {
        for (const char c : pending_) {
            if (c != '\n')
                out_.push_back(c);
            else if (place_ == InlinePlace::Paragraph && !out_.empty())
                out_ += "\\\n";
            else if (!out_.empty() && out_.back() != ' ')
                out_.push_back(' ');
        }
        if (!pending_.empty())
            closed_ = false;
        pending_.clear();
    }

    void open(const Mark& mark)
    {
        if (care_ == Care::Careful && mark.open != "[" && !out_.empty())
            referenceLast();
        out_ += mark.open;
        open_.push_back(mark);
    }

    void closeDownTo(size_t depth)
    {
        while (open_.size() > depth) {
            const Mark& mark = open_.back();
            if (mark.open == "[")
                out_ += "](" + destination(mark.target) + ")";
            else
                out_ += mark.open;
            open_.pop_back();
            closed_ = true;
        }
    }

    static size_t characterBytes(std::string_view text, size_t at)
    {
        size_t size = 1;
        while (at + size < text.size() && (static_cast<uint8_t>(text[at + size]) & 0xc0) == 0x80)
            ++size;
        return size;
    }

    static std::string reference(std::string_view character)
    {
        uint32_t c = static_cast<uint8_t>(character[0]);
        if (character.size() > 1) {
            c &= 0x7fU >> character.size();
            for (const char part : character.substr(1))
                c = c << 6 | (static_cast<uint8_t>(part) & 0x3f);
        }
        return "&#" + std::to_string(c) + ";";
    }

    // The letter before a mark that opens.
    void referenceLast()
    {
        size_t at = out_.size() - 1;
        while (at > 0 && (static_cast<uint8_t>(out_[at]) & 0xc0) == 0x80)
            --at;
        if (isPunctuation(out_[at]) || isBlank(out_[at]))
            return;
        const std::string character = out_.substr(at);
        out_.resize(at);
        out_ += reference(character);
    }

    InlinePlace place_;
    Care care_;
    std::string out_;
    std::string pending_; // white space that is written once something follows
    std::vector<Mark> open_;
    bool closed_ = false; // a mark was closed right before
};

// What a reader sees, without white space; and with what looks.
struct Seen {
    std::string text;
    Spans looks;
    bool oneKind = true; // nothing but paragraphs, or headings
};

void see(Seen& seen, const Spans& spans)
{
    for (Span span : spans) {
        std::erase_if(span.text, isBlank);
        if (span.target == span.text || span.text.starts_with("http"))
            span.target.clear(); // an address becomes a link by itself
        if (span.text.empty() && !span.image)
            continue;
        seen.text += span.text;
        Span look = span;
        look.text.clear();
        if (!seen.looks.empty() && !span.image) {
            Span last = seen.looks.back();
            last.text.clear();
            if (last == look) {
                seen.looks.back().text += span.text;
                continue;
            }
        }
        seen.looks.push_back(span);
    }
}

Seen seenIn(const std::string& markdown, InlinePlace place)
{
    Seen seen;
    const BlockKind kind = place == InlinePlace::Heading ? BlockKind::Heading : BlockKind::Paragraph;
    for (const Block& block : parseMarkdown(place == InlinePlace::Heading ? "# " + markdown : markdown).blocks) {
        seen.oneKind = seen.oneKind && block.kind == kind;
        see(seen, block.spans);
    }
    return seen;
}

std::string escapeBars(std::string_view markdown)
{
    std::string out;
    for (size_t i = 0; i < markdown.size(); ++i) {
        if (markdown[i] == '|' && (i == 0 || markdown[i - 1] != '\\'))
            out.push_back('\\');
        out.push_back(markdown[i] == '\n' ? ' ' : markdown[i]);
    }
    return out;
}

} // namespace

std::string escapeInline(std::string_view text, char before, char after, bool brackets)
{
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char last = i > 0 ? text[i - 1] : before;
        const char next = i + 1 < text.size() ? text[i + 1] : after;
        bool escape = false;
        switch (c) {
        case '\\':
            escape = isPunctuation(next) || isBlank(next);
            break;
        case '`':
            escape = true;
            break;
        case '*':
        case '~':
            escape = !(isBlank(last) && isBlank(next) && last != '\0');
            break;
        case '_':
            escape = !(isAlnum(last) && isAlnum(next)) && !(isBlank(last) && isBlank(next));
            break;
        case '[':
            escape = brackets;
            break;
        case ']':
            escape = brackets || next == '(' || next == '[' || next == ':' || i + 1 == text.size();
            break;
        case '!':
            escape = i + 1 == text.size() && after != '\0' && after != ' ' && after != '\n';
            break;
        case '<':
            escape = isAlnum(next) || isPunctuation(next) || i + 1 == text.size();
            break;
        case '&':
            escape = isEntity(text.substr(i)) || (i + 1 == text.size() && !isBlank(after));
            break;
        default:
            break;
        }
        if (escape)
            out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

std::string escapeMarkdown(std::string_view text)
{
    std::string out;
    const size_t mark = lineMark(text);
    if (mark != std::string_view::npos && text[mark] != '[') {
        out = std::string(text.substr(0, mark)) + "\\";
        out += text[mark];
        out += escapeInline(text.substr(mark + 1), text[mark], '*', true);
    } else {
        out = escapeInline(text, '\0', '*', true);
    }
    std::string line;
    for (const char c : out)
        line.push_back(c == '\n' || c == '\r' ? ' ' : c);
    return line;
}

std::string writeInline(const Spans& spans, InlinePlace place)
{
    // A cell never begins a line.
    const bool cell = place == InlinePlace::Cell;
    Seen wanted;
    if (cell)
        see(wanted, {{.text = "x"}});
    see(wanted, spans);
    for (const Care care : {Care::Readable, Care::Careful, Care::NoLooks}) {
        std::string markdown = Writer(place, care).run(spans);
        if (place == InlinePlace::Heading && markdown.ends_with('#'))
            markdown.insert(markdown.size() - 1, "\\");
        const Seen seen = seenIn(cell ? "x " + markdown : markdown, place);
        const bool sameLooks = care != Care::Readable || seen.looks == wanted.looks;
        if (seen.text == wanted.text && seen.oneKind && sameLooks)
            return cell ? escapeBars(markdown) : markdown;
    }
    std::string text;
    for (const Span& span : spans)
        text += span.text;
    while (!text.empty() && isBlank(text.back()))
        text.pop_back();
    const std::string markdown = escapeAll(text.substr(std::min(text.find_first_not_of(" \n\t"), text.size())));
    return place == InlinePlace::Paragraph ? markdown : escapeBars(markdown);
}

} // namespace stoa
