// How the time of reading grows with the text, in a build of what is shipped: sanitizers cost more than what is
// measured.

#include "shared/markup/document.h"
#include "shared/markup/html.h"
#include "shared/markup/references.h"
#include "tests/shared/markup_cost/timing.h"
#include "tests/support/catch.h"

using namespace stoa;
using namespace stoa::test;

TEST_CASE("Markdown that explodes costs linear time")
{
    const std::string& part = GENERATE(from_range(hostileParts()));
    CAPTURE(part);
    CHECK(growth([&](size_t bytes) { return repeated(part, bytes); },
                 [](const std::string& text) { parseMarkdown(text); }) <= exponentMax);
}

TEST_CASE("Markdown whose parts ask for more and more costs linear time")
{
    const auto kind = GENERATE(range(0, 6));
    CAPTURE(kind);
    CHECK(growth(
              [&](size_t bytes) {
                  std::string text;
                  for (size_t i = 0; text.size() < bytes; ++i) {
                      switch (kind) {
                      case 0: // runs of other lengths
                          text += std::string(i % 300 + 1, '`') + "a";
                          break;
                      case 1: // deeper and deeper
                          text += std::string(2 * (i % 500), ' ') + "- a\n";
                          break;
                      case 2: // wide tables with short rows
                          text +=
                              i % 2'000 == 0 ? "\n" + repeated("|a", 200) + "\n" + repeated("|---", 400) + "\n" : "|\n";
                          break;
                      case 3: // one long target, many uses
                          text += i == 0 ? "[a]: " + repeated("x", 900) + "\n\n" : "[a] ";
                          break;
                      case 4: // all definitions, all used
                          text += "[a" + std::to_string(i) + "]: b\n\n[a" + std::to_string(i / 2) + "]\n\n";
                          break;
                      default: // the same heading
                          text += "# same\n";
                      }
                  }
                  return text;
              },
              [](const std::string& text) { parseMarkdown(text); }) <= exponentMax);
}

TEST_CASE("Hostile HTML costs linear time")
{
    const std::string& part = GENERATE(from_range(hostileParts()));
    CAPTURE(part);
    CHECK(growth([&](size_t bytes) { return repeated(part, bytes); },
                 [](const std::string& text) { htmlToMarkdown(text); }) <= exponentMax);
}

TEST_CASE("Rewriting links costs linear time")
{
    const std::string& part = GENERATE(from_range(hostileParts()));
    CAPTURE(part);
    CHECK(growth([&](size_t bytes) { return repeated(part, bytes); },
                 [](const std::string& text) {
                     rewriteLinks(text, [](std::string_view target) { return "to:" + std::string(target); });
                 }) <= exponentMax);
}
