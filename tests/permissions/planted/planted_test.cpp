// The matrix can fail: each wrong behaviour that can be planted where rights are decided (shared/base/plant.h) is
// found by the way that it should be found by.

#include "shared/base/plant.h"
#include "tests/permissions/matrix.h"
#include "tests/permissions/organisation.h"
#include "tests/support/catch.h"

using namespace stoa::test;

namespace {

struct Planted {
    const char* name;
    void (*check)(Organisation&, Tally&);
};

const Planted all[] = {
    {"permission check skipped", checkPushes},
    {"everybody contributes to restricted spaces", checkPushes},
    {"an origin is believed", checkPushes},
    {"a refusal tells of what is hidden", checkPushes},
    {"a taken id tells of what is hidden", checkPushes},
    {"a parent in another feed is taken", checkPushes},
    {"disabled people act", checkPushes},
    {"a page that asks for review is just changed", checkPushes},
    {"anybody approves", checkPushes},
    {"authors approve their own proposals", checkPushes},
    {"members read the feed for the staff", checkReading},
    {"another's own feed is read", checkPushes},
    {"visibility alters no rights", checkLosses},
    {"rights not read for bulk", checkLosses},
    {"subscription outlives the right", checkLosses},
    {"witnesses are looked at while a right goes", checkLosses},
    {"rights not read for texts", checkTexts},
    {"an open text outlives the right", checkTexts},
    {"anybody hands back", checkHandBacks},
    {"what came back is told to everybody", checkHandBacks},
};

} // namespace

TEST_CASE("whoever weakens a check is found out")
{
    Organisation organisation;
    for (const Planted& planted : all) {
        INFO(planted.name);
        Tally tally{.untilFirst = true};
        stoa::plant() = planted.name;
        CHECK_THROWS_AS(planted.check(organisation, tally), FoundWrong);
        stoa::plant().clear();
        organisation.store->rehearsing = false;
        CHECK(tally.failures == 1);
    }
}
