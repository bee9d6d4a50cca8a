#pragma once

// The body of a post: what it may be, and what a text change makes of it and of the ranges in it that are contested
// (docs/architecture.md, rule 8).

#include <optional>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/text/transform.h"
#include "stoa/v1/record.pb.h"

namespace stoa {

using ProtoRanges = google::protobuf::RepeatedPtrField<v1::TextRange>;

// Of a peer's: INVALID where they are not in order and apart from each other, TOO_LARGE where they are too many.
Result<std::vector<TextRange>> rangesFrom(const ProtoRanges& ranges);
// Of one's own.
std::vector<TextRange> rangesOf(const ProtoRanges& ranges);
void setRanges(ProtoRanges& to, const std::vector<TextRange>& ranges);

// A contested passage and, where that is known, where the second version begins: then it is two ranges that adjoin.
struct TwoVersions {
    TextRange whole;
    std::optional<size_t> second;

    friend bool operator==(const TwoVersions&, const TwoVersions&) = default;
};
std::vector<TwoVersions> versionsIn(const std::vector<TextRange>& contested);

// TOO_LONG, EMPTY or INVALID for a post of this kind.
Result<void> checkBody(v1::PostKind kind, std::string_view body);

// Alters the body; what is contested moves with it, but for passages that `resolved` (of the text before) meets.
// INVALID, and nothing is altered, where the change reaches past the end.
Result<void> alterBody(v1::Post& post, const TextChange& change, const std::vector<TextRange>& resolved);

// Further ranges of the present body are contested, but for the box of a task that two people ticked. Passages that
// meet become one of one range, but where one lies in a version of the other; too many become fewer and longer ones.
void addContested(v1::Post& post, const std::vector<TextRange>& ranges);

// Post.changes: which changes a body has. So whoever made one sees it in a record that came back after a restore,
// whoever wrote last. To be noted before the body has its next version.
void noteChange(v1::Post& post, std::string_view change, std::string_view author);
bool hasChange(const v1::Post& post, std::string_view change, std::string_view author);
// Whether `post` has each change that `other` has; false where that is not known of all of them.
bool hasChangesOf(const v1::Post& post, const v1::Post& other);
// Whether `post` lacks a change that `other` has; false where that is not known of any of them.
bool lacksChangeOf(const v1::Post& post, const v1::Post& other);

} // namespace stoa
