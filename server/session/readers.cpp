#include "server/session/readers.h"

#include "shared/base/limits.h"

namespace stoa {

void Readers::say(const Id& post, const v1::Reader& reader)
{
    const uint32_t session = reader.session();
    if (reader.left()) {
        const auto room = rooms_.find(post);
        if (room == rooms_.end() || room->second.readers.erase(session) == 0)
            return;
        room->second.fresh.erase(session);
        room->second.altered[session] = reader;
    } else {
        Room& room = rooms_[post];
        if (!room.readers.contains(session)) {
            if (room.readers.size() >= limits::presentMax)
                return;
            room.fresh.insert(session);
        }
        room.readers[session] = room.altered[session] = reader;
    }
    altered_.insert(post);
}

std::vector<Readers::Told> Readers::take()
{
    std::vector<Told> all;
    for (const Id& post : std::exchange(altered_, {})) {
        const auto found = rooms_.find(post);
        Room& room = found->second;
        const auto tell = [&](const std::map<uint32_t, v1::Reader>& readers, bool isAll, std::vector<uint32_t> to) {
            const bool isTheirOwn = to.size() == 1 && readers.size() == 1 && readers.contains(to.front());
            if (to.empty() || (isTheirOwn && !isAll))
                return;
            v1::Present present;
            present.set_post(post.str());
            present.set_all(isAll);
            for (const auto& [session, reader] : readers)
                *present.add_readers() = reader;
            all.push_back({std::make_shared<const LivePresent>(std::move(present)), std::move(to)});
        };
        std::vector<uint32_t> known;
        for (const auto& [session, reader] : room.readers)
            if (!room.fresh.contains(session))
                known.push_back(session);
        tell(room.altered, false, std::move(known));
        tell(room.readers, true, {room.fresh.begin(), room.fresh.end()});
        room.altered.clear();
        room.fresh.clear();
        if (room.readers.empty())
            rooms_.erase(found);
    }
    return all;
}

} // namespace stoa
