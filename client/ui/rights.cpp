#include "client/ui/rights.h"

#include "shared/domain/may.h"

namespace stoa {

bool allowed(const Desk& desk, const v1::Change& change)
{
    const Profile me = profile(*desk.reading);
    Context asked;
    asked.actor.person = me.person;
    asked.timeMs = change.made_ms();
    asked.directory = me.organisation;
    return may(change, asked, *reader(*desk.reading)).has_value();
}

} // namespace stoa
