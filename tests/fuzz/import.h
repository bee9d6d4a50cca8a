#pragma once

// An import of files from outside into a small organisation: every change is one that the rules take, and a second
// import of the same changes nothing.

#include "shared/base/protobuf_log.h"
#include "tests/fuzz/input.h"
#include "tests/shared/import/import_world.h"

namespace stoa::test {

inline void importTwice(Importer importer, const std::vector<std::pair<std::string, std::string>>& files)
{
    static const bool quiet = (muteProtobuf(), true);
    static const World before;
    Sources sources;
    sources.world = before;
    for (const auto& [path, text] : files)
        sources.write(path, text);
    const Report first = sources.import(importer);
    STOA_ASSERT(quiet && sources.refused.empty());
    const Report second = sources.import(importer);
    STOA_ASSERT(sources.emitted == 0 && first.ok() == second.ok());
    (void)reportJson(first);
    (void)reportText(first);
}

} // namespace stoa::test
