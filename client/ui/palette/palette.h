#pragma once

// The palette (Ctrl+P): a few letters find a space, a page, a question, a person or a command. GUI thread.

#include "client/ui/place.h"

namespace stoa {

Palette* makePalette(const Desk& desk, QWidget* window);

} // namespace stoa
