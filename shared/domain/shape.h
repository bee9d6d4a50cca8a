#pragma once

// What can be said of a change without any record: whether it is one at all, and what it names. Before the rules
// (apply.h) look at it, on both sides. Pure; any thread.

#include <string>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/result.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

// A change from the bytes of a push: TOO_LONG where they are more than a record may have, BAD_TEXT where a
// text in them is not clean UTF-8, INVALID where they are no change at all.
Result<v1::Change> parseChange(const std::string& bytes);

// The id of a change that may not parse, so that also this one gets its answer; empty where there is none.
std::string changeId(const std::string& bytes);

// Shape and limits alone: unknown kinds and fields at any depth, sizes, clean UTF-8, ids.
Result<void> checkShape(const v1::Change& change);

// The records that a change names besides its target: without them it cannot be applied. What is
// pending on one of these makes a change wait with it (docs/architecture.md, rule 9).
std::vector<Id> dependencies(const v1::Change& change);

} // namespace stoa
