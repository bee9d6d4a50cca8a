// The frame decoder, length to envelope: whatever the pieces in which the bytes come, what is understood is the same,
// and no more waits than the limit allows. The first byte says which limit and which pieces; the limits are small
// ones, so that short inputs reach what lies around them.

#include "shared/wire/frame.h"
#include "shared/base/assert.h"
#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/base/protobuf_log.h"
#include "tests/fuzz/input.h"

using namespace stoa;

namespace {

constexpr size_t limitsOfFrames[] = {limits::frameBytesMaxBeforeSignIn, 64, 512, 4 * limits::kKiB};
constexpr size_t envelopesMax = 4; // what follows them meets the same decoder again
constexpr size_t piecesMax = 4;

struct Understood {
    size_t envelopes = 0;
    Digest digest; // of all of them
    std::optional<v1::Code> failure;

    bool operator==(const Understood&) const = default;
};

Understood decode(std::string_view bytes, size_t pieceBytes, size_t limit)
{
    FrameDecoder decoder(limit);
    Understood understood;
    while (!bytes.empty() && !understood.failure && understood.envelopes < envelopesMax) {
        decoder.append(bytes.substr(0, pieceBytes));
        bytes.remove_prefix(std::min(pieceBytes, bytes.size()));
        while (understood.envelopes < envelopesMax) {
            const auto next = decoder.next();
            if (!next) {
                understood.failure = next.error().code;
                STOA_ASSERT(decoder.next().error().code == *understood.failure);
                break;
            }
            if (!*next) {
                STOA_ASSERT(decoder.bufferedBytes() <= limit + 4);
                break;
            }
            static std::string envelope; // keeps its memory
            STOA_ASSERT((*next)->SerializeToString(&envelope));
            envelope += char(++understood.envelopes);
            understood.digest.add(hash128(envelope));
        }
    }
    return understood;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const bool quiet = (muteProtobuf(), true);
    if (!quiet || size < 2)
        return 0;
    const std::string_view bytes = test::inputText(data, size).substr(1);
    const size_t limit = limitsOfFrames[data[0] % std::size(limitsOfFrames)];
    const size_t pieceBytes = data[0] / std::size(limitsOfFrames) + 1;
    const Understood whole = decode(bytes, bytes.size(), limit);
    STOA_ASSERT(decode(bytes, std::max(pieceBytes, bytes.size() / piecesMax), limit) == whole);
    return 0;
}
