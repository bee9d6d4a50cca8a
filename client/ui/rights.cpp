#include "client/ui/rights.h"

#include "client/commands/placing.h"

namespace stoa {

bool allowed(const Desk& desk, const v1::Change& change)
{
    return isAllowed(*desk.reading, change);
}

} // namespace stoa
