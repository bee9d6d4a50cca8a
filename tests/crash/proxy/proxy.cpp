#include "tests/crash/proxy/proxy.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <boost/asio.hpp>

namespace stoa::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using Quiet = boost::system::error_code;

auto awaited(Quiet& error)
{
    return asio::redirect_error(asio::use_awaitable, error);
}

asio::awaitable<void> sleepFor(std::chrono::milliseconds time)
{
    Quiet ended;
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(awaited(ended));
}

} // namespace

Script scriptOf(uint64_t seed, uint64_t upBytes, uint64_t downBytes)
{
    std::mt19937_64 generator(seed);
    Script script;
    script.fault = Fault(1 + generator() % 7);
    script.direction = generator() % 2 ? Direction::Down : Direction::Up;
    script.afterBytes = generator() % (script.direction == Direction::Up ? upBytes : downBytes);
    script.delayMs = int(1 + generator() % 200);
    return script;
}

std::string describe(const Script& script)
{
    static const char* const faults[] = {"nothing", "cut",          "reset", "half close",
                                         "drop",    "stop reading", "delay", "one byte a second"};
    return std::string(faults[int(script.fault)]) + " after " + std::to_string(script.afterBytes) + " bytes " +
           (script.direction == Direction::Up ? "up" : "down");
}

// One connection of a client and what it leads to.
struct Line {
    explicit Line(tcp::socket from, const Script& told)
        : client(std::move(from)), server(client.get_executor()), script(told)
    {
    }

    void close(bool reset)
    {
        Quiet ignored;
        for (tcp::socket* socket : {&client, &server}) {
            if (reset)
                socket->set_option(asio::socket_base::linger(true, 0), ignored);
            socket->close(ignored);
        }
    }

    tcp::socket client;
    tcp::socket server;
    Script script;
};

struct Proxy::State {
    asio::io_context io;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    std::set<std::shared_ptr<Line>> lines;
    uint16_t serverPort = 0;
    Script script;
    Passed passed;
    std::mutex mutex;
    std::condition_variable over;
    int pumps = 0; // guarded by the mutex
    std::thread thread;

    void countPumps(int by)
    {
        const std::lock_guard lock(mutex);
        pumps += by;
        over.notify_all();
    }

    asio::awaitable<void> accept()
    {
        for (;;) {
            Quiet failed;
            tcp::socket socket = co_await acceptor.async_accept(awaited(failed));
            if (failed)
                co_return;
            const auto line = std::make_shared<Line>(std::move(socket), script);
            lines.insert(line);
            asio::co_spawn(io, connect(line), asio::detached);
        }
    }

    asio::awaitable<void> connect(std::shared_ptr<Line> line)
    {
        Quiet failed;
        co_await line->server.async_connect({asio::ip::address_v4::loopback(), serverPort}, awaited(failed));
        if (failed) {
            line->close(false);
            co_return;
        }
        for (tcp::socket* socket : {&line->client, &line->server})
            socket->set_option(tcp::no_delay(true), failed);
        countPumps(2);
        for (const Direction direction : {Direction::Up, Direction::Down})
            asio::co_spawn(io, pump(line, direction), [this](const std::exception_ptr&) { countPumps(-1); });
    }

    asio::awaitable<void> pump(std::shared_ptr<Line> line, Direction direction)
    {
        tcp::socket& from = direction == Direction::Up ? line->client : line->server;
        tcp::socket& to = direction == Direction::Up ? line->server : line->client;
        std::string& record = direction == Direction::Up ? passed.up : passed.down;
        const Fault fault = line->script.direction == direction ? line->script.fault : Fault::None;
        const bool slow = fault == Fault::Delay || fault == Fault::Trickle;
        const uint64_t until = fault == Fault::None ? UINT64_MAX : line->script.afterBytes;
        uint64_t sent = 0;
        std::array<char, 16 * 1024> buffer;
        Quiet ended;
        for (;;) {
            if (sent >= until && !slow)
                co_return co_await strike(line, fault, from, to);
            size_t most = buffer.size();
            if (sent < until)
                most = size_t(std::min<uint64_t>(most, until - sent));
            else if (fault == Fault::Trickle)
                most = 1;
            const size_t size = co_await from.async_read_some(asio::buffer(buffer.data(), most), awaited(ended));
            if (ended)
                break;
            if (sent >= until)
                co_await sleepFor(std::chrono::milliseconds(fault == Fault::Trickle ? 1'000 : line->script.delayMs));
            co_await asio::async_write(to, asio::buffer(buffer.data(), size), awaited(ended));
            if (ended)
                break;
            sent += size;
            record.append(buffer.data(), size);
        }
        to.shutdown(tcp::socket::shutdown_send, ended);
    }

    asio::awaitable<void> strike(std::shared_ptr<Line> line, Fault fault, tcp::socket& from, tcp::socket& to)
    {
        Quiet ignored;
        if (fault == Fault::Reset)
            line->close(true);
        if (fault == Fault::HalfClose || fault == Fault::Cut)
            to.shutdown(tcp::socket::shutdown_send, ignored);
        if (fault == Fault::Cut)
            from.shutdown(tcp::socket::shutdown_send, ignored);
        if (fault == Fault::Reset || fault == Fault::StopReading)
            co_return;
        // Read on, so that nothing that was passed on before is lost by a reset.
        std::array<char, 16 * 1024> swallowed;
        while (!ignored)
            co_await from.async_read_some(asio::buffer(swallowed), awaited(ignored));
    }

    // Runs on the proxy's thread, and is waited for.
    template <typename Work>
    auto ask(Work work)
    {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto answer = task.get_future();
        asio::post(io, [&task] { task(); });
        return answer.get();
    }
};

Proxy::Proxy() : state_(std::make_unique<State>())
{
    asio::co_spawn(state_->io, state_->accept(), asio::detached);
    state_->thread = std::thread([state = state_.get()] { state->io.run(); });
}

Proxy::~Proxy()
{
    state_->io.stop();
    state_->thread.join();
}

uint16_t Proxy::port() const
{
    return state_->acceptor.local_endpoint().port();
}

void Proxy::begin(uint16_t serverPort, const Script& script)
{
    state_->ask([&] {
        state_->serverPort = serverPort;
        state_->script = script;
        state_->passed = {};
    });
}

Proxy::Passed Proxy::end()
{
    {
        std::unique_lock lock(state_->mutex);
        state_->over.wait_for(lock, std::chrono::seconds(2), [this] { return state_->pumps == 0; });
    }
    return state_->ask([this] {
        for (const auto& line : state_->lines)
            line->close(false);
        state_->lines.clear();
        return state_->passed;
    });
}

std::string replay(uint16_t serverPort, const std::string& recorded)
{
    asio::io_context io;
    tcp::socket socket(io);
    Quiet failed;
    std::string answer;
    socket.connect({asio::ip::address_v4::loopback(), serverPort});
    std::thread reader([&] {
        std::array<char, 16 * 1024> buffer;
        Quiet ended;
        while (!ended)
            answer.append(buffer.data(), socket.read_some(asio::buffer(buffer), ended));
    });
    asio::write(socket, asio::buffer(recorded), failed);
    socket.shutdown(tcp::socket::shutdown_send, failed);
    reader.join();
    return answer;
}

} // namespace stoa::test
