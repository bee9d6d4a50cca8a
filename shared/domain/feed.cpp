#include "shared/domain/feed.h"

namespace stoa {

std::string Feed::key() const
{
    std::string key(1, static_cast<char>(kind));
    key.append(owner.view());
    return key;
}

std::optional<Feed> Feed::from(std::string_view key)
{
    if (key.size() != 17)
        return std::nullopt;
    const auto kind = static_cast<FeedKind>(key[0]);
    switch (kind) {
    case FeedKind::Directory:
    case FeedKind::Space:
    case FeedKind::Staff:
    case FeedKind::Person:
        return Feed{kind, *Id::from(key.substr(1))};
    }
    return std::nullopt;
}

Id markId(const Id& target, const Id& person, v1::MarkKind kind)
{
    const auto purpose = [&]() -> std::string_view {
        switch (kind) {
        case v1::VOTE:
            return "vote";
        case v1::BOOKMARK:
            return "bookmark";
        case v1::APPROVAL:
            return "approval";
        case v1::CONFIRMED:
            return "confirmed";
        default:
            return "seen";
        }
    };
    return reservedId(target.timeMs(), purpose(), target.view(), person.view());
}

Id membershipId(const Id& space, const Id& person)
{
    return reservedId(person.timeMs(), "membership", space.view(), person.view());
}

} // namespace stoa
