#pragma once

// What a body is at the server: that of its record with the revisions that the record lacks (docs/decisions/0008).
// Pure functions of the engine's; all times in milliseconds by the server's clock.

#include <span>
#include <vector>

#include "server/store/store.h"
#include "shared/base/limits.h"
#include "shared/text/text_buffer.h"
#include "shared/text/transform.h"

namespace stoa {

namespace limits {

// A record takes a number with its newest body at once where it last did so that long ago, else when nothing more came
// for so long,
constexpr int64_t publishPauseMs = 3'000;
// and that long after the first revision that it lacks,
constexpr int64_t publishLatestMs = 30'000;
// and where it lacks so many, or so much: each further change reads them all.
constexpr uint64_t unpublishedMax = 64;
constexpr size_t unpublishedBytesMax = kMiB;
// Of one turn of the engine.
constexpr size_t publishedAtOnceMax = 64;
constexpr size_t publishedBytesAtOnce = 4 * kMiB;
// Proposals that one commit looks at, and how long one that came back after a restore waits for what comes with it.
constexpr size_t settledAtOnceMax = 256;
constexpr int64_t handedBackPauseMs = 60'000;
// What one commit left to do is done no sooner than this: so much of drafts is given out anew in that time, and no
// more.
constexpr int64_t settlePauseMs = 1'000;
// A text change over an older body than so much is not transformed.
constexpr size_t revisionBytesMax = 4 * kMiB;
// An older body is worked out of no more than so much, read in such pieces.
constexpr size_t pastBytesMax = 64 * kMiB;
constexpr size_t pastBytesAtOnce = kMiB;

} // namespace limits

using Revisions = std::span<const v1::Revision>;

// The body as a revision that is no change of another one (RevisionPage in wire.proto): of its own number, also 0.
v1::Revision wholeBodyOf(const v1::Record& record);

// Those with a higher number. They ascend.
Revisions above(Revisions revisions, uint64_t revision);

// Whether the first is a change of `after`, each next one of the one before, and the last one is `newest`.
bool isWhole(Revisions revisions, uint64_t after, uint64_t newest);

// An older body, worked out of its revisions one after another: what they delete they do not say, so there is no way
// back from a newer one.
class PastBody {
public:
    // The next one, ascending. False where no body is known after it: there is a gap since the last whole one. Throws
    // StorageError where it is none of that body.
    bool add(const v1::Revision& revision);
    std::string text() const { return text_ ? text_->toString() : std::string(); }

private:
    std::optional<TextBuffer> text_;
    uint64_t number_ = 0;
};

// A draft of a proposal moved with its page: what was done to the page (`base` to `page`; the revisions between, where
// all are there) done to the draft as well, as a revision of it, but for its version, time and author.
v1::Revision movedDraft(std::string_view base, std::string_view page, Revisions between, std::string_view draft);

// Alters the body of a record, and what comes with it, as the revision did. Throws StorageError where it is none of
// that body.
void addRevision(v1::Record& record, const v1::Revision& revision);
v1::Record withRevisions(v1::Record record, Revisions revisions);

// A record's history gives way to its body: the oldest values that lost go until it is no larger than it may be.
void makeRoom(v1::Record& record);

// An EditText made over an older body, for the present one.
struct MovedEdit {
    v1::Change change;
    std::vector<TextRange> contested; // of the body with it
};
MovedEdit moveOver(Revisions since, const v1::Change& change);

// What was done to a body by anything but a text change, as a revision of it, but for its version. What is contested
// moves with what an import does to the body; otherwise it is as `after` says.
v1::Revision differenceOf(const v1::Record& before, v1::Record& after, bool byImport);

// When the record is to be given out with what it lacks; `nowMs` where it is due, also because the clock was set back.
int64_t dueMs(const Publication& publication, int64_t nowMs);
// Whether the record is given out with a revision that was accepted now. As it was before that one.
bool isDueAtOnce(const std::optional<Publication>& publication, int64_t nowMs);

// Shows one record as it is said to be, and all others as they are.
class PresentReader : public Reader {
public:
    PresentReader(const Reader& others, Located present) : others_(others), present_(std::move(present)) {}

    std::optional<Located> find(const Id& id) const override
    {
        return id.view() == present_.record->id() ? present_ : others_.find(id);
    }
    bool loginExists(std::string_view login) const override { return others_.loginExists(login); }

private:
    const Reader& others_;
    Located present_;
};

} // namespace stoa
