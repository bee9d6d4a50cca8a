#include "shared/text/places.h"

#include "tests/support/catch.h"

using namespace stoa;

TEST_CASE("A place moves with what is written and deleted before it")
{
    const TextChange change = TextChange().retain(2).insert("abc").retain(2).erase(3);
    CHECK(placeAfter(0, change) == 0);
    CHECK(placeAfter(1, change) == 1);
    CHECK(placeAfter(3, change) == 6);
    CHECK(placeAfter(5, change) == 7); // within what is deleted
    CHECK(placeAfter(9, change) == 9);
    CHECK(placeAfter(7, TextChange()) == 7);
}

TEST_CASE("What is inserted at a place comes behind it, but the cursor of its author stands behind")
{
    const TextChange change = TextChange().retain(2).insert("abc").erase(1);
    CHECK(placeAfter(2, change) == 2);
    CHECK(placeAfter(2, change, true) == 5);
    CHECK(placeAfter(3, change, true) == 5);
    const TextChange replaced = TextChange().retain(2).erase(4).insert("abc");
    CHECK(placeAfter(6, replaced, true) == 5);
    CHECK(placeAfter(4, replaced, true) == 5);
    CHECK(placeAfter(4, replaced) == 2);
}

TEST_CASE("A place after a change is found in the text before it")
{
    const TextChange change = TextChange().retain(2).insert("abc").retain(2).erase(3);
    CHECK(placeBefore(0, change) == 0);
    CHECK(placeBefore(2, change) == 2);
    CHECK(placeBefore(4, change) == 2); // within what was inserted
    CHECK(placeBefore(6, change) == 3);
    CHECK(placeBefore(7, change) == 4);
    CHECK(placeBefore(8, change) == 8);
    for (const size_t place : {0, 1, 2, 3, 4, 8, 9})
        CHECK(placeBefore(placeAfter(place, change), change) == place);
}
