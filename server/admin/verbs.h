#pragma once

// What an admin does, one function a verb: JSON in, JSON out. Every answer has
//   "ok"       whether it was done
//   "message"  plain English for the terminal, of one or more lines
//   "exit"     the exit code (command_line.h)
// and the verb's own values beside them.

#include "server/admin/command_line.h"
#include "server/admin/desk.h"
#include "shared/base/clock.h"

namespace stoa {

struct VerbContext {
    Desk& desk;
    WallClock clock;
    Random random;
    std::function<void(const std::string&)> progress;
    std::function<void()> goOn = [] {}; // long work calls it often; throws where it is to stop
};

// What a verb throws to end with a refusal; runVerb makes an answer of it.
struct VerbRefused {
    std::string message;
};

// Runs any verb but init, serve and version.
Json runVerb(const std::string& verb, const Json& arguments, const VerbContext& context);

// Sets one field, over whatever value it has now.
void setField(const v1::Record& record, v1::Field field, const v1::Value& value, const VerbContext& context);
void setMembership(const Id& space, const Id& person, v1::Role role, const std::vector<v1::Title>& titles,
                   const VerbContext& context);

// A link for the invitation of a person, and the JSON that tells of it.
Json inviteAnswer(const Id& person, const VerbContext& context);

Json refused(const std::string& message, int exitCode = ExitRefused);

// For the terminal: what was refused and what can be done.
std::string refusalSentence(const Refusal& refusal);

} // namespace stoa
