#pragma once

// How a page or a space asks for review and for confirmation, and who confirmed a page; for those who answer for it.
// Dialogs over the window; they delete themselves. GUI thread.

#include "client/ui/place.h"

namespace stoa {

// `post`: a page or a space.
void openReviewSettings(const Desk& desk, const Id& pageOrSpace, QWidget* over);
void openConfirmations(const Desk& desk, const Id& page, QWidget* over);

} // namespace stoa
