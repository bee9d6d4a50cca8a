// A folder of Markdown pages of a hostile hand: front matter, links between pages.

#include "tests/fuzz/import.h"

using namespace stoa::test;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    std::vector<std::string> texts = splitFiles(inputText(data, size));
    texts.resize(2);
    importTwice(&stoa::importMarkdownFolder, {{"page.md", texts[0]},
                                              {"guide/index.md", texts[1]},
                                              {"guide/steps.md", "# Steps\n\n[back](../page.md)\n"},
                                              {"guide/picture.png", ""}});
    return 0;
}
