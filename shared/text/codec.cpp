#include "shared/text/codec.h"

#include <optional>

#include "shared/base/limits.h"
#include "shared/base/plant.h"
#include "shared/base/text.h"

namespace stoa {

using Kind = TextStep::Kind;

namespace {

constexpr uint64_t kindOf(Kind kind)
{
    return kind == Kind::Retain ? 0 : kind == Kind::Insert ? 1 : 2;
}

constexpr int varintBytesMax = 4;
static_assert((limits::bodyBytesMax << 2 | 3) < size_t{1} << 7 * varintBytesMax);

void putVarint(std::string& out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

// Takes it off the front of `bytes`. Nothing where it is cut off, longer than any length, or longer than it needs to
// be.
std::optional<uint64_t> takeVarint(std::string_view& bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < varintBytesMax && !bytes.empty(); ++i) {
        const auto byte = static_cast<uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        value |= uint64_t{byte & 0x7Fu} << 7 * i;
        if (byte < 0x80)
            return byte == 0 && i > 0 ? std::nullopt : std::optional(value);
    }
    return std::nullopt;
}

Refusal tooLong()
{
    return {.code = v1::TOO_LONG, .limit = static_cast<int64_t>(limits::bodyBytesMax)};
}

Refusal tooLarge(size_t limit)
{
    return {.code = v1::TOO_LARGE, .limit = static_cast<int64_t>(limit)};
}

} // namespace

std::string encode(const TextChange& change)
{
    std::string out;
    out.reserve(change.inserted().size() + 4 * change.steps().size());
    std::string_view inserted = change.inserted();
    for (const TextStep& step : change.steps()) {
        putVarint(out, (step.kind == Kind::Insert ? step.bytes : step.count) << 2 | kindOf(step.kind));
        out.append(inserted.substr(0, step.bytes));
        inserted.remove_prefix(step.bytes);
    }
    return out;
}

Result<TextChange> decode(std::string_view bytes)
{
    if (bytes.size() > limits::textChangeBytesMax)
        return tooLarge(limits::textChangeBytesMax);
    TextChange change;
    size_t reach = 0;
    std::optional<uint64_t> last;
    for (size_t steps = 0; !bytes.empty(); ++steps) {
        if (steps == limits::textStepsMax)
            return tooLarge(limits::textStepsMax);
        const std::optional<uint64_t> head = takeVarint(bytes);
        if (!head)
            return v1::INVALID;
        const uint64_t kind = *head & 3;
        const uint64_t length = *head >> 2;
        const bool twice = kind == last && !STOA_PLANT("steps of one kind may follow each other");
        if (length == 0 || twice)
            return v1::INVALID;
        last = kind;
        if (kind == kindOf(Kind::Insert)) {
            if (length > limits::bodyBytesMax - change.inserted().size())
                return tooLong();
            if (length > bytes.size())
                return v1::INVALID;
            const std::string_view text = bytes.substr(0, length);
            if (!isCleanUtf8(text))
                return v1::BAD_TEXT;
            change.insert(text);
            bytes.remove_prefix(length);
            continue;
        }
        if (length > limits::bodyBytesMax - reach) // a code point is a byte at least
            return tooLong();
        reach += length;
        if (kind == kindOf(Kind::Retain))
            change.retain(length);
        else if (kind == kindOf(Kind::Delete))
            change.erase(length);
        else
            return v1::INVALID;
    }
    if (last == kindOf(Kind::Retain))
        return v1::INVALID;
    return change;
}

} // namespace stoa
