// A dump in the format of Stack Exchange, of a hostile hand: Posts.xml, Users.xml and Comments.xml.

#include "tests/fuzz/import.h"

using namespace stoa::test;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    std::vector<std::string> texts = splitFiles(inputText(data, size));
    texts.resize(3);
    importTwice(&stoa::importStackExchange,
                {{"Posts.xml", texts[0]}, {"Users.xml", texts[1]}, {"Comments.xml", texts[2]}});
    return 0;
}
