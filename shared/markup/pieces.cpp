#include "shared/markup/pieces.h"

#include <algorithm>

#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr size_t pieceBytes = 16 * limits::kKiB;    // cut at the next good place from here on
constexpr size_t pieceBytesMax = 32 * limits::kKiB; // cut wherever it is
constexpr size_t tableHeadBytesMax = 2 * limits::kKiB;
constexpr size_t prefixMarksMax = 24; // quotes and lists that begin in one line
constexpr size_t definitionsMax = 2'000;
constexpr size_t definitionBytesMax = limits::kKiB;
constexpr size_t usedDefinitionBytesMax = 8 * limits::kKiB;

struct Line {
    std::string_view text; // with its "\n"
    size_t indent = 0;
    std::string_view content; // without indent and "\n"

    bool blank() const { return content.empty(); }
};

Line lineAt(std::string_view markdown, size_t start)
{
    const size_t end = markdown.find('\n', start);
    Line line;
    line.text = markdown.substr(start, end == std::string_view::npos ? end : end + 1 - start);
    line.content = line.text;
    if (line.content.ends_with('\n'))
        line.content.remove_suffix(1);
    while (!line.content.empty() && (line.content[0] == ' ' || line.content[0] == '\t')) {
        line.indent += line.content[0] == ' ' ? 1 : 4 - line.indent % 4;
        line.content.remove_prefix(1);
    }
    return line;
}

// Length of the run that opens a fence, or 0.
size_t fenceRun(std::string_view content)
{
    if (content.empty() || (content[0] != '`' && content[0] != '~'))
        return 0;
    const size_t run = std::min(content.find_first_not_of(content[0]), content.size());
    if (run < 3 || (content[0] == '`' && content.find('`', run) != std::string_view::npos))
        return 0;
    return run;
}

bool closesFence(const Line& line, char mark, size_t run)
{
    if (line.indent > 3 || line.content.empty() || line.content[0] != mark)
        return false;
    const size_t length = std::min(line.content.find_first_not_of(mark), line.content.size());
    return length >= run && line.content.find_first_not_of(" \t", length) == std::string_view::npos;
}

// Columns of the row below a table's header, or 0.
size_t delimiterColumns(std::string_view content)
{
    if (content.find('-') == std::string_view::npos || content.find_first_not_of("|-: \t") != std::string_view::npos)
        return 0;
    return 1 + static_cast<size_t>(std::count(content.begin(), content.end(), '|'));
}

// How many quotes and list items begin in this line.
size_t prefixMarks(std::string_view content)
{
    if (content.find_first_not_of("-_* \t") == std::string_view::npos)
        return 0; // a rule
    size_t marks = 0;
    size_t at = 0;
    while (at < content.size()) {
        const char c = content[at];
        if (c == ' ' || c == '\t') {
            ++at;
        } else if (c == '>') {
            ++marks;
            ++at;
        } else if (c == '-' || c == '+' || c == '*' || (c >= '0' && c <= '9')) {
            size_t end = at;
            while (end < content.size() && end - at < 9 && content[end] >= '0' && content[end] <= '9')
                ++end;
            if (end < content.size() && (end == at || content[end] == '.' || content[end] == ')'))
                ++end;
            if (end < content.size() && content[end] != ' ' && content[end] != '\t')
                break;
            ++marks;
            at = end;
        } else {
            break;
        }
    }
    return marks;
}

class Cutter {
public:
    explicit Cutter(std::string_view markdown) : markdown_(markdown) {}

    std::vector<Piece> run()
    {
        while (at_ < markdown_.size()) {
            const Line line = lineAt(markdown_, at_);
            if (line.indent == 0 && fenceRun(line.content) > 0 && softRun_ == 0) {
                close();
                takeFence(line);
                continue;
            }
            cutBefore(line);
            note(line);
            at_ += line.text.size();
            while (at_ - start_ > pieceBytesMax)
                cutLongLine();
            before_ = line;
        }
        close();
        return std::move(pieces_);
    }

private:
    void close()
    {
        if (at_ > start_) {
            Piece piece;
            piece.text = markdown_.substr(start_, at_ - start_);
            piece.tableHead = pieceHead_;
            piece.plain = marks_ > prefixMarksMax;
            // A short row fills up to the table's columns: few bytes could ask for a great many cells.
            piece.tables = columns_ * lines_ <= 4 * piece.text.size() + pieceBytes;
            pieces_.push_back(piece);
        }
        start_ = at_;
        pieceHead_ = {};
        marks_ = columns_ = lines_ = 0;
    }

    void takeFence(const Line& opening)
    {
        const char mark = opening.content[0];
        const size_t run = fenceRun(opening.content);
        at_ += opening.text.size();
        while (at_ < markdown_.size()) {
            const Line line = lineAt(markdown_, at_);
            at_ += line.text.size();
            if (closesFence(line, mark, run))
                break;
        }
        Piece piece;
        piece.text = markdown_.substr(start_, at_ - start_);
        piece.fence = true;
        pieces_.push_back(piece);
        start_ = at_;
        before_ = {};
        tableHead_ = {};
    }

    void cutBefore(const Line& line)
    {
        const size_t size = at_ - start_;
        if (size + line.text.size() > pieceBytesMax && size >= pieceBytes) {
            const std::string_view head = line.blank() ? std::string_view() : tableHead_;
            close();
            pieceHead_ = head;
            softRun_ = 0;
            return;
        }
        if (size < pieceBytes || softRun_ > 0 || line.indent > 0 || line.blank())
            return;
        const bool item = prefixMarks(line.content) > 0;
        if (before_.blank() || item)
            close();
    }

    void note(const Line& line)
    {
        ++lines_;
        marks_ = std::max(marks_, prefixMarks(line.content));
        if (line.blank()) {
            tableHead_ = {};
            return;
        }
        // A fence inside a list or with an indent: only so that nothing is cut inside it.
        if (softRun_ > 0) {
            if (closesFence({line.text, 0, line.content}, softMark_, softRun_))
                softRun_ = 0;
        } else if (const size_t run = fenceRun(line.content); run > 0 && line.indent > 0) {
            softRun_ = run;
            softMark_ = line.content[0];
        }
        const size_t columns = delimiterColumns(line.content);
        columns_ = std::max(columns_, columns);
        const bool head = columns > 0 && line.indent < 4 && before_.content.find('|') != std::string_view::npos;
        if (head && before_.text.size() + line.text.size() <= tableHeadBytesMax && before_.text.data()) {
            tableHead_ = {before_.text.data(), before_.text.size() + line.text.size()};
        }
    }

    // The line alone is over the limit: it is cut at a space, else between two characters.
    void cutLongLine()
    {
        const size_t end = at_;
        size_t cut = start_ + pieceBytesMax;
        const size_t space = markdown_.rfind(' ', cut);
        if (space != std::string_view::npos && space > start_ + pieceBytes) {
            cut = space + 1;
        } else {
            while (cut > start_ + 1 && (static_cast<uint8_t>(markdown_[cut]) & 0xc0) == 0x80)
                --cut;
        }
        at_ = cut;
        const size_t marks = marks_;
        close();
        marks_ = marks;
        at_ = end;
        tableHead_ = {};
    }

    std::string_view markdown_;
    std::vector<Piece> pieces_;
    size_t start_ = 0;
    size_t at_ = 0;
    Line before_;
    std::string_view tableHead_; // of the table we are in
    std::string_view pieceHead_;
    size_t softRun_ = 0;
    char softMark_ = 0;
    size_t marks_ = 0;
    size_t columns_ = 0;
    size_t lines_ = 0;
};

std::string normalLabel(std::string_view label)
{
    std::string out;
    for (const char c : label) {
        if (c == ' ' || c == '\t' || c == '\n') {
            if (!out.empty() && out.back() != ' ')
                out.push_back(' ');
        } else {
            out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
        }
    }
    if (out.ends_with(' '))
        out.pop_back();
    return out;
}

} // namespace

std::vector<Piece> cutPieces(std::string_view markdown)
{
    return Cutter(markdown).run();
}

Definitions::Definitions(std::string_view markdown)
{
    char fenceMark = 0;
    size_t run = 0;
    for (size_t at = 0; at < markdown.size() && entries_.size() < definitionsMax;) {
        const Line line = lineAt(markdown, at);
        at += line.text.size();
        if (run > 0) {
            if (closesFence(line, fenceMark, run))
                run = 0;
            continue;
        }
        if (line.indent > 3 || line.blank())
            continue;
        if (const size_t opened = fenceRun(line.content)) {
            run = opened;
            fenceMark = line.content[0];
            continue;
        }
        if (line.content[0] != '[' || line.content.size() > definitionBytesMax)
            continue;
        const size_t end = line.content.find(']');
        if (end == std::string_view::npos || end < 2 || end + 2 >= line.content.size() || line.content[end + 1] != ':')
            continue;
        entries_.push_back({normalLabel(line.content.substr(1, end - 1)), line.content});
    }
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& a, const Entry& b) { return a.label < b.label; });
    const auto same = [](const Entry& a, const Entry& b) { return a.label == b.label; };
    entries_.erase(std::unique(entries_.begin(), entries_.end(), same), entries_.end());
}

std::string Definitions::usedIn(std::string_view piece) const
{
    std::string out;
    if (entries_.empty())
        return out;
    std::vector<bool> taken(entries_.size());
    size_t open = std::string_view::npos;
    for (size_t at = 0; at < piece.size() && out.size() < usedDefinitionBytesMax; ++at) {
        if (piece[at] == '[') {
            open = at;
        } else if (piece[at] == ']' && open != std::string_view::npos) {
            if (at - open < definitionBytesMax) {
                const std::string label = normalLabel(piece.substr(open + 1, at - open - 1));
                const auto found = std::lower_bound(entries_.begin(), entries_.end(), label,
                                                    [](const Entry& e, const std::string& l) { return e.label < l; });
                const auto index = static_cast<size_t>(found - entries_.begin());
                if (found != entries_.end() && found->label == label && !taken[index]) {
                    taken[index] = true;
                    out.append(found->line).append("\n");
                }
            }
            open = std::string_view::npos;
        }
    }
    if (!out.empty())
        out.push_back('\n');
    return out;
}

} // namespace stoa
