// Changes against a small organisation: whoever sends them, the rules answer with a refusal or with records that
// they would take themselves.

#include "shared/base/protobuf_log.h"
#include "shared/base/text.h"
#include "shared/domain/shape.h"
#include "tests/fuzz/input.h"
#include "tests/shared/domain/world.h"

using namespace stoa;
using namespace stoa::test;

namespace {

World populated()
{
    World world;
    const Id question = world.addPost(v1::QUESTION, {}, world.ben);
    world.addPost(v1::ANSWER, question, world.cleo);
    world.addPost(v1::PAGE, {}, world.ada);
    world.addSpace(v1::PRIVATE);
    STOA_ASSERT(world.accept(world.member(world.space, world.ben, v1::CONTRIBUTOR), World::server()));
    return world;
}

void check(const v1::Change& change, const Outcome& outcome)
{
    STOA_ASSERT(checkShape(change));
    for (const Applied& version : outcome.versions) {
        STOA_ASSERT(Id::from(version.record.id()));
        STOA_ASSERT(version.record.ByteSizeLong() <= limits::recordBytesMax);
        STOA_ASSERT(isCleanUtf8(version.record.post().title()) && isCleanUtf8(version.record.post().body()));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const bool quiet = (muteProtobuf(), true);
    static const World before = populated();
    if (!quiet || size == 0)
        return 0;
    World world = before;
    const Actor actors[] = {World::as(world.ada), World::as(world.ben), World::as(world.cleo), World::server(),
                            World::import()};
    const std::vector<std::string> messages = splitMessages(inputText(data, size));
    // The first message says who sends the others.
    const Actor& actor =
        actors[messages.empty() || messages[0].empty() ? 0 : uint8_t(messages[0][0]) % std::size(actors)];
    for (const std::string& bytes : messages) {
        (void)changeId(bytes);
        const auto change = parseChange(bytes);
        if (!change)
            continue;
        (void)dependencies(*change);
        const Context context{actor, world.nowMs, world.directory};
        const auto outcome = apply(*change, context, world);
        const auto again = apply(*change, context, world);
        STOA_ASSERT(outcome.has_value() == again.has_value());
        if (!outcome) {
            STOA_ASSERT(outcome.error().code != v1::CODE_NONE && outcome.error().code == again.error().code);
            continue;
        }
        STOA_ASSERT(outcome->versions.size() == again->versions.size());
        for (size_t i = 0; i < outcome->versions.size(); ++i)
            STOA_ASSERT(outcome->versions[i].record.SerializeAsString() ==
                        again->versions[i].record.SerializeAsString());
        check(*change, *outcome);
        world.submit(*change, actor);
    }
    return 0;
}
