#pragma once

// The outbox: each change that is not settled, in words, with its state and what can be done about it.
// GUI thread.

#include "client/ui/place.h"

namespace stoa {

Place* makeOutboxPlace(const Desk& desk, QWidget* parent);

} // namespace stoa
