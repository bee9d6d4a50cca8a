// The laws can fail: each wrong behaviour that can be planted in shared/text breaks the law that it should, in one of
// the first cases.

#include "shared/base/plant.h"
#include "tests/shared/text_laws/laws.h"
#include "tests/support/catch.h"

using namespace stoa;

namespace {

constexpr uint64_t cases = 2'000;

struct Planted {
    const char* name;
    std::string_view law;
};

constexpr Planted all[] = {
    {"what was accepted first stands first", "what came later stands first"},
    {"what is inserted amid what was deleted is lost", "both ways end in one text"},
    {"what both deleted is deleted twice", "both ways end in one text"},
    {"two versions are not told", "two versions are told"},
    {"inserts go behind what was deleted", "over a composition as step by step"},
    {"steps of one kind may follow each other", "a change has one form of bytes"},
};

bool isFound(const Planted& planted)
{
    plant() = planted.name;
    bool found = false;
    for (uint64_t seed = 1; seed <= cases && !found; ++seed)
        found = test::brokenLaw(seed) == planted.law;
    plant().clear();
    return found;
}

} // namespace

TEST_CASE("what is planted in changes to text is found")
{
    for (const Planted& planted : all) {
        INFO(planted.name);
        CHECK(isFound(planted));
    }
}

TEST_CASE("where nothing is planted in changes to text, nothing is found")
{
    for (uint64_t seed = 1; seed <= cases; ++seed)
        CHECK(test::brokenLaw(seed) == "");
}
