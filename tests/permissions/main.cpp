// permissions: the whole permission matrix, once. One JSON line; what is wrong goes to standard error.

#include <chrono>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "shared/base/protobuf_log.h"
#include "tests/permissions/matrix.h"

using namespace stoa::test;

int main()
{
    stoa::muteProtobuf();
    const auto began = std::chrono::steady_clock::now();
    const Tally parts[] = {checkServer(), checkCopies()};
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    nlohmann::ordered_json line{{"name", "permissions"}};
    int64_t trials = 0, failures = 0;
    nlohmann::ordered_json cells;
    for (const Tally& part : parts) {
        trials += part.total();
        failures += part.failures;
        for (const auto& [way, count] : part.cells)
            cells[way] = count;
        if (part.failures > 0)
            std::fputs(part.text().c_str(), stderr);
    }
    line["trials"] = trials;
    line["failures"] = failures;
    line["minutes"] = double(int64_t(took.count() / 60 * 1'000)) / 1'000;
    line["cells"] = cells;
    std::printf("%s\n", line.dump().c_str());
    return failures == 0 ? 0 : 1;
}
