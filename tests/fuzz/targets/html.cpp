// HTML of other programs into Markdown: clean text that the parser of Markdown takes.

#include "shared/markup/html.h"
#include "shared/base/assert.h"
#include "shared/base/text.h"
#include "shared/markup/document.h"
#include "tests/fuzz/input.h"

using namespace stoa;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::string_view html = test::inputText(data, size);
    const std::string markdown = htmlToMarkdown(html);
    STOA_ASSERT(isCleanUtf8(markdown));
    (void)parseMarkdown(markdown);
    (void)parseMarkdown(escapeMarkdown(html));
    return 0;
}
