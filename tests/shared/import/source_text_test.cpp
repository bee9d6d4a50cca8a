#include "shared/import/source_text.h"

#include "tests/support/catch.h"

using namespace stoa;

TEST_CASE("Times are UTC, or as far from it as they say")
{
    const int64_t ten = 1583316000000; // 2020-03-04 10:00 UTC
    for (const char* text : {"2020-03-04T10:00:00", "2020-03-04T10:00:00Z", "2020-03-04 10:00",
                             " 2020-03-04T10:00:00.000 ", "2020-03-04T12:00:00+02:00", "2020-03-04T12:00:00.000+0200",
                             "2020-03-04 12:00:00 +0200", "2020-03-04T04:30-05:30", "2020-03-04T12:00+02"}) {
        INFO(text);
        CHECK(parseTime(text) == ten);
    }
    CHECK(parseTime("2020-02-29") == 1582934400000);
}

TEST_CASE("What is no time is none")
{
    for (const char* text :
         {"", "March 4, 2020", "2020", "2020-13-01", "2019-02-29", "2020-03-04T25:00", "1969-12-31",
          "1970-01-01T00:00:00+02:00", "2020-03-04T10:00+", "2020-03-04T10:00+2", "2020-03-04T10:00+99:00",
          "2020-03-04T10:00:00Zulu", "2020-03-04T10:00+02:0", "2020-03-04+02:00"}) {
        INFO(text);
        CHECK_FALSE(parseTime(text));
    }
}
