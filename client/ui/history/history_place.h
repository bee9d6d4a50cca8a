#pragma once

// What became of a page: who changed what and when, the page as it was at any time, who wrote each line, and the way
// back to an older text. GUI thread.

#include "client/ui/place.h"

namespace stoa {

Place* makeHistoryPlace(const Desk& desk, QWidget* parent);

} // namespace stoa
