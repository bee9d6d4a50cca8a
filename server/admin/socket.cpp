#include "server/admin/socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <stdexcept>

#include "server/admin/data_folder.h"

namespace stoa {

namespace {

[[noreturn]] void failed(const std::string& what)
{
    throw std::runtime_error(what + ": " + std::strerror(errno) + ".");
}

sockaddr_un addressOf(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw FolderRefused("The data directory's path is too long for its admin socket: at most " +
                            std::to_string(sizeof address.sun_path - 1) + " bytes with \"/admin.sock\".");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

// False where the peer has gone, or does not take all of it in time.
bool sendLine(int socket, const Json& line)
{
    using Clock = std::chrono::steady_clock;
    const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    const auto until = Clock::now() + std::chrono::milliseconds(adminPatienceMs);
    for (size_t sent = 0; sent < text.size();) {
        const ssize_t got = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (got > 0) {
            sent += static_cast<size_t>(got);
            continue;
        }
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return false;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        pollfd writable{socket, POLLOUT, 0};
        if (left <= 0 || (::poll(&writable, 1, static_cast<int>(left)) <= 0 && errno != EINTR))
            return false;
    }
    return true;
}

bool hasGone(int peer)
{
    char next = 0;
    const ssize_t got = ::recv(peer, &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

// Lines out of a stream of bytes; nothing at its end, past the limit, or after the time.
class LineReader {
public:
    LineReader(int socket, size_t bytesMax, int patienceMs)
        : socket_(socket), bytesMax_(bytesMax), patienceMs_(patienceMs)
    {
    }

    std::optional<std::string> next()
    {
        for (;;) {
            if (const size_t end = buffer_.find('\n'); end != buffer_.npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return line;
            }
            pollfd readable{socket_, POLLIN, 0};
            char piece[16 * 1024];
            if (buffer_.size() > bytesMax_ || ::poll(&readable, 1, patienceMs_) <= 0)
                return std::nullopt;
            const ssize_t got = ::recv(socket_, piece, sizeof piece, 0);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return std::nullopt;
            buffer_.append(piece, static_cast<size_t>(got));
        }
    }

private:
    int socket_;
    size_t bytesMax_;
    int patienceMs_;
    std::string buffer_;
};

Json refusedAnswer(const std::string& message)
{
    return {{"ok", false}, {"message", message}, {"exit", 3}};
}

} // namespace

std::filesystem::path adminSocketPath(const std::filesystem::path& data)
{
    return data / "admin.sock";
}

void requireAdminSocketPath(const std::filesystem::path& data)
{
    static_cast<void>(addressOf(adminSocketPath(data).string()));
}

AdminSocket::AdminSocket(const std::filesystem::path& data, Handler handler)
    : path_(adminSocketPath(data)), handler_(std::move(handler))
{
    const sockaddr_un address = addressOf(path_.string());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener_ < 0)
        failed("The admin socket cannot be made");
    ::unlink(path_.c_str());
    // Linux gives the file the mode that its socket has: it is closed to others from the first moment on.
    ::fchmod(listener_, 0600);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0 || ::pipe(wake_) != 0) {
        ::close(listener_);
        failed("The admin socket " + path_.string() + " cannot be opened");
    }
    thread_ = std::thread([this] { accept(); });
}

AdminSocket::~AdminSocket()
{
    static_cast<void>(!::write(wake_[1], "x", 1));
    thread_.join();
    ending_ = true;
    for (const Running& running : running_)
        ::shutdown(running.peer, SHUT_RD); // whoever still waits for a request
    reap(true);
    ::close(listener_);
    ::close(wake_[0]);
    ::close(wake_[1]);
    ::unlink(path_.c_str());
}

void AdminSocket::accept()
{
    for (;;) {
        pollfd wanted[] = {{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
        if (::poll(wanted, 2, -1) < 0 && errno != EINTR)
            return;
        if (wanted[1].revents != 0)
            return;
        if (wanted[0].revents == 0)
            continue;
        const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (peer < 0)
            continue;
        reap(false);
        if (running_.size() >= adminRequestsMax) {
            sendLine(peer, {{"answer",
                             refusedAnswer("Too many commands run at once. Please try again when one has ended.")}});
            ::close(peer);
            continue;
        }
        auto done = std::make_shared<std::atomic<bool>>(false);
        running_.push_back({std::thread([this, peer, done] {
                                answer(peer);
                                ::shutdown(peer, SHUT_RDWR);
                                *done = true;
                            }),
                            peer, done});
    }
}

void AdminSocket::answer(int peer)
{
    const auto line = LineReader(peer, adminRequestBytesMax, adminPatienceMs).next();
    const Json request = line ? Json::parse(*line, nullptr, false) : Json();
    if (!request.is_object() || !request.contains("verb") || !request["verb"].is_string()) {
        sendLine(peer, {{"answer", refusedAnswer("The server did not understand the command.")}});
        return;
    }
    const auto goOn = [this, peer] {
        const bool gone = hasGone(peer); // also because the server ends: asked first
        if (ending_)
            throw std::runtime_error("The server is ending. Please run the command again when it is back.");
        if (gone)
            throw std::runtime_error("Nobody waits for the answer any more.");
    };
    const auto progress = [peer, goOn](const std::string& sentence) {
        goOn();
        if (!sendLine(peer, {{"progress", sentence}}))
            throw std::runtime_error("Whoever asked does not take the answer.");
    };
    Json answer;
    try {
        answer = handler_(request, {progress, goOn});
    } catch (const std::exception& error) {
        answer = refusedAnswer(error.what());
    }
    sendLine(peer, {{"answer", answer}});
}

void AdminSocket::reap(bool all)
{
    std::erase_if(running_, [all](Running& running) {
        if (!all && !*running.done)
            return false;
        running.thread.join();
        ::close(running.peer);
        return true;
    });
}

std::optional<Json> askRunningServer(const std::filesystem::path& data, const Json& request, const Progress& progress)
{
    const sockaddr_un address = addressOf(adminSocketPath(data).string());
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0)
        failed("The admin socket cannot be opened");
    const std::shared_ptr<void> closer(nullptr, [socket](void*) { ::close(socket); });
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == EACCES)
            throw std::runtime_error(
                "The running server belongs to another account. Please run the command as that account.");
        return std::nullopt;
    }
    const bool sent = sendLine(socket, request);
    LineReader lines(socket, 64 * adminRequestBytesMax, -1);
    while (const auto line = sent ? lines.next() : std::nullopt) {
        const Json message = Json::parse(*line, nullptr, false);
        if (message.contains("answer"))
            return message["answer"];
        if (message.contains("progress") && message["progress"].is_string())
            progress(message["progress"].get<std::string>());
    }
    throw std::runtime_error(
        "The server ended before it answered. Whether the command took effect shows in the lists.");
}

} // namespace stoa
