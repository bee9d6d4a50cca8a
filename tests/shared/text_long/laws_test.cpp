#include <cstdlib>

#include "tests/shared/text_laws/laws.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

// By hand: STOA_TRIPLES=10000000 build/dev/bin/test_text_laws
uint64_t triples()
{
    const char* asked = std::getenv("STOA_TRIPLES");
    return asked ? std::strtoull(asked, nullptr, 10) : 1'000'000;
}

} // namespace

TEST_CASE("the laws of changes to text hold of any three")
{
    for (uint64_t seed = 1; seed <= triples(); ++seed) {
        const std::string_view broken = test::brokenLaw(seed);
        if (broken.empty())
            continue;
        FAIL(broken << " (case " << seed << "): " << test::told(seed));
    }
    SUCCEED();
}
