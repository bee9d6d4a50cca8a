#pragma once

// What every verb that writes does. One thread.

#include <functional>

#include "client/cli/verbs.h"
#include "client/commands/commands.h"

namespace stoa::cli {

// Makes the change over what is here, stores it (by the desktop where it runs), says what it is. Gives the exit code.
int store(const Place& place, const std::function<v1::Change(const Reading&, const Pen&)>& make);

// The post that a person typed. Throws Stop where it is not here.
PostRow postOf(const Reading& reading, const QString& typed);

} // namespace stoa::cli
