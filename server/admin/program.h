#pragma once

// What `stoad` does: a command through the running server or on its own, the making of an organisation,
// and the server itself. Everything is handed in but the data directory.

#include <functional>

#include "server/admin/command_line.h"
#include "server/auth/auth.h"
#include "server/net/transport.h"

namespace stoa {

struct Program {
    AuthContext auth;
    SteadyClock steadyClock;
    Log log;
    std::function<void(const std::string&)> progress; // for whoever waits at the terminal
    // Blocks until the server is to end; called with what to tell whoever waits for its start.
    std::function<void()> waitForEnd;
};

// An answer as verbs give it ("ok", "message", "exit").
Json runCommand(const CommandLine& command, const Program& program);

} // namespace stoa
