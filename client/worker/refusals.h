#pragma once

// What happened and what the person can do about it, for every code that a server or a rule may answer.
// Pure, translated, for any thread.

#include <QString>

#include "shared/base/result.h"

namespace stoa {

// For example: "This text is too long: 500 characters at most." Never empty for a refusal.
QString refusalSentence(const Refusal& refusal);

// Before a server had anything to answer.
QString otherCopySentence(); // the copy here is somebody else's
QString unreachableSentence();

} // namespace stoa
