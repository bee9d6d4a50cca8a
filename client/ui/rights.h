#pragma once

// Asks the rules (shared/domain/may.h) whether a button should be shown. GUI thread.

#include "client/ui/place.h"
#include "stoa/v1/change.pb.h"

namespace stoa {

bool allowed(const Desk& desk, const v1::Change& change);

} // namespace stoa
