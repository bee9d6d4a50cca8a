// The file that `serve` reads of a data folder: what is accepted is what stands in it.

#include <fstream>

#include <nlohmann/json.hpp>

#include "server/admin/data_folder.h"
#include "shared/base/assert.h"
#include "tests/fuzz/input.h"
#include "tests/support/temporary_directory.h"

using namespace stoa;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const test::TemporaryDirectory directory;
    const DataFolder folder{directory.path()};
    const std::string_view text = test::inputText(data, size);
    std::ofstream(folder.settings(), std::ios::binary) << text;
    ServerAddress address;
    try {
        address = readSettings(folder);
    } catch (const std::runtime_error&) {
        return 0; // with a sentence for the admin
    }
    const auto json = nlohmann::json::parse(text, nullptr, false);
    STOA_ASSERT(json["port"].get<uint64_t>() == address.port && json["host"] == address.host);
    return 0;
}
