// The links that a person opens or pastes, and addresses as an admin types them.

#include "shared/base/assert.h"
#include "shared/base/text.h"
#include "shared/domain/invite_link.h"
#include "shared/markup/references.h"
#include "tests/fuzz/input.h"

using namespace stoa;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::string_view text = test::inputText(data, size);

    InviteLink invite;
    if (parseInviteLink(text, invite) == LinkError::None) {
        STOA_ASSERT(text.size() <= linkBytesMax);
        STOA_ASSERT(invite.code.size() == inviteCodeBytes && invite.pin.size() == pinBytes);
        STOA_ASSERT(!invite.server.host.empty() && invite.server.port != 0 && isCleanUtf8(invite.login));
        InviteLink again;
        STOA_ASSERT(parseInviteLink(printInviteLink(invite), again) == LinkError::None && again == invite);
    } else {
        STOA_ASSERT(invite == InviteLink{});
    }
    PostLink post;
    if (parsePostLink(text, post) == LinkError::None) {
        PostLink again;
        STOA_ASSERT(parsePostLink(printPostLink(post), again) == LinkError::None && again == post);
    } else {
        STOA_ASSERT(post == PostLink{});
    }
    ServerAddress address;
    if (parseAddress(text, address) == LinkError::None) {
        ServerAddress again;
        STOA_ASSERT(parseAddress(printAddress(address), again) == LinkError::None && again == address);
    } else {
        STOA_ASSERT(address == ServerAddress{});
    }
    if (classifyLink(text) == LinkKind::Post)
        STOA_ASSERT(parsePostReference(text));
    return 0;
}
