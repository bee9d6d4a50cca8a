// stoad: reads what was typed, hands in clock, randomness and log, and runs it.

#include <sys/stat.h>

#include <csignal>
#include <iostream>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "server/admin/program.h"
#include "shared/base/protobuf_log.h"

int main(int argc, char** argv)
{
    using namespace stoa;
    int exitCode = ExitFine;
    const auto command = parseCommandLine(argc, argv, exitCode);
    if (!command)
        return exitCode;
    if (command->verb == "version") {
        std::cout << "stoad " STOA_VERSION "\n";
        return ExitFine;
    }

    ::umask(0077); // what is made here is for the server's own account

    // Blocked before any thread is made, so that every thread leaves them to the wait below.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN); // a file over its limit is an error of that write, not the end
    if (command->verb == "serve")
        pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    const auto log = std::make_shared<spdlog::logger>("stoad", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    log->set_pattern("time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
    log->flush_on(spdlog::level::info);
    muteProtobuf(systemSteadyClock(), [log](uint64_t texts) { log->warn("event=bad_text count={}", texts); });

    const Program program{.auth = {.clock = systemWallClock(), .random = systemRandom()},
                          .steadyClock = systemSteadyClock(),
                          .log = log,
                          .progress =
                              [&](const std::string& sentence) {
                                  if (!command->json)
                                      std::cerr << sentence << "...\n";
                              },
                          .waitForEnd =
                              [&] {
                                  int signal = 0;
                                  sigwait(&ends, &signal);
                              }};
    const Json answer = runCommand(*command, program);
    const bool ok = answer.value("ok", false);
    const std::string message = answer.value("message", std::string());
    if (command->json) {
        Json out = answer;
        out.erase("exit");
        std::cout << out.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
    } else if (!message.empty()) {
        (ok ? std::cout : std::cerr) << message << "\n";
    }
    return answer.value("exit", static_cast<int>(ExitEnvironment));
}
