#include "shared/domain/body.h"

#include <algorithm>

#include "shared/base/ids.h"
#include "shared/base/limits.h"
#include "shared/base/text.h"
#include "shared/markup/task_box.h"
#include "shared/text/utf8.h"

namespace stoa {

namespace {

bool meet(const TextRange& a, const TextRange& b)
{
    return a.from < b.to && b.from < a.to;
}

// In one of the versions of the other.
bool isWithin(const TwoVersions& one, const TwoVersions& other)
{
    const auto in = [&](size_t from, size_t to) { return one.whole.from >= from && one.whole.to <= to; };
    return other.second ? in(other.whole.from, *other.second) || in(*other.second, other.whole.to)
                        : in(other.whole.from, other.whole.to);
}

// Two people ticked it at once: it is ticked, and nobody need be asked.
bool isBoxOf(std::string_view body, const TextRange& passage)
{
    const size_t letters = passage.to - passage.from;
    if (passage.from == 0 || letters > boxLettersMax)
        return false;
    const size_t before = bytesOfCodePoints(body, passage.from - 1);
    const std::string_view from = body.substr(before);
    return isBox(from.substr(0, bytesOfCodePoints(from, letters + 2)));
}

std::vector<TextRange> rangesOf(const std::vector<TwoVersions>& passages)
{
    std::vector<TextRange> ranges;
    for (const TwoVersions& each : passages) {
        ranges.push_back({each.whole.from, each.second.value_or(each.whole.to)});
        if (each.second)
            ranges.push_back({*each.second, each.whole.to});
    }
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

std::vector<TextRange> rangesOf(const ProtoRanges& ranges)
{
    std::vector<TextRange> read;
    read.reserve(size_t(ranges.size()));
    for (const v1::TextRange& each : ranges)
        read.push_back({each.from(), each.to()});
    return read;
}

std::vector<TwoVersions> versionsIn(const std::vector<TextRange>& contested)
{
    std::vector<TwoVersions> versions;
    for (size_t i = 0, count = 0; i < contested.size(); i += count) {
        count = rangesOfPassage(contested, i);
        const TextRange& last = contested[i + count - 1];
        versions.push_back({{contested[i].from, last.to}, count > 1 ? std::optional(last.from) : std::nullopt});
    }
    return versions;
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
    std::vector<TwoVersions> contested = versionsIn(rangesOf(post.contested()));
    std::erase_if(contested, [&](const TwoVersions& passage) {
        return std::any_of(resolved.begin(), resolved.end(),
                           [&](const TextRange& each) { return meet(passage.whole, each); });
    });
    setRanges(*post.mutable_contested(), moveRanges(rangesOf(contested), change));
    post.set_body(std::move(*body));
    return {};
}

void addContested(v1::Post& post, const std::vector<TextRange>& ranges)
{
    std::vector<TwoVersions> all = versionsIn(rangesOf(post.contested()));
    for (const TwoVersions& each : versionsIn(ranges))
        if (!isBoxOf(post.body(), each.whole))
            all.push_back(each);
    std::sort(all.begin(), all.end(), [](const TwoVersions& a, const TwoVersions& b) {
        return a.whole.from != b.whole.from ? a.whole.from < b.whole.from : a.whole.to > b.whole.to;
    });
    std::vector<TwoVersions> apart;
    size_t count = 0; // of their ranges
    for (const TwoVersions& each : all) {
        if (!apart.empty()) {
            TwoVersions& last = apart.back();
            if (each == last || isWithin(each, last))
                continue;
            // No version of the one is a version of the other: they are one passage, for a person to look at.
            const bool adjoins = each.whole.from == last.whole.to && !last.second;
            const bool full = count + (each.second ? 2 : 1) > limits::contestedMax;
            if (each.whole.from < last.whole.to || adjoins || full) {
                count -= last.second ? 1 : 0;
                last = {{last.whole.from, std::max(last.whole.to, each.whole.to)}, {}};
                continue;
            }
        }
        count += each.second ? 2 : 1;
        apart.push_back(each);
    }
    setRanges(*post.mutable_contested(), rangesOf(apart));
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
