#pragma once

// Who and what the targets with state know: the same ids in every run, so that inputs can name them.

#include <string>

#include "shared/domain/feed.h"

namespace stoa::test {

constexpr int64_t fuzzNowMs = 1'700'000'000'000;

inline Id fuzzId(std::string_view name)
{
    return deriveId(fuzzNowMs, "fuzz", name);
}

} // namespace stoa::test
