#include "tests/bench/text_traces.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace stoa::bench {

namespace {

using nlohmann::json;

json readGzipped(const std::filesystem::path& path)
{
    if (!std::filesystem::exists(path))
        throw std::runtime_error("There is no " + path.string());
    struct Close {
        void operator()(std::FILE* pipe) const { ::pclose(pipe); }
    };
    const std::unique_ptr<std::FILE, Close> pipe(::popen(("gzip -dc '" + path.string() + "'").c_str(), "r"));
    std::string text;
    std::array<char, 65'536> part;
    while (pipe) {
        const size_t got = std::fread(part.data(), 1, part.size(), pipe.get());
        if (got == 0)
            break;
        text.append(part.data(), got);
    }
    return json::parse(text);
}

std::vector<Patch> patchesOf(const json& transaction)
{
    std::vector<Patch> out;
    for (const json& patch : transaction.at("patches"))
        out.push_back({patch.at(0).get<size_t>(), patch.at(1).get<size_t>(), patch.at(2).get<std::string>()});
    return out;
}

} // namespace

Trace readTrace(const std::filesystem::path& gzippedJson)
{
    const json file = readGzipped(gzippedJson);
    Trace out{file.at("endContent"), {}};
    for (const json& transaction : file.at("txns"))
        for (Patch& patch : patchesOf(transaction))
            out.patches.push_back(std::move(patch));
    return out;
}

SharedTrace readSharedTrace(const std::filesystem::path& gzippedJson)
{
    const json file = readGzipped(gzippedJson);
    if (file.at("numAgents") != 2)
        throw std::runtime_error(gzippedJson.string() + " is not of two people");
    SharedTrace out{file.at("endContent"), {}};
    std::array<size_t, 2> count{}; // edits of each so far
    std::array<size_t, 2> known{}; // of the other's, by each
    std::vector<size_t> ordinals;  // of each edit among its author's
    for (const json& transaction : file.at("txns")) {
        const size_t author = transaction.at("agent");
        for (const size_t parent : transaction.at("parents"))
            if (out.edits.at(parent).author != author)
                known.at(author) = std::max(known.at(author), ordinals[parent]);
        ordinals.push_back(++count.at(author));
        out.edits.push_back({author, known.at(author), patchesOf(transaction)});
    }
    return out;
}

} // namespace stoa::bench
