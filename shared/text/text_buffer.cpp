#include "shared/text/text_buffer.h"

#include <algorithm>
#include <iterator>

#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/text/utf8.h"

namespace stoa {

using Kind = TextStep::Kind;

namespace {

constexpr size_t pieceBytesMax = 2 * limits::kKiB;
constexpr size_t pieceBytesCut = pieceBytesMax / 2; // where a text is cut anew, so that each can grow

} // namespace

size_t TextBuffer::Piece::bytesBefore(size_t codePoint) const
{
    return text.size() == codePoints ? codePoint : bytesOfCodePoints(text, codePoint);
}

std::vector<TextBuffer::Piece> TextBuffer::cut(std::string_view text)
{
    std::vector<Piece> pieces;
    pieces.reserve(text.size() / pieceBytesCut + 1);
    do {
        const std::string_view piece = clipUtf8(text, pieceBytesCut);
        pieces.push_back({std::string(piece), countCodePoints(piece)});
        text.remove_prefix(piece.size());
    } while (!text.empty());
    return pieces;
}

TextBuffer::TextBuffer(std::string_view text)
    : pieces_(cut(text)), codePoints_(countCodePoints(text)), bytes_(text.size())
{
}

Result<void> TextBuffer::apply(const TextChange& change)
{
    if (change.reach() > codePoints_)
        return v1::INVALID;
    std::string_view inserted = change.inserted();
    size_t at = 0;
    for (const TextStep& step : change.steps()) {
        switch (step.kind) {
        case Kind::Retain:
            at += step.count;
            break;
        case Kind::Delete:
            erase(at, step.count);
            break;
        case Kind::Insert:
            insert(at, inserted.substr(0, step.bytes), step.count);
            inserted.remove_prefix(step.bytes);
            at += step.count;
            break;
        }
    }
    return {};
}

std::string TextBuffer::toString() const
{
    std::string out;
    out.reserve(bytes_);
    for (const Piece& piece : pieces_)
        out.append(piece.text);
    return out;
}

// The piece at hand becomes the one that the place is in, or the one that ends there.
void TextBuffer::seek(size_t codePoint)
{
    while (codePoint < start_)
        start_ -= pieces_[--atHand_].codePoints;
    while (codePoint > start_ + pieces_[atHand_].codePoints)
        start_ += pieces_[atHand_++].codePoints;
}

void TextBuffer::insert(size_t at, std::string_view text, size_t count)
{
    seek(at);
    Piece& piece = pieces_[atHand_];
    piece.text.insert(piece.bytesBefore(at - start_), text);
    piece.codePoints += count;
    codePoints_ += count;
    bytes_ += text.size();
    if (piece.text.size() <= pieceBytesMax)
        return;
    std::vector<Piece> pieces = cut(piece.text);
    piece = std::move(pieces.front());
    pieces_.insert(pieces_.begin() + atHand_ + 1, std::make_move_iterator(pieces.begin() + 1),
                   std::make_move_iterator(pieces.end()));
}

void TextBuffer::erase(size_t at, size_t count)
{
    seek(at);
    codePoints_ -= count;
    size_t from = at - start_;
    size_t piece = atHand_;
    // What is emptied lies in a row: behind the piece at hand, or from it on.
    const size_t emptied = from == 0 ? piece : piece + 1;
    while (count > 0) {
        Piece& here = pieces_[piece];
        const size_t taken = std::min(count, here.codePoints - from);
        const size_t begin = here.bytesBefore(from);
        const size_t end = taken == here.codePoints - from ? here.text.size() : here.bytesBefore(from + taken);
        here.text.erase(begin, end - begin);
        here.codePoints -= taken;
        bytes_ -= end - begin;
        count -= taken;
        from = 0;
        if (count > 0)
            ++piece;
    }
    const size_t last = pieces_[piece].codePoints == 0 ? piece + 1 : piece;
    if (last > emptied)
        pieces_.erase(pieces_.begin() + emptied, pieces_.begin() + last);
    if (pieces_.empty())
        pieces_.emplace_back();
    if (atHand_ == pieces_.size())
        start_ -= pieces_[--atHand_].codePoints;
    join(atHand_);
    if (atHand_ > 0) {
        const size_t before = pieces_[atHand_ - 1].codePoints;
        if (join(atHand_ - 1)) {
            --atHand_;
            start_ -= before;
        }
    }
}

// The piece and the next, where both are small: many small deletes leave no more pieces than the text needs.
bool TextBuffer::join(size_t piece)
{
    if (piece + 1 == pieces_.size() || pieces_[piece].text.size() + pieces_[piece + 1].text.size() > pieceBytesCut)
        return false;
    pieces_[piece].text.append(pieces_[piece + 1].text);
    pieces_[piece].codePoints += pieces_[piece + 1].codePoints;
    pieces_.erase(pieces_.begin() + piece + 1);
    return true;
}

} // namespace stoa
