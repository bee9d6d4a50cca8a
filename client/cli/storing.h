#pragma once

// What every verb that writes does. One thread.

#include <functional>

#include "client/cli/verbs.h"
#include "client/commands/commands.h"
#include "shared/base/result.h"

namespace stoa::cli {

// Makes the change over what is here, stores it (by the desktop where it runs), says what it is. Gives the exit code.
int store(const Place& place, const std::function<v1::Change(const Reading&, const Pen&)>& make);

// The parts of it, for verbs of several changes. Who writes; throws Stop where nobody is signed in.
Pen penOf(const Place& place, const Reading& reading);
Refusal submit(const Place& place, const v1::Change& change);
void submitOrStop(const Place& place, const v1::Change& change); // where it is refused
int sayStored(const Place& place, const v1::Change& change);

// The change in the outbox that a person typed. Throws Stop where it is not there.
OutboxRow changeOf(const Reading& reading, const QString& typed);
// Takes it out of the outbox, or lets it wait once more.
enum class Settling { Discard, SendAgain };
Refusal settle(const Place& place, const Id& change, Settling how);

// The post that a person typed. Throws Stop where it is not here.
PostRow postOf(const Reading& reading, const QString& typed);

} // namespace stoa::cli
