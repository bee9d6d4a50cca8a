#include "client/replica/trail.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "shared/base/limits.h"

namespace stoa {

namespace {

constexpr size_t sealBytes = 16;

// One is kept for each doubling of the distance from the newest; beyond the last only the nearest.
int placeOf(uint64_t distance)
{
    return std::min(int(std::bit_width(distance)), limits::witnessesMax - 1);
}

} // namespace

void noteRead(v1::Trail& trail, uint64_t number, const std::string& seal)
{
    if (seal.size() != sealBytes)
        return;
    std::vector<v1::Witness> all(trail.witnesses().begin(), trail.witnesses().end());
    std::erase_if(all, [&](const v1::Witness& each) { return each.number() == number; });
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const v1::Witness& each) { return each.number() < number; });
    v1::Witness& noted = *all.emplace(at);
    noted.set_number(number);
    noted.set_seal(seal);

    trail.clear_witnesses();
    const uint64_t newest = all.front().number();
    for (size_t i = 0; i < all.size(); ++i) {
        const auto place = [&](size_t of) { return placeOf(newest - all[of].number()); };
        const bool isLast = place(i) == limits::witnessesMax - 1;
        // The oldest of a place stays, else none would ever get to the next one.
        const bool stays =
            isLast ? i == 0 || place(i - 1) != place(i) : i + 1 == all.size() || place(i + 1) != place(i);
        if (stays)
            *trail.add_witnesses() = all[i];
    }
}

void noteRead(v1::Trail& trail, const google::protobuf::RepeatedPtrField<v1::Version>& versions)
{
    int back = 1; // from the end
    while (2 * back <= versions.size())
        back *= 2;
    for (; back >= 1 && !versions.empty(); back /= 2) {
        const v1::Version& version = versions.Get(versions.size() - back);
        noteRead(trail, version.number(), version.seal());
    }
}

void cutTrail(v1::Trail& trail, uint64_t upto, uint64_t from)
{
    auto& all = *trail.mutable_witnesses();
    const auto isCut = [&](const v1::Witness& each) { return each.number() > upto && each.number() < from; };
    all.erase(std::remove_if(all.begin(), all.end(), isCut), all.end());
}

} // namespace stoa
