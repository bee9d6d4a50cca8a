#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace stoa::test {

namespace {

std::string pathOf(const std::string& program)
{
    return program.find('/') == std::string::npos ? std::string(STOA_BIN_DIR) + "/" + program : program;
}

// The next whole line with the text, from `from` on; moves `from` past what was looked at.
bool findLine(const std::string& in, size_t& from, const std::string& text, std::string& line)
{
    for (size_t end; (end = in.find('\n', from)) != std::string::npos;) {
        line = in.substr(from, end - from);
        from = end + 1;
        if (line.find(text) != std::string::npos)
            return true;
    }
    return false;
}

} // namespace

Process::Process(const std::vector<std::string>& command, std::chrono::milliseconds patience) : patience_(patience)
{
    std::vector<std::string> words = command;
    words.front() = pathOf(words.front());
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);

    int out[2];
    int err[2];
    if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0)
        throw std::runtime_error("cannot make a pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(out[1], STDOUT_FILENO);
        ::dup2(err[1], STDERR_FILENO);
        ::execv(arguments.front(), arguments.data());
        ::_exit(127);
    }
    ::close(out[1]);
    ::close(err[1]);
    out_ = out[0];
    err_ = err[0];
}

Process::~Process()
{
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    for (const int pipe : {out_, err_}) {
        if (pipe >= 0)
            ::close(pipe);
    }
}

void Process::readSome(std::chrono::steady_clock::time_point until, const std::string& waitingFor)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd pipes[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
    if (left <= 0 || ::poll(pipes, 2, static_cast<int>(left)) <= 0)
        throw std::runtime_error("waited in vain for " + waitingFor + "; it said:\n" + soFar_.out + soFar_.err);
    for (int i = 0; i < 2; ++i) {
        if (pipes[i].revents == 0)
            continue;
        char buffer[16 * 1024];
        const ssize_t got = ::read(pipes[i].fd, buffer, sizeof buffer);
        if (got > 0) {
            (i == 0 ? soFar_.out : soFar_.err).append(buffer, static_cast<size_t>(got));
        } else {
            int& pipe = i == 0 ? out_ : err_;
            ::close(pipe);
            pipe = -1;
        }
    }
}

std::string Process::waitForLine(const std::string& text)
{
    const auto until = std::chrono::steady_clock::now() + patience_;
    std::string line;
    for (;;) {
        if (findLine(soFar_.out, lineFrom_, text, line) || findLine(soFar_.err, errLineFrom_, text, line))
            return line;
        if (out_ < 0 && err_ < 0)
            throw std::runtime_error("the program ended without saying \"" + text + "\"; it said:\n" + soFar_.out +
                                     soFar_.err);
        readSome(until, "\"" + text + "\"");
    }
}

void Process::signal(int number)
{
    ::kill(pid_, number);
}

Finished Process::wait()
{
    const auto until = std::chrono::steady_clock::now() + patience_;
    while (out_ >= 0 || err_ >= 0)
        readSome(until, "the program's end");
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    soFar_.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return soFar_;
}

Finished run(const std::vector<std::string>& command)
{
    return Process(command).wait();
}

} // namespace stoa::test
