#include <boost/asio.hpp>

#include "tests/crash/proxy/sweep.h"
#include "tests/support/catch.h"

using namespace stoa::test;

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A server that says everything again, a client, and the proxy between the two.
struct Echo {
    explicit Echo(const Script& script)
    {
        proxy.begin(acceptor.local_endpoint().port(), script);
        client.connect({asio::ip::address_v4::loopback(), proxy.port()});
        server = acceptor.accept();
        asio::write(client, asio::buffer(std::string("0123456789")));
    }
    // Up to the end, or this many bytes.
    static std::string read(tcp::socket& from, size_t most, boost::system::error_code& ended)
    {
        std::string bytes(most, '\0');
        bytes.resize(asio::read(from, asio::buffer(bytes), ended));
        return bytes;
    }

    Proxy proxy;
    asio::io_context io;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    tcp::socket client{io};
    tcp::socket server{io};
};

} // namespace

TEST_CASE("a cut connection ends for both after the byte that the script names")
{
    Echo echo({Fault::Cut, Direction::Up, 4});
    boost::system::error_code ended;
    CHECK(Echo::read(echo.server, 10, ended) == "0123");
    CHECK(ended == asio::error::eof);
    Echo::read(echo.client, 1, ended);
    CHECK(ended == asio::error::eof);
}

TEST_CASE("a reset connection is broken for both")
{
    Echo echo({Fault::Reset, Direction::Up, 4});
    boost::system::error_code ended;
    Echo::read(echo.server, 10, ended);
    CHECK(ended == asio::error::connection_reset);
    Echo::read(echo.client, 1, ended);
    CHECK(ended == asio::error::connection_reset);
}

TEST_CASE("of a half closed connection the other half still passes")
{
    Echo echo({Fault::HalfClose, Direction::Up, 4});
    boost::system::error_code ended;
    CHECK(Echo::read(echo.server, 10, ended) == "0123");
    CHECK(ended == asio::error::eof);
    asio::write(echo.server, asio::buffer(std::string("heard")));
    CHECK(Echo::read(echo.client, 5, ended) == "heard");
}

TEST_CASE("what passed undisturbed is on record")
{
    Echo echo({});
    boost::system::error_code ended;
    CHECK(Echo::read(echo.server, 10, ended) == "0123456789");
    asio::write(echo.server, asio::buffer(std::string("heard")));
    CHECK(Echo::read(echo.client, 5, ended) == "heard");
    echo.client.close();
    echo.server.close();
    const Proxy::Passed passed = echo.proxy.end();
    CHECK(passed.up == "0123456789");
    CHECK(passed.down == "heard");
}

TEST_CASE("a sync that is cut anywhere is made good by the next one")
{
    Sweep sweep;
    // Each part of the dialogue: handshake, sign-in, what is sent and what is fetched, and its end.
    constexpr uint64_t parts = 3;
    for (const Direction direction : {Direction::Up, Direction::Down})
        for (uint64_t part = 0; part <= parts; ++part)
            CHECK(sweep.disturb({Fault::Cut, direction, sweep.bytes(direction) * part / parts}) == "");
    CHECK(sweep.disturb({Fault::Reset, Direction::Down, sweep.bytes(Direction::Down) / 2}) == "");
    CHECK(sweep.replayRecorded() == "");
}
