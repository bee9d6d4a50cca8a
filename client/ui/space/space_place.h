#pragma once

// A space's overview: what it is for (its charter, written by its owners), what is new, what has no answer,
// and who is here. GUI thread.

#include "client/ui/place.h"

namespace stoa {

Place* makeSpacePlace(const Desk& desk, QWidget* parent);

} // namespace stoa
