#pragma once

// What the kinds of posts have.

#include "stoa/v1/record.pb.h"

namespace stoa {

inline bool isPlace(v1::PostKind kind)
{
    return kind == v1::SECTION || kind == v1::PAGE;
}
inline bool hasTitle(v1::PostKind kind)
{
    return isPlace(kind) || kind == v1::QUESTION;
}
inline bool isReply(v1::PostKind kind)
{
    return kind == v1::ANSWER || kind == v1::COMMENT || kind == v1::PROPOSAL;
}
inline bool hasTags(v1::PostKind kind)
{
    return kind == v1::PAGE || kind == v1::QUESTION;
}

} // namespace stoa
