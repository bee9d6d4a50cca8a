#pragma once

// Questions: a list that can be sorted and narrowed, the one that is read beside it, and the field for a new
// one. GUI thread.

#include "client/ui/place.h"

namespace stoa {

Place* makeQuestionsPlace(const Desk& desk, QWidget* parent);

} // namespace stoa
