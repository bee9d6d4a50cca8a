#include "server/net/writer.h"

#include <algorithm>
#include <future>

#include "tests/support/catch.h"

namespace stoa {

namespace {

// A writer whose thread stands still until `go`, so that a test knows what waits.
struct Held {
    explicit Held(NetLimits given = {})
        : limits(given), writer(limits, [this](std::vector<int> group) { groups.push_back(std::move(group)); })
    {
        std::promise<void> reached;
        REQUIRE(writer.run([this, &reached] {
            reached.set_value();
            gate.get_future().wait();
        }));
        reached.get_future().wait();
    }

    void go()
    {
        gate.set_value();
        writer.stop();
    }

    NetLimits limits;
    std::promise<void> gate;
    std::vector<std::vector<int>> groups;
    Writer<int> writer;
};

} // namespace

TEST_CASE("what waits while the writer is busy shares one commit")
{
    Held held;
    for (int i = 0; i < 5; ++i)
        REQUIRE(held.writer.submit(i, 1, 10));
    held.go();
    CHECK(held.groups == std::vector<std::vector<int>>{{0, 1, 2, 3, 4}});
}

TEST_CASE("a commit takes no more changes than it may, but always one submission")
{
    Held held({.commitChangesMax = 10});
    for (const int changes : {6, 4, 1, 50, 2})
        REQUIRE(held.writer.submit(changes, static_cast<size_t>(changes), 1));
    held.go();
    CHECK(held.groups == std::vector<std::vector<int>>{{6, 4}, {1}, {50}, {2}});
}

TEST_CASE("more than may wait is not taken")
{
    Held held({.writerQueueMax = 3, .writerQueueBytesMax = 100});
    CHECK(held.writer.submit(1, 1, 60));
    CHECK_FALSE(held.writer.submit(2, 1, 60));
    CHECK(held.writer.submit(3, 1, 40));
    CHECK(held.writer.submit(4, 1, 0));
    CHECK_FALSE(held.writer.submit(5, 1, 0));
    held.go();
    CHECK(held.groups == std::vector<std::vector<int>>{{1, 3, 4}});
    CHECK_FALSE(held.writer.submit(6, 1, 0));
}

TEST_CASE("background work waits for people's changes and for tasks")
{
    Held held;
    std::string order;
    REQUIRE(held.writer.runInBackground([&] { order += "b"; }));
    REQUIRE(held.writer.run([&] { order += "t" + std::to_string(held.groups.size()); }));
    REQUIRE(held.writer.run([&] { order += "u"; }));
    REQUIRE(held.writer.submit(1, 1, 1));
    held.go();
    CHECK(order == "t1ub");
}

TEST_CASE("what the clock asks for is done between groups and while nothing comes")
{
    const NetLimits limits{.restAfterMs = 1};
    std::promise<void> idleTwice;
    std::vector<bool> idle;
    bool asked = false;
    Writer<int> writer(
        limits, [](std::vector<int>) {},
        [&](bool nothingComes) -> std::optional<int64_t> {
            if (!asked)
                return std::nullopt;
            idle.push_back(nothingComes);
            if (nothingComes && std::ranges::count(idle, true) == 2) {
                idleTwice.set_value();
                return std::nullopt; // not again before something comes
            }
            return 1;
        });
    REQUIRE(writer.run([&] { asked = true; }));
    REQUIRE(writer.submit(1, 1, 1));
    idleTwice.get_future().wait();
    REQUIRE(writer.run([] {}));
    writer.stop();
    REQUIRE(idle.size() >= 4);
    CHECK_FALSE(idle.front()); // after the task, and before it rests
    CHECK(std::ranges::count(idle, false) >= 2);
}

} // namespace stoa
