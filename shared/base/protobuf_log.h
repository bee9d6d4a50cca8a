#pragma once

// libprotobuf writes lines of its own to standard error, one for each text of a peer that is not UTF-8. Such texts
// are refused in any case, and a peer must not fill the log.

#include <functional>

#include "shared/base/clock.h"

namespace stoa {

// From here on it writes nothing. `tell` hears how many lines there would have been since it heard last, at most
// once a minute, on any thread. Once in a process, before it has threads.
void muteProtobuf(SteadyClock clock = {}, std::function<void(uint64_t lines)> tell = {});

} // namespace stoa
