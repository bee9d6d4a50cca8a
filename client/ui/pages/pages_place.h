#pragma once

// A space's pages: the tree beside the page that is read. GUI thread.

#include "client/ui/place.h"

namespace stoa {

Place* makePagesPlace(const Desk& desk, QWidget* parent);

} // namespace stoa
