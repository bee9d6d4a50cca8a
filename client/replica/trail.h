#pragma once

// The versions by which a server learns whether it went back: some that the replica has read, the newest first, further
// and further apart. Pure.

#include "stoa/v1/wire.pb.h"

namespace stoa {

// Of a batch, by number: its last versions further and further apart, for a copy may be read in one.
void noteRead(v1::Trail& trail, const google::protobuf::RepeatedPtrField<v1::Version>& versions);

// At most limits::witnessesMax of them are kept. What is no seal is passed over.
void noteRead(v1::Trail& trail, uint64_t number, const std::string& seal);

// Of what is numbered above `upto` and below `from`, the trail tells no more.
void cutTrail(v1::Trail& trail, uint64_t upto, uint64_t from = UINT64_MAX);

} // namespace stoa
