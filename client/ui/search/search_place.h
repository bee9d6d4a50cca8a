#pragma once

// What a search found, as one types: ranked, with the words marked. GUI thread.

#include "client/ui/place.h"

namespace stoa {

Place* makeSearchPlace(const Desk& desk, QWidget* parent);

} // namespace stoa
