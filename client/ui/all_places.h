#pragma once

// The one list of the places that the window shows, for the programs that open it.

#include "client/ui/place.h"

namespace stoa {

Places allPlaces();

} // namespace stoa
