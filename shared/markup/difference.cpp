#include "shared/markup/difference.h"

#include <algorithm>
#include <string>

#include "shared/markup/plain.h"
#include "shared/text/diff.h"
#include "shared/text/match.h"
#include "shared/text/utf8.h"

namespace stoa {

namespace {

constexpr size_t blocksMax = 1 << 16;      // of both documents
constexpr size_t blockWorkMax = 4'000'000; // comparisons of blocks
constexpr size_t wordWorkMax = 8'000'000;  // and of words, in all blocks together
constexpr size_t pairWorkMax = 4'000'000;  // words looked at to find which block became which
constexpr size_t pairsMax = 40'000;        // of blocks in one gap
constexpr size_t likenessWordsMax = 400;   // of a block, to tell whether it is alike
constexpr size_t wordsMax = 1 << 15;       // of one block, to be compared word by word
constexpr int alikeFrom = 40;              // per cent of the words
constexpr char fieldEnd = '\x1f', partEnd = '\x1e';

// The work that is left.
struct Work {
    size_t blocks = blockWorkMax;
    size_t words = wordWorkMax;
    size_t pairs = pairWorkMax;
};

std::string lookOf(const Span& span)
{
    std::string look = span.target;
    look += fieldEnd;
    look += char('0' + span.emphasis + 2 * span.strong + 4 * span.code + 8 * span.strike + 16 * span.image);
    return look;
}

void addKey(std::string& key, const Spans& spans)
{
    for (const Span& span : spans) {
        key += lookOf(span);
        key += fieldEnd;
        key += span.text;
        key += partEnd;
    }
}

// What a block is but for its words: blocks of another shape are never one that was changed.
std::string shapeOf(const Block& block)
{
    return std::to_string(int(block.kind)) + ' ' + std::to_string(block.quoteDepth) + ' ' +
           std::to_string(block.listDepth) + ' ' + std::to_string(block.level) + ' ' + std::to_string(block.ordered) +
           ' ' + std::to_string(int(block.task)) + ' ' + std::to_string(block.table.columns.size());
}

std::string keyOf(const std::vector<Spans>& row)
{
    std::string key;
    for (const Spans& cell : row) {
        addKey(key, cell);
        key += '\n';
    }
    return key;
}

std::string keyOf(const Block& block)
{
    std::string key = shapeOf(block) + fieldEnd;
    addKey(key, block.spans);
    key += block.code;
    for (const auto& row : block.table.rows)
        key += keyOf(row) + partEnd;
    return key;
}

struct Rows {
    std::vector<uint32_t> before;
    std::vector<uint32_t> after;
};

// Equal keys of both become equal numbers. By sorting, whose cost nobody can make worse by choosing the keys.
Rows numberKeys(const std::vector<std::string>& before, const std::vector<std::string>& after)
{
    std::vector<uint32_t> order(before.size() + after.size());
    for (size_t i = 0; i < order.size(); ++i)
        order[i] = uint32_t(i);
    const auto key = [&](uint32_t i) -> const std::string& {
        return i < before.size() ? before[i] : after[i - before.size()];
    };
    std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return key(a) < key(b); });
    Rows rows{std::vector<uint32_t>(before.size()), std::vector<uint32_t>(after.size())};
    uint32_t last = 0;
    for (size_t i = 0; i < order.size(); ++i) {
        if (i > 0 && key(order[i]) != key(order[i - 1]))
            ++last;
        (order[i] < before.size() ? rows.before[order[i]] : rows.after[order[i] - before.size()]) = last;
    }
    return rows;
}

// Goes over two rows of things with keys: what is the same, and what lies between.
template <class Same, class Gap>
void walk(const std::vector<std::string>& before, const std::vector<std::string>& after, size_t& work, Same same,
          Gap gap)
{
    const Rows rows = numberKeys(before, after);
    Match at;
    matchRows(rows.before, rows.after, work, [&](Match match) {
        gap(at.before, match.before, at.after, match.after);
        for (size_t i = 0; i < match.count; ++i)
            same(match.before + i, match.after + i);
        at = {match.before + match.count, match.after + match.count, 0};
    });
    gap(at.before, before.size(), at.after, after.size());
}

bool isWordByte(char byte)
{
    const auto value = uint8_t(byte);
    return value >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

// A word, blanks, or one other character, in one look. What is not ASCII counts as letters, but a script without spaces
// is cut into its characters.
struct Word {
    std::string_view text;
    const Span* span;
};

size_t wordBytes(std::string_view text)
{
    const auto first = uint8_t(text[0]);
    if (first >= 0xE3 && first <= 0xE9)
        return bytesOfCodePoints(text, 1);
    size_t size = 1;
    if (text[0] == ' ')
        while (size < text.size() && text[size] == ' ')
            ++size;
    else if (isWordByte(text[0]))
        while (size < text.size() && isWordByte(text[size]) &&
               (uint8_t(text[size]) < 0xE3 || uint8_t(text[size]) > 0xE9))
            ++size;
    return size;
}

std::vector<Word> wordsOf(const Spans& spans)
{
    std::vector<Word> words;
    for (const Span& span : spans) {
        std::string_view rest = span.text;
        if (rest.empty())
            words.push_back({rest, &span});
        while (!rest.empty()) {
            const size_t size = span.image ? rest.size() : wordBytes(rest);
            words.push_back({rest.substr(0, size), &span});
            rest.remove_prefix(size);
        }
    }
    return words;
}

bool isBlankWord(const Word& word)
{
    return !word.text.empty() && (word.text[0] == ' ' || word.text[0] == '\n');
}

void append(Spans& spans, const Word& word, Mark mark)
{
    if (!spans.empty() && spans.back().mark == mark && !word.span->image &&
        lookOf(spans.back()) == lookOf(*word.span)) {
        spans.back().text += word.text;
        return;
    }
    Span span = *word.span;
    span.text = std::string(word.text);
    span.mark = mark;
    spans.push_back(std::move(span));
}

Spans all(const Spans& spans, Mark mark)
{
    Spans marked = spans;
    for (Span& span : marked)
        span.mark = mark;
    return marked;
}

// Word by word; where that cannot be, all of the one and then all of the other.
Spans differenceOf(const Spans& before, const Spans& after, Work& work)
{
    const std::vector<Word> was = wordsOf(before), is = wordsOf(after);
    Spans spans;
    const auto replace = [&](size_t from, size_t to, size_t first, size_t last) {
        for (; from < to; ++from)
            append(spans, was[from], Mark::Removed);
        for (; first < last; ++first)
            append(spans, is[first], Mark::Added);
    };
    if (was.size() + is.size() > wordsMax) {
        replace(0, was.size(), 0, is.size());
        return spans;
    }
    const auto keys = [](const std::vector<Word>& words) {
        std::vector<std::string> out;
        out.reserve(words.size());
        for (const Word& word : words)
            out.push_back(std::string(word.text) + fieldEnd + lookOf(*word.span));
        return out;
    };
    const Rows rows = numberKeys(keys(was), keys(is));
    Match at;
    matchRows(rows.before, rows.after, work.words, [&](Match match) {
        // Blanks between two words that differ are no anchor: what is written anew stays in one piece.
        const auto first = was.begin() + ptrdiff_t(match.before);
        const bool inside = (match.before > at.before || match.after > at.after) &&
                            match.before + match.count < was.size() && match.after + match.count < is.size();
        if (inside && std::all_of(first, first + ptrdiff_t(match.count), isBlankWord))
            return;
        replace(at.before, match.before, at.after, match.after);
        for (size_t i = 0; i < match.count; ++i)
            append(spans, is[match.after + i], Mark::Kept);
        at = {match.before + match.count, match.after + match.count, 0};
    });
    replace(at.before, was.size(), at.after, is.size());
    return spans;
}

Block wholly(const Block& block, Mark mark)
{
    Block marked = block;
    marked.mark = mark;
    marked.spans = all(block.spans, mark);
    if (block.kind == BlockKind::Code) {
        Span code;
        code.text = block.code;
        code.mark = mark;
        marked.spans = {code};
    }
    for (auto& row : marked.table.rows)
        for (Spans& cell : row)
            cell = all(cell, mark);
    return marked;
}

// The words of a block as sorted hashes, up to some, to compare.
std::vector<size_t> likenessOf(const Block& block)
{
    std::vector<size_t> hashes;
    const auto add = [&](std::string_view text) {
        while (!text.empty() && hashes.size() < likenessWordsMax) {
            const size_t size = wordBytes(text);
            if (isWordByte(text[0]))
                hashes.push_back(std::hash<std::string_view>{}(text.substr(0, size)));
            text.remove_prefix(size);
        }
    };
    for (const Span& span : block.spans)
        add(span.text);
    add(block.code);
    for (const auto& row : block.table.rows)
        for (const Spans& cell : row)
            for (const Span& span : cell)
                add(span.text);
    std::sort(hashes.begin(), hashes.end());
    return hashes;
}

// Per cent of the words of both.
int likeness(const std::vector<size_t>& a, const std::vector<size_t>& b)
{
    size_t common = 0;
    for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        if (a[i] == b[j])
            ++common, ++i, ++j;
        else
            a[i] < b[j] ? ++i : ++j;
    }
    return a.empty() && b.empty() ? 100 : int(200 * common / (a.size() + b.size()));
}

Block changedCode(const Block& before, const Block& after)
{
    Block changed = after;
    changed.spans.clear();
    const TextChange change = diffByWords(before.code, after.code);
    std::string_view rest = before.code, inserted = change.inserted();
    const auto add = [&](std::string_view text, Mark mark) {
        if (text.empty())
            return;
        Span span;
        span.text = std::string(text);
        span.mark = mark;
        changed.spans.push_back(std::move(span));
    };
    for (const TextStep& step : change.steps()) {
        if (step.kind == TextStep::Kind::Insert) {
            add(inserted.substr(0, step.bytes), Mark::Added);
            inserted.remove_prefix(step.bytes);
            continue;
        }
        const size_t bytes = bytesOfCodePoints(rest, step.count);
        add(rest.substr(0, bytes), step.kind == TextStep::Kind::Retain ? Mark::Kept : Mark::Removed);
        rest.remove_prefix(bytes);
    }
    add(rest, Mark::Kept);
    return changed;
}

// Row by row; of rows that stand at one place cell by cell.
Block changedTable(const Block& before, const Block& after, Work& work)
{
    Block changed = after;
    changed.table.rows.clear();
    const auto& was = before.table.rows;
    const auto& is = after.table.rows;
    const auto keys = [](const std::vector<std::vector<Spans>>& rows) {
        std::vector<std::string> out;
        for (const auto& row : rows)
            out.push_back(keyOf(row));
        return out;
    };
    const auto add = [&](std::vector<Spans> row, Mark mark) {
        for (Spans& cell : row)
            cell = all(cell, mark);
        changed.table.rows.push_back(std::move(row));
    };
    walk(
        keys(was), keys(is), work.blocks, [&](size_t, size_t i) { changed.table.rows.push_back(is[i]); },
        [&](size_t from, size_t to, size_t first, size_t last) {
            // Rows that are only removed or only added are; else the nth became the nth.
            for (; from < to && first < last; ++from, ++first) {
                std::vector<Spans> row;
                for (size_t i = 0; i < std::max(was[from].size(), is[first].size()); ++i)
                    row.push_back(differenceOf(i < was[from].size() ? was[from][i] : Spans(),
                                               i < is[first].size() ? is[first][i] : Spans(), work));
                changed.table.rows.push_back(std::move(row));
            }
            for (; from < to; ++from)
                add(was[from], Mark::Removed);
            for (; first < last; ++first)
                add(is[first], Mark::Added);
        });
    return changed;
}

Block changed(const Block& before, const Block& after, Work& work)
{
    if (after.kind == BlockKind::Code)
        return changedCode(before, after);
    if (after.kind == BlockKind::Table)
        return changedTable(before, after, work);
    Block block = after;
    block.spans = differenceOf(before.spans, after.spans, work);
    return block;
}

class Gap {
public:
    Gap(const Document& before, const Document& after, Work& work, std::vector<Block>& out)
        : before_(before), after_(after), work_(work), out_(out)
    {
    }

    void write(size_t from, size_t to, size_t first, size_t last)
    {
        for (const auto& [was, is] : pairs(from, to, first, last)) {
            writeWhole(from, was, first, is);
            out_.push_back(changed(before_.blocks[was], after_.blocks[is], work_));
            from = was + 1;
            first = is + 1;
        }
        writeWhole(from, to, first, last);
    }

private:
    using Pairs = std::vector<std::pair<size_t, size_t>>;

    void writeWhole(size_t from, size_t to, size_t first, size_t last)
    {
        for (; from < to; ++from)
            out_.push_back(wholly(before_.blocks[from], Mark::Removed));
        for (; first < last; ++first)
            out_.push_back(wholly(after_.blocks[first], Mark::Added));
    }

    // Which block became which, in order: those that together have most in common.
    Pairs pairs(size_t from, size_t to, size_t first, size_t last)
    {
        const size_t height = to - from, width = last - first;
        if (height == 0 || width == 0 || height > pairsMax / width)
            return {};
        std::vector<std::vector<size_t>> was, is;
        for (size_t i = from; i < to; ++i)
            was.push_back(likenessOf(before_.blocks[i]));
        for (size_t i = first; i < last; ++i)
            is.push_back(likenessOf(after_.blocks[i]));
        // best[i][j]: of what follows from there.
        std::vector<int> best((height + 1) * (width + 1), 0), alike(height * width, 0);
        const auto at = [&](size_t i, size_t j) -> int& { return best[i * (width + 1) + j]; };
        for (size_t i = height; i-- > 0;)
            for (size_t j = width; j-- > 0;) {
                int& here = alike[i * width + j];
                const size_t cost = was[i].size() + is[j].size() + 1;
                if (work_.pairs >= cost && shapeOf(before_.blocks[from + i]) == shapeOf(after_.blocks[first + j])) {
                    work_.pairs -= cost;
                    here = likeness(was[i], is[j]);
                }
                at(i, j) = std::max({at(i + 1, j), at(i, j + 1), here >= alikeFrom ? here + at(i + 1, j + 1) : 0});
            }
        Pairs found;
        for (size_t i = 0, j = 0; i < height && j < width;) {
            const int here = alike[i * width + j];
            if (here >= alikeFrom && at(i, j) == here + at(i + 1, j + 1))
                found.emplace_back(from + i++, first + j++);
            else
                at(i, j) == at(i + 1, j) ? ++i : ++j;
        }
        return found;
    }

    const Document& before_;
    const Document& after_;
    Work& work_;
    std::vector<Block>& out_;
};

} // namespace

DocumentDifference differenceOf(const Document& before, const Document& after)
{
    DocumentDifference difference;
    if (before.blocks.size() + after.blocks.size() > blocksMax) {
        difference.isTooMuch = true;
        return difference;
    }
    // What both begin and end with needs no looking for.
    const std::vector<Block>& was = before.blocks;
    const std::vector<Block>& is = after.blocks;
    size_t head = 0, tail = 0;
    while (head < std::min(was.size(), is.size()) && was[head] == is[head])
        ++head;
    while (tail < std::min(was.size(), is.size()) - head && was[was.size() - 1 - tail] == is[is.size() - 1 - tail])
        ++tail;
    const auto keys = [&](const std::vector<Block>& blocks) {
        std::vector<std::string> out;
        for (size_t i = head; i < blocks.size() - tail; ++i)
            out.push_back(keyOf(blocks[i]));
        return out;
    };
    Work work;
    Gap gap(before, after, work, difference.blocks);
    difference.blocks.assign(is.begin(), is.begin() + ptrdiff_t(head));
    walk(
        keys(was), keys(is), work.blocks, [&](size_t, size_t i) { difference.blocks.push_back(is[head + i]); },
        [&](size_t from, size_t to, size_t first, size_t last) {
            gap.write(head + from, head + to, head + first, head + last);
        });
    difference.blocks.insert(difference.blocks.end(), is.end() - ptrdiff_t(tail), is.end());
    return difference;
}

bool isMarked(const Spans& spans)
{
    return std::any_of(spans.begin(), spans.end(), [](const Span& span) { return span.mark != Mark::Kept; });
}

bool isMarked(const Block& block)
{
    if (block.mark != Mark::Kept || isMarked(block.spans))
        return true;
    for (const auto& row : block.table.rows)
        if (std::any_of(row.begin(), row.end(), [](const Spans& cell) { return isMarked(cell); }))
            return true;
    return false;
}

std::vector<Fold> foldsOf(const std::vector<Block>& blocks, size_t around, size_t least, size_t most)
{
    std::vector<Fold> folds;
    const auto add = [&](size_t from, size_t to) {
        if (from > 0)
            from += around;
        if (to < blocks.size())
            to = to > around ? to - around : 0;
        if (to > from && to - from >= least)
            folds.push_back({from, to - from});
    };
    size_t from = 0;
    for (size_t i = 0; i < blocks.size(); ++i)
        if (isMarked(blocks[i])) {
            add(from, i);
            from = i + 1;
        }
    add(from, blocks.size());
    if (folds.size() > most) {
        std::nth_element(folds.begin(), folds.begin() + ptrdiff_t(most), folds.end(),
                         [](const Fold& a, const Fold& b) { return a.count > b.count; });
        folds.resize(most);
        std::sort(folds.begin(), folds.end(), [](const Fold& a, const Fold& b) { return a.from < b.from; });
    }
    return folds;
}

std::string markedText(const std::vector<Block>& blocks, Mark mark, size_t bytesMax)
{
    std::string text;
    const auto add = [&](const Spans& spans) {
        for (const Span& span : spans)
            if (span.mark == mark)
                text += span.text;
    };
    for (const Block& block : blocks) {
        const size_t before = text.size();
        add(block.spans);
        for (const auto& row : block.table.rows)
            for (const Spans& cell : row)
                add(cell);
        if (text.size() > before && text.back() != '\n')
            text += '\n';
        if (text.size() > bytesMax) {
            while (text.size() > bytesMax || (!text.empty() && (uint8_t(text.back()) & 0xC0) == 0x80))
                text.pop_back();
            if (!text.empty() && uint8_t(text.back()) >= 0x80)
                text.pop_back();
            return text;
        }
    }
    if (text.ends_with('\n'))
        text.pop_back();
    return text;
}

} // namespace stoa
