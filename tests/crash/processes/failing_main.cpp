// crash_disk [--command NAME] [--from N] [--every N] [--count N] [--forever 0|1] [--minutes M]: every call of the
// system that a command of the server's program makes fails, one by one. One JSON line; exit status 1 where something
// failed.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/crash/processes/failing.h"

using namespace stoa::test;

int main(int argc, char** argv)
{
    std::string only;
    int64_t from = 0, every = 1, count = INT64_MAX;
    int forever = -1; // both
    double minutes = 1e6;
    for (int i = 1; i < argc; i += 2) {
        const auto is = [&](const char* name) { return i + 1 < argc && std::strcmp(argv[i], name) == 0; };
        const auto number = [&] { return std::strtoll(argv[i + 1], nullptr, 10); };
        if (is("--command")) {
            only = argv[i + 1];
        } else if (is("--from")) {
            from = number();
        } else if (is("--every") && number() > 0) {
            every = number();
        } else if (is("--count")) {
            count = number();
        } else if (is("--forever")) {
            forever = int(number());
        } else if (is("--minutes")) {
            minutes = std::atof(argv[i + 1]);
        } else {
            std::fprintf(stderr, "usage: crash_disk [--command NAME] [--from N] [--every N] [--count N] "
                                 "[--forever 0|1] [--minutes M]\n");
            return 2;
        }
    }
    const auto began = std::chrono::steady_clock::now();
    const auto spent = [&] {
        return std::chrono::duration<double, std::ratio<60>>(std::chrono::steady_clock::now() - began).count();
    };
    int trials = 0, failures = 0;
    Json counts;
    try {
        FailingCommands failing;
        for (const std::string& command : FailingCommands::commands())
            for (const int always : {0, 1}) {
                if ((!only.empty() && only != command) || (forever >= 0 && forever != always))
                    continue;
                int64_t done = 0;
                bool more = true;
                for (int64_t n = from; more && done < count && spent() < minutes; n += every, ++done, ++trials) {
                    try {
                        more = failing.fails({command, always == 1, n});
                    } catch (const std::exception& error) {
                        ++failures;
                        std::fprintf(stderr,
                                     "%s, call %lld: %s\n  again: ./dev crash disk --command %s --from %lld "
                                     "--count 1 --forever %d\n",
                                     command.c_str(), static_cast<long long>(n), error.what(), command.c_str(),
                                     static_cast<long long>(n), always);
                    }
                }
                counts[command + (always == 1 ? " for ever" : " once")] = done;
            }
    } catch (const std::exception& error) {
        ++failures;
        std::fprintf(stderr, "%s\n", error.what());
    }
    const Json line{
        {"name", "disk"}, {"trials", trials}, {"failures", failures}, {"minutes", spent()}, {"calls", counts}};
    std::printf("%s\n", line.dump().c_str());
    return failures == 0 ? 0 : 1;
}
