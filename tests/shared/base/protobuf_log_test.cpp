#include "shared/base/protobuf_log.h"

#include "stoa/v1/record.pb.h"
#include "tests/support/catch.h"

using namespace stoa;

TEST_CASE("libprotobuf's own lines are counted and told once a minute")
{
    int64_t nowMs = 5;
    std::vector<uint64_t> told;
    muteProtobuf([&] { return nowMs; }, [&](uint64_t lines) { told.push_back(lines); });
    v1::Post post;
    post.set_title("x");
    std::string bytes = post.SerializeAsString();
    bytes.back() = '\xff';
    const auto refuse = [&] { CHECK_FALSE(v1::Post().ParseFromString(bytes)); };
    refuse();
    for (int i = 0; i < 3; ++i)
        refuse();
    CHECK(told == std::vector<uint64_t>{1});
    nowMs += 60'000;
    refuse();
    CHECK(told == std::vector<uint64_t>{1, 4});
    muteProtobuf();
    refuse();
    CHECK(told.size() == 2);
}
