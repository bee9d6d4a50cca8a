#pragma once

// A change as bytes. Equal changes are equal bytes, and no others are decoded:
//
//   change := step*
//   step   := varint(kind + 4 * length) text      kind: 0 retain, 1 insert, 2 delete
//   length := of an insert the bytes of its text, which follows; otherwise code points
//   varint := seven bits a byte, the lowest first, the top bit where another follows; as few bytes as it takes

#include <string>
#include <string_view>

#include "shared/text/text_change.h"

namespace stoa {

std::string encode(const TextChange& change);

// Of a peer's bytes. Nothing is taken in that a length only promises.
//   TOO_LARGE  more bytes or steps than a change may have (shared/base/limits.h)
//   TOO_LONG   inserts more than a body may hold, or reaches past any body's end
//   BAD_TEXT   inserts what is not clean UTF-8
//   INVALID    not the bytes of a change: cut off, of another kind, or not its one form
Result<TextChange> decode(std::string_view bytes);

} // namespace stoa
