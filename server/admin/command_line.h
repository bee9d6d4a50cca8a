#pragma once

// What an admin types, as a request: the same JSON whether it is run here or by the running server.

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace stoa {

using Json = nlohmann::json;

// What a command ends with, for scripts.
enum ExitCode { ExitFine = 0, ExitRefused = 1, ExitUsage = 2, ExitEnvironment = 3 };

struct CommandLine {
    std::string verb; // "init", "serve", "version", "person add", ...
    std::string data; // the data directory, absolute; empty for "version"
    Json arguments = Json::object();
    bool json = false;
};

// A text that a request gives; empty where it gives none.
std::string textOf(const Json& arguments, const char* key);

// The command, or nothing where all has been said already (help, or a mistake): then `exitCode` counts.
std::optional<CommandLine> parseCommandLine(int argc, const char* const* argv, int& exitCode);

} // namespace stoa
