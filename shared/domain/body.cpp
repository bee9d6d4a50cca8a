#include "shared/domain/body.h"

#include <algorithm>

#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/base/text.h"

namespace stoa {

namespace {

bool meet(const TextRange& a, const TextRange& b)
{
    return a.from < b.to && b.from < a.to;
}

std::vector<TextRange> contestedIn(const v1::Post& post)
{
    std::vector<TextRange> ranges;
    for (const v1::TextRange& each : post.contested())
        ranges.push_back({each.from(), each.to()});
    return ranges;
}

constexpr size_t notedBytes = 8; // of one change
constexpr std::string_view older("\0\0\0\0\0\0\0\0", notedBytes);

std::string noted(std::string_view change, std::string_view author)
{
    return hash128(std::string(change).append(author)).str().substr(0, notedBytes);
}

bool isNoted(std::string_view changes, std::string_view note)
{
    for (; changes.size() >= notedBytes; changes.remove_prefix(notedBytes))
        if (changes.starts_with(note))
            return true;
    return false;
}

} // namespace

Result<std::vector<TextRange>> rangesFrom(const ProtoRanges& ranges)
{
    if (ranges.size() > limits::contestedMax)
        return Refusal{v1::TOO_LARGE, v1::POST_BODY, limits::contestedMax};
    std::vector<TextRange> read;
    for (const v1::TextRange& each : ranges) {
        if (each.from() >= each.to() || each.to() > limits::bodyBytesMax ||
            (!read.empty() && each.from() < read.back().to))
            return Refusal{v1::INVALID, v1::POST_BODY};
        read.push_back({each.from(), each.to()});
    }
    return read;
}

void setRanges(ProtoRanges& to, const std::vector<TextRange>& ranges)
{
    to.Clear();
    for (const TextRange& range : ranges) {
        v1::TextRange& added = *to.Add();
        added.set_from(range.from);
        added.set_to(range.to);
    }
}

Result<void> checkBody(v1::PostKind kind, std::string_view body)
{
    const bool isReply = kind == v1::ANSWER || kind == v1::COMMENT;
    const size_t bytesMax = kind == v1::COMMENT ? limits::textBytesMax : limits::bodyBytesMax;
    if (body.size() > bytesMax)
        return Refusal{v1::TOO_LONG, v1::POST_BODY, static_cast<int64_t>(bytesMax)};
    if (isReply && trim(body).empty())
        return Refusal{v1::EMPTY, v1::POST_BODY};
    if (kind == v1::SECTION && !body.empty())
        return Refusal{v1::INVALID, v1::POST_BODY};
    return {};
}

Result<void> alterBody(v1::Post& post, const TextChange& change, const std::vector<TextRange>& resolved)
{
    Result<std::string> body = applyTo(post.body(), change);
    if (!body)
        return Refusal{body.error().code, v1::POST_BODY};
    const std::vector<TextRange> all = contestedIn(post);
    std::vector<TextRange> contested;
    for (size_t i = 0, count = 0; i < all.size(); i += count) {
        count = rangesOfPassage(all, i);
        const TextRange passage{all[i].from, all[i + count - 1].to};
        if (std::none_of(resolved.begin(), resolved.end(), [&](const TextRange& each) { return meet(passage, each); }))
            contested.insert(contested.end(), all.begin() + ptrdiff_t(i), all.begin() + ptrdiff_t(i + count));
    }
    setRanges(*post.mutable_contested(), moveRanges(contested, change));
    post.set_body(std::move(*body));
    return {};
}

void addContested(v1::Post& post, const std::vector<TextRange>& ranges)
{
    std::vector<TextRange> all = contestedIn(post);
    all.insert(all.end(), ranges.begin(), ranges.end());
    std::sort(all.begin(), all.end(),
              [](const TextRange& a, const TextRange& b) { return std::pair(a.from, a.to) < std::pair(b.from, b.to); });
    std::vector<TextRange> apart;
    for (const TextRange& range : all) {
        const bool full = apart.size() == limits::contestedMax;
        if (!apart.empty() && (full || range.from < apart.back().to))
            apart.back().to = std::max(apart.back().to, range.to);
        else
            apart.push_back(range);
    }
    setRanges(*post.mutable_contested(), apart);
}

void noteChange(v1::Post& post, std::string_view change, std::string_view author)
{
    std::string& changes = *post.mutable_changes();
    if (changes.empty() && post.has_body_version())
        changes = older; // of a record that was made before this was noted
    changes += noted(change, author);
    const size_t bytesMax = notedBytes * limits::notedChangesMax;
    if (changes.size() > bytesMax)
        changes.erase(0, changes.size() - bytesMax).replace(0, notedBytes, older);
}

bool hasChange(const v1::Post& post, std::string_view change, std::string_view author)
{
    return isNoted(post.changes(), noted(change, author));
}

bool hasChangesOf(const v1::Post& post, const v1::Post& other)
{
    std::string_view changes = other.changes();
    if (changes.empty())
        return !other.has_body_version();
    if (changes.starts_with(older))
        return false;
    for (; changes.size() >= notedBytes; changes.remove_prefix(notedBytes))
        if (!isNoted(post.changes(), changes.substr(0, notedBytes)))
            return false;
    return true;
}

bool lacksChangeOf(const v1::Post& post, const v1::Post& other)
{
    const std::string& known = post.changes();
    // Whether it names those as old as the one that is looked for.
    bool reaches = !known.starts_with(older) && !(known.empty() && post.has_body_version());
    for (std::string_view left = other.changes(); left.size() >= notedBytes; left.remove_prefix(notedBytes)) {
        const std::string_view note = left.substr(0, notedBytes);
        if (note == older)
            continue;
        const bool has = isNoted(known, note);
        if (!has && reaches)
            return true;
        reaches = reaches || has;
    }
    return false;
}

} // namespace stoa
