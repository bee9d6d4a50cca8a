#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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

Process::Process(const std::vector<std::string>& command, std::chrono::milliseconds patience,
                 const ProcessExtras& extras)
    : patience_(patience)
{
    std::vector<std::string> words = command;
    words.front() = pathOf(words.front());
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<std::string> set = extras.environment;
    std::vector<char*> environment;
    for (std::string& one : set)
        environment.push_back(one.data());
    for (char** inherited = environ; *inherited != nullptr; ++inherited)
        environment.push_back(*inherited);
    environment.push_back(nullptr);

    int in[2] = {-1, -1};
    int out[2];
    int err[2];
    if ((extras.input && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0) ||
        ::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0)
        throw std::runtime_error("cannot make a pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
        if (extras.input)
            ::dup2(in[0], STDIN_FILENO);
        ::dup2(out[1], STDOUT_FILENO);
        ::dup2(err[1], STDERR_FILENO);
        ::execve(arguments.front(), arguments.data(), environment.data());
        ::_exit(127);
    }
    if (extras.input) {
        ::close(in[0]);
        in_ = in[1];
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
    for (const int pipe : {in_, out_, err_}) {
        if (pipe >= 0)
            ::close(pipe);
    }
}

bool Process::readMore(std::chrono::steady_clock::time_point until)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd pipes[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
    if (::poll(pipes, 2, std::max(0, static_cast<int>(left))) <= 0)
        return false;
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
    return true;
}

void Process::readSome(std::chrono::steady_clock::time_point until, const std::string& waitingFor)
{
    if (!readMore(until))
        throw std::runtime_error("waited in vain for " + waitingFor + "; it said:\n" + soFar_.out + soFar_.err);
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

std::vector<std::string> Process::newLines()
{
    while ((out_ >= 0 || err_ >= 0) && readMore(std::chrono::steady_clock::now())) {}
    std::vector<std::string> lines;
    for (std::string line; findLine(soFar_.out, lineFrom_, "", line);)
        lines.push_back(line);
    return lines;
}

bool Process::write(const std::string& text)
{
    return ::send(in_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

void Process::signal(int number)
{
    ::kill(pid_, number);
}

Finished Process::wait()
{
    if (auto finished = waitFor(patience_))
        return *finished;
    throw std::runtime_error("waited in vain for the program's end; it said:\n" + soFar_.out + soFar_.err);
}

std::optional<Finished> Process::waitFor(std::chrono::milliseconds time)
{
    const auto until = std::chrono::steady_clock::now() + time;
    while (out_ >= 0 || err_ >= 0)
        if (!readMore(until))
            return std::nullopt;
    if (pid_ < 0)
        return soFar_; // told before
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
