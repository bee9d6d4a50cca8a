#include "shared/markup/references.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "shared/markup/characters.h"
#include "shared/markup/entities.h"

namespace stoa {

namespace {

constexpr std::string_view postScheme = "stoa:post/";
constexpr size_t idDigits = 32;

bool startsWithAnyCase(std::string_view text, std::string_view start)
{
    const auto same = [](char a, char b) { return lower(a) == b; };
    return text.size() >= start.size() &&
           std::equal(start.begin(), start.end(), text.begin(), [&](char b, char a) { return same(a, b); });
}

std::string resolved(std::string_view destination)
{
    std::string out;
    for (size_t i = 0; i < destination.size(); ++i) {
        if (destination[i] == '\\' && i + 1 < destination.size() && isPunctuation(destination[i + 1]))
            ++i;
        out.push_back(destination[i]);
    }
    return decodeEntities(out);
}

std::string written(const std::string& target)
{
    if (!target.empty() && target.find_first_of(" \t()<>\\") == std::string::npos)
        return target;
    std::string out = "<";
    for (const char c : target) {
        if (c == '<' || c == '>' || c == '\\')
            out.push_back('\\');
        out.push_back(c == '\n' ? ' ' : c);
    }
    return out + ">";
}

// Which bytes are code, by one walk over lines and one over runs of backticks in each paragraph.
class CodeMap {
public:
    explicit CodeMap(std::string_view text) : text_(text), code_(text.size()) { run(); }
    bool at(size_t i) const { return code_[i]; }

private:
    void run()
    {
        size_t paragraph = 0; // where the present one begins
        size_t fence = 0;
        char mark = 0;
        bool blankBefore = true, codeBefore = false, inList = false;
        for (size_t at = 0; at < text_.size();) {
            size_t end = text_.find('\n', at);
            end = end == std::string_view::npos ? text_.size() : end + 1;
            const std::string_view line = text_.substr(at, end - at);
            const size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
            const bool blank = line.find_first_not_of(" \t\r\n") == std::string_view::npos;
            // The line without the marks of quotes and list items.
            const size_t start = std::min(line.find_first_not_of(" \t>"), line.size());
            size_t inner = start;
            if (inner + 1 < line.size() && std::string_view("-+*").find(line[inner]) != std::string_view::npos &&
                line[inner + 1] == ' ') {
                inner += 2;
            } else {
                size_t digits = inner;
                while (digits < line.size() && line[digits] >= '0' && line[digits] <= '9')
                    ++digits;
                if (digits > inner && digits + 1 < line.size() && (line[digits] == '.' || line[digits] == ')') &&
                    line[digits + 1] == ' ')
                    inner = digits + 2;
            }
            const bool item = inner != start;
            inner = std::min(line.find_first_not_of(' ', inner), line.size());
            size_t run = 0;
            while (inner + run < line.size() && (line[inner] == '`' || line[inner] == '~') &&
                   line[inner + run] == line[inner])
                ++run;

            if (fence > 0) {
                mark_(at, end);
                const bool closes = run >= fence && line[inner] == mark && !item &&
                                    line.find_first_not_of(" \t\r\n", inner + run) == std::string_view::npos;
                if (closes)
                    fence = 0;
                paragraph = end;
            } else if (run >= 3 && !(line[inner] == '`' && line.find('`', inner + run) != std::string_view::npos)) {
                spans(paragraph, at);
                mark_(at, end);
                fence = run;
                mark = line[inner];
                paragraph = end;
                codeBefore = false;
            } else if (blank) {
                spans(paragraph, at);
                paragraph = end;
            } else if (!inList && !item && (indent >= 4 || line[0] == '\t') && (blankBefore || codeBefore)) {
                mark_(at, end);
                paragraph = end;
                codeBefore = true;
            } else {
                codeBefore = false;
                inList = item || (inList && (indent > 0 || !blankBefore));
            }
            blankBefore = blank;
            at = end;
        }
        spans(paragraph, text_.size());
    }

    void mark_(size_t from, size_t to) { std::fill(code_.begin() + from, code_.begin() + to, true); }

    // A code span goes from a run of backticks to the next run of the same length.
    void spans(size_t from, size_t to)
    {
        struct Run {
            size_t at, length;
        };
        std::vector<Run> runs;
        for (size_t i = from; i < to;) {
            if (text_[i] == '\\' && i + 1 < to && text_[i + 1] == '`' && !(i > from && text_[i - 1] == '`')) {
                i += 2;
                continue;
            }
            if (text_[i] != '`') {
                ++i;
                continue;
            }
            size_t length = 1;
            while (i + length < to && text_[i + length] == '`')
                ++length;
            runs.push_back({i, length});
            i += length;
        }
        std::unordered_map<size_t, size_t> nextOfLength;
        std::vector<size_t> closing(runs.size());
        for (size_t r = runs.size(); r-- > 0;) {
            const auto found = nextOfLength.find(runs[r].length);
            closing[r] = found == nextOfLength.end() ? 0 : found->second;
            nextOfLength[runs[r].length] = r;
        }
        for (size_t r = 0; r < runs.size(); ++r) {
            if (closing[r] == 0)
                continue;
            mark_(runs[r].at, runs[closing[r]].at + runs[closing[r]].length);
            r = closing[r];
        }
    }

    std::string_view text_;
    std::vector<bool> code_;
};

struct Range {
    size_t from = 0, to = 0;
};

// The destination that begins at `at`, without angle brackets.
std::optional<Range> destinationAt(std::string_view text, size_t at, bool parentheses)
{
    constexpr size_t bytesMax = 4096;
    const size_t limit = std::min(text.size(), at + bytesMax);
    if (at < limit && text[at] == '<') {
        for (size_t i = at + 1; i < limit && text[i] != '\n' && text[i] != '<'; ++i) {
            if (text[i] == '\\')
                ++i;
            else if (text[i] == '>')
                return Range{at, i + 1};
        }
        return {};
    }
    int depth = 0;
    size_t i = at;
    for (; i < limit; ++i) {
        const char c = text[i];
        if (c == '\\' && i + 1 < limit && isPunctuation(text[i + 1])) {
            ++i;
        } else if (static_cast<uint8_t>(c) <= ' ') {
            break;
        } else if (parentheses && c == '(') {
            ++depth;
        } else if (parentheses && c == ')' && depth-- == 0) {
            break;
        }
    }
    if (i == limit && limit < text.size())
        return {};
    return i > at ? std::optional(Range{at, i}) : std::nullopt;
}

} // namespace

std::optional<PostReference> parsePostReference(std::string_view target)
{
    if (!startsWithAnyCase(target, postScheme))
        return {};
    target.remove_prefix(postScheme.size());
    const auto id = Id::fromHex(target.substr(0, idDigits));
    if (!id)
        return {};
    target.remove_prefix(idDigits);
    if (target.empty())
        return PostReference{*id, {}};
    if (target[0] != '#')
        return {};
    return PostReference{*id, std::string(target.substr(1))};
}

std::string printPostReference(const PostReference& reference)
{
    std::string out = std::string(postScheme) + reference.post.hex();
    if (!reference.anchor.empty())
        out += "#" + reference.anchor;
    return out;
}

LinkKind classifyLink(std::string_view target)
{
    if (parsePostReference(target))
        return LinkKind::Post;
    if (target.starts_with('#') && target.size() > 1)
        return LinkKind::Anchor;
    const auto isControl = [](char c) { return static_cast<uint8_t>(c) <= ' ' || c == 0x7f; };
    if (std::any_of(target.begin(), target.end(), isControl))
        return LinkKind::Refused;
    for (const std::string_view scheme : {"https://", "http://", "mailto:"}) {
        if (startsWithAnyCase(target, scheme) && target.size() > scheme.size())
            return LinkKind::Web;
    }
    return LinkKind::Refused;
}

std::string rewriteLinks(std::string_view markdown, const LinkRewriter& rewrite)
{
    const CodeMap code(markdown);
    std::string out;
    size_t done = 0;
    const auto replace = [&](Range range) {
        std::string_view raw = markdown.substr(range.from, range.to - range.from);
        if (raw.starts_with('<'))
            raw = raw.substr(1, raw.size() - 2);
        if (const auto target = rewrite(resolved(raw))) {
            out.append(markdown.substr(done, range.from - done)).append(written(*target));
            done = range.to;
        }
    };
    size_t lineStart = 0;
    size_t openBrackets = 0; // in this paragraph
    for (size_t i = 0; i < markdown.size(); ++i) {
        const char c = markdown[i];
        if (c == '\n') {
            lineStart = i + 1;
            if (lineStart < markdown.size() && markdown[lineStart] == '\n')
                openBrackets = 0;
            continue;
        }
        if (code.at(i))
            continue;
        if (c == '\\') {
            if (i + 1 < markdown.size() && isPunctuation(markdown[i + 1]))
                ++i;
        } else if (c == '[') {
            ++openBrackets;
        } else if (c == ']' && openBrackets > 0) {
            --openBrackets;
            const char next = i + 1 < markdown.size() ? markdown[i + 1] : '\0';
            if (next == '(') {
                const size_t at = std::min(markdown.find_first_not_of(" \t\n", i + 2), markdown.size());
                if (const auto range = destinationAt(markdown, at, true)) {
                    const size_t after = std::min(markdown.find_first_not_of(" \t\n", range->to), markdown.size());
                    if (after < markdown.size() &&
                        std::string_view(")\"'(").find(markdown[after]) != std::string_view::npos) {
                        replace(*range);
                        // Looked for in what is skipped only: a line may hold very many links.
                        const std::string_view skipped = markdown.substr(i, range->to - i);
                        if (const size_t end = skipped.rfind('\n'); end != std::string_view::npos)
                            lineStart = i + end + 1;
                        i = range->to - 1;
                    }
                }
            } else if (next == ':') {
                // A definition: nothing but marks of quotes and lists before the label.
                const std::string_view before = markdown.substr(lineStart, i - lineStart);
                const size_t open = before.find('[');
                if (open == before.find_first_not_of(" \t>-*+") && open != std::string_view::npos &&
                    i - lineStart - open > 1) {
                    const size_t at = std::min(markdown.find_first_not_of(" \t", i + 2), markdown.size());
                    if (const auto range = destinationAt(markdown, at, false)) {
                        replace(*range);
                        i = range->to - 1;
                    }
                }
            }
        }
    }
    out.append(markdown.substr(done));
    return out;
}

} // namespace stoa
