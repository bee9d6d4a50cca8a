// What a server that went back may have lost, and this copy still has (rule 11).

#include <algorithm>

#include "client/replica/replica.h"
#include "client/replica/trail.h"
#include "shared/base/limits.h"

namespace stoa {

std::vector<Feed> Replica::owing() const
{
    std::vector<Feed> owing;
    for (const auto& [key, feed] : feeds_)
        if (!feed.setAside && !isOfThisEpoch(feed.row))
            owing.push_back(feed.feed);
    return owing;
}

std::vector<v1::Version> Replica::lostByServer(const Feed& feed, uint64_t after, const v1::Limits& limits)
{
    std::vector<v1::Version> lost;
    const auto found = feeds_.find(feed.key());
    if (found == feeds_.end())
        return lost;
    size_t bytes = 0;
    Statement& read = (*connection_)(
        "SELECT r.number, r.seal, CASE WHEN s.row IS NULL THEN r.bytes ELSE s.bytes END FROM records r "
        "LEFT JOIN shadows s ON s.row = r.row WHERE r.feed = ?1 AND r.number > ?2 AND (r.number < ?3 OR r.number > ?4) "
        "AND r.seal IS NOT NULL ORDER BY r.number LIMIT ?5");
    const FollowedFeed& known = found->second;
    read.bind(known.row)
        .bind(int64_t(std::max(after, known.matches ? known.matches->number() : known.inherited)))
        .bind(known.matches ? INT64_MAX : int64_t(epochBegin()))
        .bind(int64_t(known.head))
        .bind(int64_t{limits.push_changes_max()});
    while (read.step()) {
        bytes += read.text(2).size();
        if (bytes > limits.push_bytes_max() && !lost.empty())
            break;
        v1::Version& version = lost.emplace_back();
        version.set_number(uint64_t(read.number(0)));
        version.set_seal(std::string(read.text(1)));
        version.set_record(std::string(read.text(2)));
    }
    read.reset();
    return lost;
}

void Replica::handedBack(const Feed& feed)
{
    const auto found = feeds_.find(feed.key());
    if (found == feeds_.end())
        return;
    FollowedFeed& known = found->second;
    setEpoch(known.row, setting("epoch"));
    // It had nothing that it knew to be lost; what its witnesses tell the server is still to be heard.
    setProven(known, false);
    const bool isBehind = known.cursor > known.head;
    const uint64_t upto = known.matches ? known.matches->number() : isBehind ? known.head : known.inherited;
    const auto isLost = [&](uint64_t number) { return number > upto && number < epochBegin(); };
    // What this copy has read is not what the server has now.
    const bool isOther = isBehind || known.matches || isLost(known.cursor);
    // What was handed back bears no witness any more. Below it the two may have parted as well, also in what is not
    // confirmed yet.
    if (isOther || known.anew || (known.trail.witnesses_size() > 0 && isLost(known.trail.witnesses(0).number()))) {
        const bool isAll = isBehind || known.matches;
        cutTrail(known.trail, upto, isAll ? UINT64_MAX : epochBegin());
        Statement& newest = (*connection_)("SELECT number, seal FROM records WHERE feed = ? AND number BETWEEN 1 AND ? "
                                           "AND seal IS NOT NULL ORDER BY number DESC LIMIT 1");
        newest.bind(known.row).bind(int64_t(upto));
        if (!known.matches && newest.step())
            noteRead(known.trail, uint64_t(newest.number(0)), std::string(newest.text(1)));
        newest.reset();
        dirtyFeeds_[known.row] = true;
    }
    known.matches.reset();
    if (isOther)
        startPass(known);
}

void Replica::part(const Feed& feed, const v1::Witness& matches)
{
    const auto found = feeds_.find(feed.key());
    if (found == feeds_.end() || matches.number() > INT64_MAX)
        return;
    found->second.matches = matches;
    setEpoch(found->second.row, {}); // lost before it was handed back, it is kept
    sendAcceptedAgain();
}

std::vector<std::string> Replica::awaitedChanges(const Feed& feed)
{
    std::vector<std::string> ids;
    const auto found = feeds_.find(feed.key());
    const auto awaited = found == feeds_.end() ? awaited_.end() : awaited_.find(found->second.row);
    if (awaited == awaited_.end())
        return ids;
    // What was accepted since the welcome this server has, and it would only hide the others.
    for (auto each = awaited->second.rbegin(); each != awaited->second.rend(); ++each) {
        const auto accepted = accepted_.find(each->second);
        if (accepted == accepted_.end() || !accepted->second.isEarlier)
            continue;
        Statement& read = (*connection_)("SELECT id FROM outbox WHERE position = ?").bind(each->second);
        if (read.step())
            ids.emplace_back(read.text(0));
        read.reset();
        if (ids.size() == size_t{limits::awaitedMax})
            break;
    }
    std::reverse(ids.begin(), ids.end());
    return ids;
}

} // namespace stoa
