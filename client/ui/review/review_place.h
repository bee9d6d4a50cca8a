#pragma once

// Proposals: what somebody wants a page that asks for review to say, who waits for whom, what was said of it, and the
// draft while it is written. GUI thread.

#include "client/ui/place.h"

namespace stoa {

Place* makeReviewPlace(const Desk& desk, QWidget* parent);

} // namespace stoa
