#pragma once

// Home: what is new in a person's spaces since they last looked, what has no answer there, and what of
// their own waits. All of it from the replica. GUI thread.

#include "client/ui/place.h"

namespace stoa {

Place* makeHomePlace(const Desk& desk, QWidget* parent);

} // namespace stoa
