#include "shared/markup/document.h"

#include <algorithm>
#include <functional>
#include <unordered_map>

#include <md4c.h>

#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/markup/entities.h"
#include "shared/markup/pieces.h"
#include "shared/markup/plain.h"
#include "shared/markup/task_box.h"

namespace stoa {

namespace {

constexpr size_t targetBytesMax = 4 * limits::kKiB;
// Runs of marks in one piece above which it is not parsed: the parser may look at each run from each other.
constexpr size_t marksMax = 6'000;

// ---- anchors

// Lower case for the alphabets that have it; 0 for what an anchor leaves out.
uint32_t anchorCharacter(uint32_t c)
{
    if (c < 0x80) {
        if (c >= 'A' && c <= 'Z')
            return c + 32;
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        return kept ? c : c == ' ' ? '-' : 0;
    }
    if (c < 0xc0)
        return c == 0xaa || c == 0xb5 || c == 0xba ? c : 0;
    if (c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c < 0x2070) || (c >= 0x2190 && c < 0x2c00) ||
        (c >= 0x3000 && c < 0x3004) || (c >= 0x3008 && c < 0x3021) || (c >= 0xff00 && c < 0xff10) ||
        (c >= 0xff1a && c < 0xff21) || c == 0xfffd || (c >= 0x1f000 && c < 0x1fb00) || (c >= 0xfe00 && c < 0xfe10))
        return 0;
    if ((c >= 0xc0 && c <= 0xde) || (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
        return c | 1;
    return c;
}

std::string anchorOf(std::string_view text)
{
    std::string out;
    for (size_t at = 0; at < text.size();) {
        const auto head = static_cast<uint8_t>(text[at]);
        const size_t size = head < 0x80 ? 1 : head < 0xe0 ? 2 : head < 0xf0 ? 3 : 4;
        uint32_t c = size == 1 ? head : head & (0x7f >> size);
        for (size_t i = 1; i < size && at + i < text.size(); ++i)
            c = c << 6 | (static_cast<uint8_t>(text[at + i]) & 0x3f);
        at += size;
        if (const uint32_t kept = anchorCharacter(c))
            appendUtf8(out, kept);
    }
    return out;
}

// ---- addresses that stand in the text as they are

// The length of a web address at the beginning of `text`, or 0.
size_t addressLength(std::string_view text)
{
    size_t head = 0;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (text.starts_with(scheme))
            head = scheme.size();
    }
    if (head == 0)
        return 0;
    size_t end = std::min(text.find_first_of(" \t\n<>\"", head), text.size());
    int open = 0;
    for (size_t i = head; i < end; ++i)
        open += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    for (; end > head; --end) {
        const char last = text[end - 1];
        if (last == ')' && open < 0) {
            ++open;
        } else if (std::string_view(".,;:!?'*_~").find(last) == std::string_view::npos) {
            break;
        }
    }
    return end > head ? end : 0;
}

void linkAddresses(Spans& spans)
{
    const auto candidate = [](const Span& span) {
        return span.target.empty() && !span.code && !span.image && span.text.find("://") != std::string::npos;
    };
    if (std::none_of(spans.begin(), spans.end(), candidate))
        return;
    Spans out;
    for (Span& span : spans) {
        if (!candidate(span)) {
            out.push_back(std::move(span));
            continue;
        }
        const auto add = [&](std::string_view text, bool link) {
            if (text.empty())
                return;
            Span part = span;
            part.text = text;
            if (link)
                part.target = text;
            out.push_back(std::move(part));
        };
        const std::string_view text = span.text;
        size_t done = 0;
        for (size_t at = text.find("http"); at != std::string_view::npos; at = text.find("http", at)) {
            const bool inWord = at > 0 && ((text[at - 1] | 32) >= 'a' && (text[at - 1] | 32) <= 'z');
            const size_t length = inWord ? 0 : addressLength(text.substr(at));
            if (length == 0 || length > targetBytesMax) {
                at += std::max<size_t>(length, 4);
                continue;
            }
            add(text.substr(done, at - done), false);
            add(text.substr(at, length), true);
            at += length;
            done = at;
        }
        add(text.substr(done), false);
    }
    spans = std::move(out);
}

// ---- from the parser's calls to blocks

class Builder {
public:
    Builder(Document& document, size_t targetBytes) : document_(document), targetBytesLeft_(targetBytes) {}

    void parse(const std::string& markdown, bool tables)
    {
        MD_PARSER parser{};
        parser.flags = MD_FLAG_NOHTML | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | (tables ? MD_FLAG_TABLES : 0U);
        parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
            static_cast<Builder*>(self)->enterBlock(type, detail);
            return 0;
        };
        parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
            static_cast<Builder*>(self)->leaveBlock(type);
            return 0;
        };
        parser.enter_span = [](MD_SPANTYPE type, void* detail, void* self) {
            static_cast<Builder*>(self)->enterSpan(type, detail);
            return 0;
        };
        parser.leave_span = [](MD_SPANTYPE type, void*, void* self) {
            static_cast<Builder*>(self)->leaveSpan(type);
            return 0;
        };
        parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
            static_cast<Builder*>(self)->addText(type, {text, size});
            return 0;
        };
        current_ = none;
        spans_ = nullptr;
        source_ = markdown;
        if (md_parse(markdown.data(), static_cast<MD_SIZE>(markdown.size()), &parser, this) != 0)
            throw std::bad_alloc();
    }

    // Paragraphs as they are.
    void addPlain(std::string_view text)
    {
        while (!text.empty()) {
            const size_t end = text.find("\n\n");
            const std::string_view part = trim(text.substr(0, end));
            if (!part.empty()) {
                Block block;
                block.spans.push_back({.text = std::string(part)});
                document_.blocks.push_back(std::move(block));
            }
            if (end == std::string_view::npos)
                break;
            text.remove_prefix(end + 2);
        }
    }

private:
    static constexpr size_t none = SIZE_MAX;

    struct List {
        bool ordered = false;
        int next = 1;
    };

    Block& add(BlockKind kind)
    {
        Block& block = document_.blocks.emplace_back();
        block.kind = kind;
        block.quoteDepth = quoteDepth_;
        block.listDepth = static_cast<int>(lists_.size());
        current_ = document_.blocks.size() - 1;
        spans_ = nullptr;
        return block;
    }

    void addItem()
    {
        List& list = lists_.back();
        Block& block = add(BlockKind::ListItem);
        block.ordered = list.ordered;
        block.number = list.ordered ? list.next++ : 0;
        block.task = task_;
        itemWaits_ = false;
    }

    // What comes is no paragraph of the item that was opened: the item begins with nothing.
    void settleItem()
    {
        if (itemWaits_)
            addItem();
    }

    void enterBlock(MD_BLOCKTYPE type, void* detail)
    {
        switch (type) {
        case MD_BLOCK_QUOTE:
            settleItem();
            close();
            ++quoteDepth_;
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL: {
            settleItem();
            close();
            List list;
            if (type == MD_BLOCK_OL) {
                list.ordered = true;
                const unsigned start = static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start;
                list.next = static_cast<int>(std::min(start, 999'999'999U));
            }
            lists_.push_back(list);
            break;
        }
        case MD_BLOCK_LI: {
            const auto* item = static_cast<MD_BLOCK_LI_DETAIL*>(detail);
            task_ = !item->is_task ? Task::None : item->task_mark == ' ' ? Task::Open : Task::Done;
            itemWaits_ = true;
            break;
        }
        case MD_BLOCK_P:
            if (itemWaits_)
                addItem();
            else
                add(BlockKind::Paragraph);
            spans_ = &document_.blocks[current_].spans;
            break;
        case MD_BLOCK_H:
            settleItem();
            add(BlockKind::Heading).level = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
            spans_ = &document_.blocks[current_].spans;
            break;
        case MD_BLOCK_HR:
            settleItem();
            add(BlockKind::Rule);
            break;
        case MD_BLOCK_CODE:
            settleItem();
            add(BlockKind::Code).language = attribute(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang);
            break;
        case MD_BLOCK_TABLE:
            settleItem();
            add(BlockKind::Table);
            break;
        case MD_BLOCK_TR:
            document_.blocks[current_].table.rows.emplace_back();
            column_ = 0;
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD: {
            Table& table = document_.blocks[current_].table;
            if (table.rows.size() == 1)
                table.columns.push_back(alignment(static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align));
            cell_.clear();
            spans_ = &cell_;
            break;
        }
        default:
            break;
        }
    }

    void leaveBlock(MD_BLOCKTYPE type)
    {
        switch (type) {
        case MD_BLOCK_QUOTE:
            close();
            --quoteDepth_;
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL:
            close();
            lists_.pop_back();
            break;
        case MD_BLOCK_LI:
            settleItem();
            close();
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD: {
            linkAddresses(cell_);
            auto& row = document_.blocks[current_].table.rows.back();
            if (!cell_.empty()) {
                row.resize(column_ + 1);
                row[column_] = std::move(cell_);
                cell_ = {};
            }
            ++column_;
            spans_ = nullptr;
            break;
        }
        case MD_BLOCK_H: {
            Block& block = document_.blocks[current_];
            close();
            block.anchor = uniqueAnchor(anchorOf(plainText(block.spans)));
            break;
        }
        case MD_BLOCK_P:
        case MD_BLOCK_CODE:
        case MD_BLOCK_TABLE:
            close();
            break;
        default:
            break;
        }
    }

    // Text directly in a list item: tight lists have no paragraphs.
    void needSpans()
    {
        if (spans_)
            return;
        if (itemWaits_)
            addItem();
        else
            add(BlockKind::Paragraph);
        spans_ = &document_.blocks[current_].spans;
    }

    // Where two people ticked a box at once both letters stand in it, which is no task to the parser.
    void takeBox(Block& block)
    {
        if (block.kind != BlockKind::ListItem || block.task != Task::None || block.spans.empty())
            return;
        Span& first = block.spans.front();
        const bool isPlain =
            !first.emphasis && !first.strong && !first.code && !first.strike && !first.image && first.target.empty();
        if (!isPlain || !first.text.starts_with('['))
            return;
        const size_t end = first.text.find_first_not_of(boxLetters, 1);
        if (end == std::string::npos || first.text.compare(end, 2, "] ") != 0)
            return;
        const auto letters = std::string_view(first.text).substr(1, end - 1);
        if (letters.size() < 2 || !isInBox(letters)) // one is the parser's to see, or was meant as it stands
            return;
        // Brackets that somebody escaped are meant as they stand, too.
        if (first_ == std::string_view::npos || !isBox(source_.substr(first_, end + 1)) ||
            (first_ > 0 && source_[first_ - 1] == '\\'))
            return;
        block.task = isTicked(letters) ? Task::Done : Task::Open;
        first.text.erase(0, end + 2);
        if (first.text.empty())
            block.spans.erase(block.spans.begin());
    }

    void close()
    {
        if (spans_ && spans_ != &cell_) {
            takeBox(document_.blocks[current_]);
            linkAddresses(*spans_);
        }
        spans_ = nullptr;
        current_ = none;
    }

    void enterSpan(MD_SPANTYPE type, void* detail)
    {
        needSpans();
        switch (type) {
        case MD_SPAN_EM:
            ++emphasis_;
            break;
        case MD_SPAN_STRONG:
            ++strong_;
            break;
        case MD_SPAN_DEL:
            ++strike_;
            break;
        case MD_SPAN_CODE:
            ++code_;
            break;
        case MD_SPAN_A:
            target_ = attribute(static_cast<MD_SPAN_A_DETAIL*>(detail)->href);
            if (target_.size() > targetBytesMax)
                target_.clear();
            linkEmpty_ = true;
            break;
        case MD_SPAN_IMG:
            if (image_++ == 0) {
                Span span;
                span.image = true;
                span.target = charged(attribute(static_cast<MD_SPAN_IMG_DETAIL*>(detail)->src));
                spans_->push_back(std::move(span));
                linkEmpty_ = false;
            }
            break;
        default:
            break;
        }
    }

    void leaveSpan(MD_SPANTYPE type)
    {
        switch (type) {
        case MD_SPAN_EM:
            --emphasis_;
            break;
        case MD_SPAN_STRONG:
            --strong_;
            break;
        case MD_SPAN_DEL:
            --strike_;
            break;
        case MD_SPAN_CODE:
            --code_;
            break;
        case MD_SPAN_A:
            if (linkEmpty_ && !target_.empty())
                put(std::string(target_));
            target_.clear();
            break;
        case MD_SPAN_IMG:
            --image_;
            break;
        default:
            break;
        }
    }

    void addText(MD_TEXTTYPE type, std::string_view text)
    {
        if (current_ != none && document_.blocks[current_].kind == BlockKind::Code) {
            document_.blocks[current_].code.append(type == MD_TEXT_NULLCHAR ? "\xef\xbf\xbd" : text);
            return;
        }
        needSpans();
        if (spans_->empty())
            first_ = placeInSource(text);
        switch (type) {
        case MD_TEXT_NULLCHAR:
            put("\xef\xbf\xbd");
            break;
        case MD_TEXT_BR:
            put("\n");
            break;
        case MD_TEXT_SOFTBR:
            put(" ");
            break;
        case MD_TEXT_ENTITY:
            put(entities_.decode(text));
            break;
        default:
            put(text);
        }
    }

    size_t placeInSource(std::string_view text) const
    {
        const std::less_equal<const char*> upTo;
        const bool isThere =
            upTo(source_.data(), text.data()) && upTo(text.data() + text.size(), source_.data() + source_.size());
        return isThere ? size_t(text.data() - source_.data()) : std::string_view::npos;
    }

    void put(std::string_view text)
    {
        if (image_ > 0) {
            spans_->back().text.append(text);
            return;
        }
        linkEmpty_ = false;
        Span* last = spans_->empty() ? nullptr : &spans_->back();
        const bool same = last && !last->image && last->emphasis == (emphasis_ > 0) && last->strong == (strong_ > 0) &&
                          last->code == (code_ > 0) && last->strike == (strike_ > 0) && last->target == target_;
        if (same) {
            last->text.append(text);
            return;
        }
        Span span;
        span.text = text;
        span.emphasis = emphasis_ > 0;
        span.strong = strong_ > 0;
        span.code = code_ > 0;
        span.strike = strike_ > 0;
        span.target = charged(target_);
        spans_->push_back(std::move(span));
    }

    // One definition may be used by very many links: together they stay linear in the text.
    std::string charged(const std::string& target)
    {
        if (target.size() > targetBytesMax || target.size() > targetBytesLeft_)
            return {};
        targetBytesLeft_ -= target.size();
        return target;
    }

    std::string attribute(const MD_ATTRIBUTE& attribute)
    {
        std::string out;
        if (attribute.size == 0)
            return out;
        for (size_t i = 0; attribute.substr_offsets[i] < attribute.size; ++i) {
            const size_t from = attribute.substr_offsets[i];
            const std::string_view part(attribute.text + from, attribute.substr_offsets[i + 1] - from);
            out += attribute.substr_types[i] == MD_TEXT_ENTITY ? entities_.decode(part) : std::string(part);
        }
        return out;
    }

    static Alignment alignment(MD_ALIGN align)
    {
        switch (align) {
        case MD_ALIGN_LEFT:
            return Alignment::Left;
        case MD_ALIGN_CENTER:
            return Alignment::Center;
        case MD_ALIGN_RIGHT:
            return Alignment::Right;
        default:
            return Alignment::Default;
        }
    }

    std::string uniqueAnchor(const std::string& wanted)
    {
        const auto [entry, isNew] = anchors_.try_emplace(wanted, 0);
        if (isNew)
            return wanted;
        while (true) {
            std::string candidate = wanted + "-" + std::to_string(++anchors_[wanted]);
            if (anchors_.try_emplace(candidate, 0).second)
                return candidate;
        }
    }

    Document& document_;
    size_t targetBytesLeft_;
    EntityDecoder entities_;
    std::unordered_map<std::string, int> anchors_;
    std::vector<List> lists_;
    std::string_view source_;
    size_t first_ = std::string_view::npos; // in it: where the text of the open block begins
    size_t current_ = none;                 // the open block
    Spans* spans_ = nullptr;                // where text goes; no block is added while it is set
    Spans cell_;
    size_t column_ = 0;
    int quoteDepth_ = 0;
    bool itemWaits_ = false; // a list item was opened and has no block yet
    Task task_ = Task::None;
    int emphasis_ = 0, strong_ = 0, strike_ = 0, code_ = 0, image_ = 0;
    std::string target_;
    bool linkEmpty_ = false;
};

std::string withPlainLineEnds(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r')
            out.push_back(text[i]);
        else if (i + 1 == text.size() || text[i + 1] != '\n')
            out.push_back('\n');
    }
    return out;
}

// Marks whose meaning depends on other marks.
bool tooManyMarks(std::string_view text)
{
    size_t marks = 0;
    for (const char c : text)
        marks += c == '[' || c == '*' || c == '_' || c == '`' || c == '<' || c == '~' || c == '!' ? 1 : 0;
    return marks > marksMax;
}

} // namespace

Document parseMarkdown(std::string_view markdown)
{
    std::string cleaned;
    if (!isCleanUtf8(markdown))
        markdown = cleaned = toCleanUtf8(markdown);
    if (markdown.find('\r') != std::string_view::npos) {
        cleaned = withPlainLineEnds(markdown);
        markdown = cleaned;
    }
    Document document;
    Builder builder(document, 4 * markdown.size() + 64 * limits::kKiB);
    const std::vector<Piece> pieces = cutPieces(markdown);
    const Definitions definitions(pieces.size() > 1 ? markdown : std::string_view());
    for (const Piece& piece : pieces) {
        if (piece.plain || (!piece.fence && tooManyMarks(piece.text))) {
            builder.addPlain(piece.text);
            continue;
        }
        std::string text;
        if (!piece.fence)
            text = definitions.usedIn(piece.text);
        text.append(piece.tableHead).append(piece.text);
        const size_t before = document.blocks.size();
        builder.parse(text, piece.tables);
        const bool goesOn = !piece.tableHead.empty() && before > 0 && before < document.blocks.size() &&
                            document.blocks[before - 1].kind == BlockKind::Table &&
                            document.blocks[before].kind == BlockKind::Table;
        if (goesOn) {
            auto& rows = document.blocks[before].table.rows;
            auto& all = document.blocks[before - 1].table.rows;
            all.insert(all.end(), std::make_move_iterator(rows.begin() + 1), std::make_move_iterator(rows.end()));
            document.blocks.erase(document.blocks.begin() + static_cast<std::ptrdiff_t>(before));
        }
    }
    return document;
}

} // namespace stoa
