// Markdown as people write it, or as an enemy would: blocks, plain text, links, rewriting.

#include "shared/base/assert.h"
#include "shared/base/text.h"
#include "shared/markup/document.h"
#include "shared/markup/plain.h"
#include "shared/markup/references.h"
#include "tests/fuzz/input.h"

using namespace stoa;

namespace {

void checkSpans(const Spans& spans)
{
    for (const Span& span : spans)
        STOA_ASSERT(isCleanUtf8(span.text) && isCleanUtf8(span.target));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::string_view markdown = test::inputText(data, size);
    const Document document = parseMarkdown(markdown);
    for (const Block& block : document.blocks) {
        STOA_ASSERT(isCleanUtf8(block.anchor) && isCleanUtf8(block.language) && isCleanUtf8(block.code));
        STOA_ASSERT(block.kind != BlockKind::Heading || (block.level >= 1 && block.level <= 6));
        checkSpans(block.spans);
        for (const auto& row : block.table.rows) {
            STOA_ASSERT(row.size() <= block.table.columns.size());
            for (const Spans& cell : row)
                checkSpans(cell);
        }
    }
    STOA_ASSERT(isCleanUtf8(plainText(document)));
    for (const std::string& target : links(document))
        if (const auto post = parsePostReference(target))
            STOA_ASSERT(parsePostReference(printPostReference(*post)) == post);

    // What is asked for and left as it is leaves the text as it is.
    const std::string same = rewriteLinks(markdown, [](std::string_view) { return std::nullopt; });
    STOA_ASSERT(same == markdown);
    return 0;
}
