#pragma once

// What several transactions of the replica touched, told as one: during a large fetch the interface hears of many at
// once. Bounded, however much it was. Pure; any thread.

#include "client/replica/touched.h"

namespace stoa {

namespace limits {

constexpr qsizetype touchedNamedMax = 256; // more posts are "much"
// Of texts that show, the newest row: whoever lacks the steps before it compares the texts.
constexpr qsizetype touchedStepsMax = 256;
constexpr size_t touchedStepBytesMax = 4 << 20;

} // namespace limits

void unite(Touched& into, const Touched& more);
bool isEmpty(const Touched& touched);

} // namespace stoa
