#include "tests/crash/processes/network.h"

#include <future>
#include <list>
#include <thread>
#include <vector>

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

struct Line {
    explicit Line(tcp::socket from) : client(std::move(from)), server(client.get_executor()) {}

    void reset()
    {
        Quiet ignored;
        for (tcp::socket* socket : {&client, &server}) {
            socket->set_option(asio::socket_base::linger(true, 0), ignored);
            socket->close(ignored);
        }
    }

    tcp::socket client;
    tcp::socket server;
    bool swallowed = false; // something of it is lost
};

struct Way {
    explicit Way(asio::io_context& io) : acceptor(io, {asio::ip::address_v4::loopback(), 0}) {}

    tcp::acceptor acceptor;
    Trouble trouble = Trouble::None;
    std::list<std::weak_ptr<Line>> lines;
};

} // namespace

struct Network::State {
    asio::io_context io;
    std::vector<std::unique_ptr<Way>> ways;
    uint16_t serverPort = 0;
    std::thread thread;

    asio::awaitable<void> accept(Way& way)
    {
        for (;;) {
            Quiet failed;
            tcp::socket socket = co_await way.acceptor.async_accept(awaited(failed));
            if (failed)
                co_return;
            const auto line = std::make_shared<Line>(std::move(socket));
            way.lines.remove_if([](const auto& one) { return one.expired(); });
            way.lines.push_back(line);
            if (way.trouble == Trouble::Refuse)
                line->reset();
            else
                asio::co_spawn(io, connect(way, line), asio::detached);
        }
    }

    asio::awaitable<void> connect(Way& way, std::shared_ptr<Line> line)
    {
        Quiet failed;
        co_await line->server.async_connect({asio::ip::address_v4::loopback(), serverPort}, awaited(failed));
        if (failed) {
            line->reset();
            co_return;
        }
        for (tcp::socket* socket : {&line->client, &line->server})
            socket->set_option(tcp::no_delay(true), failed);
        for (const bool up : {true, false})
            asio::co_spawn(io, pump(way, line, up), asio::detached);
    }

    // For that time, or until the trouble is another.
    asio::awaitable<void> wait(Way& way, std::chrono::milliseconds time)
    {
        constexpr std::chrono::milliseconds look{20};
        const Trouble before = way.trouble;
        for (auto left = time; way.trouble == before && left.count() > 0; left -= look) {
            Quiet ended;
            asio::steady_timer timer(io, std::min(left, look));
            co_await timer.async_wait(awaited(ended));
        }
    }

    asio::awaitable<void> pump(Way& way, std::shared_ptr<Line> line, bool up)
    {
        tcp::socket& from = up ? line->client : line->server;
        tcp::socket& to = up ? line->server : line->client;
        std::array<char, 16 * 1024> buffer;
        Quiet ended;
        for (;;) {
            const size_t most = way.trouble == Trouble::Trickle ? 1 : buffer.size();
            const size_t size = co_await from.async_read_some(asio::buffer(buffer.data(), most), awaited(ended));
            if (ended)
                break;
            while (way.trouble == Trouble::Hold || (way.trouble == Trouble::Unheard && !up))
                co_await wait(way, std::chrono::hours(1));
            if (way.trouble == Trouble::Swallow) {
                line->swallowed = true;
                continue;
            }
            if (way.trouble == Trouble::Trickle)
                co_await wait(way, std::chrono::seconds(1));
            if (way.trouble == Trouble::Delay)
                co_await wait(way, std::chrono::milliseconds(150));
            co_await asio::async_write(to, asio::buffer(buffer.data(), size), awaited(ended));
            if (ended)
                break;
        }
        to.shutdown(tcp::socket::shutdown_send, ended);
    }

    void set(Way& way, Trouble trouble)
    {
        way.trouble = trouble;
        for (const auto& one : way.lines) {
            const auto line = one.lock();
            if (!line)
                continue;
            Quiet ignored;
            const bool broken = line->swallowed && trouble != Trouble::Swallow;
            if (broken || trouble == Trouble::Refuse || trouble == Trouble::Reset)
                line->reset();
            if (trouble == Trouble::HalfClose)
                line->server.shutdown(tcp::socket::shutdown_send, ignored);
        }
    }

    // Runs on the thread, and is waited for.
    template <class Work>
    void ask(Work work)
    {
        std::packaged_task<void()> task(std::move(work));
        auto done = task.get_future();
        asio::post(io, [&task] { task(); });
        done.get();
    }
};

Network::Network(size_t ways) : state_(std::make_unique<State>())
{
    for (size_t i = 0; i < ways; ++i) {
        state_->ways.push_back(std::make_unique<Way>(state_->io));
        asio::co_spawn(state_->io, state_->accept(*state_->ways.back()), asio::detached);
    }
    state_->thread = std::thread([state = state_.get()] { state->io.run(); });
}

Network::~Network()
{
    state_->io.stop();
    state_->thread.join();
}

uint16_t Network::port(size_t way) const
{
    return state_->ways.at(way)->acceptor.local_endpoint().port();
}

void Network::lead(uint16_t serverPort)
{
    state_->ask([&] { state_->serverPort = serverPort; });
}

void Network::set(size_t way, Trouble trouble)
{
    state_->ask([&] { state_->set(*state_->ways.at(way), trouble); });
}

} // namespace stoa::test
