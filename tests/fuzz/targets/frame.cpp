// The frame decoder: whatever the pieces in which the bytes come, what is understood is the same.

#include "shared/wire/frame.h"
#include "shared/base/assert.h"
#include "shared/base/limits.h"
#include "shared/base/protobuf_log.h"
#include "tests/fuzz/input.h"

using namespace stoa;

namespace {

struct Understood {
    std::vector<std::string> envelopes;
    std::optional<v1::Code> failure;

    bool operator==(const Understood&) const = default;
};

Understood decode(std::string_view bytes, size_t pieceBytes)
{
    FrameDecoder decoder(limits::frameBytesMaxBeforeSignIn);
    Understood understood;
    while (!bytes.empty() && !understood.failure) {
        decoder.append(bytes.substr(0, pieceBytes));
        bytes.remove_prefix(std::min(pieceBytes, bytes.size()));
        for (;;) {
            const auto next = decoder.next();
            if (!next) {
                understood.failure = next.error().code;
                STOA_ASSERT(decoder.next().error().code == *understood.failure);
                break;
            }
            if (!*next)
                break;
            understood.envelopes.push_back((*next)->SerializeAsString());
        }
    }
    STOA_ASSERT(understood.failure || decoder.bufferedBytes() <= limits::frameBytesMaxBeforeSignIn + 4);
    return understood;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const bool quiet = (muteProtobuf(), true);
    if (!quiet || size == 0)
        return 0;
    const std::string_view bytes = test::inputText(data, size).substr(1);
    const Understood whole = decode(bytes, std::max<size_t>(bytes.size(), 1));
    // Single bytes where there are few of them.
    STOA_ASSERT(decode(bytes, std::max(size_t(data[0]) + 1, bytes.size() / 32)) == whole);
    return 0;
}
