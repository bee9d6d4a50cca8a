#pragma once

// What a revision of a body (Revision in record.proto) does to the record: one rule for the server, whose record lacks
// the newest ones, and for a device that is sent them ahead of the record. Pure; any thread.

#include "shared/base/result.h"
#include "stoa/v1/record.pb.h"

namespace stoa {

// The same body of a post. Without a revision: as it was created.
bool isSameVersion(const v1::TextVersion& a, const v1::TextVersion& b);

// Alters the body, what is contested in it, its version and its writer. INVALID, and nothing is altered, where the
// revision is none of that body.
Result<void> alterByRevision(v1::Record& record, const v1::Revision& revision);

} // namespace stoa
