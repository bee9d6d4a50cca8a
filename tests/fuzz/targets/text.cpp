// Changes to text as a peer sends them: messages (input.h), the first a text, the others encoded changes of it.

#include "shared/base/text.h"
#include "shared/base/assert.h"
#include "shared/text/codec.h"
#include "shared/text/compose.h"
#include "shared/text/diff.h"
#include "shared/text/text_buffer.h"
#include "shared/text/transform.h"
#include "shared/text/utf8.h"
#include "tests/fuzz/input.h"

using namespace stoa;

namespace {

std::string after(const std::string& text, const TextChange& change)
{
    auto out = applyTo(text, change);
    STOA_ASSERT(out.has_value());
    return std::move(*out);
}

void alone(const std::string& text, const TextChange& change)
{
    const std::string changed = after(text, change);
    STOA_ASSERT(isCleanUtf8(changed));
    TextBuffer buffer(text);
    STOA_ASSERT(buffer.apply(change) && buffer.toString() == changed);
    STOA_ASSERT(buffer.codePoints() == countCodePoints(changed) && buffer.bytes() == changed.size());
    const auto back = invert(change, text);
    STOA_ASSERT(back && after(changed, *back) == text);
    STOA_ASSERT(after(text, diff(text, changed)) == changed);
}

void sideBySide(const std::string& text, const TextChange& first, const TextChange& later)
{
    const Transformed by = transform(first, later);
    const std::string both = after(after(text, first), by.later);
    STOA_ASSERT(both == after(after(text, later), by.first));
    STOA_ASSERT(both == after(text, compose(first, by.later)));
    const size_t end = countCodePoints(both);
    size_t last = 0;
    for (const TextRange& range : by.contested) {
        STOA_ASSERT(last <= range.from && range.from < range.to && range.to <= end);
        last = range.to;
    }
    const auto back = invert(by.later, after(text, first));
    STOA_ASSERT(back && moveRanges(by.contested, *back).size() <= by.contested.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::vector<std::string> messages = test::splitMessages(test::inputText(data, size));
    if (messages.empty())
        return 0;
    const std::string text = toCleanUtf8(messages[0]);
    const size_t length = countCodePoints(text);
    std::vector<TextChange> changes;
    for (size_t i = 1; i < messages.size(); ++i) {
        auto change = decode(messages[i]);
        if (!change)
            continue;
        STOA_ASSERT(encode(*change) == messages[i]);
        const bool fits = applyTo(text, *change).has_value();
        STOA_ASSERT(fits == (change->reach() <= length));
        if (fits)
            changes.push_back(std::move(*change));
    }
    for (const TextChange& first : changes) {
        alone(text, first);
        for (const TextChange& later : changes)
            sideBySide(text, first, later);
    }
    return 0;
}
