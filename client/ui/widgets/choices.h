#pragma once

// What a person chose about how something is shown, by name, in a file of the profile (choices.ini), for the next time.
// A damaged file is like none. GUI thread.

#include <QString>

#include "client/ui/place.h"

namespace stoa {

QString choice(const Desk& desk, const QString& name); // empty: none was made
void keepChoice(const Desk& desk, const QString& name, const QString& chosen);

} // namespace stoa
