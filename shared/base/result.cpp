#include "shared/base/result.h"

namespace stoa {

Refusal fromProto(const v1::Refusal& refusal)
{
    return {refusal.code(), refusal.field(), refusal.limit(), refusal.retry_after_ms()};
}

v1::Refusal toProto(const Refusal& refusal)
{
    v1::Refusal proto;
    proto.set_code(refusal.code);
    proto.set_field(refusal.field);
    proto.set_limit(refusal.limit);
    proto.set_retry_after_ms(refusal.retryAfterMs);
    return proto;
}

} // namespace stoa
